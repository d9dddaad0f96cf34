//! What the judgement rests on: both sides of the change, policy, baseline and justifications joined, so that none of
//! those needs to know another.

use super::facts::Facts;
use crate::access::{Audience, Declared, Delta, Exposure, GrantorAccess, Licensed};
use crate::finding::Label;
use crate::policy::{Accepted, Baseline, Duty, Entry, EntrySet, Policy, UpTo};
use crate::tiers::{Classified, Known, classify};
use crate::words::{Access, FieldMap, FieldName, Grantor, GrantorKind, PrincipalClass, Tier};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What the judgement of one change, or of what exists, rests on.
pub struct Evidence<'c> {
    /// What the change opens and closes.
    pub delta: &'c Delta,
    /// The policy of the base.
    pub policy: &'c Policy,
    /// What has been read.
    pub facts: &'c Facts,
    /// The day of the run.
    pub today: Date,
    /// Everything that exists is judged, not a change.
    pub standing: bool,
    /// What is accepted since the day of adoption.
    baseline: &'c Baseline,
    pub(super) base_entries: EntrySet,
    pub(super) landing_entries: EntrySet,
    /// Entries that would land, by their permission set, profile or group, then by the name that definitions give their field.
    entries: BTreeMap<&'c Grantor, FieldMap<Vec<&'c Entry>>>,
    /// Groups of the change, and those that have been read beside them, by member before or after.
    groups: BTreeMap<&'c Grantor, Vec<&'c Grantor>>,
    /// Who holds what delta and facts know: a group asks all of its members, so each is found once.
    user_types: BTreeMap<&'c Grantor, UserTypes>,
    /// What is said of a field that nothing defines.
    unknown: Classified,
}

/// Who could hold a permission set, profile or group on the base, and who can after the merge. What the change does not
/// touch has one user type; of what is new, `before` says nothing.
#[derive(Clone, Copy)]
struct UserTypes {
    before: PrincipalClass,
    after: PrincipalClass,
}

impl<'c> Evidence<'c> {
    /// Joins it.
    pub fn new(
        delta: &'c Delta,
        (policy, baseline): (&'c Policy, &'c Baseline),
        facts: &'c Facts,
        today: Date,
        standing: bool,
    ) -> Self {
        let mut joined = Evidence {
            delta,
            policy,
            facts,
            today,
            standing,
            baseline,
            base_entries: facts.base_entries.iter().collect(),
            landing_entries: facts.entries.iter().collect(),
            entries: BTreeMap::new(),
            groups: groups(delta, facts),
            user_types: BTreeMap::new(),
            unknown: classify(&Declared::Unknown, policy),
        };
        for entry in &facts.entries {
            let of_holder = joined.entries.entry(&entry.grantor).or_default();
            for field in entry.fields() {
                of_holder.entry(facts.whole(&field).clone()).or_default().push(entry);
            }
        }
        let known = delta.licenses.keys().chain(facts.standing.keys()).chain(facts.named.keys());
        let known = known.chain(facts.handed.keys());
        joined.user_types = known.map(|grantor| (grantor, joined.find_user_types(grantor))).collect();
        joined
    }

    /// The tier of a field after the merge.
    pub fn classified(&self, field: &FieldName) -> &Classified {
        self.facts.landing.get(field).unwrap_or(&self.unknown)
    }

    /// The tier of a field on the base.
    pub fn classified_before(&self, field: &FieldName) -> &Classified {
        self.facts.base.get(field).unwrap_or(&self.unknown)
    }

    /// The tier by which all is judged that the change makes worse: a label that it lowers, or takes away, still counts.
    pub fn judged_as(&self, field: &FieldName) -> &Classified {
        self.facts.judged.get(field).unwrap_or_else(|| self.classified(field))
    }

    /// Classified fields that a field newly shows.
    pub fn newly_shown(&self, field: &FieldName) -> Option<&BTreeSet<FieldName>> {
        self.facts.newly_shown.get(field).filter(|shown| !shown.is_empty())
    }

    /// Whether a field shows a classified field that it did not show before. What nobody can follow may show anything.
    pub(super) fn shows_more(&self, field: &FieldName) -> bool {
        let not_followed = |of: &Classified| matches!(of.known, Known::Unreadable(_));
        self.newly_shown(field).is_some()
            || not_followed(self.classified(field)) && !not_followed(self.classified_before(field))
    }

    /// Who can hold a permission set, profile or group: the more exposed of both sides, since assignments outlive a
    /// licence.
    pub fn user_type(&self, grantor: &Grantor) -> PrincipalClass {
        let UserTypes { before, after } = self.user_types(grantor);
        if self.existed(grantor) { after.max(before) } else { after }
    }

