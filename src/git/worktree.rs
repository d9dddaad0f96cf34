//! The working tree: what the checked-out commit becomes with everything on disk that git would
//! commit, staged or not, untracked files included and ignored ones not.
//!
//! libgit2 only says which paths to look at; what is there is then taken from the disk itself.

use super::error::{GitError, Missing, index_error, name_some};
use super::merge::conflicting;
use super::store::{MAX_FILE_BYTES, too_large};
use super::walk::{self, Difference, Node, Nodes, flat_differences, list};
use crate::source::{ContentId, EntryKind, RepoPath};
use git2::{Delta, DiffOptions, FileMode, Index, ObjectType, OdbLookupFlags, Oid};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Index flags: `git update-index --assume-unchanged`, then the extended ones.
const ASSUME_UNCHANGED: u16 = 0x8000;
const SKIP_WORKTREE: u16 = 1 << 14;
const INTENT_TO_ADD: u16 = 1 << 13;

/// The files that exist only on disk; [`ContentId::WorkingTree`] is an index into them.
#[derive(Debug, Default)]
pub(super) struct Disk {
    root: PathBuf,
    files: Vec<PathBuf>,
}

impl Disk {
    /// The bytes of a file as they are on disk.
    pub(super) fn read(&self, number: u32) -> Result<Arc<[u8]>, String> {
        let file = self.files.get(number as usize).ok_or("is not a file of this working tree")?;
        match inspect(&self.root, file) {
            Ok(OnDisk::File(size)) => read_bounded(&self.root.join(file), size).map(Arc::from),
            Ok(_) => Err("is no longer a file; run again".to_owned()),
            Err(error) => Err(format!("cannot be read: {error}; check its permissions")),
        }
    }

