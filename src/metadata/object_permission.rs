//! `objectPermissions` of permission sets, profiles and muting permission sets: what may be done with the records of an
//! object (*Metadata API Developer Guide*, PermissionSet and Profile).

use super::child::{missing, once};
use super::error::MetadataError;
use super::slip;
use super::xml::{Element, Xml};
use crate::source::{Span, Spanned};
use crate::words::strip_tokens;

/// One `objectPermissions` entry. Each element is there when it says true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPermission {
    /// The whole entry.
    pub entry: Span,
    /// `<object>`.
    pub object: Spanned<String>,
    /// The element that lets the object be read: `<allowRead>`, or one that implies it.
    pub read: Option<Span>,
    /// The element that lets the object's records be changed: `<allowEdit>`, or one that implies it.
    pub edit: Option<Span>,
    /// `<allowRead>` itself.
    pub allow_read: Option<Span>,
    /// `<allowEdit>` itself.
    pub allow_edit: Option<Span>,
    /// `<allowCreate>`: records can be created, with any value in fields without field-level security.
    pub create: Option<Span>,
    /// `<viewAllFields>`: every field of the object can be read, whatever FLS says (API 63).
    pub view_all_fields: Option<Span>,
    /// `<viewAllRecords>`: every record can be read, whatever sharing says. Not every field.
    pub view_all_records: Option<Span>,
    /// `<modifyAllRecords>`: every record can be changed. Not every field.
    pub modify_all_records: Option<Span>,
    /// `<allowRead>` says false, which takes away what a profile of the org grants; an element that is not there
    /// does not.
    pub refuses_read: bool,
    /// `<allowEdit>` says false.
    pub refuses_edit: bool,
    /// `<allowCreate>` says false.
    pub refuses_create: bool,
    /// `<viewAllFields>` says false.
    pub refuses_view_all_fields: bool,
}

pub(super) fn object<'a>(
    xml: &mut Xml<'a>,
    element: &Element<'a>,
) -> Result<ObjectPermission, MetadataError> {
    let (mut name, mut fields, mut view, mut modify) = (None, None, None, None);
    let (mut allow_read, mut allow_create, mut allow_edit, mut allow_more) = (None, None, None, None);
    let mut refused = [false; 4];
    while let Some(child) = xml.child(element)? {
        let slot = match child.name {
            "object" => {
                once(xml, element, &child, "object", &mut name)?;
                continue;
            }
            "allowRead" => &mut allow_read,
            "allowEdit" => &mut allow_edit,
            "allowCreate" => &mut allow_create,
            "allowDelete" => &mut allow_more,
            "viewAllFields" => &mut fields,
            "viewAllRecords" => &mut view,
            "modifyAllRecords" => &mut modify,
            _ => {
                xml.pass_over(&child, slip::OF_OBJECT_PERMISSIONS)?;
                continue;
            }
        };
        let value = xml.boolean(&child)?;
        *slot = slot.take().or_else(|| value.value.then_some(value.span));
        for (refused, name) in
            refused.iter_mut().zip(["allowRead", "allowEdit", "viewAllFields", "allowCreate"])
        {
            *refused |= child.name == name && !value.value;
        }
    }
    let entry = xml.span(element);
    let object = name.ok_or_else(|| missing(xml, element, entry, "object"))?;
    let object = Spanned::new(strip_tokens(&object.value).into_owned(), object.span);
    let said = [allow_read, allow_edit, allow_create, allow_more, fields, view, modify];
    Ok(object_permission(entry, object, said, refused))
}

/// An entry of the elements that say true: `allowRead`, `allowEdit`, `allowCreate`, `allowDelete`,
/// `viewAllFields`, `viewAllRecords`, `modifyAllRecords`; and whether `allowRead`, `allowEdit`, `viewAllFields` and
/// `allowCreate` say false.
pub(super) fn object_permission(
    entry: Span,
    object: Spanned<String>,
    [allow_read, allow_edit, allow_create, allow_more, fields, view, modify]: [Option<Span>; 7],
    [refuses_read, refuses_edit, refuses_view_all_fields, refuses_create]: [bool; 4],
) -> ObjectPermission {
    // Create and edit need read, delete needs both, and the bulk permissions need read (*Object
    // Reference*, ObjectPermissions), so each implies what it needs.
    let edit = allow_edit.or(allow_more).or(modify);
    ObjectPermission {
        entry,
        object,
        read: allow_read.or(allow_create).or(edit).or(view).or(fields),
        edit,
        allow_read,
        allow_edit,
        create: allow_create,
        view_all_fields: fields,
        view_all_records: view,
        modify_all_records: modify,
        refuses_read,
        refuses_edit,
        refuses_create,
        refuses_view_all_fields,
    }
}