    fn user_types(&self, grantor: &Grantor) -> UserTypes {
        self.user_types.get(grantor).copied().unwrap_or_else(|| self.find_user_types(grantor))
    }

    fn find_user_types(&self, grantor: &Grantor) -> UserTypes {
        if let Some(licenses) = self.delta.licenses.get(grantor) {
            let [before, after] =
                [&licenses.base, &licenses.landing].map(|side| self.user_type_by(grantor, side));
            return UserTypes { before, after };
        }
        let only = match self.access_elsewhere(grantor) {
            Some(access) => self.user_type_by(grantor, &access.licenses),
            None => self.policy.principals.class(grantor, &[]),
        };
        UserTypes { before: only, after: only }
    }

    /// Who can hold it by what one side says; a group, by its members.
    pub fn user_type_by(&self, grantor: &Grantor, licenses: &Licensed) -> PrincipalClass {
        user_type_by(self.policy, grantor, licenses)
    }

    /// The user type of those to whom metadata hands something.
    pub fn audience_type(&self, who: &Audience, licenses: &[String]) -> PrincipalClass {
        audience_type(self.policy, who, licenses)
    }

    /// Who could hold it on the base. What the change does not touch has one user type.
    pub fn user_type_before(&self, grantor: &Grantor) -> PrincipalClass {
        self.user_types(grantor).before
    }

    /// More exposed people can hold it than before.
    pub fn user_type_rises(&self, grantor: &Grantor) -> bool {
        self.existed(grantor) && self.user_type_before(grantor) < self.user_type(grantor)
    }

    /// Whether the base has it. What the change does not touch is there on both sides.
    pub fn existed(&self, grantor: &Grantor) -> bool {
        self.delta.licenses.get(grantor).is_none_or(|licenses| licenses.existed)
    }

    /// Everything that it gives after the merge, as far as it has been read.
    pub fn access_of(&self, grantor: &Grantor) -> Option<&'c GrantorAccess> {
        self.delta.landing.get(grantor).or_else(|| self.access_elsewhere(grantor))
    }

    fn access_elsewhere(&self, grantor: &Grantor) -> Option<&'c GrantorAccess> {
        let Facts { standing, named, handed, .. } = self.facts;
        // What was read for the fields of a change alone comes last: it knows no others.
        let standing = || standing.get(grantor).map(|standing| &standing.access);
        named.get(grantor).or_else(|| handed.get(grantor)).or_else(standing)
    }

    /// What it gave on the base. What the change does not touch gives what it gave.
    pub(super) fn access_before(&self, grantor: &Grantor) -> Option<&'c GrantorAccess> {
        self.delta.base.get(grantor).or_else(|| self.access_of(grantor))
    }

    /// Whether a way to a field may be older than the change: a custom field that the base does not define is new to everybody
    /// whose own entry does not name it. That another entry names it says nothing: whom else that field would reach nobody
    /// has judged, since nobody knew what it is.
    pub(super) fn existed_before(&self, way: &Exposure) -> bool {
        let was = self.classified_before(&way.field);
        way.by_entry() || !matches!(was.known, Known::Unknown) || !way.field.is_custom()
    }

    /// Groups that are known to have a permission set before or after.
    pub(super) fn groups_with(&self, member: &Grantor) -> &[&'c Grantor] {
        self.groups.get(member).map(Vec::as_slice).unwrap_or_default()
    }

    /// The entries that speak of a field of their permission set, profile or group, by whichever of its names.
    pub fn entries_of(&self, grantor: &Grantor, field: &FieldName) -> impl Iterator<Item = &'c Entry> {
        let of_holder = self.entries.get(grantor);
        of_holder.and_then(|all| all.get(self.facts.whole(field))).into_iter().flatten().copied()
    }

    /// What the policy asks for after the merge, and whether the user type alone forbids it.
    pub fn duty(&self, grantor: &Grantor, classified: &Classified, access: Access) -> (Duty, bool) {
        self.policy.tiers.duty(classified.tier, &classified.label, access, self.user_type(grantor))
    }

    /// Whether the policy asks for an approval of an entry once the change has landed: by the label and the user type that
    /// there are then, and of a profile that is there then.
    pub fn asks_after(&self, entry: &Entry, field: &FieldName) -> bool {
        let (holder, of) = (&entry.grantor, self.classified(field));
        let user_type = self.user_types(holder).after;
        requirement(self.policy, (holder, user_type), (of.tier, &of.label), entry.access) == Duty::Approve
    }

    /// The same, with what the kind of the holder forbids.
    pub(super) fn duty_of_kind(&self, grantor: &Grantor, classified: &Classified, access: Access) -> Duty {
        self.with_kind(grantor, classified, self.duty(grantor, classified, access).0)
    }

    /// What the policy asked for on the base.
    pub(super) fn duty_before(&self, grantor: &Grantor, was: &Classified, access: Access) -> Duty {
        let (duty, _) = self.policy.tiers.duty(was.tier, &was.label, access, self.user_type_before(grantor));
        self.with_kind(grantor, was, duty)
    }

    /// A compliance group comes to ask for a ticket, or for shorter reasons.
    pub(super) fn asks_to_write_more(&self, was: &Classified, is: &Classified) -> bool {
        let new = is.label.compliance_groups.iter().filter(|group| !was.has_group(group));
        new.into_iter().any(|group| self.policy.tiers.asks_to_write(group))
    }

    fn with_kind(&self, grantor: &Grantor, classified: &Classified, duty: Duty) -> Duty {
        if self.may_open(grantor, classified) { duty } else { Duty::Deny }
    }

    /// Whether a permission set, profile or group may open such a field at all, whatever is written or approved.
    pub fn may_open(&self, grantor: &Grantor, classified: &Classified) -> bool {
        self.policy.tiers.may_open(classified.tier, grantor, self.standing || self.existed(grantor))
    }

    /// Whether a line of the baseline speaks of this access to a field of this tier.
    pub fn accepted(&self, exposure: &Exposure) -> bool {
        self.accepted_by(exposure).is_some()
    }

    /// The line of the baseline that speaks of this access to a field of this tier.
    pub fn accepted_by(&self, exposure: &Exposure) -> Option<&'c Accepted> {
        if self.baseline.is_empty() {
            return None;
        }
        let line = self.baseline.line(&exposure.grantor, &exposure.field)?;
        Some(line).filter(|line| line.up_to.holds(&self.extent(exposure)))
    }

    /// The line of the baseline about a permission set, profile or group and a field, however far it goes.
    pub fn baseline_line(&self, grantor: &Grantor, field: &FieldName) -> Option<&'c Accepted> {
        self.baseline.line(grantor, field)
    }

    /// How far a line of the baseline has to go that accepts this access.
    pub fn extent(&self, exposure: &Exposure) -> UpTo {
        let Classified { tier, inputs, .. } = self.judged_as(&exposure.field);
        let user_type = self.user_type(&exposure.grantor);
        UpTo { access: exposure.access, tier: *tier, user_type, reads: inputs.clone() }
    }
}

