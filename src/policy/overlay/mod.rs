//! `.flsgate/labels/*.csv` and `*.json`: labels of fields that are not in git, as an org exports them.
//!
//! Read from the base; who calls decides. A file counts as a whole or not at all: a label that is
//! silently left out would open its field.

mod columns;
mod draft;
mod records;
mod table;

pub use columns::LabelColumns;
pub use draft::{Drafted, draft_labels};

use super::decode::{Decoder, Mistake};
use crate::finding::Place;
use crate::source::{SourceFile, Span};
use crate::words::FieldName;
use std::sync::Arc;

/// A full export of a large org is some megabytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// More mistakes than anybody reads; the rest is not looked for.
const MAX_MISTAKES: usize = 50;
/// Longer than any API name or picklist value (255 characters each).
const MAX_CELL: usize = 255;
/// Longer than any multi-select value (Salesforce allows 4,099 characters).
const MAX_GROUPS: usize = 4099;
const LFS: &str = "version https://git-lfs.github.com/spec/";

/// The label of one field, from one record.
#[derive(Clone, Debug)]
pub struct OverlayLabel {
    /// The field as the record names it.
    pub field: FieldName,
    /// Its classification as written.
    pub classification: Option<String>,
    /// Its compliance groups as written, joined with `;`.
    pub compliance: Option<String>,
    /// Whether the field has field-level security, where the record says so.
    pub has_fls: Option<bool>,
    /// The record.
    pub place: Place,
}

impl OverlayLabel {
    /// Whether the record says anything of the label.
    pub fn is_labelled(&self) -> bool {
        self.classification.is_some() || self.compliance.is_some()
    }
}

/// Whether a file of this name is read as an overlay.
pub fn is_overlay(name: &str) -> bool {
    is_json(name) || has_extension(name, ".csv")
}

fn is_json(name: &str) -> bool {
    has_extension(name, ".json")
}

fn has_extension(name: &str, extension: &str) -> bool {
    let at = name.len().checked_sub(extension.len());
    at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(extension))
}

/// Reads the records of a file, whose columns the policy may name. A record without a label says that there is such a field,
/// and may say whether it has field-level security.
///
/// # Errors
/// Every mistake in the file, in file order, up to a limit.
pub fn read_overlay(file: &Arc<SourceFile>, own: &LabelColumns) -> Result<Vec<OverlayLabel>, Vec<Mistake>> {
    let mut reader = Reader { decoder: Decoder::new(file), labels: Vec::new(), own: own.clone() };
    let bytes = Arc::clone(file);
    match text(bytes.bytes()) {
        Err((span, message)) => reader.decoder.mistake(span, message),
        Ok((text, bom)) if is_json(file.path().file_name()) => records::read(&mut reader, text, bom),
        Ok((text, bom)) => table::read(&mut reader, text, bom),
    }
    let mut mistakes = reader.decoder.mistakes;
    if mistakes.is_empty() {
        return Ok(reader.labels);
    }
    mistakes.sort_by_key(|m| m.span);
    Err(mistakes)
}

fn text(bytes: &[u8]) -> Result<(&str, usize), (Span, String)> {
    let nowhere = Span::default();
    if bytes.len() > MAX_BYTES {
        return Err((nowhere, format!("the file is larger than {MAX_BYTES} bytes; split it by object")));
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        let message = "the file is UTF-16, as `>` of Windows PowerShell writes it; write it by `| Out-File -Encoding utf8` there";
        return Err((nowhere, message.to_owned()));
    }
    let bom = bytes.len() - bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).len();
    let text = std::str::from_utf8(&bytes[bom..]).map_err(|e| {
        let at = bom + e.valid_up_to();
        (Span::new(at, at + 1), "this byte is not UTF-8; save the file as UTF-8".to_owned())
    })?;
    // What a redirection leaves behind when the export fails.
    if text.is_empty() {
        return Err((nowhere, "the file is empty; export the labels again, or delete it".to_owned()));
    }
    if text.starts_with(LFS) {
        let message = "the file is a Git LFS pointer; keep label files out of LFS".to_owned();
        return Err((nowhere, message));
    }
    Ok((text, bom))
}

/// What both formats fill.
struct Reader {
    decoder: Decoder,
    labels: Vec<OverlayLabel>,
    own: LabelColumns,
}

/// The cells of one record that matter, as written.
#[derive(Default)]
struct Cells<'t> {
    object: &'t str,
    field: &'t str,
    classification: Option<&'t str>,
    compliance: Option<&'t str>,
    fls: Option<&'t str>,
}

impl Reader {
    fn mistake(&mut self, span: Span, message: impl Into<String>) {
        if !self.is_full() {
            self.decoder.mistake(span, message);
        }
    }

    fn is_full(&self) -> bool {
        self.decoder.mistakes.len() >= MAX_MISTAKES
    }

    /// Whether a record says that its field has field-level security; `None` where that is a mistake.
    fn has_fls(&mut self, span: Span, cell: Option<&str>) -> Option<Option<bool>> {
        match cell.map(|cell| cell.trim().to_ascii_lowercase()).as_deref() {
            None | Some("") => Some(None),
            Some("true") => Some(Some(true)),
            Some("false") => Some(Some(false)),
            Some(_) => {
                let message = "`IsFlsEnabled` is neither `true` nor `false` here; export the labels again";
                self.mistake(span, message);
                None
            }
        }
    }

    /// Takes a record in.
    fn record(&mut self, span: Span, cells: &Cells<'_>) {
        let label = |cell: Option<&str>| cell.map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned);
        let (classification, compliance) = (label(cells.classification), label(cells.compliance));
        let Some(has_fls) = self.has_fls(span, cells.fls) else { return };
        let is_labelled = classification.is_some() || compliance.is_some();
        let (object, field) = (cells.object.trim(), cells.field.trim());
        let name = FieldName::of(object, field).filter(|_| !object.contains('.') && !field.contains('.'));
        if !is_labelled && has_fls.is_none() {
            // It says that there is such a field, and nothing that would have to be right.
            let place = Place::new(&self.decoder.file, span);
            let record = name.map(|field| OverlayLabel { field, classification, compliance, has_fls, place });
            self.labels.extend(record);
            return;
        }
        let long = |text: &str, most: usize| text.chars().nth(most).is_some();
        if [object, field, classification.as_deref().unwrap_or_default()].iter().any(|t| long(t, MAX_CELL))
            || long(compliance.as_deref().unwrap_or_default(), MAX_GROUPS)
        {
            self.mistake(
                span,
                "a name or label of this record is longer than Salesforce allows; export it again",
            );
            return;
        }
        if let Some(id) = [object, field].into_iter().find(|text| is_id(text)) {
            self.mistake(
                span,
                format!(
                    "`{id}` is the id of an object or field and not its API name; export \
                     `EntityDefinition.QualifiedApiName` and `QualifiedApiName` in place of ids"
                ),
            );
            return;
        }
        let what = if is_labelled { "has a label" } else { "speaks of field-level security" };
        match name {
            Some(field) => {
                let place = Place::new(&self.decoder.file, span);
                self.labels.push(OverlayLabel { field, classification, compliance, has_fls, place });
            }
            None => self.mistake(
                span,
                format!(
                    "the record {what}, but object `{object}` and field `{field}` are no API names; \
                     write them as in `Contact` and `Birthdate`"
                ),
            ),
        }
    }
}

/// Whether a text is an id of Salesforce: a name starts with a letter, an id with a digit, as that of a custom object in
/// `EntityDefinitionId` does.
fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}
