//! One grantor's doors: field by field, with the element that opens each.

use crate::finding::{Place, RouteKind, RouteStep};
use crate::metadata::FieldPermission;
use crate::org::{Org, Unreadable};
use crate::source::SourceFile;
use crate::words::{Access, FieldName, Grantor};
use rayon::prelude::*;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    pub route: Vec<RouteStep>,
    /// The whole entry that grants.
    pub entry: Place,
}

impl Exposure {
    /// The element that opens the door: the last step of the route.
    pub fn place(&self) -> &Place {
        self.route.last().map_or(&self.entry, |step| &step.place)
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
    /// The widest access per field.
    pub exposures: BTreeMap<FieldName, Exposure>,
    /// Fields with an entry that grants nothing. In a profile that is an explicit revoke.
    pub refused: BTreeMap<FieldName, Place>,
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
    let mut access = GrantorAccess::default();
    let Some(state) = org.grantor(grantor) else { return access };
    access.unreadable = state.unreadable;
    for (file, permissions) in &state.parts {
        access.licenses.extend(permissions.license.iter().map(|l| l.value.clone()));
        // Entries of one file that name the same field. Between files of one grantor (two package
        // directories, say) a difference is ordinary and only the wider access counts.
        let mut seen: BTreeMap<&FieldName, &FieldPermission> = BTreeMap::new();
        for entry in permissions.fields.iter().filter(|e| wanted(&e.field.value)) {
            let field = &entry.field.value;
            let contradiction = |other: Option<&FieldPermission>| Contradiction {
                grantor: grantor.clone(),
                field: field.clone(),
                place: Place::new(file, entry.entry),
                other: other.map(|o| Place::new(file, o.entry)),
            };
            if entry.edit_without_read() {
                access.contradictions.push(contradiction(None));
            }
            match seen.entry(field) {
                Entry::Vacant(slot) => {
                    slot.insert(entry);
                }
                Entry::Occupied(first) if opened(first.get()) != opened(entry) => {
                    access.contradictions.push(contradiction(Some(first.get())));
                }
                Entry::Occupied(_) => {}
            }
            access.add(grantor, file, entry);
        }
    }
    // An entry that grants nothing revokes only if no other entry grants.
    let GrantorAccess { exposures, refused, .. } = &mut access;
    refused.retain(|field, _| !exposures.contains_key(field));
    access
}

fn opened(entry: &FieldPermission) -> Option<Access> {
    let edit = entry.opens_edit().map(|_| Access::Edit);
    edit.or_else(|| entry.opens_read().map(|_| Access::Read))
}

impl GrantorAccess {
    fn add(&mut self, grantor: &Grantor, file: &Arc<SourceFile>, entry: &FieldPermission) {
        let field = &entry.field.value;
        let whole = Place::new(file, entry.entry);
        let Some(access) = opened(entry) else {
            self.refused.entry(field.clone()).or_insert(whole);
            return;
        };
        let element = match access {
            Access::Edit => entry.opens_edit(),
            Access::Read => entry.opens_read(),
        };
        let exposure = Exposure {
            grantor: grantor.clone(),
            field: field.clone(),
            access,
            route: vec![RouteStep {
                kind: RouteKind::FieldPermissions,
                place: Place::new(file, element.unwrap_or(entry.entry)),
            }],
            entry: whole,
        };
        match self.exposures.entry(field.clone()) {
            Entry::Vacant(slot) => {
                slot.insert(exposure);
            }
            Entry::Occupied(mut slot) if slot.get().access < access => {
                slot.insert(exposure);
            }
            Entry::Occupied(_) => {}
        }
    }
}

/// Every grantor of `org` that reaches one of `fields`, with what it reaches: asked for when a label
/// changes, and the one question that reads every grantor.
pub fn standing(
    org: &Org<'_>,
    fields: &BTreeSet<FieldName>,
) -> (BTreeMap<Grantor, GrantorAccess>, Vec<Unreadable>) {
    let (mut found, mut unreadable) = (BTreeMap::new(), Vec::new());
    if fields.is_empty() {
        return (found, unreadable);
    }
    let grantors: Vec<&Grantor> = org.index().grantors().collect();
    let read = grantors.par_iter().map(|g| access_to(org, g, |field| fields.contains(field)));
    for (grantor, mut access) in grantors.iter().zip(read.collect::<Vec<_>>()) {
        unreadable.append(&mut access.unreadable);
        if !access.exposures.is_empty() {
            found.insert((*grantor).clone(), access);
        }
    }
    (found, unreadable)
}
