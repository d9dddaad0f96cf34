//! What a formula or roll-up reads: its value shows data of other fields whatever their field-level security says
//! (Salesforce Help: formula fields "can also be visible to users even though they reference fields that your users can't see").

use super::copied::{Copies, Source};
use super::written::{DeadEnd, Written, not_followed, source_text};
use crate::finding::Place;
use crate::org::{Org, Unreadable};
use crate::words::{FieldMap, FieldName};
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

impl Shown {
    /// What a derived field shows where no declaration takes out any of it.
    pub fn of(derivation: &Derivation, org: &Org<'_>) -> Shown {
        let fields = derivation.inputs.iter().map(|input| org.canonical(&input.field)).collect();
        Shown { fields, taken_out: BTreeSet::new() }
    }
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
    seen: RefCell<Seen>,
}

/// What a field reads by itself.
struct Direct {
    steps: Vec<Step>,
    /// What cannot be followed, and whether it is copied.
    unfollowed: Vec<(DeadEnd, bool)>,
    /// What the field, and each lookup on its paths, is derived from, as written.
    texts: BTreeMap<FieldName, String>,
    /// A formula that cannot be understood.
    unreadable: Option<Unreadable>,
}

/// One step from a field to what it reads.
struct Step {
    /// The fields that are read, each after the name of its definition.
    to: Vec<(FieldName, FieldName)>,
    place: Place,
    /// The value is copied into the field.
    copied: bool,
}

/// Fields that a walk has come by. Walks are many, and short beside the number of fields: nothing is cleared between them.
#[derive(Default)]
struct Seen {
    /// By number of the field, the last walk that came by.
    walks: Vec<u32>,
    walk: u32,
    count: usize,
}

impl Seen {
    fn start(&mut self) {
        (self.walk, self.count) = (self.walk + 1, 0);
    }

    /// Whether this is the first time.
    fn insert(&mut self, field: &FieldName) -> bool {
        let at = field.number() as usize;
        if at >= self.walks.len() {
            self.walks.resize(at + 1, 0);
        }
        let is_new = std::mem::replace(&mut self.walks[at], self.walk) != self.walk;
        self.count += usize::from(is_new);
        is_new
    }
}

