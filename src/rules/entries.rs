//! Entries that lack something, for the two rules that speak of them: those of the change that no open pair needs. An
//! open pair tells by itself what its entry lacks.

use super::{Context, describe};
use crate::finding::{Finding, Place, RuleInfo};
use crate::judge::Justified;
use crate::policy::Entry;
use std::collections::BTreeSet;

/// The places of entries that open pairs rely on.
pub(super) fn relied_on(cx: &Context<'_>) -> BTreeSet<(String, u32)> {
    let entries = cx.all_told().filter_map(|told| {
        let exposure = &told.pair.exposure;
        match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
            Justified::Lacking(entry, _) => Some(key(entry)),
            _ => None,
        }
    });
    entries.collect()
}

/// Names an entry.
pub(super) fn key(entry: &Entry) -> (String, u32) {
    (entry.place.path().as_str().to_owned(), entry.place.span.start)
}

/// A finding about an entry of the change.
pub(super) fn finding(cx: &Context<'_>, rule: &'static RuleInfo, entry: &Entry, place: &Place) -> Finding {
    let tier = entry.fields().iter().map(|field| cx.classified(field).tier).max();
    let mut finding = cx.finding(rule, place, tier);
    finding.subject = describe::of_entry(cx, entry);
    finding
}
