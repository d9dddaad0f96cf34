//! Questions that go through every file.

use super::index::FileId;
use super::layout::Component;
use super::{Document, Org, Parsed, Read, Unreadable};
use crate::metadata::CustomField;
use crate::source::ContentId;
use crate::words::{FieldName, GrantorKind};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

impl Org<'_> {
    /// Reads and parses everything, in parallel: for questions that will need all of it. `progress` hears
    /// how many of how many files are done.
    pub fn read_all(&self, progress: &(dyn Fn(usize, usize) + Sync)) {
        let (done, all) = (AtomicUsize::new(0), self.index.len());
        // Large files often lie side by side: nobody should be left with all of them.
        (0..all).into_par_iter().with_max_len(8).for_each(|id| {
            if !matches!(self.index.file(id).component, Component::Unsupported(_)) {
                drop(self.parse(id));
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
        });
    }

    /// What has been read so far, but for files that `other` has read as well.
    pub fn read_beside(&self, other: Option<&Org<'_>>) -> Read {
        let mut read = Read::default();
        let again = |id: FileId| {
            other.is_some_and(|o| {
                o.index.id(self.index.path(id)).is_some_and(|id| o.parsed[id].get().is_some())
            })
        };
        let parsed = self.parsed.iter().enumerate().filter_map(|(id, parsed)| Some((id, parsed.get()?)));
        for (id, parsed) in parsed.filter(|(id, _)| !again(*id)) {
            match (&**parsed, &self.index.file(id).component) {
                (Err(_), _) => read.unreadable += 1,
                (Ok(_), Component::Grantor(grantor)) => match grantor.kind {
                    GrantorKind::Profile => read.profiles += 1,
                    GrantorKind::PermissionSet => read.permission_sets += 1,
                    GrantorKind::PermissionSetGroup => read.groups += 1,
                },
                (Ok(_), Component::Muting(_)) => read.muting_permission_sets += 1,
                (Ok((_, Document::Fields(defined))), _) => {
                    let fields = &defined.fields;
                    read.fields += fields.len();
                    let labelled = |f: &&CustomField| f.classification.is_some() || f.compliance.is_some();
                    read.labelled_fields += fields.iter().filter(labelled).count();
                }
                (Ok(_), _) => {}
            }
        }
        read
    }

    /// Every field that a definition derives from others, and files that may define some and cannot be
    /// read. Only files that look like it are parsed.
    pub fn derived_fields(&self) -> (Vec<FieldName>, Vec<Unreadable>) {
        let (mut fields, mut unreadable) = (BTreeSet::new(), Vec::new());
        for result in self.derived_in(self.index.definitions().collect()) {
            match result {
                Ok(names) => fields.extend(names),
                Err(problem) => unreadable.push(problem),
            }
        }
        if let Some(before) = self.before {
            let differs = |id: &FileId| {
                before.content(*id) != self.index.id(before.index.path(*id)).and_then(|id| self.content(id))
            };
            let still = before.derived_in(before.index.definitions().filter(differs).collect());
            let still = still.into_iter().flatten().flatten();
            fields.extend(still.filter(|field| self.still_defines(field).is_some()));
        }
        (fields.into_iter().collect(), unreadable)
    }

    fn content(&self, id: FileId) -> Option<ContentId> {
        self.snapshot.entries().ok().map(|entries| entries[self.index.file(id).entry].content)
    }

    /// The derived fields of each of these files.
    fn derived_in(&self, ids: Vec<FileId>) -> Vec<Result<Vec<FieldName>, Unreadable>> {
        const MARKS: [&[u8]; 3] = [b"formula", b"summar", b"referenceTargetField"];
        let looks = |bytes: &[u8]| MARKS.iter().any(|mark| memchr::memmem::find(bytes, mark).is_some());
        let found = ids.into_par_iter().map(|id| -> Result<Vec<FieldName>, Unreadable> {
            let (_, document) = match self.parsed[id].get() {
                Some(parsed) => Parsed::clone(parsed)?,
                None => {
                    let file = self.read_file(id)?;
                    if !looks(file.bytes()) {
                        return Ok(Vec::new());
                    }
                    Parsed::clone(self.parsed[id].get_or_init(|| Box::new(self.document(id, file))))?
                }
            };
            let Document::Fields(defined) = document else { return Ok(Vec::new()) };
            let inside =
                |object: &str, field: &CustomField| FieldName::of(object, &field.full_name.as_ref()?.value);
            let names = |field: &CustomField| match &self.index.file(id).component {
                Component::Field(name) => [Some(name.clone()), inside(name.object(), field)],
                Component::Object(object) => [inside(object, field), None],
                _ => [None, None],
            };
            Ok(defined.fields.iter().filter(|f| f.is_derived()).flat_map(names).flatten().collect())
        });
        found.collect()
    }
}
