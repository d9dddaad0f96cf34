//! One side alone: everything that stands, as if all of it were new.

use super::compare::{Comparison, builds_on, chain, changes_from};
use super::error::GitError;
use super::repository::{Repository, checked_out, commit, default_base, resolve};
use super::tree::{Tree, overlay};
use super::walk::differences;
use super::worktree;
use std::collections::HashMap;
use std::sync::Arc;

impl Repository {
    /// Compares nothing with what stands at `revision`, or in the working tree.
    ///
    /// # Errors
    /// As [`Repository::compare`].
    pub fn standing(&self, revision: Option<&str>) -> Result<Comparison, GitError> {
        self.store.with(|handle| {
            let missing = self.store.missing;
            let head = match revision {
                Some(revision) => resolve(handle, missing, revision)?,
                None if handle.is_bare() => return Err(GitError::Bare { path: handle.path().to_owned() }),
                None => checked_out(handle, missing)?,
            };
            let root = commit(handle, missing, head.id)?.tree_id();
            let committed = differences(handle, missing, None, Some(root))?;
            let (changes, landing) = if revision.is_some() {
                (committed, Tree::new(Arc::clone(&self.store), root))
            } else {
                let (uncommitted, disk) = worktree::differences(handle, missing, root)?;
                let top = overlay(&uncommitted)?;
                let tree = Tree::layered(Arc::clone(&self.store), root, top, HashMap::new(), disk);
                (chain(committed, uncommitted), tree)
            };
            // What is on the branch that pull requests land on has been reviewed; the rest may never be.
            let reviewed = match default_base(handle, missing) {
                Ok(base) if revision.is_some() && builds_on(handle, head.id, base.id) => root,
                Ok(base) => commit(handle, missing, base.id)?.tree_id(),
                Err(_) => root,
            };
            Ok(Comparison {
                reviewed: self.tree(reviewed),
                base: Tree::empty(Arc::clone(&self.store)),
                head: landing.clone(),
                landing,
                base_commit: String::new(),
                base_name: String::new(),
                commits: None,
                head_commit: revision.map(|_| head.id.to_string()),
                changes: changes_from(changes)?,
            })
        })
    }
}
