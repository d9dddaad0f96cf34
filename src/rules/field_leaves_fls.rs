//! `field-leaves-fls`: a classified field has no field-level security.
//!
//! System fields, universally required and master-detail fields, some standard fields, and all fields of platform
//! events, custom metadata types and custom settings have none: everybody who can read the object or type reads them
//! (*Object Reference*, FieldPermissions). Two ways lead here: a field comes to be one of them, or a permission set or
//! profile comes to read the object or type of one.

use super::catalogue::FIELD_LEAVES_FLS as RULE;
use super::causes::Told;
use super::{Context, causes, describe, together};
use crate::access::{Bulk, Declared, LabelChange};
use crate::finding::{Finding, Place, Related, Severity, Subject};
use crate::judge::Changed;
use crate::policy::JUSTIFICATIONS;
use crate::tiers::Classified;
use crate::words::{FieldName, Grantor, Tier};
use std::collections::BTreeMap;

/// The next step where no other definition of a field helps.
const NARROW: &str = "narrow who can read the object, or have an authorised person approve it";

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let by_field = cx.told_together(&RULE, |told| {
        Some(cx.defined_as(&told.pair.exposure.field))
            .filter(|_| !matches!(told.pair.changed, Changed::Bulk(_)))
    });
    let mut weights: BTreeMap<&FieldName, Severity> = BTreeMap::new();
    for ((field, _), told) in by_field {
        let weight = weights.entry(field).or_insert(Severity::Note);
        *weight = causes::weight(&told).max(*weight);
        findings.extend(reads_the_object(cx, field, &told));
    }
    let mut by_object: BTreeMap<(String, Tier), Vec<Left<'_>>> = BTreeMap::new();
    for change in &cx.delta.label_changes {
        let Some(left) = left(cx, change) else { continue };
        // Who reads it has been told, which weighs as much and names more.
        let weight = cx.policy.severity_in(&RULE, left.after.tier);
        if weights.get(&change.field).is_some_and(|told| Some(*told) >= weight) {
            continue;
        }
        // Of a required field its own definition is the cause, of others the object.
        match can_get_fls(change) {
            true => findings.push(of_one(cx, &left)),
            false => by_object.entry(left.object()).or_default().push(left),
        }
    }
    for left in by_object.values() {
        findings.extend(match left.as_slice() {
            [one] => Some(of_one(cx, one)),
            all => of_object(cx, all),
        });
    }
    let by_object = cx.told_together(&RULE, |told| match told.pair.changed {
        Changed::Bulk(bulk) => Some((&told.pair.exposure.grantor, bulk)),
        _ => None,
    });
    for (((holder, bulk), _), told) in by_object {
        findings.extend(opened(cx, holder, bulk, &told));
    }
}

/// A classified field that comes to be without field-level security, or is labelled there.
struct Left<'c> {
    change: &'c LabelChange,
    place: &'c Place,
    after: &'c Classified,
}

impl Left<'_> {
    fn object(&self) -> (String, Tier) {
        (self.change.field.object().to_ascii_lowercase(), self.after.tier)
    }
}

fn left<'c>(cx: &'c Context<'_>, change: &'c LabelChange) -> Option<Left<'c>> {
    let (before, after) = (cx.classified_before(&change.field), cx.classified(&change.field));
    let place = change.landing.outside_fls()?;
    // Outside before and classified in a tier that binds as much: a label that rises over it gives nobody anything.
    let weight = |of: &Classified| cx.policy.severity_in(&RULE, of.tier);
    let was_outside =
        change.base.outside_fls().is_some() && before.tier > Tier::Open && weight(before) >= weight(after);
    let is_news = after.tier > Tier::Open && !was_outside;
    is_news.then_some(Left { change, place, after })
}

fn of_one(cx: &Context<'_>, Left { change, place, after }: &Left<'_>) -> Finding {
    let field = &change.field;
    let mut finding = cx.finding(&RULE, place, Some(after.tier));
    finding.message = format!(
        "`{field}` ({}) has no field-level security: everybody who can read `{}` can read it",
        after.label_words(),
        field.object()
    );
    finding.here = "takes the field out of field-level security".into();
    finding.help = match can_get_fls(change) {
        true => {
            "keep the field optional (a validation rule or page layout can still demand a value), or a lookup"
        }
        false => NARROW,
    }
    .into();
    finding.approvable = true;
    finding.subject = describe::of_field(field, after);
    finding.related.extend(describe::classified_at(after));
    finding
}

