//! Who approved a change, asked of the server. What the answers mean is in `approvals`.

use super::approvals::{self, Opinion, Right};
use super::error::ApiError;
use super::pulls::{Api, percent};
use super::since::{Change, Since};
use super::types::{Membership, Pull, PullCommit, RepositoryPermission, Review, TimelineEvent, User};
use crate::gate::{Approval, ApprovalState, Approvals, NeededAlso, Refused};
use crate::policy::{Approvers, Team};
use crate::words::sentences;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Push {
    actor: Option<User>,
}

impl Api {
    /// Who approved the change. Never fails: what cannot be read is part of the answer. `pushers` are known to
    /// have pushed.
    pub(super) async fn approvals(
        &self,
        number: u64,
        pull: &Pull,
        change: &Change<'_>,
        pushers: &[u64],
        approvers: &Approvers,
    ) -> Approvals {
        let author = pull.user.as_ref().map(|user| user.id);
        let mut answer = Approvals {
            state: ApprovalState::Missing,
            needed: approvers.needed,
            from: approvers.words(author.as_slice(), approvers.needed),
            commit: Some(change.head.to_owned()),
            reason: None,
            ..Approvals::not_read("")
        };
        match self.read_approvals(number, pull, change, pushers, approvers, &mut answer).await {
            Ok(mut cannot) => {
                // Of several approvals that are needed, those that are there are not asked for again.
                cannot.extend(author);
                answer.name_who_is_missing(approvers, &cannot);
            }
            Err(problem) => (answer.state, answer.reason) = (ApprovalState::Unknown, Some(problem)),
        }
        answer
    }

    /// Gives who may not approve for having taken part.
    async fn read_approvals(
        &self,
        number: u64,
        pull: &Pull,
        change: &Change<'_>,
        pushers: &[u64],
        approvers: &Approvers,
        answer: &mut Approvals,
    ) -> Result<Vec<u64>, String> {
        let text = |error: ApiError| error.to_string();
        let reviews: Vec<Review> =
            self.all("read the reviews", format!("/pulls/{number}/reviews")).await.map_err(text)?;
        let (approving, objecting): (Vec<Opinion>, Vec<Opinion>) =
            approvals::opinions(&reviews).into_iter().partition(|opinion| opinion.approves);
        let approving = self.of_this_question(number, pull, approving, answer).await;
        let mut entitled = Vec::new();
        let parts = approvers.parts();
        for opinion in approving {
            match self.rights(&opinion, &parts).await {
                (Right::May(right), parts) => entitled.push((opinion, right, parts)),
                (Right::MayNot(why), _) => answer.refuse(&opinion, why),
                (Right::NotKnown(problem), _) => answer.refuse(&opinion, sentences::not_looked_up(&problem)),
            }
        }
        if entitled.is_empty() {
            return Ok(Vec::new());
        }
        let excluded = self.excluded(number, pull, pushers, approvers, answer).await?;
        for (opinion, right, parts) in entitled {
            match excluded.get(&opinion.id) {
                Some(why) => answer.refuse(&opinion, (*why).to_owned()),
                None => self.count(opinion, (right, parts), change, answer).await?,
            }
        }
        for opinion in objecting.iter().filter(|_| approvers.changes_hold && !answer.approvals.is_empty()) {
            // Having taken part takes an approval away, never an objection: who wrote a commit the author can make up.
            if !matches!(self.rights(opinion, &parts).await.0, Right::MayNot(_)) {
                answer.held_by.push(opinion.login.clone());
            }
        }
        Ok(excluded.into_keys().collect())
    }

