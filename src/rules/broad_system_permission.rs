//! `broad-system-permission`: a user permission that widens access to data far beyond one field.
//!
//! Names and labels: `facts` of the *Salesforce Field Reference* and Help. Bypassing sharing and
//! bypassing field-level security are different things; each entry says which it is.

use super::{Context, Rule, describe};
use crate::access::{Bulk, BulkGrant};
use crate::finding::{Finding, RuleInfo, Severity, Subject};
use crate::words::{FieldName, Grantor};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "broad-system-permission",
        summary: "a user permission opens data far beyond one field",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-004", "SBS-ACS-008", "SBS-ACS-011"],
        page: include_str!("../../docs/rules/broad-system-permission.md"),
    },
    check,
};

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

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (grantor, grant, held) in cx.bulk() {
        let Bulk::Permission(name) = &grant.bulk else { continue };
        let Some((_, label, effect, weight)) = PERMISSIONS.iter().find(|(n, ..)| n == name) else { continue };
        let told = IMPLIED
            .iter()
            .any(|(weaker, stronger)| weaker == name && cx.gains_bulk(grantor, &Bulk::permission(stronger)));
        if !told {
            findings.push(finding(cx, grantor, grant, held, (label, effect, *weight)));
        }
    }
}

fn finding(
    cx: &Context<'_>,
    grantor: &Grantor,
    grant: &BulkGrant,
    held: bool,
    (label, effect, weight): (&str, &str, Severity),
) -> Finding {
    let exposures = cx.opened_by(grantor, &grant.bulk);
    let list = describe::unsettled(cx, &RULE.info, &exposures);
    let mut finding = cx.finding(&RULE.info, describe::bulk_place(grantor, grant), None);
    finding.severity = finding.severity.min(weight);
    finding.message = format!("{grantor} {} {label}: {effect}", describe::gains(cx, held));
    if held {
        let principal = cx.principal(grantor);
        finding.notes.push(format!("it stands on the base; this change opens it to {principal} principals"));
    }
    finding.here = format!("enables `{}`", grant.name);
    // Where the policy forbids what it does to fields, an approval of the permission alone settles nothing.
    finding.help = match list.barred {
        Some(_) => "remove the permission".into(),
        None => "remove the permission, or have an authorised person approve it".into(),
    };
    finding.approvable = true;
    finding.subject = Subject {
        grantor: Some((grantor.clone(), cx.principal(grantor))),
        // Tells the permissions of one grantor apart.
        field: FieldName::of("*", &grant.name),
        tier: list.tier,
        route: grant.route.clone(),
        ..Subject::default()
    };
    finding
}
