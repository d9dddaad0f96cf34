//! `justification-incomplete`: an entry that lacks something and therefore does not count.

use super::{Context, Rule, entries};
use crate::finding::{Finding, Place, RuleInfo, Severity};
use crate::policy::Lacks;

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
        entries::report(cx, &RULE.info, entry, &place, findings, |finding| {
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
