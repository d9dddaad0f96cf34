//! The pull request as it is now: reads only.

use super::client::Client;
use super::doctor::{self, Protection, Said};
use super::error::{ApiError, ErrorKind};
use super::types::{ChangedFile, Comment, MergedPull, Pull};
use crate::words::sentences;
use serde_json::Value;

/// The server lists no more files of a pull request.
const MAX_FILES: usize = 3000;

/// Reads about one repository.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) client: Client,
    /// For teams, which the token of a workflow does not see.
    pub(super) team_client: Option<Client>,
    /// `/repos/owner/name`.
    pub(super) root: String,
}

/// The files of a pull request, and whether these are all.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) files: Vec<ChangedFile>,
    pub(super) complete: bool,
}

impl Api {
    pub(super) async fn pull(&self, number: u64) -> Result<Pull, ApiError> {
        self.client.get("read the pull request", &format!("{}/pulls/{number}", self.root)).await
    }

    pub(super) async fn all<T: serde::de::DeserializeOwned>(
        &self,
        what: &str,
        route: String,
    ) -> Result<Vec<T>, ApiError> {
        self.client.list(what, &format!("{}{route}?per_page=100", self.root), |page| page).await
    }

    /// The pull requests that a commit came with.
    pub(super) async fn merged_by(&self, commit: &str) -> Result<Vec<MergedPull>, ApiError> {
        self.all("read which pull request a commit came with", format!("/commits/{commit}/pulls")).await
    }

    /// The tree of the merge base of two commits.
    pub(super) async fn began_at(&self, base: &str, commit: &str) -> Result<String, ApiError> {
        let what = "read where the branch left its base";
        let route = format!("{}/compare/{base}...{commit}?per_page=1", self.root);
        let compared: Value = self.client.get(what, &route).await?;
        let tree = compared.pointer("/merge_base_commit/commit/tree/sha").and_then(Value::as_str);
        let unclear = || ApiError::new(what, ErrorKind::Malformed(sentences::MAKES_NO_SENSE.to_owned()));
        tree.map(str::to_owned).ok_or_else(unclear)
    }

    /// The newest commit of a branch.
    pub(super) async fn tip(&self, branch: &str) -> Result<String, ApiError> {
        let what = "read the base branch";
        let found: Value =
            self.client.get(what, &format!("{}/branches/{}", self.root, percent(branch))).await?;
        let tip = found.pointer("/commit/sha").and_then(Value::as_str);
        let unclear = || ApiError::new(what, ErrorKind::Malformed(sentences::MAKES_NO_SENSE.to_owned()));
        tip.map(str::to_owned).ok_or_else(unclear)
    }

    pub(super) async fn files(&self, number: u64, pull: &Pull) -> Result<Files, ApiError> {
        let files: Vec<ChangedFile> =
            self.all("list the files of the pull request", format!("/pulls/{number}/files")).await?;
        let complete = files.len() < MAX_FILES && files.len() as u64 >= pull.changed_files;
        Ok(Files { files, complete })
    }

    pub(super) async fn review_comments(&self, number: u64) -> Result<Vec<Comment>, ApiError> {
        self.all("list the review comments", format!("/pulls/{number}/comments")).await
    }

    pub(super) async fn page_comments(&self, number: u64) -> Result<Vec<Comment>, ApiError> {
        self.all("list the comments", format!("/issues/{number}/comments")).await
    }

    pub(super) async fn protection(&self, branch: Option<&str>) -> Result<Protection, ApiError> {
        let repository: Value = self.client.get("read the repository", &self.root).await?;
        let default = repository.get("default_branch").and_then(Value::as_str).unwrap_or("main");
        let branch = branch.unwrap_or(default);
        let name = percent(branch);
        let route = format!("{}/rules/branches/{name}?per_page=100", self.root);
        let rules: Vec<Value> = self.client.list("read the rules of the branch", &route, |page| page).await?;
        let route = format!("{}/branches/{name}", self.root);
        let of_branch: Value = self.client.get("read the branch", &route).await?;
        let route = format!("{}/codeowners/errors?ref={name}", self.root);
        let errors: Value = match self.client.get("read the problems of CODEOWNERS", &route).await {
            // There is none.
            Err(error) if error.status() == Some(404) => Value::Null,
            other => other?,
        };
        let said = Said { repository: &repository, rules: &rules, branch: &of_branch, errors: &errors };
        Ok(doctor::protection(branch, &said))
    }
}

/// A text as one part of an address.
pub(super) fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
