//! The whole verdict on one page: for the step summary and the comment on the pull request. Verdict and next step come
//! first, then one short table of findings; everything else is folded.

use super::Links;
use super::escape::{code, diagram, fenced, inline};
use crate::finding::{Finding, Label, Place, RouteStep, Severity, Subject};
use crate::gate::{Approvals, Door, Outcome, Reason, Relabelled, Verdict};
use crate::report::headline::{headline, next_step, sentence, what_to_do};
use crate::report::summary::lines;
use crate::words::{Tier, sentences};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Room for the closing lines and for saying what was left out.
const RESERVE: usize = 3_000;
/// Findings that are shown without unfolding anything.
const IN_SIGHT: usize = 10;
/// Pictures of ways from a permission set to the data.
const MAX_PICTURES: usize = 3;

/// The page, in at most `limit` bytes.
pub fn summary(verdict: &Verdict, links: &Links, limit: usize) -> String {
    let mut page = Page { text: String::new(), room: limit.saturating_sub(RESERVE), links };
    let mark = match verdict.outcome {
        Outcome::Passed if verdict.proves_nothing() => "➖",
        Outcome::Passed => "✅",
        Outcome::Blocked => "⛔",
        Outcome::Waiting => "⏳",
        Outcome::Undecided => "❔",
    };
    page.push(&format!("### {mark} {}\n\n", inline(&headline(verdict))));
    let steps = what_to_do(
        verdict,
        links.ask.unwrap_or(match verdict.approvals {
            Some(_) => sentences::ASK_FOR_REVIEW,
            None => sentences::PUSH_AND_ASK,
        }),
    );
    if !steps.is_empty() {
        page.push(&format!("{}\n\n", steps.iter().map(|step| inline(step)).collect::<Vec<_>>().join(" ")));
    }
    for problem in &links.problems {
        page.push(&format!("> {}\n\n", inline(problem)));
    }
    reasons(&mut page, &verdict.undecided);
    let (notes, findings): (Vec<&Finding>, Vec<&Finding>) =
        verdict.findings.iter().partition(|f| f.severity == Severity::Note);
    in_sight_and_folded(&mut page, &findings);
    to_approve(&mut page, &findings);
    let (approved, other_notes): (Vec<&Finding>, Vec<&Finding>) =
        notes.into_iter().partition(|f| f.settled.is_some());
    fold(&mut page, "Approved or accepted", FINDINGS, &approved, |f| finding_row(f, links));
    approvals(&mut page, verdict);
    fold(&mut page, "Notes", FINDINGS, &other_notes, |f| finding_row(f, links));
    access(&mut page, verdict);
    labels(&mut page, verdict);
    pictures(&mut page, verdict);
    fold(&mut page, "Files that were not used, or not in full", REASONS, &verdict.warnings, reason_row);
    page.room += RESERVE;
    what_was_read(&mut page, verdict);
    page.text
}

const FINDINGS: &str = "| Where | What | Next step |\n|---|---|---|\n";
const REASONS: &str = "| Where | Why, and what to do |\n|---|---|\n";

struct Page<'l> {
    text: String,
    /// Bytes that may still be written.
    room: usize,
    links: &'l Links,
}

impl Page<'_> {
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

    /// Rows as far as they fit, and how many did not.
    fn rows<T>(&mut self, head: &str, rows: &[T], row: impl Fn(&T) -> String) {
        let mut left = rows.len();
        if self.push(head) {
            left -= rows.iter().take_while(|item| self.push(&row(item))).count();
        }
        if left > 0 {
            let text = sentences::left_out(left, &self.links.elsewhere());
            self.must(&format!("\n{text}\n"));
        }
        self.must("\n");
    }
}

/// The weightiest findings, then the others behind one line.
fn in_sight_and_folded(page: &mut Page<'_>, findings: &[&Finding]) {
    let (first, rest) = findings.split_at(IN_SIGHT.min(findings.len()));
    let links = page.links;
    if !first.is_empty() {
        page.rows(FINDINGS, first, |f| finding_row(f, links));
    }
    let title = if rest.len() == 1 { "more finding" } else { "more findings" };
    fold_titled(page, &format!("{} {title}", rest.len()), FINDINGS, rest, |f| finding_row(f, links));
}

