//! What is left when the server says no, says nothing, or says half. Each test asserts which findings
//! came out and where, not how often something was called.

use crate::project::{Project, SET, commands, expected, fields};
use crate::server::{Fault, answer};
use flsgate::gate::Outcome;
use serde_json::json;
use std::time::Duration;

const NO_PERMISSION: &str = "Resource not accessible by integration";

fn with_header(status: u16, message: &str, name: &'static str, value: &str) -> Fault {
    Fault::Answer(status, vec![(name, value.to_owned())], json!({ "message": message }).to_string())
}

/// Nothing could be posted, and still everybody is told: annotations, summary, status.
fn told_without_comments(project: &Project, count: usize) -> String {
    let run = project.run();
    assert_eq!(run.outcome, Outcome::Blocked, "{}", run.log);
    assert!(project.server.state().line_comments.is_empty());
    let annotations = commands(&run.log);
    let told = annotations.iter().filter(|(_, p, _)| p.get("file").is_some_and(|f| f == SET));
    let lines: Vec<&str> = told.clone().map(|(_, p, _)| p["line"].as_str()).collect();
    assert_eq!(lines.len(), count, "{}", run.log);
    assert_eq!(
        told.flat_map(|(_, _, m)| fields(m)).collect::<std::collections::BTreeSet<_>>(),
        expected(0..count)
    );
    assert_eq!(fields(&run.summary), expected(0..count));
    assert_eq!(run.outputs["errors"], count.to_string());
    run.log
}

#[test]
fn a_token_that_may_only_read_leaves_annotations_and_the_summary() {
    for (method, path) in [("POST", "/repos/"), ("POST", "/pulls/42/reviews")] {
        let project = Project::opening(2);
        project.server.fault(
            method,
            path,
            with_header(403, NO_PERMISSION, "X-Accepted-GitHub-Permissions", "pull_requests=write"),
            99,
        );
        let log = told_without_comments(&project, 2);
        assert!(log.contains("the token may not do this. Give the job `pull-requests: write`"), "{log}");
        // Each cause is told once, whatever failed for it.
        assert_eq!(log.matches(NO_PERMISSION).count(), 1, "{log}");
    }
}

#[test]
fn a_token_of_no_use_changes_nothing_about_what_is_found() {
    let project = Project::opening(2);
    for method in ["GET", "POST"] {
        project.server.fault(method, "/", answer(401, "Bad credentials"), 99);
    }
    let log = told_without_comments(&project, 2);
    assert!(log.contains("Could not read the pull request: the server does not take the token."), "{log}");
    let waiting = Project::awaiting(1, None);
    waiting.server.fault("GET", "/", answer(401, "Bad credentials"), 99);
    let run = waiting.run();
    assert_eq!(run.outcome, Outcome::Undecided, "an approval is needed and cannot be known");
    assert_eq!(fields(&run.summary), expected(0..1));
}

#[test]
fn comments_that_are_not_there_locked_or_switched_off() {
    for (status, message) in [
        (404, "Not Found"),
        (403, "Unable to create comment because issue is locked."),
        (410, "Issues are disabled for this repo"),
    ] {
        let project = Project::opening(2);
        project.server.fault("POST", "comments", answer(status, message), 99);
        project.server.fault("POST", "reviews", answer(status, message), 99);
        let log = told_without_comments(&project, 2);
        assert!(log.contains(&format!("(Answer {status}, \u{201c}{message}\u{201d})")), "{log}");
    }
}

#[test]
fn only_the_summary_comment_fails() {
    let project = Project::opening(2);
    project.server.fault("POST", "/issues/42/comments", answer(410, "Issues are disabled for this repo"), 99);
    let run = project.run();
    assert_eq!(run.outcome, Outcome::Blocked);
    assert_eq!(project.commented(), expected(0..2));
    assert!(
        run.log.contains("Could not post the summary comment: this is switched off or locked"),
        "{}",
        run.log
    );
}

