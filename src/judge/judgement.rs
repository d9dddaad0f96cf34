//! The judge: the evidence, and every pair that is worse.

use super::evidence::Evidence;
use super::facts::Facts;
use super::pair::{Changed, Pair};
use super::worse;
use crate::access::Delta;
use crate::policy::{Baseline, Policy};
use crate::words::{FieldName, Grantor, State};
use jiff::civil::Date;
use std::ops::Deref;

/// The judge of one change, or of what exists.
pub struct Judge<'c> {
    evidence: Evidence<'c>,
    pairs: Vec<Pair<'c>>,
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
        Judge { evidence, pairs }
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
}
