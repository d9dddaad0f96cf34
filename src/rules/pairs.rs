//! Pairs of a holder (a permission set, profile or group) and a field that a change makes worse, and how each stands.
//!
//! This is the net under the rules: it knows no wording and no rule, so what two rules leave to each other is seen
//! here all the same. `unexplained_access` tells what is left.

use super::context::{Context, Justified};
use super::{Classified, Known};
use crate::access::{Exposure, Gone, Opened};
use crate::policy::{Duty, Entry};
use crate::words::{Access, FieldName, Grantor, GrantorKind, Tier};
use std::collections::{BTreeMap, BTreeSet};

/// What makes a pair worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worse {
    /// Its access rises.
    Access,
    /// The policy asks for more than before, or the tier rises.
    Requirement,
    /// More exposed people can hold it.
    UserType,
    /// The field shows a classified field that it did not show before.
    Shows,
    /// A reason that counted is gone.
    Reason,
}

/// How a pair stands that is not fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lack {
    /// A reason is there; an approval is not.
    Approval,
    /// Nothing justifies it.
    Reason,
    /// The policy does not allow it, whatever is written or approved.
    NotAllowed,
}

/// A pair that a change makes worse and that does not have what the policy asks for.
#[derive(Clone, Debug)]
pub(super) struct OpenPair {
    pub(super) exposure: Exposure,
    /// How far the field is reached in fact: what the platform sets nobody edits.
    pub(super) access: Access,
    pub(super) worse: Worse,
    pub(super) lack: Lack,
}

/// A pair that is worse, whatever it has.
struct Candidate<'c> {
    exposure: &'c Exposure,
    before: Option<Access>,
    access: Access,
    worse: Worse,
}

/// A holder and a field.
type Key<'c> = (&'c Grantor, &'c FieldName);

/// Every pair of the change that is worse and open.
pub(super) fn open_pairs(cx: &Context<'_>) -> Vec<OpenPair> {
    // Whatever exists already is an audit's, and has rules of its own.
    if cx.standing {
        return Vec::new();
    }
    let mut worse: BTreeMap<Key<'_>, Candidate<'_>> = BTreeMap::new();
    for opened in cx.opened() {
        let candidate = opened_wider(cx, opened).filter(|c| !goes(cx, &c.exposure.grantor));
        if let Some(candidate) = candidate {
            worse.entry((&opened.exposure.grantor, &opened.exposure.field)).or_insert(candidate);
        }
    }
    for change in cx.delta.label_changes.iter().chain(&cx.facts.dependents) {
        for standing in cx.facts.standing.values() {
            let Some(exposure) = standing.exposures.get(&change.field) else { continue };
            let candidate =
                under_a_change(cx, &change.whole, exposure).filter(|c| !goes(cx, &c.exposure.grantor));
            if let Some(candidate) = candidate {
                worse.entry((&exposure.grantor, &exposure.field)).or_insert(candidate);
            }
        }
    }
    let told_at_a_member: BTreeSet<Key<'_>> =
        worse.iter().filter(|(_, c)| told_at_a_member(cx, c, &worse)).map(|(key, _)| *key).collect();
    let own = worse.iter().filter(|(key, _)| !told_at_a_member.contains(*key));
    let mut open: Vec<OpenPair> = own.filter_map(|(_, candidate)| open(cx, candidate)).collect();
    open.extend(without_their_reason(cx));
    open
}

/// The file of the holder goes: `definition-removed` tells its pairs, and it alone.
fn goes(cx: &Context<'_>, holder: &Grantor) -> bool {
    cx.delta.removed.iter().any(|removed| matches!(&removed.gone, Gone::Grantor(gone) if gone == holder))
}

/// A new or wider access, or one whose holder goes to more exposed people.
fn opened_wider<'c>(cx: &Context<'c>, opened: &'c Opened) -> Option<Candidate<'c>> {
    let exposure = &opened.exposure;
    let Exposure { grantor, field, .. } = exposure;
    let before = opened.before.map(|access| cap(access, cx.classified_before(field)));
    let access = cap(exposure.access, cx.classified(field));
    let worse = if before < Some(access) {
        Worse::Access
    } else if cx.principal_rises(grantor) {
        Worse::UserType
    } else {
        return None;
    };
    Some(Candidate { exposure, before, access, worse })
}

/// Access that the change leaves alone to a field whose definition it changes, or what that reads. `whole` is the name
/// that all names of the field lead to.
fn under_a_change<'c>(cx: &Context<'c>, whole: &FieldName, exposure: &'c Exposure) -> Option<Candidate<'c>> {
    let Exposure { grantor, field, .. } = exposure;
    let (was, is) = (cx.classified_before(field), cx.classified(field));
    let reached = match cx.delta.base.get(grantor) {
        // An entry may call the field by the name that all its names lead to.
        Some(access) => access
            .reach(grantor, field)
            .into_iter()
            .chain(access.reach(grantor, whole))
            .max_by_key(|e| e.access),
        None => Some(exposure.clone()),
    };
    let existed = |e: &Exposure| e.by_entry() || !matches!(was.known, Known::Unknown);
    let before = reached.filter(existed).map(|e| cap(e.access, was));
    let access = cap(exposure.access, is);
    let duty = |of: &Classified| cx.duty(grantor, of, access).0;
    let worse = if before < Some(access) {
        Worse::Access
    } else if !is.inputs.is_subset(&was.inputs) {
        Worse::Shows
    } else if is.tier > was.tier || duty(is) > duty(was) {
        Worse::Requirement
    } else {
        return None;
    };
    Some(Candidate { exposure, before, access, worse })
}

