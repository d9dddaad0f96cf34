//! What is judged is what would land: the merge of base and head, shown at the lines of the head.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use flsgate::gate::{Outcome, Verdict};
use flsgate::run::{CheckOptions, check};
use std::path::Path;

const SSN: &str = "objects/Contact/fields/SSN__c.field-meta.xml";
const DESK: &str = "permissionsets/Desk.permissionset-meta.xml";

fn label(classification: &str) -> String {
    format!(
        "<CustomField>\n<securityClassification>{classification}</securityClassification>\n</CustomField>\n"
    )
}

/// Three lines a field, so that changes at both ends merge.
fn set(fields: &[&str]) -> String {
    let entry = |f: &&str| {
        format!("<fieldPermissions><field>{f}</field>\n<readable>true</readable>\n</fieldPermissions>\n")
    };
    format!("<PermissionSet>\n{}</PermissionSet>\n", fields.iter().map(entry).collect::<String>())
}

/// A commit that writes `files` over those of its parents' first one.
fn commit(repo: &git2::Repository, parents: &[git2::Oid], files: &[(&str, &str)]) -> git2::Oid {
    let parents: Vec<_> = parents.iter().map(|id| repo.find_commit(*id).unwrap()).collect();
    let empty = repo.find_tree(repo.treebuilder(None).unwrap().write().unwrap()).unwrap();
    let start = parents.first().map_or(empty, |p| p.tree().unwrap());
    let mut builder = git2::build::TreeUpdateBuilder::new();
    for (path, text) in files {
        builder.upsert(*path, repo.blob(text.as_bytes()).unwrap(), git2::FileMode::Blob);
    }
    let tree = repo.find_tree(builder.create_updated(repo, &start).unwrap()).unwrap();
    let who = git2::Signature::new("t", "t@example.com", &git2::Time::new(1_767_225_600, 0)).unwrap();
    repo.commit(None, &who, &who, "m", &tree, &parents.iter().collect::<Vec<_>>()).unwrap()
}

fn judge(path: &Path, base: git2::Oid, head: git2::Oid) -> Verdict {
    let (base, head) = (Some(base.to_string()), Some(head.to_string()));
    let today = jiff::civil::date(2026, 6, 1);
    check(&CheckOptions {
        repository: path.into(),
        base,
        head,
        policy: None,
        without_justifications: false,
        today,
    })
    .unwrap()
}

#[test]
fn a_label_raised_on_the_base_meanwhile_counts() {
    let folder = tempfile::tempdir().unwrap();
    let repo = git2::Repository::init_bare(folder.path()).unwrap();
    let start = commit(&repo, &[], &[(SSN, &label("Internal")), (DESK, &set(&[]))]);
    let head = commit(&repo, &[start], &[(DESK, &set(&["Contact.SSN__c"]))]);
    let base = commit(&repo, &[start], &[(SSN, &label("Restricted"))]);
    assert_eq!(
        judge(folder.path(), start, head).outcome,
        Outcome::Passed,
        "against the old base it was fine"
    );
    let verdict = judge(folder.path(), base, head);
    let rules: Vec<_> = verdict.findings.iter().map(|f| f.rule.id).collect();
    assert_eq!(rules, ["restricted-field-grant"]);
    assert!(verdict.labels_changed.is_empty(), "the head changes no label");
}

#[test]
fn what_the_base_opened_meanwhile_is_not_this_changes_doing() {
    let folder = tempfile::tempdir().unwrap();
    let repo = git2::Repository::init_bare(folder.path()).unwrap();
    let start = commit(&repo, &[], &[(SSN, &label("Restricted")), (DESK, &set(&[]))]);
    let head = commit(&repo, &[start], &[("README.md", "x")]);
    let base = commit(&repo, &[start], &[(DESK, &set(&["Contact.SSN__c"]))]);
    let verdict = judge(folder.path(), base, head);
    assert_eq!((verdict.outcome, verdict.opened.len(), verdict.closed.len()), (Outcome::Passed, 0, 0));
}

