//! What the server says, as far as it is needed. Unknown keys are passed over; what may be absent is
//! optional, for accounts and branches get deleted.

use serde::{Deserialize, Deserializer};

/// An account.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct User {
    pub(super) login: String,
    pub(super) id: u64,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
}

impl User {
    pub(super) fn is_bot(&self) -> bool {
        self.kind == "Bot"
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Repo {
    pub(super) full_name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Ref {
    #[serde(rename = "ref")]
    pub(super) name: String,
    pub(super) sha: String,
    pub(super) repo: Option<Repo>,
}

/// `GET /repos/{repo}/pulls/{number}`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Pull {
    pub(super) user: Option<User>,
    pub(super) head: Ref,
    pub(super) base: Ref,
    pub(super) changed_files: u64,
    pub(super) commits: u64,
}

/// One of `GET …/commits/{sha}/pulls`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct MergedPull {
    pub(super) number: u64,
    #[serde(default)]
    pub(super) merged_at: Option<String>,
    pub(super) base: Ref,
}

/// One of `GET …/pulls/{number}/reviews`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Review {
    pub(super) id: u64,
    pub(super) user: Option<User>,
    pub(super) state: String,
    pub(super) commit_id: Option<String>,
    /// When it was given; absent while it is a draft.
    #[serde(default)]
    pub(super) submitted_at: Option<String>,
}

/// One of `GET …/issues/{number}/timeline`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct TimelineEvent {
    #[serde(default)]
    pub(super) event: Option<String>,
    #[serde(default)]
    pub(super) created_at: Option<String>,
}

/// One of `GET …/pulls/{number}/files`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ChangedFile {
    pub(super) filename: String,
    pub(super) patch: Option<String>,
}

/// One of `GET …/pulls/{number}/commits`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PullCommit {
    #[serde(default, deserialize_with = "account")]
    pub(super) author: Option<User>,
    #[serde(default, deserialize_with = "account")]
    pub(super) committer: Option<User>,
    pub(super) commit: CommitText,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct CommitText {
    #[serde(default)]
    pub(super) message: String,
}

/// The server writes `null` or `{}` where an address belongs to no account.
fn account<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<User>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| serde_json::from_value(value).ok()))
}

/// `GET …/collaborators/{login}/permission`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RepositoryPermission {
    pub(super) permission: String,
    pub(super) role_name: Option<String>,
}

/// `GET /orgs/{org}/teams/{slug}/memberships/{login}`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Membership {
    pub(super) state: String,
}

/// A comment at a line or file of a pull request, or on its page.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) user: Option<User>,
    #[serde(default)]
    pub(super) body: Option<String>,
    /// Absent where the line has left the diff.
    #[serde(default)]
    pub(super) line: Option<u64>,
    #[serde(default)]
    pub(super) original_commit_id: Option<String>,
    #[serde(default)]
    pub(super) subject_type: Option<String>,
}

/// Of a check run that was made.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CheckRun {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) external_id: Option<String>,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) conclusion: Option<String>,
    #[serde(default)]
    pub(super) output: Option<CheckOutput>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct CheckOutput {
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) summary: Option<String>,
}

/// One of `GET …/commits/{sha}/statuses`, newest first.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CommitStatus {
    pub(super) state: String,
    pub(super) context: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) creator: Option<User>,
}
