//! How `derived-field-access` words copies from field to field.

use super::{Context, describe};
use crate::access::{CopiedBy, Source};
use crate::finding::{Finding, Related, RuleInfo, Severity};
use crate::source::RepoPath;
use crate::tiers::RaisingCopy;
use crate::words::FieldName;
use std::collections::BTreeMap;

/// Of each field that is written the copy that says most of it: the most sensitive one, the first of equals.
pub(super) type Leading<'c> = BTreeMap<&'c FieldName, &'c RaisingCopy>;

/// The leading copies of the change.
pub(super) fn leading<'c>(cx: &Context<'c>) -> Leading<'c> {
    let mut by_field = Leading::new();
    for raising in &cx.background.copies {
        let most = by_field.entry(&raising.copy.target).or_insert(raising);
        *most = most_sensitive([*most, raising].into_iter()).unwrap_or(raising);
    }
    by_field
}

fn most_sensitive<'c>(all: impl Iterator<Item = &'c RaisingCopy>) -> Option<&'c RaisingCopy> {
    all.reduce(|most, next| if next.of.tier > most.of.tier { next } else { most })
}

/// Who reads the field that is written is not known from this repository alone, so a copy asks for an approval by
/// itself: one for a file and a field. `weights` says what has been told of its access, at the copy that says most of it.
pub(super) fn findings(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    leading: &Leading<'_>,
    weights: &BTreeMap<&FieldName, Severity>,
) -> Vec<Finding> {
    let mut together: BTreeMap<(&RepoPath, &FieldName), Vec<&RaisingCopy>> = BTreeMap::new();
    for raising in &cx.background.copies {
        together.entry((raising.copy.place.path(), &raising.copy.target)).or_default().push(raising);
    }
    let told = |lead: &RaisingCopy, severity: Severity| {
        let target = &lead.copy.target;
        let is_place = leading.get(target).is_some_and(|most| std::ptr::eq(*most, lead));
        is_place && weights.get(target).is_some_and(|weight| *weight >= severity)
    };
    let mut found = Vec::new();
    for all in together.values() {
        let Some(lead) = most_sensitive(all.iter().copied()) else { continue };
        found.extend(Some(finding(cx, rule, lead, all)).filter(|finding| !told(lead, finding.severity)));
    }
    found
}

fn finding(cx: &Context<'_>, rule: &'static RuleInfo, lead: &RaisingCopy, all: &[&RaisingCopy]) -> Finding {
    let target = &lead.copy.target;
    let after = cx.judged_as(target);
    let mut finding = cx.finding(rule, &lead.copy.place, Some(after.tier));
    finding.message =
        format!("{}: whoever can read `{target}` sees it", copies(lead, all.len().saturating_sub(1)));
    finding.here = here(lead);
    finding.help =
        format!("give `{target}` the label of what it holds, take the copy out, or {}", describe::APPROVE_IT);
    finding.approvable = true;
    finding.subject = describe::of_field(target, after);
    finding.related.extend(describe::classified_at(&lead.of));
    let others = all.iter().filter(|other| !std::ptr::eq(**other, lead));
    finding.related.extend(
        others.take(describe::NAMED).map(|other| {
            Related::new(other.copy.place.clone(), format!("copies `{}` as well", other.source))
        }),
    );
    finding
}

/// ``Flow `Intake` copies `Contact.SSN__c` (Restricted) into `Contact.Note__c` (no label)``, with `more` fields beside it.
pub(super) fn copies(raising: &RaisingCopy, more: usize) -> String {
    let RaisingCopy { copy, source, of, target } = raising;
    let name = &copy.name;
    let what = match copy.by {
        CopiedBy::FieldUpdate => format!("workflow field update `{name}`"),
        CopiedBy::Flow => format!("flow `{name}`"),
        CopiedBy::QuickAction => format!("quick action `{name}`"),
        CopiedBy::LeadConversion => "the conversion of leads".to_owned(),
        CopiedBy::AnalyticSnapshot => format!("reporting snapshot `{name}`"),
    };
    format!(
        "{what} copies `{source}` ({}){} into `{}` ({})",
        of.label_words(),
        describe::and_more(more),
        copy.target,
        target.label_words()
    )
}

/// What is said at the element.
pub(super) fn here(raising: &RaisingCopy) -> String {
    format!("`{}` goes into `{}`", raising.source, raising.copy.target)
}

/// Why a copy whose path cannot be followed counts as it does.
pub(super) fn counts_as(raising: &RaisingCopy) -> Option<String> {
    let Source::Behind { name, why } = &raising.copy.source else { return None };
    let (source, target) = (&raising.source, &raising.copy.target);
    Some(format!(
        "{why}; `{target}` counts as getting `{source}`, the most sensitive field that is known behind the name `{name}`"
    ))
}

/// Why a reason for the access is not enough.
pub(super) fn label_it(target: &FieldName) -> String {
    format!("later changes go by the label of `{target}` alone: give it the label of what it holds")
}
