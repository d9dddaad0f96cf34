//! Paths of formulas that cannot be followed. They count as reading the most sensitive field that has the name at their
//! end: `….SSN__c` is as restricted as the most restricted `SSN__c` that is known.

use super::classified::Classified;
use crate::access::{Derivations, Unfollowed, Unreadable};
use crate::finding::Place;
use crate::org::Org;
use crate::words::{FieldName, Tier};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// Names that one path may lead to, through formulas with such paths of their own, before it counts as not understood.
const MAX_NAMES: usize = 100;

/// The most sensitive field of a name. Its compliance groups are those of all fields of the name.
#[derive(Clone)]
pub(super) struct MostSensitive {
    pub(super) field: FieldName,
    pub(super) of: Classified,
}

/// What cannot be followed, and what it counts as.
pub(super) type Guess = (Unfollowed, Option<MostSensitive>);

/// The classified fields of one name with what they read, the most sensitive of all, and the ends of paths that formulas
/// among them cannot follow.
struct Named {
    all: Vec<MostSensitive>,
    most: Option<MostSensitive>,
    ends: BTreeSet<String>,
}

/// The fields of one side by their names, each name looked up once.
pub(super) struct Namesakes<'o, 's> {
    org: &'o Org<'s>,
    derivations: &'o Derivations<'o, 's>,
    named: HashMap<String, Rc<Named>>,
    behind: HashMap<String, Rc<BTreeSet<FieldName>>>,
}

impl<'o, 's> Namesakes<'o, 's> {
    pub(super) fn new(org: &'o Org<'s>, derivations: &'o Derivations<'o, 's>) -> Self {
        Namesakes { org, derivations, named: HashMap::new(), behind: HashMap::new() }
    }

    /// What each path counts as, apart from fields, by the names of their definitions, that a declaration of masking takes
    /// out. Of one with too much behind it nothing is known, as of a formula that cannot be understood.
    pub(super) fn guess(
        &mut self,
        (unresolved, taken_out): (Vec<Unfollowed>, &BTreeSet<FieldName>),
        mut label: impl FnMut(&FieldName) -> Classified,
    ) -> (Vec<Guess>, Option<Unreadable>) {
        let mut too_much = None;
        let guesses = unresolved.into_iter().map(|unfollowed| {
            let most =
                self.most_sensitive((&unfollowed.name, taken_out), &mut label).unwrap_or_else(|reason| {
                    let (path, position) =
                        (unfollowed.place.path().clone(), unfollowed.place.location().start);
                    too_much = Some(Unreadable { path, position: Some(position), reason });
                    None
                });
            (unfollowed, most)
        });
        (guesses.collect(), too_much)
    }

    /// The most sensitive of all fields of a name that are classified, and of what they read; `None` where none is.
    /// `label` tells what a field is by its own label.
    ///
    /// # Errors
    /// When more names are behind it than anybody follows.
    fn most_sensitive(
        &mut self,
        (name, taken_out): (&str, &BTreeSet<FieldName>),
        label: &mut impl FnMut(&FieldName) -> Classified,
    ) -> Result<Option<MostSensitive>, String> {
        let start = name.to_ascii_lowercase();
        let (mut seen, mut queue) = (BTreeSet::from([start.clone()]), vec![start]);
        let mut most = None;
        while let Some(name) = queue.pop() {
            let named = self.named(&name, label);
            most = if taken_out.is_empty() {
                of_both(most, named.most.clone())
            } else {
                let left =
                    named.all.iter().filter(|one| !taken_out.contains(&self.org.canonical(&one.field)));
                left.cloned().map(Some).fold(most, of_both)
            };
            queue.extend(named.ends.iter().filter(|end| seen.insert((*end).clone())).cloned());
            if seen.len() > MAX_NAMES {
                return Err(format!("fields called `{name}` lead to more than {MAX_NAMES} other names"));
            }
        }
        Ok(most)
    }

