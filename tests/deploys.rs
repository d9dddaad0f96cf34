//! Which file is which component: compared with what Salesforce's own deploy library makes of many hundred odd
//! projects. `tests/deploys/generate.js` asked it and wrote `recorded.txt`; nothing of that is needed here.
//!
//! For each project that the library deploys: the same components with the same access, or undecided; never less,
//! never somebody else's. What no component of the library holds (a file in Metadata API format outside its folder,
//! say) may be read all the same: another tool may deploy it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

use flsgate::access::{GrantorAccess, grantor_access};
use flsgate::metadata::HandOutKind;
use flsgate::org::{Component, Org};
use flsgate::source::{ContentId, Entry, EntryKind, ReadError, RepoPath, Snapshot, SourceFile};
use flsgate::words::{Grantor, GrantorKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const RECORDED: &str = include_str!("deploys/recorded.txt");
const HOME: &str = "force-app/main/default";
const PROJECT: &str =
    r#"{"packageDirectories":[{"path":"force-app","default":true}],"sourceApiVersion":"63.0"}"#;

/// What of the library's own is undecided here, and why it cannot be read.
const UNDECIDED: &[(&str, &str)] = &[
    (
        "a whole file in the folder of another, decomposed component",
        "the library passes over it, a plugin does not, and it may be meant to revoke",
    ),
    (
        "a field file outside an `objects/OBJECT` folder",
        "the library takes the file's own name for the object",
    ),
    (
        "a field file that can belong to either of two objects",
        "the roots in a folder each get what lies in it",
    ),
    ("a field file that is taken for an object", "its folder is called as the field is, or `objects`"),
    (
        "a file that is named like its object",
        "the library takes a list view or the like for the object itself",
    ),
    ("a piece in a folder of several permission sets", "the library gives each of them all pieces"),
    ("a piece of a decomposed component outside its folder", "it may be the piece of any"),
    ("a piece of a decomposed component without its root", "whose it is, only the root says"),
    ("a piece that can belong to either of two components", "folders of two types lie above it"),
    ("a symbolic link", "what it leads to is not in the listing under its name"),
    ("an object file with a dot in its name", "the library makes an object of that name, which no org takes"),
];

/// One project, and what the library makes of it.
#[derive(Default)]
struct Tree {
    family: String,
    files: BTreeMap<String, (EntryKind, Vec<u8>)>,
    deploys: bool,
    /// `Type "name"` to what it holds.
    sends: BTreeMap<String, BTreeSet<String>>,
}

fn trees() -> Vec<Tree> {
    let (mut forms, mut trees) = (BTreeMap::new(), Vec::<Tree>::new());
    for line in RECORDED.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let path = |at: &str| at.replacen('~', HOME, usize::from(at.starts_with("~/") || at == "~"));
        match cells[..] {
            ["form", name, text] => drop(forms.insert(name, text)),
            ["tree", family] => {
                let mut tree = Tree { family: family.to_owned(), ..Tree::default() };
                tree.files.insert("sfdx-project.json".into(), (EntryKind::File, PROJECT.into()));
                trees.push(tree);
            }
            _ => {
                let tree = trees.last_mut().unwrap();
                match cells[..] {
                    ["project", json] => {
                        tree.files.insert("sfdx-project.json".into(), (EntryKind::File, json.into()));
                    }
                    ["file", at, form, name] => {
                        let text = forms[form].replace('$', name);
                        tree.files.insert(path(at), (EntryKind::File, text.into_bytes()));
                    }
                    ["link", at, target] => {
                        drop(tree.files.insert(path(at), (EntryKind::Symlink, target.into())))
                    }
                    ["fails", _] => {}
                    ["nothing"] => tree.deploys = true,
                    ["sends", component] => {
                        tree.deploys = true;
                        let quote = component.rfind('"').unwrap() + 1;
                        let held = component[quote..].split_whitespace().map(str::to_owned);
                        tree.sends.entry(component[..quote].to_owned()).or_default().extend(held);
                    }
                    _ => panic!("{line}"),
                }
            }
        }
    }
    trees
}

