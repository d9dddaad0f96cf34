//! A snapshot's index, demand-driven: which grantors and fields there are by path alone, and their
//! content when somebody asks. Files that are not asked for are never read.
//!
//! Knows nothing of policy, git or output.

mod activation;
mod after;
mod alias;
mod aside;
mod fields;
mod fls;
mod hand_outs;
mod index;
mod layout;
mod project;
mod several;
mod state;
mod sweep;
mod wakes;

pub use activation::Activation;
pub use after::Deploys;
pub(crate) use alias::without_namespace;
pub use fls::Follows;
pub use hand_outs::{Audience, HandOutsFile, Recipients};
pub use index::{Copy, FileId, Index};
pub use layout::{
    Aside, Component, aside, bears_on_access, folders, is_component, is_definition, is_manifest,
    is_placed_plainly, is_taken_whole, is_whole,
};
pub use several::{Alone, MOST_ALONE, MOST_DEFINITIONS};
pub use state::{Definition, FieldState, GrantorState, GroupState, Read, Unreadable};
pub use wakes::Dormant;

use crate::metadata::{
    self, CustomObject, HandOuts, MetadataError, PermissionSetGroup, Permissions, Problem,
};
use crate::source::{
    ContentId, Counter, Entry, EntryKind, FilesFor, Purpose, ReadError, RepoPath, Snapshot, SourceFile,
};
use crate::words::{FieldName, Grantor, GrantorKind};
pub use project::{PACKAGE_FILE, PROJECT_FILE, Project, Projects};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

/// One side of a comparison as Salesforce sees it.
pub struct Org<'s> {
    snapshot: &'s dyn Snapshot,
    index: Arc<Index>,
    /// By file. Each file is parsed once, whoever asks first.
    parsed: Vec<OnceLock<Box<Parsed>>>,
    /// Files of which something did not count before the change.
    dormant: BTreeMap<FileId, Dormant>,
    projects: Projects,
    /// Fields that no file defines, by object, lower case.
    elsewhere: BTreeMap<String, BTreeSet<FieldName>>,
    /// The org that this snapshot is deployed over, which keeps what the snapshot lost.
    before: Option<&'s Org<'s>>,
    /// Which files deploy; all, where nobody says.
    deploys: Option<&'s dyn Deploys>,
    /// Field files of the change whose `<fullName>` is another name than the file's, by that name.
    inner: Mutex<BTreeMap<FieldName, BTreeSet<FileId>>>,
    /// The same of all field files of an object, lower case, found when first asked.
    inner_of: Mutex<HashMap<String, Arc<fields::Inner>>>,
    /// Which definitions of an object's file are of which field, found when first asked.
    inline: Mutex<BTreeMap<(FileId, String), Arc<fields::Inline>>>,
    /// Muting permission sets that the deployment deletes, lower case.
    unmuted: BTreeSet<String>,
    /// Muting permission sets of which the change alters a definition, lower case.
    altered_muting: BTreeSet<String>,
    counter: Counter,
    /// Fields with a file whose definition belongs to another name: parts, by the whole.
    parts: BTreeMap<FieldName, Vec<FieldName>>,
    is_base: bool,
    /// What is known by now of fields without field-level security.
    outside: fls::Outside,
    /// What an export says of standard fields: whether each has field-level security, by its own name.
    exported_fls: BTreeMap<FieldName, bool>,
    /// What is handed out to people outside; made when first asked for.
    recipients: OnceLock<Recipients>,
    /// By the object that is pointed to and its name for the records that do, lower case.
    lookups_of_children: OnceLock<HashMap<(String, String), FieldName>>,
    /// Files that give nobody access, by name; made when first asked for.
    asides: OnceLock<aside::ByName>,
    /// Every field by its name within its object, lower case; made when first asked for.
    by_name: OnceLock<HashMap<String, Vec<FieldName>>>,
}

/// A file that has been asked for. Parsed once.
type Parsed = Result<(Arc<SourceFile>, Document), Unreadable>;

#[derive(Clone)]
enum Document {
    Permissions(Arc<Permissions>),
    /// The file of a field, or of an object with the fields that stand inline.
    Fields(Arc<CustomObject>),
    Group(Arc<PermissionSetGroup>),
    HandOuts(Arc<HandOuts>),
    /// Nothing that bears on access: a destructive manifest, which only has to be readable here, or a file of another program.
    Nothing,
}

impl<'s> Org<'s> {
    /// Indexes a snapshot by its listing.
    ///
    /// # Errors
    /// When the listing cannot be read.
    pub fn new(snapshot: &'s dyn Snapshot) -> Result<Self, ReadError> {
        let projects = Projects::read(snapshot)?;
        let index = Arc::new(Index::new(snapshot.entries()?, &projects));
        Ok(Org::indexed(snapshot, projects, index))
    }

