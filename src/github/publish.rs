//! Publishing a verdict: a commit status, comments on the pull request, a check run. What fails is told, and changes no
//! verdict.

use super::diff;
use super::error::{ApiError, by_cause};
use super::inputs::for_base;
use super::plan::{Author, Shown, comment_text, has_marker, plan, says};
use super::session::{LivePull, Session};
use super::status::{
    Page, Target, digest, is_quiet, own_sticky, state, sticky_body, sticky_key, without_verdict,
};
use super::types::{Comment, CommitStatus};
use super::{Context, Event, Inputs};
use crate::finding::Severity;
use crate::gate::Verdict;
use crate::report::markdown::Links;
use crate::words::sentences;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The account that a workflow's own token posts with.
const WORKFLOW_BOT: &str = "github-actions[bot]";

/// What became of publishing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Every finding that weighs has a comment.
    pub all_shown: bool,
    /// What else people should know.
    pub problems: Vec<String>,
    errors: Vec<ApiError>,
}

impl Session {
    /// Publishes a verdict: comments on the pull request, if there is one, and marks on its head. What
    /// fails is told, and changes nothing else.
    pub fn publish(&self, wanted: &Publication<'_>) -> Published {
        self.runtime.block_on(async {
            let mut published = Published::default();
            let base = wanted.context.base_branch();
            let existing = match wanted.live {
                Some(live) if wanted.inputs.summary_comment => self.api.page_comments(live.number).await,
                _ => Ok(Vec::new()),
            };
            // What blocks comes before all that is only told, should the job be cut short.
            if let Some(name) = wanted.inputs.commit_status.as_deref().and_then(|name| for_base(name, base)) {
                let says = state(wanted.verdict, &wanted.context.event);
                let first = wanted.is_first_run(&existing);
                let said = if first { None } else { self.api.newest_status(wanted.commit, &name).await };
                if !self.is_set(said, &says, wanted.inputs).await {
                    published.note(self.api.status(wanted.target(), &name, says).await);
                }
            }
            let check_run = wanted.inputs.check_run.as_deref().and_then(|name| for_base(name, base));
            published.problems.extend(wanted.without_base());
            match wanted.live {
                Some(live) => {
                    let check_run = check_run.as_deref();
                    self.on_the_pull_request(wanted, live, check_run, existing, &mut published).await;
                }
                None => self.check_run(wanted, check_run.as_deref(), &mut published).await,
            }
            published
        })
    }

    async fn check_run(&self, wanted: &Publication<'_>, name: Option<&str>, published: &mut Published) {
        if let Some(name) = name {
            let done = self.api.check_run(wanted.target(), name, wanted.page(), wanted.in_head).await;
            published.note(done);
        }
    }

    /// Comments, and the check run. The summary comment comes last, and its marker says whether all the rest is
    /// there: then a further run of the same has nothing to read and nothing to write.
    async fn on_the_pull_request(
        &self,
        wanted: &Publication<'_>,
        live: &LivePull,
        check_run: Option<&str>,
        existing: Result<Vec<Comment>, ApiError>,
        published: &mut Published,
    ) {
        let inputs = wanted.inputs;
        let digest = wanted.digest(live, check_run);
        if let Some(all_shown) = existing.as_ref().ok().and_then(|all| unchanged(wanted, all, &digest)) {
            published.all_shown = all_shown;
            return;
        }
        let author = self.author(inputs).await;
        if inputs.review_comments {
            self.comment(wanted, live, &author, published).await;
        }
        self.check_run(wanted, check_run, published).await;
        match existing {
            Ok(existing) if inputs.summary_comment => {
                let done = published.is_whole().then_some((digest.as_str(), published.all_shown));
                let key = sticky_key(done);
                published.note(self.api.sticky(live.number, wanted.page(), &existing, &key, &author).await);
            }
            Ok(_) => {}
            Err(error) => published.note(Err(error)),
        }
    }

    /// Marks a commit that could not be judged.
    ///
    /// # Errors
    /// When the server does not take it.
    pub fn fail(&self, commit: &str, name: &str, context: &Context, inputs: &Inputs) -> Result<(), ApiError> {
        let Some(name) = for_base(name, context.base_branch()) else { return Ok(()) };
        let target = Target { commit, run_url: context.run_url.as_deref(), run_id: &context.run_id };
        self.runtime.block_on(async {
            let said = self.api.newest_status(commit, &name).await;
            match self.is_set(said, &without_verdict(), inputs).await {
                true => Ok(()),
                false => self.api.status(target, &name, without_verdict()).await,
            }
        })
    }

