//! The command line: arguments, exit statuses, streams. The binary runs in a clean room.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn flsgate(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flsgate"));
    command.args(arguments).current_dir(folder).env_clear().env("HOME", folder);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]);
    command
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    assert!(
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success(),
        "git {arguments:?}"
    );
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

const GRANT: &str = "<PermissionSet>\n<fieldPermissions>\n<editable>false</editable>\n<field>Contact.SSN__c</field>\n\
                     <readable>true</readable>\n</fieldPermissions>\n</PermissionSet>\n";

/// A repository with one restricted field and a permission set that grants nothing.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "objects/Contact/fields/SSN__c.field-meta.xml",
        "<CustomField>\n<securityClassification>Restricted</securityClassification>\n</CustomField>\n",
    );
    write(folder.path(), "permissionsets/P.permissionset-meta.xml", "<PermissionSet/>\n");
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "base"]);
    folder
}

#[test]
fn the_demo_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let output = flsgate(folder.path(), &["demo", "--exit-status"]);
    assert_eq!(output.status.code(), Some(1));
    let out = text(&output.stdout);
    for part in [
        "error[restricted-field-grant]",
        "error[label-lowered]",
        "Support_Agent",
        "blocked: 2 errors, 0 warnings, 0 notes",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!out.contains("Annual_Revenue__c"), "what is justified is not reported");
    assert!(!out.contains("Sales_Rep"), "what is clean is not reported");
    assert!(output.stderr.is_empty());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn the_demo_succeeds_and_says_what_the_gate_would_have_answered() {
    let folder = tempfile::tempdir().unwrap();
    let output = flsgate(folder.path(), &["demo"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(out.starts_with("This is an example: an invented repository"), "{out}");
    let last = out.lines().last().unwrap();
    assert!(
        last.starts_with(
            "In your repository this pull request would be blocked: `flsgate check` ends with status 1. Next: `flsgate audit`"
        ),
        "{last}"
    );
    // What another program reads holds nothing else.
    let output = flsgate(folder.path(), &["demo", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
}

#[test]
fn a_container_without_its_command_says_so_in_one_line() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_flsgate"));
    let output = command.env_clear().env("GITHUB_ACTIONS", "true").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let out = text(&output.stdout);
    assert!(out.starts_with("::error title=flsgate::flsgate was started without a command"), "{out}");
    assert_eq!((out.lines().count(), output.stderr.len()), (1, 0), "{out}");
}

#[test]
fn uncommitted_work_is_judged_before_it_is_committed() {
    let project = project();
    let clean = flsgate(project.path(), &["check"]);
    assert_eq!((clean.status.code(), text(&clean.stderr)), (Some(0), String::new()));
    assert!(text(&clean.stdout).starts_with("passed: 0 errors, 0 warnings, 0 notes\n"));
    write(project.path(), "permissionsets/P.permissionset-meta.xml", GRANT);
    let changed = flsgate(project.path(), &["check"]);
    assert_eq!(changed.status.code(), Some(1));
    assert!(text(&changed.stdout).contains("permissionsets/P.permissionset-meta.xml:5:1"));
    git(project.path(), &["commit", "--quiet", "-am", "grant"]);
    let revisions = flsgate(project.path(), &["check", "--base", "HEAD~1", "--head", "HEAD"]);
    assert_eq!(revisions.status.code(), Some(1));
    // From any folder of the repository.
    let inside = flsgate(&project.path().join("permissionsets"), &["check", "--base", "HEAD~1"]);
    assert_eq!(inside.status.code(), Some(1));
}

#[test]
fn the_format_changes_no_status_and_files_hold_the_same_verdict() {
    let project = project();
    write(project.path(), "permissionsets/P.permissionset-meta.xml", GRANT);
    for format in ["terminal", "github", "json"] {
        assert_eq!(
            flsgate(project.path(), &["check", "--format", format]).status.code(),
            Some(1),
            "{format}"
        );
    }
    let both = flsgate(
        project.path(),
        &["check", "--output", "json=out.json", "--output", "github=out.txt", "--stats"],
    );
    assert_eq!(both.status.code(), Some(1));
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(project.path().join("out.json")).unwrap()).unwrap();
    assert_eq!((json["version"].as_u64(), json["verdict"].as_str()), (Some(1), Some("blocked")));
    assert!(json["head"].is_null(), "the working tree has no commit");
    assert!(
        std::fs::read_to_string(project.path().join("out.txt"))
            .unwrap()
            .starts_with("::error file=permissionsets/")
    );
    assert!(text(&both.stderr).contains("files_read "), "{}", text(&both.stderr));
}

#[test]
fn what_cannot_be_decided_is_two() {
    let project = project();
    write(project.path(), "permissionsets/P.permissionset-meta.xml", "<PermissionSet>");
    let broken = flsgate(project.path(), &["check"]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(text(&broken.stdout).contains(
        "permissionsets/P.permissionset-meta.xml:1:16: `<PermissionSet>` of line 1 is never closed"
    ));
    assert!(text(&broken.stdout).contains("undecided: 1 file could not be judged"));
    for arguments in [
        &["check", "--base", "nowhere"][..],
        &["check", "--head", "HEAD~7"],
        &["check", "--as-of", "yesterday"],
        &["check", "--format", "yaml"],
        &["check", "--output", "json"],
        &["chek"],
        &[],
    ] {
        let output = flsgate(project.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
    let outside = tempfile::tempdir().unwrap();
    let nowhere = flsgate(outside.path(), &["check"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(text(&nowhere.stderr).contains("is not in a git repository"));
    let unwritable = flsgate(project.path(), &["check", "--output", "json=missing/out.json"]);
    assert_eq!(unwritable.status.code(), Some(2), "a report that was asked for and cannot be written");
}

#[test]
fn a_revision_of_hostile_text_is_printed_on_one_line() {
    let project = project();
    let output = flsgate(project.path(), &["check", "--base", "x\n::error::forged\u{1b}[2J"]);
    let err = text(&output.stderr);
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.starts_with("flsgate: error: ") && !err.contains('\u{1b}'));
}

#[test]
fn each_mistake_of_another_policy_is_an_error_of_its_own() {
    let project = project();
    write(project.path(), "other.yml", "tires: 1\nunlabelled: 7\n");
    let output = flsgate(project.path(), &["simulate", "--policy", "other.yml"]);
    let err = text(&output.stderr);
    assert_eq!((output.status.code(), err.lines().count()), (Some(2), 2), "{err}");
    assert!(err.starts_with("flsgate: error: other.yml:1:1: unknown key `tires`"), "{err}");
    assert!(err.lines().nth(1).unwrap().starts_with("flsgate: error: other.yml:2:13: tier `7`"), "{err}");
}

#[test]
fn another_policy_that_changes_nothing_is_said_to() {
    let project = project();
    write(project.path(), "other.yml", "version: 1\n");
    let output = flsgate(project.path(), &["simulate", "--policy", "other.yml"]);
    let out = text(&output.stdout);
    assert!(out.contains("no finding differs under the other policy\ntoday: "), "{out}");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let plain = flsgate(folder.path(), &["demo"]);
    assert!(!text(&plain.stdout).contains('\u{1b}'), "no terminal, no colour");
    let forced = flsgate(folder.path(), &["demo", "--color", "always"]);
    assert!(text(&forced.stdout).contains("\u{1b}[1m"));
    let json = flsgate(folder.path(), &["demo", "--color", "always", "--format", "json"]);
    assert!(!text(&json.stdout).contains('\u{1b}'));
}

#[test]
fn a_closed_pipe_loses_output_and_not_the_verdict() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_flsgate"))
        .args(["demo", "--exit-status", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty());
}

#[test]
fn help_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let help = flsgate(folder.path(), &["check", "--help"]);
    assert_eq!((help.status.code(), help.stderr.len()), (Some(0), 0));
    for part in ["--base", "--head", "--as-of", "--format", "--output", "--stats", "--repo", "Examples:"] {
        assert!(text(&help.stdout).contains(part), "{part}");
    }
    let top = text(&flsgate(folder.path(), &["--help"]).stdout);
    assert!(top.contains("0 passed, 1 blocked or waiting for an approval, 2 undecided"), "{top}");
    assert_eq!(
        text(&flsgate(folder.path(), &["--version"]).stdout),
        format!("flsgate {}\n", env!("CARGO_PKG_VERSION"))
    );
}

/// A run that ends early, or cannot write, leaves no report that could be taken for its own.
#[test]
fn outputs_are_all_of_this_run_or_missing() {
    let folder = project();
    let at = folder.path();
    let check = |arguments: &[&str]| flsgate(at, &[&["check", "--base", "HEAD"], arguments].concat());
    write(at, "old.sarif", "clean");
    let early = flsgate(at, &["check", "--base", "nosuch", "--output", "sarif=old.sarif"]);
    assert_eq!((early.status.code(), at.join("old.sarif").exists()), (Some(2), false));
    std::fs::create_dir(at.join("dir")).unwrap();
    for (arguments, why) in [
        (vec!["--output", "json=a", "--output", "sarif=a"], "is named twice"),
        (vec!["--output", "json=dir"], "is a folder"),
        (vec!["--output", "json=.git/HEAD"], "lies in `.git`"),
        (vec!["--output", "json=.flsgate/r.json"], "lies in `.git` or `.flsgate`"),
    ] {
        let output = check(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(why) && output.stdout.is_empty(), "{}", text(&output.stderr));
    }
    git(at, &["status"]);
    // One that cannot be written costs none of the others.
    if cfg!(target_os = "linux") {
        let output =
            check(&["--output", "json=one.json", "--output", "sarif=/dev/full", "--output", "junit=two.xml"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            text(&output.stdout).contains("passed: ")
                && text(&output.stderr).contains("cannot write `/dev/full`")
        );
        assert!(at.join("one.json").exists() && at.join("two.xml").exists());
    }
    assert_eq!(
        flsgate(at, &["audit", "--by", "field", "--json"]).status.code(),
        Some(2),
        "a table is no JSON"
    );
    let by = flsgate(at, &["audit", "--by", "permission-set", "--output", "json=by.json", "--stats"]);
    assert!(at.join("by.json").exists() && text(&by.stderr).contains("files_read "));
}

/// The checkout is the author's: a report goes through none of its links.
#[cfg(unix)]
#[test]
fn a_report_is_written_through_no_link_of_the_checkout() {
    let folder = project();
    let outside = tempfile::tempdir().unwrap();
    let precious = outside.path().join("precious");
    std::fs::write(&precious, "precious").unwrap();
    std::os::unix::fs::symlink(&precious, folder.path().join("r.json")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("reports")).unwrap();
    for path in ["r.json", "reports/r.json", "./reports/deep/r.json"] {
        let output =
            flsgate(folder.path(), &["check", "--base", "HEAD", "--output", &format!("json={path}")]);
        assert_eq!(output.status.code(), Some(2), "{path}");
        assert!(text(&output.stderr).contains("is a symbolic link, which is not followed"), "{path}");
    }
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
    // A link of the caller's own, a device, a new folder.
    let link = outside.path().join("link");
    std::os::unix::fs::symlink(&precious, &link).unwrap();
    let new = folder.path().join("new/r.json");
    for path in [link.to_str().unwrap(), "/dev/null", new.to_str().unwrap()] {
        let output =
            flsgate(folder.path(), &["check", "--base", "HEAD", "--output", &format!("json={path}")]);
        assert_eq!(output.status.code(), Some(0), "{path}: {}", text(&output.stderr));
    }
    assert!(new.exists() && !std::fs::symlink_metadata("/dev/null").unwrap().is_file());
}
