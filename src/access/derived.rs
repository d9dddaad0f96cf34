//! What a formula or roll-up reads: its value shows data of other fields whatever their field-level security says
//! (Salesforce Help: formula fields "can also be visible to users even though they reference fields that your users can't see").

use super::copied::{Copies, Source};
use super::relationships::{lookups, resolve};
use crate::finding::Place;
use crate::metadata::{CustomField, formula_tokens, global_field, parse_formula};
use crate::org::{Definition, Org, Unreadable};
use crate::words::{FieldMap, FieldName, FieldSet};
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

/// Fields that one derived field may read, with others, before the walk stops and says so. Salesforce allows far fewer.
const MAX_READ: usize = 500;

/// Copies of one change that a value is followed through, from field to field.
const MAX_COPIES: usize = 20;

/// Ways from one derived field to what it reads, told apart by what declarations take out on them.
const MAX_WAYS: usize = 10 * MAX_READ;

/// One step from a derived field towards the data.
#[derive(Debug)]
pub struct Hop {
    /// The derived field that reads on.
    pub field: FieldName,
    /// Its formula, or the element that names what it sums up.
    pub place: Place,
    /// The value is copied into the field: it is not computed where somebody reads it.
    pub copied: bool,
    /// The copies on the way to here, with this one.
    copies: usize,
    /// The step that led to the field: none at the first.
    before: Option<Arc<Hop>>,
}

/// A field that a derived field reads.
#[derive(Clone, Debug)]
pub struct Input {
    /// The field that is read.
    pub field: FieldName,
    /// The path to it cannot be followed: it counts as this field, the most sensitive of its name.
    pub is_guessed: bool,
    /// The last step to it. Ways share their beginnings: a long chain of formulas has many.
    last: Arc<Hop>,
}

impl Input {
    /// The way to it: the derived field first.
    pub fn hops(&self) -> Vec<&Hop> {
        let mut hops: Vec<&Hop> =
            std::iter::successors(Some(&*self.last), |hop| hop.before.as_deref()).collect();
        hops.reverse();
        hops
    }
}

/// Something that is read and cannot be followed to a field.
#[derive(Clone, Debug)]
pub struct Unfollowed {
    /// Why, in words.
    pub why: String,
    /// The formula, or the element that names what it sums up.
    pub place: Place,
    /// The name of the field at the end of the path, whatever object it is of.
    pub name: String,
    /// The derived field that reads it, with the steps before.
    last: Arc<Hop>,
}

impl Unfollowed {
    /// The same if `field` is what it reads.
    pub fn reading(&self, field: FieldName) -> Input {
        Input { field, is_guessed: true, last: Arc::clone(&self.last) }
    }
}

/// Everything a derived field reads, through other derived fields too.
#[derive(Clone, Debug, Default)]
pub struct Derivation {
    /// Inputs, nearest first.
    pub inputs: Vec<Input>,
    /// What is read and cannot be followed to a field here.
    pub unresolved: Vec<Unfollowed>,
    /// A formula that cannot be understood, or reads too much: it may read anything.
    pub unreadable: Option<Unreadable>,
}

/// What a derived field shows. Fields by the names of their definitions.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// What it reads, but for what declarations take out.
    pub fields: BTreeSet<FieldName>,
    /// What declarations about the field itself take out.
    pub taken_out: BTreeSet<FieldName>,
}

/// What the fields of one snapshot read. What a field reads by itself is worked out once, however many others read it.
pub struct Derivations<'o, 's> {
    org: &'o Org<'s>,
    copies: Option<&'o Copies>,
    direct: RefCell<FieldMap<Rc<Direct>>>,
    wholes: RefCell<FieldMap<FieldName>>,
}

/// What a field reads by itself.
#[derive(Default)]
struct Direct {
    reads: Reads,
    /// What cannot be followed: the name at its end, why, and where.
    unfollowed: Vec<(String, String, Place)>,
    /// What the field, and each lookup on its paths, is derived from, as written.
    texts: BTreeMap<FieldName, String>,
    /// A formula that cannot be understood.
    unreadable: Option<Unreadable>,
    /// What is copied into it.
    copied: Reads,
    /// What is copied into it and cannot be followed.
    unfollowed_copies: Vec<(String, String, Place)>,
}

impl<'o, 's> Derivations<'o, 's> {
    /// Of the fields of `org`.
    pub fn new(org: &'o Org<'s>) -> Self {
        Derivations { org, copies: None, direct: RefCell::default(), wholes: RefCell::default() }
    }

