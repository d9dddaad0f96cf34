//! The verdict in one line, and what to do about it.

use crate::finding::{Finding, Severity};
use crate::gate::{Outcome, Verdict};
use crate::words::sentences::{self, Needs};
use std::collections::BTreeSet;

/// The verdict in words: what is wrong, and who can settle it. Names stand in backticks.
pub fn headline(verdict: &Verdict) -> String {
    let approvals = verdict.approvals.as_ref();
    let by = approvals.map_or("", |read| read.from.as_str());
    match verdict.outcome {
        Outcome::Passed => {
            let approved = approvals.map_or(0, |read| read.settled.len());
            sentences::passed(approved, verdict.count(Severity::Warning))
        }
        Outcome::Blocked => sentences::blocked(needs(verdict), by),
        Outcome::Waiting => sentences::waiting(by),
        Outcome::Undecided => {
            let files: BTreeSet<_> = verdict.undecided.iter().map(|reason| &reason.path).collect();
            sentences::undecided(files.len())
        }
    }
}

fn needs(verdict: &Verdict) -> Needs {
    let mut needs = Needs::default();
    for finding in verdict.findings.iter().filter(|f| f.severity == Severity::Error) {
        match (finding.approvable, &finding.paste) {
            (true, _) => needs.approval += 1,
            (false, Some(_)) => needs.justification += 1,
            (false, None) => needs.change += 1,
        }
    }
    needs
}

/// What to do about a verdict, one sentence or two each.
pub(super) fn what_to_do(verdict: &Verdict) -> Vec<String> {
    let mut steps = Vec::new();
    if verdict.outcome == Outcome::Undecided {
        steps.push(sentences::MEND_WHAT_IS_NAMED.to_owned());
    }
    let needs = needs(verdict);
    if needs.justification > 0 {
        steps.push(sentences::WRITE_JUSTIFICATIONS.to_owned());
    }
    if needs.change > 0 {
        steps.push(sentences::MAKE_CHANGES.to_owned());
    }
    if needs.approval > 0 {
        steps.push(sentences::ASK_FOR_REVIEW.to_owned());
        if let Some(read) = &verdict.approvals {
            steps.extend((!read.held_by.is_empty()).then(|| sentences::held_by(&read.held_by)));
        }
    }
    steps
}

/// What a person does next about one finding.
pub(super) fn next_step(finding: &Finding) -> String {
    match &finding.paste {
        Some(paste) => sentences::take_back_or_justify(&paste.path, paste.approve),
        None => sentence(&finding.help),
    }
}

/// A text of ours as a sentence: with a capital letter and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    let end = if text.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), letters.as_str())
}