    /// Those that were given of the pull request into its present base, and not by its author.
    async fn of_this_question(
        &self,
        number: u64,
        pull: &Pull,
        approving: Vec<Opinion>,
        answer: &mut Approvals,
    ) -> Vec<Opinion> {
        let author = pull.user.as_ref().map(|user| user.id);
        let (own, others): (Vec<Opinion>, Vec<Opinion>) =
            approving.into_iter().partition(|opinion| Some(opinion.id) == author);
        own.iter().for_each(|opinion| answer.refuse(opinion, sentences::IS_THE_AUTHOR.to_owned()));
        if others.is_empty() {
            return others;
        }
        let what = "read the timeline of the pull request";
        let timeline: Result<Vec<TimelineEvent>, ApiError> =
            self.all(what, format!("/issues/{number}/timeline")).await;
        let changed = timeline.map_err(|e| e.to_string()).and_then(|all| approvals::base_changed(&all));
        others
            .into_iter()
            .filter(|opinion| match &changed {
                Ok(None) => true,
                Ok(Some(time)) if opinion.given.is_some_and(|given| given > *time) => true,
                Ok(Some(_)) => {
                    answer.refuse(opinion, sentences::APPROVED_ANOTHER_BASE.to_owned());
                    false
                }
                Err(problem) => {
                    answer.refuse(opinion, sentences::base_not_known(problem));
                    false
                }
            })
            .collect()
    }

    /// Counts a review if it is of what is judged.
    async fn count(
        &self,
        opinion: Opinion,
        (mut right, counts_for): (String, Vec<usize>),
        change: &Change<'_>,
        answer: &mut Approvals,
    ) -> Result<(), String> {
        let Some(commit) = opinion.commit.clone() else {
            answer.refuse(&opinion, sentences::APPROVED_A_LOST_COMMIT.to_owned());
            return Ok(());
        };
        let mut tree = None;
        if commit != change.head {
            match self.since(&commit, change).await.map_err(|e| e.to_string())? {
                Since::Same(older) => tree = Some(older).filter(|tree| !tree.is_empty()),
                Since::Differs(why) => {
                    answer.refuse(&opinion, sentences::approved_older(&commit, &why));
                    return Ok(());
                }
            }
            right.push_str(sentences::NOTHING_DIFFERS_SINCE);
        }
        let Opinion { login, id, review, .. } = opinion;
        answer.approvals.push(Approval { login, id, review, commit, authority: right, tree, counts_for });
        Ok(())
    }

    /// Who may not approve for having taken part.
    async fn excluded(
        &self,
        number: u64,
        pull: &Pull,
        pushers: &[u64],
        approvers: &Approvers,
        answer: &mut Approvals,
    ) -> Result<approvals::Excluded, String> {
        let mut pushers = pushers.to_vec();
        let mut commits: Vec<PullCommit> = Vec::new();
        if approvers.exclude_pushers {
            let what = "read the commits of the pull request";
            commits = self.all(what, format!("/pulls/{number}/commits")).await.map_err(|e| e.to_string())?;
            if (commits.len() as u64) < pull.commits {
                return Err(sentences::commits_not_listed(commits.len(), pull.commits));
            }
            match self.pushers(pull).await {
                Ok(more) => pushers.extend(more),
                Err(problem) => answer.reason = Some(sentences::pushes_not_read(&problem)),
            }
        }
        Ok(approvals::excluded(pull, &commits, &pushers, approvers))
    }

    /// Who pushed to the branch, as the server tells. Names of commits can be made up; this cannot. It only ever
    /// excludes, so that not being told is no reason to stop, but one to say so.
    async fn pushers(&self, pull: &Pull) -> Result<Vec<u64>, String> {
        let Some(repo) = &pull.head.repo else { return Ok(Vec::new()) };
        let branch = percent(&pull.head.name);
        let route =
            format!("/repos/{}/activity?ref={branch}&time_period=quarter&per_page=100", repo.full_name);
        let pushes = self.client.list::<Push>("read the pushes to the branch", &route, |page| page).await;
        let pushes = pushes.map_err(|error| error.to_string())?;
        Ok(pushes.into_iter().filter_map(|push| push.actor).map(|actor| actor.id).collect())
    }

