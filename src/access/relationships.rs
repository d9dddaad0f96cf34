//! Where relationships lead: from an object, by the names that formulas and queries write, to other objects.

use super::standard_relationships::{self, Leads};
use crate::org::Org;
use crate::words::FieldName;
use std::collections::{BTreeMap, BTreeSet};

/// Notes the lookups of a path and where each leads.
pub(super) fn lookups(org: &Org<'_>, object: &str, path: &[String], texts: &mut BTreeMap<FieldName, String>) {
    let mut objects = BTreeSet::from([object.to_owned()]);
    for step in path.split_last().map(|(_, steps)| steps).unwrap_or_default() {
        let mut next = BTreeSet::new();
        for object in &objects {
            let to = targets(org, object, step).unwrap_or_default();
            if let Some(lookup) = lookup_of(object, step) {
                let all: Vec<String> = to.iter().map(|t| t.to_ascii_lowercase()).collect();
                // An indirect lookup leads to other records if it finds them by another field.
                let definitions = org.field(&lookup).definitions.into_iter();
                let by = definitions.filter_map(|d| Some(d.field.reference_target_field?.value));
                let by = by.map(|field| format!(" by {}", field.to_ascii_lowercase())).collect::<String>();
                texts.insert(org.canonical(&lookup), format!("to {}{by}", all.join(",")));
            }
            next.extend(to);
        }
        objects = next;
    }
}

/// The field that `Account.Parent__r.SSN__c` means, seen from `object`.
pub(super) fn resolve(org: &Org<'_>, object: &str, path: &[String]) -> Result<Vec<FieldName>, String> {
    let Some((last, steps)) = path.split_last() else { return Ok(Vec::new()) };
    let mut objects = BTreeSet::from([object.to_owned()]);
    for step in steps {
        let mut next = BTreeSet::new();
        for object in &objects {
            next.extend(targets(org, object, step)?);
        }
        objects = next;
    }
    let name = |object: &String| FieldName::of(object, last);
    let names: Option<Vec<FieldName>> = objects.iter().map(name).collect();
    names.ok_or_else(|| format!("`{}`, which is no field name", path.join(".")))
}

/// The objects that a relationship of `object` may lead to, by every definition and by Salesforce's own:
/// a file that says otherwise of a standard relationship must not redirect it.
fn targets(org: &Org<'_>, object: &str, relationship: &str) -> Result<BTreeSet<String>, String> {
    // `Owner:User`: the formula says which of several objects it means.
    if let Some((_, object)) = relationship.split_once(':') {
        return Ok(BTreeSet::from([object.to_owned()]));
    }
    let stem = |suffix: &str| {
        let at = relationship.len().checked_sub(suffix.len())?;
        relationship.get(at..).filter(|end| end.eq_ignore_ascii_case(suffix)).map(|_| &relationship[..at])
    };
    let custom = stem("__r");
    let lookups = match (custom, stem("__pr")) {
        (Some(stem), _) => vec![FieldName::of(object, &format!("{stem}__c"))],
        // A person account's relationship is its contact's.
        (_, Some(stem)) => vec![FieldName::of("Contact", &format!("{stem}__c"))],
        _ => vec![FieldName::of(object, &format!("{relationship}Id")), FieldName::of(object, relationship)],
    };
    let mut found = BTreeSet::new();
    for lookup in lookups.iter().flatten() {
        for definition in org.field(lookup).definitions {
            let field = &definition.field;
            found.extend(field.reference_to.iter().map(|r| r.value.clone()));
            // A hierarchy points to its own object and need not say so.
            if field.field_type.as_ref().is_some_and(|t| t.value.eq_ignore_ascii_case("Hierarchy")) {
                found.insert(lookup.object().to_owned());
            }
        }
    }
    if custom.is_none() {
        match standard_relationships::standard(object, relationship) {
            Some(Leads::To(objects)) => found.extend(objects.into_iter().map(str::to_owned)),
            Some(Leads::Anywhere) => {
                return Err(format!("`{relationship}` of `{object}` may lead to objects of many kinds"));
            }
            None if relationship.eq_ignore_ascii_case("Parent") => drop(found.insert(object.to_owned())),
            None => {}
        }
    }
    if found.is_empty() {
        return Err(format!("where `{relationship}` of `{object}` leads is not known in this repository"));
    }
    Ok(found)
}

/// The fields at the end of a path, and the lookups on the way.
type Followed = (Vec<FieldName>, Vec<FieldName>);

/// What a path of relationships and a field means, seen from `object`, and the lookups that it goes
/// through: whoever follows a relationship has to read its lookup.
///
/// # Errors
/// When a relationship leads to where the repository does not say.
pub fn follow(org: &Org<'_>, object: &str, path: &[String]) -> Result<Followed, String> {
    let fields = resolve(org, object, path)?;
    let mut lookups = Vec::new();
    let mut objects = BTreeSet::from([object.to_owned()]);
    for step in path.split_last().map(|(_, steps)| steps).unwrap_or_default() {
        lookups.extend(objects.iter().filter_map(|object| lookup_of(object, step)));
        objects = objects.iter().filter_map(|object| targets(org, object, step).ok()).flatten().collect();
    }
    Ok((fields, lookups))
}

/// The lookup field of a relationship.
pub fn lookup_of(object: &str, relationship: &str) -> Option<FieldName> {
    let at = relationship.len().checked_sub(3);
    let custom = at.filter(|at| relationship.get(*at..).is_some_and(|end| end.eq_ignore_ascii_case("__r")));
    match custom {
        Some(at) => FieldName::of(object, &format!("{}__c", &relationship[..at])),
        None => FieldName::of(object, &format!("{relationship}Id")),
    }
}

/// Child relationships of standard objects: parent, name, child, lookup. Custom ones are defined in the
/// repository.
const CHILDREN: &[(&str, &str, &str, &str)] = &[
    ("Account", "Assets", "Asset", "AccountId"),
    ("Account", "Cases", "Case", "AccountId"),
    ("Account", "ChildAccounts", "Account", "ParentId"),
    ("Account", "Contacts", "Contact", "AccountId"),
    ("Account", "Contracts", "Contract", "AccountId"),
    ("Account", "Opportunities", "Opportunity", "AccountId"),
    ("Account", "Orders", "Order", "AccountId"),
    ("Case", "CaseComments", "CaseComment", "ParentId"),
    ("Contact", "Cases", "Case", "ContactId"),
    ("Opportunity", "OpportunityContactRoles", "OpportunityContactRole", "OpportunityId"),
    ("Opportunity", "OpportunityLineItems", "OpportunityLineItem", "OpportunityId"),
];

/// The object that a child relationship of `object` holds, and the lookup by which it belongs there.
pub fn child(org: &Org<'_>, object: &str, relationship: &str) -> Option<(String, FieldName)> {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let name = relationship.strip_suffix("__r").unwrap_or(relationship);
    if let Some(lookup) = org.lookup_of_children(object, name) {
        return Some((lookup.object().to_owned(), lookup.clone()));
    }
    let (_, _, child, lookup) =
        CHILDREN.iter().find(|(parent, name, ..)| same(parent, object) && same(name, relationship))?;
    Some(((*child).to_owned(), FieldName::of(child, lookup)?))
}
