//! Bytes and places: repository paths, source files, byte spans, lines and columns, and the
//! [`Snapshot`] through which the rest of the crate reads files.
//!
//! Knows nothing of git, XML, YAML or policy.

mod folder;
mod path;
mod purpose;
mod snapshot;
mod text;
mod without;

pub use folder::Folder;
pub use path::{RepoPath, within};
pub use purpose::{Counter, FilesFor, Purpose};
pub use snapshot::{ContentId, Entry, EntryKind, ReadError, Snapshot};
pub use text::{Location, Position, ReadAgain, SourceFile, Span, Spanned};
pub use without::Without;
