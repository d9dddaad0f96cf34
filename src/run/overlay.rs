//! Labels from outside the repository, read from the base.

use super::RunError;
use super::config::{reason, unreadable};
use crate::gate::Reason;
use crate::metadata::meant_standard_field;
use crate::policy::{self, OverlayLabel, Policy};
use crate::source::{RepoPath, Snapshot, SourceFile};
use crate::words::FieldName;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a file of the folder is for.
fn is_passed_over(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    // Such as `.gitkeep`, and what file managers leave behind.
    name.starts_with('.') && !policy::is_overlay(&name) || name.ends_with(".md")
}

/// Reads one file of the folder.
pub(super) fn read(file: &Arc<SourceFile>, policy: &Policy) -> Result<Vec<OverlayLabel>, Vec<Reason>> {
    let path = file.path();
    if is_passed_over(path) {
        return Ok(Vec::new());
    }
    if !policy::is_overlay(path.file_name()) {
        let of_excel =
            [".xlsx", ".xls"].iter().any(|ending| path.as_str().to_ascii_lowercase().ends_with(ending));
        let message = match of_excel {
            true => {
                "only `.csv` and `.json` files are read here; save it in Excel as `CSV UTF-8`, with commas between the columns"
            }
            false => "only `.csv` and `.json` files are read here; rename it or move it out of this folder",
        };
        return Err(vec![Reason { path: path.clone(), position: None, message: message.to_owned() }]);
    }
    policy::read_overlay(file, &policy.label_columns)
        .map_err(|mistakes| mistakes.iter().map(reason).collect())
}

/// What label files say.
#[derive(Default)]
pub(super) struct Exported {
    pub(super) labels: Vec<OverlayLabel>,
    /// Whether fields have field-level security.
    pub(super) fls: Vec<(FieldName, bool)>,
    /// Fields of which a file has a record without a label.
    pub(super) unlabelled: BTreeSet<FieldName>,
    /// Every field of which a file that tells all fields has a record: one with the column `IsFlsEnabled`.
    pub(super) all: BTreeSet<FieldName>,
}

/// The labels of the base, and what keeps some of them from being known.
pub(super) fn load(
    base: &dyn Snapshot,
    policy: &Policy,
    standing: bool,
) -> Result<(Exported, Vec<Reason>), RunError> {
    let (mut exported, mut problems) = (Exported::default(), Vec::new());
    let all = base.entries()?;
    // The listing is sorted, so the folder is one run of it.
    let first = all.partition_point(|e| e.path.as_str() < policy::LABELS);
    for entry in all[first..].iter().take_while(|e| e.path.as_str().starts_with(policy::LABELS)) {
        let file = base.read(entry).map_err(|e| vec![unreadable(e)]);
        match file.and_then(|file| read(&file, policy)) {
            Ok(found) => {
                let fls = found.iter().filter_map(|label| Some((label.field.clone(), label.has_fls?)));
                let fls: Vec<_> = fls.collect();
                exported.all.extend(fls.iter().map(|(field, _)| field.clone()));
                // That a custom field has it goes without saying.
                exported.fls.extend(fls.into_iter().filter(|(field, has)| !(field.is_custom() && *has)));
                let (labelled, rest): (Vec<_>, Vec<_>) =
                    found.into_iter().partition(OverlayLabel::is_labelled);
                exported.labels.extend(labelled);
                exported.unlabelled.extend(rest.into_iter().map(|label| label.field));
            }
            Err(reasons) => problems.extend(reasons),
        }
    }
    for problem in problems.iter_mut().filter(|_| !standing) {
        problem.message = format!(
            "{} (in the label exports of the base branch: an administrator has to merge the repair)",
            problem.message
        );
    }
    Ok((exported, problems))
}

/// What of labels counts and is most likely not meant.
pub(super) fn warnings(labels: &[OverlayLabel], policy: &Policy) -> Vec<Reason> {
    [misspelt(labels, policy), labelled_twice(labels, policy), misnamed(labels)].concat()
}

/// Names of no standard field that is known, and nearly that of one: each once.
fn misnamed(labels: &[OverlayLabel]) -> Vec<Reason> {
    let mut told = BTreeSet::new();
    let of_standard_fields = labels.iter().filter(|label| !label.field.is_custom());
    let found = of_standard_fields.filter_map(|label| {
        let meant = meant_standard_field(&label.field).filter(|_| told.insert(&label.field))?;
        let (field, object) = (&label.field, label.field.object());
        Some(Reason {
            path: label.place.path().clone(),
            position: Some(label.place.location().start),
            message: format!(
                "no standard field `{field}` is known; if you meant `{object}.{meant}`, correct it"
            ),
        })
    });
    found.take(MISNAMED).collect()
}

/// Nobody corrects more at once.
const MISNAMED: usize = 20;

/// Fields with two different labels: each once.
fn labelled_twice(labels: &[OverlayLabel], policy: &Policy) -> Vec<Reason> {
    let mut first: BTreeMap<&FieldName, &OverlayLabel> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for label in labels.iter().filter(|label| label.is_labelled()) {
        let before = *first.entry(&label.field).or_insert(label);
        let says = |label: &OverlayLabel| {
            let read = policy.labels.label(label.classification.as_deref(), label.compliance.as_deref());
            read.to_string().to_lowercase()
        };
        if says(before) != says(label) {
            let (there, here) = (before.place.path(), label.place.path());
            let line = before.place.location().start.line;
            let words = |label: &OverlayLabel| {
                policy.labels.label(label.classification.as_deref(), label.compliance.as_deref()).to_string()
            };
            let message = format!(
                "`{}` is {} here, and {} at {there}:{line}; the more sensitive one counts: correct the one that is wrong, and export again",
                label.field,
                words(label),
                words(before)
            );
            let position = Some(label.place.location().start);
            found.entry(&label.field).or_insert(Reason { path: here.clone(), position, message });
        }
    }
    found.into_values().collect()
}

/// Values of labels that are nearly known ones, and count as those: each once a file.
fn misspelt(labels: &[OverlayLabel], policy: &Policy) -> Vec<Reason> {
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for label in labels {
        let place = &label.place;
        let (classification, compliance) = (label.classification.as_deref(), label.compliance.as_deref());
        for miss in policy.labels.near_misses(classification, compliance) {
            let message = format!(
                "`{}` is nearly `{}` and counts as that; correct it in the org, and export again",
                miss.written, miss.likely
            );
            if told.insert((place.path().clone(), miss.written)) {
                let position = Some(place.location().start);
                found.push(Reason { path: place.path().clone(), position, message });
            }
        }
    }
    found
}
