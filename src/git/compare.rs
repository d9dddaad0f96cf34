//! From a request to the sides of a comparison.

use super::error::GitError;
use super::merge::merge;
use super::repository::{Named, Repository, checked_out, commit, default_base, merge_bases, resolve};
use super::tree::{Tree, overlay};
use super::walk::{Difference, differences, repo_path};
use super::worktree;
use crate::source::{Entry, RepoPath};
use git2::Oid;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What to compare. Any way of naming a revision works: branch, tag, commit id, `HEAD~1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The side that is already there. `None`: the default branch of `origin`, else the local
    /// `main` or `master`.
    pub base: Option<String>,
    /// What would go in. `None`: the working tree, against the point where it left the base.
    pub head: Option<String>,
}

/// The sides of a comparison.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The side that is already there.
    pub base: Tree,
    /// What the author wrote; line numbers that are shown are of this side.
    pub head: Tree,
    /// What would land: the head itself where it builds on the base, else the merge of both.
    pub landing: Tree,
    /// Whose justifications count as reviewed: the base; of one side alone, the branch that pull requests land on.
    pub reviewed: Tree,
    /// The base's commit in full hex.
    pub base_commit: String,
    /// What the base was asked for as, or found by: a branch, say.
    pub base_name: String,
    /// Commits of the head that the base does not have; `None` where the history is cut.
    pub commits: Option<usize>,
    /// The head's commit in full hex; `None` is the working tree.
    pub head_commit: Option<String>,
    /// What differs from base to landing, sorted by path. Renames are a removal and an addition; a
    /// change of the executable bit alone is none.
    pub changes: Vec<Change>,
}

/// One path that differs. At least one side is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub path: RepoPath,
    /// What the base has.
    pub old: Option<Entry>,
    /// What would land.
    pub new: Option<Entry>,
}

impl Repository {
    /// Finds the sides that `request` names, and what differs.
    ///
    /// With a head that does not descend from the base, the merge of both is made in memory; neither
    /// the working tree nor the object database is written to. The `.gitattributes` files of the
    /// repository have no say in that merge: a gate must not let a pull request choose how it is
    /// merged, so `merge=union` that would hide a conflict is a conflict here. libgit2 follows renamed
    /// files but not renamed folders: a file that the head adds to a folder which the base renamed
    /// lands in the old folder here, in the new one with git.
    ///
    /// # Errors
    /// Any [`GitError`] except those of [`Repository::open`].
    pub fn compare(&self, request: &Request) -> Result<Comparison, GitError> {
        self.store.with(|handle| {
            let missing = self.store.missing;
            if request.head.is_none() && handle.is_bare() {
                return Err(GitError::Bare { path: handle.path().to_owned() });
            }
            let head = match &request.head {
                Some(revision) => resolve(handle, missing, revision)?,
                None => checked_out(handle, missing)?,
            };
            let base = match &request.base {
                Some(revision) => resolve(handle, missing, revision)?,
                None => default_base(handle, missing)?,
            };
            match request.head {
                Some(_) => self.compare_commits(handle, &base, &head),
                None => self.compare_worktree(handle, &base, &head),
            }
        })
    }

    fn compare_commits(
        &self,
        handle: &git2::Repository,
        base: &Named,
        head: &Named,
    ) -> Result<Comparison, GitError> {
        let missing = self.store.missing;
        let base_root = commit(handle, missing, base.id)?.tree_id();
        let head_root = commit(handle, missing, head.id)?.tree_id();
        let base_tree = self.tree(base_root).into_base();
        let (head_tree, landing, changes) = if builds_on(handle, base.id, head.id) {
            let changes = differences(handle, missing, Some(base_root), Some(head_root))?;
            let store = Arc::clone(&self.store);
            let head_tree = Tree::differing(store, head_root, &base_tree, overlay(&changes)?);
            (head_tree.clone(), head_tree, changes)
        } else {
            let bases = merge_bases(handle, missing, base, head)?;
            let merged = merge(handle, missing, &bases, base.id, head.id)?;
            let top = overlay(&merged.changes)?;
            let store = Arc::clone(&self.store);
            let tree = Tree::layered(store, base_root, top, merged.contents, worktree::Disk::default());
            (self.tree(head_root), tree, merged.changes)
        };
        Ok(Comparison {
            reviewed: base_tree.clone(),
            base: base_tree,
            head: head_tree,
            landing,
            base_commit: base.id.to_string(),
            base_name: base.name.clone(),
            commits: ahead(handle, base.id, head.id),
            head_commit: Some(head.id.to_string()),
            changes: changes_from(changes)?,
        })
    }

    fn compare_worktree(
        &self,
        handle: &git2::Repository,
        base: &Named,
        head: &Named,
    ) -> Result<Comparison, GitError> {
        let missing = self.store.missing;
        // Of several merge bases any will do: it only decides what counts as new.
        let base_id = merge_bases(handle, missing, base, head)?.first().copied().unwrap_or(base.id);
        let base_root = commit(handle, missing, base_id)?.tree_id();
        let head_root = commit(handle, missing, head.id)?.tree_id();
        let (uncommitted, disk) = worktree::differences(handle, missing, head_root)?;
        let top = overlay(&uncommitted)?;
        let committed = differences(handle, missing, Some(base_root), Some(head_root))?;
        let landing = Tree::layered(Arc::clone(&self.store), head_root, top, HashMap::new(), disk);
        let base_tree = self.tree(base_root).into_base();
        Ok(Comparison {
            reviewed: base_tree.clone(),
            base: base_tree,
            head: landing.clone(),
            landing,
            base_commit: base_id.to_string(),
            base_name: base.name.clone(),
            commits: ahead(handle, base_id, head.id),
            head_commit: None,
            changes: changes_from(chain(committed, uncommitted))?,
        })
    }

    pub(super) fn tree(&self, root: Oid) -> Tree {
        Tree::new(Arc::clone(&self.store), root)
    }
}

/// How many commits of the head the base does not have.
fn ahead(handle: &git2::Repository, base: Oid, head: Oid) -> Option<usize> {
    handle.graph_ahead_behind(head, base).ok().map(|(ahead, _)| ahead)
}

/// Whether the head is the base or descends from it. A history that cannot be walked (cut, or broken)
/// says no; looking for the merge base then reports what is wrong.
pub(super) fn builds_on(handle: &git2::Repository, base: Oid, head: Oid) -> bool {
    base == head || handle.graph_descendant_of(head, base).unwrap_or(false)
}

/// The differences from A to C, given those from A to B and from B to C. A path that comes back to
/// what A has is none.
pub(super) fn chain(first: Vec<Difference>, second: Vec<Difference>) -> Vec<Difference> {
    let mut all: BTreeMap<Vec<u8>, Difference> = first.into_iter().map(|d| (d.path.clone(), d)).collect();
    for later in second {
        match all.get_mut(&later.path) {
            Some(earlier) => earlier.new = later.new,
            None => {
                all.insert(later.path.clone(), later);
            }
        }
    }
    all.into_values().filter(|d| d.old != d.new).collect()
}

pub(super) fn changes_from(differences: Vec<Difference>) -> Result<Vec<Change>, GitError> {
    let mut changes = Vec::with_capacity(differences.len());
    for Difference { path, old, new } in differences {
        let path = repo_path(&path)?;
        let entry = |node: super::walk::Node| node.entry(path.clone());
        changes.push(Change { old: old.map(entry), new: new.map(entry), path });
    }
    changes.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}
