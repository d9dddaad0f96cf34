//! What the runner says about the event: environment variables and the payload, to a [`Context`].
//!
//! The payload is frozen when the event happens and replayed by re-runs, so it only says *which* pull
//! request; what it looks like now is read from the API.

use crate::words::sentences;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where the run happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// `owner/name`.
    pub repository: String,
    /// REST base of the server.
    pub api_url: String,
    /// GraphQL address of the server.
    pub graphql_url: Option<String>,
    /// Page of the repository.
    pub page: Option<String>,
    /// Page of the Action at the version that runs, as `https://HOST/owner/flsgate/blob/COMMIT`.
    pub action: Option<String>,
    /// Page of this run.
    pub run_url: Option<String>,
    /// Run and attempt: names what this run made.
    pub run_id: String,
    /// It is run again: event and checkout are as old as the first time.
    pub again: bool,
    /// The commit that the runner checks out.
    pub sha: String,
    /// The default branch.
    pub default_branch: Option<String>,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A pull request, or a review of one: the checkout is its merge commit.
    Pull(PullEvent),
    /// The same, with the rights of the base: the checkout is the default branch.
    PullTarget(PullEvent),
    /// A merge queue asks: the checkout is what would land.
    MergeGroup {
        /// The branch that it goes into.
        base_ref: Option<String>,
        /// What is there already.
        base: String,
        /// What would land.
        head: String,
        /// The pull request that the queue's branch names.
        pull: Option<u64>,
    },
    /// A push to a branch.
    Push {
        /// The tip before; `None` for a new branch.
        before: Option<String>,
        /// The tip now.
        after: String,
        /// The branch; `None` for a tag.
        branch: Option<String>,
    },
    /// Started by hand, by a schedule or by another workflow: inputs say what to compare.
    Manual,
}

/// The pull request as it was when the event happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullEvent {
    /// Its number.
    pub number: u64,
    /// The tip of its branch.
    pub head: String,
    /// The branch it goes into.
    pub base_ref: String,
    /// Who pushed, if the event is a push to the pull request.
    pub pusher: Option<u64>,
}

#[derive(Deserialize, Default)]
struct Payload {
    action: Option<String>,
    number: Option<u64>,
    pull_request: Option<PayloadPull>,
    merge_group: Option<PayloadGroup>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    before: Option<String>,
    after: Option<String>,
    deleted: Option<bool>,
    repository: Option<PayloadRepository>,
    sender: Option<PayloadUser>,
}

#[derive(Deserialize)]
struct PayloadPull {
    number: Option<u64>,
    head: PayloadRef,
    base: PayloadRef,
}

#[derive(Deserialize)]
struct PayloadRef {
    #[serde(rename = "ref")]
    name: String,
    sha: String,
}

#[derive(Deserialize)]
struct PayloadGroup {
    head_sha: String,
    head_ref: Option<String>,
    base_ref: Option<String>,
    base_sha: String,
}

