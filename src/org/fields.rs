//! Questions about fields: which ones an object has, and what defines each.

use super::index::FileId;
use super::layout::Component;
use super::{Definition, Document, FieldState, Org, Unreadable};
use crate::metadata::CustomField;
use crate::source::RepoPath;
use crate::words::FieldName;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};

/// Definitions in an object's file by the name of the field, and by the one that this leads to: their numbers.
pub(super) type Inline = BTreeMap<FieldName, Vec<usize>>;
/// Field files by the name inside.
pub(super) type Inner = BTreeMap<FieldName, Vec<FileId>>;

impl Org<'_> {
    /// Every field of an object that this snapshot defines, or that is known otherwise, by name.
    pub fn fields_of(&self, object: &str) -> Vec<FieldName> {
        let own = self.local(object);
        let mut all = self.defined_on(own);
        // Custom fields of tasks and events are defined on their common object.
        if let Some(activity) = ["Task", "Event"].into_iter().find(|o| own.eq_ignore_ascii_case(o)) {
            let shared = self.defined_on("Activity");
            all.extend(shared.iter().filter_map(|field| FieldName::of(activity, field.field())));
        }
        // A field whose definition goes is still there.
        all.extend(self.before.into_iter().flat_map(|before| before.fields_of(object)));
        all.into_iter().collect()
    }

    fn defined_on(&self, object: &str) -> BTreeSet<FieldName> {
        let mut all: BTreeSet<FieldName> = self.index.fields_of(object).iter().cloned().collect();
        for &id in self.index.object_files(object) {
            if let (Component::Object(object), Ok((_, Document::Fields(defined)))) =
                (&self.index.file(id).component, self.parse(id))
            {
                let names = defined.fields.iter().filter_map(|f| f.full_name.as_ref());
                let names = names.filter_map(|n| FieldName::of(object, &n.value));
                // By the name that grants of other files lead to, too.
                let whole = |name: &FieldName| {
                    self.alias_of(name).filter(|w| w.object().eq_ignore_ascii_case(object))
                };
                all.extend(names.flat_map(|name| whole(&name).into_iter().chain([name])));
            }
        }
        // The first of equal names stays: the spelling of the definition.
        all.extend(self.elsewhere.get(&object.to_ascii_lowercase()).into_iter().flatten().cloned());
        all
    }

    /// Every field that this snapshot defines, or that is known otherwise, each by the name of its definition.
    pub fn all_fields(&self) -> Vec<FieldName> {
        let elsewhere = self.elsewhere.keys().map(String::as_str);
        let objects: BTreeSet<&str> = self.index.objects().into_iter().chain(elsewhere).collect();
        let own = objects.into_iter().flat_map(|object| self.fields_of(object));
        let mut all: BTreeSet<FieldName> = own.filter(|field| self.alias_of(field).is_none()).collect();
        all.extend(self.before.into_iter().flat_map(Org::all_fields));
        all.into_iter().collect()
    }

    /// The fields of all objects that have this name, be it as a part of theirs: asked for where nobody knows the
    /// object. Reads the files of all objects, once.
    pub fn namesakes(&self, name: &str) -> Vec<FieldName> {
        let mut found: Vec<FieldName> = self.named(name).to_vec();
        // By another name a field can stand for it: `Contact.Name` for every `LastName`.
        for object in ["Contact", "Account", "Case"] {
            let Some(whole) = FieldName::of(object, name).and_then(|field| self.alias_of(&field)) else {
                continue;
            };
            let same = |field: &&FieldName| {
                let named = FieldName::of(field.object(), name);
                !found.contains(field)
                    && named.is_some_and(|named| self.canonical(&named) == self.canonical(field))
            };
            let wholes: Vec<FieldName> = self.named(whole.field()).iter().filter(same).cloned().collect();
            found.extend(wholes);
        }
        found
    }

    fn named(&self, name: &str) -> &[FieldName] {
        let by_name = self.by_name.get_or_init(|| {
            let mut all: HashMap<String, Vec<FieldName>> = HashMap::new();
            for field in self.objects().iter().flat_map(|object| self.fields_of(object)) {
                all.entry(field.field().to_ascii_lowercase()).or_default().push(field);
            }
            all
        });
        by_name.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// The lookup by which records of another object belong to one, by the name that the object has for them. Reads all
    /// definitions, once.
    pub fn lookup_of_children(&self, object: &str, relationship: &str) -> Option<&FieldName> {
        let lookups = self.lookups_of_children.get_or_init(|| {
            let mut found = HashMap::new();
            for field in self.all_fields() {
                for Definition { field: defined, .. } in self.field(&field).definitions {
                    let Some(name) = defined.relationship_name else { continue };
                    for to in defined.reference_to {
                        let key = (to.value.to_ascii_lowercase(), name.value.to_ascii_lowercase());
                        found.entry(key).or_insert_with(|| field.clone());
                    }
                }
            }
            found
        });
        lookups.get(&(object.to_ascii_lowercase(), relationship.to_ascii_lowercase()))
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
        // A label on a part of an address or name is one of the whole.
        let parts = |org: &Org<'_>| org.parts.get(&canonical).cloned().unwrap_or_default();
        let parts: BTreeSet<FieldName> =
            self.before.map(parts).into_iter().flatten().chain(parts(self)).collect();
        for part in parts.iter().filter(|part| *part != field) {
            let other = self.definitions(part);
            state.definitions.extend(other.definitions);
            state.unreadable.extend(other.unreadable);
        }
        state
    }

    pub(super) fn definitions(&self, field: &FieldName) -> FieldState {
        let mut state = self.still_defines(field).map(|before| before.definitions(field)).unwrap_or_default();
        let own = self.field_files(field);
        let inline = self.index.object_files(field.object());
        for (&id, is_own) in own.iter().map(|id| (id, true)).chain(inline.iter().map(|id| (id, false))) {
            match self.parse(id) {
                Ok((file, Document::Fields(defined))) => {
                    let fields = &defined.fields;
                    let found: Vec<CustomField> = if is_own {
                        fields.to_vec()
                    } else {
                        let inline = self.inline_names(id, fields, field.object());
                        inline.get(field).into_iter().flatten().map(|&at| fields[at].clone()).collect()
                    };
                    let definition = |field| Definition { file: Arc::clone(&file), field };
                    state.definitions.extend(found.into_iter().map(definition));
                }
                Ok(_) => {}
                // A field with a file of its own does not depend on what its object's file holds inline:
                // a deployment drops inline fields when field files exist.
                Err(_) if !is_own && !own.is_empty() => {}
                Err(problem) => state.unreadable.push(problem),
            }
        }
        if state.definitions.is_empty() && state.unreadable.is_empty() {
            state.unreadable.extend(self.behind_a_link(field));
        }
        let before = self.in_place_of(&state.unreadable).map(|before| before.definitions(field));
        if let Some(before) = before.filter(|before| !before.definitions.is_empty()) {
            state.definitions.extend(before.definitions);
            state.unreadable = before.unreadable;
        }
        state
    }

    /// A field that nothing defines, of an object whose definitions lie behind a link, which a deployment follows.
    fn behind_a_link(&self, field: &FieldName) -> Option<Unreadable> {
        let path =
            self.index.link_of_object(self.local(field.object())).filter(|_| field.is_custom())?.clone();
        let reason = format!(
            "`{field}` may be defined behind this link, which is not followed; replace the link by the files"
        );
        Some(Unreadable { path, position: None, reason })
    }

    /// Files of a field, by their own name or by the one inside. The deploy library sends the name inside; a label or
    /// formula counts for both. Where no file has the name, those of the object are looked into; on the base only those
    /// of the change, since the others are the same on both sides.
    pub(super) fn field_files(&self, field: &FieldName) -> Vec<FileId> {
        let mut files = self.index.field_files(field).to_vec();
        let noted = self.inner.lock().unwrap_or_else(PoisonError::into_inner).get(field).cloned();
        files.extend(noted.unwrap_or_default());
        if files.is_empty() && !self.is_base {
            files.extend(self.files_by_inner_name(field.object()).get(field).into_iter().flatten());
        }
        files.sort_unstable();
        files.dedup();
        files
    }

    /// Field files of an object whose name inside is another than the file's, by that name. Found once.
    fn files_by_inner_name(&self, object: &str) -> Arc<Inner> {
        let object = object.to_ascii_lowercase();
        let known = || self.inner_of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(&object) {
            return Arc::clone(found);
        }
        let mut found = Inner::new();
        for &id in self.index.fields_of(&object).iter().flat_map(|field| self.index.field_files(field)) {
            if let Some(inside) = self.inner_name(id) {
                found.entry(inside).or_default().push(id);
            }
        }
        let found = Arc::new(found);
        known().insert(object, Arc::clone(&found));
        found
    }

    /// The name inside a field's file, if it is another than the file's.
    pub(super) fn inner_name(&self, id: FileId) -> Option<FieldName> {
        let Component::Field(name) = &self.index.file(id).component else { return None };
        let Ok((_, Document::Fields(defined))) = self.parse(id) else { return None };
        let inside = defined.fields.first()?.full_name.as_ref()?;
        FieldName::of(name.object(), &inside.value).filter(|inside| inside != name)
    }

    /// Remembers the name inside a file of the change, which another file may have as well.
    pub(super) fn note_inner_name(&self, id: FileId) {
        if let Some(inside) = self.inner_name(id) {
            let mut noted = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            noted.entry(inside).or_default().insert(id);
        }
    }

    /// What of a file is probably meant otherwise, as warnings: the name of a field, the names of elements.
    pub fn doubts(&self, path: &RepoPath) -> Vec<Unreadable> {
        let Some(id) = self.index.id(path) else { return Vec::new() };
        let Ok((file, document)) = self.parse(id) else { return Vec::new() };
        let slips = match &document {
            Document::Permissions(permissions) => &permissions.slips,
            Document::Group(group) => &group.slips,
            Document::Fields(object) => &object.slips,
            _ => return Vec::new(),
        };
        let misspelt = slips.iter().map(|slip| Unreadable {
            path: path.clone(),
            position: Some(file.position(slip.span.start)),
            reason: format!(
                "nothing reads `<{}>`, and Salesforce refuses a file with it. Did you mean `<{}>`?",
                slip.name, slip.meant
            ),
        });
        let misnamed = self.inner_name(id).map(|inside| Unreadable {
            path: path.clone(),
            position: None,
            reason: format!(
                "`<fullName>` says `{}` and the file name another field; both count as defined here, and the name inside is \
                 what deploys; make them agree",
                inside.field()
            ),
        });
        misnamed.into_iter().chain(misspelt).collect()
    }

    /// Whether an object's file defines the field inline, or may do so and cannot be read.
    pub(super) fn inline(&self, id: FileId, field: &FieldName) -> bool {
        match self.parse(id) {
            Ok((_, Document::Fields(defined))) => {
                self.inline_names(id, &defined.fields, field.object()).contains_key(field)
            }
            Ok(_) => false,
            Err(_) => self.field_files(field).is_empty(),
        }
    }

    /// What an object's file defines, by name.
    fn inline_names(&self, file: FileId, fields: &[CustomField], object: &str) -> Arc<Inline> {
        let key = (file, object.to_ascii_lowercase());
        let known = || self.inline.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(inline) = known().get(&key) {
            return Arc::clone(inline);
        }
        let mut inline = Inline::new();
        for (at, field) in fields.iter().enumerate() {
            let name = field.full_name.as_ref().and_then(|n| FieldName::of(object, &n.value));
            let Some(name) = name else { continue };
            for name in self.alias_of(&name).into_iter().chain([name]) {
                inline.entry(name).or_default().push(at);
            }
        }
        let inline = Arc::new(inline);
        known().insert(key, Arc::clone(&inline));
        inline
    }
}
