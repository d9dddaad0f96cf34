//! Reading of files that give nobody access: only changed ones are asked for, and none of them is kept.

use super::layout::{self, Aside};
use super::{Org, Unreadable};
use crate::source::{RepoPath, SourceFile};
use crate::words::FieldName;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl Org<'_> {
    /// The file at `path`, if there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn aside(&self, path: &RepoPath) -> Result<Option<Arc<SourceFile>>, Unreadable> {
        let Some(entry) = self.snapshot.entry(path)? else { return Ok(None) };
        self.counter.count();
        Ok(Some(self.snapshot.read(entry)?))
    }

    /// Whether there is a file at `path`.
    pub fn has_file(&self, path: &RepoPath) -> bool {
        self.snapshot.entry(path).is_ok_and(|entry| entry.is_some())
    }

    /// The custom fields that a text may mean which has these words, lower case: it names their objects, too.
    pub fn fields_meant(&self, words: &HashSet<String>) -> Vec<FieldName> {
        let mut objects: Vec<&String> = words.iter().filter(|word| self.knows_object(word)).collect();
        objects.sort_unstable();
        let fields = objects.into_iter().flat_map(|object| self.fields_of(object));
        // A lookup is often called as the object that it leads to, and the word means that.
        let is_meant = |name: String| words.contains(&name) && !self.knows_object(&name);
        fields.filter(|field| field.is_custom() && is_meant(field.field().to_ascii_lowercase())).collect()
    }

    fn knows_object(&self, object: &str) -> bool {
        let here = self.index.has_object(object) || self.elsewhere.contains_key(object);
        here || self.before.is_some_and(|before| before.knows_object(object))
    }

    /// The files of reports, by `folder/name` in lower case. Looks through the whole listing.
    ///
    /// # Errors
    /// When the listing cannot be read.
    pub fn reports(&self) -> Result<HashMap<String, Vec<&RepoPath>>, Unreadable> {
        let mut found: HashMap<String, Vec<&RepoPath>> = HashMap::new();
        for path in self.snapshot.entries()?.iter().map(|entry| &entry.path) {
            let Some((Aside::Report, name)) = layout::aside(path.as_str()) else { continue };
            let folder = path.as_str().rsplit('/').nth(1).unwrap_or_default();
            found.entry(format!("{folder}/{name}").to_ascii_lowercase()).or_default().push(path);
        }
        Ok(found)
    }

    /// Every file of a component of such a kind, without regard to case. Looks through the whole listing.
    ///
    /// # Errors
    /// When the listing cannot be read.
    pub fn asides(&self, kind: Aside, name: &str) -> Result<Vec<&RepoPath>, Unreadable> {
        let is = |path: &&RepoPath| {
            layout::aside(path.as_str())
                .is_some_and(|(of, called)| of == kind && called.eq_ignore_ascii_case(name))
        };
        Ok(self.snapshot.entries()?.iter().map(|entry| &entry.path).filter(is).collect())
    }
}
