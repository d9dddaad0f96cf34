//! Reviewdog Diagnostic Format (`rdjson`), which posts to whatever server reviewdog knows.
//!
//! Its columns count bytes of UTF-8 from 1, and the end is exclusive (reviewdog, `reviewdog.proto`).

use super::fix::fix;
use super::sanitize::{clean, escape_json};
use crate::finding::{Finding, Place, Severity};
use crate::gate::{Reason, Verdict};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Report<'v> {
    source: Source,
    diagnostics: Vec<Diagnostic<'v>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'v> {
    message: String,
    severity: &'static str,
    code: Code<'v>,
    location: Location<'v>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
}

#[derive(Serialize)]
struct Code<'v> {
    value: &'v str,
}

#[derive(Serialize)]
struct Location<'v> {
    path: &'v str,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: &'static str,
}

pub(super) fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let undecided = verdict.undecided.iter().map(|r| reason("undecided", Severity::Error, r));
    let input = verdict.warnings.iter().map(|r| reason("input", Severity::Warning, r));
    let report = Report {
        source: Source { name: "flsgate" },
        diagnostics: undecided.chain(verdict.findings.iter().map(finding)).chain(input).collect(),
    };
    let text = serde_json::to_string_pretty(&report).map_err(io::Error::from)?;
    writeln!(out, "{}", escape_json(&text))
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note => "INFO",
    }
}

fn finding(finding: &Finding) -> Diagnostic<'_> {
    let more = Some(("help", &finding.help)).into_iter().filter(|(_, help)| !help.is_empty());
    let more = more.chain(finding.notes.iter().map(|note| ("note", note)));
    let mut message = clean(&finding.message);
    if finding.place.is_of_base() {
        message.push_str(&format!(" (line {} of the base)", finding.place.location().start.line));
    }
    for (what, text) in more {
        message.push_str(&format!("\n{what}: {}", clean(text)));
    }
    let suggestion = fix(finding)
        .map(|fix| Suggestion { range: range(&Place::new(&finding.place.file, fix.span)), text: fix.text });
    // Older versions refuse keys that they do not know, `related_locations` among them.
    for related in &finding.related {
        let at = related.place.location().start;
        let path = clean(related.place.path().as_str());
        message.push_str(&format!("\n{path}:{at}: {}", clean(&related.message)));
    }
    Diagnostic {
        message,
        severity: severity(finding.severity),
        code: Code { value: finding.rule.id },
        location: location(&finding.place),
        suggestions: suggestion.into_iter().collect(),
    }
}

fn reason<'v>(code: &'v str, weight: Severity, reason: &'v Reason) -> Diagnostic<'v> {
    // Its column counts characters, and the bytes of its file are not at hand.
    let line = reason.position.map_or(1, |at| at.line);
    let point = || Position { line, column: None };
    Diagnostic {
        message: clean(&reason.message),
        severity: severity(weight),
        code: Code { value: code },
        location: Location { path: reason.path.as_str(), range: Range { start: point(), end: point() } },
        suggestions: Vec::new(),
    }
}

fn location(place: &Place) -> Location<'_> {
    Location { path: place.path().as_str(), range: range(place) }
}

fn range(place: &Place) -> Range {
    if place.is_of_base() {
        let start = || Position { line: 1, column: Some(1) };
        return Range { start: start(), end: start() };
    }
    let at = |offset: u32| {
        let line = place.file.position(offset).line;
        // A byte order mark is bytes like others.
        let start = if line == 1 { 0 } else { place.file.line_start(line).unwrap_or(0) };
        Position { line, column: Some(offset.saturating_sub(start) + 1) }
    };
    Range { start: at(place.span.start), end: at(place.span.end) }
}
