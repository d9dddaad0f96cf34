//! What the image is built from: its context holds every file that the sources include.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Rust files below a folder.
fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// `a/b/../c` as `a/c`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

/// Folders outside `src` that a file includes something from: those of the first text of each `include_…!`.
fn included(source: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(source).unwrap();
    let mut found = Vec::new();
    for name in ["include_str!(", "include_bytes!(", "include!("] {
        for (at, _) in text.match_indices(name) {
            let first = text[at..].split('"').nth(1).unwrap_or_default();
            if first.starts_with("../") {
                let path = plain(&source.parent().unwrap().join(first));
                let below = path.parent().is_some_and(|folder| !folder.as_os_str().is_empty());
                assert!(
                    below,
                    "{} includes `{first}`, which no folder holds that is copied",
                    source.display()
                );
                found.extend((!path.starts_with("src")).then(|| path.parent().unwrap().to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_image_is_built_from_all_that_is_included() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let outside: BTreeSet<PathBuf> = files.iter().flat_map(|f| included(f)).collect();
    assert!(outside.contains(&PathBuf::from("docs/rules")), "`explain` prints the rule pages: {outside:?}");
    let dockerfile = std::fs::read_to_string("Dockerfile").unwrap();
    let ignore = std::fs::read_to_string(".dockerignore").unwrap();
    // Targets that the manifest names must be there, or cargo does not start.
    let manifest = std::fs::read_to_string("Cargo.toml").unwrap();
    let named =
        ["bench", "test", "example"].into_iter().filter(|kind| manifest.contains(&format!("[[{kind}]]")));
    let named = named
        .map(|kind| PathBuf::from(if kind == "bench" { "benches".to_owned() } else { format!("{kind}s") }));
    let folders: Vec<PathBuf> = outside.iter().cloned().chain(named).collect();
    for line in dockerfile.lines().filter_map(|l| l.strip_prefix("COPY ")?.strip_suffix(" ./")) {
        for file in line.split(' ') {
            assert!(ignore.lines().any(|l| l == format!("!{file}")), ".dockerignore keeps out `{file}`");
        }
    }
    for folder in &folders {
        let name = folder.to_str().unwrap();
        assert!(dockerfile.contains(&format!("COPY {name} {name}\n")), "Dockerfile does not copy `{name}`");
        assert!(ignore.lines().any(|l| l == format!("!{name}")), ".dockerignore keeps out `{name}`");
    }
}
