//! Approvals, as plain data: who reads them knows the server, what they settle is decided here.

use super::{Outcome, Reason, Verdict};
use crate::finding::{Finding, Severity};
use serde::Serialize;
use std::collections::BTreeSet;

/// Whether the approvals that a change needs are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// Nobody asked a server.
    NotRead,
    /// Fewer than needed.
    Missing,
    /// Enough.
    Given,
    /// Something that decides could not be read.
    Unknown,
}

/// An approval that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Who approved.
    pub login: String,
    /// The account's number, which a rename does not change.
    pub id: u64,
    /// The review.
    pub review: u64,
    /// The commit that was reviewed.
    pub commit: String,
    /// Why this person may approve.
    pub authority: String,
}

/// An approval that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Who approved.
    pub login: String,
    /// Why it does not count.
    pub reason: String,
}

/// What reading the approvals came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approvals {
    /// The answer.
    pub state: ApprovalState,
    /// How many are needed.
    pub needed: u32,
    /// Who may give them, in words.
    pub from: String,
    /// The commit that must have been reviewed.
    pub commit: Option<String>,
    /// Those that count.
    pub approvals: Vec<Approval>,
    /// Those that do not.
    pub refused: Vec<Refused>,
    /// Why nothing was read, or what could not be.
    pub reason: Option<String>,
    /// Fingerprints of the findings that they settle.
    pub settled: Vec<String>,
}

impl Approvals {
    /// Nobody asked, and why.
    pub fn not_read(reason: impl Into<String>) -> Self {
        Approvals {
            state: ApprovalState::NotRead,
            needed: 1,
            from: String::new(),
            commit: None,
            approvals: Vec::new(),
            refused: Vec::new(),
            reason: Some(reason.into()),
            settled: Vec::new(),
        }
    }

    /// Something could not be read, and what.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Approvals { state: ApprovalState::Unknown, ..Approvals::not_read(reason) }
    }
}

impl Verdict {
    /// Findings that block and that an approval would settle.
    pub fn awaiting(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| waits(f))
    }

    /// Blocked by nothing but missing approvals.
    pub fn awaits_only_approval(&self) -> bool {
        let errors = || self.findings.iter().filter(|f| f.severity == Severity::Error);
        self.outcome == Outcome::Blocked && errors().all(waits)
    }

    /// Takes approvals into account, and decides anew. What they settle stays in the list as a note.
    pub fn approve(mut self, mut approvals: Approvals) -> Self {
        match approvals.state {
            ApprovalState::Given => {
                let who: Vec<String> = approvals
                    .approvals
                    .iter()
                    .map(|a| format!("`{}` (review {} of commit {})", a.login, a.review, short(&a.commit)))
                    .collect();
                let note = format!("approved by {}", who.join(", "));
                let mut settled = BTreeSet::new();
                for finding in self.findings.iter_mut().filter(|f| waits(f)) {
                    finding.settle(&note);
                    finding.help = "approved; nothing is left to do".into();
                    settled.insert(finding.fingerprint());
                }
                approvals.settled = settled.into_iter().collect();
            }
            ApprovalState::Unknown => {
                let why = approvals.reason.clone().unwrap_or_default();
                let reason = |finding: &Finding| Reason {
                    path: finding.place.path().clone(),
                    position: Some(finding.place.location().start),
                    message: format!(
                        "this needs an approval, and whether there is one cannot be known: {why}"
                    ),
                };
                let reasons: Vec<Reason> = self.awaiting().map(reason).collect();
                self.undecided.extend(reasons);
            }
            ApprovalState::NotRead | ApprovalState::Missing => {}
        }
        self.approvals = Some(approvals);
        self.decide()
    }
}

fn waits(finding: &Finding) -> bool {
    finding.approvable && finding.severity == Severity::Error
}

/// The start of a commit id, as people write it.
fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