    /// Indexes two sides of a comparison. Where a change adds and removes no file, one index serves both.
    ///
    /// # Errors
    /// When a listing cannot be read.
    pub fn both(base: &'s dyn Snapshot, landing: &'s dyn Snapshot) -> Result<(Self, Self), ReadError> {
        let projects = [Projects::read(base)?, Projects::read(landing)?];
        let (before, after) = (base.entries()?, landing.entries()?);
        let alike = |(a, b): (&Entry, &Entry)| a.path == b.path && a.kind == b.kind;
        let same = before.len() == after.len() && before.iter().zip(after).all(alike);
        let of = |listing, projects| Arc::new(Index::new(listing, projects));
        let (before, after) = if same && projects[0] == projects[1] {
            let index = of(before, &projects[0]);
            (Arc::clone(&index), index)
        } else {
            rayon::join(|| of(before, &projects[0]), || of(after, &projects[1]))
        };
        let [of_base, of_landing] = projects;
        Ok((Org::indexed(base, of_base, before), Org::indexed(landing, of_landing, after)))
    }

    fn indexed(snapshot: &'s dyn Snapshot, projects: Projects, index: Arc<Index>) -> Self {
        let counter = Counter::default();
        let parsed = (0..index.len()).map(|_| OnceLock::new()).collect();
        let mut parts: BTreeMap<FieldName, Vec<FieldName>> = BTreeMap::new();
        let mut elsewhere: BTreeMap<String, BTreeSet<FieldName>> = BTreeMap::new();
        for name in index.fields() {
            if let Some(whole) = alias::canonical(name, projects.namespaces()) {
                // Whatever opens the object opens the field, by whichever name a file defines it.
                elsewhere.entry(whole.object().to_ascii_lowercase()).or_default().insert(whole.clone());
                parts.entry(whole).or_default().push(name.clone());
            }
        }
        // The index is in no order, and the first definition of equals counts.
        parts.values_mut().for_each(|names| names.sort_unstable());
        let (before, deploys, unmuted) = (None, None, BTreeSet::new());
        let (is_base, outside) = (false, fls::Outside::default());
        Org {
            snapshot,
            index,
            parsed,
            dormant: BTreeMap::new(),
            projects,
            elsewhere,
            before,
            deploys,
            inner: Mutex::default(),
            inner_of: Mutex::default(),
            inline: Mutex::default(),
            unmuted,
            altered_muting: BTreeSet::new(),
            counter,
            parts,
            is_base,
            outside,
            exported_fls: BTreeMap::new(),
            recipients: OnceLock::new(),
            lookups_of_children: OnceLock::new(),
            asides: OnceLock::new(),
            by_name: OnceLock::new(),
        }
    }

    /// Makes this the side that is there already. Where several definitions mute differently, any may hold:
    /// on the base all mutes are taken to hold, in what would land only those of all definitions.
    pub fn as_base(mut self) -> Self {
        self.is_base = true;
        self
    }

    /// Whether this is the side that is there already.
    pub fn is_base(&self) -> bool {
        self.is_base
    }

    /// The namespaces of the repository's own.
    pub fn namespaces(&self) -> &[String] {
        self.projects.namespaces()
    }

