//! A field's tier and what it rests on: label and policy joined.

use crate::access::{Declaration, Declared, Input, Unreadable};
use crate::finding::{Label, Place};
use crate::policy::Policy;
use crate::words::{Access, FieldName, Tier};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A field's tier on one side and why.
#[derive(Clone, Debug)]
pub struct Classified {
    /// The tier.
    pub tier: Tier,
    /// The label behind it.
    pub label: Arc<Label>,
    /// Who owns the data, by the field's own metadata.
    pub owner: Option<String>,
    /// What the tier rests on.
    pub known: Known,
    /// The field that this one reads and whose tier it takes, where that is higher than its own.
    pub derived: Option<DerivedFrom>,
    /// The highest tier among all that a derived field reads; `None` where some of it is not known, and
    /// of other fields.
    pub reads: Option<Tier>,
    /// Classified fields that it reads and that no declaration masks.
    pub inputs: BTreeSet<FieldName>,
    /// The platform sets its value: a formula, a roll-up, an automatic number.
    pub computed: bool,
    /// The file of its definition is broken, and not only what it reads cannot be followed.
    pub(super) broken: bool,
    /// The same field by its own label alone, where it reads others.
    pub(super) own: Option<Box<Classified>>,
}

/// The most sensitive field that a derived field reads.
#[derive(Clone, Debug)]
pub struct DerivedFrom {
    /// The field and the way to it.
    pub input: Input,
    /// Where its label stands.
    pub place: Option<Place>,
    /// Its definition cannot be read.
    pub unreadable: Option<Unreadable>,
    /// The file of that definition is broken.
    broken: bool,
}

impl DerivedFrom {
    /// Whether the field gets a copy of what it shows.
    pub fn is_copied(&self) -> bool {
        self.input.hops().first().is_some_and(|hop| hop.copied)
    }
}

/// What a tier rests on.
#[derive(Clone, Debug)]
pub enum Known {
    /// A definition. The place is the element that decides, or the whole definition without a label.
    Declared {
        /// Where.
        place: Place,
        /// Where compliance groups are declared, be it that there are none.
        compliance: Option<Place>,
        /// The policy maps no tier to this classification.
        unmapped: bool,
    },
    /// No definition in the repository: the policy's tier for unknown fields.
    Unknown,
    /// A definition that cannot be read: treated as restricted.
    Unreadable(Unreadable),
}

/// The access that there can be at most: what the platform sets, a formula say, nobody edits.
pub(crate) fn cap(access: Access, of: &Classified) -> Access {
    if of.computed { Access::Read } else { access }
}

impl Classified {
    /// A field that reads no other one.
    fn of_its_own(tier: Tier, label: Label, known: Known) -> Self {
        Classified {
            tier,
            label: Arc::new(label),
            broken: matches!(known, Known::Unreadable(_)),
            known,
            derived: None,
            reads: None,
            inputs: BTreeSet::new(),
            computed: false,
            owner: None,
            own: None,
        }
    }

    /// Where the label is declared: that of the field which is read, if the tier comes from there.
    pub fn place(&self) -> Option<&Place> {
        if let Some(from) = &self.derived {
            return from.place.as_ref();
        }
        match &self.known {
            Known::Declared { place, .. } => Some(place),
            _ => None,
        }
    }

    /// Where compliance groups are declared, be it that there are none.
    pub fn compliance_at(&self) -> Option<&Place> {
        match &self.known {
            Known::Declared { compliance, .. } => compliance.as_ref(),
            _ => None,
        }
    }

    /// Why the file is broken that decides about the field: its own, or that of the field whose tier it takes.
    pub fn broken(&self) -> Option<&Unreadable> {
        match (&self.known, &self.derived) {
            (Known::Unreadable(problem), _) if self.broken => Some(problem),
            (_, Some(from)) if from.broken => from.unreadable.as_ref(),
            _ => None,
        }
    }

    /// The same field if what it is derived from cannot be understood: it may read anything.
    pub fn unreadable(mut self, problem: Unreadable) -> Self {
        self.tier = Tier::Restricted;
        self.known = Known::Unreadable(problem);
        self.derived = None;
        self
    }

    /// The same field if it takes the tier of what it reads, where that is higher. The duties of every
    /// label on the way are its own: compliance groups add up.
    pub fn reading(mut self, input: Input, of: Classified) -> Self {
        if self.own.is_none() {
            self.own = Some(Box::new(self.clone()));
        }
        if of.tier > Tier::Open {
            self.inputs.insert(input.field.clone());
        }
        let mut groups = self.label.compliance_groups.clone();
        for group in &of.label.compliance_groups {
            if !groups.iter().any(|g| g.eq_ignore_ascii_case(group)) {
                groups.push(group.clone());
            }
        }
        groups.sort_unstable();
        if of.tier > self.tier {
            self.tier = of.tier;
            let unreadable =
                if let Known::Unreadable(problem) = &of.known { Some(problem.clone()) } else { None };
            let place = of.place().cloned();
            self.derived = Some(DerivedFrom { input, place, unreadable, broken: of.broken });
            self.label = of.label;
        }
        Arc::make_mut(&mut self.label).compliance_groups = groups;
        self
    }

