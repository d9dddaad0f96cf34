//! Declared maskings: which of them count, and what they take out of what derived fields show.
//!
//! A declaration counts on the base if it was complete there; after the merge if it is complete and was approved for the
//! same stakes, or waits for that approval and blocks by itself.

use super::classified::Classified;
use super::declaration::Declaration as MaskingDeclaration;
use super::namesakes::Namesakes;
use super::own_labels::{OwnLabels, Said};
use crate::access::{Derivations, Shown, declared};
use crate::org::Org;
use crate::policy::{Enforcement, Lacks, Masking, MaskingText};
use crate::words::{FieldName, Tier, shorten};
use std::collections::{BTreeMap, BTreeSet};

/// Declared maskings of both sides.
pub(super) struct Maskings<'c, 's> {
    labels: &'c OwnLabels<'c, 's>,
    /// Of each side, by the derived field that they are about: positions in the configuration.
    by_field: [BTreeMap<FieldName, Vec<usize>>; 2],
    /// What declarations of the base say.
    landed: BTreeSet<MaskingText>,
}

impl<'c, 's> Maskings<'c, 's> {
    pub(super) fn new(labels: &'c OwnLabels<'c, 's>) -> Self {
        let [base, landing] = labels.said.maskings;
        let by_field = [by_field(base, labels.base), by_field(landing, labels.landing)];
        Maskings { labels, by_field, landed: base.iter().map(Masking::says).collect() }
    }

    /// Whether one side, 0 the base, declares none.
    pub(super) fn are_none(&self, side: usize) -> bool {
        self.by_field[side].is_empty()
    }

    /// The fields, by the names of their definitions, that declarations of one side which count take out of what a
    /// field shows.
    fn taken_out(
        &self,
        (side, org): (usize, &Org<'_>),
        field: &FieldName,
        mut counts: impl FnMut(usize, &Masking) -> bool,
    ) -> BTreeSet<FieldName> {
        // Who copies a value into a field masks nothing by it.
        let about = self.by_field[side].get(&org.canonical(field));
        let about = about.filter(|_| declared(org, field).derived_at().is_some()).into_iter().flatten();
        let all = about.map(|at| (*at, &self.labels.said.maskings[side][*at]));
        let counting = all.filter(|(at, masking)| counts(*at, masking));
        counting.flat_map(|(_, masking)| &masking.reads).map(|read| org.canonical(&read.value)).collect()
    }

    /// What a derived field showed on the base. A declaration that is over hid it all the same: before is the least
    /// that surely was shown.
    pub(super) fn shown_before(&self, derivations: &Derivations<'_, '_>, field: &FieldName) -> Shown {
        let counts = |_, masking: &Masking| {
            let named = self.named_by(derivations, self.labels.base, masking);
            let lacks = self.lacks(derivations, masking, &named);
            lacks.iter().all(|lack| matches!(lack, Lacks::Expired(..)))
        };
        derivations.shown(field, |at| self.taken_out((0, self.labels.base), at, counts))
    }

    /// What a derived field shows after the merge, and the declarations that this was asked of.
    pub(super) fn shown_after(
        &self,
        derivations: &Derivations<'_, '_>,
        field: &FieldName,
        declarations: &mut BTreeMap<usize, MaskingDeclaration>,
    ) -> Shown {
        derivations.shown(field, |at| {
            self.taken_out((1, self.labels.landing), at, |number, masking| {
                let found =
                    declarations.entry(number).or_insert_with(|| self.declaration(derivations, masking));
                // One that waits blocks by itself, unless the tier is advisory: then it does not count.
                let blocks = |(_, of): &(FieldName, Classified)| {
                    self.labels.said.policy.tiers.enforcement(of.tier) != Enforcement::Advisory
                };
                found.lacks.is_empty() && (!found.awaits || found.input.as_ref().is_some_and(blocks))
            })
        })
    }

    /// Every declaration after the merge about one of `fields`.
    pub(super) fn declarations(
        &self,
        derivations: &Derivations<'_, '_>,
        fields: &BTreeSet<FieldName>,
    ) -> BTreeMap<usize, MaskingDeclaration> {
        let about = |field| self.by_field[1].get(&self.labels.landing.canonical(field));
        let numbers: BTreeSet<usize> = fields.iter().filter_map(about).flatten().copied().collect();
        let all = &self.labels.said.maskings[1];
        numbers.into_iter().map(|at| (at, self.declaration(derivations, &all[at]))).collect()
    }

    /// A declaration after the merge: whether it is complete, and whether somebody has approved it for these stakes. It
    /// opens the field to everybody who has it, whatever the policy asks of some of them, so it is never settled by its
    /// author alone.
    fn declaration(&self, derivations: &Derivations<'_, '_>, masking: &Masking) -> MaskingDeclaration {
        let named = self.named_by(derivations, self.labels.landing, masking);
        let is_derived = declared(self.labels.landing, &masking.field.value).derived_at().is_some();
        let classified = |(_, of): &&(FieldName, Classified)| matters(of);
        let input = named.iter().filter(|_| is_derived).filter(classified).max_by_key(|(_, of)| of.tier);
        let inputs = derivations.of(&masking.field.value).inputs;
        let read: BTreeSet<FieldName> =
            inputs.iter().map(|input| self.labels.landing.canonical(&input.field)).collect();
        let landed = self.landed.contains(&masking.says());
        let approved =
            || landed && (self.labels.said.standing || self.approved_for(derivations, masking, &named));
        MaskingDeclaration {
            masking: masking.clone(),
            landed,
            lacks: self.lacks(derivations, masking, &named),
            idle: !named
                .iter()
                .any(|(name, of)| matters(of) && read.contains(&self.labels.landing.canonical(name))),
            input: input.cloned(),
            awaits: input.is_some() && !approved(),
        }
    }

    /// Whether the base asked for an approval of a declaration that is there word for word, and nothing that it speaks of
    /// has grown or changed since: labels, formulas and lookups on the way.
    fn approved_for(
        &self,
        after: &Derivations<'_, '_>,
        masking: &Masking,
        named: &[(FieldName, Classified)],
    ) -> bool {
        let before = Derivations::new(self.labels.base);
        let was = self.named_by(&before, self.labels.base, masking);
        let enforced =
            |of: &Classified| self.labels.said.policy.tiers.enforcement(of.tier) != Enforcement::Advisory;
        let asked = declared(self.labels.base, &masking.field.value).derived_at().is_some()
            && was.iter().any(|(_, of)| of.tier > Tier::Open && enforced(of));
        let grown = was.iter().zip(named).any(|((_, was), (_, is))| is.asks_more_than(was));
        let way = |derivations: &Derivations<'_, '_>, org: &Org<'_>| {
            let inputs = derivations.of(&masking.field.value).inputs.into_iter();
            let inputs: BTreeSet<_> = inputs.map(|input| org.canonical(&input.field)).collect();
            (derivations.texts(&masking.field.value), inputs)
        };
        // Where the tier is advisory nobody is asked, and what is the same on both sides is read the same on both.
        let advisory = named.iter().max_by_key(|(_, of)| of.tier).is_some_and(|(_, of)| !enforced(of));
        (asked || advisory) && !grown && way(&before, self.labels.base) == way(after, self.labels.landing)
    }

