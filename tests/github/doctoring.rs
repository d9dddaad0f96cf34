//! What `doctor` says of a setup.

use crate::project::Skip;
use crate::server::{Server, TOKEN, answer};
use flsgate::github::Secret;
use flsgate::run::{Diagnosis, DoctorOptions, doctor};
use serde_json::json;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const POLICY: &str = "version: 1\napprovers:\n  people:\n    - { login: sec1, id: 202 }\n";

fn project(policy: Option<&str>, owners: Option<&str>) -> TempDir {
    let folder = TempDir::new().unwrap();
    let workflow = format!(
        "jobs:\n  judge:\n    steps:\n    - uses: acme/flsgate@{}\n      with:\n        commit-status: flsgate / {{base}}\n",
        "a".repeat(40)
    );
    let workflow = (".github/workflows/flsgate.yml", Some(workflow.as_str()));
    git2::Repository::init(folder.path()).unwrap();
    for (path, text) in [(".flsgate/policy.yml", policy), (".github/CODEOWNERS", owners), workflow, LABELLED]
    {
        text.into_iter().for_each(|text| write(&folder, path, text));
    }
    commit(&folder);
    folder
}

/// All files in one commit more.
fn commit(folder: &TempDir) {
    let repository = git2::Repository::open(folder.path()).unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let me = git2::Signature::now("t", "t@example.com").unwrap();
    repository.commit(Some("HEAD"), &me, &me, "all", &tree, &[]).unwrap();
}

const LABELLED: (&str, Option<&str>) = (
    "force-app/main/default/objects/Contact/fields/SSN__c.field-meta.xml",
    Some(
        "<CustomField><fullName>SSN__c</fullName><type>Text</type>\
         <securityClassification>Restricted</securityClassification></CustomField>",
    ),
);

fn write(folder: &TempDir, path: &str, text: &str) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn ask(server: &Server, folder: &TempDir) -> (u8, String) {
    if server.state().repository.is_null() {
        server.state().repository = json!({ "allow_rebase_merge": false });
    }
    let diagnosis: Diagnosis = doctor(&DoctorOptions {
        folder: folder.path().to_owned(),
        repository: Some("acme/crm".to_owned()),
        api_url: server.url.clone(),
        token: Secret::new(TOKEN).unwrap(),
        branch: None,
        context: "flsgate / {base}".to_owned(),
        timeout: Duration::from_secs(10),
        clock: Arc::new(Skip::default()),
    });
    let mut text = Vec::new();
    diagnosis.write(&mut text).unwrap();
    assert_eq!(server.state().complaints, [""; 0]);
    (diagnosis.exit_status(), String::from_utf8(text).unwrap())
}

#[test]
fn a_setup_that_gates_has_no_gaps() {
    let (server, folder) =
        (Server::start(), project(Some(POLICY), Some("/.flsgate/ @acme/sec\n/.github/ @acme/sec\n")));
    server.state().rules = vec![
        json!({ "type": "required_status_checks", "parameters": {
            "strict_required_status_checks_policy": true,
            "required_status_checks": [{ "context": "flsgate / main", "integration_id": 4711 }] } }),
        json!({ "type": "pull_request", "parameters": { "require_code_owner_review": true, "dismiss_stale_reviews_on_push": true } }),
    ];
    let (status, text) = ask(&server, &folder);
    assert_eq!(status, 0, "{text}");
    assert!(
        text.ends_with("0 gaps, 0 unknown\n") && text.contains("ok   `main` requires `flsgate / main`"),
        "{text}"
    );
}

#[test]
fn each_gap_is_named_with_the_next_step() {
    let (server, folder) = (Server::start(), project(None, Some("/.flsgate/policy.yml @acme/sec\n")));
    server.state().rules = vec![
        json!({ "type": "required_status_checks", "parameters": { "required_status_checks": [{ "context": "build" }] } }),
    ];
    let (status, text) = ask(&server, &folder);
    assert_eq!(status, 1, "{text}");
    for part in [
        "gap  there is no `.flsgate/policy.yml`",
        "ok   `.flsgate/` has an owner",
        "gap  `.flsgate/justifications/` has no owner",
        "gap  `.github/workflows/` has no owner",
        "gap  `main` does not require `flsgate / main`; it requires `build`",
        "     next: add `flsgate / main` to the required status checks of `main`",
        "gap  two pull requests that pass each by itself may together give access that neither showed",
        "gap  whoever can push a branch can run a workflow there",
        "ok   rebase merging is off",
        "gap  no rule asks for a pull request into `main`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_branch_whose_approvals_count_here_is_looked_at_as_well() {
    let policy = format!("{POLICY}approved_on: [develop]\n");
    let (server, folder) = (Server::start(), project(Some(&policy), Some("* @acme/sec\n")));
    server.state().rules = vec![json!({ "type": "required_status_checks", "parameters": {
        "strict_required_status_checks_policy": true,
        "required_status_checks": [{ "context": "flsgate / main", "integration_id": 4711 }] } })];
    let (status, text) = ask(&server, &folder);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("ok   `main` requires `flsgate / main`"), "{text}");
    let gap = "gap  `develop`, which `approved_on` names: `develop` does not require `flsgate / develop`";
    assert!(text.contains(gap), "{text}");
}

