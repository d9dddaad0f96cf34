//! GitLab's Code Quality report (`artifacts:reports:codequality`): a subset of the Code Climate format.
//!
//! GitLab shows one entry a fingerprint, so equal ones are told apart by their count.

use super::sanitize::{clean, escape_json};
use crate::finding::{Finding, Severity, fingerprint};
use crate::gate::{Reason, Verdict};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

#[derive(Serialize)]
struct Issue<'v> {
    description: String,
    check_name: &'v str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'v>,
}

#[derive(Serialize)]
struct Location<'v> {
    path: &'v str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

pub(super) fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let undecided = verdict.undecided.iter().map(|r| reason("undecided", "blocker", r));
    let input = verdict.warnings.iter().map(|r| reason("input", "minor", r));
    let mut issues: Vec<Issue<'_>> =
        undecided.chain(verdict.findings.iter().map(finding)).chain(input).collect();
    // Counted by file, so that a change of one file renames nothing in another.
    let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut all = BTreeSet::new();
    for issue in &mut issues {
        let count = seen.entry((issue.location.path, issue.fingerprint.clone())).or_default();
        *count += 1;
        if *count > 1 {
            issue.fingerprint.push_str(&format!("-{count}"));
        }
        while !all.insert(issue.fingerprint.clone()) {
            issue.fingerprint = fingerprint([issue.fingerprint.as_str(), issue.location.path]);
        }
    }
    let text = serde_json::to_string_pretty(&issues).map_err(io::Error::from)?;
    writeln!(out, "{}", escape_json(&text))
}

fn finding(finding: &Finding) -> Issue<'_> {
    let location = finding.place.location();
    // A span that ends with its line ends before the next one.
    let end = if location.end.column == 1 { location.end.line.saturating_sub(1) } else { location.end.line };
    // The base's lines are not those that are looked at.
    let of_base = finding.place.is_of_base();
    let lines = Lines { begin: location.start.line, end: end.max(location.start.line) };
    let lines = if of_base { Lines { begin: 1, end: 1 } } else { lines };
    let base = if of_base { format!(" (line {} of the base)", location.start.line) } else { String::new() };
    Issue {
        description: described(&format!("{}{base}", finding.message), &finding.help),
        check_name: finding.rule.id,
        fingerprint: finding.fingerprint(),
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Note => "info",
        },
        location: Location { path: finding.place.path().as_str(), lines },
    }
}

fn reason<'v>(check_name: &'v str, severity: &'static str, reason: &'v Reason) -> Issue<'v> {
    let line = reason.position.map_or(1, |at| at.line);
    Issue {
        description: clean(&reason.message),
        check_name,
        fingerprint: reason.fingerprint(),
        severity,
        location: Location { path: reason.path.as_str(), lines: Lines { begin: line, end: line } },
    }
}

/// One line: the widget shows no more.
fn described(message: &str, help: &str) -> String {
    if help.is_empty() { clean(message) } else { format!("{}; next: {}", clean(message), clean(help)) }
}
