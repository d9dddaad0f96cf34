//! Where an entry that does not count is reported.

use super::context::{Context, Justified};
use super::describe;
use crate::finding::{Finding, Place, RuleInfo};
use crate::policy::{Duty, Entry};

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
        finding.subject = describe::of_entry(cx, entry);
        findings.push(finding);
        return;
    }
    for opened in cx.opened() {
        let exposure = &opened.exposure;
        let relies = match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
            Justified::Lacking(other, _) => std::ptr::eq(other, entry),
            _ => false,
        };
        let classified = cx.classified(&exposure.field);
        let (duty, _) = cx.duty(&exposure.grantor, classified, exposure.access);
        if !relies || duty == Duty::Allow {
            continue;
        }
        let mut finding = describe::about(cx, rule, opened, classified);
        let here = std::mem::take(&mut finding.here);
        describe(&mut finding);
        finding.here = here;
        finding.subject.justification = Some(entry.place.clone());
        finding.related.push(describe::justification_at(place));
        findings.push(finding);
    }
}
