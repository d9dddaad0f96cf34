//! What the file of a permission set, profile or muting permission set grants: the values, whoever reads them.

use super::object_permission::ObjectPermission;
use crate::source::{Span, Spanned};
use crate::words::{Access, FieldName, strip_tokens};

/// What one permission set, profile or muting permission set file says about access to data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Every `fieldPermissions` entry in file order, grants or not.
    pub fields: Vec<FieldPermission>,
    /// Every `objectPermissions` entry in file order.
    pub objects: Vec<ObjectPermission>,
    /// Every `userPermissions` entry in file order.
    pub users: Vec<UserPermission>,
    /// Every `customMetadataTypeAccesses` and `customSettingAccesses` entry in file order.
    pub types: Vec<TypeAccess>,
    /// `license` of a permission set, `userLicense` of a profile (or of an old permission set).
    pub license: Option<Spanned<String>>,
    /// `hasActivationRequired` of a permission set: holders have it only in sessions in which it is activated.
    pub activation: Option<Spanned<bool>>,
}

/// One `userPermissions` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPermission {
    /// The whole entry.
    pub entry: Span,
    /// `<name>`.
    pub name: Spanned<String>,
    /// `<enabled>` where it says true.
    pub enabled: Option<Span>,
}

/// One `customMetadataTypeAccesses` or `customSettingAccesses` entry: all records of the type can be read, with every
/// field (*Metadata API Developer Guide*, PermissionSet; API 47).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeAccess {
    /// The whole entry.
    pub entry: Span,
    /// `<name>`: the custom metadata type or custom setting.
    pub name: Spanned<String>,
    /// `<enabled>` where it says true.
    pub enabled: Option<Span>,
}

/// One `fieldPermissions` entry (or `fieldLevelSecurities` of API 22 and older).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPermission {
    /// The whole entry.
    pub entry: Span,
    /// `<field>`.
    pub field: Spanned<FieldName>,
    /// `<readable>`, or `<hidden>` of old profiles turned around; absent reads as false.
    pub readable: Option<Spanned<bool>>,
    /// `<editable>`; absent reads as false.
    pub editable: Option<Spanned<bool>>,
    /// A value stands twice and differently, or in words of API 22: what a deployment makes of it is not
    /// documented.
    pub doubtful: bool,
}

impl FieldPermission {
    /// The element that opens the field for reading. `editable` without `readable` counts: what a
    /// deployment makes of it is not documented, so the wider reading is taken.
    pub fn opens_read(&self) -> Option<Span> {
        truth(&self.readable).or_else(|| self.opens_edit())
    }

    /// The element that opens the field for editing.
    pub fn opens_edit(&self) -> Option<Span> {
        truth(&self.editable)
    }

    /// What the entry opens.
    pub fn access(&self) -> Option<Access> {
        let edit = self.opens_edit().map(|_| Access::Edit);
        edit.or_else(|| self.opens_read().map(|_| Access::Read))
    }

    /// `editable` is true while `readable` is not: no such row can exist in an org.
    pub fn edit_without_read(&self) -> bool {
        truth(&self.editable).is_some() && truth(&self.readable).is_none()
    }
}

fn truth(value: &Option<Spanned<bool>>) -> Option<Span> {
    value.as_ref().filter(|v| v.value).map(|v| v.span)
}

/// An entry of the same two children, of a type. Build tokens are no part of a name.
pub(super) fn type_access(UserPermission { entry, name, enabled }: UserPermission) -> TypeAccess {
    let name = Spanned::new(strip_tokens(&name.value).into_owned(), name.span);
    TypeAccess { entry, name, enabled }
}
