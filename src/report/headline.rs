//! The verdict in one line, and what to do about it.

use crate::finding::{Finding, Severity};
use crate::gate::{ApprovalState, Approvals, Outcome, Verdict};
use crate::words::sentences::{self, Needs};

/// The verdict in words: what is wrong, and who can settle it. Names stand in backticks.
pub fn headline(verdict: &Verdict) -> String {
    let approvals = verdict.approvals.as_ref();
    // Where no reviews were read, the policy says who can give one.
    let by = match approvals {
        Some(read) => missing_from(read),
        None if verdict.an_approval_helps() => verdict.approvers.clone(),
        None => String::new(),
    };
    match verdict.outcome {
        Outcome::Passed if verdict.proves_nothing() => sentences::NOTHING_TO_JUDGE.to_owned(),
        Outcome::Passed => {
            let approved = approvals.map_or(0, |read| read.settled.len());
            sentences::passed(approved, verdict.count(Severity::Warning))
        }
        Outcome::Blocked => sentences::blocked(needs(verdict), &by),
        Outcome::Waiting => sentences::waiting(&by),
        Outcome::Undecided => sentences::undecided(verdict.undecided.len()),
    }
}

/// Whose approval is missing: theirs who hold the others back, before anybody else's.
fn missing_from(read: &Approvals) -> String {
    match read.held_by.is_empty() {
        true => read.from.clone(),
        false => read.held_by.iter().map(|login| format!("`@{login}`")).collect::<Vec<_>>().join(", "),
    }
}

fn needs(verdict: &Verdict) -> Needs {
    let mut needs = Needs::default();
    for finding in verdict.findings.iter().filter(|f| f.severity == Severity::Error) {
        match (finding.approvable, &finding.paste) {
            (true, _) => needs.approval += 1,
            (false, Some(_)) => needs.justification += 1,
            (false, None) if finding.justifiable => needs.justification += 1,
            (false, None) => needs.change += 1,
        }
    }
    needs
}

/// What to do about a verdict, one sentence or two each.
/// `ask` says how to get an approval here.
pub(super) fn what_to_do(verdict: &Verdict, ask: &str) -> Vec<String> {
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
        steps.push(ask.to_owned());
        steps.extend(verdict.approvals.iter().filter_map(about_reviews));
    }
    steps
}

/// Why the reviews that are there are not enough.
fn about_reviews(read: &Approvals) -> Option<String> {
    let reason = read.reason.as_deref().unwrap_or_default();
    if !read.held_by.is_empty() {
        Some(sentences::held_by(&read.held_by))
    } else if read.state == ApprovalState::NotRead {
        Some(sentences::reviews_not_read(reason))
    } else {
        (!read.lacks_people).then(|| sentences::REVIEW_IS_OF_LESS.to_owned())
    }
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