#[test]
fn a_review_with_one_bad_comment_is_split_and_the_rest_kept() {
    let project = Project::opening(3);
    let refused = Fault::Answer(
        422,
        Vec::new(),
        json!({ "message": "Unprocessable Entity", "errors": ["Line could not be resolved"] }).to_string(),
    );
    // The whole batch, then the first of three alone.
    project.server.fault("POST", "/reviews", refused, 2);
    let run = project.run();
    assert_eq!(project.commented(), expected(1..3));
    let told =
        commands(&run.log).iter().flat_map(|(_, _, m)| fields(m)).collect::<std::collections::BTreeSet<_>>();
    assert_eq!((told, fields(&run.summary)), (expected(0..3), expected(0..3)));
    assert!(run.log.contains("GitHub did not take 1 comment at its line"), "{}", run.log);
}

#[test]
fn limits_are_waited_for() {
    let secondary =
        "You have exceeded a secondary rate limit and have been temporarily blocked from content creation.";
    for (fault, waited) in [
        (with_header(429, "slow down", "Retry-After", "7"), 7),
        (with_header(403, "slow down", "Retry-After", "9"), 9),
        (answer(403, secondary), 60),
        (
            Fault::Answer(
                403,
                vec![("x-ratelimit-remaining", "0".into()), ("x-ratelimit-reset", "30".into())],
                json!({ "message": "API rate limit exceeded" }).to_string(),
            ),
            31,
        ),
    ] {
        let project = Project::opening(2);
        project.server.fault("POST", "/reviews", fault, 1);
        let run = project.clean_run();
        assert_eq!(project.commented(), expected(0..2));
        assert_eq!(run.waits[0], waited, "{:?}", run.waits);
    }
}

#[test]
fn a_limit_that_lasts_too_long_is_not_waited_for() {
    let project = Project::opening(2);
    project.server.fault("POST", "/", with_header(429, "slow down", "Retry-After", "3000"), 99);
    let log = told_without_comments(&project, 2);
    assert!(log.contains("GitHub takes no more requests for now. Run the job again later."), "{log}");
}

#[test]
fn a_server_that_fails_is_asked_again_when_reading() {
    let page = || Fault::Answer(502, Vec::new(), "<html>Bad gateway</html>".to_owned());
    let project = Project::awaiting(1, None);
    project.permit("lead", "admin");
    project.review("lead", 303, "APPROVED", &project.head);
    project.server.fault("GET", "/reviews", page(), 2);
    let run = project.clean_run();
    assert_eq!((run.outcome, run.waits[..2].to_vec()), (Outcome::Passed, vec![2, 4]), "{}", run.log);
    for fault in [page(), Fault::Reset, Fault::Cut, answer(500, "Server Error")] {
        let project = Project::awaiting(1, None);
        project.server.fault("GET", "/reviews", fault.clone(), 99);
        let run = project.run();
        assert_eq!(run.outcome, Outcome::Undecided, "{fault:?}");
        assert!(
            run.log.contains("whether there is one is not known: Could not read the reviews"),
            "{}",
            run.log
        );
        assert_eq!(fields(&run.summary), expected(0..1));
    }
}

#[test]
fn an_answer_that_takes_too_long_is_none() {
    let mut project = Project::awaiting(1, None);
    project.timeout = 200;
    project.server.fault("GET", "/reviews", Fault::Late(Duration::from_millis(600)), 99);
    let run = project.run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert!(run.log.contains("no answer came in time"), "{}", run.log);
}

#[test]
fn a_page_that_is_missing_makes_the_list_unknown() {
    for fault in [answer(404, "Not Found"), answer(500, "Server Error"), Fault::Cut] {
        let project = Project::awaiting(1, None);
        project.permit("lead", "admin");
        // The newest review takes the approval back, and it is on the second page.
        project.review("lead", 303, "APPROVED", &project.head);
        project.review("lead", 303, "CHANGES_REQUESTED", &project.head);
        project.server.state().page_size = 1;
        assert_eq!(project.clean_run().outcome, Outcome::Waiting);
        project.server.fault("GET", "/reviews?per_page=100&page=2", fault, 99);
        assert_eq!(project.run().outcome, Outcome::Undecided);
    }
}

