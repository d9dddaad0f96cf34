//! What rules see: delta, labels, policy and justifications joined, so that none of those needs to
//! know another.

use super::classified::{Classified, classify};
use super::{TwoLabels, masking};
use crate::access::{BulkGrant, Declared, Delta, Exposure, GrantorAccess, LabelChange, Opened};
use crate::finding::{Finding, Place, RuleInfo, Severity, Subject};
use crate::policy::{Duty, Entry, Lacks, Policy};
use crate::source::RepoPath;
use crate::words::{Access, FieldName, Grantor, GrantorKind, PrincipalClass, Tier};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that has been read about a change, beside delta and policy.
#[derive(Debug, Default)]
pub struct Facts {
    /// Tiers of the fields concerned, on the base.
    pub base: BTreeMap<FieldName, Classified>,
    /// Tiers of the fields concerned, as they would land.
    pub landing: BTreeMap<FieldName, Classified>,
    /// Fields that the repository and a label from outside it both label, as they would land.
    pub two_labels: BTreeMap<FieldName, TwoLabels>,
    /// Grantors that reach a field whose label changes, as they would land.
    pub standing: BTreeMap<Grantor, GrantorAccess>,
    /// Grantors that justifications of the change name, as they would land.
    pub named: BTreeMap<Grantor, GrantorAccess>,
    /// Derived fields that the change leaves alone while the label of what they read, or a declared
    /// masking, changes.
    pub dependents: Vec<LabelChange>,
    /// Declared maskings that concern the change, as they would land.
    pub maskings: Vec<masking::Declaration>,
    /// What new destructive manifests delete.
    pub deleted: Deleted,
    /// Justifications on the base.
    pub base_entries: Vec<Entry>,
    /// Justifications that would land.
    pub entries: Vec<Entry>,
    /// Fields of the objects whose records a change opens, by object, lower case.
    pub objects: BTreeMap<String, Vec<FieldName>>,
    /// Everything that grantors open which the change hands out, or gives View Encrypted Data.
    pub reach: BTreeMap<Grantor, Vec<Exposure>>,
    /// Encrypted fields among those concerned, as they would land.
    pub encrypted: BTreeMap<FieldName, Encrypted>,
    /// What derived fields of the change read and cannot be resolved, as they would land.
    pub unresolved: BTreeMap<FieldName, Vec<(String, Place)>>,
    /// Grantors of those justifications that the base has.
    pub on_base: BTreeSet<Grantor>,
    /// Grantors of those justifications that the landing tree has.
    pub on_landing: BTreeSet<Grantor>,
    /// New string replacements, and the permission and field files that they can rewrite.
    pub replaced: Option<(Place, Vec<RepoPath>)>,
    /// Changed files that only an authorised person may change, as they would land or, when deleted,
    /// as they were.
    pub guarded: Vec<Place>,
}

/// Components that new destructive manifests delete, with the line of the manifest.
#[derive(Clone, Debug, Default)]
pub struct Deleted {
    /// Fields.
    pub fields: BTreeMap<FieldName, Place>,
    /// Objects, with all their fields, lower case.
    pub objects: BTreeMap<String, Place>,
    /// Muting permission sets, lower case.
    pub muting: BTreeMap<String, Place>,
}

impl Deleted {
    /// The line that deletes a field, by itself or with its object.
    pub fn field(&self, field: &FieldName) -> Option<&Place> {
        self.fields.get(field).or_else(|| self.objects.get(&field.object().to_ascii_lowercase()))
    }
}

/// An encrypted field.
#[derive(Clone, Debug)]
pub struct Encrypted {
    /// Its value is masked for everybody without View Encrypted Data.
    pub masked: bool,
    /// The element that says so.
    pub place: Place,
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

    /// Bulk grants that the change opens: new ones, and those whose grantor goes to a more exposed
    /// principal class (then `true`). What a group gains because a member gains it is the member's.
    pub fn bulk(&self) -> impl Iterator<Item = (&'c Grantor, &'c BulkGrant, bool)> {
        let new = self.delta.bulk_opened.iter().map(|(grantor, grant)| (grantor, grant, false));
        let held = self.delta.bulk_relicensed.iter().map(|(grantor, grant)| (grantor, grant, true));
        let rises = |grantor: &Grantor| self.principal_before(grantor) < self.principal(grantor);
        let counts = move |(grantor, _, held): &(&Grantor, &BulkGrant, bool)| !held || rises(grantor);
        new.chain(held).filter(counts).filter(|(group, grant, _)| {
            let members = self.delta.landing.get(group).map(|access| &access.members);
            // What the member read before, and the group muted, the group opens alone.
            let as_much = |member: &Grantor| {
                let by_grant =
                    |o: &&Opened| o.exposure.grantor == **group && o.bulk.as_ref() == Some(&grant.bulk);
                let at_member =
                    |o: &Opened| o.exposure.grantor == *member && o.bulk.as_ref() == Some(&grant.bulk);
                let field = |o: &Opened| o.exposure.field.clone();
                let told: BTreeSet<FieldName> = self.opened().filter(|o| at_member(o)).map(field).collect();
                self.opened().filter(by_grant).all(|o| told.contains(&o.exposure.field))
            };
            let told = |(g, b): &(Grantor, BulkGrant)| {
                let member = members.is_some_and(|members| members.contains(g));
                let same = member && b.bulk == grant.bulk && self.principal(group) <= self.principal(g);
                same && as_much(g)
            };
            !self.delta.bulk_opened.iter().any(told)
        })
    }

    /// Grants of a field that stand. A group counts beside its members only where more is asked of it.
    pub fn standing(&self, field: &FieldName) -> impl Iterator<Item = &'c Exposure> {
        let all = self.facts.standing.values().filter_map(|access| access.exposures.get(field));
        let (classified, wanted) = (self.classified(field), field.clone());
        all.filter(move |e| {
            let duty = |grantor: &Grantor| self.duty(grantor, &classified, e.access).0;
            let told = |member: &Grantor| {
                let holds =
                    self.facts.standing.get(member).is_some_and(|a| a.exposures.contains_key(&wanted));
                holds && duty(&e.grantor) <= duty(member)
            };
            let members = self.facts.standing.get(&e.grantor).map(|access| &access.members);
            e.grantor.kind != GrantorKind::PermissionSetGroup || !members.into_iter().flatten().any(told)
        })
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
