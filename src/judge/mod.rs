//! The judgement: which pairs of a permission set, profile or group and a field a change makes worse, how each
//! stands, and who is believed. The heart of the gate.
//!
//! Pure: two sides, policy, justifications and baseline in, states out. It knows no wording and no rule id, and nothing
//! else may say that a pair is fine: `check` asks it about the pairs that got worse, `audit`, `matrix`, `explain` and
//! `preflight` about all of them. Read in this order:
//!
//! * `pair`: what a pair is, and what makes it worse;
//! * `stands`: [`Evidence::stands`], the one function that says how it stands;
//! * `worse`: which pairs a change makes worse, and which pairs of groups are their members';
//! * `reasons`: which justifications count, and which of them were approved for the same stakes;
//! * `evidence`: what all of it rests on; `judgement` puts it together;
//! * `facts`: the values that come in.

mod evidence;
mod facts;
mod judgement;
mod pair;
mod reasons;
mod stands;
mod worse;

pub use crate::words::State;
pub use evidence::{Evidence, requirement, user_type_by};
pub use facts::{ApprovedElsewhere, Facts};
pub use judgement::Judge;
pub use pair::{Changed, Pair, Worse};
pub use reasons::{Grown, Justified};
pub use stands::is_for_everybody;
