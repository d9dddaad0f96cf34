//! A folder on disk that needs no git, such as what a tool has just retrieved from an org.

use super::{ContentId, Entry, EntryKind, ReadError, RepoPath, Snapshot, SourceFile};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A larger file is an accident or an attack.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Folders that hold no metadata, and many files.
const PASSED_OVER: &[&str] = &[".git", ".sf", ".sfdx", "node_modules"];

/// The files below a folder, each under the name that the folder was given by. No link is followed.
pub struct Folder {
    entries: Vec<Entry>,
    /// Where each entry is on disk.
    files: Vec<PathBuf>,
}

impl Folder {
    /// Lists a folder.
    ///
    /// # Errors
    /// When it, or a folder below it, cannot be listed.
    pub fn list(folder: &Path) -> Result<Self, ReadError> {
        let mut found = Vec::new();
        let named = folder.to_string_lossy().replace('\\', "/");
        walk(folder, named.trim_start_matches("./").trim_end_matches('/'), &mut found)?;
        found.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let entry = |(number, (path, kind, _)): (usize, &(RepoPath, EntryKind, PathBuf))| Entry {
            path: path.clone(),
            kind: *kind,
            content: ContentId::WorkingTree(u32::try_from(number).unwrap_or(u32::MAX)),
        };
        let entries = found.iter().enumerate().map(entry).collect();
        Ok(Folder { entries, files: found.into_iter().map(|(.., file)| file).collect() })
    }
}

fn failed(path: &str, source: &io::Error) -> ReadError {
    ReadError { path: RepoPath::from(path), reason: format!("cannot be read: {source}") }
}

fn walk(at: &Path, named: &str, found: &mut Vec<(RepoPath, EntryKind, PathBuf)>) -> Result<(), ReadError> {
    for entry in fs::read_dir(at).map_err(|e| failed(named, &e))? {
        let entry = entry.map_err(|e| failed(named, &e))?;
        let name = entry.file_name();
        // Two names with other bytes stay two.
        let name = RepoPath::from_bytes(name.as_encoded_bytes());
        let name = name.as_str();
        let path = if matches!(named, "" | ".") { name.to_owned() } else { format!("{named}/{name}") };
        let kind = entry.file_type().map_err(|e| failed(&path, &e))?;
        if kind.is_dir() {
            if !PASSED_OVER.contains(&name) {
                walk(&entry.path(), &path, found)?;
            }
        } else {
            let kind = if kind.is_file() { EntryKind::File } else { EntryKind::Symlink };
            found.push((RepoPath::from(path.as_str()), kind, entry.path()));
        }
    }
    Ok(())
}

impl Snapshot for Folder {
    fn entries(&self) -> Result<&[Entry], ReadError> {
        Ok(&self.entries)
    }

    fn read(&self, entry: &Entry) -> Result<Arc<SourceFile>, ReadError> {
        let refused = |reason: &str| ReadError { path: entry.path.clone(), reason: reason.to_owned() };
        let at = self.entries.binary_search_by(|e| e.path.cmp(&entry.path));
        let file = at.ok().map(|at| &self.files[at]).ok_or_else(|| refused("is not in the folder"))?;
        if entry.kind != EntryKind::File {
            return Err(refused("is a link, which is not followed; put the file itself there"));
        }
        let size = fs::metadata(file).map_err(|e| failed(entry.path.as_str(), &e))?.len();
        if size > MAX_FILE_BYTES {
            return Err(refused("is larger than 64 MB; no metadata file is"));
        }
        let bytes = fs::read(file).map_err(|e| failed(entry.path.as_str(), &e))?;
        Ok(Arc::new(SourceFile::new(entry.path.clone(), bytes)))
    }
}
