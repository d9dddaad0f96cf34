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
        assert!(
            state.page_comments[0]["body"]
                .as_str()
                .unwrap()
                .starts_with("### ⛔ Blocked: 1 finding needs a justification\n")
        );
    }
    // The server may keep text with other line ends.
    for comment in &mut project.server.state().line_comments {
        comment["body"] = json!(comment["body"].as_str().unwrap().replace('\n', "\r\n") + "\r\n");
    }
    let before = project.server.state().writes().len();
    project.clean_run();
    assert_eq!(project.server.state().writes().len(), before, "the second run writes nothing");
    // Nor does the first one of another program that finds the comments there and no word that they are all.
    let sticky = project.server.state().page_comments[0].clone();
    let told = sticky["body"].as_str().unwrap();
    let marker = told.lines().last().unwrap();
    assert!(marker.starts_with("<!-- flsgate:v1 sticky ") && marker.ends_with(" all -->"), "{marker}");
}

/// Requests of one run, by what they are.
fn requests(project: &Project, run: impl Fn(&Project)) -> (usize, usize) {
    let count = || {
        let state = project.server.state();
        (state.requests.len(), state.writes().len())
    };
    let before = count();
    run(project);
    let (all, writes) = count();
    let writes = writes - before.1;
    (all - before.0 - writes, writes)
}

#[test]
fn an_unchanged_second_run_reads_little_and_writes_nothing() {
    for approved in [false, true] {
        let mut project = Project::awaiting(1, None);
        for (input, value) in
            [("COMMIT-STATUS", "flsgate / {base}"), ("CHECK-RUN", "flsgate report / {base}")]
        {
            project.set(&format!("INPUT_{input}"), value);
        }
        if approved {
            project.permit("lead", "admin");
            project.review("lead", 303, "APPROVED", &project.head);
        }
        project.clean_run();
        project.set("GITHUB_RUN_ID", "124");
        let (reads, writes) = requests(&project, |p| drop(p.clean_run()));
        assert_eq!(writes, 0);
        // One for the reviewer's permission; with a clone of two commits one more, for where the branch began.
        let reviewers = 2 * usize::from(approved);
        assert!(reads <= 7 + reviewers, "{reads}: {:?}", project.server.state().requests);
    }
}

#[test]
fn a_further_run_of_the_same_head_adds_no_second_check_run() {
    let mut project = Project::awaiting(1, None);
    project.set("INPUT_CHECK-RUN", "flsgate report / {base}");
    project.clean_run();
    {
        let state = project.server.state();
        assert_eq!(state.check_runs[0]["name"], "flsgate report / main");
        assert_eq!(state.check_runs[0]["conclusion"], "action_required");
    }
    // The same finding, approved: other findings, since it is a note now.
    project.permit("lead", "admin");
    project.review("lead", 303, "APPROVED", &project.head);
    project.clean_run();
    assert_eq!(project.server.state().check_runs.len(), 2);
    // The same findings and another headline: an update without annotations.
    project.server.state().check_runs[1]["output"]["title"] = json!("something else");
    project.server.state().page_comments.clear();
    project.clean_run();
    let state = project.server.state();
    assert_eq!(
        (state.check_runs.len(), &state.check_runs[1]["output"]["title"]),
        (2, &json!("Passed: 1 finding is approved"))
    );
    assert_eq!(state.check_runs[1]["annotations"].as_array().unwrap().len(), 1, "none is added");
}

