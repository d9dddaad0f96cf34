//! Approvals, as plain data: who reads them knows the server, what they settle is decided here.

use super::{Reason, Verdict};
use crate::finding::{Finding, Label, Severity};
use crate::words::{PrincipalClass, Tier, sentences};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

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

/// An approval by somebody who may give it.
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
    /// The tree that was reviewed, where the server told it.
    #[serde(skip)]
    pub tree: Option<String>,
    /// What this person may approve: 0 is everything, the others are parts that need people of their own as well.
    #[serde(skip)]
    pub counts_for: Vec<usize>,
}

/// Approvers of a part of all fields, who are needed as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededAlso {
    /// How many are needed.
    pub needed: u32,
    /// Who may give the approvals that are missing, and what for, in words.
    pub from: String,
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
    /// Those by people who may approve.
    pub approvals: Vec<Approval>,
    /// Those that do not count.
    pub refused: Vec<Refused>,
    /// Who may approve and asks for changes: no approval counts until they agree.
    pub held_by: Vec<String>,
    /// Why nothing was read, or what could not be.
    pub reason: Option<String>,
    /// Fingerprints of the findings that they settle.
    pub settled: Vec<String>,
    /// Those who are needed as well, by the number of the part.
    #[serde(skip)]
    pub also: Vec<NeededAlso>,
    /// Some finding lacks people, and not only reviews of all that it is about.
    #[serde(skip)]
    pub lacks_people: bool,
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
            held_by: Vec::new(),
            reason: Some(reason.into()),
            settled: Vec::new(),
            also: Vec::new(),
            lacks_people: true,
        }
    }

    /// Something could not be read, and what.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Approvals { state: ApprovalState::Unknown, ..Approvals::not_read(reason) }
    }
}

/// What is at stake in a finding that an approval settles: more of any of it is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stakes {
    tier: Option<Tier>,
    user_type: Option<PrincipalClass>,
    groups: Vec<String>,
    /// Formulas and lookups on the way to the data; of a finding about several fields its own words, which name
    /// and count them.
    shows: BTreeSet<String>,
}

impl Stakes {
    fn of(finding: &Finding) -> Self {
        let subject = &finding.subject;
        let groups = |label: &Label| label.compliance_groups.clone();
        let on_the_way = finding.related.iter().filter(|r| r.on_the_way);
        Stakes {
            tier: subject.tier,
            user_type: subject.grantor.as_ref().map(|(_, user_type)| *user_type),
            groups: subject.label.as_ref().map(|(label, _)| groups(label)).unwrap_or_default(),
            shows: match &subject.field {
                Some(_) => on_the_way.map(|r| r.message.clone()).collect(),
                None => BTreeSet::from([finding.message.clone()]),
            },
        }
    }

    /// Whether somebody who agreed to these has agreed to `other`.
    fn cover(&self, other: &Stakes) -> bool {
        let has_group = |group: &String| self.groups.iter().any(|g| g.eq_ignore_ascii_case(group));
        self.tier >= other.tier
            && self.user_type >= other.user_type
            && other.groups.iter().all(has_group)
            && other.shows.is_subset(&self.shows)
    }
}

/// What a reviewed commit asked an approval for: a review of it agrees to this and to no more.
#[derive(Clone, Debug, Default)]
pub struct AskedFor(BTreeMap<String, Stakes>);

impl AskedFor {
    /// What both asked for, with the lower stakes of both.
    pub fn and(self, other: AskedFor) -> AskedFor {
        let least = |(print, one): (String, Stakes)| {
            let two = other.0.get(&print)?;
            match (one.cover(two), two.cover(&one)) {
                (true, _) => Some((print, two.clone())),
                (_, true) => Some((print, one)),
                // Neither asked for all of the other.
                (false, false) => None,
            }
        };
        AskedFor(self.0.into_iter().filter_map(least).collect())
    }

    fn covers(&self, finding: &Finding) -> bool {
        self.0.get(&finding.fingerprint()).is_some_and(|asked| asked.cover(&Stakes::of(finding)))
    }
}

/// What each reviewed commit asked an approval for, or why that is not known.
pub type AskedOfCommits = BTreeMap<String, Result<AskedFor, String>>;

