//! What the definition of a derived field says that it reads, by itself.

use super::relationships::{lookups, resolve};
use crate::finding::Place;
use crate::metadata::{CustomField, formula_tokens, global_field, parse_formula};
use crate::org::{Definition, Org, Unreadable};
use crate::words::FieldName;
use std::collections::BTreeMap;

/// What definitions of a field say that it reads.
#[derive(Default)]
pub(super) struct Written {
    pub(super) reads: Vec<(Vec<FieldName>, Place)>,
    pub(super) unfollowed: Vec<DeadEnd>,
    pub(super) texts: BTreeMap<FieldName, String>,
    pub(super) unreadable: Option<Unreadable>,
}

/// What cannot be followed to a field.
pub(super) struct DeadEnd {
    /// The name at its end.
    pub(super) name: String,
    pub(super) why: String,
    pub(super) place: Place,
}

impl Written {
    /// What all definitions of a field say.
    pub(super) fn of(org: &Org<'_>, field: &FieldName) -> Self {
        let mut written = Written::default();
        for definition in org.field(field).definitions {
            read(org, field, &definition, &mut written);
        }
        written
    }
}

/// What a definition derives its data from, as written but for blanks; `None` where it holds data of its
/// own.
pub(super) fn source_text(field: &CustomField) -> Option<String> {
    if !field.is_derived() {
        return None;
    }
    let parts = [
        &field.summarized_field,
        &field.summary_foreign_key,
        &field.summary_operation,
        &field.reference_target_field,
    ];
    let texts = parts.iter().filter_map(|p| p.as_ref()).map(|p| p.value.clone());
    let formulas = [&field.formula, &field.default_value].into_iter().flatten();
    let formulas = formulas.map(|formula| formula_tokens(&formula.value));
    Some(formulas.chain(texts).chain(field.summary_filters.clone()).collect::<Vec<_>>().join("\n"))
}

fn read(org: &Org<'_>, name: &FieldName, Definition { file, field }: &Definition, written: &mut Written) {
    let Written { reads, unfollowed, texts, unreadable } = written;
    // A field that is called by another name is defined on the object of its own.
    let home = org.canonical(name);
    // What a default value names is no field of the record, which is only being made.
    let formulas =
        [field.formula.as_ref().map(|f| (f, true)), field.default_value.as_ref().map(|f| (f, false))];
    for (formula, of_record) in formulas.into_iter().flatten() {
        let place = Place::new(file, formula.span);
        match parse_formula(&formula.value) {
            Ok(parsed) => {
                let references = || parsed.references.iter().filter(|_| of_record);
                for reference in references() {
                    lookups(org, home.object(), &reference.path, texts);
                }
                let own = references().map(|r| (home.object(), r.path.as_slice()));
                for (object, path) in
                    own.chain(parsed.globals.iter().filter_map(|reference| global_field(&reference.path)))
                {
                    match resolve(org, object, path) {
                        Ok(names) => reads.push((names, place.clone())),
                        Err(why) => {
                            let name = path.last().cloned().unwrap_or_default();
                            unfollowed.push(DeadEnd { name, why, place: place.clone() });
                        }
                    }
                }
            }
            Err(error) => {
                let before = formula.value.get(..error.at() as usize).unwrap_or_default();
                let line = match formula.value.contains('\n') {
                    true => format!(", line {}", before.matches('\n').count() + 1),
                    false => String::new(),
                };
                let why = format!("formula of `{name}`{line}: {error}");
                unreadable.get_or_insert(not_followed(&place, why));
            }
        }
    }
    // An indirect lookup holds the external id of the record that it points to.
    if let Some(target) = &field.reference_target_field {
        let names = field.reference_to.iter().filter_map(|r| FieldName::of(&r.value, &target.value));
        reads.push((names.collect(), Place::new(file, target.span)));
    }
    let summed = field.summarized_field.iter().chain(&field.summary_filter_fields);
    for text in summed {
        let place = Place::new(file, text.span);
        match FieldName::parse(&text.value) {
            Some(name) => reads.push((vec![name], place)),
            None => {
                let why = format!("`{}`, which is no field name", text.value);
                unfollowed.push(DeadEnd { name: text.value.clone(), why, place });
            }
        }
    }
}

pub(super) fn not_followed(place: &Place, reason: String) -> Unreadable {
    Unreadable { path: place.path().clone(), position: Some(place.location().start), reason }
}
