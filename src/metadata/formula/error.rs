//! Why a text is no formula. Always with what would be valid; whoever shows it shows the place.

use crate::words::shorten;

/// A text that is not wholly a formula. Offsets are bytes into the text.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum FormulaError {
    #[error("the formula is empty; write an expression or remove `<formula>`")]
    Empty,
    #[error("`{found}` has no meaning in a formula; put text in straight quotes or remove the character")]
    Character { at: u32, found: String },
    #[error("a text is never closed; end it with the quote it starts with")]
    UnclosedText { at: u32 },
    #[error("a comment is never closed; end it with `*/`")]
    UnclosedComment { at: u32 },
    #[error("`{name}` is no path; join names with single dots, as in `Account.Name`")]
    Path { at: u32, name: String },
    #[error("a name is longer than {max} letters; no API name is")]
    NameTooLong { at: u32, max: usize },
    #[error("`{open}` is never closed; add `{close}`")]
    Unclosed { at: u32, open: &'static str, close: &'static str },
    #[error("found `{found}`, expected {expected}")]
    Unexpected { at: u32, found: String, expected: &'static str },
    #[error("the formula ends, expected {expected}")]
    EndsEarly { at: u32, expected: &'static str },
}

impl FormulaError {
    /// The first byte that is wrong; of what is never closed, the byte that opens it.
    pub fn at(&self) -> u32 {
        match self {
            FormulaError::Empty => 0,
            FormulaError::Character { at, .. }
            | FormulaError::UnclosedText { at }
            | FormulaError::UnclosedComment { at }
            | FormulaError::Path { at, .. }
            | FormulaError::NameTooLong { at, .. }
            | FormulaError::Unclosed { at, .. }
            | FormulaError::Unexpected { at, .. }
            | FormulaError::EndsEarly { at, .. } => *at,
        }
    }

    pub(super) fn character(at: usize, found: char) -> Self {
        FormulaError::Character { at: offset(at), found: found.escape_debug().to_string() }
    }

    pub(super) fn path(at: usize, name: &str) -> Self {
        FormulaError::Path { at: offset(at), name: shorten(name) }
    }

    /// `found` is empty at the end of the formula.
    pub(super) fn unexpected(at: usize, found: &str, expected: &'static str) -> Self {
        let at = offset(at);
        match found {
            "" => FormulaError::EndsEarly { at, expected },
            _ => FormulaError::Unexpected { at, found: shorten(found), expected },
        }
    }
}

/// Offsets past 4 GiB saturate (readers refuse such files long before).
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
