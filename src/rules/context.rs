//! What rules see: delta, labels, policy and justifications joined, so that none of those needs to
//! know another.

use super::Facts;
use super::classified::{Classified, classify};
use crate::access::{Bulk, BulkGrant, Declared, Delta, Exposure, LabelChange, Opened};
use crate::finding::{Finding, Place, RuleInfo, Severity, Subject};
use crate::policy::{Baseline, Duty, Entry, EntrySet, Lacks, Policy};
use crate::words::{Access, FieldName, Grantor, GrantorKind, PrincipalClass, Tier};
use jiff::civil::Date;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Everything that stands is judged, not a change.
    pub standing: bool,
    /// What is accepted since the day of adoption.
    baseline: &'c Baseline,
    /// With the tier of the field; nothing where nobody defines it.
    opened: Vec<(&'c Opened, Option<&'c Classified>)>,
    by_grantor: BTreeMap<&'c Grantor, Vec<&'c Opened>>,
    by_door: BTreeMap<(&'c Grantor, &'c FieldName), &'c Opened>,
    bulk: Vec<(&'c Grantor, &'c BulkGrant, bool)>,
    /// The keys of [`Context::bulk`], and those of what the change adds to any grantor.
    bulk_told: BTreeSet<(&'c Grantor, &'c Bulk)>,
    bulk_gained: BTreeSet<(&'c Grantor, &'c Bulk)>,
    entries: BTreeMap<&'c Grantor, Vec<&'c Entry>>,
    base_entries: EntrySet,
    landing_entries: EntrySet,
    /// Who holds the grantors that the delta and the facts know.
    principals: BTreeMap<&'c Grantor, PrincipalClass>,
    /// What is said of a field that nothing defines.
    unknown: Classified,
}

impl<'c> Context<'c> {
    /// Joins the worlds.
    pub fn new(
        delta: &'c Delta,
        (policy, baseline): (&'c Policy, &'c Baseline),
        facts: &'c Facts,
        today: Date,
        standing: bool,
    ) -> Self {
        let mut entries: BTreeMap<&Grantor, Vec<&Entry>> = BTreeMap::new();
        for entry in &facts.entries {
            entries.entry(&entry.grantor).or_default().push(entry);
        }
        let mut cx = Context {
            delta,
            policy,
            facts,
            today,
            standing,
            baseline,
            opened: Vec::new(),
            by_grantor: BTreeMap::new(),
            by_door: BTreeMap::new(),
            bulk: Vec::new(),
            bulk_told: BTreeSet::new(),
            bulk_gained: delta.bulk_opened.iter().map(|(grantor, grant)| (grantor, &grant.bulk)).collect(),
            entries,
            base_entries: facts.base_entries.iter().collect(),
            landing_entries: facts.entries.iter().collect(),
            principals: BTreeMap::new(),
            unknown: classify(&Declared::Unknown, policy),
        };
        let known = delta.licenses.keys().chain(facts.standing.keys()).chain(facts.named.keys());
        let known = known.chain(facts.handed.keys());
        cx.principals = known.map(|grantor| (grantor, cx.find_principal(grantor))).collect();
        cx.opened = cx.find_opened();
        for (opened, _) in &cx.opened {
            cx.by_grantor.entry(&opened.exposure.grantor).or_default().push(opened);
        }
        cx.by_door = cx.opened.iter().map(|(o, _)| ((&o.exposure.grantor, &o.exposure.field), *o)).collect();
        cx.bulk = cx.find_bulk();
        cx.bulk_told = cx.bulk.iter().map(|(grantor, grant, _)| (*grantor, &grant.bulk)).collect();
        cx
    }

    /// The tier of a field as it would land.
    pub fn classified(&self, field: &FieldName) -> &Classified {
        self.facts.landing.get(field).unwrap_or(&self.unknown)
    }

    /// The tier of a field on the base.
    pub fn classified_before(&self, field: &FieldName) -> &Classified {
        self.facts.base.get(field).unwrap_or(&self.unknown)
    }

    /// Who holds a grantor. Licences of both sides count, so a change cannot hide a guest profile.
    pub fn principal(&self, grantor: &Grantor) -> PrincipalClass {
        self.principals.get(grantor).copied().unwrap_or_else(|| self.find_principal(grantor))
    }

