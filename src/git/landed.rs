//! A landing that somebody else made: the merge commit of a pull request, what a merge queue built, a
//! push. Compared tree by tree, so that no history is needed: a clone of depth two is enough.

use super::compare::{Comparison, changes_from};
use super::error::{GitError, Missing};
use super::merge::merge_trees;
use super::repository::{Named, Repository, checked_out, commit, merge_bases};
use super::tree::{Tree, overlay};
use super::walk::{Difference, differences};
use super::worktree;
use git2::Oid;
use std::sync::Arc;

/// Commits of one push that are asked for their pull requests.
const MAX_LANDED: usize = 30;

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
            Ok(Checkout { commit: commit.id().to_string(), parents: raw_parents(handle, missing, head.id)? })
        })
    }

    /// Whether the commit with this id is in the clone.
    pub fn has_commit(&self, id: &str) -> bool {
        let found =
            self.store.with(|handle| Ok(Oid::from_str(id).is_ok_and(|id| handle.find_commit(id).is_ok())));
        found.unwrap_or(false)
    }

    /// The tree of a commit, if the commit is in the clone.
    pub fn tree_of(&self, commit: &str) -> Option<String> {
        self.store.with(|handle| root(handle, self.store.missing, commit)).ok().map(|tree| tree.to_string())
    }

    /// The commits that a push brought onto its branch, newest first: those of the branch itself, not what they merge.
    /// Where history is cut, as many as are there.
    pub fn landed_since(&self, before: &str, after: &str) -> Vec<String> {
        let commits = self.store.with(|handle| {
            let mut found = Vec::new();
            let mut at = Oid::from_str(after).ok().and_then(|id| handle.find_commit(id).ok());
            while let Some(commit) = at {
                if commit.id().to_string() == before || found.len() == MAX_LANDED {
                    break;
                }
                found.push(commit.id().to_string());
                at = commit.parent(0).ok();
            }
            Ok(found)
        });
        commits.unwrap_or_default()
    }

    /// Trees of the points where a commit left `base`, as far as the history in the clone tells; `None` where it is
    /// cut. Several are possible where both sides have merged the same branch.
    pub fn began_at(&self, base: &str, commit_id: &str) -> Option<Vec<String>> {
        let trees = self.store.with(|handle| {
            let missing = self.store.missing;
            let named = |id: &str| {
                let absent = || GitError::MissingCommit { commit: id.to_owned() };
                Ok(Named { id: Oid::from_str(id).map_err(|_| absent())?, name: id.to_owned() })
            };
            let (base, head) = (named(base)?, named(commit_id)?);
            // The commit's own text names its parents where a shallow history is cut.
            if handle.is_shallow() && !raw_parents(handle, missing, head.id)?.contains(&base.name) {
                return Err(missing.no_merge_base(&base.name, &head.name));
            }
            let bases =
                if handle.is_shallow() { vec![base.id] } else { merge_bases(handle, missing, &base, &head)? };
            bases.into_iter().map(|id| Ok(commit(handle, missing, id)?.tree_id().to_string())).collect()
        });
        trees.ok()
    }

    /// What the tree `reviewed` changes in the tree `began`. Where the clone has no tree `began`, it is made from what
    /// landed: taking the changes of `base` out of it again leaves what both began with. `began` proves that it is.
    ///
    /// # Errors
    /// When a tree is missing and cannot be made.
    pub fn compare_reviewed(
        &self,
        reviewed: &str,
        began: &str,
        base: &str,
        landing: Option<&str>,
    ) -> Result<Comparison, GitError> {
        self.store.with(|handle| {
            let missing = self.store.missing;
            let absent = |id: &str| GitError::MissingCommit { commit: id.to_owned() };
            let tree = |id: &str| {
                let oid = Oid::from_str(id).map_err(|_| absent(id))?;
                let odb = handle.odb().map_err(|e| missing.object_error("read a folder", &e))?;
                if odb.exists(oid) { Ok(oid) } else { Err(absent(id)) }
            };
            let reviewed_root = tree(reviewed)?;
            let head = Tree::new(Arc::clone(&self.store), reviewed_root);
            let (base_tree, changes) = match tree(began) {
                Ok(began) => {
                    let changes = differences(handle, missing, Some(began), Some(reviewed_root))?;
                    (Tree::new(Arc::clone(&self.store), began), changes)
                }
                Err(error) => {
                    let landing = root(handle, missing, landing.ok_or(error)?)?;
                    let roots = [landing, reviewed_root, root(handle, missing, base)?];
                    let made = merge_trees(handle, missing, roots, false)?;
                    if made.tree.to_string() != began {
                        return Err(absent(began));
                    }
                    let top = overlay(&made.changes)?;
                    let store = Arc::clone(&self.store);
                    let tree =
                        Tree::layered(store, reviewed_root, top, made.contents, worktree::Disk::default());
                    (tree, made.changes.into_iter().map(Difference::turned_round).collect())
                }
            };
            let base_tree = base_tree.into_base();
            Ok(Comparison {
                reviewed: base_tree.clone(),
                base: base_tree,
                head: head.clone(),
                landing: head,
                base_commit: base.to_owned(),
                base_name: base.to_owned(),
                commits: None,
                head_commit: Some(reviewed.to_owned()),
                changes: changes_from(changes)?,
            })
        })
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
            let base_tree = tree(base_root).into_base();
            Ok(Comparison {
                reviewed: base_tree.clone(),
                base: base_tree,
                head: tree(head_root),
                landing: tree(landing_root),
                base_commit: base.to_owned(),
                base_name: base.to_owned(),
                commits: None,
                head_commit: Some(head.to_owned()),
                changes: changes_from(changes)?,
            })
        })
    }
}

/// The parents that a commit names. libgit2 forgets them where a shallow history is cut; the commit's text does not.
fn raw_parents(handle: &git2::Repository, missing: Missing, id: Oid) -> Result<Vec<String>, GitError> {
    let commit = commit(handle, missing, id)?;
    let header = commit.raw_header_bytes();
    let parents = header.split(|b| *b == b'\n').filter_map(|line| line.strip_prefix(b"parent "));
    Ok(parents.map(|id| String::from_utf8_lossy(id).into_owned()).collect())
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
