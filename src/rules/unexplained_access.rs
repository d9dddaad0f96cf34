//! `unexplained-access`: access that a change makes worse and that no other rule speaks of.
//!
//! The net under all the others: a gap in a rule can make a poor message, never a pass. It is run last, sees what
//! the others found, and no policy lowers it.

use super::catalogue::UNEXPLAINED_ACCESS as RULE;
use super::{Context, grants};
use crate::finding::Finding;
use crate::words::{FieldName, Grantor};
use std::collections::HashSet;

/// Finds nothing by itself: [`complete`] is asked when all other rules have spoken.
pub(super) fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}

/// Adds the open pairs that no finding tells.
pub(super) fn complete(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let told: HashSet<&(Grantor, FieldName)> = findings.iter().flat_map(|finding| &finding.tells).collect();
    let is_told = |holder: &Grantor, field: &FieldName| told.contains(&(holder.clone(), field.clone()));
    let untold =
        cx.all_told().filter(|told| !is_told(&told.pair.exposure.grantor, &told.pair.exposure.field));
    let untold: Vec<Finding> = untold.map(|told| grants::one(cx, &RULE, told)).collect();
    findings.extend(untold);
}
