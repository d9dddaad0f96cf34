//! The rules explain the judgement: each is a pure function from the context to findings, one file each.
//!
//! A rule words what [`crate::judge`] has decided; it decides nothing, and knows no other rule. Which rule tells which
//! open pair stands in `causes`, what is fixed about each rule in `catalogue`.

mod asked_also;
mod assignment_widened;
mod awaiting_approval;
mod background;
mod broad_system_permission;
mod by_permission;
mod catalogue;
mod causes;
mod classified_edit;
mod conditional_field_grant;
mod conflicting_entries;
mod context;
mod copied;
mod definition_removed;
mod derived_field_access;
mod describe;
mod encrypted_field_access;
mod entries;
mod external_access;
mod field_leaves_fls;
mod grants;
mod group_access;
mod guard_switched_off;
mod hand_outs;
mod integration_excess_access;
mod integration_missing_access;
mod justification_expired;
mod justification_expiring;
mod justification_incomplete;
mod justification_removed;
mod justification_unused;
mod label_conflict;
mod label_lowered;
mod label_raised_over_grants;
mod misspelt_label;
mod over_classified_field;
mod policy_changed;
mod profile_grants_classified_field;
mod profile_omission_keeps_grant;
mod record_access_bypass;
mod remedy;
mod replaced_at_deploy;
mod restricted_field_grant;
mod shown_without_field_security;
mod suspicious_unlabelled_field;
#[cfg(test)]
mod tests;
mod together;
mod unexplained_access;
mod unknown_field;
mod unknown_permission_set;
mod unlabelled_field;
mod unmapped_classification;
mod unmuted_field;
mod user_permissions;
mod user_type_falls;
mod view_all_fields;

pub use background::{Altered, Background, Deletion, IntegrationChange};
pub use context::subject;
pub use describe::{misnamed_entry, next_step};

