//! Where the lookups of standard objects lead: Salesforce's own, which no file of a repository defines.

use crate::words::nearest;
use std::collections::HashMap;
use std::sync::LazyLock;

/// See the head of the file for its source and form.
const TABLE: &str = include_str!("standard_relationships.txt");

/// The relationships of an object, by its name in lower case.
static OBJECTS: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).map(|(o, rest)| (o.to_ascii_lowercase(), rest)).collect()
});

/// Relationships by their name, on whatever object: on nearly every object, or left out of the table. Whoever is asked
/// about an activity is a person (*Object Reference*, Task: `WhoId` is a lead or a contact).
const BY_NAME: &[(&str, &[&str])] = &[
    ("Account", &["Account"]),
    ("Asset", &["Asset"]),
    ("Campaign", &["Campaign"]),
    ("Case", &["Case"]),
    ("Contact", &["Contact"]),
    ("Contract", &["Contract"]),
    ("CreatedBy", &["User"]),
    ("Entitlement", &["Entitlement"]),
    ("LastModifiedBy", &["User"]),
    ("Lead", &["Lead"]),
    ("Manager", &["User"]),
    ("Opportunity", &["Opportunity"]),
    ("Order", &["Order"]),
    ("Owner", &["User"]),
    ("Pricebook2", &["Pricebook2"]),
    ("Product2", &["Product2"]),
    ("Profile", &["Profile"]),
    ("Quote", &["Quote"]),
    ("RecordType", &["RecordType"]),
    ("ReportsTo", &["Contact"]),
    ("UserRole", &["UserRole"]),
    ("Who", &["Contact", "Lead"]),
    ("WorkOrder", &["WorkOrder"]),
];

/// Where a standard relationship leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Leads {
    /// To one of these objects.
    To(Vec<&'static str>),
    /// To objects of more kinds than can be named.
    Anywhere,
}

/// Where a standard relationship of an object leads, without regard to case; `None` where that is not known.
pub(super) fn standard(object: &str, relationship: &str) -> Option<Leads> {
    let by_name = || {
        let known = BY_NAME.iter().find(|(name, _)| name.eq_ignore_ascii_case(relationship));
        known.map(|(_, objects)| Leads::To(objects.to_vec()))
    };
    match of_table(object, relationship) {
        Some("*") => by_name().or(Some(Leads::Anywhere)),
        Some(target) => Some(Leads::To(vec![target])),
        None => by_name(),
    }
}

/// The standard object that somebody may have meant who wrote a name that the table does not have: `Contact` for `Kontact`.
pub fn meant_standard_object(name: &str) -> Option<&'static str> {
    let object = |line: &'static str| line.split_once(' ').map(|(object, _)| object);
    let is_known = OBJECTS.contains_key(&name.to_ascii_lowercase());
    let mut common = BY_NAME.iter().flat_map(|(_, objects)| objects.iter().copied());
    if is_known || common.any(|object| object.eq_ignore_ascii_case(name)) {
        return None;
    }
    nearest(name, TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(object))
}

fn of_table(object: &str, relationship: &str) -> Option<&'static str> {
    // Fields of activities are those of tasks and events, which lead to the same.
    let object = if object.eq_ignore_ascii_case("Activity") { "Task" } else { object };
    let words = OBJECTS.get(&object.to_ascii_lowercase())?.split(' ');
    let mut pairs = words.map(|word| word.split_once(':').unwrap_or((word, word)));
    pairs.find(|(name, _)| name.eq_ignore_ascii_case(relationship)).map(|(_, target)| target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_object_with_relationships_and_stands_once() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(OBJECTS.len(), lines.len(), "an object has two lines, or none at all");
        assert!(lines.len() > 1_500, "{}", lines.len());
        let name = |text: &str| text == "*" || text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        for word in lines.iter().flat_map(|line| line.split(' ')) {
            let (relationship, target) = word.split_once(':').unwrap_or((word, word));
            assert!(!relationship.is_empty() && name(relationship) && name(target), "{word}");
        }
    }

    #[test]
    fn the_object_decides_and_then_the_name() {
        let to = |objects: &[&'static str]| Some(Leads::To(objects.to_vec()));
        assert_eq!(standard("account", "PERSONCONTACT"), to(&["Contact"]));
        assert_eq!(standard("Contract", "CustomerSigned"), to(&["Contact"]));
        assert_eq!(standard("Contract", "CompanySigned"), to(&["User"]));
        assert_eq!(standard("Case", "Parent"), to(&["Case"]));
        assert_eq!(standard("Claim__c", "LastModifiedBy"), to(&["User"]));
        assert_eq!(standard("Task", "Who"), to(&["Contact", "Lead"]));
        assert_eq!(standard("Task", "What"), Some(Leads::Anywhere));
        assert_eq!(standard("Activity", "What"), Some(Leads::Anywhere));
        assert_eq!(standard("Contract", "BillTo"), None);
    }
}
