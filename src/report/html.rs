//! A verdict as one page for a browser: the JSON report with the source around each finding.

use super::headline::{headline, sentence};
use super::json::{self, Shown};
use super::left_out::{LeftOut, tier};
use super::markdown::Links;
use super::sanitize::escape_json;
use super::{page, summary};
use crate::finding::Finding;
use crate::gate::Verdict;
use crate::words::sentences;
use serde::Serialize;
use serde_json::value::RawValue;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Findings and accesses that a browser is asked to hold. Beyond them a page opens slowly or not at all, and
/// nobody reads it.
const MAX_FINDINGS: usize = 10_000;
const MAX_ACCESSES: usize = 50_000;
/// Lines around a place.
const CONTEXT: u32 = 2;
/// A place of more lines is cut.
const MAX_LINES: u32 = 40;
/// A longer line is shown without source: nothing in it could be found by eye.
const MAX_LINE: usize = 2_000;

#[derive(Serialize)]
struct Data<'v> {
    title: String,
    headline: String,
    about: About<'v>,
    report: Box<RawValue>,
    lines: Vec<String>,
    excerpts: Vec<Option<Excerpt>>,
    next: Vec<Next>,
    rules: BTreeMap<&'static str, Rule>,
    blob: Option<&'v str>,
    left_out: LeftOut,
}

/// What a reader needs to take the page as evidence.
#[derive(Serialize)]
struct About<'v> {
    /// The day for which it was judged.
    today: String,
    policy: &'v str,
    version: &'static str,
    /// A pass proves nothing.
    idle: bool,
}

/// What to do about a finding, and what to write.
#[derive(Serialize)]
struct Next {
    text: String,
    paste: Option<String>,
}

impl Next {
    fn new(finding: &Finding) -> Self {
        match &finding.paste {
            Some(paste) => Next {
                text: sentences::paste_into(&paste.path, paste.approve),
                paste: Some(format!("{}{}", paste.head, paste.text)),
            },
            None => Next { text: sentence(&finding.help), paste: None },
        }
    }
}

#[derive(Serialize)]
struct Rule {
    summary: String,
    controls: &'static [&'static str],
}

#[derive(Serialize)]
struct Excerpt {
    first_line: u32,
    lines: Vec<String>,
}

pub(super) fn write(verdict: &Verdict, links: &Links, out: &mut dyn Write) -> io::Result<()> {
    let title = match (verdict.standing, verdict.head.as_deref().and_then(|head| head.get(..12))) {
        (true, Some(head)) => format!("flsgate audit of {head}"),
        (true, None) => "flsgate audit of the working tree".to_owned(),
        (false, Some(head)) => format!("flsgate check of {head}"),
        (false, None) => "flsgate check of the working tree".to_owned(),
    };
    let rule = |asked: &crate::gate::Asked| {
        let info = asked.info;
        (info.id, Rule { summary: info.sentence(), controls: info.controls })
    };
    let mut shown = Shown::all(verdict);
    let findings = cut(&mut shown.findings, MAX_FINDINGS, |finding| finding.severity);
    let new = cut(&mut shown.opened, MAX_ACCESSES, |door| (tier(door), door.state));
    let removed = cut(&mut shown.closed, MAX_ACCESSES, tier);
    let data = Data {
        headline: headline(verdict),
        about: About {
            today: verdict.today.to_string(),
            policy: &verdict.policy,
            version: env!("CARGO_PKG_VERSION"),
            idle: verdict.idle,
        },
        report: RawValue::from_string(embedded(verdict, &shown)?).map_err(io::Error::from)?,
        lines: summary::lines(verdict),
        excerpts: shown.findings.iter().map(|finding| excerpt(finding)).collect(),
        next: shown.findings.iter().map(|finding| Next::new(finding)).collect(),
        left_out: LeftOut::new(&findings, &new, &removed),
        rules: verdict.rules.iter().map(rule).collect(),
        blob: links.blob.as_deref(),
        title,
    };
    let text = serde_json::to_string(&data).map_err(io::Error::from)?;
    page::write(&page::FINDINGS, &data.title, &escape_json(&text), out)
}

/// The JSON report of what is shown.
fn embedded(verdict: &Verdict, shown: &Shown<'_>) -> io::Result<String> {
    let mut report = Vec::new();
    json::write_shown(verdict, shown, &mut report)?;
    String::from_utf8(report).map_err(io::Error::other)
}

/// Cuts to the weightiest, in the order in which they stand, and hands back the others.
fn cut<'a, T, W: Ord>(all: &mut Vec<&'a T>, most: usize, weight: impl Fn(&T) -> W) -> Vec<&'a T> {
    if all.len() <= most {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_cached_key(|at| Reverse(weight(all[*at])));
    let mut kept = vec![false; all.len()];
    order[..most].iter().for_each(|at| kept[*at] = true);
    let left = order[most..].iter().map(|at| all[*at]).collect();
    let mut kept = kept.into_iter();
    all.retain(|_| kept.next().unwrap_or(false));
    left
}

fn excerpt(finding: &Finding) -> Option<Excerpt> {
    let (file, location) = (&finding.place.file, finding.place.location());
    let first_line = location.start.line.saturating_sub(CONTEXT).max(1);
    let last_line = location.end.line.min(location.start.line + MAX_LINES) + CONTEXT;
    let mut lines = Vec::new();
    for line in first_line..=last_line {
        let Some(start) = file.line_start(line) else { break };
        let rest = file.bytes().get(start as usize..)?;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let text = std::str::from_utf8(&rest[..end]).ok().filter(|text| text.len() <= MAX_LINE)?;
        // What ends a file is no line.
        if end == rest.len() && text.is_empty() {
            break;
        }
        lines.push(text.trim_end_matches('\r').to_owned());
    }
    (!lines.is_empty()).then_some(Excerpt { first_line, lines })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::left_out::counts;

    #[test]
    fn the_documentation_names_the_limits() {
        assert_eq!((MAX_FINDINGS, MAX_ACCESSES), (10_000, 50_000));
        for path in ["docs/formats.md", "CHANGELOG.md"] {
            let text = std::fs::read_to_string(path).unwrap();
            assert!(text.contains("10,000 findings") && text.contains("50,000 accesses"), "{path}");
        }
    }

    #[test]
    fn the_weightiest_are_kept_where_they_stand_and_the_others_are_counted() {
        let all = [("a", 1), ("b", 3), ("c", 1), ("d", 2), ("e", 3)];
        let most = |most| {
            let mut shown: Vec<&(&str, u8)> = all.iter().collect();
            let left = cut(&mut shown, most, |item| item.1);
            (shown.iter().map(|item| item.0).collect::<String>(), counts(left.iter().map(|item| item.1)))
        };
        assert_eq!(most(5), ("abcde".into(), BTreeMap::new()));
        assert_eq!(most(4), ("abde".into(), BTreeMap::from([(1, 1)])));
        assert_eq!(most(2), ("be".into(), BTreeMap::from([(1, 2), (2, 1)])));
    }
}
