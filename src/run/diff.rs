//! `flsgate diff`: what two versions of permission sets, profiles and groups say differently. No policy and no label is
//! asked.

use super::RunError;
use crate::gate::{Differences, Differing, EntryChange, Reason, Side};
use crate::git::{GitError, Repository, Request};
use crate::metadata::{Setting, parse_settings_of};
use crate::org::{Component, Index, Org};
use crate::source::{ContentId, Entry, EntryKind, Folder, ReadError, RepoPath, Snapshot};
use crate::words::{GrantorKind, cmp_folded};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// What to compare.
#[derive(Clone, Debug)]
pub struct DiffOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// A revision or a folder; `None` is where the working tree left the default branch.
    pub from: Option<String>,
    /// A revision or a folder; `None` is the working tree.
    pub to: Option<String>,
}

/// Compares two sides.
///
/// # Errors
/// When a side is neither a folder nor a revision, is both, or cannot be listed.
pub fn diff(options: &DiffOptions) -> Result<Differences, RunError> {
    let from = match &options.from {
        Some(named) => named_side(options, named)?,
        None => {
            let repository = Repository::open(&options.repository)?;
            let base = repository.base(None)?;
            let comparison = repository.compare(&Request { base, head: None })?;
            let name = revision_words(&comparison.base_name, &comparison.base_commit);
            Named { name, files: Box::new(comparison.base) }
        }
    };
    let to = match &options.to {
        Some(named) => named_side(options, named)?,
        None => {
            let files = Repository::open(&options.repository)?.standing(None)?.landing;
            Named { name: "the working tree".into(), files: Box::new(files) }
        }
    };
    compare(&from, &to)
}

/// A side and what people call it.
struct Named {
    name: String,
    files: Box<dyn Snapshot>,
}

fn revision_words(name: &str, commit: &str) -> String {
    let short = &commit[..commit.len().min(10)];
    if name == commit { format!("`{short}`") } else { format!("`{name}` ({short})") }
}

/// A folder of this name, or a revision.
fn named_side(options: &DiffOptions, named: &str) -> Result<Named, RunError> {
    let folder = Path::new(named);
    let revision = || -> Result<Named, RunError> {
        let standing = Repository::open(&options.repository)?.standing(Some(named))?;
        let commit = standing.head_commit.unwrap_or_default();
        Ok(Named { name: revision_words(named, &commit), files: Box::new(standing.landing) })
    };
    if !folder.is_dir() {
        return revision().map_err(|error| match error {
            RunError::Git(GitError::UnknownRevision { .. }) => {
                RunError::Setup(format!("{error}. There is no folder `{named}` either"))
            }
            other => other,
        });
    }
    let is_plain = !named.contains(['/', '\\', '.']);
    if is_plain && revision().is_ok() {
        let message = format!(
            "`{named}` is a folder and a revision; write `./{named}` for the folder, or `refs/heads/{named}` for the branch"
        );
        return Err(RunError::Setup(message));
    }
    let files = Folder::list(folder)?;
    if Org::new(&files)?.index().components().all(|(_, component)| kind_of(component).is_none()) {
        return Err(RunError::Setup(format!("the folder `{named}` has no permission set, group or profile")));
    }
    Ok(Named { name: format!("the folder `{named}`"), files: Box::new(files) })
}

/// A component of one side.
struct Held<'s> {
    kind: &'static str,
    name: String,
    files: Vec<&'s Entry>,
}

/// The files of each component, by the order of its kind and its name in lower case.
#[derive(Default)]
struct Files<'s> {
    held: BTreeMap<(u8, String), Held<'s>>,
    /// Files of forms that cannot be read, and what each is.
    unsupported: Vec<(&'s Entry, &'static str)>,
}

fn kind_of(component: &Component) -> Option<(u8, &'static str, &str)> {
    Some(match component {
        Component::Grantor(grantor) => {
            let order = match grantor.kind {
                GrantorKind::PermissionSet => 0,
                GrantorKind::PermissionSetGroup => 1,
                GrantorKind::Profile => 3,
            };
            (order, grantor.kind.words(), grantor.name())
        }
        Component::Muting(name) => (2, "muting permission set", name),
        _ => return None,
    })
}

