//! The listing of a snapshot, sorted by component. Nothing is read to build it.

use super::alias;
use super::layout::{self, Component, Placed, is_whole};
use super::project::Projects;
use crate::metadata::HandOutKind;
use crate::source::{Entry, EntryKind, RepoPath};
use crate::words::{FieldMap, FieldName, Grantor, GrantorKind};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A file of the listing that bears on field access.
#[derive(Debug)]
pub(super) struct File {
    path: RepoPath,
    /// Position in the snapshot's listing.
    pub(super) entry: usize,
    pub(super) component: Component,
    /// Length of the folder that holds its definition; of the path where that is the file.
    home: u32,
}

impl File {
    fn home(&self) -> &str {
        &self.path.as_str()[..self.home as usize]
    }
}

/// Number of a file within one index.
pub type FileId = usize;

/// One definition of a component: a file, or the pieces of it, in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The folder that holds its pieces, or its one file.
    pub home: String,
    /// Its files, in path order.
    pub files: Vec<FileId>,
}

/// Which component each file belongs to.
#[derive(Debug, Default)]
pub struct Index {
    /// In path order, as listed.
    files: Vec<File>,
    grantors: BTreeMap<Grantor, Vec<FileId>>,
    fields: FieldMap<Vec<FileId>>,
    objects: HashMap<String, Vec<FileId>>,
    muting: HashMap<String, Vec<FileId>>,
    by_object: HashMap<String, Vec<FieldName>>,
    /// Links of folders that hold definitions of fields.
    linked: Vec<FileId>,
}

/// A component by the name that others call it by: without the project's own namespace. Fields keep theirs; they
/// are joined by all their names.
pub(super) fn local(component: Component, namespaces: &[String]) -> Component {
    if namespaces.is_empty() {
        return component;
    }
    let plain = |name: &str| alias::component(name, namespaces).to_owned();
    match component {
        Component::Grantor(grantor) => Component::Grantor(Grantor::new(grantor.kind, &plain(grantor.name()))),
        Component::Muting(name) => Component::Muting(plain(&name)),
        Component::HandsOut(kind, name) => Component::HandsOut(kind, plain(&name)),
        Component::Object(name) => Component::Object(alias::without_namespace(&name, namespaces).to_owned()),
        other => other,
    }
}

/// A link that a deployment follows: what it leads to is not in this listing under the link's name.
fn link(listed: &Entry, projects: &Projects) -> Option<Placed> {
    let path = listed.path.as_str();
    let followed = listed.kind == EntryKind::Symlink && projects.is_walked(path);
    let why = "a symbolic link in a folder that deploys, which the deployment follows";
    followed.then_some(Placed { component: Component::Unsupported(why), home: path.len() })
}

impl Index {
    pub(super) fn new(entries: &[Entry], projects: &Projects) -> Self {
        let (mut index, mut of_object) = (Index::default(), Vec::<FieldName>::new());
        let paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
        let placed = layout::place(&paths, |path| projects.takes_sets_apart(path));
        index.fields.reserve(entries.len());
        for ((entry, listed), placed) in entries.iter().enumerate().zip(placed) {
            let Some(Placed { component, home }) = placed.or_else(|| link(listed, projects)) else {
                continue;
            };
            let component = local(component, projects.namespaces());
            let id = index.files.len();
            match &component {
                Component::Grantor(grantor) => index.grantors.entry(grantor.clone()).or_default().push(id),
                Component::Field(name) => {
                    let files = index.fields.entry(name.clone()).or_default();
                    files.push(id);
                    if files.len() == 1 {
                        // Fields of an object mostly lie beside each other.
                        if of_object.last().is_some_and(|last| last.object() != name.object()) {
                            index.fields_of_object(std::mem::take(&mut of_object));
                        }
                        of_object.push(name.clone());
                    }
                }
                Component::Muting(name) => {
                    index.muting.entry(name.to_ascii_lowercase()).or_default().push(id);
                }
                Component::Object(object) => {
                    index.objects.entry(object.to_ascii_lowercase()).or_default().push(id);
                }
                Component::Unsupported(_) if listed.kind == EntryKind::Symlink => index.linked.push(id),
                Component::HandsOut(..) | Component::Destructive | Component::Unsupported(_) => {}
            }
            let home = u32::try_from(home).unwrap_or(u32::MAX);
            index.files.push(File { path: listed.path.clone(), entry, component, home });
        }
        index.fields_of_object(of_object);
        index
    }

    /// Notes further fields of one object, each for the first time.
    fn fields_of_object(&mut self, fields: Vec<FieldName>) {
        let Some(first) = fields.first() else { return };
        self.by_object.entry(first.object().to_ascii_lowercase()).or_default().extend(fields);
    }

    /// A link in the place of the folder in which an object's fields are defined: of that, of the object's, or of the one
    /// of all objects.
    pub(super) fn link_of_object(&self, object: &str) -> Option<&RepoPath> {
        let leads = |path: &RepoPath| {
            let mut last = path.as_str().rsplit('/').peekable();
            let _ = last.next_if(|name| name.eq_ignore_ascii_case("fields"));
            let _ = last.next_if(|name| name.eq_ignore_ascii_case(object));
            last.next().is_some_and(|name| name.eq_ignore_ascii_case("objects"))
        };
        self.linked.iter().map(|id| self.path(*id)).find(|path| leads(path))
    }

