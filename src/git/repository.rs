//! Opening a repository, and finding the commits that a request means.

use super::error::{GitError, Missing};
use super::object;
use super::store::{Reads, Store};
use crate::words::nearest;
use git2::{BranchType, Commit, ErrorCode, ObjectType, Oid};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the base is when nobody names it, best first. Full names: a tag that happens to be called
/// `origin/main` must not become the base.
const DEFAULT_BASES: [&str; 5] = [
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
];

/// An opened git repository. Cheap to share between threads; the trees that come from it keep it
/// open.
pub struct Repository {
    pub(super) store: Arc<Store>,
}

impl Repository {
    /// Opens the repository that holds `path`: any folder inside a work tree, or a bare repository.
    ///
    /// # Errors
    /// [`GitError::NotARepository`], [`GitError::Owner`], [`GitError::Unsupported`], or
    /// [`GitError::Other`] with git's own words.
    pub fn open(path: &Path) -> Result<Self, GitError> {
        Ok(Repository { store: Arc::new(Store::open(path)?) })
    }

    /// The root of the work tree; `None` for a bare repository.
    pub fn work_tree(&self) -> Option<PathBuf> {
        self.store.with(|handle| Ok(handle.workdir().map(Path::to_owned))).ok().flatten()
    }

    /// The branch that pull requests most likely go into: the default one of `origin`, `main` or `master`, else what is
    /// checked out.
    pub fn main_branch(&self) -> Option<String> {
        let found = self.store.with(|handle| {
            let by_default = default_base(handle, self.store.missing).ok().map(|base| base.name);
            let by_default = by_default.map(|name| name.trim_start_matches("origin/").to_owned());
            // A branch without a commit is checked out all the same.
            let head = || {
                let head = handle.find_reference("HEAD").ok()?;
                Some(head.symbolic_target().ok()??.trim_start_matches("refs/heads/").to_owned())
            };
            Ok(by_default.or_else(head))
        });
        found.ok().flatten()
    }

    /// The commit of a branch as `origin` has it, else of the local one; nothing where this clone has neither. A tag of the
    /// name is none.
    pub fn branch_tip(&self, name: &str) -> Option<String> {
        let tip = |handle: &git2::Repository| {
            ["refs/remotes/origin/", "refs/heads/"].iter().find_map(|folder| {
                let branch = handle.find_reference(&format!("{folder}{name}")).ok()?;
                Some(branch.peel_to_commit().ok()?.id().to_string())
            })
        };
        self.store.with(|handle| Ok(tip(handle))).ok().flatten()
    }

    /// The base that was given, or the one that `git config flsgate.base` names: a setting of this machine, never of the files
    /// that are judged. Only who runs a command by hand asks for it; what has been reviewed does not depend on it.
    ///
    /// # Errors
    /// When the configured one names nothing here.
    pub fn base(&self, given: Option<&String>) -> Result<Option<String>, GitError> {
        let read = |handle: &git2::Repository| -> Result<String, git2::Error> {
            handle.config()?.snapshot()?.get_string("flsgate.base")
        };
        let configured = || self.store.with(|handle| Ok(read(handle).ok())).ok().flatten();
        let Some(base) = given.cloned().or_else(configured) else { return Ok(None) };
        let is_known = |handle: &git2::Repository| Ok(handle.revparse_single(&base).is_ok());
        if given.is_none() && !self.store.with(is_known)? {
            let next = "`git config flsgate.base` names it: set it again, or take it out with `git config --unset flsgate.base`";
            return Err(GitError::UnknownRevision { revision: base, next: next.to_owned() });
        }
        Ok(Some(base))
    }

    /// What has been read so far through the trees of this repository.
    pub fn reads(&self) -> Reads {
        self.store.reads()
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository").field("reads", &self.reads()).finish_non_exhaustive()
    }
}

/// A commit and the name under which it was asked for.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) id: Oid,
    pub(super) name: String,
}

/// The commit that `revision` names; annotated tags lead to their commit.
pub(super) fn resolve(
    handle: &git2::Repository,
    missing: Missing,
    revision: &str,
) -> Result<Named, GitError> {
    refuse_ambiguous(handle, revision)?;
    let object = handle.revparse_single(revision).map_err(|e| match e.code() {
        ErrorCode::NotFound | ErrorCode::InvalidSpec => {
            let remote = format!("origin/{revision}");
            let fetched = handle.find_reference(&format!("refs/remotes/{remote}")).is_ok();
            let local = revision.strip_prefix("origin/");
            let local = local.filter(|name| handle.find_branch(name, BranchType::Local).is_ok());
            let similar = match local {
                _ if fetched => Some(remote),
                Some(local) => Some(local.to_owned()),
                None => similar_name(handle, revision),
            };
            let kind = if revision.starts_with("origin/") { BranchType::Remote } else { BranchType::Local };
            missing.unknown_revision(revision, similar.as_deref(), &branches(handle, kind))
        }
        ErrorCode::Ambiguous => GitError::AmbiguousRevision {
            revision: revision.to_owned(),
            detail: "several objects have ids that begin so".to_owned(),
        },
        _ => missing.object_error("resolve a revision", &e),
    })?;
    let commit = object.peel_to_commit().map_err(|e| match e.code() {
        ErrorCode::NotFound => missing.object_error("resolve a revision", &e),
        _ => GitError::NotACommit { revision: revision.to_owned() },
    })?;
    Ok(Named { id: commit.id(), name: revision.to_owned() })
}

