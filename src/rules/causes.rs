//! Which rule tells which open pair: the cause of the judgement, or why the pair is not allowed.
//!
//! Each open pair has one or more rules that speak of it: that of its cause, and that of what it lacks. It weighs as
//! much as the weightiest of them under the policy, which is the one that tells it; of equals the first.

use super::catalogue as rule;
use crate::access::{Bulk, EDIT_READ_ONLY_FIELDS, VIEW_ALL_FIELDS_GLOBAL};
use crate::finding::{RuleInfo, Severity};
use crate::judge::{Changed, Judge, Justified, Pair, State};
use crate::policy::Lacks;
use crate::words::{Access, Grantor, GrantorKind, Tier};
use std::collections::BTreeMap;

/// An open pair, and how much it weighs.
pub(super) struct Told<'c> {
    pub(super) pair: &'c Pair<'c>,
    pub(super) severity: Severity,
}

/// Open pairs by the rule that tells them.
#[derive(Default)]
pub(super) struct Causes<'c> {
    pub(super) told: BTreeMap<&'static str, Vec<Told<'c>>>,
    /// How many are told by nobody, since every rule that speaks of them is off.
    pub(super) switched_off: usize,
}

/// Finds for each open pair the rule that tells it.
pub(super) fn of<'c>(judge: &'c Judge<'c>) -> Causes<'c> {
    let mut causes = Causes::default();
    for pair in judge.pairs().iter().filter(|pair| pair.is_open()) {
        match teller(judge, pair) {
            (rule, Some(severity)) => causes.told.entry(rule.id).or_default().push(Told { pair, severity }),
            (_, None) => causes.switched_off += 1,
        }
    }
    causes
}

/// How much a finding of several pairs weighs.
pub(super) fn weight(told: &[&Told<'_>]) -> Severity {
    told.iter().map(|told| told.severity).max().unwrap_or(Severity::Note)
}

fn teller(judge: &Judge<'_>, pair: &Pair<'_>) -> (&'static RuleInfo, Option<Severity>) {
    let of = judge.judged_as(&pair.exposure.field);
    let cause = cause(judge, pair);
    // That a field has no field-level security is one thing, the access that somebody gains by it another: it is a grant
    // as any other, so a policy that lowers the rule about fields does not lower it.
    let grant =
        (cause.id == rule::FIELD_LEAVES_FLS.id).then(|| of_entry(pair, of.derived.is_some(), of.tier));
    let mut speak: Vec<_> = [Some(cause), fate(judge, pair), grant].into_iter().flatten().collect();
    // Why a grant is not allowed says more than that it is one.
    if pair.state == State::NotAllowed && is_grant(cause) {
        speak.rotate_left(1);
    }
    let weight = |info: &RuleInfo| judge.policy.severity_in(info, of.tier);
    let heaviest = speak.iter().copied().rev().max_by_key(|info| weight(info)).unwrap_or(cause);
    (heaviest, weight(heaviest))
}

/// Whether the rule is about single grants of a field.
fn is_grant(info: &RuleInfo) -> bool {
    let grants = [&rule::RESTRICTED_FIELD_GRANT, &rule::CONDITIONAL_FIELD_GRANT, &rule::CLASSIFIED_EDIT];
    grants.iter().any(|grant| grant.id == info.id) || info.id == rule::DERIVED_FIELD_ACCESS.id
}

/// The rule of what a pair lacks, where it is not that of the cause.
fn fate(judge: &Judge<'_>, pair: &Pair<'_>) -> Option<&'static RuleInfo> {
    let exposure = &pair.exposure;
    let of = judge.judged_as(&exposure.field);
    let justified = || judge.justified(&exposure.grantor, &exposure.field, exposure.access);
    match pair.state {
        State::NotAllowed if judge.duty(&exposure.grantor, of, exposure.access).1 => {
            Some(&rule::EXTERNAL_ACCESS)
        }
        State::NotAllowed if !judge.may_open(&exposure.grantor, of) => {
            Some(&rule::PROFILE_GRANTS_CLASSIFIED_FIELD)
        }
        State::NeedsApproval if matches!(justified(), Justified::Yes { .. }) => {
            Some(&rule::AWAITING_APPROVAL)
        }
        State::Unjustified => match justified() {
            Justified::Lacking(_, lacks) if lacks.iter().all(|l| matches!(l, Lacks::Expired(..))) => {
                Some(&rule::JUSTIFICATION_EXPIRED)
            }
            Justified::Lacking(..) => Some(&rule::JUSTIFICATION_INCOMPLETE),
            _ => None,
        },
        _ => None,
    }
}

/// The rule of what makes a pair worse.
fn cause(judge: &Judge<'_>, pair: &Pair<'_>) -> &'static RuleInfo {
    let of = judge.judged_as(&pair.exposure.field);
    let by_access = pair.worse.access || pair.worse.user_type;
    match pair.changed {
        Changed::Reason => &rule::JUSTIFICATION_REMOVED,
        // An entry or a permission that comes and gives no more than there was, such as one to edit a formula, is not
        // what makes it worse.
        _ if !by_access && pair.worse.shows => &rule::DERIVED_FIELD_ACCESS,
        _ if !by_access => match of.derived {
            Some(_) => &rule::DERIVED_FIELD_ACCESS,
            None => &rule::LABEL_RAISED_OVER_GRANTS,
        },
        _ if is_through_a_member(pair) => match is_unmuted(judge, pair) {
            true => &rule::UNMUTED_FIELD,
            false => &rule::GROUP_ACCESS,
        },
        Changed::Entry => of_entry(pair, of.derived.is_some(), of.tier),
        Changed::Bulk(bulk) => of_bulk(bulk),
        // The access rises with what the field is: new below View All Fields, without field-level security, no formula
        // any more.
        Changed::Field => match pair.exposure.bulk().filter(|_| !pair.exposure.by_entry()) {
            Some(bulk) => of_bulk(&bulk),
            None => of_entry(pair, of.derived.is_some(), of.tier),
        },
    }
}

fn of_entry(pair: &Pair<'_>, derived: bool, tier: Tier) -> &'static RuleInfo {
    match pair.exposure.access {
        _ if derived => &rule::DERIVED_FIELD_ACCESS,
        _ if tier == Tier::Restricted => &rule::RESTRICTED_FIELD_GRANT,
        Access::Edit => &rule::CLASSIFIED_EDIT,
        Access::Read => &rule::CONDITIONAL_FIELD_GRANT,
    }
}

fn of_bulk(bulk: &Bulk) -> &'static RuleInfo {
    match bulk {
        Bulk::ViewAllFields(_) => &rule::VIEW_ALL_FIELDS,
        bulk if *bulk == Bulk::permission(VIEW_ALL_FIELDS_GLOBAL) => &rule::VIEW_ALL_FIELDS,
        bulk if *bulk == Bulk::permission(EDIT_READ_ONLY_FIELDS) => &rule::CLASSIFIED_EDIT,
        _ => &rule::FIELD_LEAVES_FLS,
    }
}

fn is_through_a_member(pair: &Pair<'_>) -> bool {
    pair.exposure.grantor.kind == GrantorKind::PermissionSetGroup && pair.exposure.through.is_some()
}

/// The member was in the group before, and the field was muted.
fn is_unmuted(judge: &Judge<'_>, pair: &Pair<'_>) -> bool {
    let before = judge.delta.base.get(&pair.exposure.grantor);
    let member = |member: &Grantor| before.is_some_and(|access| access.members.contains(member));
    let muted = before.is_some_and(|access| access.muted.contains_key(&pair.exposure.field));
    muted && pair.exposure.through.as_ref().is_some_and(member)
}
