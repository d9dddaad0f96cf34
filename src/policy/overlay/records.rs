//! Labels as JSON: `sf data query --json`, its bare result, or an array of records.

use super::columns::Columns;
use super::{Cells, Reader};
use crate::source::Span;
use crate::words::{no_json, shorten};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

/// What may stand around records.
#[derive(Deserialize)]
struct Envelope<'j> {
    #[serde(borrow)]
    result: Option<&'j RawValue>,
    #[serde(borrow)]
    records: Option<&'j RawValue>,
    done: Option<bool>,
    #[serde(rename = "totalSize")]
    total: Option<u64>,
    status: Option<i64>,
}

/// The keys and values of a JSON object, a key as often as it is written.
struct Pairs<V>(Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Pairs<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct PairsVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<V> {
    type Value = Pairs<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

/// A value of a record: relationships are objects.
#[derive(Deserialize)]
#[serde(untagged)]
enum Cell {
    Related(Pairs<Value>),
    Plain(Value),
}

/// A text, and where it starts in its file.
struct Source<'t> {
    text: &'t str,
    bom: usize,
}

impl Source<'_> {
    /// `raw` is a part of the text.
    fn span(&self, raw: &RawValue) -> Span {
        let at = raw.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr()) + self.bom;
        Span::new(at, at + raw.get().len())
    }
}

/// Reads one document or several, one after the other.
pub(super) fn read(reader: &mut Reader, text: &str, bom: usize) {
    let source = Source { text, bom };
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let mut any = false;
    loop {
        match documents.next() {
            None => break,
            Some(Ok(document)) => container(reader, &source, document, true),
            Some(Err(error)) => {
                let line = u32::try_from(error.line()).unwrap_or(u32::MAX);
                let start = reader.decoder.file.line_start(line).unwrap_or_default() as usize;
                let at = (start + error.column().saturating_sub(1)).min(bom + text.len());
                // Columns are bytes here, so it may be the middle of a character.
                let at = (bom..=at).rev().find(|at| text.is_char_boundary(at - bom)).unwrap_or(bom);
                reader.mistake(
                    Span::new(at, at),
                    format!("not readable as JSON: {}", no_json(&error.to_string())),
                );
                break;
            }
        }
        any = true;
    }
    if !any && reader.decoder.mistakes.is_empty() {
        reader.mistake(Span::default(), "the file is empty; export the labels again, or delete it");
    }
}

fn container(reader: &mut Reader, source: &Source<'_>, raw: &RawValue, outermost: bool) {
    let span = source.span(raw);
    let start = Span { start: span.start, end: span.start };
    if raw.get().starts_with('[') {
        list(reader, source, raw);
        return;
    }
    const EXPECTED: &str = "expected the output of `sf data query --json`, or an array of records";
    if !raw.get().starts_with('{') {
        reader.mistake(span, format!("no records here; {EXPECTED}"));
        return;
    }
    let envelope: Envelope<'_> = match serde_json::from_str(raw.get()) {
        Ok(envelope) => envelope,
        Err(error) => {
            reader.mistake(
                start,
                format!("not as `sf` writes it: {}; {EXPECTED}", no_json(&error.to_string())),
            );
            return;
        }
    };
    if envelope.status.is_some_and(|status| status != 0) {
        reader.mistake(start, "the export failed, as its `status` says; export the labels again");
        return;
    }
    match (envelope.records, envelope.result.filter(|_| outermost)) {
        (Some(records), _) => {
            let read = list(reader, source, records);
            let partly = read.is_some_and(|read| envelope.total.is_some_and(|total| total != read));
            if envelope.done == Some(false) || partly {
                let message = "the result is not complete (`done`, `totalSize`); query one object at a time, \
                               or raise `SF_ORG_MAX_QUERY_LIMIT`";
                reader.mistake(start, message);
            }
        }
        (None, Some(result)) => container(reader, source, result, false),
        (None, None) => reader.mistake(start, format!("no `records` here; {EXPECTED}")),
    }
}

/// Reads an array of records and counts them.
fn list(reader: &mut Reader, source: &Source<'_>, raw: &RawValue) -> Option<u64> {
    let Ok(records) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        reader.mistake(source.span(raw), "`records` is no array");
        return None;
    };
    for record in &records {
        if reader.is_full() {
            break;
        }
        let span = source.span(record);
        match serde_json::from_str::<Pairs<Cell>>(record.get()) {
            Ok(Pairs(record)) => one(reader, span, &record),
            Err(_) => reader.mistake(span, "this record is no JSON object"),
        }
    }
    u64::try_from(records.len()).ok()
}

fn one(reader: &mut Reader, span: Span, record: &[(String, Cell)]) {
    // Relationships are objects here and dotted names in CSV.
    let flat: Vec<(String, &Value)> = record
        .iter()
        .flat_map(|(key, value)| match value {
            Cell::Related(Pairs(inner)) => {
                inner.iter().map(|(name, value)| (format!("{key}.{name}"), value)).collect()
            }
            Cell::Plain(value) => vec![(key.clone(), value)],
        })
        .collect();
    let names: Vec<&str> = flat.iter().map(|(name, _)| name.as_str()).collect();
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(**name)) {
        reader.mistake(span, format!("`{}` is written twice in this record; keep one", shorten(twice)));
        return;
    }
    let columns = match Columns::find(&names, &reader.own) {
        Ok(columns) => columns,
        Err(wrong) => {
            wrong.into_iter().for_each(|message| reader.mistake(span, message.replace("column", "key")));
            return;
        }
    };
    // The one column of booleans.
    let flag = |at: usize| match flat[at].1 {
        Value::Bool(value) => Some(if *value { "true" } else { "false" }),
        _ => None,
    };
    let mut cell = |at: usize| match flat[at].1 {
        Value::String(text) => Some(text.as_str()),
        Value::Null => None,
        _ => {
            reader.mistake(span, format!("`{}` is neither text nor `null`", names[at]));
            None
        }
    };
    let cells = Cells {
        object: cell(columns.object).unwrap_or_default(),
        field: cell(columns.field).unwrap_or_default(),
        classification: columns.classification.and_then(&mut cell),
        compliance: columns.compliance.and_then(&mut cell),
        fls: columns.fls.and_then(|at| flag(at).or_else(|| cell(at))),
    };
    reader.record(span, &cells);
}
