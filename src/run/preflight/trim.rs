//! A query without the fields that would make it fail.

use super::needs::QueryNeeds;
use crate::finding::Place;
use crate::gate::Trimmed;
use crate::soql::Clause;
use crate::source::Span;
use crate::words::FieldName;
use std::collections::BTreeSet;

/// `None` where the query reads none of `denied`. Of the objects of `closed` nothing can be read.
pub(super) fn without(
    needs: &QueryNeeds,
    denied: &BTreeSet<FieldName>,
    closed: &BTreeSet<FieldName>,
) -> Option<Trimmed> {
    let reads = |names: &[FieldName]| names.iter().any(|name| denied.contains(name));
    let affected: Vec<_> = needs.reads.iter().filter(|(_, names)| reads(names)).collect();
    let elsewhere = reads(&needs.elsewhere);
    if affected.is_empty() && !elsewhere {
        return None;
    }
    let bytes = needs.file.bytes();
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).ok()?;
    let spans: Option<Vec<(usize, usize)>> = affected
        .iter()
        .map(|(reference, _)| item(text, reference.start as usize, reference.end as usize))
        .collect();
    let (start, end) = (needs.query.start as usize, needs.query.end as usize);
    let outside = affected.iter().filter(|(reference, _)| reference.clause != Clause::Select);
    let outside = outside.flat_map(|(_, names)| names).chain(&needs.elsewhere);
    let outside: BTreeSet<&FieldName> = outside.filter(|name| denied.contains(*name)).collect();
    let reads_elsewhere: Vec<String> = outside.into_iter().map(ToString::to_string).collect();
    let left = spans.filter(|_| reads_elsewhere.is_empty()).and_then(|spans| cut(text, start, end, &spans));
    let all = needs.reads.iter().flat_map(|(_, names)| names).chain(&needs.elsewhere);
    let closed: BTreeSet<&str> = all.filter(|name| closed.contains(*name)).map(FieldName::object).collect();
    let shift = bytes.len() - text.len();
    let place = Place::new(&needs.file, Span::new(start + shift, end + shift));
    let closed_objects = closed.into_iter().map(str::to_owned).collect();
    Some(Trimmed { place, closed_objects, reads_elsewhere, text: left })
}

/// The bytes of a list item that is nothing but the field, with one comma beside it.
fn item(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let before = text.get(..start)?.trim_end();
    let after = text.get(end..)?;
    let rest = after.trim_start();
    let word = |s: &str, w: &str| {
        s.len() >= w.len()
            && s.is_char_boundary(s.len() - w.len())
            && s[s.len() - w.len()..].eq_ignore_ascii_case(w)
    };
    let begins = |s: &str, w: &str| s.get(..w.len()).is_some_and(|s| s.eq_ignore_ascii_case(w));
    match (before.ends_with(','), rest.starts_with(',')) {
        // `, X` and what follows stays.
        (true, true) | (true, false) if rest.starts_with(',') || begins(rest, "from") => {
            Some((before.len() - 1, end))
        }
        // `SELECT X, Y`
        (false, true) if word(before, "select") => {
            let blanks = after.len() - rest.len();
            let next = rest[1..].len() - rest[1..].trim_start().len();
            Some((start, end + blanks + 1 + next))
        }
        _ => None,
    }
}

/// `None` where nothing would be left of the list.
fn cut(text: &str, start: usize, end: usize, spans: &[(usize, usize)]) -> Option<String> {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let (mut out, mut at) = (String::new(), start);
    for (from, to) in spans {
        // Two fields that both take the comma between them leave a query that nobody wrote.
        if from < at {
            return None;
        }
        out.push_str(text.get(at..from)?);
        at = to;
    }
    out.push_str(text.get(at..end)?);
    crate::soql::parse_soql(&out).ok().map(|_| out)
}
