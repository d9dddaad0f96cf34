//! `CustomField`, alone in a file or inline in a `CustomObject`: what the data is.
//!
//! Standard fields use the same type with little more than `fullName` and the labels
//! (*Metadata API Developer Guide*, CustomField).

use super::error::{MetadataError, Problem};
use super::xml::{Element, Xml, shorten};
use crate::source::{SourceFile, Span, Spanned};
use crate::words::FieldName;
use std::borrow::Cow;

/// One field definition. Labels are open strings: customers add values of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomField {
    /// The whole definition.
    pub span: Span,
    /// `<fullName>`: the field's API name within its object.
    pub full_name: Option<Spanned<String>>,
    /// `<securityClassification>`.
    pub classification: Option<Spanned<String>>,
    /// `<complianceGroup>`: one string, values joined with `;` in any order.
    pub compliance: Option<Spanned<String>>,
    /// `<businessStatus>`.
    pub business_status: Option<Spanned<String>>,
    /// `<businessOwnerUser>` or `<businessOwnerGroup>`.
    pub owner: Option<Spanned<String>>,
    /// `<label>`: the name people see.
    pub label: Option<Spanned<String>>,
    /// `<type>`: absent on most standard fields.
    pub field_type: Option<Spanned<String>>,
    /// `<required>`: universally required.
    pub required: Option<Spanned<bool>>,
    /// `<formula>`: makes the field a formula field. For [`parse_formula`](super::parse_formula).
    pub formula: Option<Spanned<String>>,
    /// `<summarizedField>` of a roll-up, `Child__c.Field__c`; absent where records are counted.
    pub summarized_field: Option<Spanned<String>>,
    /// `<summaryForeignKey>` of a roll-up, `Child__c.Parent__c`.
    pub summary_foreign_key: Option<Spanned<String>>,
    /// `<field>` and `<valueField>` of each `<summaryFilterItems>`: what a roll-up's filter compares.
    pub summary_filter_fields: Vec<Spanned<String>>,
    /// `<referenceTo>`: the objects that a lookup may point to.
    pub reference_to: Vec<Spanned<String>>,
    /// `<relationshipName>`: what the object pointed to calls its children.
    pub relationship_name: Option<Spanned<String>>,
}

impl CustomField {
    /// The element that takes the field out of field-level security, if one does: universally required
    /// and master-detail fields have none, and everybody who can read the object reads them (*Object
    /// Reference*, FieldPermissions). Only of custom fields: standard master-detail fields do have it.
    pub fn outside_fls(&self) -> Option<Span> {
        let master = self.field_type.as_ref().filter(|t| t.value.eq_ignore_ascii_case("MasterDetail"));
        let required = self.required.as_ref().filter(|r| r.value);
        required.map(|r| r.span).or(master.map(|m| m.span))
    }
}

/// Reads the file of the field `name`. A `<fullName>` that says otherwise is an error: the content is
/// what deploys, so such a file could relabel another field unseen.
///
/// # Errors
/// See [`MetadataError`]: anything that might hide a label.
pub fn parse_field(file: &SourceFile, name: &FieldName) -> Result<CustomField, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["CustomField"], "`<CustomField>`")?;
    let field = children(&mut xml, &root)?;
    if let Some(inside) = &field.full_name
        && FieldName::of(name.object(), &inside.value).as_ref() != Some(name)
    {
        let problem = Problem::FullName { inside: shorten(&inside.value), outside: name.field().to_owned() };
        return Err(xml.error_in(inside.span, problem));
    }
    xml.finish()?;
    Ok(field)
}

/// Reads the fields that stand inline in an object file. `<fields>` inside field sets, layouts and
/// list views are plain strings and no definitions, so only direct children of the root count.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_object(file: &SourceFile) -> Result<Vec<CustomField>, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["CustomObject"], "`<CustomObject>`")?;
    let mut fields = Vec::new();
    while let Some(element) = xml.child(&root)? {
        if element.name == "fields" {
            let field = children(&mut xml, &element)?;
            if field.full_name.is_none() {
                let problem = Problem::Missing { parent: "fields".into(), child: "fullName" };
                return Err(xml.error_in(field.span, problem));
            }
            fields.push(field);
        } else {
            xml.skip(&element)?;
        }
    }
    xml.finish()?;
    Ok(fields)
}

fn children<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Result<CustomField, MetadataError> {
    let mut field = CustomField::default();
    while let Some(child) = xml.child(element)? {
        let (slot, name) = match child.name {
            "fullName" => (&mut field.full_name, "fullName"),
            "securityClassification" => (&mut field.classification, "securityClassification"),
            "complianceGroup" => (&mut field.compliance, "complianceGroup"),
            "businessStatus" => (&mut field.business_status, "businessStatus"),
            "businessOwnerUser" | "businessOwnerGroup" => (&mut field.owner, ""),
            "label" => (&mut field.label, ""),
            "type" => (&mut field.field_type, ""),
            "formula" => (&mut field.formula, "formula"),
            "summarizedField" => (&mut field.summarized_field, "summarizedField"),
            "summaryForeignKey" => (&mut field.summary_foreign_key, "summaryForeignKey"),
            "relationshipName" => (&mut field.relationship_name, "relationshipName"),
            "referenceTo" => {
                field.reference_to.push(owned(xml.text(&child)?));
                continue;
            }
            "summaryFilterItems" => {
                while let Some(item) = xml.child(&child)? {
                    if matches!(item.name, "field" | "valueField") {
                        field.summary_filter_fields.push(owned(xml.text(&item)?));
                    } else {
                        xml.skip(&item)?;
                    }
                }
                continue;
            }
            "required" => {
                let value = xml.boolean(&child)?;
                if field.required.as_ref().is_none_or(|old| value.value && !old.value) {
                    field.required = Some(value);
                }
                continue;
            }
            _ => {
                xml.skip(&child)?;
                continue;
            }
        };
        let text = xml.text(&child)?;
        // Two labels cannot both be true, and guessing which one deploys could lower a tier. So with two
        // formulas: one would hide what the other reads.
        if slot.is_some() && !name.is_empty() {
            let problem = Problem::Repeated { parent: element.name.to_owned(), child: name };
            return Err(xml.error_in(text.span, problem));
        }
        *slot = Some(owned(text));
    }
    field.span = xml.span(element);
    Ok(field)
}

fn owned(text: Spanned<Cow<'_, str>>) -> Spanned<String> {
    Spanned::new(text.value.into_owned(), text.span)
}
