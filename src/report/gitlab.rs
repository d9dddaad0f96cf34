//! GitLab's Code Quality report (`artifacts:reports:codequality`): a subset of the Code Climate format.
//!
//! GitLab shows one entry a fingerprint, so equal ones are told apart by their count.

use super::sanitize::{clean, escape_json};
use crate::finding::{Finding, Severity};
use crate::gate::{Reason, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;
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
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for issue in &mut issues {
        let count = seen.entry(issue.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            issue.fingerprint.push_str(&format!("-{count}"));
        }
    }
    let text = serde_json::to_string_pretty(&issues).map_err(io::Error::from)?;
    writeln!(out, "{}", escape_json(&text))
}

fn finding(finding: &Finding) -> Issue<'_> {
    let location = finding.place.location();
    // A span that ends with its line ends before the next one.
    let end = if location.end.column == 1 { location.end.line.saturating_sub(1) } else { location.end.line };
    Issue {
        description: described(&finding.message, &finding.help),
        check_name: finding.rule.id,
        fingerprint: finding.fingerprint(),
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Note => "info",
        },
        location: Location {
            path: finding.place.path().as_str(),
            lines: Lines { begin: location.start.line, end: end.max(location.start.line) },
        },
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
