//! The closing lines that every human format shares, and `--stats`.

use crate::finding::Severity;
use crate::gate::{Door, Outcome, ReadCounts, Verdict};
use crate::words::{Grantor, GrantorKind, Tier, counted};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// The lines that close a report: verdict, what was opened and closed, what was read.
pub(super) fn lines(verdict: &Verdict) -> Vec<String> {
    let mut lines = Vec::new();
    let errors = verdict.count(Severity::Error);
    let found = format!(
        "{}, {}, {}",
        counted(errors, "error", "errors"),
        counted(verdict.count(Severity::Warning), "warning", "warnings"),
        counted(verdict.count(Severity::Note), "note", "notes")
    );
    lines.push(match verdict.outcome {
        Outcome::Undecided => {
            let files: BTreeSet<_> = verdict.undecided.iter().map(|r| &r.path).collect();
            format!(
                "undecided: {} could not be judged; {found} so far",
                counted(files.len(), "file", "files")
            )
        }
        outcome if verdict.narrowed => format!("{outcome} as a whole; in these files: {found}"),
        outcome => format!("{outcome}: {found}"),
    });
    if !verdict.warnings.is_empty() {
        let count = counted(verdict.warnings.len(), "warning", "warnings");
        lines.push(format!("{count} about files that were not used, or not in full: `warning[input]`"));
    }
    lines.extend(Some(verdict.compared.clone()).filter(|compared| !compared.is_empty()));
    lines.push(if verdict.standing { stands(verdict) } else { changed(verdict) });
    // The Action reads the approvals, and says more of them.
    if verdict.approvals.is_none() && verdict.an_approval_helps() {
        lines.push(format!("who can approve: {}", verdict.approvers));
    }
    lines.extend(verdict.remarks.iter().map(|remark| format!("note: {remark}")));
    if verdict.switched_off > 0 {
        let count = counted(verdict.switched_off, "access", "accesses");
        lines.push(format!("{count} not reported: the policy turns off every rule that would"));
    }
    // One that is off where nobody turns it on is no news.
    let off = verdict.rules_off().into_iter().filter(|rule| rule.severity.is_some());
    let names: Vec<String> = off.map(|rule| format!("`{}`", rule.id)).collect();
    if !names.is_empty() {
        lines.push(format!("turned off by the policy: {}", names.join(", ")));
    }
    lines.push(read(&verdict.read));
    lines
}

