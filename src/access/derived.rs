//! What a formula or roll-up reads: its value shows data of other fields whatever their field-level
//! security says (Salesforce Help, field-level security: formula fields "can also be visible to users
//! even though they reference fields that your users can't see").

use crate::finding::Place;
use crate::metadata::{CustomField, Reference, formula_tokens, parse_formula};
use crate::org::{Definition, Org, Unreadable};
use crate::words::FieldName;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

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
    /// A formula that cannot be understood, or reads too much: it may read anything.
    pub unreadable: Option<Unreadable>,
    /// What each derived field on the way is derived from, as written: equal texts show equal data.
    pub texts: BTreeMap<FieldName, String>,
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

/// Follows what `field` reads. Each field is followed once, so a circle ends. Relationships that `other`
/// knows count as well: deleting the file of a lookup deletes nothing in the org.
pub fn derivation(org: &Org<'_>, other: Option<&Org<'_>>, field: &FieldName) -> Derivation {
    let mut found = Derivation::default();
    let mut seen = BTreeSet::from([org.canonical(field)]);
    let mut queue = VecDeque::from([(field.clone(), Vec::<Hop>::new())]);
    while let Some((current, hops)) = queue.pop_front() {
        for definition in org.field(&current).definitions {
            if let Some(text) = source_text(&definition.field) {
                found.texts.entry(org.canonical(&current)).or_default().push_str(&text);
            }
            for (names, place) in reads((org, other), &current, &definition, &mut found) {
                let hop = Hop { field: current.clone(), place };
                for name in names {
                    if !seen.insert(org.canonical(&name)) {
                        continue;
                    }
                    if seen.len() > MAX_READ {
                        found.unreadable.get_or_insert(Unreadable {
                            path: hop.place.path().clone(),
                            position: Some(hop.place.location().start),
                            reason: format!("`{field}` reads more than {MAX_READ} fields; split it up"),
                        });
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
    let (derived, unreadable) = org.derived_fields();
    let direct = |field: FieldName| {
        let mut found = Derivation::default();
        let definitions = org.field(&field).definitions;
        let read = definitions.iter().flat_map(|d| reads((org, None), &field, d, &mut found));
        let mut names: BTreeSet<FieldName> =
            read.flat_map(|(names, _)| names).map(|name| org.canonical(&name)).collect();
        // A lookup that comes to lead elsewhere changes what is read as well.
        names.extend(found.texts.into_keys());
        (field, names)
    };
    let all: Vec<(FieldName, BTreeSet<FieldName>)> = derived.into_par_iter().map(direct).collect();
    let mut readers: BTreeMap<&FieldName, Vec<&FieldName>> = BTreeMap::new();
    for (field, names) in &all {
        for name in names {
            readers.entry(name).or_default().push(field);
        }
    }
    let mut found = BTreeSet::new();
    let mut queue: VecDeque<FieldName> = targets.iter().map(|t| org.canonical(t)).collect();
    while let Some(name) = queue.pop_front() {
        for reader in readers.get(&name).into_iter().flatten() {
            if found.insert((*reader).clone()) {
                queue.push_back(org.canonical(reader));
            }
        }
    }
    (found.into_iter().collect(), unreadable)
}

/// What a definition derives its data from, as written but for blanks; `None` where it holds data of its
/// own.
pub(super) fn source_text(field: &CustomField) -> Option<String> {
    if !field.is_derived() {
        return None;
    }
    let parts = [
        &field.summarized_field,
        &field.summary_foreign_key,
        &field.summary_operation,
        &field.reference_target_field,
    ];
    let texts = parts.iter().filter_map(|p| p.as_ref()).map(|p| p.value.clone());
    let formula = field.formula.as_ref().map(|f| formula_tokens(&f.value));
    Some(formula.into_iter().chain(texts).chain(field.summary_filters.clone()).collect::<Vec<_>>().join("\n"))
}

type Reads = Vec<(Vec<FieldName>, Place)>;

fn reads(
    orgs: (&Org<'_>, Option<&Org<'_>>),
    name: &FieldName,
    Definition { file, field }: &Definition,
    found: &mut Derivation,
) -> Reads {
    let mut reads = Reads::new();
    // A field that is called by another name is defined on the object of its own.
    let home = orgs.0.canonical(name);
    if let Some(formula) = &field.formula {
        let place = Place::new(file, formula.span);
        match parse_formula(&formula.value) {
            Ok(parsed) => {
                for reference in &parsed.references {
                    lookups(orgs, home.object(), &reference.path, &mut found.texts);
                }
                let own = parsed.references.iter().map(|r| (home.object(), r.path.as_slice()));
                for (object, path) in own.chain(parsed.globals.iter().filter_map(global)) {
                    match resolve(orgs, object, path) {
                        Ok(names) => reads.push((names, place.clone())),
                        Err(why) => found.unresolved.push((why, place.clone())),
                    }
                }
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

/// Notes the lookups of a path and where each leads.
fn lookups(
    orgs: (&Org<'_>, Option<&Org<'_>>),
    object: &str,
    path: &[String],
    texts: &mut BTreeMap<FieldName, String>,
) {
    let mut objects = BTreeSet::from([object.to_owned()]);
    for step in path.split_last().map(|(_, steps)| steps).unwrap_or_default() {
        let mut next = BTreeSet::new();
        for object in &objects {
            let to = targets(orgs, object, step).unwrap_or_default();
            if let Some(lookup) = lookup_of(object, step) {
                let all: Vec<String> = to.iter().map(|t| t.to_ascii_lowercase()).collect();
                texts.insert(orgs.0.canonical(&lookup), format!("to {}", all.join(",")));
            }
            next.extend(to);
        }
        objects = next;
    }
}

/// The field that `Account.Parent__r.SSN__c` means, seen from `object`.
fn resolve(
    orgs: (&Org<'_>, Option<&Org<'_>>),
    object: &str,
    path: &[String],
) -> Result<Vec<FieldName>, String> {
    let shown = || path.join(".");
    let Some((last, steps)) = path.split_last() else { return Ok(Vec::new()) };
    let mut objects = BTreeSet::from([object.to_owned()]);
    for step in steps {
        let mut next = BTreeSet::new();
        for object in &objects {
            next.extend(targets(orgs, object, step).ok_or_else(|| {
                format!("`{}`: where `{step}` of `{object}` leads is not known in this repository", shown())
            })?);
        }
        objects = next;
    }
    let name = |object: &String| FieldName::of(object, last);
    let names: Option<Vec<FieldName>> = objects.iter().map(name).collect();
    names.ok_or_else(|| format!("`{}`, which is no field name", shown()))
}

/// The objects that a relationship of `object` may lead to, by every definition and by Salesforce's own:
/// a file that says otherwise of a standard relationship must not redirect it.
fn targets(
    (org, other): (&Org<'_>, Option<&Org<'_>>),
    object: &str,
    relationship: &str,
) -> Option<BTreeSet<String>> {
    // `Owner:User`: the formula says which of several objects it means.
    if let Some((_, object)) = relationship.split_once(':') {
        return Some(BTreeSet::from([object.to_owned()]));
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
    for org in [Some(org), other].into_iter().flatten() {
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
    }
    if custom.is_none() && relationship.eq_ignore_ascii_case("Parent") {
        found.insert(object.to_owned());
    }
    let standard = STANDARD.iter().find(|(name, _)| name.eq_ignore_ascii_case(relationship));
    found.extend(standard.filter(|_| custom.is_none()).map(|(_, object)| (*object).to_owned()));
    (!found.is_empty()).then_some(found)
}

/// Global values that are fields, as an object and a path from there: of the running user and what belongs
/// to it, of custom settings and custom metadata.
fn global(reference: &Reference) -> Option<(&str, &[String])> {
    let (word, rest) = reference.path.split_first()?;
    let of = |object| (!rest.is_empty()).then_some((object, rest));
    match word.to_ascii_lowercase().as_str() {
        "$user" => of("User"),
        "$profile" => of("Profile"),
        "$userrole" => of("UserRole"),
        "$organization" => of("Organization"),
        "$setup" => rest.split_first().map(|(object, path)| (object.as_str(), path)),
        "$custommetadata" => match rest {
            [object, _, path @ ..] => Some((object.as_str(), path)),
            _ => None,
        },
        _ => None,
    }
}

/// The fields at the end of a path, and the lookups on the way.
type Followed = (Vec<FieldName>, Vec<FieldName>);

/// What a path of relationships and a field means, seen from `object`, and the lookups that it goes
/// through: whoever follows a relationship has to read its lookup.
///
/// # Errors
/// When a relationship leads to where the repository does not say.
pub fn follow(org: &Org<'_>, object: &str, path: &[String]) -> Result<Followed, String> {
    let fields = resolve((org, None), object, path)?;
    let mut lookups = Vec::new();
    let mut objects = BTreeSet::from([object.to_owned()]);
    for step in path.split_last().map(|(_, steps)| steps).unwrap_or_default() {
        lookups.extend(objects.iter().filter_map(|object| lookup_of(object, step)));
        objects = objects.iter().filter_map(|object| targets((org, None), object, step)).flatten().collect();
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
    let defined = org.all_fields().into_iter().find(|field| {
        org.field(field).definitions.iter().any(|d| {
            d.field.relationship_name.as_ref().is_some_and(|r| same(&r.value, name))
                && d.field.reference_to.iter().any(|to| same(&to.value, object))
        })
    });
    if let Some(lookup) = defined {
        return Some((lookup.object().to_owned(), lookup));
    }
    let (_, _, child, lookup) =
        CHILDREN.iter().find(|(parent, name, ..)| same(parent, object) && same(name, relationship))?;
    Some(((*child).to_owned(), FieldName::of(child, lookup)?))
}
