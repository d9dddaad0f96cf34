//! Why a text is no query, or none that can be read. Always with the next step; whoever shows it shows the place.

use crate::words::shorten;

/// A text that is not wholly understood. Offsets are bytes into the text.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum SoqlError {
    #[error("there is no query; write one, as in `SELECT Id FROM Account`")]
    Empty,
    #[error(
        "`{found}` has no meaning in a query; put text in straight single quotes or remove the character"
    )]
    Character { at: u32, found: String },
    #[error("the text that starts here is never closed; end it with a single quote")]
    UnclosedText { at: u32 },
    #[error("the comment that starts here is never closed; end it with `*/`")]
    UnclosedComment { at: u32 },
    #[error("`{name}` is no path; join names with single dots, as in `Account.Name`")]
    Path { at: u32, name: String },
    #[error("a name is longer than {max} letters; no API name is")]
    NameTooLong { at: u32, max: usize },
    #[error("the path has more than {max} names; shorten it, since Salesforce follows five relationships")]
    PathTooLong { at: u32, max: usize },
    #[error("the object is one more than the {max} that are read; name fewer after `FROM`")]
    TooManyObjects { at: u32, max: usize },
    #[error("`{open}` is never closed; add `{close}`")]
    Unclosed { at: u32, open: &'static str, close: &'static str },
    #[error("found `{found}`, expected {expected}")]
    Unexpected { at: u32, found: String, expected: &'static str },
    #[error("the query ends here, expected {expected}")]
    EndsEarly { at: u32, expected: &'static str },
    #[error("`{name}` is no function that can be read; the functions are {known}")]
    Function { at: u32, name: String, known: &'static str },
    #[error(
        "`{found}` is no value; compare with text in single quotes, a number, a date, `null`, `true`, `false`, a date literal such as `LAST_N_DAYS:30`, or a variable such as `:ids`"
    )]
    Value { at: u32, found: String },
    #[error("`{found}` renames a field in a query without `GROUP BY`; add the missing comma or remove it")]
    FieldAlias { at: u32, found: String },
    #[error(
        "`{found}` is neither the query's object nor an alias of it; start with one, as in `FROM Account a, a.Owner o`"
    )]
    Alias { at: u32, found: String },
    #[error("the query stands inside more than {max} others; write it as a query of its own")]
    TooDeep { at: u32, max: usize },
}

impl SoqlError {
    /// The first byte that is wrong; of what is never closed, the byte that opens it.
    pub fn at(&self) -> u32 {
        match self {
            SoqlError::Empty => 0,
            SoqlError::Character { at, .. }
            | SoqlError::UnclosedText { at }
            | SoqlError::UnclosedComment { at }
            | SoqlError::Path { at, .. }
            | SoqlError::NameTooLong { at, .. }
            | SoqlError::PathTooLong { at, .. }
            | SoqlError::TooManyObjects { at, .. }
            | SoqlError::Unclosed { at, .. }
            | SoqlError::Unexpected { at, .. }
            | SoqlError::EndsEarly { at, .. }
            | SoqlError::Function { at, .. }
            | SoqlError::Value { at, .. }
            | SoqlError::FieldAlias { at, .. }
            | SoqlError::Alias { at, .. }
            | SoqlError::TooDeep { at, .. } => *at,
        }
    }

    pub(super) fn character(at: usize, found: char) -> Self {
        SoqlError::Character { at: offset(at), found: found.escape_debug().to_string() }
    }

    /// `found` is empty at the end of the text.
    pub(super) fn unexpected(at: usize, found: &str, expected: &'static str) -> Self {
        let at = offset(at);
        match found {
            "" => SoqlError::EndsEarly { at, expected },
            _ => SoqlError::Unexpected { at, found: shorten(found), expected },
        }
    }
}

/// Offsets past 4 GiB saturate (readers refuse such files long before).
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
