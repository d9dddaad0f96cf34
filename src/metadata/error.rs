//! Why a metadata file could not be understood. Always with the place and the next step.

use crate::source::{Position, RepoPath, SourceFile, Span};
use crate::words::nearest;

/// A metadata file that cannot be judged: a fact about the file, not a finding.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{path}:{position}: {problem}")]
pub struct MetadataError {
    /// The file.
    pub path: RepoPath,
    /// The bytes that cannot be read.
    pub span: Span,
    /// Where they start.
    pub position: Position,
    /// What is wrong and what would be valid.
    pub problem: Problem,
}

impl MetadataError {
    pub(super) fn new(file: &SourceFile, span: Span, problem: Problem) -> Self {
        let span = whole_characters(file.bytes(), span);
        MetadataError { path: file.path().clone(), span, position: file.position(span.start), problem }
    }
}

/// The span within the file, widened to whole characters: an error may be found at the end, or in the middle
/// of a character.
fn whole_characters(bytes: &[u8], span: Span) -> Span {
    let inside = |at: usize| bytes.get(at).is_some_and(|b| b & 0xC0 == 0x80);
    let end = (span.end as usize).min(bytes.len());
    let start = (span.start as usize).min(end);
    let start = (0..=start).rev().find(|at| !inside(*at)).unwrap_or(0);
    let end = (end..bytes.len()).find(|at| !inside(*at)).unwrap_or(bytes.len());
    Span::new(start, end)
}

/// What is wrong with a file.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Problem {
    #[error("the file is empty; restore it or delete it")]
    Empty,
    #[error(
        "this is a Git LFS pointer, not metadata; check out with LFS (`lfs: true`) or keep metadata out of LFS"
    )]
    LfsPointer,
    #[error("the file is UTF-16; save it as UTF-8")]
    Utf16,
    #[error("this byte is not UTF-8; save the file as UTF-8")]
    NotUtf8,
    #[error("encoding `{0}` is declared; save the file as UTF-8 and declare that")]
    Encoding(String),
    #[error("not well-formed XML ({0}); correct the file or retrieve it again")]
    Malformed(String),
    #[error("`<{open}>` of line {line} is never closed; the file is cut off, retrieve it again")]
    Unclosed { open: String, line: u32 },
    #[error(
        "`<{open}>` of line {line} is closed by `</{end}>`: {}. Correct the file or retrieve it again",
        ends(open, end)
    )]
    WrongEnd { open: String, line: u32, end: String },
    #[error("a bare `&` stands in the text; write `&amp;`")]
    Ampersand,
    #[error("`</{0}>` closes nothing; correct the file or retrieve it again")]
    NothingToEnd(String),
    #[error("a merge conflict marker is left in the file; resolve the conflict")]
    ConflictMarker,
    #[error("this `<fieldPermissions>` is longer than 64 KB; retrieve the file again")]
    LongEntry,
    #[error("`{0}` is no element name; correct the file")]
    ElementName(String),
    #[error("a document type declaration has no place in metadata; remove it")]
    DocType,
    #[error("entity `&{0};` is not one of XML's own five; write the character itself")]
    Entity(String),
    #[error("the root element closes itself, so nothing can be written into it; give it an end tag")]
    NoEndTag,
    #[error("content after the closing tag of the document; remove it")]
    AfterRoot,
    #[error("elements are nested more than {0} deep; metadata never is")]
    TooDeep(u32),
    #[error(
        "the file begins with `<{found}>`, where {expected} is expected; correct the element, or the name of the file if it is of another type"
    )]
    Root { found: String, expected: &'static str },
    #[error(
        "`{text}` in `<{element}>` is neither `true` nor `false`; write one of them, or retrieve the file again"
    )]
    Boolean { element: String, text: String },
    #[error(
        "`<{element}>` holds other elements where only text may be: most likely its end, `</{element}>`, is missing"
    )]
    NotText { element: String },
    #[error(
        "a comment or CDATA splits the text of `<{element}>`, and tools put it together in two ways; write it in one piece"
    )]
    SplitText { element: String },
    #[error("an invisible character (U+FEFF) stands around the text of `<{element}>`; type the text again")]
    Invisible { element: String },
    #[error("`<{parent}>` has no `<{child}>`; add it or remove the entry")]
    Missing { parent: String, child: &'static str },
    #[error("`<{parent}>` has more than one `<{child}>`; keep one")]
    Repeated { parent: String, child: &'static str },
    #[error("`{0}` is no field name; write its object as well, as in `Contact.SSN__c`")]
    FieldName(String),
}

/// What is wrong with an element that another one's end closes.
fn ends(open: &str, end: &str) -> String {
    match nearest(end, [open]) {
        Some(_) => "one of the two is misspelt".to_owned(),
        None => format!("`</{open}>` is missing before it, or nothing begins what this `</{end}>` ends"),
    }
}
