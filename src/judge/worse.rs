//! Which pairs a change makes worse.
//!
//! Three things can: what permission sets, profiles and groups grant (`opened`), what fields are or show (`relabelled`),
//! and justifications that go (`without_their_reason`). Each gives candidates, compared by the one function
//! [`Evidence::compare`]; what several say of one pair is joined.

use super::evidence::Evidence;
use super::pair::{Changed, Pair, Worse};
use crate::access::{Declared, Exposure, Gone, GrantorAccess, LabelChange, Opened};
use crate::tiers::cap;
use crate::words::{Access, FieldName, Grantor, GrantorKind, State};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Every pair that the change makes worse, by permission set, profile or group, then field. Where what exists is judged
/// and no change, all of it.
pub(super) fn pairs<'c>(judge: &Evidence<'c>) -> Vec<Pair<'c>> {
    let mut found = opened(judge);
    if !judge.standing {
        found.extend(relabelled(judge));
        found.extend(without_their_reason(judge));
    }
    let gone = going(judge);
    found.retain(|pair| !told_as_removed(&gone, pair));
    found.sort_by(|a, b| a.key().cmp(&b.key()));
    found.dedup_by(|next, kept| {
        let same = next.key() == kept.key();
        if same {
            join(kept, next);
        }
        same
    });
    let at_member: Vec<_> = found.par_iter().map(|pair| told_at_a_member(judge, pair, &found)).collect();
    let standing = judge.standing;
    found.par_iter_mut().zip(at_member).for_each(|(pair, at_member)| {
        pair.at_member = at_member;
        pair.state = judge.stands(&pair.exposure, (!standing).then_some(pair.worse));
    });
    found
}

/// Two findings of one pair: the wider access, and whatever makes either worse.
fn join<'c>(kept: &mut Pair<'c>, next: &mut Pair<'c>) {
    let worse = kept.worse.or(next.worse);
    let (before, had) = (kept.before.min(next.before), kept.had.max(next.had));
    if next.exposure.access > kept.exposure.access {
        std::mem::swap(kept, next);
    }
    (kept.worse, kept.before, kept.had) = (worse, before, had);
}

/// Permission sets, profiles and groups whose file goes, with the access that they gave.
type Going<'c> = BTreeMap<&'c Grantor, BTreeMap<&'c FieldName, Access>>;

fn going<'c>(judge: &Evidence<'c>) -> Going<'c> {
    let removed = judge.delta.removed.iter().filter_map(|removed| {
        let Gone::Grantor(gone) = &removed.gone else { return None };
        Some((gone, removed.opens.iter().map(|opened| (&opened.field, opened.access)).collect()))
    });
    removed.collect()
}

/// Whether a pair is told by the removal of its permission set, profile or group, and by that alone: what that gave, with
/// what a label asks of it and with its justification. What it comes to give by another file, and to whom, is no part of that.
fn told_as_removed(gone: &Going<'_>, pair: &Pair<'_>) -> bool {
    let Some(gave) = gone.get(&pair.exposure.grantor) else { return false };
    let is_more = pair.worse.access && gave.get(&pair.exposure.field) < Some(&pair.exposure.access);
    !is_more && !pair.worse.user_type && !pair.worse.shows
}

/// New and wider access, and access whose holder's licence changes.
fn opened<'c>(judge: &Evidence<'c>) -> Vec<Pair<'c>> {
    let delta = judge.delta;
    let all = delta.opened.par_iter().chain(&delta.relicensed);
    all.filter_map(|Opened { exposure, before, bulk }| {
        let before = before.map(|access| cap(access, judge.classified_before(&exposure.field)));
        let changed = bulk.as_ref().map_or(Changed::Entry, Changed::Bulk);
        let base = delta.base.get(&exposure.grantor);
        let had = base.and_then(|access| access.may_reach(&exposure.grantor, &exposure.field));
        judge.candidate(Cow::Borrowed(exposure), (before, had), changed)
    })
    .collect()
}

