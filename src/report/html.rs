//! A verdict as one page for a browser: the JSON report with the source around each finding.

use super::json::{self, Shown};
use super::markdown::Links;
use super::sanitize::escape_json;
use super::{page, summary};
use crate::finding::{Finding, Severity};
use crate::gate::{Door, Verdict};
use crate::words::Tier;
use serde::Serialize;
use serde_json::value::RawValue;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Findings and exposures that a browser is asked to hold. Beyond them a page opens slowly or not at all, and
/// nobody reads it.
const MAX_FINDINGS: usize = 10_000;
const MAX_EXPOSURES: usize = 50_000;
/// Lines around a place.
const CONTEXT: u32 = 2;
/// A place of more lines is cut.
const MAX_LINES: u32 = 40;
/// A longer line is shown without source: nothing in it could be found by eye.
const MAX_LINE: usize = 2_000;

#[derive(Serialize)]
struct Data<'v> {
    title: String,
    report: Box<RawValue>,
    lines: Vec<String>,
    excerpts: Vec<Option<Excerpt>>,
    rules: BTreeMap<&'static str, Rule>,
    blob: Option<&'v str>,
    left_out: LeftOut,
}

/// What the page has no room for, by weight and by tier.
#[derive(Default, Serialize)]
struct LeftOut {
    findings: BTreeMap<Severity, usize>,
    opened: BTreeMap<Tier, usize>,
    closed: BTreeMap<Tier, usize>,
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
    let title = match (verdict.standing, verdict.head.as_deref().and_then(|head| head.get(..10))) {
        (true, Some(head)) => format!("flsgate audit of {head}"),
        (true, None) => "flsgate audit of the working tree".to_owned(),
        (false, Some(head)) => format!("flsgate check of {head}"),
        (false, None) => "flsgate check of the working tree".to_owned(),
    };
    let rule = |asked: &crate::gate::Asked| {
        let info = asked.info;
        (info.id, Rule { summary: info.sentence(), controls: info.controls })
    };
    let mut left_out = LeftOut::default();
    let mut shown = Shown::all(verdict);
    left_out.findings = keep(&mut shown.findings, MAX_FINDINGS, |finding| finding.severity);
    let tier = |door: &&Door| door.subject.tier.unwrap_or(Tier::Restricted);
    left_out.opened = keep(&mut shown.opened, MAX_EXPOSURES, tier);
    left_out.closed = keep(&mut shown.closed, MAX_EXPOSURES, tier);
    let data = Data {
        report: RawValue::from_string(embedded(verdict, &shown)?).map_err(io::Error::from)?,
        lines: summary::lines(verdict),
        excerpts: shown.findings.iter().map(|finding| excerpt(finding)).collect(),
        left_out,
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

/// Cuts to the weightiest, in the order in which they stand, and counts the others by weight.
fn keep<T, W: Copy + Ord>(all: &mut Vec<&T>, most: usize, weight: impl Fn(&&T) -> W) -> BTreeMap<W, usize> {
    let mut counts = BTreeMap::new();
    if all.len() > most {
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|at| Reverse(weight(&all[*at])));
        let mut kept = vec![false; all.len()];
        order[..most].iter().for_each(|at| kept[*at] = true);
        for at in &order[most..] {
            *counts.entry(weight(&all[*at])).or_default() += 1;
        }
        let mut kept = kept.into_iter();
        all.retain(|_| kept.next().unwrap_or(false));
    }
    counts
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

    #[test]
    fn the_documentation_names_the_limits() {
        assert_eq!((MAX_FINDINGS, MAX_EXPOSURES), (10_000, 50_000));
        for path in ["docs/formats.md", "CHANGELOG.md"] {
            let text = std::fs::read_to_string(path).unwrap();
            assert!(text.contains("10,000 findings") && text.contains("50,000 accesses"), "{path}");
        }
    }

    #[test]
    fn the_weightiest_are_kept_where_they_stand_and_the_others_are_counted() {
        let all = [("a", 1), ("b", 3), ("c", 1), ("d", 2), ("e", 3)];
        let cut = |most| {
            let mut shown: Vec<&(&str, u8)> = all.iter().collect();
            let left = keep(&mut shown, most, |item| item.1);
            (shown.iter().map(|item| item.0).collect::<String>(), left)
        };
        assert_eq!(cut(5), ("abcde".into(), BTreeMap::new()));
        assert_eq!(cut(4), ("abde".into(), BTreeMap::from([(1, 1)])));
        assert_eq!(cut(2), ("be".into(), BTreeMap::from([(1, 2), (2, 1)])));
    }
}
