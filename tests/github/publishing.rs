//! What stands on the pull request after a run, and after the next.

use crate::project::{Files, Project, SET, expected, fields, git, set};
use crate::server::person;
use flsgate::gate::Outcome;
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn nothing_found_nothing_posted() {
    let project = Project::opening(0);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Passed);
    assert_eq!(project.server.state().writes(), [""; 0]);
}

#[test]
fn one_finding_stands_at_its_line_of_the_head_and_is_posted_once() {
    let project = Project::opening(1);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Blocked);
    {
        let state = project.server.state();
        assert_eq!((state.line_comments.len(), state.page_comments.len()), (1, 1));
        let comment = &state.line_comments[0];
        // Line 18 of the head by hand: 3 + 12 lines of settings, then the grant's fourth line; the merge has it at 20.
        let text = set(1, "");
        let line = text.lines().position(|l| l.contains("<readable>")).unwrap() + 1;
        assert_eq!((comment["path"].as_str(), comment["line"].as_u64()), (Some(SET), Some(line as u64)));
        assert_eq!(line, 19);
        let body = comment["body"].as_str().unwrap();
        assert!(body.contains("```suggestion\n        <readable>false</readable>\n```"), "{body}");
        assert!(body.lines().last().unwrap().starts_with("<!-- flsgate:v1 fp="), "{body}");
        assert!(state.page_comments[0]["body"].as_str().unwrap().contains("flsgate: blocked"));
    }
    // The server may keep text with other line ends.
    for comment in &mut project.server.state().line_comments {
        comment["body"] = json!(comment["body"].as_str().unwrap().replace('\n', "\r\n") + "\r\n");
    }
    let before = project.server.state().writes().len();
    project.clean_run();
    assert_eq!(project.server.state().writes().len(), before, "the second run writes nothing");
}

#[test]
fn fifty_one_findings_are_all_told_and_none_twice() {
    let project = Project::opening(51);
    let run = project.clean_run();
    assert_eq!(run.outputs["errors"], "51");
    // Fifty at their lines in two reviews; the last one in the summary, so the log tells all.
    assert_eq!(project.commented(), expected(0..50));
    assert_eq!(fields(&run.summary), expected(0..51));
    assert_eq!(fields(&run.log), expected(0..51));
    let reviews = |p: &Project| {
        p.server.state().requests.iter().filter(|r| r.starts_with("POST") && r.ends_with("/reviews")).count()
    };
    assert_eq!(reviews(&project), 2);
    let before = project.server.state().writes().len();
    project.clean_run();
    assert_eq!(project.server.state().writes().len(), before);
}

#[test]
fn five_hundred_findings_stay_below_every_limit() {
    let mut project = Project::opening(500);
    project.set("INPUT_CHECK-RUN", "flsgate-report");
    let run = project.clean_run();
    assert_eq!(run.outputs["errors"], "500");
    assert_eq!(project.commented(), expected(0..50));
    assert_eq!((fields(&run.summary), fields(&run.log)), (expected(0..500), expected(0..500)));
    let state = project.server.state();
    let sticky = state.page_comments[0]["body"].as_str().unwrap();
    assert!(sticky.len() < 65_536 && sticky.contains("left out for want of space"), "{}", sticky.len());
    let run = &state.check_runs[0];
    let annotations = run["annotations"].as_array().unwrap();
    let told: BTreeSet<String> =
        annotations.iter().flat_map(|a| fields(a["message"].as_str().unwrap())).collect();
    assert_eq!((annotations.len(), told), (500, expected(0..500)));
    assert_eq!((run["status"].as_str(), run["conclusion"].as_str()), (Some("completed"), Some("failure")));
    let patches =
        state.requests.iter().filter(|r| r.starts_with("PATCH /repos/acme/crm/check-runs/")).count();
    assert_eq!(patches, 10);
}

#[test]
fn what_is_gone_is_resolved_and_comments_of_people_are_not_touched() {
    let project = Project::opening(2);
    project.clean_run();
    let quoted = {
        let mut state = project.server.state();
        // Somebody pastes a whole comment of ours, marker included.
        let mut pasted = state.line_comments[0].clone();
        (pasted["id"], pasted["user"]) = (json!(77), person("dev", 101));
        pasted["body"] = json!(format!("Look at this:\n{}", pasted["body"].as_str().unwrap()));
        state.line_comments.push(pasted.clone());
        // And a finding of an earlier commit left this comment.
        let mut old = state.line_comments[0].clone();
        (old["id"], old["body"]) = (
            json!(78),
            json!(
                "**error · restricted-field-grant**: x\n\n<!-- flsgate:v1 fp=00000000000000000000000000000000 -->"
            ),
        );
        state.line_comments.push(old.clone());
        (old["id"], old["line"]) = (json!(79), json!(null));
        state.line_comments.push(old);
        pasted
    };
    project.clean_run();
    let state = project.server.state();
    let by_id = |id: u64| state.line_comments.iter().find(|c| c["id"] == id).unwrap();
    assert_eq!(by_id(77), &quoted);
    assert_eq!(by_id(79)["body"], by_id(78)["body"]);
    let resolved = by_id(78)["body"].as_str().unwrap();
    assert!(resolved.starts_with("**Resolved** · `restricted-field-grant`"), "{resolved}");
    assert!(resolved.ends_with("<!-- flsgate:v1 fp=00000000000000000000000000000000 -->"));
    assert_eq!(state.line_comments.len(), 5);
}

