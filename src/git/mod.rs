//! Reading a git repository: which commits to compare, what would land, and the files of each side.
//!
//! [`Repository::compare`] turns a [`Request`] into a [`Comparison`] of three [`Tree`]s: the base
//! that is already there, the head that the author wrote, and the landing, which is what the base
//! becomes when the head goes in. Trees are [`crate::source::Snapshot`]s and read on demand, from
//! any thread.
//!
//! Everything is read as stored: no filters, no line-ending conversion, no attributes of the
//! repository, no hooks, no network. Nothing is ever written. Knows nothing of what the files mean.

mod compare;
mod create;
mod error;
mod landed;
mod lines;
mod merge;
mod object;
mod repository;
mod standing;
mod store;
mod tree;
mod walk;
mod worktree;

pub use compare::{Change, Comparison, Request};
pub use create::{Files, create};
pub use error::GitError;
pub use landed::Checkout;
pub use lines::LineMap;
pub use repository::Repository;
pub use store::{MAX_FILE_BYTES, Reads};
pub use tree::Tree;