#[test]
fn lines_are_those_of_the_head_file() {
    let folder = tempfile::tempdir().unwrap();
    let repo = git2::Repository::init_bare(folder.path()).unwrap();
    let middle = ["A.B__c", "A.C__c", "A.D__c", "A.E__c", "A.F__c"];
    let with = |first: &[&'static str], last: &[&'static str]| set(&[first, &middle, last].concat());
    let start = commit(&repo, &[], &[(SSN, &label("Restricted")), (DESK, &with(&[], &[]))]);
    let head = commit(&repo, &[start], &[(DESK, &with(&[], &["Contact.SSN__c"]))]);
    // The base puts six lines before what the head adds, in the same file.
    let base = commit(&repo, &[start], &[(DESK, &with(&["A.Y__c", "A.Z__c"], &[]))]);
    let verdict = judge(folder.path(), base, head);
    let finding = &verdict.findings[0];
    assert_eq!(finding.rule.id, "restricted-field-grant");
    // Line 1 is the root; five entries of three lines follow; the new one starts on line 17.
    assert_eq!(finding.place.location().start.to_string(), "18:1");
    assert_eq!(
        finding.place.file.bytes(),
        with(&[], &["Contact.SSN__c"]).as_bytes(),
        "the excerpt is the head's too"
    );
    assert_eq!(verdict.opened[0].place.location().start.line, 18);
    assert_eq!(verdict.opened[0].subject.route[0].place.location().start.line, 18);
}

#[test]
fn the_merge_commit_itself_is_what_lands() {
    let folder = tempfile::tempdir().unwrap();
    let repo = git2::Repository::init_bare(folder.path()).unwrap();
    let start = commit(&repo, &[], &[(SSN, &label("Restricted")), (DESK, &set(&[]))]);
    let side = commit(&repo, &[start], &[("README.md", "x")]);
    let base = commit(&repo, &[start], &[("OTHER.md", "x")]);
    // A merge that holds more than its parents do.
    let merge = commit(&repo, &[base, side], &[("README.md", "x"), (DESK, &set(&["Contact.SSN__c"]))]);
    assert_eq!(judge(folder.path(), base, merge).outcome, Outcome::Blocked);
    assert_eq!(judge(folder.path(), base, side).outcome, Outcome::Passed);
}

#[test]
fn policy_and_approved_justifications_are_those_of_the_base() {
    let folder = tempfile::tempdir().unwrap();
    let repo = git2::Repository::init_bare(folder.path()).unwrap();
    let files = [(SSN, &*label("Restricted")), (DESK, &*set(&[]))];
    let start = commit(&repo, &[], &files);
    let loose = "tiers:\n  restricted: { read: allow, edit: allow }\n";
    let head = commit(&repo, &[start], &[(DESK, &set(&["Contact.SSN__c"])), (".flsgate/policy.yml", loose)]);
    let rules: Vec<_> = judge(folder.path(), start, head).findings.iter().map(|f| f.rule.id).collect();
    assert_eq!(rules, ["policy-changed", "restricted-field-grant"]);
    // Once the looser policy is on the base, the same grant passes.
    let base = commit(&repo, &[start], &[(".flsgate/policy.yml", loose)]);
    let grant = commit(&repo, &[start], &[(DESK, &set(&["Contact.SSN__c"]))]);
    assert_eq!(judge(folder.path(), base, grant).outcome, Outcome::Passed);
}

#[test]
fn a_submodule_leaves_the_run_undecided_unless_the_policy_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let repo = git2::Repository::init_bare(folder.path()).unwrap();
    let ignore = "ignored_submodules: [\"tools/*\"]\n";
    let start = commit(&repo, &[], &[(DESK, &set(&[])), (".flsgate/policy.yml", ignore)]);
    let link = |path: &str| {
        let parent = repo.find_commit(start).unwrap();
        let mut builder = git2::build::TreeUpdateBuilder::new();
        builder.upsert(path, start, git2::FileMode::Commit);
        let tree = builder.create_updated(&repo, &parent.tree().unwrap()).unwrap();
        let who = git2::Signature::new("t", "t@example.com", &git2::Time::new(0, 0)).unwrap();
        repo.commit(None, &who, &who, "m", &repo.find_tree(tree).unwrap(), &[&parent]).unwrap()
    };
    let undecided = judge(folder.path(), start, link("more/permissionsets"));
    assert_eq!(undecided.outcome, Outcome::Undecided);
    assert!(undecided.undecided[0].message.contains("ignored_submodules"));
    assert_eq!(judge(folder.path(), start, link("tools/lint")).outcome, Outcome::Passed);
}
