//! The sticky comment, the commit status and the check run.

use super::Event;
use super::error::ApiError;
use super::plan::{Author, key, marked, says};
use super::pulls::{Api, percent};
use super::types::{CheckRun, Comment, CommitStatus};
use crate::finding::{Finding, Severity};
use crate::gate::{Outcome, Verdict};
use crate::report::{clean, headline, markdown};
use crate::words::sentences;
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The server takes 65,536 characters.
const COMMENT_BYTES: usize = 60_000;
/// "No more than 50 items are allowed".
const ANNOTATIONS: usize = 50;
/// Annotations of one run; the summary has all findings.
const MAX_ANNOTATIONS: usize = 1_000;
/// "The short description of the feedback": 64 KB at the most.
const MESSAGE_BYTES: usize = 60_000;
/// Longest description of a status.
const DESCRIPTION: usize = 140;
const STICKY: &str = "sticky";

/// A commit that gets marks, and where people read more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'t> {
    pub(super) commit: &'t str,
    pub(super) run_url: Option<&'t str>,
    pub(super) run_id: &'t str,
}

/// What a page needs beside the verdict.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page<'p> {
    pub(super) verdict: &'p Verdict,
    pub(super) links: &'p markdown::Links,
}

impl Api {
    /// Keeps one comment with the whole verdict, ended by a marker with `key`. Nothing is posted where there is
    /// nothing to say.
    pub(super) async fn sticky(
        &self,
        number: u64,
        page: Page<'_>,
        existing: &[Comment],
        key: &str,
        author: &Author,
    ) -> Result<(), ApiError> {
        let own = own_sticky(existing, author);
        let body = sticky_body(page, key);
        let quiet = is_quiet(page.verdict);
        match own {
            Some(comment) if says(comment, &body) => Ok(()),
            Some(comment) => {
                let route = format!("{}/issues/comments/{}", self.root, comment.id);
                let body = json!({ "body": body });
                let _: Value =
                    self.client.write("edit the summary comment", Method::PATCH, &route, &body, true).await?;
                Ok(())
            }
            None if quiet => Ok(()),
            None => self.post_sticky(number, &body, author).await,
        }
    }

    async fn post_sticky(&self, number: u64, body: &str, author: &Author) -> Result<(), ApiError> {
        let route = format!("{}/issues/{number}/comments", self.root);
        let body = json!({ "body": body });
        let what = "post the summary comment";
        let posted: Result<Value, _> = self.client.write(what, Method::POST, &route, &body, false).await;
        match posted {
            Err(error) if error.may_have_happened() => {
                // Without an answer it may be there.
                let there = self.page_comments(number).await?;
                if own_sticky(&there, author).is_some() {
                    return Ok(());
                }
                self.client.write::<_, Value>(what, Method::POST, &route, &body, false).await.map(|_| ())
            }
            other => other.map(|_| ()),
        }
    }

    /// The newest status of a context, if it can be read: not being able to is no reason not to write.
    pub(super) async fn newest_status(&self, commit: &str, context: &str) -> Option<CommitStatus> {
        let route = format!("{}/commits/{commit}/statuses?per_page=100", self.root);
        let statuses: Result<Vec<CommitStatus>, _> =
            self.client.get("read the commit statuses", &route).await;
        statuses.unwrap_or_default().into_iter().find(|s| s.context.eq_ignore_ascii_case(context))
    }

    /// Sets the commit status. Of a context the newest counts, so doing it twice does no harm.
    pub(super) async fn status(
        &self,
        target: Target<'_>,
        context: &str,
        (state, description): (&str, String),
    ) -> Result<(), ApiError> {
        let mut body = json!({ "state": state, "context": context, "description": description });
        if let Some(url) = target.run_url {
            body["target_url"] = json!(url);
        }
        let route = format!("{}/statuses/{}", self.root, target.commit);
        let _: Value = self.client.write("set the commit status", Method::POST, &route, &body, true).await?;
        Ok(())
    }

