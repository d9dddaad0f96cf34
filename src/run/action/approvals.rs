//! Which reviews count for a change, and what each of the reviewed commits had asked for.

use super::target::{Reviewed, Target};
use crate::gate::{Approval, ApprovalState, Approvals, AskedFor, AskedOfCommits};
use crate::git::{Comparison, Repository};
use crate::github::{ApiError, Change, Content, Event, LivePull, Session};
use crate::policy::Approvers;
use crate::run::check::judged;
use crate::run::given_policy::GivenPolicy;
use crate::source::{ContentId, EntryKind, RepoPath, Snapshot};
use crate::words::sentences;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// What reading approvals needs.
pub(super) struct Reader<'r> {
    pub(super) repository: &'r Repository,
    pub(super) session: Option<&'r Session>,
    pub(super) event: &'r Event,
    pub(super) target: &'r Target,
    /// The policy that the workflow names, if it names one.
    pub(super) policy: Option<&'r GivenPolicy>,
    pub(super) today: Date,
}

impl Reader<'_> {
    /// Who approved. `live` is the pull request of the event.
    pub(super) fn read(&self, live: Option<&Result<LivePull, ApiError>>, approvers: &Approvers) -> Approvals {
        let Some(session) = self.session else { return Approvals::not_read(sentences::NO_TOKEN) };
        match (&self.target.reviewed, live) {
            (Reviewed::Nothing(why), _) => Approvals::not_read(*why),
            (Reviewed::Landed { branch, commits }, _) => self.of_landed(session, branch, commits, approvers),
            (Reviewed::Commit(_), None) => Approvals::not_read(sentences::NO_PULL_REQUEST),
            (Reviewed::Commit(_), Some(Err(error))) => Approvals::unknown(error.to_string()),
            (Reviewed::Commit(commit), Some(Ok(live))) => {
                let pusher = match self.event {
                    Event::Pull(pull) | Event::PullTarget(pull) => pull.pusher,
                    _ => None,
                };
                let pushers: Vec<u64> = pusher.into_iter().collect();
                let comparison = &self.target.comparison;
                let paths: Vec<String> =
                    comparison.changes.iter().map(|c| c.path.as_str().to_owned()).collect();
                let content = |path: &str| content(comparison, path);
                let tree = self.repository.tree_of(commit).unwrap_or_default();
                let base = &comparison.base_commit;
                let change = Change { base, head: commit, tree: &tree, paths: &paths, content: &content };
                session.approvals(live, &change, &pushers, approvers)
            }
        }
    }

    /// The approvals of all pull requests that a push has landed, each of the commit that it ended with.
    fn of_landed(
        &self,
        session: &Session,
        branch: &str,
        commits: &[String],
        approvers: &Approvers,
    ) -> Approvals {
        let mut numbers = BTreeSet::new();
        for commit in commits {
            match session.merged_by(commit, branch) {
                Ok(some) => numbers.extend(some),
                Err(error) => return Approvals::unknown(error.to_string()),
            }
        }
        let nothing = Approvals { state: ApprovalState::Missing, reason: None, ..Approvals::not_read("") };
        let mut all =
            Approvals { needed: approvers.needed, from: approvers.words(&[], approvers.needed), ..nothing };
        all.name_who_is_missing(approvers, &[]);
        for number in numbers {
            let live = match session.pull(number) {
                Ok(live) => live,
                Err(error) => return Approvals::unknown(error.to_string()),
            };
            let nowhere = |_: &str| Err(String::new());
            let tree = self.repository.tree_of(&live.head).unwrap_or_default();
            let (base, head) = (&self.target.comparison.base_commit, &live.head);
            let change = Change { base, head, tree: &tree, paths: &[], content: &nowhere };
            let one = session.approvals(&live, &change, &[], approvers);
            if one.state == ApprovalState::Unknown {
                return one;
            }
            all.approvals.extend(one.approvals);
            all.refused.extend(one.refused);
            all.held_by.extend(one.held_by);
        }
        all
    }

    /// What each reviewed commit had asked an approval for.
    pub(super) fn asked(&self, approvals: &Approvals) -> AskedOfCommits {
        let mut asked = AskedOfCommits::new();
        for approval in &approvals.approvals {
            if !asked.contains_key(&approval.commit) {
                asked.insert(approval.commit.clone(), self.asked_by(approval));
            }
        }
        asked
    }

    /// What one commit had asked for, judged against the point where it left the base, with the policy there. Of
    /// several such points the author could choose, so what all of them asked for counts.
    fn asked_by(&self, approval: &Approval) -> Result<AskedFor, String> {
        let commit = &approval.commit;
        let unknown = || sentences::cannot_judge_reviewed(commit);
        let (base, landing) = (&self.target.comparison.base_commit, self.target.landing.as_deref());
        let tree = approval.tree.clone().or_else(|| self.repository.tree_of(commit)).ok_or_else(unknown)?;
        let began = match self.repository.began_at(base, commit) {
            Some(trees) => trees,
            None => {
                let session = self.session.ok_or_else(unknown)?;
                vec![session.began_at(base, commit).map_err(|error| format!("{} ({error})", unknown()))?]
            }
        };
        let mut asked: Option<AskedFor> = None;
        for began in &began {
            let comparison = self.repository.compare_reviewed(&tree, began, base, landing);
            let comparison = comparison.map_err(|_| unknown())?;
            let (then, _) =
                judged(self.repository, &comparison, self.policy, self.today).map_err(|_| unknown())?;
            asked = Some(match asked {
                None => then.asked(),
                Some(others) => others.and(then.asked()),
            });
        }
        asked.ok_or_else(unknown)
    }
}

/// What the head has at a path.
fn content(comparison: &Comparison, path: &str) -> Result<Content, String> {
    let entry = comparison.head.entry(&RepoPath::from(path)).map_err(|e| e.to_string())?;
    let Some(entry) = entry else { return Ok(None) };
    let kind = match entry.kind {
        EntryKind::File => "file",
        EntryKind::Symlink => "link",
        EntryKind::Submodule => "submodule",
    };
    let ContentId::Object(id) = entry.content else { return Err("it is in no commit".to_owned()) };
    Ok(Some((kind, id.iter().map(|b| format!("{b:02x}")).collect())))
}