#[test]
fn what_init_leaves_to_be_filled_in_is_no_owner() {
    let server = Server::start();
    for owner in ["@OWNER/security", "acme"] {
        let lines = format!("/.flsgate/ {owner}\n/.github/ @acme/sec\n");
        let (status, text) = ask(&server, &project(Some(POLICY), Some(&lines)));
        assert_eq!(status, 1, "{text}");
        assert!(text.contains("gap  `.flsgate/` has no owner in `.github/CODEOWNERS`"), "{text}");
        assert!(text.contains("ok   `.github/workflows/` has an owner"), "{text}");
    }
    for owner in ["@someone", "@acme/a.b_c", "sec@acme.example", "@OWNER/security @acme/sec"] {
        let lines = format!("/.flsgate/ {owner}\n/.github/ @acme/sec\n");
        let (_, text) = ask(&server, &project(Some(POLICY), Some(&lines)));
        assert!(text.contains("ok   `.flsgate/` has an owner"), "{owner}: {text}");
    }
}

#[test]
fn rules_that_cannot_be_read_are_no_pass() {
    let (server, folder) = (Server::start(), project(Some(POLICY), Some("* @acme/sec\n")));
    server.fault("GET", "/rules/branches/", answer(404, "Not Found"), 9);
    let (status, text) = ask(&server, &folder);
    assert_eq!(status, 2);
    assert!(
        text.contains("???  Could not read the rules of the branch: the token may not do this"),
        "{text}"
    );
}

#[test]
fn on_the_command_line_without_a_token_the_rules_are_unknown() {
    let folder = project(Some("tires: 1\n"), None);
    let mut command = Command::new(env!("CARGO_BIN_EXE_flsgate"));
    let output = command.arg("doctor").current_dir(folder.path()).env_clear().output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text.contains("gap  `.flsgate/policy.yml` has 1 mistake, so every run is undecided"), "{text}");
    assert!(
        text.contains("gap  there is no CODEOWNERS file") && text.contains("pass --github OWNER/NAME"),
        "{text}"
    );
}

/// What `doctor` says of a project, without its status and without the branch.
fn of_project(folder: &TempDir) -> String {
    let server = Server::start();
    ask(&server, folder).1
}

#[test]
fn a_repository_without_metadata_and_one_without_labels_have_a_gap() {
    let folder = project(Some(POLICY), None);
    assert!(of_project(&folder).contains("ok   1 field has a label"));
    let labelled = folder.path().join(LABELLED.0);
    fs::write(&labelled, "<CustomField><fullName>SSN__c</fullName><type>Text</type></CustomField>").unwrap();
    assert!(of_project(&folder).contains("gap  no field has a label, so access to fields needs nothing"));
    write(
        &folder,
        ".flsgate/labels/org.csv",
        "Object,Field,SecurityClassification,ComplianceGroup\nContact,SSN__c,Restricted,\n",
    );
    assert!(of_project(&folder).contains("ok   1 field has a label"));
    write(&folder, "force-app/main/default/tagSets/Data_Domain.tagset-meta.xml", "<TagSet/>");
    let text = of_project(&folder);
    assert!(
        text.contains("ok   tags are not read") && text.contains("Data_Domain.tagset-meta.xml"),
        "{text}"
    );
    fs::remove_dir_all(folder.path().join("force-app")).unwrap();
    assert!(of_project(&folder).contains("gap  there is no Salesforce metadata in this repository"));
}

#[test]
fn a_guest_whom_no_licence_marks_is_named_until_the_policy_says_who_holds_it() {
    let folder = project(Some(POLICY), None);
    let profile = "force-app/main/default/profiles/Guest Book Readers.profile-meta.xml";
    write(&folder, profile, "<Profile><custom>true</custom></Profile>");
    let text = of_project(&folder);
    assert!(text.contains("gap  `Guest Book Readers`: called guest, and no licence says so"), "{text}");
    for class in ["guest", "internal"] {
        let named = format!("{POLICY}user_types:\n  {class}:\n    names: [Guest Book Readers]\n");
        write(&folder, ".flsgate/policy.yml", &named);
        assert!(!of_project(&folder).contains("called guest"));
    }
    write(&folder, ".flsgate/policy.yml", POLICY);
    write(&folder, profile, "<Profile><userLicense>Guest License User</userLicense></Profile>");
    assert!(!of_project(&folder).contains("called guest"), "its licence says so");
}

#[test]
fn an_export_that_lacks_fields_in_use_was_made_by_somebody_who_may_not_see_them() {
    let folder = project(Some(POLICY), None);
    let set = "force-app/main/default/permissionsets/Desk.permissionset-meta.xml";
    let entry = |field: &str| {
        format!(
            "<fieldPermissions><field>{field}</field><readable>true</readable><editable>false</editable></fieldPermissions>"
        )
    };
    let entries: String =
        ["Contact.Birthdate", "Contact.Fax", "Contact.SSN__c", "Lead.Fax"].map(entry).concat();
    write(&folder, set, &format!("<PermissionSet><label>Desk</label>{entries}</PermissionSet>"));
    let export = |rows: &str| {
        let columns = "EntityDefinition.QualifiedApiName,QualifiedApiName,SecurityClassification,ComplianceGroup,IsFlsEnabled";
        write(&folder, ".flsgate/labels/org.csv", &format!("{columns}\n{rows}"));
        of_project(&folder)
    };
    let text = export("Contact,Birthdate,Restricted,,true\n");
    assert!(text.contains("gap  the label export lacks 1 field"), "{text}");
    assert!(
        text.contains("`Contact.Fax`\n     next: an export holds only the fields that its user may see"),
        "{text}"
    );
    // Rows without a label count as rows, and an object of which there are none was not asked for.
    let whole = export("Contact,Birthdate,Restricted,,true\nContact,Fax,,,true\n");
    assert!(!whole.contains("lacks"), "{whole}");
}
