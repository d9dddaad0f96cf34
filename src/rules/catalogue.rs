//! Every rule by id, one line of summary, default severity and page: what is fixed about it, and nothing of how it judges.

use crate::finding::{RuleInfo, Severity};

pub(super) static RESTRICTED_FIELD_GRANT: RuleInfo = RuleInfo {
    id: "restricted-field-grant",
    summary: "new access to a restricted field that nothing justifies",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/restricted-field-grant.md"),
};

pub(super) static CONDITIONAL_FIELD_GRANT: RuleInfo = RuleInfo {
    id: "conditional-field-grant",
    summary: "new read access to a conditional field that nothing justifies",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/conditional-field-grant.md"),
};

pub(super) static CLASSIFIED_EDIT: RuleInfo = RuleInfo {
    id: "classified-edit",
    summary: "new edit access to a conditional field that nothing justifies",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/classified-edit.md"),
};

pub(super) static PROFILE_GRANTS_CLASSIFIED_FIELD: RuleInfo = RuleInfo {
    id: "profile-grants-classified-field",
    summary: "a profile gives access to a classified field; such access must come through a permission set",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-001", "SBS-ACS-011"],
    page: include_str!("../../docs/rules/profile-grants-classified-field.md"),
};

pub(super) static EXTERNAL_ACCESS: RuleInfo = RuleInfo {
    id: "external-access",
    summary: "users of a type get access to a classified field that they may not have",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011", "SBS-CPORTAL-002"],
    page: include_str!("../../docs/rules/external-access.md"),
};

pub(super) static VIEW_ALL_FIELDS: RuleInfo = RuleInfo {
    id: "view-all-fields",
    summary: "View All Fields gives access to classified fields past field-level security",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/view-all-fields.md"),
};

pub(super) static BROAD_SYSTEM_PERMISSION: RuleInfo = RuleInfo {
    id: "broad-system-permission",
    summary: "a user permission gives access to data far beyond one field",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-004", "SBS-ACS-008", "SBS-ACS-011"],
    page: include_str!("../../docs/rules/broad-system-permission.md"),
};

pub(super) static RECORD_ACCESS_BYPASS: RuleInfo = RuleInfo {
    id: "record-access-bypass",
    summary: "access to every record of an object with classified fields, past sharing",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &["SBS-ACS-008", "SBS-ACS-011"],
    page: include_str!("../../docs/rules/record-access-bypass.md"),
};

pub(super) static DERIVED_FIELD_ACCESS: RuleInfo = RuleInfo {
    id: "derived-field-access",
    summary: "a formula, a roll-up or a copy shows data of a more sensitive field",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/derived-field-access.md"),
};

pub(super) static GROUP_ACCESS: RuleInfo = RuleInfo {
    id: "group-access",
    summary: "a permission set group gives access to classified fields through a member",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-001", "SBS-ACS-011"],
    page: include_str!("../../docs/rules/group-access.md"),
};

pub(super) static UNMUTED_FIELD: RuleInfo = RuleInfo {
    id: "unmuted-field",
    summary: "a classified field is no longer muted in a permission set group",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-001", "SBS-ACS-011"],
    page: include_str!("../../docs/rules/unmuted-field.md"),
};

pub(super) static ASSIGNMENT_WIDENED: RuleInfo = RuleInfo {
    id: "assignment-widened",
    summary: "more people hold a permission set, profile or group that gives access to classified fields",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/assignment-widened.md"),
};

pub(super) static USER_TYPE_FALLS: RuleInfo = RuleInfo {
    id: "user-type-falls",
    summary: "a permission set, profile or group that people outside can hold counts as internal from now on",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011", "SBS-CPORTAL-002"],
    page: include_str!("../../docs/rules/user-type-falls.md"),
};

pub(super) static UNKNOWN_PERMISSION_SET: RuleInfo = RuleInfo {
    id: "unknown-permission-set",
    summary: "a group, access policy or site names a permission set that this repository does not define",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/unknown-permission-set.md"),
};

