//! The one judgement that the three rules about new grants share; the rule files tell it apart by tier
//! and access. Knows which other rules may report an exposure instead.

use super::classified::Classified;
use super::context::{Context, Justified};
use super::{
    awaiting_approval, derived_exposure, describe, external_principal_grant, justification_expired,
    justification_incomplete, profile_grants_classified_field,
};
use crate::access::Opened;
use crate::finding::{Finding, RuleInfo};
use crate::policy::{Duty, Lacks};
use crate::words::{Access, Tier};

/// Reports every opened exposure of the given kind that nothing justifies and no other rule reports.
pub(super) fn check(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    concerns: fn(Tier, Access) -> bool,
    findings: &mut Vec<Finding>,
) {
    for (opened, classified) in cx.opened_by_entry() {
        if concerns(classified.tier, opened.exposure.access) {
            findings.extend(unjustified(cx, rule, opened, classified));
        }
    }
}

fn unjustified(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    opened: &Opened,
    classified: &Classified,
) -> Option<Finding> {
    let exposure = &opened.exposure;
    let (duty, by_principal) = cx.duty(&exposure.grantor, classified, exposure.access);
    if duty == Duty::Allow {
        return None;
    }
    if classified.derived.is_some() && cx.blocks(&derived_exposure::RULE.info) {
        return None;
    }
    if by_principal && cx.blocks(&external_principal_grant::RULE.info) {
        return None;
    }
    if !cx.policy.tiers.kind_allowed(classified.tier, exposure.grantor.kind)
        && cx.blocks(&profile_grants_classified_field::RULE.info)
    {
        return None;
    }
    let (why, help, entry) = if duty == Duty::Deny {
        ("the policy allows no such grant".to_owned(), describe::next_step(cx, exposure, classified), None)
    } else {
        match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
            Justified::No => {
                ("no justification covers it".to_owned(), describe::next_step(cx, exposure, classified), None)
            }
            Justified::Lacking(entry, lacks) => {
                let reported = lacks.iter().all(|l| match l {
                    Lacks::Expired(..) => cx.blocks(&justification_expired::RULE.info),
                    Lacks::Part(..) => cx.blocks(&justification_incomplete::RULE.info),
                });
                if reported {
                    return None;
                }
                (
                    "its justification does not count".to_owned(),
                    "complete the justification".to_owned(),
                    Some(entry),
                )
            }
            Justified::Yes { entry, approved } => {
                if duty < Duty::Approve || approved || cx.blocks(&awaiting_approval::RULE.info) {
                    return None;
                }
                (
                    "its justification is not approved".to_owned(),
                    describe::ASK_APPROVAL.to_owned(),
                    Some(entry),
                )
            }
        }
    };
    let mut finding = describe::about(cx, rule, opened, classified);
    finding.message = format!("{} and {why}", finding.message);
    finding.help = help;
    finding.subject.justification = entry.map(|e| e.place.clone());
    finding.related.extend(entry.map(|e| describe::justification_at(&e.place)));
    Some(finding)
}