fn files<'s>(index: &Index, snapshot: &'s dyn Snapshot) -> Result<Files<'s>, ReadError> {
    let mut files = Files::default();
    // A link may lead to a folder of permission sets.
    let is_link = |entry: &&Entry| entry.kind == EntryKind::Symlink && !entry.path.file_name().contains('.');
    let links = snapshot.entries()?.iter().filter(is_link);
    files.unsupported.extend(links.map(|entry| (entry, "a link, which may lead to a folder,")));
    for (path, component) in index.components() {
        let Some(entry) = snapshot.entry(path)? else { continue };
        if let Component::Unsupported(what) = component {
            files.unsupported.push((entry, what));
        } else if let Some((order, kind, name)) = kind_of(component) {
            let key = (order, name.to_ascii_lowercase());
            let held = files.held.entry(key).or_insert_with(|| Held {
                kind,
                name: name.to_owned(),
                files: Vec::new(),
            });
            held.files.push(entry);
        }
    }
    Ok(files)
}

fn compare(from: &Named, to: &Named) -> Result<Differences, RunError> {
    let (old, new) = (Org::new(&*from.files)?, Org::new(&*to.files)?);
    let (old, new) = (files(old.index(), &*from.files)?, files(new.index(), &*to.files)?);
    let mut keys: Vec<_> = old.held.keys().chain(new.held.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let compared: Vec<_> = keys
        .into_par_iter()
        .map(|key| differing((old.held.get(key), from), (new.held.get(key), to)))
        .collect();
    let mut differences = Differences { from: from.name.clone(), to: to.name.clone(), ..Default::default() };
    for one in compared {
        match one {
            Ok(differing) => differences.components.extend(differing),
            Err(why) => differences.undecided.push(why),
        }
    }
    let unsupported =
        unlike(&old.unsupported, &new.unsupported).chain(unlike(&new.unsupported, &old.unsupported));
    differences.undecided.extend(unsupported.map(|(entry, what)| {
        reason(entry.path.clone(), &format!("{what} is not supported by this version; it is not compared"))
    }));
    differences.undecided.sort_by(|a, b| a.path.cmp(&b.path));
    differences.undecided.dedup_by(|a, b| a.path == b.path);
    Ok(differences)
}

/// Files of `these` that `others` do not have with the same bytes.
fn unlike<'f>(
    these: &'f [(&'f Entry, &'static str)],
    others: &'f [(&'f Entry, &'static str)],
) -> impl Iterator<Item = &'f (&'f Entry, &'static str)> {
    let others: HashMap<&RepoPath, &Entry> = others.iter().map(|(entry, _)| (&entry.path, *entry)).collect();
    these.iter().filter(move |(entry, _)| {
        !others.get(&entry.path).is_some_and(|other| same_bytes(&[entry], &[other]))
    })
}