/// Access that the change leaves alone to a field of which it changes the definition, or what that reads.
fn relabelled<'c>(judge: &Evidence<'c>) -> Vec<Pair<'c>> {
    let mut found = Vec::new();
    for change in judge.delta.label_changes.iter().chain(&judge.facts.dependents) {
        let standing = judge.facts.standing.values();
        for exposure in standing.filter_map(|standing| standing.exposures.get(&change.field)) {
            let before = access_before(judge, change, exposure);
            let had = may_have_had(judge, change, &exposure.grantor);
            found.extend(judge.candidate(Cow::Borrowed(exposure), (before, had), Changed::Field));
        }
    }
    found
}

/// The access that a pair had to a field whose definition the change touches. What is new to the base is new to
/// everybody whose own entry does not name it.
fn access_before(judge: &Evidence<'_>, change: &LabelChange, exposure: &Exposure) -> Option<Access> {
    let Exposure { grantor, field, .. } = exposure;
    let was = judge.classified_before(field);
    // What neither side defines is defined elsewhere, and was before.
    let elsewhere = matches!(change.landing, Declared::Unknown);
    let existed = |e: &Exposure| elsewhere || judge.existed_before(e);
    let [had_fls, has_fls] = [&change.base, &change.landing].map(|side| side.outside_fls().is_none());
    match judge.delta.base.get(grantor) {
        // What both sides have is read the same on both.
        Some(access) if had_fls == has_fls && same_way(judge, access, exposure) => {
            Some(exposure.access).filter(|_| existed(exposure)).map(|access| cap(access, was))
        }
        // An entry may call the field by the name that all its names lead to.
        Some(access) => {
            let reached =
                access.reach(grantor, field).into_iter().chain(access.reach(grantor, &change.whole));
            reached.filter(existed).map(|e| cap(e.access, was)).max()
        }
        None => {
            let reach_before = || judge.access_of(grantor)?.reach_before(grantor, field, had_fls);
            let reached = if had_fls != has_fls { reach_before() } else { Some(exposure.clone()) };
            reached.filter(existed).map(|e| cap(e.access, was))
        }
    }
}

/// The widest way that there may have been to a field whose definition the change touches.
fn may_have_had(judge: &Evidence<'_>, change: &LabelChange, grantor: &Grantor) -> Option<Exposure> {
    let had_fls = change.base.outside_fls().is_none();
    match judge.delta.base.get(grantor) {
        Some(access) => {
            let ways = [&change.field, &change.whole].map(|field| access.may_reach(grantor, field));
            ways.into_iter().flatten().max_by_key(|way| way.access)
        }
        None => judge.access_of(grantor)?.may_reach_before(grantor, &change.field, had_fls),
    }
}

/// Whether all that gives an access was there before: the field's own entry as it is, or wider, and each grant on the way.
fn same_way(judge: &Evidence<'_>, before: &GrantorAccess, exposure: &Exposure) -> bool {
    let entry = |side: &GrantorAccess| side.entries.access(&exposure.field);
    let after = judge.delta.landing.get(&exposure.grantor).and_then(entry);
    let same_entry = !exposure.by_entry() || after.is_some() && entry(before) >= after;
    same_entry && exposure.bulks().iter().all(|bulk| before.bulk.has(bulk))
}

/// Access whose justification goes or is narrowed, if that one counted and none that is left says the same.
fn without_their_reason<'c>(judge: &Evidence<'c>) -> Vec<Pair<'c>> {
    let mut found = Vec::new();
    for entry in judge.facts.base_entries.iter().filter(|entry| !judge.kept(entry)) {
        let holder = &entry.grantor;
        let Some(reached) = judge.facts.reached.get(holder) else { continue };
        for field in entry.fields() {
            // It is called as in the justification.
            let Some(way) = reached.get(&field) else { continue };
            let exposure = Exposure { field: field.clone(), ..way.clone() };
            let was = judge.classified_before(&field);
            // Access that is new, or has the field by another name than before, is a pair by itself.
            let before =
                judge.delta.base.get(holder).and_then(|access| access.reach(holder, &exposure.field));
            let before = cap(before.map_or(exposure.access, |e| e.access), was);
            // A justification of what one of several definitions gives counts, even if another one gives more.
            let each = judge.facts.each_gave.get(holder).into_iter().flatten();
            let each = each.filter_map(|one| one.reach(holder, &exposure.field)).map(|e| cap(e.access, was));
            let ended = |had: Access| {
                judge.counted(entry, &field, was, had) && !judge.still_justified(holder, &field, was, had)
            };
            if each.chain([before]).any(ended) {
                let mut pair = judge.pair(Cow::Owned(exposure), (Some(before), None), Changed::Reason);
                pair.worse.reason = true;
                found.push(pair);
            }
        }
    }
    found
}

