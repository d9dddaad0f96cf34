//! From findings to a verdict. What blocks and what leaves a run undecided is decided here and
//! nowhere else; formats and exit codes only repeat it.

mod approval;
mod difference;
mod preflight;

pub use approval::{Approval, ApprovalState, Approvals, AskedFor, AskedOfCommits, NeededAlso, Refused};
pub use difference::{Differences, Differing, EntryChange, Side};
pub use preflight::{Checked, Excess, Needed, Obstacle, Preflight, Trimmed, Wrote};

use crate::finding::{Finding, Label, Place, RuleInfo, Severity, Subject, fingerprint};
use crate::source::{FilesFor, Position, RepoPath};
use crate::words::{FieldName, Grantor, State, Tier, counted};
use jiff::civil::Date;
use rayon::prelude::*;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// The answer of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing blocks.
    Passed,
    /// At least one error that no approval settles.
    Blocked,
    /// Every error lacks nothing but an approval.
    Waiting,
    /// Something that decides could not be read.
    Undecided,
}

impl Outcome {
    /// Exit status of the process: 0, 1 or 2.
    pub fn exit_status(self) -> u8 {
        match self {
            Outcome::Passed => 0,
            Outcome::Blocked | Outcome::Waiting => 1,
            Outcome::Undecided => 2,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Passed => "passed",
            Outcome::Blocked => "blocked",
            Outcome::Waiting => "waiting",
            Outcome::Undecided => "undecided",
        })
    }
}

/// Why something could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// The file.
    pub path: RepoPath,
    /// Where in it, when that is known.
    pub position: Option<Position>,
    /// What is wrong and the next step.
    pub message: String,
}

/// `path:line:column: message`.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at(), self.message)
    }
}

impl Reason {
    /// The file, with line and column where they are known.
    pub fn at(&self) -> String {
        match self.position {
            Some(position) => format!("{}:{position}", self.path),
            None => self.path.to_string(),
        }
    }

    /// Names the reason across runs: path and message, without line. 32 hexadecimal digits of a SHA-256.
    pub fn fingerprint(&self) -> String {
        fingerprint([self.path.as_str(), &self.message])
    }
}

/// An exposure that a change opens or closes, of whatever tier.
#[derive(Clone, Debug)]
pub struct Door {
    /// Grantor, field, access, tier, label, route, and the justification that settles it.
    pub subject: Subject,
    /// The element that opens it, on the side where it is open.
    pub place: Place,
    /// The repository defines the field, or a label file speaks of it.
    pub known: bool,
    /// How it stands; `None` of what is removed.
    pub state: Option<State>,
    /// Closed only by leaving it out of a profile, which revokes nothing: the org keeps the grant.
    pub kept_by_org: bool,
    /// The last day of the justification that counts for it.
    pub ends: Option<Date>,
}

/// A field whose label a change alters, or of which another label counts: that of what it reads.
#[derive(Clone, Debug)]
pub struct Relabelled {
    /// The field.
    pub field: FieldName,
    /// Label and tier on the base; `None` where the field is not defined.
    pub before: Option<(Arc<Label>, Tier)>,
    /// Label and tier as they would land; `None` where the field is not defined.
    pub after: Option<(Arc<Label>, Tier)>,
    /// Where the label stands, or stood.
    pub place: Option<Place>,
    /// The field that it reads, and whose label counts after the merge.
    pub label_of: Option<FieldName>,
}

/// What was read. Deterministic: the same comparison reads the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReadCounts {
    /// Files whose content was read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files listed on both sides; a listing reads no content.
    pub listed: u64,
    /// Files that differ.
    pub changed: u64,
    /// Permission set files, as everything below: a file that both sides have counts once.
    pub permission_sets: usize,
    /// Profile files.
    pub profiles: usize,
    /// Permission set group files.
    pub groups: usize,
    /// Muting permission set files.
    pub muting_permission_sets: usize,
    /// Field definitions.
    pub fields: usize,
    /// Field definitions with a label.
    pub labelled_fields: usize,
    /// Justification entries.
    pub justifications: usize,
    /// Metadata files read, by the question that needed them.
    pub files_for: FilesFor,
}

/// A rule in a run.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The rule.
    pub info: &'static RuleInfo,
    /// Its severity in this run; `None` if it was not asked: the policy turns it off, or has mistakes.
    pub severity: Option<Severity>,
}

