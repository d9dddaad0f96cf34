//! `label-raised-over-grants`: a field's tier rises and grants that already stand do not meet it.

use super::context::Justified;
use super::{Context, Rule, grants};
use crate::finding::{Finding, Related, RuleInfo, Severity, Subject};
use crate::policy::Duty;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "label-raised-over-grants",
        summary: "a field's label rises over grants that nothing justifies",
        severity: Some(Severity::Error),
        since: "0.1.0",
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in &cx.delta.label_changes {
        let field = &change.field;
        let (before, after) = (cx.classified_before(field), cx.classified(field));
        let Some(place) = after.place().filter(|_| after.tier > before.tier) else { continue };
        let mut violating = Vec::new();
        for access in cx.facts.standing.values() {
            let Some(exposure) = access.exposures.get(field) else { continue };
            // What this change opens itself is reported where it is opened.
            let opened = cx
                .delta
                .opened
                .iter()
                .any(|o| o.exposure.grantor == exposure.grantor && o.exposure.field == *field);
            let (duty, _) = cx.duty(&exposure.grantor, &after, exposure.access);
            let kind_allowed = cx.policy.tiers.kind_allowed(after.tier, exposure.grantor.kind);
            let settled = kind_allowed
                && match duty {
                    Duty::Allow => true,
                    Duty::Deny => false,
                    // A missing approval of a complete entry is `awaiting-approval`'s to report.
                    Duty::Justify | Duty::Approve => {
                        matches!(
                            cx.justified(&exposure.grantor, field, exposure.access),
                            Justified::Yes { .. }
                        )
                    }
                };
            if !opened && !settled {
                violating.push(exposure);
            }
        }
        if violating.is_empty() {
            continue;
        }
        let mut finding = cx.finding(&RULE.info, place, Some(after.tier));
        let count = violating.len();
        let who = if count == 1 { "1 grantor reaches".to_owned() } else { format!("{count} grantors reach") };
        finding.message = format!(
            "the label of `{field}` rises from {} to {}, and {who} it without what the tier asks for",
            before.words(),
            after.words()
        );
        finding.here = format!("now {}", after.label);
        finding.help = match violating.as_slice() {
            [exposure] => grants::next_step(cx, exposure, &after),
            _ => format!("remove these grants or justify each under `{}`", crate::policy::JUSTIFICATIONS),
        };
        finding.subject = Subject {
            field: Some(field.clone()),
            tier: Some(after.tier),
            label: Some((after.label.clone(), Some(place.clone()))),
            ..Subject::default()
        };
        for exposure in violating {
            let message = format!("{} has {}", exposure.grantor, exposure.access);
            finding.related.push(Related { place: exposure.place().clone(), message });
        }
        findings.push(finding);
    }
}
