//! Questions about fields: which ones an object has, and what defines each.

use super::{Definition, Document, FieldState, Org};
use crate::metadata::{self, Component, CustomField};
use crate::words::FieldName;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

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
        all.into_iter().collect()
    }

    fn defined_on(&self, object: &str) -> BTreeSet<FieldName> {
        let mut all: BTreeSet<FieldName> = self.index.fields_of(object).iter().cloned().collect();
        for &id in self.index.object_files(object) {
            if let (Component::Object(object), Ok((_, Document::Fields(fields)))) =
                (&self.index.file(id).component, self.parse(id))
            {
                let names = fields.iter().filter_map(|f| f.full_name.as_ref());
                let names = names.filter_map(|n| FieldName::of(object, &n.value));
                let names = names.filter(|name| !self.deleted.contains(name));
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
        let all = objects.into_iter().flat_map(|object| self.fields_of(object));
        all.filter(|field| self.alias_of(field).is_none()).collect()
    }

    /// Fields of an object without field-level security. Found once, whoever asks first.
    pub fn fields_outside_fls(&self, object: &str) -> Arc<[FieldName]> {
        let object = object.to_ascii_lowercase();
        let known = || self.outside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fields) = known().get(&object) {
            return Arc::clone(fields);
        }
        let fields: Arc<[FieldName]> =
            self.fields_of(&object).into_iter().filter(|field| self.outside_fls(field)).collect();
        known().insert(object, Arc::clone(&fields));
        fields
    }

    /// Whether a definition takes the field out of field-level security.
    pub fn outside_fls(&self, field: &FieldName) -> bool {
        let definitions = self.field(field).definitions;
        metadata::is_system_field(field) || definitions.iter().any(|d| d.field.outside_fls(field).is_some())
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
        for part in self.parts.get(&canonical).into_iter().flatten().filter(|part| *part != field) {
            let other = self.definitions(part);
            state.definitions.extend(other.definitions);
            state.unreadable.extend(other.unreadable);
        }
        state
    }

    fn definitions(&self, field: &FieldName) -> FieldState {
        let mut state = FieldState::default();
        if self.deleted.contains(field) {
            return state;
        }
        let own = self.index.field_files(field);
        let inline = self.index.object_files(field.object());
        for (&id, is_own) in own.iter().map(|id| (id, true)).chain(inline.iter().map(|id| (id, false))) {
            match self.parse(id) {
                Ok((file, Document::Fields(fields))) => {
                    let named = |f: &&CustomField| is_own || self.names(f, field);
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

    /// Whether an inline definition of the field's object is one of the field: by its name, or by one that leads
    /// to the same.
    fn names(&self, definition: &CustomField, field: &FieldName) -> bool {
        let name = definition.full_name.as_ref().and_then(|n| FieldName::of(field.object(), &n.value));
        name.is_some_and(|name| name == *field || self.canonical(&name) == *field)
    }
}
