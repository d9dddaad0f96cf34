//! One side of a comparison: a git tree, with what differs from it kept on top.

use super::error::GitError;
use super::store::Store;
use super::walk::{Difference, find, list, repo_path};
use super::worktree::Disk;
use crate::source::{ContentId, Entry, EntryKind, ReadError, RepoPath, Snapshot, SourceFile};
use git2::Oid;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Bytes of a file from which on it costs more to keep it than to read it again.
const WORTH_LETTING_GO: usize = 16 * 1024;

/// After so many look-ups of single paths, listing the whole tree is cheaper.
const SINGLE_LOOKUPS: usize = 64;

/// The files of a commit, of an in-memory merge, or of the working tree.
///
/// Making one costs nothing: files are listed on the first [`Snapshot::entries`], and content is
/// read by each [`Snapshot::read`]. Clones share the listing.
#[derive(Clone)]
pub struct Tree {
    inner: Arc<Inner>,
    is_base: bool,
}

struct Inner {
    store: Arc<Store>,
    root: Oid,
    /// Replaces (`Some`) or removes (`None`) paths of the git tree.
    overlay: BTreeMap<RepoPath, Option<Entry>>,
    /// Content that exists only in memory: files that the merge made.
    merged: HashMap<ContentId, Arc<[u8]>>,
    /// Content that exists only on disk.
    disk: Disk,
    /// The side that `overlay` is laid over, whose listing is listed anyway.
    below: Option<Tree>,
    listing: OnceLock<Result<Vec<Entry>, ReadError>>,
    /// Single paths looked up before there was a listing. Filled from the front; a fixed array of
    /// cells, because `entry` must lend what it found from behind `&self`.
    found: [OnceLock<Found>; SINGLE_LOOKUPS],
}

struct Found {
    path: RepoPath,
    entry: Result<Option<Entry>, ReadError>,
}

impl Tree {
    /// The git tree `root`.
    pub(super) fn new(store: Arc<Store>, root: Oid) -> Self {
        Tree::layered(store, root, BTreeMap::new(), HashMap::new(), Disk::default())
    }

    /// No files at all.
    pub(super) fn empty(store: Arc<Store>) -> Self {
        Tree::new(store, Oid::ZERO_SHA1)
    }

    /// The git tree `root` with `overlay` on top, whose content is in git, in `merged` or on `disk`.
    pub(super) fn layered(
        store: Arc<Store>,
        root: Oid,
        overlay: BTreeMap<RepoPath, Option<Entry>>,
        merged: HashMap<ContentId, Arc<[u8]>>,
        disk: Disk,
    ) -> Self {
        let (listing, found) = (OnceLock::new(), [const { OnceLock::new() }; SINGLE_LOOKUPS]);
        let below = None;
        let inner = Arc::new(Inner { store, root, overlay, merged, disk, below, listing, found });
        Tree { inner, is_base: false }
    }

    /// The git tree `root`, which is that of `below` but for what `overlay` has: the same files as
    /// [`Tree::new`] gives, listed without walking the tree again.
    pub(super) fn differing(
        store: Arc<Store>,
        root: Oid,
        below: &Tree,
        overlay: BTreeMap<RepoPath, Option<Entry>>,
    ) -> Self {
        let (listing, found) = (OnceLock::new(), [const { OnceLock::new() }; SINGLE_LOOKUPS]);
        let (merged, disk, below) = (HashMap::new(), Disk::default(), Some(below.clone()));
        let inner = Arc::new(Inner { store, root, overlay, merged, disk, below, listing, found });
        Tree { inner, is_base: false }
    }

    /// The same files, as those of the side that is already there.
    pub(super) fn into_base(self) -> Self {
        Tree { is_base: true, ..self }
    }

    /// The listing of the side below, with the overlay merged in: both are sorted by path.
    fn list_over(&self, below: &Tree) -> Result<Vec<Entry>, ReadError> {
        let listed = below.entries()?;
        let mut over = self.inner.overlay.iter().peekable();
        let mut entries = Vec::with_capacity(listed.len() + self.inner.overlay.len());
        for entry in listed {
            while let Some((_, new)) = over.next_if(|(path, _)| **path < entry.path) {
                entries.extend(new.clone());
            }
            match over.next_if(|(path, _)| **path == entry.path) {
                Some((_, new)) => entries.extend(new.clone()),
                None => entries.push(entry.clone()),
            }
        }
        entries.extend(over.filter_map(|(_, new)| new.clone()));
        Ok(entries)
    }

