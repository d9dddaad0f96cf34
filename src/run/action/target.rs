//! Which commits an event compares, and which commit has to be approved.
//!
//! Nothing is taken from the payload that the clone or the server can say: the base is the first parent
//! of the merge commit, the head its second, and that must be the newest commit of the pull request.

use super::Failure;
use crate::git::{Checkout, Comparison, GitError, Repository, Request};
use crate::github::{Context, Event, Inputs, LivePull, PullEvent};
use crate::words::sentences;

/// What to judge.
pub(super) struct Target {
    pub(super) comparison: Comparison,
    /// The commit that gets marks.
    pub(super) commit: String,
    /// The commit whose tree is what would land; `None` where the merge is made in memory.
    pub(super) landing: Option<String>,
    /// Whose reviews count.
    pub(super) reviewed: Reviewed,
}

/// What an approval must be of.
pub(super) enum Reviewed {
    /// This commit, of the pull request of the event.
    Commit(String),
    /// The newest commit of each pull request that a push to this branch has landed, with the commits that it landed.
    Landed { branch: String, commits: Vec<String> },
    /// Nothing: why not.
    Nothing(&'static str),
}

pub(super) fn resolve(
    repository: &Repository,
    context: &Context,
    inputs: &Inputs,
    live: Option<&LivePull>,
) -> Result<Target, Failure> {
    let git = |error: GitError| vec![error.to_string()];
    if matches!(context.event, Event::Pull(_) | Event::PullTarget(_) | Event::MergeGroup { .. })
        && (inputs.base.is_some() || inputs.head.is_some())
    {
        return Err(vec![sentences::BASE_AND_HEAD_ARE_KNOWN.to_owned()]);
    }
    match &context.event {
        Event::Pull(event) => pull(repository, context, event, live),
        Event::PullTarget(event) => pull_target(repository, context, event, live),
        Event::MergeGroup { base, head, .. } => {
            let comparison = repository.compare_landed(base, head, head).map_err(git)?;
            let parents = repository.checkout().map(|c: Checkout| (c.commit, c.parents)).map_err(git)?;
            let reviewed = match live {
                // A merge commit says which commit of the pull request it lands.
                Some(live) if parents == (head.clone(), vec![base.clone(), live.head.clone()]) => {
                    Reviewed::Commit(live.head.clone())
                }
                // Squashed or rebased, or with others in the group: a review counts if its content is what lands.
                Some(_) => Reviewed::Commit(head.clone()),
                None => Reviewed::Nothing(sentences::QUEUE_NAMES_NO_PULL_REQUEST),
            };
            Ok(Target { comparison, commit: head.clone(), landing: Some(head.clone()), reviewed })
        }
        Event::Push { before: Some(before), after, branch } if inputs.base.is_none() => {
            let comparison = repository.compare_landed(before, after, after).map_err(git)?;
            let reviewed = match branch {
                Some(branch) => {
                    let commits = repository.landed_since(before, after);
                    Reviewed::Landed { branch: branch.clone(), commits }
                }
                None => Reviewed::Nothing(sentences::NO_PULL_REQUEST),
            };
            Ok(Target { comparison, commit: after.clone(), landing: Some(after.clone()), reviewed })
        }
        Event::Push { after, .. } => revisions(repository, inputs, after),
        Event::Manual => revisions(repository, inputs, "HEAD"),
    }
}

fn revisions(repository: &Repository, inputs: &Inputs, head: &str) -> Result<Target, Failure> {
    let head = inputs.head.clone().unwrap_or_else(|| head.to_owned());
    let request = Request { base: inputs.base.clone(), head: Some(head) };
    let comparison = repository.compare(&request).map_err(|e| vec![e.to_string()])?;
    let commit = comparison.head_commit.clone().unwrap_or_default();
    Ok(without_pull(comparison, commit))
}

fn without_pull(comparison: Comparison, commit: String) -> Target {
    Target { comparison, commit, landing: None, reviewed: Reviewed::Nothing(sentences::NO_PULL_REQUEST) }
}

fn pull(
    repository: &Repository,
    context: &Context,
    event: &PullEvent,
    live: Option<&LivePull>,
) -> Result<Target, Failure> {
    let head = newest(event, live)?;
    let checkout = repository.checkout().map_err(|e| vec![e.to_string()])?;
    let is_merge =
        checkout.commit == context.sha && checkout.parents.len() == 2 && checkout.parents[1] == head;
    let comparison = if is_merge {
        repository.compare_landed(&checkout.parents[0], &checkout.commit, &head)
    } else if checkout.commit == head {
        let base = format!("refs/remotes/origin/{}", event.base_ref);
        repository.compare(&Request { base: Some(base), head: Some(head.clone()) })
    } else {
        return Err(vec![sentences::stale(&checkout.commit, &head)]);
    };
    let comparison = comparison.map_err(|e| vec![e.to_string()])?;
    let landing = is_merge.then(|| checkout.commit.clone());
    Ok(Target { comparison, commit: head.clone(), landing, reviewed: Reviewed::Commit(head) })
}

fn pull_target(
    repository: &Repository,
    context: &Context,
    event: &PullEvent,
    live: Option<&LivePull>,
) -> Result<Target, Failure> {
    let head = newest(event, live)?;
    if !repository.has_commit(&head) {
        return Err(vec![format!(
            "the head `{head}` is not in this clone, and `pull_request_target` checks out the default branch; set \
             `fetch-depth: 0` and fetch the objects in a step before, `git fetch origin refs/pull/{}/head`, \
             without checking them out",
            event.number
        )]);
    }
    let branch = format!("refs/remotes/origin/{}", event.base_ref);
    let request = |base: String| Request { base: Some(base), head: Some(head.clone()) };
    let comparison = match repository.compare(&request(branch)) {
        // The branch that is checked out need not be a remote one.
        Err(GitError::UnknownRevision { .. }) if context.default_branch.as_ref() == Some(&event.base_ref) => {
            repository.compare(&request(context.sha.clone()))
        }
        other => other,
    };
    let comparison = comparison.map_err(|e| vec![e.to_string()])?;
    Ok(Target { comparison, commit: head.clone(), landing: None, reviewed: Reviewed::Commit(head) })
}

/// The newest commit of the pull request, as the server says it now.
fn newest(event: &PullEvent, live: Option<&LivePull>) -> Result<String, Failure> {
    let Some(live) = live else { return Ok(event.head.clone()) };
    if live.base_ref != event.base_ref {
        return Err(vec![sentences::goes_elsewhere(&live.base_ref, &event.base_ref)]);
    }
    Ok(live.head.clone())
}
