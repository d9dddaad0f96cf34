//! Permission set groups: the union of their members minus what their muting sets take away.
//!
//! Muting works inside the group alone; a member that is assigned by itself keeps everything (Help,
//! *Muting Permission Sets*).

use super::bulk::{self, Bulk};
use super::bulk_grants::BulkGrants;
use super::entries::{FieldEntries, Union};
use super::grantor::{GrantorAccess, own_access};
use super::muting::Muted;
use crate::finding::Place;
use crate::org::{GroupState, Org};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Names of the permission sets that a group bundles, with the elements that name them, and of the muting
/// sets that narrow it.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) members: Vec<(Grantor, Place)>,
    pub(super) muting: Vec<String>,
}

pub(super) fn parts(org: &Org<'_>, state: &GroupState) -> Parts {
    let (mut parts, mut seen) = (Parts::default(), BTreeSet::new());
    for (file, read) in &state.parts {
        for member in &read.members {
            let set = Grantor::new(GrantorKind::PermissionSet, org.local_component(&member.value));
            if seen.insert(set.clone()) {
                parts.members.push((set, Place::new(file, member.span)));
            }
        }
    }
    let lower = |name: &str| org.local_component(name).to_ascii_lowercase();
    let mutes: Vec<BTreeSet<String>> =
        state.parts.iter().map(|(_, read)| read.muting.iter().map(|m| lower(&m.value)).collect()).collect();
    // Of several definitions of the group any may hold.
    let surely = |name: &String| org.is_base() || mutes.iter().all(|of| of.contains(name));
    let mut seen = BTreeSet::new();
    for name in state.parts.iter().flat_map(|(_, read)| &read.muting) {
        let key = lower(&name.value);
        if surely(&key) && seen.insert(key) {
            parts.muting.push(org.local_component(&name.value).to_owned());
        }
    }
    parts
}

/// What a muting permission set takes away, by the names that definitions have. Where several of its definitions or
/// entries disagree any may hold: after the merge only what all of them say counts, and so before, unless the change
/// alters one of them. Then what any of them said counts before.
fn muted_by(
    org: &Org<'_>,
    name: &str,
    access: &mut GrantorAccess,
) -> (BTreeMap<FieldName, Muted>, BTreeSet<Bulk>) {
    let any_counts = org.is_base() && org.alters_muting(name);
    let copies = org.muting(name).into_iter().map(|state| {
        let (mut fields, mut bulk) = (BTreeMap::<FieldName, Muted>::new(), BTreeSet::new());
        let mut denied = BTreeSet::new();
        access.unreadable.extend(state.unreadable);
        for (file, permissions) in &state.parts {
            for entry in &permissions.fields {
                let field = org.canonical(&entry.field);
                // Whether a part of an address mutes the address, or a person account's name a contact's field, is not known.
                let by_part =
                    field != entry.field && (!entry.field.is_custom() || entry.field.is_of_person());
                if by_part && !any_counts {
                    continue;
                }
                match entry.opens_read().filter(|_| !entry.doubtful || any_counts) {
                    Some(place) => {
                        let edit_only = entry.edit_without_read();
                        let muted = Muted { edit_only, place: Place::new(file, place), set: name.to_owned() };
                        keep_stronger(&mut fields, field, muted);
                    }
                    None => drop(denied.insert(field)),
                }
            }
            bulk.extend(bulk::muted(org, permissions));
        }
        if !any_counts {
            fields.retain(|field, _| !denied.contains(field));
        }
        (fields, bulk)
    });
    type Mutes = (BTreeMap<FieldName, Muted>, BTreeSet<Bulk>);
    let both = |(mut fields, mut bulk): Mutes, (other, others): Mutes| {
        if any_counts {
            for (field, muted) in other {
                keep_stronger(&mut fields, field, muted);
            }
            bulk.extend(others);
            return (fields, bulk);
        }
        fields.retain(|field, muted| {
            let same = other.get(field);
            muted.edit_only |= same.is_some_and(|o| o.edit_only);
            same.is_some()
        });
        bulk.retain(|b| others.contains(b));
        (fields, bulk)
    };
    copies.reduce(both).unwrap_or_default()
}