impl<'o, 's> Derivations<'o, 's> {
    /// Of the fields of `org`.
    pub fn new(org: &'o Org<'s>) -> Self {
        Derivations { org, copies: None, direct: RefCell::default(), seen: RefCell::default() }
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
        let mut seen = self.seen.borrow_mut();
        seen.start();
        seen.insert(&self.org.canonical(field));
        let mut queue = VecDeque::from([(field.clone(), None::<Arc<Hop>>)]);
        while let Some((current, before)) = queue.pop_front() {
            let direct = self.direct(&current);
            if found.unreadable.is_none() {
                found.unreadable.clone_from(&direct.unreadable);
            }
            let copies = before.as_ref().map_or(0, |hop| hop.copies);
            let hop = |place: &Place, copied| {
                let (field, place, before) = (current.clone(), place.clone(), before.clone());
                Arc::new(Hop { field, place, copied, copies: copies + usize::from(copied), before })
            };
            for (DeadEnd { name, why, place }, copied) in &direct.unfollowed {
                let last = hop(place, *copied);
                let (why, place, name) = (why.clone(), place.clone(), name.clone());
                found.unresolved.push(Unfollowed { why, place, name, last });
            }
            for Step { to, place, copied } in &direct.steps {
                if copies + usize::from(*copied) > MAX_COPIES {
                    found.unreadable.get_or_insert_with(|| {
                        not_followed(place, format!("`{field}` gets its value through more than {MAX_COPIES} copies; take some out"))
                    });
                    continue;
                }
                // Of what many formulas read most has been seen, and needs no hop.
                let mut last = None;
                for (whole, name) in to {
                    if !seen.insert(whole) {
                        continue;
                    }
                    if seen.count > MAX_READ {
                        found.unreadable.get_or_insert_with(|| {
                            not_followed(
                                place,
                                format!("`{field}` reads more than {MAX_READ} fields; split it up"),
                            )
                        });
                        return found;
                    }
                    let last = last.get_or_insert_with(|| hop(place, *copied));
                    found.inputs.push(Input {
                        field: name.clone(),
                        is_guessed: false,
                        last: Arc::clone(last),
                    });
                    queue.push_back((name.clone(), Some(Arc::clone(last))));
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
            for (whole, name) in direct.steps.iter().flat_map(|step| &step.to) {
                if masked.contains(whole) || !done.insert((whole.clone(), masked.clone())) {
                    continue;
                }
                let more = masked.union(&taken_out(name)).cloned().collect();
                fields.insert(whole.clone());
                queue.push((name.clone(), more));
            }
            if done.len() > MAX_WAYS {
                return Shown::of(&self.of(field), self.org);
            }
        }
        Shown { fields, taken_out: taken_at_first }
    }

    /// What a field, and each derived field and lookup on the way to what it reads, is derived from, as written: equal texts
    /// show equal data.
    pub fn texts(&self, field: &FieldName) -> BTreeMap<FieldName, String> {
        let inputs = self.of(field).inputs;
        let all = [field].into_iter().chain(inputs.iter().map(|input| &input.field));
        let mut texts: BTreeMap<FieldName, String> = BTreeMap::new();
        // A lookup may be a step on one path and be read on another: what either says counts.
        for (name, text) in all.flat_map(|field| self.direct(field).texts.clone()) {
            let said = texts.entry(name).or_default();
            said.push_str(&text);
            said.push('\n');
        }
        texts
    }

    fn direct(&self, field: &FieldName) -> Rc<Direct> {
        if let Some(known) = self.direct.borrow().get(field) {
            return Rc::clone(known);
        }
        let direct = Rc::new(self.read(field));
        self.direct.borrow_mut().insert(field.clone(), Rc::clone(&direct));
        direct
    }

    fn read(&self, field: &FieldName) -> Direct {
        let Written { reads, unfollowed, mut texts, unreadable } = Written::of(self.org, field);
        let home = self.org.canonical(field);
        for definition in self.org.field(field).definitions {
            if let Some(text) = source_text(&definition.field) {
                let said = texts.entry(home.clone()).or_default();
                said.push_str(&text);
                said.push('\n');
            }
        }
        let whole = |name: FieldName| (self.org.canonical(&name), name);
        let step = |names: Vec<FieldName>, place, copied| Step {
            to: names.into_iter().map(whole).collect(),
            place,
            copied,
        };
        let mut steps: Vec<Step> =
            reads.into_iter().map(|(names, place)| step(names, place, false)).collect();
        let mut unfollowed: Vec<_> = unfollowed.into_iter().map(|end| (end, false)).collect();
        for copy in self.copies.into_iter().flat_map(|copies| copies.into(&home)) {
            let place = copy.place.clone();
            match &copy.source {
                Source::Field(source) => steps.push(step(vec![source.clone()], place, true)),
                Source::Behind { name, why } => {
                    unfollowed.push((DeadEnd { name: name.clone(), why: why.clone(), place }, true));
                }
            }
        }
        Direct { steps, unfollowed, texts, unreadable }
    }
}

/// Derived fields that read one of `targets`, directly or through others: asked for when a label rises,
/// and the question that looks into every field definition.
pub fn readers(org: &Org<'_>, targets: &BTreeSet<FieldName>) -> (Vec<FieldName>, Vec<Unreadable>) {
    if targets.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let (derived, unreadable) = org.derived_fields();
    let direct = |field: FieldName| {
        let written = Written::of(org, &field);
        let read = written.reads.into_iter().flat_map(|(names, _)| names);
        let mut names: BTreeSet<FieldName> = read.map(|name| org.canonical(&name)).collect();
        // A lookup that comes to lead elsewhere changes what is read as well.
        names.extend(written.texts.into_keys());
        let ends = written.unfollowed.into_iter().map(|end| end.name.to_ascii_lowercase());
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
