//! `label-lowered`: a field's tier falls, or its label goes away.
//!
//! Lowering a label opens every grant of the field that was blocked before, now or in the next change.

use super::catalogue::LABEL_LOWERED as RULE;
use super::{Context, describe};
use crate::access::{Declared, Exposure, LabelChange};
use crate::finding::{Finding, Label, Place, Related, Severity};
use crate::tiers::{Classified, Known};
use crate::words::{Access, PrincipalClass, capital};
use std::collections::BTreeSet;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in &cx.delta.label_changes {
        findings.extend(lowered(cx, change));
    }
}

fn lowered(cx: &Context<'_>, change: &LabelChange) -> Option<Finding> {
    // A field that stops to read a sensitive one loses no label of its own.
    let (before, after) =
        (cx.classified_before(&change.field).own().clone(), cx.classified(&change.field).own().clone());
    // A definition that becomes unreadable leaves the run undecided as it is.
    if matches!(after.known, Known::Unreadable(_)) {
        return None;
    }
    let Known::Declared { place: old_place, .. } = &before.known else {
        return mended(cx, change, &before, &after);
    };
    let gone = lost_groups(&before.label, &after.label);
    let falls = after.tier < before.tier;
    // Within a tier a group matters by itself; under a higher tier only if the policy asks something of it.
    let has_duties = gone.iter().any(|group| cx.policy.has_duties(group));
    if !falls && (gone.is_empty() || (after.tier > before.tier && !has_duties)) {
        return None;
    }
    let holders: Vec<_> = cx.reaching(change).collect();
    let groups = after.compliance_at().filter(|_| !falls);
    let changed = groups.or_else(|| classification_at(change, &before.label, &after.label));
    let place: &Place = changed.or(after.place()).unwrap_or(old_place);
    let mut finding = cx.finding(&RULE, place, Some(before.tier));
    let field = &change.field;
    let held = match holders.len() {
        0 => String::new(),
        1 => format!(". {} gives access to it", capital(&holders[0].grantor.to_string())),
        n => {
            let named: Vec<String> = holders.iter().take(describe::NAMED).map(|e| by_name(cx, e)).collect();
            let more = describe::and_more(n - named.len());
            format!(". {n} permission sets or profiles give access to it: {}{more}", named.join(", "))
        }
    };
    if falls {
        finding.message =
            format!("the label of `{field}` falls from {} to {}{held}", before.words(), after.words());
        finding.here = format!("now {}", after.label);
        finding.notes.extend(asks_less(cx, (&before, &after), &holders));
        finding.help = "restore the label, or have an authorised person approve the lower one".into();
    } else {
        if !has_duties {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        let groups: Vec<String> = gone.iter().map(|group| format!("`{group}`")).collect();
        finding.message = format!(
            "`{field}` loses compliance group {}. It stays {}",
            groups.join(", "),
            after.tier.words()
        );
        finding.here = format!("now {}", after.label);
        finding.help = about_groups(cx, (&before, &after), &groups, has_duties);
    }
    finding.approvable = true;
    finding.subject = describe::of_field(&change.field, &after);
    let message = format!("before: {}", before.label);
    finding.related.push(Related::new(old_place.clone(), message));
    for exposure in holders {
        let message = format!("{} gives {} access", exposure.grantor, exposure.access);
        finding.related.push(Related::new(exposure.place().clone(), message));
    }
    Some(finding)
}

/// The name, with the type of users where they are not people of the company.
fn by_name(cx: &Context<'_>, exposure: &Exposure) -> String {
    match cx.user_type(&exposure.grantor) {
        PrincipalClass::Internal => format!("`{}`", exposure.grantor.name()),
        user_type => format!("`{}` ({user_type})", exposure.grantor.name()),
    }
}

/// What reading the field needs after the change and needed before, of each type of users who can read it.
fn asks_less(
    cx: &Context<'_>,
    (before, after): (&Classified, &Classified),
    holders: &[&Exposure],
) -> Vec<String> {
    let types: BTreeSet<PrincipalClass> = holders.iter().map(|held| cx.user_type(&held.grantor)).collect();
    let types = if types.is_empty() { BTreeSet::from([PrincipalClass::Internal]) } else { types };
    let note = |user_type: PrincipalClass| {
        let [was, is] = [before, after]
            .map(|of| cx.policy.tiers.duty(of.tier, &of.label, Access::Read, user_type).0.words());
        (was != is).then(|| {
            format!("before the change read access of {user_type} users {was}; after it, such access {is}")
        })
    };
    types.into_iter().filter_map(note).collect()
}

/// Where the classification is, if the change alters that: compliance groups may decide the tier that is left.
fn classification_at<'c>(change: &'c LabelChange, before: &Label, after: &Label) -> Option<&'c Place> {
    let Declared::Known(all) = &change.landing else { return None };
    let mut written = all.iter().filter_map(|declaration| declaration.classification.as_ref());
    written.find(|_| before.classification != after.classification).map(|(_, place)| place)
}

/// A definition that could not be read counted as restricted. Mending it lowers nothing that anybody
/// knows of, but nobody knows what it said either.
fn mended(
    cx: &Context<'_>,
    change: &LabelChange,
    before: &Classified,
    after: &Classified,
) -> Option<Finding> {
    if !matches!(before.known, Known::Unreadable(_)) || after.tier >= before.tier {
        return None;
    }
    let mut finding = cx.finding(&RULE, after.place()?, None);
    finding.severity = finding.severity.min(Severity::Warning);
    finding.message = format!("`{}` could not be read before, and now is {}", change.field, after.words());
    finding.here = format!("now {}", after.label);
    finding.help = "check the broken version for the label that it was meant to have".into();
    finding.approvable = true;
    finding.subject = describe::of_field(&change.field, after);
    Some(finding)
}

fn lost_groups<'l>(before: &'l Label, after: &Label) -> Vec<&'l String> {
    let kept = |group: &&String| after.compliance_groups.iter().any(|g| g.eq_ignore_ascii_case(group));
    before.compliance_groups.iter().filter(|g| !kept(g)).collect()
}

/// What to do about groups that a field loses.
fn about_groups(
    cx: &Context<'_>,
    (before, after): (&Classified, &Classified),
    gone: &[String],
    has_duties: bool,
) -> String {
    let agree = match has_duties {
        true => "if it no longer applies, have an authorised person approve that",
        false => "if it no longer applies, nothing more is needed",
    };
    let is_odd = |group: &&String| !before.has_group(group) && !cx.policy.labels.knows_group(group);
    match after.label.compliance_groups.iter().find(is_odd) {
        Some(odd) => format!(
            "`{odd}` is no group that Salesforce or the policy knows: if you meant {}, correct it; {agree}",
            gone.join(" or ")
        ),
        None => format!("restore the group; {agree}"),
    }
}
