//! Whose approval counts: an authorised person's, not the author's, of what is judged.
//!
//! Pure, in two steps with the server's answers about permissions in between: first who approved at
//! all, then who of them may.

use super::types::{Pull, PullCommit, Review};
use crate::gate::{Approval, ApprovalState, Approvals, Refused};
use crate::policy::{Approvers, Permission};
use std::collections::BTreeMap;

/// Somebody whose newest review approves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) login: String,
    pub(super) id: u64,
    pub(super) bot: bool,
    pub(super) review: u64,
    /// The commit that was reviewed.
    pub(super) commit: String,
}

/// Accounts that may not approve, and why.
pub(super) type Excluded = BTreeMap<u64, &'static str>;

/// Why somebody may approve, or why not. `Err` is what could not be read.
pub(super) type Authority = Result<Result<String, String>, String>;

/// The author, and whoever wrote or pushed commits if the policy says so.
pub(super) fn excluded(
    pull: &Pull,
    commits: &[PullCommit],
    pushers: &[u64],
    approvers: &Approvers,
) -> Excluded {
    let mut excluded = Excluded::new();
    if approvers.exclude_pushers {
        excluded.extend(pushers.iter().map(|id| (*id, "pushed to this pull request")));
        for commit in commits {
            let wrote = [&commit.author, &commit.committer].into_iter().flatten().map(|user| user.id);
            let ids = wrote.chain(co_authors(&commit.commit.message));
            excluded.extend(ids.map(|id| (id, "wrote a commit of this pull request")));
        }
    }
    excluded.extend(pull.user.as_ref().map(|author| (author.id, "is the author of this pull request")));
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

/// Who approved, by the newest review of each person that says yes or no. A comment takes no approval
/// back; a dismissal does.
pub(super) fn candidates(reviews: &[Review], excluded: &Excluded) -> (Vec<Candidate>, Vec<Refused>) {
    let mut newest: BTreeMap<u64, &Review> = BTreeMap::new();
    for review in reviews {
        let says = matches!(review.state.as_str(), "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED");
        if let Some(user) = review.user.as_ref().filter(|_| says) {
            newest.insert(user.id, review);
        }
    }
    let (mut candidates, mut refused) = (Vec::new(), Vec::new());
    for (id, review) in newest {
        let Some(user) = review.user.as_ref().filter(|_| review.state == "APPROVED") else { continue };
        let reason = if let Some(why) = excluded.get(&id) {
            (*why).to_owned()
        } else if let Some(commit) = &review.commit_id {
            let (login, bot, commit) = (user.login.clone(), user.is_bot(), commit.clone());
            candidates.push(Candidate { login, id, bot, review: review.id, commit });
            continue;
        } else {
            "approved a commit that is gone".to_owned()
        };
        refused.push(Refused { login: user.login.clone(), reason });
    }
    (candidates, refused)
}

/// Whether the policy names a candidate by itself; `None` asks the teams.
pub(super) fn named(candidate: &Candidate, approvers: &Approvers) -> Option<Result<String, String>> {
    if approvers.nobody_named() {
        let bot = || Err("is no person, and the policy names no approvers".to_owned());
        return Some(if candidate.bot {
            bot()
        } else {
            Ok("administrator; the policy names no approvers".into())
        });
    }
    if approvers.people.iter().any(|p| p.id == candidate.id) {
        return Some(Ok("named in the policy".to_owned()));
    }
    if approvers.people.iter().any(|p| p.login.eq_ignore_ascii_case(&candidate.login)) {
        return Some(Err(format!("has account number {}, not the one that the policy names", candidate.id)));
    }
    if candidate.bot || approvers.teams.is_empty() {
        return Some(Err("is not among the approvers of the policy".to_owned()));
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

/// The answer. What could not be read matters only if it could have made up what is missing.
pub(super) fn decide(
    head: &str,
    approvers: &Approvers,
    candidates: Vec<(Candidate, Authority)>,
    mut refused: Vec<Refused>,
) -> Approvals {
    let (mut approvals, mut unread) = (Vec::new(), Vec::new());
    for (candidate, authority) in candidates {
        match authority {
            Ok(Ok(authority)) => approvals.push(Approval {
                login: candidate.login,
                id: candidate.id,
                review: candidate.review,
                commit: candidate.commit,
                authority,
            }),
            Ok(Err(reason)) => refused.push(Refused { login: candidate.login, reason }),
            Err(problem) => {
                unread.push(format!("whether `{}` may approve is not known: {problem}", candidate.login));
            }
        }
    }
    let needed = approvers.needed as usize;
    let state = if approvals.len() >= needed {
        ApprovalState::Given
    } else if approvals.len() + unread.len() >= needed {
        ApprovalState::Unknown
    } else {
        ApprovalState::Missing
    };
    Approvals {
        state,
        needed: approvers.needed,
        from: approvers.words(),
        commit: Some(head.to_owned()),
        approvals,
        refused,
        reason: (!unread.is_empty()).then(|| unread.join("; ")),
        settled: Vec::new(),
    }
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

    fn review(id: u64, user_id: u64, state: &str, commit: &str) -> Review {
        let commit_id = (!commit.is_empty()).then(|| commit.to_owned());
        Review { id, user: Some(user(user_id)), state: state.into(), commit_id }
    }

    fn who(reviews: &[Review], excluded: &Excluded) -> (Vec<u64>, Vec<String>) {
        let (candidates, refused) = candidates(reviews, excluded);
        let refused = refused.into_iter().map(|r| format!("{}: {}", r.login, r.reason)).collect();
        (candidates.iter().map(|c| c.id).collect(), refused)
    }

    #[test]
    fn the_newest_review_with_an_opinion_counts() {
        let none = Excluded::new();
        let approved = review(1, 7, "APPROVED", HEAD);
        for (later, counts) in
            [("COMMENTED", true), ("PENDING", true), ("CHANGES_REQUESTED", false), ("DISMISSED", false)]
        {
            let (ids, _) = who(&[approved.clone(), review(2, 7, later, HEAD)], &none);
            assert_eq!(ids == [7], counts, "{later}");
        }
        let (ids, _) = who(&[review(1, 7, "CHANGES_REQUESTED", HEAD), review(2, 7, "APPROVED", HEAD)], &none);
        assert_eq!(ids, [7]);
        let gone = Review { user: None, ..approved };
        assert_eq!(who(&[gone], &none), (vec![], vec![]));
    }

    #[test]
    fn a_lost_commit_and_an_excluded_account_do_not_count() {
        let excluded = Excluded::from([(8, "is the author of this pull request")]);
        let reviews = [review(2, 8, "APPROVED", HEAD), review(3, 9, "APPROVED", "")];
        let (ids, refused) = who(&reviews, &excluded);
        assert_eq!(ids, [0; 0]);
        assert_eq!(
            refused,
            ["u8: is the author of this pull request", "u9: approved a commit that is gone",]
        );
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
        let candidate =
            |id, login: &str, bot| Candidate { login: login.into(), id, bot, review: 1, commit: HEAD.into() };
        let says = |c: &Candidate, a: &Approvers| named(c, a).map(|r| r.is_ok());
        assert_eq!(says(&candidate(7, "renamed", false), &approvers), Some(true));
        assert_eq!(says(&candidate(8, "u7", false), &approvers), Some(false), "a login taken over");
        assert_eq!(says(&candidate(9, "u9", false), &approvers), Some(false));
        approvers.teams.push(Team { org: "acme".into(), slug: "security".into() });
        assert_eq!(says(&candidate(9, "u9", false), &approvers), None);
        assert_eq!(says(&candidate(9, "u9", true), &approvers), Some(false), "a bot is in no team");
        let nobody = Approvers::default();
        assert_eq!(says(&candidate(9, "u9", false), &nobody), Some(true));
        assert_eq!(says(&candidate(9, "u9", true), &nobody), Some(false));
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

    #[test]
    fn what_is_not_known_matters_only_if_it_could_be_enough() {
        let candidate =
            |id| Candidate { login: format!("u{id}"), id, bot: false, review: id, commit: HEAD.into() };
        let state = |needed, authorities: &[Authority]| {
            let approvers = Approvers { needed, ..Approvers::default() };
            let all = authorities.iter().cloned().enumerate();
            let all = all.map(|(at, authority)| (candidate(at as u64), authority)).collect();
            decide(HEAD, &approvers, all, Vec::new()).state
        };
        let (yes, no, unread) = (Ok(Ok(String::new())), Ok(Err(String::new())), Err(String::new()));
        assert_eq!(state(1, &[]), ApprovalState::Missing);
        assert_eq!(state(1, std::slice::from_ref(&no)), ApprovalState::Missing);
        assert_eq!(state(1, &[unread.clone(), yes.clone()]), ApprovalState::Given);
        assert_eq!(state(1, std::slice::from_ref(&unread)), ApprovalState::Unknown);
        assert_eq!(state(2, std::slice::from_ref(&yes)), ApprovalState::Missing);
        assert_eq!(state(2, &[yes.clone(), unread]), ApprovalState::Unknown);
        assert_eq!(state(3, &[yes.clone(), yes, no]), ApprovalState::Missing);
    }
}
