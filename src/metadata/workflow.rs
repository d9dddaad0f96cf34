//! `Workflow`: field updates that compute what they write (*Metadata API Developer Guide*, Workflow).

use super::copied_field::{CopiedField, CopiedFrom};
use super::error::MetadataError;
use super::named::Named;
use super::xml::{Element, Xml};
use crate::source::{SourceFile, Span, Spanned};

/// Reads the field updates of the workflow of `object`, or the one of a file that holds a single one.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_field_updates(
    file: &SourceFile,
    object: &str,
    own_name: &str,
) -> Result<Vec<CopiedField>, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["Workflow", "WorkflowFieldUpdate"], "`<Workflow>`")?;
    let mut found = Vec::new();
    if root.name == "WorkflowFieldUpdate" {
        found.extend(FieldUpdate::read(&mut xml, &root)?.copies(object, own_name));
    } else {
        while let Some(element) = xml.child(&root)? {
            match element.name {
                "fieldUpdates" => {
                    found.extend(FieldUpdate::read(&mut xml, &element)?.copies(object, own_name))
                }
                _ => drop(xml.skip(&element)?),
            }
        }
    }
    xml.finish()?;
    Ok(found)
}

#[derive(Default)]
struct FieldUpdate {
    name: Option<String>,
    field: Option<Spanned<String>>,
    formula: Option<Spanned<String>>,
    operation: Option<String>,
    /// The relationship field to the record that is written, where that is a parent.
    parent: Option<String>,
}

impl FieldUpdate {
    fn read<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Result<Self, MetadataError> {
        let mut update = FieldUpdate::default();
        while let Some(child) = xml.child(element)? {
            let text = |xml: &mut Xml<'a>| {
                let text = xml.text(&child)?;
                Ok::<_, MetadataError>(Spanned::new(text.value.into_owned(), text.span))
            };
            match child.name {
                "fullName" => update.name = Some(text(xml)?.value),
                "field" => update.field = Some(text(xml)?),
                "formula" => update.formula = Some(text(xml)?),
                "operation" => update.operation = Some(text(xml)?.value),
                "targetObject" => update.parent = Some(text(xml)?.value).filter(|parent| !parent.is_empty()),
                _ => drop(xml.skip(&child)?),
            }
        }
        Ok(update)
    }

    /// What it copies; nothing where it writes a fixed value.
    fn copies(self, object: &str, own_name: &str) -> Option<CopiedField> {
        let computes = self.operation.is_none_or(|operation| operation.eq_ignore_ascii_case("Formula"));
        let (field, formula) = (self.field?, self.formula.filter(|text| computes && !text.value.is_empty())?);
        let path = self.parent.map(|parent| relationship(&parent)).into_iter().chain([field.value]).collect();
        let named = |span: Span| Named { object: object.to_owned(), path, span };
        Some(CopiedField {
            by: Some(self.name.unwrap_or_else(|| own_name.to_owned())),
            target: named(field.span),
            from: CopiedFrom::Formula { object: object.to_owned(), text: formula.value },
            span: formula.span,
        })
    }
}

/// The relationship of a lookup field: `Account__r` of `Account__c`, `Parent` of `ParentId`.
fn relationship(lookup: &str) -> String {
    let stem = |suffix: &str| {
        let at = lookup.len().checked_sub(suffix.len())?;
        lookup.get(at..).filter(|end| end.eq_ignore_ascii_case(suffix)).map(|_| &lookup[..at])
    };
    match (stem("__c"), stem("Id")) {
        (Some(stem), _) => format!("{stem}__r"),
        (None, Some(stem)) if !stem.is_empty() => stem.to_owned(),
        _ => lookup.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::relationship;

    #[test]
    fn relationships_are_called_after_their_lookup() {
        assert_eq!(relationship("Claim__c"), "Claim__r");
        assert_eq!(relationship("AccountId"), "Account");
        assert_eq!(relationship("Parent"), "Parent");
        assert_eq!(relationship("é"), "é");
    }
}
