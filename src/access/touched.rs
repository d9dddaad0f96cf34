//! What a change touches: grantors by their own files or through a group, and the fields to compare.

use super::bulk::{
    Bulk, BulkGrant, EDIT_READ_ONLY_FIELDS, MODIFY_ALL_DATA, READ_ALL_TYPES, VIEW_ALL_DATA,
    VIEW_ALL_FIELDS_GLOBAL,
};
use super::change::Change;
use super::exposure::Door;
use super::grantor::GrantorAccess;
use super::group;
use crate::org::{Audience, Component, Org, Unreadable};
use crate::source::Purpose;
use crate::words::{FieldName, Grantor, GrantorKind};
use std::collections::{BTreeMap, BTreeSet};

/// What touches a permission set, profile or group.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Touch {
    /// A file of its own.
    pub(super) by_own_files: bool,
    /// A member, a muting permission set, or who holds it.
    pub(super) otherwise: bool,
}

/// Touched grantors. Groups are read only when the change touches a permission set, a muting set or a group.
pub(super) fn grantors(
    base: &Org<'_>,
    landing: &Org<'_>,
    changes: &[Change],
    unreadable: &mut Vec<Unreadable>,
) -> BTreeMap<Grantor, Touch> {
    let (mut touched, mut muting) = (BTreeMap::<Grantor, Touch>::new(), landing.unmuted().clone());
    for change in changes {
        for org in [base, landing] {
            match org.index().component(&change.path) {
                Some(Component::Grantor(grantor)) => {
                    touched.entry(grantor.clone()).or_default().by_own_files = true
                }
                Some(Component::Muting(name)) => drop(muting.insert(name.to_ascii_lowercase())),
                _ => {}
            }
        }
    }
    for grantor in handed_otherwise(base, landing, changes) {
        touched.entry(grantor).or_default().otherwise = true;
    }
    if !touched.is_empty() {
        // Who holds them these may say.
        unreadable.extend(landing.recipients().unreadable.iter().cloned());
    }
    // Another order of package directories can let another definition hold.
    if base.package_directories() != landing.package_directories() {
        let grantors = landing.grantors().into_iter().filter(|g| landing.copies(g).len() > 1);
        for grantor in grantors {
            touched.entry(grantor.clone()).or_default().by_own_files = true;
        }
        muting.extend(landing.index().muting_with_copies().map(str::to_owned));
    }
    note_served([base, landing], &mut touched);
    if muting.is_empty() && !touched.keys().any(|g| g.kind != GrantorKind::Profile) {
        return touched;
    }
    for org in [base, landing] {
        org.asks(Purpose::Groups);
        for name in org.grantors().into_iter().filter(|g| g.kind == GrantorKind::PermissionSetGroup) {
            let mut state = org.group(name);
            let parts = group::parts(org, &state);
            if !touched.contains_key(name) {
                unreadable.append(&mut state.unreadable);
            }
            let member = parts.members.iter().any(|(set, _)| touched.contains_key(set));
            if member || parts.muting.iter().any(|set| muting.contains(&set.to_ascii_lowercase())) {
                touched.entry(name.clone()).or_default().otherwise = true;
            }
        }
    }
    // Holders of such a group may get others, which groups may have as members.
    let mut known = 0;
    while touched.len() > known {
        known = touched.len();
        note_served([base, landing], &mut touched);
        if touched.len() > known {
            note_groups([base, landing], &mut touched);
        }
    }
    touched
}

