//! `field-leaves-fls`: a classified field has no field-level security.
//!
//! System fields, universally required and master-detail fields, some standard fields, and all fields of platform
//! events, custom metadata types and custom settings have none: everybody who can read the object or type reads them
//! (*Object Reference*, FieldPermissions). Two ways lead here: a field comes to be one of them, or a permission set or
//! profile comes to read the object or type of one.

use super::catalogue::FIELD_LEAVES_FLS as RULE;
use super::causes::Told;
use super::{Context, describe, together};
use crate::access::{Bulk, Declared, LabelChange};
use crate::finding::Finding;
use crate::judge::Changed;
use crate::policy::JUSTIFICATIONS;
use crate::words::{FieldName, Grantor, Tier};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in &cx.delta.label_changes {
        let field = &change.field;
        let (before, after) = (cx.classified_before(field), cx.classified(field));
        let Some(place) = change.landing.outside_fls() else { continue };
        // Outside before and no more sensitive than before: nothing new.
        let was_outside = change.base.outside_fls().is_some();
        if after.tier == Tier::Open || (was_outside && after.tier <= before.tier) {
            continue;
        }
        let mut finding = cx.finding(&RULE, place, Some(after.tier));
        finding.message = format!(
            "`{field}` has no field-level security: everybody who can read `{}` reads it; the field is {}",
            field.object(),
            after.words()
        );
        finding.here = "takes the field out of field-level security".into();
        finding.help = if can_get_fls(change) {
            "keep the field optional (a validation rule or page layout can still demand a value), or a lookup"
        } else {
            "narrow who can read the object, or have an authorised person approve it"
        }
        .into();
        finding.approvable = true;
        finding.subject = describe::of_field(&change.field, after);
        finding.related.extend(describe::classified_at(after));
        findings.push(finding);
    }
    let by_object = cx.told_together(&RULE, |told| match told.pair.changed {
        Changed::Bulk(bulk) => Some((&told.pair.exposure.grantor, bulk)),
        _ => None,
    });
    for (((holder, bulk), _), told) in by_object {
        findings.extend(opened(cx, holder, bulk, &told));
    }
    let by_field = cx.told_together(&RULE, |told| {
        Some(&told.pair.exposure.field).filter(|_| !matches!(told.pair.changed, Changed::Bulk(_)))
    });
    for ((field, _), told) in by_field {
        findings.extend(reads_the_object(cx, field, &told));
    }
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
        "{holder} {} {grant}, and with it every field that has no field-level security; of those {}",
        describe::gains(cx, held),
        fields.words()
    );
    finding.here = match bulk {
        Bulk::Permission(_) => "gives access to every such field".into(),
        _ => format!("opens such fields of `{}`", grant.name),
    };
    finding.subject.route = grant.route.clone();
    Some(finding)
}

/// A field that comes to be without field-level security, and those that read its object.
fn reads_the_object(cx: &Context<'_>, field: &FieldName, told: &[&Told<'_>]) -> Option<Finding> {
    let classified = cx.judged_as(field);
    let remedy =
        format!("narrow who reads `{}`, or justify the access under `{JUSTIFICATIONS}`", field.object());
    let mut finding = together::of_field(cx, &RULE, (field, classified.place()), told, remedy)?;
    finding.message = format!(
        "`{field}`, {}, has no field-level security, so {} can read it with the object",
        classified.words(),
        together::who(told)
    );
    finding.here = "no field-level security".into();
    Some(finding)
}
