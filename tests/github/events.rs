//! Each event: what is compared with what, and when a run refuses.

use crate::project::{ENTRY, Files, Project, SET, entries, expected, field, fields, git};
use flsgate::gate::Outcome;
use serde_json::{Value, json};
use std::fs;

fn payload(project: &Project) -> Value {
    serde_json::from_str(&fs::read_to_string(project.root.join("event.json")).unwrap()).unwrap()
}

#[test]
fn a_review_is_judged_like_a_push_and_reviews_are_read_live() {
    let mut project = Project::awaiting(1, None);
    project.permit("lead", "admin");
    project.review("lead", 303, "APPROVED", &project.head);
    project.set("GITHUB_EVENT_NAME", "pull_request_review");
    let mut event = payload(&project);
    event["action"] = json!("submitted");
    // The payload says otherwise; it is as old as the event.
    event["review"] = json!({ "state": "changes_requested" });
    project.event(&event);
    assert_eq!(project.clean_run().outcome, Outcome::Passed);
}

#[test]
fn a_run_that_is_not_of_the_newest_commit_is_stale() {
    let mut project = Project::opening(1);
    project.set("INPUT_COMMIT-STATUS", "flsgate");
    project.server.state().pull["head"]["sha"] = json!("9".repeat(40));
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert!(run.log.contains("This run is old: push or reopen"), "{}", run.log);
    let state = project.server.state();
    assert!(state.line_comments.is_empty() && state.page_comments.is_empty());
    assert_eq!(
        (state.statuses[0]["state"].as_str(), &state.statuses[0]["sha"]),
        (Some("error"), &json!(project.head))
    );
}

#[test]
fn a_pull_request_that_goes_elsewhere_now_is_stale() {
    let project = Project::opening(1);
    project.server.state().pull["base"]["ref"] = json!("release");
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert!(run.log.contains("now goes into `release`, and this run is about `main`"), "{}", run.log);
}

#[test]
fn the_base_is_the_first_parent_of_the_merge_commit() {
    // The payload's base is where the branch began; the real one has a commit more.
    let project = Project::opening(1);
    let run = project.clean_run();
    assert_eq!(
        (run.json["base"].as_str(), run.json["head"].as_str()),
        (Some(project.base.as_str()), Some(project.head.as_str()))
    );
    assert_ne!(payload(&project)["pull_request"]["base"]["sha"], json!(project.base));
}

#[test]
fn a_checkout_without_parents_says_what_to_set() {
    let mut project = Project::opening(1);
    let url = format!("file://{}", project.root.join("origin").display());
    git(&project.root, &["clone", "-q", "--depth", "1", "--branch", "pull", &url, "shallow"]);
    project.set("GITHUB_WORKSPACE", project.root.join("shallow").to_str().unwrap());
    let run = project.run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert!(run.log.contains("set `fetch-depth: 2` for actions/checkout on a pull request"), "{}", run.log);
}

#[test]
fn another_commit_than_the_events_is_refused() {
    let mut project = Project::opening(1);
    project.set("GITHUB_SHA", &"8".repeat(40));
    assert_eq!(project.clean_run().outcome, Outcome::Undecided);
}

#[test]
fn the_head_itself_may_be_checked_out_with_its_history() {
    let mut project = Project::opening(2);
    let url = format!("file://{}", project.root.join("origin").display());
    git(&project.root, &["clone", "-q", "--branch", "topic", &url, "full"]);
    project.set("GITHUB_WORKSPACE", project.root.join("full").to_str().unwrap());
    let run = project.clean_run();
    assert_eq!((run.outcome, project.commented()), (Outcome::Blocked, expected(0..2)));
}

#[test]
fn a_target_event_judges_only_a_head_that_was_fetched() {
    let mut project = Project::opening(2);
    let url = format!("file://{}", project.root.join("origin").display());
    git(&project.root, &["clone", "-q", "--single-branch", "--branch", "main", &url, "target"]);
    let target = project.root.join("target");
    project.set("GITHUB_WORKSPACE", target.to_str().unwrap());
    project.set("GITHUB_EVENT_NAME", "pull_request_target");
    project.set("GITHUB_SHA", &project.base.clone());
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert!(run.log.contains("git fetch origin refs/pull/42/head"), "{}", run.log);
    git(&target, &["fetch", "-q", "origin", "topic"]);
    let run = project.clean_run();
    assert_eq!((run.outcome, project.commented()), (Outcome::Blocked, expected(0..2)));
    assert!(!fs::read_to_string(target.join(SET)).unwrap().contains("F000__c"), "nothing was checked out");
}

fn queue(project: &mut Project, base: &str, head: &str) {
    project.set("GITHUB_EVENT_NAME", "merge_group");
    project.set("GITHUB_SHA", head);
    project.event(&json!({ "action": "checks_requested", "merge_group": {
        "head_sha": head, "base_sha": base, "base_ref": "refs/heads/main",
        "head_ref": format!("refs/heads/gh-readonly-queue/main/pr-42-{base}"),
    }}));
}

