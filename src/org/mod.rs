//! A snapshot's index, demand-driven: which grantors and fields there are by path alone, and their
//! content when somebody asks. Files that are not asked for are never read.
//!
//! Knows nothing of policy, git or output.

mod alias;
mod index;
mod state;

pub use index::Index;
pub use state::{Definition, FieldState, GrantorState, GroupState, Read, Unreadable};

use crate::metadata::{self, Component, CustomField, PermissionSetGroup, Permissions};
use crate::source::{ContentId, ReadError, RepoPath, Snapshot, SourceFile};
use crate::words::{FieldName, Grantor, GrantorKind};
use index::FileId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One side of a comparison as Salesforce sees it.
pub struct Org<'s> {
    snapshot: &'s dyn Snapshot,
    index: Index,
    parsed: Mutex<BTreeMap<FileId, Parsed>>,
    namespace: Option<String>,
    /// Fields that no file defines, by object, lower case.
    elsewhere: BTreeMap<String, BTreeSet<FieldName>>,
}

/// A file that has been asked for. Parsed once.
type Parsed = Result<(Arc<SourceFile>, Document), Unreadable>;

#[derive(Clone)]
enum Document {
    Permissions(Arc<Permissions>),
    Fields(Arc<Vec<CustomField>>),
    Group(Arc<PermissionSetGroup>),
}

impl<'s> Org<'s> {
    /// Indexes a snapshot by its listing.
    ///
    /// # Errors
    /// When the listing cannot be read.
    pub fn new(snapshot: &'s dyn Snapshot) -> Result<Self, ReadError> {
        let index = Index::new(snapshot.entries()?);
        let namespace = namespace(snapshot)?;
        Ok(Org { snapshot, index, parsed: Mutex::default(), namespace, elsewhere: BTreeMap::new() })
    }

