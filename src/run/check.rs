//! `flsgate check`: what does this change open?

use super::RunError;
use super::config::{self, Asked, Config};
use super::given_policy::{self, GivenPolicy};
use super::judge::judge;
use super::promoted;
use super::relocate;
use crate::gate::Verdict;
use crate::git::{self, Comparison, Repository};
use crate::policy::Approvers;
use crate::source::RepoPath;
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// What to compare, and the day that expiry dates are compared with.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// Revision of the base; `None` is the default branch of the upstream.
    pub base: Option<String>,
    /// Revision of the head; `None` is the working tree.
    pub head: Option<String>,
    /// A policy to judge by in place of that of the base; it must not be a file of the repository.
    pub policy: Option<PathBuf>,
    /// Judges as if nothing were justified: what is held back only by a written reason?
    pub without_justifications: bool,
    /// Today.
    pub today: Date,
}

/// Judges a change.
///
/// # Errors
/// When the repository or the revisions cannot be read. What cannot be read inside them is part of
/// the verdict.
pub fn check(options: &CheckOptions) -> Result<Verdict, RunError> {
    let repository = Repository::open(&options.repository)?;
    let request = git::Request { base: repository.base(options.base.as_ref())?, head: options.head.clone() };
    let comparison = repository.compare(&request)?;
    let given = given_policy::trusted(&repository, &comparison, options.policy.as_deref())?;
    let mut config = config::load_under(&comparison, Asked::Change, given)?;
    if options.without_justifications {
        config.forget_justifications();
    }
    verdict(&repository, &comparison, config, options.today)
}

/// Files and folders as this repository calls them.
///
/// # Errors
/// When there is none of this name, or it lies outside the repository.
pub fn paths_in(repository: &Path, files: &[PathBuf]) -> Result<Vec<RepoPath>, RunError> {
    let root = Repository::open(repository)?.work_tree();
    let root = root.and_then(|root| root.canonicalize().ok());
    let path = |file: &PathBuf| {
        let full = file.canonicalize().ok();
        let inside =
            full.as_deref().zip(root.as_deref()).and_then(|(full, root)| full.strip_prefix(root).ok());
        let parts =
            inside.map(|path| path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"));
        parts.map(|path| RepoPath::from(path.as_str())).ok_or_else(|| {
            let name = file.display().to_string();
            let is_revision = Repository::open(repository).is_ok_and(|r| r.standing(Some(&name)).is_ok());
            RunError::Setup(match is_revision {
                true => format!("`{name}` is a revision; to compare with it, write `--base {name}`"),
                false => format!("there is no `{name}` in the work tree; name a file or a folder of it"),
            })
        })
    };
    files.iter().map(path).collect()
}

/// Judges a comparison, however it was found. Also gives the approvers that the policy of the base names.
pub(super) fn judged(
    repository: &Repository,
    comparison: &Comparison,
    given: Option<&GivenPolicy>,
    today: Date,
) -> Result<(Verdict, Approvers), RunError> {
    let config = config::load_under(comparison, Asked::Change, given.cloned())?;
    let approvers = config.policy.approvers.clone();
    Ok((verdict(repository, comparison, config, today)?, approvers))
}

fn verdict(
    repository: &Repository,
    comparison: &Comparison,
    mut config: Config,
    today: Date,
) -> Result<Verdict, RunError> {
    promoted::look(repository, comparison, &mut config, today)?;
    let (mut verdict, ()) = judge(comparison, config, today, |_, _, _| ())?;
    let reads = repository.reads();
    verdict.read.files = reads.files;
    verdict.read.bytes = reads.bytes;
    relocate::to_head(&mut verdict, comparison)?;
    Ok(verdict.decide())
}
