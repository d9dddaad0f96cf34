//! How a pair stands: the one function that says so.

use super::evidence::Evidence;
use super::pair::Worse;
use super::reasons::Justified;
use crate::access::Exposure;
use crate::policy::{Duty, Policy};
use crate::tiers::Classified;
use crate::words::{Access, PrincipalClass, State, Tier};

/// Whether a policy lets everybody have a field, to read and to edit, so that no access to it is worth a word.
pub fn is_for_everybody(policy: &Policy, of: &Classified) -> bool {
    let allows = |user_type: PrincipalClass| {
        let duty = |access| policy.tiers.duty(of.tier, &of.label, access, user_type).0;
        [Access::Read, Access::Edit].into_iter().all(|access| duty(access) == Duty::Allow)
    };
    of.tier == Tier::Open && PrincipalClass::ALL.into_iter().all(allows)
}

impl Evidence<'_> {
    /// How a pair stands: `worse` is what made it so, or nothing where it is judged as it exists.
    ///
    /// A pair that is worse is judged by the old label as well where the change lowers that. One that is worse only because a
    /// label rose needs at most an approval, unless the baseline accepts it: labelling gives nobody anything.
    pub fn stands(&self, exposure: &Exposure, worse: Option<Worse>) -> State {
        let Some(worse) = worse else {
            let state = self.by_policy(exposure, self.classified(&exposure.field));
            return if state.is_open() && self.accepted(exposure) { State::Accepted } else { state };
        };
        let [old_label, new_label] = [self.judged_as(&exposure.field), self.classified(&exposure.field)]
            .map(|of| self.by_policy(exposure, of));
        match old_label.max(new_label) {
            state if !state.is_open() || !worse.only_requirement() => state,
            _ if self.accepted(exposure) => State::Accepted,
            state => state.min(State::NeedsApproval),
        }
    }

    /// How an access stands by policy and justifications alone, if its field is `of`.
    fn by_policy(&self, exposure: &Exposure, of: &Classified) -> State {
        let Exposure { grantor, field, access, .. } = exposure;
        let (duty, _) = self.duty(grantor, of, *access);
        if duty == Duty::Allow && of.tier == Tier::Open {
            return State::Allowed;
        }
        if duty == Duty::Deny || !self.may_open(grantor, of) {
            return State::NotAllowed;
        }
        match self.justified_as(grantor, field, *access, of) {
            _ if duty == Duty::Allow => State::Allowed,
            Justified::Yes { .. } if duty == Duty::Justify => State::Justified,
            Justified::Yes { approved: true, .. } => State::Approved,
            Justified::Yes { .. } => State::NeedsApproval,
            Justified::Lacking(..) | Justified::No => State::Unjustified,
        }
    }
}
