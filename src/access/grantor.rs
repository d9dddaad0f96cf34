//! All that one grantor's files grant, and how it reaches a field.

use super::bulk::{
    Bulk, BulkGrant, BulkKind, EDIT_READ_ONLY_FIELDS, MODIFY_ALL_DATA, READ_ALL_TYPES, VIEW_ALL_DATA,
    VIEW_ALL_FIELDS_GLOBAL,
};
use super::bulk_grants::BulkGrants;
use super::entries::FieldEntries;
use super::exposure::{Contradiction, Door, Exposure};
use super::group::{self, Muted};
use crate::finding::Place;
use crate::metadata::is_object_without_fls;
use crate::org::{FileId, Follows, GrantorState, Org, Unreadable};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use rayon::prelude::*;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// What tells who can hold a permission set, profile or group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Licensed {
    /// Licences that its files name.
    pub own: Vec<String>,
    /// Of a group: the members that are there, each with its licences.
    pub members: BTreeMap<Grantor, Vec<String>>,
    /// Which of it and its members metadata hands to people outside: whoever registers with a site, or is served by an
    /// administrator among customers.
    pub outside: BTreeSet<Grantor>,
}

impl Licensed {
    /// Every licence that is named, by whichever of them.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.own.iter().chain(self.members.values().flatten())
    }
}

/// Everything one grantor's files grant on one side.
#[derive(Clone, Debug, Default)]
pub struct GrantorAccess {
    /// What tells who can hold the grantor.
    pub licenses: Licensed,
    /// The same with the elements that name them.
    pub license_places: Vec<(String, Place)>,
    /// What of it goes to people outside, with the elements that hand it to them.
    pub outside_places: Vec<(Grantor, Place)>,
    /// Field by field, what its entries open and refuse. A refusal in a profile is an explicit revoke.
    pub entries: FieldEntries,
    /// What opens more than one field or every record.
    pub bulk: BulkGrants,
    /// Fields without field-level security of objects that it reads, as far as a question asks for them, with what
    /// access to them follows.
    pub outside_fls: BTreeMap<FieldName, Follows>,
    /// These files are those of the side that is there already, as far as the fields without field-level security tell.
    is_base: bool,
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
    if let Some((file, span)) = org.outside_holders().all.get(grantor) {
        access.licenses.outside.insert(grantor.clone());
        access.outside_places.push((grantor.clone(), Place::new(file, *span)));
    }
    for (file, permissions) in &state.parts {
        access.licenses.own.extend(permissions.license.iter().map(|l| l.value.clone()));
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
        self.knows_outside_fls(org, fields.iter().cloned());
        self
    }

    /// Notes which of `fields` have no field-level security, and what access to them follows.
    pub(super) fn knows_outside_fls(&mut self, org: &Org<'_>, fields: impl Iterator<Item = FieldName>) {
        self.is_base = org.is_base();
        self.outside_fls.extend(fields.filter_map(|field| Some((field.clone(), org.follows(&field)?))));
    }

    /// What the field's own entry opens. Where there is no field-level security an entry gives nothing: of events and
    /// the like that is certain. Of others it is certain enough not to count as access that was there.
    fn own(&self, grantor: &Grantor, field: &FieldName) -> Option<Exposure> {
        let gives_nothing = self.is_base && self.outside_fls.contains_key(field);
        if gives_nothing || is_object_without_fls(field.object()) {
            return None;
        }
        self.entries.get(field)?.exposure(grantor)
    }

    /// The grant by which access to the object or type of a field without field-level security opens it this far.
    fn by_object(&self, field: &FieldName, access: Access) -> Option<(Door, BulkGrant)> {
        let follows = self.outside_fls.get(field)?;
        let first = |doors: &[Door]| doors.iter().find_map(|door| self.through(*door, field));
        let [settings, customize] = READ_ALL_TYPES.map(Door::Permission);
        match (access, follows) {
            (Access::Edit, _) => {
                first(&[Door::EditObject, Door::CreateObject, Door::Permission(MODIFY_ALL_DATA)])
            }
            (Access::Read, Follows::Object) => first(&[Door::ReadObject, Door::Permission(VIEW_ALL_DATA)]),
            (Access::Read, Follows::Type) => {
                first(&[Door::ReadObject, Door::Permission(VIEW_ALL_DATA), settings, customize])
            }
        }
    }

    /// The grant that opens fields of this object in this way, if there is one.
    fn through(&self, door: Door, field: &FieldName) -> Option<(Door, BulkGrant)> {
        self.bulk.get(&door.bulk(field.object())).map(|grant| (door, grant))
    }

    /// The widest way to a field: its own entry, or a bulk grant that covers it.
    pub fn reach(&self, grantor: &Grantor, field: &FieldName) -> Option<Exposure> {
        self.reach_by(grantor, field, |access| self.by_object(field, access))
    }

    /// The same if the field had field-level security: access to its object alone gives nothing.
    pub fn reach_under_fls(&self, grantor: &Grantor, field: &FieldName) -> Option<Exposure> {
        self.reach_by(grantor, field, |_| None)
    }

    fn reach_by(
        &self,
        grantor: &Grantor,
        field: &FieldName,
        by_object: impl Fn(Access) -> Option<(Door, BulkGrant)>,
    ) -> Option<Exposure> {
        let own = self.own(grantor, field);
        if own.as_ref().is_some_and(|e| e.access == Access::Edit) {
            return own;
        }
        let by = |(door, grant): (Door, BulkGrant), access| Exposure {
            grantor: grantor.clone(),
            field: field.clone(),
            access,
            route: grant.route,
            entry: grant.entry,
            through: None,
            doors: [Some(door), None],
        };
        if let Some(edit) = by_object(Access::Edit) {
            return Some(by(edit, Access::Edit));
        }
        // What goes past field-level security does not give the object, where there is none to go past.
        let has_fls = !is_object_without_fls(field.object());
        let past_fls = [Door::ViewAllFields, Door::Permission(VIEW_ALL_FIELDS_GLOBAL)];
        let whole = past_fls.into_iter().filter(|_| has_fls).chain([Door::ReadType]);
        let read = || whole.clone().find_map(|door| self.through(door, field));
        let read = || read().or_else(|| by_object(Access::Read));
        // Of a field without field-level security the object is what surely opens it.
        let own = own.map(|entry| match by_object(Access::Read) {
            Some(read) => by(read, Access::Read),
            None => entry,
        });
        let reading = own.or_else(|| Some(by(read()?, Access::Read)))?;
        let editing = Door::Permission(EDIT_READ_ONLY_FIELDS);
        let Some((_, edit)) = self.through(editing, field) else { return Some(reading) };
        let route = reading.route.iter().chain(edit.route.iter()).cloned().collect();
        let doors = [reading.doors[0], Some(editing)];
        Some(Exposure { access: Access::Edit, route, doors, ..reading })
    }
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
    access.knows_outside_fls(org, outside.into_iter());
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
        let access = access_to(org, grantor, asked).asked_for(org, fields);
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
