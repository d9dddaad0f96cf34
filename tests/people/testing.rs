//! `test`: examples of what the policy is meant to ask, compared with what the gate asks.

use super::commanding::{flsgate, text};
use super::{git, project, write};
use std::path::Path;

fn tested(at: &Path, more: &[&str]) -> (Option<i32>, String) {
    let output = flsgate(at, &[&["test"], more].concat());
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn the_tests_that_init_writes_hold_under_its_policy() {
    let folder = project();
    let at = folder.path();
    std::fs::remove_file(at.join(".flsgate/policy.yml")).unwrap();
    let (status, said) = tested(at, &[]);
    assert!(status == Some(2) && said.contains("there is no test"), "{said}");
    flsgate(at, &["init"]);
    let (status, said) = tested(at, &[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.ends_with("2 tests: 2 passed, 0 failed\n"), "{said}");
}

#[test]
fn a_test_that_fails_says_what_the_policy_asks() {
    let folder = project();
    let at = folder.path();
    write(
        at,
        ".flsgate/tests/cards.yml",
        "version: 1\ntests:\n  - name: no profile gives card numbers\n    label: { compliance_groups: [PCI] }\n    profile: Support\n    expect: deny\n",
    );
    assert_eq!(tested(at, &[]).0, Some(0));
    write(at, "open.yml", "version: 1\ntiers: { restricted: { profiles: [Sup*] } }\n");
    let (status, said) = tested(at, &["--policy", "open.yml"]);
    let expected = "FAILED  no profile gives card numbers\n        .flsgate/tests/cards.yml:3:5\n        expected `deny` (is not allowed); the policy says `approve`: read access to tier 3 for internal users needs a justification and an approval\n1 test: 0 passed, 1 failed\n";
    assert_eq!((status, said.as_str()), (Some(1), expected));
}

#[test]
fn mistakes_in_tests_are_told_all_at_once() {
    let folder = project();
    let at = folder.path();
    let mistakes = "version: 1\ntests:\n  - name: a\n    expect: never\n  - expect: deny\n  - { name: b, license: X, user_type: guest, expect: deny }\n  - { name: c, profile: P, permission_set: S, expect: deny, acces: read }\n";
    write(at, ".flsgate/tests/wrong.yml", mistakes);
    let (status, said) = tested(at, &[]);
    assert_eq!(status, Some(2), "{said}");
    for part in [
        "`never`",
        "a test needs a `name`",
        "write `license` or `user_type`",
        "more than one permission set",
        "`access`",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

/// The gate's answer to a complete reason for an access that is as a test says, in the words of a policy.
fn gate(label: &str, (folder, ending, root): (&str, &str, &str), license: &str, edits: bool) -> &'static str {
    let project = project();
    let at = project.path();
    std::fs::remove_dir_all(at.join("force-app/main/default/profiles")).unwrap();
    let set = |entries: &str| {
        let tag = if root == "Profile" { "userLicense" } else { "license" };
        let path = format!("force-app/main/default/{folder}/Desk.{ending}-meta.xml");
        write(at, &path, &format!("<{root}><{tag}>{license}</{tag}>{entries}</{root}>"));
    };
    set("");
    let field = format!("<CustomField><fullName>Code__c</fullName>{label}<type>Text</type></CustomField>");
    write(at, "force-app/main/default/objects/Case/fields/Code__c.field-meta.xml", &field);
    git(at, &["add", "-A"]);
    git(at, &["commit", "-qm", "more"]);
    git(at, &["branch", "-qf", "main"]);
    set(&format!(
        "<fieldPermissions><editable>{edits}</editable><field>Case.Code__c</field><readable>true</readable></fieldPermissions>"
    ));
    let (kind, access) =
        (if root == "Profile" { "profile" } else { "permission_set" }, if edits { "edit" } else { "read" });
    let reason = format!(
        "{kind}: Desk\nentries:\n  - field: Case.Code__c\n    access: {access}\n    justification: The desk answers by it.\n    compliance: Kept for a year.\n    owner: a@acme.example\n    expires: 2026-12-31\n"
    );
    write(at, ".flsgate/justifications/desk.yml", &reason);
    let checked = flsgate(at, &["check", "--base", "main", "--as-of", "2026-06-01", "--json", "--all"]);
    let json: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let row = json["new_access"].as_array().unwrap().iter().find(|row| row["field"] == "Case.Code__c");
    match row.unwrap()["state"].as_str().unwrap() {
        "allowed" => "allow",
        "justified" => "justify",
        "needs_approval" => "approve",
        "not_allowed" => "deny",
        other => panic!("{other}"),
    }
}

#[test]
fn a_test_expects_what_the_gate_does() {
    let labels = [
        ("", "{}"),
        ("<securityClassification>Internal</securityClassification>", "{ classification: Internal }"),
        ("<securityClassification>Confidential</securityClassification>", "{ classification: Confidential }"),
        ("<complianceGroup>PII</complianceGroup>", "{ compliance_groups: [PII] }"),
        (
            "<complianceGroup>PII;HIPAA</complianceGroup><securityClassification>Public</securityClassification>",
            "{ classification: Public, compliance_groups: [PII, HIPAA] }",
        ),
        ("<securityClassification>Odd</securityClassification>", "{ classification: Odd }"),
    ];
    let set = ("permissionsets", "permissionset", "PermissionSet");
    let profile = ("profiles", "profile", "Profile");
    let mut tests = String::from("version: 1\ntests:\n");
    let mut number = 0;
    for (number_of_label, (metadata, label)) in labels.iter().enumerate() {
        // A licence and a kind for each label, and each of them somewhere.
        let license = ["Salesforce", "Customer Community", "Guest User License"][number_of_label % 3];
        for (kind, edits) in [(set, false), (set, true), (profile, false)] {
            let license = if number_of_label == 2 { "Salesforce" } else { license };
            let expected = gate(metadata, kind, license, edits);
            let holder = if kind == profile { "profile" } else { "permission_set" };
            let access = if edits { "edit" } else { "read" };
            number += 1;
            tests.push_str(&format!(
                "  - {{ name: t{number}, label: {label}, {holder}: Desk, license: {license}, access: {access}, expect: {expected} }}\n"
            ));
        }
    }
    for expected in ["allow", "justify", "approve", "deny"] {
        assert!(tests.contains(&format!("expect: {expected} ")), "{expected} is nowhere:\n{tests}");
    }
    let folder = project();
    write(folder.path(), ".flsgate/tests/all.yml", &tests);
    let (status, said) = tested(folder.path(), &[]);
    assert_eq!(status, Some(0), "{said}\n{tests}");
}
