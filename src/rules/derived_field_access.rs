//! `derived-field-access`: a formula or roll-up shows data of a more sensitive field to whoever reads it, and so does a
//! field that such data is copied into.
//!
//! Judged where a derived field is granted, where its definition comes to read such a field under grants
//! that stand, where the label of what it reads rises, or a declared masking goes, under such grants, and where
//! something comes to copy a field into one whose label asks for less.

use super::catalogue::DERIVED_FIELD_ACCESS as RULE;
use super::causes::Told;
use super::{Context, causes, copied, describe, grants, together};
use crate::access::{Declared, LabelChange};
use crate::finding::{Finding, Place, Related, Severity};
use crate::judge::Changed;
use crate::tiers::{Classified, DerivedFrom, Known, RaisingCopy};
use crate::words::{FieldName, capital};
use std::cell::LazyCell;
use std::collections::{BTreeMap, HashSet};

/// The other way to settle it.
const MASKING: &str = "a formula that shows only a harmless part of what it reads can be declared once for all: an entry with \
                       `reads` in a justification file of `kind: derived`";

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let changes: BTreeMap<&FieldName, &LabelChange> = cx
        .delta
        .label_changes
        .iter()
        .chain(&cx.facts.dependents)
        .map(|change| (&change.field, change))
        .collect();
    for told in cx.told_by(&RULE).iter().filter(|told| by_grant(told)) {
        findings.push(granted(cx, told));
    }
    let mut weights: BTreeMap<&FieldName, Severity> = BTreeMap::new();
    let leading = copied::leading(cx);
    let of_field = |told: &Told<'_>| Some(told).filter(|told| !by_grant(told)).is_some();
    for ((field, _), told) in
        cx.told_together(&RULE, |t| of_field(t).then(|| cx.defined_as(&t.pair.exposure.field)))
    {
        let weight = weights.entry(field).or_insert(Severity::Note);
        *weight = causes::weight(&told).max(*weight);
        findings.extend(
            changes
                .get(field)
                .and_then(|change| shows_more(cx, change, leading.get(&change.whole).copied(), &told)),
        );
    }
    for change in changes.values().filter(|_| !cx.standing) {
        findings.extend(newly_shows(cx, change).filter(|f| weights.get(&change.field) < Some(&f.severity)));
    }
    findings.extend(copied::findings(cx, &RULE, &leading, &weights));
    findings.extend(unresolved(cx));
}

/// Whether the pair is a grant of the field, and not the field that changes.
fn by_grant(told: &Told<'_>) -> bool {
    let worse = told.pair.worse;
    told.pair.changed != Changed::Field || worse.access || worse.user_type
}

fn granted(cx: &Context<'_>, told: &Told<'_>) -> Finding {
    let mut finding = grants::one(cx, &RULE, told);
    let classified = cx.judged_as(&told.pair.exposure.field);
    if let Some(from) = &classified.derived {
        // In place of the label alone, the way to it.
        let label = usize::from(classified.place().is_some());
        finding.related.splice(0..label, path(from, classified));
        if !from.is_copied() && !from.input.is_guessed && finding.severity == Severity::Error {
            finding.notes.push(MASKING.to_owned());
        }
    }
    finding
}

