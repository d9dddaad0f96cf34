//! What of the project keeps the gate from judging: no labels, rows that an export lacks, guests whom nothing marks, files
//! that cannot be read.

use super::super::config::{self, Asked};
use super::super::judge::judge;
use super::super::{RunError, init};
use super::Diagnosis;
use crate::gate::{Reason, Verdict};
use crate::git::{GitError, Repository};
use crate::github::Check;
use crate::judge::Judge;
use crate::org::Org;
use crate::policy::{LABELS, POLICY_PATH};
use crate::source::{Entry, Snapshot};
use crate::words::{FieldName, Grantor, counted};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::Path;

/// How many names one line holds.
const NAMED: usize = 3;

/// Looks at permission sets, profiles, fields and label exports.
pub(super) fn look(folder: &Path, diagnosis: &mut Diagnosis) {
    match checks(folder) {
        Ok(checks) => diagnosis.checks.extend(checks),
        Err(RunError::Git(GitError::Unborn)) => {
            let problem =
                "the metadata was not looked at: nothing is committed yet; commit the project first";
            diagnosis.unknown.push(problem.to_owned());
        }
        Err(problem) => diagnosis.unknown.push(format!("the metadata was not looked at: {problem}")),
    }
}

fn checks(folder: &Path) -> Result<Vec<Check>, RunError> {
    let repository = Repository::open(folder)?;
    let comparison = repository.standing(None)?;
    let config = config::load(&comparison, Asked::Standing, None)?.without_findings();
    let exported: BTreeSet<FieldName> = config.exported.clone();
    let labelled_outside = config.labels.len();
    let tags = tag_files(comparison.landing.entries()?);
    // Nothing that is asked here depends on the day.
    let (verdict, (mut found, idle_names)) = judge(&comparison, config, Date::MIN, |cx, _, org| {
        let unnamed = |grantor: &&Grantor| !cx.policy.principals.names(grantor);
        let called_guest = init::unmarked_guests(&cx.delta.landing, &|grantor| cx.user_type(grantor));
        let guests: Vec<&str> = called_guest.into_iter().filter(unnamed).map(Grantor::name).collect();
        let mut names = cx.policy.idle_names(&org.grantors().into_iter().collect::<Vec<_>>());
        let labels = cx.facts.landing.values().map(|classified| &classified.label);
        names.extend(cx.policy.idle_groups(labels.flat_map(|label| &label.compliance_groups)));
        ([missing_rows(cx, org, &exported), guests_without_licence(&guests)], names)
    })?;
    let read = &verdict.read;
    let labels = read.labelled_fields + labelled_outside;
    let components = read.permission_sets + read.profiles + read.groups + read.fields;
    let labels = match (components, labels) {
        (0, _) => Check::gap(
            "there is no Salesforce metadata in this repository, so there is nothing to judge",
            "run this in the repository that holds `sfdx-project.json` or `src/package.xml`",
        ),
        (_, 0) => Check::gap(
            "no field has a label, so access to fields needs nothing",
            format!(
                "classify fields in Setup (*Data Classification*) and retrieve them, or export their labels to `{LABELS}`"
            ),
        ),
        (_, labels) if labelled_outside == 0 => {
            Check::holds(format!("{} a label", counted(labels, "field has", "fields have")))
        }
        (_, labels) => Check::holds(format!(
            "{} a label: {} in files, {labelled_outside} in `{LABELS}`",
            counted(labels, "field has", "fields have"),
            read.labelled_fields
        )),
    };
    let mut all = vec![labels];
    let idle =
        idle_names.into_iter().map(|sentence| Check::gap(sentence, "correct the name, or take it out"));
    all.extend(idle);
    all.extend(found.iter_mut().filter_map(Option::take));
    all.extend(tags);
    all.extend(not_read(&verdict));
    Ok(all)
}

/// Files that keep a run from an answer, or make it a narrower one. Mistakes of the policy are told where it is looked at.
fn not_read(verdict: &Verdict) -> Vec<Check> {
    let reasons = verdict.undecided.iter().chain(&verdict.warnings);
    let of_policy = |reason: &&Reason| [POLICY_PATH, config::MISNAMED_POLICY].contains(&reason.path.as_str());
    let reasons: Vec<&Reason> = reasons.filter(|reason| !of_policy(reason)).collect();
    let next = match reasons.len().saturating_sub(NAMED) {
        0 => "correct it".to_owned(),
        more => format!("correct it; `flsgate audit` names {more} more"),
    };
    reasons.into_iter().take(NAMED).map(|reason| Check::gap(reason.to_string(), next.clone())).collect()
}

/// Tags of API 67 are another way to classify. Their files say which tags there are, and none says which field has one
/// (*Metadata API Developer Guide*, TagSet), so there is nothing to read.
fn tag_files(entries: &[Entry]) -> Option<Check> {
    let is_tags = |path: &str| {
        let path = path.to_ascii_lowercase();
        [".tagset", ".tag"].iter().any(|end| path.trim_end_matches("-meta.xml").ends_with(end))
    };
    let first = entries.iter().find(|entry| is_tags(entry.path.as_str()))?;
    Some(Check::holds(format!(
        "tags are not read (`{}`): no file says which field has one; only *Data Classification* counts",
        first.path
    )))
}

/// An export holds only what the user who made it may see. It tells all fields of an object where it has rows without
/// labels; of those objects permission sets name what is not in it.
fn missing_rows(cx: &Judge<'_>, org: &Org<'_>, exported: &BTreeSet<FieldName>) -> Option<Check> {
    let objects: BTreeSet<String> = exported.iter().map(|f| f.object().to_ascii_lowercase()).collect();
    let granted = cx.delta.landing.values().flat_map(|access| access.entries.open()).map(|e| e.field());
    let is_missing = |field: &&FieldName| {
        objects.contains(&field.object().to_ascii_lowercase())
            && !exported.contains(*field)
            && org.field(field).definitions.is_empty()
    };
    let missing: BTreeSet<&FieldName> = granted.filter(is_missing).collect();
    (!missing.is_empty()).then(|| {
        Check::gap(
            format!(
                "the label export lacks {} that permission sets or profiles give access to: {}",
                counted(missing.len(), "field", "fields"),
                named(missing.iter().map(ToString::to_string))
            ),
            "an export holds only the fields that its user may see: export it again as a user who sees all fields",
        )
    })
}

fn guests_without_licence(guests: &[&str]) -> Option<Check> {
    (!guests.is_empty()).then(|| {
        Check::gap(
            format!(
                "{}: called guest, and no licence says so, so held by internal users as far as is known",
                named(guests.iter().map(|name| (*name).to_owned())),
            ),
            format!(
                "name it in `{POLICY_PATH}`: under `user_types: guest: names` if guests hold it, else under \
                 `user_types: internal: names`"
            ),
        )
    })
}

/// Names of several, not more than a line holds.
fn named(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let first: Vec<String> = names.take(NAMED).map(|name| format!("`{name}`")).collect();
    match more {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
