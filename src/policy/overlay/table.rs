//! Labels as CSV (RFC 4180): `sf data query --result-format csv`, or Setup's Data Classification download.

use super::columns::Columns;
use super::{Cells, Reader};
use crate::source::Span;
use csv::{ReaderBuilder, StringRecord};

/// Reads rows below a header. Files of several objects may stand below each other, headers included.
pub(super) fn read(reader: &mut Reader, text: &str, bom: usize) {
    let bytes = text.as_bytes();
    let mut rows = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut header: Option<(Columns, usize)> = None;
    let mut row = StringRecord::new();
    let mut last = Span::default();
    while !reader.is_full() {
        match rows.read_record(&mut row) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                reader.mistake(last, format!("not readable as CSV: {error}"));
                return;
            }
        }
        let start = row.position().map_or(0, csv::Position::byte);
        let span = trimmed(bytes, start, rows.position().byte(), bom);
        last = span;
        let cells: Vec<&str> = row.iter().collect();
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let found = Columns::find(&cells, &reader.own);
        match (&header, found) {
            (_, Ok(columns)) => header = Some((columns, cells.len())),
            (None, Err(wrong)) => {
                let separator = [';', '\t'].iter().any(|c| cells.len() == 1 && cells[0].contains(*c));
                if separator {
                    reader
                        .mistake(span, "the columns are not separated by commas; save the file with commas");
                } else {
                    wrong.into_iter().for_each(|message| reader.mistake(span, message));
                }
                return;
            }
            (Some((_, width)), Err(_)) if cells.len() != *width => {
                let message = format!("the row has {} cells, its header has {width}", cells.len());
                reader.mistake(span, message);
            }
            (Some((columns, _)), Err(_)) => {
                let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
                let cells = Cells {
                    object: cell(columns.object),
                    field: cell(columns.field),
                    classification: columns.classification.map(cell),
                    compliance: columns.compliance.map(cell),
                    fls: columns.fls.map(cell),
                };
                reader.record(span, &cells);
            }
        }
    }
    // An open quotation mark swallows the rows behind it, and no other check need notice.
    if memchr::memchr_iter(b'"', bytes).count() % 2 == 1 {
        reader.mistake(last, "a quotation mark is not closed, here or above");
    }
}

/// The bytes of a row without line ends before and behind it.
fn trimmed(bytes: &[u8], start: u64, end: u64, bom: usize) -> Span {
    let clamp = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    let (mut start, mut end) = (clamp(start), clamp(end));
    let is_end = |byte: u8| byte == b'\r' || byte == b'\n';
    while start < end && is_end(bytes[start]) {
        start += 1;
    }
    while end > start && is_end(bytes[end - 1]) {
        end -= 1;
    }
    Span::new(start + bom, end + bom)
}
