//! `PermissionSet`, `Profile` and `MutingPermissionSet`: who may read and edit which field.
//!
//! Both types share `fieldPermissions` with the same three children (*Metadata API Developer
//! Guide*, PermissionSet and Profile). Elements may come in any order and unknown ones are passed
//! over: newer API versions add children that grant no field access.

use super::child::{missing, once, repeated};
use super::error::{MetadataError, Problem};
use super::granted::{FieldPermission, Permissions, UserPermission, type_access};
use super::object_permission::object;
use super::retrieved;
use super::slip;
use super::xml::{Element, Xml};
use crate::source::{SourceFile, Spanned};
use crate::words::FieldName;

/// Reads a permission set.
///
/// # Errors
/// See [`MetadataError`]: anything that might hide a grant.
pub fn parse_permission_set(file: &SourceFile) -> Result<Permissions, MetadataError> {
    parse(file, "PermissionSet", "`<PermissionSet>` or a piece of one")
}

/// Reads a muting permission set: the same entries, and whatever is enabled is taken away inside the
/// group that uses it.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_muting_permission_set(file: &SourceFile) -> Result<Permissions, MetadataError> {
    parse(file, "MutingPermissionSet", "`<MutingPermissionSet>` or a piece of one")
}

/// Reads a profile.
///
/// # Errors
/// See [`MetadataError`]: anything that might hide a grant.
pub fn parse_profile(file: &SourceFile) -> Result<Permissions, MetadataError> {
    parse(file, "Profile", "`<Profile>` or a piece of one")
}

fn parse(file: &SourceFile, root: &str, expected: &'static str) -> Result<Permissions, MetadataError> {
    if let Some(permissions) = retrieved::read(file.bytes(), root) {
        return Ok(permissions);
    }
    parse_permissions_as_xml(file, root, expected)
}

/// Reads any file as XML: what [`read_retrieved`](super::read_retrieved) is compared with.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_permissions_as_xml(
    file: &SourceFile,
    root: &str,
    expected: &'static str,
) -> Result<Permissions, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(
        &[
            root,
            "FieldPermission",
            "fieldPermissions",
            "ObjectPermission",
            "objectPermissions",
            "UserPermission",
            "userPermissions",
            "CustomMetadataTypeAccess",
            "customMetadataTypeAccesses",
            "CustomSettingAccess",
            "customSettingAccesses",
        ],
        expected,
    )?;
    let (mut found, mut bare) = (Permissions::default(), None);
    // In the first official beta layout, and an old one of the plugin, the root is the entry itself.
    if found.take(&mut xml, &root)? {
        found.slips = xml.finish()?;
        return Ok(found);
    }
    while let Some(element) = xml.child(&root)? {
        if found.take(&mut xml, &element)? {
            continue;
        }
        match element.name {
            // A piece may have its parent's root around what it holds.
            "field" | "readable" | "editable" | "object" | "allowRead" | "allowEdit" | "name" | "enabled" => {
                xml.skip(&element)?;
                bare = bare.or(Some(element.name));
            }
            "hasActivationRequired" => {
                let says = xml.boolean(&element)?;
                narrow(&mut found.activation, says);
            }
            "license" | "userLicense" => {
                let text = xml.text(&element)?;
                if found.license.is_some() {
                    let problem = Problem::Repeated { parent: root.name.to_owned(), child: "license" };
                    return Err(xml.error_in(text.span, problem));
                }
                found.license = Some(Spanned::new(text.value.into_owned(), text.span));
            }
            _ => xml.pass_over(&element, slip::OF_PERMISSIONS)?,
        }
    }
    found.slips = xml.finish()?;
    if let Some(child) = bare {
        let mut again = Xml::new(file)?;
        let root = again.root(&[root.name], expected)?;
        match child {
            "field" | "readable" | "editable" => found.fields.push(entry(&mut again, &root)?),
            // Which of the two it is, the name tells.
            "name" | "enabled" => {
                let user = user(&mut again, &root)?;
                match user.name.value.contains("__") {
                    true => found.types.push(type_access(user)),
                    false => found.users.push(user),
                }
            }
            _ => found.objects.push(object(&mut again, &root)?),
        }
    }
    Ok(found)
}

