//! What groups would give if they muted nothing: a reviewer sees that muting works, and what hangs on it.

use super::exposure::Exposure;
use super::group;
use super::standing::reached;
use crate::finding::Place;
use crate::org::{GroupState, Org};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use std::collections::BTreeSet;

/// Access that the muting permission sets of a group take away. Who has a member by itself keeps it.
#[derive(Clone, Debug)]
pub struct MutedAway {
    /// The group.
    pub group: Grantor,
    /// The field.
    pub field: FieldName,
    /// What the members give.
    pub access: Access,
    /// What the group gives.
    pub left: Option<Access>,
    /// The muting permission set.
    pub by: String,
    /// The entry of the field that mutes; for what opens more than one field, the element that names the muting set.
    pub place: Place,
}

/// Of `fields`, by group and field.
pub fn muted_away(org: &Org<'_>, fields: &BTreeSet<FieldName>) -> Vec<MutedAway> {
    let grantors = org.grantors();
    let groups = grantors.into_iter().filter(|grantor| grantor.kind == GrantorKind::PermissionSetGroup);
    groups.flat_map(|group| of_group(org, group, fields)).collect()
}

fn of_group(org: &Org<'_>, group: &Grantor, fields: &BTreeSet<FieldName>) -> Vec<MutedAway> {
    let state = org.group(group);
    let names = group::parts(org, &state).muting;
    if names.is_empty() {
        return Vec::new();
    }
    let sets: Vec<(String, Option<Place>)> =
        names.into_iter().map(|name| (name.clone(), named_at(org, &state, &name))).collect();
    let members = group::unmuted_access(org, state).asked_for(org, fields);
    let given = group::group_access(org, org.group(group)).asked_for(org, fields);
    let left = reached(org, group, &given, fields);
    let lost = reached(org, group, &members, fields).into_iter().filter_map(|(field, exposure)| {
        let left = left.get(&field).map(|exposure| exposure.access);
        if left >= Some(exposure.access) {
            return None;
        }
        let of_field = given.muted.get(&org.canonical(&field)).map(|m| (m.set.clone(), m.place.clone()));
        let (by, place) = of_field.or_else(|| by_bulk(org, &exposure, &sets))?;
        Some(MutedAway { group: group.clone(), field, access: exposure.access, left, by, place })
    });
    lost.collect()
}

/// The muting set that turns off what opens the field, with the element that names it.
fn by_bulk(org: &Org<'_>, exposure: &Exposure, sets: &[(String, Option<Place>)]) -> Option<(String, Place)> {
    let bulks = exposure.bulks();
    let (name, place) =
        sets.iter().find(|(name, _)| bulks.iter().any(|bulk| group::mutes_bulk(org, name, bulk)))?;
    Some((name.clone(), place.clone()?))
}

/// The element of the group that names a muting set.
fn named_at(org: &Org<'_>, state: &GroupState, name: &str) -> Option<Place> {
    let all = state.parts.iter().flat_map(|(file, read)| read.muting.iter().map(move |named| (file, named)));
    let mut same = all.filter(|(_, named)| org.local_component(&named.value).eq_ignore_ascii_case(name));
    same.next().map(|(file, named)| Place::new(file, named.span))
}