#[test]
fn a_merge_queue_asks_for_what_would_land() {
    let mut project = Project::awaiting(1, None);
    project.set("INPUT_COMMIT-STATUS", "flsgate");
    let (base, merge) = (project.base.clone(), project.merge.clone());
    queue(&mut project, &base, &merge);
    assert_eq!(project.clean_run().outcome, Outcome::Waiting);
    project.permit("lead", "admin");
    project.review("lead", 303, "APPROVED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Passed);
    let state = project.server.state();
    assert_eq!(state.statuses[1]["sha"], json!(merge));
    assert!(state.line_comments.is_empty() && state.page_comments.is_empty());
}

/// The queue's commit has the content of the merge and one parent.
fn squash(project: &mut Project) {
    let workspace = project.workspace();
    let tree = git(&workspace, &["rev-parse", "HEAD^{tree}"]);
    let squashed = git(&workspace, &["commit-tree", &tree, "-p", &project.base, "-m", "squashed"]);
    git(&workspace, &["checkout", "-q", "--detach", &squashed]);
    let (base, head) = (project.base.clone(), project.head.clone());
    queue(project, &base, &squashed);
    project.permit("lead", "admin");
    project.review("lead", 303, "APPROVED", &head);
    project.know(&head);
}

#[test]
fn in_a_queue_that_squashes_a_review_of_the_same_content_counts() {
    // The base goes on elsewhere: what lands is file by file what was reviewed.
    let (field, set, entry) =
        (field(0), "force-app/permissionsets/Q.permissionset-meta.xml".to_owned(), entries(1));
    let base: Files = [field, (set.clone(), crate::project::set(0, ""))].into();
    let mut head = base.clone();
    head.insert(set, crate::project::set(1, ""));
    head.insert(ENTRY.to_owned(), entry.replace("permission_set: P", "permission_set: Q"));
    let mut project = Project::new(base, head);
    squash(&mut project);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.log);
    let approval = &run.json["approval"]["approvals"][0];
    assert_eq!(approval["commit"], json!(project.head));
    // Another pull request in the same group has no review that could be of this.
    std::fs::write(project.workspace().join("other.txt"), "of another pull request").unwrap();
    git(&project.workspace(), &["add", "other.txt"]);
    git(&project.workspace(), &["commit", "-q", "-m", "other"]);
    let (base, both) = (project.base.clone(), git(&project.workspace(), &["rev-parse", "HEAD"]));
    queue(&mut project, &base, &both);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Waiting);
    let reason = run.json["approval"]["refused"][0]["reason"].as_str().unwrap();
    assert!(reason.ends_with("and `other.txt` differs since"), "{reason}");
}

#[test]
fn in_a_queue_that_squashes_a_file_that_the_base_changed_too_is_not_what_was_reviewed() {
    let mut project = Project::awaiting(1, None);
    squash(&mut project);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Waiting);
    let reason = run.json["approval"]["refused"][0]["reason"].as_str().unwrap();
    assert!(reason.ends_with(&format!("and `{SET}` differs since")), "{reason}");
}

#[test]
fn a_push_is_judged_from_the_tip_before() {
    let mut project = Project::opening(2);
    project.set("GITHUB_EVENT_NAME", "push");
    project.event(&json!({ "before": project.base, "after": project.merge, "deleted": false }));
    let run = project.clean_run();
    assert_eq!((run.outcome, fields(&run.summary)), (Outcome::Blocked, expected(0..2)));
    assert_eq!(project.server.state().requests, [""; 0], "no pull request, nothing to ask");
    project.event(&json!({ "before": "7".repeat(40), "after": project.merge }));
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert!(run.log.contains("`fetch-depth: 0` on other events"), "{}", run.log);
}

#[test]
fn by_hand_the_inputs_say_what_to_compare() {
    let mut project = Project::opening(2);
    project.set("GITHUB_EVENT_NAME", "workflow_dispatch");
    project.event(&json!({ "inputs": {} }));
    project.set("INPUT_BASE", &project.base.clone());
    assert_eq!(project.clean_run().outputs["errors"], "2");
    // On a pull request they would choose the policy.
    project.set("GITHUB_EVENT_NAME", "pull_request");
    let again = Project::opening(2);
    project.event(&payload(&again));
    assert_eq!(project.run().outcome, Outcome::Undecided);
}

/// A permission set that the base does not go on with.
const OTHER: &str = "force-app/permissionsets/Q.permissionset-meta.xml";
const LICENSED: &str = "    <license>Customer Community</license>\n";

/// A permission set with or without a licence, which grants `n` fields.
fn licensed(n: usize, license: bool) -> String {
    let text = crate::project::set(n, "");
    let at = text
        .find("    <objectPermissions>")
        .or(text.find("    <fieldPermissions>"))
        .unwrap_or(text.len() - 17);
    if license { format!("{}{LICENSED}{}", &text[..at], &text[at..]) } else { text }
}

