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
    let trees = [&comparison.base, &comparison.head, &comparison.landing];
    if inside(repository, &path).iter().any(|inside| trees.iter().any(|tree| has(*tree, inside))) {
        return Err(RunError::Setup(format!(
            "`{}` is a file of the repository that is judged, so the author of a change could write it; check the policy out \
             from a repository of its own",
            path.display()
        )));
    }
    parsed(&path).map(Some)
}

/// The path within the work tree, as it is written and where it leads to: the author may have put a link there.
fn inside(repository: &Repository, path: &Path) -> Vec<RepoPath> {
    let Some(root) = repository.work_tree() else { return Vec::new() };
    let roots = [std::path::absolute(&root).ok(), root.canonicalize().ok()];
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    let resolved = folder.zip(path.file_name()).map(|(folder, name)| folder.join(name));
    let written = [std::path::absolute(path).ok(), resolved, path.canonicalize().ok()];
    let within = |path: &PathBuf| {
        let rest = roots.iter().flatten().find_map(|root| path.strip_prefix(root).ok())?;
        let parts: Vec<_> = rest.iter().map(|part| part.to_string_lossy()).collect();
        Some(RepoPath::from(parts.join("/").as_str()))
    };
    written.iter().flatten().filter_map(within).collect()
}

/// Whether a tree has the file, or something above it that is no folder. What cannot be listed may have it.
fn has(tree: &dyn Snapshot, path: &RepoPath) -> bool {
    let above = path.as_str().match_indices('/').map(|(at, _)| RepoPath::from(&path.as_str()[..at]));
    above.chain([path.clone()]).any(|path| !matches!(tree.entry(&path), Ok(None)))
}

fn parsed(path: &Path) -> Result<GivenPolicy, RunError> {
    let io = |source| RunError::Io { what: format!("cannot read the policy `{}`", path.display()), source };
    // An empty policy is the built-in one, and a device says nothing: nobody means that who names a file.
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err(RunError::Setup(format!("the policy `{}` is no regular file", path.display())));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let is_said = |line: &str| !line.is_empty() && !line.starts_with('#') && line != "---";
    let text = String::from_utf8_lossy(&bytes);
    if !text.trim_start_matches('\u{feff}').lines().any(|line| is_said(line.trim())) {
        return Err(RunError::Setup(format!("the policy `{}` is empty; write `version: 1`", path.display())));
    }
    let digest: String = Sha256::digest(&bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let shown = path.display().to_string();
    let file = Arc::new(SourceFile::new(RepoPath::from(shown.as_str()), bytes));
    let policy = policy::read_policy(&file, &rules::policy_keys())
        .map_err(|all| RunError::Several(all.iter().map(ToString::to_string).collect()))?;
    Ok(GivenPolicy { policy, words: format!("`{shown}` (SHA-256 {digest})") })
}
