//! Files that map fields to fields: lead conversion and reporting snapshots (*Metadata API Developer Guide*,
//! `LeadConvertSettings` and `AnalyticSnapshot`).

use super::copied_field::{CopiedField, CopiedFrom};
use super::dashboard::column;
use super::error::MetadataError;
use super::named::Named;
use super::xml::{Element, Xml};
use crate::source::{SourceFile, Span, Spanned};

/// A field that is mapped, and the one that it goes into.
type Pair = (Spanned<String>, Spanned<String>, Span);

/// Reads which fields of a lead go into which fields of what it is converted to.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_lead_conversion(file: &SourceFile) -> Result<Vec<CopiedField>, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["LeadConvertSettings"], "`<LeadConvertSettings>`")?;
    let mut found = Vec::new();
    while let Some(element) = xml.child(&root)? {
        if element.name != "objectMapping" {
            xml.skip(&element)?;
            continue;
        }
        let (mut from, mut to, mut pairs) = ("Lead".to_owned(), String::new(), Vec::new());
        while let Some(child) = xml.child(&element)? {
            match child.name {
                "inputObject" => from = xml.text(&child)?.value.into_owned(),
                "outputObject" => to = xml.text(&child)?.value.into_owned(),
                "mappingFields" => pairs.extend(pair(&mut xml, &child, "inputField", "outputField")?),
                _ => drop(xml.skip(&child)?),
            }
        }
        let named = |object: &str, field: Spanned<String>| Named {
            object: object.to_owned(),
            path: vec![field.value],
            span: field.span,
        };
        found.extend(pairs.into_iter().map(|(source, target, span)| CopiedField {
            by: None,
            target: named(&to, target),
            from: CopiedFrom::Field(named(&from, source)),
            span,
        }));
    }
    xml.finish()?;
    Ok(found)
}

/// Reads which columns of a report go into which fields. Columns that do not name their object are left out.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_analytic_snapshot(file: &SourceFile) -> Result<Vec<CopiedField>, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["AnalyticSnapshot"], "`<AnalyticSnapshot>`")?;
    let (mut object, mut pairs) = (String::new(), Vec::new());
    while let Some(element) = xml.child(&root)? {
        match element.name {
            "targetObject" => object = xml.text(&element)?.value.into_owned(),
            "mappings" => pairs.extend(pair(&mut xml, &element, "sourceField", "targetField")?),
            _ => drop(xml.skip(&element)?),
        }
    }
    xml.finish()?;
    let copied = |(source, target, span): Pair| {
        let source = column(&source.value, source.span)?;
        let target = Named { object: object.clone(), path: vec![target.value], span: target.span };
        Some(CopiedField { by: None, target, from: CopiedFrom::Field(source), span })
    };
    Ok(pairs.into_iter().filter_map(copied).collect())
}

/// The two fields that a mapping names.
fn pair<'a>(
    xml: &mut Xml<'a>,
    element: &Element<'a>,
    from: &str,
    to: &str,
) -> Result<Option<Pair>, MetadataError> {
    let (mut source, mut target) = (None, None);
    while let Some(child) = xml.child(element)? {
        let into = match child.name {
            name if name == from => &mut source,
            name if name == to => &mut target,
            _ => {
                xml.skip(&child)?;
                continue;
            }
        };
        let text = xml.text(&child)?;
        *into = Some(Spanned::new(text.value.into_owned(), text.span));
    }
    let span = xml.span(element);
    Ok(source.zip(target).map(|(source, target)| (source, target, span)))
}
