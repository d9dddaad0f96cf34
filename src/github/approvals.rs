//! Whose approval counts: an authorised person's, not the author's, of what is judged.
//!
//! Pure: what the server says goes in, what it means comes out. `reviews` asks the server.

use super::types::{Pull, PullCommit, Review, TimelineEvent};
use crate::policy::{Approvers, Permission};
use crate::words::sentences;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What somebody's newest review that takes sides says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opinion {
    pub(super) login: String,
    pub(super) id: u64,
    pub(super) bot: bool,
    pub(super) review: u64,
    /// It approves; else it asks for changes.
    pub(super) approves: bool,
    /// The commit that was reviewed, unless it is gone.
    pub(super) commit: Option<String>,
    pub(super) given: Option<Timestamp>,
}

/// Accounts that may not approve, and why.
pub(super) type Excluded = BTreeMap<u64, &'static str>;

/// Whether somebody may approve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// By which right.
    May(String),
    /// Why not.
    MayNot(String),
    /// Why nobody can tell.
    NotKnown(String),
}

/// The author, and whoever wrote or pushed commits if the policy says so.
pub(super) fn excluded(
    pull: &Pull,
    commits: &[PullCommit],
    pushers: &[u64],
    approvers: &Approvers,
) -> Excluded {
    let mut excluded = Excluded::new();
    if approvers.exclude_pushers {
        excluded.extend(pushers.iter().map(|id| (*id, sentences::PUSHED)));
        for commit in commits {
            let wrote = [&commit.author, &commit.committer].into_iter().flatten().map(|user| user.id);
            let ids = wrote.chain(co_authors(&commit.commit.message));
            excluded.extend(ids.map(|id| (id, sentences::WROTE_A_COMMIT)));
        }
    }
    excluded.extend(pull.user.as_ref().map(|author| (author.id, sentences::IS_THE_AUTHOR)));
    excluded
}

/// Account numbers in `Co-authored-by: … <ID+login@users.noreply.HOST>`.
fn co_authors(message: &str) -> impl Iterator<Item = u64> {
    let trailers = message.lines().filter(|l| l.to_ascii_lowercase().starts_with("co-authored-by:"));
    trailers.filter_map(|line| {
        let address = line.rsplit_once('<')?.1;
        let (id, rest) = address.split_once('+')?;
        rest.contains("@users.noreply.").then(|| id.parse().ok())?
    })
}

/// The opinion of each person: the newest review that approves, asks for changes, or was dismissed. A comment takes
/// no approval back; a dismissal does.
pub(super) fn opinions(reviews: &[Review]) -> Vec<Opinion> {
    let mut newest: BTreeMap<u64, &Review> = BTreeMap::new();
    for review in reviews {
        let says = matches!(review.state.as_str(), "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED");
        if let Some(user) = review.user.as_ref().filter(|_| says) {
            newest.insert(user.id, review);
        }
    }
    let stands = newest.into_values().filter(|review| review.state != "DISMISSED");
    stands.filter_map(opinion).collect()
}

fn opinion(review: &Review) -> Option<Opinion> {
    let user = review.user.as_ref()?;
    Some(Opinion {
        login: user.login.clone(),
        id: user.id,
        bot: user.is_bot(),
        review: review.id,
        approves: review.state == "APPROVED",
        commit: review.commit_id.clone(),
        given: review.submitted_at.as_deref().and_then(|at| at.parse().ok()),
    })
}

/// When the pull request last went into another branch: what was approved then was another question.
pub(super) fn base_changed(timeline: &[TimelineEvent]) -> Result<Option<Timestamp>, String> {
    let changes = timeline.iter().filter(|event| {
        matches!(event.event.as_deref(), Some("base_ref_changed" | "automatic_base_change_succeeded"))
    });
    let times: Option<Vec<Timestamp>> =
        changes.map(|event| event.created_at.as_deref().and_then(|at| at.parse().ok())).collect();
    Ok(times.ok_or_else(|| sentences::TIME_OF_BASE_UNREADABLE.to_owned())?.into_iter().max())
}

/// Whether the policy names somebody by itself; `None` asks the teams.
pub(super) fn named(opinion: &Opinion, approvers: &Approvers) -> Option<Right> {
    let may = |right: &str| Some(Right::May(right.to_owned()));
    let may_not = |why: String| Some(Right::MayNot(why));
    if approvers.nobody_named() {
        return match opinion.bot {
            true => may_not(sentences::IS_NO_PERSON.to_owned()),
            false => may(sentences::BY_ADMINISTRATION),
        };
    }
    if approvers.people.iter().any(|p| p.id == opinion.id) {
        return may(sentences::BY_NAME);
    }
    if approvers.people.iter().any(|p| p.login.eq_ignore_ascii_case(&opinion.login)) {
        return may_not(sentences::has_another_account_number(opinion.id));
    }
    if opinion.bot || approvers.teams.is_empty() {
        return may_not(sentences::IS_NO_APPROVER.to_owned());
    }
    None
}