    /// All fields that a path which ends with this name may read, by the names of their definitions.
    pub(super) fn behind(&mut self, name: &str) -> Rc<BTreeSet<FieldName>> {
        let start = name.to_ascii_lowercase();
        if let Some(known) = self.behind.get(&start) {
            return Rc::clone(known);
        }
        let (mut seen, mut queue) = (BTreeSet::from([start.clone()]), vec![start.clone()]);
        let mut found = BTreeSet::new();
        while let Some(name) = queue.pop().filter(|_| seen.len() <= MAX_NAMES) {
            for field in self.org.namesakes(&name) {
                let derivation = self.derivations.of(&field);
                let ends = derivation.unresolved.iter().map(|u| u.name.to_ascii_lowercase());
                queue.extend(ends.filter(|end| seen.insert(end.clone())));
                let reads = derivation.inputs.into_iter().map(|input| input.field);
                found.extend(reads.chain([field]).map(|field| self.org.canonical(&field)));
            }
        }
        let found = Rc::new(found);
        self.behind.insert(start, Rc::clone(&found));
        found
    }

    fn named(&mut self, name: &str, label: &mut impl FnMut(&FieldName) -> Classified) -> Rc<Named> {
        if let Some(known) = self.named.get(name) {
            return Rc::clone(known);
        }
        let mut named = Named { all: Vec::new(), most: None, ends: BTreeSet::new() };
        for field in self.org.namesakes(name) {
            let derivation = self.derivations.of(&field);
            named.ends.extend(derivation.unresolved.iter().map(|u| u.name.to_ascii_lowercase()));
            let reads = derivation.inputs.into_iter().map(|input| input.field);
            for field in std::iter::once(field).chain(reads) {
                let of = label(&field);
                if of.tier > Tier::Open || !of.label.compliance_groups.is_empty() {
                    named.all.push(MostSensitive { field, of });
                }
            }
        }
        named.most = named.all.iter().cloned().map(Some).fold(None, of_both);
        let named = Rc::new(named);
        self.named.insert(name.to_owned(), Rc::clone(&named));
        named
    }
}

/// The more sensitive of both, the first of equals, with the compliance groups of both.
fn of_both(a: Option<MostSensitive>, b: Option<MostSensitive>) -> Option<MostSensitive> {
    let (Some(a), Some(b)) = (&a, &b) else { return a.or(b) };
    let (mut most, other) = if b.of.tier > a.of.tier { (b.clone(), a) } else { (a.clone(), b) };
    let groups = &mut Arc::make_mut(&mut most.of.label).compliance_groups;
    for group in &other.of.label.compliance_groups {
        if !groups.iter().any(|known| known.eq_ignore_ascii_case(group)) {
            groups.push(group.clone());
        }
    }
    groups.sort_unstable();
    Some(most)
}

/// Why something cannot be followed, once for each reason, and what it counts as at most.
pub(super) fn told(field: &FieldName, unfollowed: &[Guess]) -> Vec<(String, Place)> {
    let mut reasons: Vec<&Guess> = Vec::new();
    let mut by_reason: HashMap<&str, usize> = HashMap::new();
    let tier = |guess: &Option<MostSensitive>| guess.as_ref().map(|most| most.of.tier);
    for one in unfollowed {
        match by_reason.get(one.0.why.as_str()) {
            Some(at) if tier(&one.1) > tier(&reasons[*at].1) => reasons[*at] = one,
            Some(_) => {}
            None => {
                by_reason.insert(&one.0.why, reasons.len());
                reasons.push(one);
            }
        }
    }
    let words = |(Unfollowed { why, place, name, .. }, guess): &Guess| {
        let counts = guess.as_ref().map(|most| {
            let read = &most.field;
            format!("; `{field}` counts as reading `{read}`, the most sensitive field that is known behind the name `{name}`")
        });
        (format!("{why}{}", counts.unwrap_or_default()), place.clone())
    };
    reasons.into_iter().map(words).collect()
}
