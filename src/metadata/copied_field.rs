//! Copies from field to field: what a file names that writes the value of one field into another.

use super::named::Named;
use crate::source::Span;

/// One field that a file writes, and one thing that goes into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedField {
    /// The component that writes it, where the file holds several.
    pub by: Option<String>,
    /// The field that is written.
    pub target: Named,
    /// What goes into it.
    pub from: CopiedFrom,
    /// The element that says so.
    pub span: Span,
}

/// What goes into a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopiedFrom {
    /// A formula over the fields of an object.
    Formula {
        /// The object.
        object: String,
        /// The formula.
        text: String,
    },
    /// A field.
    Field(Named),
}
