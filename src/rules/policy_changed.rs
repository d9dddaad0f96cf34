//! `policy-changed`: the change touches the policy, the label overlay or the baseline.
//!
//! None of it binds this change, which is judged by the base; but it would bind the next one.

use super::Context;
use super::catalogue::POLICY_CHANGED as RULE;
use crate::finding::Finding;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for place in &cx.facts.guarded {
        let mut finding = cx.finding(&RULE, place, None);
        finding.message =
            format!("`{}` decides how later changes are judged, and it is changed", place.path());
        finding.here = "changed".into();
        if place.path().as_str() == crate::policy::BASELINE_PATH {
            finding.notes.push(match cx.facts.baseline_grows {
                0 => "the baseline does not grow".into(),
                n => format!("{n} of its lines are new: the baseline accepts more than before"),
            });
        } else {
            finding.notes.push("this change itself is judged by the policy of the base branch".into());
        }
        finding.help = "have an authorised person approve it, best in a pull request of its own".into();
        finding.approvable = true;
        findings.push(finding);
    }
}
