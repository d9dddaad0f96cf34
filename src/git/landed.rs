//! A landing that somebody else made: the merge commit of a pull request, what a merge queue built, a
//! push. Compared tree by tree, so that no history is needed: a clone of depth two is enough.

use super::compare::{Comparison, changes_from};
use super::error::{GitError, Missing};
use super::merge::{Merged, merge_trees};
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

    /// What a commit of a branch changed when it was looked at: from the point where it left `base`. Without the
    /// history between them that point is made from what landed, `landing`: taking the changes of `base` out of it
    /// again leaves what both began with.
    ///
    /// # Errors
    /// When a commit is missing, or the point can be found in neither way.
    pub fn compare_reviewed(
        &self,
        base: &str,
        landing: Option<&str>,
        reviewed: &str,
    ) -> Result<Comparison, GitError> {
        self.store.with(|handle| {
            let missing = self.store.missing;
            let named = |id: &str| {
                let absent = || GitError::MissingCommit { commit: id.to_owned() };
                Ok(Named { id: Oid::from_str(id).map_err(|_| absent())?, name: id.to_owned() })
            };
            let reviewed_root = root(handle, missing, reviewed)?;
            let head = Tree::new(Arc::clone(&self.store), reviewed_root);
            let (began, changes) =
                match (merge_bases(handle, missing, &named(base)?, &named(reviewed)?), landing) {
                    (Ok(bases), _) => {
                        let began =
                            commit(handle, missing, bases.first().copied().unwrap_or(Oid::ZERO_SHA1))?
                                .tree_id();
                        let changes = differences(handle, missing, Some(began), Some(reviewed_root))?;
                        (Tree::new(Arc::clone(&self.store), began), changes)
                    }
                    (Err(_), Some(landing)) => {
                        let roots =
                            [root(handle, missing, landing)?, reviewed_root, root(handle, missing, base)?];
                        let Merged { changes, contents } = merge_trees(handle, missing, roots, false)?;
                        let top = overlay(&changes)?;
                        let store = Arc::clone(&self.store);
                        let began =
                            Tree::layered(store, reviewed_root, top, contents, worktree::Disk::default());
                        (began, changes.into_iter().map(Difference::turned_round).collect())
                    }
                    (Err(error), None) => return Err(error),
                };
            Ok(Comparison {
                base: began.into_base(),
                head: head.clone(),
                landing: head,
                base_commit: base.to_owned(),
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
            Ok(Comparison {
                base: tree(base_root).into_base(),
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
