//! The matrix as CSV for spreadsheets: RFC 4180, with a byte order mark, without which Excel takes the
//! bytes for another encoding. One access a row; the columns are those of the page's own export.

use super::{Hop, Matrix, MatrixCell, Point, Written};
use crate::report::clean;
use std::io::{self, Write};

/// Excel holds 32,767 characters a cell; what is longer spills into the next ones.
const MAX_CHARS: usize = 32_000;

const HEAD: [&str; 20] = [
    "Field",
    "Label",
    "Groups",
    "Tier",
    "Permission set or profile",
    "User type",
    "Access",
    "Status",
    "Through",
    "Justification",
    "Owner",
    "Approval",
    "Expires",
    "Kind",
    "Compliance",
    "Ticket",
    "Label owner",
    "Label at",
    "Through at",
    "Justification at",
];

pub(super) fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    let change = ["Change", "Before"];
    let head = HEAD.into_iter().chain(["Notes"]).chain(change.into_iter().filter(|_| matrix.delta));
    line(out, head.map(str::to_owned))?;
    for (field, grantor, cell) in matrix.rows() {
        let written = cell.justification.as_deref();
        let of = |part: fn(&Written) -> &Option<String>| written.and_then(|w| part(w).clone());
        let own = [
            field.name.to_string(),
            field.label.classification.clone().unwrap_or_default(),
            field.label.compliance_groups.join(", "),
            field.tier.to_string(),
            grantor.grantor.name().to_owned(),
            grantor.principal.to_string(),
            cell.access.to_string(),
            cell.status.to_string(),
            cell.route.iter().map(Hop::words).collect::<Vec<_>>().join(" \u{2192} "),
            of(|w| &w.text).unwrap_or_default(),
            of(|w| &w.owner).unwrap_or_default(),
            written.map_or("", Written::approval).to_owned(),
            of(|w| &w.expires).unwrap_or_default(),
            grantor.grantor.kind.words().to_owned(),
            of(|w| &w.compliance).unwrap_or_default(),
            of(|w| &w.ticket).unwrap_or_default(),
            field.owner.clone().unwrap_or_default(),
            field.source.as_ref().map(Point::to_string).unwrap_or_default(),
            cell.route.iter().map(|h| h.at.to_string()).collect::<Vec<_>>().join(" ; "),
            written.map(|w| w.at.to_string()).unwrap_or_default(),
            cell.notes.join("; "),
        ];
        line(out, own.into_iter().chain(changed(cell).into_iter().filter(|_| matrix.delta)))?;
    }
    Ok(())
}

fn changed(cell: &MatrixCell) -> [String; 2] {
    [
        cell.change.map(|c| c.to_string()).unwrap_or_default(),
        cell.before.map(|b| b.to_string()).unwrap_or_default(),
    ]
}

fn line(out: &mut dyn Write, values: impl Iterator<Item = String>) -> io::Result<()> {
    let values: Vec<String> = values.map(|v| value(&v)).collect();
    write!(out, "{}\r\n", values.join(","))
}

fn value(text: &str) -> String {
    let text = clean(text);
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
        assert_eq!(value("a\r\nb"), "a\\u{d}\\u{a}b");
        assert_eq!(value("say \"a\", b"), "\"say \"\"a\"\", b\"");
        assert_eq!(value("a-b=c"), "a-b=c");
        assert_eq!(value(&"x".repeat(40_000)).chars().count(), MAX_CHARS + 1);
    }
}
