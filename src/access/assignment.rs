//! What a change hands out to more people, though nothing of what is handed out need change: by user access policies,
//! Experience Cloud sites and delegated administration, and where a session no longer has to be activated first.
//!
//! Who the people are is not in the repository, so whatever may reach other people counts as wider.

use super::change::Change;
use crate::finding::Place;
use crate::metadata::{HandOutKind, HandOutWay, HandOuts};
use crate::org::{Component, HandOutsFile, Org};
use crate::source::RepoPath;
use crate::words::{Grantor, GrantorKind};
use std::collections::{BTreeMap, BTreeSet};

/// A permission set, profile or group that more people hold after the merge.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// What it is.
    pub grantor: Grantor,
    /// By what more people hold it.
    pub by: Distribution,
    /// The element that says so.
    pub place: Place,
}

/// By what more people hold something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// A file hands it out: by its API name, how, and what is new about it.
    File(String, HandOutWay, News),
    /// Its own `hasActivationRequired` goes: who is assigned has it all the time, not only in sessions in which it is
    /// activated (*Metadata API Developer Guide*, PermissionSet and PermissionSetGroup).
    NoActivation,
}

/// What is new about a file that hands something out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It did not hand it out before.
    HandsOut,
    /// Before it handed it out, but not to all of these people.
    OtherPeople,
    /// It did so only on paper, and comes into force.
    InForce,
}

/// What changed files hand out that the base does not hand out to the same people. Files that cannot
/// be read have been recorded as such already.
pub(super) fn assigned(base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) -> Vec<Assigned> {
    let before = Before::of(base, changes);
    let mut found = Vec::new();
    for change in changes.iter().filter(|c| c.in_landing) {
        let Some((kind, name)) = hands_out(landing, change) else { continue };
        let Ok(Some(read)) = landing.hand_outs(&change.path) else { continue };
        let old = before.find(kind, name, &change.path);
        found.extend(by_file(landing, name, &read, old));
    }
    found.extend(of_new_targets(base, landing, changes));
    found.extend(without_activation(base, landing, changes));
    found
}

/// Permission sets and groups that no longer wait for a session to be activated.
fn without_activation(base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) -> Vec<Assigned> {
    let changed = changes.iter().filter_map(|change| {
        let component = |org: &Org<'_>| match org.index().component(&change.path) {
            Some(Component::Grantor(grantor)) if grantor.kind != GrantorKind::Profile => {
                Some(grantor.clone())
            }
            _ => None,
        };
        component(landing).or_else(|| component(base))
    });
    let changed: BTreeSet<Grantor> = changed.collect();
    let mut found = Vec::new();
    for grantor in changed {
        let (old, new) = (base.activation(&grantor), landing.activation(&grantor));
        if !old.may_be() || new.is_sure() || old.asks == new.asks {
            continue;
        }
        // Where the element is gone, the place that it had.
        let says_no = new.elements.iter().find(|(.., asks)| !asks);
        let said_yes = || old.elements.iter().find(|(.., asks)| *asks);
        if let Some((file, span, _)) = says_no.or_else(said_yes) {
            let place = Place::new(file, *span);
            found.push(Assigned { grantor, by: Distribution::NoActivation, place });
        }
    }
    found
}

/// The changed files that hand out, as they were.
struct Before<'c> {
    by_path: BTreeMap<&'c RepoPath, (HandOutKind, String, HandOutsFile)>,
    /// Those that the change takes from their path: it may move them.
    moved: BTreeMap<(HandOutKind, String), &'c RepoPath>,
}

impl<'c> Before<'c> {
    fn of(base: &Org<'_>, changes: &'c [Change]) -> Self {
        let mut before = Before { by_path: BTreeMap::new(), moved: BTreeMap::new() };
        for change in changes.iter().filter(|c| c.in_base && !base.is_dormant(&c.path)) {
            let Some((kind, name)) = hands_out(base, change) else { continue };
            let Ok(Some(read)) = base.hand_outs(&change.path) else { continue };
            let name = name.to_ascii_lowercase();
            if !change.in_landing {
                before.moved.entry((kind, name.clone())).or_insert(&change.path);
            }
            before.by_path.insert(&change.path, (kind, name, read));
        }
        before
    }

    /// The same file on the base, or one of that name that the change moves here.
    fn find(&self, kind: HandOutKind, name: &str, path: &RepoPath) -> Option<&HandOuts> {
        let name = name.to_ascii_lowercase();
        let same = self.by_path.get(path).filter(|(was, called, _)| *was == kind && *called == name);
        let moved = || self.moved.get(&(kind, name.clone())).and_then(|path| self.by_path.get(path));
        same.or_else(moved).map(|(.., (_, read))| &**read)
    }
}

/// What one file hands out that it did not hand out to the same people before.
fn by_file(
    landing: &Org<'_>,
    name: &str,
    (file, new): &HandOutsFile,
    old: Option<&HandOuts>,
) -> Vec<Assigned> {
    let held: BTreeSet<(HandOutWay, &Grantor)> =
        old.into_iter().flat_map(|old| &old.all).map(|hand_out| (hand_out.way, &hand_out.grantor)).collect();
    let reaches_others = old.is_some_and(|old| !new.audience.is_subset(&old.audience));
    let begins = |way| {
        old.is_some_and(|old| !old.is_surely_in_force(way) && old.state() != new.state())
            && new.may_be_in_force(way)
    };
    let mut found = Vec::new();
    for hand_out in &new.all {
        let way = hand_out.way;
        // An administrator activates a policy in the org; a site says itself whether people register.
        if way == HandOutWay::SelfRegistration && !new.may_be_in_force(way) {
            continue;
        }
        let news = match held.contains(&(way, &hand_out.grantor)) {
            false => News::HandsOut,
            true if reaches_others => News::OtherPeople,
            true if begins(way) => News::InForce,
            true => continue,
        };
        let state = new.states.first().filter(|_| news == News::InForce).map(|state| state.span);
        let place = Place::new(file, state.unwrap_or(hand_out.span));
        let grantor = Grantor::new(hand_out.grantor.kind, landing.local_component(hand_out.grantor.name()));
        found.push(Assigned { grantor, by: Distribution::File(name.to_owned(), way, news), place });
    }
    without_members_that_register(found)
}

/// Whoever registers with a site is a member of it, too: that is told once.
fn without_members_that_register(mut found: Vec<Assigned>) -> Vec<Assigned> {
    let way = |assigned: &Assigned| match &assigned.by {
        Distribution::File(_, way, _) => Some(*way),
        Distribution::NoActivation => None,
    };
    let registered = found.iter().filter(|a| way(a) == Some(HandOutWay::SelfRegistration));
    let registered: BTreeSet<Grantor> = registered.map(|a| a.grantor.clone()).collect();
    found.retain(|a| way(a) != Some(HandOutWay::SiteMember) || !registered.contains(&a.grantor));
    found
}

/// What files that the change leaves alone hand out from now on, since the change defines it.
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
    for (path, _, name) in landing.index().hand_outs().filter(|(path, ..)| !altered.contains(path)) {
        let Ok(Some(read)) = landing.hand_outs(path) else { continue };
        found
            .extend(by_file(landing, name, &read, None).into_iter().filter(|a| defined.contains(&a.grantor)));
    }
    found
}

fn hands_out<'o>(org: &'o Org<'_>, change: &Change) -> Option<(HandOutKind, &'o str)> {
    match org.index().component(&change.path)? {
        Component::HandsOut(kind, name) => Some((*kind, name.as_str())),
        _ => None,
    }
}
