//! What people read has the words of docs/words.md, and none of those that only the code uses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::fs;
use std::path::{Path, PathBuf};

/// Words of the code that reach nobody.
const PRIVATE: [&str; 12] = [
    "grantor",
    "grantors",
    "principal",
    "principals",
    "exposure",
    "exposures",
    "duty",
    "duties",
    "landing",
    "settled",
    "settles",
    "doors",
];

/// A heading that links know, as long as the keys below it are called so.
const KEPT: &str = "### Principal classes";

/// The page that explains the names of the parts of JSON.
const NAMES_OF_JSON: &str = "json-output.md";

fn files(at: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, ending, found),
            false if path.to_str().unwrap().ends_with(ending) => found.push(path),
            false => {}
        }
    }
}

/// The text of a line without what stands in backticks and without the targets of links.
fn prose(line: &str) -> String {
    let outside: String = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    outside
        .split("](")
        .enumerate()
        .map(|(n, part)| if n == 0 { part } else { part.split_once(')').map_or("", |p| p.1) })
        .collect::<Vec<_>>()
        .join(" ")
}

fn private(line: &str) -> Option<&'static str> {
    let prose = prose(line).to_lowercase();
    let words: Vec<&str> = prose.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
    PRIVATE.into_iter().find(|word| words.contains(word))
}

#[test]
fn the_code_of_a_line_is_no_prose() {
    assert_eq!(private("a grantor of `x`"), Some("grantor"));
    assert_eq!(private("see [x](#principal-classes) and `permission_set: X`"), None);
}

#[test]
fn pages_have_no_private_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    files(&root.join("docs"), ".md", &mut pages);
    assert!(pages.len() > 50);
    let mut found = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let mut code = false;
        for (number, line) in text.lines().enumerate() {
            code ^= line.trim_start().starts_with("```");
            let kept = line == KEPT || page.ends_with(NAMES_OF_JSON);
            if let Some(word) = private(line).filter(|_| !code && !kept) {
                found.push(format!("{}:{}: {word}: {line}", page.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn findings_have_no_private_words_and_are_sentences() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = Vec::new();
    files(&root, "findings.txt", &mut cases);
    let mut found = Vec::new();
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        for line in text.lines() {
            if let Some(word) = private(line) {
                found.push(format!("{}: {word}: {line}", case.display()));
            }
            let is_finding = ["error ", "warning ", "note "].iter().any(|level| line.starts_with(level));
            if is_finding && !line.ends_with(['.', '?', '!', ':']) {
                found.push(format!("{}: no sentence: {line}", case.display()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
