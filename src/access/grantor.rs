//! All that one grantor's files grant, and how it reaches a field.

use super::bulk::{Bulk, BulkGrant};
use super::bulk::{
    EDIT_READ_ONLY_FIELDS, MODIFY_ALL_DATA, READ_ALL_TYPES, VIEW_ALL_DATA, VIEW_ALL_FIELDS_GLOBAL,
};
use super::bulk_grants::BulkGrants;
use super::entries::FieldEntries;
use super::exposure::{Contradiction, Door, Exposure};
use super::muting::Muted;
use crate::finding::Place;
use crate::metadata::is_object_without_fls;
use crate::org::{Audience, FileId, Follows, GrantorState, Org, Unreadable};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use std::collections::{BTreeMap, BTreeSet};

/// What tells who can hold a permission set, profile or group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Licensed {
    /// Licences that its files name; an empty one for a definition that names none beside one that does.
    pub own: Vec<String>,
    /// Of a group: the members that are there, each with its licences.
    pub members: BTreeMap<Grantor, Vec<String>>,
    /// Members whose files the change takes away.
    pub forgotten: BTreeSet<Grantor>,
    /// Which of it and its members metadata hands out, and to whom.
    pub handed: BTreeMap<(Grantor, Audience), Handed>,
}

/// What is known of how something is handed to somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handed {
    /// Licences of the holders to whom it is handed.
    pub licenses: Vec<String>,
    /// The change takes away a file that says so, or to whom.
    pub is_forgotten: bool,
}

impl Licensed {
    /// The same by what the repository still says once the change has landed.
    pub fn remembered(&self) -> Licensed {
        let mut remembered = self.clone();
        remembered.handed.retain(|_, handed| !handed.is_forgotten);
        remembered.members.retain(|member, _| !self.forgotten.contains(member));
        remembered
    }

    /// Every licence that is named, by whichever of them.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.own.iter().chain(self.members.values().flatten()).filter(|license| !license.is_empty())
    }
}

/// Everything one grantor's files grant on one side.
#[derive(Clone, Debug, Default)]
pub struct GrantorAccess {
    /// What tells who can hold the grantor.
    pub licenses: Licensed,
    /// The same with the elements that name them.
    pub license_places: Vec<(String, Place)>,
    /// What of it goes to whom, with the elements that hand it to them.
    pub handed_places: Vec<(Grantor, Audience, Place)>,
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
    /// Muting permission sets that a group names and nothing here defines, with the elements that name them.
    pub undefined_muting: Vec<(String, Place)>,
    /// What the muting sets of a group take away, by the names that definitions have.
    pub muted: BTreeMap<FieldName, Muted>,
    /// Grants of more than one field that they take away, each with the muting set.
    pub muted_bulk: BTreeMap<Bulk, String>,
    /// Entries that disagree.
    pub contradictions: Vec<Contradiction>,
    /// Files that could not be read.
    pub unreadable: Vec<Unreadable>,
}

/// How a field is reached, before anybody asks where that is written.
struct Way {
    access: Access,
    /// By the field's own entry.
    by_entry: bool,
    doors: [Option<Door>; 2],
}

/// Reads what a permission set or profile says of the fields that `wanted` picks.
pub(super) fn own_access(
    org: &Org<'_>,
    grantor: &Grantor,
    wanted: impl Fn(&FieldName) -> bool,
) -> GrantorAccess {
    let Some(state) = org.grantor(grantor) else { return GrantorAccess::default() };
    let mut access = from_state(org, grantor, state, wanted);
    if access.licenses.own.is_empty() {
        return access;
    }
    // Of several definitions any may hold: one that names no licence is for employees.
    let silent = |files: &[FileId]| {
        let parts = org.permissions(files).parts;
        let mut counting = parts.iter().filter(|(file, _)| !org.is_left_out(file.path())).peekable();
        counting.peek().is_some() && counting.all(|(_, said)| said.license.is_none())
    };
    let copies = org.copies(grantor);
    if copies.len() > 1 && copies.iter().any(|copy| silent(&copy.files)) {
        access.licenses.own.push(String::new());
    }
    access
}