impl Tree {
    fn entries(&self) -> Vec<Entry> {
        let entry = |(at, (path, (kind, _))): (usize, (&String, &(EntryKind, Vec<u8>)))| Entry {
            path: RepoPath::from(path.as_str()),
            kind: *kind,
            content: ContentId::WorkingTree(u32::try_from(at).unwrap()),
        };
        self.files.iter().enumerate().map(entry).collect()
    }
}

struct Files<'t> {
    tree: &'t Tree,
    entries: Vec<Entry>,
}

impl Snapshot for Files<'_> {
    fn entries(&self) -> Result<&[Entry], ReadError> {
        Ok(&self.entries)
    }

    fn read(&self, entry: &Entry) -> Result<Arc<SourceFile>, ReadError> {
        match &self.tree.files[entry.path.as_str()] {
            (EntryKind::File, bytes) => Ok(Arc::new(SourceFile::new(entry.path.clone(), bytes.as_slice()))),
            _ => Err(ReadError { path: entry.path.clone(), reason: "a symbolic link".into() }),
        }
    }
}

/// What flsgate reads of a project: components in the words of the record, and why some of it is undecided.
struct Read {
    components: BTreeMap<String, BTreeSet<String>>,
    undecided: BTreeSet<String>,
}

fn read(tree: &Tree) -> Read {
    let files = Files { tree, entries: tree.entries() };
    let org = Org::new(&files).unwrap();
    let mut found = Read { components: BTreeMap::new(), undecided: BTreeSet::new() };
    let mut muting = BTreeSet::new();
    let mut fields = BTreeSet::new();
    for entry in files.entries.iter() {
        let why = org.probe(&entry.path).err().map(|problem| problem.reason);
        found.undecided.extend(why);
        match org.index().component(&entry.path) {
            Some(Component::Muting(name)) => drop(muting.insert(name.clone())),
            Some(Component::HandsOut(kind, name)) => {
                let Ok(Some((_, found_here))) = org.hand_outs(&entry.path) else { continue };
                let held = found_here.all.iter().map(|hand_out| hand_out.grantor.name().to_owned());
                let kind = match kind {
                    HandOutKind::AccessPolicy => "UserAccessPolicy",
                    HandOutKind::Site => "Network",
                    HandOutKind::DelegateGroup => "DelegateGroup",
                    HandOutKind::PortalDelegation => "PortalDelegablePermissionSet",
                    HandOutKind::ConnectedApp => "ConnectedApp",
                    HandOutKind::ExternalClientApp => "ExtlClntAppOauthConfigurablePolicies",
                };
                found.add(kind, name, held);
            }
            _ => fields.extend(org.fields_defined_at(&entry.path).unwrap_or_default()),
        }
    }
    for grantor in org.grantors() {
        if grantor.kind == GrantorKind::PermissionSetGroup {
            let parts = org.group(grantor).parts;
            let members = parts.iter().flat_map(|(_, group)| &group.members).map(|m| m.value.clone());
            found.add("PermissionSetGroup", grantor.name(), members);
        } else {
            let kind = if grantor.kind == GrantorKind::Profile { "Profile" } else { "PermissionSet" };
            found.add(kind, grantor.name(), access(&grantor_access(&org, grantor)));
        }
    }
    for name in muting {
        let parts = org.muting(&name).into_iter().flat_map(|state| state.parts);
        let entries =
            parts.flat_map(|(_, p)| p.fields.iter().map(|e| format!("{}:r", e.field)).collect::<Vec<_>>());
        found.add("MutingPermissionSet", &name, entries);
    }
    for field in fields {
        for definition in org.field(&field).definitions {
            let label = definition.field.classification.map_or("none".into(), |label| label.value);
            // The name inside is what deploys; the file's own counts as well, which the library knows nothing of.
            let name = definition.field.full_name.map_or(field.field().to_owned(), |name| name.value);
            found.add("CustomObject", field.object(), [format!("{name}:{label}")]);
        }
    }
    found
}

