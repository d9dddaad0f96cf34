//! What permission sets, profiles and groups give: everything, or of the fields that a question is about.

use super::bulk::{Bulk, BulkKind, MODIFY_ALL_DATA, READ_ALL_TYPES, VIEW_ALL_DATA, VIEW_ALL_FIELDS_GLOBAL};
use super::exposure::Exposure;
use super::grantor::{GrantorAccess, from_state, own_access};
use super::group;
use crate::org::{FileId, GroupState, Org, Unreadable};
use crate::words::{FieldName, Grantor, GrantorKind};
use rayon::prelude::*;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Reads a grantor. A grantor that is not there grants nothing.
pub fn grantor_access(org: &Org<'_>, grantor: &Grantor) -> GrantorAccess {
    access_to(org, grantor, |_| true)
}

/// Reads what a permission set or profile says of the fields that `wanted` picks; of a group, everything.
fn access_to(org: &Org<'_>, grantor: &Grantor, wanted: impl Fn(&FieldName) -> bool) -> GrantorAccess {
    match grantor.kind {
        GrantorKind::PermissionSetGroup => group_of(org, grantor, org.group(grantor)),
        GrantorKind::PermissionSet | GrantorKind::Profile => own_access(org, grantor, wanted),
    }
}

fn group_of(org: &Org<'_>, group: &Grantor, state: GroupState) -> GrantorAccess {
    let is_dormant =
        !state.parts.is_empty() && state.parts.iter().all(|(file, _)| org.is_dormant(file.path()));
    let mut access = group::group_access(org, state);
    // It gave nobody anything yet, and its members say who can hold it.
    if is_dormant {
        access = access.without_grants();
    }
    access.note_recipients(org, group);
    access
}

/// Reads one definition of a grantor.
pub(super) fn access_of(org: &Org<'_>, grantor: &Grantor, files: &[FileId]) -> GrantorAccess {
    if grantor.kind == GrantorKind::PermissionSetGroup {
        return group_of(org, grantor, org.group_in(files));
    }
    from_state(org, grantor, org.permissions(files), |_| true)
}

/// Fields of activities are those of tasks and events, by which objects are opened.
pub(super) fn of_activities(field: &FieldName) -> impl Iterator<Item = FieldName> {
    let objects: &[&str] =
        if field.object().eq_ignore_ascii_case("Activity") { &["Task", "Event"] } else { &[] };
    objects.iter().filter_map(|object| FieldName::of(object, field.field()))
}

/// Fields with all names by which something may give access to them.
fn by_all_names(org: &Org<'_>, fields: &BTreeSet<FieldName>) -> BTreeSet<FieldName> {
    let wholes = fields.iter().map(|field| org.canonical(field));
    let all: BTreeSet<FieldName> = fields.iter().cloned().chain(wholes).collect();
    all.iter().flat_map(of_activities).chain(all.iter().cloned()).collect()
}

/// How a grantor reaches each of `fields`, be it by another name of the field.
pub(super) fn reached(
    org: &Org<'_>,
    grantor: &Grantor,
    access: &GrantorAccess,
    fields: &BTreeSet<FieldName>,
) -> BTreeMap<FieldName, Exposure> {
    let reach = |field: &FieldName| {
        let others = of_activities(field);
        access.reach(grantor, field).or_else(|| others.filter_map(|f| access.reach(grantor, &f)).next())
    };
    let mut found: BTreeMap<FieldName, Exposure> =
        fields.iter().filter_map(|f| Some((f.clone(), reach(f)?))).collect();
    let mut wider = |field: &FieldName, exposure: Exposure| match found.entry(field.clone()) {
        Entry::Vacant(slot) => drop(slot.insert(exposure)),
        Entry::Occupied(mut slot) if slot.get().access < exposure.access => drop(slot.insert(exposure)),
        Entry::Occupied(_) => {}
    };
    // The label of one name is that of all of them.
    let mut by_whole: BTreeMap<FieldName, Vec<&FieldName>> = BTreeMap::new();
    for field in fields {
        by_whole.entry(org.canonical(field)).or_default().push(field);
    }
    for (whole, asked) in &by_whole {
        for field in asked.iter().filter(|field| **field != whole) {
            reach(whole).into_iter().for_each(|exposure| wider(field, exposure));
        }
    }
    for name in access.entries.open().map(|entry| entry.field()) {
        for field in by_whole.get(&org.canonical(name)).into_iter().flatten().filter(|field| **field != name)
        {
            access.reach(grantor, name).into_iter().for_each(|exposure| wider(field, exposure));
        }
    }
    found
}

