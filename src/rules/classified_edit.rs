//! `classified-edit`: new editing of a tier-2 field that nothing justifies.
//!
//! Also covers an open field when the policy asks something even of those.

use super::by_grant::by_permission;
use super::{Context, Rule, grants};
use crate::access::{Bulk, EDIT_READ_ONLY_FIELDS};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::words::{Access, Tier};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "classified-edit",
        summary: "new edit access to a conditional field that nothing justifies",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011"],
        page: include_str!("../../docs/rules/classified-edit.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let concerns = |tier, access| tier < Tier::Restricted && access == Access::Edit;
    grants::check(cx, &RULE.info, concerns, findings);
    for (holder, grant, held) in cx.bulk() {
        if grant.bulk == Bulk::permission(EDIT_READ_ONLY_FIELDS) {
            findings.extend(by_permission(cx, &RULE.info, (holder, grant, held), "edit access"));
        }
    }
}
