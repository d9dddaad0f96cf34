//! Names of fields and permission sets: other names of the same field, and what a misspelt one may mean.

use super::config::Config;
use crate::access::{Delta, meant_standard_object};
use crate::metadata::{is_standard_field, is_system_field, meant_standard_field};
use crate::org::Org;
use crate::policy::Entry;
use crate::tiers::{Known, Side};
use crate::words::{FieldMap, FieldName, Grantor, nearest};
use std::collections::{BTreeMap, BTreeSet};

/// Names for which a near one is looked for: nobody reads more suggestions.
const SUGGESTED: usize = 20;

/// What definitions call the fields of justifications and of the run, where that is another name.
pub(super) fn wholes(config: &Config, landing: &Org<'_>, after: &Side) -> FieldMap<FieldName> {
    let named = config.entries.iter().chain(&config.base_entries).flat_map(Entry::fields);
    let all = after.tiers.keys().cloned().chain(named);
    let whole = |field: &FieldName| landing.alias_of(field).filter(|whole| is_one_field(field, whole));
    all.filter_map(|field| whole(&field).map(|whole| (field, whole))).collect()
}

/// The other names of each field, by the name that its definition has.
pub(super) fn by_whole(wholes: &FieldMap<FieldName>) -> FieldMap<Vec<FieldName>> {
    let mut names: FieldMap<Vec<FieldName>> = FieldMap::default();
    for (name, whole) in wholes.iter().collect::<BTreeMap<_, _>>() {
        names.entry(whole.clone()).or_default().push(name.clone());
    }
    names
}

/// Whether two names are of one field for a reason too: of an activity, or of a contact and its person account. A reason for a
/// part of an address or a name is none for another part, and one under a namespace was not asked for as long as the namespace
/// was not the repository's own.
fn is_one_field(field: &FieldName, whole: &FieldName) -> bool {
    let stem = |name: &str| {
        let name = name.to_ascii_lowercase();
        let own = name.strip_suffix("__pc").or_else(|| name.strip_suffix("__c")).unwrap_or(&name);
        own.to_owned()
    };
    let is_shared = ["Activity", "Contact"].iter().any(|object| whole.object().eq_ignore_ascii_case(object));
    is_shared && !field.object().contains("__") && stem(field.field()) == stem(whole.field())
}

/// What `owners` may mean that the org does not have: another kind of the same name, or nearly the name.
pub(super) fn nearly(org: &Org<'_>, owners: &BTreeSet<&Grantor>) -> BTreeMap<Grantor, Grantor> {
    let missing: Vec<&&Grantor> = owners.iter().filter(|owner| !org.has_grantor(owner)).collect();
    if missing.is_empty() {
        return BTreeMap::new();
    }
    let all = org.grantors();
    let near = |owner: &Grantor| {
        let same_name = all.iter().find(|other| other.name().eq_ignore_ascii_case(owner.name()));
        let names = || all.iter().filter(|other| other.kind == owner.kind).map(|other| other.name());
        let near_name = || Some(Grantor::new(owner.kind, nearest(owner.name(), names())?));
        Some((owner.clone(), same_name.map(|other| (*other).clone()).or_else(near_name)?))
    };
    missing.into_iter().take(SUGGESTED).filter_map(|owner| near(owner)).collect()
}

/// Fields of an object that are called nearly like those which permission sets name and nothing defines.
pub(super) fn near_fields(org: &Org<'_>, delta: &Delta, after: &Side) -> BTreeMap<FieldName, FieldName> {
    let is_unknown =
        |field: &&FieldName| after.tiers.get(*field).is_none_or(|of| matches!(of.known, Known::Unknown));
    let named: BTreeSet<&FieldName> =
        delta.opened.iter().map(|opened| &opened.exposure.field).filter(is_unknown).collect();
    let near = |field: &FieldName| meant(org, field).map(|near| (field.clone(), near));
    named.into_iter().take(SUGGESTED).filter_map(near).collect()
}

/// The field that may have been meant by one that nothing defines: another one of its object, or the one of this name of an
/// object that is called nearly so.
pub(super) fn meant(org: &Org<'_>, field: &FieldName) -> Option<FieldName> {
    if is_standard_field(field) == Some(true) {
        return None;
    }
    let fields = org.fields_of(field.object());
    let near = || {
        nearest(field.field(), fields.iter().map(FieldName::field)).or_else(|| meant_standard_field(field))
    };
    // Every object has the fields of the system.
    match if is_system_field(field) { None } else { near() } {
        Some(name) => FieldName::of(field.object(), name),
        None => FieldName::of(&meant_object(org, field.object())?, field.field()),
    }
}

/// The object that may have been meant by one that neither a file nor the table of standard objects has.
fn meant_object(org: &Org<'_>, object: &str) -> Option<String> {
    let known = org.objects();
    if known.contains(&org.local(object).to_ascii_lowercase()) {
        return None;
    }
    let Some(near) = nearest(object, known.iter().map(String::as_str)) else {
        return meant_standard_object(object).map(str::to_owned);
    };
    // As its definition spells it.
    let fields = org.fields_of(near);
    Some(fields.first().map_or_else(|| near.to_owned(), |field| field.object().to_owned()))
}

/// What is said of fields under one name is said under their others as well.
pub(super) fn also_called<T: Clone>(said: &mut FieldMap<T>, other_names: &BTreeMap<FieldName, FieldName>) {
    for (name, label) in other_names {
        if let Some(of) = said.get(label).cloned() {
            said.entry(name.clone()).or_insert(of);
        }
    }
}
