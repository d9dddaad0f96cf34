//! The small contract between whoever stores files (a git tree, a working tree, memory) and
//! whoever reads them.

use super::{RepoPath, SourceFile};
use std::sync::Arc;

/// What a tree entry is. Only [`EntryKind::File`] has metadata in it; the others are kept in the
/// listing so that nothing disappears silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file, executable or not.
    File,
    /// A symbolic link: its content is the path it points at, never followed.
    Symlink,
    /// A submodule: a commit of another repository, never entered.
    Submodule,
}

/// Names the bytes of a file. Equal ids mean equal bytes; different ids say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContentId {
    /// A git object.
    Object([u8; 20]),
    /// A file that is only in the working tree, numbered within one run.
    WorkingTree(u32),
}

/// One file of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Which bytes it holds.
    pub content: ContentId,
}

/// Why a file could not be read.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{path}: {reason}")]
pub struct ReadError {
    /// The file.
    pub path: RepoPath,
    /// What is wrong and the next step, lower case, without a full stop.
    pub reason: String,
}

/// A fixed set of files: one side of a comparison.
pub trait Snapshot: Sync {
    /// Every file, sorted by path (byte order of the path's text), each path once.
    ///
    /// # Errors
    /// When the listing itself cannot be read, for example because objects are missing.
    fn entries(&self) -> Result<&[Entry], ReadError>;

    /// The bytes of one entry of this snapshot.
    ///
    /// # Errors
    /// When the content is missing, larger than the limit, or not a regular file.
    fn read(&self, entry: &Entry) -> Result<Arc<SourceFile>, ReadError>;

    /// The entry at `path`, if there is one.
    ///
    /// # Errors
    /// As [`Snapshot::entries`].
    fn entry(&self, path: &RepoPath) -> Result<Option<&Entry>, ReadError> {
        let entries = self.entries()?;
        Ok(entries.binary_search_by(|e| e.path.cmp(path)).ok().map(|i| &entries[i]))
    }
}
