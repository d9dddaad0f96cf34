//! `flsgate check`: what does this change open?

use super::RunError;
use super::config::{self, Asked};
use super::judge::judge;
use super::relocate;
use crate::gate::Verdict;
use crate::git::{self, Comparison, Repository};
use crate::policy::Approvers;
use jiff::civil::Date;
use std::path::PathBuf;

/// What to compare, and the day that expiry dates are compared with.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// Revision of the base; `None` is the default branch of the upstream.
    pub base: Option<String>,
    /// Revision of the head; `None` is the working tree.
    pub head: Option<String>,
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
    let request = git::Request {
        base: options.base.clone().or_else(|| repository.configured_base()),
        head: options.head.clone(),
    };
    let comparison = repository.compare(&request)?;
    Ok(judged(&repository, &comparison, options.today)?.0)
}

/// Judges a comparison, however it was found. Also gives the approvers that the policy of the base names.
pub(super) fn judged(
    repository: &Repository,
    comparison: &Comparison,
    today: Date,
) -> Result<(Verdict, Approvers), RunError> {
    let config = config::load(comparison, Asked::Change, None)?;
    let approvers = config.policy.approvers.clone();
    let (mut verdict, ()) = judge(comparison, config, today, |_, _| ())?;
    let reads = repository.reads();
    verdict.read.files = reads.files;
    verdict.read.bytes = reads.bytes;
    relocate::to_head(&mut verdict, comparison)?;
    Ok((verdict.decide(), approvers))
}
