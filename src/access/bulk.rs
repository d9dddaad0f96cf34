//! Grants that open more than one field: View All Fields, access to objects and types, and user permissions. Bypassing field-level
//! security and bypassing sharing are different things, kept apart here.

use crate::finding::{Place, Route};
use crate::metadata::Permissions;
use crate::org::Org;
use crate::words::Access;
use std::collections::BTreeSet;
use std::fmt;

/// What a bulk grant opens. Objects by API name as written; they compare in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bulk {
    /// An object for reading: opens its fields without field-level security, and no other.
    ReadObject(String),
    /// An object for editing: the same, for editing.
    EditObject(String),
    /// Creating records of an object: opens the same for editing, in what is created.
    CreateObject(String),
    /// All records of a custom metadata type or custom setting for reading, with every field.
    ReadType(String),
    /// Every field of an object for reading, fields added later included (API 63).
    ViewAllFields(String),
    /// Every record of an object for reading. Field-level security stays.
    ViewAllRecords(String),
    /// Every record of an object for editing. Field-level security stays.
    ModifyAllRecords(String),
    /// A user permission by name, lower case.
    Permission(String),
}

/// What a bulk grant opens, whatever the object. In the order of [`Bulk`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BulkKind {
    ReadObject,
    EditObject,
    CreateObject,
    ReadType,
    ViewAllFields,
    ViewAllRecords,
    ModifyAllRecords,
    Permission,
}

impl BulkKind {
    pub(super) const ALL: [BulkKind; 8] = [
        BulkKind::ReadObject,
        BulkKind::EditObject,
        BulkKind::CreateObject,
        BulkKind::ReadType,
        BulkKind::ViewAllFields,
        BulkKind::ViewAllRecords,
        BulkKind::ModifyAllRecords,
        BulkKind::Permission,
    ];
}

/// The user permission that reads every field of every object, by its label. That it bypasses FLS is
/// not documented by Salesforce; the wider reading is taken.
pub const VIEW_ALL_FIELDS_GLOBAL: &str = "viewallfieldsglobal";
/// The user permission that takes the mask off classic encrypted text.
pub const VIEW_ENCRYPTED_DATA: &str = "viewencrypteddata";
/// The user permissions that read every object: View All Data, and Modify All Data, which edits every object too
/// (Help, *"View All" and "Modify All" Permissions Overview*). Field-level security stays.
pub const VIEW_ALL_DATA: &str = "viewalldata";
/// See [`VIEW_ALL_DATA`].
pub const MODIFY_ALL_DATA: &str = "modifyalldata";
/// The user permissions that read all custom settings and custom metadata types: View All Custom Settings by its label,
/// and Customize Application (Help, *Grant Read Access to Custom Metadata Types* and *… Custom Settings*).
pub const READ_ALL_TYPES: [&str; 2] = ["viewallcustomsettings", "customizeapplication"];
/// The user permission that makes readable fields editable (Help, *What Determines Field Access?*).
pub const EDIT_READ_ONLY_FIELDS: &str = "editreadonlyfields";

impl Bulk {
    /// A user permission.
    pub fn permission(name: &str) -> Self {
        Bulk::Permission(name.to_ascii_lowercase())
    }

    /// An object for reading or editing.
    pub fn object(object: &str, access: Access) -> Self {
        match access {
            Access::Read => Bulk::ReadObject(object.to_ascii_lowercase()),
            Access::Edit => Bulk::EditObject(object.to_ascii_lowercase()),
        }
    }

    /// A bulk grant of this kind of an object, or a user permission, by name.
    pub(super) fn of(kind: BulkKind, name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        match kind {
            BulkKind::ReadObject => Bulk::ReadObject(name),
            BulkKind::EditObject => Bulk::EditObject(name),
            BulkKind::CreateObject => Bulk::CreateObject(name),
            BulkKind::ReadType => Bulk::ReadType(name),
            BulkKind::ViewAllFields => Bulk::ViewAllFields(name),
            BulkKind::ViewAllRecords => Bulk::ViewAllRecords(name),
            BulkKind::ModifyAllRecords => Bulk::ModifyAllRecords(name),
            BulkKind::Permission => Bulk::Permission(name),
        }
    }

