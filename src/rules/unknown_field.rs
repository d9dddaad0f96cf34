//! `unknown-field`: new grants name fields that this repository does not define, so no label is known.
//!
//! On real projects most grants may be of this kind (standard and managed fields): one note per
//! grantor.

use super::Context;
use super::catalogue::UNKNOWN_FIELD as RULE;
use crate::finding::Finding;
use crate::policy::LABELS;
use crate::tiers::Known;
use std::collections::BTreeMap;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut by_grantor: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for exposure in cx.granted().map(|pair| &*pair.exposure) {
        if matches!(cx.classified(&exposure.field).known, Known::Unknown) {
            by_grantor.entry(&exposure.grantor).or_default().push(exposure);
        }
    }
    for (grantor, exposures) in by_grantor {
        let Some(first) = exposures.first() else { continue };
        let mut finding = cx.finding(&RULE, first.place(), None);
        let names: Vec<String> = exposures.iter().take(5).map(|e| format!("`{}`", e.field)).collect();
        let more = exposures.len().saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let near: Vec<String> = exposures
            .iter()
            .filter_map(|e| cx.background.near_fields.get(&e.field))
            .take(3)
            .map(|f| format!("`{f}`"))
            .collect();
        finding.message = format!(
            "{grantor} gives access to fields that this repository does not define, so their labels are not known: {}{more}{}",
            names.join(", "),
            if near.is_empty() { String::new() } else { format!(". Did you mean {}?", near.join(" or ")) }
        );
        finding.here = format!("gives {1} access to `{0}`", first.field, first.access);
        let tier = cx.policy.labels.unknown_fields();
        finding.notes.push(format!("the policy counts such fields as {tier}"));
        let custom = exposures.iter().filter(|e| e.field.is_custom()).count();
        finding.help = match custom {
            _ if !near.is_empty() => "correct the name, or retrieve the field with its label".into(),
            0 => format!("export the labels of standard fields to `{LABELS}`, if they have any"),
            n if n == exposures.len() => "retrieve these fields with their labels, if they have any".into(),
            _ => format!(
                "retrieve the custom fields with their labels, and export those of the standard ones to `{LABELS}`"
            ),
        };
        finding.subject.grantor = Some((grantor.clone(), cx.user_type(grantor)));
        finding.subject.tier = Some(tier);
        findings.push(finding);
    }
}
