//! Permission set groups: the union of their members minus what their muting sets take away.
//!
//! Muting works inside the group alone; a member that is assigned by itself keeps everything (Help,
//! *Muting Permission Sets*).

use super::bulk;
use super::exposure::{Exposure, GrantorAccess, grantor_access};
use crate::finding::{Place, RouteKind, RouteStep};
use crate::org::Org;
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What a group's muting sets take away from a field.
#[derive(Clone, Debug)]
pub struct Muted {
    /// Editing alone; else reading too.
    pub edit_only: bool,
    /// The entry that mutes.
    pub place: Place,
}

/// Names of the permission sets and muting sets that a group uses, with the elements that name them.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) members: Vec<(Grantor, Place)>,
    pub(super) muting: Vec<(String, Place)>,
}

pub(super) fn parts(org: &Org<'_>, group: &Grantor, access: &mut GrantorAccess) -> Parts {
    let state = org.group(group);
    access.unreadable.extend(state.unreadable);
    let mut parts = Parts::default();
    for (file, read) in &state.parts {
        let set = |name: &str| Grantor::new(GrantorKind::PermissionSet, name);
        parts.members.extend(read.members.iter().map(|m| (set(&m.value), Place::new(file, m.span))));
        parts.muting.extend(read.muting.iter().map(|m| (m.value.clone(), Place::new(file, m.span))));
    }
    parts
}

/// The net access of a group.
pub(super) fn group_access(org: &Org<'_>, group: &Grantor) -> GrantorAccess {
    let mut access = GrantorAccess::default();
    let parts = parts(org, group, &mut access);
    let mut muted_bulk = Vec::new();
    for (name, _) in &parts.muting {
        let state = org.muting(name);
        access.unreadable.extend(state.unreadable);
        for (file, permissions) in &state.parts {
            for entry in &permissions.fields {
                let Some(place) = entry.opens_read() else { continue };
                let edit_only = entry.edit_without_read();
                let muted = Muted { edit_only, place: Place::new(file, place) };
                match access.muted.entry(entry.field.value.clone()) {
                    Entry::Vacant(slot) => drop(slot.insert(muted)),
                    Entry::Occupied(mut slot) if slot.get().edit_only && !edit_only => {
                        drop(slot.insert(muted))
                    }
                    Entry::Occupied(_) => {}
                }
            }
            muted_bulk.extend(bulk::grants(file, permissions).into_keys());
        }
    }
    for (member, place) in &parts.members {
        let held = grantor_access(org, member);
        let step = RouteStep { kind: RouteKind::PermissionSetGroup, place: place.clone() };
        let through =
            |route: &[RouteStep]| std::iter::once(step.clone()).chain(route.iter().cloned()).collect();
        access.unreadable.extend(held.unreadable);
        access.licenses.extend(held.licenses);
        for (field, exposure) in held.exposures {
            let Some(allowed) = after_muting(&access.muted, &field, exposure.access) else { continue };
            let route = through(&exposure.route);
            let exposure = Exposure {
                grantor: group.clone(),
                access: allowed,
                route,
                through: Some(member.clone()),
                ..exposure
            };
            match access.exposures.entry(field) {
                Entry::Vacant(slot) => drop(slot.insert(exposure)),
                Entry::Occupied(mut slot) if slot.get().access < allowed => drop(slot.insert(exposure)),
                Entry::Occupied(_) => {}
            }
        }
        for (key, grant) in held.bulk.into_iter().filter(|(key, _)| !muted_bulk.contains(key)) {
            let route = through(&grant.route);
            access.bulk.entry(key).or_insert(bulk::BulkGrant { route, ..grant });
        }
        access.members.insert(member.clone());
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
