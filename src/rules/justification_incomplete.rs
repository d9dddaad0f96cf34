//! `justification-incomplete`: an entry that lacks something and therefore does not count.

use super::{Context, Rule, entries};
use crate::finding::{Finding, Place, RuleInfo, Severity};
use crate::policy::Lacks;
use crate::source::Span;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "justification-incomplete",
        summary: "a justification lacks a reason, notes, an owner, a ticket or a date",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011", "SBS-FDNS-001"],
        page: include_str!("../../docs/rules/justification-incomplete.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for declaration in cx.facts.maskings.iter().filter(|m| !m.landed) {
        let masking = &declaration.masking;
        let Some((span, texts)) = missing(&declaration.lacks) else { continue };
        let tier = declaration.input.as_ref().map(|(_, of)| of.tier);
        let mut finding = cx.finding(&RULE.info, &Place::new(&masking.place.file, span), tier);
        finding.message = format!(
            "the declaration that `{}` masks what it reads does not count: {texts}",
            masking.field.value
        );
        finding.here = "incomplete".into();
        finding.help = "complete the entry".into();
        finding.subject = declaration.subject();
        findings.push(finding);
    }
    for entry in &cx.facts.entries {
        let lacks = cx.lacks(entry, &entry.fields());
        let Some((span, texts)) = missing(&lacks) else { continue };
        let place = Place::new(&entry.place.file, span);
        entries::report(cx, &RULE.info, entry, &place, findings, |finding| {
            let (field, access) = (&entry.field.value, entry.access);
            finding.message = format!(
                "the justification of {} for {access} on `{field}` does not count: {}",
                entry.grantor, texts
            );
            finding.here = "incomplete".into();
            finding.help = "complete the entry".into();
        });
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