    /// The kind, and the object or permission, lower case.
    pub(super) fn parts(&self) -> (BulkKind, &str) {
        match self {
            Bulk::ReadObject(name) => (BulkKind::ReadObject, name),
            Bulk::EditObject(name) => (BulkKind::EditObject, name),
            Bulk::CreateObject(name) => (BulkKind::CreateObject, name),
            Bulk::ReadType(name) => (BulkKind::ReadType, name),
            Bulk::ViewAllFields(name) => (BulkKind::ViewAllFields, name),
            Bulk::ViewAllRecords(name) => (BulkKind::ViewAllRecords, name),
            Bulk::ModifyAllRecords(name) => (BulkKind::ModifyAllRecords, name),
            Bulk::Permission(name) => (BulkKind::Permission, name),
        }
    }

    /// View All Fields of an object.
    pub fn view_all_fields(object: &str) -> Self {
        Bulk::ViewAllFields(object.to_ascii_lowercase())
    }
}

/// One bulk grant of a grantor.
#[derive(Clone, Debug)]
pub struct BulkGrant {
    /// What it opens.
    pub bulk: Bulk,
    /// The object or permission as written.
    pub name: String,
    /// The way to it; its last step is the element that grants.
    pub route: Route,
    /// The whole entry.
    pub entry: Place,
}

impl BulkGrant {
    /// The element that grants.
    pub fn place(&self) -> &Place {
        self.route.last().map_or(&self.entry, |step| &step.place)
    }
}

impl fmt::Display for BulkGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bulk {
            Bulk::ReadObject(_) => write!(f, "read access to `{}`", self.name),
            Bulk::EditObject(_) => write!(f, "edit access to `{}`", self.name),
            Bulk::CreateObject(_) => write!(f, "create access to `{}`", self.name),
            Bulk::ReadType(_) => write!(f, "access to all records of `{}`", self.name),
            Bulk::ViewAllFields(_) => write!(f, "View All Fields of `{}`", self.name),
            Bulk::ViewAllRecords(_) => write!(f, "View All Records of `{}`", self.name),
            Bulk::ModifyAllRecords(_) => write!(f, "Modify All Records of `{}`", self.name),
            Bulk::Permission(_) => write!(f, "user permission `{}`", self.name),
        }
    }
}

/// What one file of a muting permission set turns off: exactly what it says. Editing needs reading, so it
/// goes with it; nothing else follows from anything.
pub(super) fn muted(org: &Org<'_>, permissions: &Permissions) -> BTreeSet<Bulk> {
    let mut all = BTreeSet::new();
    for object in &permissions.objects {
        let lower = org.local(&object.object.value).to_ascii_lowercase();
        for (said, bulk) in [
            (object.allow_read, Bulk::ReadObject(lower.clone())),
            (object.allow_edit.or(object.allow_read), Bulk::EditObject(lower.clone())),
            (object.create.or(object.allow_read), Bulk::CreateObject(lower.clone())),
            (object.view_all_fields, Bulk::ViewAllFields(lower.clone())),
            (object.view_all_records, Bulk::ViewAllRecords(lower.clone())),
            (object.modify_all_records, Bulk::ModifyAllRecords(lower.clone())),
        ] {
            all.extend(said.map(|_| bulk));
        }
    }
    let types = permissions.types.iter().filter(|access| access.enabled.is_some());
    all.extend(types.map(|access| Bulk::of(BulkKind::ReadType, org.local(&access.name.value))));
    let users = permissions.users.iter().filter(|user| user.enabled.is_some());
    all.extend(users.map(|user| Bulk::permission(&user.name.value)));
    all
}
