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
        "steps:\n- uses: acme/flsgate@{}\n  with:\n    commit-status: flsgate / {{base}}\n",
        "a".repeat(40)
    );
    let workflow = (".github/workflows/flsgate.yml", Some(workflow.as_str()));
    for (path, text) in [(".flsgate/policy.yml", policy), (".github/CODEOWNERS", owners), workflow] {
        if let Some(text) = text {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    folder
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
        "gap  two pull requests that pass each by itself may together land what neither showed",
        "gap  whoever can push a branch can run a workflow there",
        "ok   rebase merging is off",
        "gap  no rule asks for a pull request into `main`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
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