#[test]
fn an_undecided_run_clears_nothing() {
    let mut project = Project::opening(1);
    project.clean_run();
    let before = project.server.state().line_comments.clone();
    // The next run cannot read the head's permission set, so it finds nothing there.
    let broken = "force-app/permissionsets/Q.permissionset-meta.xml";
    let base: Files = [(SET.to_owned(), set(0, ""))].into();
    let mut head = base.clone();
    head.insert(broken.to_owned(), "<PermissionSet>".to_owned());
    let broken = Project::new(base, head);
    {
        let mut state = broken.server.state();
        state.line_comments = before.clone();
    }
    let run = broken.clean_run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert_eq!(broken.server.state().line_comments, before);
    assert!(
        run.log.contains("::error file=force-app/permissionsets/Q.permissionset-meta.xml"),
        "{}",
        run.log
    );
    // Nor does a run that cannot begin.
    project.set("INPUT_FAIL-ON", "error");
    assert_eq!(project.run().outcome, Outcome::Undecided);
    assert_eq!(project.server.state().line_comments, before);
}

#[test]
fn a_finding_outside_the_shown_lines_gets_a_comment_on_the_file() {
    let project = Project::opening(2);
    // A file that is too large to show has no patch.
    project.server.state().files[1]["patch"] = json!(null);
    assert_eq!(project.server.state().files[1]["filename"], SET);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Blocked);
    let count = {
        let state = project.server.state();
        assert_eq!(state.line_comments.len(), 1);
        assert_eq!(state.line_comments[0]["subject_type"], "file");
        state.writes().len()
    };
    assert_eq!(project.commented(), expected(0..2));
    project.clean_run();
    assert_eq!(project.server.state().writes().len(), count);
}

#[test]
fn a_finding_whose_line_moved_out_of_the_diff_is_commented_anew() {
    let project = Project::opening(1);
    project.clean_run();
    // Whatever the server says of a line of this very commit.
    project.server.state().line_comments[0]["line"] = json!(null);
    project.clean_run();
    assert_eq!(project.server.state().line_comments.len(), 1);
    {
        let mut state = project.server.state();
        state.line_comments[0]["original_commit_id"] = json!("1".repeat(40));
    }
    project.clean_run();
    assert_eq!(project.server.state().line_comments.len(), 2);
    project.clean_run();
    assert_eq!(project.server.state().line_comments.len(), 2, "and only once");
}

#[test]
fn the_status_has_one_context_and_says_what_it_waits_for() {
    let mut project = Project::opening(1);
    project.set("INPUT_COMMIT-STATUS", "flsgate");
    project.clean_run();
    {
        let state = project.server.state();
        let status = &state.statuses[0];
        assert_eq!(status["sha"], json!(project.head));
        assert_eq!(
            (status["state"].as_str(), status["context"].as_str()),
            (Some("failure"), Some("flsgate"))
        );
        assert_eq!(status["target_url"], "https://github.example/acme/crm/actions/runs/123");
    }
    let mut waiting = Project::awaiting(1, None);
    waiting.set("INPUT_COMMIT-STATUS", "flsgate");
    let run = waiting.clean_run();
    assert_eq!(run.outcome, Outcome::Blocked);
    assert_eq!(waiting.server.state().statuses[0]["state"], "pending");
    assert_eq!(waiting.server.state().statuses[0]["description"], "1 finding awaiting approval");
}

#[test]
fn an_element_of_several_lines_is_commented_as_a_whole() {
    let spread = |n| {
        set(n, "").replace("<readable>true</readable>", "<readable>\n            true\n        </readable>")
    };
    let open = Project::opening(1);
    let project = open.push(|root| std::fs::write(root.join(SET), spread(1)).unwrap());
    {
        let patch = git(&project.root.join("origin"), &["diff", "-U3", "main...topic", "--", SET]);
        let at = patch.find("@@ ").unwrap();
        let mut state = project.server.state();
        let file = state.files.iter_mut().find(|f| f["filename"] == SET).unwrap();
        file["patch"] = json!(&patch[at..]);
    }
    project.clean_run();
    let state = project.server.state();
    let (first, last) = (19, 21);
    let text: Vec<String> = spread(1).lines().map(str::to_owned).collect();
    assert!(text[first - 1].ends_with("<readable>") && text[last - 1].ends_with("</readable>"));
    let comment = &state.line_comments[0];
    assert_eq!(
        (comment["start_line"].as_u64(), comment["line"].as_u64()),
        (Some(first as u64), Some(last as u64))
    );
    assert!(
        !comment["body"].as_str().unwrap().contains("```suggestion"),
        "no suggestion for a part of an element"
    );
}