/// Everything a run has to say, in its final order.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The answer.
    pub outcome: Outcome,
    /// Commit of the base.
    pub base: String,
    /// Commit of the head; `None` is the working tree.
    pub head: Option<String>,
    /// What was compared, for people; empty where what exists was judged and nothing beside it.
    pub compared: String,
    /// All that this version judges by, in the order of the documentation.
    pub rules: Vec<Asked>,
    /// Weightiest first.
    pub findings: Vec<Finding>,
    /// Why the run is undecided.
    pub undecided: Vec<Reason>,
    /// What could not be read but decides nothing in this run.
    pub warnings: Vec<Reason>,
    /// By grantor and field.
    pub opened: Vec<Door>,
    /// Access to fields of tier 1 that is counted and not listed, since nobody asked for it.
    pub counted: Vec<(Grantor, FieldName)>,
    /// By grantor and field.
    pub closed: Vec<Door>,
    /// By field.
    pub labels_changed: Vec<Relabelled>,
    /// How much access, which the change does not give, is to fields that it makes count higher or show more.
    pub raised: usize,
    /// What reading the approvals came to; `None` where nobody tried.
    pub approvals: Option<Approvals>,
    /// What was read.
    pub read: ReadCounts,
    /// What a reader should know of the run itself: nothing was compared, there is no metadata.
    pub remarks: Vec<String>,
    /// There was nothing to judge, or no label to judge by: a pass of this run proves nothing. A remark says why.
    pub idle: bool,
    /// The policy that it was judged by, for people.
    pub policy: String,
    /// The day for which it was judged.
    pub today: Date,
    /// Everything that stands was judged, not a change: `opened` is all of it.
    pub standing: bool,
    /// Of what stands, exposures that the baseline accepts: the day on which the line of each was written, if it says so.
    pub accepted: Vec<Option<Date>>,
    /// Lines that this run added to the baseline, or took out of it; `None` where it was not to write.
    pub wrote: Option<usize>,
    /// Accesses that need something and that no finding tells, since the policy turns every rule off that would.
    pub switched_off: usize,
    /// Whose approvals count by the policy, in words.
    pub approvers: String,
    /// Findings of other files have been left out.
    pub narrowed: bool,
}

impl Verdict {
    /// Whether nothing was found since there was nothing to find: no metadata, no change or no label.
    pub fn proves_nothing(&self) -> bool {
        self.idle && self.findings.is_empty()
    }

    /// Sorts what was found and decides. Nothing is added or dropped afterwards.
    pub fn decide(mut self) -> Self {
        self.findings.par_sort_by(Finding::order);
        self.undecided.sort();
        self.undecided.dedup();
        self.warnings.sort();
        self.warnings.dedup();
        self.outcome = if !self.undecided.is_empty() {
            Outcome::Undecided
        } else if self.count(Severity::Error) == 0 {
            Outcome::Passed
        } else if self.only_approvals_are_missing() {
            Outcome::Waiting
        } else {
            Outcome::Blocked
        };
        self
    }

    /// Keeps the findings of these files and folders; the answer stays that of all. What is left out is said.
    pub fn show_only(&mut self, paths: &[RepoPath]) {
        let (all, errors) = (self.findings.len(), self.count(Severity::Error));
        let within = |at: &str, path: &RepoPath| {
            at.strip_prefix(path.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || path.as_str().is_empty())
        };
        self.findings.retain(|finding| paths.iter().any(|path| within(finding.place.path().as_str(), path)));
        let (left, left_errors) = (all - self.findings.len(), errors - self.count(Severity::Error));
        self.narrowed = left > 0;
        if self.narrowed {
            let (findings, errors) =
                (counted(left, "finding", "findings"), counted(left_errors, "error", "errors"));
            self.remarks.push(format!(
                "{findings} in other files, {errors} among them; the verdict is that of the whole change"
            ));
        }
    }

    /// Rules that did not run: the policy turns them off, or does not turn them on. Nothing where the policy cannot be
    /// read, for then none ran.
    pub fn rules_off(&self) -> Vec<&'static RuleInfo> {
        let off: Vec<&RuleInfo> =
            self.rules.iter().filter(|r| r.severity.is_none()).map(|r| r.info).collect();
        if off.len() == self.rules.len() { Vec::new() } else { off }
    }

    /// Whether some error would be gone if an authorised person approved.
    pub fn an_approval_helps(&self) -> bool {
        !self.standing && self.findings.iter().any(|f| f.approvable && f.severity == Severity::Error)
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.severity == severity).count()
    }

    /// How much access is there, or new.
    pub fn all_opened(&self) -> usize {
        self.opened.len() + self.counted.len()
    }

    /// How much access the baseline accepts; that of a group which has it by a member counts with the member's line.
    pub fn all_accepted(&self) -> usize {
        self.opened.iter().filter(|door| door.state == Some(State::Accepted)).count()
    }

    /// How much access is there, or new, to fields of this tier.
    pub fn opened_in(&self, tier: Tier) -> usize {
        let counted = if tier == Tier::Open { self.counted.len() } else { 0 };
        counted + self.opened.iter().filter(|d| d.subject.tier == Some(tier)).count()
    }
}
