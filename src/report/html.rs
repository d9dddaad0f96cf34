//! A verdict as one page for a browser: the JSON report with the source around each finding.

use super::markdown::Links;
use super::sanitize::escape_json;
use super::{json, page, summary};
use crate::finding::Finding;
use crate::gate::Verdict;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::{self, Write};

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
    let data = Data {
        report: RawValue::from_string(json::compact(verdict)?).map_err(io::Error::from)?,
        lines: summary::lines(verdict),
        excerpts: verdict.findings.iter().map(excerpt).collect(),
        rules: verdict.rules.iter().map(rule).collect(),
        blob: links.blob.as_deref(),
        title,
    };
    let text = serde_json::to_string(&data).map_err(io::Error::from)?;
    page::write(&page::FINDINGS, &data.title, &escape_json(&text), out)
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
