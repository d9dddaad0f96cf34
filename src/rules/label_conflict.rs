//! `label-conflict`: a label from outside the repository asks for more than the repository's own.
//!
//! The higher one counts everywhere; but who reads only the field's file is misled. Labels that disagree are told at the
//! repository's file, once a file; fields that have no label there at all, once an export.

use super::catalogue::LABEL_CONFLICT as RULE;
use super::{Context, describe};
use crate::finding::{Finding, Place, Related, Severity};
use crate::source::RepoPath;
use crate::tiers::TwoLabels;
use crate::words::FieldName;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A field of which an export says more than the repository does.
struct Conflict<'c> {
    field: &'c FieldName,
    both: &'c TwoLabels,
    /// In the repository.
    place: &'c Place,
    /// In the export.
    row: &'c Place,
}

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let (silent, disagreeing): (Vec<_>, Vec<_>) =
        conflicts(cx).into_iter().partition(|conflict| conflict.both.repository_is_silent());
    for (_, of_file) in by(disagreeing, |conflict| conflict.place.path()) {
        findings.extend(disagreement(cx, &of_file));
    }
    for (export, fields) in by(silent, |conflict| conflict.row.path()) {
        findings.extend(without_label(cx, export, &fields));
    }
}

fn conflicts<'c>(cx: &'c Context<'_>) -> Vec<Conflict<'c>> {
    let opened = cx.opened().map(|pair| &pair.exposure.field);
    let relabelled =
        cx.delta.label_changes.iter().filter(|c| !c.base.same_label(&c.landing)).map(|c| &c.field);
    let concerned = LazyCell::new(|| opened.chain(relabelled).collect::<HashSet<&FieldName>>());
    // A field that goes by two names has one definition.
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for (field, both) in cx.background.two_labels.iter().filter(|(_, both)| both.repository_is_lower()) {
        let (Some(place), Some(row)) = (both.repository.place(), both.overlay.place()) else { continue };
        if concerned.contains(field) && told.insert((place.path(), place.span)) {
            found.push(Conflict { field, both, place, row });
        }
    }
    found
}

fn by<'c>(
    conflicts: Vec<Conflict<'c>>,
    path: impl Fn(&Conflict<'c>) -> &'c RepoPath,
) -> BTreeMap<&'c RepoPath, Vec<Conflict<'c>>> {
    let mut grouped: BTreeMap<&RepoPath, Vec<Conflict<'_>>> = BTreeMap::new();
    for conflict in conflicts {
        grouped.entry(path(&conflict)).or_default().push(conflict);
    }
    grouped
}

/// Fields of one file whose labels there ask for less than those of an export.
fn disagreement(cx: &Context<'_>, conflicts: &[Conflict<'_>]) -> Option<Finding> {
    let (Conflict { field, both, place, row }, others) = conflicts.split_first()?;
    let mut finding = cx.finding(&RULE, place, None);
    finding.message = format!(
        "`{field}` is {} by its definition, and {} by `{}`",
        both.repository.words(),
        both.overlay.words(),
        row.path()
    );
    finding.here = format!("the repository says: {}", both.repository.label);
    finding.notes.push("the more sensitive label counts, with the compliance groups of both".into());
    finding.help = "set the label of the export here, or have an authorised person correct the export".into();
    finding.subject = describe::of_field(field, cx.classified(field));
    finding.related.push(says(row, both));
    for other in others {
        let message = format!("`{}` is {} here", other.field, other.both.repository.words());
        finding.related.push(Related::new(other.place.clone(), message));
        finding.related.push(says(other.row, other.both));
    }
    Some(finding)
}

/// Fields that an export labels and whose definitions have no label: nothing that misleads, and nothing to block for.
fn without_label(cx: &Context<'_>, export: &RepoPath, conflicts: &[Conflict<'_>]) -> Option<Finding> {
    let first = conflicts.first()?;
    let mut finding = cx.finding(&RULE, first.place, None);
    finding.severity = finding.severity.min(Severity::Note);
    let names = conflicts.iter().take(describe::NAMED).map(|conflict| format!("`{}`", conflict.field));
    let verb = if conflicts.len() == 1 { "has" } else { "have" };
    finding.message = format!(
        "{}{} {verb} a label in `{export}` and none in the repository",
        names.collect::<Vec<_>>().join(", "),
        describe::and_more(conflicts.len().saturating_sub(describe::NAMED)),
    );
    finding.here = "no label here".into();
    finding.help = "the label of the export counts; to have it here as well, write it into the field's file, or set it in Setup and retrieve the \
         field".into();
    finding.subject = describe::of_field(first.field, cx.classified(first.field));
    for Conflict { row, both, .. } in conflicts.iter().take(describe::NAMED) {
        finding.related.push(says(row, both));
    }
    Some(finding)
}

fn says(row: &Place, both: &TwoLabels) -> Related {
    Related::new(row.clone(), format!("the export says: {}", both.overlay.label))
}