impl Verdict {
    /// Findings that block and that an approval would settle.
    pub fn awaiting(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| waits(f))
    }

    /// What this verdict asks an approval for.
    pub fn asked(&self) -> AskedFor {
        AskedFor(self.awaiting().map(|f| (f.fingerprint(), Stakes::of(f))).collect())
    }

    /// Nothing but approvals is missing. An audit is of what exists already: no review can be given of it.
    pub(super) fn only_approvals_are_missing(&self) -> bool {
        let mut errors = self.findings.iter().filter(|f| f.severity == Severity::Error);
        !self.standing && errors.all(waits)
    }

    /// Takes approvals into account, and decides anew. An approval counts for a finding only if the commit that
    /// was reviewed asked for an approval of the same, with no less at stake. What is approved stays in the list
    /// as a note.
    pub fn approve(mut self, mut approvals: Approvals, asked: &AskedOfCommits) -> Self {
        match approvals.state {
            ApprovalState::Given | ApprovalState::Missing => self.settle(&mut approvals, asked),
            ApprovalState::Unknown => {
                let why = approvals.reason.clone().unwrap_or_default();
                let waiting = self.awaiting().count();
                // One cause, one reason: at the first finding that waits.
                let reason = self.awaiting().next().map(|finding| Reason {
                    path: finding.place.path().clone(),
                    position: Some(finding.place.location().start),
                    message: sentences::approval_not_known(waiting, &why),
                });
                self.undecided.extend(reason);
            }
            ApprovalState::NotRead => {}
        }
        self.approvals = Some(approvals);
        self.decide()
    }

    fn settle(&mut self, approvals: &mut Approvals, asked: &AskedOfCommits) {
        let held = !approvals.held_by.is_empty();
        let (mut settled, mut missing) = (BTreeSet::new(), BTreeSet::new());
        for finding in self.findings.iter_mut().filter(|f| waits(f)) {
            let (of_this, of_less): (Vec<&Approval>, Vec<&Approval>) = approvals
                .approvals
                .iter()
                .partition(|a| matches!(asked.get(&a.commit), Some(Ok(asked)) if asked.covers(finding)));
            let lacking = approvals.lacking(finding, &of_this);
            missing.extend(approvals.lacking(finding, &approvals.approvals.iter().collect::<Vec<_>>()));
            if !held && lacking.is_empty() {
                let asked = |part: &usize| *part == 0 || finding.approvers.contains(&(part - 1));
                let counts = of_this.iter().filter(|a| a.counts_for.iter().any(asked));
                let who: Vec<String> = counts.map(|a| words(a)).collect();
                finding.settle(&format!("approved by {}", who.join(", ")));
                finding.help = "Approved: nothing is left to do.".into();
                settled.insert(finding.fingerprint());
            } else {
                finding.notes.extend(of_less.iter().map(|a| does_not_cover(a, asked.get(&a.commit))));
            }
        }
        approvals.lacks_people = !missing.is_empty();
        if !missing.is_empty() {
            let from: Vec<String> =
                missing.iter().filter_map(|part| approvals.words_of_part(*part)).collect();
            approvals.from = from.join(", and by ");
        }
        let all = !settled.is_empty() && !self.findings.iter().any(waits);
        approvals.state = if all { ApprovalState::Given } else { ApprovalState::Missing };
        approvals.settled = settled.into_iter().collect();
    }
}

impl Approvals {
    /// Parts of the approvers of which too few are among those who approved a finding.
    fn lacking(&self, finding: &Finding, approved: &[&Approval]) -> Vec<usize> {
        let enough = |part: usize, needed: u32| {
            let people: BTreeSet<u64> =
                approved.iter().filter(|a| a.counts_for.contains(&part)).map(|a| a.id).collect();
            people.len() >= needed as usize
        };
        let general = (!enough(0, self.needed)).then_some(0);
        // A part that nobody knows the people of is never satisfied.
        let known = |at: &usize| self.also.get(*at).is_some_and(|also| enough(at + 1, also.needed));
        let also = finding.approvers.iter().filter(|at| !known(at)).map(|at| at + 1);
        general.into_iter().chain(also).collect()
    }

    /// Who of a part may give what is missing.
    fn words_of_part(&self, part: usize) -> Option<String> {
        match part {
            0 => Some(self.from.clone()),
            part => self.also.get(part - 1).map(|also| also.from.clone()),
        }
    }
}

fn waits(finding: &Finding) -> bool {
    finding.approvable && finding.severity == Severity::Error
}

fn words(approval: &Approval) -> String {
    format!("`{}` (review {} of commit {})", approval.login, approval.review, short(&approval.commit))
}

/// Why a review says nothing of a finding.
fn does_not_cover(approval: &Approval, asked: Option<&Result<AskedFor, String>>) -> String {
    let (who, commit) = (&approval.login, short(&approval.commit));
    match asked {
        Some(Err(why)) => format!("The review by `{who}` does not count here: {why}"),
        _ => format!(
            "`{who}` reviewed commit {commit}, which asked for no such approval. Bring the branch up to date with \
             its base and ask for a new review."
        ),
    }
}

/// The start of a commit id, as people write it.
fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
