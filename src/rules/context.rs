//! What rules see: delta, labels, policy and justifications joined, so that none of those needs to
//! know another.

use crate::access::{Declaration, Declared, Delta, Exposure, GrantorAccess, Input, Opened, Unreadable};
use crate::finding::{Finding, Label, Place, RuleInfo, Severity, Subject};
use crate::policy::{Duty, Entry, Lacks, Policy};
use crate::words::{Access, FieldName, Grantor, GrantorKind, PrincipalClass, Tier};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A field's tier on one side and why.
#[derive(Clone, Debug)]
pub struct Classified {
    /// The tier.
    pub tier: Tier,
    /// The label behind it.
    pub label: Label,
    /// What the tier rests on.
    pub known: Known,
    /// The field that this one reads and whose tier it takes, where that is higher than its own.
    pub derived: Option<DerivedFrom>,
}

/// The most sensitive field that a derived field reads.
#[derive(Clone, Debug)]
pub struct DerivedFrom {
    /// The field and the way to it.
    pub input: Input,
    /// Where its label stands.
    pub place: Option<Place>,
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

impl Classified {
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

    /// The same field if what it is derived from cannot be understood: it may read anything.
    pub fn unreadable(mut self, problem: Unreadable) -> Self {
        self.tier = Tier::Restricted;
        self.known = Known::Unreadable(problem);
        self.derived = None;
        self
    }

    /// The same field if it takes the tier of what it reads, where that is higher. Its duties are then
    /// those of the label that is read.
    pub fn reading(mut self, input: Input, of: Classified) -> Self {
        if of.tier > self.tier {
            self.tier = of.tier;
            self.derived = Some(DerivedFrom { input, place: of.place().cloned() });
            self.label = of.label;
        }
        self
    }

    /// Tier and label in words, for messages.
    pub fn words(&self) -> String {
        if let Some(from) = &self.derived {
            return format!("{} (it reads `{}`: {})", self.tier, from.input.field, self.label);
        }
        match &self.known {
            Known::Unknown => format!("{} (not defined in this repository)", self.tier),
            Known::Unreadable(_) => format!("{} (its definition cannot be read)", self.tier),
            Known::Declared { .. } => format!("{} ({})", self.tier, self.label),
        }
    }
}

/// The tier of a field. Of several definitions the most sensitive one counts.
pub fn classify(declared: &Declared, policy: &Policy) -> Classified {
    let known = match declared {
        Declared::Unknown => None,
        Declared::Unreadable(problem) => {
            let known = Known::Unreadable(problem.clone());
            return Classified { tier: Tier::Restricted, label: Label::default(), known, derived: None };
        }
        Declared::Known(definitions) => {
            let all = definitions.iter().map(|d| of_definition(d, policy));
            // The first of equals; compliance groups of all, so that no second definition hides one.
            all.reduce(|best, next| {
                let (mut best, other) = if next.tier > best.tier { (next, best) } else { (best, next) };
                best.label.compliance_groups.extend(other.label.compliance_groups);
                best.label.compliance_groups.sort_unstable();
                best.label.compliance_groups.dedup();
                best
            })
        }
    };
    let tier = policy.labels.unknown_fields();
    known.unwrap_or(Classified { tier, label: Label::default(), known: Known::Unknown, derived: None })
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
    Classified {
        tier: of.tier,
        label,
        known: Known::Declared { place: place.clone(), compliance: stated, unmapped: of.unmapped },
        derived: None,
    }
}

/// Everything that has been read about a change, beside delta and policy.
#[derive(Debug, Default)]
pub struct Facts {
    /// Tiers of the fields concerned, on the base.
    pub base: BTreeMap<FieldName, Classified>,
    /// Tiers of the fields concerned, as they would land.
    pub landing: BTreeMap<FieldName, Classified>,
    /// Grantors that reach a field whose label changes, as they would land.
    pub standing: BTreeMap<Grantor, GrantorAccess>,
    /// Grantors that justifications of the change name, as they would land.
    pub named: BTreeMap<Grantor, GrantorAccess>,
    /// Justifications on the base.
    pub base_entries: Vec<Entry>,
    /// Justifications that would land.
    pub entries: Vec<Entry>,
    /// Fields of the objects whose records a change opens, by object, lower case.
    pub objects: BTreeMap<String, Vec<FieldName>>,
    /// What derived fields of the change read and cannot be resolved, as they would land.
    pub unresolved: BTreeMap<FieldName, Vec<(String, Place)>>,
    /// Grantors of those justifications that the base has.
    pub on_base: BTreeSet<Grantor>,
    /// Grantors of those justifications that the landing tree has.
    pub on_landing: BTreeSet<Grantor>,
    /// Changed files that only an authorised person may change, as they would land or, when deleted,
    /// as they were.
    pub guarded: Vec<Place>,
}

/// What justifies an exposure.
#[derive(Debug)]
pub enum Justified<'c> {
    /// Nothing.
    No,
    /// An entry that does not count, and why.
    Lacking(&'c Entry, Vec<Lacks>),
    /// An entry that counts.
    Yes {
        /// The entry.
        entry: &'c Entry,
        /// It landed under the same demands, so it was approved then.
        approved: bool,
    },
}

/// What rules see.
pub struct Context<'c> {
    /// What the change opens and closes.
    pub delta: &'c Delta,
    /// The policy of the base.
    pub policy: &'c Policy,
    /// What has been read.
    pub facts: &'c Facts,
    /// The day of the run.
    pub today: Date,
}