    /// Whether this label asks for more than another one of the field: a higher tier, or a compliance group.
    pub fn asks_more_than(&self, other: &Classified) -> bool {
        self.tier > other.tier || !self.label.compliance_groups.iter().all(|group| other.has_group(group))
    }

    /// The same field if its old label still counts: the more sensitive of both, with the compliance groups of both. A tier
    /// that the policy enforces less than the new one protects nothing of it.
    pub fn or_old(mut self, was: Classified, policy: &Policy) -> Self {
        if matches!(was.known, Known::Unknown) || !was.asks_more_than(&self) {
            return self;
        }
        let groups = was.label.compliance_groups.iter().filter(|group| !self.has_group(group));
        let mut groups: Vec<String> = groups.chain(&self.label.compliance_groups).cloned().collect();
        groups.sort_unstable();
        let enforced = |tier| policy.tiers.enforcement(tier);
        let binds = self.tier == Tier::Open || enforced(was.tier) >= enforced(self.tier);
        if was.tier > self.tier && binds {
            (self.tier, self.label, self.known) = (was.tier, was.label.clone(), was.known.clone());
        }
        Arc::make_mut(&mut self.label).compliance_groups = groups;
        self
    }

    pub(crate) fn has_group(&self, group: &str) -> bool {
        self.label.compliance_groups.iter().any(|own| own.eq_ignore_ascii_case(group))
    }

    /// The same field by its own label alone.
    pub fn own(&self) -> &Classified {
        self.own.as_deref().unwrap_or(self)
    }

    /// Tier and label in words: `tier 3 (Restricted, PII)`.
    pub fn words(&self) -> String {
        format!("{} ({})", self.tier.words(), self.label_words())
    }

    /// The label that is written at its place, whose it is where the field counts by one that it reads, and what the
    /// field counts as where it reads others with further compliance groups.
    pub fn label_at_place(&self) -> String {
        let own = &self.own().label;
        match &self.derived {
            Some(from) => format!("{} of `{}`", self.label, from.input.field),
            None if own == &self.label => self.label.to_string(),
            None => format!("{own}; with the compliance groups of what it reads: {}", self.label),
        }
    }

    /// The label in words, or why there is none: `Restricted, PII`.
    pub fn label_words(&self) -> String {
        if let Some(from) = &self.derived {
            let field = &from.input.field;
            let way = match (from.is_copied(), from.input.is_guessed) {
                (true, _) => "it gets a copy of",
                (false, true) => "it counts as reading",
                (false, false) => "it reads",
            };
            return match from.unreadable {
                Some(_) => format!("{way} `{field}`, whose definition cannot be read"),
                None => format!("{way} `{field}`: {}", self.label),
            };
        }
        match &self.known {
            Known::Unknown => "not defined in this repository".to_owned(),
            Known::Unreadable(_) => "its definition cannot be read".to_owned(),
            Known::Declared { .. } => self.label.to_string(),
        }
    }
}

/// The tier of a field. Of several definitions the most sensitive one counts.
pub fn classify(declared: &Declared, policy: &Policy) -> Classified {
    let known = match declared {
        Declared::Unknown => None,
        Declared::Unreadable(problem) => {
            let known = Known::Unreadable(problem.clone());
            Some(Classified::of_its_own(Tier::Restricted, Label::default(), known))
        }
        Declared::Known(definitions) => {
            let all = definitions.iter().map(|d| of_definition(d, policy));
            // The first of equals; compliance groups of all, so that no second definition hides one.
            all.reduce(|best, next| {
                let (mut best, other) = if next.tier > best.tier { (next, best) } else { (best, next) };
                let groups = &mut Arc::make_mut(&mut best.label).compliance_groups;
                groups.extend(other.label.compliance_groups.iter().cloned());
                groups.sort_unstable();
                groups.dedup();
                best.owner = best.owner.or(other.owner);
                // Of several definitions any may be the one in the org.
                best.computed &= other.computed;
                best
            })
        }
    };
    known.unwrap_or_else(|| {
        Classified::of_its_own(policy.labels.unknown_fields(), Label::default(), Known::Unknown)
    })
}

fn of_definition(declaration: &Declaration, policy: &Policy) -> Classified {
    let text = |part: &'_ Option<(String, Place)>| part.as_ref().map(|(t, _)| t.clone());
    let (classification, compliance) = (text(&declaration.classification), text(&declaration.compliance));
    let label = policy.labels.label(classification.as_deref(), compliance.as_deref());
    let of = policy.labels.tier(&label);
    // The element that decides: the classification, unless compliance alone makes the tier.
    let alone = policy.labels.label(classification.as_deref(), None);
    let by_classification = policy.labels.tier(&alone).tier == of.tier && label.classification.is_some();
    let stated = declaration.compliance.as_ref().filter(|(text, _)| !text.is_empty()).map(|(_, p)| p.clone());
    let compliance = declaration.compliance.as_ref().filter(|_| !label.compliance_groups.is_empty());
    let deciding = if by_classification { declaration.classification.as_ref() } else { compliance };
    let place = deciding.or(declaration.classification.as_ref()).map_or(&declaration.definition, |(_, p)| p);
    let known = Known::Declared { place: place.clone(), compliance: stated, unmapped: of.unmapped };
    Classified {
        computed: declaration.computed,
        owner: declaration.owner.clone(),
        ..Classified::of_its_own(of.tier, label, known)
    }
}
