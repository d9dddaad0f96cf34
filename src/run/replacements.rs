//! `replacements` of `sfdx-project.json`: text that the deployment rewrites, so that what is reviewed is
//! not what deploys (*Salesforce DX Developer Guide*, string replacements).

use super::RunError;
use super::config;
use crate::finding::Place;
use crate::gate::Reason;
use crate::git::{self, Comparison};
use crate::org::{PROJECT_FILE, bears_on_access};
use crate::source::{Entry, RepoPath, Snapshot, SourceFile, Span};
use serde_json::Value;
use std::sync::Arc;

/// Replacements that can rewrite permission or field files, where either is new, or the text that they put in: where
/// they stand, and what they match.
#[derive(Default)]
pub(super) struct Replaced {
    pub(super) found: Vec<(Place, Vec<RepoPath>)>,
    pub(super) undecided: Vec<Reason>,
}

pub(super) fn changed(comparison: &Comparison) -> Result<Replaced, RunError> {
    let mut replaced = Replaced::default();
    let projects = comparison.landing.entries()?.iter().filter(|e| e.path.file_name() == PROJECT_FILE);
    for entry in projects {
        let touched = comparison.changes.iter().any(|change| change.path == entry.path);
        // One that stands like that was agreed to.
        match project(comparison, entry) {
            Err(reason) if touched => replaced.undecided.push(reason),
            Err(_) => {}
            Ok(found) => replaced.found.extend(found),
        }
    }
    Ok(replaced)
}

/// What the replacements of one project rewrite.
fn project(comparison: &Comparison, entry: &Entry) -> Result<Option<(Place, Vec<RepoPath>)>, Reason> {
    let file = comparison.landing.read(entry).map_err(config::unreadable)?;
    let after = parsed(&file)?;
    // A base that cannot be read replaced nothing that anybody agreed to.
    let old =
        comparison.base.entry(&entry.path).ok().flatten().and_then(|old| comparison.base.read(old).ok());
    let before = old.and_then(|old| parsed(&old).ok()).unwrap_or_default();
    if customized(&after).is_some() && customized(&after) != customized(&before) {
        let message =
            "`registryCustomizations` let files of any name hold any metadata, and this change alters \
                       them; leave them as they are, or take them out"
                .to_owned();
        return Err(Reason { path: file.path().clone(), position: None, message });
    }
    let folder = entry.path.as_str().strip_suffix(PROJECT_FILE).unwrap_or_default();
    let listed = comparison.landing.entries().map_err(config::unreadable)?;
    let mut matched = Vec::new();
    for replacement in entries(&after) {
        let stands =
            entries(&before).contains(replacement) && !puts_in_changed(comparison, folder, replacement);
        // Of one that stands, the files that came before were agreed to with it.
        let added = |change: &&git::Change| stands && change.old.is_none();
        let added = comparison.changes.iter().filter(added).filter_map(|change| change.new.as_ref());
        for listed in listed.iter().filter(|_| !stands).chain(added) {
            let path = listed.path.as_str();
            if rewrites(replacement, path) && bears_on_access(path) && !matched.contains(&listed.path) {
                matched.push(listed.path.clone());
            }
        }
    }
    Ok((!matched.is_empty()).then(|| (place(&file), matched)))
}

/// Whether the deploy library may rewrite the file at `path`: its absolute path, of which only the end is known here,
/// ends with `filename`, or matches `**/GLOB`.
fn rewrites(replacement: &Value, path: &str) -> bool {
    let text = |key| replacement.get(key).and_then(Value::as_str);
    let ends = |name: &str| format!("/{path}").ends_with(name) || name.ends_with(&format!("/{path}"));
    let named = text("filename").is_some_and(|name| ends(name.trim_start_matches("./")));
    named || text("glob").is_some_and(|glob| may_match(glob, path))
}

/// Whether the pattern may match: patterns that this matcher does not know match everything, and leading parts may
/// match folders above the repository.
fn may_match(glob: &str, path: &str) -> bool {
    let extended = ["@(", "!(", "+(", "*(", "?(", "[[", "..", "\\"].iter().any(|mark| glob.contains(mark));
    if extended || glob.starts_with('!') {
        return true;
    }
    let parts: Vec<&str> = glob.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let whole = parts.join("/");
    let matches = |pattern: &str| fast_glob::glob_match(pattern, path);
    matches(&format!("**/{whole}")) || (0..parts.len()).any(|from| matches(&parts[from..].join("/")))
}

/// Whether the change alters the file whose text a replacement puts in.
fn puts_in_changed(comparison: &Comparison, folder: &str, replacement: &Value) -> bool {
    let Some(file) = replacement.get("replaceWithFile").and_then(Value::as_str) else { return false };
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    // An absolute path ends with the one in the repository.
    let text = format!("/{}", parts.join("/"));
    comparison.changes.iter().any(|change| text.ends_with(&format!("/{}", change.path)))
}

fn parsed(file: &SourceFile) -> Result<Value, Reason> {
    let bytes = file.bytes();
    serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).map_err(|error| {
        let message = format!("not readable as JSON ({error}); mend the file");
        Reason { path: file.path().clone(), position: None, message }
    })
}

fn entries(project: &Value) -> &[Value] {
    project.get("replacements").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Definitions of metadata types of the project's own.
fn customized(project: &Value) -> Option<&Value> {
    project.get("registryCustomizations").filter(|c| c.as_object().is_none_or(|c| !c.is_empty()))
}

/// The key, where it can be found by its text.
fn place(file: &Arc<SourceFile>) -> Place {
    const KEY: &[u8] = b"\"replacements\"";
    let at = memchr::memmem::find(file.bytes(), KEY);
    Place::new(file, at.map_or(Span::default(), |at| Span::new(at, at + KEY.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_names_files_as_the_deploy_library_takes_it() {
        let path = "force-app/main/permissionsets/Desk.permissionset-meta.xml";
        let named = |name: &str| rewrites(&serde_json::json!({ "filename": name }), path);
        assert!(named(path) && named("/force-app/main/permissionsets/Desk.permissionset-meta.xml"));
        assert!(
            named("Desk.permissionset-meta.xml") && named("k.permissionset-meta.xml"),
            "the end of a name"
        );
        assert!(named(&format!("/home/build/work/{path}")), "from the root of the machine");
        assert!(!named("permissionsets/Other.permissionset-meta.xml"));
        let glob = |glob: &str| rewrites(&serde_json::json!({ "glob": glob }), path);
        for pattern in [
            "**/*.permissionset-meta.xml",
            "permissionsets/*",
            "//force-app/main/permissionsets/*",
            "/force-app/**",
            "work/force-app/main/permissionsets/*.xml",
            "**/@(Desk|Other).permissionset-meta.xml",
        ] {
            assert!(glob(pattern), "{pattern}");
        }
        assert!(!glob("**/*.cls") && !glob("classes/*.xml"));
    }
}