    /// How many files bear on field access.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// Every grantor, by kind and name.
    pub fn grantors(&self) -> impl Iterator<Item = &Grantor> {
        self.grantors.keys()
    }

    /// Whether there is such a grantor.
    pub fn has_grantor(&self, grantor: &Grantor) -> bool {
        self.grantors.contains_key(grantor)
    }

    /// Every grantor of one kind.
    pub fn grantors_of(&self, kind: GrantorKind) -> impl Iterator<Item = &Grantor> {
        self.grantors.keys().filter(move |g| g.kind == kind)
    }

    /// Every file that bears on field access and what it is, in path order.
    pub fn components(&self) -> impl Iterator<Item = (&RepoPath, &Component)> {
        self.files.iter().map(|file| (&file.path, &file.component))
    }

    /// What the file at `path` is, if it bears on field access.
    pub fn component(&self, path: &RepoPath) -> Option<&Component> {
        self.id(path).map(|id| &self.files[id].component)
    }

    /// Where a file lies.
    pub fn path(&self, id: FileId) -> &RepoPath {
        &self.files[id].path
    }

    pub(super) fn id(&self, path: &RepoPath) -> Option<FileId> {
        self.files.binary_search_by(|f| f.path.cmp(path)).ok()
    }

    pub(super) fn file(&self, id: FileId) -> &File {
        &self.files[id]
    }

    pub(super) fn grantor_files(&self, grantor: &Grantor) -> Option<&[FileId]> {
        self.grantors.get(grantor).map(Vec::as_slice)
    }

    /// The files of one component, put together by where they live.
    pub(super) fn copies(&self, files: &[FileId]) -> Vec<Copy> {
        let mut copies: Vec<Copy> = Vec::new();
        let (mut at, mut with_whole) = (HashMap::<&str, usize>::new(), HashSet::<&str>::new());
        let path = |id: FileId| self.files[id].path.as_str();
        for &id in files {
            let mut home = self.files[id].home();
            // Of two whole files beside each other, which can differ in letter case or format alone, each is one.
            if is_whole(path(id)) && !with_whole.insert(home) {
                home = path(id);
            }
            match at.get(home) {
                Some(known) => copies[*known].files.push(id),
                None => {
                    at.insert(home, copies.len());
                    copies.push(Copy { home: home.to_owned(), files: vec![id] });
                }
            }
        }
        copies
    }

    /// Whether a field has a file of its own, wherever it lies.
    pub fn has_field_file(&self, field: &FieldName) -> bool {
        self.fields.contains_key(field)
    }

    pub(super) fn field_files(&self, field: &FieldName) -> &[FileId] {
        self.fields.get(field).map_or(&[], Vec::as_slice)
    }

    pub(super) fn muting_files(&self, name: &str) -> &[FileId] {
        self.muting.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// Whether a muting permission set of this name has a file, wherever it lies.
    pub fn has_muting(&self, name: &str) -> bool {
        !self.muting_files(name).is_empty()
    }

    /// Every muting permission set, lower case, in any order.
    pub fn muting(&self) -> impl Iterator<Item = &String> {
        self.muting.keys()
    }

    pub(super) fn hands_out(&self, id: FileId) -> bool {
        matches!(self.files[id].component, Component::HandsOut(..))
    }

    /// Every file that hands out, with its type and name.
    pub fn hand_outs(&self) -> impl Iterator<Item = (&RepoPath, HandOutKind, &str)> {
        self.files.iter().filter_map(|file| match &file.component {
            Component::HandsOut(kind, name) => Some((&file.path, *kind, name.as_str())),
            _ => None,
        })
    }

    /// Whether no file bears on field access.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Muting permission sets that several files define, lower case, in any order.
    pub fn muting_with_copies(&self) -> impl Iterator<Item = &str> {
        self.muting.iter().filter(|(_, files)| files.len() > 1).map(|(name, _)| name.as_str())
    }

    /// Every field with a file of its own, in any order.
    pub(super) fn fields(&self) -> impl Iterator<Item = &FieldName> {
        self.by_object.values().flatten()
    }

    /// Fields of an object that have a file of their own.
    pub(super) fn fields_of(&self, object: &str) -> &[FieldName] {
        self.by_object.get(&object.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// Files that may define fields, in path order.
    pub(super) fn definitions(&self) -> impl Iterator<Item = FileId> {
        let defines =
            |id: &FileId| matches!(self.files[*id].component, Component::Field(_) | Component::Object(_));
        (0..self.files.len()).filter(defines)
    }

    /// Every object that a field file or an object file names, lower case, sorted.
    pub(super) fn objects(&self) -> Vec<&str> {
        let mut all: Vec<&str> =
            self.by_object.keys().chain(self.objects.keys()).map(String::as_str).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether a field file or an object file names an object, in lower case.
    pub(super) fn has_object(&self, object: &str) -> bool {
        self.by_object.contains_key(object) || self.objects.contains_key(object)
    }

    pub(super) fn object_files(&self, object: &str) -> &[FileId] {
        self.objects.get(&object.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }
}
