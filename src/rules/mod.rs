//! The rules: pure functions from a [`Context`] to findings, one file each, one ordered table.
//!
//! A rule sees the delta, the policy and the justifications; it does no I/O and knows no clock.

mod assignment_widened;
mod awaiting_approval;
mod broad_system_permission;
mod by_grant;
mod classified;
mod classified_edit;
mod conditional_field_grant;
mod conflicting_entries;
mod context;
mod definition_removed;
mod derived_exposure;
mod describe;
mod encrypted_field_access;
mod entries;
mod external_principal_grant;
mod facts;
mod field_leaves_fls;
mod grants;
mod group_exposure;
mod integration_excess_access;
mod integration_missing_access;
mod justification_expired;
mod justification_incomplete;
mod justification_removed;
mod justification_unused;
mod label_conflict;
mod label_lowered;
mod label_raised_over_grants;
mod masking;
mod over_classified_field;
mod overlaid;
mod pairs;
mod policy_changed;
mod profile_grants_classified_field;
mod profile_omission_keeps_grant;
mod record_access_bypass;
mod remedy;
mod replaced_at_deploy;
mod restricted_field_grant;
mod suspicious_unlabelled_field;
mod unexplained_access;
mod unknown_field;
mod unknown_permission_set;
mod unlabelled_field;
mod unmapped_classification;
mod unmuted_field;
mod view_all_fields;

pub use classified::{Classified, DerivedFrom, Known, classify};
pub use context::{Context, Justified};
pub use facts::{Deletion, Encrypted, Facts, IntegrationChange};
pub use masking::Declaration as MaskingDeclaration;
pub use overlaid::{TwoLabels, classify_with};

use crate::finding::{Finding, RuleInfo};
use rayon::prelude::*;

/// A rule: plain data and a function.
pub struct Rule {
    /// What is fixed about it.
    pub info: RuleInfo,
    check: fn(&Context<'_>, &mut Vec<Finding>),
}

/// Every rule, in the order in which documentation and reports list them.
pub const RULES: &[&Rule] = &[
    &restricted_field_grant::RULE,
    &conditional_field_grant::RULE,
    &classified_edit::RULE,
    &profile_grants_classified_field::RULE,
    &external_principal_grant::RULE,
    &view_all_fields::RULE,
    &broad_system_permission::RULE,
    &record_access_bypass::RULE,
    &derived_exposure::RULE,
    &group_exposure::RULE,
    &unmuted_field::RULE,
    &assignment_widened::RULE,
    &unknown_permission_set::RULE,
    &encrypted_field_access::RULE,
    &conflicting_entries::RULE,
    &profile_omission_keeps_grant::RULE,
    &field_leaves_fls::RULE,
    &definition_removed::RULE,
    &replaced_at_deploy::RULE,
    &label_lowered::RULE,
    &label_raised_over_grants::RULE,
    &label_conflict::RULE,
    &unmapped_classification::RULE,
    &unlabelled_field::RULE,
    &suspicious_unlabelled_field::RULE,
    &over_classified_field::RULE,
    &unknown_field::RULE,
    &justification_incomplete::RULE,
    &justification_expired::RULE,
    &justification_unused::RULE,
    &justification_removed::RULE,
    &awaiting_approval::RULE,
    &policy_changed::RULE,
    &integration_missing_access::RULE,
    &integration_excess_access::RULE,
    &unexplained_access::RULE,
];

/// The rule that has changes of the folder approved.
pub const POLICY_CHANGED: &RuleInfo = &policy_changed::RULE.info;

/// The rule that reports missing approvals: what it reports may be passed over elsewhere.
pub const AWAITING_APPROVAL: &RuleInfo = &awaiting_approval::RULE.info;

/// The ids of the rules that a policy can set, in table order: all but the net under them.
pub fn ids() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.info.id).filter(|id| *id != unexplained_access::RULE.info.id).collect()
}

/// Runs every rule. What rules find that the policy has turned off is dropped; that they speak of it counts.
pub fn run(cx: &Context<'_>) -> Vec<Finding> {
    let found = RULES.par_iter().map(|rule| {
        let mut findings = Vec::new();
        (rule.check)(cx, &mut findings);
        (cx.policy.severity(&rule.info).is_some(), findings)
    });
    let (mut findings, mut silent) = (Vec::new(), Vec::new());
    // In the order of the table, whichever rule is done first.
    for (on, found) in found.collect::<Vec<_>>() {
        if on { &mut findings } else { &mut silent }.extend(found);
    }
    unexplained_access::complete(cx, &mut findings, &silent);
    for finding in &mut findings {
        finding.paste = remedy::entry(cx, finding);
        let gives =
            finding.subject.grantor.as_ref().filter(|_| finding.rule.id != definition_removed::RULE.info.id);
        let before = gives.and_then(|(grantor, _)| cx.delta.base.get(grantor));
        if let Some(problem) = before.and_then(|access| access.unreadable.first()) {
            let note =
                format!("`{}` could not be read before: all that it gives counts as new", problem.path);
            finding.notes.push(note);
        }
    }
    findings
}
