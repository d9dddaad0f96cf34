//! `awaiting-approval`: a complete justification that an authorised person has not approved yet.
//!
//! Judged by the entry, not only by the grant: an entry that lands without its grant would otherwise
//! count as approved when the grant follows.

use super::{Context, Rule, describe};
use crate::finding::{Finding, RuleInfo, Severity, Subject};
use crate::policy::Duty;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "awaiting-approval",
        summary: "a justification that needs an approval has none",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011"],
        page: include_str!("../../docs/rules/awaiting-approval.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for declaration in cx.facts.maskings.iter().filter(|m| m.awaits && m.lacks.is_empty()) {
        let Some((input, of)) = &declaration.input else { continue };
        let masking = &declaration.masking;
        let mut finding = cx.finding(&RULE.info, &masking.place, Some(of.tier));
        finding.message = format!(
            "the declaration that `{}` masks `{input}` awaits approval; the field that it reads is {}",
            masking.field.value,
            of.words()
        );
        finding.here = "needs an approval".into();
        finding.help = describe::ASK_APPROVAL.into();
        if declaration.landed {
            finding.notes.push("it stands on the base, but for another formula or a lower label".into());
        }
        finding.subject = declaration.subject();
        finding.related.extend(describe::classified_at(of));
        finding.approvable = true;
        findings.push(finding);
    }
    for entry in &cx.facts.entries {
        for field in entry.fields() {
            let classified = cx.classified(&field);
            let duty = |access| cx.duty(&entry.grantor, classified, access).0;
            let opened = cx.opened().find(|o| {
                entry.matches(&o.exposure.grantor, &field, o.exposure.access) && o.exposure.field == field
            });
            let asked = opened.map(|o| duty(o.exposure.access));
            // A grant that the policy denies is reported as such; no approval would help it.
            if asked == Some(Duty::Deny) {
                continue;
            }
            let concerns = opened.is_some() || !cx.landed(entry) || cx.facts.relabelled.contains(&field);
            let complete = cx.lacks(entry, std::slice::from_ref(&field)).is_empty();
            // Even where the policy denies what the entry asks for: a narrower grant could lean on it later.
            let weight = duty(entry.access).max(asked.unwrap_or(Duty::Allow));
            if weight < Duty::Approve || !concerns || !complete || cx.approved(entry, &field, entry.access) {
                continue;
            }
            let mut finding = match opened {
                Some(opened) => {
                    let mut finding = describe::about(cx, &RULE.info, opened, classified);
                    finding.related.push(describe::justification_at(&entry.place));
                    finding
                }
                None => {
                    let mut finding = cx.finding(&RULE.info, &entry.place, Some(classified.tier));
                    finding.here = "needs an approval".into();
                    finding.subject = Subject {
                        grantor: Some((entry.grantor.clone(), cx.principal(&entry.grantor))),
                        field: Some(field.clone()),
                        access: Some(entry.access),
                        tier: Some(classified.tier),
                        label: Some((classified.label.clone(), classified.place().cloned())),
                        ..Subject::default()
                    };
                    finding.related.extend(describe::classified_at(classified));
                    finding
                }
            };
            finding.message = format!(
                "the justification of {} for {} on `{field}` awaits approval; the field is {}",
                entry.grantor,
                entry.access,
                classified.words()
            );
            finding.help = describe::ASK_APPROVAL.into();
            if weight == Duty::Deny {
                finding.notes.push(format!("the policy denies {} whoever approves", entry.access));
                finding.help = "remove the entry".into();
            }
            finding.subject.justification = Some(entry.place.clone());
            // What the policy denies no approval settles, or a narrower grant could lean on it later.
            finding.approvable = weight != Duty::Deny;
            findings.push(finding);
        }
    }
}
