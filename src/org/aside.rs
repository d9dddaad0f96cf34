//! Reading of files that give nobody access: only changed ones are asked for, and none of them is kept.

use super::layout::{self, Aside};
use super::{Org, Unreadable};
use crate::source::{RepoPath, SourceFile};
use std::sync::Arc;

impl Org<'_> {
    /// The file at `path`, if there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn aside(&self, path: &RepoPath) -> Result<Option<Arc<SourceFile>>, Unreadable> {
        let Some(entry) = self.snapshot.entry(path)? else { return Ok(None) };
        self.counter.count();
        Ok(Some(self.snapshot.read(entry)?))
    }

    /// Every file of a component of such a kind, without regard to case. Looks through the whole listing.
    ///
    /// # Errors
    /// When the listing cannot be read.
    pub fn asides(&self, kind: Aside, name: &str) -> Result<Vec<&RepoPath>, Unreadable> {
        let is = |path: &&RepoPath| {
            layout::aside(path.as_str())
                .is_some_and(|(of, called)| of == kind && called.eq_ignore_ascii_case(name))
        };
        Ok(self.snapshot.entries()?.iter().map(|entry| &entry.path).filter(is).collect())
    }
}
