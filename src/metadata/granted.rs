//! What the file of a permission set, profile or muting permission set grants: the values, whoever reads them.

use super::object_permission::ObjectPermission;
use super::slip::Slip;
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
    /// Elements that were probably meant to be others.
    pub slips: Vec<Slip>,
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

/// One `fieldPermissions` entry (or `fieldLevelSecurities` of API 22 and older), in 24 bytes: large orgs have millions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPermission {
    /// `<field>`.
    pub field: FieldName,
    start: u32,
    length: u16,
    readable: Element,
    editable: Element,
    /// What [`READABLE`] and [`EDITABLE`] say.
    says: u8,
    /// A value stands twice and differently, or in words of API 22: what a deployment makes of it is not
    /// documented.
    pub doubtful: bool,
}

/// The element of a value within an entry, or none: where it begins, from there on, and how long it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Element {
    at: u16,
    length: u16,
}

const READABLE: u8 = 1;
const EDITABLE: u8 = 2;

const _: () = assert!(size_of::<FieldPermission>() == 24);

impl FieldPermission {
    /// An entry that says this; `None` if it is longer than 64 KB, as none is in which only values stand.
    pub fn new(
        entry: Span,
        field: FieldName,
        readable: Option<Spanned<bool>>,
        editable: Option<Spanned<bool>>,
    ) -> Option<Self> {
        let element = |value: &Option<Spanned<bool>>| {
            let Some(Spanned { span, .. }) = value else { return Some(Element::default()) };
            let at = span.start.checked_sub(entry.start)?.try_into().ok()?;
            Some(Element { at, length: (span.end - span.start).try_into().ok()? })
        };
        let says = |bit: u8, value: &Option<Spanned<bool>>| {
            if value.as_ref().is_some_and(|v| v.value) { bit } else { 0 }
        };
        Some(FieldPermission {
            field,
            start: entry.start,
            length: (entry.end - entry.start).try_into().ok()?,
            readable: element(&readable)?,
            editable: element(&editable)?,
            says: says(READABLE, &readable) | says(EDITABLE, &editable),
            doubtful: false,
        })
    }

    /// The whole entry.
    pub fn entry(&self) -> Span {
        Span { start: self.start, end: self.start + u32::from(self.length) }
    }

    /// `<readable>`, or `<hidden>` of old profiles turned around; absent reads as false.
    pub fn readable(&self) -> Option<Spanned<bool>> {
        self.said(READABLE, self.readable)
    }

    /// `<editable>`; absent reads as false.
    pub fn editable(&self) -> Option<Spanned<bool>> {
        self.said(EDITABLE, self.editable)
    }

    fn says(&self, bit: u8) -> bool {
        self.says & bit != 0
    }

    fn said(&self, bit: u8, Element { at, length }: Element) -> Option<Spanned<bool>> {
        let start = self.start + u32::from(at);
        let span = Span { start, end: start + u32::from(length) };
        (length > 0).then(|| Spanned { value: self.says(bit), span })
    }

    /// The element that opens the field for reading. `editable` without `readable` counts: what a
    /// deployment makes of it is not documented, so the wider reading is taken.
    pub fn opens_read(&self) -> Option<Span> {
        self.readable().filter(|said| said.value).map(|said| said.span).or_else(|| self.opens_edit())
    }

    /// The element that opens the field for editing.
    pub fn opens_edit(&self) -> Option<Span> {
        self.editable().filter(|said| said.value).map(|said| said.span)
    }

    /// What the entry opens.
    pub fn access(&self) -> Option<Access> {
        match (self.says(READABLE), self.says(EDITABLE)) {
            (_, true) => Some(Access::Edit),
            (true, false) => Some(Access::Read),
            (false, false) => None,
        }
    }

    /// `editable` is true while `readable` is not: no such row can exist in an org.
    pub fn edit_without_read(&self) -> bool {
        self.says(EDITABLE) && !self.says(READABLE)
    }
}

/// An entry of the same two children, of a type. Build tokens are no part of a name.
pub(super) fn type_access(UserPermission { entry, name, enabled }: UserPermission) -> TypeAccess {
    let name = Spanned::new(strip_tokens(&name.value).into_owned(), name.span);
    TypeAccess { entry, name, enabled }
}
