//! One line a finding: `path:line:column: error: message [rule]`, as editors and `grep` read it.

use super::sanitize::clean;
use super::summary;
use crate::gate::{Reason, Verdict};
use crate::source::Position;
use std::io::{self, Write};

pub(super) fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    for reason in &verdict.undecided {
        input(reason, "error", "undecided", out)?;
    }
    for finding in &verdict.findings {
        let start = finding.place.location().start;
        let (path, message) = (finding.place.path().as_str(), finding.message.as_str());
        line(path, Some(start), &finding.severity.to_string(), message, finding.rule.id, out)?;
    }
    for reason in &verdict.warnings {
        input(reason, "warning", "input", out)?;
    }
    summary::lines(verdict).iter().try_for_each(|text| writeln!(out, "{}", clean(text)))
}

fn input(reason: &Reason, level: &str, rule: &str, out: &mut dyn Write) -> io::Result<()> {
    line(reason.path.as_str(), reason.position, level, &reason.message, rule, out)
}

fn line(
    path: &str,
    at: Option<Position>,
    level: &str,
    message: &str,
    rule: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let at = at.map_or_else(|| "1:1".to_owned(), |at| format!("{}:{}", at.line, at.column));
    writeln!(out, "{}:{at}: {level}: {} [{rule}]", clean(path), clean(message))
}
