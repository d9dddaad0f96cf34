//! `justification-incomplete`: an entry that lacks something and therefore does not count.

use super::{Context, Rule, grants};
use crate::finding::{Finding, Place, RuleInfo, Severity, Subject};
use crate::policy::{Entry, Lacks};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "justification-incomplete",
        summary: "a justification lacks a reason, notes, an owner, a ticket or a date",
        severity: Some(Severity::Error),
        since: "0.1.0",
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for entry in &cx.facts.entries {
        let lacks = cx.lacks(entry, &entry.fields());
        let parts: Vec<_> = lacks
            .iter()
            .filter_map(|l| match l {
                Lacks::Part(span, text) => Some((*span, text.as_str())),
                Lacks::Expired(..) => None,
            })
            .collect();
        let Some((span, _)) = parts.first() else { continue };
        let texts: Vec<&str> = parts.iter().map(|(_, text)| *text).collect();
        let place = Place::new(&entry.place.file, *span);
        report(cx, &RULE.info, entry, &place, findings, |finding| {
            let (field, access) = (&entry.field.value, entry.access);
            finding.message = format!(
                "the justification of {} for {access} on `{field}` does not count: {}",
                entry.grantor,
                texts.join("; ")
            );
            finding.here = "incomplete".into();
            finding.help = "complete the entry".into();
        });
    }
}

/// Reports an entry that does not count: at its own place when the change adds or alters it, and
/// otherwise at each grant that the change opens and that relies on it. Nothing else is this change's
/// business.
pub(super) fn report(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    entry: &Entry,
    place: &Place,
    findings: &mut Vec<Finding>,
    describe: impl Fn(&mut Finding),
) {
    if !cx.landed(entry) {
        let tier = entry.fields().iter().map(|f| cx.classified(f).tier).max();
        let mut finding = cx.finding(rule, place, tier);
        describe(&mut finding);
        finding.subject = Subject {
            grantor: Some((entry.grantor.clone(), cx.principal(&entry.grantor))),
            field: entry.fields().into_iter().next(),
            access: Some(entry.access),
            justification: Some(entry.place.clone()),
            ..Subject::default()
        };
        findings.push(finding);
        return;
    }
    for opened in cx.opened() {
        let exposure = &opened.exposure;
        let relies = match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
            super::context::Justified::Lacking(other, _) => std::ptr::eq(other, entry),
            _ => false,
        };
        let classified = cx.classified(&exposure.field);
        let (duty, _) = cx.duty(&exposure.grantor, &classified, exposure.access);
        if !relies || duty == crate::policy::Duty::Allow {
            continue;
        }
        let mut finding = grants::about(cx, rule, opened, &classified);
        let here = std::mem::take(&mut finding.here);
        describe(&mut finding);
        finding.here = here;
        finding.subject.justification = Some(entry.place.clone());
        finding.related.push(grants::justification_at(place));
        findings.push(finding);
    }
}
