//! `replacements` of `sfdx-project.json`: text that the deployment rewrites, so that what is reviewed is
//! not what deploys (*Salesforce DX Developer Guide*, string replacements).

use super::RunError;
use super::config;
use super::links::{self, Links};
use crate::finding::Place;
use crate::gate::Reason;
use crate::git::Comparison;
use crate::org::{PROJECT_FILE, bears_on_access};
use crate::source::{ReadError, RepoPath, Snapshot, SourceFile, Span, within};
use crate::words::no_json;
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Each that differs is held against every file: more at once than any project has are not looked at.
const MAX_DIFFERING: usize = 1000;

/// Replacements that can rewrite permission or field files, where any of both is new, altered or gone, or the text that
/// they put in: where they stand, and what they match.
#[derive(Default)]
pub(super) struct Replaced {
    pub(super) found: Vec<(Place, Vec<RepoPath>)>,
    pub(super) undecided: Vec<Reason>,
}

pub(super) fn changed(comparison: &Comparison) -> Result<Replaced, RunError> {
    let mut replaced = Replaced::default();
    let sides = [comparison.base.entries()?, comparison.landing.entries()?];
    let projects = sides.into_iter().flatten().filter(|entry| entry.path.file_name() == PROJECT_FILE);
    for path in projects.map(|entry| &entry.path).collect::<BTreeSet<_>>() {
        let touched = comparison.changes.iter().any(|change| change.path == *path);
        // One that stands like that was agreed to.
        match project(comparison, path) {
            Err(reason) if touched || reason.path != *path => replaced.undecided.push(reason),
            Err(_) => {}
            Ok(found) => replaced.found.extend(found),
        }
    }
    Ok(replaced)
}

/// What the replacements of one project rewrite.
fn project(comparison: &Comparison, path: &RepoPath) -> Result<Option<(Place, Vec<RepoPath>)>, Reason> {
    let read = |side: &dyn Snapshot| -> Result<Option<(Arc<SourceFile>, Value)>, Reason> {
        let Some(entry) = side.entry(path).map_err(config::unreadable)? else { return Ok(None) };
        let file = side.read(entry).map_err(config::unreadable)?;
        let project = parsed(&file)?;
        Ok(Some((file, project)))
    };
    let after = read(&comparison.landing)?;
    // A base that cannot be read replaced nothing that anybody agreed to.
    let before = read(&comparison.base).ok().flatten();
    let Some((file, _)) = after.as_ref().or(before.as_ref()) else { return Ok(None) };
    let [old, new] = [&before, &after].map(|side| side.as_ref().map_or(&Value::Null, |(_, project)| project));
    if customized(new).is_some() && customized(new) != customized(old) {
        let message =
            "`registryCustomizations` let files of any name hold any metadata, and this change alters \
                       them; leave them as they are, or take them out"
                .to_owned();
        return Err(Reason { path: path.clone(), position: None, message });
    }
    let folder = path.as_str().strip_suffix(PROJECT_FILE).unwrap_or_default();
    if let Some(renamed) = customized(new).and_then(|all| renamed(comparison, folder, all)) {
        let message =
            "`registryCustomizations` make this file metadata that gives access, under a name that is not \
                       read here; give it its usual name"
                .to_owned();
        return Err(Reason { path: renamed.clone(), position: None, message });
    }
    let texts = |side| entries(side).iter().map(Value::to_string).collect::<HashSet<String>>();
    let (were, are) = (texts(old), texts(new));
    let links = match entries(new).is_empty() {
        true => Links::new(),
        false => links::links_of(comparison).map_err(config::unreadable)?,
    };
    let is_as_it_was = |replacement: &&Value| {
        let says = replacement.to_string();
        were.contains(&says) && !puts_in_changed(comparison, &links, folder, replacement)
    };
    let (stand, mut differ): (Vec<&Value>, Vec<&Value>) = entries(new).iter().partition(is_as_it_was);
    // Without one that goes what is in git deploys, which nobody has seen deployed.
    differ.extend(entries(old).iter().filter(|replacement| !are.contains(&replacement.to_string())));
    if differ.len() > MAX_DIFFERING {
        let message = format!("more than {MAX_DIFFERING} replacements change at once; change them in steps");
        return Err(Reason { path: path.clone(), position: None, message });
    }
    // Those of the base: a change names none to cover a pattern of its own.
    let directories = old.get("packageDirectories").and_then(Value::as_array).into_iter().flatten();
    let directories: Vec<&str> =
        directories.filter_map(|directory| directory.get("path")?.as_str()).collect();
    let mut matched: BTreeSet<&RepoPath> = BTreeSet::new();
    for (replacements, stand) in [(stand, true), (differ, false)] {
        let paths = can_be_rewritten(comparison, stand).map_err(config::unreadable)?;
        for replacement in replacements {
            matched.extend(
                paths.iter().copied().filter(|path| rewrites(replacement, path.as_str(), &directories)),
            );
        }
    }
    Ok((!matched.is_empty()).then(|| (place(file), matched.into_iter().cloned().collect())))
}

