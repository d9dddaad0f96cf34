//! Files that a change leaves alone and that say something of a component from the change on which they did not say before:
//! another definition said otherwise, or kept them from deploying. On the base they stand for nothing.

use super::{Component, Document, FileId, Org};
use crate::metadata::CustomField;
use crate::source::RepoPath;
use crate::words::{FieldName, Grantor};
use std::collections::BTreeSet;

impl Org<'_> {
    /// Such files of this side, the base. `changed` are the paths of the change.
    ///
    /// Of several definitions each is compared with the one it was, so where one comes to read other fields, to point
    /// elsewhere, to leave field-level security or to have another licence, the others are no excuse for it.
    pub fn woken(&self, landing: &Org<'_>, changed: &BTreeSet<&RepoPath>) -> BTreeSet<RepoPath> {
        let mut woken = BTreeSet::new();
        for path in changed {
            let (Some(before), after) = (self.index.id(path), landing.index.id(path)) else { continue };
            let found: Vec<FileId> = match (&self.index.file(before).component, after) {
                (Component::Field(field), Some(after)) => self.beside_field(field, before, landing, after),
                (Component::Field(field), None) => self.inline_alone(field, landing),
                (Component::Grantor(holder), Some(after)) => {
                    self.beside_holder(holder, before, landing, after)
                }
                _ => Vec::new(),
            };
            let paths = found.into_iter().map(|id| self.index.path(id));
            woken.extend(paths.filter(|path| !changed.contains(path)).cloned());
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