    /// Which parts somebody may approve, and by which right; else why none.
    async fn rights(&self, opinion: &Opinion, parts: &[Approvers]) -> (Right, Vec<usize>) {
        let (mut best, mut may) = (None, Vec::new());
        for (part, approvers) in parts.iter().enumerate() {
            let right = self.right(opinion, approvers).await;
            let is_one = matches!(right, Right::May(_));
            // What is not known is no reason to refuse somebody for good.
            let replaces = match &best {
                None | Some(Right::MayNot(_)) => true,
                Some(Right::NotKnown(_)) => is_one,
                Some(Right::May(_)) => false,
            };
            if is_one {
                may.push(part);
            }
            if replaces {
                best = Some(right);
            }
        }
        (best.unwrap_or_else(|| Right::MayNot(sentences::IS_NO_APPROVER.to_owned())), may)
    }

    /// Whether somebody may approve. The permission on the repository is asked before any team: anyone who can see
    /// a repository can review its pull requests, and must not be able to stop them.
    async fn right(&self, opinion: &Opinion, approvers: &Approvers) -> Right {
        let named = match approvals::named(opinion, approvers) {
            Some(Right::May(right)) => Some(right),
            Some(other) => return other,
            None => None,
        };
        let route = format!("{}/collaborators/{}/permission", self.root, percent(&opinion.login));
        let what = format!("read the permission of `{}`", opinion.login);
        let has: RepositoryPermission = match self.client.get(&what, &route).await {
            Ok(has) => has,
            Err(error) => return Right::NotKnown(error.to_string()),
        };
        if !approvals::permitted(&has.permission, has.role_name.as_deref(), approvers.permission) {
            return Right::MayNot(sentences::too_little_permission(
                &has.permission,
                approvers.permission.as_str(),
            ));
        }
        let right = match named {
            Some(right) => right,
            None => match self.team_of(opinion, &approvers.teams).await {
                Ok(Some(team)) => sentences::member_of(&team.org, &team.slug),
                Ok(None) => return Right::MayNot(sentences::IS_NO_APPROVER.to_owned()),
                Err(problem) => return Right::NotKnown(problem),
            },
        };
        Right::May(format!("{right}, permission `{}`", has.permission))
    }

    /// The first team that has the account as an active member.
    async fn team_of<'t>(&self, opinion: &Opinion, teams: &'t [Team]) -> Result<Option<&'t Team>, String> {
        let Some(client) = &self.team_client else { return Err(sentences::NO_TEAM_TOKEN.to_owned()) };
        for team in teams {
            let place = format!("/orgs/{}/teams/{}", team.org, team.slug);
            let what = format!("read team `{}/{}`", team.org, team.slug);
            let route = format!("{place}/memberships/{}", percent(&opinion.login));
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

impl Approvals {
    /// Names for each part who may give the approvals that it lacks.
    pub fn name_who_is_missing(&mut self, approvers: &Approvers, cannot: &[u64]) {
        let words = |part: usize, of: &Approvers| {
            let given: Vec<u64> =
                self.approvals.iter().filter(|a| a.counts_for.contains(&part)).map(|a| a.id).collect();
            // Of several approvals that are needed, those that are there are not asked for again.
            let had = given.iter().filter(|_| of.needed > 1);
            let cannot: Vec<u64> = cannot.iter().chain(had).copied().collect();
            let lacks = of.needed.saturating_sub(u32::try_from(given.len()).unwrap_or(u32::MAX));
            of.words(&cannot, lacks.max(1))
        };
        let parts = approvers.parts();
        let from: Vec<String> = parts.iter().enumerate().map(|(part, of)| words(part, of)).collect();
        self.also = approvers
            .also
            .iter()
            .zip(&from[1..])
            .map(|(also, from)| NeededAlso {
                needed: also.needed,
                from: format!("{from} {}", also.scope.words()),
            })
            .collect();
        self.from = from[0].clone();
    }

    fn refuse(&mut self, opinion: &Opinion, reason: String) {
        self.refused.push(Refused { login: opinion.login.clone(), reason });
    }
}
