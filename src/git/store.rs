//! Read access to one repository's objects, from any number of threads.

use super::error::{GitError, Missing, open_error};
use super::object;
use git2::{ObjectType, Oid, RepositoryOpenFlags};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The largest file that is read: twenty times the largest profile seen in the wild, and small
/// enough that a few of them at once fit into a CI runner.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// What was read so far; the same work gives the same numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Files whose content was read, each time it was read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// An opened repository: handles to lend, and the counters.
pub(super) struct Store {
    start: PathBuf,
    /// `git2::Repository` may move between threads but not be shared, so each borrower gets its own.
    idle: Mutex<Vec<git2::Repository>>,
    pub(super) missing: Missing,
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Store {
    pub(super) fn open(path: &Path) -> Result<Self, GitError> {
        object::verify_here();
        // Later handles must find the same repository even if the process changes its directory.
        let start =
            std::path::absolute(path).map_err(|_| GitError::NotARepository { path: path.to_owned() })?;
        let first = open_handle(&start)?;
        let missing = Missing { shallow: first.is_shallow(), partial: is_partial(&first) };
        Ok(Store {
            start,
            idle: Mutex::new(vec![first]),
            missing,
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        })
    }

    /// Lends a handle to `work`.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&git2::Repository) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let handle = match idle {
            Some(handle) => handle,
            None => open_handle(&self.start)?,
        };
        let result = work(&handle);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        result
    }

    /// The bytes of a blob as stored: no filter, no line-ending conversion, no attributes. The error
    /// is a reason for a [`crate::source::ReadError`].
    pub(super) fn blob(&self, id: Oid) -> Result<Arc<[u8]>, String> {
        let read = self.with(|handle| {
            let broken = |e: git2::Error| self.missing.object_error("read a file", &e);
            let odb = handle.odb().map_err(broken)?;
            // The header is read first so that a huge object is refused before it is unpacked.
            let (size, kind) = odb.read_header(id).map_err(broken)?;
            if kind != ObjectType::Blob {
                return Ok(Err(format!("object {id} is a {kind}, not a file; run `git fsck`")));
            }
            if size as u64 > MAX_FILE_BYTES {
                return Ok(Err(too_large(size as u64)));
            }
            let bytes = |bytes: &[u8]| Ok(Arc::from(bytes));
            Ok(Ok(object::with(&odb, self.missing, (id, ObjectType::Blob), "read a file", bytes)?))
        });
        read.unwrap_or_else(|error| Err(error.to_string()))
    }

    pub(super) fn count(&self, bytes: usize) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn reads(&self) -> Reads {
        Reads { files: self.files.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }
}

/// Why a file is refused.
pub(super) fn too_large(size: u64) -> String {
    let limit = MAX_FILE_BYTES / (1024 * 1024);
    format!("the file has {size} bytes, more than the limit of {limit} MiB; split it or remove it")
}

fn open_handle(start: &Path) -> Result<git2::Repository, GitError> {
    // Environment variables such as GIT_DIR are deliberately not consulted: the path decides.
    let handle = git2::Repository::open_ext(start, RepositoryOpenFlags::empty(), [] as [&OsStr; 0])
        .map_err(|e| open_error(start.to_owned(), &e))?;
    refuse_planted(handle.path())?;
    Ok(handle)
}

/// A repository without a `.git` folder around it can be committed as plain files: whoever writes a checkout could put one
/// into a folder of it, with objects and branches of their choice. Git itself commits nothing called `.git`.
fn refuse_planted(repository: &Path) -> Result<(), GitError> {
    let path = repository.canonicalize().unwrap_or_else(|_| repository.to_owned());
    let is_git = |name: &OsStr| name.eq_ignore_ascii_case(".git");
    let inside_git = path.components().any(|part| is_git(part.as_os_str()));
    match !inside_git && path.ancestors().skip(1).any(|above| above.join(".git").exists()) {
        true => Err(GitError::Planted { path }),
        false => Ok(()),
    }
}

fn is_partial(handle: &git2::Repository) -> bool {
    let Ok(config) = handle.config() else { return false };
    // The extension names the promisor remote in old clones; newer git only marks the remote.
    if config.get_string("extensions.partialclone").is_ok() {
        return true;
    }
    let Ok(mut remotes) = config.entries(Some(r"remote\..*\.promisor")) else { return false };
    // The glob narrows to promisor settings; any that is not "false" marks a partial clone.
    remotes.next().is_some_and(|entry| entry.is_ok_and(|e| e.value() != Ok("false")))
}
