//! Posting what the plan says. Whatever fails is told and changes no verdict.
//!
//! The server keeps nothing of a review with one bad comment and does not name it: such a batch is
//! split until the bad one is alone. After a write without an answer the comments are read again, so
//! that nothing is posted twice.

use super::error::ApiError;
use super::plan::{Author, FileComment, LineComment, Plan, key};
use super::pulls::Api;
use crate::words::sentences;
use http::Method;
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};

/// Comments in one review.
const BATCH: usize = 30;

/// What became of a plan.
#[derive(Debug, Default)]
pub(super) struct Posted {
    /// Keys of markers that are on the pull request now.
    pub(super) keys: BTreeSet<String>,
    /// Comments that the server did not take at their lines.
    pub(super) rejected: Vec<LineComment>,
    /// Why something is missing.
    pub(super) problems: Vec<ApiError>,
}

impl Posted {
    /// The token may not post here.
    pub(super) fn refused(&self) -> bool {
        self.problems.iter().any(ApiError::is_refusal)
    }
}

impl Api {
    pub(super) async fn post(&self, number: u64, head: &str, plan: &Plan, author: &Author) -> Posted {
        let mut posted = Posted::default();
        for (id, body) in &plan.edits {
            let route = format!("{}/pulls/comments/{id}", self.root);
            let what = "edit a review comment";
            let body = json!({ "body": body });
            // Editing twice is the same as once.
            let edited: Result<Value, _> = self.client.write(what, Method::PATCH, &route, &body, true).await;
            match edited {
                // Somebody deleted it meanwhile.
                Err(error) if error.status() == Some(404) => {}
                Err(error) => posted.problems.push(error),
                Ok(_) => {}
            }
            if posted.refused() {
                return posted;
            }
        }
        let mut batches: VecDeque<Vec<LineComment>> = plan.lines.chunks(BATCH).map(<[_]>::to_vec).collect();
        while let Some(batch) = batches.pop_front() {
            match self.post_review(number, head, &batch).await {
                Ok(()) => posted.keys.extend(batch.into_iter().map(|c| c.key)),
                Err(error) if error.status() == Some(422) => match batch.len() {
                    1 => posted.rejected.extend(batch),
                    many => {
                        let (first, second) = batch.split_at(many / 2);
                        batches.push_front(second.to_vec());
                        batches.push_front(first.to_vec());
                    }
                },
                Err(error) if error.may_have_happened() => {
                    if let Some(rest) = self.after_silence(number, batch, author, &mut posted, error).await {
                        match self.post_review(number, head, &rest).await {
                            Ok(()) => posted.keys.extend(rest.into_iter().map(|c| c.key)),
                            Err(error) => posted.problems.push(error),
                        }
                    }
                }
                Err(error) => posted.problems.push(error),
            }
            if posted.refused() {
                return posted;
            }
        }
        for file in &plan.files {
            match self.post_file(number, head, file).await {
                Ok(()) => {
                    posted.keys.insert(file.key.clone());
                }
                Err(error) => posted.problems.push(error),
            }
            if posted.refused() {
                return posted;
            }
        }
        posted
    }

    async fn post_review(&self, number: u64, head: &str, batch: &[LineComment]) -> Result<(), ApiError> {
        let count = batch.len();
        let body = json!({
            "commit_id": head,
            "event": "COMMENT",
            "body": sentences::at_the_lines(count),
            "comments": batch,
        });
        let route = format!("{}/pulls/{number}/reviews", self.root);
        let _: Value = self.client.write("post the review", Method::POST, &route, &body, false).await?;
        Ok(())
    }

    pub(super) async fn post_file(
        &self,
        number: u64,
        head: &str,
        file: &FileComment,
    ) -> Result<(), ApiError> {
        let body = json!({
            "commit_id": head,
            "path": file.path,
            "subject_type": "file",
            "body": file.body,
        });
        let route = format!("{}/pulls/{number}/comments", self.root);
        let _: Value =
            self.client.write("post a comment on a file", Method::POST, &route, &body, false).await?;
        Ok(())
    }

    /// Whether a review without an answer is there. Gives what is to be posted again.
    async fn after_silence(
        &self,
        number: u64,
        batch: Vec<LineComment>,
        author: &Author,
        posted: &mut Posted,
        error: ApiError,
    ) -> Option<Vec<LineComment>> {
        let Ok(existing) = self.review_comments(number).await else {
            // Posting again could post twice.
            posted.problems.push(error);
            return None;
        };
        let there: BTreeSet<&str> = existing.iter().filter_map(|c| key(c, author)).collect();
        let (done, rest): (Vec<_>, Vec<_>) = batch.into_iter().partition(|c| there.contains(c.key.as_str()));
        posted.keys.extend(done.into_iter().map(|c| c.key));
        (!rest.is_empty()).then_some(rest)
    }
}