/// The files that replacements can rewrite; where they stand, those that the change adds or alters.
fn can_be_rewritten(comparison: &Comparison, stand: bool) -> Result<Vec<&RepoPath>, ReadError> {
    let changed = comparison.changes.iter().filter(|change| change.new.is_some()).map(|change| &change.path);
    let paths: Vec<&RepoPath> = match stand {
        true => changed.collect(),
        false => comparison.landing.entries()?.iter().map(|entry| &entry.path).collect(),
    };
    Ok(paths.into_iter().filter(|path| bears_on_access(path.as_str())).collect())
}

/// Whether the deploy library may rewrite the file at `path`: its absolute path, of which only the end is known here,
/// ends with `filename`, or matches `**/GLOB`.
fn rewrites(replacement: &Value, path: &str, directories: &[&str]) -> bool {
    let text = |key| replacement.get(key).and_then(Value::as_str);
    let ends = |name: &str| format!("/{path}").ends_with(name) || name.ends_with(&format!("/{path}"));
    let named = text("filename").is_some_and(|name| ends(name.trim_start_matches("./")));
    named || text("glob").is_some_and(|glob| may_match(glob, path, directories))
}

/// Folders of metadata types whose names are no likely ones of repositories. With a package directory and such a folder in
/// front of its `**`, a pattern is meant for files below that folder, and no checkout lies in one.
const FOLDERS: [&str; 11] = [
    "aura",
    "classes",
    "connectedApps",
    "customMetadata",
    "externalCredentials",
    "flexipages",
    "lwc",
    "namedCredentials",
    "remoteSiteSettings",
    "staticresources",
    "triggers",
];

/// Whether the pattern may match: patterns that this matcher does not know match everything, and leading parts may
/// match folders above the repository.
fn may_match(glob: &str, path: &str, directories: &[&str]) -> bool {
    let extended = ["@(", "!(", "+(", "*(", "?(", "[[", "..", "\\"].iter().any(|mark| glob.contains(mark));
    if extended || glob.starts_with('!') || has_many_braces(glob) {
        return true;
    }
    let parts: Vec<&str> = glob.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let whole = parts.join("/");
    let matches = |pattern: &str| fast_glob::glob_match(pattern, path);
    let starts = |directory: &&str| {
        let folders: Vec<&str> =
            directory.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        !folders.is_empty() && parts.starts_with(&folders)
    };
    let is_inside = !glob.starts_with('/') && directories.iter().any(starts);
    let is_open = |part: &&&str| !(is_inside && FOLDERS.contains(part));
    let above = parts.iter().take_while(is_open).count();
    let tails = (0..parts.len()).take(above + 1);
    matches(&format!("**/{whole}")) || tails.into_iter().any(|from| matches(&parts[from..].join("/")))
}

/// Whether a pattern has more braces than matchers agree on, or a folder within braces.
fn has_many_braces(glob: &str) -> bool {
    const MOST: usize = 4;
    let mut depth = 0_usize;
    let spans_folders = glob.chars().any(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > 0 && c == '/'
    });
    spans_folders || glob.matches('{').count() > MOST
}

