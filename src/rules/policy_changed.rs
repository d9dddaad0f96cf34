//! `policy-changed`: the change touches the policy, the label overlay or the baseline.
//!
//! None of it binds this change, which is judged by the base; but it would bind the next one.

use super::{Context, Rule};
use crate::finding::{Finding, RuleInfo, Severity};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "policy-changed",
        summary: "a file of `.flsgate/` other than a justification is changed",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011", "SBS-FDNS-001"],
        page: include_str!("../../docs/rules/policy-changed.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for place in &cx.facts.guarded {
        let mut finding = cx.finding(&RULE.info, place, None);
        finding.message =
            format!("`{}` is changed, in the folder that decides how later changes are judged", place.path());
        finding.here = "changed".into();
        if place.path().as_str() == crate::policy::BASELINE_PATH {
            finding.notes.push(match cx.facts.baseline_grows {
                0 => "the baseline does not grow".into(),
                n => format!("{n} of its lines are not on the base: the baseline accepts more than before"),
            });
        } else {
            finding.notes.push("this change is judged by the policy of the base".into());
        }
        finding.help = "have an authorised person approve it, best in a pull request of its own".into();
        finding.approvable = true;
        findings.push(finding);
    }
}
