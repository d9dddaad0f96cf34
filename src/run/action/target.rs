//! Which commits an event compares, and which commit has to be approved.
//!
//! Nothing is taken from the payload that the clone or the server can say: the base is the first parent
//! of the merge commit, the head its second, and that must be the newest commit of the pull request.

use super::Failure;
use crate::git::{Checkout, Comparison, GitError, Repository, Request};
use crate::github::{Context, Event, Inputs, LivePull, PullEvent};

/// What to judge.
pub(super) struct Target {
    pub(super) comparison: Comparison,
    /// The commit that gets marks.
    pub(super) commit: String,
    /// The commit that an approval must be of, or why no approval can be of this.
    pub(super) reviewed: Result<String, String>,
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
        return Err(vec![
            "inputs `base` and `head` are for events without a pull request; leave them out".to_owned(),
        ]);
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
                    Ok(live.head.clone())
                }
                // Squashed or rebased, or with others in the group: a review counts if its content is what lands.
                Some(_) => Ok(head.clone()),
                None => {
                    Err("the branch of the merge queue names no pull request that could be read".to_owned())
                }
            };
            Ok(Target { comparison, commit: head.clone(), reviewed })
        }
        Event::Push { before: Some(before), after } if inputs.base.is_none() => {
            let comparison = repository.compare_landed(before, after, after).map_err(git)?;
            Ok(without_pull(comparison, after.clone()))
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
    Target { comparison, commit, reviewed: Err("the event names no pull request".to_owned()) }
}

fn pull(
    repository: &Repository,
    context: &Context,
    event: &PullEvent,
    live: Option<&LivePull>,
) -> Result<Target, Failure> {
    let head = newest(event, live)?;
    let checkout = repository.checkout().map_err(|e| vec![e.to_string()])?;
    let comparison = if checkout.commit == context.sha
        && checkout.parents.len() == 2
        && checkout.parents[1] == head
    {
        repository.compare_landed(&checkout.parents[0], &checkout.commit, &head)
    } else if checkout.commit == head {
        let base = format!("refs/remotes/origin/{}", event.base_ref);
        repository.compare(&Request { base: Some(base), head: Some(head.clone()) })
    } else {
        return Err(vec![format!(
            "the checkout `{}` is not the merge of the pull request's newest commit `{head}`; this run is stale, \
             so push or reopen to get a run of that commit (actions/checkout needs no `ref`)",
            checkout.commit
        )]);
    };
    let comparison = comparison.map_err(|e| vec![e.to_string()])?;
    Ok(Target { comparison, commit: head.clone(), reviewed: Ok(head) })
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
    Ok(Target { comparison, commit: head.clone(), reviewed: Ok(head) })
}

/// The newest commit of the pull request, as the server says it now.
fn newest(event: &PullEvent, live: Option<&LivePull>) -> Result<String, Failure> {
    let Some(live) = live else { return Ok(event.head.clone()) };
    if live.base_ref != event.base_ref {
        return Err(vec![format!(
            "the pull request now goes into `{}`, and this run is of `{}`; push or reopen to get a new run",
            live.base_ref, event.base_ref
        )]);
    }
    Ok(live.head.clone())
}
