//! `docs/getting-started.md`, typed from top to bottom: each `console` block gives what the page shows. Its
//! other blocks are files (`yaml`, `csv`) and changes (`diff`) of the project in `tests/getting-started`;
//! `text` is what needs an org, a server or a build. Run with `FLSGATE_BLESS=1` to write the outputs anew.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod common;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The comment in the page where a pull request has been merged.
const LANDED: &str = "<!-- Until here has landed; a new branch. -->";

/// The day on which the page plays, for every command that knows days.
const WRAPPER: &str = "case $1 in check|audit|explain|justify) set -- \"$@\" --as-of 2026-11-02;; esac\n";

struct Project {
    folder: tempfile::TempDir,
    landed: u32,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/getting-started");
        for (path, bytes) in common::files(&source) {
            let path = folder.path().join("crm").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let bin = folder.path().join("flsgate");
        fs::write(&bin, format!("#!/bin/sh\n{WRAPPER}exec {} \"$@\"\n", env!("CARGO_BIN_EXE_flsgate")))
            .unwrap();
        fs::set_permissions(&bin, fs::Permissions::from_mode(0o755)).unwrap();
        let project = Project { folder, landed: 0 };
        project.must(
            "git init -q -b main && git add -A && git commit -qm 'the org as it is' && git init -q --bare -b main ../origin.git \
             && git remote add origin ../origin.git && git push -q -u origin main && git remote set-head origin main",
        );
        project
    }

    /// What a shell prints, both streams together.
    fn shell(&self, script: &str) -> (bool, String) {
        let path = format!("{}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec 2>&1\n{script}")]).current_dir(self.folder.path().join("crm"));
        command.stdin(Stdio::null()).env("PATH", path).env("HOME", self.folder.path());
        for (name, value) in [
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "Dana Admin"),
            ("GIT_AUTHOR_EMAIL", "dana@acme.example"),
            ("GIT_COMMITTER_NAME", "Dana Admin"),
            ("GIT_COMMITTER_EMAIL", "dana@acme.example"),
            // So that commits have the same ids each time.
            ("GIT_AUTHOR_DATE", "2026-11-02T09:00:00Z"),
            ("GIT_COMMITTER_DATE", "2026-11-02T09:00:00Z"),
        ] {
            command.env(name, value);
        }
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    }

    fn must(&self, script: &str) {
        let (fine, output) = self.shell(script);
        assert!(fine, "{script}\n{output}");
    }

    fn land(&mut self) {
        self.landed += 1;
        self.must(&format!(
            "git add -A && {{ git diff --cached --quiet || git commit -qm change; }} && topic=$(git branch --show-current) && git switch -q main \
             && git merge -q --no-ff -m merge \"$topic\" && git push -q && git switch -qc next-{}",
            self.landed
        ));
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join("crm").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn apply(&self, patch: &str) {
        let mut git = Command::new("git");
        git.args(["apply", "-"]).current_dir(self.folder.path().join("crm")).stdin(Stdio::piped());
        let mut git = git.spawn().unwrap();
        git.stdin.take().unwrap().write_all(patch.as_bytes()).unwrap();
        assert!(git.wait().unwrap().success(), "{patch}");
    }
}

/// A `console` block with what its commands print now.
fn typed(project: &Project, block: &str) -> String {
    let commands = block.lines().filter_map(|line| line.strip_prefix("$ "));
    commands.map(|command| format!("$ {command}\n{}", project.shell(command).1)).collect()
}

#[test]
fn the_page_shows_what_happens() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/getting-started.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut project = Project::new();
    let (mut fresh, mut block) = (String::new(), None::<(String, String)>);
    for line in page.split_inclusive('\n') {
        match (line.strip_prefix("```"), &mut block) {
            (Some(language), None) => {
                fresh.push_str(line);
                block = Some((language.trim().to_owned(), String::new()));
            }
            (Some(_), Some((language, text))) => {
                match language.as_str() {
                    "console" => *text = typed(&project, text),
                    "diff" => project.apply(text),
                    "csv" => project.write(".flsgate/labels/contact.csv", text),
                    "yaml" => {
                        let (name, rest) = text.split_once('\n').unwrap();
                        project.write(name.trim_start_matches("# "), rest);
                    }
                    "text" => {}
                    other => panic!("what is a block of `{other}`?"),
                }
                fresh.push_str(text);
                fresh.push_str(line);
                block = None;
            }
            (None, Some((_, text))) => text.push_str(line),
            (None, None) => {
                if line.trim() == LANDED {
                    project.land();
                }
                fresh.push_str(line);
            }
        }
    }
    assert_eq!(project.landed, 2);
    if std::env::var_os("FLSGATE_BLESS").is_some() {
        fs::write(&path, fresh).unwrap();
    } else {
        for (shown, found) in page.lines().zip(fresh.lines()) {
            assert_eq!(shown, found, "the page is stale: FLSGATE_BLESS=1 cargo test --test getting_started");
        }
        assert_eq!(page.len(), fresh.len());
    }
}
