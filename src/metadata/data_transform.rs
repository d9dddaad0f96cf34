//! `OmniDataTransform`: an OmniStudio data mapper that does not ask for field-level security, and what it reads
//! (*Metadata API Developer Guide*, OmniDataTransform).

use super::error::MetadataError;
use super::named::Named;
use super::xml::Xml;
use crate::source::{SourceFile, Span};
use std::collections::HashMap;

/// A data mapper.
#[derive(Debug, Default)]
pub struct DataTransform {
    /// The element that has it not ask for field-level security.
    pub unasked: Option<Span>,
    /// Fields that it maps from records.
    pub named: Vec<Named>,
}

/// Reads a data mapper. An item with an object puts records of it under an output name; another item maps
/// `NAME:Field` from there.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_data_transform(file: &SourceFile) -> Result<DataTransform, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["OmniDataTransform"], "`<OmniDataTransform>`")?;
    let mut found = DataTransform::default();
    let mut objects: HashMap<String, String> = HashMap::new();
    let mut mapped: Vec<(String, Span)> = Vec::new();
    while let Some(element) = xml.child(&root)? {
        match element.name {
            "fieldLevelSecurityEnabled" => {
                let asked = xml.boolean(&element)?;
                if !asked.value {
                    found.unasked = Some(asked.span);
                }
            }
            "omniDataTransformItem" => {
                let (mut object, mut input, mut output) = (None, None, None);
                xml.leaves(&element, &mut |names, text| {
                    let value = text.value.trim().to_owned();
                    match names {
                        [_, "inputObjectName"] if !value.is_empty() => object = Some(value),
                        [_, "inputFieldName"] => input = Some((value, text.span)),
                        [_, "outputFieldName"] => output = Some(value),
                        _ => {}
                    }
                })?;
                match (object, output) {
                    (Some(object), Some(output)) => drop(objects.insert(output.to_ascii_lowercase(), object)),
                    _ => mapped.extend(input),
                }
            }
            _ => {
                xml.skip(&element)?;
            }
        }
    }
    xml.finish()?;
    for (input, span) in mapped {
        let Some((records, field)) = input.rsplit_once(':') else { continue };
        if let Some(object) = objects.get(&records.to_ascii_lowercase()) {
            let path = vec![field.trim().to_owned()];
            found.named.push(Named { object: object.clone(), path, span });
        }
    }
    Ok(found)
}
