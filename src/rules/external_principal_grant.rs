//! `external-principal-grant`: a classified field is opened to principals for whom the policy denies it,
//! by default guests, customers and partners.

use super::{Context, Rule, describe};
use crate::finding::{Finding, RuleInfo, Severity};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "external-principal-grant",
        summary: "a classified field is opened to a principal class that may not have it",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011", "SBS-CPORTAL-002"],
        page: include_str!("../../docs/rules/external-principal-grant.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (opened, classified) in cx.opened_by_entry() {
        let exposure = &opened.exposure;
        let (_, by_principal) = cx.duty(&exposure.grantor, classified, exposure.access);
        if !by_principal {
            continue;
        }
        let principal = cx.principal(&exposure.grantor);
        let mut finding = describe::about(cx, &RULE.info, opened, classified);
        finding.message =
            format!("{} and {principal} principals may not have {} access", finding.message, exposure.access);
        finding.help = describe::only_policy_opens(principal);
        findings.push(finding);
    }
}
