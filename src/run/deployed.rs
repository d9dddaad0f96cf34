//! What of two trees deploys: without what destructive manifests delete, and, if the policy says so,
//! without what `.forceignore` leaves out.

use super::RunError;
use super::config::Config;
use super::forceignore::Forceignore;
use crate::access::Change;
use crate::finding::Place;
use crate::gate::Reason;
use crate::git::Comparison;
use crate::metadata::{Component, Member, component, parse_manifest};
use crate::rules::Deleted;
use crate::source::{Entry, RepoPath, Snapshot, SourceFile, Without};
use crate::words::FieldName;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Ignored files that a message names.
const NAMED: usize = 3;

/// Both sides as they deploy, and what differs between them.
pub(super) struct Deployed<'c> {
    pub(super) base: Without<'c>,
    pub(super) landing: Without<'c>,
    pub(super) changes: Vec<Change>,
    /// What new destructive manifests delete.
    pub(super) deleted: Deleted,
    pub(super) undecided: Vec<Reason>,
    pub(super) warnings: Vec<Reason>,
}

pub(super) fn deployed<'c>(comparison: &'c Comparison, config: &Config) -> Result<Deployed<'c>, RunError> {
    let policy = &config.policy;
    // A manifest that stands has deleted what it deletes; what stands beside it came later.
    let deleted = if config.standing { Deleted::default() } else { deleted(comparison)? };
    let ignored = [Forceignore::read(&comparison.base)?, Forceignore::read(&comparison.landing)?];
    let honoured = |side: usize, path: &RepoPath| {
        policy.honours_forceignore
            && component(path.as_str()).is_some()
            && ignored[side].ignores(path).is_some()
    };
    let removed = |path: &RepoPath| component(path.as_str()).is_some_and(|c| deletes(&deleted, &c));
    let base = Without::new(&comparison.base, |path| honoured(0, path))?;
    let landing = Without::new(&comparison.landing, |path| honoured(1, path) || removed(path))?;

    let mut changes: BTreeMap<RepoPath, Change> = BTreeMap::new();
    let mut note = |path: &RepoPath| -> Result<(), RunError> {
        let (in_base, in_landing) = (base.entry(path)?.is_some(), landing.entry(path)?.is_some());
        if in_base || in_landing {
            changes.insert(path.clone(), Change { path: path.clone(), in_base, in_landing });
        }
        Ok(())
    };
    for change in &comparison.changes {
        note(&change.path)?;
    }
    if !ignored.iter().all(Forceignore::is_empty) && policy.honours_forceignore {
        for entry in comparison.landing.entries()? {
            if honoured(0, &entry.path) != honoured(1, &entry.path) {
                note(&entry.path)?;
            }
        }
    }
    if !(deleted.fields.is_empty() && deleted.objects.is_empty() && deleted.muting.is_empty()) {
        for entry in comparison.base.entries()? {
            if removed(&entry.path) || holds_deleted(&deleted, &entry.path) {
                note(&entry.path)?;
            }
        }
    }
    let changes: Vec<Change> = changes.into_values().collect();
    let (mut undecided, mut warnings) = (Vec::new(), Vec::new());
    if policy.honours_forceignore {
        let [of_base, of_landing] = ignored;
        undecided.extend(of_landing.problems.into_iter().chain(of_base.problems));
    } else {
        warnings.extend(reported(&ignored[1], &changes));
    }
    Ok(Deployed { base, landing, changes, deleted, undecided, warnings })
}

/// What destructive manifests of the change delete that those of the base do not. A manifest that cannot
/// be read leaves the run undecided by itself.
fn deleted(comparison: &Comparison) -> Result<Deleted, RunError> {
    let manifests = comparison
        .changes
        .iter()
        .filter(|c| matches!(component(c.path.as_str()), Some(Component::Destructive)));
    let (mut before, mut after) = (BTreeSet::new(), Vec::new());
    for change in manifests {
        if let Some(old) = &change.old {
            let (_, members) = members(&comparison.base, old);
            before.extend(members.iter().map(key));
        }
        if let Some(new) = &change.new {
            let (file, members) = members(&comparison.landing, new);
            after.extend(members.into_iter().map(|m| (file.clone(), m)));
        }
    }
    let mut deleted = Deleted::default();
    for (file, member) in after.into_iter().filter(|(_, m)| !before.contains(&key(m))) {
        let Some(file) = file else { continue };
        let (kind, name) = key(&member);
        let place = Place::new(&file, member.name.span);
        match (kind.as_str(), name.as_str()) {
            ("customfield", _) => {
                let field = FieldName::parse(&member.name.value);
                deleted.fields.extend(field.map(|field| (field, place)));
            }
            ("customobject", _) => drop(deleted.objects.insert(name, place)),
            ("mutingpermissionset", "*") => {
                let all = comparison.base.entries()?.iter().filter_map(|e| component(e.path.as_str()));
                let names = all.filter_map(|c| match c {
                    Component::Muting(name) => Some((name.to_ascii_lowercase(), place.clone())),
                    _ => None,
                });
                deleted.muting.extend(names);
            }
            ("mutingpermissionset", _) => drop(deleted.muting.insert(name, place)),
            // Deleting what grants only closes.
            _ => {}
        }
    }
    Ok(deleted)
}

fn key(member: &Member) -> (String, String) {
    (member.kind.to_ascii_lowercase(), member.name.value.to_ascii_lowercase())
}

fn members(snapshot: &dyn Snapshot, entry: &Entry) -> (Option<Arc<SourceFile>>, Vec<Member>) {
    let Ok(file) = snapshot.read(entry) else { return (None, Vec::new()) };
    let members = parse_manifest(&file).unwrap_or_default();
    (Some(file), members)
}

fn deletes(deleted: &Deleted, component: &Component) -> bool {
    match component {
        Component::Muting(name) => deleted.muting.contains_key(&name.to_ascii_lowercase()),
        Component::Field(field) => deleted.field(field).is_some(),
        Component::Object(object) => deleted.objects.contains_key(&object.to_ascii_lowercase()),
        _ => false,
    }
}

/// An object's file that may define a deleted field inline.
fn holds_deleted(deleted: &Deleted, path: &RepoPath) -> bool {
    let Some(Component::Object(object)) = component(path.as_str()) else { return false };
    deleted.fields.keys().any(|field| field.object().eq_ignore_ascii_case(&object))
}

/// Changed files that do not deploy and are judged all the same: one warning for each `.forceignore`.
fn reported(ignored: &Forceignore, changes: &[Change]) -> Vec<Reason> {
    let mut by_file: BTreeMap<&RepoPath, Vec<&RepoPath>> = BTreeMap::new();
    for change in changes.iter().filter(|c| c.in_landing && component(c.path.as_str()).is_some()) {
        if let Some(file) = ignored.ignores(&change.path) {
            by_file.entry(file).or_default().push(&change.path);
        }
    }
    let warning = |(file, paths): (&RepoPath, Vec<&RepoPath>)| {
        let names: Vec<String> = paths.iter().take(NAMED).map(|p| format!("`{p}`")).collect();
        let more = paths.len() - names.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let message = format!(
            "keeps {}{more} from being deployed; judged all the same, unless the policy says `forceignore: honour`",
            names.join(", ")
        );
        Reason { path: file.clone(), position: None, message }
    };
    by_file.into_iter().map(warning).collect()
}
