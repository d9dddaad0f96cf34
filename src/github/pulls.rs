//! The pull request as it is now: reads only.

use super::approvals::{self, Authority, Candidate};
use super::client::Client;
use super::doctor::{self, Protection};
use super::error::ApiError;
use super::since::Change;
use super::types::{ChangedFile, Comment, Membership, Pull, PullCommit, RepositoryPermission, Review};
use crate::gate::Approvals;
use crate::policy::{Approvers, Team};
use serde::Deserialize;
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

#[derive(Deserialize)]
struct Push {
    actor: Option<super::types::User>,
}

impl Api {
    pub(super) async fn pull(&self, number: u64) -> Result<Pull, ApiError> {
        self.client.get("read the pull request", &format!("{}/pulls/{number}", self.root)).await
    }

    async fn all<T: serde::de::DeserializeOwned>(
        &self,
        what: &str,
        route: String,
    ) -> Result<Vec<T>, ApiError> {
        self.client.list(what, &format!("{}{route}?per_page=100", self.root), |page| page).await
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
        Ok(doctor::protection(branch, &rules, &of_branch, &errors))
    }

    /// Who approved the change, and whether that is enough. Never fails: what cannot be read is part of the
    /// answer.
    pub(super) async fn approvals(
        &self,
        number: u64,
        pull: &Pull,
        change: &Change<'_>,
        pushers: &[u64],
        approvers: &Approvers,
    ) -> Approvals {
        let unknown = |problem: String| Approvals {
            needed: approvers.needed,
            from: approvers.words(),
            commit: Some(change.head.to_owned()),
            ..Approvals::unknown(problem)
        };
        let reviews: Vec<Review> =
            match self.all("read the reviews", format!("/pulls/{number}/reviews")).await {
                Ok(reviews) => reviews,
                Err(error) => return unknown(error.to_string()),
            };
        let approving = reviews.iter().any(|r| r.state == "APPROVED");
        let mut pushers = pushers.to_vec();
        let mut commits: Vec<PullCommit> = Vec::new();
        if approvers.exclude_pushers && approving {
            let what = "read the commits of the pull request";
            match self.all(what, format!("/pulls/{number}/commits")).await {
                Ok(all) => commits = all,
                Err(error) => return unknown(error.to_string()),
            }
            if (commits.len() as u64) < pull.commits {
                return unknown(format!(
                    "the server lists {} of {} commits, so who wrote them is not known; squash the branch",
                    commits.len(),
                    pull.commits
                ));
            }
            pushers.extend(self.pushers(pull).await);
        }
        let excluded = approvals::excluded(pull, &commits, &pushers, approvers);
        let (candidates, refused) = approvals::candidates(&reviews, &excluded);
        let mut judged = Vec::new();
        for candidate in candidates {
            let authority = self.authority(&candidate, change, approvers).await;
            judged.push((candidate, authority));
        }
        approvals::decide(change.head, approvers, judged, refused)
    }

    /// Who pushed to the branch, if the server tells. Names of commits can be made up; this cannot. It
    /// only ever excludes, so that not being told is no reason to stop.
    async fn pushers(&self, pull: &Pull) -> Vec<u64> {
        let Some(repo) = &pull.head.repo else { return Vec::new() };
        let branch = percent(&pull.head.name);
        let route =
            format!("/repos/{}/activity?ref={branch}&time_period=quarter&per_page=100", repo.full_name);
        let pushes = self.client.get::<Vec<Push>>("read the pushes to the branch", &route).await;
        pushes.unwrap_or_default().into_iter().filter_map(|p| p.actor).map(|a| a.id).collect()
    }

    async fn authority(
        &self,
        candidate: &Candidate,
        change: &Change<'_>,
        approvers: &Approvers,
    ) -> Authority {
        let mut authority = match approvals::named(candidate, approvers) {
            Some(Ok(authority)) => authority,
            Some(Err(reason)) => return Ok(Err(reason)),
            None => match self.team_of(candidate, &approvers.teams).await? {
                Some(team) => format!("member of team `{}/{}`", team.org, team.slug),
                None => return Ok(Err("is not among the approvers of the policy".to_owned())),
            },
        };
        let route = format!("{}/collaborators/{}/permission", self.root, percent(&candidate.login));
        let what = format!("read the permission of `{}`", candidate.login);
        let has: RepositoryPermission = match self.client.get(&what, &route).await {
            Ok(has) => has,
            Err(error) => return Err(error.to_string()),
        };
        let wanted = approvers.permission;
        if !approvals::permitted(&has.permission, has.role_name.as_deref(), wanted) {
            let (has, wanted) = (&has.permission, wanted.as_str());
            return Ok(Err(format!("has permission `{has}` on the repository, and `{wanted}` is needed")));
        }
        authority.push_str(&format!(", permission `{}`", has.permission));
        if candidate.commit != change.head {
            let short = candidate.commit.get(..10).unwrap_or(&candidate.commit);
            if let Some(why) = self.differs(&candidate.commit, change).await.map_err(|e| e.to_string())? {
                return Ok(Err(format!("approved commit `{short}`, {why}")));
            }
            authority.push_str("; nothing that the pull request changes differs since");
        }
        Ok(Ok(authority))
    }

    /// The first team that has the candidate as an active member.
    async fn team_of<'t>(
        &self,
        candidate: &Candidate,
        teams: &'t [Team],
    ) -> Result<Option<&'t Team>, String> {
        let Some(client) = &self.team_client else {
            return Err("the members of teams can be read with input `team-token` only".to_owned());
        };
        for team in teams {
            let place = format!("/orgs/{}/teams/{}", team.org, team.slug);
            let what = format!("read team `{}/{}`", team.org, team.slug);
            let route = format!("{place}/memberships/{}", percent(&candidate.login));
            match client.get::<Membership>(&what, &route).await {
                Ok(member) if member.state == "active" => return Ok(Some(team)),
                Ok(_) => {}
                // The same answer for no member and for a team that the token cannot see.
                Err(error) if error.status() == Some(404) => {
                    client.get::<Value>(&what, &place).await.map_err(|e| e.to_string())?;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(None)
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
