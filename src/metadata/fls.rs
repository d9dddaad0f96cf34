//! Fields without field-level security: what their names, types and objects say of it.
//!
//! Everybody who can read the object reads them, so no entry opens them and no entry closes them. Sources: *Object
//! Reference*, FieldPermissions (system fields, required and master-detail custom fields); *Platform Events Developer
//! Guide* (platform events); Help, *Custom Metadata Types* and *Custom Settings*; `standard_fls.txt` beside this file,
//! which names its own (standard fields).

use super::CustomField;
use crate::source::Span;
use crate::words::FieldName;
use std::collections::HashMap;
use std::sync::LazyLock;

/// System fields, on every object. All can be read by whoever reads the object; `OwnerId` can be
/// written as well.
const SYSTEM: [&str; 8] = [
    "Id",
    "CreatedById",
    "CreatedDate",
    "IsDeleted",
    "LastModifiedById",
    "LastModifiedDate",
    "OwnerId",
    "SystemModstamp",
];

const STANDARD: &str = include_str!("standard_fls.txt");
/// Stands for all standard fields of an object.
const ALL: &str = "*";

/// What is known of a standard field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandardField {
    /// It has no field-level security.
    WithoutFls,
    /// It has field-level security.
    WithFls,
    /// It may have none: no permission set of several public projects has an entry for it.
    Unsure,
    /// The object has no such field.
    Missing,
}

/// By object, then field, both lower case.
static TABLE: LazyLock<HashMap<String, HashMap<String, StandardField>>> = LazyLock::new(|| {
    let lines = STANDARD.lines().filter(|line| !line.starts_with('#'));
    let objects = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_ascii_lowercase(), words.map(standard_field).collect()))
    });
    objects.collect()
});

/// One field of the table, lower case.
fn standard_field(word: &str) -> (String, StandardField) {
    let (name, said) = match word.split_at(1) {
        ("+", name) => (name, StandardField::WithFls),
        ("?", name) => (name, StandardField::Unsure),
        ("-", name) => (name, StandardField::Missing),
        _ => (word, StandardField::WithoutFls),
    };
    (name.to_ascii_lowercase(), said)
}

/// What the table says of a standard field; `None` where it says nothing.
pub fn standard(name: &FieldName) -> Option<StandardField> {
    let fields = TABLE.get(&name.object().to_ascii_lowercase()).filter(|_| !name.is_custom())?;
    fields.get(&name.field().to_ascii_lowercase()).or_else(|| fields.get(ALL)).copied()
}

/// Whether a field is one of those that no object has field-level security for.
pub fn is_system_field(name: &FieldName) -> bool {
    SYSTEM.iter().any(|system| name.field().eq_ignore_ascii_case(system))
}

/// Whether none of an object's fields has field-level security, whatever the object's file says: a platform event
/// (`__e`) or a custom metadata type (`__mdt`).
pub fn is_object_without_fls(object: &str) -> bool {
    has_suffix(object, "__e") || is_custom_metadata(object)
}

/// Whether an object is a custom metadata type.
pub fn is_custom_metadata(object: &str) -> bool {
    has_suffix(object, "__mdt")
}

/// Whether a field is the `Name` of a custom object.
pub fn is_custom_object_name(name: &FieldName) -> bool {
    name.field().eq_ignore_ascii_case("Name") && has_suffix(name.object(), "__c")
}

/// Whether the name of a field alone says that it has no field-level security.
pub fn is_without_fls(name: &FieldName) -> bool {
    is_system_field(name)
        || is_object_without_fls(name.object())
        || is_custom_object_name(name)
        || standard(name) == Some(StandardField::WithoutFls)
}

fn has_suffix(object: &str, suffix: &str) -> bool {
    let at = object.len().checked_sub(suffix.len());
    at.and_then(|at| object.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

impl CustomField {
    /// The element that takes the custom field `name` out of field-level security, if one does: `required` or the
    /// type. Standard fields of type master-detail do have field-level security, whatever their file says of
    /// requiredness.
    pub fn outside_fls(&self, name: &FieldName) -> Option<Span> {
        let master = self.field_type.as_ref().filter(|t| t.value.eq_ignore_ascii_case("MasterDetail"));
        let required = self.required.as_ref().filter(|r| r.value);
        required.map(|r| r.span).or(master.map(|m| m.span)).filter(|_| name.is_custom())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<StandardField> {
        standard(&FieldName::parse(text).unwrap())
    }

    fn without(text: &str) -> bool {
        is_without_fls(&FieldName::parse(text).unwrap())
    }

    #[test]
    fn the_table_is_asked_without_regard_to_case() {
        assert_eq!(said("contact.LASTNAME"), Some(StandardField::WithoutFls));
        assert_eq!(said("Contact.Birthdate"), None);
        assert_eq!(said("Contract.name"), Some(StandardField::WithFls));
        assert_eq!(said("CASE.Name"), Some(StandardField::Missing));
        assert_eq!(said("Contact.LastActivityDate"), Some(StandardField::Unsure));
        assert!(!without("Contact.LastActivityDate"), "what is not sure counts as having it");
    }

    #[test]
    fn all_standard_fields_of_users_are_without_and_no_custom_one() {
        assert!(without("user.Email") && without("User.MobilePhone"));
        assert!(!without("User.Salary__c"));
    }

    #[test]
    fn objects_are_told_by_the_end_of_their_name() {
        for field in ["Paid__e.Card__c", "paid__E.ReplayId", "Key__mdt.Token__c", "Claim__c.name"] {
            assert!(without(field), "{field}");
        }
        // An end in the middle, another kind of object, another field.
        for field in ["A__e__c.Card__c", "Stream__x.Name", "Claim__c.Name__c", "Claim.Name", "__c.Iban__c"] {
            assert!(!without(field), "{field}");
        }
    }

    #[test]
    fn every_line_of_the_table_has_an_object_and_a_field_and_each_object_one_line() {
        let lines: Vec<&str> = STANDARD.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(TABLE.len(), lines.len(), "an object has two lines");
        assert!(TABLE.values().all(|fields| !fields.is_empty()));
    }
}
