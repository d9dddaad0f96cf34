//! Destructive manifests: what a deployment deletes from the org, whatever the source says.

use super::{RunError, config};
use crate::finding::Place;
use crate::gate::Reason;
use crate::git::Comparison;
use crate::metadata::{Member, parse_manifest};
use crate::org::{Projects, bears_on_access, is_manifest};
use crate::policy::Policy;
use crate::rules::Deletion;
use crate::source::{Entry, Snapshot, SourceFile};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What manifests delete, those with a name of their own and those that the policy lists: by new lines, and by lines that
/// stand where the change adds or alters what they name, since its deployment runs them again. A manifest that cannot be
/// read leaves the run undecided by itself, if the change touches it.
pub(super) fn deletions(
    comparison: &Comparison,
    projects: &Projects,
    policy: &Policy,
) -> Result<Vec<Deletion>, RunError> {
    let mut found = Vec::new();
    let deletes = |path: &str| is_manifest(path) || policy.deletions.lists(path);
    for entry in comparison.landing.entries()?.iter().filter(|e| deletes(e.path.as_str())) {
        let old = match comparison.base.entry(&entry.path)? {
            Some(old) => members(&comparison.base, old).1,
            None => Vec::new(),
        };
        let (Some(file), new) = members(&comparison.landing, entry) else { continue };
        let before: BTreeSet<_> = old.iter().map(key).collect();
        for member in new {
            let (kind, _) = key(&member);
            let name = projects.local(&member.name.value).to_ascii_lowercase();
            let runs_again = || touches(comparison, &name);
            if !before.contains(&key(&member)) || runs_again() {
                found.push(Deletion { kind, name, place: Place::new(&file, member.name.span) });
            }
        }
    }
    Ok(found)
}

/// Whether the change adds or alters a file that is called like the component.
fn touches(comparison: &Comparison, name: &str) -> bool {
    let own = name.rsplit('.').next().unwrap_or(name);
    comparison.changes.iter().filter(|c| c.new.is_some() && bears_on_access(c.path.as_str())).any(|change| {
        let file = change.path.file_name();
        let called = file.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own));
        name == "*" || called && file[own.len()..].starts_with('.')
    })
}

/// Manifests of the policy that the change touches and that cannot be read, whatever they are called.
pub(super) fn unread(comparison: &Comparison, policy: &Policy) -> Vec<Reason> {
    let changed = comparison.changes.iter().filter_map(|change| change.new.as_ref());
    let listed = changed.filter(|e| policy.deletions.lists(e.path.as_str()) && !is_manifest(e.path.as_str()));
    let problem = |entry: &Entry| {
        let file = match comparison.landing.read(entry) {
            Ok(file) => file,
            Err(error) => return Some(config::unreadable(error)),
        };
        let error = parse_manifest(&file).err()?;
        let message = format!("the policy lists this manifest under `deletions`, and {}", error.problem);
        Some(Reason { path: error.path, position: Some(error.position), message })
    };
    listed.filter_map(problem).collect()
}

fn key(member: &Member) -> (String, String) {
    (member.kind.to_ascii_lowercase(), member.name.value.to_ascii_lowercase())
}

fn members(snapshot: &dyn Snapshot, entry: &Entry) -> (Option<Arc<SourceFile>>, Vec<Member>) {
    let Ok(file) = snapshot.read(entry) else { return (None, Vec::new()) };
    let members = parse_manifest(&file).unwrap_or_default();
    (Some(file), members)
}
