//! What rules see: the judgement, and which open pair which rule tells.

use super::background::Background;
use super::causes::{self, Causes, Told};
use crate::access::{Bulk, BulkGrant, Exposure, GrantorAccess, LabelChange, Standing};
use crate::finding::{Finding, Place, RuleInfo, Severity, Subject};
use crate::judge::{Changed, Judge, Pair, State};
use crate::tiers::Classified;
use crate::words::{FieldName, Grantor, GrantorKind, Tier};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

/// The judgement of one change, for rules to explain.
pub(super) struct Context<'c> {
    judge: &'c Judge<'c>,
    /// What is told beside it.
    pub(super) background: &'c Background,
    causes: Causes<'c>,
    bulk: Vec<(&'c Grantor, &'c BulkGrant, bool)>,
    bulk_gained: BTreeSet<(&'c Grantor, &'c Bulk)>,
    /// Names by which entries call fields of the change, and those by which their definitions do.
    defined_as: BTreeMap<&'c FieldName, &'c FieldName>,
}

/// Rules ask the judge; they do not judge.
impl<'c> Deref for Context<'c> {
    type Target = Judge<'c>;

    fn deref(&self) -> &Judge<'c> {
        self.judge
    }
}

impl<'c> Context<'c> {
    pub(super) fn new(judge: &'c Judge<'c>, background: &'c Background) -> Self {
        let delta = judge.delta;
        let defined_as = judge.facts.standing.values().flat_map(Standing::other_names).collect();
        let gained = delta.bulk_opened.iter().map(|(grantor, grant)| (grantor, &grant.bulk)).collect();
        let mut cx = Context {
            judge,
            background,
            causes: causes::of(judge),
            bulk: Vec::new(),
            bulk_gained: gained,
            defined_as,
        };
        cx.bulk = cx.find_bulk();
        cx
    }

    /// The open pairs that a rule tells.
    pub(super) fn told_by(&self, rule: &RuleInfo) -> &[Told<'c>] {
        self.causes.told.get(rule.id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The open pairs that a rule tells, by cause and by how they stand.
    pub(super) fn told_together<K: Ord>(
        &self,
        rule: &RuleInfo,
        cause: impl Fn(&Told<'c>) -> Option<K>,
    ) -> BTreeMap<(K, State), Vec<&Told<'c>>> {
        let mut together: BTreeMap<_, Vec<&Told<'c>>> = BTreeMap::new();
        for told in self.told_by(rule) {
            if let Some(cause) = cause(told) {
                together.entry((cause, told.pair.state)).or_default().push(told);
            }
        }
        together
    }

    /// How many open pairs every rule passes over that speaks of them, since the policy turned those off.
    pub(super) fn switched_off(&self) -> usize {
        self.causes.switched_off
    }

    /// The name by which the change defines a field that an entry calls otherwise.
    pub(super) fn defined_as<'f>(&'f self, field: &'f FieldName) -> &'f FieldName {
        self.defined_as.get(field).copied().unwrap_or(field)
    }

    /// All open pairs.
    pub(super) fn all_told(&self) -> impl Iterator<Item = &Told<'c>> {
        self.causes.told.values().flatten()
    }

    /// Pairs that an entry of their own opens, in a permission set or profile.
    pub(super) fn granted(&self) -> impl Iterator<Item = &'c Pair<'c>> {
        let own = |pair: &&Pair<'_>| {
            pair.changed == Changed::Entry && pair.exposure.grantor.kind != GrantorKind::PermissionSetGroup
        };
        self.judge.opened().filter(own)
    }

    /// Bulk grants that the change opens: new ones, and those whose holder goes to more exposed people (then `true`).
    /// What a group gains because a member gains it is the member's.
    pub(super) fn bulk(&self) -> impl Iterator<Item = (&'c Grantor, &'c BulkGrant, bool)> {
        self.bulk.iter().copied()
    }

    /// Whether the change adds this bulk grant to this grantor.
    pub(super) fn gains_bulk(&self, grantor: &Grantor, bulk: &Bulk) -> bool {
        self.bulk_gained.contains(&(grantor, bulk))
    }

    /// A bulk grant of a grantor by what it opens, new or held.
    pub(super) fn bulk_grant(&self, grantor: &Grantor, bulk: &Bulk) -> Option<(BulkGrant, bool)> {
        let grant = self.access_of(grantor)?.bulk.get(bulk)?;
        Some((grant, !self.gains_bulk(grantor, bulk)))
    }

    fn find_bulk(&self) -> Vec<(&'c Grantor, &'c BulkGrant, bool)> {
        let delta = self.judge.delta;
        let new = delta.bulk_opened.iter().map(|(grantor, grant)| (grantor, grant, false));
        let rises = |(grantor, _): &&(Grantor, BulkGrant)| self.user_type_rises(grantor);
        let held = delta.bulk_relicensed.iter().filter(rises).map(|(grantor, grant)| (grantor, grant, true));
        new.chain(held).filter(|(grantor, grant, _)| !self.gained_by_a_member(grantor, grant)).collect()
    }

    /// A group gains what a member that was in it gains.
    fn gained_by_a_member(&self, group: &Grantor, grant: &BulkGrant) -> bool {
        if group.kind != GrantorKind::PermissionSetGroup {
            return false;
        }
        let members =
            |side: &'c BTreeMap<Grantor, GrantorAccess>| side.get(group).map(|access| &access.members);
        let delta = self.judge.delta;
        let (Some(before), Some(now)) = (members(&delta.base), members(&delta.landing)) else { return false };
        let standing = self.standing;
        now.iter().filter(|member| standing || before.contains(*member) && self.existed(member)).any(
            |member| {
                let held = delta.bulk_relicensed.iter().any(|(g, b)| g == member && b.bulk == grant.bulk);
                let gains = self.gains_bulk(member, &grant.bulk) || held && self.user_type_rises(member);
                gains && self.user_type(group) <= self.user_type(member)
            },
        )
    }

    /// Access after the merge to a field whose definition the change touches. What a group has by a member is the
    /// member's.
    pub(super) fn reaching(&self, change: &LabelChange) -> impl Iterator<Item = &'c Exposure> {
        let standing = &self.judge.facts.standing;
        let all = standing.values().filter_map(|grantor| grantor.exposures.get(&change.field));
        all.filter(move |exposure| {
            let members = standing.get(&exposure.grantor).map(|group| &group.access.members);
            let same = |member: &Grantor| {
                let at_member = standing.get(member).and_then(|a| a.exposures.get(&exposure.field));
                at_member.is_some_and(|m| m.access >= exposure.access)
            };
            exposure.grantor.kind != GrantorKind::PermissionSetGroup
                || !members.into_iter().flatten().any(same)
        })
    }

    /// An empty finding with the severity that policy and tier give.
    pub(super) fn finding(&self, rule: &'static RuleInfo, place: &Place, tier: Option<Tier>) -> Finding {
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
            justifiable: false,
            people: None,
            approvers: Vec::new(),
            fate: "",
            tells: Vec::new(),
            paste: None,
            settled: None,
        }
    }
}

/// Who, what and how of an access; how many people hold it is counted elsewhere.
pub fn subject(judge: &Judge<'_>, exposure: &Exposure, classified: &Classified) -> Subject {
    Subject {
        grantor: Some((exposure.grantor.clone(), judge.user_type(&exposure.grantor))),
        field: Some(exposure.field.clone()),
        access: Some(exposure.access),
        tier: Some(classified.tier),
        label: Some((classified.label.clone(), classified.place().cloned())),
        route: exposure.route.clone(),
        justification: None,
        users: None,
    }
}