fn access(access: &GrantorAccess) -> Vec<String> {
    let letter = |access| if access == flsgate::words::Access::Edit { "e" } else { "r" };
    let entries = access.entries.open().map(|e| format!("{}:{}", e.field(), letter(e.access().unwrap())));
    entries.collect()
}

impl Read {
    fn add(&mut self, kind: &str, name: &str, held: impl IntoIterator<Item = String>) {
        self.components.entry(key(kind, name)).or_default().extend(held);
    }
}

/// A component as the org names it: the org decodes, takes letter case and accents alike, and a build has taken its
/// tokens out of names that are no profile's.
fn key(kind: &str, name: &str) -> String {
    let decoded = if kind == "CustomObject" { name.to_owned() } else { decoded(name) };
    let grantor = match kind {
        "Profile" => Grantor::new(GrantorKind::Profile, &decoded),
        _ => Grantor::new(GrantorKind::PermissionSet, &decoded),
    };
    format!("{kind} {}", grantor.name().to_lowercase())
}

fn decoded(name: &str) -> String {
    name.replace("%28", "(").replace("%29", ")").replace("%3A", ":").replace("%74", "t")
}

/// How the reading of a tree falls short of what the library sends.
fn differences(tree: &Tree, read: &Read) -> Vec<String> {
    let mut wrong = Vec::new();
    let sent: BTreeMap<String, &BTreeSet<String>> = tree
        .sends
        .iter()
        .map(|(component, held)| {
            let (kind, name) = component.split_once(' ').unwrap();
            (key(kind, &decoded(&serde_json::from_str::<String>(name).unwrap())), held)
        })
        .collect();
    // A field without a name in its file is refused by the org.
    let named = |held: &&String| !held.starts_with(':');
    for (component, held) in &sent {
        let ours = read.components.get(component);
        for thing in held.iter().filter(named) {
            if !ours.is_some_and(|ours| ours.iter().any(|o| o.eq_ignore_ascii_case(thing))) {
                wrong.push(format!("{component} lacks {thing}"));
            }
        }
    }
    let somewhere: BTreeSet<&String> = sent.values().flat_map(|held| held.iter()).collect();
    for (component, held) in &read.components {
        for thing in held.iter().filter(|thing| somewhere.contains(thing)) {
            if !sent.get(component).is_some_and(|held| held.contains(thing)) {
                wrong.push(format!("{component} has {thing} of another one"));
            }
        }
    }
    wrong
}

#[test]
fn every_project_is_read_as_the_deploy_library_reads_it_or_is_undecided() {
    let trees = trees();
    let deploying: Vec<&Tree> = trees.iter().filter(|tree| tree.deploys).collect();
    assert!(trees.len() >= 1000 && deploying.len() >= 500, "{} of {} deploy", deploying.len(), trees.len());
    let (mut wrong, mut undecided) = (Vec::new(), BTreeMap::<String, usize>::new());
    let mut some = 0;
    for tree in &deploying {
        let read = read(tree);
        if read.undecided.is_empty() {
            for difference in differences(tree, &read) {
                let files: Vec<&String> = tree.files.keys().collect();
                wrong.push(format!("{}: {difference}: {files:?}", tree.family));
            }
        } else {
            some += 1;
            for why in read.undecided {
                *undecided.entry(why).or_default() += 1;
            }
        }
    }
    let share = format!("{some} of {} undecided: {undecided:#?}", deploying.len());
    println!("{share}");
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    for why in undecided.keys() {
        assert!(
            UNDECIDED.iter().any(|(form, _)| why.starts_with(form)),
            "undecided without a reason here: {why}"
        );
    }
    for (form, why) in UNDECIDED {
        assert!(
            undecided.keys().any(|told| told.starts_with(form)) && !why.is_empty(),
            "no project shows: {form}"
        );
    }
    assert!(some * 10 <= deploying.len(), "{share}");
}