use crate::finding::{Finding, RuleInfo};
use crate::judge::Judge;
use crate::policy::FIXED_RULES;
use crate::words::sentence;
use context::Context;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// A rule: plain data and a function.
pub struct Rule {
    /// What is fixed about it.
    pub info: &'static RuleInfo,
    check: fn(&Context<'_>, &mut Vec<Finding>),
}

/// Every rule, in the order in which documentation and reports list them.
pub static RULES: &[Rule] = &[
    Rule { info: &catalogue::RESTRICTED_FIELD_GRANT, check: restricted_field_grant::check },
    Rule { info: &catalogue::CONDITIONAL_FIELD_GRANT, check: conditional_field_grant::check },
    Rule { info: &catalogue::CLASSIFIED_EDIT, check: classified_edit::check },
    Rule { info: &catalogue::PROFILE_GRANTS_CLASSIFIED_FIELD, check: profile_grants_classified_field::check },
    Rule { info: &catalogue::EXTERNAL_ACCESS, check: external_access::check },
    Rule { info: &catalogue::VIEW_ALL_FIELDS, check: view_all_fields::check },
    Rule { info: &catalogue::BROAD_SYSTEM_PERMISSION, check: broad_system_permission::check },
    Rule { info: &catalogue::RECORD_ACCESS_BYPASS, check: record_access_bypass::check },
    Rule { info: &catalogue::DERIVED_FIELD_ACCESS, check: derived_field_access::check },
    Rule { info: &catalogue::GROUP_ACCESS, check: group_access::check },
    Rule { info: &catalogue::UNMUTED_FIELD, check: unmuted_field::check },
    Rule { info: &catalogue::ASSIGNMENT_WIDENED, check: assignment_widened::check },
    Rule { info: &catalogue::USER_TYPE_FALLS, check: user_type_falls::check },
    Rule { info: &catalogue::UNKNOWN_PERMISSION_SET, check: unknown_permission_set::check },
    Rule { info: &catalogue::ENCRYPTED_FIELD_ACCESS, check: encrypted_field_access::check },
    Rule { info: &catalogue::CONFLICTING_ENTRIES, check: conflicting_entries::check },
    Rule { info: &catalogue::PROFILE_OMISSION_KEEPS_GRANT, check: profile_omission_keeps_grant::check },
    Rule { info: &catalogue::FIELD_LEAVES_FLS, check: field_leaves_fls::check },
    Rule { info: &catalogue::DEFINITION_REMOVED, check: definition_removed::check },
    Rule { info: &catalogue::GUARD_SWITCHED_OFF, check: guard_switched_off::check },
    Rule { info: &catalogue::SHOWN_WITHOUT_FIELD_SECURITY, check: shown_without_field_security::check },
    Rule { info: &catalogue::REPLACED_AT_DEPLOY, check: replaced_at_deploy::check },
    Rule { info: &catalogue::LABEL_LOWERED, check: label_lowered::check },
    Rule { info: &catalogue::LABEL_RAISED_OVER_GRANTS, check: label_raised_over_grants::check },
    Rule { info: &catalogue::LABEL_CONFLICT, check: label_conflict::check },
    Rule { info: &catalogue::UNMAPPED_CLASSIFICATION, check: unmapped_classification::check },
    Rule { info: &catalogue::MISSPELT_LABEL, check: misspelt_label::check },
    Rule { info: &catalogue::UNLABELLED_FIELD, check: unlabelled_field::check },
    Rule { info: &catalogue::SUSPICIOUS_UNLABELLED_FIELD, check: suspicious_unlabelled_field::check },
    Rule { info: &catalogue::OVER_CLASSIFIED_FIELD, check: over_classified_field::check },
    Rule { info: &catalogue::UNKNOWN_FIELD, check: unknown_field::check },
    Rule { info: &catalogue::JUSTIFICATION_INCOMPLETE, check: justification_incomplete::check },
    Rule { info: &catalogue::JUSTIFICATION_EXPIRED, check: justification_expired::check },
    Rule { info: &catalogue::JUSTIFICATION_EXPIRING, check: justification_expiring::check },
    Rule { info: &catalogue::JUSTIFICATION_UNUSED, check: justification_unused::check },
    Rule { info: &catalogue::JUSTIFICATION_REMOVED, check: justification_removed::check },
    Rule { info: &catalogue::AWAITING_APPROVAL, check: awaiting_approval::check },
    Rule { info: &catalogue::POLICY_CHANGED, check: policy_changed::check },
    Rule { info: &catalogue::INTEGRATION_MISSING_ACCESS, check: integration_missing_access::check },
    Rule { info: &catalogue::INTEGRATION_EXCESS_ACCESS, check: integration_excess_access::check },
    Rule { info: &catalogue::UNEXPLAINED_ACCESS, check: unexplained_access::check },
];

pub use suspicious_unlabelled_field::{Suggestion, suggestions};

/// The rule that has changes of the folder approved.
pub static POLICY_CHANGED: &RuleInfo = &catalogue::POLICY_CHANGED;

/// The rule about justifications that end soon.
pub static JUSTIFICATION_EXPIRING: &RuleInfo = &catalogue::JUSTIFICATION_EXPIRING;

/// The ids of the rules that a policy can set, in table order: all but the net under them, and missing approvals, which
/// their tier alone lowers.
pub fn ids() -> Vec<&'static str> {
    let can_be_set = |id: &&str| !FIXED_RULES.contains(id);
    RULES.iter().map(|rule| rule.info.id).filter(can_be_set).collect()
}

/// What a policy calls the rules that it can set, and of `broad-system-permission` each user permission by itself.
pub fn policy_keys() -> Vec<&'static str> {
    ids().into_iter().chain(user_permissions::ALL.iter().map(|permission| permission.key)).collect()
}

/// Whether a finding says that an entry was approved when less was at stake.
pub fn was_approved_for_less(finding: &Finding) -> bool {
    awaiting_approval::was_approved_for_less(finding)
}

/// What the rules make of a judgement.
pub struct Explained<'c> {
    /// What they found. Most of it has no words yet.
    pub findings: Vec<Finding>,
    /// How many open pairs are told by nobody, since the policy turned every rule off that speaks of them.
    pub switched_off: usize,
    cx: Context<'c>,
}

/// Runs every rule that the policy has not turned off.
pub fn run<'c>(judge: &'c Judge<'c>, background: &'c Background) -> Explained<'c> {
    run_with(judge, background, RULES)
}

