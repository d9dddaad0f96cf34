//! Approvals of something else: of less, of another history, of another day. Each was once a way past the gate.

use crate::project::{ENTRY, Files, POLICY, Project, entries, field, git, set};
use crate::server::{answer, person};
use flsgate::gate::Outcome;
use serde_json::json;
use std::fs;
use std::path::Path;

const PEOPLE: &str =
    "version: 1\napprovers:\n  people:\n    - { login: sec1, id: 202 }\n    - { login: sec2, id: 203 }\n";
/// A permission set that the base does not go on with.
const OTHER: &str = "force-app/permissionsets/Q.permissionset-meta.xml";

/// A permission set with grants of these fields, in this order.
fn grants(fields: &[usize]) -> String {
    let grant = |n: &usize| {
        format!(
            "    <fieldPermissions>\n        <editable>false</editable>\n        <field>Contact.F{n:03}__c</field>\n        \
             <readable>true</readable>\n    </fieldPermissions>\n"
        )
    };
    let all: String = fields.iter().map(grant).collect();
    set(0, "").replace("</PermissionSet>\n", &format!("{all}</PermissionSet>\n"))
}

/// Reasons for the same.
fn reasons(fields: &[usize]) -> String {
    let one = entries(1).replace("permission_set: P\nentries:\n", "");
    let all: String = fields.iter().map(|n| one.replace("F000__c", &format!("F{n:03}__c"))).collect();
    format!("permission_set: Q\nentries:\n{all}")
}

/// The files of a side: grants and reasons of these fields.
fn side(fields: &[usize]) -> Files {
    let mut files: Files = (0..6).map(field).collect();
    files.insert(POLICY.to_owned(), PEOPLE.to_owned());
    files.insert(OTHER.to_owned(), grants(fields));
    files.insert(ENTRY.to_owned(), reasons(fields));
    files
}

fn write(root: &Path, fields: &[usize]) {
    fs::write(root.join(OTHER), grants(fields)).unwrap();
    fs::write(root.join(ENTRY), reasons(fields)).unwrap();
}

/// A clone with all of the history, instead of the two commits deep one.
fn with_history(project: &mut Project) {
    let url = format!("file://{}", project.root.join("origin").display());
    git(&project.root, &["clone", "-q", "--branch", "pull", &url, "full"]);
    git(&project.root.join("full"), &["checkout", "-q", "--detach", &project.merge]);
    project.set("GITHUB_WORKSPACE", project.root.join("full").to_str().unwrap());
}

fn approved(project: &Project, commit: &str) {
    project.permit("sec1", "write");
    project.review("sec1", 202, "APPROVED", commit);
}

#[test]
fn what_the_base_takes_away_and_the_merge_brings_back_was_not_approved() {
    // The pull request moves a grant that is there and adds another. Then the base takes the first one away, and the
    // merge brings it back.
    for (history, touch) in [(false, false), (false, true), (true, false), (true, true)] {
        let project = Project::new(side(&[0, 2, 3, 4, 5]), side(&[2, 3, 4, 5, 0, 1]));
        approved(&project, &project.head);
        assert_eq!(project.clean_run().outcome, Outcome::Passed, "one new grant, approved");
        let mut project = project.base_moves(|root| {
            write(root, &[2, 3, 4, 5]);
            if touch {
                fs::write(root.join("other.txt"), "x").unwrap();
            }
        });
        if history {
            with_history(&mut project);
        }
        let run = project.run();
        assert_eq!(run.outcome, Outcome::Waiting, "history {history}, touch {touch}: {}", run.summary);
    }
}

#[test]
fn a_commit_of_the_same_tree_with_another_history_is_another_question() {
    for history in [false, true] {
        let label = |text: &str| {
            format!(
                "<CustomField>\n<securityClassification>{text}</securityClassification>\n</CustomField>\n"
            )
        };
        let path = "force-app/objects/Contact/fields/F009__c.field-meta.xml".to_owned();
        let mut base = side(&[]);
        base.insert(path.clone(), label("Internal"));
        let mut head = base.clone();
        head.insert(OTHER.to_owned(), grants(&[1]));
        head.insert(ENTRY.to_owned(), reasons(&[1]));
        let project = Project::new(base, head);
        let older = project.head.clone();
        // A label rises on the base, and the branch "merges" it without taking it.
        let project = project.base_moves(|root| fs::write(root.join(&path), label("Restricted")).unwrap());
        let mut project =
            project.push(|root| drop(git(root, &["merge", "-q", "-s", "ours", "-m", "up to date", "main"])));
        approved(&project, &older);
        project.know(&older);
        if history {
            with_history(&mut project);
        }
        let run = project.run();
        assert_eq!(run.outcome, Outcome::Waiting, "history {history}: {}", run.summary);
        assert!(run.summary.contains("`Contact.F009__c`"), "{}", run.summary);
    }
}

