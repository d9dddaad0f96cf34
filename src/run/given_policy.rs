//! A policy that the caller names, in place of the one on the base: one policy for many repositories.
//!
//! It comes from whoever runs the gate, such as the organisation's required workflow. So it must not come from the
//! repository that is judged: there the author of the change writes.

use super::{RunError, files};
use crate::git::{Comparison, Repository};
use crate::policy::{self, Policy};
use crate::rules;
use crate::source::{RepoPath, Snapshot, SourceFile};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A policy and what it is called.
#[derive(Clone)]
pub(super) struct GivenPolicy {
    pub(super) policy: Policy,
    /// Its file and the beginning of its SHA-256, for people.
    pub(super) words: String,
}

/// Reads a policy that is tried, and trusted by nobody.
pub(super) fn read(path: &Path) -> Result<Policy, RunError> {
    Ok(parsed(path)?.policy)
}

/// Reads the policy that a run is to judge by, if one is named. A relative path starts where the run does.
pub(super) fn trusted(
    repository: &Repository,
    comparison: &Comparison,
    path: Option<&Path>,
) -> Result<Option<GivenPolicy>, RunError> {
    let Some(path) = path else { return Ok(None) };
    let path = if path.is_relative() { files::without_links(Path::new(""), path)? } else { path.to_owned() };
    if let Some(inside) = inside(repository, &path)
        && [&comparison.base, &comparison.head, &comparison.landing].iter().any(|tree| has(*tree, &inside))
    {
        return Err(RunError::Setup(format!(
            "`{}` is a file of the repository that is judged, so the author of a change could write it; check the policy out \
             from a repository of its own",
            path.display()
        )));
    }
    parsed(&path).map(Some)
}

/// The path within the work tree.
fn inside(repository: &Repository, path: &Path) -> Option<RepoPath> {
    let root = repository.work_tree()?.canonicalize().ok()?;
    let full: PathBuf = path.canonicalize().ok()?;
    let parts: Vec<_> = full.strip_prefix(root).ok()?.iter().map(|part| part.to_string_lossy()).collect();
    Some(RepoPath::from(parts.join("/").as_str()))
}

/// Whether a tree has the file, or something above it that is no folder. What cannot be listed may have it.
fn has(tree: &dyn Snapshot, path: &RepoPath) -> bool {
    let above = path.as_str().match_indices('/').map(|(at, _)| RepoPath::from(&path.as_str()[..at]));
    above.chain([path.clone()]).any(|path| !matches!(tree.entry(&path), Ok(None)))
}

fn parsed(path: &Path) -> Result<GivenPolicy, RunError> {
    let io = |source| RunError::Io { what: format!("cannot read the policy `{}`", path.display()), source };
    let bytes = std::fs::read(path).map_err(io)?;
    let digest: String = Sha256::digest(&bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let shown = path.display().to_string();
    let file = Arc::new(SourceFile::new(RepoPath::from(shown.as_str()), bytes));
    let policy = policy::read_policy(&file, &rules::policy_keys())
        .map_err(|all| RunError::Several(all.iter().map(ToString::to_string).collect()))?;
    Ok(GivenPolicy { policy, words: format!("`{shown}` (SHA-256 {digest})") })
}
