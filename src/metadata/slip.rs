//! Elements that Salesforce does not know and that are called nearly like one that is read: `<readeable>`. A deployment
//! refuses such a file; whoever wrote it believes that it says something.

use crate::source::Span;
use crate::words::nearest;

/// Nobody corrects more of one file at once.
const MOST: usize = 8;

/// An element that was probably meant to be another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// What is written.
    pub name: String,
    /// Where.
    pub span: Span,
    /// The element that is read.
    pub meant: &'static str,
}

/// What may stand in an element: names that are read, and others that are common.
pub(super) type Children = &'static [&'static str];

/// In a permission set, a profile or a muting permission set (*Metadata API Developer Guide*, PermissionSet and Profile).
pub(super) const OF_PERMISSIONS: Children = &[
    "fieldPermissions",
    "fieldLevelSecurities",
    "objectPermissions",
    "userPermissions",
    "customMetadataTypeAccesses",
    "customSettingAccesses",
    "license",
    "userLicense",
    "hasActivationRequired",
    "agentAccesses",
    "applicationVisibilities",
    "categoryGroupVisibilities",
    "classAccesses",
    "custom",
    "customPermissions",
    "dataspaceScopes",
    "description",
    "emailRoutingAddressAccesses",
    "externalCredentialPrincipalAccesses",
    "externalDataSourceAccesses",
    "flowAccesses",
    "fullName",
    "label",
    "layoutAssignments",
    "loginFlows",
    "loginHours",
    "loginIpRanges",
    "pageAccesses",
    "profileActionOverrides",
    "recordTypeVisibilities",
    "servicePresenceStatusAccesses",
    "tabSettings",
    "tabVisibilities",
];
pub(super) const OF_FIELD_PERMISSIONS: Children = &["field", "readable", "editable", "hidden"];
pub(super) const OF_OBJECT_PERMISSIONS: Children = &[
    "object",
    "allowRead",
    "allowEdit",
    "allowCreate",
    "allowDelete",
    "viewAllFields",
    "viewAllRecords",
    "modifyAllRecords",
];
pub(super) const OF_USER_PERMISSIONS: Children = &["name", "enabled"];
pub(super) const OF_GROUP: Children =
    &["permissionSets", "mutingPermissionSets", "hasActivationRequired", "label", "description", "status"];
/// In a field: what makes it classified, or shows other fields (*Metadata API Developer Guide*, CustomField).
pub(super) const OF_FIELD: Children = &[
    "fullName",
    "securityClassification",
    "complianceGroup",
    "businessStatus",
    "businessOwnerUser",
    "businessOwnerGroup",
    "label",
    "type",
    "formula",
    "required",
    "defaultValue",
    "encryptionScheme",
    "referenceTo",
    "referenceTargetField",
    "relationshipName",
    "relationshipLabel",
    "relationshipOrder",
    "summarizedField",
    "summaryForeignKey",
    "summaryOperation",
    "summaryFilterItems",
    "caseSensitive",
    "deleteConstraint",
    "description",
    "displayFormat",
    "externalId",
    "formulaTreatBlanksAs",
    "inlineHelpText",
    "length",
    "lookupFilter",
    "precision",
    "reparentableMasterDetail",
    "scale",
    "trackFeedHistory",
    "trackHistory",
    "trackTrending",
    "unique",
    "valueSet",
    "visibleLines",
    "writeRequiresMasterRead",
];
pub(super) const OF_OBJECT: Children = &[
    "fields",
    "fieldSets",
    "nameField",
    "customSettingsType",
    "actionOverrides",
    "compactLayouts",
    "listViews",
    "label",
    "pluralLabel",
    "recordTypes",
    "searchLayouts",
    "sharingModel",
    "validationRules",
    "webLinks",
];

/// The element that was meant by a name that is none of `known`.
pub(super) fn meant(name: &str, known: Children) -> Option<&'static str> {
    if known.contains(&name) {
        return None;
    }
    // Whoever errs in both ends of a name and its length has written another one.
    let (first, last) = (name.as_bytes().first()?, name.as_bytes().last()?);
    let is_like = |known: &&str| {
        let ends = [known.as_bytes().first(), known.as_bytes().last()];
        let same_end = ends.iter().flatten().zip([first, last]).any(|(a, b)| a.eq_ignore_ascii_case(b));
        known.len().abs_diff(name.len()) <= 2 && same_end
    };
    nearest(name, known.iter().copied().filter(is_like))
}

/// Notes an element that was probably meant to be another one.
pub(super) fn note(slips: &mut Vec<Slip>, name: &str, span: Span, known: Children) {
    if slips.len() < MOST
        && let Some(meant) = meant(name, known)
    {
        slips.push(Slip { name: name.to_owned(), span, meant });
    }
}
