//! A run's talk with the server, for callers without async code.

use super::client::{Client, Clock, Connection};
use super::diff;
use super::doctor::Protection;
use super::error::ApiError;
use super::plan::{Author, Shown, plan};
use super::pulls::Api;
use super::since::Change;
use super::status::Target;
use super::types::Pull;
use super::{Context, Inputs, Secret};
use crate::finding::Severity;
use crate::gate::{Approvals, Verdict};
use crate::policy::Approvers;
use crate::report::markdown::Links;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

/// The account that a workflow's own token posts with.
const WORKFLOW_BOT: &str = "github-actions[bot]";

/// Real time.
#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs())
    }

    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// The pull request as it is now.
#[derive(Clone, Debug)]
pub struct LivePull {
    /// Its number.
    pub number: u64,
    /// The tip of its branch.
    pub head: String,
    /// The branch it goes into.
    pub base_ref: String,
    pull: Pull,
}

/// What became of publishing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Every finding that weighs has a comment.
    pub all_shown: bool,
    /// What could not be done, and the next step.
    pub problems: Vec<String>,
}

/// A connection with a token.
pub struct Session {
    runtime: tokio::runtime::Runtime,
    api: Api,
    graphql: Option<String>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("api", &self.api).finish_non_exhaustive()
    }
}

impl Session {
    /// Sets up a connection; nothing is sent yet.
    ///
    /// # Errors
    /// What is wrong with address, certificates or proxy settings, and the next step.
    pub fn open(
        connection: &Connection,
        repository: &str,
        graphql_url: Option<&str>,
        token: &Secret,
        team_token: Option<&Secret>,
    ) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| format!("cannot start the network: {e}"))?;
        // The client looks for a runtime when it is made.
        let (client, team_client) = {
            let _inside = runtime.enter();
            let team = team_token.map(|token| Client::new(connection, token)).transpose()?;
            (Client::new(connection, token)?, team)
        };
        let api = Api { client, team_client, root: format!("/repos/{repository}") };
        Ok(Session { runtime, api, graphql: graphql_url.map(str::to_owned) })
    }

    /// The pull request as it is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn pull(&self, number: u64) -> Result<LivePull, ApiError> {
        let pull = self.runtime.block_on(self.api.pull(number))?;
        let (head, base_ref) = (pull.head.sha.clone(), pull.base.name.clone());
        Ok(LivePull { number, head, base_ref, pull })
    }

    /// What protects a branch; `None` is the default branch.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn protection(&self, branch: Option<&str>) -> Result<Protection, ApiError> {
        self.runtime.block_on(self.api.protection(branch))
    }

    /// Who approved the change, and whether that is enough. `pushers` are known to have pushed.
    pub fn approvals(
        &self,
        live: &LivePull,
        change: &Change<'_>,
        pushers: &[u64],
        approvers: &Approvers,
    ) -> Approvals {
        self.runtime.block_on(self.api.approvals(live.number, &live.pull, change, pushers, approvers))
    }

    /// Publishes a verdict: comments on the pull request, if there is one, and marks on its head. What
    /// fails is told, and changes nothing else.
    pub fn publish(
        &self,
        verdict: &Verdict,
        live: Option<&LivePull>,
        commit: &str,
        context: &Context,
        inputs: &Inputs,
        links: &Links,
    ) -> Published {
        self.runtime.block_on(async {
            let mut published = Published::default();
            let target =
                Target { commit, run_url: context.run_url.as_deref(), run_id: context.run_id.as_str() };
            // What blocks comes first, should the job be cut short.
            if let Some(name) = &inputs.commit_status {
                published.note(self.api.status(target, name, verdict).await);
            }
            if let Some(live) = live {
                let author = self.author(inputs).await;
                if inputs.review_comments {
                    self.comment(verdict, live, commit, &author, &mut published).await;
                }
                if inputs.summary_comment {
                    published.note(self.api.sticky(live.number, verdict, links, &author).await);
                }
            }
            if let Some(name) = &inputs.check_run {
                published.note(self.api.check_run(target, name, verdict, links).await);
            }
            published
        })
    }

    /// Marks a commit that could not be judged.
    ///
    /// # Errors
    /// When the server does not take it.
    pub fn fail(&self, commit: &str, name: &str, context: &Context) -> Result<(), ApiError> {
        let target = Target { commit, run_url: context.run_url.as_deref(), run_id: &context.run_id };
        self.runtime.block_on(self.api.failed(target, name))
    }

    /// The account that posts. A workflow's token cannot ask for its user, but for its viewer.
    async fn author(&self, inputs: &Inputs) -> Author {
        if let Some(login) = &inputs.comment_author {
            return Author { login: login.clone() };
        }
        let query = json!({ "query": "query { viewer { login } }" });
        let viewer = match &self.graphql {
            Some(url) => self.api.client.graphql("read the own account", url, &query).await.ok(),
            None => None,
        };
        let login = viewer.as_ref().and_then(|v| v.pointer("/viewer/login")).and_then(Value::as_str);
        Author { login: login.unwrap_or(WORKFLOW_BOT).to_owned() }
    }

    async fn comment(
        &self,
        verdict: &Verdict,
        live: &LivePull,
        commit: &str,
        author: &Author,
        published: &mut Published,
    ) {
        let api = &self.api;
        let existing = match api.review_comments(live.number).await {
            Ok(existing) => existing,
            // Without knowing what is there, posting could repeat it.
            Err(error) => return published.note(Err(error)),
        };
        let mut shown = Shown::new();
        if verdict.findings.iter().any(|f| f.severity > Severity::Note) {
            match api.files(live.number, &live.pull).await {
                Ok(files) => {
                    if !files.complete {
                        published.problems.push(format!(
                            "the server lists {} of {} files; findings in the others are in the summary only",
                            files.files.len(),
                            live.pull.changed_files
                        ));
                    }
                    let hunks = |patch: Option<String>| diff::hunks(&patch.unwrap_or_default());
                    shown = files.files.into_iter().map(|f| (f.filename, hunks(f.patch))).collect();
                }
                Err(error) => published.note(Err(error)),
            }
        }
        let plan = plan(verdict, &shown, &existing, author, commit);
        let mut posted = api.post(live.number, commit, &plan, author).await;
        for error in std::mem::take(&mut posted.problems) {
            published.note(Err(error));
        }
        let rejected = posted.rejected.len();
        if rejected > 0 {
            published.problems.push(format!(
                "the server did not take {rejected} comments at their lines; they are in the summary"
            ));
        }
        let mut visible = plan.shown.clone();
        visible.extend(posted.keys.iter().filter_map(|k| k.strip_prefix("fp=")).map(str::to_owned));
        for file in plan.files.iter().filter(|f| posted.keys.contains(&f.key)) {
            visible.extend(file.findings.iter().cloned());
        }
        let weighty = verdict.findings.iter().filter(|f| f.severity > Severity::Note);
        let wanted: BTreeSet<String> = weighty.map(|f| f.fingerprint()).collect();
        let missing = wanted.difference(&visible).count();
        published.all_shown = missing == 0;
        if missing > 0 && published.problems.is_empty() {
            published.problems.push(format!("{missing} findings have no comment; they are in the summary"));
        }
    }
}

impl Published {
    fn note(&mut self, result: Result<(), ApiError>) {
        if let Err(error) = result {
            self.problems.push(error.to_string());
        }
    }
}
