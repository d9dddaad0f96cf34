//! Git trees as flat sets of paths: differences, listings and look-ups.
//!
//! Written here rather than with libgit2's diff because it must be bounded (a few small trees that
//! name each other can stand for billions of files), must see the stored bytes of every name, and
//! must not depend on configuration or attributes.

use super::error::{GitError, Missing};
use super::object;
use crate::source::{ContentId, Entry, EntryKind, RepoPath};
use git2::{ObjectType, Oid};
use std::collections::BTreeMap;

/// The most files and folders that one listing or comparison visits.
const MAX_NODES: usize = 1_000_000;
/// The most bytes that all their paths may take.
const MAX_PATHS_BYTES: usize = 512 * 1024 * 1024;
/// The longest path: what a Linux system can open.
const MAX_PATH_BYTES: usize = 4096;

/// A file, link or submodule of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: EntryKind,
    pub(super) content: ContentId,
}

impl Node {
    pub(super) fn new(kind: EntryKind, id: Oid) -> Self {
        Node { kind, content: content_id(id) }
    }

    /// A node from a git mode, `None` for a folder.
    pub(super) fn from_mode(mode: u32, id: Oid) -> Option<Self> {
        let kind = match mode & 0o170_000 {
            0o040_000 => return None,
            0o120_000 => EntryKind::Symlink,
            0o160_000 => EntryKind::Submodule,
            // Anything else is judged as a file; if it is none, reading it fails.
            _ => EntryKind::File,
        };
        Some(Node::new(kind, id))
    }

    pub(super) fn entry(self, path: RepoPath) -> Entry {
        Entry { path, kind: self.kind, content: self.content }
    }
}

/// Files by their path as git stores it.
pub(super) type Nodes = BTreeMap<Vec<u8>, Node>;

/// One path that differs. At least one side is there.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) path: Vec<u8>,
    pub(super) old: Option<Node>,
    pub(super) new: Option<Node>,
}

impl Difference {
    /// The same from the other side.
    pub(super) fn turned_round(self) -> Self {
        Difference { path: self.path, old: self.new, new: self.old }
    }
}

pub(super) fn content_id(id: Oid) -> ContentId {
    let mut bytes = [0; 20];
    let source = id.as_bytes();
    let length = source.len().min(bytes.len());
    bytes[..length].copy_from_slice(&source[..length]);
    ContentId::Object(bytes)
}

/// A path that is certain to differ from every other path.
///
/// [`RepoPath`] shows a byte that is not UTF-8 as `\xNN`; a name that literally holds such text
/// would be the same path, and the one file could hide the other.
pub(super) fn repo_path(bytes: &[u8]) -> Result<RepoPath, GitError> {
    let path = RepoPath::from_bytes(bytes);
    let literal = memchr::memchr_iter(b'\\', bytes).any(|at| {
        matches!(bytes[at + 1..], [b'x', b'8' | b'9' | b'a'..=b'f', b'0'..=b'9' | b'a'..=b'f', ..])
    });
    if literal {
        return Err(GitError::AmbiguousPath { path: path.as_str().to_owned() });
    }
    Ok(path)
}

/// What differs between two trees, in no particular order. Equal folders are not entered.
pub(super) fn differences(
    handle: &git2::Repository,
    missing: Missing,
    old: Option<Oid>,
    new: Option<Oid>,
) -> Result<Vec<Difference>, GitError> {
    let mut found = Vec::new();
    let (mut visited, mut path_bytes) = (0, 0);
    let mut pending = vec![(Vec::new(), old, new)];
    while let Some((prefix, old, new)) = pending.pop() {
        let (old, new) = (folder(handle, missing, old)?, folder(handle, missing, new)?);
        let (old, new) = (old.children(&prefix)?, new.children(&prefix)?);
        visited += old.len() + new.len();
        path_bytes += prefix.len() * (old.len() + new.len());
        if visited > MAX_NODES || path_bytes > MAX_PATHS_BYTES {
            let detail = format!("a tree has more than {MAX_NODES} files, or too many long paths");
            return Err(GitError::TooLarge { detail });
        }
        let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
        let mut folders = Vec::new();
        while let Some(name) = first(old.peek(), new.peek()) {
            let was = old.next_if(|child| child.0 == name).map(|child| child.1);
            let is = new.next_if(|child| child.0 == name).map(|child| child.1);
            if was == is {
                continue;
            }
            if prefix.len() + name.len() > MAX_PATH_BYTES {
                let detail = format!("a path is longer than {MAX_PATH_BYTES} bytes");
                return Err(GitError::TooLarge { detail });
            }
            let (old_file, old_folder) = Child::split(was);
            let (new_file, new_folder) = Child::split(is);
            if old_folder.is_some() || new_folder.is_some() {
                folders.push(([prefix.as_slice(), name, b"/"].concat(), old_folder, new_folder));
            }
            if old_file != new_file {
                let path = [prefix.as_slice(), name].concat();
                found.push(Difference { path, old: old_file, new: new_file });
            }
        }
        // The first is looked into next, so that what is found is nearly in order.
        pending.extend(folders.into_iter().rev());
    }
    Ok(found)
}