impl<'c> Evidence<'c> {
    /// A pair, if the change makes it worse.
    fn candidate(
        &self,
        exposure: Cow<'c, Exposure>,
        before: (Option<Access>, Option<Exposure>),
        changed: Changed<'c>,
    ) -> Option<Pair<'c>> {
        Some(self.pair(exposure, before, changed)).filter(|pair| pair.worse.any())
    }

    fn pair(
        &self,
        mut exposure: Cow<'c, Exposure>,
        (before, may): (Option<Access>, Option<Exposure>),
        changed: Changed<'c>,
    ) -> Pair<'c> {
        let was = self.classified_before(&exposure.field);
        let may = may.filter(|way| self.existed_before(way)).map(|way| cap(way.access, was));
        let access = cap(exposure.access, self.classified(&exposure.field));
        if access < exposure.access {
            exposure.to_mut().access = access;
        }
        let worse = self.compare(&exposure, before);
        Pair {
            exposure,
            before,
            had: before.max(may),
            changed,
            worse,
            state: State::Allowed,
            at_member: None,
        }
    }

    /// What makes a pair worse than it was, apart from its justification.
    fn compare(&self, exposure: &Exposure, before: Option<Access>) -> Worse {
        let Exposure { grantor, field, access, .. } = exposure;
        let mut worse = Worse { access: before < Some(*access), ..Worse::default() };
        if let Some(before) = before {
            let (was, is) = (self.classified_before(field), self.judged_as(field));
            let had = self.duty_before(grantor, was, before);
            worse.requirement = is.tier > was.tier
                || self.duty_of_kind(grantor, is, *access) > had
                || self.asks_to_write_more(was, is);
            worse.user_type = self.user_type_rises(grantor);
            worse.shows = self.shows_more(field);
        }
        worse
    }
}

/// A group needs nothing of its own for what a member is told for: a member that was defined and in the group before,
/// had then no more than the group, has now as much, is worse in the same way, and is held by no less exposed people.
fn told_at_a_member<'c>(judge: &Evidence<'c>, group: &Pair<'_>, all: &[Pair<'_>]) -> Option<Grantor> {
    let holder = &group.exposure.grantor;
    if holder.kind != GrantorKind::PermissionSetGroup || group.worse.reason {
        return None;
    }
    let none = BTreeSet::new();
    let members = |access: Option<&'c GrantorAccess>| access.map_or(&none, |access| &access.members);
    let now = members(judge.access_of(holder));
    let before = if judge.standing { now } else { members(judge.access_before(holder)) };
    let tells = |member: &&Grantor| {
        let told = find(all, member, &group.exposure.field);
        told.is_some_and(|m| {
            // Whoever gains all of the access is asked for what all of it needs.
            let asked = Worse { requirement: m.worse.requirement || m.worse.access, ..m.worse };
            group.worse.within(asked)
                && m.exposure.access >= group.exposure.access
                && m.had <= group.had
                && judge.user_type(holder) <= judge.user_type(member)
        })
    };
    let mut members = now.intersection(before).filter(|member| judge.standing || judge.existed(member));
    members.find(tells).cloned()
}

/// A pair among pairs in order.
pub(super) fn find<'p, 'c>(
    pairs: &'p [Pair<'c>],
    holder: &Grantor,
    field: &FieldName,
) -> Option<&'p Pair<'c>> {
    let at = pairs.binary_search_by(|pair| pair.key().cmp(&(holder, field))).ok()?;
    pairs.get(at)
}
