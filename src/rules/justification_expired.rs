//! `justification-expired`: an entry whose last day is over.

use super::{Context, Rule, entries};
use crate::finding::{Finding, Place, RuleInfo, Severity};
use crate::policy::Lacks;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "justification-expired",
        summary: "a justification's last day is over",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-010", "SBS-FDNS-001"],
        page: include_str!("../../docs/rules/justification-expired.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for declaration in &cx.facts.maskings {
        let masking = &declaration.masking;
        let expired = declaration.lacks.iter().find_map(|lack| match lack {
            Lacks::Expired(span, date) => Some((*span, date)),
            Lacks::Part(..) => None,
        });
        // One that stands is told where a change relies on it, as `derived-exposure`.
        let Some((span, date)) = expired.filter(|_| !declaration.landed) else { continue };
        let tier = declaration.input.as_ref().map(|(_, of)| of.tier);
        let mut finding = cx.finding(&RULE.info, &Place::new(&masking.place.file, span), tier);
        finding.message =
            format!("the declaration that `{}` masks what it reads ended on {date}", masking.field.value);
        finding.here = "ended".into();
        finding.help = "renew the reason and the date, or remove the entry".into();
        finding.subject = declaration.subject();
        findings.push(finding);
    }
    for entry in &cx.facts.entries {
        for lack in cx.lacks(entry, &entry.fields()) {
            let Lacks::Expired(span, date) = lack else { continue };
            let place = Place::new(&entry.place.file, span);
            entries::report(cx, &RULE.info, entry, &place, findings, |finding| {
                let (field, access) = (&entry.field.value, entry.access);
                finding.message = format!(
                    "the justification of {} for {access} on `{field}` ended on {date}",
                    entry.grantor
                );
                finding.here = "ended".into();
                finding.help = "renew the reason and the date, or remove the grant".into();
            });
        }
    }
}
