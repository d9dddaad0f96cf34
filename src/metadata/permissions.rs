//! `PermissionSet` and `Profile`: who may read and edit which field.
//!
//! Both types share `fieldPermissions` with the same three children (*Metadata API Developer
//! Guide*, PermissionSet and Profile). Elements may come in any order and unknown ones are passed
//! over: newer API versions add children that grant no field access.

use super::error::{MetadataError, Problem};
use super::xml::{Element, Xml};
use crate::source::{SourceFile, Span, Spanned};
use crate::words::FieldName;

/// What one permission set or profile file says about fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Every `fieldPermissions` entry in file order, grants or not.
    pub fields: Vec<FieldPermission>,
    /// `license` of a permission set, `userLicense` of a profile (or of an old permission set).
    pub license: Option<Spanned<String>>,
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

    /// `editable` is true while `readable` is not: no such row can exist in an org.
    pub fn edit_without_read(&self) -> bool {
        truth(&self.editable).is_some() && truth(&self.readable).is_none()
    }
}

fn truth(value: &Option<Spanned<bool>>) -> Option<Span> {
    value.as_ref().filter(|v| v.value).map(|v| v.span)
}

/// Reads a permission set.
///
/// # Errors
/// See [`MetadataError`]: anything that might hide a grant.
pub fn parse_permission_set(file: &SourceFile) -> Result<Permissions, MetadataError> {
    parse(file, "PermissionSet", "`<PermissionSet>`")
}

/// Reads a profile.
///
/// # Errors
/// See [`MetadataError`]: anything that might hide a grant.
pub fn parse_profile(file: &SourceFile) -> Result<Permissions, MetadataError> {
    parse(file, "Profile", "`<Profile>`")
}

fn parse(file: &SourceFile, root: &str, expected: &'static str) -> Result<Permissions, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&[root], expected)?;
    let mut found = Permissions::default();
    while let Some(element) = xml.child(&root)? {
        match element.name {
            "fieldPermissions" | "fieldLevelSecurities" => found.fields.push(entry(&mut xml, &element)?),
            "license" | "userLicense" => {
                let text = xml.text(&element)?;
                if found.license.is_some() {
                    let problem = Problem::Repeated { parent: root.name.to_owned(), child: "license" };
                    return Err(xml.error_in(text.span, problem));
                }
                found.license = Some(Spanned::new(text.value.into_owned(), text.span));
            }
            _ => {
                xml.skip(&element)?;
            }
        }
    }
    xml.finish()?;
    Ok(found)
}

fn entry<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Result<FieldPermission, MetadataError> {
    let (mut field, mut readable, mut editable, mut hidden) = (None, None, None, None);
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
                field = Some(Spanned::new(name, text.span));
            }
            "readable" => widen(&mut readable, xml.boolean(&child)?),
            "editable" => widen(&mut editable, xml.boolean(&child)?),
            "hidden" => {
                let value = xml.boolean(&child)?;
                widen(&mut hidden, Spanned::new(!value.value, value.span));
            }
            _ => {
                xml.skip(&child)?;
            }
        }
    }
    let span = xml.span(element);
    let Some(field) = field else {
        let problem = Problem::Missing { parent: element.name.to_owned(), child: "field" };
        return Err(xml.error_in(span, problem));
    };
    // Profiles of API 22 and older say `hidden` where later ones say `readable`. Where both stand the
    // wider one counts.
    if let Some(shown) = hidden {
        widen(&mut readable, shown);
    }
    Ok(FieldPermission { entry: span, field, readable, editable })
}

/// Of a repeated boolean the wider one counts, so that a second element cannot hide the first.
fn widen(slot: &mut Option<Spanned<bool>>, new: Spanned<bool>) {
    if slot.as_ref().is_none_or(|old| new.value && !old.value) {
        *slot = Some(new);
    }
}

fn repeated(xml: &Xml<'_>, parent: &Element<'_>, span: Span, child: &'static str) -> MetadataError {
    xml.error_in(span, Problem::Repeated { parent: parent.name.to_owned(), child })
}
