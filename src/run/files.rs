//! Files that commands write into the user's work tree: whole or not at all.

use super::RunError;
use crate::git::Repository;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where a path of the repository is on disk.
pub(super) fn in_work_tree(repository: &Repository, path: &str) -> Result<PathBuf, RunError> {
    let root: PathBuf = repository.work_tree().ok_or_else(|| {
        RunError::Setup("the repository has no work tree to write to; run in a checkout".into())
    })?;
    without_links(&root, Path::new(path))
}

/// A path below a folder. Nothing is written or read through a link that somebody put in the way.
pub(super) fn without_links(folder: &Path, path: &Path) -> Result<PathBuf, RunError> {
    let mut at = folder.to_owned();
    for part in path.components() {
        at.push(part);
        if std::fs::symlink_metadata(&at).is_ok_and(|m| m.file_type().is_symlink()) {
            return Err(RunError::Setup(format!(
                "`{}` is a symbolic link, which is not followed; put the file or folder itself there",
                at.display()
            )));
        }
    }
    Ok(at)
}

/// Makes sure, before anything is judged, that reports can go where somebody wants them, and takes away what
/// is there: a run that ends early must not leave the report of another one.
///
/// A relative path may lie in the checkout, which is the author's: no link of it is followed. An absolute one
/// is the caller's own, a device or pipe included.
///
/// # Errors
/// When a path is named twice, is a folder, goes through a link, or lies in `.git` or `.flsgate`.
pub fn make_way(paths: &[&Path]) -> Result<(), RunError> {
    for (at, path) in paths.iter().enumerate() {
        let refused = |why: &str| Err(RunError::Setup(format!("output `{}` {why}", path.display())));
        if paths[..at].contains(path) {
            return refused("is named twice; name a file for each format");
        }
        if path.components().any(|part| matches!(part.as_os_str().to_str(), Some(".git" | ".flsgate"))) {
            return refused("lies in `.git` or `.flsgate`; name another place");
        }
        if path.is_relative() {
            without_links(Path::new(""), path)?;
        }
        match std::fs::metadata(path) {
            Ok(there) if there.is_dir() => return refused("is a folder; name a file"),
            Ok(there) if there.is_file() => std::fs::remove_file(path).map_err(|source| RunError::Io {
                what: format!("cannot replace `{}`", path.display()),
                source,
            })?,
            _ => {}
        }
    }
    Ok(())
}

/// Writes a report where [`make_way`] has made way for it.
///
/// # Errors
/// When a link is in the way, or writing fails.
pub fn write_report(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    if path.is_relative() {
        without_links(Path::new(""), path)?;
    }
    match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => std::fs::write(path, bytes)
            .map_err(|source| RunError::Io { what: format!("cannot write `{}`", path.display()), source }),
        _ => write(path, bytes),
    }
}

/// Writes a file beside its place and moves it there, so that a run that is killed leaves the old one.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    let io = |source| RunError::Io { what: format!("cannot write `{}`", path.display()), source };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(io)?;
    let mut file = tempfile::Builder::new().prefix(".flsgate-").tempfile_in(folder).map_err(io)?;
    file.write_all(bytes).and_then(|()| file.flush()).map_err(io)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Temporary files are private; files of a work tree are not.
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644)).map_err(io)?;
    }
    file.persist(path).map_err(|e| io(e.error))?;
    Ok(())
}