    fn find_principal(&self, grantor: &Grantor) -> PrincipalClass {
        if let Some(licenses) = self.delta.licenses.get(grantor) {
            let class = |of: &[String]| self.policy.principals.class(grantor, of);
            let after = class(&licenses.landing);
            // Assignments outlive a licence: the more exposed of both sides counts.
            return if licenses.existed { after.max(class(&licenses.base)) } else { after };
        }
        let Facts { standing, named, handed, .. } = self.facts;
        let elsewhere = || {
            let access = standing.get(grantor).map(|s| &s.access).or_else(|| named.get(grantor));
            Some(&access.or_else(|| handed.get(grantor))?.licenses)
        };
        let licenses = elsewhere().cloned().unwrap_or_default();
        self.policy.principals.class(grantor, &licenses)
    }

    /// Who held a grantor on the base. A grantor that the change does not touch has one class.
    fn principal_before(&self, grantor: &Grantor) -> PrincipalClass {
        match self.delta.licenses.get(grantor) {
            Some(licenses) => self.policy.principals.class(grantor, &licenses.base),
            None => self.principal(grantor),
        }
    }

    /// More exposed people can hold it than before.
    pub(super) fn principal_rises(&self, grantor: &Grantor) -> bool {
        self.principal_before(grantor) < self.principal(grantor)
    }

    /// Whether the baseline accepts an exposure that stands. A line of the base accepts what it was written
    /// for: a field that was classified there already, and that reads no more than it did.
    pub fn accepted(&self, exposure: &Exposure) -> bool {
        let Exposure { grantor, field, access, .. } = exposure;
        if self.baseline.is_empty() {
            return false;
        }
        let now = self.classified(field);
        let Some(line) = self.baseline.accepts(grantor, field, *access, now.tier) else { return false };
        let before = self.classified_before(field);
        self.standing || line.is_new || before.tier > Tier::Open && now.inputs.is_subset(&before.inputs)
    }