    /// The fields that a declaration names, each with its own label and those of all that it reads.
    fn named_by(
        &self,
        derivations: &Derivations<'_, '_>,
        org: &Org<'_>,
        masking: &Masking,
    ) -> Vec<(FieldName, Classified)> {
        let mut namesakes = Namesakes::new(org, derivations);
        let mut whole = |name: &FieldName| {
            let derivation = derivations.of(name);
            // A path that cannot be followed reads whatever is called so.
            let (guesses, _) = namesakes
                .guess((derivation.unresolved, &BTreeSet::new()), |field| self.labels.own(org, field));
            let guessed = guesses
                .into_iter()
                .filter_map(|(unfollowed, most)| most.map(|most| (most.of, unfollowed.reading(most.field))));
            let read = derivation.inputs.into_iter().map(|input| (self.labels.own(org, &input.field), input));
            read.chain(guessed)
                .filter(|(of, _)| matters(of))
                .fold(self.labels.own(org, name), |whole, (of, input)| whole.reading(input, of))
        };
        masking.reads.iter().map(|read| (read.value.clone(), whole(&read.value))).collect()
    }

    fn lacks(
        &self,
        derivations: &Derivations<'_, '_>,
        masking: &Masking,
        named: &[(FieldName, Classified)],
    ) -> Vec<Lacks> {
        let Said { policy, today, .. } = self.labels.said;
        let duties = named.iter().flat_map(|(_, of)| policy.tiers.group_duties(&of.label));
        let mut lacks = masking.reason.lacks(masking.place.span, policy, duties, today);
        // What it is depends on who looks, or on records: no text of a formula shows it.
        let texts = derivations.texts(&masking.field.value);
        let global =
            texts.values().flat_map(|text| text.split(['\u{1f}', '\n'])).find(|token| token.starts_with('$'));
        lacks.extend(global.map(|global| {
            let text = format!(
                "the formula reads `{}`, which no text of a formula shows, so it cannot be declared masking",
                shorten(global)
            );
            Lacks::Part(masking.field.span, text)
        }));
        lacks
    }
}

fn by_field(all: &[Masking], org: &Org<'_>) -> BTreeMap<FieldName, Vec<usize>> {
    let mut by_field: BTreeMap<FieldName, Vec<usize>> = BTreeMap::new();
    for (at, masking) in all.iter().enumerate() {
        by_field.entry(org.canonical(&masking.field.value)).or_default().push(at);
    }
    by_field
}

/// Whether a label asks for anything.
pub(super) fn matters(of: &Classified) -> bool {
    of.tier > Tier::Open || !of.label.compliance_groups.is_empty()
}
