//! The structure of `src/lib.rs`, enforced: which module may use which, how long a file may be, and
//! which crates stay where.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Module and the modules of ours that it may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("words", &[]),
    ("source", &[]),
    ("soql", &["words"]),
    ("finding", &["source", "words"]),
    ("metadata", &["source", "words"]),
    ("git", &["source", "words"]),
    ("org", &["metadata", "source", "words"]),
    ("access", &["org", "metadata", "finding", "source", "words"]),
    ("policy", &["finding", "source", "words"]),
    ("tiers", &["access", "org", "policy", "finding", "words"]),
    ("judge", &["tiers", "access", "policy", "finding", "source", "words"]),
    ("rules", &["judge", "tiers", "access", "policy", "finding", "source", "words"]),
    ("gate", &["finding", "source", "words"]),
    ("report", &["gate", "finding", "source", "words"]),
    ("github", &["report", "gate", "policy", "finding", "source", "words"]),
    (
        "run",
        &[
            "github", "report", "git", "rules", "judge", "tiers", "access", "org", "metadata", "gate",
            "policy", "finding", "source", "soql", "words",
        ],
    ),
    ("cli", &["run", "report", "gate", "github", "finding", "words"]),
    ("main", &["cli"]),
];

/// Crates that only some modules may name.
const CRATES: &[(&str, &[&str])] = &[
    ("quick_xml", &["metadata", "report"]),
    ("git2", &["git"]),
    ("clap", &["cli"]),
    ("annotate_snippets", &["report"]),
    ("serde_saphyr", &["policy", "github"]),
    ("octocrab", &["github"]),
    ("reqwest", &["github"]),
    ("rustls", &["github"]),
    ("tokio", &["github"]),
    ("http", &["github"]),
    ("serde_json", &["report", "org", "policy", "run", "github"]),
    ("base64", &["report"]),
    ("csv", &["policy"]),
    ("tempfile", &["run"]),
];

/// A longer file holds more than one idea.
const MAX_LINES: usize = 400;

fn sources() -> Vec<(String, PathBuf, String)> {
    fn walk(at: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    assert!(files.len() > 50, "the walk finds the sources");
    let module = |path: &Path| {
        let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
        first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
    };
    files.into_iter().map(|p| (module(&p), p.clone(), fs::read_to_string(&p).unwrap())).collect()
}

/// Code without comments, so that prose may name modules.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.split("//").next().unwrap_or_default())
}

fn words_after<'t>(line: &'t str, prefix: &'t str) -> impl Iterator<Item = &'t str> {
    let end =
        |rest: &'t str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    line.match_indices(prefix).map(move |(at, _)| end(&line[at + prefix.len()..]))
}

#[test]
fn modules_use_only_what_stands_to_their_right() {
    let arrows: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    for (module, path, text) in sources() {
        if module == "lib" {
            continue;
        }
        let allowed = arrows.get(module.as_str()).unwrap_or_else(|| panic!("`{module}` is not in the table"));
        for line in code(&text) {
            assert!(
                !line.contains("crate::{"),
                "{}: one `use` a module, so that arrows show",
                path.display()
            );
            for used in words_after(line, "crate::").chain(words_after(line, "flsgate::")) {
                let fine = used.is_empty() || used == module || allowed.contains(&used);
                assert!(fine, "{}: `{module}` may not use `{used}`: {line}", path.display());
            }
        }
    }
}

#[test]
fn the_table_has_no_circle() {
    // Every module may only name modules that stand before it in an order that exists.
    let mut placed: Vec<&str> = Vec::new();
    let mut rest: Vec<_> = ARROWS.to_vec();
    while !rest.is_empty() {
        let ready = rest.iter().position(|(_, uses)| uses.iter().all(|u| placed.contains(u)));
        let at = ready.unwrap_or_else(|| panic!("a circle among {rest:?}"));
        placed.push(rest.remove(at).0);
    }
}

#[test]
fn crates_stay_in_their_rooms() {
    for (module, path, text) in sources() {
        for line in code(&text) {
            for (name, rooms) in CRATES {
                let names = line.contains(&format!("{name}::")) && !line.contains(&format!("_{name}::"));
                assert!(
                    !names || rooms.contains(&module.as_str()),
                    "{}: {name} in `{module}`",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn files_are_short_and_say_what_they_own() {
    for (_, path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{}: {lines} lines", path.display());
        assert!(text.starts_with("//!"), "{}: no module documentation", path.display());
    }
}

#[test]
fn rules_see_no_clock_no_environment_and_no_files() {
    for (module, path, text) in sources() {
        if !["rules", "gate", "access", "policy", "metadata"].contains(&module.as_str()) {
            continue;
        }
        for line in code(&text) {
            for word in [
                "std::env",
                "std::fs",
                "std::net",
                "SystemTime",
                "Timestamp::now",
                "Zoned::now",
                "std::process",
            ] {
                assert!(!line.contains(word), "{}: {line}", path.display());
            }
        }
    }
}

/// The file that a path of modules leads to, by its module names.
type Module = Vec<String>;

/// The files of ours that each file of the same room names. What a folder's `mod.rs` shares out names no file.
fn files_named() -> BTreeMap<Module, Vec<Module>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let module = |path: &Path| -> Module {
        let names = path.strip_prefix(&root).unwrap().with_extension("");
        names.components().map(|c| c.as_os_str().to_str().unwrap().to_owned()).collect()
    };
    let texts: BTreeMap<Module, String> =
        sources().into_iter().map(|(_, path, text)| (module(&path), text)).collect();
    let named = |file: &Module, text: &str| -> Vec<Module> {
        let lines: Vec<&str> = code(text).collect();
        let mut found = Vec::new();
        for (prefix, up) in [("super::", 1), ("super::super::", 2)] {
            for first in lines.iter().flat_map(|line| words_after(line, prefix)) {
                let folder = file.len().checked_sub(up);
                let other = folder.map(|folder| [&file[..folder], &[first.to_owned()]].concat());
                found.extend(other.filter(|other| other != file && texts.contains_key(other)));
            }
        }
        found
    };
    texts.iter().map(|(file, text)| (file.clone(), named(file, text))).collect()
}

#[test]
fn no_two_files_name_each_other() {
    let mut rest = files_named();
    assert!(rest.values().flatten().count() > 100, "the files are found that files name");
    // Whatever names nothing that is left can be read by itself; at the end only circles are left.
    loop {
        let left: Vec<Module> = rest.keys().cloned().collect();
        rest.retain(|_, named| named.iter().any(|other| left.contains(other)));
        if rest.len() == left.len() {
            break;
        }
    }
    let circle: Vec<String> = rest.keys().map(|file| file.join("/")).collect();
    assert!(circle.is_empty(), "a circle among these files, or files that lead to one: {circle:?}");
}
