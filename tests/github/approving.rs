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
        (Outcome::Waiting, Some("missing"))
    );
    assert_eq!(
        (blocked.outputs["verdict"].as_str(), blocked.outputs["awaiting-approval"].as_str()),
        ("waiting", "1")
    );
    let headline = "### ⏳ Waits for approval by one of `@sec1`, `@sec2`\n\nAsk for a review that approves";
    assert!(blocked.summary.starts_with(headline), "{}", blocked.summary);

    project.review("sec1", 202, "APPROVED", &project.head);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.log);
    assert!(run.summary.starts_with("### ✅ Passed: 1 finding is approved\n"), "{}", run.summary);
    assert!(
        !run.summary.contains("Ask for a review"),
        "an approved row never contradicts itself: {}",
        run.summary
    );
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
        assert!(state.line_comments[0]["body"].as_str().unwrap().contains("Approved by `sec1`"));
        assert_eq!((state.line_comments.len(), state.page_comments.len()), (1, 1));
        let states: Vec<&str> = state.statuses.iter().map(|s| s["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["pending", "success"]);
        assert!(state.page_comments[0]["body"].as_str().unwrap().contains("account 202"));
    }
    project.review("sec1", 202, "DISMISSED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Waiting, "a dismissal takes it back");
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
        assert_eq!(run.outcome, Outcome::Waiting, "{why}: {}", run.log);
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
    assert_eq!(project.clean_run().outcome, Outcome::Waiting, "one person is one approval");
    project.review("sec2", 203, "APPROVED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Passed);
}

#[test]
fn people_of_a_part_are_needed_as_well() {
    let also = format!(
        "{PEOPLE}  also:\n    - tier: restricted\n      people: [{{ login: privacy, id: 301 }}, {{ login: sec2, id: \
         203 }}]\n    - objects: [Lead]\n      people: [{{ login: sales, id: 302 }}]\n"
    );
    let outcome = |reviews: &[(&str, u64)]| {
        let project = waiting(&also);
        for (login, id) in reviews {
            project.permit(login, "write");
            project.review(login, *id, "APPROVED", &project.head);
        }
        let run = project.clean_run();
        (run.outcome, run.summary)
    };
    let (none, said) = outcome(&[]);
    assert_eq!(none, Outcome::Waiting);
    let both = "### ⏳ Waits for approval by one of `@sec1`, `@sec2`, and by one of `@privacy`, `@sec2` for tier 3\n";
    assert!(said.starts_with(both), "{said}");
    let (one, said) = outcome(&[("sec1", 202)]);
    assert_eq!(one, Outcome::Waiting);
    assert!(
        said.starts_with("### ⏳ Waits for approval by one of `@privacy`, `@sec2` for tier 3\n"),
        "{said}"
    );
    assert!(!said.contains("reviewed less"), "{said}");
    let (other, said) = outcome(&[("privacy", 301), ("sales", 302)]);
    assert_eq!(other, Outcome::Waiting);
    assert!(said.starts_with("### ⏳ Waits for approval by one of `@sec1`, `@sec2`\n"), "{said}");
    assert_eq!(outcome(&[("sec1", 202), ("sales", 302)]).0, Outcome::Waiting, "sales is no part of this");
    assert_eq!(outcome(&[("sec1", 202), ("privacy", 301)]).0, Outcome::Passed);
    assert_eq!(outcome(&[("sec2", 203)]).0, Outcome::Passed, "one person may be in both lists");
    // Somebody of a part who asks for changes holds the approvals back as any approver does.
    let project = waiting(&also);
    project.permit("privacy", "write");
    project.review("sec2", 203, "APPROVED", &project.head);
    project.review("privacy", 301, "CHANGES_REQUESTED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Waiting);
}

#[test]
fn without_approvers_an_administrator_approves() {
    let project = waiting("");
    project.review("sec1", 202, "APPROVED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Waiting, "who may write is no administrator");
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
        let outcome = if passes { Outcome::Passed } else { Outcome::Waiting };
        assert_eq!(run.outcome, outcome, "{login}: {}", run.log);
        assert!(run.json["findings"][0]["rule"] == "policy-changed");
    }
}

#[test]
fn teams_need_a_token_that_sees_them() {
    let mut project = waiting(TEAM);
    assert_eq!(project.clean_run().outcome, Outcome::Waiting, "nobody approved, so no team has to be asked");
    project.review("sec1", 202, "APPROVED", &project.head);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Waiting);
    let reason = run.json["approval"]["refused"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("could not be looked up") && reason.contains("input `team-token` only"),
        "{reason}"
    );
    assert!(
        run.summary.contains("`@sec1`") && run.summary.contains("input `team-token` only"),
        "{}",
        run.summary
    );
    project.set("INPUT_TEAM-TOKEN", TEAM_TOKEN);
    assert_eq!(project.clean_run().outcome, Outcome::Waiting, "the team cannot be seen");
    project.server.state().teams.insert("acme/security".into(), vec!["other".into()]);
    assert_eq!(project.clean_run().outcome, Outcome::Waiting, "seen, and no member");
    project.server.state().teams.insert("acme/security".into(), vec!["sec1".into()]);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Passed);
    let authority = run.json["approval"]["approvals"][0]["authority"].as_str().unwrap();
    assert_eq!(authority, "member of `@acme/security`, permission `write`");
}

#[test]
fn a_stranger_who_approves_cannot_stop_anybody() {
    for permission in ["read", "triage", "none"] {
        let mut project = waiting(TEAM);
        project.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
        project.permit("stranger", permission);
        project.review("stranger", 999, "APPROVED", &project.head);
        let run = project.clean_run();
        assert_eq!(run.outcome, Outcome::Waiting, "{permission}: {}", run.log);
        let reason = run.json["approval"]["refused"][0]["reason"].as_str().unwrap();
        assert!(reason.contains(&format!("has permission `{permission}`")), "{reason}");
        let state = project.server.state();
        assert!(!state.requests.iter().any(|r| r.contains("/orgs/")), "teams are asked only for who is left");
        assert_eq!(state.statuses[0]["state"], "pending");
        assert_eq!(state.statuses[0]["description"], "Waits for approval by one of @acme/security");
    }
}

#[test]
fn an_approver_who_asks_for_changes_holds_the_others_back() {
    let setup = |policy: &str| {
        let project = waiting(policy);
        project.permit("sec2", "write");
        project.review("sec1", 202, "APPROVED", &project.head);
        project.review("sec2", 203, "CHANGES_REQUESTED", &project.head);
        project
    };
    let project = setup(PEOPLE);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Waiting, "{}", run.log);
    assert_eq!(run.json["approval"]["held_by"], json!(["sec2"]));
    assert!(run.summary.contains("`@sec2` asks for changes: no approval counts"), "{}", run.summary);
    project.review("sec2", 203, "APPROVED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Passed, "changed");
    let dismissed = setup(PEOPLE);
    dismissed.review("sec2", 203, "DISMISSED", &dismissed.head);
    assert_eq!(dismissed.clean_run().outcome, Outcome::Passed, "dismissed");
    let lenient = setup(&format!("{PEOPLE}  changes_requested: ignore\n"));
    assert_eq!(lenient.clean_run().outcome, Outcome::Passed);
    // Whoever may not approve holds nothing back.
    let stranger = waiting(PEOPLE);
    stranger.review("sec1", 202, "APPROVED", &stranger.head);
    stranger.review("stranger", 999, "CHANGES_REQUESTED", &stranger.head);
    assert_eq!(stranger.clean_run().outcome, Outcome::Passed);
    // Whether this one may is not known.
    let unknown = setup(PEOPLE);
    unknown.server.fault("GET", "/collaborators/sec2/permission", answer(500, "no"), 99);
    assert_eq!(unknown.run().outcome, Outcome::Waiting);
}

#[test]
fn a_review_of_the_pull_request_into_another_branch_does_not_count() {
    for event in ["base_ref_changed", "automatic_base_change_succeeded"] {
        let project = waiting(PEOPLE);
        project.review("sec1", 202, "APPROVED", &project.head);
        project.server.state().timeline = vec![
            json!({ "event": "commented", "created_at": "2026-04-01T00:00:00Z" }),
            json!({ "event": event, "created_at": "2026-05-02T00:00:00Z" }),
        ];
        // The change is on the second page.
        project.server.state().page_size = 1;
        let run = project.clean_run();
        assert_eq!(run.outcome, Outcome::Waiting, "{event}: {}", run.log);
        let reason = run.json["approval"]["refused"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("before the pull request was pointed at its present base"), "{reason}");
        project.server.state().timeline[1]["created_at"] = json!("2026-04-30T00:00:00Z");
        assert_eq!(project.clean_run().outcome, Outcome::Passed, "given since");
        project.server.fault("GET", "/timeline?per_page=100&page=2", answer(500, "no"), 99);
        let run = project.run();
        assert_eq!(run.outcome, Outcome::Waiting, "what cannot be read does not count");
        assert!(run.summary.contains("went into another branch since is not known"), "{}", run.summary);
    }
}

/// The base gets a commit after the approval was given, and the pull request is merged into that.
fn approved_then_base(policy: Option<&str>, edit: impl Fn(&std::path::Path)) -> Project {
    let project = Project::awaiting(1, policy);
    let head = project.head.clone();
    let project = project.base_moves(edit);
    project.permit("sec1", "admin");
    project.review("sec1", 202, "APPROVED", &head);
    project
}

#[test]
fn a_review_agrees_to_what_its_commit_asked_for_and_to_no_more() {
    let label = |root: &std::path::Path, text: &str| {
        let path = root.join("force-app/objects/Contact/fields/F000__c.field-meta.xml");
        std::fs::write(path, format!("<CustomField>\n{text}\n</CustomField>\n")).unwrap();
    };
    // Something else moves: what was asked for is the same.
    let project = approved_then_base(None, |root| std::fs::write(root.join("other.txt"), "x").unwrap());
    assert_eq!(project.clean_run().outcome, Outcome::Passed);
    // A label lands meanwhile that asks for more.
    let restricted = "<securityClassification>Restricted</securityClassification>";
    let groups = format!("<complianceGroup>PII;HIPAA</complianceGroup>\n{restricted}");
    let project = approved_then_base(None, |root| label(root, &groups));
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Waiting, "{}", run.log);
    let note = run.json["findings"][0]["notes"].to_string();
    assert!(
        note.contains("asked for no such approval") && note.contains("Bring the branch up to date"),
        "{note}"
    );
    // Brought up to date and reviewed again, it counts.
    let project = project.push(|root| drop(git(root, &["merge", "-q", "-m", "up to date", "main"])));
    project.review("sec1", 202, "APPROVED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Passed);
    // A policy that asks for an approval lands meanwhile; before, a reason was enough.
    let lenient = "tiers: { restricted: { read: justify } }\n";
    let project =
        approved_then_base(Some(lenient), |root| std::fs::write(root.join(POLICY), "version: 1\n").unwrap());
    assert_eq!(project.clean_run().outcome, Outcome::Waiting);
}

#[test]
fn without_the_history_what_a_commit_asked_for_is_made_from_what_landed() {
    // Depth two has the merge and its parents; the base changed the file of the pull request, too.
    let shallow = waiting(PEOPLE);
    assert!(shallow.workspace().join(".git/shallow").is_file());
    shallow.review("sec1", 202, "APPROVED", &shallow.head);
    assert_eq!(shallow.clean_run().outcome, Outcome::Passed);
    // With all of the history it is the same.
    let mut full = waiting(PEOPLE);
    let url = format!("file://{}", full.root.join("origin").display());
    git(&full.root, &["clone", "-q", "--branch", "pull", &url, "full"]);
    git(&full.root.join("full"), &["checkout", "-q", "--detach", &full.merge]);
    full.set("GITHUB_WORKSPACE", full.root.join("full").to_str().unwrap());
    full.review("sec1", 202, "APPROVED", &full.head);
    assert_eq!(full.clean_run().outcome, Outcome::Passed);
}

#[test]
fn who_cannot_be_looked_up_does_not_count_and_is_named() {
    for status in [403, 404, 500] {
        let project = waiting(PEOPLE);
        project.review("sec1", 202, "APPROVED", &project.head);
        project.server.fault("GET", "/permission", answer(status, "no"), 99);
        let run = project.run();
        assert_eq!(run.outcome, Outcome::Waiting, "{status}");
        let refused = &run.json["approval"]["refused"][0];
        assert_eq!(refused["login"], "sec1");
        assert!(refused["reason"].as_str().unwrap().contains("could not be looked up"), "{refused}");
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
    assert_eq!((run.outcome, run.json["approval"]["state"].as_str()), (Outcome::Waiting, Some("not_read")));
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
        assert_eq!(run.outcome, Outcome::Waiting, "{path}: {}", run.log);
        let reason = run.json["approval"]["refused"][0]["reason"].as_str().unwrap().to_owned();
        assert!(reason.ends_with(&format!("and `{path}` differs since")), "{reason}");
    }
    // The base brought something into a file of the pull request.
    let project = approved_then(|root| {
        git(root, &["merge", "-q", "-m", "up to date", "main"]);
    });
    assert_eq!(project.clean_run().outcome, Outcome::Waiting);
    // What cannot be compared may be the same.
    let project = approved_then(|_| ());
    project.server.fault("GET", "/git/trees/", answer(500, "Server Error"), 99);
    assert_eq!(project.run().outcome, Outcome::Undecided);
}

#[test]
fn an_entry_for_what_the_policy_denies_is_told_and_settles_what_it_allows() {
    let project = Project::awaiting(1, Some("tiers: { restricted: { edit: deny } }\n"));
    let denied = project.push(|root| {
        let entry = std::fs::read_to_string(root.join(ENTRY)).unwrap();
        std::fs::write(root.join(ENTRY), entry.replace("access: read", "access: edit")).unwrap();
    });
    denied.permit("lead", "admin");
    denied.review("lead", 303, "APPROVED", &denied.head);
    let run = denied.clean_run();
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.log);
    let finding = &run.json["findings"][0];
    let told = (finding["rule"].as_str(), finding["severity"].as_str(), finding["approvable"].as_bool());
    assert_eq!(told, (Some("awaiting-approval"), Some("warning"), Some(false)), "editing stays denied");
}