/// What is handed to the holders of something that the change touches.
fn note_served(sides: [&Org<'_>; 2], touched: &mut BTreeMap<Grantor, Touch>) {
    let mut waiting: Vec<Grantor> = touched.keys().cloned().collect();
    while let Some(holder) = waiting.pop() {
        let serves = |who: &Audience| matches!(who, Audience::Holders(to) if *to == holder);
        for (held, to) in sides.iter().flat_map(|org| &org.recipients().all) {
            if !to.keys().any(serves) || !sides[1].has_grantor(held) {
                continue;
            }
            if !touched.contains_key(held) {
                waiting.push(held.clone());
            }
            touched.entry(held.clone()).or_default().otherwise = true;
        }
    }
}

/// Groups of what is touched.
fn note_groups(sides: [&Org<'_>; 2], touched: &mut BTreeMap<Grantor, Touch>) {
    let sets: BTreeSet<Grantor> = touched.keys().cloned().collect();
    for org in sides {
        for group in group::groups_with(org, &sets.iter().collect()) {
            touched.entry(group).or_default().otherwise = true;
        }
    }
}

/// What comes to be handed to other people, or no longer, by a file of the change that tells to whom.
fn handed_otherwise(base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) -> Vec<Grantor> {
    let hands_out = |org: &Org<'_>, change: &Change| {
        matches!(org.index().component(&change.path), Some(Component::HandsOut(..)))
    };
    if !changes.iter().any(|change| hands_out(base, change) || hands_out(landing, change)) {
        return Vec::new();
    }
    let (before, after) = (base.recipients().pairs(), landing.recipients().pairs());
    let differing: BTreeSet<&Grantor> =
        before.symmetric_difference(&after).map(|(grantor, ..)| *grantor).collect();
    differing.into_iter().filter(|grantor| landing.has_grantor(grantor)).cloned().collect()
}

/// Notes which fields without field-level security are opened by access to objects or types that only one side has, and
/// which have entries that only one side has. Only for those are the fields of an object looked at.
pub(super) fn outside_fls(
    (base, old): (&Org<'_>, &mut GrantorAccess),
    (landing, new): (&Org<'_>, &mut GrantorAccess),
) {
    let relicensed = old.licenses != new.licenses;
    let one_side: Vec<BulkGrant> = match relicensed {
        true => old.bulk.all().chain(new.bulk.all()).collect(),
        false => old.bulk.beyond(&new.bulk).into_iter().chain(new.bulk.beyond(&old.bulk)).collect(),
    };
    let (mut objects, mut every_object, mut every_type) = (BTreeSet::new(), false, false);
    for grant in one_side {
        match grant.bulk {
            // Beside access to the object View All Fields adds nothing to such a field.
            Bulk::ReadObject(object)
            | Bulk::EditObject(object)
            | Bulk::CreateObject(object)
            | Bulk::ViewAllFields(object) => {
                objects.insert(object);
            }
            Bulk::Permission(name) => {
                let of_every_object =
                    [VIEW_ALL_DATA, MODIFY_ALL_DATA, VIEW_ALL_FIELDS_GLOBAL, EDIT_READ_ONLY_FIELDS];
                every_object |= of_every_object.contains(&name.as_str());
                every_type |= READ_ALL_TYPES.contains(&name.as_str());
            }
            _ => {}
        }
    }
    // An entry alone is none for such a field; beside access to its object it adds nothing, or little.
    let differing = old.entries.differing(&new.entries);
    // They are in order: each object is asked about once.
    let by_object = differing.chunk_by(|a, b| a.object() == b.object());
    let opened = by_object
        .filter(|of| of.first().is_some_and(|field| opens_object(old, field) || opens_object(new, field)));
    let differing: Vec<FieldName> = opened.flatten().map(|field| (*field).clone()).collect();
    for (org, access) in [(base, old), (landing, new)] {
        let mut fields: Vec<FieldName> =
            objects.iter().flat_map(|object| org.fields_outside_fls(object).to_vec()).collect();
        if every_object {
            fields.extend(org.all_fields_outside_fls());
        }
        if every_type {
            fields.extend(org.fields_of_types());
        }
        access.outside_fls.clear();
        access.knows_outside_fls(org, fields.iter().chain(&differing));
    }
}

/// Whether access to its object, or past its field-level security, is there beside the entry of a field.
fn opens_object(access: &GrantorAccess, field: &FieldName) -> bool {
    let doors = [Door::ReadObject, Door::EditObject, Door::CreateObject, Door::ViewAllFields]
        .into_iter()
        .chain([VIEW_ALL_DATA, MODIFY_ALL_DATA, VIEW_ALL_FIELDS_GLOBAL].map(Door::Permission));
    doors.into_iter().any(|door| access.bulk.opens(door, field.object()))
}

/// Fields whose reach may differ: those whose own entries do, and those that a bulk grant covers which only
/// one side has.
pub(super) fn fields(
    (base, old): (&Org<'_>, &GrantorAccess),
    (landing, new): (&Org<'_>, &GrantorAccess),
) -> Vec<FieldName> {
    let (global, edit) = (Bulk::permission(VIEW_ALL_FIELDS_GLOBAL), Bulk::permission(EDIT_READ_ONLY_FIELDS));
    let (lost, gained) = (old.bulk.beyond(&new.bulk), new.bulk.beyond(&old.bulk));
    // Whoever holds the grantor changes, or all that is readable becomes editable: everything counts.
    let all_of_it =
        old.licenses != new.licenses || lost.iter().chain(&gained).any(|grant| grant.bulk == edit);
    let mut fields: Vec<FieldName> = match all_of_it {
        true => old.entries.open().chain(new.entries.open()).map(|entry| entry.field().clone()).collect(),
        false => old.entries.differing(&new.entries).into_iter().cloned().collect(),
    };
    fields.extend(old.outside_fls.keys().chain(new.outside_fls.keys()).cloned());
    for (org, access, one_side) in [(base, old, lost), (landing, new, gained)] {
        let grants = if all_of_it { access.bulk.all().collect() } else { one_side };
        for BulkGrant { bulk, .. } in grants {
            match bulk {
                Bulk::ViewAllFields(object) | Bulk::ReadType(object) => {
                    fields.extend(org.fields_of(&object));
                    // What a group mutes need not be defined here.
                    let of_object = |field: &&FieldName| field.object().eq_ignore_ascii_case(&object);
                    fields.extend(access.muted.keys().filter(of_object).cloned());
                }
                bulk if bulk == global => {
                    fields.extend(org.all_fields());
                    fields.extend(access.muted.keys().cloned());
                }
                _ => {}
            }
        }
    }
    // Of several spellings the first counts. What entries name is in order already.
    fields.sort();
    fields.dedup();
    fields
}
