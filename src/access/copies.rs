//! A grantor that is defined in more than one place, such as two package directories.
//!
//! Which definition holds in the org is decided by the order of deployment, which no file tells in full.
//! Both together are what the grantor may open; but a change of one of them must not hide behind the
//! other: what one copy comes to open is opened, whatever the other one opened before.

use super::grantor::GrantorAccess;
use super::standing::access_of;
use crate::org::{Copy, MOST_DEFINITIONS, Org, Unreadable};
use crate::words::{FieldName, Grantor};
use std::collections::BTreeSet;

/// Why nothing is said of one that has more.
pub(super) fn too_many(org: &Org<'_>, grantor: &Grantor) -> Option<Unreadable> {
    let path = org.index().path(*org.files(grantor).first()?).clone();
    let reason =
        format!("{grantor} is defined in more than {MOST_DEFINITIONS} places; keep one definition of it");
    Some(Unreadable { path, position: None, reason })
}

/// What each of a grantor's definitions gives by itself, knowing of `fields` which have no field-level security. Nothing,
/// where there is one at most.
pub fn each_definition(org: &Org<'_>, grantor: &Grantor, fields: &BTreeSet<FieldName>) -> Vec<GrantorAccess> {
    let copies = org.copies(grantor);
    if copies.len() < 2 {
        return Vec::new();
    }
    copies.iter().map(|copy| access_of(org, grantor, &copy.files).asked_for(org, fields)).collect()
}

/// One comparison: what a copy may have replaced, and the copy.
pub(super) struct Pair {
    pub(super) before: GrantorAccess,
    pub(super) after: GrantorAccess,
}

/// What has to be compared beside the union of all copies. Nothing, where there is one copy at most.
pub(super) fn pairs(base: &Org<'_>, landing: &Org<'_>, grantor: &Grantor) -> Vec<Pair> {
    let (old, new) = (base.copies(grantor), landing.copies(grantor));
    if old.len() < 2 && new.len() < 2 || old.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let of = |org: &Org<'_>, copies: &[&Copy]| {
        let files: Vec<_> = copies.iter().flat_map(|copy| copy.files.iter().copied()).collect();
        access_of(org, grantor, &files)
    };
    // One that no longer surely deploys is as good as gone.
    let stays = |old: &Copy, new: &Copy| landing.surely_holds(new) || !base.surely_holds(old);
    let remains = |old: &Copy| new.iter().any(|new| new.home == old.home && stays(old, new));
    let gone: Vec<&Copy> = old.iter().filter(|copy| !remains(copy)).collect();
    let mut pairs = Vec::new();
    let mut stayed = Vec::new();
    for copy in &new {
        let same = old.iter().find(|c| c.home == copy.home);
        let replaced = match same {
            Some(same) => vec![vec![same]],
            // Moved here, if another copy is gone; else it may come to replace any.
            None if !gone.is_empty() => vec![gone.clone()],
            None => old.iter().map(|other| vec![other]).collect(),
        };
        if same.is_some_and(remains) {
            stayed.push(copy);
        }
        for before in replaced {
            pairs.push(Pair { before: of(base, &before), after: of(landing, &[copy]) });
        }
    }
    // What is left when a copy goes may be what it held down, even if it comes back elsewhere: nothing
    // says that the other place deploys.
    if !gone.is_empty() && !stayed.is_empty() {
        pairs.push(Pair { before: of(base, &gone), after: of(landing, &stayed) });
    }
    if base.package_directories() != landing.package_directories() {
        for copy in &new {
            for other in old.iter().filter(|c| c.home != copy.home) {
                pairs.push(Pair { before: of(base, &[other]), after: of(landing, &[copy]) });
            }
        }
    }
    pairs
}
