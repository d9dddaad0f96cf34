//! The judge: the evidence, and every pair that is worse.

use super::evidence::Evidence;
use super::facts::Facts;
use super::pair::{Changed, Pair};
use super::worse;
use crate::access::{Delta, Exposure};
use crate::policy::{Baseline, Policy};
use crate::tiers::Classified;
use crate::words::{FieldName, Grantor, State};
use jiff::civil::Date;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

/// The judge of one change, or of what exists.
pub struct Judge<'c> {
    evidence: Evidence<'c>,
    pairs: Vec<Pair<'c>>,
    in_one: BTreeMap<(Grantor, FieldName), State>,
}

/// A judge answers whatever the evidence does.
impl<'c> Deref for Judge<'c> {
    type Target = Evidence<'c>;

    fn deref(&self) -> &Evidence<'c> {
        &self.evidence
    }
}

impl<'c> Judge<'c> {
    /// Joins the evidence and judges every pair that is worse.
    pub fn new(
        delta: &'c Delta,
        trusted: (&'c Policy, &'c Baseline),
        facts: &'c Facts,
        today: Date,
        standing: bool,
    ) -> Self {
        let evidence = Evidence::new(delta, trusted, facts, today, standing);
        let pairs = worse::pairs(&evidence);
        Judge { evidence, pairs, in_one: BTreeMap::new() }
    }

    /// The same where pairs are worse in one of several definitions, which was judged by itself.
    pub fn with_worse_in_one(self, in_one: BTreeMap<(Grantor, FieldName), State>) -> Self {
        Judge { in_one, ..self }
    }

    /// How a pair stands: as the change leaves it where that makes it worse, be it in one of several definitions alone, else
    /// as it exists.
    pub fn state(&self, exposure: &Exposure) -> State {
        let Exposure { grantor, field, .. } = exposure;
        let state =
            self.pair_of(grantor, field).map_or_else(|| self.stands(exposure, None), |pair| pair.state);
        self.in_one(grantor, field).map_or(state, |in_one| state.max(in_one))
    }

    fn in_one(&self, grantor: &Grantor, field: &FieldName) -> Option<State> {
        if self.in_one.is_empty() {
            return None;
        }
        self.in_one.get(&(grantor.clone(), field.clone())).copied()
    }

    /// Every pair that the change makes worse, in order; where what exists is judged, all of them.
    pub fn pairs(&self) -> &[Pair<'c>] {
        &self.pairs
    }

    /// Pairs that the change makes worse by what their permission sets, profiles and groups give, or to whom. Where what
    /// exists is judged, everything that the baseline does not accept.
    pub fn opened(&self) -> impl Iterator<Item = &Pair<'c>> {
        let by_holder = |pair: &&Pair<'c>| matches!(pair.changed, Changed::Entry | Changed::Bulk(_));
        let gives = |pair: &&Pair<'c>| pair.worse.access || pair.worse.user_type;
        self.pairs
            .iter()
            .filter(by_holder)
            .filter(gives)
            .filter(|pair| !self.standing || pair.state != State::Accepted)
    }

    /// The pair of a permission set, profile or group and a field, if the change makes it worse.
    pub fn pair_of(&self, grantor: &Grantor, field: &FieldName) -> Option<&Pair<'c>> {
        worse::find(&self.pairs, grantor, field)
    }

    /// The member of a group at which an access of the group is judged, where the group needs nothing of its own for it.
    pub fn judged_at<'e>(&'e self, exposure: &'e Exposure, of: &Classified) -> Option<&'e Grantor> {
        if self.in_one(&exposure.grantor, &exposure.field).is_some_and(State::is_open) {
            return None;
        }
        let pair = self.pair_of(&exposure.grantor, &exposure.field);
        let state = self.state(exposure);
        let duty = |holder: &Grantor| self.duty(holder, of, exposure.access).0;
        let member = match pair {
            Some(pair) => pair.at_member.as_ref(),
            None => exposure.through.as_ref().filter(|member| duty(&exposure.grantor) <= duty(member)),
        };
        member.filter(|_| state.is_open())
    }

    /// An access as it is judged, and how it stands: what a group has by a member as the member's. As the change leaves it where
    /// that makes it worse, else as it exists.
    pub fn as_judged<'e>(&self, exposure: &'e Exposure, of: &Classified) -> (Cow<'e, Exposure>, State) {
        let Some(member) = self.judged_at(exposure, of) else {
            return (Cow::Borrowed(exposure), self.state(exposure));
        };
        let pair = self.pair_of(&exposure.grantor, &exposure.field).filter(|_| !self.standing);
        let of_member = Exposure { grantor: member.clone(), through: None, ..exposure.clone() };
        let state = self.stands(&of_member, pair.map(|pair| pair.worse));
        (Cow::Owned(of_member), state)
    }
}
