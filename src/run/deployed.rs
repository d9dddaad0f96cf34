//! What of two trees deploys: without what destructive manifests delete, and, if the policy says so,
//! without what `.forceignore` leaves out.

use super::RunError;
use super::config::Config;
use super::forceignore::{self, Forceignore};
use crate::access::Change;
use crate::finding::Place;
use crate::gate::Reason;
use crate::git::Comparison;
use crate::metadata::{Component, Member, component, is_manifest, parse_manifest};
use crate::org::{self, Project};
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
            && !ignored[side].is_empty()
            && component(path.as_str()).is_some()
            && ignored[side].ignores(path).is_some()
    };
    let deletes_any = !(deleted.fields.is_empty() && deleted.objects.is_empty() && deleted.muting.is_empty());
    let project = Project::read(&comparison.landing)?;
    let removed = |path: &RepoPath| {
        deletes_any && named(&project, path).is_some_and(|component| deletes(&deleted, &component))
    };
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
    if deletes_any {
        for entry in comparison.base.entries()? {
            if removed(&entry.path) || holds_deleted(&project, &deleted, &entry.path) {
                note(&entry.path)?;
            }
        }
    }
    let changes: Vec<Change> = changes.into_values().collect();
    let (mut undecided, mut warnings) = (Vec::new(), Vec::new());
    let namespaces = [Project::read(&comparison.base)?.namespace, project.namespace];
    if !config.standing && namespaces[0] != namespaces[1] && !comparison.base.entries()?.is_empty() {
        let message =
            "the project's namespace changes, and with it what every name means; change it in a pull \
                       request of its own that an administrator merges"
                .to_owned();
        undecided.push(Reason { path: "sfdx-project.json".into(), position: None, message });
    }
    if policy.honours_forceignore {
        let [of_base, of_landing] = ignored;
        undecided.extend(of_landing.problems.into_iter().chain(of_base.problems));
        undecided.extend(
            comparison.changes.iter().map(|c| &c.path).filter(|p| forceignore::is_nested(p)).map(nested),
        );
    } else {
        warnings.extend(reported(&ignored[1], &changes));
    }
    Ok(Deployed { base, landing, changes, deleted, undecided, warnings })
}

/// The tools take the nearest `.forceignore` of the folder that somebody deploys.
fn nested(path: &RepoPath) -> Reason {
    let message = "only the `.forceignore` at the root is read, and this one can take its place; \
                   write the patterns there";
    Reason { path: path.clone(), position: None, message: message.to_owned() }
}

/// What destructive manifests delete from what would land: by new lines, and by lines that stand where the
/// change adds or alters what they name (its deployment runs them again). A manifest that cannot be read
/// leaves the run undecided by itself, if the change touches it.
fn deleted(comparison: &Comparison) -> Result<Deleted, RunError> {
    let project = Project::read(&comparison.landing)?;
    let mut rows = Vec::new();
    for entry in comparison.landing.entries()?.iter().filter(|e| is_manifest(e.path.as_str())) {
        let old = match comparison.base.entry(&entry.path)? {
            Some(old) => members(&comparison.base, old).1,
            None => Vec::new(),
        };
        let (file, new) = members(&comparison.landing, entry);
        let before: BTreeSet<_> = old.iter().map(key).collect();
        let is_new = |m: Member| (!before.contains(&key(&m)), m);
        rows.extend(new.into_iter().map(is_new).filter_map(|(new, m)| Some((file.clone()?, new, m))));
    }
    let (mut deleted, mut stands) = (Deleted::default(), Deleted::default());
    for (file, new, member) in rows {
        let target = if new { &mut deleted } else { &mut stands };
        let (kind, _) = key(&member);
        let name = project.local(&member.name.value);
        let (lower, place) = (name.to_ascii_lowercase(), Place::new(&file, member.name.span));
        match (kind.as_str(), name.as_str()) {
            ("customfield", _) => {
                target.fields.extend(FieldName::parse(&name).map(|field| (field, place)));
            }
            ("customobject", _) => drop(target.objects.insert(lower, place)),
            ("mutingpermissionset", "*") => {
                let sides = [comparison.base.entries()?, comparison.landing.entries()?];
                let all = sides.iter().flat_map(|e| e.iter()).filter_map(|e| named(&project, &e.path));
                let names = all.filter_map(|c| match c {
                    Component::Muting(name) => Some((name.to_ascii_lowercase(), place.clone())),
                    _ => None,
                });
                target.muting.extend(names);
            }
            ("mutingpermissionset", _) => drop(target.muting.insert(lower, place)),
            // Deleting what grants only closes.
            _ => {}
        }
    }
    // What stands deletes again what this change brings.
    let changed = comparison.changes.iter().filter(|c| c.new.is_some());
    for hit in changed.filter_map(|c| named(&project, &c.path)).filter(|c| deletes(&stands, c)) {
        match hit {
            Component::Muting(name) => {
                let name = name.to_ascii_lowercase();
                let place = stands.muting.get(&name).cloned();
                deleted.muting.extend(place.map(|place| (name, place)));
            }
            Component::Field(field) => {
                let place = stands.field(&field).cloned();
                deleted.fields.extend(place.map(|place| (field, place)));
            }
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

/// The component at `path` by the name that a manifest is taken to mean.
fn named(project: &Project, path: &RepoPath) -> Option<Component> {
    Some(match org::local(component(path.as_str())?, project.namespace.as_deref()) {
        Component::Field(field) => Component::Field(FieldName::parse(&project.local(field.as_str()))?),
        other => other,
    })
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
fn holds_deleted(project: &Project, deleted: &Deleted, path: &RepoPath) -> bool {
    let Some(Component::Object(object)) = named(project, path) else { return false };
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