/// The name that comes first on either of two sides.
fn first<'t>(old: Option<&(&'t [u8], Child)>, new: Option<&(&'t [u8], Child)>) -> Option<&'t [u8]> {
    old.into_iter().chain(new).map(|child| child.0).min()
}

/// Every file of a tree, in no particular order.
pub(super) fn list(
    handle: &git2::Repository,
    missing: Missing,
    root: Oid,
) -> Result<impl Iterator<Item = (Vec<u8>, Node)> + use<>, GitError> {
    let all = differences(handle, missing, None, Some(root))?;
    Ok(all.into_iter().filter_map(|d| d.new.map(|node| (d.path, node))))
}

/// What differs between two flat listings.
pub(super) fn flat_differences(old: &Nodes, new: &Nodes) -> Vec<Difference> {
    let gone = old.iter().filter(|(path, _)| !new.contains_key(*path));
    let gone = gone.map(|(path, node)| Difference { path: path.clone(), old: Some(*node), new: None });
    let here = new.iter().filter(|(path, node)| old.get(*path) != Some(*node));
    let here = here.map(|(path, node)| Difference {
        path: path.clone(),
        old: old.get(path).copied(),
        new: Some(*node),
    });
    gone.chain(here).collect()
}

/// The file at `path`, found folder by folder.
pub(super) fn find(
    handle: &git2::Repository,
    missing: Missing,
    root: Oid,
    path: &RepoPath,
) -> Result<Option<Node>, GitError> {
    let mut id = root;
    let mut names = path.as_str().split('/').peekable();
    let mut prefix = Vec::new();
    while let Some(name) = names.next() {
        let mut found = None;
        let folder = self::folder(handle, missing, Some(id))?;
        for (raw, child) in folder.children(&prefix)? {
            // Compared in the printed form, because that is all a RepoPath has.
            if repo_path(raw)?.as_str() == name {
                prefix.extend_from_slice(raw);
                prefix.push(b'/');
                found = Some(child);
                break;
            }
        }
        match (found, names.peek()) {
            (Some(Child::Leaf(node)), None) => return Ok(Some(node)),
            (Some(Child::Folder(below)), Some(_)) => id = below,
            _ => return Ok(None),
        }
    }
    Ok(None)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Child {
    Folder(Oid),
    Leaf(Node),
}

impl Child {
    fn split(child: Option<Child>) -> (Option<Node>, Option<Oid>) {
        match child {
            Some(Child::Leaf(node)) => (Some(node), None),
            Some(Child::Folder(id)) => (None, Some(id)),
            None => (None, None),
        }
    }
}

/// The bytes of a folder; of none where there is no folder.
struct Folder {
    id: Oid,
    bytes: Vec<u8>,
}

fn folder(handle: &git2::Repository, missing: Missing, tree: Option<Oid>) -> Result<Folder, GitError> {
    let Some(id) = tree else { return Ok(Folder { id: Oid::ZERO_SHA1, bytes: Vec::new() }) };
    let doing = "list a folder";
    let odb = handle.odb().map_err(|e| missing.object_error(doing, &e))?;
    let bytes = object::with(&odb, missing, (id, ObjectType::Tree), doing, |bytes| Ok(bytes.to_vec()))?;
    Ok(Folder { id, bytes })
}

impl Folder {
    /// What the folder at `prefix` holds, by name.
    fn children(&self, prefix: &[u8]) -> Result<Vec<(&[u8], Child)>, GitError> {
        let id = self.id;
        let lines = object::tree_lines(&self.bytes);
        let lines =
            lines.ok_or_else(|| GitError::Corrupted { detail: format!("tree {id} is cut or malformed") })?;
        let child = |(mode, name, child)| {
            (name, Node::from_mode(mode, child).map_or(Child::Folder(child), Child::Leaf))
        };
        let mut found: Vec<(&[u8], Child)> = lines.into_iter().map(child).collect();
        // Git's order differs: it sorts a folder as if its name ended in `/`.
        found.sort_unstable_by_key(|child| child.0);
        // git refuses to write such trees, but a hand-made one could show one file and land another.
        let twisted = |name: &[u8]| matches!(name, b"" | b"." | b"..") || name.contains(&b'/');
        let repeated = found.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[0].0);
        if let Some(name) = found.iter().map(|child| child.0).find(|name| twisted(name)).or(repeated) {
            let path = RepoPath::from_bytes(&[prefix, name].concat());
            let detail = format!("tree {id} has an invalid or repeated name, `{path}`");
            return Err(GitError::Corrupted { detail });
        }
        Ok(found)
    }
}