fn run_with<'c>(judge: &'c Judge<'c>, background: &'c Background, rules: &[Rule]) -> Explained<'c> {
    let cx = Context::new(judge, background);
    // In the order of the table, whichever rule is done first.
    let found: Vec<Vec<Finding>> = rules.par_iter().map(|rule| found_by(&cx, rule)).collect();
    let mut findings = Vec::with_capacity(found.iter().map(Vec::len).sum());
    found.into_iter().for_each(|of_rule| findings.extend(of_rule));
    unexplained_access::complete(&cx, &mut findings);
    findings.par_iter_mut().for_each(|finding| count_people(&cx, finding));
    Explained { findings, switched_off: cx.switched_off(), cx }
}

impl Explained<'_> {
    /// The findings, the weightiest of them in words: so many, or all.
    pub fn worded(self, most: Option<usize>) -> Vec<Finding> {
        let Explained { mut findings, cx, .. } = self;
        let shown = most.map_or(findings.len(), |most| most.min(findings.len()));
        if shown < findings.len() {
            findings.par_sort_by(Finding::order);
        }
        let parts = asked_also::parts_of_change(&cx);
        findings.par_iter_mut().enumerate().for_each(|(at, finding)| {
            if at < shown || !finding.message.is_empty() {
                word(&cx, finding, &parts);
            }
        });
        findings
    }
}

/// How many people a finding is about: the weightiest are told first.
fn count_people(cx: &Context<'_>, finding: &mut Finding) {
    let held = finding.subject.grantor.as_ref().and_then(|(grantor, _)| cx.background.holders.of(grantor));
    finding.subject.users = held.map(|held| held.users);
    finding.people = (!cx.background.holders.is_empty()).then_some(finding.subject.users.unwrap_or(u64::MAX));
}

/// Puts a finding into words: what its rule says, and what every finding says beside that: what to paste, who has to agree,
/// how many people it is about.
fn word(cx: &Context<'_>, finding: &mut Finding, parts: &BTreeSet<usize>) {
    // Who has agreed is said last.
    let settled = finding.settled.is_some().then(|| finding.notes.pop()).flatten();
    grants::word(cx, finding);
    finding.message = sentence(&finding.message);
    finding.paste = remedy::entry(cx, finding).map(Box::new);
    finding.approvers = asked_also::parts(cx, finding, parts);
    finding.notes.extend(finding.approvers.iter().map(|part| {
        let also = &cx.policy.approvers.also[*part];
        let from = cx.policy.approvers.parts()[part + 1].words(&[], also.needed);
        format!("it needs an approval by {from} as well, {}", also.scope.words())
    }));
    let held = finding.subject.grantor.as_ref().and_then(|(grantor, _)| cx.background.holders.of(grantor));
    finding.notes.extend(held.map(|held| held.words()));
    finding.notes.extend(narrower_line(cx, finding));
    let gives =
        finding.subject.grantor.as_ref().filter(|_| finding.rule.id != catalogue::DEFINITION_REMOVED.id);
    let before = gives.and_then(|(grantor, _)| cx.delta.base.get(grantor));
    if let Some(problem) = before.and_then(|access| access.unreadable.first()) {
        let note = format!("`{}` could not be read before: all that it gives counts as new", problem.path);
        finding.notes.push(note);
    }
    finding.notes.extend(settled);
}

/// A line of the baseline that speaks of an access, and accepts less than there is by now.
fn narrower_line(cx: &Context<'_>, finding: &Finding) -> Option<String> {
    let (grantor, field) = (&finding.subject.grantor.as_ref()?.0, finding.subject.field.as_ref()?);
    let line = cx.baseline_line(grantor, field).filter(|_| cx.standing && finding.settled.is_none())?;
    let is_wider = cx.pair_of(grantor, field).is_some_and(|pair| !cx.accepted(&pair.exposure));
    let (place, up_to) = (line.place.as_ref().filter(|_| is_wider)?, &line.up_to);
    Some(format!(
        "`{}:{}` accepts less: {} access of {} users, while the field was {}",
        place.path(),
        place.location().start.line,
        up_to.access,
        up_to.user_type,
        up_to.tier.words()
    ))
}

fn found_by(cx: &Context<'_>, rule: &Rule) -> Vec<Finding> {
    let mut findings = Vec::new();
    (rule.check)(cx, &mut findings);
    // What a rule that is off finds beside the pairs is dropped; pairs are told only by rules that are on.
    let is_off = cx.policy.severity(rule.info).is_none() && !cx.policy.sets_parts_of(rule.info);
    findings.retain(|finding| !is_off || !finding.tells.is_empty());
    findings
}
