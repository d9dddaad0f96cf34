//! `justification-expired`: an entry whose last day is over.

use super::catalogue::JUSTIFICATION_EXPIRED as RULE;
use super::{Context, describe, entries, grants};
use crate::finding::{Finding, Place};
use crate::policy::Lacks;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for declaration in &cx.background.maskings {
        let masking = &declaration.masking;
        let expired = declaration.lacks.iter().find_map(|lack| match lack {
            Lacks::Expired(span, date) => Some((*span, date)),
            Lacks::Part(..) => None,
        });
        // One that stands is told where a change relies on it, as `derived-field-access`.
        let Some((span, date)) = expired.filter(|_| !declaration.landed) else { continue };
        let tier = declaration.input.as_ref().map(|(_, of)| of.tier);
        let mut finding = cx.finding(&RULE, &Place::new(&masking.place.file, span), tier);
        finding.message =
            format!("the declaration that `{}` masks what it reads ended on {date}", masking.field.value);
        finding.here = "ended".into();
        finding.help = "renew the reason and the date, or remove the entry".into();
        finding.subject = describe::of_masking(declaration);
        findings.push(finding);
    }
    grants::tell(cx, &RULE, findings);
    let relied_on = entries::relied_on(cx);
    for entry in cx.facts.entries.iter().filter(|e| !cx.landed(e) && !relied_on.contains(&entries::key(e))) {
        for lack in cx.lacks(entry, &entry.fields()) {
            let Lacks::Expired(span, date) = lack else { continue };
            let mut finding = entries::finding(cx, &RULE, entry, &Place::new(&entry.place.file, span));
            let (field, access) = (&entry.field.value, entry.access);
            finding.message = format!(
                "the justification of {} for {access} access to `{field}` ended on {date}",
                entry.grantor
            );
            finding.here = "ended".into();
            finding.help = "renew the reason and the date, or remove the grant".into();
            findings.push(finding);
        }
    }
}
