//! One grantor's doors: field by field, with the element that opens each.

use super::bulk::{Bulk, BulkGrant, BulkKind, EDIT_READ_ONLY_FIELDS, VIEW_ALL_FIELDS_GLOBAL};
use super::bulk_grants::BulkGrants;
use super::entries::FieldEntries;
use super::group::{self, Muted};
use crate::finding::{Place, Route, RouteKind};
use crate::org::{FileId, GrantorState, Org, Unreadable};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use rayon::prelude::*;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// One opened door: a grantor reaches a field, by a route. Access `edit` includes `read`.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// Who grants.
    pub grantor: Grantor,
    /// What is reached.
    pub field: FieldName,
    /// How far.
    pub access: Access,
    /// The way, first step first; never empty.
    pub route: Route,
    /// The whole entry that grants.
    pub entry: Place,
    /// The member of a permission set group that grants.
    pub through: Option<Grantor>,
}

impl Exposure {
    /// Whether the field's own entry is on the way.
    pub fn by_entry(&self) -> bool {
        self.route.iter().any(|step| step.kind == RouteKind::FieldPermissions)
    }

    /// The bulk grants on the way, first step first.
    pub fn bulks(&self) -> Vec<Bulk> {
        let mut reads = self.by_entry();
        let mut bulks = Vec::new();
        for step in self.route.iter() {
            let bulk = match step.kind {
                RouteKind::ViewAllFields => Bulk::view_all_fields(self.field.object()),
                RouteKind::ObjectPermissions => Bulk::object(self.field.object(), self.access),
                // What can be read already can only be made editable.
                RouteKind::SystemPermission if reads => Bulk::permission(EDIT_READ_ONLY_FIELDS),
                RouteKind::SystemPermission => Bulk::permission(VIEW_ALL_FIELDS_GLOBAL),
                RouteKind::PermissionSetGroup | RouteKind::FieldPermissions | RouteKind::RecordAccess => {
                    continue;
                }
            };
            reads = true;
            bulks.push(bulk);
        }
        bulks
    }

    /// The bulk grant by which the door opens, if it is one: the last on the way.
    pub fn bulk(&self) -> Option<Bulk> {
        self.bulks().pop()
    }

    /// The element that opens the door: the field's own entry, or else the last step of the route.
    pub fn place(&self) -> &Place {
        let own = self.route.iter().find(|step| step.kind == RouteKind::FieldPermissions);
        own.or(self.route.last()).map_or(&self.entry, |step| &step.place)
    }
}

/// Entries of one file that disagree about a field, or an entry that disagrees with itself.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// Who grants.
    pub grantor: Grantor,
    /// What is granted.
    pub field: FieldName,
    /// The entry that comes second, or the only one.
    pub place: Place,
    /// The entry that it disagrees with; `None` for `editable` without `readable`.
    pub other: Option<Place>,
}

/// Everything one grantor's files grant on one side.
#[derive(Clone, Debug, Default)]
pub struct GrantorAccess {
    /// Licences named by the files: they tell who can hold the grantor.
    pub licenses: Vec<String>,
    /// Field by field, what its entries open and refuse. A refusal in a profile is an explicit revoke.
    pub entries: FieldEntries,
    /// What opens more than one field or every record.
    pub bulk: BulkGrants,
    /// Fields without field-level security of objects that it reads, as far as a question asks for them.
    pub outside_fls: BTreeSet<FieldName>,
    /// Members of a group.
    pub members: BTreeSet<Grantor>,
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
    for alias in access.entries.open().map(|entry| entry.field()) {
        let Some(field) = org.alias_of(alias).filter(|field| fields.contains(field)) else { continue };
        let Some(exposure) = access.reach(grantor, alias) else { continue };
        match found.entry(field) {
            Entry::Vacant(slot) => drop(slot.insert(exposure)),
            Entry::Occupied(mut slot) if slot.get().access < exposure.access => drop(slot.insert(exposure)),
            Entry::Occupied(_) => {}
        }
    }
    found
}

impl GrantorAccess {
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
    let asked = |field: &FieldName| {
        fields.contains(field) || org.alias_of(field).is_some_and(|whole| fields.contains(&whole))
    };
    let grantors: Vec<&Grantor> = org.index().grantors().collect();
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
