//! Which justifications count, and which of them were approved for the same stakes.
//!
//! No history is read: an entry on the base counts as approved for what the base asked of it, if that was an approval.

use super::evidence::Evidence;
use crate::access::GrantorAccess;
use crate::policy::{Duty, Enforcement, Entry, Lacks};
use crate::tiers::{Classified, cap};
use crate::words::{Access, FieldName, Grantor, PrincipalClass};

/// What justifies an access.
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
        /// It was approved for these stakes when it landed.
        approved: bool,
    },
}

/// What is more at stake than when an entry was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grown {
    /// More exposed people can hold it, by its licence or by a group.
    UserType,
    /// The field shows classified fields that it did not show.
    Shows,
    /// The label, or what the policy asks for it.
    Requirement,
    /// Other people are to be asked.
    Approvers,
    /// A group or a user access policy hands it out, and the entry allows more than it gave.
    HandedOut,
}

impl<'c> Justified<'c> {
    /// The entry, whether it counts or not.
    pub fn entry(&self) -> Option<&'c Entry> {
        match self {
            Justified::No => None,
            Justified::Lacking(entry, _) | Justified::Yes { entry, .. } => Some(entry),
        }
    }
}

impl<'c> Evidence<'c> {
    /// The best justification for an access.
    pub fn justified(&self, grantor: &Grantor, field: &FieldName, access: Access) -> Justified<'c> {
        self.justified_as(grantor, field, access, self.classified(field))
    }

    /// The best justification for an access if the field were `of`.
    pub(super) fn justified_as(
        &self,
        grantor: &Grantor,
        field: &FieldName,
        access: Access,
        of: &Classified,
    ) -> Justified<'c> {
        let mut best = Justified::No;
        for entry in self.entries_of(grantor, field).filter(|entry| entry.access >= access) {
            let lacks = entry.lacks(self.policy, self.policy.tiers.group_duties(&of.label), self.today);
            if !lacks.is_empty() {
                if matches!(best, Justified::No) {
                    best = Justified::Lacking(entry, lacks);
                }
                continue;
            }
            let approved = self.approved(entry, field);
            if approved || !matches!(best, Justified::Yes { .. }) {
                best = Justified::Yes { entry, approved };
            }
        }
        best
    }

    /// Whether an entry speaks of this access of its holder, by whichever of the field's names.
    fn speaks(&self, entry: &Entry, field: &FieldName, access: Access) -> bool {
        let is_named = |named: &FieldName| self.facts.whole(named) == self.facts.whole(field);
        entry.access >= access && entry.fields().iter().any(is_named)
    }

    /// What keeps an entry from counting for `fields`.
    pub fn lacks(&self, entry: &Entry, fields: &[FieldName]) -> Vec<Lacks> {
        let labels = fields.iter().map(|field| &self.classified(field).label);
        let duties = labels.flat_map(|label| self.policy.tiers.group_duties(label));
        entry.lacks(self.policy, duties, self.today)
    }

    /// Whether an entry was approved when it landed, for what is at stake now: it is on the base word for word, the base
    /// asked for an approval and blocked without one, and nothing that it speaks of has grown.
    ///
    /// What exists without a change was agreed to when it landed.
    pub fn approved(&self, entry: &Entry, field: &FieldName) -> bool {
        let on_base = self.landed(entry) && (self.standing || self.facts.on_base.contains(&entry.grantor));
        on_base && (self.standing || self.base_asked(entry, field) && self.grown(entry, field).is_none())
            || self.approved_elsewhere(entry, field)
    }

    /// Whether an entry was approved on a branch that leads here, for no less than is at stake here by the labels and user types
    /// that this change is judged by.
    fn approved_elsewhere(&self, entry: &Entry, field: &FieldName) -> bool {
        let key = (entry.place.path().clone(), entry.place.span.start, field.clone());
        let Some(there) = self.facts.approved_elsewhere.get(&key) else { return false };
        let is = self.judged_as(field);
        let has_group = |group: &String| there.groups.iter().any(|g| g.eq_ignore_ascii_case(group));
        is.tier <= there.tier
            && is.label.compliance_groups.iter().all(has_group)
            && is.inputs.is_subset(&there.inputs)
            && self.user_type(&entry.grantor) <= there.user_type
            && !self.delta.assigned.iter().any(|assigned| assigned.grantor == entry.grantor)
    }

    /// Whether the base asked for an approval of an entry, by the access that is written in it. What is denied, or only
    /// advised, was never approved.
    fn base_asked(&self, entry: &Entry, field: &FieldName) -> bool {
        let was = self.classified_before(field);
        let advisory = self.policy.tiers.enforcement(was.tier) == Enforcement::Advisory;
        self.duty_before(&entry.grantor, was, entry.access) == Duty::Approve && !advisory
    }

    /// What is more at stake than on the base, first of all: tier or requirement, user type of the holder or of the groups
    /// that hand it out, fields read, people to ask; and for an entry that allows more than the base gives, who hands the
    /// holder out.
    fn grown(&self, entry: &Entry, field: &FieldName) -> Option<Grown> {
        let holder = &entry.grantor;
        let (was, is) = (self.classified_before(field), self.judged_as(field));
        let asks_more = || {
            let (had, has) = (self.duty_before(holder, was, entry.access), entry.access);
            is.tier > was.tier || self.duty_of_kind(holder, is, has) > had || self.asks_to_write_more(was, is)
        };
        let ahead = || Some(entry.access) > self.access_on_base(holder, field);
        match () {
            () if self.user_type_rises(holder) || self.handed_to_more_exposed(holder) => {
                Some(Grown::UserType)
            }
            () if self.shows_more(field) => Some(Grown::Shows),
            () if asks_more() => Some(Grown::Requirement),
            () if self.asks_others(field, was, is) => Some(Grown::Approvers),
            () if self.newly_handed_out(holder, field) && ahead() => Some(Grown::HandedOut),
            () => None,
        }
    }

    /// What has grown since an entry was approved, if that is why it needs another approval.
    pub fn grown_since_approved(&self, entry: &Entry, field: &FieldName) -> Option<Grown> {
        if self.landed(entry) && self.base_asked(entry, field) { self.grown(entry, field) } else { None }
    }

    /// The policy asks other people about a field than those who were asked on the base.
    fn asks_others(&self, field: &FieldName, was: &Classified, is: &Classified) -> bool {
        let asked = |of: &Classified| -> Vec<usize> {
            self.policy.approvers.also_for(field, &of.label.compliance_groups, of.tier).collect()
        };
        let before = asked(was);
        asked(is).iter().any(|part| !before.contains(part))
    }

    /// A group comes to hand the holder to more exposed people than held it before.
    fn handed_to_more_exposed(&self, holder: &Grantor) -> bool {
        let with = |access: Option<&GrantorAccess>| access.is_some_and(|a| a.members.contains(holder));
        let groups = self.groups_with(holder);
        let most = |types: Vec<PrincipalClass>| types.into_iter().max();
        let before = groups.iter().filter(|group| with(self.access_before(group)));
        let was = most(before.map(|group| self.user_type_before(group)).collect());
        let after = groups.iter().filter(|group| with(self.access_of(group)));
        let is = most(after.map(|group| self.user_type(group)).collect());
        let own = self.user_type_before(holder).max(was.unwrap_or(self.user_type(holder)));
        is.is_some_and(|is| is > own)
    }

    /// A group comes to hand the field of a holder out, or more people come to hold it: by itself or by a group.
    fn newly_handed_out(&self, holder: &Grantor, field: &FieldName) -> bool {
        let has = |access: &GrantorAccess| access.members.contains(holder);
        let widens = |group: &Grantor| {
            let (before, after) = (self.access_before(group), self.access_of(group));
            // Nothing, edit access alone, all of it.
            let muted = |side: Option<&GrantorAccess>| {
                side.and_then(|access| access.muted.get(field)).map(|muted| !muted.edit_only)
            };
            !before.is_some_and(has) || muted(after) < muted(before)
        };
        let hands_out = |group: &Grantor| self.access_of(group).is_some_and(has);
        self.groups_with(holder).iter().any(|group| widens(group))
            || self.delta.assigned.iter().any(|a| a.grantor == *holder || hands_out(&a.grantor))
    }

    /// What the base gives a holder of a field.
    fn access_on_base(&self, holder: &Grantor, field: &FieldName) -> Option<Access> {
        let access = self.access_before(holder)?;
        access.reach(holder, field).map(|exposure| cap(exposure.access, self.classified_before(field)))
    }

    /// The entry is on the base, word for word; owner, ticket and an earlier last day may differ.
    pub fn landed(&self, entry: &Entry) -> bool {
        self.base_entries.has_no_shorter(entry)
    }

    /// The entry of the base is there as it was, or ends earlier but not yet.
    pub fn kept(&self, entry: &Entry) -> bool {
        self.landing_entries.has_no_longer(entry, self.today)
    }

    /// Whether an entry of the base that goes counted for an access that its holder had.
    pub(super) fn counted(&self, entry: &Entry, field: &FieldName, was: &Classified, before: Access) -> bool {
        let lacks = || entry.lacks(self.policy, self.policy.tiers.group_duties(&was.label), self.today);
        let asked = matches!(self.duty_before(&entry.grantor, was, before), Duty::Justify | Duty::Approve);
        asked && self.speaks(entry, field, before) && lacks().is_empty()
    }

    /// Whether an entry that was on the base justifies an access as before.
    pub(super) fn still_justified(
        &self,
        holder: &Grantor,
        field: &FieldName,
        was: &Classified,
        access: Access,
    ) -> bool {
        let mut entries = self.entries_of(holder, field).filter(|entry| entry.access >= access);
        entries.any(|entry| {
            let lacks = || entry.lacks(self.policy, self.policy.tiers.group_duties(&was.label), self.today);
            self.landed(entry) && lacks().is_empty()
        })
    }
}