    /// Names fields that exist though no file of the snapshot need define them, so that what opens a
    /// whole object is known to open them too.
    pub fn with_fields<'f>(mut self, fields: impl IntoIterator<Item = &'f FieldName>) -> Self {
        for field in fields {
            let canonical = self.canonical(field);
            let moved = !canonical.object().eq_ignore_ascii_case(field.object());
            // An alias in the same object is the same field; in another one it is listed there as well.
            for name in moved.then(|| field.clone()).into_iter().chain([canonical]) {
                self.elsewhere.entry(name.object().to_ascii_lowercase()).or_default().insert(name);
            }
        }
        self
    }

    /// The name under which the definition of a field stands, if a grant may call it otherwise.
    pub fn canonical(&self, field: &FieldName) -> FieldName {
        alias::canonical(field, self.namespace.as_deref())
    }

    /// What the listing says.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Everything a grantor's files say, or `None` when there is no such grantor.
    pub fn grantor(&self, grantor: &Grantor) -> Option<GrantorState> {
        self.index.grantor_files(grantor).map(|files| self.permissions(files))
    }

    fn permissions(&self, files: &[FileId]) -> GrantorState {
        let mut state = GrantorState::default();
        for &id in files {
            match self.parse(id) {
                Ok((file, Document::Permissions(permissions))) => state.parts.push((file, permissions)),
                Ok(_) => {}
                Err(problem) => state.unreadable.push(problem),
            }
        }
        state
    }

    /// Everything a muting permission set's files say; empty when there is no such set.
    pub fn muting(&self, name: &str) -> GrantorState {
        self.permissions(self.index.muting_files(name))
    }

    /// Everything a permission set group's files say.
    pub fn group(&self, group: &Grantor) -> GroupState {
        let mut state = GroupState::default();
        for &id in self.index.grantor_files(group).unwrap_or_default() {
            match self.parse(id) {
                Ok((file, Document::Group(group))) => state.parts.push((file, group)),
                Ok(_) => {}
                Err(problem) => state.unreadable.push(problem),
            }
        }
        state
    }

    /// Every field of an object that this snapshot defines, or that is known otherwise, by name.
    pub fn fields_of(&self, object: &str) -> Vec<FieldName> {
        let mut all: BTreeSet<FieldName> = self.index.fields_of(object).iter().cloned().collect();
        for &id in self.index.object_files(object) {
            if let (Component::Object(object), Ok((_, Document::Fields(fields)))) =
                (&self.index.file(id).component, self.parse(id))
            {
                let names = fields.iter().filter_map(|f| f.full_name.as_ref());
                all.extend(names.filter_map(|n| FieldName::of(object, &n.value)));
            }
        }
        // The first of equal names stays: the spelling of the definition.
        all.extend(self.elsewhere.get(&object.to_ascii_lowercase()).into_iter().flatten().cloned());
        all.into_iter().collect()
    }

    /// Every field that this snapshot defines, or that is known otherwise.
    pub fn all_fields(&self) -> Vec<FieldName> {
        let elsewhere = self.elsewhere.keys().map(String::as_str);
        let objects: BTreeSet<&str> = self.index.objects().into_iter().chain(elsewhere).collect();
        objects.into_iter().flat_map(|object| self.fields_of(object)).collect()
    }

    /// Every definition of a field, from a file of its own or inline in its object's file.
    /// A field that grants call by another name is looked up by both.
    pub fn field(&self, field: &FieldName) -> FieldState {
        let mut state = self.definitions(field);
        let canonical = self.canonical(field);
        if canonical != *field {
            let other = self.definitions(&canonical);
            state.definitions.extend(other.definitions);
            state.unreadable.extend(other.unreadable);
        }
        state
    }

    fn definitions(&self, field: &FieldName) -> FieldState {
        let mut state = FieldState::default();
        let own = self.index.field_files(field);
        let inline = self.index.object_files(field.object());
        for (&id, is_own) in own.iter().map(|id| (id, true)).chain(inline.iter().map(|id| (id, false))) {
            match self.parse(id) {
                Ok((file, Document::Fields(fields))) => {
                    let named = |f: &&CustomField| is_own || names(f, field);
                    let found = fields.iter().filter(named).cloned();
                    state.definitions.extend(found.map(|f| Definition { file: Arc::clone(&file), field: f }));
                }
                Ok(_) => {}
                // A field with a file of its own does not depend on what its object's file holds inline:
                // a deployment drops inline fields when field files exist.
                Err(_) if !is_own && !own.is_empty() => {}
                Err(problem) => state.unreadable.push(problem),
            }
        }
        state
    }

    /// Names the bytes of a grantor's files, so that a mere move is known without reading.
    pub fn grantor_contents(&self, grantor: &Grantor) -> Result<Vec<ContentId>, ReadError> {
        let entries = self.snapshot.entries()?;
        let files = self.index.grantor_files(grantor).unwrap_or_default();
        let mut contents: Vec<_> =
            files.iter().map(|&id| entries[self.index.file(id).entry].content).collect();
        contents.sort_unstable();
        Ok(contents)
    }

    /// The names of all fields that the file at `path` defines.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn fields_defined_at(&self, path: &RepoPath) -> Result<Vec<FieldName>, Unreadable> {
        let Some(id) = self.index.id(path) else { return Ok(Vec::new()) };
        match &self.index.file(id).component {
            Component::Field(name) => Ok(vec![name.clone()]),
            Component::Object(object) => {
                let (_, Document::Fields(fields)) = self.parse(id)? else { return Ok(Vec::new()) };
                let names = fields.iter().filter_map(|f| f.full_name.as_ref());
                Ok(names.filter_map(|n| FieldName::of(object, &n.value)).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Reads the file at `path` as what its path says it is.
    ///
    /// # Errors
    /// When it cannot be read or understood.
    pub fn probe(&self, path: &RepoPath) -> Result<(), Unreadable> {
        let Some(id) = self.index.id(path) else { return Ok(()) };
        match &self.index.file(id).component {
            Component::NotJudged(_) => Ok(()),
            Component::Unsupported(what) => {
                let reason = format!("{what} is not supported by this version; nothing in it can be judged");
                Err(Unreadable { path: path.clone(), position: None, reason })
            }
            _ => self.parse(id).map(|_| ()),
        }
    }

    /// What has been read so far.
    pub fn read(&self) -> Read {
        let mut read = Read::default();
        for (&id, parsed) in self.cache().iter() {
            match (parsed, &self.index.file(id).component) {
                (Err(_), _) => read.unreadable += 1,
                (Ok(_), Component::Grantor(grantor)) => match grantor.kind {
                    GrantorKind::Profile => read.profiles += 1,
                    GrantorKind::PermissionSet => read.permission_sets += 1,
                    GrantorKind::PermissionSetGroup => read.groups += 1,
                },
                (Ok(_), Component::Muting(_)) => read.muting_permission_sets += 1,
                (Ok((_, Document::Fields(fields))), _) => {
                    read.fields += fields.len();
                    let labelled = |f: &&CustomField| f.classification.is_some() || f.compliance.is_some();
                    read.labelled_fields += fields.iter().filter(labelled).count();
                }
                (Ok(_), _) => {}
            }
        }
        read
    }

    fn cache(&self) -> MutexGuard<'_, BTreeMap<FileId, Parsed>> {
        // A panic elsewhere leaves whole entries behind, never half ones.
        self.parsed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn parse(&self, id: FileId) -> Parsed {
        if let Some(done) = self.cache().get(&id) {
            return done.clone();
        }
        let parsed = self.parse_anew(id);
        self.cache().insert(id, parsed.clone());
        parsed
    }

    fn parse_anew(&self, id: FileId) -> Parsed {
        let listed = self.index.file(id);
        let entries = self.snapshot.entries()?;
        let file = self.snapshot.read(&entries[listed.entry])?;
        let document = match &listed.component {
            Component::Grantor(grantor) => match grantor.kind {
                GrantorKind::PermissionSetGroup => Document::Group(Arc::new(metadata::parse_group(&file)?)),
                GrantorKind::Profile => Document::Permissions(Arc::new(metadata::parse_profile(&file)?)),
                GrantorKind::PermissionSet => {
                    Document::Permissions(Arc::new(metadata::parse_permission_set(&file)?))
                }
            },
            Component::Muting(_) => {
                Document::Permissions(Arc::new(metadata::parse_muting_permission_set(&file)?))
            }
            Component::Field(name) => Document::Fields(Arc::new(vec![metadata::parse_field(&file, name)?])),
            _ => Document::Fields(Arc::new(metadata::parse_object(&file)?)),
        };
        Ok((file, document))
    }
}

/// The project's own namespace: `namespace` in `sfdx-project.json`. A file that is not JSON names none;
/// no tool could deploy with it.
fn namespace(snapshot: &dyn Snapshot) -> Result<Option<String>, ReadError> {
    let Some(entry) = snapshot.entry(&RepoPath::from("sfdx-project.json"))? else { return Ok(None) };
    let Ok(file) = snapshot.read(entry) else { return Ok(None) };
    let project: Option<serde_json::Value> = serde_json::from_slice(file.bytes()).ok();
    let namespace = project.as_ref().and_then(|p| p.get("namespace")).and_then(|n| n.as_str());
    Ok(namespace.map(str::to_owned).filter(|n| !n.is_empty()))
}

fn names(definition: &CustomField, field: &FieldName) -> bool {
    let name = definition.full_name.as_ref();
    name.and_then(|n| FieldName::of(field.object(), &n.value)).as_ref() == Some(field)
}
