//! `external-access`: a classified field is opened to principals for whom the policy denies it,
//! by default guests, customers and partners.

use super::catalogue::EXTERNAL_ACCESS as RULE;
use super::{Context, grants};
use crate::finding::Finding;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    grants::tell(cx, &RULE, findings);
}