/// Fields of one tier whose object has no field-level security for them: one cause, told once. An approval is of exactly
/// these fields with these labels.
fn of_object(cx: &Context<'_>, all: &[Left<'_>]) -> Option<Finding> {
    let first = all.first()?;
    let object = first.change.field.object();
    let mut finding = cx.finding(&RULE, first.place, Some(first.after.tier));
    let names = all.iter().take(describe::NAMED).map(|left| format!("`{}`", left.change.field));
    finding.message = format!(
        "`{object}` has no field-level security for {} {} fields{}, so everybody who can read it can read them: {}{}",
        all.len(),
        first.after.tier.words(),
        if cx.standing { "" } else { " that are new or labelled here" },
        names.collect::<Vec<_>>().join(", "),
        describe::and_more(all.len().saturating_sub(describe::NAMED))
    );
    finding.here = "one of these fields".into();
    finding.help = NARROW.into();
    finding.approvable = true;
    finding.subject =
        Subject { field: FieldName::of(object, "*"), tier: Some(first.after.tier), ..Subject::default() };
    finding.related = all
        .iter()
        .map(|Left { change, place, after }| {
            let place = after.place().unwrap_or(place).clone();
            let message = format!("`{}` is {}", change.field, after.words());
            Related { on_the_way: true, ..Related::new(place, message) }
        })
        .collect();
    Some(finding)
}

/// Whether another definition would bring the field below field-level security: one that is required or master-detail.
fn can_get_fls(change: &LabelChange) -> bool {
    let Declared::Known(all) = &change.landing else { return false };
    all.iter()
        .any(|d| d.outside_fls.as_ref().is_some_and(|place| place.location() != d.definition.location()))
}

/// Classified fields without field-level security that a holder reads because it gains their object.
fn opened(cx: &Context<'_>, holder: &Grantor, bulk: &Bulk, told: &[&Told<'_>]) -> Option<Finding> {
    let (grant, held) = cx.bulk_grant(holder, bulk)?;
    let what = match bulk {
        Bulk::Permission(_) => "permission",
        Bulk::ReadType(_) => "entry",
        _ => "object permission",
    };
    let remedy = format!("remove the {what}, or justify the fields under `{JUSTIFICATIONS}`");
    let place = together::bulk_place(holder, &grant);
    let (mut finding, fields) = together::of_holder(cx, &RULE, (holder, place), told, remedy);
    finding.message = format!(
        "{holder} {} {grant}, and with it access to every field that has no field-level security. Of those {}",
        describe::gains(cx, held),
        fields.words()
    );
    finding.here = match bulk {
        Bulk::Permission(_) => "gives access to every such field".into(),
        _ => format!("gives access to such fields of `{}`", grant.name),
    };
    finding.subject.route = grant.route.clone();
    Some(finding)
}

/// A field that comes to be without field-level security, and those that read its object.
fn reads_the_object(cx: &Context<'_>, field: &FieldName, told: &[&Told<'_>]) -> Option<Finding> {
    let classified = cx.judged_as(field);
    let remedy =
        format!("narrow who reads `{}`, or justify the access under `{JUSTIFICATIONS}`", field.object());
    // The element that takes it out of field-level security, where that is news; else its label.
    let own = cx.delta.label_changes.iter().find(|change| change.field == *field);
    let leaves = own.filter(|change| change.base.outside_fls().is_none() && can_get_fls(change));
    let place = leaves.and_then(|change| change.landing.outside_fls()).or(classified.place());
    let mut finding = together::of_field(cx, &RULE, (field, place), told, remedy)?;
    finding.message = format!(
        "`{field}` ({}) has no field-level security, so {} {} access to it with the object",
        classified.label_words(),
        together::who(told),
        if told.len() == 1 { "gives" } else { "give" }
    );
    finding.here = "no field-level security".into();
    Some(finding)
}