/// Branches that a message names.
const NAMED_BRANCHES: usize = 5;

/// The first branches by name: local ones, or those that were fetched.
fn branches(handle: &git2::Repository, kind: BranchType) -> Vec<String> {
    let Ok(branches) = handle.branches(Some(kind)) else { return Vec::new() };
    let names = branches.flatten().filter_map(|(branch, _)| Some(branch.name().ok()??.to_owned()));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.truncate(NAMED_BRANCHES);
    names
}

/// The branch or tag that was meant by a name with a slip in it.
fn similar_name(handle: &git2::Repository, revision: &str) -> Option<String> {
    let references = handle.references().ok()?;
    let names: Vec<String> =
        references.flatten().filter_map(|reference| reference.shorthand().ok().map(str::to_owned)).collect();
    nearest(revision, names.iter().map(String::as_str)).map(str::to_owned)
}

/// Git resolves `x` to the tag `x` before the branch `x` and only warns. Whoever may push a tag could
/// so move the base, hence a gate has to refuse.
fn refuse_ambiguous(handle: &git2::Repository, revision: &str) -> Result<(), GitError> {
    let name = revision.split(['~', '^', '@', ':']).next().unwrap_or(revision);
    let spaces = ["refs/tags/", "refs/heads/", "refs/remotes/"];
    let full: Vec<String> = spaces.iter().map(|space| format!("{space}{name}")).collect();
    let named: Vec<(&String, Oid)> = full
        .iter()
        .filter_map(|full| {
            let commit = handle.find_reference(full).ok()?.peel_to_commit().ok()?;
            Some((full, commit.id()))
        })
        .collect();
    let distinct: BTreeSet<Oid> = named.iter().map(|(_, id)| *id).collect();
    if distinct.len() < 2 {
        return Ok(());
    }
    let detail = named.iter().map(|(full, _)| format!("`{full}`")).collect::<Vec<_>>().join(" and ");
    Err(GitError::AmbiguousRevision {
        revision: revision.to_owned(),
        detail: format!("{detail} are different commits"),
    })
}

/// The base when nobody names one.
pub(super) fn default_base(handle: &git2::Repository, missing: Missing) -> Result<Named, GitError> {
    for name in DEFAULT_BASES {
        match handle.find_reference(name).and_then(|reference| reference.resolve()) {
            Ok(reference) => {
                let commit =
                    reference.peel_to_commit().map_err(|e| missing.object_error("resolve the base", &e))?;
                // `origin/HEAD` leads to the branch that people know.
                let name = reference.name().unwrap_or(name);
                let name = name.trim_start_matches("refs/remotes/").trim_start_matches("refs/heads/");
                return Ok(Named { id: commit.id(), name: name.to_owned() });
            }
            // Also a symbolic origin/HEAD whose target was never fetched.
            Err(e) if e.code() == ErrorCode::NotFound => {}
            Err(e) => return Err(missing.object_error("resolve the base", &e)),
        }
    }
    Err(GitError::MissingBase { branches: branches(handle, BranchType::Local), next: missing.base_advice() })
}

/// The commit that is checked out.
pub(super) fn checked_out(handle: &git2::Repository, missing: Missing) -> Result<Named, GitError> {
    let head = handle.head().map_err(|e| match e.code() {
        ErrorCode::UnbornBranch | ErrorCode::NotFound => GitError::Unborn,
        _ => missing.object_error("resolve `HEAD`", &e),
    })?;
    let commit = head.peel_to_commit().map_err(|e| missing.object_error("resolve `HEAD`", &e))?;
    Ok(Named { id: commit.id(), name: "HEAD".to_owned() })
}

/// The commit with this id.
pub(super) fn commit(handle: &git2::Repository, missing: Missing, id: Oid) -> Result<Commit<'_>, GitError> {
    let doing = "read a commit";
    let broken = |e: git2::Error| missing.object_error(doing, &e);
    let odb = handle.odb().map_err(broken)?;
    object::with(&odb, missing, (id, ObjectType::Commit), doing, |_| Ok(()))?;
    handle.find_commit(id).map_err(broken)
}

/// The best common ancestors; never empty.
pub(super) fn merge_bases(
    handle: &git2::Repository,
    missing: Missing,
    base: &Named,
    head: &Named,
) -> Result<Vec<Oid>, GitError> {
    match handle.merge_bases(base.id, head.id) {
        Ok(bases) if !bases.is_empty() => Ok(bases.to_vec()),
        Ok(_) => Err(missing.no_merge_base(&base.name, &head.name)),
        // NotFound is also what a commit behind the cut of a shallow clone gives.
        Err(e) if e.code() == ErrorCode::NotFound => Err(missing.no_merge_base(&base.name, &head.name)),
        Err(e) => Err(missing.object_error("find the merge base", &e)),
    }
}
