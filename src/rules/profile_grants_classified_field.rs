//! `profile-grants-classified-field`: a profile opens a field of tier 2 or 3.
//!
//! A profile cannot be given to one person for one purpose, so no justification settles this.

use super::{Context, Rule, describe, external_principal_grant};
use crate::finding::{Finding, RuleInfo, Severity};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "profile-grants-classified-field",
        summary: "a profile opens a classified field; such access must come through a permission set",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-001", "SBS-ACS-011"],
        page: include_str!("../../docs/rules/profile-grants-classified-field.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (opened, classified) in cx.opened_by_entry() {
        let exposure = &opened.exposure;
        if cx.policy.tiers.kind_allowed(classified.tier, exposure.grantor.kind) {
            continue;
        }
        let (_, by_principal) = cx.duty(&exposure.grantor, classified, exposure.access);
        if by_principal && cx.blocks(&external_principal_grant::RULE.info) {
            continue;
        }
        let mut finding = describe::about(cx, &RULE.info, opened, classified);
        finding.message = format!("{} and a profile may not grant it", finding.message);
        finding.help = describe::OUT_OF_PROFILE.into();
        findings.push(finding);
    }
}
