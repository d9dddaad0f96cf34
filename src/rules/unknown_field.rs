//! `unknown-field`: new grants name fields that this repository does not define, so no label is known.
//!
//! On real projects most grants may be of this kind (standard and managed fields): one note per
//! grantor.

use super::{Context, Known, Rule};
use crate::finding::{Finding, RuleInfo, Severity};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "unknown-field",
        summary: "new grants name fields whose labels are not known here",
        severity: Some(Severity::Note),
        since: "0.1.0",
        controls: &["SBS-DATA-004"],
        page: include_str!("../../docs/rules/unknown-field.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut by_grantor: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (opened, classified) in cx.opened_by_entry() {
        let exposure = &opened.exposure;
        if matches!(classified.known, Known::Unknown) {
            by_grantor.entry(&exposure.grantor).or_default().push(exposure);
        }
    }
    for (grantor, exposures) in by_grantor {
        let Some(first) = exposures.first() else { continue };
        let mut finding = cx.finding(&RULE.info, first.place(), None);
        let names: Vec<String> = exposures.iter().take(5).map(|e| format!("`{}`", e.field)).collect();
        let more = exposures.len().saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        finding.message = format!(
            "{grantor} opens fields that this repository does not define: {}{more}",
            names.join(", ")
        );
        finding.here = format!("opens `{}` for {}", first.field, first.access);
        let tier = cx.policy.labels.unknown_fields();
        finding.notes.push(format!("the policy counts such fields as {tier}"));
        finding.help = "retrieve these fields with their labels, if they have any".into();
        finding.subject.grantor = Some((grantor.clone(), cx.principal(grantor)));
        finding.subject.tier = Some(tier);
        findings.push(finding);
    }
}
