//! Fields without field-level security: the one table.
//!
//! Everybody who can read the object reads them, so no entry opens them and no entry closes them
//! (*Object Reference*, FieldPermissions). `Name` is not in the table: on some objects it has
//! field-level security, and nothing in a file tells which.

use super::CustomField;
use crate::source::Span;
use crate::words::FieldName;

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

/// Whether a field is one of those that no object has field-level security for.
pub fn is_system_field(name: &FieldName) -> bool {
    SYSTEM.iter().any(|system| name.field().eq_ignore_ascii_case(system))
}

impl CustomField {
    /// The element that takes the field `name` out of field-level security, if one does: the whole
    /// definition of a system field; `required` or the type of a custom field. Standard fields of type
    /// master-detail do have field-level security, whatever their file says of requiredness.
    pub fn outside_fls(&self, name: &FieldName) -> Option<Span> {
        if is_system_field(name) {
            return Some(self.span);
        }
        let master = self.field_type.as_ref().filter(|t| t.value.eq_ignore_ascii_case("MasterDetail"));
        let required = self.required.as_ref().filter(|r| r.value);
        required.map(|r| r.span).or(master.map(|m| m.span)).filter(|_| name.is_custom())
    }
}
