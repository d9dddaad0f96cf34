//! A sequence of pull requests from the org's side: what was approved, and what stands without it.
//!
//! It knows none of the rules of §7 about single changes. After each landing it looks at the whole org and
//! asks one thing (§7, "Proof"): "nothing that needs an approval may ever land in a sequence without one (an
//! approved deletion approves what later names the forgotten component)".

use super::access::{enforced, holders, known_fields};
use super::judge::{Stakes, stakes};
use super::org::{Access, Duty, Field, Holder, Org, Reason};
use super::reasons::{covers, fields_of, same_entry};
use super::world::{Side, after};
use std::collections::BTreeMap;

/// The deployed org and what its owners agreed to.
#[derive(Debug)]
pub(crate) struct Ledger {
    org: Org,
    /// With all that the field read then, classified or not: a label that rises later is no new field.
    pairs: BTreeMap<(Holder, Field), Stakes>,
    entries: Vec<(Reason, Field, Stakes)>,
}

impl Ledger {
    /// On the first day everything that stands is accepted, and each entry was approved for what it asks.
    pub(crate) fn new(start: &Org) -> Self {
        let mut ledger = Self { org: start.clone(), pairs: BTreeMap::new(), entries: Vec::new() };
        ledger.accept_all(&side(start), start);
        ledger
    }

    /// What stands after a landing and was never approved for these stakes.
    pub(crate) fn land(&mut self, base: &Org, head: &Org, approved: bool) -> Vec<String> {
        let mut was = self.org.clone();
        was.policy = base.policy.clone();
        was.exports = base.exports.clone();
        // What an unknown field counts as is the policy's guess; that a definition goes reveals nothing.
        was.policy.unknown = super::org::Tier::Open;
        let mut org = after(&was, head);
        // A profile that leaves out an ordinary entry is a note (§6 asks for an approval only of elements that
        // grow by themselves or tell the user type): the repository forgets the access, the org keeps it.
        org.profiles = after(base, head).profiles;
        // §2: "permission sets that this repository does not define, fields that nothing defines
        // (`unknown_fields`), and what an approved deletion made it forget" stay outside.
        org.sets.retain(|(name, _), _| head.sets.keys().any(|(n, _)| n == name));
        // A lookup that goes makes the gate guess what a path through it reads; the org still knows.
        let kept = |name: &Field| head.fields.keys().any(|(n, _)| n == name);
        org.fields.retain(|(name, _), def| kept(name) || matches!(def.kind, super::org::Kind::Lookup(_)));
        let now = Side::new(org.clone(), head.masks.clone());
        let mut open = Vec::new();
        if approved {
            self.accept_all(&now, head);
            let mut ruled = org.clone();
            ruled.policy = head.policy.clone();
            ruled.policy.unknown = super::org::Tier::Open;
            ruled.exports = head.exports.clone();
            self.accept_all(&Side::new(ruled, head.masks.clone()), head);
            // An approved omission of what tells the user type makes the repository forget it.
            self.accept_all(&side(head), head);
        } else {
            open = self.unaccepted(&now, head, &was);
        }
        self.org = org;
        self.org.policy = head.policy.clone();
        self.org.exports = head.exports.clone();
        open
    }

    fn accept_all(&mut self, side: &Side, head: &Org) {
        for (holder, field, now) in pairs(side) {
            let now = Stakes { shows: side.shown(&field), ..now };
            let key = (holder, field);
            let all = self.pairs.remove(&key).map_or(now.clone(), |old| joined(&old, &now));
            self.pairs.insert(key, all);
        }
        for reason in head.reasons.iter().filter(|reason| reason.expires > 0) {
            for field in fields_of(reason) {
                let now = stakes(side, &reason.holder, reason.access, &field, side.user(&reason.holder));
                let now = Stakes { shows: side.shown(&field), ..now };
                self.entries.push((reason.clone(), field, now));
            }
        }
    }

    /// Pairs of what the repository defines that need an approval and have none.
    fn unaccepted(&mut self, side: &Side, head: &Org, was: &Org) -> Vec<String> {
        let mut open = Vec::new();
        for (holder, field, now) in pairs(side) {
            let needs = now.duty >= Duty::Approval && enforced(&side.org.policy, now.tier);
            if !needs || !holders(head).contains(&holder) || self.accepted(&holder, &field, &now) {
                continue;
            }
            let by_entry = head.reasons.iter().any(|r| covers(r, &holder, &field, now.access))
                && self.entries.iter().any(|(old, of, approved)| {
                    let there = head
                        .reasons
                        .iter()
                        .any(|r| same_entry(old, r) && covers(r, &holder, &field, now.access));
                    there && *of == field && within(&now, approved)
                });
            let by_line = was.baseline.iter().any(|line| {
                line.holder == holder
                    && line.field == field
                    && line.access >= now.access
                    && line.tier >= now.tier
                    && line.user >= now.user
                    && line.reads.is_superset(&now.shows)
            });
            if by_entry || by_line || self.at_member(&holder, &field, &now, side, was) {
                let all = self
                    .pairs
                    .get(&(holder.clone(), field.clone()))
                    .map_or(now.clone(), |old| joined(old, &now));
                self.pairs.insert((holder, field), all);
            } else {
                open.push(format!("{holder:?} {field} {now:?}"));
            }
        }
        open
    }

    fn accepted(&self, holder: &Holder, field: &str, now: &Stakes) -> bool {
        self.pairs.get(&(holder.clone(), field.to_owned())).is_some_and(|old| within(now, old))
    }

    /// A group hands out what a member of old got with an approval.
    fn at_member(&self, holder: &Holder, field: &str, now: &Stakes, side: &Side, was: &Org) -> bool {
        let Holder::Group(name) = holder else { return false };
        let members = |org: &Org| org.groups.get(name).map(|group| group.members.clone()).unwrap_or_default();
        members(was).intersection(&members(&side.org)).any(|member| {
            let member = Holder::Set(member.clone());
            let entry = self
                .entries
                .iter()
                .any(|(reason, of, stakes)| reason.holder == member && of == field && within(now, stakes));
            side.user(&member) >= now.user && (self.accepted(&member, field, now) || entry)
        })
    }
}

fn side(org: &Org) -> Side {
    Side::new(after(org, org), org.masks.clone())
}

/// Every access of an org.
fn pairs(side: &Side) -> Vec<(Holder, Field, Stakes)> {
    let mut out = Vec::new();
    for holder in holders(&side.org) {
        for field in known_fields(&side.org) {
            let access = side.widest(&holder, &field);
            if access > Access::None {
                let now = stakes(side, &holder, access, &field, side.user(&holder));
                out.push((holder.clone(), field, now));
            }
        }
    }
    out
}

fn within(now: &Stakes, approved: &Stakes) -> bool {
    now.access <= approved.access
        && now.duty <= approved.duty
        && now.tier <= approved.tier
        && now.user <= approved.user
        && now.shows.is_subset(&approved.shows)
}

fn joined(a: &Stakes, b: &Stakes) -> Stakes {
    Stakes {
        access: a.access.max(b.access),
        duty: a.duty.max(b.duty),
        tier: a.tier.max(b.tier),
        user: a.user.max(b.user),
        shows: a.shows.union(&b.shows).cloned().collect(),
    }
}
