//! User access policies: grantors that a change hands out anew, or to other people.
//!
//! Who the people are is not in the repository, so any change of a policy's audience counts as wider.

use super::change::Change;
use crate::finding::Place;
use crate::org::{Component, Org};
use crate::source::RepoPath;
use crate::words::Grantor;
use std::collections::{BTreeMap, BTreeSet};

/// A grantor that a user access policy hands out.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// API name of the policy.
    pub policy: String,
    /// What it hands out.
    pub grantor: Grantor,
    /// The action.
    pub place: Place,
    /// The base hands it out as well, but the filters differ.
    pub new_audience: bool,
}

/// What changed policies hand out that the base does not hand out to the same people. Files that cannot
/// be read have been recorded as such already.
pub(super) fn assigned(base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) -> Vec<Assigned> {
    let mut before = BTreeMap::new();
    for change in changes.iter().filter(|c| c.in_base) {
        let name = policy_name(base, change).map(|name| name.to_ascii_lowercase());
        let read = base.access_policy(&change.path).ok().flatten();
        before.extend(name.zip(read).map(|(name, (_, policy))| ((name, &change.path), (change, policy))));
    }
    let mut found = Vec::new();
    for change in changes.iter().filter(|c| c.in_landing) {
        let Some(name) = policy_name(landing, change) else { continue };
        let Ok(Some((file, policy))) = landing.access_policy(&change.path) else { continue };
        // The same file on the base, or one of that name that the change moves here.
        let lower = name.to_ascii_lowercase();
        let same = before.get(&(lower.clone(), &change.path));
        let moved = || before.iter().find(|((n, _), (c, _))| *n == lower && !c.in_landing).map(|(_, p)| p);
        let old = same.or_else(moved).map(|(_, old)| old);
        for grant in &policy.grants {
            let grantor = Grantor::new(grant.value.kind, landing.local_component(grant.value.name()));
            let held = old.is_some_and(|old| old.grants.iter().any(|g| g.value == grant.value));
            if held && old.is_some_and(|old| old.audience == policy.audience) {
                continue;
            }
            found.push(Assigned {
                policy: name.clone(),
                grantor,
                place: Place::new(&file, grant.span),
                new_audience: held,
            });
        }
    }
    found.extend(of_new_targets(base, landing, changes));
    found
}

/// What policies that the change leaves alone hand out from now on, since the change defines it.
fn of_new_targets(base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) -> Vec<Assigned> {
    let defined = changes.iter().filter_map(|change| match landing.index().component(&change.path)? {
        Component::Grantor(grantor) if !base.has_grantor(grantor) => Some(grantor),
        _ => None,
    });
    let defined: BTreeSet<&Grantor> = defined.collect();
    if defined.is_empty() {
        return Vec::new();
    }
    let altered: BTreeSet<&RepoPath> = changes.iter().map(|change| &change.path).collect();
    let mut found = Vec::new();
    for (path, name) in landing.index().access_policies().filter(|(path, _)| !altered.contains(path)) {
        let Ok(Some((file, policy))) = landing.access_policy(path) else { continue };
        for grant in &policy.grants {
            let grantor = Grantor::new(grant.value.kind, landing.local_component(grant.value.name()));
            if defined.contains(&grantor) {
                let place = Place::new(&file, grant.span);
                found.push(Assigned { policy: name.to_owned(), grantor, place, new_audience: false });
            }
        }
    }
    found
}

fn policy_name(org: &Org<'_>, change: &Change) -> Option<String> {
    match org.index().component(&change.path)? {
        Component::AccessPolicy(name) => Some(name.clone()),
        _ => None,
    }
}
