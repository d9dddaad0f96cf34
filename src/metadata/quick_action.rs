//! `QuickAction`: values that it fills in by formula (*Metadata API Developer Guide*, QuickAction).

use super::copied_field::{CopiedField, CopiedFrom};
use super::error::MetadataError;
use super::named::Named;
use super::xml::Xml;
use crate::source::{SourceFile, Spanned};

/// Reads what the quick action of this name fills in. `Contact.Log` is one of the object `Contact`.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_field_overrides(file: &SourceFile, name: &str) -> Result<Vec<CopiedField>, MetadataError> {
    let own = name.split_once('.').map_or("", |(object, _)| object);
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["QuickAction"], "`<QuickAction>`")?;
    let (mut target, mut filled) = (own.to_owned(), Vec::new());
    while let Some(element) = xml.child(&root)? {
        match element.name {
            "targetObject" => target = xml.text(&element)?.value.into_owned(),
            "fieldOverrides" => {
                let (mut field, mut formula) = (None, None);
                while let Some(child) = xml.child(&element)? {
                    let into = match child.name {
                        "field" => &mut field,
                        "formula" => &mut formula,
                        _ => {
                            xml.skip(&child)?;
                            continue;
                        }
                    };
                    let text = xml.text(&child)?;
                    *into = Some(Spanned::new(text.value.into_owned(), text.span));
                }
                filled.extend(field.zip(formula.filter(|text| !text.value.is_empty())));
            }
            _ => drop(xml.skip(&element)?),
        }
    }
    xml.finish()?;
    let copied = |(field, formula): (Spanned<String>, Spanned<String>)| CopiedField {
        by: None,
        target: Named { object: target.clone(), path: vec![field.value], span: field.span },
        from: CopiedFrom::Formula { object: own.to_owned(), text: formula.value },
        span: formula.span,
    };
    Ok(filled.into_iter().map(copied).collect())
}
