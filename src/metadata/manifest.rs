//! `Package` in a manifest. Of a destructive one: what a deployment deletes from the org, whatever the source says; of
//! `package.xml`: the API version that it deploys with (*Metadata API Developer Guide*, package.xml and deleting components).

use super::error::{MetadataError, Problem};
use super::xml::Xml;
use crate::source::{SourceFile, Spanned};
use crate::words::strip_tokens;

/// One `<members>` of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// `<name>` of the `<types>` that it stands in: a metadata type such as `CustomField`.
    pub kind: String,
    /// The component's full name, such as `Contact.SSN__c`.
    pub name: Spanned<String>,
}

/// Reads the members of a manifest, in file order.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_manifest(file: &SourceFile) -> Result<Vec<Member>, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["Package"], "`<Package>`")?;
    let mut members = Vec::new();
    while let Some(types) = xml.child(&root)? {
        if types.name != "types" {
            xml.skip(&types)?;
            continue;
        }
        let (mut kind, mut names) = (String::new(), Vec::new());
        while let Some(child) = xml.child(&types)? {
            match child.name {
                "name" => {
                    let text = xml.text(&child)?;
                    if !kind.is_empty() {
                        let problem = Problem::Repeated { parent: "types".into(), child: "name" };
                        return Err(xml.error_in(text.span, problem));
                    }
                    kind = text.value.into_owned();
                }
                "members" => {
                    let text = xml.text(&child)?;
                    names.push(Spanned::new(strip_tokens(&text.value).into_owned(), text.span));
                }
                _ => {
                    xml.skip(&child)?;
                }
            }
        }
        members.extend(names.into_iter().map(|name| Member { kind: kind.clone(), name }));
    }
    xml.finish()?;
    Ok(members)
}

/// The API version in a `package.xml`, if it can be read and names one.
pub fn manifest_version(file: &SourceFile) -> Option<f64> {
    let mut xml = Xml::new(file).ok()?;
    let root = xml.root(&["Package"], "`<Package>`").ok()?;
    while let Some(child) = xml.child(&root).ok()? {
        match child.name {
            "version" => return xml.text(&child).ok()?.value.trim().parse().ok(),
            _ => drop(xml.skip(&child).ok()?),
        }
    }
    None
}
