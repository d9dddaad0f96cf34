//! `broad-system-permission`: a user permission that widens access to data far beyond one field.
//!
//! Which they are, and what each does, stands in `user_permissions`.

use super::catalogue::BROAD_SYSTEM_PERMISSION as RULE;
use super::causes::Told;
use super::user_permissions::{self, UserPermission};
use super::{Context, describe, together};
use crate::access::{Bulk, BulkGrant};
use crate::finding::{Finding, Subject};
use crate::judge::{Changed, State};
use crate::words::{FieldName, Grantor};
use std::collections::BTreeMap;

/// Permissions that another one implies: told once, with the stronger one.
const IMPLIED: &[(&str, &str)] = &[("viewalldata", "modifyalldata")];

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let opened = opened_by(cx);
    for (grantor, grant, held) in cx.bulk() {
        let Bulk::Permission(name) = &grant.bulk else { continue };
        let Some(permission) = user_permissions::find(name) else { continue };
        let Some(severity) = user_permissions::severity(cx.policy, permission) else { continue };
        let told = IMPLIED
            .iter()
            .any(|(weaker, stronger)| weaker == name && cx.gains_bulk(grantor, &Bulk::permission(stronger)));
        if !told {
            let fields = opened.get(&(grantor, &grant.bulk)).map(Vec::as_slice).unwrap_or_default();
            let mut finding = finding(cx, (grantor, grant, held), permission, fields);
            finding.severity = severity;
            findings.push(finding);
        }
    }
}

/// Open pairs by the permission that opens them.
fn opened_by<'c, 'a>(cx: &'a Context<'c>) -> BTreeMap<(&'a Grantor, &'c Bulk), Vec<&'a Told<'c>>> {
    let mut by: BTreeMap<_, Vec<&Told<'_>>> = BTreeMap::new();
    for told in cx.all_told() {
        if let Changed::Bulk(bulk) = told.pair.changed {
            by.entry((&told.pair.exposure.grantor, bulk)).or_default().push(told);
        }
    }
    by
}

fn finding(
    cx: &Context<'_>,
    (grantor, grant, held): (&Grantor, &BulkGrant, bool),
    permission: &UserPermission,
    fields: &[&Told<'_>],
) -> Finding {
    let mut finding = cx.finding(&RULE, together::bulk_place(grantor, grant), None);
    finding.message =
        format!("{grantor} {} {}: {}", describe::gains(cx, held), permission.label, permission.effect);
    if held {
        let user_type = cx.user_type(grantor);
        finding.notes.push(format!("the permission exists already; now {user_type} users can hold it"));
    }
    finding.notes.extend(describe::was_muted(cx, grantor, &grant.bulk));
    finding.here = format!("enables `{}`", grant.name);
    // Where the policy forbids what it does to fields, an approval of the permission alone settles nothing.
    finding.help = match fields.iter().any(|told| told.pair.state == State::NotAllowed) {
        true => "remove the permission".into(),
        false => "remove the permission, or have an authorised person approve it".into(),
    };
    finding.approvable = true;
    finding.subject = Subject {
        grantor: Some((grantor.clone(), cx.user_type(grantor))),
        // Tells the permissions of one grantor apart.
        field: FieldName::of("*", &grant.name),
        tier: fields.iter().map(|told| cx.judged_as(&told.pair.exposure.field).tier).max(),
        route: grant.route.clone(),
        ..Subject::default()
    };
    finding
}