pub(super) static ENCRYPTED_FIELD_ACCESS: RuleInfo = RuleInfo {
    id: "encrypted-field-access",
    summary: "encrypted data can be seen in the clear",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/encrypted-field-access.md"),
};

pub(super) static CONFLICTING_ENTRIES: RuleInfo = RuleInfo {
    id: "conflicting-entries",
    summary: "entries about one field disagree; the widest access counts",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &[],
    page: include_str!("../../docs/rules/conflicting-entries.md"),
};

pub(super) static PROFILE_OMISSION_KEEPS_GRANT: RuleInfo = RuleInfo {
    id: "profile-omission-keeps-grant",
    summary: "deleting an entry from a profile does not revoke the grant",
    severity: Some(Severity::Note),
    since: "0.1.0",
    controls: &[],
    page: include_str!("../../docs/rules/profile-omission-keeps-grant.md"),
};

pub(super) static FIELD_LEAVES_FLS: RuleInfo = RuleInfo {
    id: "field-leaves-fls",
    summary: "a classified field has no field-level security: whoever can read the object can read it",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/field-leaves-fls.md"),
};

pub(super) static DEFINITION_REMOVED: RuleInfo = RuleInfo {
    id: "definition-removed",
    summary: "the definition of a classified field, or of what gives access to one, is removed",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-DATA-004", "SBS-ACS-011"],
    page: include_str!("../../docs/rules/definition-removed.md"),
};

pub(super) static GUARD_SWITCHED_OFF: RuleInfo = RuleInfo {
    id: "guard-switched-off",
    summary: "a setting or rule that kept data from people is switched off",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/guard-switched-off.md"),
};

pub(super) static SHOWN_WITHOUT_FIELD_SECURITY: RuleInfo = RuleInfo {
    id: "shown-without-field-security",
    summary: "a classified field is shown by something that goes past field-level security",
    severity: Some(Severity::Note),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/shown-without-field-security.md"),
};

pub(super) static REPLACED_AT_DEPLOY: RuleInfo = RuleInfo {
    id: "replaced-at-deploy",
    summary: "replacements can rewrite permission or field files at deploy time",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-DEP-004"],
    page: include_str!("../../docs/rules/replaced-at-deploy.md"),
};

pub(super) static LABEL_LOWERED: RuleInfo = RuleInfo {
    id: "label-lowered",
    summary: "a field's label is lowered or removed",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-DATA-004"],
    page: include_str!("../../docs/rules/label-lowered.md"),
};

pub(super) static LABEL_RAISED_OVER_GRANTS: RuleInfo = RuleInfo {
    id: "label-raised-over-grants",
    summary: "a field's label rises over grants that nothing justifies",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-010", "SBS-DATA-004"],
    page: include_str!("../../docs/rules/label-raised-over-grants.md"),
};

pub(super) static LABEL_CONFLICT: RuleInfo = RuleInfo {
    id: "label-conflict",
    summary: "the repository and a label export disagree about a field",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &["SBS-DATA-004"],
    page: include_str!("../../docs/rules/label-conflict.md"),
};

pub(super) static UNMAPPED_CLASSIFICATION: RuleInfo = RuleInfo {
    id: "unmapped-classification",
    summary: "a classification value has no tier in the policy",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &["SBS-DATA-004"],
    page: include_str!("../../docs/rules/unmapped-classification.md"),
};

pub(super) static MISSPELT_LABEL: RuleInfo = RuleInfo {
    id: "misspelt-label",
    summary: "a classification or compliance group is nearly a known one, and counts as that",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &["SBS-DATA-004"],
    page: include_str!("../../docs/rules/misspelt-label.md"),
};

pub(super) static UNLABELLED_FIELD: RuleInfo = RuleInfo {
    id: "unlabelled-field",
    summary: "a new field has no classification and no compliance group",
    severity: None,
    since: "0.1.0",
    controls: &["SBS-DATA-004"],
    page: include_str!("../../docs/rules/unlabelled-field.md"),
};