    /// The same if `copies` go from field to field: a field shows what is copied into it.
    pub fn with(self, copies: &'o Copies) -> Self {
        Derivations { copies: Some(copies), ..self }
    }

    /// Whether something is copied into a field.
    pub fn is_copied_into(&self, field: &FieldName) -> bool {
        self.copies.is_some_and(|copies| copies.into(&self.org.canonical(field)).next().is_some())
    }

    /// Follows what `field` reads. Each field is followed once, so a circle ends.
    pub fn of(&self, field: &FieldName) -> Derivation {
        let mut found = Derivation::default();
        let mut seen = FieldSet::from_iter([self.whole(field)]);
        let mut queue = VecDeque::from([(field.clone(), None::<Arc<Hop>>)]);
        while let Some((current, before)) = queue.pop_front() {
            let direct = self.direct(&current);
            if found.unreadable.is_none() {
                found.unreadable.clone_from(&direct.unreadable);
            }
            let before_here = before.as_ref().map_or(0, |hop| hop.copies);
            let step = |place: &Place, copied| Hop {
                field: current.clone(),
                place: place.clone(),
                copied,
                copies: before_here + usize::from(copied),
                before: before.clone(),
            };
            let copies = direct.unfollowed_copies.iter().map(|copy| (copy, true));
            for ((name, why, place), copied) in direct.unfollowed.iter().map(|u| (u, false)).chain(copies) {
                let hop = step(place, copied);
                let (why, place, name) = (why.clone(), place.clone(), name.clone());
                found.unresolved.push(Unfollowed { why, place, name, last: Arc::new(hop) });
            }
            let copies = direct.copied.iter().map(|copy| (copy, true));
            for ((names, place), copied) in direct.reads.iter().map(|r| (r, false)).chain(copies) {
                if before_here + usize::from(copied) > MAX_COPIES {
                    found.unreadable.get_or_insert_with(|| {
                        not_followed(place, format!("`{field}` gets its value through more than {MAX_COPIES} copies; take some out"))
                    });
                    continue;
                }
                // Of what many formulas read most has been seen, and needs no step.
                let mut hop = None;
                for name in names {
                    if !seen.insert(self.whole(name)) {
                        continue;
                    }
                    if seen.len() > MAX_READ {
                        found.unreadable.get_or_insert_with(|| {
                            not_followed(
                                place,
                                format!("`{field}` reads more than {MAX_READ} fields; split it up"),
                            )
                        });
                        return found;
                    }
                    let hop = hop.get_or_insert_with(|| Arc::new(step(place, copied)));
                    found.inputs.push(Input {
                        field: name.clone(),
                        is_guessed: false,
                        last: Arc::clone(hop),
                    });
                    queue.push_back((name.clone(), Some(Arc::clone(hop))));
                }
            }
        }
        // What is not known is told once, at the first place that needs it.
        let mut told = BTreeSet::new();
        found
            .unresolved
            .retain(|unfollowed| told.insert((unfollowed.why.clone(), unfollowed.name.to_ascii_lowercase())));
        found
    }

    /// The fields, by the names of their definitions, that `field` shows: all that it reads, itself or through others,
    /// but what `taken_out` says of a field on the way, and what is read through that alone.
    ///
    /// Where declarations lead to more ways than anybody writes, everything that is read is shown.
    pub fn shown(
        &self,
        field: &FieldName,
        mut taken_out: impl FnMut(&FieldName) -> BTreeSet<FieldName>,
    ) -> Shown {
        let (mut fields, mut done) = (BTreeSet::new(), BTreeSet::new());
        let taken_at_first = taken_out(field);
        let mut queue = vec![(field.clone(), taken_at_first.clone())];
        while let Some((current, masked)) = queue.pop() {
            let direct = self.direct(&current);
            for name in direct.reads.iter().chain(&direct.copied).flat_map(|(names, _)| names) {
                let whole = self.whole(name);
                if masked.contains(&whole) || !done.insert((whole.clone(), masked.clone())) {
                    continue;
                }
                let more = masked.union(&taken_out(name)).cloned().collect();
                fields.insert(whole);
                queue.push((name.clone(), more));
            }
            if done.len() > MAX_WAYS {
                let all = self.of(field).inputs.into_iter();
                let fields = all.map(|input| self.whole(&input.field)).collect();
                return Shown { fields, taken_out: BTreeSet::new() };
            }
        }
        Shown { fields, taken_out: taken_at_first }
    }

