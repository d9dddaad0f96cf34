//! The whole verdict on one page: for the step summary and the comment on the pull request.

use super::Links;
use super::escape::{code, diagram, inline};
use crate::finding::{Finding, Label, RouteStep, Severity};
use crate::gate::{ApprovalState, Approvals, Door, Outcome, Reason, Verdict};
use crate::report::summary::lines;
use crate::words::{Tier, counted};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Room for the closing lines and for saying what was left out.
const RESERVE: usize = 2_000;
/// Pictures of ways from a grantor to the data.
const MAX_PICTURES: usize = 3;

/// The page, in at most `limit` bytes.
pub fn summary(verdict: &Verdict, links: &Links, limit: usize) -> String {
    let mut page = Page { text: String::new(), room: limit.saturating_sub(RESERVE) };
    let mark = match verdict.outcome {
        Outcome::Passed => "✅",
        Outcome::Blocked => "⛔",
        Outcome::Undecided => "❔",
    };
    let mut closing = lines(verdict).into_iter();
    page.push(&format!("### {mark} flsgate: {}\n\n", inline(&closing.next().unwrap_or_default())));
    reasons(&mut page, "Could not be judged", &verdict.undecided);
    approvals(&mut page, verdict);
    for (severity, title) in
        [(Severity::Error, "Errors"), (Severity::Warning, "Warnings"), (Severity::Note, "Notes")]
    {
        let found: Vec<&Finding> = verdict.findings.iter().filter(|f| f.severity == severity).collect();
        let row = |f: &&Finding| {
            let (place, message, help) = (links.place(&f.place), inline(&f.message), inline(&f.help));
            format!("| `{}` | {place} | {message} | {help} |\n", f.rule.id)
        };
        table(&mut page, title, "| rule | place | finding | next step |\n|---|---|---|---|\n", &found, row);
    }
    pictures(&mut page, verdict);
    reasons(&mut page, "Could not be read, and decides nothing here", &verdict.warnings);
    routes(&mut page, verdict);
    delta(&mut page, verdict, links);
    labels(&mut page, verdict, links);
    page.room += RESERVE;
    for line in closing {
        page.push(&format!("{}  \n", inline(&line)));
    }
    page.text
}

struct Page {
    text: String,
    /// Bytes that may still be written.
    room: usize,
}

impl Page {
    /// Writes a piece if it fits.
    fn push(&mut self, piece: &str) -> bool {
        let fits = piece.len() <= self.room;
        if fits {
            self.text.push_str(piece);
            self.room -= piece.len();
        }
        fits
    }

    /// Writes a short sentence that the reserve has room for.
    fn must(&mut self, piece: &str) {
        self.text.push_str(piece);
        self.room = self.room.saturating_sub(piece.len());
    }
}

/// A table with as many rows as fit, and the count of the others.
fn table<T>(page: &mut Page, title: &str, head: &str, rows: &[T], row: impl Fn(&T) -> String) {
    if rows.is_empty() || !page.push(&format!("#### {title} ({})\n\n{head}", rows.len())) {
        if !rows.is_empty() {
            page.must(&format!("{title}: {}, left out for want of space.\n\n", rows.len()));
        }
        return;
    }
    for (at, item) in rows.iter().enumerate() {
        if !page.push(&row(item)) {
            let left = rows.len() - at;
            page.must(&format!("\n{left} more are left out for want of space; the JSON output has all.\n\n"));
            return;
        }
    }
    page.must("\n");
}

fn reasons(page: &mut Page, title: &str, reasons: &[Reason]) {
    let row = |reason: &Reason| {
        let at = reason.position.map(|p| format!(":{p}")).unwrap_or_default();
        format!("| {} | {} |\n", code(&format!("{}{at}", reason.path)), inline(&reason.message))
    };
    table(page, title, "| file | why |\n|---|---|\n", reasons, row);
}

fn approvals(page: &mut Page, verdict: &Verdict) {
    let Some(read) = &verdict.approvals else { return };
    let waiting = verdict.awaiting().count();
    if waiting == 0 && read.settled.is_empty() {
        return;
    }
    let Approvals { needed, from, approvals, refused, reason, .. } = read;
    let settled = counted(read.settled.len(), "finding", "findings");
    let await_it = counted(waiting, "finding awaits it", "findings await it");
    let text = match read.state {
        ApprovalState::Given => format!("**Approval**: given, settles {settled}.\n"),
        ApprovalState::Missing => format!(
            "**Approval**: {await_it}: {} of {needed} given; it counts from {}.\n",
            approvals.len(),
            inline(from)
        ),
        ApprovalState::Unknown => {
            format!("**Approval**: not known: {}\n", inline(reason.as_deref().unwrap_or("")))
        }
        ApprovalState::NotRead => {
            format!("**Approval**: {await_it}; not read: {}\n", inline(reason.as_deref().unwrap_or("")))
        }
    };
    page.push(&format!("{text}\n"));
    for approval in approvals {
        let commit = approval.commit.get(..10).unwrap_or(&approval.commit);
        page.push(&format!(
            "- {} (account {}), review {} of commit `{commit}`: {}\n",
            code(&approval.login),
            approval.id,
            approval.review,
            inline(&approval.authority)
        ));
    }
    for refused in refused {
        page.push(&format!("- not counted: {} {}\n", code(&refused.login), inline(&refused.reason)));
    }
    page.push("\n");
}

