//! Changed files of kinds that give nobody access: which is which file of before, and which cannot be read.

use super::change::Change;
use crate::org::{Aside, Unreadable};
use crate::source::RepoPath;
use std::collections::BTreeMap;

/// Files that cannot be read.
#[derive(Debug, Default)]
pub(super) struct Unread {
    pub(super) after: Vec<Unreadable>,
    /// After the merge, what may copy a classified field and cannot be read: nobody knows what it copies.
    pub(super) undecided: Vec<Unreadable>,
    pub(super) before: Vec<Unreadable>,
}

/// Files that a change takes from their path: it may move them.
pub(super) struct Moved<'c>(BTreeMap<(Aside, String), &'c RepoPath>);

impl<'c> Moved<'c> {
    /// Of those among `changes` that `named` says are of such a kind, with the name of their component.
    pub(super) fn of(changes: &'c [Change], named: impl Fn(&RepoPath) -> Option<(Aside, String)>) -> Self {
        let mut moved = BTreeMap::new();
        for change in changes.iter().filter(|change| !change.in_landing) {
            if let Some((kind, name)) = named(&change.path) {
                moved.entry((kind, name.to_ascii_lowercase())).or_insert(&change.path);
            }
        }
        Moved(moved)
    }

    /// Where the file at `path` was before: there, if it was, or at that of one of its name which the change takes away.
    pub(super) fn before<'p>(
        &self,
        (path, was_there): (&'p RepoPath, bool),
        kind: Aside,
        name: &str,
    ) -> Option<&'p RepoPath>
    where
        'c: 'p,
    {
        match was_there {
            true => Some(path),
            false => self.0.get(&(kind, name.to_ascii_lowercase())).copied(),
        }
    }
}
