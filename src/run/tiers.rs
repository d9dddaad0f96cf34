//! Tiers of fields on both sides, with what derived fields read and what declared maskings make of it.

use super::config::Config;
use super::namesakes::{self, MostSensitive, Namesakes};
use super::overlay::Overlay;
use crate::access::{self, Delta, Input, declared};
use crate::finding::Place;
use crate::judge::{Classified, Encrypted, Known, MaskingDeclaration, TwoLabels, classify_with};
use crate::org::Org;
use crate::policy::{Enforcement, Lacks, Masking};
use crate::words::{FieldName, Tier};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that decides a tier.
pub(super) struct Tiers<'c, 's> {
    pub(super) config: &'c Config,
    pub(super) base: &'c Org<'s>,
    pub(super) landing: &'c Org<'s>,
    pub(super) overlay: Overlay<'c, 's>,
    pub(super) today: Date,
}

/// What one side says of fields.
#[derive(Default)]
pub(super) struct Side {
    pub(super) tiers: BTreeMap<FieldName, Classified>,
    pub(super) unresolved: BTreeMap<FieldName, Vec<(String, Place)>>,
    pub(super) two_labels: BTreeMap<FieldName, TwoLabels>,
    pub(super) encrypted: BTreeMap<FieldName, Encrypted>,
    /// By number in the configuration.
    pub(super) maskings: BTreeMap<usize, MaskingDeclaration>,
}

impl Side {
    /// A field goes by another name as well.
    pub(super) fn also_called(&mut self, field: &FieldName, name: &FieldName) {
        if let Some(of) = self.tiers.get(field).filter(|_| !self.tiers.contains_key(name)) {
            self.tiers.insert(name.clone(), of.clone());
        }
    }

    /// Adds what is said of further fields.
    pub(super) fn extend(&mut self, other: Side) {
        self.tiers.extend(other.tiers);
        self.unresolved.extend(other.unresolved);
        self.two_labels.extend(other.two_labels);
        self.encrypted.extend(other.encrypted);
        self.maskings.extend(other.maskings);
    }
}

impl Tiers<'_, '_> {
    /// On the base.
    pub(super) fn before(&self, fields: &BTreeSet<FieldName>) -> Side {
        self.side((self.base, None, false), fields, |tiers, field, input, _| tiers.was_masked(field, input))
    }

    /// As they would land.
    pub(super) fn after(&self, fields: &BTreeSet<FieldName>) -> Side {
        self.landing_side(fields, false)
    }

    fn landing_side(&self, fields: &BTreeSet<FieldName>, by_old_labels: bool) -> Side {
        let mut maskings: BTreeMap<usize, MaskingDeclaration> = BTreeMap::new();
        let sides = (self.landing, Some(self.base), by_old_labels);
        let mut side = self.side(sides, fields, |tiers, field, input, of| {
            let mut masked = false;
            for (at, masking) in tiers.named(1, tiers.landing, field, input) {
                let found = tiers.declaration(masking, input, of);
                // One that waits blocks by itself, unless the tier is advisory: then it does not count.
                let told = tiers.config.policy.tiers.enforcement(of.tier) != Enforcement::Advisory;
                masked |= found.lacks.is_empty() && (!found.awaits || told);
                // Of several inputs the one is told that still needs something, then the most sensitive.
                let weight = |m: &MaskingDeclaration| {
                    (m.awaits, !m.lacks.is_empty(), m.input.as_ref().map(|(_, of)| of.tier))
                };
                if maskings.get(&at).is_none_or(|kept| weight(kept) < weight(&found)) {
                    maskings.insert(at, found);
                }
            }
            masked
        });
        side.maskings = maskings;
        side
    }

    /// Tiers after the merge by the old labels, of the fields that a change concerns which lowers or removes one.
    pub(super) fn judged(
        &self,
        delta: &Delta,
        before: &Side,
        after: &Side,
    ) -> BTreeMap<FieldName, Classified> {
        let side = |side: &Side, field: &FieldName| side.tiers.get(field).map(|of| of.own().clone());
        let lowered = delta.label_changes.iter().any(|change| {
            let sides = side(before, &change.field).zip(side(after, &change.field));
            sides.is_some_and(|(was, is)| was.asks_more_than(&is))
        });
        if !lowered {
            return BTreeMap::new();
        }
        self.landing_side(&after.tiers.keys().cloned().collect(), true).tiers
    }

