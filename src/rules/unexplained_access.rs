//! `unexplained-access`: access that a change makes worse and that no other rule speaks of.
//!
//! The net under all the others: a gap in a rule can make a poor message, never a pass. It is run last, sees what
//! the others found, and no policy lowers it.

use super::catalogue::UNEXPLAINED_ACCESS as RULE;
use super::causes::Told;
use super::{Context, grants};
use crate::finding::Finding;
use crate::words::{FieldName, Grantor};
use rayon::prelude::*;

/// Finds nothing by itself: [`complete`] is asked when all other rules have spoken.
pub(super) fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}

/// Adds the open pairs that no finding tells.
pub(super) fn complete(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let key = |holder: &Grantor, field: &FieldName| (holder.kind, holder.number(), field.number());
    let tells = |finding: &Finding| {
        finding.tells.iter().map(|(holder, field)| key(holder, field)).collect::<Vec<_>>()
    };
    let mut told: Vec<_> = findings.par_iter().flat_map_iter(tells).collect();
    told.par_sort_unstable();
    let is_told = |of: &Told<'_>| {
        let exposure = &*of.pair.exposure;
        told.binary_search(&key(&exposure.grantor, &exposure.field)).is_ok()
    };
    let untold = cx.all_told().filter(|told| !is_told(told));
    let untold: Vec<Finding> = untold.map(|told| grants::outline(cx, &RULE, told)).collect();
    findings.extend(untold);
}