/// What was read, without what there was none of; `--stats` has all counts.
fn read(read: &ReadCounts) -> String {
    let labelled = format!("{} ({} labelled)", counted(read.fields, "field", "fields"), read.labelled_fields);
    let parts = [
        (read.permission_sets, counted(read.permission_sets, "permission set", "permission sets")),
        (read.profiles, counted(read.profiles, "profile", "profiles")),
        (read.groups, counted(read.groups, "permission set group", "permission set groups")),
        (read.fields, labelled),
        (read.justifications, counted(read.justifications, "justification", "justifications")),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect();
    match parts.is_empty() {
        true => "looked at no permission set, profile or field".to_owned(),
        false => format!("looked at {}", parts.join(", ")),
    }
}

/// What is open, by tier.
fn opened(verdict: &Verdict) -> String {
    let unknown = verdict.opened.iter().filter(|d| !d.known).count();
    let opened = verdict.all_opened();
    let mut text = counted(opened, "access", "accesses");
    if opened > 0 {
        let tiers = Tier::ALL.iter().rev().map(|t| (verdict.opened_in(*t), t));
        let parts: Vec<String> =
            tiers.filter(|(n, _)| *n > 0).map(|(n, t)| format!("{n} of {}", t.words())).collect();
        text.push_str(&format!(" ({}", parts.join(", ")));
        let listed = verdict.opened.iter().filter_map(holder);
        let counted = verdict.counted.iter().map(|(holder, _)| holder);
        let in_groups = listed.chain(counted).filter(|holder| is_group(holder)).count();
        if in_groups > 0 {
            text.push_str(&format!("; {in_groups} by groups, through their members"));
        }
        if unknown > 0 {
            text.push_str(&format!("; {unknown} to fields that this repository does not define"));
        }
        text.push(')');
    }
    text
}

pub(super) fn is_of_group(door: &Door) -> bool {
    holder(door).is_some_and(is_group)
}

fn holder(door: &Door) -> Option<&Grantor> {
    door.subject.grantor.as_ref().map(|(holder, _)| holder)
}

fn is_group(holder: &Grantor) -> bool {
    holder.kind == GrantorKind::PermissionSetGroup
}

fn stands(verdict: &Verdict) -> String {
    let accepted = match verdict.accepted.len() {
        0 => String::new(),
        lines => {
            let accepted = verdict.all_accepted();
            let by = if accepted == lines { String::new() } else { format!(" by {lines} lines") };
            format!(", of which the baseline accepts {accepted}{by}{}", ages(verdict))
        }
    };
    format!("{}{accepted}", opened(verdict))
}

/// How many lines of the baseline that accept something were written in each month, such as `2026-11`.
pub(super) fn by_month(verdict: &Verdict) -> BTreeMap<String, usize> {
    let mut months = BTreeMap::new();
    for day in verdict.accepted.iter().flatten() {
        *months.entry(format!("{:04}-{:02}", day.year(), day.month())).or_default() += 1;
    }
    months
}

/// Months that are told one by one; an older baseline has its first ones summed up.
const MONTHS: usize = 6;

/// `` (since 2026-01-10; 2026-01: 40, 2026-03: 2)``.
fn ages(verdict: &Verdict) -> String {
    let Some(oldest) = verdict.accepted.iter().flatten().min() else { return String::new() };
    let months = by_month(verdict);
    let (before, told) = (months.len().saturating_sub(MONTHS), months.iter());
    let older: usize = told.clone().take(before).map(|(_, count)| count).sum();
    let older = (older > 0).then(|| format!("earlier: {older}"));
    let told = told.skip(before).map(|(month, count)| format!("{month}: {count}"));
    format!(
        " (the oldest line is of {oldest}; {})",
        older.into_iter().chain(told).collect::<Vec<_>>().join(", ")
    )
}

fn changed(verdict: &Verdict) -> String {
    let mut text = format!("new or wider: {}", opened(verdict));
    let kept = verdict.closed.iter().filter(|d| d.kept_by_org).count();
    let kept = if kept > 0 {
        format!(" ({kept} only by leaving it out of a profile: the org keeps that access)")
    } else {
        String::new()
    };
    if verdict.raised > 0 {
        text.push_str(&format!("; existing, to fields that count higher now: {}", verdict.raised));
    }
    text.push_str(&format!(
        "; removed: {}{kept}; changed: {}",
        verdict.closed.len(),
        counted(verdict.labels_changed.len(), "field", "fields")
    ));
    text
}

/// `--stats`: deterministic counts, one a line.
pub(super) fn write_stats(read: &ReadCounts, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "files_listed {}", read.listed)?;
    writeln!(out, "files_changed {}", read.changed)?;
    writeln!(out, "files_read {}", read.files)?;
    writeln!(out, "bytes_read {}", read.bytes)?;
    writeln!(out, "permission_sets {}", read.permission_sets)?;
    writeln!(out, "profiles {}", read.profiles)?;
    writeln!(out, "groups {}", read.groups)?;
    writeln!(out, "muting_permission_sets {}", read.muting_permission_sets)?;
    writeln!(out, "fields {}", read.fields)?;
    writeln!(out, "labelled_fields {}", read.labelled_fields)?;
    writeln!(out, "justifications {}", read.justifications)?;
    let files = &read.files_for;
    writeln!(out, "files_for_change {}", files.change)?;
    writeln!(out, "files_for_groups {}", files.groups)?;
    writeln!(out, "files_for_whole_objects {}", files.whole_objects)?;
    writeln!(out, "files_for_labels {}", files.labels)?;
    writeln!(out, "files_for_derived_fields {}", files.derived_fields)?;
    writeln!(out, "files_for_existing_access {}", files.existing_access)?;
    writeln!(out, "files_for_justifications {}", files.justifications)
}
