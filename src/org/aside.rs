//! Reading of files that give nobody access: only changed ones are asked for, and none of them is kept.

use super::layout::{self, Aside};
use super::{Org, Unreadable};
use crate::source::{RepoPath, SourceFile};
use crate::words::FieldName;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Files by kind and name, lower case: their positions in the listing.
pub(super) type ByName = HashMap<(Aside, String), Vec<usize>>;

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

    /// Every file of a component of such a kind, without regard to case; a report is called `folder/name`. The listing
    /// is looked through once, when this is first asked.
    ///
    /// # Errors
    /// When the listing cannot be read.
    pub fn asides(&self, kind: Aside, name: &str) -> Result<Vec<&RepoPath>, Unreadable> {
        let entries = self.snapshot.entries()?;
        let by_name = self.asides.get_or_init(|| {
            let mut all = ByName::new();
            for (entry, path) in entries.iter().map(|entry| entry.path.as_str()).enumerate() {
                let Some((kind, name)) = layout::aside(path) else { continue };
                let name = match kind {
                    Aside::Report => format!("{}/{name}", path.rsplit('/').nth(1).unwrap_or_default()),
                    _ => name,
                };
                all.entry((kind, name.to_ascii_lowercase())).or_default().push(entry);
            }
            all
        });
        let found = by_name.get(&(kind, name.to_ascii_lowercase())).into_iter().flatten();
        Ok(found.filter_map(|entry| entries.get(*entry)).map(|entry| &entry.path).collect())
    }
}
