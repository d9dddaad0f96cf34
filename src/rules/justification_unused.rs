//! `justification-unused`: an entry that speaks of no grant that would stand.

use super::catalogue::JUSTIFICATION_UNUSED as RULE;
use super::{Context, describe};
use crate::finding::{Finding, Place};
use crate::policy::Entry;
use crate::tiers::Known;
use crate::words::{FieldName, did_you_mean};
use std::collections::BTreeSet;

/// Findings that look for a near name: nobody reads more suggestions.
const SUGGESTED: usize = 20;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for declaration in cx.background.maskings.iter().filter(|m| !m.landed && m.idle) {
        let masking = &declaration.masking;
        let place = Place::new(&masking.place.file, masking.field.span);
        let mut finding = cx.finding(&RULE, &place, None);
        let names: Vec<String> = masking.reads.iter().map(|r| format!("`{}`", r.value)).collect();
        finding.message =
            format!("`{}` reads nothing more sensitive of {}", masking.field.value, names.join(", "));
        finding.here = "nothing to mask".into();
        finding.help = "remove the entry, or correct its field and what it reads".into();
        finding.subject = describe::of_masking(declaration);
        findings.push(finding);
    }
    let mut nobody = BTreeSet::new();
    for entry in &cx.facts.entries {
        // Entries that neither the change wrote nor whose grantor it touches are not its business.
        // A pattern without fields is reported as incomplete.
        if entry.fields().is_empty() {
            continue;
        }
        let touched = !cx.landed(entry) || cx.delta.landing.contains_key(&entry.grantor);
        if !touched || used(cx, entry) {
            continue;
        }
        if !cx.background.on_landing.contains(&entry.grantor) {
            // One name, however many entries stand below it.
            if nobody.insert((entry.place.path(), entry.named)) {
                findings.push(no_such_holder(cx, entry));
            }
            continue;
        }
        let mut finding = cx.finding(&RULE, &Place::new(&entry.place.file, entry.field.span), None);
        let near = if findings.len() < SUGGESTED { near_field(cx, entry) } else { String::new() };
        finding.message = format!(
            "{} gives no access to `{}`, so its justification is not needed{near}",
            entry.grantor, entry.field.value
        );
        finding.here = "nothing gives this access".into();
        finding.help =
            "correct its permission set and field, or remove the entry unless access follows".into();
        finding.subject = describe::of_entry(cx, entry);
        findings.push(finding);
    }
}

/// A file that names a permission set, group or profile which is not there.
fn no_such_holder(cx: &Context<'_>, entry: &Entry) -> Finding {
    let holder = &entry.grantor;
    let mut finding = cx.finding(&RULE, &Place::new(&entry.place.file, entry.named), None);
    let near = match cx.facts.nearly.get(holder) {
        Some(near) if near.kind == holder.kind => format!(". Did you mean `{}`?", near.name()),
        Some(near) => format!(". Did you mean {near}?"),
        None => String::new(),
    };
    finding.message = format!("a justification names {holder}, which does not exist{near}");
    finding.here = "there is none of this name".into();
    finding.help = "correct the name, or remove the entries".into();
    finding.subject.grantor = Some((holder.clone(), cx.user_type(holder)));
    finding
}

/// A field that the permission set gives access to and that is called nearly so.
fn near_field(cx: &Context<'_>, entry: &Entry) -> String {
    let Some(access) = cx.access_of(&entry.grantor) else { return String::new() };
    // A misspelt grant is no better than a right justification.
    let is_known = |field: &FieldName| {
        let is_slip = cx.background.near_fields.contains_key(field);
        !is_slip && (!field.is_custom() || !matches!(cx.classified(field).known, Known::Unknown))
    };
    let open = access.entries.open().map(|open| open.field()).filter(|field| is_known(field));
    let names: Vec<String> = open.map(ToString::to_string).collect();
    did_you_mean(&entry.field.value, names.iter().map(String::as_str))
}

fn used(cx: &Context<'_>, entry: &Entry) -> bool {
    let grantor = cx.delta.landing.get(&entry.grantor).or_else(|| cx.facts.named.get(&entry.grantor));
    let Some(access) = grantor else { return false };
    // A grantor that cannot be read may well grant it.
    let gives = |field: &FieldName| cx.facts.reaches(access, &entry.grantor, field);
    !access.unreadable.is_empty() || entry.fields().iter().any(gives)
}