#[derive(Deserialize)]
struct PayloadRepository {
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct PayloadUser {
    id: u64,
}

impl Context {
    /// Reads what the runner says. `payload` is the file that `GITHUB_EVENT_PATH` names.
    ///
    /// # Errors
    /// What is missing or cannot be judged, and the next step.
    pub fn read(env: &BTreeMap<String, String>, payload: &[u8]) -> Result<Self, String> {
        let get = |name: &str| env.get(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let need = |name: &str| get(name).ok_or_else(|| sentences::variable_is_missing(name));
        let repository = need("GITHUB_REPOSITORY")?;
        if !is_repository(&repository) {
            return Err("`GITHUB_REPOSITORY` is no `owner/name`".to_owned());
        }
        let name = need("GITHUB_EVENT_NAME")?;
        let payload: Payload = if payload.is_empty() {
            Payload::default()
        } else {
            serde_json::from_slice(payload)
                .map_err(|e| format!("the event file cannot be read: {e}; run the workflow again"))?
        };
        let sha = need("GITHUB_SHA")?;
        let run = get("GITHUB_RUN_ID").unwrap_or_else(|| "0".to_owned());
        let attempt = get("GITHUB_RUN_ATTEMPT").unwrap_or_else(|| "1".to_owned());
        let server = get("GITHUB_SERVER_URL");
        let page = server.as_ref().map(|server| format!("{server}/{repository}"));
        let action = match (server, get("GITHUB_ACTION_REPOSITORY"), get("GITHUB_ACTION_REF")) {
            (Some(server), Some(action), Some(at)) if is_repository(&action) && is_slug(&at) => {
                Some(format!("{server}/{action}/blob/{at}"))
            }
            _ => None,
        };
        Ok(Context {
            api_url: get("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned()),
            graphql_url: get("GITHUB_GRAPHQL_URL"),
            run_url: page.as_ref().map(|page| format!("{page}/actions/runs/{run}")),
            page,
            action,
            run_id: format!("{run}-{attempt}"),
            again: attempt != "1",
            default_branch: payload.repository.as_ref().and_then(|r| r.default_branch.clone()),
            event: event(&name, payload, &sha)?,
            repository,
            sha,
        })
    }

    /// The branch that a verdict of this event is about; `None` where no change waits to go into one.
    pub fn base_branch(&self) -> Option<&str> {
        match &self.event {
            Event::Pull(pull) | Event::PullTarget(pull) => Some(&pull.base_ref),
            Event::MergeGroup { base_ref, .. } => base_ref.as_deref(),
            Event::Push { .. } | Event::Manual => None,
        }
    }

    /// Where the docs of the rules are, at the version that runs: a page of the Action's own repository.
    pub fn rule_pages(&self) -> Option<String> {
        self.action.as_ref().map(|page| format!("{page}/docs/rules"))
    }

    /// The pull request that the event is about.
    pub fn pull(&self) -> Option<u64> {
        match &self.event {
            Event::Pull(pull) | Event::PullTarget(pull) => Some(pull.number),
            Event::MergeGroup { pull, .. } => *pull,
            Event::Push { .. } | Event::Manual => None,
        }
    }
}

/// `owner/name`.
fn is_repository(text: &str) -> bool {
    text.split_once('/').is_some_and(|(owner, name)| is_slug(owner) && is_slug(name))
}

/// One part of an address, with nothing in it that would have to be escaped.
fn is_slug(part: &str) -> bool {
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    !part.is_empty() && part != "." && part != ".." && part.bytes().all(fine)
}

fn event(name: &str, payload: Payload, sha: &str) -> Result<Event, String> {
    let again = "run the workflow again";
    match name {
        "pull_request" | "pull_request_review" => Ok(Event::Pull(pull(payload)?)),
        "pull_request_target" => Ok(Event::PullTarget(pull(payload)?)),
        "merge_group" => {
            let group =
                payload.merge_group.ok_or_else(|| format!("the event file has no `merge_group`; {again}"))?;
            let pull = group.head_ref.as_deref().and_then(queued);
            let base_ref = group.base_ref.map(|name| match name.strip_prefix("refs/heads/") {
                Some(branch) => branch.to_owned(),
                None => name,
            });
            let (base, head) = (object_id(group.base_sha)?, object_id(group.head_sha)?);
            Ok(Event::MergeGroup { base_ref, base, head, pull })
        }
        "push" => {
            if payload.deleted == Some(true) {
                return Err("the push deletes a branch, so there is nothing to judge; \
                            leave such events out of the workflow"
                    .to_owned());
            }
            let after = payload.after.unwrap_or_else(|| sha.to_owned());
            let new = |sha: &String| sha.bytes().any(|b| b != b'0');
            let before = payload.before.filter(new).map(object_id).transpose()?;
            let branch =
                payload.reference.and_then(|name| Some(name.strip_prefix("refs/heads/")?.to_owned()));
            Ok(Event::Push { before, after: object_id(after)?, branch })
        }
        "workflow_dispatch" | "schedule" | "repository_dispatch" | "workflow_call" => Ok(Event::Manual),
        other => Err(format!(
            "the event `{other}` cannot be judged; use `pull_request`, `pull_request_review`, \
             `pull_request_target`, `merge_group`, `push`, `schedule` or `workflow_dispatch`"
        )),
    }
}

fn pull(payload: Payload) -> Result<PullEvent, String> {
    let again = "run the workflow again";
    let pull =
        payload.pull_request.ok_or_else(|| format!("the event file has no `pull_request`; {again}"))?;
    let number = payload.number.or(pull.number);
    let number = number.ok_or_else(|| format!("the event file has no pull request number; {again}"))?;
    let pushed = payload.action.as_deref() == Some("synchronize");
    Ok(PullEvent {
        number,
        head: object_id(pull.head.sha)?,
        base_ref: pull.base.name,
        pusher: payload.sender.filter(|_| pushed).map(|s| s.id),
    })
}

fn object_id(text: String) -> Result<String, String> {
    if text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err("the event file names a commit that is no commit id; run the workflow again".to_owned())
}

/// The pull request of a queue's branch: `…/gh-readonly-queue/main/pr-104-<commit>`.
fn queued(branch: &str) -> Option<u64> {
    let (_, rest) = branch.rsplit_once("/pr-")?;
    rest.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";

    fn read(name: &str, payload: &str) -> Result<Context, String> {
        let env = [("GITHUB_REPOSITORY", "acme/crm"), ("GITHUB_EVENT_NAME", name), ("GITHUB_SHA", A)];
        let more = [("GITHUB_SERVER_URL", "https://ghes.example"), ("GITHUB_RUN_ID", "7")];
        let env = env.iter().chain(&more).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Context::read(&env, payload.as_bytes())
    }

    fn pull_payload(action: &str) -> String {
        format!(
            r#"{{"action":"{action}","number":42,"sender":{{"id":5}},"pull_request":{{"number":42,
                "head":{{"ref":"x","sha":"{B}","repo":null}},"base":{{"ref":"main","sha":"{A}"}}}}}}"#
        )
    }

    #[test]
    fn a_pull_request_is_its_number_head_and_base_branch() {
        for (name, action, pusher) in
            [("pull_request", "synchronize", Some(5)), ("pull_request_review", "submitted", None)]
        {
            let context = read(name, &pull_payload(action)).unwrap_or_else(|e| panic!("{e}"));
            let pull = PullEvent { number: 42, head: B.into(), base_ref: "main".into(), pusher };
            assert_eq!((context.pull(), &context.event), (Some(42), &Event::Pull(pull)));
            assert_eq!(context.run_url.as_deref(), Some("https://ghes.example/acme/crm/actions/runs/7"));
            assert_eq!(context.run_id, "7-1");
        }
        let target = read("pull_request_target", &pull_payload("opened"));
        assert!(matches!(target.map(|c| c.event), Ok(Event::PullTarget(_))));
    }

    #[test]
    fn a_merge_queue_names_its_pull_request_in_the_branch() {
        let payload = format!(
            r#"{{"merge_group":{{"head_sha":"{B}","base_sha":"{A}","base_ref":"refs/heads/main",
                "head_ref":"refs/heads/gh-readonly-queue/main/pr-104-{A}"}}}}"#
        );
        let context = read("merge_group", &payload).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            context.event,
            Event::MergeGroup {
                base_ref: Some("main".into()),
                base: A.into(),
                head: B.into(),
                pull: Some(104)
            }
        );
    }

    #[test]
    fn a_new_branch_has_no_tip_before() {
        let zeros = "0".repeat(40);
        let push = read("push", &format!(r#"{{"ref":"refs/heads/main","before":"{zeros}","after":"{B}"}}"#));
        let event = Event::Push { before: None, after: B.into(), branch: Some("main".into()) };
        assert_eq!(push.map(|c| c.event), Ok(event));
    }

    #[test]
    fn what_cannot_be_judged_says_why() {
        for (name, payload, part) in [
            ("issue_comment", "{}", "the event `issue_comment` cannot be judged"),
            ("issue_comment", "{}", "`schedule`"),
            ("pull_request", "{}", "no `pull_request`"),
            ("pull_request", "[", "the event file cannot be read"),
            ("push", r#"{"deleted":true}"#, "deletes a branch"),
            ("push", r#"{"after":"HEAD"}"#, "no commit id"),
        ] {
            let error = read(name, payload).err().unwrap_or_default();
            assert!(error.contains(part), "{error}");
        }
    }
}
