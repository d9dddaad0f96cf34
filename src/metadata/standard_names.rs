//! Which standard fields standard objects have, as far as a list says: for finding slips, not for judging.

use super::fls::{is_system_field, standard};
use crate::words::{FieldName, nearest};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Names its source.
const NAMES: &str = include_str!("standard_names.txt");

/// By object, lower case.
static BY_OBJECT: LazyLock<HashMap<String, Vec<&str>>> = LazyLock::new(|| {
    let lines = NAMES.lines().filter(|line| !line.starts_with('#'));
    let object = |line: &'static str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_ascii_lowercase(), words.collect()))
    };
    lines.filter_map(object).collect()
});

/// The standard field that somebody may have meant who wrote a name which no table has: `Email` for `Emial`. Nothing where
/// there is nothing like it.
pub fn meant_standard_field(name: &FieldName) -> Option<&'static str> {
    let known = BY_OBJECT.get(&name.object().to_ascii_lowercase())?;
    if is_standard_field(name) == Some(true) { None } else { nearest(name.field(), known.iter().copied()) }
}

/// Whether a list has it as a standard field; `None` where there is no list of its object.
pub fn is_standard_field(name: &FieldName) -> Option<bool> {
    let known = BY_OBJECT.get(&name.object().to_ascii_lowercase());
    let is_listed = |all: &Vec<&str>| all.iter().any(|field| field.eq_ignore_ascii_case(name.field()));
    match (known, standard(name)) {
        (_, Some(_)) => Some(true),
        (Some(all), None) => Some(is_listed(all) || is_system_field(name)),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_name_and_a_name_finds_none() {
        let meant = |name| meant_standard_field(&FieldName::parse(name).unwrap());
        assert_eq!(meant("contact.Emial"), Some("Email"));
        assert_eq!(meant("Contact.email"), None, "it is there");
        assert_eq!(meant("Contact.SomethingOfNextYear"), None);
        assert_eq!(meant("Invoice__c.Emial"), None);
    }
}