    /// Classified fields that each of `fields` shows after the merge, and neither read unmasked before.
    pub(super) fn newly_shown<'f>(
        &self,
        fields: impl Iterator<Item = &'f FieldName>,
        judged: impl Fn(&FieldName) -> Option<&'f Classified>,
    ) -> BTreeMap<FieldName, BTreeSet<FieldName>> {
        let derivations = access::Derivations::new(self.base, None);
        let mut namesakes = Namesakes::new(self.base, &derivations);
        let mut found = BTreeMap::new();
        for field in fields {
            let Some(is) = judged(field).filter(|is| !is.inputs.is_empty()) else { continue };
            let derivation = derivations.of(field);
            let read = derivation.inputs.into_iter().filter(|input| !self.was_masked(field, input));
            let shown: BTreeSet<FieldName> = read.map(|input| self.base.canonical(&input.field)).collect();
            let guessed: Vec<_> = derivation.unresolved.iter().map(|u| namesakes.behind(&u.name)).collect();
            let new = is.inputs.iter().filter(|input| {
                let whole = self.base.canonical(input);
                !shown.contains(&whole) && !guessed.iter().any(|behind| behind.contains(&whole))
            });
            found.insert(field.clone(), new.cloned().collect());
        }
        found
    }

    /// A declaration on the base took an input out of what a derived field showed. One that is over did: before is the
    /// least that surely was shown.
    fn was_masked(&self, field: &FieldName, input: &Input) -> bool {
        let of = self.on_base(&input.field);
        let counted = |m: &Masking| self.lacks(m, &of).iter().all(|lack| matches!(lack, Lacks::Expired(..)));
        self.named(0, self.base, field, input).any(|(_, masking)| counted(masking))
    }

    /// A masking of the landing tree that masks nothing.
    pub(super) fn idle(&self, masking: &Masking) -> MaskingDeclaration {
        let lacks = masking.reason.lacks(masking.place.span, &self.config.policy, [].into_iter(), self.today);
        let landed = self.landed(masking);
        MaskingDeclaration { masking: masking.clone(), landed, lacks, input: None, awaits: false }
    }

    fn side(
        &self,
        (org, other, by_old_labels): (&Org<'_>, Option<&Org<'_>>, bool),
        fields: &BTreeSet<FieldName>,
        mut is_masked: impl FnMut(&Self, &FieldName, &Input, &Classified) -> bool,
    ) -> Side {
        let policy = &self.config.policy;
        let mut side = Side::default();
        let derivations = access::Derivations::new(org, other);
        // Many formulas read the same fields.
        let mut of_inputs: BTreeMap<FieldName, Classified> = BTreeMap::new();
        let own = |field: &FieldName, known: &mut BTreeMap<FieldName, Classified>| {
            let label = || {
                let labels = self.overlay.labels(field);
                let of = classify_with(&access::declared(org, field), &labels, policy).0;
                if by_old_labels { of.or_old(self.on_base(field)) } else { of }
            };
            known.entry(field.clone()).or_insert_with(label).clone()
        };
        let mut namesakes = Namesakes::new(org, &derivations);
        for field in fields {
            let declared = declared(org, field);
            let (mut classified, both) = classify_with(&declared, &self.overlay.labels(field), policy);
            if by_old_labels {
                classified = classified.or_old(self.on_base(field));
            }
            side.two_labels.extend(both.map(|both| (field.clone(), both)));
            if let Some((how, place)) = declared.encryption() {
                let masked = policy.shield_masks || *how == access::Encryption::Classic;
                side.encrypted.insert(field.clone(), Encrypted { masked, place: place.clone() });
            }
            if declared.derived_at().is_some() {
                let derivation = derivations.of(field);
                let mut reads = derivation.unresolved.is_empty().then_some(Tier::Open);
                for input in derivation.inputs {
                    let of = own(&input.field, &mut of_inputs);
                    let known = !matches!(of.known, Known::Unknown);
                    reads = reads.filter(|_| known).map(|tier| tier.max(of.tier));
                    let matters = of.tier > Tier::Open || !of.label.compliance_groups.is_empty();
                    if matters && !is_masked(self, field, &input, &of) {
                        classified = classified.reading(input, of);
                    }
                }
                let (guesses, too_much) =
                    namesakes.guess(derivation.unresolved, |field| own(field, &mut of_inputs));
                for (unfollowed, most) in &guesses {
                    let Some(MostSensitive { field: read, of }) = most else { continue };
                    let input = unfollowed.reading(read.clone());
                    if !is_masked(self, field, &input, of) {
                        classified = classified.reading(input, of.clone());
                    }
                }
                classified.reads = reads;
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

    /// The own label of a field on the base.
    fn on_base(&self, field: &FieldName) -> Classified {
        classify_with(&declared(self.base, field), &self.overlay.labels(field), &self.config.policy).0
    }

    /// Maskings of one side, 0 the base, that speak of this field and what it reads.
    fn named<'m>(
        &'m self,
        side: usize,
        org: &'m Org<'_>,
        field: &'m FieldName,
        input: &'m Input,
    ) -> impl Iterator<Item = (usize, &'m Masking)> {
        let same = |a: &FieldName, b: &FieldName| a == b || org.canonical(a) == org.canonical(b);
        self.config.maskings[side].iter().enumerate().filter(move |(_, masking)| {
            same(&masking.field.value, field) && masking.reads.iter().any(|r| same(&r.value, &input.field))
        })
    }

    fn lacks(&self, masking: &Masking, of: &Classified) -> Vec<crate::policy::Lacks> {
        let duties = self.config.policy.tiers.group_duties(&of.label);
        masking.reason.lacks(masking.place.span, &self.config.policy, duties, self.today)
    }

    fn landed(&self, masking: &Masking) -> bool {
        self.config.maskings[0].iter().any(|base| base.same(masking))
    }

    fn declaration(&self, masking: &Masking, input: &Input, of: &Classified) -> MaskingDeclaration {
        let landed = self.landed(masking);
        let before = self.on_base(&input.field);
        let texts = |org, other| access::Derivations::new(org, other).of(&masking.field.value).texts;
        let same = || texts(self.base, None) == texts(self.landing, Some(self.base));
        let approved = landed && (self.config.standing || before.tier >= of.tier && same());
        MaskingDeclaration {
            masking: masking.clone(),
            landed,
            lacks: self.lacks(masking, of),
            input: Some((input.field.clone(), of.clone())),
            // A masking opens the field to every grantor, whatever the policy asks of some of them, so it
            // is never settled by its author alone.
            awaits: !approved,
        }
    }
}