/// Whether the change alters the file whose text a replacement puts in.
fn puts_in_changed(comparison: &Comparison, links: &Links, folder: &str, replacement: &Value) -> bool {
    let Some(file) = replacement.get("replaceWithFile").and_then(Value::as_str) else { return false };
    // An absolute path ends with the one in the repository.
    let path = within(folder, file);
    let text = format!("/{path}");
    comparison.changes.iter().any(|change| text.ends_with(&format!("/{}", change.path)))
        || links::alters(comparison, links, &path)
}

fn parsed(file: &SourceFile) -> Result<Value, Reason> {
    let bytes = file.bytes();
    serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).map_err(|error| {
        let words = error.to_string();
        let message =
            format!("not readable as JSON (line {}: {}); correct the file", error.line(), no_json(&words));
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

/// Types that bear on access to fields, by the ids of the deploy library's registry.
const OF_ACCESS: [&str; 8] = [
    "permissionset",
    "permissionsetgroup",
    "mutingpermissionset",
    "profile",
    "customobject",
    "customfield",
    "useraccesspolicy",
    "network",
];

/// A file of the change in a folder or with a suffix that the project's own registry gives a type that bears on access.
fn renamed<'c>(comparison: &'c Comparison, folder: &str, customized: &Value) -> Option<&'c RepoPath> {
    let mut words = BTreeSet::new();
    own_names(customized, &mut words);
    let is_own = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let ends = |word: &String| {
            name.contains(&format!(".{word}-meta.xml")) || name.ends_with(&format!(".{word}"))
        };
        words.iter().any(|word| ends(word) || path.split('/').any(|part| part == word))
    };
    let changed = comparison.changes.iter().filter(|change| change.new.is_some()).map(|change| &change.path);
    let mut unknown =
        changed.filter(|path| path.as_str().starts_with(folder) && !bears_on_access(path.as_str()));
    unknown.find(|path| is_own(path.as_str()))
}

/// Suffixes and folders that stand for a type of access: in a type's own definition, and in the tables of the registry.
fn own_names(customized: &Value, words: &mut BTreeSet<String>) {
    let is_of_access = |id: &str| OF_ACCESS.iter().any(|known| id.eq_ignore_ascii_case(known));
    match customized {
        Value::Object(all) => {
            let text = |key: &str| all.get(key).and_then(Value::as_str);
            if [text("id"), text("name")].into_iter().flatten().any(is_of_access) {
                words.extend(["suffix", "directoryName"].into_iter().filter_map(text).map(str::to_owned));
            }
            let stands_for = |(key, value): (&String, &Value)| {
                value.as_str().is_some_and(is_of_access).then(|| key.clone())
            };
            words.extend(
                all.iter().filter(|(key, _)| !["id", "name"].contains(&key.as_str())).filter_map(stands_for),
            );
            all.values().for_each(|value| own_names(value, words));
        }
        Value::Array(all) => all.iter().for_each(|value| own_names(value, words)),
        _ => {}
    }
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
        let named = |name: &str| rewrites(&serde_json::json!({ "filename": name }), path, &["force-app"]);
        assert!(named(path) && named("/force-app/main/permissionsets/Desk.permissionset-meta.xml"));
        assert!(
            named("Desk.permissionset-meta.xml") && named("k.permissionset-meta.xml"),
            "the end of a name"
        );
        assert!(named(&format!("/home/build/work/{path}")), "from the root of the machine");
        assert!(!named("permissionsets/Other.permissionset-meta.xml"));
        let glob = |glob: &str| rewrites(&serde_json::json!({ "glob": glob }), path, &["force-app"]);
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
        // The checkout may lie below any folder, but not below one of classes within a package directory.
        assert!(
            glob("builds/acme/**") && glob("**/*") && glob("classes/**") && glob("**/staticresources/**")
        );
        assert!(glob("/force-app/main/classes/**") && glob("force-app/main/components/**"));
        assert!(!glob("force-app/main/classes/**") && !glob("./force-app/main/lwc/**/*.xml"));
    }
}