/// Whether a permission on the repository is enough.
pub(super) fn permitted(permission: &str, role: Option<&str>, wanted: Permission) -> bool {
    let has = match (permission, role) {
        ("admin", _) => Some(Permission::Admin),
        ("write" | "maintain", Some("maintain")) | ("maintain", _) => Some(Permission::Maintain),
        ("write", _) => Some(Permission::Write),
        _ => None,
    };
    has.is_some_and(|has| has >= wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::types::{CommitText, Ref, User};
    use crate::policy::{Person, Team};

    const HEAD: &str = "2222222222222222222222222222222222222222";

    fn user(id: u64) -> User {
        User { login: format!("u{id}"), id, kind: "User".into() }
    }

    fn review(id: u64, user_id: u64, state: &str) -> Review {
        let at = format!("2026-05-01T10:00:{id:02}Z");
        let (commit_id, submitted_at) = (Some(HEAD.to_owned()), Some(at));
        Review { id, user: Some(user(user_id)), state: state.into(), commit_id, submitted_at }
    }

    #[test]
    fn the_newest_review_that_takes_sides_counts() {
        let says = |reviews: &[Review]| opinions(reviews).first().map(|o| o.approves);
        for (later, expected) in [
            ("COMMENTED", Some(true)),
            ("PENDING", Some(true)),
            ("CHANGES_REQUESTED", Some(false)),
            ("DISMISSED", None),
        ] {
            assert_eq!(says(&[review(1, 7, "APPROVED"), review(2, 7, later)]), expected, "{later}");
        }
        assert_eq!(says(&[review(1, 7, "CHANGES_REQUESTED"), review(2, 7, "APPROVED")]), Some(true));
        let gone = Review { user: None, ..review(1, 7, "APPROVED") };
        assert_eq!(opinions(&[gone]), []);
    }

    #[test]
    fn the_newest_change_of_the_base_is_found_and_an_unreadable_one_is_no_answer() {
        let event = |event: &str, at: Option<&str>| TimelineEvent {
            event: Some(event.to_owned()),
            created_at: at.map(str::to_owned),
        };
        let time = |at: &str| at.parse::<Timestamp>().ok();
        let timeline = [
            event("base_ref_changed", Some("2026-05-02T00:00:00Z")),
            event("automatic_base_change_succeeded", Some("2026-05-03T00:00:00Z")),
            event("labeled", Some("2026-05-09T00:00:00Z")),
        ];
        assert_eq!(base_changed(&timeline), Ok(time("2026-05-03T00:00:00Z")));
        assert_eq!(base_changed(&timeline[2..]), Ok(None));
        assert!(base_changed(&[event("base_ref_changed", None)]).is_err());
        assert!(base_changed(&[event("base_ref_changed", Some("yesterday"))]).is_err());
    }

    #[test]
    fn author_committers_co_authors_and_pushers_are_excluded_and_the_author_always() {
        let side = || Ref { name: "x".into(), sha: HEAD.into(), repo: None };
        let pull = Pull { user: Some(user(1)), head: side(), base: side(), changed_files: 1, commits: 1 };
        let message =
            "m\n\nCo-authored-by: A <4+a@users.noreply.github.com>\nCo-Authored-By: B <b@example.com>";
        let commit = PullCommit {
            author: Some(user(2)),
            committer: Some(user(3)),
            commit: CommitText { message: message.into() },
        };
        let approvers = Approvers::default();
        let all = excluded(&pull, std::slice::from_ref(&commit), &[5], &approvers);
        assert_eq!(all.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        let lenient = Approvers { exclude_pushers: false, ..approvers };
        assert_eq!(excluded(&pull, &[commit], &[5], &lenient).into_keys().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn people_are_told_by_number_and_teams_are_asked_last() {
        let person = Person { login: "U7".into(), id: 7 };
        let mut approvers = Approvers { people: vec![person], ..Approvers::default() };
        let by = |id, login: &str, bot| Opinion {
            login: login.into(),
            id,
            bot,
            review: 1,
            approves: true,
            commit: Some(HEAD.into()),
            given: None,
        };
        let may = |o: &Opinion, a: &Approvers| named(o, a).map(|s| matches!(s, Right::May(_)));
        assert_eq!(may(&by(7, "renamed", false), &approvers), Some(true));
        assert_eq!(may(&by(8, "u7", false), &approvers), Some(false), "a login taken over");
        assert_eq!(may(&by(9, "u9", false), &approvers), Some(false));
        approvers.teams.push(Team { org: "acme".into(), slug: "security".into() });
        assert_eq!(may(&by(9, "u9", false), &approvers), None);
        assert_eq!(may(&by(9, "u9", true), &approvers), Some(false), "a bot is in no team");
        let nobody = Approvers::default();
        assert_eq!(may(&by(9, "u9", false), &nobody), Some(true));
        assert_eq!(may(&by(9, "u9", true), &nobody), Some(false));
    }

    #[test]
    fn permissions_are_ordered_and_read_is_none() {
        let permits = |p, role, wanted| permitted(p, role, wanted);
        assert!(
            permits("admin", Some("admin"), Permission::Admin) && permits("write", None, Permission::Write)
        );
        assert!(permits("write", Some("maintain"), Permission::Maintain));
        assert!(!permits("write", Some("write"), Permission::Maintain));
        assert!(!permits("write", Some("write"), Permission::Admin));
        for low in ["read", "none", "triage", ""] {
            assert!(!permits(low, Some("triage"), Permission::Write), "{low}");
        }
    }
}