    /// What the change opens: new and wider exposures, and those whose grantor goes to a more exposed
    /// principal class. Where what stands is judged, everything that is not accepted.
    pub fn opened(&self) -> impl Iterator<Item = &'c Opened> {
        self.opened.iter().map(|(opened, _)| *opened)
    }

    /// What the change opens of one field for one grantor.
    pub fn opened_at(&self, grantor: &Grantor, field: &FieldName) -> Option<&'c Opened> {
        self.by_door.get(&(grantor, field)).copied()
    }

    /// What a grantor opens by one bulk grant.
    pub fn opened_by(&self, grantor: &Grantor, bulk: &Bulk) -> Vec<&'c Exposure> {
        let of = self.by_grantor.get(grantor).into_iter().flatten();
        of.filter(|o| o.bulk.as_ref() == Some(bulk)).map(|o| &o.exposure).collect()
    }

    fn find_opened(&self) -> Vec<(&'c Opened, Option<&'c Classified>)> {
        let relicensed = self.delta.relicensed.par_iter();
        let relicensed = relicensed.filter(|o| self.principal_rises(&o.exposure.grantor));
        let all = self.delta.opened.par_iter().chain(relicensed);
        let left = all.filter(|o| !(self.standing && self.accepted(&o.exposure)));
        left.map(|o| (o, self.facts.landing.get(&o.exposure.field))).collect()
    }

    /// Bulk grants that the change opens: new ones, and those whose grantor goes to a more exposed
    /// principal class (then `true`). What a group gains because a member gains it is the member's.
    pub fn bulk(&self) -> impl Iterator<Item = (&'c Grantor, &'c BulkGrant, bool)> {
        self.bulk.iter().copied()
    }

    /// Whether [`Context::bulk`] has this grant of this grantor.
    pub fn tells_bulk(&self, grantor: &Grantor, bulk: &Bulk) -> bool {
        self.bulk_told.contains(&(grantor, bulk))
    }

    /// Whether the change adds this bulk grant to this grantor.
    pub fn gains_bulk(&self, grantor: &Grantor, bulk: &Bulk) -> bool {
        self.bulk_gained.contains(&(grantor, bulk))
    }

    fn find_bulk(&self) -> Vec<(&'c Grantor, &'c BulkGrant, bool)> {
        let new = self.delta.bulk_opened.iter().map(|(grantor, grant)| (grantor, grant, false));
        let held = self.delta.bulk_relicensed.iter().map(|(grantor, grant)| (grantor, grant, true));
        let rises = |grantor: &Grantor| self.principal_before(grantor) < self.principal(grantor);
        let counts = move |(grantor, _, held): &(&Grantor, &BulkGrant, bool)| !held || rises(grantor);
        let untold = |(group, grant, _): &(&Grantor, &BulkGrant, bool)| {
            if group.kind != GrantorKind::PermissionSetGroup {
                return true;
            }
            let members = self.delta.landing.get(group).map(|access| &access.members);
            // What the member read before, and the group muted, the group opens alone.
            let as_much = |member: &Grantor| {
                let at_member = self.opened_by(member, &grant.bulk);
                let told: BTreeSet<&FieldName> = at_member.iter().map(|e| &e.field).collect();
                self.opened_by(group, &grant.bulk).iter().all(|e| told.contains(&e.field))
            };
            let told = |member: &Grantor| {
                let same = self.gains_bulk(member, &grant.bulk);
                same && self.principal(group) <= self.principal(member) && as_much(member)
            };
            !members.into_iter().flatten().any(told)
        };
        new.chain(held).filter(counts).filter(untold).collect()
    }

    /// Grants of a field that stand once the change has landed. A group counts beside its members only where more is asked of it.
    pub fn standing(&self, change: &LabelChange) -> impl Iterator<Item = &'c Exposure> {
        let field = &change.field;
        let all = self.facts.standing.values().filter_map(|grantor| grantor.exposures.get(field));
        let (classified, wanted) = (self.classified(field), field.clone());
        all.filter(move |e| {
            let duty = |grantor: &Grantor| self.duty(grantor, classified, e.access).0;
            let told = |member: &Grantor| {
                let at_member = self.facts.standing.get(member).and_then(|a| a.exposures.get(&wanted));
                at_member.is_some_and(|m| m.access >= e.access) && duty(&e.grantor) <= duty(member)
            };
            let members = self.facts.standing.get(&e.grantor).map(|group| &group.access.members);
            e.grantor.kind != GrantorKind::PermissionSetGroup || !members.into_iter().flatten().any(told)
        })
    }

    /// The part of [`Context::opened`] that a field's own entry opens, in a permission set or profile; with the
    /// tier of the field.
    pub fn opened_by_entry(&self) -> impl Iterator<Item = (&'c Opened, &Classified)> {
        self.opened
            .iter()
            .filter(|(o, _)| o.bulk.is_none() && o.exposure.grantor.kind != GrantorKind::PermissionSetGroup)
            .map(|(opened, classified)| (*opened, classified.unwrap_or(&self.unknown)))
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

    /// The next step for an exposure that is not settled.
    pub fn next_step(&self, exposure: &Exposure, classified: &Classified) -> String {
        super::describe::next_step(self, exposure, classified)
    }

    /// The best justification for an access.
    pub fn justified(&self, grantor: &Grantor, field: &FieldName, access: Access) -> Justified<'c> {
        self.justified_as(grantor, field, access, self.classified(field))
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
        for entry in
            self.entries.get(grantor).into_iter().flatten().filter(|e| e.matches(grantor, field, access))
        {
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
        let labels: Vec<&Classified> = fields.iter().map(|f| self.classified(f)).collect();
        let duties = labels.iter().flat_map(|c| self.policy.tiers.group_duties(&c.label));
        entry.lacks(self.policy, duties, self.today)
    }

    /// The entry is on the base, word for word, or one that says the same of a wider access.
    pub fn landed(&self, entry: &Entry) -> bool {
        self.base_entries.covers(entry)
    }

    /// The entry of the base is there as it was.
    pub fn kept(&self, entry: &Entry) -> bool {
        self.landing_entries.has(entry)
    }

    /// The entry landed while its field already asked for an approval, so somebody gave one. An entry
    /// planted before the field was classified has never been approved, and one that outlived its
    /// grantor says nothing of a new grantor of that name. Nor does an approval for a lower tier or
    /// a less exposed principal class carry over.
    pub fn approved(&self, entry: &Entry, field: &FieldName, access: Access) -> bool {
        let before = self.classified_before(field);
        let (duty, _) =
            self.policy.tiers.duty(before.tier, &before.label, access, self.principal_before(&entry.grantor));
        // What a derived field did not read then, nobody agreed to.
        let reads_more = !self.classified(field).inputs.is_subset(&before.inputs);
        let same_stakes = !reads_more
            && duty >= Duty::Approve
            && before.tier >= self.classified(field).tier
            && self.principal_before(&entry.grantor) >= self.principal(&entry.grantor);
        // What stands was agreed to when it landed.
        let since = self.standing || same_stakes && self.facts.on_base.contains(&entry.grantor);
        self.landed(entry) && since
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
            tells: Vec::new(),
            paste: None,
            settled: None,
        }
    }
}
