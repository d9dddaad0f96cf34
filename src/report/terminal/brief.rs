//! A long report in few lines: findings by permission set and rule, and what an audit starts with.

use crate::finding::{Finding, Severity};
use crate::gate::{Door, Verdict};
use crate::report::groups::{By, Row, rows};
use crate::report::matrix::Status;
use crate::report::sanitize::clean;
use crate::report::summary::is_of_group;
use crate::words::{State, Tier, counted};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Findings that a short report shows with their source.
pub const IN_FULL: usize = 10;
/// Rows of each table of an audit.
const ROWS: usize = 5;
/// Days within which an end is worth knowing.
const SOON: [i64; 2] = [30, 90];
/// Names of fields in a line that stands for several findings.
const NAMES: usize = 5;

/// Writes where the findings of a change are, as a table.
pub(super) fn holders(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = rows(verdict, By::PermissionSet);
    rows.retain(|(_, row)| row.errors > 0);
    if rows.is_empty() {
        return Ok(());
    }
    let title =
        format!("{}, by permission set or profile", counted(verdict.findings.len(), "finding", "findings"));
    table(&rows, &title, out)?;
    let of_none = verdict.findings.iter().filter(|f| f.severity == Severity::Error).count()
        - rows.iter().map(|(_, row)| row.errors).sum::<usize>();
    if of_none > 0 {
        writeln!(out, "{of_none:>8}  of no permission set or profile")?;
    }
    writeln!(out)
}

/// Findings of one rule about one permission set, profile, group or object together, in the order in which they weigh.
pub(super) fn groups<'v>(findings: &[&'v Finding]) -> Vec<Vec<&'v Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    let mut at: BTreeMap<(Severity, &str, String), usize> = BTreeMap::new();
    for finding in findings {
        let key = (finding.severity, finding.rule.id, about(finding));
        let group = *at.entry(key).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// Writes a line for what is not shown in full of each group, and how to see it.
pub(super) fn others(groups: &[Vec<&Finding>], out: &mut dyn Write) -> io::Result<()> {
    let mut more = 0;
    for (number, group) in groups.iter().enumerate() {
        let others = &group[usize::from(number < IN_FULL)..];
        let Some(first) = others.first() else { continue };
        more += others.len();
        writeln!(
            out,
            "{}[{}]: {}: {} more, {} {}:{}{}",
            first.severity,
            first.rule.id,
            clean(&about(first)),
            others.len(),
            if others.len() == 1 { "at" } else { "the first at" },
            clean(first.place.path().as_str()),
            first.place.location().start.line,
            clean(&fields(others))
        )?;
    }
    let more = counted(more, "more finding", "more findings");
    writeln!(out, "{more}: `--full` shows each with its source\n")
}

/// What a finding is about, for a line that stands for several.
fn about(finding: &Finding) -> String {
    let subject = &finding.subject;
    match (&subject.grantor, &subject.field) {
        (Some((holder, _)), _) => holder.to_string(),
        (None, Some(field)) => format!("fields of `{}`", field.object()),
        (None, None) => format!("`{}`", finding.place.path()),
    }
}

/// The fields of some findings, as the end of a sentence.
fn fields(findings: &[&Finding]) -> String {
    let mut seen = BTreeSet::new();
    let fields = findings.iter().filter_map(|finding| finding.subject.field.as_ref());
    let fields: Vec<_> = fields.filter(|field| seen.insert(*field)).collect();
    let shown: Vec<String> = fields.iter().take(NAMES).map(|field| format!("`{field}`")).collect();
    match (shown.is_empty(), fields.len() - shown.len()) {
        (true, _) => String::new(),
        (false, 0) => format!(" ({})", shown.join(", ")),
        (false, others) => format!(" ({} and {})", shown.join(", "), counted(others, "other", "others")),
    }
}

/// What an audit starts with: how much access there is, who gives most, which rules speak, and what ends soon.
pub(super) fn overview(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    if verdict.rules.iter().all(|rule| rule.severity.is_none()) {
        return writeln!(out, "nothing was judged, since the policy cannot be read\n");
    }
    let tiers = [Tier::Restricted, Tier::Conditional];
    for tier in tiers {
        let of_tier = || verdict.opened.iter().filter(move |door| door.subject.tier == Some(tier));
        let mut states: BTreeMap<State, usize> = BTreeMap::new();
        for state in of_tier().filter_map(|door| door.state) {
            *states.entry(state).or_default() += 1;
        }
        let states: Vec<String> =
            states.iter().rev().map(|(state, count)| format!("{count} {}", Status::from(*state))).collect();
        let states = if states.is_empty() { String::new() } else { format!(" ({})", states.join(", ")) };
        let by_groups = match of_tier().filter(|door| is_of_group(door)).count() {
            0 => String::new(),
            by_groups => format!(", {by_groups} of them by groups through their members"),
        };
        let accesses = counted(of_tier().count(), "access", "accesses");
        writeln!(out, "{} ({tier}): {accesses}{states}{by_groups}", tier.words())?;
    }
    let (holders, fields) = rayon::join(|| rows(verdict, By::PermissionSet), || rows(verdict, By::Field));
    table(&holders, "\npermission sets and profiles that give most access to classified fields", out)?;
    table(&fields, "\nclassified fields that most have access to", out)?;
    let mut by_rule: BTreeMap<(std::cmp::Reverse<Severity>, &str), usize> = BTreeMap::new();
    for finding in &verdict.findings {
        *by_rule.entry((std::cmp::Reverse(finding.severity), finding.rule.id)).or_default() += 1;
    }
    if !by_rule.is_empty() {
        writeln!(out, "\nfindings by rule")?;
    }
    for ((severity, rule), count) in by_rule {
        writeln!(out, "{count:>8}  {severity}[{rule}]", severity = severity.0)?;
    }
    let ends: Vec<Date> = verdict.opened.iter().filter_map(|door: &Door| door.ends).collect();
    let within = |days: i64| ends.iter().filter(|end| days_until(verdict.today, **end) <= days).count();
    if !ends.is_empty() {
        let [first, second] = SOON.map(within);
        writeln!(
            out,
            "\njustifications of {} end within 30 days, of {} within 90",
            counted(first, "access", "accesses"),
            second
        )?;
    }
    writeln!(out)
}

fn days_until(today: Date, end: Date) -> i64 {
    today.until(end).map_or(i64::MAX, |span| i64::from(span.get_days()))
}

fn table(rows: &[(String, Row)], title: &str, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}\n{:>8}  {:>8}  {:>8}", "errors", "tier 3", "tier 2")?;
    for (name, row) in rows.iter().take(ROWS) {
        writeln!(
            out,
            "{:>8}  {:>8}  {:>8}  {}",
            row.errors,
            row.tiers[2],
            row.tiers[1],
            clean(&row.named(name))
        )?;
    }
    match rows.len().saturating_sub(ROWS) {
        0 => Ok(()),
        more => writeln!(out, "{:>8}  more", more),
    }
}