#[test]
fn of_several_points_where_a_branch_left_its_base_each_must_have_asked() {
    let mut head = side(&[2, 3, 4, 5]);
    head.insert("note.txt".to_owned(), "x".to_owned());
    let project = Project::new(side(&[2, 3, 4, 5]), head);
    let origin = project.root.join("origin");
    let run = |arguments: &[&str]| git(&origin, arguments);
    let save = || {
        run(&["add", "-A"]);
        run(&["commit", "-q", "-m", "m"]);
    };
    // A branch of the old state, which both sides merge.
    run(&["checkout", "-q", "-b", "x", "main~1"]);
    fs::write(origin.join("harmless.txt"), "h").unwrap();
    save();
    run(&["checkout", "-q", "main"]);
    write(&origin, &[0, 2, 3, 4, 5]);
    save();
    run(&["checkout", "-q", "-B", "topic"]);
    write(&origin, &[2, 3, 4, 5, 0, 1]);
    save();
    for branch in ["topic", "main"] {
        run(&["checkout", "-q", branch]);
        run(&["merge", "-q", "--no-ff", "-m", "mx", "x"]);
    }
    assert_eq!(run(&["merge-base", "--all", "main", "topic"]).lines().count(), 2);
    let project = project.push(|_| ());
    approved(&project, &project.head);
    let mut project = project.base_moves(|root| write(root, &[2, 3, 4, 5]));
    with_history(&mut project);
    let run = project.run();
    assert_eq!(run.outcome, Outcome::Waiting, "{}", run.summary);
}

#[test]
fn a_policy_that_lands_meanwhile_in_the_same_words_was_not_approved() {
    let lenient = format!("{PEOPLE}tiers: {{ restricted: {{ read: justify }} }}\n");
    let mut base = side(&[]);
    base.insert(POLICY.to_owned(), lenient);
    let mut head = side(&[1]);
    head.insert(POLICY.to_owned(), PEOPLE.to_owned());
    let project = Project::new(base, head);
    approved(&project, &project.head);
    // The reviewed commit asked for an approval of the policy alone: of the grant a reason was enough.
    let project = project.base_moves(|root| fs::write(root.join(POLICY), PEOPLE).unwrap());
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Waiting, "{}", run.summary);
}

#[test]
fn an_objection_stays_whatever_the_author_writes_into_commits() {
    let project = Project::awaiting(1, Some(PEOPLE));
    project.permit("sec2", "write");
    approved(&project, &project.head);
    project.review("sec2", 203, "CHANGES_REQUESTED", &project.head);
    let message = "retrigger\n\nCo-authored-by: sec2 <203+sec2@users.noreply.github.com>";
    project.server.state().commits[0]["commit"]["message"] = json!(message);
    let run = project.clean_run();
    assert_eq!((run.outcome, &run.json["approval"]["held_by"]), (Outcome::Waiting, &json!(["sec2"])));
    assert!(run.summary.starts_with("### ⏳ Waits for approval by `@sec2`\n"), "{}", run.summary);
}

#[test]
fn who_pushed_is_not_known_and_that_is_said() {
    let project = Project::awaiting(1, Some(PEOPLE));
    approved(&project, &project.head);
    project.server.fault("GET", "/activity", answer(403, "no"), 9);
    let run = project.run();
    assert_eq!(run.outcome, Outcome::Passed);
    assert!(run.summary.contains("Not read: Who pushed to the branch"), "{}", run.summary);
}

