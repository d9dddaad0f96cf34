//! Justifications that a change of policy or label exports makes count: entries of which nobody had to approve what they
//! allow, and of which the base will say from then on that somebody did.

use super::RunError;
use super::config::Config;
use super::overlay;
use crate::access::{GrantorAccess, grantor_access};
use crate::git::Comparison;
use crate::judge::{requirement, user_type_by};
use crate::org::Org;
use crate::policy::{self, Duty, Enforcement, Entry, LABELS, Policy};
use crate::source::{RepoPath, Snapshot};
use crate::tiers::{Classified, OwnLabels, Said, Tiers};
use crate::words::{FieldMap, FieldName, Grantor};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The entries, each with its field, in the order of the files.
///
/// # Errors
/// When a listing cannot be read.
pub(super) fn counting(
    comparison: &Comparison,
    config: &Config,
    (base, landing): (&Org<'_>, &Org<'_>),
    today: Date,
) -> Result<Vec<(Entry, FieldName)>, RunError> {
    let decides = |path: &RepoPath| path.as_str() == policy::POLICY_PATH || path.as_str().starts_with(LABELS);
    if config.standing || !comparison.changes.iter().any(|change| decides(&change.path)) {
        return Ok(Vec::new());
    }
    let next = next_policy(comparison)?.unwrap_or_else(|| config.policy.clone());
    let (exported, _) = overlay::load(&comparison.landing, &next, false)?;
    let fields: BTreeSet<FieldName> = config.entries.iter().flat_map(Entry::fields).collect();
    let tiers = |said: Said<'_>| Tiers::new(&OwnLabels::new(said, base, landing)).after(&fields).tiers;
    let now = tiers(config.said(today));
    let then = tiers(Said { policy: &next, labels: &exported.labels, ..config.said(today) });
    let mut holders: BTreeMap<&Grantor, GrantorAccess> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in &config.entries {
        let holder = holders.entry(&entry.grantor).or_insert_with(|| grantor_access(landing, &entry.grantor));
        for field in entry.fields() {
            let asks = |policy: &Policy, tiers: &FieldMap<Classified>| {
                asks(policy, (entry, holder), tiers.get(&field))
            };
            let complete = || {
                then.get(&field).is_some_and(|of| {
                    entry.lacks(&next, next.tiers.group_duties(&of.label), today).is_empty()
                })
            };
            if asks(&next, &then) && !asks(&config.policy, &now) && complete() {
                found.push((entry.clone(), field));
            }
        }
    }
    Ok(found)
}

/// Whether a policy asks for an approval of an entry, and blocks without one.
fn asks(policy: &Policy, (entry, holder): (&Entry, &GrantorAccess), of: Option<&Classified>) -> bool {
    let Some(of) = of else { return false };
    let user_type = user_type_by(policy, &entry.grantor, &holder.licenses);
    let duty = requirement(policy, (&entry.grantor, user_type), (of.tier, &of.label), entry.access);
    duty == Duty::Approve && policy.tiers.enforcement(of.tier) != Enforcement::Advisory
}

/// The policy after the merge. One that cannot be read leaves the run undecided, and one that goes leaves the built-in one.
fn next_policy(comparison: &Comparison) -> Result<Option<Policy>, RunError> {
    let path = RepoPath::from(policy::POLICY_PATH);
    let Some(entry) = comparison.landing.entry(&path)? else { return Ok(Some(Policy::default())) };
    let read = comparison.landing.read(entry)?;
    Ok(policy::read_policy(&read, &crate::rules::policy_keys()).ok())
}