/// Groups by their members before and after.
fn groups<'c>(delta: &'c Delta, facts: &'c Facts) -> BTreeMap<&'c Grantor, Vec<&'c Grantor>> {
    let mut groups: BTreeMap<&Grantor, Vec<&Grantor>> = BTreeMap::new();
    for (group, access) in delta.base.iter().chain(&delta.landing).chain(&facts.named) {
        if group.kind == GrantorKind::PermissionSetGroup {
            access.members.iter().for_each(|member| groups.entry(member).or_default().push(group));
        }
    }
    groups
}

/// Who can hold something by what one side says and a policy makes of it; a group, by its members.
pub fn user_type_by(policy: &Policy, grantor: &Grantor, licenses: &Licensed) -> PrincipalClass {
    let principals = &policy.principals;
    let members = licenses.members.iter().map(|(member, licenses)| principals.class(member, licenses));
    let licensed = match members.max() {
        Some(most_exposed) => principals.class_of_group(grantor, most_exposed),
        None => principals.class(grantor, &licenses.own),
    };
    let handed = licenses.handed.iter();
    let types = handed.map(|((_, who), handed)| audience_type(policy, who, &handed.licenses));
    types.fold(licensed, PrincipalClass::max)
}

fn audience_type(policy: &Policy, who: &Audience, licenses: &[String]) -> PrincipalClass {
    match who {
        Audience::Outside => PrincipalClass::External,
        Audience::Holders(holder) => policy.principals.class(holder, licenses),
        Audience::Licensed(license) => policy.principals.class_of_license(license),
    }
}

/// What a policy asks for an access, whatever is written: of a holder that the base has, by its user type, to a field of this
/// tier and label.
pub fn requirement(
    policy: &Policy,
    (holder, user_type): (&Grantor, PrincipalClass),
    (tier, label): (Tier, &Label),
    access: Access,
) -> Duty {
    match policy.tiers.may_open(tier, holder, true) {
        true => policy.tiers.duty(tier, label, access, user_type).0,
        false => Duty::Deny,
    }
}