#[test]
fn whoever_took_part_is_not_asked_for_an_approval() {
    let project = Project::awaiting(1, Some(PEOPLE));
    project.server.state().pushes = vec![json!({ "actor": person("sec1", 202) })];
    approved(&project, &project.head);
    let run = project.clean_run();
    assert!(run.summary.starts_with("### ⏳ Waits for approval by `@sec2`\n"), "{}", run.summary);
    // Nor is who has given one of two.
    let two = Project::awaiting(1, Some(&format!("{PEOPLE}  needed: 2\n")));
    approved(&two, &two.head);
    let run = two.clean_run();
    assert!(run.summary.starts_with("### ⏳ Waits for approval by `@sec2`\n"), "{}", run.summary);
}

#[test]
fn an_old_run_that_is_run_again_does_not_pass_where_a_newer_one_did_not() {
    let mut project = Project::opening(0);
    project.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
    assert_eq!(project.clean_run().outcome, Outcome::Passed);
    project.set("GITHUB_RUN_ATTEMPT", "2");
    assert_eq!(project.clean_run().outcome, Outcome::Passed, "nothing has moved");
    project.server.state().tip = "9".repeat(40);
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert!(run.log.contains("`main` has moved on since this run was made"), "{}", run.log);
    assert_eq!(project.server.state().statuses.last().unwrap()["state"], "error");
}

#[test]
fn a_run_that_cannot_begin_leaves_no_older_success() {
    for (name, value) in
        [("INPUT_WORKING-DIRECTORY", "nowhere"), ("INPUT_FAIL-ON", "x"), ("INPUT_CA-FILE", "missing.pem")]
    {
        let mut project = Project::opening(0);
        project.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
        assert_eq!(project.clean_run().outcome, Outcome::Passed);
        project.set(name, value);
        assert_eq!(project.run().outcome, Outcome::Undecided);
        let state = project.server.state();
        let states: Vec<&str> = state.statuses.iter().map(|s| s["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["success", "error"], "{name}");
    }
}

#[test]
fn what_waits_in_a_queue_leaves_it_and_is_told_how_to_come_back() {
    let mut project = Project::awaiting(1, None);
    project.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
    project.set("GITHUB_EVENT_NAME", "merge_group");
    let group = |base_ref: serde_json::Value, project: &Project| {
        let head_ref = format!("refs/heads/gh-readonly-queue/main/pr-42-{}", project.base);
        json!({ "action": "checks_requested", "merge_group": {
            "head_sha": project.merge, "base_sha": project.base, "base_ref": base_ref, "head_ref": head_ref,
        }})
    };
    project.event(&group(json!("refs/heads/main"), &project));
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Waiting);
    assert!(run.summary.contains("Take the pull request out of the queue"), "{}", run.summary);
    {
        let state = project.server.state();
        assert_eq!(
            (&state.statuses[0]["state"], &state.statuses[0]["context"]),
            (&json!("failure"), &json!("flsgate / main"))
        );
    }
    project.event(&group(json!(null), &project));
    let run = project.clean_run();
    assert!(run.log.contains("so `{base}` in input `commit-status` has no name"), "{}", run.log);
    assert_eq!(project.server.state().statuses.len(), 1);
}

#[test]
fn one_cause_is_told_once_however_many_findings_wait() {
    let project = Project::awaiting(3, Some(PEOPLE));
    project.server.fault("GET", "/reviews", answer(500, "no"), 99);
    let run = project.run();
    assert_eq!(run.outcome, Outcome::Undecided);
    assert_eq!(
        run.summary.matches("Could not read the reviews").count(),
        2,
        "the table and the reviews: {}",
        run.summary
    );
    assert!(run.summary.contains("3 findings need an approval"), "{}", run.summary);
    assert_eq!(run.log.matches("Could not read the reviews").count(), 1, "{}", run.log);
}

#[test]
fn a_status_of_an_app_is_not_set_again_by_the_next_run() {
    let mut project = Project::opening(0);
    project.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
    project.set("INPUT_COMMENT-AUTHOR", "acme-gate");
    project.clean_run();
    project.server.state().statuses[0]["creator"] =
        json!({ "login": "acme-gate[bot]", "id": 9, "type": "Bot" });
    project.clean_run();
    assert_eq!(project.server.state().statuses.len(), 1);
    // One that somebody else set, in the same words, is none of ours.
    project.server.state().statuses[0]["creator"] = person("dev", 101);
    project.clean_run();
    assert_eq!(project.server.state().statuses.len(), 2);
}
