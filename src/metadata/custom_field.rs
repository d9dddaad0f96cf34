//! `CustomField`, alone in a file or inline in a `CustomObject`: what the data is.
//!
//! Standard fields use the same type with little more than `fullName` and the labels
//! (*Metadata API Developer Guide*, CustomField).

use super::error::{MetadataError, Problem};
use super::formula::{global_field, parse_formula};
use super::slip::{self, Slip};
use super::xml::{Element, Xml};
use crate::source::{SourceFile, Span, Spanned};
use std::borrow::Cow;
use std::mem;

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
    /// A second `<complianceGroup>`, whose values count with those of the first: one of the two is what deploys, if
    /// the deployment does not refuse both.
    pub compliance_again: Option<Span>,
    /// `<businessStatus>`.
    pub business_status: Option<Spanned<String>>,
    /// `<businessOwnerUser>` or `<businessOwnerGroup>`.
    pub owner: Option<Spanned<String>>,
    /// `<label>`: the name people see.
    pub label: Option<Spanned<String>>,
    /// `<type>`: absent on most standard fields.
    pub field_type: Option<Spanned<String>>,
    /// `<encryptionScheme>` of Shield Platform Encryption.
    pub encryption_scheme: Option<Spanned<String>>,
    /// `<referenceTargetField>` of an indirect lookup: the external id of the object pointed to, whose
    /// value the lookup holds.
    pub reference_target_field: Option<Spanned<String>>,
    /// `<required>`: universally required.
    pub required: Option<Spanned<bool>>,
    /// `<formula>`: makes the field a formula field. For [`parse_formula`](super::parse_formula).
    pub formula: Option<Spanned<String>>,
    /// `<defaultValue>` with a global value that is a field (`$Setup.Limits__c.Key__c`), which each new record stores.
    pub default_value: Option<Spanned<String>>,
    /// `<summarizedField>` of a roll-up, `Child__c.Field__c`; absent where records are counted.
    pub summarized_field: Option<Spanned<String>>,
    /// `<summaryForeignKey>` of a roll-up, `Child__c.Parent__c`.
    pub summary_foreign_key: Option<Spanned<String>>,
    /// `<summaryOperation>` of a roll-up.
    pub summary_operation: Option<Spanned<String>>,
    /// `<field>` and `<valueField>` of each `<summaryFilterItems>`: what a roll-up's filter compares.
    pub summary_filter_fields: Vec<Spanned<String>>,
    /// Every text of every `<summaryFilterItems>`, so that a change of a filter shows.
    pub summary_filters: Vec<String>,
    /// `<referenceTo>`: the objects that a lookup may point to.
    pub reference_to: Vec<Spanned<String>>,
    /// `<relationshipName>`: what the object pointed to calls its children.
    pub relationship_name: Option<Spanned<String>>,
    /// Elements of its file that were probably meant to be others.
    pub slips: Vec<Slip>,
}

/// What the file of an object says: its fields, and what bears on how they can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomObject {
    /// Fields that stand inline.
    pub fields: Vec<CustomField>,
    /// `<customSettingsType>`: the object is a custom setting, whose fields have no field-level security.
    pub settings_type: Option<Spanned<String>>,
    /// Whether the platform numbers the records by `<nameField>`: nobody writes their name.
    pub is_numbered: bool,
    /// Elements that were probably meant to be others.
    pub slips: Vec<Slip>,
}

/// The one field of a file of its own.
impl From<CustomField> for CustomObject {
    fn from(mut field: CustomField) -> Self {
        let slips = mem::take(&mut field.slips);
        CustomObject { fields: vec![field], slips, ..CustomObject::default() }
    }
}

/// How a field is encrypted. Neither way decides who may read it: field-level security does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encryption {
    /// Type `EncryptedText`: shown masked without the permission View Encrypted Data (*Security
    /// Implementation Guide*, classic encryption).
    Classic,
    /// `encryptionScheme` of Shield Platform Encryption: at rest. Whoever may read the field sees it in
    /// the clear (Help, *Why Isn't My Encrypted Data Masked?*).
    Shield,
}