/// How a component differs, if it does.
fn differing(
    (before, from): (Option<&Held<'_>>, &Named),
    (after, to): (Option<&Held<'_>>, &Named),
) -> Result<Option<Differing>, Reason> {
    let Some(held) = after.or(before) else { return Ok(None) };
    let on = match (before, after) {
        (Some(_), Some(_)) => Side::Both,
        (None, _) => Side::To,
        _ => Side::From,
    };
    let (before, after) = (before.map_or(&[][..], |h| &h.files), after.map_or(&[][..], |h| &h.files));
    if same_bytes(before, after) {
        return Ok(None);
    }
    let (before, after) = (said(&*from.files, before)?, said(&*to.files, after)?);
    let mut entries = changes(&before, &after, held.kind == GrantorKind::Profile.words());
    if on != Side::Both {
        entries.retain(|entry| entry.from.iter().chain(&entry.to).any(|word| word != OFF));
    }
    if on == Side::Both && entries.is_empty() {
        return Ok(None);
    }
    let path = held.files[0].path.clone();
    Ok(Some(Differing { kind: held.kind, name: held.name.clone(), on, path, entries }))
}

fn reason(path: RepoPath, message: &str) -> Reason {
    Reason { path, position: None, message: message.to_owned() }
}

/// Whether git says that two components have the same bytes. Of files on disk nobody knows that without reading.
fn same_bytes(before: &[&Entry], after: &[&Entry]) -> bool {
    let ids = |files: &[&Entry]| {
        let mut ids: Vec<ContentId> = files.iter().map(|entry| entry.content).collect();
        ids.sort_unstable();
        ids
    };
    let before = ids(before);
    before.iter().all(|id| matches!(id, ContentId::Object(_))) && before == ids(after)
}

/// What an entry of a profile says that revokes.
const OFF: &str = "off";

/// What a component says: its entries by section and name.
type Said = BTreeMap<(usize, String, String), (String, Vec<String>)>;

/// Everything that the files of a component say. Where two say different things about one entry, both count.
fn said(snapshot: &dyn Snapshot, files: &[&Entry]) -> Result<Said, Reason> {
    let mut said = Said::new();
    for entry in files {
        let file = snapshot.read(entry).map_err(|error| reason(error.path, &error.reason))?;
        let settings = parse_settings_of(&file).map_err(|error| Reason {
            path: error.path,
            position: Some(error.position),
            message: error.problem.to_string(),
        })?;
        for Setting { section, entry, says, .. } in settings {
            let key = (section_order(&section), section, entry.to_ascii_lowercase());
            let all = said.entry(key).or_insert_with(|| (entry, Vec::new()));
            all.1.extend(says);
            all.1.sort_unstable();
            all.1.dedup();
        }
    }
    Ok(said)
}

fn changes(before: &Said, after: &Said, is_profile: bool) -> Vec<EntryChange> {
    let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
    keys.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)).then_with(|| cmp_folded(&a.2, &b.2)));
    keys.dedup();
    let change = |key: &(usize, String, String)| {
        let (old, new) = (before.get(key), after.get(key));
        let says = |side: Option<&(String, Vec<String>)>| in_words(side.map_or(&[], |(_, says)| says));
        // A profile that says `false` revokes, and one that is silent does not.
        let off = |words: Vec<String>, side: Option<&(String, Vec<String>)>| match side {
            Some(_) if is_profile && words.is_empty() => vec![OFF.to_owned()],
            _ => words,
        };
        let (from, to) = (off(says(old), old), off(says(new), new));
        let entry = new.or(old).map(|(entry, _)| entry.clone()).unwrap_or_default();
        let section = section_words(&key.1).to_owned();
        let is_silent = is_profile && new.is_none();
        (from != to).then_some(EntryChange { section, entry, from, to, is_silent })
    };
    keys.into_iter().filter_map(change).collect()
}

/// Sections by their element and what people call an entry, weightiest first.
const SECTIONS: &[(&str, &str)] = &[
    ("license", "licence"),
    ("userLicense", "licence"),
    ("hasActivationRequired", "session activation"),
    ("permissionSets", "permission set"),
    ("mutingPermissionSets", "muting permission set"),
    ("userPermissions", "user permission"),
    ("objectPermissions", "object"),
    ("fieldPermissions", "field"),
    ("customMetadataTypeAccesses", "custom metadata type"),
    ("customSettingAccesses", "custom setting"),
    ("customPermissions", "custom permission"),
    ("classAccesses", "Apex class"),
    ("pageAccesses", "Visualforce page"),
    ("flowAccesses", "flow"),
    ("externalCredentialPrincipalAccesses", "external credential"),
    ("externalDataSourceAccesses", "external data source"),
    ("agentAccesses", "agent"),
    ("applicationVisibilities", "app"),
    ("tabSettings", "tab"),
    ("tabVisibilities", "tab"),
    ("recordTypeVisibilities", "record type"),
    ("layoutAssignments", "page layout"),
    ("loginIpRanges", "login IP range"),
    ("loginHours", "login hours"),
];

fn section_order(section: &str) -> usize {
    SECTIONS.iter().position(|(element, _)| *element == section).unwrap_or(SECTIONS.len())
}

fn section_words(section: &str) -> &str {
    SECTIONS.iter().find(|(element, _)| *element == section).map_or(section, |(_, words)| words)
}

/// What people call the booleans of an entry, in the order in which they are read.
const SAYS: &[(&str, &str)] = &[
    ("readable", "read"),
    ("allowRead", "read"),
    ("allowCreate", "create"),
    ("editable", "edit"),
    ("allowEdit", "edit"),
    ("allowDelete", "delete"),
    ("viewAllRecords", "view all records"),
    ("modifyAllRecords", "modify all records"),
    ("viewAllFields", "view all fields"),
    ("enabled", "on"),
];

fn in_words(says: &[String]) -> Vec<String> {
    let order = |text: &String| SAYS.iter().position(|(element, _)| element == text).unwrap_or(SAYS.len());
    let mut says: Vec<&String> = says.iter().collect();
    says.sort_by_key(|text| order(text));
    says.into_iter()
        .map(|text| SAYS.get(order(text)).map_or(text.as_str(), |(_, words)| words).into())
        .collect()
}
