//! A history, pull request by pull request: each is judged by product and model, and lands if the product lets it.

use super::change::{History, apply, proposed};
use super::compare::{Said, product};
use super::judge::{Judgement, Outcome, judge};
use super::ledger::Ledger;
use super::org::Org;
use super::seed::seed;

/// One pull request, as both judge it.
pub(crate) struct Step<'h> {
    pub(crate) base: &'h Org,
    pub(crate) head: &'h Org,
    pub(crate) model: Judgement,
    pub(crate) said: Said,
    /// The product passes it, or waits and it is approved.
    pub(crate) landed: bool,
    /// What stands after it landed and was never approved.
    pub(crate) unapproved: Vec<String>,
}

/// The org on which the first pull request stands.
pub(crate) fn start(history: &History) -> Org {
    let mut org = seed();
    for op in &history.start {
        let before = org.clone();
        apply(*op, &before, &mut org);
    }
    for def in org.sets.values_mut() {
        def.broken = false;
    }
    org
}

/// Runs a history and shows each step.
pub(crate) fn for_each_step(history: &History, mut show: impl FnMut(&Step<'_>)) {
    let mut base = start(history);
    let mut ledger = Ledger::new(&base);
    for (ops, approved) in &history.requests {
        let head = proposed(&base, ops);
        let (model, said) = (judge(&base, &head), product(&base, &head));
        let waited = said.outcome == Outcome::Waiting;
        let landed = said.outcome == Outcome::Passed || (waited && *approved);
        let unapproved = if landed { ledger.land(&base, &head, waited) } else { Vec::new() };
        show(&Step { base: &base, head: &head, model, said, landed, unapproved });
        if landed {
            base = head;
        }
    }
}
