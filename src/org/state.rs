//! What asking an org for a grantor or a field gives.

use crate::metadata::{CustomField, MetadataError, PermissionSetGroup, Permissions};
use crate::source::{Position, ReadError, RepoPath, SourceFile};
use std::sync::Arc;

/// A file that could not be read or understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The file.
    pub path: RepoPath,
    /// Where in it, when that is known.
    pub position: Option<Position>,
    /// What is wrong and the next step.
    pub reason: String,
}

impl From<ReadError> for Unreadable {
    fn from(error: ReadError) -> Self {
        Unreadable { path: error.path, position: None, reason: error.reason }
    }
}

impl From<MetadataError> for Unreadable {
    fn from(error: MetadataError) -> Self {
        let reason = error.problem.to_string();
        Unreadable { path: error.path, position: Some(error.position), reason }
    }
}

/// All files of one grantor. More than one file is rare but real: the same set in two package
/// directories, or a root file beside its pieces.
#[derive(Clone, Debug, Default)]
pub struct GrantorState {
    /// What could be read, in path order.
    pub parts: Vec<(Arc<SourceFile>, Arc<Permissions>)>,
    /// What could not.
    pub unreadable: Vec<Unreadable>,
}

/// All files of one permission set group, as [`GrantorState`].
#[derive(Clone, Debug, Default)]
pub struct GroupState {
    /// What could be read, in path order.
    pub parts: Vec<(Arc<SourceFile>, Arc<PermissionSetGroup>)>,
    /// What could not.
    pub unreadable: Vec<Unreadable>,
}

/// One definition of a field.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The file that holds it.
    pub file: Arc<SourceFile>,
    /// The definition.
    pub field: CustomField,
}

/// Everything a snapshot says about a field. Nothing at all means the field is not known here, which
/// is another answer than "has no label".
#[derive(Clone, Debug, Default)]
pub struct FieldState {
    /// Definitions in path order, usually one.
    pub definitions: Vec<Definition>,
    /// Files that would hold a definition and cannot be read.
    pub unreadable: Vec<Unreadable>,
}

/// Counts of what was read, for the summary and `--stats`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Permission set files.
    pub permission_sets: usize,
    /// Profile files.
    pub profiles: usize,
    /// Permission set group files.
    pub groups: usize,
    /// Muting permission set files.
    pub muting_permission_sets: usize,
    /// Field definitions.
    pub fields: usize,
    /// Field definitions with a classification or a compliance group.
    pub labelled_fields: usize,
    /// Files that could not be read.
    pub unreadable: usize,
}
