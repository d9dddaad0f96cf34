//! Switches that guard data and that a change switches off. The org keeps what a settings file no longer mentions, and
//! what a file holds that goes: only what says otherwise counts.

use super::aside::{Moved, Unread};
use super::change::Change;
use crate::finding::Place;
use crate::metadata::{Guard, Guards, parse_restriction_rule, parse_settings};
use crate::org::{Aside, Org, Unreadable, aside};
use crate::source::{RepoPath, SourceFile};
use std::sync::Arc;

/// A switch that guarded data before, and does not after the merge.
#[derive(Clone, Debug)]
pub struct SwitchedOff {
    /// Which.
    pub guard: &'static Guard,
    /// The settings or the rule that it belongs to, by API name.
    pub name: String,
    /// The element that switches it off.
    pub place: Place,
    /// The element that had it on.
    pub before: Place,
}

/// Finds every switch that `changes` switch off.
pub(super) fn switched_off(
    base: &Org<'_>,
    landing: &Org<'_>,
    changes: &[Change],
    unread: &mut Unread,
) -> Vec<SwitchedOff> {
    let mut found = Vec::new();
    let moved = Moved::of(changes, named);
    for change in changes.iter().filter(|change| change.in_landing) {
        let Some((kind, name)) = named(&change.path) else { continue };
        let of = (kind, name.as_str());
        let Some((file, now)) = read(landing, &change.path, of, &mut unread.after) else { continue };
        if now.all_off().next().is_none() {
            continue;
        }
        let was = match moved.before((&change.path, change.in_base), kind, &name) {
            Some(path) => vec![path],
            // A further definition is compared with all that were there.
            None => base.asides(kind, &name).unwrap_or_default(),
        };
        let was = was.into_iter().filter_map(|path| read(base, path, of, &mut unread.before));
        let was: Vec<_> = was.collect();
        for (guard, span) in now.all_off() {
            let on =
                |(file, guards): &(Arc<SourceFile>, Guards)| Some(Place::new(file, guards.surely_on(guard)?));
            if let Some(before) = was.iter().find_map(on) {
                let place = Place::new(&file, span);
                found.push(SwitchedOff { guard, name: name.clone(), place, before });
            }
        }
    }
    found
}

/// The component of a changed file that can hold such switches.
fn named(path: &RepoPath) -> Option<(Aside, String)> {
    let (kind, name) = aside(path.as_str())?;
    let guards = match kind {
        Aside::Settings => Guard::is_in_settings(&name),
        Aside::RestrictionRule => true,
        _ => false,
    };
    guards.then_some((kind, name))
}

/// What the file at `path` says. One that cannot be read leaves nothing undecided: it gives nobody access.
fn read(
    org: &Org<'_>,
    path: &RepoPath,
    (kind, name): (Aside, &str),
    unreadable: &mut Vec<Unreadable>,
) -> Option<(Arc<SourceFile>, Guards)> {
    let parsed = org.aside(path).and_then(|file| {
        let Some(file) = file else { return Ok(None) };
        let guards = match kind {
            Aside::Settings => parse_settings(&file, name)?,
            _ => parse_restriction_rule(&file)?,
        };
        Ok(Some((file, guards)))
    });
    parsed.unwrap_or_else(|mut problem: Unreadable| {
        problem.reason.push_str(" (whether it switches off what guards data is not known)");
        unreadable.push(problem);
        None
    })
}
