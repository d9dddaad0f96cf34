//! Where an access stands.

use serde::Serialize;

/// How an access of a permission set, profile or group to a field stands, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The policy asks for nothing.
    Allowed,
    /// A complete justification is there, and the policy asks for no more.
    Justified,
    /// A complete justification is there, approved for these stakes.
    Approved,
    /// The baseline accepts it.
    Accepted,
    /// An approval is missing, and nothing else.
    NeedsApproval,
    /// No complete justification is there.
    Unjustified,
    /// The policy does not allow it, whatever is written or approved.
    NotAllowed,
}

impl State {
    /// Whether a change may not leave a pair like this that it makes worse.
    pub fn is_open(self) -> bool {
        self >= State::NeedsApproval
    }
}