#[test]
fn a_second_pull_request_of_the_same_head_cannot_answer_for_the_first() {
    let mut project = Project::opening(1);
    project.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
    assert_eq!(project.clean_run().outcome, Outcome::Blocked);
    // The author opens another pull request of the same commit, into a branch of their own that has the grant already.
    let origin = project.root.join("origin");
    git(&origin, &["checkout", "-q", "-b", "mine/Main", "topic"]);
    git(&origin, &["commit", "-q", "--allow-empty", "-m", "mine"]);
    let mine = git(&origin, &["commit-tree", "HEAD^{tree}", "-p", "HEAD", "-p", "topic", "-m", "merge"]);
    git(&origin, &["update-ref", "refs/heads/pull", &mine]);
    let url = format!("file://{}", origin.display());
    git(&project.root, &["clone", "-q", "--depth", "2", "--branch", "pull", &url, "second"]);
    git(&project.root.join("second"), &["checkout", "-q", "--detach", &mine]);
    project.set("GITHUB_WORKSPACE", project.root.join("second").to_str().unwrap());
    project.set("GITHUB_SHA", &mine);
    let mut event: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(project.root.join("event.json")).unwrap()).unwrap();
    event["pull_request"]["base"]["ref"] = json!("mine/Main");
    project.event(&event);
    project.server.state().pull["base"]["ref"] = json!("mine/Main");
    assert_eq!(project.run().outcome, Outcome::Passed, "there it gives nothing new");
    let state = project.server.state();
    let newest = |context: &str| {
        let of = |s: &&serde_json::Value| s["context"].as_str().unwrap().eq_ignore_ascii_case(context);
        state.statuses.iter().rev().find(of).map(|s| s["state"].as_str().unwrap())
    };
    assert_eq!(
        (newest("flsgate / main"), newest("flsgate / mine/%4Dain")),
        (Some("failure"), Some("success"))
    );
    assert!(state.statuses.iter().all(|s| s["sha"] == json!(project.head)), "both are of the same commit");
}

#[test]
fn a_thousand_findings_are_told_in_few_requests() {
    let mut project = Project::opening(1_000);
    project.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
    project.set("INPUT_CHECK-RUN", "flsgate report / {base}");
    let run = project.clean_run();
    assert_eq!(run.outputs["errors"], "1000");
    assert_eq!((fields(&run.summary), fields(&run.log)), (expected(0..1_000), expected(0..1_000)));
    let state = project.server.state();
    assert!(state.requests.len() <= 30, "{}", state.requests.len());
    let sticky = state.page_comments[0]["body"].as_str().unwrap();
    let cut = "more are left out here: [the summary of the run](https://github.example/acme/crm/actions/runs/123) and \
               the report `flsgate.json` have them all.";
    assert!(sticky.contains(cut), "{}", &sticky[sticky.len() - 1_500..]);
}

#[test]
fn a_suggestion_leaves_no_finding_when_it_is_accepted() {
    let project = Project::opening(1);
    project.clean_run();
    let line = {
        let state = project.server.state();
        let comment = &state.line_comments[0];
        assert!(
            comment["body"]
                .as_str()
                .unwrap()
                .contains("```suggestion\n        <readable>false</readable>\n```")
        );
        usize::try_from(comment["line"].as_u64().unwrap()).unwrap()
    };
    let accepted = project.push(|root| {
        let text = std::fs::read_to_string(root.join(SET)).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines[line - 1] = "        <readable>false</readable>";
        std::fs::write(root.join(SET), lines.join("\n") + "\n").unwrap();
    });
    let run = accepted.clean_run();
    assert_eq!(
        (run.outcome, run.json["findings"].as_array().unwrap().len()),
        (Outcome::Passed, 0),
        "{}",
        run.log
    );
    // Editing taken back would leave reading, which is the next finding: nothing is suggested.
    let edited = Project::opening(1).push(|root| {
        let text = std::fs::read_to_string(root.join(SET)).unwrap();
        let grant = text.replacen(
            "<editable>false</editable>\n        <field>",
            "<editable>true</editable>\n        <field>",
            1,
        );
        std::fs::write(root.join(SET), grant).unwrap();
    });
    edited.clean_run();
    let state = edited.server.state();
    let bodies: Vec<&str> = state.line_comments.iter().map(|c| c["body"].as_str().unwrap()).collect();
    assert!(bodies.iter().all(|body| !body.contains("```suggestion")), "{bodies:?}");
}

