//! `approved_on`: entries that were approved on a branch that leads to this one.
//!
//! Most teams promote: develop, then uat, then main. The gate of the first branch asked for an approval of an entry; that of the
//! next one need not ask again, if the same is at stake. The branch must be judged by the same policy and labels, since only
//! then its gate asked for what this one asks for.

use super::RunError;
use super::config::{self, Asked, Config};
use super::judge::judge;
use crate::git::{Comparison, Repository};
use crate::judge::{ApprovedElsewhere, Judge};
use crate::policy::{self, Duty, Enforcement, Entry, EntrySet};
use crate::source::{ContentId, RepoPath, Snapshot};
use crate::words::{FieldName, Grantor, counted};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

type Found = BTreeMap<(RepoPath, u32, FieldName), ApprovedElsewhere>;

/// Finds what was approved on the branches that the policy names, and says in remarks what of them counts.
pub(super) fn look(
    repository: &Repository,
    comparison: &Comparison,
    config: &mut Config,
    today: Date,
) -> Result<(), RunError> {
    let branches = config.policy.approved_on.clone();
    for branch in branches.iter().filter(|_| !config.standing && config.policy_is_known) {
        let Some(tip) = repository.branch_tip(branch) else {
            config.remarks.push(format!(
                "this clone has no branch `{branch}`, which `approved_on` names, so what was approved there does not count; fetch it"
            ));
            continue;
        };
        if tip == comparison.base_commit {
            continue;
        }
        let there = repository.standing(Some(&tip))?;
        if !is_judged_alike(comparison, &there, config.policy_words.is_some())? {
            config.remarks.push(format!(
                "`{branch}` has another policy or other labels than the base, so what was approved there does not count"
            ));
            continue;
        }
        let found = on_branch(&there, config, today)?;
        if !found.is_empty() {
            let entries = counted(found.len(), "justification", "justifications");
            let short = tip.get(..10).unwrap_or(&tip);
            config.remarks.push(format!(
                "{entries} of `{branch}` ({short}) may count as approved there (`approved_on`)"
            ));
        }
        config.approved_elsewhere.extend(found);
    }
    Ok(())
}

/// Whether the gate of a branch judges by the same policy and labels as that of the base.
fn is_judged_alike(base: &Comparison, there: &Comparison, is_given: bool) -> Result<bool, RunError> {
    let files = |tree: &dyn Snapshot| -> Result<Vec<(RepoPath, ContentId)>, RunError> {
        let decides =
            |path: &str| path.starts_with(policy::LABELS) || (!is_given && path == policy::POLICY_PATH);
        let all = tree.entries()?.iter().filter(|entry| decides(entry.path.as_str()));
        Ok(all.map(|entry| (entry.path.clone(), entry.content)).collect())
    };
    Ok(files(&base.base)? == files(&there.landing)?)
}

/// The entries of this change that a branch has word for word, and for which its gate asked for an approval.
fn on_branch(there: &Comparison, config: &Config, today: Date) -> Result<Found, RunError> {
    let mut theirs = config::load(there, Asked::Standing, Some(config.policy.clone()))?;
    theirs.also = config.entries.iter().flat_map(Entry::fields).collect();
    let entries: EntrySet = theirs.entries.iter().collect();
    let shared: Vec<&Entry> = config.entries.iter().filter(|entry| entries.has_no_shorter(entry)).collect();
    if shared.is_empty() {
        return Ok(Found::new());
    }
    let (verdict, found) = judge(there, theirs, today, |cx, _| {
        let mut found = Found::new();
        for entry in shared {
            for field in entry.fields() {
                let key = (entry.place.path().clone(), entry.place.span.start, field.clone());
                found.extend(stakes(cx, entry, &field).map(|stakes| (key, stakes)));
            }
        }
        found
    })?;
    // What cannot be read there may be what decided.
    Ok(if verdict.undecided.is_empty() { found } else { Found::new() })
}

/// What is at stake for an entry on the branch, if its gate asked for an approval there and blocked without one.
fn stakes(cx: &Judge<'_>, entry: &Entry, field: &FieldName) -> Option<ApprovedElsewhere> {
    let (holder, of) = (&entry.grantor, cx.classified(field));
    let is_held = cx.facts.on_landing.contains(holder)
        && cx.access_of(holder).is_some_and(|a| a.reach(holder, field).is_some());
    let (duty, _) = cx.duty(holder, of, entry.access);
    let asked = duty == Duty::Approve && cx.may_open(holder, of);
    let blocked = cx.policy.tiers.enforcement(of.tier) != Enforcement::Advisory;
    if !is_held || !asked || !blocked || !cx.lacks(entry, std::slice::from_ref(field)).is_empty() {
        return None;
    }
    let groups: BTreeSet<Grantor> = cx
        .delta
        .landing
        .iter()
        .filter(|(_, access)| access.members.contains(holder))
        .map(|(group, _)| group.clone())
        .collect();
    let exposed = groups.iter().map(|group| cx.user_type(group)).max();
    let own = cx.user_type(holder);
    Some(ApprovedElsewhere {
        tier: of.tier,
        groups: of.label.compliance_groups.clone(),
        inputs: of.inputs.clone(),
        user_type: exposed.map_or(own, |most| most.max(own)),
        handed_out_by: groups,
    })
}
