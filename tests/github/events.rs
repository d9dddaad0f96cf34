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
    assert!(run.log.contains("this run is stale"), "{}", run.log);
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
    assert!(run.log.contains("now goes into `release`, and this run is of `main`"), "{}", run.log);
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
    assert_eq!(project.clean_run().outcome, Outcome::Blocked);
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
    head.insert(ENTRY.to_owned(), entry.replace("grantor: P", "grantor: Q"));
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
    assert_eq!(run.outcome, Outcome::Blocked);
    let reason = run.json["approval"]["refused"][0]["reason"].as_str().unwrap();
    assert!(reason.ends_with("and `other.txt` differs since"), "{reason}");
}

#[test]
fn in_a_queue_that_squashes_a_file_that_the_base_changed_too_is_not_what_was_reviewed() {
    let mut project = Project::awaiting(1, None);
    squash(&mut project);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Blocked);
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
