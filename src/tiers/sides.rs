//! Tiers of fields on both sides, with what derived fields read and what declared maskings make of it.

use super::classified::{Classified, Known};
use super::declaration::Declaration as MaskingDeclaration;
use super::maskings::{Maskings, matters};
use super::namesakes::{self, MostSensitive, Namesakes};
use super::overlaid::{TwoLabels, classify_with};
use super::own_labels::OwnLabels;
use crate::access::{self, Copies, Delta, Derivations, Shown, declared};
use crate::finding::Place;
use crate::org::Org;
use crate::words::{FieldMap, FieldName, Tier};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that decides a tier.
pub struct Tiers<'c, 's> {
    labels: &'c OwnLabels<'c, 's>,
    maskings: Maskings<'c, 's>,
    /// What the change copies from field to field.
    copies: Copies,
}

/// An encrypted field.
#[derive(Clone, Debug)]
pub struct Encrypted {
    /// Its value is masked for everybody without View Encrypted Data.
    pub masked: bool,
    /// The element that says so.
    pub place: Place,
}

/// What one side says of fields.
#[derive(Default)]
pub struct Side {
    /// What each field is.
    pub tiers: FieldMap<Classified>,
    /// What derived fields read and cannot be followed, in words.
    pub unresolved: BTreeMap<FieldName, Vec<(String, Place)>>,
    /// Fields that files and exports both label.
    pub two_labels: BTreeMap<FieldName, TwoLabels>,
    /// Encrypted fields.
    pub encrypted: BTreeMap<FieldName, Encrypted>,
    /// By number in the configuration.
    pub maskings: BTreeMap<usize, MaskingDeclaration>,
}

impl Side {
    /// Adds what is said of further fields.
    pub fn extend(&mut self, other: Side) {
        self.tiers.extend(other.tiers);
        self.unresolved.extend(other.unresolved);
        self.two_labels.extend(other.two_labels);
        self.encrypted.extend(other.encrypted);
        self.maskings.extend(other.maskings);
    }
}

impl<'c, 's> Tiers<'c, 's> {
    /// By these labels, and the declarations of masking beside them.
    pub fn new(labels: &'c OwnLabels<'c, 's>) -> Self {
        Tiers { labels, maskings: Maskings::new(labels), copies: Copies::default() }
    }

    /// The same if `copies` are made after the merge.
    pub fn with(self, copies: Copies) -> Self {
        Tiers { copies, ..self }
    }

    /// On the base.
    pub fn before(&self, fields: &BTreeSet<FieldName>) -> Side {
        let derivations = Derivations::new(self.labels.base);
        let shown = |field: &FieldName| match self.maskings.are_none(0) {
            true => None,
            false => Some(self.maskings.shown_before(&derivations, field)),
        };
        self.side((self.labels.base, &derivations, false), fields, shown)
    }

    /// Adds what is known of fields on the base, and as they would land. Neither side waits for the other.
    pub fn extend(
        &self,
        (before, on_base): (&mut Side, &BTreeSet<FieldName>),
        (after, landing): (&mut Side, &BTreeSet<FieldName>),
    ) {
        let (was, is) = rayon::join(|| self.before(on_base), || self.after(landing));
        before.extend(was);
        after.extend(is);
    }

    /// On the base, whatever declarations of masking take out: a declaration can go later. Nothing where there is none.
    pub fn unmasked(&self, fields: &BTreeSet<FieldName>) -> FieldMap<Classified> {
        if self.maskings.are_none(0) {
            return FieldMap::default();
        }
        let derivations = Derivations::new(self.labels.base);
        self.side((self.labels.base, &derivations, false), fields, |_| None).tiers
    }

    /// As they would land.
    pub fn after(&self, fields: &BTreeSet<FieldName>) -> Side {
        self.landing_side(fields, false)
    }

    /// As they would land, by the old labels where those ask for more.
    pub(super) fn after_by_old_labels(&self, fields: &BTreeSet<FieldName>) -> Side {
        self.landing_side(fields, true)
    }

    fn landing_side(&self, fields: &BTreeSet<FieldName>, by_old_labels: bool) -> Side {
        let derivations = Derivations::new(self.labels.landing).with(&self.copies);
        let mut declarations = self.maskings.declarations(&derivations, fields);
        let shown = |field: &FieldName| match self.maskings.are_none(1) {
            true => None,
            false => Some(self.maskings.shown_after(&derivations, field, &mut declarations)),
        };
        let mut side = self.side((self.labels.landing, &derivations, by_old_labels), fields, shown);
        side.maskings = declarations;
        side
    }

