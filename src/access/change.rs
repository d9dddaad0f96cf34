//! A path that a change touches.

use crate::source::RepoPath;

/// A path that differs between base and landing tree.
#[derive(Clone, Debug)]
pub struct Change {
    /// The path.
    pub path: RepoPath,
    /// It is in the base.
    pub in_base: bool,
    /// It is in the tree that would land.
    pub in_landing: bool,
}