    /// The name of an object without a namespace of the repository's own.
    pub fn local<'n>(&self, name: &'n str) -> &'n str {
        alias::without_namespace(name, self.namespaces())
    }

    /// The name of a permission set, group or the like without a namespace of the repository's own.
    pub fn local_component<'n>(&self, name: &'n str) -> &'n str {
        alias::component(name, self.namespaces())
    }

    /// Says which question the files answer that are read from now on.
    pub fn asks(&self, purpose: Purpose) {
        self.counter.set(purpose);
    }

    /// Files read so far, by question.
    pub fn files_for(&self) -> FilesFor {
        self.counter.files()
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
        self.alias_of(field).unwrap_or_else(|| field.clone())
    }

    /// The name under which the definition of a field stands, if it is another one.
    pub fn alias_of(&self, field: &FieldName) -> Option<FieldName> {
        alias::canonical(field, self.namespaces())
    }

    /// What the listing says.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The definitions of a grantor, by where they live. Usually one.
    pub fn copies(&self, grantor: &Grantor) -> Vec<Copy> {
        let files = self.index.grantor_files(grantor).unwrap_or_default();
        match self.dormant.is_empty() {
            true => self.index.copies(files),
            false => self.index.copies(&self.without_others(files)),
        }
    }

    /// The folders that deploy, in order, as `sfdx-project.json` lists them.
    pub fn package_directories(&self) -> Vec<&str> {
        self.projects.directories()
    }

    /// What the given files of a permission set, profile or muting permission set say.
    pub fn permissions(&self, files: &[FileId]) -> GrantorState {
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

    /// What the given files of a permission set group say.
    pub fn group_in(&self, files: &[FileId]) -> GroupState {
        let mut state = GroupState::default();
        for &id in files {
            match self.parse(id) {
                Ok((file, Document::Group(group))) => state.parts.push((file, group)),
                Ok(_) => {}
                Err(problem) => state.unreadable.push(problem),
            }
        }
        state
    }

    /// The files of a permission set, group or profile in this snapshot.
    pub fn files(&self, grantor: &Grantor) -> &[FileId] {
        self.index.grantor_files(grantor).unwrap_or_default()
    }

    /// The file at `path`, if it bears on field access and can be read.
    pub fn source(&self, path: &RepoPath) -> Option<Arc<SourceFile>> {
        self.parse(self.index.id(path)?).ok().map(|(file, _)| file)
    }

    /// Names the bytes of a grantor's files, so that a mere move is known without reading.
    pub fn grantor_contents(&self, grantor: &Grantor) -> Result<Vec<(bool, ContentId)>, ReadError> {
        let entries = self.snapshot.entries()?;
        let files = self.index.grantor_files(grantor).unwrap_or_default();
        // A link is no file, though its target be the same bytes, and what does not count is not the same.
        let content = |id: &FileId| {
            let entry = &entries[self.index.file(*id).entry];
            (entry.kind == EntryKind::File && !self.dormant.contains_key(id), entry.content)
        };
        let mut contents: Vec<_> = files.iter().map(content).collect();
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
            Component::Field(name) => Ok(self.inner_name(id).into_iter().chain([name.clone()]).collect()),
            Component::Object(object) => {
                let (_, Document::Fields(defined)) = self.parse(id)? else { return Ok(Vec::new()) };
                let names = defined.fields.iter().filter_map(|f| f.full_name.as_ref());
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
            Component::Unsupported(what) => {
                let reason = format!("{what} is not supported by this version; nothing in it can be judged");
                Err(Unreadable { path: path.clone(), position: None, reason })
            }
            Component::Field(_) => {
                self.parse(id)?;
                self.note_inner_name(id);
                Ok(())
            }
            _ => self.parse(id).map(|_| ()),
        }
    }

    fn parse(&self, id: FileId) -> Parsed {
        // What a permission set or profile says is kept, and not its bytes.
        let parse = || match self.read_file(id).and_then(|file| self.document(id, file))? {
            (file, document @ Document::Permissions(_)) => {
                Ok((file.let_go(), self.as_it_counted(id, document)))
            }
            (file, document) => Ok((file, self.as_it_counted(id, document))),
        };
        Parsed::clone(self.parsed[id].get_or_init(|| Box::new(parse())))
    }

    fn read_file(&self, id: FileId) -> Result<Arc<SourceFile>, Unreadable> {
        self.counter.count();
        let entries = self.snapshot.entries()?;
        Ok(self.snapshot.read(&entries[self.index.file(id).entry])?)
    }

    fn document(&self, id: FileId, file: Arc<SourceFile>) -> Parsed {
        if layout::is_of_another_program(file.path().as_str(), file.bytes()) {
            return Ok((file, Document::Nothing));
        }
        let document = match &self.index.file(id).component {
            Component::Grantor(grantor) => match grantor.kind {
                GrantorKind::PermissionSetGroup => Document::Group(Arc::new(metadata::parse_group(&file)?)),
                GrantorKind::Profile => permissions(metadata::parse_profile(&file), &file)?,
                GrantorKind::PermissionSet => permissions(metadata::parse_permission_set(&file), &file)?,
            },
            Component::Muting(_) => permissions(metadata::parse_muting_permission_set(&file), &file)?,
            Component::HandsOut(kind, _) => {
                Document::HandOuts(Arc::new(metadata::parse_hand_outs(&file, *kind)?))
            }
            Component::Destructive => {
                metadata::parse_manifest(&file)?;
                Document::Nothing
            }
            Component::Field(_) => Document::Fields(Arc::new(metadata::parse_field(&file)?.into())),
            _ => Document::Fields(Arc::new(metadata::parse_object(&file)?)),
        };
        Ok((file, document))
    }
}

/// A piece of a decomposed component whose root is another element grants no access to fields.
fn permissions(
    read: Result<Permissions, MetadataError>,
    file: &SourceFile,
) -> Result<Document, MetadataError> {
    let other = |error: &MetadataError| {
        matches!(error.problem, Problem::Root { .. }) && !layout::is_whole(file.path().as_str())
    };
    match read {
        Err(error) if other(&error) => Ok(Document::Permissions(Arc::default())),
        read => Ok(Document::Permissions(Arc::new(read?))),
    }
}
