//! What of files does not count: on the base, of those that did not deploy; on both sides, of other definitions than the one
//! that is looked at. Labels count all the same.

use super::{Component, Document, FileId, Org};
use crate::metadata::{CustomField, CustomObject, Permissions};
use crate::source::RepoPath;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// What of a file does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dormant {
    /// What a permission set, profile or group gives. Who can hold it counts, and to whom something is handed.
    Grants,
    /// All that a permission set, profile or group says.
    All,
    /// What a field reads, and whether it is required.
    Nature,
    /// The same, and where it points: another definition points somewhere, so that paths can be followed all the same.
    NatureAndTargets,
}

impl<'s> Org<'s> {
    /// Passes over what does not count in some files.
    pub fn with_dormant(mut self, dormant: &BTreeMap<RepoPath, Dormant>) -> Org<'s> {
        for (path, what) in dormant {
            if let Some(id) = self.index.id(path) {
                self.parsed[id] = OnceLock::new();
                self.dormant.insert(id, what.clone());
            }
        }
        self
    }

    /// Files without those of definitions that are not looked at.
    pub(super) fn without_others(&self, files: &[FileId]) -> Vec<FileId> {
        let counts = |id: &&FileId| self.dormant.get(*id) != Some(&Dormant::All);
        files.iter().filter(counts).copied().collect()
    }

    /// Whether a file belongs to a definition that is not looked at.
    pub fn is_left_out(&self, path: &RepoPath) -> bool {
        self.index.id(path).is_some_and(|id| self.dormant.get(&id) == Some(&Dormant::All))
    }

    /// Whether some of a file does not count.
    pub fn is_dormant(&self, path: &RepoPath) -> bool {
        !self.dormant.is_empty() && self.index.id(path).is_some_and(|id| self.dormant.contains_key(&id))
    }

    /// A file without what of it does not count.
    pub(super) fn as_it_counted(&self, id: FileId, document: Document) -> Document {
        match (self.dormant.get(&id), document) {
            (Some(Dormant::Grants), Document::Permissions(said)) => {
                let license = said.license.clone();
                Document::Permissions(Arc::new(Permissions { license, ..Permissions::default() }))
            }
            (Some(Dormant::All), Document::Permissions(_)) => Document::Permissions(Arc::default()),
            (Some(Dormant::All), Document::Group(_)) => Document::Group(Arc::default()),
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

    /// What did not count of files that come to deploy.
    pub fn coming(&self, paths: &[RepoPath]) -> BTreeMap<RepoPath, Dormant> {
        let what = |path: &RepoPath| match self.index.component(path)? {
            Component::Grantor(_) | Component::HandsOut(..) => Some(Dormant::Grants),
            Component::Field(_) | Component::Object(_) => Some(Dormant::Nature),
            _ => None,
        };
        paths.iter().filter_map(|path| Some((path.clone(), what(path)?))).collect()
    }
}
