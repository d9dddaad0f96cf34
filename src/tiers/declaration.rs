//! What became of the declarations that derived fields mask what they read.

use super::classified::Classified;
use crate::policy::{Lacks, Masking};
use crate::words::FieldName;

/// A declared masking as it would land.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// What it says.
    pub masking: Masking,
    /// It is on the base, word for word.
    pub landed: bool,
    /// What keeps it from counting.
    pub lacks: Vec<Lacks>,
    /// The most sensitive field that it names; `None` where none is classified, or the field is not derived.
    pub input: Option<(FieldName, Classified)>,
    /// The derived field reads none of those named that are classified.
    pub idle: bool,
    /// The policy asks for an approval and nobody gave one: it is new, or the formula, or the label of
    /// what it reads, is not what was approved.
    pub awaits: bool,
}