/// What the change opens, counted by the way it opens.
fn routes(page: &mut Page, verdict: &Verdict) {
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for door in &verdict.opened {
        let steps: Vec<&str> = door.subject.route.iter().map(|s| s.kind.as_str()).collect();
        let tier = door.subject.tier.unwrap_or(Tier::Open) as usize;
        if let Some(count) = counts.entry(steps.join(" → ")).or_default().get_mut(tier) {
            *count += 1;
        }
    }
    let rows: Vec<_> = counts.into_iter().collect();
    let head = "| route | open | conditional | restricted |\n|---|---|---|---|\n";
    table(page, "Opened, by route", head, &rows, |(route, [open, conditional, restricted])| {
        format!("| {} | {open} | {conditional} | {restricted} |\n", code(route))
    });
}

/// The data access matrix, as far as the change alters it.
fn delta(page: &mut Page, verdict: &Verdict, links: &Links) {
    let classified = |d: &&Door| d.subject.tier.is_some_and(|t| t > Tier::Open);
    let mut rows: Vec<(&str, &Door)> =
        verdict.opened.iter().filter(classified).map(|d| ("opens", d)).collect();
    rows.extend(
        verdict
            .closed
            .iter()
            .filter(classified)
            .map(|d| (if d.kept_by_org { "leaves out (the org keeps it)" } else { "closes" }, d)),
    );
    let head = "| change | field | label | tier | grantor | held by | access | place |\n|---|---|---|---|---|---|---|---|\n";
    table(page, "Access to classified fields", head, &rows, |(what, door)| {
        let subject = &door.subject;
        let grantor = subject.grantor.as_ref();
        format!(
            "| {what} | {} | {} | {} | {} | {} | {} | {} |\n",
            code(subject.field.as_ref().map_or("", |f| f.as_str())),
            inline(&subject.label.as_ref().map(|(l, _)| l.to_string()).unwrap_or_default()),
            subject.tier.unwrap_or(Tier::Open),
            inline(&grantor.map(|(g, _)| g.to_string()).unwrap_or_default()),
            grantor.map(|(_, p)| p.to_string()).unwrap_or_default(),
            subject.access.map(|a| a.to_string()).unwrap_or_default(),
            links.place(&door.place),
        )
    });
}

/// Fields that are new, gone or labelled differently.
fn labels(page: &mut Page, verdict: &Verdict, links: &Links) {
    let head = "| field | before | after | place |\n|---|---|---|---|\n";
    table(page, "Labels", head, &verdict.labels_changed, |change| {
        let side = |side: &Option<(Arc<Label>, Tier)>| match side {
            Some((label, tier)) => format!("{}: {tier}", inline(&label.to_string())),
            None => "not defined".to_owned(),
        };
        format!(
            "| {} | {} | {} | {} |\n",
            code(change.field.as_str()),
            side(&change.before),
            side(&change.after),
            change.place.as_ref().map(|p| links.place(p)).unwrap_or_default()
        )
    });
}

/// Ways with more than one step, as pictures.
fn pictures(page: &mut Page, verdict: &Verdict) {
    let mut seen = BTreeSet::new();
    for finding in verdict.findings.iter().filter(|f| f.severity == Severity::Error) {
        let nodes = way(finding);
        if nodes.len() < 3 || !seen.insert(nodes.clone()) {
            continue;
        }
        let mut picture = "```mermaid\nflowchart LR\n".to_owned();
        for (at, node) in nodes.iter().enumerate() {
            picture.push_str(&format!("  n{at}[\"{}\"]\n", diagram(node)));
        }
        for at in 1..nodes.len() {
            picture.push_str(&format!("  n{} --> n{at}\n", at - 1));
        }
        picture.push_str("```\n\n");
        if !page.push(&picture) || seen.len() == MAX_PICTURES {
            return;
        }
    }
}

/// Grantor, steps, field, and what a derived field reads.
fn way(finding: &Finding) -> Vec<String> {
    let subject = &finding.subject;
    let mut nodes = Vec::new();
    nodes.extend(subject.grantor.as_ref().map(|(g, _)| format!("{} {}", g.kind.words(), g.name())));
    let step =
        |s: &RouteStep| format!("{} {}:{}", s.kind.as_str(), s.place.path(), s.place.location().start.line);
    if subject.route.len() > 1 {
        nodes.extend(subject.route.iter().map(step));
    }
    nodes.extend(subject.field.as_ref().map(|f| f.as_str().to_owned()));
    // Rules about derived fields tell each hop as "`A` reads `B`".
    let hops = finding
        .related
        .iter()
        .filter_map(|r| r.message.strip_prefix('`')?.strip_suffix('`')?.split_once("` reads `"));
    for (from, to) in hops {
        for name in [from, to] {
            if nodes.last().is_none_or(|last| last != name) {
                nodes.push(name.to_owned());
            }
        }
    }
    nodes
}
