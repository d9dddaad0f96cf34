//! `derived-exposure`: a formula or roll-up shows data of a more sensitive field to whoever reads it.
//!
//! Judged where a derived field is granted, where its definition comes to read such a field under grants
//! that stand, and where the label of what it reads rises, or a declared masking goes, under such grants.

use super::{
    Classified, Context, DerivedFrom, Known, Rule, describe, external_principal_grant,
    profile_grants_classified_field,
};
use crate::access::{Exposure, LabelChange};
use crate::finding::{Finding, Related, RuleInfo, Severity};
use std::cell::LazyCell;
use std::collections::HashSet;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "derived-exposure",
        summary: "a formula or roll-up shows data of a more sensitive field",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011"],
        page: include_str!("../../docs/rules/derived-exposure.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (opened, classified) in cx.opened_by_entry() {
        let Some(from) = &classified.derived else { continue };
        let (_, by_principal) = cx.duty(&opened.exposure.grantor, classified, opened.exposure.access);
        let barred = !cx.policy.tiers.kind_allowed(classified.tier, opened.exposure.grantor.kind);
        let told = (by_principal && cx.blocks(&external_principal_grant::RULE.info))
            || (barred && cx.blocks(&profile_grants_classified_field::RULE.info));
        if told || cx.settled(&opened.exposure, classified) {
            continue;
        }
        let mut finding = describe::about(cx, &RULE.info, opened, classified);
        finding.message = format!("{} and no justification covers it", finding.message);
        finding.help = describe::next_step(cx, &opened.exposure, classified);
        finding.related = path(from, classified);
        findings.push(finding);
    }
    for change in cx.delta.label_changes.iter().chain(&cx.facts.dependents) {
        let (before, after) = (cx.classified_before(&change.field), cx.classified(&change.field));
        let (Some(from), Some(place)) = (&after.derived, change.landing.derived_at()) else { continue };
        let input = &from.input;
        let holders = holders(cx, change, before, after);
        if holders.is_empty() {
            continue;
        }
        let mut finding = cx.finding(&RULE.info, place, Some(after.tier));
        let who = match holders.as_slice() {
            [one] => format!("{} reaches it", one.grantor),
            many => format!("{} grantors reach it", many.len()),
        };
        let same = change.base.same_derivation(&change.landing);
        finding.message = format!(
            "`{}` {} `{}`, which {} it {}, and {who} without what the policy asks for",
            change.field,
            if same { "reads" } else { "comes to read" },
            after.inputs.difference(&before.inputs).next().unwrap_or(&input.field),
            if same { "now makes" } else { "makes" },
            after.words()
        );
        finding.here = format!("reads `{}`", input.hops().get(1).map_or(&input.field, |hop| &hop.field));
        finding.help = match holders.as_slice() {
            [one] => describe::next_step(cx, one, after),
            _ => format!(
                "read less sensitive fields, or justify each grant under `{}`",
                crate::policy::JUSTIFICATIONS
            ),
        };
        finding.subject = describe::of_field(&change.field, after);
        finding.related = path(from, after).into_iter().skip(1).collect();
        finding.tells = holders.iter().map(|e| describe::pair(e)).collect();
        for exposure in holders {
            let message = format!("{} has {}", exposure.grantor, exposure.access);
            finding.related.push(Related::new(exposure.place().clone(), message));
        }
        findings.push(finding);
    }
    findings.extend(
        cx.delta.label_changes.iter().chain(&cx.facts.dependents).filter_map(|c| not_understood(cx, c)),
    );
    let concerned = LazyCell::new(|| {
        let changed = cx.delta.label_changes.iter().filter(|c| !c.base.same_derivation(&c.landing));
        let granted = cx.opened_by_entry().map(|(opened, _)| &opened.exposure.field);
        changed.map(|c| &c.field).chain(granted).collect::<HashSet<_>>()
    });
    for (field, unresolved) in cx.facts.unresolved.iter().filter(|(field, _)| concerned.contains(field)) {
        for (what, place) in unresolved {
            let mut finding = cx.finding(&RULE.info, place, None);
            finding.severity = finding.severity.min(Severity::Note);
            finding.message = format!("`{field}` reads what cannot be judged here: {what}");
            finding.here = "not resolved".into();
            finding.help = "retrieve the definition of what it reads, if it is classified".into();
            finding.subject = describe::of_field(field, cx.classified(field));
            findings.push(finding);
        }
    }
}

/// A derived field that grants stand on and that comes to read what nobody can tell: it may read anything.
fn not_understood(cx: &Context<'_>, change: &LabelChange) -> Option<Finding> {
    let (before, after) = (cx.classified_before(&change.field), cx.classified(&change.field));
    let (Known::Unreadable(problem), Some(place)) = (&after.known, change.landing.derived_at()) else {
        return None;
    };
    let holders = holders(cx, change, before, after);
    if holders.is_empty() {
        return None;
    }
    let mut finding = cx.finding(&RULE.info, place, Some(after.tier));
    let who = describe::who(&holders);
    finding.message = format!(
        "what `{}` reads is not understood, so it counts as {}, and nothing justifies that {who} {} it",
        change.field,
        after.tier,
        if holders.len() == 1 { "reads" } else { "read" }
    );
    finding.here = "not understood".into();
    finding.help =
        format!("simplify what it reads, or justify each grant under `{}`", crate::policy::JUSTIFICATIONS);
    finding.notes.push(problem.reason.clone());
    finding.subject = describe::of_field(&change.field, after);
    finding.tells = holders.iter().map(|e| describe::pair(e)).collect();
    for exposure in holders {
        let message = format!("{} has {}", exposure.grantor, exposure.access);
        finding.related.push(Related::new(exposure.place().clone(), message));
    }
    Some(finding)
}

/// Grants that stand and do not meet what the derived field now asks for.
fn holders<'c>(
    cx: &Context<'c>,
    change: &LabelChange,
    before: &Classified,
    after: &Classified,
) -> Vec<&'c Exposure> {
    let standing = cx.standing(change);
    let opened = |e: &&Exposure| cx.opened_at(&e.grantor, &e.field).is_some();
    let reads_more = !after.inputs.is_subset(&before.inputs);
    // Under a declaration that is over, what a formula showed was once agreed to; another one was not.
    let shows_else =
        cx.facts.masked_before.contains(&change.field) && !change.base.same_derivation(&change.landing);
    let worse = |e: &&Exposure| cx.settled(e, before) || after.tier > before.tier || reads_more || shows_else;
    standing.filter(|e| !opened(e) && !cx.accepted(e) && !cx.settled(e, after) && worse(e)).collect()
}

/// The way from the derived field to the data, hop by hop, and the label that it ends at.
fn path(from: &DerivedFrom, classified: &Classified) -> Vec<Related> {
    let input = &from.input;
    let hops = input.hops();
    let next = hops.iter().skip(1).map(|hop| &hop.field).chain([&input.field]);
    let hops = hops.iter().zip(next);
    let hops =
        hops.map(|(hop, next)| Related::new(hop.place.clone(), format!("`{}` reads `{next}`", hop.field)));
    let way = hops.chain(describe::classified_at(classified));
    way.map(|step| Related { on_the_way: true, ..step }).collect()
}