impl<'c> Context<'c> {
    /// The tier of a field as it would land.
    pub fn classified(&self, field: &FieldName) -> Classified {
        self.side(&self.facts.landing, field)
    }

    /// The tier of a field on the base.
    pub fn classified_before(&self, field: &FieldName) -> Classified {
        self.side(&self.facts.base, field)
    }

    fn side(&self, side: &BTreeMap<FieldName, Classified>, field: &FieldName) -> Classified {
        side.get(field).cloned().unwrap_or_else(|| classify(&Declared::Unknown, self.policy))
    }

    /// Who holds a grantor. Licences of both sides count, so a change cannot hide a guest profile.
    pub fn principal(&self, grantor: &Grantor) -> PrincipalClass {
        let known = self.delta.licenses.get(grantor).map(|l| &l.all);
        let standing = [&self.facts.standing, &self.facts.named];
        let elsewhere = || standing.iter().find_map(|m| m.get(grantor)).map(|a| &a.licenses);
        let licenses = known.or_else(elsewhere).cloned().unwrap_or_default();
        self.policy.principals.class(grantor, &licenses)
    }

    /// Who held a grantor on the base. A grantor that the change does not touch has one class.
    fn principal_before(&self, grantor: &Grantor) -> PrincipalClass {
        match self.delta.licenses.get(grantor) {
            Some(licenses) => self.policy.principals.class(grantor, &licenses.base),
            None => self.principal(grantor),
        }
    }

