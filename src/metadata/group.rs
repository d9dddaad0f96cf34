//! `PermissionSetGroup`: which permission sets it bundles and which muting sets narrow it.

use super::error::MetadataError;
use super::permissions::narrow;
use super::slip::{self, Slip};
use super::xml::Xml;
use crate::source::{SourceFile, Spanned};
use crate::words::strip_tokens;

/// One permission set group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermissionSetGroup {
    /// `<permissionSets>`: API names of its members.
    pub members: Vec<Spanned<String>>,
    /// `<mutingPermissionSets>`: API names of the sets that take away; at most one in practice.
    pub muting: Vec<Spanned<String>>,
    /// `<hasActivationRequired>`: holders have the group only in sessions in which it is activated (API 53).
    pub activation: Option<Spanned<bool>>,
    /// Elements that were probably meant to be others.
    pub slips: Vec<Slip>,
}

/// Reads a group.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_group(file: &SourceFile) -> Result<PermissionSetGroup, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["PermissionSetGroup"], "`<PermissionSetGroup>`")?;
    let mut group = PermissionSetGroup::default();
    while let Some(element) = xml.child(&root)? {
        let names = match element.name {
            "permissionSets" => &mut group.members,
            "mutingPermissionSets" => &mut group.muting,
            "hasActivationRequired" => {
                let says = xml.boolean(&element)?;
                narrow(&mut group.activation, says);
                continue;
            }
            _ => {
                xml.pass_over(&element, slip::OF_GROUP)?;
                continue;
            }
        };
        let text = xml.text(&element)?;
        let name = strip_tokens(&text.value);
        match element.name {
            // A list in one element is no name. Each member of it may be one; that none mutes is the safe reading.
            "permissionSets" => {
                let all = name.split(',').map(str::trim).filter(|name| !name.is_empty());
                names.extend(all.map(|name| Spanned::new(name.to_owned(), text.span)));
            }
            _ => names.push(Spanned::new(name.into_owned(), text.span)),
        }
    }
    group.slips = xml.finish()?;
    Ok(group)
}