#[test]
fn a_link_to_another_server_gets_no_token() {
    let project = Project::awaiting(1, None);
    let elsewhere = "<http://127.0.0.2:9/repos/acme/crm/pulls/42/reviews?page=2>; rel=\"next\"";
    project.server.fault(
        "GET",
        "/reviews",
        Fault::Answer(200, vec![("Link", elsewhere.into())], "[]".into()),
        99,
    );
    let run = project.run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert!(run.log.contains("the answer points to another server"), "{}", run.log);
}

#[test]
fn a_write_whose_answer_is_lost_is_not_done_twice() {
    let mut project = Project::opening(2);
    project.set("INPUT_CHECK-RUN", "flsgate-report");
    for path in ["/reviews", "/issues/42/comments", "/check-runs"] {
        project.server.fault("POST", path, Fault::Lost, 1);
    }
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Blocked);
    let state = project.server.state();
    assert_eq!((state.line_comments.len(), state.page_comments.len(), state.check_runs.len()), (2, 1, 1));
    assert_eq!(state.check_runs[0]["status"], "completed");
    assert!(!run.log.contains("::warning"), "{}", run.log);
}

#[test]
fn a_write_that_never_arrived_is_done_again() {
    let mut project = Project::opening(2);
    project.set("INPUT_CHECK-RUN", "flsgate-report");
    for path in ["/reviews", "/issues/42/comments", "/check-runs"] {
        project.server.fault("POST", path, Fault::Reset, 1);
    }
    project.clean_run();
    let state = project.server.state();
    assert_eq!((state.line_comments.len(), state.page_comments.len(), state.check_runs.len()), (2, 1, 1));
}

#[test]
fn more_files_than_the_server_lists() {
    let project = Project::opening(2);
    {
        let mut state = project.server.state();
        state.files = (0..3000)
            .map(|n| json!({ "filename": format!("f{n}"), "status": "added", "patch": "@@ -0,0 +1 @@\n+x" }))
            .collect();
        state.pull["changed_files"] = json!(3500);
    }
    let log = told_without_comments(&project, 2);
    assert!(log.contains("GitHub lists 3000 of 3500 files"), "{log}");
}

#[test]
fn a_deleted_fork_is_still_a_pull_request() {
    let project = Project::awaiting(1, None);
    project.server.state().pull["head"]["repo"] = json!(null);
    project.permit("lead", "admin");
    project.review("lead", 303, "APPROVED", &project.head);
    assert_eq!(project.clean_run().outcome, Outcome::Passed);
}

#[test]
fn what_is_on_the_pull_request_cannot_be_read() {
    let project = Project::opening(2);
    project.server.fault("GET", "/pulls/42/comments", answer(404, "Not Found"), 99);
    let log = told_without_comments(&project, 2);
    assert!(log.contains("Could not list the review comments"), "{log}");
    // Without the files no line is known to be shown; nothing is lost.
    let project = Project::opening(2);
    project.server.fault("GET", "/pulls/42/files", answer(500, "Server Error"), 99);
    told_without_comments(&project, 2);
}

#[test]
fn a_renamed_repository_is_followed_when_reading_and_not_when_writing() {
    let project = Project::opening(2);
    let moved = |to: String| {
        Fault::Answer(301, vec![("Location", to)], json!({ "message": "Moved Permanently" }).to_string())
    };
    let url = project.server.url.clone();
    project.server.fault(
        "GET",
        "/repos/acme/crm/pulls/42",
        moved(format!("{url}/repos/acme/renamed/pulls/42")),
        1,
    );
    // A write that turns into a read would look like a success.
    project.server.fault("POST", "/reviews", moved(format!("{url}/repos/acme/renamed/pulls/42/reviews")), 1);
    let run = project.clean_run();
    assert!(run.log.contains("Could not post the review: the repository has moved"), "{}", run.log);
    assert!(!run.log.contains("Could not read the pull request"), "{}", run.log);
    let told =
        commands(&run.log).iter().flat_map(|(_, _, m)| fields(m)).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(told, expected(0..2));
    // And to no other server.
    let project = Project::opening(2);
    project.server.fault(
        "GET",
        "/repos/acme/crm/pulls/42",
        moved("http://127.0.0.2:9/repos/x/y/pulls/42".into()),
        1,
    );
    assert!(project.run().log.contains("the answer points to another server"));
}