/// Reads given files of a permission set or profile.
pub(super) fn from_state(
    org: &Org<'_>,
    grantor: &Grantor,
    state: GrantorState,
    wanted: impl Fn(&FieldName) -> bool,
) -> GrantorAccess {
    let (unreadable, bulk) = (state.unreadable, BulkGrants::of(org));
    let mut access = GrantorAccess { unreadable, bulk, ..GrantorAccess::default() };
    access.note_recipients(org, grantor);
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

/// Licences that the files of a permission set, profile or group's members name.
fn licenses_of(org: &Org<'_>, holder: &Grantor) -> Vec<String> {
    let own = |holder: &Grantor| {
        let parts = org.grantor(holder).unwrap_or_default().parts;
        parts
            .into_iter()
            .filter_map(|(_, said)| Some(said.license.as_ref()?.value.clone()))
            .collect::<Vec<_>>()
    };
    if holder.kind != GrantorKind::PermissionSetGroup {
        return own(holder);
    }
    let groups = org.group(holder).parts;
    let members = groups.iter().flat_map(|(_, group)| &group.members);
    let set = |name: &str| Grantor::new(GrantorKind::PermissionSet, org.local_component(name));
    members.flat_map(|member| own(&set(&member.value))).collect()
}

impl GrantorAccess {
    /// What says who can hold it, and nothing that it gives.
    pub(super) fn without_grants(self) -> Self {
        let GrantorAccess { licenses, license_places, handed_places, unreadable, .. } = self;
        GrantorAccess { licenses, license_places, handed_places, unreadable, ..GrantorAccess::default() }
    }

    /// Notes to whom metadata hands it out: also to those who get what it is handed to the holders of.
    pub(super) fn note_recipients(&mut self, org: &Org<'_>, grantor: &Grantor) {
        let all = &org.recipients().all;
        let (mut seen, mut waiting) = (BTreeSet::from([grantor]), vec![(grantor, false)]);
        while let Some((held, was_forgotten)) = waiting.pop() {
            for (who, by) in all.get(held).into_iter().flatten() {
                let mut is_forgotten = was_forgotten || by.is_forgotten;
                let licenses = match who {
                    Audience::Holders(holder) => {
                        is_forgotten |= org.loses(holder);
                        if seen.insert(holder) {
                            waiting.push((holder, is_forgotten));
                        }
                        licenses_of(org, holder)
                    }
                    Audience::Licensed(license) => vec![license.clone()],
                    Audience::Outside => Vec::new(),
                };
                let handed = self.licenses.handed.entry((grantor.clone(), who.clone()));
                // By whichever file still says so.
                let known = handed.or_insert_with(|| Handed { licenses, is_forgotten: true });
                known.is_forgotten &= is_forgotten;
                self.handed_places.push((grantor.clone(), who.clone(), Place::new(&by.file, by.span)));
            }
        }
    }

    /// The same, knowing of `fields` which have no field-level security.
    pub fn asked_for(mut self, org: &Org<'_>, fields: &BTreeSet<FieldName>) -> Self {
        self.knows_outside_fls(org, fields.iter());
        self
    }

    /// Notes which of `fields` have no field-level security, and what access to them follows.
    pub(super) fn knows_outside_fls<'f>(
        &mut self,
        org: &Org<'_>,
        fields: impl Iterator<Item = &'f FieldName>,
    ) {
        self.is_base = org.is_base();
        self.outside_fls.extend(fields.filter_map(|field| Some((field.clone(), org.follows(field)?))));
    }

    /// The grant by which access to the object or type of a field without field-level security opens it this far.
    fn by_object(&self, field: &FieldName, follows: Follows, access: Access) -> Option<Door> {
        let first = |doors: &[Door]| doors.iter().copied().find(|door| self.opens(*door, field));
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

    /// Whether a grant opens fields of this object in this way.
    fn opens(&self, door: Door, field: &FieldName) -> bool {
        self.bulk.opens(door, field.object())
    }

    /// The widest way to a field: its own entry, or a bulk grant that covers it.
    pub fn reach(&self, grantor: &Grantor, field: &FieldName) -> Option<Exposure> {
        self.reach_by(grantor, field, self.outside_fls.get(field).copied(), self.is_base)
    }

    /// What it surely gives of a field, whose own entry opens this much: no entry counts for a field without field-level
    /// security.
    pub(super) fn surely_gives(&self, own: Option<Access>, field: &FieldName) -> Option<Access> {
        self.way_beside(own, field, (self.outside_fls.get(field).copied(), true)).map(|way| way.access)
    }

    /// The widest way to a field that may be one.
    pub fn may_reach(&self, grantor: &Grantor, field: &FieldName) -> Option<Exposure> {
        self.reach_by(grantor, field, self.outside_fls.get(field).copied(), false)
    }

    /// The widest way that there was to a field which had field-level security before, or had not.
    pub fn reach_before(&self, grantor: &Grantor, field: &FieldName, had_fls: bool) -> Option<Exposure> {
        self.reach_by(grantor, field, (!had_fls).then_some(Follows::Object), true)
    }

    /// The widest way that there may have been to a field which had field-level security before, or had not.
    pub fn may_reach_before(&self, grantor: &Grantor, field: &FieldName, had_fls: bool) -> Option<Exposure> {
        self.reach_by(grantor, field, (!had_fls).then_some(Follows::Object), false)
    }

    /// Those of `fields`, which are in order, to which there is any way.
    pub(super) fn reached(&self, mut fields: Vec<FieldName>) -> Vec<FieldName> {
        let mut open = self.entries.open().peekable();
        fields.retain(|field| {
            while open.next_if(|entry| entry.field() < field).is_some() {}
            let own = open.next_if(|entry| entry.field() == field).and_then(|entry| entry.access());
            self.way_beside(own, field, (self.outside_fls.get(field).copied(), self.is_base)).is_some()
        });
        fields
    }

    /// Grants that open a field past field-level security, where an entry of its own is what it is counted by.
    pub fn beside_entry(&self, exposure: &Exposure) -> Vec<BulkGrant> {
        let past_fls = [Door::ViewAllFields, Door::Permission(VIEW_ALL_FIELDS_GLOBAL)];
        let by_entry_alone = exposure.doors == [None, None];
        let others = past_fls.into_iter().filter(|_| by_entry_alone);
        others.filter_map(|door| self.bulk.get(&door.bulk(exposure.field.object()))).collect()
    }

    fn reach_by(
        &self,
        grantor: &Grantor,
        field: &FieldName,
        follows: Option<Follows>,
        least: bool,
    ) -> Option<Exposure> {
        let own = self.entries.access(field);
        let Way { access, by_entry, doors } = self.way_beside(own, field, (follows, least))?;
        let entry = if by_entry { self.entries.get(field)?.exposure(grantor) } else { None };
        let grants = doors.iter().flatten().filter_map(|door| self.bulk.get(&door.bulk(field.object())));
        let by_grants = grants.map(|grant| Exposure {
            grantor: grantor.clone(),
            field: field.clone(),
            access,
            route: grant.route,
            entry: grant.entry,
            through: None,
            doors,
        });
        let mut steps = entry.into_iter().chain(by_grants);
        let first = steps.next()?;
        let route = match steps.next() {
            Some(then) => first.route.iter().chain(then.route.iter()).cloned().collect(),
            None => first.route,
        };
        Some(Exposure { access, route, doors, ..first })
    }

    /// The widest way, if the entry of the field gives it `own`. `follows`: the field has no field-level security, and
    /// access to what is access to it. What opens a field by field-level security, or past it, then gives nothing: of
    /// events and the like that is certain. Of others it is certain enough not to count in what was there at `least`.
    fn way_beside(
        &self,
        own: Option<Access>,
        field: &FieldName,
        (follows, least): (Option<Follows>, bool),
    ) -> Option<Way> {
        let by_fls = !(is_object_without_fls(field.object()) || least && follows.is_some());
        let own = own.filter(|_| by_fls);
        if own == Some(Access::Edit) {
            return Some(Way { access: Access::Edit, by_entry: true, doors: [None, None] });
        }
        let by_object = |access| self.by_object(field, follows?, access);
        let through = |door: Door, access| Way { access, by_entry: false, doors: [Some(door), None] };
        if let Some(edit) = by_object(Access::Edit) {
            return Some(through(edit, Access::Edit));
        }
        let past_fls = [Door::ViewAllFields, Door::Permission(VIEW_ALL_FIELDS_GLOBAL)];
        let past_fls = past_fls.into_iter().filter(|_| by_fls);
        // It makes editable what field-level security lets be read, and no object.
        let editing = Door::Permission(EDIT_READ_ONLY_FIELDS);
        let edits = self.opens(editing, field)
            && (own.is_some() || past_fls.clone().any(|door| self.opens(door, field)));
        // Of a field without field-level security the object is what surely opens it.
        let reading = match (own, by_object(Access::Read)) {
            (Some(access), None) => Way { access, by_entry: true, doors: [None, None] },
            (Some(_), Some(object)) => through(object, Access::Read),
            (None, object) => {
                let whole = past_fls.chain([Door::ReadType]).find(|door| self.opens(*door, field));
                through(whole.or(object)?, Access::Read)
            }
        };
        if !edits {
            return Some(reading);
        }
        Some(Way { access: Access::Edit, doors: [reading.doors[0], Some(editing)], ..reading })
    }
}