fn finding_row(finding: &Finding, links: &Links) -> String {
    let (what, next) = (inline(&sentence(&finding.message)), inline(&next_step(finding)));
    let settled =
        finding.settled.as_deref().map(|by| format!("{} ", inline(&sentence(by)))).unwrap_or_default();
    let notes: String = finding
        .notes
        .iter()
        .filter(|n| Some(*n) != finding.settled.as_ref())
        .map(|n| format!(" {}", inline(&sentence(n))))
        .collect();
    let next = if finding.settled.is_some() { settled } else { format!("{next}{notes}") };
    format!(
        "| {}&nbsp;{} | {what} | {} |\n",
        super::mark(finding),
        links.short_place(&finding.place),
        next.trim_end()
    )
}

fn fold<T>(page: &mut Page<'_>, title: &str, head: &str, rows: &[T], row: impl Fn(&T) -> String) {
    fold_titled(page, &format!("{title} ({})", rows.len()), head, rows, row);
}

/// A table behind one line that unfolds it. `title` is ours: it is HTML.
fn fold_titled<T>(page: &mut Page<'_>, title: &str, head: &str, rows: &[T], row: impl Fn(&T) -> String) {
    if rows.is_empty() {
        return;
    }
    page.must(&format!("<details><summary>{title}</summary>\n\n"));
    page.rows(head, rows, row);
    page.must("</details>\n\n");
}

/// The justifications that wait for an approval, as they are written: what an approver has to read.
fn to_approve(page: &mut Page<'_>, findings: &[&Finding]) {
    let mut seen = BTreeSet::new();
    let waiting = findings.iter().filter(|finding| finding.approvable && finding.settled.is_none());
    let written = waiting.filter_map(|finding| Some((finding, finding.subject.justification.as_ref()?)));
    let entries: Vec<(&&Finding, &Place)> =
        written.filter(|(_, place)| seen.insert((place.path(), place.span))).collect();
    let links = page.links;
    fold(page, "Justifications that wait for an approval", "", &entries, |(finding, place)| {
        let subject = &finding.subject;
        let who =
            subject.grantor.as_ref().map(|(by, user)| format!("{} ({user} users)", inline(&by.to_string())));
        let steps: Vec<&str> = subject.route.iter().map(|step| step.kind.words()).collect();
        let through =
            if steps.is_empty() { String::new() } else { format!(", through {}", steps.join(", then ")) };
        let field = subject.field.as_ref().map(|field| format!(", {}", code(field.as_str())));
        let access = subject.access.map(|access| format!(", {access}")).unwrap_or_default();
        format!(
            "{}{}{access}{through}; {}:\n\n{}\n",
            who.unwrap_or_default(),
            field.unwrap_or_default(),
            links.place(place),
            fenced("yaml", &entry_text(place))
        )
    });
}

/// An entry as written, without the indent that all of its lines have.
fn entry_text(place: &Place) -> String {
    let indent = place.location().start.column.saturating_sub(1) as usize;
    let text = place.file.text(place.span);
    let without =
        |line: &str| line[line.len().min(indent).min(line.len() - line.trim_start().len())..].to_owned();
    let mut lines = text.trim_end().lines();
    let first = lines.next().unwrap_or_default().to_owned();
    std::iter::once(first).chain(lines.map(without)).collect::<Vec<_>>().join("\n")
}

fn reasons(page: &mut Page<'_>, reasons: &[Reason]) {
    if !reasons.is_empty() {
        page.rows(REASONS, reasons, reason_row);
    }
}

fn reason_row(reason: &Reason) -> String {
    format!("| {} | {} |\n", code(&reason.at()), inline(&sentence(&reason.message)))
}

/// Whose reviews count, and whose do not and why.
fn approvals(page: &mut Page<'_>, verdict: &Verdict) {
    let Some(read) = &verdict.approvals else { return };
    let Approvals { approvals, refused, reason, .. } = read;
    let mut rows: Vec<String> = Vec::new();
    for approval in approvals {
        let commit = approval.commit.get(..10).unwrap_or(&approval.commit);
        rows.push(format!(
            "- {} (account {}) approves: review {} of commit `{commit}`; {}.\n",
            code(&format!("@{}", approval.login)),
            approval.id,
            approval.review,
            inline(&approval.authority)
        ));
    }
    rows.extend(refused.iter().map(|r| {
        format!(
            "- Does not count: {} {}.\n",
            code(&format!("@{}", r.login)),
            inline(r.reason.trim_end_matches('.'))
        )
    }));
    rows.extend(reason.iter().map(|why| format!("- Not read: {}\n", inline(&sentence(why)))));
    fold(page, "Reviews", "", &rows, String::clone);
}

/// An audit compares nothing.
fn is_audit(verdict: &Verdict) -> bool {
    verdict.compared.is_empty()
}