    /// Takes in a file, and names its bytes: as a git object where git has exactly these bytes, so
    /// that a file put back to an older content is equal to it.
    fn add(&mut self, file: &Path, bytes: Option<&[u8]>, odb: &git2::Odb<'_>) -> ContentId {
        let known = bytes.and_then(|b| Oid::hash_object(ObjectType::Blob, b).ok());
        // Most changed files are unknown to git, and a refresh reads the pack folder for each of them.
        if let Some(id) = known.filter(|id| odb.exists_ext(*id, OdbLookupFlags::NO_REFRESH)) {
            return walk::content_id(id);
        }
        self.files.push(file.to_owned());
        // More than four billion changed files cannot be held in memory.
        ContentId::WorkingTree(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }
}

/// What the working tree changes in the checked-out commit's tree `head`.
pub(super) fn differences(
    handle: &git2::Repository,
    missing: Missing,
    head: Oid,
) -> Result<(Vec<Difference>, Disk), GitError> {
    let root = handle.workdir().ok_or_else(|| GitError::Bare { path: handle.path().to_owned() })?;
    let mut index = handle.index().map_err(|e| index_error(root.to_owned(), &e))?;
    // A handle that was lent before remembers the index of that time.
    index.read(false).map_err(|e| index_error(root.to_owned(), &e))?;
    if index.has_conflicts() {
        let (paths, more) = name_some(conflicting(&index)?);
        return Err(GitError::Unmerged { paths, more });
    }
    let mut looked_at = suspects(handle, &index, root)?;
    let odb = handle.odb().map_err(|e| missing.object_error("open the object database", &e))?;
    let mut disk = Disk { root: root.to_owned(), files: Vec::new() };
    let mut nodes = Nodes::new();
    for entry in index.iter() {
        let Some(staged) = Node::from_mode(entry.mode, entry.id) else {
            let next = "run `git sparse-checkout reapply --no-sparse-index`, or pass --head or --revision";
            let what = "a sparse index".to_owned();
            return Err(GitError::UnsupportedIndex { path: root.to_owned(), what, next });
        };
        let sparse = entry.flags_extended & SKIP_WORKTREE != 0;
        // libgit2 takes such files on trust; what lands is what is on disk.
        let on_trust =
            sparse || entry.flags & ASSUME_UNCHANGED != 0 || entry.flags_extended & INTENT_TO_ADD != 0;
        let suspect = looked_at.remove(&entry.path);
        if suspect.is_none() && !on_trust {
            nodes.insert(entry.path, staged);
            continue;
        }
        let mut known = suspect.flatten();
        if staged.kind == EntryKind::Submodule {
            known = known.or(Some(entry.id));
        }
        match here(root, &entry.path, known, &mut disk, &odb)? {
            Some(node) => {
                nodes.insert(entry.path, node);
            }
            // A sparse checkout leaves files out on purpose: absent is unchanged, not deleted.
            None if sparse => {
                nodes.insert(entry.path, staged);
            }
            None => {}
        }
    }
    for (path, known) in looked_at {
        if let Some(node) = here(root, &path, known, &mut disk, &odb)? {
            nodes.insert(path, node);
        }
    }
    let committed: Nodes = list(handle, missing, head)?.collect();
    Ok((flat_differences(&committed, &nodes), disk))
}

/// The paths that may differ from the index, with the object that git would commit where it must be
/// asked: for a repository inside this one the commit that it is at (all zeros if unknown), for a file
/// whose line endings may be converted the blob that comes of it.
fn suspects(
    handle: &git2::Repository,
    index: &Index,
    root: &Path,
) -> Result<BTreeMap<Vec<u8>, Option<Oid>>, GitError> {
    let mut options = DiffOptions::new();
    // Ignored files are asked for because libgit2 counts repositories that `.gitmodules` does not
    // list among them; ignored folders are not entered.
    options.include_untracked(true).recurse_untracked_dirs(true).include_ignored(true);
    options.include_typechange(true).include_unreadable(true).ignore_submodules(false);
    // No attribute may keep `committed_as` from loading a file.
    options.force_text(true);
    let diff = handle
        .diff_index_to_workdir(Some(index), Some(&mut options))
        .map_err(|e| index_error(root.to_owned(), &e))?;
    let mut found = BTreeMap::new();
    for (position, delta) in diff.deltas().enumerate() {
        let file = delta.new_file();
        let Some(raw) = file.path_bytes().or_else(|| delta.old_file().path_bytes()) else { continue };
        let path = raw.strip_suffix(b"/").unwrap_or(raw).to_vec();
        let nested = file.mode() == FileMode::Commit || raw.ends_with(b"/");
        match delta.status() {
            Delta::Unmodified => {}
            Delta::Unreadable => return Err(unreadable(&path, "no permission")),
            Delta::Ignored | Delta::Untracked if nested => {
                let place = relative(&path).map_err(|e| unreadable(&path, &e.to_string()))?;
                let repository = root.join(&place).join(".git").symlink_metadata().is_ok();
                if repository && !handle.is_path_ignored(&place).unwrap_or(false) {
                    found.insert(path, Some(checked_out_in(&root.join(&place))));
                }
            }
            Delta::Ignored => {}
            _ if file.mode() == FileMode::Commit => {
                let id = Some(file.id()).filter(|id| !id.is_zero());
                found.insert(path, id);
            }
            _ => {
                let id = relative(&path).ok().filter(|place| has_crlf(root, place));
                let id = id.and_then(|_| committed_as(&diff, position));
                found.insert(path, id);
            }
        }
    }
    Ok(found)
}

/// Whether a file has line endings that git may convert.
fn has_crlf(root: &Path, file: &Path) -> bool {
    let Ok(OnDisk::File(size)) = inspect(root, file) else { return false };
    read_bounded(&root.join(file), size).is_ok_and(|bytes| bytes.windows(2).any(|w| w == b"\r\n"))
}

/// The id that a changed file's content would get in git. libgit2 has no call for it, but fills it in
/// when it loads the file for a patch.
fn committed_as(diff: &git2::Diff<'_>, position: usize) -> Option<Oid> {
    let patch = git2::Patch::from_diff(diff, position).ok()??;
    Some(patch.delta().new_file().id()).filter(|id| !id.is_zero())
}

/// The commit that a repository inside this one is at.
fn checked_out_in(folder: &Path) -> Oid {
    let head = git2::Repository::open(folder).and_then(|inner| inner.refname_to_id("HEAD"));
    head.unwrap_or(Oid::ZERO_SHA1)
}

/// What is on disk at a path. `known` is the object that git would commit for it, if it was asked; a
/// folder for which there is one is a repository.
fn here(
    root: &Path,
    path: &[u8],
    known: Option<Oid>,
    disk: &mut Disk,
    odb: &git2::Odb<'_>,
) -> Result<Option<Node>, GitError> {
    let broken = |e: io::Error| unreadable(path, &e.to_string());
    let file = relative(path).map_err(broken)?;
    let (kind, bytes) = match inspect(root, &file).map_err(broken)? {
        OnDisk::Nothing => return Ok(None),
        OnDisk::Folder => return Ok(known.map(|id| Node::new(EntryKind::Submodule, id))),
        OnDisk::Symlink => {
            let target = fs::read_link(root.join(&file)).map_err(broken)?;
            (EntryKind::Symlink, Some(target.into_os_string().into_encoded_bytes()))
        }
        // A file where a repository was has that repository's commit for `known`.
        OnDisk::File(_) if known.is_some_and(|id| is_blob(odb, id)) => {
            return Ok(known.map(|id| Node::new(EntryKind::File, id)));
        }
        // Too large to hash is not too large to list: reading it gives the error.
        OnDisk::File(size) if size > MAX_FILE_BYTES => (EntryKind::File, None),
        OnDisk::File(size) => {
            let bytes = read_bounded(&root.join(&file), size).map_err(|e| unreadable(path, &e))?;
            (EntryKind::File, Some(bytes))
        }
    };
    Ok(Some(Node { kind, content: disk.add(&file, bytes.as_deref(), odb) }))
}

fn is_blob(odb: &git2::Odb<'_>, id: Oid) -> bool {
    odb.exists(id) && odb.read_header(id).is_ok_and(|(_, kind)| kind == ObjectType::Blob)
}

enum OnDisk {
    Nothing,
    Folder,
    Symlink,
    File(u64),
}

/// What is at `file`. A folder on the way that is a symbolic link means nothing is there, as it does
/// to git: links are never followed, so nothing outside the work tree can be reached.
fn inspect(root: &Path, file: &Path) -> io::Result<OnDisk> {
    let mut place = root.to_owned();
    let mut components = file.components().peekable();
    while let Some(component) = components.next() {
        place.push(component);
        let metadata = match place.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(OnDisk::Nothing);
            }
            Err(e) => return Err(e),
        };
        let kind = metadata.file_type();
        match components.peek() {
            Some(_) if kind.is_dir() => {}
            Some(_) => return Ok(OnDisk::Nothing),
            None if kind.is_dir() => return Ok(OnDisk::Folder),
            None if kind.is_symlink() => return Ok(OnDisk::Symlink),
            None if kind.is_file() => return Ok(OnDisk::File(metadata.len())),
            // Pipes, sockets and devices: git does not see them either.
            None => return Ok(OnDisk::Nothing),
        }
    }
    Ok(OnDisk::Folder)
}

fn read_bounded(file: &Path, size: u64) -> Result<Vec<u8>, String> {
    if size > MAX_FILE_BYTES {
        return Err(too_large(size));
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(file).and_then(|f| f.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Ok(length) if length as u64 > MAX_FILE_BYTES => Err(too_large(length as u64)),
        Ok(_) => Ok(bytes),
        Err(error) => Err(format!("cannot be read: {error}; check its permissions")),
    }
}

/// A path of the index as a path below the work tree, and certainly not beside it.
fn relative(path: &[u8]) -> io::Result<PathBuf> {
    let invalid = || io::Error::new(io::ErrorKind::InvalidInput, "not a path inside the work tree");
    let place = native(path).ok_or_else(invalid)?;
    let inside = place.components().all(|c| matches!(c, Component::Normal(_)));
    if inside && place.components().next().is_some() { Ok(place) } else { Err(invalid()) }
}

#[cfg(unix)]
fn native(path: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(path)))
}

#[cfg(not(unix))]
fn native(path: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(path).ok().map(PathBuf::from)
}

fn unreadable(path: &[u8], reason: &str) -> GitError {
    let path = RepoPath::from_bytes(path).as_str().to_owned();
    GitError::WorkingTree { path, reason: reason.to_owned() }
}
