//! `conditional-field-grant`: new reading of a tier-2 field that nothing justifies.
//!
//! Also covers an open field when the policy asks something even of those.

use super::{Context, Rule, grants};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::words::{Access, Tier};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "conditional-field-grant",
        summary: "new read access to a conditional field that nothing justifies",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011"],
        page: include_str!("../../docs/rules/conditional-field-grant.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let concerns = |tier, access| tier < Tier::Restricted && access == Access::Read;
    grants::check(cx, &RULE.info, concerns, findings);
}
