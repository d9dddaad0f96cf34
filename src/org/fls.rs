//! Fields without field-level security: by name, by their object, by their definition, and by what an export says.

use super::index::FileId;
use super::{Definition, Document, Org};
use crate::metadata::{self, CustomObject, StandardField};
use crate::source::Span;
use crate::words::{FieldMap, FieldName};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Objects whose records no object permission opens: everybody inside reads users, and the rest belongs to Setup
/// (*Object Reference*, ObjectPermissions: "not all objects").
const WITHOUT_OBJECT_PERMISSIONS: [&str; 7] =
    ["User", "Profile", "UserRole", "RecordType", "Organization", "Group", "PermissionSet"];

/// What the access to a field without field-level security follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// Access to the records of its object.
    Object,
    /// Access to its custom metadata type or custom setting.
    Type,
}

/// What is known by now of fields without field-level security: each question is answered once, whoever asks first.
#[derive(Default)]
pub(super) struct Outside {
    /// By object, lower case.
    of_objects: Mutex<HashMap<String, Arc<[FieldName]>>>,
    follows: RwLock<FieldMap<Option<Follows>>>,
}

impl<'s> Org<'s> {
    /// Tells of fields whether they have field-level security, as `FieldDefinition.IsFlsEnabled` does (*Tooling API*): of
    /// standard fields this wins over the table of this program, of custom ones a definition wins over it. Of two that
    /// disagree the one without counts.
    pub fn with_fls<'f>(mut self, said: impl IntoIterator<Item = &'f (FieldName, bool)>) -> Self {
        for (field, has) in said {
            let whole = self.canonical(field);
            self.exported_fls.entry(whole).and_modify(|known| *known &= has).or_insert(*has);
        }
        self
    }

    /// What access to a field follows that has no field-level security; `None` of a field that has.
    pub fn follows(&self, field: &FieldName) -> Option<Follows> {
        let known = self.outside.follows.read().unwrap_or_else(PoisonError::into_inner).get(field).copied();
        known.unwrap_or_else(|| {
            let found = self.find_follows(field);
            let mut known = self.outside.follows.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(field.clone(), found);
            found
        })
    }

    fn find_follows(&self, field: &FieldName) -> Option<Follows> {
        let outside = self.is_outside_by_name(field) || self.is_outside_by_definition(field);
        outside.then(|| if self.is_type(field.object()) { Follows::Type } else { Follows::Object })
    }

    /// What definitions say, and of a custom field of another project an export: it may be required there.
    fn is_outside_by_definition(&self, field: &FieldName) -> bool {
        let definitions = self.field(field).definitions;
        let exported = || field.is_custom() && self.exported_fls.get(&self.canonical(field)) == Some(&false);
        definitions.iter().any(|d| d.field.outside_fls(field).is_some())
            || definitions.is_empty() && exported()
    }

    /// Whether a field has no field-level security.
    pub fn outside_fls(&self, field: &FieldName) -> bool {
        self.follows(field).is_some()
    }

    /// The element of a definition that takes the field out of field-level security, if it has none: the whole
    /// definition where its name or its object says so.
    pub fn outside_fls_at(&self, field: &FieldName, definition: &Definition) -> Option<Span> {
        match self.is_outside_by_name(field) {
            true => Some(definition.field.span),
            false => definition.field.outside_fls(field),
        }
    }

    /// Fields of an object without field-level security.
    pub fn fields_outside_fls(&self, object: &str) -> Arc<[FieldName]> {
        let object = object.to_ascii_lowercase();
        let known = || self.outside.of_objects.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fields) = known().get(&object) {
            return Arc::clone(fields);
        }
        let fields = self.fields_of(&object).into_iter().filter(|field| self.outside_fls(field)).collect();
        let fields: Arc<[FieldName]> = self.each_once(fields).into();
        known().insert(object, Arc::clone(&fields));
        fields
    }

    /// All fields without field-level security, for what reads or edits every object.
    pub fn all_fields_outside_fls(&self) -> Vec<FieldName> {
        let fields = |object: String| self.fields_outside_fls(&object).to_vec();
        self.each_once(self.objects().into_iter().flat_map(fields).collect())
    }

    /// Of a field that is there under several names, those that files define: `Contact.LastName` and not the
    /// `Contact.Name` that it is a part of.
    fn each_once(&self, fields: Vec<FieldName>) -> Vec<FieldName> {
        let wholes: BTreeSet<FieldName> = fields.iter().filter_map(|field| self.alias_of(field)).collect();
        let told =
            |field: &FieldName| wholes.contains(field) && self.definitions(field).definitions.is_empty();
        fields.into_iter().filter(|field| !told(field)).collect()
    }

    /// All fields of custom metadata types and custom settings, for what reads all of those.
    pub fn fields_of_types(&self) -> Vec<FieldName> {
        let types = self.objects().into_iter().filter(|object| self.is_type(object));
        types.flat_map(|object| self.fields_of(&object)).collect()
    }

    /// Whether an object is a custom metadata type or a custom setting. What was one before stays one: Salesforce
    /// makes no custom object of it.
    pub fn is_type(&self, object: &str) -> bool {
        let object = self.local(object);
        if metadata::is_custom_metadata(object) || !object.contains("__") {
            return metadata::is_custom_metadata(object);
        }
        // Before is what surely stands: a file that does not deploy gives nobody anything.
        let counts = |id: &FileId| !self.is_base || self.surely_deploys(*id);
        let says = |id: &FileId| counts(id) && self.object_in(*id).is_some_and(|o| o.settings_type.is_some());
        self.index.object_files(object).iter().any(says)
            || self.before.is_some_and(|before| before.is_type(object))
    }

    /// Whether object permissions can open an object at all.
    pub fn has_object_permissions(&self, object: &str) -> bool {
        let object = self.local(object);
        let known = WITHOUT_OBJECT_PERMISSIONS.iter().any(|name| object.eq_ignore_ascii_case(name));
        !known && !self.is_type(object)
    }

    /// Whether the platform numbers the records of a custom object, so that nobody writes their name. All files of the
    /// object have to say so, and surely deploy.
    pub fn is_numbered(&self, object: &str) -> bool {
        let files = self.index.object_files(self.local(object));
        if files.is_empty() {
            return self.before.is_some_and(|before| before.is_numbered(object));
        }
        files.iter().all(|id| {
            self.surely_deploys(*id) && self.object_in(*id).is_some_and(|object| object.is_numbered)
        })
    }

    /// What the name of a field and its object say, and an export.
    fn is_outside_by_name(&self, field: &FieldName) -> bool {
        if field.is_custom() {
            return metadata::is_without_fls(field) || self.is_type(field.object());
        }
        let whole = self.canonical(field);
        if metadata::is_system_field(field) || metadata::is_object_without_fls(field.object()) {
            return true;
        }
        if let Some(has) = self.exported_fls.get(&whole) {
            return !has;
        }
        // The fields of activities are those of tasks and events.
        let activities =
            ["Task", "Event"].into_iter().filter(|_| whole.object().eq_ignore_ascii_case("Activity"));
        let of_activities = activities.filter_map(|object| FieldName::of(object, whole.field()));
        let mut names = of_activities.chain([field.clone(), whole.clone()]);
        names.any(|name| metadata::is_without_fls(&name)) || self.is_type(field.object())
    }

    /// What is known of a standard field that no file need define.
    pub fn standard_field(&self, field: &FieldName) -> Option<StandardField> {
        match self.exported_fls.get(&self.canonical(field)).filter(|_| !field.is_custom()) {
            Some(true) => Some(StandardField::WithFls),
            Some(false) => Some(StandardField::WithoutFls),
            None => metadata::standard(field),
        }
    }

    fn object_in(&self, id: FileId) -> Option<Arc<CustomObject>> {
        match self.parse(id) {
            Ok((_, Document::Fields(object))) => Some(object),
            _ => None,
        }
    }

    /// Every object that this snapshot or the one before defines or knows fields of, lower case.
    pub fn objects(&self) -> BTreeSet<String> {
        let own = self.index.objects().into_iter().map(str::to_owned);
        let mut all: BTreeSet<String> = own.chain(self.elsewhere.keys().cloned()).collect();
        all.extend(self.before.into_iter().flat_map(Org::objects));
        all
    }
}
