//! What a formula or roll-up reads: its value shows data of other fields whatever their field-level
//! security says (Salesforce Help, field-level security: formula fields "can also be visible to users
//! even though they reference fields that your users can't see").

use crate::finding::Place;
use crate::metadata::{CustomField, Reference, parse_formula};
use crate::org::{Org, Unreadable};
use crate::words::FieldName;
use rayon::prelude::*;
use std::collections::{BTreeSet, VecDeque};

/// Fields that one derived field may read, directly and through others, before the walk stops and says
/// so. Salesforce itself allows far fewer.
const MAX_READ: usize = 500;

/// One step from a derived field towards the data.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The derived field that reads on.
    pub field: FieldName,
    /// Its formula, or the element that names what it sums up.
    pub place: Place,
}

/// A field that a derived field reads.
#[derive(Clone, Debug)]
pub struct Input {
    /// The field that is read.
    pub field: FieldName,
    /// The way to it: the derived field first.
    pub hops: Vec<Hop>,
}

/// Everything a derived field reads, through other derived fields too.
#[derive(Clone, Debug, Default)]
pub struct Derivation {
    /// Inputs, nearest first.
    pub inputs: Vec<Input>,
    /// What is read and cannot be resolved here, and why.
    pub unresolved: Vec<(String, Place)>,
    /// A formula that cannot be understood: it may read anything.
    pub unreadable: Option<Unreadable>,
}

/// Standard relationships and the object that each leads to. Custom ones are defined in the repository.
const STANDARD: &[(&str, &str)] = &[
    ("Account", "Account"),
    ("Asset", "Asset"),
    ("Campaign", "Campaign"),
    ("Case", "Case"),
    ("Contact", "Contact"),
    ("Contract", "Contract"),
    ("CreatedBy", "User"),
    ("Entitlement", "Entitlement"),
    ("LastModifiedBy", "User"),
    ("Lead", "Lead"),
    ("Manager", "User"),
    ("Opportunity", "Opportunity"),
    ("Order", "Order"),
    ("Owner", "User"),
    ("Pricebook2", "Pricebook2"),
    ("Product2", "Product2"),
    ("Profile", "Profile"),
    ("Quote", "Quote"),
    ("RecordType", "RecordType"),
    ("ReportsTo", "Contact"),
    ("UserRole", "UserRole"),
    ("WorkOrder", "WorkOrder"),
];

/// Follows what `field` reads. Each field is followed once, so a circle ends.
pub fn derivation(org: &Org<'_>, field: &FieldName) -> Derivation {
    let mut found = Derivation::default();
    let mut seen = BTreeSet::from([org.canonical(field)]);
    let mut queue = VecDeque::from([(field.clone(), Vec::<Hop>::new())]);
    while let Some((current, hops)) = queue.pop_front() {
        for definition in org.field(&current).definitions {
            for (names, place) in reads(org, &current, &definition.field, &definition.file, &mut found) {
                let hop = Hop { field: current.clone(), place };
                for name in names {
                    if !seen.insert(org.canonical(&name)) {
                        continue;
                    }
                    if seen.len() > MAX_READ {
                        let text = format!("more than {MAX_READ} fields");
                        found.unresolved.push((text, hop.place.clone()));
                        return found;
                    }
                    let hops: Vec<Hop> = hops.iter().cloned().chain([hop.clone()]).collect();
                    found.inputs.push(Input { field: name.clone(), hops: hops.clone() });
                    queue.push_back((name, hops));
                }
            }
        }
    }
    found.unresolved.dedup_by(|a, b| a.0 == b.0);
    found
}

/// Derived fields that read one of `targets`, directly or through others: asked for when a label rises,
/// and the question that looks into every field definition.
pub fn readers(org: &Org<'_>, targets: &BTreeSet<FieldName>) -> (Vec<FieldName>, Vec<Unreadable>) {
    if targets.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let targets: BTreeSet<FieldName> = targets.iter().map(|t| org.canonical(t)).collect();
    let (derived, unreadable) = org.derived_fields();
    let reads = |field: &FieldName| {
        let inputs = derivation(org, field).inputs;
        inputs.iter().any(|input| targets.contains(&org.canonical(&input.field)))
    };
    (derived.into_par_iter().filter(reads).collect(), unreadable)
}