#[test]
fn a_fork_without_write_access_is_told_once_and_the_step_summary_says_it() {
    let mut project = Project::opening(1);
    project.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
    project.set("INPUT_CHECK-RUN", "flsgate report");
    for (path, needs) in [
        ("/statuses/", "statuses=write"),
        ("/check-runs", "checks=write"),
        ("/repos/", "pull_requests=write"),
    ] {
        let body = json!({ "message": "Resource not accessible by integration" }).to_string();
        let refused =
            crate::server::Fault::Answer(403, vec![("X-Accepted-GitHub-Permissions", needs.into())], body);
        project.server.fault("POST", path, refused, 99);
    }
    let run = project.run();
    assert_eq!(run.outcome, Outcome::Blocked);
    let told = "Could not set the commit status, post the review, make a check run and post the summary comment: the token \
                may not do this. Give the job `statuses: write` and `pull-requests: write` and `checks: write`.";
    let warnings = crate::project::commands(&run.log).into_iter().filter(|(level, ..)| level == "warning");
    let warnings: Vec<String> = warnings.map(|(_, _, message)| message).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with(told), "{warnings:?}");
    assert!(
        run.summary.contains("> Could not set the commit status") && run.summary.contains("`checks: write`"),
        "{}",
        run.summary
    );
}

#[test]
fn a_finding_of_a_deleted_file_is_told_in_the_summary_with_a_link_to_the_base() {
    let restricted =
        "<CustomField>\n<securityClassification>Restricted</securityClassification>\n</CustomField>\n";
    let path = "force-app/objects/Contact/fields/Gone__c.field-meta.xml";
    let base: Files = [(path.to_owned(), restricted.to_owned()), (SET.to_owned(), set(0, ""))].into();
    let head: Files = [(SET.to_owned(), set(0, ""))].into();
    let mut project = Project::new(base, head);
    project.set("INPUT_CHECK-RUN", "flsgate report");
    let run = project.clean_run();
    let state = project.server.state();
    assert!(
        run.json["findings"].as_array().unwrap().iter().any(|f| f["location"]["path"] == path),
        "{}",
        run.json
    );
    assert!(state.line_comments.is_empty() && state.check_runs[0]["annotations"] == json!([]));
    let link = format!("(https://github.example/acme/crm/blob/{}/{path}#L1)", project.base);
    assert!(run.summary.contains(&link), "{link}: {}", run.summary);
}

#[test]
fn a_finding_that_moves_into_the_diff_gets_its_line_and_one_that_moves_is_told_once() {
    let project = Project::opening(1);
    project.server.state().files[1]["patch"] = json!(null);
    project.clean_run();
    assert_eq!(project.server.state().line_comments[0]["subject_type"], "file");
    // The next push shows the line.
    let project = project.push(|_| ());
    {
        let patch = git(&project.root.join("origin"), &["diff", "-U3", "main...topic", "--", SET]);
        project.server.state().files[1]["patch"] = json!(&patch[patch.find("@@ ").unwrap()..]);
        project.server.state().may_resolve = true;
    }
    project.clean_run();
    let (file, line) = {
        let state = project.server.state();
        assert_eq!(state.line_comments.len(), 2);
        (state.line_comments[0].clone(), state.line_comments[1].clone())
    };
    assert_eq!(line["subject_type"], "line");
    assert!(file["body"].as_str().unwrap().starts_with("**Resolved**"), "{file}");
    assert_eq!(
        project.server.state().resolved,
        [file["id"].as_u64().unwrap()],
        "its thread is closed as well"
    );
    // The line leaves the diff and the finding comes back at another: the old comment tells nothing any more.
    project.server.state().line_comments[1]["line"] = json!(null);
    let project = project.push(|_| ());
    project.clean_run();
    let state = project.server.state();
    assert_eq!(state.line_comments.len(), 3);
    assert!(
        state.line_comments[1]["body"].as_str().unwrap().starts_with("**Moved**"),
        "{}",
        state.line_comments[1]
    );
    assert_eq!(state.resolved.len(), 2);
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
    assert!(
        sticky.len() < 65_536 && sticky.contains(" more are left out here: [the summary of the run]("),
        "{}",
        sticky.len()
    );
    let run = &state.check_runs[0];
    let annotations = run["annotations"].as_array().unwrap();
    let told: BTreeSet<String> =
        annotations.iter().flat_map(|a| fields(a["message"].as_str().unwrap())).collect();
    assert_eq!((annotations.len(), told), (500, expected(0..500)));
    assert_eq!((run["status"].as_str(), run["conclusion"].as_str()), (Some("completed"), Some("failure")));
    let patches =
        state.requests.iter().filter(|r| r.starts_with("PATCH /repos/acme/crm/check-runs/")).count();
    assert_eq!(patches, 9, "the first fifty come with the run itself");
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
                "⛔ x\n\nRule `restricted-field-grant`\n\n<!-- flsgate:v1 fp=00000000000000000000000000000000 -->"
            ),
        );
        state.line_comments.push(old.clone());
        (old["id"], old["line"]) = (json!(79), json!(null));
        state.line_comments.push(old);
        pasted
    };
    let project = project.push(|_| ());
    project.clean_run();
    let state = project.server.state();
    let by_id = |id: u64| state.line_comments.iter().find(|c| c["id"] == id).unwrap();
    assert_eq!(by_id(77), &quoted);
    assert_eq!(by_id(79)["body"], by_id(78)["body"]);
    let resolved = by_id(78)["body"].as_str().unwrap();
    assert!(resolved.contains("no longer has this finding of `restricted-field-grant`"), "{resolved}");
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
    project.server.state().page_comments.clear();
    project.clean_run();
    assert_eq!(project.server.state().line_comments.len(), 1);
    let project = project.push(|_| ());
    project.clean_run();
    assert_eq!(project.server.state().line_comments.len(), 2);
    project.clean_run();
    assert_eq!(project.server.state().line_comments.len(), 2, "and only once");
}

