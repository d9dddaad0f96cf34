//! The sticky comment, the commit status and the check run.

use super::error::ApiError;
use super::plan::{Author, key, marked, says};
use super::pulls::{Api, percent};
use super::types::CheckRun;
use crate::finding::{Finding, Severity};
use crate::gate::{Outcome, Verdict};
use crate::report::{clean, markdown};
use http::Method;
use serde_json::{Value, json};

/// The server takes 65,536 characters.
const COMMENT_BYTES: usize = 60_000;
/// "No more than 50 items are allowed".
const ANNOTATIONS: usize = 50;
/// Annotations of one run; the summary has all findings.
const MAX_ANNOTATIONS: usize = 1_000;
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

impl Api {
    /// Keeps one comment with the whole verdict. Nothing is posted where there is nothing to say.
    pub(super) async fn sticky(
        &self,
        number: u64,
        verdict: &Verdict,
        links: &markdown::Links,
        author: &Author,
    ) -> Result<(), ApiError> {
        let existing = self.page_comments(number).await?;
        let own = existing.iter().rev().find(|c| key(c, author) == Some(STICKY));
        let mut text = markdown::summary(verdict, links, COMMENT_BYTES);
        if verdict.outcome == Outcome::Undecided {
            text.push_str("\nComments of earlier runs are left as they are.\n");
        }
        let body = marked(&text, STICKY);
        let quiet = verdict.findings.is_empty() && verdict.outcome == Outcome::Passed;
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
                if there.iter().any(|c| key(c, author) == Some(STICKY)) {
                    return Ok(());
                }
                self.client.write::<_, Value>(what, Method::POST, &route, &body, false).await.map(|_| ())
            }
            other => other.map(|_| ()),
        }
    }

    /// Sets the commit status. The newest of a context counts, so doing it twice does no harm.
    pub(super) async fn status(
        &self,
        target: Target<'_>,
        context: &str,
        verdict: &Verdict,
    ) -> Result<(), ApiError> {
        self.set(target, context, state(verdict)).await
    }

    /// The commit status of a run without a verdict.
    pub(super) async fn failed(&self, target: Target<'_>, context: &str) -> Result<(), ApiError> {
        self.set(target, context, ("error", "undecided: nothing was judged, see the run".to_owned())).await
    }

    async fn set(
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

    /// Makes a check run with annotations, fifty a request.
    pub(super) async fn check_run(
        &self,
        target: Target<'_>,
        name: &str,
        verdict: &Verdict,
        links: &markdown::Links,
    ) -> Result<(), ApiError> {
        let external_id = format!("flsgate-{}", target.run_id);
        let mut start = json!({
            "name": name,
            "head_sha": target.commit,
            "status": "in_progress",
            "external_id": external_id,
        });
        if let Some(url) = target.run_url {
            start["details_url"] = json!(url);
        }
        let route = format!("{}/check-runs", self.root);
        let what = "make a check run";
        let made: Result<CheckRun, _> = self.client.write(what, Method::POST, &route, &start, false).await;
        let id = match made {
            Ok(run) => run.id,
            Err(error) if error.may_have_happened() => match self.made(target, name, &external_id).await? {
                Some(id) => id,
                None => self.client.write::<_, CheckRun>(what, Method::POST, &route, &start, false).await?.id,
            },
            Err(error) => return Err(error),
        };
        let annotations: Vec<Value> = verdict.findings.iter().take(MAX_ANNOTATIONS).map(annotation).collect();
        let (_, title) = state(verdict);
        let summary = markdown::summary(verdict, links, COMMENT_BYTES);
        let conclusion = match verdict.outcome {
            Outcome::Passed => "success",
            Outcome::Blocked if verdict.awaits_only_approval() => "action_required",
            Outcome::Blocked | Outcome::Undecided => "failure",
        };
        let batches: Vec<&[Value]> = match annotations.is_empty() {
            true => vec![&[]],
            false => annotations.chunks(ANNOTATIONS).collect(),
        };
        for (at, batch) in batches.iter().enumerate() {
            let output = json!({ "title": title, "summary": summary, "annotations": batch });
            let mut body = json!({ "output": output });
            if at + 1 == batches.len() {
                body["status"] = json!("completed");
                body["conclusion"] = json!(conclusion);
            }
            // Annotations are appended: sent twice they would be there twice.
            let route = format!("{}/check-runs/{id}", self.root);
            let _: Value =
                self.client.write("fill the check run", Method::PATCH, &route, &body, false).await?;
        }
        Ok(())
    }

    async fn made(&self, target: Target<'_>, name: &str, external_id: &str) -> Result<Option<u64>, ApiError> {
        let route = format!(
            "{}/commits/{}/check-runs?check_name={}&per_page=100",
            self.root,
            target.commit,
            percent(name)
        );
        let runs: Vec<CheckRun> = self
            .client
            .list("list the check runs", &route, |mut page| {
                page.get_mut("check_runs").map(Value::take).unwrap_or_default()
            })
            .await?;
        Ok(runs.into_iter().find(|r| r.external_id.as_deref() == Some(external_id)).map(|r| r.id))
    }
}

/// State and description of the commit status. Waiting for an approval is no failure.
fn state(verdict: &Verdict) -> (&'static str, String) {
    let count = |n: usize| if n == 1 { "1 finding".to_owned() } else { format!("{n} findings") };
    let errors = verdict.count(Severity::Error);
    let (state, text) = match verdict.outcome {
        Outcome::Passed => {
            let settled = verdict.approvals.as_ref().map_or(0, |a| a.settled.len());
            let approved = if settled > 0 { format!("; {} approved", count(settled)) } else { String::new() };
            ("success", format!("passed{approved}"))
        }
        Outcome::Blocked if verdict.awaits_only_approval() => {
            ("pending", format!("{} awaiting approval", count(errors)))
        }
        Outcome::Blocked => ("failure", format!("blocked: {}", count(errors))),
        Outcome::Undecided => ("error", "undecided: something that decides could not be read".to_owned()),
    };
    (state, text.chars().take(DESCRIPTION).collect())
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
        "message": format!("{}\n{}", clean(&finding.message), clean(&finding.help)),
    });
    // Columns only where they are of one line and in order.
    if location.start.line == location.end.line && location.end.column >= location.start.column {
        annotation["start_column"] = json!(location.start.column);
        annotation["end_column"] = json!(location.end.column);
    }
    annotation
}
