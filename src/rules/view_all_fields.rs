//! `view-all-fields`: View All Fields of an object opens every field of it for reading, fields added
//! later included, whatever field-level security says (Help, *View All and Modify All Permissions*).
//!
//! Two ways lead here: a grantor gains it, or an object that is under it gains a classified field.

use super::by_permission::by_permission;
use super::catalogue::VIEW_ALL_FIELDS as RULE;
use super::causes::Told;
use super::{Context, describe, together};
use crate::access::{Bulk, BulkGrant};
use crate::finding::{Finding, Severity, Subject};
use crate::judge::{Changed, State};
use crate::policy::JUSTIFICATIONS;
use crate::words::{Access, FieldName, Grantor, GrantorKind, Tier};
use std::collections::BTreeSet;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let gained = cx.told_together(&RULE, |told| match told.pair.changed {
        Changed::Bulk(bulk @ Bulk::ViewAllFields(_)) => Some((&told.pair.exposure.grantor, bulk)),
        _ => None,
    });
    let classified: BTreeSet<(&Grantor, &Bulk)> = gained.keys().map(|(of, _)| *of).collect();
    for (((holder, bulk), _), told) in &gained {
        findings.extend(opens_classified(cx, holder, bulk, told));
    }
    for (holder, grant, held) in cx.bulk() {
        let all_fields = matches!(grant.bulk, Bulk::ViewAllFields(_));
        if all_fields && !classified.contains(&(holder, &grant.bulk)) {
            findings.push(opens_what_is_added(cx, holder, grant, held));
        }
    }
    by_permission(cx, &RULE, "read access", findings);
    let covered = |told: &Told<'_>| matches!(told.pair.changed, Changed::Field);
    for ((field, _), told) in cx.told_together(&RULE, |t| covered(t).then_some(&t.pair.exposure.field)) {
        findings.extend(covers_new(cx, field, &told));
    }
}

/// View All Fields that opens classified fields.
fn opens_classified(cx: &Context<'_>, holder: &Grantor, bulk: &Bulk, told: &[&Told<'_>]) -> Option<Finding> {
    let (grant, held) = cx.bulk_grant(holder, bulk)?;
    let mute = match holder.kind {
        GrantorKind::PermissionSetGroup => "mute View All Fields of the object in the group, ",
        _ => "",
    };
    let one_entry = match told.len() {
        0 | 1 => String::new(),
        _ => format!("; one entry for `{}.*` with `reviewed_fields` covers all that it names", grant.name),
    };
    let justify = together::justify_each(cx, told);
    let remedy = format!("{mute}grant the fields that are needed one by one, or {justify}{one_entry}");
    let place = together::bulk_place(holder, &grant);
    let (mut finding, fields) = together::of_holder(cx, &RULE, (holder, place), told, remedy);
    let (tier, state) = (finding.subject.tier, told.first()?.pair.state);
    finding.message = format!("{}. Of its fields {}", gains(cx, holder, &grant, held), fields.words());
    let by_user_type = told.iter().any(|t| {
        let exposure = &t.pair.exposure;
        cx.duty(holder, cx.judged_as(&exposure.field), exposure.access).1
    });
    if state == State::NotAllowed && holder.kind == GrantorKind::Profile && !by_user_type {
        finding.help =
            "set `viewAllFields` to `false` here and grant the fields that are needed in a permission set"
                .into();
    }
    finding.notes.splice(0..0, growing(cx, holder, held));
    finding.notes.splice(0..0, describe::was_muted(cx, holder, bulk));
    finding.here = format!("gives read access to every field of `{}`", grant.name);
    let justification = finding.subject.justification.take();
    finding.subject = Subject { justification, ..of_object(cx, holder, &grant, tier) };
    Some(finding)
}

/// View All Fields that opens no classified field today; whatever is added to the object later is open as well.
fn opens_what_is_added(cx: &Context<'_>, holder: &Grantor, grant: &BulkGrant, held: bool) -> Finding {
    let mut finding = cx.finding(&RULE, together::bulk_place(holder, grant), None);
    finding.message = gains(cx, holder, grant, held);
    let unknown = cx.policy.labels.unknown_fields();
    if unknown > Tier::Open {
        finding.message.push_str(&format!(
            "; fields that are not defined in this repository count as {}",
            unknown.words()
        ));
        finding.help = "grant the fields that are needed one by one".into();
        finding.approvable = true;
    } else {
        finding.severity = finding.severity.min(Severity::Note);
        finding.help = "grant the fields that are needed one by one, so that later ones stay closed".into();
    }
    finding.here = format!("gives read access to every field of `{}`", grant.name);
    finding.notes = growing(cx, holder, held);
    finding.subject = of_object(cx, holder, grant, None);
    finding
}

/// A field that is new to an object under View All Fields, told at its label, or at what it reads.
fn covers_new(cx: &Context<'_>, field: &FieldName, told: &[&Told<'_>]) -> Option<Finding> {
    let classified = cx.judged_as(field);
    let remedy = format!(
        "replace View All Fields by grants of single fields, or justify the access under `{JUSTIFICATIONS}`"
    );
    let own = cx.delta.label_changes.iter().find(|change| change.field == *field);
    let place = own.and_then(|change| change.landing.derived_at()).or(classified.place());
    let mut finding = together::of_field(cx, &RULE, (field, place), told, remedy)?;
    finding.message = format!(
        "`{field}` ({}) is new, and {} can read it from the start: View All Fields covers it",
        classified.label_words(),
        together::who(told),
    );
    finding.here = "can be read from the start".into();
    Some(finding)
}

fn gains(cx: &Context<'_>, holder: &Grantor, grant: &BulkGrant, held: bool) -> String {
    let gains = describe::gains(cx, held);
    format!("{holder} {gains} {grant}: every field can be read, whatever field-level security says")
}

fn growing(cx: &Context<'_>, holder: &Grantor, held: bool) -> Vec<String> {
    let principal = cx.user_type(holder);
    let held = held && !cx.standing && cx.user_type_rises(holder);
    let exposed = held.then(|| format!("the access exists already; now {principal} users can hold it"));
    exposed
        .into_iter()
        .chain(["View All Fields gives access to fields that are added to the object later, too".to_owned()])
        .collect()
}

fn of_object(cx: &Context<'_>, holder: &Grantor, grant: &BulkGrant, tier: Option<Tier>) -> Subject {
    Subject {
        grantor: Some((holder.clone(), cx.user_type(holder))),
        field: FieldName::of(&grant.name, "*"),
        access: Some(Access::Read),
        tier,
        route: grant.route.clone(),
        ..Subject::default()
    }
}