    /// Keeps a check run with annotations, fifty a request. Annotations cannot be taken back: the same findings are an
    /// update without them, other findings a new run.
    pub(super) async fn check_run(
        &self,
        target: Target<'_>,
        name: &str,
        page: Page<'_>,
        in_head: &BTreeSet<String>,
    ) -> Result<(), ApiError> {
        let verdict = page.verdict;
        let shown = verdict
            .findings
            .iter()
            .filter(|f| !f.place.is_of_base() && in_head.contains(f.place.path().as_str()));
        let annotations: Vec<Value> = shown.take(MAX_ANNOTATIONS).map(annotation).collect();
        let digest = digest([&Value::from(annotations.clone()).to_string()]);
        let title = short(&headline(verdict));
        let summary = markdown::summary(verdict, page.links, COMMENT_BYTES);
        let conclusion = match verdict.outcome {
            Outcome::Passed => "success",
            Outcome::Waiting => "action_required",
            Outcome::Blocked | Outcome::Undecided => "failure",
        };
        let ours = format!("flsgate-{digest}-");
        let newest = self.check_runs(target, name).await?.into_iter().max_by_key(|run| run.id);
        let same = newest.filter(|run| {
            let id = run.external_id.as_deref().unwrap_or_default();
            id.starts_with(&ours) && run.status.as_deref() == Some("completed")
        });
        if let Some(run) = same {
            let there = run.output.as_ref();
            let says =
                |part: Option<&String>, text: &str| part.is_some_and(|p| p.trim_end() == text.trim_end());
            if run.conclusion.as_deref() == Some(conclusion)
                && says(there.and_then(|o| o.title.as_ref()), &title)
                && says(there.and_then(|o| o.summary.as_ref()), &summary)
            {
                return Ok(());
            }
            let body = json!({ "conclusion": conclusion, "output": { "title": title, "summary": summary } });
            let route = format!("{}/check-runs/{}", self.root, run.id);
            let _: Value =
                self.client.write("update the check run", Method::PATCH, &route, &body, true).await?;
            return Ok(());
        }
        let (first, rest) = annotations.split_at(annotations.len().min(ANNOTATIONS));
        let output = |batch: &[Value]| json!({ "title": title, "summary": summary, "annotations": batch });
        let mut start = json!({
            "name": name,
            "head_sha": target.commit,
            "external_id": format!("{ours}{}", target.run_id),
            "output": output(first),
        });
        match rest.is_empty() {
            true => start["conclusion"] = json!(conclusion),
            false => start["status"] = json!("in_progress"),
        }
        let id = self.start_check_run(target, name, start).await?;
        let mut batches = rest.chunks(ANNOTATIONS).peekable();
        while let Some(batch) = batches.next() {
            let mut body = json!({ "output": output(batch) });
            if batches.peek().is_none() {
                body["conclusion"] = json!(conclusion);
            }
            // Annotations are appended: sent twice they would be there twice.
            let route = format!("{}/check-runs/{id}", self.root);
            let _: Value =
                self.client.write("fill the check run", Method::PATCH, &route, &body, false).await?;
        }
        Ok(())
    }

    async fn start_check_run(
        &self,
        target: Target<'_>,
        name: &str,
        mut start: Value,
    ) -> Result<u64, ApiError> {
        if let Some(url) = target.run_url {
            start["details_url"] = json!(url);
        }
        let route = format!("{}/check-runs", self.root);
        let what = "make a check run";
        let made: Result<CheckRun, _> = self.client.write(what, Method::POST, &route, &start, false).await;
        match made {
            Err(error) if error.may_have_happened() => {
                let there = self.check_runs(target, name).await?;
                match there.into_iter().find(|r| r.external_id.as_deref() == start["external_id"].as_str()) {
                    Some(run) => Ok(run.id),
                    None => {
                        let made = self.client.write(what, Method::POST, &route, &start, false).await;
                        made.map(|run: CheckRun| run.id)
                    }
                }
            }
            other => other.map(|run| run.id),
        }
    }

