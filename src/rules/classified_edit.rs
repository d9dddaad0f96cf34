//! `classified-edit`: new editing of a tier-2 field that nothing justifies.
//!
//! Also covers an open field when the policy asks something even of those.

use super::by_permission::by_permission;
use super::catalogue::CLASSIFIED_EDIT as RULE;
use super::{Context, grants};
use crate::finding::Finding;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    grants::tell_single(cx, &RULE, findings);
    by_permission(cx, &RULE, "edit access", findings);
}
