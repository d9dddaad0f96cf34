//! `replacements` of `sfdx-project.json`: text that the deployment rewrites, so that what is reviewed is
//! not what deploys (*Salesforce DX Developer Guide*, string replacements).

use super::RunError;
use crate::finding::Place;
use crate::gate::Reason;
use crate::git::{self, Comparison};
use crate::metadata::component;
use crate::source::{RepoPath, Snapshot, SourceFile, Span};
use serde_json::Value;
use std::sync::Arc;

const PROJECT: &str = "sfdx-project.json";

/// Replacements that can rewrite permission or field files, where either is new: where they stand, and what they
/// match.
pub(super) struct Replaced {
    pub(super) found: Option<(Place, Vec<RepoPath>)>,
    pub(super) undecided: Option<Reason>,
}

pub(super) fn changed(comparison: &Comparison) -> Result<Replaced, RunError> {
    let nothing = Replaced { found: None, undecided: None };
    let project = RepoPath::from(PROJECT);
    let touched = comparison.changes.iter().any(|c| c.path == project);
    let is_new = |c: &git::Change| c.old.is_none() && component(c.path.as_str()).is_some();
    if !touched && !comparison.changes.iter().any(is_new) {
        return Ok(nothing);
    }
    let Some(new) = comparison.landing.entry(&project)? else { return Ok(nothing) };
    let old = comparison.base.entry(&project)?;
    let file = match comparison.landing.read(new) {
        Ok(file) => file,
        // It stood like that when somebody agreed to it.
        Err(_) if !touched => return Ok(nothing),
        Err(error) => {
            let reason = Reason { path: error.path, position: None, message: error.reason };
            return Ok(Replaced { undecided: Some(reason), ..nothing });
        }
    };
    let after = match entries(&file) {
        Ok(after) => after,
        Err(_) if !touched => return Ok(nothing),
        Err(message) => {
            let reason = Reason { path: file.path().clone(), position: None, message };
            return Ok(Replaced { undecided: Some(reason), ..nothing });
        }
    };
    if customized(&file) != old.and_then(|old| comparison.base.read(old).ok()).and_then(|f| customized(&f))
        && customized(&file).is_some()
    {
        let message =
            "`registryCustomizations` let files of any name hold any metadata, and this change alters \
                       them; leave them as they are, or take them out"
                .to_owned();
        let reason = Reason { path: file.path().clone(), position: None, message };
        return Ok(Replaced { undecided: Some(reason), ..nothing });
    }
    // A base that cannot be read replaced nothing that anybody agreed to.
    let before = old.and_then(|old| comparison.base.read(old).ok());
    let before = before.and_then(|file| entries(&file).ok()).unwrap_or_default();
    let mut matched = Vec::new();
    for entry in after {
        let stands = before.contains(&entry);
        let text = |key| entry.get(key).and_then(Value::as_str).map(|t| t.trim_start_matches("./"));
        // Of one that stands, the files that came before were agreed to with it.
        let (all, new) = (comparison.landing.entries()?.iter(), comparison.changes.iter());
        let new =
            new.filter(|change| stands && change.old.is_none()).filter_map(|change| change.new.as_ref());
        for listed in all.filter(|_| !stands).chain(new) {
            let path = listed.path.as_str();
            let named = text("filename").is_some_and(|name| path.ends_with(name));
            let hit = named || text("glob").is_some_and(|glob| may_match(glob, path));
            if hit && component(path).is_some() && !matched.contains(&listed.path) {
                matched.push(listed.path.clone());
            }
        }
    }
    let found = (!matched.is_empty()).then(|| (place(&file), matched));
    Ok(Replaced { found, undecided: None })
}

/// Whether Salesforce's tools may take `path` for one that `glob` names: they match it anywhere in a path.
/// Patterns that this matcher does not know match everything.
fn may_match(glob: &str, path: &str) -> bool {
    let extended = ["@(", "!(", "+(", "*(", "?(", "[[", "..", "\\"].iter().any(|mark| glob.contains(mark));
    extended
        || glob.starts_with('!')
        || fast_glob::glob_match(format!("**/{glob}"), path)
        || fast_glob::glob_match(glob, path)
}

fn entries(file: &SourceFile) -> Result<Vec<Value>, String> {
    let bytes = file.bytes();
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let project: Value = serde_json::from_slice(bytes)
        .map_err(|error| format!("not readable as JSON ({error}); mend the file"))?;
    Ok(project.get("replacements").and_then(Value::as_array).cloned().unwrap_or_default())
}

/// Definitions of metadata types of the project's own.
fn customized(file: &SourceFile) -> Option<Value> {
    let bytes = file.bytes();
    let project: Value = serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).ok()?;
    project.get("registryCustomizations").filter(|c| c.as_object().is_none_or(|c| !c.is_empty())).cloned()
}

/// The key, where it can be found by its text.
fn place(file: &Arc<SourceFile>) -> Place {
    const KEY: &[u8] = b"\"replacements\"";
    let at = memchr::memmem::find(file.bytes(), KEY);
    Place::new(file, at.map_or(Span::default(), |at| Span::new(at, at + KEY.len())))
}
