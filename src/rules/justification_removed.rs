//! `justification-removed`: an entry goes away or is narrowed while its grant stays.

use super::catalogue::JUSTIFICATION_REMOVED as RULE;
use super::{Context, grants};
use crate::finding::{Finding, Related};
use crate::judge::{Justified, State};
use crate::policy::Entry;
use crate::words::{FieldName, Grantor};
use std::collections::BTreeMap;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let gone = gone(cx);
    for told in cx.told_by(&RULE) {
        let exposure = &*told.pair.exposure;
        let classified = cx.judged_as(&exposure.field);
        let mut finding = grants::one(cx, &RULE, told);
        finding.message = format!(
            "the justification of {} for {} access to `{}` ({}) is removed or narrowed, and the access stays",
            exposure.grantor,
            exposure.access,
            exposure.field,
            classified.label_words()
        );
        finding.here = format!("still gives {} access", exposure.access);
        let old = gone.get(&(&exposure.grantor, exposure.field.clone())).copied();
        let mut last_day = None;
        let removed = match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
            // It is there, and what was written last keeps it from counting.
            Justified::Lacking(..) => {
                finding.message = format!(
                    "the justification of {} for {} access to `{}` ({}) no longer counts, and the access stays. {}",
                    exposure.grantor,
                    exposure.access,
                    exposure.field,
                    classified.label_words(),
                    grants::lack(cx, told.pair)
                );
                "before this change"
            }
            Justified::Yes { entry, .. } if told.pair.state == State::NeedsApproval => {
                finding.message = format!(
                    "the justification of {} for {} access to `{}` ({}) has changed, so it needs an approval again",
                    exposure.grantor,
                    exposure.access,
                    exposure.field,
                    classified.label_words()
                );
                last_day = old.filter(|old| old.says_the_same(entry)).and_then(Entry::last_day);
                finding
                    .notes
                    .extend(last_day.map(|day| format!("its last day was {day} before this change")));
                "before this change"
            }
            Justified::Yes { .. } | Justified::No => "removed by this change",
        };
        if told.pair.state == State::Unjustified && removed != "before this change" {
            finding.help = "remove the access as well, or restore the justification".into();
        }
        // Where a day is all that differs, the entry that is there shows the rest.
        let removed =
            old.filter(|_| last_day.is_none()).map(|entry| Related::new(entry.place.clone(), removed));
        finding.related.splice(0..0, removed);
        findings.push(finding);
    }
}

/// Entries that go, by whom and what they justify.
fn gone<'c>(cx: &Context<'c>) -> BTreeMap<(&'c Grantor, FieldName), &'c Entry> {
    let gone = cx.facts.base_entries.iter().filter(|entry| !cx.kept(entry));
    gone.flat_map(|entry| entry.fields().into_iter().map(move |field| ((&entry.grantor, field), entry)))
        .collect()
}
