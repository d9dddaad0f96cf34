//! `justification-incomplete`: an entry that lacks something and therefore does not count.

use super::catalogue::JUSTIFICATION_INCOMPLETE as RULE;
use super::{Context, describe, entries, grants};
use crate::finding::{Finding, Place};
use crate::policy::Lacks;
use crate::source::Span;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for declaration in cx.background.maskings.iter().filter(|m| !m.landed) {
        let masking = &declaration.masking;
        let Some((span, texts)) = missing(&declaration.lacks) else { continue };
        let tier = declaration.input.as_ref().map(|(_, of)| of.tier);
        let mut finding = cx.finding(&RULE, &Place::new(&masking.place.file, span), tier);
        finding.message = format!(
            "the declaration that `{}` masks what it reads does not count: {texts}",
            masking.field.value
        );
        finding.here = "incomplete".into();
        finding.help = "correct the entry here".into();
        finding.subject = describe::of_masking(declaration);
        findings.push(finding);
    }
    grants::tell(cx, &RULE, findings);
    let relied_on = entries::relied_on(cx);
    for entry in cx.facts.entries.iter().filter(|e| !cx.landed(e) && !relied_on.contains(&entries::key(e))) {
        let Some((span, texts)) = missing(&cx.lacks(entry, &entry.fields())) else { continue };
        let mut finding = entries::finding(cx, &RULE, entry, &Place::new(&entry.place.file, span));
        let (field, access) = (&entry.field.value, entry.access);
        finding.message = format!(
            "the justification of {} for {access} access to `{field}` does not count: {texts}",
            entry.grantor
        );
        finding.here = "incomplete".into();
        finding.help = "correct the entry here".into();
        findings.push(finding);
    }
}

/// The first part that is missing, and all of them in words.
fn missing(lacks: &[Lacks]) -> Option<(Span, String)> {
    let parts = lacks.iter().filter_map(|lack| match lack {
        Lacks::Part(span, text) => Some((*span, text.as_str())),
        Lacks::Expired(..) => None,
    });
    let (spans, texts): (Vec<Span>, Vec<&str>) = parts.unzip();
    Some((*spans.first()?, texts.join("; ")))
}