/// A derived field that shows more than before, to those that have it already.
fn shows_more(
    cx: &Context<'_>,
    change: &LabelChange,
    copy: Option<&RaisingCopy>,
    told: &[&Told<'_>],
) -> Option<Finding> {
    let field = &change.field;
    let (before, after) = (cx.classified_before(field), cx.judged_as(field));
    let place = copy.map(|raising| &raising.copy.place).or(change.landing.derived_at());
    let remedy = match told {
        [one] if copy.is_some() => {
            format!("take the copy out, or {}", describe::next_step(cx, &one.pair.exposure, after))
        }
        [one] => {
            format!("read less sensitive fields, or {}", describe::next_step(cx, &one.pair.exposure, after))
        }
        _ if copy.is_some() => format!("take the copy out, or {}", together::justify_each(cx, told)),
        _ => format!("read less sensitive fields, or {}", together::justify_each(cx, told)),
    };
    let mut finding = together::of_field(cx, &RULE, (field, place), told, remedy)?;
    let who = together::who(told);
    if let Known::Unreadable(problem) = &after.known {
        let reads = if told.len() == 1 { "reads" } else { "read" };
        finding.message = format!(
            "what `{field}` reads cannot be understood, so it counts as {}, and nothing justifies that {who} {reads} it",
            after.tier.words()
        );
        finding.here = "not understood".into();
        finding.notes.push(problem.reason.clone());
        return Some(finding);
    }
    let gives = if told.len() == 1 { "gives" } else { "give" };
    if let Some(copy) = copy {
        let who = capital(&who);
        finding.message = format!(
            "{}. {who} {gives} access to `{field}` without the justification or approval that this needs",
            copied::copies(copy, 0)
        );
        finding.here = copied::here(copy);
        finding.notes.extend(copied::counts_as(copy));
        finding.notes.push(copied::label_it(field));
        finding.related.splice(0..0, describe::classified_at(&copy.of));
        return Some(finding);
    }
    let who = format!("{who} {gives} access to it");
    let reading = reading(change, before, after);
    finding.message = format!(
        "`{field}` {reading}. {} without the justification or approval that this needs",
        capital(&who)
    );
    finding.here = here(after);
    let way = after.derived.iter().flat_map(|from| path(from, after)).skip(1).collect::<Vec<_>>();
    finding.related.splice(0..0, redirected(cx, change).into_iter().chain(way));
    Some(finding)
}

/// A formula, roll-up or lookup of the base that newly shows a classified field asks for an approval by itself: who
/// reads it is not known from this repository alone.
fn newly_shows(cx: &Context<'_>, change: &LabelChange) -> Option<Finding> {
    let field = &change.field;
    let (before, after) = (cx.classified_before(field), cx.judged_as(field));
    let place = change.landing.derived_at()?;
    if matches!(before.known, Known::Unknown) || cx.newly_shown(field).is_none() {
        return None;
    }
    let mut finding = cx.finding(&RULE, place, Some(after.tier));
    finding.message = format!("`{field}` {}, for everybody who reads it", reading(change, before, after));
    finding.here = here(after);
    finding.help = format!("read less sensitive fields, or {}", describe::APPROVE_IT);
    finding.approvable = true;
    finding.subject = describe::of_field(field, after);
    finding.related = redirected(cx, change);
    finding.related.extend(after.derived.iter().flat_map(|from| path(from, after)).skip(1));
    Some(finding)
}

/// Lookups on the way of a formula that the change leaves alone, which point elsewhere from now on.
fn redirected(cx: &Context<'_>, change: &LabelChange) -> Vec<Related> {
    let Declared::Known(definitions) = &change.landing else { return Vec::new() };
    if !change.base.same_derivation(&change.landing) {
        return Vec::new();
    }
    let texts = definitions.iter().filter_map(|definition| definition.derived.as_ref());
    let text: String = texts.map(|(text, _)| text.to_ascii_lowercase()).collect::<Vec<_>>().join(" ");
    let moved = cx.delta.label_changes.iter().filter(|lookup| !lookup.base.same_targets(&lookup.landing));
    let related = moved.filter_map(|lookup| {
        let Declared::Known(all) = &lookup.landing else { return None };
        let definition = &all.first()?.definition;
        let message = format!("`{}` points elsewhere from now on", lookup.field);
        follows(&text, change.field.object(), &lookup.field)
            .then(|| Related::new(definition.clone(), message))
    });
    related.take(describe::NAMED).collect()
}

/// Whether a formula of an object, lower case, follows the relationship of a lookup. Of a later step the object is not looked
/// at.
fn follows(text: &str, object: &str, lookup: &FieldName) -> bool {
    let name = lookup.field().to_ascii_lowercase();
    let relationship = match name.strip_suffix("__c") {
        Some(custom) => format!("{custom}__r."),
        None => format!("{}.", name.strip_suffix("id").unwrap_or(&name)),
    };
    text.match_indices(&relationship).any(|(at, _)| match text[..at].chars().next_back() {
        Some('.') => true,
        Some(before) if before.is_alphanumeric() || before == '_' => false,
        _ => lookup.object().eq_ignore_ascii_case(object),
    })
}

/// ``comes to read `A.B`, which makes it restricted (Restricted)``.
fn reading(change: &LabelChange, before: &Classified, after: &Classified) -> String {
    let same = change.base.same_derivation(&change.landing);
    let reads = if same { "reads" } else { "now reads" };
    let new = after.inputs.difference(&before.inputs).next();
    let from = after.derived.as_ref().map(|from| &from.input);
    let input = new.or(from.map(|from| &from.field)).unwrap_or(&change.field);
    let is_guessed = from.is_some_and(|from| from.is_guessed && from.field == *input);
    let reads = if is_guessed { reads.replace("reads", "counts as reading") } else { reads.to_owned() };
    let makes = match (after.tier > before.tier, same) {
        (false, _) => "as well, and is",
        (true, true) => "which now makes it",
        (true, false) => "which makes it",
    };
    let comma = if after.tier > before.tier { "," } else { "" };
    format!("{reads} `{input}`{comma} {makes} {} ({})", after.tier.words(), after.label)
}

fn here(after: &Classified) -> String {
    let Some(from) = &after.derived else { return "reads more than before".to_owned() };
    format!("reads `{}`", from.input.hops().get(1).map_or(&from.input.field, |hop| &hop.field))
}

/// What derived fields of the change read and nobody can follow.
fn unresolved(cx: &Context<'_>) -> Vec<Finding> {
    let concerned = LazyCell::new(|| {
        let changed = cx.delta.label_changes.iter().filter(|c| !c.base.same_derivation(&c.landing));
        let granted = cx.granted().map(|pair| &pair.exposure.field);
        changed.map(|c| &c.field).chain(granted).collect::<HashSet<_>>()
    });
    let mut readers: BTreeMap<&str, Vec<(&FieldName, &Place)>> = BTreeMap::new();
    // A field of activities has three names, and one formula.
    let has_one_name = |field: &FieldName| {
        let whole = cx.defined_as(field);
        whole == field || !concerned.contains(whole)
    };
    let unresolved = cx.background.unresolved.iter().filter(|(field, _)| concerned.contains(field));
    for (field, unresolved) in unresolved.filter(|(field, _)| has_one_name(field)) {
        for (what, place) in unresolved {
            readers.entry(what).or_default().push((field, place));
        }
    }
    readers.into_iter().filter_map(|(what, readers)| not_followed(cx, what, &readers)).collect()
}

/// One note for what several formulas cannot be followed by, since one definition would answer all of them.
fn not_followed(cx: &Context<'_>, what: &str, readers: &[(&FieldName, &Place)]) -> Option<Finding> {
    let ((field, place), others) = readers.split_first()?;
    let mut finding = cx.finding(&RULE, place, None);
    finding.severity = finding.severity.min(Severity::Note);
    let (more, reads) = match others.len() {
        0 => (String::new(), "reads"),
        _ => (describe::and_more(others.len()), "read"),
    };
    finding.message = format!("`{field}`{more} {reads} something that cannot be judged here: {what}");
    finding.here = "cannot be followed".into();
    finding.help = "retrieve the definition of what it reads, if it is classified".into();
    finding.subject = describe::of_field(field, cx.classified(field));
    for (other, place) in others.iter().take(describe::NAMED) {
        finding.related.push(Related::new((*place).clone(), format!("`{other}` reads it, too")));
    }
    Some(finding)
}

/// The way from the derived field to the data, hop by hop, and the label that it ends at.
fn path(from: &DerivedFrom, classified: &Classified) -> Vec<Related> {
    let input = &from.input;
    let hops = input.hops();
    let next = hops.iter().skip(1).map(|hop| &hop.field).chain([&input.field]);
    let hops = hops.iter().zip(next);
    let hops = hops.map(|(hop, next)| {
        let reads = match (hop.copied, input.is_guessed && *next == input.field) {
            (true, _) => "gets a copy of",
            (false, true) => "counts as reading",
            (false, false) => "reads",
        };
        Related::new(hop.place.clone(), format!("`{}` {reads} `{next}`", hop.field))
    });
    let way = hops.chain(describe::classified_at(classified));
    way.map(|step| Related { on_the_way: true, ..step }).collect()
}
