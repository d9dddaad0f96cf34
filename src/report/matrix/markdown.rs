//! The matrix as Markdown: one table for each object, one access a row.

use super::{Hop, Matrix, MatrixCell, MatrixField, MatrixGrantor, Status};
use crate::finding::Label;
use crate::report::markdown::{code, inline};
use crate::words::grouped;
use std::io::{self, Write};

pub(super) fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}\n", inline(&matrix.title))?;
    // Alone on its line: whether a committed matrix is stale does not hang on it.
    writeln!(out, "Revision {}, {}  ", code(&matrix.shown_revision()), matrix.judged())?;
    writeln!(out, "Policy {}\n", code(&matrix.policy))?;
    if !matrix.filters.is_empty() {
        writeln!(out, "Narrowed to: {}\n", inline(&matrix.filters.join("; ")))?;
    }
    if !matrix.gaps.is_empty() {
        writeln!(out, "**This matrix is not complete.** These files could not be read:\n")?;
        for gap in &matrix.gaps {
            writeln!(out, "- {}: {}", code(&gap.at.to_string()), inline(&gap.text))?;
        }
        writeln!(out)?;
    }
    let counts = Status::ALL.into_iter().map(|status| (status, matrix.count(status)));
    let counts: Vec<String> =
        counts.filter(|(_, n)| *n > 0).map(|(status, n)| format!("{n} {status}")).collect();
    if counts.is_empty() {
        let none = if !matrix.filters.is_empty() {
            "Nothing matches these filters."
        } else if matrix.delta {
            "The change adds, widens, narrows and removes no access to a classified field."
        } else {
            "No permission set or profile gives access to a field of these tiers."
        };
        writeln!(out, "{none}")?;
    } else {
        let (fields, grantors) = (matrix.fields.len() - matrix.unreached().count(), matrix.grantors.len());
        writeln!(
            out,
            "{} to {} by {}: {}.",
            counted(matrix.cells.len(), "access", "accesses"),
            counted(fields, "field", "fields"),
            counted(grantors, "permission set or profile", "permission sets and profiles"),
            counts.join(", ")
        )?;
    }
    let mut object = "";
    for (field, grantor, cell) in matrix.rows() {
        if !field.name.object().eq_ignore_ascii_case(object) {
            object = field.name.object();
            let change = if matrix.delta { ["| change ", "|---"] } else { ["", ""] };
            writeln!(
                out,
                "\n## {}\n\n{}| field | tier | label | permission set or profile | access | state | through | justification | compliance | owner | approval | expires |\n{}|---|---|---|---|---|---|---|---|---|---|---|---|",
                code(object),
                change[0],
                change[1]
            )?;
        }
        row(matrix, field, grantor, cell, out)?;
    }
    let unreached: Vec<&MatrixField> = matrix.unreached().collect();
    if !unreached.is_empty() && !matrix.delta {
        writeln!(out, "\n## Fields without any access\n\n| field | tier | label |\n|---|---|---|")?;
        for field in unreached {
            writeln!(out, "| {} | {} | {} |", code(field.name.as_str()), field.tier, label(field))?;
        }
    }
    muted(matrix, out)
}

/// What groups do not give.
fn muted(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    if matrix.muted.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Muted in a group\n")?;
    writeln!(
        out,
        "The members give this access, the group does not: a muting permission set takes it away.\n"
    )?;
    writeln!(out, "| field | group | members give | the group gives | muted by |\n|---|---|---|---|---|")?;
    for muted in &matrix.muted {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} {} |",
            code(muted.field.as_str()),
            code(&muted.group),
            muted.access,
            muted.left.map_or("nothing".to_owned(), |left| left.to_string()),
            code(&muted.by),
            code(&muted.at.to_string())
        )?;
    }
    Ok(())
}

/// The label that counts; where that is not its own, its own too.
fn label(field: &MatrixField) -> String {
    let counts = inline(&field.label.to_string());
    let Some(own) = &field.own else { return counts };
    let from = match &own.from {
        Some(from) => format!("from {}", code(from.as_str())),
        None => "with the compliance groups of what it reads".to_owned(),
    };
    let itself = match *own.label == Label::default() {
        true => "no label of its own".to_owned(),
        false => format!("its own label: {}", inline(&own.label.to_string())),
    };
    format!("{counts}<br>{from}; {itself}")
}

/// What somebody wrote, its lines as lines. Addresses are code: so they link nowhere, and copy as they are.
fn prose(text: &str) -> String {
    let lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| inline(&quoted_addresses(line))).collect::<Vec<_>>().join("<br>")
}

fn quoted_addresses(line: &str) -> String {
    if line.contains('`') {
        return line.to_owned();
    }
    let word = |word: &str| {
        let core = word.trim_matches(|c: char| !c.is_alphanumeric());
        if core.contains('@') || core.contains("://") {
            word.replacen(core, &format!("`{core}`"), 1)
        } else {
            word.to_owned()
        }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn row(
    matrix: &Matrix,
    field: &MatrixField,
    grantor: &MatrixGrantor,
    cell: &MatrixCell,
    out: &mut dyn Write,
) -> io::Result<()> {
    let written = cell.justification.as_deref();
    let text = |part: Option<&String>| part.map(|t| prose(t)).unwrap_or_default();
    let mut parts = Vec::new();
    if matrix.delta {
        parts.push(cell.changed());
    }
    let notes: Vec<String> = cell.notes.iter().map(|n| inline(n)).collect();
    let ticket = written.and_then(|w| w.ticket.as_ref()).map(|t| format!(" ({})", inline(t)));
    parts.extend([
        code(field.name.as_str()),
        field.tier.to_string(),
        label(field),
        format!(
            "{}<br>{}, {}{}",
            code(grantor.grantor.name()),
            grantor.grantor.kind.words(),
            grantor.principal,
            grantor.users.map(|users| format!(", {} users", grouped(users))).unwrap_or_default()
        ),
        cell.access.to_string(),
        std::iter::once(format!("**{}**", cell.status)).chain(notes).collect::<Vec<_>>().join("<br>"),
        cell.route.iter().map(hop).collect::<Vec<_>>().join("<br>→ "),
        format!("{}{}", text(written.and_then(|w| w.text.as_ref())), ticket.unwrap_or_default()),
        text(written.and_then(|w| w.compliance.as_ref())),
        text(written.and_then(|w| w.owner.as_ref())),
        cell.approval().to_owned(),
        written.and_then(|w| w.expires.as_deref()).map(date).unwrap_or_default(),
    ]);
    writeln!(out, "| {} |", parts.join(" | "))
}

/// A date has nothing to escape; whatever else stands in its place is text.
fn date(text: &str) -> String {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        && text.starts_with(|c: char| c.is_ascii_digit());
    if plain { text.to_owned() } else { inline(text) }
}

fn hop(hop: &Hop) -> String {
    let text = hop.text.as_ref().map(|t| format!(": {}", inline(t))).unwrap_or_default();
    format!("{}{text} {}", hop.words(), code(&hop.at.to_string()))
}

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
