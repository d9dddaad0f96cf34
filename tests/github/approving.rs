//! Whose approval settles what, and when nobody can know.

use crate::project::{ENTRY, POLICY, Project, SET, git, set};
use crate::server::{TEAM_TOKEN, answer, person};
use flsgate::gate::Outcome;
use serde_json::json;

const PEOPLE: &str =
    "version: 1\napprovers:\n  people:\n    - { login: sec1, id: 202 }\n    - { login: sec2, id: 203 }\n";
const TEAM: &str = "version: 1\napprovers:\n  teams: [acme/security]\n";

fn waiting(policy: &str) -> Project {
    let project = Project::awaiting(1, (!policy.is_empty()).then_some(policy));
    project.permit("sec1", "write");
    project
}

#[test]
fn an_approval_turns_the_finding_into_a_note_and_leaves_evidence() {
    let mut project = waiting(PEOPLE);
    project.set("INPUT_COMMIT-STATUS", "flsgate");
    let blocked = project.clean_run();
    assert_eq!(
        (blocked.outcome, blocked.json["approval"]["state"].as_str()),
        (Outcome::Blocked, Some("missing"))
    );
    assert_eq!(blocked.outputs["awaiting-approval"], "1");
    assert!(
        blocked.summary.contains("it counts from `sec1`, `sec2` with permission `write`"),
        "{}",
        blocked.summary
    );

    assert!(
        blocked.summary.contains("**Approval**: 1 finding awaits it: 0 of 1 given"),
        "{}",
        blocked.summary
    );

    project.review("sec1", 202, "APPROVED", &project.head);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.log);
    assert!(run.summary.contains("**Approval**: given, settles 1 finding.\n"), "{}", run.summary);
    let approval = &run.json["approval"];
    assert_eq!(
        (approval["state"].as_str(), approval["commit"].as_str(), approval["approvals"][0]["id"].as_u64()),
        (Some("given"), Some(project.head.as_str()), Some(202))
    );
    assert_eq!(approval["settled"], json!([run.json["findings"][0]["fingerprint"]]));
    assert_eq!(run.json["findings"][0]["severity"], "note");
    let note = run.json["findings"][0]["notes"][0].as_str().unwrap();
    assert!(note.starts_with("approved by `sec1` (review 7000 of commit "), "{note}");
    {
        let state = project.server.state();
        assert!(state.line_comments[0]["body"].as_str().unwrap().contains("approved by `sec1`"));
        assert_eq!((state.line_comments.len(), state.page_comments.len()), (1, 1));
        let states: Vec<&str> = state.statuses.iter().map(|s| s["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["pending", "success"]);
        assert!(state.page_comments[0]["body"].as_str().unwrap().contains("account 202"));
    }
    project.review("sec1", 202, "DISMISSED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Blocked, "a dismissal takes it back");
}

#[test]
fn who_does_not_count_is_named_with_the_reason() {
    type Setup = fn(&Project);
    let cases: [(&str, u64, Setup, &str); 7] = [
        (
            "sec1",
            202,
            |p| p.server.state().pull["user"] = person("sec1", 202),
            "is the author of this pull request",
        ),
        ("sec1", 202, |p| p.server.state().commits[0]["author"] = person("sec1", 202), "wrote a commit"),
        (
            "sec1",
            202,
            |p| p.server.state().pushes = vec![json!({ "actor": person("sec1", 202) })],
            "pushed to this",
        ),
        (
            "sec1",
            202,
            |p| p.permit("sec1", "read"),
            "has permission `read` on the repository, and `write` is needed",
        ),
        ("sec1", 999, |_| {}, "has account number 999, not the one that the policy names"),
        ("mallory", 666, |p| p.permit("mallory", "admin"), "is not among the approvers"),
        (
            "sec1",
            202,
            |p| p.server.state().reviews[0]["commit_id"] = json!("1".repeat(40)),
            "approved commit `1111111111`, which the server does not have any more",
        ),
    ];
    for (login, id, setup, why) in cases {
        let project = waiting(PEOPLE);
        project.review(login, id, "APPROVED", &project.head);
        setup(&project);
        let run = project.clean_run();
        assert_eq!(run.outcome, Outcome::Blocked, "{why}: {}", run.log);
        let refused = &run.json["approval"]["refused"][0];
        assert!(refused["reason"].as_str().unwrap().contains(why), "{why}: {refused}");
    }
}

#[test]
fn two_are_needed_where_the_policy_says_so() {
    let project = waiting(&format!("{PEOPLE}  needed: 2\n"));
    project.permit("sec2", "maintain");
    project.review("sec1", 202, "APPROVED", &project.head);
    project.review("sec1", 202, "APPROVED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Blocked, "one person is one approval");
    project.review("sec2", 203, "APPROVED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Passed);
}

#[test]
fn without_approvers_an_administrator_approves() {
    let project = waiting("");
    project.review("sec1", 202, "APPROVED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Blocked, "who may write is no administrator");
    project.permit("lead", "admin");
    project.review("lead", 303, "APPROVED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Passed);
}

#[test]
fn approvers_are_read_from_the_base() {
    let base: crate::project::Files = [(POLICY.to_owned(), PEOPLE.to_owned())].into();
    let mut head = base.clone();
    head.insert(POLICY.to_owned(), PEOPLE.replace("sec1, id: 202", "mallory, id: 666"));
    let project = Project::new(base, head);
    for (login, id) in [("mallory", 666), ("sec1", 202)] {
        project.permit(login, "write");
        project.review(login, id, "APPROVED", &project.head);
        let passes = login == "sec1";
        let run = project.clean_run();
        assert_eq!(run.outcome == Outcome::Passed, passes, "{login}: {}", run.log);
        assert!(run.json["findings"][0]["rule"] == "policy-changed");
    }
}

#[test]
fn teams_need_a_token_that_sees_them() {
    let mut project = waiting(TEAM);
    assert_eq!(project.clean_run().outcome, Outcome::Blocked, "nobody approved, so no team has to be asked");
    project.review("sec1", 202, "APPROVED", &project.head);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert!(run.log.contains("with input `team-token` only"), "{}", run.log);
    project.set("INPUT_TEAM-TOKEN", TEAM_TOKEN);
    assert_eq!(project.clean_run().outcome, Outcome::Undecided, "the team cannot be seen");
    project.server.state().teams.insert("acme/security".into(), vec!["other".into()]);
    assert_eq!(project.clean_run().outcome, Outcome::Blocked, "seen, and no member");
    project.server.state().teams.insert("acme/security".into(), vec!["sec1".into()]);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Passed);
    let authority = run.json["approval"]["approvals"][0]["authority"].as_str().unwrap();
    assert_eq!(authority, "member of team `acme/security`, permission `write`");
}

#[test]
fn a_permission_that_cannot_be_read_leaves_the_run_undecided() {
    for status in [403, 404, 500] {
        let project = waiting(PEOPLE);
        project.review("sec1", 202, "APPROVED", &project.head);
        project.server.fault("GET", "/permission", answer(status, "no"), 99);
        let run = project.run();
        assert_eq!(run.outcome, Outcome::Undecided, "{status}");
        assert!(run.log.contains("whether `sec1` may approve is not known"), "{}", run.log);
    }
}

#[test]
fn commits_that_cannot_all_be_read_leave_the_run_undecided() {
    let project = waiting(PEOPLE);
    project.review("sec1", 202, "APPROVED", &project.head);
    project.server.state().pull["commits"] = json!(251);
    assert_eq!(project.clean_run().outcome, Outcome::Undecided);
    let lenient = waiting(&format!("{PEOPLE}  pushers: include\n"));
    lenient.review("sec1", 202, "APPROVED", &lenient.head);
    lenient.server.state().pull["commits"] = json!(251);
    assert_eq!(lenient.clean_run().outcome, Outcome::Passed, "who wrote them does not matter here");
}

#[test]
fn without_a_token_a_needed_approval_blocks() {
    let mut project = waiting(PEOPLE);
    project.set("INPUT_TOKEN", "");
    let run = project.run();
    assert_eq!((run.outcome, run.json["approval"]["state"].as_str()), (Outcome::Blocked, Some("not_read")));
    assert_eq!(project.server.state().requests, [""; 0]);
}

#[test]
fn an_approval_settles_nothing_that_no_approval_can() {
    let project = waiting("");
    std::fs::read_to_string(project.workspace().join(ENTRY)).unwrap();
    let opening = Project::opening(1);
    opening.permit("lead", "admin");
    opening.review("lead", 303, "APPROVED", &opening.head);
    let run = opening.clean_run();
    assert_eq!(run.outcome, Outcome::Blocked, "no justification, so nothing to approve");
    assert!(run.json["approval"].is_null(), "and nobody was asked");
}

/// The branch gets a commit more after the approval: `edit` writes it, on top of the approved one.
fn approved_then(edit: impl Fn(&std::path::Path)) -> Project {
    let project = waiting(PEOPLE);
    let older = project.head.clone();
    let mut project = project.push(edit);
    project.permit("sec1", "write");
    project.review("sec1", 202, "APPROVED", &older);
    project.know(&older);
    project.set("INPUT_COMMIT-STATUS", "flsgate");
    project
}

#[test]
fn an_approval_outlives_a_commit_that_changes_nothing_of_the_pull_request() {
    // As when a check is started anew by an empty commit, or the base brings in other files.
    let project = approved_then(|_| ());
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.log);
    let approval = &run.json["approval"]["approvals"][0];
    assert_ne!(approval["commit"], run.json["approval"]["commit"]);
    assert!(
        approval["authority"]
            .as_str()
            .unwrap()
            .ends_with("nothing that the pull request changes differs since")
    );
}

#[test]
fn an_approval_does_not_outlive_a_change_of_what_was_approved() {
    type Edit = fn(&std::path::Path);
    let cases: [(Edit, &str); 3] = [
        (|root| std::fs::write(root.join(SET), set(1, "").replace("T11", "T99")).unwrap(), SET),
        (|root| std::fs::write(root.join("new.txt"), "new").unwrap(), "new.txt"),
        // What it changed then, taken back.
        (|root| std::fs::remove_file(root.join("README.md")).unwrap(), "README.md"),
    ];
    for (edit, path) in cases {
        let project = approved_then(edit);
        let run = project.clean_run();
        assert_eq!(run.outcome, Outcome::Blocked, "{path}: {}", run.log);
        let reason = run.json["approval"]["refused"][0]["reason"].as_str().unwrap().to_owned();
        assert!(reason.ends_with(&format!("and `{path}` differs since")), "{reason}");
    }
    // The base brought something into a file of the pull request.
    let project = approved_then(|root| {
        git(root, &["merge", "-q", "-m", "up to date", "main"]);
    });
    assert_eq!(project.clean_run().outcome, Outcome::Blocked);
    // What cannot be compared may be the same.
    let project = approved_then(|_| ());
    project.server.fault("GET", "/git/trees/", answer(500, "Server Error"), 99);
    assert_eq!(project.run().outcome, Outcome::Undecided);
}

#[test]
fn an_entry_for_what_the_policy_denies_cannot_be_approved() {
    let project = Project::awaiting(1, Some("tiers: { restricted: { edit: deny } }\n"));
    let denied = project.push(|root| {
        let entry = std::fs::read_to_string(root.join(ENTRY)).unwrap();
        std::fs::write(root.join(ENTRY), entry.replace("access: read", "access: edit")).unwrap();
    });
    denied.permit("lead", "admin");
    denied.review("lead", 303, "APPROVED", &denied.head);
    let run = denied.clean_run();
    assert_eq!(run.outcome, Outcome::Blocked, "{}", run.log);
    let finding = &run.json["findings"][0];
    assert_eq!(
        (finding["rule"].as_str(), finding["approvable"].as_bool()),
        (Some("awaiting-approval"), Some(false))
    );
    assert!(run.json["approval"].is_null());
}
