//! What files that a change leaves alone say from the change on, and did not say before: another definition said otherwise,
//! or they did not deploy. Before is the least that surely stands.
//!
//! Only what gives access is passed over on the base. Labels, and who can hold what, count as they did.

use super::{Component, Document, FileId, Org};
use crate::metadata::{CustomField, CustomObject, Permissions};
use crate::source::{RepoPath, Spanned};
use crate::words::{FieldName, Grantor, GrantorKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// What of a file did not count before the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dormant {
    /// What a permission set or profile gives.
    Grants,
    /// The licence that a permission set or profile names: the one counts that another definition named, which changes.
    License(Option<String>),
    /// What a field reads, and whether it is required.
    Nature,
    /// The same, and where it points: another definition points somewhere, so that paths can be followed all the same.
    NatureAndTargets,
}

impl<'s> Org<'s> {
    /// Passes over what did not count in some files of this side, the base.
    pub fn with_dormant(mut self, dormant: &BTreeMap<RepoPath, Dormant>) -> Org<'s> {
        for (path, what) in dormant {
            if let Some(id) = self.index.id(path) {
                self.parsed[id] = OnceLock::new();
                self.dormant.insert(id, what.clone());
            }
        }
        self
    }

    /// A file as it counted before the change.
    pub(super) fn as_it_counted(&self, id: FileId, document: Document) -> Document {
        match (self.dormant.get(&id), document) {
            (Some(Dormant::Grants), Document::Permissions(said)) => {
                let license = said.license.clone();
                Document::Permissions(Arc::new(Permissions { license, ..Permissions::default() }))
            }
            (Some(Dormant::License(other)), Document::Permissions(said)) => {
                let in_place_of = |(own, value): (&Spanned<String>, &String)| Spanned {
                    value: value.clone(),
                    span: own.span,
                };
                let license = said.license.as_ref().zip(other.as_ref()).map(in_place_of);
                Document::Permissions(Arc::new(Permissions { license, ..Permissions::clone(&said) }))
            }
            (Some(nature @ (Dormant::Nature | Dormant::NatureAndTargets)), Document::Fields(said)) => {
                let mut fields: Vec<_> = said.fields.iter().map(CustomField::label_and_targets).collect();
                if *nature == Dormant::NatureAndTargets {
                    fields.iter_mut().for_each(|field| field.reference_to.clear());
                }
                Document::Fields(Arc::new(CustomObject { fields, ..CustomObject::clone(&said) }))
            }
            (_, document) => document,
        }
    }

    /// What did not count of files that come to deploy. A group counts as before: its members say who can hold it.
    pub fn coming(&self, paths: &[RepoPath]) -> BTreeMap<RepoPath, Dormant> {
        let what = |path: &RepoPath| match self.index.component(path)? {
            Component::Grantor(holder) => {
                (holder.kind != GrantorKind::PermissionSetGroup).then_some(Dormant::Grants)
            }
            Component::Field(_) | Component::Object(_) => Some(Dormant::Nature),
            _ => None,
        };
        paths.iter().filter_map(|path| Some((path.clone(), what(path)?))).collect()
    }

    /// What did not count of files of this side, the base, beside other definitions. `changed` are the paths of the change.
    ///
    /// Of several definitions each is compared with the one it was, so where one comes to read other fields, to point
    /// elsewhere, to leave field-level security or to have another licence, the others are no excuse for it.
    pub fn woken(&self, landing: &Org<'_>, changed: &BTreeSet<&RepoPath>) -> BTreeMap<RepoPath, Dormant> {
        let mut woken = BTreeMap::new();
        for path in changed {
            let (Some(before), after) = (self.index.id(path), landing.index.id(path)) else { continue };
            let (found, what) = match (&self.index.file(before).component, after) {
                (Component::Field(field), Some(after)) => {
                    let natures = self.natures(before).unwrap_or_default();
                    let points = natures.iter().any(|nature| !nature.reference_to.is_empty());
                    let what = if points { Dormant::NatureAndTargets } else { Dormant::Nature };
                    (self.beside_field(field, before, landing, after), what)
                }
                (Component::Field(field), None) => (self.inline_alone(field, landing), Dormant::Nature),
                (Component::Grantor(holder), Some(after)) => {
                    let others = self.beside_holder(holder, before, landing, after);
                    (others, Dormant::License(self.license_in(before)))
                }
                _ => continue,
            };
            let paths = found.into_iter().map(|id| self.index.path(id));
            woken.extend(
                paths.filter(|path| !changed.contains(path)).map(|path| (path.clone(), what.clone())),
            );
        }
        woken
    }

    /// Other definitions of a field, where this one comes to be of another nature.
    fn beside_field(
        &self,
        field: &FieldName,
        before: FileId,
        landing: &Org<'_>,
        after: FileId,
    ) -> Vec<FileId> {
        if self.natures(before) == landing.natures(after) {
            return Vec::new();
        }
        let inline = self.index.object_files(field.object()).iter().copied();
        let others = self.index.field_files(field).iter().copied().filter(|id| *id != before);
        others.chain(inline.filter(|id| self.inline(*id, field))).collect()
    }

    fn natures(&self, id: FileId) -> Option<Vec<CustomField>> {
        match self.parse(id) {
            Ok((_, Document::Fields(defined))) => {
                Some(defined.fields.iter().map(CustomField::nature).collect())
            }
            _ => None,
        }
    }

    /// The file of an object whose fields stand inline: it deploys them once the object has no file of a field any more.
    fn inline_alone(&self, field: &FieldName, landing: &Org<'_>) -> Vec<FileId> {
        let is_left = |other: &FieldName| landing.index.has_field_file(other);
        if landing.index.fields_of(field.object()).iter().any(is_left) {
            return Vec::new();
        }
        let defines = |id: &FileId| self.natures(*id).is_some_and(|fields| !fields.is_empty());
        self.index.object_files(field.object()).iter().copied().filter(defines).collect()
    }

    /// Other definitions of a permission set or profile, where this one comes to have another licence.
    fn beside_holder(
        &self,
        holder: &Grantor,
        before: FileId,
        landing: &Org<'_>,
        after: FileId,
    ) -> Vec<FileId> {
        let copies = self.index.copies(self.files(holder));
        let license = landing.license_in(after);
        if copies.len() < 2 || license.is_none() || license == self.license_in(before) {
            return Vec::new();
        }
        let others = copies.into_iter().filter(|copy| !copy.files.contains(&before));
        others.flat_map(|copy| copy.files).collect()
    }

    fn license_in(&self, id: FileId) -> Option<String> {
        match self.parse(id) {
            Ok((_, Document::Permissions(said))) => {
                said.license.as_ref().map(|license| license.value.clone())
            }
            _ => None,
        }
    }
}
