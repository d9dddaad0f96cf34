//! A landing that somebody else made: the merge commit of a pull request, what a merge queue built, a
//! push. Compared tree by tree, so that no history is needed: a clone of depth two is enough.

use super::compare::{Comparison, changes_from};
use super::error::{GitError, Missing};
use super::repository::{Repository, checked_out, commit};
use super::tree::Tree;
use super::walk::differences;
use git2::Oid;
use std::sync::Arc;

/// The commit that is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Its id.
    pub commit: String,
    /// The parents that it names, whether they are in the clone or not.
    pub parents: Vec<String>,
}

impl Repository {
    /// The commit that is checked out, and its parents.
    ///
    /// # Errors
    /// When there is no commit or it cannot be read.
    pub fn checkout(&self) -> Result<Checkout, GitError> {
        self.store.with(|handle| {
            let missing = self.store.missing;
            let head = checked_out(handle, missing)?;
            let commit = commit(handle, missing, head.id)?;
            // libgit2 forgets the parents of a commit where a shallow history is cut; its text does not.
            let header = commit.raw_header_bytes();
            let parents = header.split(|b| *b == b'\n').filter_map(|line| line.strip_prefix(b"parent "));
            let parents = parents.map(|id| String::from_utf8_lossy(id).into_owned()).collect();
            Ok(Checkout { commit: head.id.to_string(), parents })
        })
    }

    /// Whether the commit with this id is in the clone.
    pub fn has_commit(&self, id: &str) -> bool {
        let found =
            self.store.with(|handle| Ok(Oid::from_str(id).is_ok_and(|id| handle.find_commit(id).is_ok())));
        found.unwrap_or(false)
    }

    /// Compares the tree of the commit `landing` with that of `base`; lines are shown in `head`. All are
    /// full commit ids.
    ///
    /// # Errors
    /// [`GitError::MissingCommit`] when one of them is not in the clone, or what reading a tree gives.
    pub fn compare_landed(&self, base: &str, landing: &str, head: &str) -> Result<Comparison, GitError> {
        self.store.with(|handle| {
            let missing = self.store.missing;
            let root = |id: &str| root(handle, missing, id);
            let (base_root, landing_root, head_root) = (root(base)?, root(landing)?, root(head)?);
            let changes = differences(handle, missing, Some(base_root), Some(landing_root))?;
            let tree = |root| Tree::new(Arc::clone(&self.store), root);
            Ok(Comparison {
                base: tree(base_root),
                head: tree(head_root),
                landing: tree(landing_root),
                base_commit: base.to_owned(),
                head_commit: Some(head.to_owned()),
                changes: changes_from(changes)?,
            })
        })
    }
}

fn root(handle: &git2::Repository, missing: Missing, id: &str) -> Result<Oid, GitError> {
    let absent = || GitError::MissingCommit { commit: id.to_owned() };
    let oid = Oid::from_str(id).map_err(|_| absent())?;
    let odb = handle.odb().map_err(|e| missing.object_error("read a commit", &e))?;
    if !odb.exists(oid) {
        return Err(absent());
    }
    Ok(commit(handle, missing, oid)?.tree_id())
}
