//! What stands, counted by grantor, field or tier: the table that an audit starts with.

use super::sanitize::clean;
use crate::finding::Severity;
use crate::gate::Verdict;
use crate::words::{Tier, grouped};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What a row of the table stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A permission set, group or profile.
    PermissionSet,
    /// A field.
    Field,
    /// A tier.
    Tier,
}

/// Counts of one permission set, profile or group, field, or tier.
#[derive(Default)]
pub(super) struct Row {
    /// Accesses by tier.
    pub(super) tiers: [usize; 3],
    /// Findings that are errors.
    pub(super) errors: usize,
    /// How many users it is assigned to, where that is counted.
    pub(super) users: Option<u64>,
}

impl Row {
    /// What it is called, with the people who hold it.
    pub(super) fn named(&self, name: &str) -> String {
        match self.users {
            Some(users) => format!("{name} ({} users)", grouped(users)),
            None => name.to_owned(),
        }
    }
}

/// Writes the table: exposures by tier, and errors. Rows with errors come first, most errors first; rows
/// without access to a classified field are left out.
///
/// # Errors
/// When writing fails.
pub fn write_groups(verdict: &Verdict, by: By, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{:>8}  {:>10}  {:>11}  {:>8}  name", "errors", "tier 3", "tier 2", "tier 1")?;
    for (name, row) in rows(verdict, by) {
        let [open, conditional, restricted] = row.tiers;
        writeln!(
            out,
            "{:>8}  {restricted:>10}  {conditional:>11}  {open:>8}  {}",
            row.errors,
            clean(&row.named(&name))
        )?;
    }
    Ok(())
}

/// The rows of the table, in its order.
pub(super) fn rows(verdict: &Verdict, by: By) -> Vec<(String, Row)> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for door in &verdict.opened {
        let (subject, tier) = (&door.subject, door.subject.tier.unwrap_or(Tier::Open));
        if let Some(name) = name(subject, by) {
            let row = rows.entry(name).or_default();
            row.tiers[tier as usize] += 1;
            row.users = subject.users.filter(|_| by == By::PermissionSet);
        }
    }
    for (holder, field) in &verdict.counted {
        let name = match by {
            By::PermissionSet => holder.to_string(),
            By::Field => field.to_string(),
            By::Tier => Tier::Open.to_string(),
        };
        rows.entry(name).or_default().tiers[Tier::Open as usize] += 1;
    }
    for finding in verdict.findings.iter().filter(|f| f.severity == Severity::Error) {
        if let Some(name) = name(&finding.subject, by) {
            let row = rows.entry(name).or_default();
            row.errors += 1;
            row.users = row.users.or(finding.subject.users.filter(|_| by == By::PermissionSet));
        }
    }
    let mut rows: Vec<(String, Row)> =
        rows.into_iter().filter(|(_, r)| r.errors + r.tiers[1] + r.tiers[2] > 0).collect();
    rows.sort_by(|(a, x), (b, y)| {
        let weight = |r: &Row| (r.errors, r.tiers[2], r.tiers[1]);
        weight(y).cmp(&weight(x)).then_with(|| a.cmp(b))
    });
    rows
}

fn name(subject: &crate::finding::Subject, by: By) -> Option<String> {
    match by {
        By::PermissionSet => subject.grantor.as_ref().map(|(grantor, _)| grantor.to_string()),
        By::Field => subject.field.as_ref().map(ToString::to_string),
        By::Tier => subject.tier.map(|tier| tier.to_string()),
    }
}