/// Changed access to classified fields that no finding above speaks of.
fn access(page: &mut Page<'_>, verdict: &Verdict) {
    let of = |subject: &Subject| Some((subject.grantor.as_ref()?.0.clone(), subject.field.clone()?));
    let told: BTreeSet<_> = verdict
        .findings
        .iter()
        .flat_map(|f| of(&f.subject).into_iter().chain(f.tells.iter().cloned()))
        .collect();
    let untold = |door: &&Door| {
        let is_told = of(&door.subject).is_some_and(|pair| told.contains(&pair));
        door.subject.tier.is_some_and(|tier| tier > Tier::Open) && !is_told
    };
    let added = if is_audit(verdict) { "exists" } else { "new or wider" };
    let mut rows: Vec<(&str, &Door)> = verdict.opened.iter().filter(untold).map(|d| (added, d)).collect();
    let removed = |d: &Door| if d.kept_by_org { "left out: the org keeps it" } else { "removed" };
    rows.extend(verdict.closed.iter().filter(untold).map(|d| (removed(d), d)));
    let links = page.links;
    let head = "| Change | Who | Field | Access | Where |\n|---|---|---|---|---|\n";
    let title = match is_audit(verdict) {
        true => "Other access to classified fields",
        false => "Other changed access to classified fields",
    };
    fold(page, title, head, &rows, |(what, door)| {
        let subject = &door.subject;
        let who = subject
            .grantor
            .as_ref()
            .map(|(by, user)| format!("{} ({user})", inline(&sentence(&by.to_string()).replace('.', ""))));
        let label = subject.label.as_ref().map(|(label, _)| inline(&label.to_string())).unwrap_or_default();
        format!(
            "| {what} | {} | {} ({label}) | {} | {} |\n",
            who.unwrap_or_default(),
            code(subject.field.as_ref().map_or("", |f| f.as_str())),
            subject.access.map(|a| a.to_string()).unwrap_or_default(),
            links.short_place(&door.place),
        )
    });
}

/// Fields that are new, gone or labelled differently.
fn labels(page: &mut Page<'_>, verdict: &Verdict) {
    let links = page.links;
    let head = "| Field | Before | After | Where |\n|---|---|---|---|\n";
    let changed: &[Relabelled] = if is_audit(verdict) { &[] } else { &verdict.labels_changed };
    fold(page, "Fields that are new, or count otherwise", head, changed, |change| {
        let side = |side: &Option<(Arc<Label>, Tier)>| match side {
            Some((label, tier)) => format!("{} ({})", inline(&label.to_string()), tier.words()),
            None => "not defined".to_owned(),
        };
        let of = change.label_of.as_ref().map(|field| format!(", since it reads {}", code(field.as_str())));
        format!(
            "| {} | {} | {}{} | {} |\n",
            code(change.field.as_str()),
            side(&change.before),
            side(&change.after),
            of.unwrap_or_default(),
            change.place.as_ref().map(|p| links.short_place(p)).unwrap_or_default()
        )
    });
}

/// Ways with more than one step, as pictures.
fn pictures(page: &mut Page<'_>, verdict: &Verdict) {
    let mut seen = BTreeSet::new();
    let mut drawn = Vec::new();
    for finding in verdict.findings.iter().filter(|f| f.severity == Severity::Error) {
        let nodes = way(finding);
        if nodes.len() < 3 || drawn.len() == MAX_PICTURES || !seen.insert(nodes.clone()) {
            continue;
        }
        let mut picture = "```mermaid\nflowchart LR\n".to_owned();
        for (at, node) in nodes.iter().enumerate() {
            picture.push_str(&format!("  n{at}[\"{}\"]\n", diagram(node)));
        }
        for at in 1..nodes.len() {
            picture.push_str(&format!("  n{} --> n{at}\n", at - 1));
        }
        drawn.push(format!("{picture}```\n\n"));
    }
    fold(page, "The way to the data", "", &drawn, String::clone);
}

/// Permission set, steps, field, and what a derived field reads.
fn way(finding: &Finding) -> Vec<String> {
    let subject = &finding.subject;
    let mut nodes = Vec::new();
    nodes.extend(subject.grantor.as_ref().map(|(g, _)| format!("{} {}", g.kind.words(), g.name())));
    let step =
        |s: &RouteStep| format!("{} {}:{}", s.kind.words(), s.place.path(), s.place.location().start.line);
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

fn what_was_read(page: &mut Page<'_>, verdict: &Verdict) {
    page.push("<details><summary>What was judged</summary>\n\n");
    for line in lines(verdict) {
        page.push(&format!("{}  \n", inline(&line)));
    }
    page.push("\n</details>\n");
}