#[test]
fn of_two_pull_requests_that_are_only_bad_together_the_second_is_blocked() {
    let org = |n: usize, license: bool| -> Files {
        let mut files: Files = [field(0), ("README.md".to_owned(), format!("{n} {license}\n"))].into();
        files.insert(OTHER.to_owned(), licensed(n, license));
        files
    };
    let approve = |project: &Project| {
        project.permit("lead", "admin");
        project.review("lead", 303, "APPROVED", &project.head);
    };
    // One gives the permission set a customers' licence, the other a restricted field with a reason. Each passes by
    // itself, with an approval.
    let granting = |base: Files, license: bool| {
        let mut head = org(1, license);
        head.insert(ENTRY.to_owned(), entries(1).replace("permission_set: P", "permission_set: Q"));
        Project::new(base, head)
    };
    let grant = granting(org(0, false), false);
    approve(&grant);
    assert_eq!(grant.clean_run().outcome, Outcome::Passed);
    let license = Project::new(org(0, false), org(0, true));
    assert_eq!(license.clean_run().outcome, Outcome::Passed);
    // On the base that has the other one already, neither does.
    let grant_second = granting(org(0, true), true);
    approve(&grant_second);
    assert_eq!(grant_second.clean_run().outcome, Outcome::Blocked, "customers get no restricted field");
    let mut base = org(1, false);
    base.insert(ENTRY.to_owned(), entries(1).replace("permission_set: P", "permission_set: Q"));
    let mut head = base.clone();
    head.insert(OTHER.to_owned(), licensed(1, true));
    let license_second = Project::new(base, head);
    approve(&license_second);
    assert_eq!(license_second.clean_run().outcome, Outcome::Blocked, "the field is there already");
}

/// A push to the branch that lands the merge of the pull request.
fn landed(project: &mut Project) -> String {
    let origin = project.root.join("origin");
    let url = format!("file://{}", origin.display());
    git(&project.root, &["clone", "-q", "--branch", "pull", &url, "landed"]);
    project.set("GITHUB_WORKSPACE", project.root.join("landed").to_str().unwrap());
    project.set("GITHUB_EVENT_NAME", "push");
    project.set("GITHUB_SHA", &project.merge.clone());
    project.event(&json!({
        "ref": "refs/heads/main", "before": project.base, "after": project.merge, "deleted": false,
    }));
    let pull = json!({ "number": 42, "merged_at": "2026-05-03T00:00:00Z", "base": { "ref": "main", "sha": project.base } });
    project.server.state().merged.insert(project.merge.clone(), vec![pull]);
    project.merge.clone()
}

#[test]
fn a_push_counts_the_approvals_of_what_it_landed_and_tells_the_rest() {
    let mut approved = Project::awaiting(1, None);
    approved.permit("lead", "admin");
    approved.review("lead", 303, "APPROVED", &approved.head);
    landed(&mut approved);
    approved.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
    let run = approved.clean_run();
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.log);
    assert!(approved.server.state().statuses.is_empty(), "no change waits to go into a branch");
    // A pull request into another branch, or one that was not merged, is none of it.
    for (key, value) in [("merged_at", json!(null)), ("base", json!({ "ref": "other", "sha": "x" }))] {
        let merge = approved.merge.clone();
        let kept = approved.server.state().merged[&merge].clone();
        approved.server.state().merged.get_mut(&merge).unwrap()[0][key] = value;
        assert_eq!(approved.clean_run().outcome, Outcome::Waiting, "{key}");
        approved.server.state().merged.insert(merge, kept);
    }
    // Nobody approved it.
    let mut alone = Project::awaiting(1, None);
    landed(&mut alone);
    let run = alone.clean_run();
    assert_eq!((run.outcome, fields(&run.summary)), (Outcome::Waiting, expected(0..1)));
    // The answer is missing.
    alone.server.fault("GET", "/pulls", crate::server::answer(500, "no"), 99);
    assert_eq!(alone.run().outcome, Outcome::Undecided);
}

#[test]
fn a_push_that_lands_more_than_was_approved_is_told() {
    // Rebased by hand: what lands grants one field more than the head that was reviewed.
    let mut project = Project::awaiting(1, None);
    project.permit("lead", "admin");
    project.review("lead", 303, "APPROVED", &project.head);
    let origin = project.root.join("origin");
    git(&origin, &["checkout", "-q", "--detach", &project.merge]);
    let entry = fs::read_to_string(origin.join(ENTRY)).unwrap().replace("access: read", "access: edit");
    fs::write(origin.join(ENTRY), entry).unwrap();
    let set = fs::read_to_string(origin.join(SET)).unwrap();
    fs::write(origin.join(SET), set.replace("<editable>false", "<editable>true")).unwrap();
    git(&origin, &["commit", "-q", "-a", "--amend", "-m", "other"]);
    project.merge = git(&origin, &["rev-parse", "HEAD"]);
    git(&origin, &["update-ref", "refs/heads/pull", &project.merge]);
    landed(&mut project);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Waiting, "{}", run.log);
    assert!(run.summary.contains("asked for no such approval"), "{}", run.summary);
}
