//! `justification-expiring`: an entry that counts, and whose last day is near.
//!
//! An audit looks at all of them. A change hears of those of the permission sets, profiles and groups that it touches; of
//! the others its report has one line.

use super::catalogue::JUSTIFICATION_EXPIRING as RULE;
use super::{Context, describe, entries};
use crate::finding::{Finding, Place, Related};
use crate::policy::Entry;
use crate::words::Grantor;
use jiff::civil::Date;
use std::collections::BTreeMap;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut ending: BTreeMap<&Grantor, Vec<(Date, &Entry)>> = BTreeMap::new();
    for entry in cx.facts.entries.iter().filter(|entry| is_looked_at(cx, entry)) {
        let near = entry.last_day().filter(|last| cx.policy.is_near(*last, cx.today));
        if let Some(last) = near.filter(|_| cx.lacks(entry, &entry.fields()).is_empty()) {
            ending.entry(&entry.grantor).or_default().push((last, entry));
        }
    }
    findings.extend(ending.into_iter().filter_map(|(holder, ending)| ends(cx, holder, ending)));
}

fn is_looked_at(cx: &Context<'_>, entry: &Entry) -> bool {
    match cx.standing {
        true => cx.background.on_landing.contains(&entry.grantor),
        false => cx.delta.landing.contains_key(&entry.grantor),
    }
}

/// One finding for each holder, at the entry that ends first.
fn ends(cx: &Context<'_>, holder: &Grantor, mut ending: Vec<(Date, &Entry)>) -> Option<Finding> {
    ending.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| entries::key(x).cmp(&entries::key(y))));
    let (last, first) = *ending.first()?;
    let span = first.reason.expires.as_ref()?.span;
    let mut finding = entries::finding(cx, &RULE, first, &Place::new(&first.place.file, span));
    finding.message = match ending.len() {
        1 => format!("the justification of {holder} for `{}` ends on {last}", first.field.value),
        count => format!(
            "{count} justifications of {holder} end soon, the first, for `{}`, on {last}",
            first.field.value
        ),
    };
    finding.here = "ends soon".into();
    finding.help =
        "ask whether the access is still needed; then write a later date, or remove the grant".into();
    finding.related = ending[1..]
        .iter()
        .take(describe::NAMED)
        .map(|(last, entry)| {
            let span = entry.reason.expires.as_ref().map_or(entry.place.span, |text| text.span);
            let message = format!("that for `{}` ends on {last}", entry.field.value);
            Related::new(Place::new(&entry.place.file, span), message)
        })
        .collect();
    Some(finding)
}
