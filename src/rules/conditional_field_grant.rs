//! `conditional-field-grant`: new reading of a tier-2 field that nothing justifies.
//!
//! Also covers an open field when the policy asks something even of those.

use super::catalogue::CONDITIONAL_FIELD_GRANT as RULE;
use super::{Context, grants};
use crate::finding::Finding;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    grants::tell(cx, &RULE, findings);
}