/// How a grantor reaches each of `fields`, by whichever of its names; `access` need not know which of them have no
/// field-level security.
pub fn reached_by_all_names(
    org: &Org<'_>,
    grantor: &Grantor,
    access: &GrantorAccess,
    fields: &BTreeSet<FieldName>,
) -> BTreeMap<FieldName, Exposure> {
    let access = access.clone().asked_for(org, &by_all_names(org, fields));
    reached(org, grantor, &access, fields)
}

/// Everything a grantor opens, by whatever route: asked for when the grantor itself is handed out, and
/// the question that reads every field definition under a bulk grant.
pub fn reach(org: &Org<'_>, grantor: &Grantor, access: &GrantorAccess) -> Vec<Exposure> {
    let mut fields: BTreeSet<FieldName> = access.entries.open().map(|e| e.field().clone()).collect();
    for kind in [BulkKind::ViewAllFields, BulkKind::ReadType] {
        fields.extend(access.bulk.names(kind).flat_map(|object| org.fields_of(&object)));
    }
    if access.bulk.has(&Bulk::permission(VIEW_ALL_FIELDS_GLOBAL)) {
        fields.extend(org.all_fields());
    }
    let mut access = access.clone();
    access.outside_fls.clear();
    let objects = access.bulk.names(BulkKind::ReadObject).map(|object| org.fields_outside_fls(&object));
    let mut outside: BTreeSet<FieldName> = objects.flat_map(|fields| fields.to_vec()).collect();
    if [VIEW_ALL_DATA, MODIFY_ALL_DATA].iter().any(|name| access.bulk.has(&Bulk::permission(name))) {
        outside.extend(org.all_fields_outside_fls());
    }
    if READ_ALL_TYPES.iter().any(|name| access.bulk.has(&Bulk::permission(name))) {
        outside.extend(org.fields_of_types());
    }
    fields.extend(outside.iter().cloned());
    access.knows_outside_fls(org, outside.iter());
    fields.iter().filter_map(|field| access.reach(grantor, field)).collect()
}

/// A grantor and what it reaches of the fields that were asked for, by whatever route.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The grantor, with entries for those fields alone.
    pub access: GrantorAccess,
    /// What it reaches, by the names that were asked for.
    pub exposures: BTreeMap<FieldName, Exposure>,
}

impl Standing {
    /// Names by which it reaches fields that were asked for by another one, with that one.
    pub fn other_names(&self) -> impl Iterator<Item = (&FieldName, &FieldName)> {
        let all = self.exposures.iter().map(|(asked, exposure)| (&exposure.field, asked));
        all.filter(|(name, asked)| name != asked)
    }
}

/// Every grantor of `org` that reaches one of `fields`, with what it reaches: asked for when a label
/// changes, and the one question that reads every grantor.
pub fn standing(
    org: &Org<'_>,
    fields: &BTreeSet<FieldName>,
) -> (BTreeMap<Grantor, Standing>, Vec<Unreadable>) {
    let (mut found, mut unreadable) = (BTreeMap::new(), Vec::new());
    if fields.is_empty() {
        return (found, unreadable);
    }
    let wholes: BTreeSet<FieldName> = fields.iter().map(|field| org.canonical(field)).collect();
    let asked = |field: &FieldName| match org.alias_of(field) {
        Some(whole) => wholes.contains(&whole),
        None => wholes.contains(field),
    };
    let by_all_names = by_all_names(org, fields);
    let grantors: Vec<&Grantor> = org.grantors().into_iter().collect();
    let read = grantors.par_iter().map(|grantor| {
        let access = access_to(org, grantor, asked).asked_for(org, &by_all_names);
        let exposures = reached(org, grantor, &access, fields);
        Standing { access, exposures }
    });
    for (grantor, mut standing) in grantors.iter().zip(read.collect::<Vec<_>>()) {
        unreadable.append(&mut standing.access.unreadable);
        if !standing.exposures.is_empty() {
            found.insert((*grantor).clone(), standing);
        }
    }
    (found, unreadable)
}
