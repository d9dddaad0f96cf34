//! `profile-grants-classified-field`: a profile opens a field of tier 2 or 3.
//!
//! A profile cannot be given to one person for one purpose, so no justification settles this.

use super::catalogue::PROFILE_GRANTS_CLASSIFIED_FIELD as RULE;
use super::{Context, grants};
use crate::finding::Finding;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    grants::tell(cx, &RULE, findings);
}
