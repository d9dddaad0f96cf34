//! `flsgate simulate`: the same judgement under another policy, and what that changes.

use super::config::{self, Asked};
use super::judge::judge;
use super::{RunError, audit, given_policy, relocate};
use crate::finding::Finding;
use crate::gate::Verdict;
use crate::git::{Comparison, Repository, Request};
use crate::policy::Policy;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What to compare.
#[derive(Clone, Debug)]
pub struct SimulateOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// The other policy.
    pub policy: PathBuf,
    /// Revision of the base; `None` is the default branch of the upstream.
    pub base: Option<String>,
    /// Revision of the head; `None` is the working tree.
    pub head: Option<String>,
    /// Everything that stands, not a change.
    pub standing: bool,
    /// Today.
    pub today: Date,
}

/// Both verdicts, and what tells them apart.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// Under the policy that is in force.
    pub today: Verdict,
    /// Under the other one.
    pub then: Verdict,
    /// Findings, weightiest first, that only the other policy makes, or makes with other weight or words.
    pub more: Vec<Finding>,
    /// Findings that it no longer makes, or not with this weight and these words.
    pub less: Vec<Finding>,
}

/// Judges twice.
///
/// # Errors
/// When the repository or the other policy cannot be read.
pub fn simulate(options: &SimulateOptions) -> Result<Simulated, RunError> {
    let other = given_policy::read(&options.policy)?;
    let repository = Repository::open(&options.repository)?;
    let (comparison, asked) = if options.standing {
        (repository.standing(options.head.as_deref())?, Asked::Standing)
    } else {
        let request = Request { base: repository.base(options.base.as_ref())?, head: options.head.clone() };
        (repository.compare(&request)?, Asked::Change)
    };
    let today = verdict(&comparison, asked, None, options.today)?;
    let mut then = verdict(&comparison, asked, Some(other), options.today)?;
    then.policy = format!("`{}`", options.policy.display());
    // A message says what the tier needs, which may be more for a finding of the same weight.
    let key = |f: &Finding| (f.fingerprint(), f.severity, f.message.clone());
    let keys = |verdict: &Verdict| -> BTreeSet<_> { verdict.findings.iter().map(key).collect() };
    let (old, new) = (keys(&today), keys(&then));
    let only = |verdict: &Verdict, other: &BTreeSet<_>| -> Vec<Finding> {
        verdict.findings.iter().filter(|f| !other.contains(&key(f))).cloned().collect()
    };
    Ok(Simulated { more: only(&then, &old), less: only(&today, &new), today, then })
}

fn verdict(
    comparison: &Comparison,
    asked: Asked,
    under: Option<Policy>,
    today: Date,
) -> Result<Verdict, RunError> {
    let config = config::load(comparison, asked, under)?;
    if asked == Asked::Standing {
        return Ok(audit::accept(comparison, config, today)?.decide());
    }
    let (mut verdict, ()) = judge(comparison, config, today, |_, _, _| ())?;
    relocate::to_head(&mut verdict, comparison)?;
    Ok(verdict.decide())
}
