//! A snapshot without some of its files: what of a tree takes part.

use super::{Entry, ReadError, RepoPath, Snapshot, SourceFile};
use std::sync::Arc;

/// A snapshot that hides files of another one.
pub struct Without<'s> {
    inner: &'s dyn Snapshot,
    /// `None` where nothing is hidden.
    entries: Option<Vec<Entry>>,
}

impl<'s> Without<'s> {
    /// Hides every file that `hidden` picks.
    ///
    /// # Errors
    /// When the listing cannot be read.
    pub fn new(inner: &'s dyn Snapshot, hidden: impl Fn(&RepoPath) -> bool) -> Result<Self, ReadError> {
        let all = inner.entries()?;
        let some = all.iter().any(|e| hidden(&e.path));
        let entries = some.then(|| all.iter().filter(|e| !hidden(&e.path)).cloned().collect());
        Ok(Without { inner, entries })
    }
}

impl Snapshot for Without<'_> {
    fn entries(&self) -> Result<&[Entry], ReadError> {
        match &self.entries {
            Some(entries) => Ok(entries),
            None => self.inner.entries(),
        }
    }

    fn read(&self, entry: &Entry) -> Result<Arc<SourceFile>, ReadError> {
        self.inner.read(entry)
    }
}
