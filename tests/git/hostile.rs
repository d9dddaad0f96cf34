//! Trees that no honest author makes.

use crate::scratch::{Scratch, paths};
use flsgate::git::{Comparison, GitError};
use flsgate::source::Snapshot;
use std::io::Write;
use std::process::Stdio;

/// Stores an object that git itself would refuse, and gives its id.
fn store(s: &Scratch, kind: &str, content: &[u8]) -> String {
    let mut command = s.command(&["hash-object", "-w", "--literally", "-t", kind, "--stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(content).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A tree with these modes, names and ids.
fn tree(s: &Scratch, entries: &[(&str, &str, &str)]) -> String {
    let mut content = Vec::new();
    for (mode, name, id) in entries {
        content.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        content.extend((0..20).map(|n| u8::from_str_radix(&id[2 * n..2 * n + 2], 16).unwrap()));
    }
    store(s, "tree", &content)
}

fn compare_to(s: &Scratch, tree: &str) -> Result<Comparison, GitError> {
    let head = s.git(&["commit-tree", "-m", "m", "-p", "main", tree]);
    s.try_compare(Some("main"), Some(&head))
}

#[test]
fn a_few_trees_that_stand_for_billions_of_files_are_refused_quickly() {
    let s = Scratch::new();
    s.commit();
    let mut level = store(&s, "blob", b"x");
    let mut mode = "100644";
    for _ in 0..10 {
        let names: Vec<String> = (0..10).map(|n| format!("f{n}")).collect();
        level = tree(&s, &names.iter().map(|n| (mode, n.as_str(), level.as_str())).collect::<Vec<_>>());
        mode = "40000";
    }
    let error = compare_to(&s, &level).unwrap_err();
    assert!(matches!(error, GitError::TooLarge { .. }), "{error}");
    s.git(&["update-ref", "refs/heads/main", &s.git(&["commit-tree", "-m", "m", &level])]);
    let listed = s.compare("main", "main").landing.entries().map(<[_]>::len).unwrap_err();
    assert!(listed.to_string().contains("more than 1000000 files"), "{listed}");
}

#[test]
fn folders_deeper_than_any_path_are_refused() {
    let s = Scratch::new();
    s.commit();
    let mut level = store(&s, "blob", b"x");
    let mut mode = "100644";
    let name = "n".repeat(200);
    for _ in 0..30 {
        level = tree(&s, &[(mode, &name, &level)]);
        mode = "40000";
    }
    let error = compare_to(&s, &level).unwrap_err();
    assert!(error.to_string().contains("a path is longer than 4096 bytes"), "{error}");
}

#[test]
fn repeated_and_invalid_names_are_refused() {
    let s = Scratch::new();
    s.commit();
    let (one, two) = (store(&s, "blob", b"1"), store(&s, "blob", b"2"));
    let sub = tree(&s, &[("100644", "f", &one)]);
    let twisted: [&[(&str, &str, &str)]; 5] = [
        &[("100644", "a", &one), ("100644", "a", &two)],
        &[("100644", "a", &one), ("40000", "a", &sub)],
        &[("40000", "..", &sub)],
        &[("40000", ".", &sub)],
        &[("100644", "a/b", &one)],
    ];
    for entries in twisted {
        let error = compare_to(&s, &tree(&s, entries)).unwrap_err();
        assert!(matches!(error, GitError::Corrupted { .. }), "{entries:?}: {error}");
    }
}

#[test]
fn a_name_that_looks_like_an_escaped_byte_cannot_hide_another() {
    let s = Scratch::new();
    s.commit();
    let one = store(&s, "blob", b"1");
    let error = compare_to(&s, &tree(&s, &[("100644", r"A\xff", &one)])).unwrap_err();
    assert!(matches!(error, GitError::AmbiguousPath { .. }), "{error}");
    assert!(error.to_string().contains(r"`A\xff`"), "{error}");
    // Other backslashes are no escapes.
    let c = compare_to(&s, &tree(&s, &[("100644", r"A\x41", &one)])).unwrap();
    assert_eq!(paths(&c.head), [r"A\x41"]);
}

#[test]
fn a_name_with_control_characters_stays_one_path() {
    let s = Scratch::new();
    s.commit();
    let one = store(&s, "blob", b"1");
    let c = compare_to(&s, &tree(&s, &[("100644", "a\n::error::x\u{1b}[2J", &one)])).unwrap();
    assert_eq!(paths(&c.head), ["a\n::error::x\u{1b}[2J"]);
}

#[test]
fn an_entry_that_is_no_file_behind_its_mode_is_not_read() {
    let s = Scratch::new();
    s.commit();
    let sub = tree(&s, &[("100644", "f", &store(&s, "blob", b"1"))]);
    let c = compare_to(&s, &tree(&s, &[("100644", "a", &sub)])).unwrap();
    let entry = &c.head.entries().unwrap()[0];
    assert!(c.head.read(entry).unwrap_err().to_string().contains("is a tree, not a file"));
}