    /// Whether the newest status of a context is ours and says this already. Anybody may have set one that says the
    /// same; who it was decides where a source is required.
    async fn is_set(
        &self,
        said: Option<CommitStatus>,
        says: &(&'static str, String),
        inputs: &Inputs,
    ) -> bool {
        let (state, description) = says;
        let Some(said) = said.filter(|s| s.state == *state && s.description.as_deref() == Some(description))
        else {
            return false;
        };
        let known = Author { login: account(inputs).to_owned() };
        known.wrote(said.creator.as_ref()) || self.author(inputs).await.wrote(said.creator.as_ref())
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
        wanted: &Publication<'_>,
        live: &LivePull,
        author: &Author,
        published: &mut Published,
    ) {
        let (api, verdict, commit) = (&self.api, wanted.verdict, wanted.commit);
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
                        let all = live.pull.changed_files;
                        published.problems.push(sentences::files_not_listed(files.files.len(), all));
                    }
                    let there = files.files.into_iter().filter(|f| wanted.in_head.contains(&f.filename));
                    let hunks = |patch: Option<String>| diff::hunks(&patch.unwrap_or_default());
                    shown = there.map(|f| (f.filename, hunks(f.patch))).collect();
                }
                Err(error) => published.note(Err(error)),
            }
        }
        let plan = plan(verdict, &shown, &existing, author, commit, wanted.links);
        let mut posted = api.post(live.number, commit, &plan, author).await;
        published.errors.append(&mut posted.problems);
        if !posted.refused() && !plan.resolved.is_empty() {
            self.resolve_threads(live.number, wanted.context, &plan.resolved).await;
        }
        if !posted.rejected.is_empty() {
            published.problems.push(sentences::comments_refused(posted.rejected.len()));
        }
        let mut visible = plan.shown.clone();
        visible.extend(posted.keys.iter().filter_map(|k| k.strip_prefix("fp=")).map(str::to_owned));
        for file in plan.files.iter().filter(|f| posted.keys.contains(&f.key)) {
            visible.extend(file.findings.iter().cloned());
        }
        let weighty = verdict.findings.iter().filter(|f| f.severity > Severity::Note);
        let wanted: BTreeSet<String> = weighty.map(|f| f.fingerprint()).collect();
        published.all_shown = wanted.is_subset(&visible);
    }

    /// Closes the threads of comments whose finding is gone, where the token may. That is good manners and nothing
    /// more, so what fails is passed over.
    async fn resolve_threads(&self, number: u64, context: &Context, comments: &[u64]) {
        let Some(url) = &self.graphql else { return };
        let Some((owner, name)) = context.repository.split_once('/') else { return };
        let client = &self.api.client;
        let mut after = Value::Null;
        for _ in 0..MAX_THREAD_PAGES {
            let variables = json!({ "owner": owner, "name": name, "number": number, "after": after });
            let query = json!({ "query": THREADS, "variables": variables });
            let Ok(answer) = client.graphql("read the threads", url, &query).await else { return };
            let threads = answer.pointer("/repository/pullRequest/reviewThreads").unwrap_or(&Value::Null);
            for thread in threads.get("nodes").and_then(Value::as_array).into_iter().flatten() {
                if let Some(id) = to_resolve(thread, comments) {
                    let body = json!({ "query": RESOLVE, "variables": { "thread": id } });
                    let _ = client.graphql("resolve a thread", url, &body).await;
                }
            }
            match threads.pointer("/pageInfo/hasNextPage").and_then(Value::as_bool) {
                Some(true) => after = threads.pointer("/pageInfo/endCursor").cloned().unwrap_or_default(),
                _ => return,
            }
        }
    }
}

/// Threads of a pull request, with the comment that each begins with.
const THREADS: &str = "query($owner: String!, $name: String!, $number: Int!, $after: String) { repository(owner: $owner, \
     name: $name) { pullRequest(number: $number) { reviewThreads(first: 100, after: $after) { pageInfo { hasNextPage \
     endCursor } nodes { id isResolved viewerCanResolve comments(first: 1) { nodes { fullDatabaseId } } } } } } }";
const RESOLVE: &str =
    "mutation($thread: ID!) { resolveReviewThread(input: { threadId: $thread }) { thread { isResolved } } }";
/// A pull request with more threads than these pages hold has other worries.
const MAX_THREAD_PAGES: usize = 10;