    /// What the change opens: new and wider exposures, and those whose grantor goes to a more exposed
    /// principal class.
    pub fn opened(&self) -> impl Iterator<Item = &'c Opened> {
        let rises = |grantor: &Grantor| self.principal_before(grantor) < self.principal(grantor);
        let relicensed = self.delta.relicensed.iter().filter(move |o| rises(&o.exposure.grantor));
        self.delta.opened.iter().chain(relicensed)
    }

    /// The part of [`Context::opened`] that a field's own entry opens, in a permission set or profile.
    pub fn opened_by_entry(&self) -> impl Iterator<Item = &'c Opened> {
        self.opened()
            .filter(|o| o.bulk.is_none() && o.exposure.grantor.kind != GrantorKind::PermissionSetGroup)
    }

    /// Whether a grant meets what the policy asks for if its field is `classified`.
    pub fn settled(&self, exposure: &Exposure, classified: &Classified) -> bool {
        let (duty, _) = self.duty(&exposure.grantor, classified, exposure.access);
        if !self.policy.tiers.kind_allowed(classified.tier, exposure.grantor.kind) {
            return false;
        }
        match duty {
            Duty::Allow => true,
            Duty::Deny => false,
            Duty::Justify | Duty::Approve => {
                match self.justified_as(&exposure.grantor, &exposure.field, exposure.access, classified) {
                    // A missing approval of a complete entry is `awaiting-approval`'s to report, if it blocks.
                    Justified::Yes { approved, .. } => {
                        duty < Duty::Approve || approved || self.blocks(&super::awaiting_approval::RULE.info)
                    }
                    Justified::Lacking(..) | Justified::No => false,
                }
            }
        }
    }

    /// What the policy asks for, and whether the principal class alone forbids it.
    pub fn duty(&self, grantor: &Grantor, classified: &Classified, access: Access) -> (Duty, bool) {
        self.policy.tiers.duty(classified.tier, &classified.label, access, self.principal(grantor))
    }

    /// The best justification for an access.
    pub fn justified(&self, grantor: &Grantor, field: &FieldName, access: Access) -> Justified<'c> {
        self.justified_as(grantor, field, access, &self.classified(field))
    }

    /// The best justification for an access if the field were `classified`.
    pub fn justified_as(
        &self,
        grantor: &Grantor,
        field: &FieldName,
        access: Access,
        classified: &Classified,
    ) -> Justified<'c> {
        let mut best = Justified::No;
        for entry in self.facts.entries.iter().filter(|e| e.matches(grantor, field, access)) {
            let duties = self.policy.tiers.group_duties(&classified.label);
            let lacks = entry.lacks(self.policy, duties, self.today);
            if !lacks.is_empty() {
                if matches!(best, Justified::No) {
                    best = Justified::Lacking(entry, lacks);
                }
                continue;
            }
            let approved = self.approved(entry, field, access);
            if approved || !matches!(best, Justified::Yes { .. }) {
                best = Justified::Yes { entry, approved };
            }
        }
        best
    }

    /// What keeps an entry from counting for `fields`.
    pub fn lacks(&self, entry: &Entry, fields: &[FieldName]) -> Vec<Lacks> {
        let labels: Vec<Classified> = fields.iter().map(|f| self.classified(f)).collect();
        let duties = labels.iter().flat_map(|c| self.policy.tiers.group_duties(&c.label));
        entry.lacks(self.policy, duties, self.today)
    }

    /// The entry is on the base, word for word, or one that says the same of a wider access.
    pub fn landed(&self, entry: &Entry) -> bool {
        self.facts.base_entries.iter().any(|e| e.covers(entry))
    }

    /// The entry landed while its field already asked for an approval, so somebody gave one. An entry
    /// planted before the field was classified has never been approved, and one that outlived its
    /// grantor says nothing of a new grantor of that name. Nor does an approval for a lower tier or
    /// a less exposed principal class carry over.
    pub fn approved(&self, entry: &Entry, field: &FieldName, access: Access) -> bool {
        let before = self.classified_before(field);
        let (duty, _) =
            self.policy.tiers.duty(before.tier, &before.label, access, self.principal_before(&entry.grantor));
        let same_stakes = duty >= Duty::Approve
            && before.tier >= self.classified(field).tier
            && self.principal_before(&entry.grantor) >= self.principal(&entry.grantor);
        self.landed(entry) && same_stakes && self.facts.on_base.contains(&entry.grantor)
    }

    /// Whether `rule` blocks under this policy: only then may another rule leave a finding to it, so
    /// that lowering one rule never hides what another one is for.
    pub fn blocks(&self, rule: &RuleInfo) -> bool {
        self.policy.severity(rule) == Some(Severity::Error)
    }

    /// Who, what and how of an exposure.
    pub fn subject(&self, exposure: &Exposure, classified: &Classified) -> Subject {
        Subject {
            grantor: Some((exposure.grantor.clone(), self.principal(&exposure.grantor))),
            field: Some(exposure.field.clone()),
            access: Some(exposure.access),
            tier: Some(classified.tier),
            label: Some((classified.label.clone(), classified.place().cloned())),
            route: exposure.route.clone(),
            justification: None,
        }
    }

    /// An empty finding with the severity that policy and tier give.
    pub fn finding(&self, rule: &'static RuleInfo, place: &Place, tier: Option<Tier>) -> Finding {
        let severity = match tier {
            Some(tier) => self.policy.severity_in(rule, tier),
            None => self.policy.severity(rule),
        };
        Finding {
            rule,
            severity: severity.unwrap_or(Severity::Note),
            message: String::new(),
            help: String::new(),
            place: place.clone(),
            here: String::new(),
            notes: Vec::new(),
            related: Vec::new(),
            subject: Subject::default(),
            approvable: false,
        }
    }
}
