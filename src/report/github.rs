//! GitHub workflow commands: one line becomes one annotation.
//!
//! The runner makes at most ten annotations a level and step and drops the rest without a word
//! (actions/runner, `_maxCountPerIssueType`), and cuts a message at 4,096 characters. So findings come
//! weightiest first, the tenth counts the rest, and the rest is printed as plain lines.

use super::sanitize::clean;
use super::summary;
use crate::finding::{Finding, Severity};
use crate::gate::{Reason, Verdict};
use crate::source::Location;
use std::io::{self, Write};

/// Annotations that the runner shows for each level in one step.
const PER_LEVEL: usize = 10;
/// Longest message that the runner keeps.
const MAX_MESSAGE: usize = 4096;

pub(super) fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let mut rest = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let mut commands = Vec::new();
        if severity == Severity::Error {
            commands.extend(verdict.undecided.iter().map(|r| reason("error", "undecided", r)));
        }
        if severity == Severity::Warning {
            commands.extend(verdict.warnings.iter().map(|r| reason("warning", "input", r)));
        }
        commands.extend(verdict.findings.iter().filter(|f| f.severity == severity).map(finding));
        let shown = if commands.len() > PER_LEVEL { PER_LEVEL - 1 } else { commands.len() };
        for command in &commands[..shown] {
            writeln!(out, "{}", command.line)?;
        }
        let more = commands.len() - shown;
        if more > 0 {
            let text = format!("{more} more of this level; the log of this step lists them");
            writeln!(out, "::{} title=flsgate::{}", level(severity), escape_data(&text))?;
            rest.extend(commands.into_iter().skip(shown).map(|c| c.plain));
        }
    }
    for line in rest.into_iter().chain(summary::lines(verdict)) {
        writeln!(out, "flsgate: {}", clean(&line))?;
    }
    Ok(())
}

/// One annotation without a place.
pub(super) fn message(severity: Severity, text: &str) -> String {
    let text: String = clean(text).chars().take(MAX_MESSAGE).collect();
    format!("::{} title=flsgate::{}", level(severity), escape_data(&text))
}

struct Command {
    line: String,
    /// The same as a log line that is no command.
    plain: String,
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

fn finding(finding: &Finding) -> Command {
    let location = finding.place.location();
    let mut text = format!("{}\nhelp: {}", clean(&finding.message), clean(&finding.help));
    for note in &finding.notes {
        text.push_str(&format!("\nnote: {}", clean(note)));
    }
    for related in &finding.related {
        let at = related.place.location().start;
        text.push_str(&format!(
            "\n{}:{at}: {}",
            clean(related.place.path().as_str()),
            clean(&related.message)
        ));
    }
    let path = clean(finding.place.path().as_str());
    // The lines of the head are not those of the base.
    let shown = (!finding.place.is_of_base()).then_some(location);
    if shown.is_none() {
        text.push_str(&format!("\nthe place is line {} of the base", location.start.line));
    }
    let plain = format!(
        "{}[{}] {path}:{}: {}",
        finding.severity,
        finding.rule.id,
        location.start,
        clean(&finding.message)
    );
    Command { line: command(level(finding.severity), &path, shown, finding.rule.id, &text), plain }
}

fn reason(level: &str, title: &str, reason: &Reason) -> Command {
    let path = clean(reason.path.as_str());
    let location = reason.position.map(|p| Location { start: p, end: p });
    let text = clean(&reason.message);
    let plain = format!("{level}[{title}] {}", clean(&reason.to_string()));
    Command { line: command(level, &path, location, title, &text), plain }
}

fn command(level: &str, path: &str, location: Option<Location>, title: &str, text: &str) -> String {
    let mut properties = vec![format!("file={}", escape_property(path))];
    if let Some(Location { start, end }) = location {
        properties.push(format!("line={},endLine={}", start.line, end.line));
        // The runner drops columns that span lines or run backwards.
        if start.line == end.line && end.column >= start.column {
            properties.push(format!("col={},endColumn={}", start.column, end.column));
        }
    }
    properties.push(format!("title={}", escape_property(title)));
    let text: String = text.chars().take(MAX_MESSAGE).collect();
    format!("::{level} {}::{}", properties.join(","), escape_data(&text))
}

/// The escapes of a command's message, in this order (actions/toolkit, `command.ts`).
fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a property's value.
fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}