    /// What a field, and each derived field and lookup on the way to what it reads, is derived from, as written: equal texts
    /// show equal data.
    pub fn texts(&self, field: &FieldName) -> BTreeMap<FieldName, String> {
        let inputs = self.of(field).inputs;
        let all = inputs.iter().map(|input| &input.field).chain([field]).map(|field| self.direct(field));
        all.flat_map(|direct| direct.texts.clone()).collect()
    }

    /// The name under which the definition of a field stands. Many formulas read the same fields.
    fn whole(&self, field: &FieldName) -> FieldName {
        let mut wholes = self.wholes.borrow_mut();
        wholes.entry(field.clone()).or_insert_with(|| self.org.canonical(field)).clone()
    }

    fn direct(&self, field: &FieldName) -> Rc<Direct> {
        if let Some(known) = self.direct.borrow().get(field) {
            return Rc::clone(known);
        }
        let mut direct = Direct::default();
        for definition in self.org.field(field).definitions {
            if let Some(text) = source_text(&definition.field) {
                direct.texts.entry(self.whole(field)).or_default().push_str(&text);
            }
            reads(self.org, field, &definition, &mut direct);
        }
        let whole = self.whole(field);
        for copy in self.copies.into_iter().flat_map(|copies| copies.into(&whole)) {
            match &copy.source {
                Source::Field(source) => direct.copied.push((vec![source.clone()], copy.place.clone())),
                Source::Behind { name, why } => {
                    direct.unfollowed_copies.push((name.clone(), why.clone(), copy.place.clone()));
                }
            }
        }
        let direct = Rc::new(direct);
        self.direct.borrow_mut().insert(field.clone(), Rc::clone(&direct));
        direct
    }
}

fn not_followed(place: &Place, reason: String) -> Unreadable {
    Unreadable { path: place.path().clone(), position: Some(place.location().start), reason }
}

/// Derived fields that read one of `targets`, directly or through others: asked for when a label rises,
/// and the question that looks into every field definition.
pub fn readers(org: &Org<'_>, targets: &BTreeSet<FieldName>) -> (Vec<FieldName>, Vec<Unreadable>) {
    if targets.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let (derived, unreadable) = org.derived_fields();
    let direct = |field: FieldName| {
        let mut direct = Direct::default();
        for definition in org.field(&field).definitions {
            reads(org, &field, &definition, &mut direct);
        }
        let read = direct.reads.into_iter().flat_map(|(names, _)| names);
        let mut names: BTreeSet<FieldName> = read.map(|name| org.canonical(&name)).collect();
        // A lookup that comes to lead elsewhere changes what is read as well.
        names.extend(direct.texts.into_keys());
        let ends = direct.unfollowed.into_iter().map(|(name, ..)| name.to_ascii_lowercase());
        (field, names, ends.collect::<BTreeSet<String>>())
    };
    let all: Vec<_> = derived.into_par_iter().map(direct).collect();
    let mut readers: BTreeMap<&FieldName, Vec<&FieldName>> = BTreeMap::new();
    let mut by_end: HashMap<&str, Vec<&FieldName>> = HashMap::new();
    for (field, names, ends) in &all {
        for name in names {
            readers.entry(name).or_default().push(field);
        }
        for end in ends {
            by_end.entry(end).or_default().push(field);
        }
    }
    let mut found = BTreeSet::new();
    let mut queue: VecDeque<FieldName> = targets.iter().cloned().collect();
    // Each end of a path is looked up once: every reader of it is found then.
    let mut ends = BTreeSet::new();
    while let Some(field) = queue.pop_front() {
        let whole = org.canonical(&field);
        let same_end = [&field, &whole].map(|name| name.field().to_ascii_lowercase());
        let new = same_end.into_iter().filter(|end| ends.insert(end.clone()));
        let by_end = new.filter_map(|end| by_end.get(end.as_str())).flatten();
        for reader in readers.get(&whole).into_iter().flatten().chain(by_end) {
            if found.insert((*reader).clone()) {
                queue.push_back((*reader).clone());
            }
        }
    }
    (found.into_iter().collect(), unreadable)
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

type Reads = Vec<(Vec<FieldName>, Place)>;

fn reads(org: &Org<'_>, name: &FieldName, Definition { file, field }: &Definition, direct: &mut Direct) {
    let Direct { reads, unfollowed, texts, unreadable, .. } = direct;
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
                            unfollowed.push((name, why, place.clone()));
                        }
                    }
                }
            }
            Err(error) => {
                unreadable.get_or_insert(not_followed(&place, format!("formula of `{name}`: {error}")));
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
                unfollowed.push((text.value.clone(), why, place));
            }
        }
    }
}