#[test]
fn the_status_has_one_context_and_says_what_it_waits_for() {
    let mut project = Project::opening(1);
    project.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
    project.clean_run();
    {
        let state = project.server.state();
        let status = &state.statuses[0];
        assert_eq!(status["sha"], json!(project.head));
        assert_eq!(
            (status["state"].as_str(), status["context"].as_str()),
            (Some("failure"), Some("flsgate / main"))
        );
        assert_eq!(status["target_url"], "https://github.example/acme/crm/actions/runs/123");
    }
    let mut waiting = Project::awaiting(1, None);
    waiting.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
    let run = waiting.clean_run();
    assert_eq!((run.outcome, run.outputs["verdict"].as_str()), (Outcome::Waiting, "waiting"));
    let state = waiting.server.state();
    assert_eq!(state.statuses[0]["state"], "pending");
    assert_eq!(state.statuses[0]["description"], "Waits for approval by an administrator of the repository");
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

/// `FLSGATE_PAGES=FOLDER cargo test --test github -- --ignored pages` writes what people see, to be looked at.
#[test]
#[ignore = "writes pages into a folder"]
fn pages_to_look_at() {
    let folder =
        std::path::PathBuf::from(std::env::var("FLSGATE_PAGES").expect("FLSGATE_PAGES names a folder"));
    let mut projects: Vec<(String, Project)> =
        [1, 12, 300].map(|n| (n.to_string(), Project::opening(n))).into();
    projects.push(("waiting".to_owned(), Project::awaiting(3, None)));
    let approved = Project::awaiting(3, None);
    approved.permit("lead", "admin");
    approved.review("lead", 303, "APPROVED", &approved.head);
    projects.push(("approved".to_owned(), approved));
    for (name, mut project) in projects {
        project.set("GITHUB_ACTION_REPOSITORY", "acme/flsgate");
        project.set("GITHUB_ACTION_REF", "v1");
        let run = project.clean_run();
        let write =
            |part: &str, text: &str| std::fs::write(folder.join(format!("{name}-{part}.md")), text).unwrap();
        write("step-summary", &run.summary);
        let state = project.server.state();
        write("comment", state.page_comments[0]["body"].as_str().unwrap());
        write("line", state.line_comments[0]["body"].as_str().unwrap());
    }
}