pub(super) static SUSPICIOUS_UNLABELLED_FIELD: RuleInfo = RuleInfo {
    id: "suspicious-unlabelled-field",
    summary: "a new field without a label has a name or type that asks for one",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &["SBS-DATA-004"],
    page: include_str!("../../docs/rules/suspicious-unlabelled-field.md"),
};

pub(super) static OVER_CLASSIFIED_FIELD: RuleInfo = RuleInfo {
    id: "over-classified-field",
    summary: "a derived field is labelled higher than everything it reads",
    severity: Some(Severity::Note),
    since: "0.1.0",
    controls: &[],
    page: include_str!("../../docs/rules/over-classified-field.md"),
};

pub(super) static UNKNOWN_FIELD: RuleInfo = RuleInfo {
    id: "unknown-field",
    summary: "new grants name fields whose labels are not known here",
    severity: Some(Severity::Note),
    since: "0.1.0",
    controls: &["SBS-DATA-004"],
    page: include_str!("../../docs/rules/unknown-field.md"),
};

pub(super) static JUSTIFICATION_INCOMPLETE: RuleInfo = RuleInfo {
    id: "justification-incomplete",
    summary: "a justification lacks a reason, notes, an owner, a ticket or a date",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011", "SBS-FDNS-001"],
    page: include_str!("../../docs/rules/justification-incomplete.md"),
};

pub(super) static JUSTIFICATION_EXPIRED: RuleInfo = RuleInfo {
    id: "justification-expired",
    summary: "a justification's last day is over",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-010", "SBS-FDNS-001"],
    page: include_str!("../../docs/rules/justification-expired.md"),
};

pub(super) static JUSTIFICATION_EXPIRING: RuleInfo = RuleInfo {
    id: "justification-expiring",
    summary: "a justification that counts ends soon",
    severity: Some(Severity::Note),
    since: "0.1.0",
    controls: &["SBS-ACS-010", "SBS-FDNS-001"],
    page: include_str!("../../docs/rules/justification-expiring.md"),
};

pub(super) static JUSTIFICATION_UNUSED: RuleInfo = RuleInfo {
    id: "justification-unused",
    summary: "a justification names access that its permission set does not give",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &["SBS-FDNS-001"],
    page: include_str!("../../docs/rules/justification-unused.md"),
};

pub(super) static JUSTIFICATION_REMOVED: RuleInfo = RuleInfo {
    id: "justification-removed",
    summary: "a justification is removed while its grant stays",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011", "SBS-FDNS-001"],
    page: include_str!("../../docs/rules/justification-removed.md"),
};

pub(super) static AWAITING_APPROVAL: RuleInfo = RuleInfo {
    id: "awaiting-approval",
    summary: "a justification that needs an approval has none",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/awaiting-approval.md"),
};

pub(super) static POLICY_CHANGED: RuleInfo = RuleInfo {
    id: "policy-changed",
    summary: "a file of `.flsgate/` other than a justification is changed",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011", "SBS-FDNS-001"],
    page: include_str!("../../docs/rules/policy-changed.md"),
};

pub(super) static INTEGRATION_MISSING_ACCESS: RuleInfo = RuleInfo {
    id: "integration-missing-access",
    summary: "an integration needs a field that its permission sets give no access to",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &[],
    page: include_str!("../../docs/rules/integration-missing-access.md"),
};

pub(super) static INTEGRATION_EXCESS_ACCESS: RuleInfo = RuleInfo {
    id: "integration-excess-access",
    summary: "an integration is given a classified field that it does not need",
    severity: Some(Severity::Warning),
    since: "0.1.0",
    controls: &["SBS-ACS-008"],
    page: include_str!("../../docs/rules/integration-excess-access.md"),
};

pub(super) static UNEXPLAINED_ACCESS: RuleInfo = RuleInfo {
    id: "unexplained-access",
    summary: "access to a classified field gets worse and no other rule speaks of it",
    severity: Some(Severity::Error),
    since: "0.1.0",
    controls: &["SBS-ACS-011"],
    page: include_str!("../../docs/rules/unexplained-access.md"),
};
