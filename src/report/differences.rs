//! The difference of two versions of permission sets: for people, for a page of Markdown, and as JSON.

use super::markdown::{code, inline};
use super::rows::Rows;
use super::sanitize::clean;
use crate::gate::{Differences, Differing, EntryChange, Side};
use crate::words::counted;
use serde_json::{Value, json};
use std::io::{self, Write};

/// How to write a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferencesAs {
    /// A table for a terminal.
    Text,
    /// A table for a comment or an issue.
    Markdown,
    /// For tools.
    Json,
}

/// What a profile's silence means, said once.
const SILENT: &str = "A profile in an org keeps what its file does not mention.";

/// Writes a difference.
///
/// # Errors
/// When writing fails.
pub fn write_differences(
    differences: &Differences,
    form: DifferencesAs,
    out: &mut dyn Write,
) -> io::Result<()> {
    match form {
        DifferencesAs::Text => text(differences, out),
        DifferencesAs::Markdown => markdown(differences, out),
        DifferencesAs::Json => to_json(differences, out),
    }
}

/// `3 permission sets or profiles differ: 12 entries`.
fn headline(differences: &Differences) -> String {
    let components = &differences.components;
    let entries: usize = components.iter().map(|c| c.entries.len()).sum();
    match components.len() {
        0 if !differences.undecided.is_empty() => "nothing differs of what could be read".into(),
        0 => "no permission set, group or profile differs".into(),
        1 => {
            format!("one permission set, group or profile differs: {}", counted(entries, "entry", "entries"))
        }
        n => format!(
            "{n} permission sets, groups and profiles differ: {}",
            counted(entries, "entry", "entries")
        ),
    }
}

/// `+`, `-` or `~`.
fn mark(change: &EntryChange) -> char {
    match (change.from.is_empty(), change.to.is_empty()) {
        (true, _) => '+',
        (_, true) => '-',
        _ => '~',
    }
}

/// `gains edit`, or `Big Layout → Small Layout` where nothing stays.
fn says(change: &EntryChange) -> String {
    let (from, to) = (change.from.join(", "), change.to.join(", "));
    let without = |these: &[String], those: &[String]| {
        these.iter().filter(|word| !those.contains(word)).cloned().collect::<Vec<_>>().join(", ")
    };
    let (gained, lost) = (without(&change.to, &change.from), without(&change.from, &change.to));
    let stays = change.from.iter().any(|word| change.to.contains(word));
    match mark(change) {
        '~' if stays && lost.is_empty() => format!("gains {gained}"),
        '~' if stays && gained.is_empty() => format!("loses {lost}"),
        '~' if stays => format!("gains {gained}; loses {lost}"),
        '+' => to,
        '-' if change.is_silent => format!("{from} → not mentioned"),
        '-' => from,
        _ => format!("{from} → {to}"),
    }
}

fn has_silence(differences: &Differences) -> bool {
    differences.components.iter().any(|c| c.on == Side::Both && c.entries.iter().any(|e| e.is_silent))
}

fn text(differences: &Differences, out: &mut dyn Write) -> io::Result<()> {
    for reason in &differences.undecided {
        writeln!(out, "not compared: {}", clean(&reason.to_string()))?;
    }
    for component in &differences.components {
        let title = format!("{} `{}`", component.kind, component.name);
        let note = match component.on {
            Side::From => format!(": only in {}, with {}", differences.from, entries(component)),
            Side::To => format!(": only in {}", differences.to),
            Side::Both => String::new(),
        };
        writeln!(out, "{}", clean(&format!("{title}{note}")))?;
        if component.on != Side::From {
            table(component, out)?;
        }
        writeln!(out)?;
    }
    if has_silence(differences) {
        writeln!(out, "{SILENT}")?;
    }
    let (from, to) = (clean(&differences.from), clean(&differences.to));
    writeln!(out, "{from} compared with {to}: {}", headline(differences))
}

fn entries(component: &Differing) -> String {
    counted(component.entries.len(), "entry", "entries")
}

fn table(component: &Differing, out: &mut dyn Write) -> io::Result<()> {
    let width = |of: fn(&EntryChange) -> &str| {
        component.entries.iter().map(|e| clean(of(e)).chars().count()).max().unwrap_or(0).min(60)
    };
    let (sections, names) = (width(|e| &e.section), width(|e| &e.entry));
    for change in &component.entries {
        let (section, entry) = (clean(&change.section), clean(&change.entry));
        let says = clean(&says(change));
        writeln!(out, "  {} {section:<sections$}  {entry:<names$}  {says}", mark(change))?;
    }
    Ok(())
}

fn markdown(differences: &Differences, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} compared with {}: **{}**.\n",
        inline(&differences.from),
        inline(&differences.to),
        headline(differences)
    )?;
    for reason in &differences.undecided {
        writeln!(out, "* Not compared: {}: {}", code(&reason.at()), inline(&reason.message))?;
    }
    if differences.components.is_empty() {
        return Ok(());
    }
    if !differences.undecided.is_empty() {
        writeln!(out)?;
    }
    writeln!(out, "| permission set or profile | what | entry | first | second |\n|---|---|---|---|---|")?;
    for component in &differences.components {
        let title = format!("{} {}", component.kind, code(&component.name));
        if component.on == Side::From {
            writeln!(out, "| {title} | | {} | all | not there |", entries(component))?;
            continue;
        }
        for change in &component.entries {
            let to = if change.is_silent { "not mentioned".into() } else { change.to.join(", ") };
            writeln!(
                out,
                "| {title} | {} | {} | {} | {} |",
                inline(&change.section),
                if change.entry.is_empty() { String::new() } else { code(&change.entry) },
                inline(&change.from.join(", ")),
                inline(&to)
            )?;
        }
    }
    if has_silence(differences) {
        writeln!(out, "\n{SILENT}")?;
    }
    Ok(())
}

fn row(component: &Differing, change: &EntryChange) -> Value {
    json!({
        "kind": component.kind,
        "name": component.name,
        "only_in": only_in(component),
        "section": change.section,
        "entry": change.entry,
        "from": change.from,
        "to": change.to,
        "not_mentioned": change.is_silent,
        "path": component.path.as_str(),
    })
}

fn only_in(component: &Differing) -> Option<&'static str> {
    match component.on {
        Side::From => Some("from"),
        Side::To => Some("to"),
        Side::Both => None,
    }
}

fn to_json(differences: &Differences, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::new(out);
    rows.value("version", &1)?;
    rows.value("from", &differences.from)?;
    rows.value("to", &differences.to)?;
    let changes = differences.components.iter().flat_map(|c| c.entries.iter().map(move |e| row(c, e)));
    rows.list("differences", changes)?;
    let undecided = differences.undecided.iter().map(|reason| {
        json!({
            "path": reason.path.as_str(),
            "line": reason.position.map(|position| position.line),
            "message": reason.message,
        })
    });
    rows.list("not_compared", undecided)?;
    rows.end()
}
