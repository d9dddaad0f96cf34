//! `encrypted-field-access`: a grantor comes to see encrypted data in the clear.
//!
//! Classic encrypted text is masked for everybody without View Encrypted Data (*Security Implementation
//! Guide*, classic encryption), so it takes a pair: the field and the permission. Shield encrypts at
//! rest, and whoever may read the field sees it; in orgs that still mask, the policy says so.

use super::catalogue::ENCRYPTED_FIELD_ACCESS as RULE;
use super::{Context, describe, together};
use crate::access::{Bulk, Exposure, VIEW_ENCRYPTED_DATA};
use crate::finding::{Finding, Related, Severity, Subject};
use crate::judge::Pair;
use crate::words::{Access, Grantor, Tier};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let gained: Vec<_> = cx.bulk().filter(|(_, grant, _)| grant.bulk == permission()).collect();
    let who_gains: BTreeSet<&Grantor> = gained.iter().map(|(grantor, ..)| *grantor).collect();
    for (grantor, grant, _) in gained {
        let reach = cx.background.reach.get(grantor).map(Vec::as_slice).unwrap_or_default();
        let fields: Vec<&Exposure> = reach.iter().filter(|e| is_masked(cx, e)).collect();
        if fields.is_empty() {
            continue;
        }
        let mut finding = cx.finding(&RULE, together::bulk_place(grantor, grant), None);
        let names: Vec<String> =
            fields.iter().take(describe::NAMED).map(|e| format!("`{}`", e.field)).collect();
        let more = describe::and_more(fields.len() - names.len());
        finding.message = format!(
            "{grantor} gives read access to {}{more}, and now shows the clear text instead of a mask",
            names.join(", ")
        );
        finding.here = "takes the mask off".into();
        finding.help = "give View Encrypted Data by a permission set of its own, to few people".into();
        for exposure in fields.iter().take(describe::NAMED) {
            finding.related.push(encrypted_at(cx, exposure));
        }
        finding.subject = Subject {
            grantor: Some((grantor.clone(), cx.user_type(grantor))),
            field: Some(fields[0].field.clone()).filter(|_| fields.len() == 1),
            access: Some(Access::Read),
            tier: fields.iter().map(|e| cx.classified(&e.field).tier).max(),
            route: grant.route.clone(),
            ..Subject::default()
        };
        findings.push(finding);
    }
    let mut at_rest: BTreeMap<&Grantor, Vec<&Exposure>> = BTreeMap::new();
    for opened in cx.opened().filter(|pair| pair.before.is_none()) {
        let exposure = &*opened.exposure;
        if is_masked(cx, exposure) {
            findings.extend(in_the_clear(cx, opened, &who_gains));
        } else if cx.background.encrypted.contains_key(&exposure.field) && exposure.through.is_none() {
            // A label asks for a reason already; without one nothing else is said.
            if cx.classified(&exposure.field).tier == Tier::Open {
                at_rest.entry(&exposure.grantor).or_default().push(exposure);
            }
        }
    }
    findings.extend(at_rest.iter().filter_map(|(grantor, fields)| encrypted_at_rest(cx, grantor, fields)));
}

fn permission() -> Bulk {
    Bulk::permission(VIEW_ENCRYPTED_DATA)
}

fn is_masked(cx: &Context<'_>, exposure: &Exposure) -> bool {
    cx.background.encrypted.get(&exposure.field).is_some_and(|encrypted| encrypted.masked)
}

/// A new grant of a masked field to a grantor that takes the mask off. Who gains that is told for all of its fields.
fn in_the_clear(cx: &Context<'_>, pair: &Pair<'_>, who_gains: &BTreeSet<&Grantor>) -> Option<Finding> {
    let exposure = &*pair.exposure;
    let holds = |grantor: &Grantor| {
        let access = cx.delta.landing.get(grantor).or_else(|| cx.delta.base.get(grantor));
        access.is_some_and(|access| access.bulk.has(&permission()))
    };
    // The member of a group is told by itself.
    let at_member = exposure.through.as_ref().is_some_and(holds);
    if who_gains.contains(&exposure.grantor) || at_member || !holds(&exposure.grantor) {
        return None;
    }
    let mut finding = describe::about(cx, &RULE, pair, cx.classified(&exposure.field));
    finding.related = vec![encrypted_at(cx, exposure)];
    finding.message = format!(
        "{} gives access to the clear text of `{}`: it has View Encrypted Data as well",
        exposure.grantor, exposure.field
    );
    finding.help = "grant the field or the permission in a permission set of its own".into();
    Some(finding)
}

/// New grants of unlabelled fields that Shield encrypts.
fn encrypted_at_rest(cx: &Context<'_>, grantor: &Grantor, fields: &[&Exposure]) -> Option<Finding> {
    let first = fields.first()?;
    let mut finding = cx.finding(&RULE, first.place(), None);
    finding.severity = finding.severity.min(Severity::Note);
    let names: Vec<String> = fields.iter().take(describe::NAMED).map(|e| format!("`{}`", e.field)).collect();
    let more = describe::and_more(fields.len() - names.len());
    finding.message = format!(
        "{grantor} gives access to {}{more}. Shield encrypts at rest: whoever may read it sees the clear text",
        names.join(", ")
    );
    finding.here = format!("gives {1} access to `{0}`", first.field, first.access);
    finding.help = "label the data if it is sensitive; encryption decides nothing about access".into();
    finding.related = fields.iter().take(describe::NAMED).map(|e| encrypted_at(cx, e)).collect();
    finding.subject = Subject {
        grantor: Some((grantor.clone(), cx.user_type(grantor))),
        field: Some(first.field.clone()).filter(|_| fields.len() == 1),
        access: fields.iter().map(|e| e.access).max(),
        tier: Some(Tier::Open),
        route: first.route.clone(),
        ..Subject::default()
    };
    Some(finding)
}

fn encrypted_at(cx: &Context<'_>, exposure: &Exposure) -> Related {
    let place = cx.background.encrypted.get(&exposure.field).map_or(exposure.place(), |e| &e.place);
    Related::new(place.clone(), format!("`{}` is encrypted", exposure.field))
}
