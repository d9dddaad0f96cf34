//! `approved_on`: entries that were approved on a branch that leads to this one.
//!
//! Most teams promote: develop, then uat, then main. The gate of the first branch asked for an approval of an entry; that of the
//! next one need not ask again, if the same is at stake. The branch must be judged by the same policy and labels, since only
//! then its gate asked for what this one asks for. All that is at stake is read from whole trees: of the branch, of this base
//! and of what would land.

use super::RunError;
use super::config::{self, Asked, Config};
use super::judge::judge;
use crate::access::GrantorAccess;
use crate::git::{Change, Comparison, Repository, Tree};
use crate::judge::{ApprovedElsewhere, Judge};
use crate::metadata::HandOutKind;
use crate::org::Org;
use crate::policy::{self, Duty, Enforcement, Entry, EntrySet};
use crate::source::{ContentId, RepoPath, Snapshot};
use crate::tiers::Known;
use crate::words::{FieldName, Grantor, PrincipalClass, counted};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// An entry by its place, and a field that it names.
type Key = (RepoPath, u32, FieldName);

/// What is at stake for an entry on one side.
struct Stakes {
    field: ApprovedElsewhere,
    /// Groups by which somebody has the field from the holder, and who can hold each.
    groups: BTreeMap<Grantor, PrincipalClass>,
    /// Files that hand the holder out, or one of these groups: by type, name and bytes.
    handed_out: BTreeSet<(HandOutKind, String, ContentId)>,
    /// Holders have it only in sessions in which it is activated.
    waits_for_activation: bool,
    /// The gate asks for an approval of the entry there, and blocks without one.
    is_asked: bool,
}

