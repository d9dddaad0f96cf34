//! `restricted-field-grant`: new access to a tier-3 field that nothing justifies.

use super::catalogue::RESTRICTED_FIELD_GRANT as RULE;
use super::{Context, grants};
use crate::finding::Finding;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    grants::tell(cx, &RULE, findings);
}
