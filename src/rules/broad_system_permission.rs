//! `broad-system-permission`: a user permission that widens access to data far beyond one field.
//!
//! Names and labels: `facts` of the *Salesforce Field Reference* and Help. Bypassing sharing and
//! bypassing field-level security are different things; each entry says which it is.

use super::catalogue::BROAD_SYSTEM_PERMISSION as RULE;
use super::causes::Told;
use super::{Context, describe, together};
use crate::access::{Bulk, BulkGrant};
use crate::finding::{Finding, Severity, Subject};
use crate::judge::{Changed, State};
use crate::words::{FieldName, Grantor};
use std::collections::BTreeMap;

/// Name (lower case), label, what it does, and how much that weighs at most.
const PERMISSIONS: &[(&str, &str, &str, Severity)] = &[
    (
        "viewallfieldsglobal",
        "View All Fields (Global)",
        "every field of every object can be read; field-level security is taken to be bypassed, which Salesforce does not document",
        Severity::Error,
    ),
    (
        "editreadonlyfields",
        "Edit Read Only Fields",
        "every field that can be read can be changed",
        Severity::Error,
    ),
    (
        "modifyalldata",
        "Modify All Data",
        "every record can be read and changed, whatever sharing says; field-level security stays",
        Severity::Error,
    ),
    (
        "viewalldata",
        "View All Data",
        "every record can be read, whatever sharing says; field-level security stays",
        Severity::Error,
    ),
    (
        "viewencrypteddata",
        "View Encrypted Data",
        "classic encrypted text is shown unmasked; Shield encryption is not concerned",
        Severity::Error,
    ),
    (
        "modifydataclassification",
        "Modify Data Classification",
        "fields can be relabelled in the org",
        Severity::Warning,
    ),
    ("viewuserpii", "View Concealed Field Data", "concealed fields of users are shown", Severity::Warning),
    (
        "viewallcustomsettings",
        "View All Custom Settings",
        "every custom setting can be read",
        Severity::Warning,
    ),
    ("queryallfiles", "Query All Files", "every file can be queried", Severity::Warning),
    ("dataexport", "Weekly Data Export", "all data can be exported", Severity::Warning),
    (
        "assignpermissionsets",
        "Assign Permission Sets",
        "any access can be given to anybody",
        Severity::Warning,
    ),
    (
        "manageprofilespermissionsets",
        "Manage Profiles and Permission Sets",
        "any access can be granted",
        Severity::Warning,
    ),
    ("manageusers", "Manage Users", "any profile can be given to anybody", Severity::Warning),
    (
        "customizeapplication",
        "Customize Application",
        "fields and their labels can be changed in the org",
        Severity::Warning,
    ),
    ("modifymetadata", "Modify Metadata", "metadata can be deployed past this gate", Severity::Warning),
    ("authorapex", "Author Apex", "code can read every field in system mode", Severity::Warning),
];

/// Permissions that another one implies: told once, with the stronger one.
const IMPLIED: &[(&str, &str)] = &[("viewalldata", "modifyalldata")];

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let opened = opened_by(cx);
    for (grantor, grant, held) in cx.bulk() {
        let Bulk::Permission(name) = &grant.bulk else { continue };
        let Some((_, label, effect, weight)) = PERMISSIONS.iter().find(|(n, ..)| n == name) else { continue };
        let told = IMPLIED
            .iter()
            .any(|(weaker, stronger)| weaker == name && cx.gains_bulk(grantor, &Bulk::permission(stronger)));
        if !told {
            let fields = opened.get(&(grantor, &grant.bulk)).map(Vec::as_slice).unwrap_or_default();
            findings.push(finding(cx, (grantor, grant, held), (label, effect, *weight), fields));
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
    (label, effect, weight): (&str, &str, Severity),
    fields: &[&Told<'_>],
) -> Finding {
    let mut finding = cx.finding(&RULE, together::bulk_place(grantor, grant), None);
    finding.severity = finding.severity.min(weight);
    finding.message = format!("{grantor} {} {label}: {effect}", describe::gains(cx, held));
    if held {
        let principal = cx.user_type(grantor);
        finding.notes.push(format!("it stands on the base; this change opens it to {principal} principals"));
    }
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