impl CustomField {
    /// What makes the field show what it shows, to whoever has it: what it reads, where it points, whether it is required or
    /// master-detail. Labels, names, other types and places are left out.
    pub fn nature(&self) -> CustomField {
        let text = |part: &Option<Spanned<String>>| {
            part.as_ref().map(|text| Spanned::new(text.value.clone(), Span::default()))
        };
        let texts = |all: &[Spanned<String>]| {
            all.iter().map(|text| Spanned::new(text.value.clone(), Span::default())).collect()
        };
        CustomField {
            field_type: text(&self.field_type)
                .filter(|_| self.is_master_detail() || self.is_automatic_number()),
            reference_target_field: text(&self.reference_target_field),
            required: self.required.as_ref().map(|is| Spanned::new(is.value, Span::default())),
            formula: text(&self.formula),
            default_value: text(&self.default_value),
            summarized_field: text(&self.summarized_field),
            summary_foreign_key: text(&self.summary_foreign_key),
            summary_operation: text(&self.summary_operation),
            summary_filters: self.summary_filters.clone(),
            reference_to: texts(&self.reference_to),
            ..CustomField::default()
        }
    }

    fn is_master_detail(&self) -> bool {
        self.field_type.as_ref().is_some_and(|is| is.value.eq_ignore_ascii_case("MasterDetail"))
    }

    /// The field without what makes it show anything, but for where it points: a path that cannot be followed counts as
    /// reading whatever it may, which is no less than before.
    pub fn label_and_targets(&self) -> CustomField {
        CustomField {
            field_type: self.field_type.clone().filter(|_| !self.is_master_detail()),
            reference_target_field: None,
            required: None,
            formula: None,
            default_value: None,
            summarized_field: None,
            summary_foreign_key: None,
            summary_operation: None,
            summary_filter_fields: Vec::new(),
            summary_filters: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether the field shows data of other fields: a formula, a roll-up, an indirect lookup, a default value.
    pub fn is_derived(&self) -> bool {
        let parts = [
            &self.formula,
            &self.default_value,
            &self.summarized_field,
            &self.summary_foreign_key,
            &self.reference_target_field,
        ];
        parts.iter().any(|part| part.is_some())
    }

    /// Whether the platform sets the value and nobody can write it: a formula, a roll-up, an automatic number.
    pub fn is_computed(&self) -> bool {
        self.is_automatic_number() || self.formula.is_some() || self.summary_foreign_key.is_some()
    }

    fn is_automatic_number(&self) -> bool {
        self.field_type.as_ref().is_some_and(|is| is.value.eq_ignore_ascii_case("AutoNumber"))
    }

    fn is_labelled(&self) -> bool {
        self.classification.is_some() || self.compliance.is_some()
    }

    /// How the field is encrypted, and the element that says so.
    pub fn encryption(&self) -> Option<(Encryption, Span)> {
        let classic = self.field_type.as_ref().filter(|t| t.value.eq_ignore_ascii_case("EncryptedText"));
        let plain = |s: &str| s.is_empty() || s.eq_ignore_ascii_case("None");
        let shield = self.encryption_scheme.as_ref().filter(|s| !plain(&s.value));
        let classic = classic.map(|t| (Encryption::Classic, t.span));
        classic.or(shield.map(|s| (Encryption::Shield, s.span)))
    }
}

/// Reads the file of a field. Its `<fullName>` is what deploys, and may be another name than the file's.
///
/// # Errors
/// See [`MetadataError`]: anything that might hide a label.
pub fn parse_field(file: &SourceFile) -> Result<CustomField, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["CustomField"], "`<CustomField>`")?;
    let mut field = children(&mut xml, &root)?;
    field.slips = xml.finish()?;
    Ok(field)
}

