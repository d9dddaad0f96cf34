//! Questions that go through every file.

use super::index::FileId;
use super::{Document, Org, Unreadable};
use crate::metadata::{Component, CustomField};
use crate::words::FieldName;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

impl Org<'_> {
    /// Reads and parses everything, in parallel: for questions that will need all of it. `progress` hears
    /// how many of how many files are done.
    pub fn read_all(&self, progress: &(dyn Fn(usize, usize) + Sync)) {
        let (done, all) = (AtomicUsize::new(0), self.index.len());
        (0..all).into_par_iter().for_each(|id| {
            if !matches!(self.index.file(id).component, Component::Unsupported(_)) {
                drop(self.parse(id));
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
        });
    }

    /// Every field that a definition derives from others, and files that may define some and cannot be
    /// read. Only files that look like it are parsed.
    pub fn derived_fields(&self) -> (Vec<FieldName>, Vec<Unreadable>) {
        const MARKS: [&[u8]; 3] = [b"formula", b"summar", b"referenceTargetField"];
        let looks = |bytes: &[u8]| MARKS.iter().any(|mark| memchr::memmem::find(bytes, mark).is_some());
        let ids: Vec<FileId> = self.index.definitions().collect();
        let found = ids.into_par_iter().map(|id| -> Result<Vec<FieldName>, Unreadable> {
            let (_, document) = match self.parsed[id].get() {
                Some(parsed) => parsed.clone()?,
                None => {
                    let file = self.read_file(id)?;
                    if !looks(file.bytes()) {
                        return Ok(Vec::new());
                    }
                    self.parsed[id].get_or_init(|| self.document(id, file)).clone()?
                }
            };
            let Document::Fields(fields) = document else { return Ok(Vec::new()) };
            let name = |field: &CustomField| match &self.index.file(id).component {
                Component::Field(name) => Some(name.clone()),
                Component::Object(object) => FieldName::of(object, &field.full_name.as_ref()?.value),
                _ => None,
            };
            let derived = fields.iter().filter(|f| f.is_derived()).filter_map(name);
            Ok(derived.filter(|name| !self.deleted.contains(name)).collect())
        });
        let (mut fields, mut unreadable) = (BTreeSet::new(), Vec::new());
        for result in found.collect::<Vec<_>>() {
            match result {
                Ok(names) => fields.extend(names),
                Err(problem) => unreadable.push(problem),
            }
        }
        (fields.into_iter().collect(), unreadable)
    }
}