/// Classified fields that a field newly shows.
pub(super) fn newly_shown<'c>(cx: &'c Context<'_>, field: &FieldName) -> Vec<&'c FieldName> {
    cx.classified(field).inputs.difference(&cx.classified_before(field).inputs).collect()
}

/// What the platform sets, a formula say, nobody edits.
fn cap(access: Access, of: &Classified) -> Access {
    if of.computed { Access::Read } else { access }
}

/// A group needs nothing of its own for what a member is told for: a member that was in the group before, had then no
/// more than the group, has now as much, and is held by no less exposed people.
fn told_at_a_member(
    cx: &Context<'_>,
    group: &Candidate<'_>,
    worse: &BTreeMap<Key<'_>, Candidate<'_>>,
) -> bool {
    let holder = &group.exposure.grantor;
    if holder.kind != GrantorKind::PermissionSetGroup {
        return false;
    }
    let members = |side: &BTreeMap<Grantor, crate::access::GrantorAccess>| {
        side.get(holder).map(|access| access.members.clone()).unwrap_or_default()
    };
    let now = match cx.facts.standing.get(holder) {
        Some(standing) => standing.access.members.clone(),
        None => members(&cx.delta.landing),
    };
    // A group that the change leaves alone has the members that it had.
    let before = if cx.delta.base.contains_key(holder) { members(&cx.delta.base) } else { now.clone() };
    now.intersection(&before).any(|member| {
        let told = worse.get(&(member, &group.exposure.field));
        told.is_some_and(|m| {
            m.worse == group.worse
                && m.access >= group.access
                && m.before <= group.before
                && cx.principal(holder) <= cx.principal(member)
        })
    })
}

/// A label that the change lowers does not speak for what the same change makes worse.
fn judged_as<'c>(cx: &'c Context<'_>, field: &FieldName) -> &'c Classified {
    let (was, is) = (cx.classified_before(field), cx.classified(field));
    // What a masking takes out of a formula is approved with the masking.
    if was.own().tier > is.own().tier { was } else { is }
}

fn open(cx: &Context<'_>, candidate: &Candidate<'_>) -> Option<OpenPair> {
    let exposure = candidate.exposure;
    if candidate.worse == Worse::Requirement && cx.accepted(exposure) {
        return None;
    }
    let lack = lack(cx, exposure, candidate.access)?;
    let (access, worse) = (candidate.access, candidate.worse);
    Some(OpenPair { exposure: exposure.clone(), access, worse, lack })
}

/// What a pair lacks of what the policy asks for; `None` where it has all of it.
fn lack(cx: &Context<'_>, exposure: &Exposure, access: Access) -> Option<Lack> {
    let of = judged_as(cx, &exposure.field);
    let (duty, _) = cx.duty(&exposure.grantor, of, access);
    if duty == Duty::Allow && of.tier == Tier::Open {
        return None;
    }
    if !cx.policy.tiers.kind_allowed(of.tier, exposure.grantor.kind) || duty == Duty::Deny {
        return Some(Lack::NotAllowed);
    }
    match cx.justified_as(&exposure.grantor, &exposure.field, access, of) {
        _ if duty == Duty::Allow => None,
        Justified::Yes { approved, .. } => (duty == Duty::Approve && !approved).then_some(Lack::Approval),
        Justified::Lacking(..) | Justified::No => Some(Lack::Reason),
    }
}

/// Pairs whose reason goes or is narrowed while the access stays.
fn without_their_reason(cx: &Context<'_>) -> Vec<OpenPair> {
    let gone = cx.facts.base_entries.iter().filter(|entry| !cx.kept(entry));
    let counted = |entry: &&Entry| cx.lacks(entry, &entry.fields()).is_empty() && !goes(cx, &entry.grantor);
    let mut open = Vec::new();
    for entry in gone.filter(counted) {
        let holder = &entry.grantor;
        let access = cx.delta.landing.get(holder).or_else(|| cx.facts.named.get(holder));
        let Some(access) = access else { continue };
        for field in entry.fields() {
            let Some(exposure) = access.reach(holder, &field) else { continue };
            let reached = cap(exposure.access, cx.classified(&field));
            if !entry.matches(holder, &field, reached) {
                continue;
            }
            let lack = lack(cx, &exposure, reached);
            open.extend(lack.map(|lack| OpenPair { exposure, access: reached, worse: Worse::Reason, lack }));
        }
    }
    open
}