    fn list(&self) -> Result<Vec<Entry>, GitError> {
        let Inner { store, root, overlay, .. } = &*self.inner;
        let mut entries = overlay.values().flatten().cloned().collect::<Vec<_>>();
        if !root.is_zero() {
            let nodes = store.with(|handle| list(handle, store.missing, *root))?;
            for (path, node) in nodes {
                let path = repo_path(&path)?;
                if overlay.is_empty() || !overlay.contains_key(&path) {
                    entries.push(node.entry(path));
                }
            }
        }
        // Not the unstable one: this one makes use of the order that is there.
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn look_up(&self, path: &RepoPath) -> Found {
        if self.inner.root.is_zero() {
            return Found { path: path.clone(), entry: Ok(None) };
        }
        let store = &self.inner.store;
        let node = store.with(|handle| find(handle, store.missing, self.inner.root, path));
        let entry = match node {
            Ok(node) => Ok(node.map(|node| node.entry(path.clone()))),
            Err(error) => Err(ReadError { path: path.clone(), reason: error.to_string() }),
        };
        Found { path: path.clone(), entry }
    }

    fn content(&self, entry: &Entry) -> Result<Arc<[u8]>, String> {
        match entry.kind {
            EntryKind::File => {}
            EntryKind::Symlink => {
                return Err("is a symbolic link, not a file; put the file itself there".to_owned());
            }
            EntryKind::Submodule => {
                return Err("is a submodule, not a file; its files lie in another repository".to_owned());
            }
        }
        if let Some(bytes) = self.inner.merged.get(&entry.content) {
            return Ok(Arc::clone(bytes));
        }
        match entry.content {
            ContentId::Object(id) => {
                let id = Oid::from_bytes(&id).map_err(|e| e.message().to_owned())?;
                self.inner.store.blob(id)
            }
            ContentId::WorkingTree(number) => self.inner.disk.read(number),
        }
    }

    /// The name under which git has the content of a file.
    fn stored(&self, entry: &Entry) -> Option<Oid> {
        match entry.content {
            ContentId::Object(id) if !self.inner.merged.contains_key(&entry.content) => {
                Oid::from_bytes(&id).ok()
            }
            _ => None,
        }
    }
}

impl Snapshot for Tree {
    fn entries(&self) -> Result<&[Entry], ReadError> {
        let listing = self.inner.listing.get_or_init(|| {
            if let Some(below) = &self.inner.below {
                return self.list_over(below);
            }
            self.list().map_err(|error| ReadError { path: RepoPath::from("."), reason: error.to_string() })
        });
        listing.as_deref().map_err(Clone::clone)
    }

    fn read(&self, entry: &Entry) -> Result<Arc<SourceFile>, ReadError> {
        let bytes = self.content(entry).map_err(|reason| ReadError { path: entry.path.clone(), reason })?;
        self.inner.store.count(bytes.len());
        let (length, file) = (bytes.len(), SourceFile::new(entry.path.clone(), bytes));
        let file = if self.is_base { file.of_base() } else { file };
        // Git has the same bytes under this name as long as it has any; what is on disk may have changed by then.
        let again = self.stored(entry).filter(|_| length >= WORTH_LETTING_GO);
        Ok(Arc::new(match again {
            Some(id) => {
                let store = Arc::clone(&self.inner.store);
                file.with_again(Arc::new(move || store.blob(id).unwrap_or_default()))
            }
            None => file,
        }))
    }

    fn entry(&self, path: &RepoPath) -> Result<Option<&Entry>, ReadError> {
        if let Some(entry) = self.inner.overlay.get(path) {
            return Ok(entry.as_ref());
        }
        if self.inner.listing.get().is_none() {
            for cell in &self.inner.found {
                let found = cell.get_or_init(|| self.look_up(path));
                if found.path == *path {
                    return found.entry.as_ref().map(Option::as_ref).map_err(Clone::clone);
                }
            }
        }
        let entries = self.entries()?;
        Ok(entries.binary_search_by(|e| e.path.cmp(path)).ok().map(|i| &entries[i]))
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({} and {} paths on top)", self.inner.root, self.inner.overlay.len())
    }
}

/// The new sides of `differences`, ready to be laid over the old.
pub(super) fn overlay(differences: &[Difference]) -> Result<BTreeMap<RepoPath, Option<Entry>>, GitError> {
    differences
        .iter()
        .map(|d| {
            let path = repo_path(&d.path)?;
            Ok((path.clone(), d.new.map(|node| node.entry(path))))
        })
        .collect()
}