/// What a definition derives its data from, as written; `None` where it holds data of its own.
pub(super) fn source_text(field: &CustomField) -> Option<String> {
    let parts =
        [&field.formula, &field.summarized_field, &field.summary_foreign_key, &field.reference_target_field];
    let texts: Vec<&str> = parts.iter().filter_map(|p| p.as_ref()).map(|p| p.value.as_str()).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

type Reads = Vec<(Vec<FieldName>, Place)>;

fn reads(
    org: &Org<'_>,
    name: &FieldName,
    field: &CustomField,
    file: &std::sync::Arc<crate::source::SourceFile>,
    found: &mut Derivation,
) -> Reads {
    let mut reads = Reads::new();
    if let Some(formula) = &field.formula {
        let place = Place::new(file, formula.span);
        match parse_formula(&formula.value) {
            Ok(parsed) => {
                for reference in &parsed.references {
                    match resolve(org, name.object(), &reference.path) {
                        Ok(names) => reads.push((names, place.clone())),
                        Err(why) => found.unresolved.push((why, place.clone())),
                    }
                }
                reads
                    .extend(parsed.globals.iter().filter_map(global).map(|name| (vec![name], place.clone())));
            }
            Err(error) => {
                found.unreadable.get_or_insert(Unreadable {
                    path: place.path().clone(),
                    position: Some(place.location().start),
                    reason: format!("formula of `{name}`: {error}"),
                });
            }
        }
    }
    // An indirect lookup holds the external id of the record that it points to.
    if let Some(target) = &field.reference_target_field {
        let names = field.reference_to.iter().filter_map(|r| FieldName::of(&r.value, &target.value));
        reads.push((names.collect(), Place::new(file, target.span)));
    }
    let summed = field.summarized_field.iter().chain(&field.summary_filter_fields);
    for text in summed {
        let place = Place::new(file, text.span);
        match FieldName::parse(&text.value) {
            Some(name) => reads.push((vec![name], place)),
            None => found.unresolved.push((format!("`{}`, which is no field name", text.value), place)),
        }
    }
    reads
}

/// The field that `Account.Parent__r.SSN__c` means, seen from `object`.
fn resolve(org: &Org<'_>, object: &str, path: &[String]) -> Result<Vec<FieldName>, String> {
    let shown = || path.join(".");
    let Some((last, steps)) = path.split_last() else { return Ok(Vec::new()) };
    let mut objects = vec![object.to_owned()];
    for step in steps {
        let mut next = Vec::new();
        for object in &objects {
            next.extend(targets(org, object, step).ok_or_else(|| {
                format!("`{}`: where `{step}` of `{object}` leads is not known in this repository", shown())
            })?);
        }
        objects = next;
    }
    let name = |object: &String| FieldName::of(object, last);
    let names: Option<Vec<FieldName>> = objects.iter().map(name).collect();
    names.ok_or_else(|| format!("`{}`, which is no field name", shown()))
}

/// The objects that a relationship of `object` leads to.
fn targets(org: &Org<'_>, object: &str, relationship: &str) -> Option<Vec<String>> {
    // `Owner:User`: the formula says which of several objects it means.
    if let Some((_, object)) = relationship.split_once(':') {
        return Some(vec![object.to_owned()]);
    }
    let stem = relationship.len().checked_sub(3).filter(|at| relationship[*at..].eq_ignore_ascii_case("__r"));
    let names = match stem {
        Some(at) => vec![format!("{}__c", &relationship[..at])],
        None => vec![format!("{relationship}Id"), relationship.to_owned()],
    };
    for name in names {
        let Some(lookup) = FieldName::of(object, &name) else { continue };
        let definitions = org.field(&lookup).definitions;
        let to: Vec<String> =
            definitions.iter().flat_map(|d| &d.field.reference_to).map(|r| r.value.clone()).collect();
        if !to.is_empty() {
            return Some(to);
        }
    }
    if relationship.eq_ignore_ascii_case("Parent") {
        return Some(vec![object.to_owned()]);
    }
    let standard = STANDARD.iter().find(|(name, _)| name.eq_ignore_ascii_case(relationship));
    standard.filter(|_| stem.is_none()).map(|(_, object)| vec![(*object).to_owned()])
}

/// Global values that are fields: of the running user, of custom settings and custom metadata.
fn global(reference: &Reference) -> Option<FieldName> {
    let path: Vec<&str> = reference.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        [word, field] if word.eq_ignore_ascii_case("$User") => FieldName::of("User", field),
        [word, object, field] if word.eq_ignore_ascii_case("$Setup") => FieldName::of(object, field),
        [word, object, _, field] if word.eq_ignore_ascii_case("$CustomMetadata") => {
            FieldName::of(object, field)
        }
        _ => None,
    }
}