/// Finds what was approved on the branches that the policy names, and says in remarks what of them counts.
pub(super) fn look(
    repository: &Repository,
    comparison: &Comparison,
    config: &mut Config,
    today: Date,
) -> Result<(), RunError> {
    if config.standing || !config.policy_is_known {
        return Ok(());
    }
    for branch in config.policy.approved_on.clone() {
        let Some(tip) = repository.branch_tip(&branch) else {
            config.remarks.push(format!(
                "this clone has no branch `{branch}`, which `approved_on` names, so what was approved there does not count; run \
                 `git fetch origin {branch}:refs/remotes/origin/{branch}`"
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
        match on_branch(repository, comparison, &there, config, today)? {
            Err(why) => config.remarks.push(format!(
                "what was approved on `{branch}` does not count, since not all can be read: {why}"
            )),
            Ok(found) if found.is_empty() => {}
            Ok(found) => {
                let entries = counted(found.len(), "justification counts", "justifications count");
                let short = tip.get(..10).unwrap_or(&tip);
                config.remarks.push(format!(
                    "{entries} as approved on `{branch}` ({short}), which `approved_on` names"
                ));
                config.approved_elsewhere.extend(found);
            }
        }
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

/// New entries of this change that a branch has word for word, with no less at stake there than here; or what cannot be read.
fn on_branch(
    repository: &Repository,
    comparison: &Comparison,
    there: &Comparison,
    config: &Config,
    today: Date,
) -> Result<Result<BTreeMap<Key, ApprovedElsewhere>, String>, RunError> {
    let none = Ok(Ok(BTreeMap::new()));
    let theirs = config::load(there, Asked::Standing, Some(config.policy.clone()))?;
    let approved: EntrySet = theirs.entries.iter().collect();
    let landed: EntrySet = config.base_entries.iter().collect();
    let is_candidate = |entry: &&Entry| !landed.has_no_shorter(entry) && approved.has_no_shorter(entry);
    let entries: Vec<&Entry> = config.entries.iter().filter(is_candidate).collect();
    // A masking that has ended, or that only one side has, is another question.
    if entries.is_empty() || !theirs.maskings.iter().all(Vec::is_empty) {
        return none;
    }
    let before = repository.standing(Some(&comparison.base_commit))?;
    let here = standing_of(&comparison.landing, there)?;
    let [there, here, before] = [there, &here, &before].map(|side| at_stake(side, config, &entries, today));
    let (there, here, before) = match (there?, here?, before?) {
        (Ok(there), Ok(here), Ok(before)) => (there, here, before),
        (Err(why), ..) | (_, Err(why), _) | (.., Err(why)) => return Ok(Err(why)),
    };
    let counts = |(key, there): (Key, Stakes)| {
        let is_covered = there.is_asked
            && here.get(&key).is_some_and(|here| there.cover(here))
            && before.get(&key).is_none_or(|before| there.cover(before));
        is_covered.then_some((key, there.field))
    };
    Ok(Ok(there.into_iter().filter_map(counts).collect()))
}

/// A tree as if all of it were new. `like` is another one.
fn standing_of(tree: &Tree, like: &Comparison) -> Result<Comparison, RunError> {
    let all = tree.entries()?.iter();
    let changes = all.map(|entry| Change { path: entry.path.clone(), old: None, new: Some(entry.clone()) });
    Ok(Comparison {
        reviewed: tree.clone(),
        base: like.base.clone(),
        head: tree.clone(),
        landing: tree.clone(),
        base_commit: String::new(),
        base_name: String::new(),
        commits: None,
        head_commit: None,
        changes: changes.collect(),
    })
}

/// What is at stake for each entry on one side, by the labels of this base; or what cannot be read there.
fn at_stake(
    side: &Comparison,
    config: &Config,
    entries: &[&Entry],
    today: Date,
) -> Result<Result<BTreeMap<Key, Stakes>, String>, RunError> {
    let mut own = config::load(side, Asked::Standing, Some(config.policy.clone()))?;
    own.also = entries.iter().flat_map(|entry| entry.fields()).collect();
    own.labels.clone_from(&config.labels);
    own.exported_fls.clone_from(&config.exported_fls);
    own.exported.clone_from(&config.exported);
    let (verdict, found) = judge(side, own, today, |cx, _, org| {
        let mut found = BTreeMap::new();
        for entry in entries {
            for field in entry.fields() {
                let key = (entry.place.path().clone(), entry.place.span.start, field.clone());
                found.extend(stakes(cx, org, entry, &field).map(|stakes| (key, stakes)));
            }
        }
        found
    })?;
    Ok(match verdict.undecided.first() {
        Some(reason) => Err(format!("{}: {}", reason.path, reason.message)),
        None => Ok(found),
    })
}

/// What is at stake for an entry; nothing where its holder is not there, or what is there cannot be read.
fn stakes(cx: &Judge<'_>, org: &Org<'_>, entry: &Entry, field: &FieldName) -> Option<Stakes> {
    let (holder, of) = (&entry.grantor, cx.classified(field));
    if !org.has_grantor(holder) || !matches!(of.known, Known::Declared { .. }) {
        return None;
    }
    let (duty, _) = cx.duty(holder, of, entry.access);
    let held = cx.access_of(holder).and_then(|access| access.reach(holder, field));
    let is_held = held.is_some_and(|held| held.access >= entry.access);
    let is_asked = duty == Duty::Approve
        && cx.may_open(holder, of)
        && is_held
        && cx.policy.tiers.enforcement(of.tier) != Enforcement::Advisory
        && cx.lacks(entry, std::slice::from_ref(field)).is_empty();
    let with_holder = cx.delta.landing.iter().filter(|(_, access)| access.members.contains(holder));
    // Also where the holder comes to have the field: a group whose file goes still hands it out.
    let whole = org.canonical(field);
    let mutes = |access: &GrantorAccess| access.muted.get(&whole).is_some_and(|muted| !muted.edit_only);
    let groups: BTreeMap<Grantor, PrincipalClass> = with_holder
        .filter(|(_, access)| !mutes(access))
        .map(|(group, _)| (group.clone(), cx.user_type(group)))
        .collect();
    let mut handed_out = BTreeSet::new();
    for (path, kind, name) in org.index().hand_outs() {
        let (file, read) = org.hand_outs(path).ok()??;
        if read.all.iter().any(|one| one.grantor == *holder || groups.contains_key(&one.grantor)) {
            handed_out.insert((kind, name.to_ascii_lowercase(), fingerprint(file.bytes())));
        }
    }
    let field = ApprovedElsewhere {
        tier: of.tier,
        groups: of.label.compliance_groups.clone(),
        inputs: of.inputs.clone(),
        user_type: cx.user_type(holder),
    };
    let waits_for_activation = org.activation(holder).may_be();
    Some(Stakes { field, groups, handed_out, waits_for_activation, is_asked })
}

/// Equal bytes have equal ones.
fn fingerprint(bytes: &[u8]) -> ContentId {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(bytes);
    let mut id = [0; 20];
    id.copy_from_slice(&digest[..20]);
    ContentId::Object(id)
}

impl Stakes {
    /// Whether somebody who agreed to these has agreed to `other`.
    fn cover(&self, other: &Stakes) -> bool {
        let has_group = |group: &String| self.field.groups.iter().any(|own| own.eq_ignore_ascii_case(group));
        let is_held_alike = |(group, user_type): (&Grantor, &PrincipalClass)| {
            self.groups.get(group).is_some_and(|own| user_type <= own)
        };
        other.field.tier <= self.field.tier
            && other.field.groups.iter().all(has_group)
            && other.field.inputs.is_subset(&self.field.inputs)
            && other.field.user_type <= self.field.user_type
            && other.groups.iter().all(is_held_alike)
            && other.handed_out.is_subset(&self.handed_out)
            && (other.waits_for_activation || !self.waits_for_activation)
    }
}
