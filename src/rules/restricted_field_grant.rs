//! `restricted-field-grant`: new access to a tier-3 field that nothing justifies.

use super::{Context, Rule, grants};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::words::Tier;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "restricted-field-grant",
        summary: "new access to a restricted field that nothing justifies",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011"],
        page: include_str!("../../docs/rules/restricted-field-grant.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    grants::check(cx, &RULE.info, |tier, _| tier == Tier::Restricted, findings);
}
