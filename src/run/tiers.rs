//! Tiers of fields on both sides, with what derived fields read and what declared maskings make of it.

use super::config::Config;
use super::overlay::Overlay;
use crate::access::{self, Input, declared};
use crate::finding::{Place, Severity};
use crate::org::Org;
use crate::policy::Masking;
use crate::rules::{self, Classified, Encrypted, MaskingDeclaration, TwoLabels, classify_with};
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
        self.side(self.base, None, fields, |tiers, field, input, of| {
            tiers.named(0, tiers.base, field, input).any(|(_, m)| tiers.lacks(m, of).is_empty())
        })
    }

    /// As they would land.
    pub(super) fn after(&self, fields: &BTreeSet<FieldName>) -> Side {
        let mut maskings: BTreeMap<usize, MaskingDeclaration> = BTreeMap::new();
        let mut side = self.side(self.landing, Some(self.base), fields, |tiers, field, input, of| {
            let mut masked = false;
            for (at, masking) in tiers.named(1, tiers.landing, field, input) {
                let found = tiers.declaration(masking, input, of);
                // Whoever turns the rule off that reports missing approvals gets no masking without one.
                let told = tiers.config.policy.severity(rules::AWAITING_APPROVAL) == Some(Severity::Error);
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

    /// A masking of the landing tree that masks nothing.
    pub(super) fn idle(&self, masking: &Masking) -> MaskingDeclaration {
        let lacks = masking.reason.lacks(masking.place.span, &self.config.policy, [].into_iter(), self.today);
        let landed = self.landed(masking);
        MaskingDeclaration { masking: masking.clone(), landed, lacks, input: None, awaits: false }
    }

    fn side(
        &self,
        org: &Org<'_>,
        other: Option<&Org<'_>>,
        fields: &BTreeSet<FieldName>,
        mut is_masked: impl FnMut(&Self, &FieldName, &Input, &Classified) -> bool,
    ) -> Side {
        let policy = &self.config.policy;
        let mut side = Side::default();
        let derivations = access::Derivations::new(org, other);
        // Many formulas read the same fields.
        let mut of_inputs: BTreeMap<FieldName, Classified> = BTreeMap::new();
        for field in fields {
            let declared = declared(org, field);
            let (mut classified, both) = classify_with(&declared, &self.overlay.labels(field), policy);
            side.two_labels.extend(both.map(|both| (field.clone(), both)));
            if let Some((how, place)) = declared.encryption() {
                let masked = policy.shield_masks || *how == access::Encryption::Classic;
                side.encrypted.insert(field.clone(), Encrypted { masked, place: place.clone() });
            }
            if declared.derived_at().is_some() {
                let derivation = derivations.of(field);
                let mut reads = derivation.unresolved.is_empty().then_some(Tier::Open);
                for input in derivation.inputs {
                    let of = of_inputs.entry(input.field.clone()).or_insert_with(|| {
                        let labels = self.overlay.labels(&input.field);
                        classify_with(&access::declared(org, &input.field), &labels, policy).0
                    });
                    let known = !matches!(of.known, rules::Known::Unknown);
                    reads = reads.filter(|_| known).map(|tier| tier.max(of.tier));
                    let matters = of.tier > Tier::Open || !of.label.compliance_groups.is_empty();
                    if matters && !is_masked(self, field, &input, of) {
                        classified = classified.reading(input, of.clone());
                    }
                }
                classified.reads = reads;
                if let Some(problem) = derivation.unreadable {
                    classified = classified.unreadable(problem);
                }
                if !derivation.unresolved.is_empty() {
                    side.unresolved.insert(field.clone(), derivation.unresolved);
                }
            }
            side.tiers.insert(field.clone(), classified);
        }
        side
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
        let labels = self.overlay.labels(&input.field);
        let (before, _) = classify_with(&declared(self.base, &input.field), &labels, &self.config.policy);
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
