//! The matrix as CSV for spreadsheets: RFC 4180, with a byte order mark, without which Excel takes the
//! bytes for another encoding. One access a row; the columns are those of the page's own export.

use super::{Hop, Matrix, MatrixCell, MatrixField, MatrixGrantor, Point, Status, Written};
use crate::report::clean;
use std::io::{self, Write};

/// Excel holds 32,767 characters a cell; what is longer spills into the next ones.
const MAX_CHARS: usize = 32_000;

/// The five columns that auditors ask for, then the others.
const HEAD: [&str; 26] = [
    "Field",
    "Classification",
    "Access granted",
    "Business justification",
    "Compliance considerations",
    "Permission set or profile",
    "Kind",
    "User type",
    "Access",
    "State",
    "Tier",
    "Compliance groups",
    "Through",
    "Owner",
    "Approval",
    "Expires",
    "Ticket",
    "Label owner",
    "Label at",
    "Own label",
    "Label from",
    "Through at",
    "Justification at",
    "Notes",
    "Change",
    "Users",
];

pub(super) fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    for text in evidence(matrix) {
        line(out, [text].into_iter())?;
    }
    line(out, std::iter::empty())?;
    line(out, HEAD.map(str::to_owned).into_iter())?;
    for (field, holder, cell) in matrix.rows() {
        line(out, access(field, holder, cell).into_iter())?;
    }
    for field in matrix.unreached().filter(|_| !matrix.delta) {
        let [name, classification, tier, groups, owner, at] = of_field(field);
        let [own, from] = own_label(field);
        let mut row = vec![String::new(); HEAD.len()];
        for (at, text) in [
            (0, name),
            (1, classification),
            (2, "No".into()),
            (10, tier),
            (11, groups),
            (17, owner),
            (18, at),
            (19, own),
            (20, from),
        ] {
            row[at] = text;
        }
        line(out, row.into_iter())?;
    }
    Ok(())
}

/// What the table is evidence of, a line each.
fn evidence(matrix: &Matrix) -> Vec<String> {
    let mut lines = vec![
        matrix.title.clone(),
        format!("Revision {}", matrix.evidence()),
        format!("Policy {}", matrix.policy),
    ];
    lines.extend((!matrix.filters.is_empty()).then(|| format!("Narrowed to: {}", matrix.filters.join("; "))));
    if !matrix.gaps.is_empty() {
        lines.push(format!("Not complete: {} could not be read", matrix.gaps.len()));
    }
    lines
}

/// Name, classification, tier, compliance groups, owner, and the line of the label.
fn of_field(field: &MatrixField) -> [String; 6] {
    [
        field.name.to_string(),
        field.label.classification.clone().unwrap_or_default(),
        field.tier.to_string(),
        field.label.compliance_groups.join(", "),
        field.owner.clone().unwrap_or_default(),
        field.source.as_ref().map(Point::to_string).unwrap_or_default(),
    ]
}

fn access(field: &MatrixField, holder: &MatrixGrantor, cell: &MatrixCell) -> [String; 26] {
    let written = cell.justification.as_deref();
    let of =
        |part: fn(&Written) -> &Option<String>| written.and_then(|w| part(w).clone()).unwrap_or_default();
    let [name, classification, tier, groups, label_owner, label_at] = of_field(field);
    let [own, from] = own_label(field);
    [
        name,
        classification,
        if cell.status == Status::Removed { "No" } else { "Yes" }.to_owned(),
        of(|w| &w.text),
        of(|w| &w.compliance),
        holder.grantor.name().to_owned(),
        holder.grantor.kind.words().to_owned(),
        holder.principal.to_string(),
        cell.access.to_string(),
        cell.status.to_string(),
        tier,
        groups,
        cell.route.iter().map(Hop::words_with_member).collect::<Vec<_>>().join(" \u{2192} "),
        of(|w| &w.owner),
        cell.approval().to_owned(),
        of(|w| &w.expires),
        of(|w| &w.ticket),
        label_owner,
        label_at,
        own,
        from,
        cell.route.iter().map(|h| h.at.to_string()).collect::<Vec<_>>().join(" ; "),
        written.map(|w| w.at.to_string()).unwrap_or_default(),
        cell.notes.join("; "),
        changed(cell),
        holder.users.map(|users| users.to_string()).unwrap_or_default(),
    ]
}

/// What it declares itself and the field whose label counts, where it counts as another one.
fn own_label(field: &MatrixField) -> [String; 2] {
    let own = field.own.as_ref();
    let from = own.and_then(|own| own.from.as_ref());
    [
        own.map(|own| own.label.to_string()).unwrap_or_default(),
        from.map(ToString::to_string).unwrap_or_default(),
    ]
}

/// In words: a sign at the start would make a formula.
fn changed(cell: &MatrixCell) -> String {
    let before = cell.before.filter(|before| *before != cell.access);
    let before = before.map(|before| format!(" from {before}")).unwrap_or_default();
    cell.change.map(|change| format!("{change}{before}")).unwrap_or_default()
}

fn line(out: &mut dyn Write, values: impl Iterator<Item = String>) -> io::Result<()> {
    let values: Vec<String> = values.map(|v| value(&v)).collect();
    write!(out, "{}\r\n", values.join(","))
}

fn value(text: &str) -> String {
    let text = clean(&one_line(text));
    let mut text: String = match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    };
    if is_formula(&text) {
        text.insert(0, '\'');
    }
    let special = text.contains([',', '"']) || text.starts_with(' ') || text.ends_with(' ');
    if special { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A line break in a value would break the row for all that reads line by line.
fn one_line(text: &str) -> String {
    if !text.contains(['\n', '\r']) {
        return text.to_owned();
    }
    text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A spreadsheet runs what starts so; some pass over blanks first, and some read the wide forms.
fn is_formula(text: &str) -> bool {
    let start = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    text.trim_start().starts_with(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_starts_a_formula_or_breaks_a_line() {
        assert_eq!(value("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(value("  +1"), "'  +1");
        assert_eq!(value("\u{ff1d}1"), "'\u{ff1d}1");
        assert_eq!(value("\t=1"), "\\u{9}=1");
        assert_eq!(value("a\r\n\n b\n"), "a b");
        assert_eq!(value("say \"a\", b"), "\"say \"\"a\"\", b\"");
        assert_eq!(value("a-b=c"), "a-b=c");
        assert_eq!(value(&"x".repeat(40_000)).chars().count(), MAX_CHARS + 1);
    }
}
