//! Makes small repositories: for the demo, and for tests that need history.

use super::GitError;
use git2::build::TreeUpdateBuilder;
use git2::{Oid, Signature, Time};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

/// The files of one commit: path and bytes. Each commit lists all of its files.
pub type Files<'f> = [(&'f str, &'f [u8])];

/// Makes a bare repository at `path` with one commit after the other on `main`, always with the same
/// ids. Returns the ids.
///
/// # Errors
/// When the repository cannot be written.
pub fn create(path: &Path, commits: &[&Files<'_>]) -> Result<Vec<String>, GitError> {
    write(path, commits)
        .map_err(|error| GitError::Other { doing: "make a repository", detail: error.to_string() })
}

fn write(path: &Path, commits: &[&Files<'_>]) -> Result<Vec<String>, git2::Error> {
    let mut options = git2::RepositoryInitOptions::new();
    // Templates of the machine could bring hooks and settings along.
    options.bare(true).external_template(false).initial_head("main");
    let repository = git2::Repository::init_opts(path, &options)?;
    let empty = repository.find_tree(repository.treebuilder(None)?.write()?)?;
    let mut ids: Vec<Oid> = Vec::new();
    // Libgit2 writes a file for each blob, even for one that it has.
    let mut blobs: HashMap<&[u8], Oid> = HashMap::new();
    for (number, files) in commits.iter().enumerate() {
        let mut builder = TreeUpdateBuilder::new();
        for (path, bytes) in *files {
            let blob = match blobs.entry(bytes) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => *new.insert(repository.blob(bytes)?),
            };
            builder.upsert(*path, blob, git2::FileMode::Blob);
        }
        let tree = repository.find_tree(builder.create_updated(&repository, &empty)?)?;
        let seconds = 1_767_225_600 + i64::try_from(number).unwrap_or(0) * 3600;
        let who = Signature::new("flsgate", "flsgate@example.com", &Time::new(seconds, 0))?;
        let parents = ids.last().map(|id| repository.find_commit(*id)).transpose()?;
        let parents: Vec<_> = parents.iter().collect();
        ids.push(repository.commit(Some("refs/heads/main"), &who, &who, "change", &tree, &parents)?);
    }
    Ok(ids.iter().map(Oid::to_string).collect())
}