impl Permissions {
    /// Reads `element` if it is an entry that bears on access to data.
    fn take<'a>(&mut self, xml: &mut Xml<'a>, element: &Element<'a>) -> Result<bool, MetadataError> {
        match element.name {
            "fieldPermissions" | "FieldPermission" | "fieldLevelSecurities" => {
                self.fields.push(entry(xml, element)?)
            }
            "objectPermissions" | "ObjectPermission" => self.objects.push(object(xml, element)?),
            "userPermissions" | "UserPermission" => self.users.push(user(xml, element)?),
            "customMetadataTypeAccesses"
            | "CustomMetadataTypeAccess"
            | "customSettingAccesses"
            | "CustomSettingAccess" => self.types.push(type_access(user(xml, element)?)),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn user<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Result<UserPermission, MetadataError> {
    let (mut name, mut enabled) = (None, None);
    while let Some(child) = xml.child(element)? {
        match child.name {
            "name" => once(xml, element, &child, "name", &mut name)?,
            "enabled" => {
                let value = xml.boolean(&child)?;
                enabled = enabled.or_else(|| value.value.then_some(value.span));
            }
            _ => xml.pass_over(&child, slip::OF_USER_PERMISSIONS)?,
        }
    }
    let entry = xml.span(element);
    let name = name.ok_or_else(|| missing(xml, element, entry, "name"))?;
    Ok(UserPermission { entry, name, enabled })
}

fn entry<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Result<FieldPermission, MetadataError> {
    let (mut field, mut readable, mut editable, mut hidden) = (None, None, None, None);
    let mut doubtful = element.name == "fieldLevelSecurities";
    while let Some(child) = xml.child(element)? {
        match child.name {
            "field" => {
                let text = xml.text(&child)?;
                let Some(name) = FieldName::parse(&text.value) else {
                    let shown = text.value.chars().take(80).collect();
                    return Err(xml.error_in(text.span, Problem::FieldName(shown)));
                };
                if field.is_some() {
                    return Err(repeated(xml, element, text.span, "field"));
                }
                field = Some(name);
            }
            "readable" => doubtful |= widen(&mut readable, xml.boolean(&child)?),
            "editable" => doubtful |= widen(&mut editable, xml.boolean(&child)?),
            "hidden" => {
                let value = xml.boolean(&child)?;
                doubtful = true;
                widen(&mut hidden, Spanned::new(!value.value, value.span));
            }
            _ => xml.pass_over(&child, slip::OF_FIELD_PERMISSIONS)?,
        }
    }
    let span = xml.span(element);
    let field = field.ok_or_else(|| missing(xml, element, span, "field"))?;
    // Profiles of API 22 and older say `hidden` where later ones say `readable`. Where both stand the
    // wider one counts.
    if let Some(shown) = hidden {
        widen(&mut readable, shown);
    }
    let entry = FieldPermission::new(span, field, readable, editable);
    let mut entry = entry.ok_or_else(|| xml.error_in(span, Problem::LongEntry))?;
    entry.doubtful = doubtful;
    Ok(entry)
}

/// Of a repeated demand for activation a `false` counts, so that a second element cannot hide the first.
pub(super) fn narrow(slot: &mut Option<Spanned<bool>>, new: Spanned<bool>) {
    if slot.as_ref().is_none_or(|old| old.value && !new.value) {
        *slot = Some(new);
    }
}

/// Of a repeated boolean the wider one counts, so that a second element cannot hide the first. Says
/// whether the two differ.
fn widen(slot: &mut Option<Spanned<bool>>, new: Spanned<bool>) -> bool {
    let differs = slot.as_ref().is_some_and(|old| old.value != new.value);
    if slot.as_ref().is_none_or(|old| new.value && !old.value) {
        *slot = Some(new);
    }
    differs
}
