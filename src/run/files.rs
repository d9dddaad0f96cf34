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
    let mut at = root;
    for part in path.split('/') {
        at.push(part);
        // Nothing is written or read through a link that somebody put in the way.
        if std::fs::symlink_metadata(&at).is_ok_and(|m| m.file_type().is_symlink()) {
            return Err(RunError::Setup(format!(
                "`{}` is a symbolic link; put the file or folder itself there",
                at.display()
            )));
        }
    }
    Ok(at)
}

/// Writes a file beside its place and moves it there, so that a run that is killed leaves the old one.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    let io = |source| RunError::Io { what: format!("cannot write `{}`", path.display()), source };
    let folder = path.parent().unwrap_or(Path::new("."));
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
