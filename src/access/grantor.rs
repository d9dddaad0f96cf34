//! All that one grantor's files grant, and how it reaches a field.

use super::bulk::{Bulk, BulkGrant, BulkKind, EDIT_READ_ONLY_FIELDS, VIEW_ALL_FIELDS_GLOBAL};
use super::bulk_grants::BulkGrants;
use super::entries::FieldEntries;
use super::exposure::{Contradiction, Exposure};
use super::group::{self, Muted};
use crate::finding::Place;
use crate::org::{FileId, GrantorState, Org, Unreadable};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use rayon::prelude::*;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Everything one grantor's files grant on one side.
#[derive(Clone, Debug, Default)]
pub struct GrantorAccess {
    /// Licences named by the files: they tell who can hold the grantor.
    pub licenses: Vec<String>,
    /// The same with the elements that name them.
    pub license_places: Vec<(String, Place)>,
    /// Field by field, what its entries open and refuse. A refusal in a profile is an explicit revoke.
    pub entries: FieldEntries,
    /// What opens more than one field or every record.
    pub bulk: BulkGrants,
    /// Fields without field-level security of objects that it reads, as far as a question asks for them.
    pub outside_fls: BTreeSet<FieldName>,
    /// Members of a group.
    pub members: BTreeSet<Grantor>,
    /// The same with the elements that name them.
    pub named: Vec<(Grantor, Place)>,
    /// What the muting sets of a group take away, by the names that definitions have.
    pub muted: BTreeMap<FieldName, Muted>,
    /// Entries that disagree.
    pub contradictions: Vec<Contradiction>,
    /// Files that could not be read.
    pub unreadable: Vec<Unreadable>,
}

/// Reads a grantor. A grantor that is not there grants nothing.
pub fn grantor_access(org: &Org<'_>, grantor: &Grantor) -> GrantorAccess {
    access_to(org, grantor, |_| true)
}

/// Reads what a grantor says of the fields that `wanted` picks.
fn access_to(org: &Org<'_>, grantor: &Grantor, wanted: impl Fn(&FieldName) -> bool) -> GrantorAccess {
    if grantor.kind == GrantorKind::PermissionSetGroup {
        return group::group_access(org, org.group(grantor));
    }
    let Some(state) = org.grantor(grantor) else { return GrantorAccess::default() };
    from_state(org, grantor, state, wanted)
}

/// Reads one definition of a grantor.
pub(super) fn access_of(org: &Org<'_>, grantor: &Grantor, files: &[FileId]) -> GrantorAccess {
    if grantor.kind == GrantorKind::PermissionSetGroup {
        return group::group_access(org, org.group_in(files));
    }
    from_state(org, grantor, org.permissions(files), |_| true)
}

fn from_state(
    org: &Org<'_>,
    grantor: &Grantor,
    state: GrantorState,
    wanted: impl Fn(&FieldName) -> bool,
) -> GrantorAccess {
    let (unreadable, bulk) = (state.unreadable, BulkGrants::of(org));
    let mut access = GrantorAccess { unreadable, bulk, ..GrantorAccess::default() };
    for (file, permissions) in &state.parts {
        access.licenses.extend(permissions.license.iter().map(|l| l.value.clone()));
        let places = permissions.license.iter().map(|l| (l.value.clone(), Place::new(file, l.span)));
        access.license_places.extend(places);
        access.bulk.add(file, permissions);
        let disagreeing = access.entries.add(grantor, file, permissions, &wanted);
        access.contradictions.extend(disagreeing);
    }
    access
}

/// How a grantor reaches each of `fields`, be it by another name of the field.
fn reached(
    org: &Org<'_>,
    grantor: &Grantor,
    access: &GrantorAccess,
    fields: &BTreeSet<FieldName>,
) -> BTreeMap<FieldName, Exposure> {
    // Activity fields belong to tasks and events, which View All Fields names.
    let reach = |field: &FieldName| {
        let objects: &[&str] =
            if field.object().eq_ignore_ascii_case("Activity") { &["Task", "Event"] } else { &[] };
        let others = objects.iter().filter_map(|object| FieldName::of(object, field.field()));
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

impl GrantorAccess {
    /// The same, knowing of `fields` which have no field-level security.
    pub fn asked_for(mut self, org: &Org<'_>, fields: &BTreeSet<FieldName>) -> Self {
        self.outside_fls.extend(fields.iter().filter(|field| org.outside_fls(field)).cloned());
        self
    }

    /// The widest way to a field: its own entry, or a bulk grant that covers it.
    pub fn reach(&self, grantor: &Grantor, field: &FieldName) -> Option<Exposure> {
        let own = self.entries.get(field).and_then(|entry| entry.exposure(grantor));
        if own.as_ref().is_some_and(|e| e.access == Access::Edit) {
            return own;
        }
        let bulk = |key: &Bulk| self.bulk.get(key);
        let by = |grant: BulkGrant, access| Exposure {
            grantor: grantor.clone(),
            field: field.clone(),
            access,
            route: grant.route,
            entry: grant.entry,
            through: None,
        };
        let by_object = |access| {
            let outside = self.outside_fls.contains(field);
            let grant = outside.then(|| bulk(&Bulk::object(field.object(), access))).flatten()?;
            Some(by(grant, access))
        };
        if let Some(edit) = by_object(Access::Edit) {
            return Some(edit);
        }
        let all_fields = bulk(&Bulk::view_all_fields(field.object()));
        let all_fields = all_fields.or_else(|| bulk(&Bulk::permission(VIEW_ALL_FIELDS_GLOBAL)));
        let reading = own.or_else(|| Some(by(all_fields?, Access::Read)));
        let reading = reading.or_else(|| by_object(Access::Read))?;
        let Some(edit) = bulk(&Bulk::permission(EDIT_READ_ONLY_FIELDS)) else { return Some(reading) };
        let route = reading.route.iter().chain(edit.route.iter()).cloned().collect();
        Some(Exposure { access: Access::Edit, route, ..reading })
    }
}

/// Everything a grantor opens, by whatever route: asked for when the grantor itself is handed out, and
/// the question that reads every field definition under a bulk grant.
pub fn reach(org: &Org<'_>, grantor: &Grantor, access: &GrantorAccess) -> Vec<Exposure> {
    let mut fields: BTreeSet<FieldName> = access.entries.open().map(|e| e.field().clone()).collect();
    for object in access.bulk.names(BulkKind::ViewAllFields) {
        fields.extend(org.fields_of(&object));
    }
    if access.bulk.has(&Bulk::permission(VIEW_ALL_FIELDS_GLOBAL)) {
        fields.extend(org.all_fields());
    }
    let objects = access.bulk.names(BulkKind::ReadObject).map(|object| org.fields_outside_fls(&object));
    let outside: BTreeSet<FieldName> = objects.flat_map(|fields| fields.to_vec()).collect();
    fields.extend(outside.iter().cloned());
    let access = GrantorAccess { outside_fls: outside, ..access.clone() };
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
    let grantors: Vec<&Grantor> = org.grantors().into_iter().collect();
    let read = grantors.par_iter().map(|grantor| {
        let access = access_to(org, grantor, asked);
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