    async fn check_runs(&self, target: Target<'_>, name: &str) -> Result<Vec<CheckRun>, ApiError> {
        let name = percent(name);
        let route = format!(
            "{}/commits/{}/check-runs?check_name={name}&filter=all&per_page=100",
            self.root, target.commit
        );
        let runs = |mut page: Value| page.get_mut("check_runs").map(Value::take).unwrap_or_default();
        self.client.list("list the check runs", &route, runs).await
    }
}

/// There is nothing to say.
pub(super) fn is_quiet(verdict: &Verdict) -> bool {
    verdict.findings.is_empty() && verdict.outcome == Outcome::Passed
}

/// The newest summary comment of ours.
pub(super) fn own_sticky<'c>(existing: &'c [Comment], author: &Author) -> Option<&'c Comment> {
    existing.iter().rev().find(|c| key(c, author).is_some_and(|key| key.starts_with(STICKY)))
}

/// The summary comment, ended by its marker.
pub(super) fn sticky_body(page: Page<'_>, key: &str) -> String {
    let mut text = markdown::summary(page.verdict, page.links, COMMENT_BYTES);
    if page.verdict.outcome == Outcome::Undecided {
        text.push_str("\nComments of earlier runs are left as they are.\n");
    }
    marked(&text, key)
}

/// The marker of a summary comment. With `done` everything else that the run was to post is there, too; `all_shown`
/// tells whether every finding that weighs has a comment.
pub(super) fn sticky_key(done: Option<(&str, bool)>) -> String {
    match done {
        None => STICKY.to_owned(),
        Some((digest, true)) => format!("{STICKY} {digest} all"),
        Some((digest, false)) => format!("{STICKY} {digest}"),
    }
}

/// State and description of the commit status. Waiting for an approval is no failure, but in a queue, where no review
/// starts a run: what waits there has to leave it.
pub(super) fn state(verdict: &Verdict, event: &Event) -> (&'static str, String) {
    let state = match verdict.outcome {
        Outcome::Passed => "success",
        Outcome::Waiting if matches!(event, Event::MergeGroup { .. }) => "failure",
        Outcome::Waiting => "pending",
        Outcome::Blocked => "failure",
        Outcome::Undecided => "error",
    };
    (state, short(&headline(verdict)))
}

/// State and description of a run that could not begin.
pub(super) fn without_verdict() -> (&'static str, String) {
    ("error", short(&sentences::undecided(0)))
}

/// A sentence as plain text, as long as a description may be.
fn short(sentence: &str) -> String {
    let plain = sentence.replace('`', "");
    match plain.char_indices().nth(DESCRIPTION - 1) {
        Some((at, _)) => format!("{}…", &plain[..at]),
        None => plain,
    }
}

/// 32 hexadecimal digits of a SHA-256.
pub(super) fn digest<'t>(parts: impl IntoIterator<Item = &'t String>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect()
}

fn annotation(finding: &Finding) -> Value {
    let location = finding.place.location();
    let level = match finding.severity {
        Severity::Error => "failure",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut annotation = json!({
        "path": clean(finding.place.path().as_str()),
        "start_line": location.start.line.max(1),
        "end_line": location.end.line.max(location.start.line).max(1),
        "annotation_level": level,
        "title": finding.rule.id,
        "message": cut(format!("{}\n{}", clean(&finding.message), clean(&finding.help))),
    });
    // Columns only where they are of one line and in order.
    if location.start.line == location.end.line && location.end.column >= location.start.column {
        annotation["start_column"] = json!(location.start.column);
        annotation["end_column"] = json!(location.end.column);
    }
    annotation
}

/// A message within the limit, which says that it was cut.
fn cut(mut message: String) -> String {
    const REST: &str = " … (cut here: the whole text is in the step summary)";
    if message.len() > MESSAGE_BYTES {
        let room = MESSAGE_BYTES - REST.len();
        let at = (0..=room).rev().find(|at| message.is_char_boundary(*at)).unwrap_or(0);
        message.truncate(at);
        message.push_str(REST);
    }
    message
}
