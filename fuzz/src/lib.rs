//! What the targets share: the promises about places in files, and builders of inputs with structure.

pub mod build;
pub mod check;

/// Inputs above this are cut off: what grows with the input shows below it.
pub const MAX: usize = 64 * 1024;
