//! Components with several definitions, such as in two package directories: each is compared with the one it was, since any
//! of them may be the one that holds in the org. What one comes to be the others do not excuse.

use super::wakes::Dormant;
use super::{Component, Copy, FileId, Org};
use crate::metadata::CustomField;
use crate::source::RepoPath;
use crate::words::{FieldName, Grantor, GrantorKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Definitions of one permission set, profile or group that are held against each other; far more than any project has.
pub const MOST_DEFINITIONS: usize = 100;

/// So many definitions beside others a change may alter; of more the rest is left out.
pub const MOST_ALONE: usize = 64;

/// One definition of a component, with the one it was: what the others say on each side does not count.
#[derive(Clone, Debug, Default)]
pub struct Alone {
    /// Its files, before and after.
    pub own: BTreeSet<RepoPath>,
    /// Groups have it, or it is one: what else the change alters bears on them as well.
    pub is_in_groups: bool,
    /// Before.
    pub base: BTreeMap<RepoPath, Dormant>,
    /// After the merge.
    pub landing: BTreeMap<RepoPath, Dormant>,
}

impl Alone {
    fn of(
        (base, own_before, all_before): (&Org<'_>, &BTreeSet<FileId>, &[FileId]),
        (landing, own_after, all_after): (&Org<'_>, &BTreeSet<FileId>, &[FileId]),
        what: &Dormant,
    ) -> Self {
        let others = |org: &Org<'_>, own: &BTreeSet<FileId>, all: &[FileId]| {
            let others = all.iter().filter(|id| !own.contains(id));
            others.map(|id| (org.index.path(*id).clone(), what.clone())).collect()
        };
        let before = own_before.iter().map(|id| base.index.path(*id));
        let after = own_after.iter().map(|id| landing.index.path(*id));
        Alone {
            is_in_groups: false,
            own: before.chain(after).cloned().collect(),
            base: others(base, own_before, all_before),
            landing: others(landing, own_after, all_after),
        }
    }
}

impl Org<'_> {
    /// Definitions of which the change alters who can hold them, whom they bundle, or what a field is, each beside others of
    /// its component. `self` is the base, `changed` are the paths of the change.
    pub fn compared_alone(&self, landing: &Org<'_>, changed: &BTreeSet<&RepoPath>) -> Vec<Alone> {
        let (mut holders, mut fields) = (BTreeSet::new(), BTreeSet::new());
        for path in changed {
            for org in [self, landing] {
                match org.index.component(path) {
                    Some(Component::Grantor(holder)) => drop(holders.insert(holder.clone())),
                    Some(Component::Field(_) | Component::Object(_)) => {
                        let defined = org.fields_defined_at(path).unwrap_or_default();
                        fields.extend(defined.iter().map(|field| org.canonical(field)));
                    }
                    _ => {}
                }
            }
        }
        let several =
            holders.iter().any(|holder| self.copies(holder).len().max(landing.copies(holder).len()) > 1);
        let members = if several { &self.members() | &landing.members() } else { BTreeSet::new() };
        let of_holders = holders.iter().map(|holder| self.holder_alone(landing, holder, &members));
        let of_fields = fields.iter().map(|field| self.field_alone(landing, field, changed));
        of_holders.chain(of_fields).flatten().take(MOST_ALONE + 1).collect()
    }

    /// Every permission set that a group bundles.
    fn members(&self) -> BTreeSet<Grantor> {
        let groups = self.index.grantors_of(GrantorKind::PermissionSetGroup);
        let parts = groups.flat_map(|group| self.group_in(self.files(group)).parts);
        let named = parts.flat_map(|(_, group)| group.members.clone());
        named
            .map(|name| Grantor::new(GrantorKind::PermissionSet, self.local_component(&name.value)))
            .collect()
    }

    fn holder_alone(&self, landing: &Org<'_>, holder: &Grantor, members: &BTreeSet<Grantor>) -> Vec<Alone> {
        let (old, new) = (self.copies(holder), landing.copies(holder));
        // Of more the run is undecided.
        if !(2..=MOST_DEFINITIONS).contains(&old.len().max(new.len())) {
            return Vec::new();
        }
        let stays = |copy: &&Copy| new.iter().any(|other| other.home == copy.home);
        let gone: Vec<&Copy> = old.iter().filter(|copy| !stays(copy)).collect();
        let was = |copy: &Copy| -> Vec<&Copy> {
            let same: Vec<&Copy> = old.iter().filter(|other| other.home == copy.home).collect();
            // Moved here, if another one is gone.
            if same.is_empty() { gone.clone() } else { same }
        };
        let files = |copies: &[&Copy]| -> BTreeSet<FileId> {
            copies.iter().flat_map(|copy| copy.files.iter().copied()).collect()
        };
        let every = self.held(holder, &old.iter().flat_map(|copy| copy.files.iter().copied()).collect());
        let differs = |(before, after): &(BTreeSet<FileId>, BTreeSet<FileId>)| {
            let (was, is) = (self.held(holder, before), landing.held(holder, after));
            // A part of a profile that comes to name the licence which another part named says nothing new: no profile has two.
            let repeats = holder.kind == GrantorKind::Profile && was.is_empty() && is.is_subset(&every);
            // What one definition gives the holder is compared by itself anyway; not so what it gives a group.
            let gives_otherwise = || {
                let said = |org: &Org<'_>, files: &BTreeSet<FileId>| -> Vec<_> {
                    let files: Vec<FileId> = files.iter().copied().collect();
                    org.permissions(&files).parts.into_iter().map(|(_, said)| said).collect()
                };
                members.contains(holder) && said(self, before) != said(landing, after)
            };
            !before.is_empty() && !repeats && (was != is || gives_otherwise())
        };
        let compared = new.iter().map(|copy| (files(&was(copy)), files(&[copy]))).filter(differs);
        let alone = |(before, after): (BTreeSet<FileId>, BTreeSet<FileId>)| {
            let (all_before, all_after) = (self.files(holder), landing.files(holder));
            let alone = Alone::of((self, &before, all_before), (landing, &after, all_after), &Dormant::All);
            let is_in_groups = members.contains(holder) || holder.kind == GrantorKind::PermissionSetGroup;
            Alone { is_in_groups, ..alone }
        };
        compared.map(alone).take(MOST_ALONE + 1).collect()
    }

    /// What says who can hold a permission set or profile, or whom a group bundles, in some of its files.
    fn held(&self, holder: &Grantor, files: &BTreeSet<FileId>) -> BTreeSet<String> {
        let files: Vec<FileId> = files.iter().copied().collect();
        if holder.kind == GrantorKind::PermissionSetGroup {
            let parts = self.group_in(&files).parts.into_iter();
            return parts.flat_map(|(_, group)| group.members.clone()).map(|member| member.value).collect();
        }
        let parts = self.permissions(&files).parts.into_iter();
        parts.filter_map(|(_, said)| Some(said.license.as_ref()?.value.clone())).collect()
    }

    fn field_alone(&self, landing: &Org<'_>, field: &FieldName, changed: &BTreeSet<&RepoPath>) -> Vec<Alone> {
        if !self.may_have_several(field) && !landing.may_have_several(field) {
            return Vec::new();
        }
        let (old, new) = (self.natures(field), landing.natures(field));
        if old.len().max(new.len()) < 2 {
            return Vec::new();
        }
        let paths = |org: &Org<'_>, of: &BTreeMap<FileId, CustomField>| -> BTreeMap<RepoPath, FileId> {
            of.keys().map(|id| (org.index.path(*id).clone(), *id)).collect()
        };
        let (before, after) = (paths(self, &old), paths(landing, &new));
        let gone: Vec<FileId> =
            before.iter().filter(|(path, _)| !after.contains_key(path)).map(|(_, id)| *id).collect();
        // An object's file deploys its fields once the object has no file of a field any more.
        let inline =
            landing.index.fields_of(field.object()).iter().all(|other| !landing.index.has_field_file(other));
        let mut found = Vec::new();
        for (path, id) in after.iter().filter(|(path, _)| changed.contains(path) || inline) {
            let was =
                before.get(path).filter(|_| changed.contains(path)).map_or(gone.clone(), |id| vec![*id]);
            let is = &new[id];
            let same = was.iter().all(|id| old.get(id) == Some(is));
            if was.is_empty() || same {
                continue;
            }
            if found.len() > MOST_ALONE {
                break;
            }
            let points =
                was.iter().filter_map(|id| old.get(id)).chain([is]).any(|of| !of.reference_to.is_empty());
            let what = if points { Dormant::NatureAndTargets } else { Dormant::Nature };
            let (all_before, all_after): (Vec<FileId>, Vec<FileId>) =
                (old.keys().copied().collect(), new.keys().copied().collect());
            let (own_before, own_after) = (was.into_iter().collect(), BTreeSet::from([*id]));
            let sides = ((self, &own_before, &all_before[..]), (landing, &own_after, &all_after[..]));
            found.push(Alone::of(sides.0, sides.1, &what));
        }
        found
    }

    /// Whether more than one file may define a field. Files of objects are looked into.
    fn may_have_several(&self, field: &FieldName) -> bool {
        let inline = self.index.object_files(field.object()).iter().filter(|id| self.inline(**id, field));
        self.parts.contains_key(field) || self.field_files(field).len() + inline.count() > 1
    }

    /// What a field is, by each file that defines it under whichever of its names.
    fn natures(&self, field: &FieldName) -> BTreeMap<FileId, CustomField> {
        let definitions = self.field(field).definitions.into_iter();
        definitions.filter_map(|d| Some((self.index.id(d.file.path())?, d.field.nature()))).collect()
    }

    /// The same listing once more, with what has been read of it already.
    pub fn again(&self) -> Self {
        let again = Org::indexed(self.snapshot, self.projects.clone(), Arc::clone(&self.index));
        for (id, (new, read)) in again.parsed.iter().zip(&self.parsed).enumerate() {
            if let Some(read) = read.get().filter(|_| !self.dormant.contains_key(&id)) {
                let _ = new.set(read.clone());
            }
        }
        again
    }
}
