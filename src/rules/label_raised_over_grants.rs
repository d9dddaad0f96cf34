//! `label-raised-over-grants`: a field's label comes to ask for more, and grants that already stand do
//! not meet it.

use super::context::Justified;
use super::{Classified, Context, Known, Rule, derived_exposure, describe, view_all_fields};
use crate::access::{Exposure, LabelChange};
use crate::finding::{Finding, Related, RuleInfo, Severity};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "label-raised-over-grants",
        summary: "a field's label rises over grants that nothing justifies",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-010", "SBS-DATA-004"],
        page: include_str!("../../docs/rules/label-raised-over-grants.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in &cx.delta.label_changes {
        findings.extend(raised(cx, change));
    }
}

fn raised(cx: &Context<'_>, change: &LabelChange) -> Option<Finding> {
    let field = &change.field;
    let (before, after) = (cx.classified_before(field), cx.classified(field));
    let place = after.place()?;
    if after.derived.is_some() && cx.blocks(&derived_exposure::RULE.info) {
        return None;
    }
    let is_new = matches!(before.known, Known::Unknown);
    let violating: Vec<&Exposure> = cx
        .standing(change)
        // A new field under View All Fields is `view-all-fields`'s to report, if that blocks.
        .filter(|e| !(is_new && view_all_fields::by_bulk(e) && cx.blocks(&view_all_fields::RULE.info)))
        .filter(|e| !cx.accepted(e))
        // What this change opens itself is reported where it is opened.
        .filter(|e| cx.opened_at(&e.grantor, &e.field).is_none_or(|o| o.exposure.access < e.access))
        .filter(|e| !cx.settled(e, after) && (cx.settled(e, before) || asks_more(cx, e, before, after)))
        .collect();
    if violating.is_empty() {
        return None;
    }
    let mut finding = cx.finding(&RULE.info, place, Some(after.tier));
    let who = match violating.len() {
        1 => "1 grantor reaches".to_owned(),
        count => format!("{count} grantors reach"),
    };
    let how = if after.tier > before.tier { "rises" } else { "changes" };
    finding.message = format!(
        "the label of `{field}` {how} from {} to {}, and {who} it without what the policy asks for",
        before.words(),
        after.words()
    );
    finding.here = format!("now {}", after.label);
    finding.help = match violating.as_slice() {
        [exposure] => describe::next_step(cx, exposure, after),
        _ => format!(
            "remove these grants (in profiles by `readable` and `editable` `false`); what the policy lets be justified, \
             justify under `{}`",
            crate::policy::JUSTIFICATIONS
        ),
    };
    finding.subject = describe::of_field(&change.field, after);
    finding.tells = violating.iter().map(|e| describe::pair(e)).collect();
    for exposure in violating {
        let gone = |e: &&Exposure| e.grantor == exposure.grantor && e.field == exposure.field;
        let kept = cx.delta.omitted.iter().any(|e| gone(&e));
        let left = if kept { ", which deleting the entry does not revoke" } else { "" };
        let message = format!("{} has {}{left}", exposure.grantor, exposure.access);
        finding.related.push(Related::new(exposure.place().clone(), message));
        if let Justified::Lacking(entry, _) = cx.justified(&exposure.grantor, field, exposure.access) {
            let message = "its justification, which does not count".to_owned();
            finding.related.push(Related::new(entry.place.clone(), message));
        }
    }
    Some(finding)
}

/// Whether the new label asks for more than the old one did.
fn asks_more(cx: &Context<'_>, exposure: &Exposure, before: &Classified, after: &Classified) -> bool {
    let duty = |c| cx.duty(&exposure.grantor, c, exposure.access).0;
    after.tier > before.tier || duty(after) > duty(before)
}