    /// Tiers after the merge by the old labels, of the fields that a change concerns which lowers or removes one.
    pub fn judged(&self, delta: &Delta, before: &Side, after: &Side) -> FieldMap<Classified> {
        let side = |side: &Side, field: &FieldName| side.tiers.get(field).map(|of| of.own().clone());
        let lowered = delta.label_changes.iter().any(|change| {
            let sides = side(before, &change.field).zip(side(after, &change.field));
            sides.is_some_and(|(was, is)| was.asks_more_than(&is))
        });
        if !lowered {
            return FieldMap::default();
        }
        self.landing_side(&after.tiers.keys().cloned().collect(), true).tiers
    }

    /// Classified fields that each of `fields` shows after the merge, and neither read unmasked before.
    pub fn newly_shown<'f>(
        &self,
        fields: impl Iterator<Item = &'f FieldName>,
        judged: impl Fn(&FieldName) -> Option<&'f Classified>,
    ) -> FieldMap<BTreeSet<FieldName>> {
        let derivations = access::Derivations::new(self.labels.base);
        let mut namesakes = Namesakes::new(self.labels.base, &derivations);
        let mut found = FieldMap::default();
        for field in fields {
            let Some(is) = judged(field).filter(|is| !is.inputs.is_empty()) else { continue };
            let own_name = self.labels.base.canonical(field);
            let derivation = derivations.of(field);
            let shown = match self.maskings.are_none(0) {
                true => Shown::of(&derivation, self.labels.base),
                false => self.maskings.shown_before(&derivations, field),
            };
            let guessed: Vec<_> = derivation.unresolved.iter().map(|u| namesakes.behind(&u.name)).collect();
            let new = is.inputs.iter().filter(|input| {
                let whole = self.labels.base.canonical(input);
                let guessed = guessed.iter().any(|behind| behind.contains(&whole));
                // A circle leads back to the field itself.
                let was_shown = whole == own_name
                    || shown.fields.contains(&whole)
                    || guessed && !shown.taken_out.contains(&whole);
                !was_shown
            });
            found.insert(field.clone(), new.cloned().collect());
        }
        found
    }

    /// `shown` tells what a derived field shows, by the names of definitions; nothing where no declaration hides any of it.
    fn side(
        &self,
        (org, derivations, by_old_labels): (&Org<'_>, &Derivations<'_, '_>, bool),
        fields: &BTreeSet<FieldName>,
        mut shown: impl FnMut(&FieldName) -> Option<Shown>,
    ) -> Side {
        let policy = self.labels.said.policy;
        let mut side = Side::default();
        // Many formulas read the same fields.
        let mut of_inputs: FieldMap<Classified> = FieldMap::default();
        let own = |field: &FieldName| {
            let of = self.labels.own(org, field);
            if by_old_labels { of.or_old(self.labels.on_base(field), policy) } else { of }
        };
        let mut namesakes = Namesakes::new(org, derivations);
        for field in fields {
            let declared = declared(org, field);
            let (mut classified, both) = classify_with(&declared, &self.labels.overlay.labels(field), policy);
            if by_old_labels {
                classified = classified.or_old(self.labels.on_base(field), policy);
            }
            side.two_labels.extend(both.map(|both| (field.clone(), both)));
            if let Some((how, place)) = declared.encryption() {
                let masked = policy.shield_masks || *how == access::Encryption::Classic;
                side.encrypted.insert(field.clone(), Encrypted { masked, place: place.clone() });
            }
            if declared.derived_at().is_some() || derivations.is_copied_into(field) {
                let derivation = derivations.of(field);
                let shown = shown(field);
                let is_shown =
                    |read: &FieldName| shown.as_ref().is_none_or(|s| s.fields.contains(&org.canonical(read)));
                let mut reads = derivation.unresolved.is_empty().then_some(Tier::Open);
                for input in derivation.inputs {
                    let of = of_inputs.entry(input.field.clone()).or_insert_with(|| own(&input.field));
                    let known = !matches!(of.known, Known::Unknown);
                    reads = reads.filter(|_| known).map(|tier| tier.max(of.tier));
                    if matters(of) && is_shown(&input.field) {
                        classified = classified.reading(input, of.clone());
                    }
                }
                let none = BTreeSet::new();
                let taken_out = shown.as_ref().map_or(&none, |shown| &shown.taken_out);
                let (guesses, too_much) = namesakes.guess((derivation.unresolved, taken_out), |field| {
                    of_inputs.entry(field.clone()).or_insert_with(|| own(field)).clone()
                });
                for (unfollowed, most) in &guesses {
                    let Some(MostSensitive { field: read, of }) = most else { continue };
                    classified = classified.reading(unfollowed.reading(read.clone()), of.clone());
                }
                classified.reads = reads.filter(|_| declared.derived_at().is_some());
                if let Some(problem) = derivation.unreadable.or(too_much) {
                    classified = classified.unreadable(problem);
                }
                if !guesses.is_empty() {
                    side.unresolved.insert(field.clone(), namesakes::told(field, &guesses));
                }
            }
            side.tiers.insert(field.clone(), classified);
        }
        side
    }
}
