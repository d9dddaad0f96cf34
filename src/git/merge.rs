//! The merge of two commits, in memory.

use super::error::{GitError, Missing, name_some};
use super::object;
use super::repository::commit;
use super::walk::{Difference, Node, Nodes, differences, flat_differences, list};
use crate::source::{ContentId, EntryKind, RepoPath};
use git2::{IndexConflict, MergeOptions, ObjectType, Oid};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// libgit2's loose and packed backends have priorities 1 and 2; the first backend that takes an
/// object ends the search, so memory must come before both.
const BEFORE_DISK: i32 = 1000;

/// What a merge would bring into the base.
pub(super) struct Merged {
    /// From the base's tree to the merged one.
    pub(super) changes: Vec<Difference>,
    /// The merged tree.
    pub(super) tree: Oid,
    /// Files that exist in no commit, because both sides changed them.
    pub(super) contents: HashMap<ContentId, Arc<[u8]>>,
}

/// Merges `head` into `base`, whose best common ancestors are `ancestors`.
pub(super) fn merge(
    handle: &git2::Repository,
    missing: Missing,
    ancestors: &[Oid],
    base: Oid,
    head: Oid,
) -> Result<Merged, GitError> {
    let tree = |id: Oid| commit(handle, missing, id).map(|commit| commit.tree_id());
    let (ours, theirs) = (tree(base)?, tree(head)?);
    if let [only] = ancestors {
        return merge_trees(handle, missing, [tree(*only)?, ours, theirs], true);
    }
    for ancestor in ancestors {
        verify(handle, missing, tree(*ancestor)?, [ours, theirs])?;
    }
    // A handle opened as bare does not know where a shallow history is cut, so history is walked only if several
    // ancestors have to be merged first.
    merge_with(handle, missing, ours, |private| {
        let (ours, theirs) = (private.find_commit(base)?, private.find_commit(head)?);
        private.merge_commits(&ours, &theirs, Some(&options(true)))
    })
}

const DOING: &str = "merge the head into the base";

/// Merges two trees that began as a third: `[ancestor, ours, theirs]`. Gives what changes in `ours`.
pub(super) fn merge_trees(
    handle: &git2::Repository,
    missing: Missing,
    [ancestor, ours, theirs]: [Oid; 3],
    renames: bool,
) -> Result<Merged, GitError> {
    verify(handle, missing, ancestor, [ours, theirs])?;
    merge_with(handle, missing, ours, |private| {
        let (ancestor, ours, theirs) =
            (private.find_tree(ancestor)?, private.find_tree(ours)?, private.find_tree(theirs)?);
        private.merge_trees(&ancestor, &ours, &theirs, Some(&options(renames)))
    })
}

/// Git itself merges with a histogram diff; of what libgit2 has, patience is the nearest. Of 1,500 random edits of
/// repetitive XML no clean merge differed from git's; with the default, two did.
fn options(renames: bool) -> MergeOptions {
    let mut options = MergeOptions::new();
    options.find_renames(renames).patience(true);
    options
}

fn merge_with(
    handle: &git2::Repository,
    missing: Missing,
    ours: Oid,
    merge: impl FnOnce(&git2::Repository) -> Result<git2::Index, git2::Error>,
) -> Result<Merged, GitError> {
    let broken = |e: git2::Error| missing.object_error(DOING, &e);
    let private = private_handle(handle).map_err(broken)?;
    let odb = private.odb().map_err(broken)?;
    let _memory = odb.add_new_mempack_backend(BEFORE_DISK).map_err(broken)?;
    let mut index = merge(&private).map_err(broken)?;
    refuse_conflicts(&index)?;
    // Into memory, like the files that it made.
    let tree = index.write_tree_to(&private).map_err(broken)?;

    // The merged files are compared as a flat list: an index has no folders to skip.
    let base_nodes: Nodes = list(handle, missing, ours)?.collect();
    let mut merged_nodes = Nodes::new();
    for entry in index.iter() {
        if let Some(node) = Node::from_mode(entry.mode, entry.id) {
            merged_nodes.insert(entry.path, node);
        }
    }
    let changes = flat_differences(&base_nodes, &merged_nodes);

    let on_disk = handle.odb().map_err(broken)?;
    let mut contents = HashMap::new();
    for new in changes.iter().filter_map(|d| d.new) {
        let ContentId::Object(bytes) = new.content else { continue };
        let id = Oid::from_bytes(&bytes).map_err(broken)?;
        if new.kind != EntryKind::Submodule && !on_disk.exists(id) {
            // In neither place means that the clone lacks it; whoever reads the file is told.
            if let Ok(blob) = odb.read(id) {
                contents.insert(new.content, Arc::from(blob.data()));
            }
        }
    }
    Ok(Merged { changes, tree, contents })
}

/// Checks what a merge will read: every folder that differs from the ancestor's, files that both sides change,
/// and those that come or go, among which renames are looked for.
fn verify(
    handle: &git2::Repository,
    missing: Missing,
    ancestor: Oid,
    sides: [Oid; 2],
) -> Result<(), GitError> {
    let doing = "read a file";
    let odb = handle.odb().map_err(|e| missing.object_error(doing, &e))?;
    let [ours, theirs] = sides.map(|side| differences(handle, missing, Some(ancestor), Some(side)));
    let (ours, theirs) = (ours?, theirs?);
    let paths: HashSet<&[u8]> = ours.iter().map(|d| d.path.as_slice()).collect();
    let both: HashSet<&[u8]> =
        theirs.iter().map(|d| d.path.as_slice()).filter(|p| paths.contains(p)).collect();
    let read = |d: &&Difference| d.old.is_none() || d.new.is_none() || both.contains(d.path.as_slice());
    let nodes = ours.iter().chain(&theirs).filter(read).flat_map(|d| d.old.iter().chain(&d.new));
    let files: BTreeSet<[u8; 20]> = nodes
        .filter(|node| node.kind != EntryKind::Submodule)
        .filter_map(|node| match node.content {
            ContentId::Object(id) => Some(id),
            _ => None,
        })
        .collect();
    for id in files {
        let id = Oid::from_bytes(&id).map_err(|e| missing.object_error(doing, &e))?;
        object::with(&odb, missing, (id, ObjectType::Blob), doing, |_| Ok(()))?;
    }
    Ok(())
}

/// A handle that nobody else uses, without work tree and with an empty index: those are where libgit2
/// looks for `.gitattributes` (`merge=union`, `-merge`), and they belong to the pull request's author.
fn private_handle(handle: &git2::Repository) -> Result<git2::Repository, git2::Error> {
    let private = git2::Repository::open_bare(handle.commondir())?;
    private.set_index(&mut git2::Index::new()?)?;
    Ok(private)
}

fn refuse_conflicts(index: &git2::Index) -> Result<(), GitError> {
    if !index.has_conflicts() {
        return Ok(());
    }
    let (paths, more) = name_some(conflicting(index)?);
    Err(GitError::Conflicts { paths, more })
}

/// The paths of an index that have no single content.
pub(super) fn conflicting(index: &git2::Index) -> Result<Vec<String>, GitError> {
    let broken = |e: git2::Error| GitError::Other { doing: "list conflicts", detail: e.message().to_owned() };
    let mut paths = Vec::new();
    for conflict in index.conflicts().map_err(broken)? {
        let IndexConflict { ancestor, our, their } = conflict.map_err(broken)?;
        let entries = [our, their, ancestor];
        let path = entries.iter().flatten().next().map(|entry| RepoPath::from_bytes(&entry.path));
        paths.extend(path.map(|path| path.as_str().to_owned()));
    }
    Ok(paths)
}