/// The id of an open thread that begins with one of `comments` and that the token may resolve.
fn to_resolve<'t>(thread: &'t Value, comments: &[u64]) -> Option<&'t str> {
    let is = |name: &str| thread.get(name).and_then(Value::as_bool).unwrap_or(false);
    let first = thread.pointer("/comments/nodes/0/fullDatabaseId")?;
    // The server writes numbers of this size as text.
    let number = first.as_u64().or_else(|| first.as_str()?.parse().ok())?;
    let wanted = comments.contains(&number) && !is("isResolved") && is("viewerCanResolve");
    wanted.then(|| thread.get("id")?.as_str())?
}

/// What to publish, and where.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'p> {
    /// The verdict.
    pub verdict: &'p Verdict,
    /// The pull request, if comments belong on one.
    pub live: Option<&'p LivePull>,
    /// The commit that gets marks.
    pub commit: &'p str,
    /// The event.
    pub context: &'p Context,
    /// What was asked for.
    pub inputs: &'p Inputs,
    /// Where places can be looked at.
    pub links: &'p Links,
    /// Paths of findings that the head has: only those can carry a comment.
    pub in_head: &'p BTreeSet<String>,
}

impl<'p> Publication<'p> {
    fn target(&self) -> Target<'p> {
        let context = self.context;
        Target { commit: self.commit, run_url: context.run_url.as_deref(), run_id: context.run_id.as_str() }
    }

    fn page(&self) -> Page<'p> {
        Page { verdict: self.verdict, links: self.links }
    }

    /// Names that ask for a base on an event of a queue that names none.
    fn without_base(&self) -> Vec<String> {
        if !matches!(self.context.event, Event::MergeGroup { base_ref: None, .. }) {
            return Vec::new();
        }
        let names = [("commit-status", &self.inputs.commit_status), ("check-run", &self.inputs.check_run)];
        let lost = names
            .into_iter()
            .filter(|(_, name)| name.as_deref().is_some_and(|n| for_base(n, None).is_none()));
        lost.map(|(input, _)| sentences::no_base_for(input)).collect()
    }

    /// No run has posted on the pull request: then there is nothing to compare with.
    fn is_first_run(&self, existing: &Result<Vec<Comment>, ApiError>) -> bool {
        let marked = |all: &Vec<Comment>| all.iter().any(|c| c.body.as_deref().is_some_and(has_marker));
        let posts = self.live.is_some() && self.inputs.summary_comment && !is_quiet(self.verdict);
        posts && existing.as_ref().is_ok_and(|all| !marked(all))
    }

    /// Names all that comments and check run are made of.
    fn digest(&self, live: &LivePull, check_run: Option<&str>) -> String {
        let mut parts = vec![
            env!("CARGO_PKG_VERSION").to_owned(),
            self.commit.to_owned(),
            live.base_ref.clone(),
            format!("{} {check_run:?} {}", self.inputs.review_comments, self.verdict.outcome),
        ];
        for finding in &self.verdict.findings {
            let lines = finding.place.location();
            parts.push(format!("{} {} {lines:?}", finding.fingerprint(), finding.place.path()));
            parts.push(comment_text(finding, self.links));
        }
        digest(&parts)
    }
}

/// The account that the token of a run posts with, as far as it is known without asking.
fn account(inputs: &Inputs) -> &str {
    inputs.comment_author.as_deref().unwrap_or(WORKFLOW_BOT)
}

/// Whether an earlier run has posted all this already: then whether every finding has a comment. Only accounts that
/// could change our comments anyway can write such a marker.
fn unchanged(wanted: &Publication<'_>, existing: &[Comment], digest: &str) -> Option<bool> {
    let author = Author { login: account(wanted.inputs).to_owned() };
    let sticky = own_sticky(existing, &author)?;
    [true, false]
        .into_iter()
        .find(|all| says(sticky, &sticky_body(wanted.page(), &sticky_key(Some((digest, *all))))))
}

impl Published {
    fn note(&mut self, result: Result<(), ApiError>) {
        self.errors.extend(result.err());
    }

    /// Everything that was asked for is there.
    fn is_whole(&self) -> bool {
        self.errors.is_empty() && self.problems.is_empty()
    }

    /// What could not be done, each cause once, and what to do.
    pub fn told(&self) -> Vec<String> {
        let mut told = by_cause(&self.errors);
        told.extend(self.problems.iter().cloned());
        told
    }
}