/// Reads an object file: the fields that stand inline, and what the object is. `<fields>` inside field sets, layouts and
/// list views are plain strings and no definitions, so only direct children of the root count.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_object(file: &SourceFile) -> Result<CustomObject, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["CustomObject"], "`<CustomObject>`")?;
    let (mut object, mut has_name) = (CustomObject::default(), false);
    while let Some(element) = xml.child(&root)? {
        match element.name {
            "fields" => {
                let field = children(&mut xml, &element)?;
                if field.full_name.is_none() {
                    let problem = Problem::Missing { parent: "fields".into(), child: "fullName" };
                    return Err(xml.error_in(field.span, problem));
                }
                object.fields.push(field);
            }
            "customSettingsType" => object.settings_type = Some(owned(xml.text(&element)?)),
            "nameField" => {
                let name = children(&mut xml, &element)?;
                if mem::replace(&mut has_name, true) {
                    let problem = Problem::Repeated { parent: root.name.to_owned(), child: "nameField" };
                    return Err(xml.error_in(name.span, problem));
                }
                object.is_numbered = name.is_automatic_number();
                // It is a field without a name of its own (Metadata API, CustomObject). With no label it defines nothing.
                if name.is_labelled() {
                    let full_name = Some(Spanned::new("Name".to_owned(), name.span));
                    object.fields.push(CustomField { full_name, ..name });
                }
            }
            _ => xml.pass_over(&element, slip::OF_OBJECT)?,
        }
    }
    object.slips = xml.finish()?;
    Ok(object)
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
            "type" => (&mut field.field_type, "type"),
            "encryptionScheme" => (&mut field.encryption_scheme, "encryptionScheme"),
            "referenceTargetField" => (&mut field.reference_target_field, "referenceTargetField"),
            "formula" => (&mut field.formula, "formula"),
            "defaultValue" => (&mut field.default_value, "defaultValue"),
            "summarizedField" => (&mut field.summarized_field, "summarizedField"),
            "summaryOperation" => (&mut field.summary_operation, "summaryOperation"),
            "summaryForeignKey" => (&mut field.summary_foreign_key, "summaryForeignKey"),
            "relationshipName" => (&mut field.relationship_name, "relationshipName"),
            "referenceTo" => {
                field.reference_to.push(owned(xml.text(&child)?));
                continue;
            }
            "summaryFilterItems" => {
                while let Some(item) = xml.child(&child)? {
                    let text = owned(xml.text(&item)?);
                    field.summary_filters.push(format!("{}={}", item.name, text.value));
                    if matches!(item.name, "field" | "valueField") {
                        field.summary_filter_fields.push(text);
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
                xml.pass_over(&child, slip::OF_FIELD)?;
                continue;
            }
        };
        let text = xml.text(&child)?;
        if let (true, Some(first)) = (name == "complianceGroup", slot.as_mut()) {
            first.value = format!("{};{}", first.value, text.value);
            field.compliance_again = Some(text.span);
            continue;
        }
        // Two labels cannot both be true, and guessing which one deploys could lower a tier. So with two
        // formulas: one would hide what the other reads.
        if slot.is_some() && !name.is_empty() {
            let problem = Problem::Repeated { parent: element.name.to_owned(), child: name };
            return Err(xml.error_in(text.span, problem));
        }
        *slot = Some(owned(text));
    }
    field.span = xml.span(element);
    field.default_value.take_if(|text| !reads_global(&text.value));
    Ok(field)
}

/// Whether a default value is that of a field, or may be.
fn reads_global(text: &str) -> bool {
    text.contains('$')
        && parse_formula(text)
            .map_or(true, |formula| formula.globals.iter().any(|global| global_field(&global.path).is_some()))
}

fn owned(text: Spanned<Cow<'_, str>>) -> Spanned<String> {
    Spanned::new(text.value.into_owned(), text.span)
}