fn keep_stronger(all: &mut BTreeMap<FieldName, Muted>, field: FieldName, muted: Muted) {
    match all.entry(field) {
        Entry::Vacant(slot) => drop(slot.insert(muted)),
        Entry::Occupied(mut slot) if slot.get().edit_only && !muted.edit_only => drop(slot.insert(muted)),
        Entry::Occupied(_) => {}
    }
}

/// Whether a muting permission set turns off what opens more than one field.
pub(super) fn mutes_bulk(org: &Org<'_>, name: &str, bulk: &Bulk) -> bool {
    muted_by(org, name, &mut GrantorAccess::default()).1.contains(bulk)
}

/// Groups that hand out one of these permission sets.
pub fn groups_with(org: &Org<'_>, sets: &BTreeSet<&Grantor>) -> Vec<Grantor> {
    if sets.is_empty() {
        return Vec::new();
    }
    let hands_out =
        |group: &&Grantor| parts(org, &org.group(group)).members.iter().any(|(set, _)| sets.contains(set));
    let groups = org.grantors().into_iter().filter(|holder| holder.kind == GrantorKind::PermissionSetGroup);
    groups.filter(hands_out).cloned().collect()
}

/// The access of a group as if nothing were muted.
pub(super) fn unmuted_access(org: &Org<'_>, state: GroupState) -> GrantorAccess {
    let parts = Parts { muting: Vec::new(), ..parts(org, &state) };
    access_by(org, state, parts)
}

/// Muting permission sets that a group names and nothing here defines.
fn undefined_muting(org: &Org<'_>, state: &GroupState) -> Vec<(String, Place)> {
    let named = state.parts.iter().flat_map(|(file, read)| read.muting.iter().map(move |name| (file, name)));
    let undefined = named.filter(|(_, name)| !org.index().has_muting(org.local_component(&name.value)));
    undefined.map(|(file, name)| (name.value.clone(), Place::new(file, name.span))).collect()
}

/// The net access of a group, by what its files say.
pub(super) fn group_access(org: &Org<'_>, state: GroupState) -> GrantorAccess {
    let parts = parts(org, &state);
    access_by(org, state, parts)
}

fn access_by(org: &Org<'_>, state: GroupState, parts: Parts) -> GrantorAccess {
    let mut access = GrantorAccess::default();
    access.undefined_muting = undefined_muting(org, &state);
    for name in &parts.muting {
        let (fields, bulk) = muted_by(org, name, &mut access);
        for (field, muted) in fields {
            keep_stronger(&mut access.muted, field, muted);
        }
        access.muted_bulk.extend(bulk.into_iter().map(|bulk| (bulk, name.clone())));
    }
    // Nobody knows what a muting set takes away that cannot be read: perhaps everything.
    let all_muted = org.is_base() && !access.unreadable.is_empty();
    access.unreadable.extend(state.unreadable);
    access.bulk = BulkGrants::of_group(org, access.muted_bulk.keys().cloned().collect());
    let mut entries = Union::default();
    for (member, place) in &parts.members {
        let held = own_access(org, member, |_| false);
        access.unreadable.extend(held.unreadable);
        if org.has_grantor(member) {
            access.licenses.members.insert(member.clone(), held.licenses.own);
        }
        if org.loses(member) {
            access.licenses.forgotten.insert(member.clone());
        }
        access.license_places.extend(held.license_places);
        access.licenses.handed.extend(held.licenses.handed);
        access.handed_places.extend(held.handed_places);
        for (file, permissions) in &org.grantor(member).unwrap_or_default().parts {
            entries.include((file, permissions), (member, place), |field, opened| {
                match access.muted.is_empty() {
                    true => Some(opened),
                    false => after_muting(&access.muted, &org.canonical(field), opened),
                }
            });
        }
        access.bulk.include(held.bulk, (member, place));
        access.members.insert(member.clone());
    }
    access.entries = entries.into_entries();
    access.named = parts.members;
    if all_muted {
        (access.entries, access.bulk) = (FieldEntries::default(), BulkGrants::of(org));
    }
    access
}

fn after_muting(muted: &BTreeMap<FieldName, Muted>, field: &FieldName, access: Access) -> Option<Access> {
    match muted.get(field) {
        None => Some(access),
        Some(Muted { edit_only: true, .. }) => Some(Access::Read),
        Some(_) => None,
    }
}
