//! User permissions that widen access to data far beyond one field: what each is called, and what it does.
//!
//! Names and labels are those of the *Salesforce Field Reference* (`Permissions…` of PermissionSet), except four that
//! its page does not list and whose labels follow from their names: `RetainFieldHistory`, `GetConversationTranscripts`,
//! `UseAnyApiClient` and `UseAnyApiAuth`. What the first sixteen do is documented in Salesforce Help; of the others the
//! label tells it. Bypassing sharing and bypassing
//! field-level security are different things; each entry says which it is.

use super::catalogue::BROAD_SYSTEM_PERMISSION;
use crate::finding::Severity;
use crate::policy::Policy;
use Severity::{Error, Warning};

/// One user permission.
pub(super) struct UserPermission {
    /// Its API name.
    pub(super) name: &'static str,
    /// What Setup calls it.
    pub(super) label: &'static str,
    /// What it does, after a colon.
    pub(super) effect: &'static str,
    /// How much it weighs at most, where the policy does not set it by its own name.
    pub(super) weight: Severity,
    /// How a policy calls it.
    pub(super) key: &'static str,
}

macro_rules! permissions {
    ($(($name:literal, $label:literal, $effect:literal, $weight:expr $(,)?),)*) => {
        &[$(UserPermission {
            name: $name,
            label: $label,
            effect: $effect,
            weight: $weight,
            key: concat!("broad-system-permission/", $name),
        },)*]
    };
}

/// All of them.
pub(super) static ALL: &[UserPermission] = permissions![
    (
        "ViewAllFieldsGlobal",
        "View All Fields (Global)",
        "every field of every object can be read; field-level security is taken to be bypassed, which Salesforce does not document",
        Error,
    ),
    ("EditReadonlyFields", "Edit Read Only Fields", "every field that can be read can be changed", Error),
    (
        "ModifyAllData",
        "Modify All Data",
        "every record can be read and changed, whatever sharing says; field-level security stays",
        Error,
    ),
    (
        "ViewAllData",
        "View All Data",
        "every record can be read, whatever sharing says; field-level security stays",
        Error,
    ),
    (
        "ViewEncryptedData",
        "View Encrypted Data",
        "classic encrypted text is shown unmasked; Shield encryption is not concerned",
        Error,
    ),
    (
        "ModifyDataClassification",
        "Modify Data Classification",
        "fields can be relabelled in the org",
        Warning,
    ),
    ("ViewUserPII", "View Concealed Field Data", "concealed fields of users are shown", Warning),
    ("ViewAllCustomSettings", "View All Custom Settings", "every custom setting can be read", Warning),
    ("QueryAllFiles", "Query All Files", "every file can be queried", Warning),
    ("DataExport", "Weekly Data Export", "all data can be exported", Warning),
    ("AssignPermissionSets", "Assign Permission Sets", "any access can be given to anybody", Warning),
    (
        "ManageProfilesPermissionsets",
        "Manage Profiles and Permission Sets",
        "any access can be granted",
        Warning,
    ),
    ("ManageUsers", "Manage Users", "any profile can be given to anybody", Warning),
    (
        "CustomizeApplication",
        "Customize Application",
        "fields and their labels can be changed in the org",
        Warning,
    ),
    ("ModifyMetadata", "Modify Metadata", "metadata can be deployed past this gate", Warning),
    ("AuthorApex", "Author Apex", "code can read every field in system mode", Warning),
    ("RetainFieldHistory", "Retain Field History", "archived field history can be read", Warning),
    (
        "PrivacyDataAccess",
        "Allow user to access privacy data",
        "data of the Privacy Center can be read",
        Warning,
    ),
    (
        "ViewAllForeignKeyNames",
        "View All Lookup Record Names",
        "the names of all records that lookups point to are shown",
        Warning,
    ),
    (
        "SubscribeReportsRunAsUser",
        "Subscribe to Reports: Set Running User",
        "reports can be sent with what another user may read",
        Warning,
    ),
    (
        "ViewDataLeakageEvents",
        "View Real-Time Event Monitoring Data",
        "monitored events can be read, with the data that they hold",
        Warning,
    ),
    (
        "ManageDataMaskPolicies",
        "Manage Data Mask Policies",
        "what is masked in sandboxes can be changed",
        Warning,
    ),
    (
        "ActivateSystemModeFlows",
        "Enable System Mode Flow Activation",
        "flows that field-level security does not stop can be activated",
        Warning,
    ),
    (
        "ModifyAllDataGovTags",
        "Modify All Data Governance Tags",
        "the tags by which data is governed can be changed",
        Warning,
    ),
    (
        "ModifyAllDataGovTagAssign",
        "Modify All Data Governance Tag Assignments",
        "which data is tagged can be changed",
        Warning,
    ),
    (
        "ModifyAllDataGovPolicies",
        "Modify All Data Governance Policies",
        "the policies that govern data can be changed",
        Warning,
    ),
    (
        "ModifyAccessAllowPolicies",
        "Modify Allow Data Governance Policies",
        "the policies that allow access to data can be changed",
        Warning,
    ),
    (
        "ModifyAccessDenyPolicies",
        "Modify Deny Data Governance Policies",
        "the policies that deny access to data can be changed",
        Warning,
    ),
    (
        "ManageDataspaceScope",
        "Manage Dataspace Scope",
        "who reaches which data space can be changed",
        Warning,
    ),
    (
        "ConfigureDataspaceScope",
        "Configure Dataspace Scope",
        "who reaches which data space can be changed",
        Warning,
    ),
    (
        "GetConversationTranscripts",
        "Get Conversation Transcripts",
        "transcripts of conversations can be read",
        Warning,
    ),
    (
        "ManageApiNamedQueries",
        "Allows users to create, read, update and delete Named Query records",
        "queries that others run by name can be changed",
        Warning,
    ),
    (
        "DelegatedPortalUserAdmin",
        "Delegated External User Administrator",
        "external users can be given access",
        Warning,
    ),
    (
        "UseAnyApiClient",
        "Use Any API Client",
        "any app can be used to read data by the API, approved or not",
        Warning,
    ),
    ("UseAnyApiAuth", "Use Any API Auth", "a plain login with the password opens the API", Warning),
    ("QueryNonVetoedFiles", "Query Non Vetoed Files", "files of others can be queried", Warning),
    (
        "ManageEncryptionKeys",
        "Manage Encryption Keys",
        "the keys of Shield Platform Encryption can be changed",
        Warning,
    ),
    ("ManageSharing", "Manage Sharing", "who sees which records can be changed", Warning),
];

/// The permission of a name, whatever its letter case.
pub(super) fn find(name: &str) -> Option<&'static UserPermission> {
    ALL.iter().find(|permission| permission.name.eq_ignore_ascii_case(name))
}

/// What the policy says of this permission by its own name; else what it says of the rule, up to the weight of the
/// permission.
pub(super) fn severity(policy: &Policy, permission: &UserPermission) -> Option<Severity> {
    match policy.severity_of_part(permission.key) {
        Some(severity) => severity,
        None => policy.severity(&BROAD_SYSTEM_PERMISSION).map(|severity| severity.min(permission.weight)),
    }
}
