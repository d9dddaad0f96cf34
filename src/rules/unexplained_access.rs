//! `unexplained-access`: access that a change makes worse and that no other rule speaks of.
//!
//! The net under all the others: a gap in a rule can make a poor message, never a pass. It is run last, sees what
//! the others found, and no policy lowers it.

use super::catalogue::UNEXPLAINED_ACCESS as RULE;
use super::causes::Told;
use super::{Context, grants};
use crate::finding::Finding;
use crate::words::{FieldMap, Grantor};
use rayon::prelude::*;

/// Finds nothing by itself: [`complete`] is asked when all other rules have spoken.
pub(super) fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}

/// Adds the open pairs that no finding tells.
pub(super) fn complete(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut told: FieldMap<Vec<&Grantor>> = FieldMap::default();
    for (holder, field) in findings.iter().flat_map(|finding| &finding.tells) {
        told.entry(field.clone()).or_default().push(holder);
    }
    told.par_iter_mut().for_each(|(_, holders)| holders.sort_unstable());
    let is_told = |told_of: &&Told<'_>| {
        let exposure = &*told_of.pair.exposure;
        told.get(&exposure.field).is_some_and(|holders| holders.binary_search(&&exposure.grantor).is_ok())
    };
    let untold = cx.all_told().filter(|told_of| !is_told(told_of));
    let untold: Vec<Finding> = untold.map(|told| grants::outline(cx, &RULE, told)).collect();
    findings.extend(untold);
}
