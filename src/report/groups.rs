//! What stands, counted by grantor, field or tier: the table that an audit starts with.

use super::sanitize::clean;
use crate::finding::{Finding, Severity, Subject};
use crate::gate::{Door, Verdict};
use crate::words::{ByNumber, FieldName, Grantor, Tier, grouped};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
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
/// without access to a classified field are left out, but for those of tiers.
///
/// # Errors
/// When writing fails.
pub fn write_groups(verdict: &Verdict, by: By, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{:>8}  {:>10}  {:>11}  {:>8}  name", "errors", "tier 3", "tier 2", "tier 1")?;
    let (rows, others) = rows_and_others(verdict, by);
    for (name, row) in rows {
        let [open, conditional, restricted] = row.tiers;
        writeln!(
            out,
            "{:>8}  {restricted:>10}  {conditional:>11}  {open:>8}  {}",
            row.errors,
            clean(&row.named(&name))
        )?;
    }
    match (others, by) {
        (0, _) | (_, By::Tier) => Ok(()),
        (_, By::Field) => writeln!(out, "{others} more of tier 1 alone"),
        (_, By::PermissionSet) => writeln!(out, "{others} more without access to a classified field"),
    }
}

/// What a row is of.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Holder(Grantor),
    Field(FieldName),
    Tier(Tier),
}

impl Key {
    /// The row that an access or a finding counts in, if it has what the table is by.
    fn of(by: By, holder: Option<&Grantor>, field: Option<&FieldName>, tier: Option<Tier>) -> Option<Self> {
        match by {
            By::PermissionSet => holder.cloned().map(Key::Holder),
            By::Field => field.cloned().map(Key::Field),
            By::Tier => tier.map(Key::Tier),
        }
    }

    fn of_subject(by: By, Subject { grantor, field, tier, .. }: &Subject) -> Option<Self> {
        Key::of(by, grantor.as_ref().map(|(grantor, _)| grantor), field.as_ref(), *tier)
    }

    fn name(&self) -> String {
        match self {
            Key::Holder(holder) => holder.to_string(),
            Key::Field(field) => field.to_string(),
            Key::Tier(tier) => format!("{} ({tier})", tier.words()),
        }
    }
}

/// The rows of the table, in its order.
pub(super) fn rows(verdict: &Verdict, by: By) -> Vec<(String, Row)> {
    rows_and_others(verdict, by).0
}

/// The same, and how many have neither an error nor access to a classified field.
fn rows_and_others(verdict: &Verdict, by: By) -> (Vec<(String, Row)>, usize) {
    let mut rows: HashMap<Key, Row, BuildHasherDefault<ByNumber>> = HashMap::default();
    for Door { subject, .. } in &verdict.opened {
        if let Some(key) = Key::of_subject(by, subject) {
            let row = rows.entry(key).or_default();
            row.tiers[subject.tier.unwrap_or(Tier::Open) as usize] += 1;
            row.users = subject.users.filter(|_| by == By::PermissionSet);
        }
    }
    for (holder, field) in &verdict.counted {
        if let Some(key) = Key::of(by, Some(holder), Some(field), Some(Tier::Open)) {
            rows.entry(key).or_default().tiers[Tier::Open as usize] += 1;
        }
    }
    for Finding { subject, .. } in verdict.findings.iter().filter(|f| f.severity == Severity::Error) {
        if let Some(key) = Key::of_subject(by, subject) {
            let row = rows.entry(key).or_default();
            row.errors += 1;
            row.users = row.users.or(subject.users.filter(|_| by == By::PermissionSet));
        }
    }
    let all = rows.len();
    let told = rows.into_iter().filter(|(_, r)| by == By::Tier || r.errors + r.tiers[1] + r.tiers[2] > 0);
    let mut rows: Vec<(String, Row)> = told.map(|(key, row)| (key.name(), row)).collect();
    rows.sort_by(|(a, x), (b, y)| {
        let weight = |r: &Row| (r.errors, r.tiers[2], r.tiers[1]);
        weight(y).cmp(&weight(x)).then_with(|| a.cmp(b))
    });
    let others = all - rows.len();
    (rows, others)
}
