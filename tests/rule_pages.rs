//! Rule pages that cannot go stale: every rule has one, its head repeats the rule table, and the example
//! beside it (`docs/rules/examples/RULE/{base,head}`) gives the output that the page shows. Run with
//! `FLSGATE_BLESS=1` to write the output anew, then read the difference.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::report::{self, Detail, Format, Style};
use flsgate::rules::RULES;
use std::fs;
use std::path::{Path, PathBuf};

const HEADINGS: [&str; 7] = [
    "## What it checks",
    "## Why it matters",
    "## Example",
    "## Output",
    "## How to fix",
    "## How to justify",
    "## Limits",
];

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules")
}

fn page(id: &str) -> String {
    fs::read_to_string(docs().join(format!("{id}.md"))).unwrap_or_else(|e| panic!("docs/rules/{id}.md: {e}"))
}

fn severity(rule: &flsgate::rules::Rule) -> String {
    rule.info.severity.map_or_else(|| "off by default".to_owned(), |s| s.to_string())
}

#[test]
fn every_page_starts_as_the_rule_table_says() {
    for rule in RULES {
        let info = &rule.info;
        let controls = if info.controls.is_empty() {
            String::new()
        } else {
            format!(" · serves {}", info.controls.join(", "))
        };
        let head = format!(
            "# {}\n\n{}\n\nSeverity: {} · since {}{controls}\n\n",
            info.id,
            info.sentence(),
            severity(rule),
            info.since
        );
        assert!(page(info.id).starts_with(&head), "docs/rules/{}.md must start with:\n{head}", info.id);
    }
}

/// It fires only where another rule is missing, so nothing shows it.
const NET: &str = "unexplained-access";

#[test]
fn every_page_has_the_same_headings() {
    for rule in RULES {
        let page = page(rule.info.id);
        let headings: Vec<&str> = page.lines().filter(|l| l.starts_with("## ")).collect();
        assert_eq!(headings, HEADINGS, "docs/rules/{}.md", rule.info.id);
    }
}

#[test]
fn every_example_gives_the_output_of_its_page() {
    let mut wrong = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.info.id != NET) {
        let id = rule.info.id;
        let verdict = common::judge_folder(&docs().join("examples").join(id));
        assert!(verdict.findings.iter().any(|f| f.rule.id == id), "the example of {id} does not fire");
        let mut bytes = Vec::new();
        report::write(
            &verdict,
            Format::Terminal(Style { color: false, width: 140, detail: Detail::Normal }),
            &mut bytes,
        )
        .unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let end = ["blocked: ", "waiting: ", "passed: ", "undecided: "]
            .iter()
            .filter_map(|w| text.find(&format!("\n{w}")))
            .min();
        let found = text[..end.unwrap()].trim_end();
        let page = page(id);
        let (before, rest) =
            page.split_once("## Output\n\n```text\n").unwrap_or_else(|| panic!("{id}: no output block"));
        let (shown, after) = rest.split_once("\n```\n").unwrap();
        if shown == found {
            continue;
        }
        if std::env::var_os("FLSGATE_BLESS").is_some() {
            let fresh = format!("{before}## Output\n\n```text\n{found}\n```\n{after}");
            fs::write(docs().join(format!("{id}.md")), fresh).unwrap();
        } else {
            wrong.push(format!("--- {id}\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "these pages show something else:\n{}", wrong.join("\n"));
}

#[test]
fn the_list_of_rules_is_the_table() {
    const END: &str = "\n\nEach page shows";
    let path = docs().join("README.md");
    let page = fs::read_to_string(&path).unwrap();
    let head = "| rule | what it finds | default severity | controls |\n|---|---|---|---|\n";
    let (before, rest) = page.split_once("| rule |").unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    let rows: Vec<String> = RULES
        .iter()
        .map(|rule| {
            let info = &rule.info;
            let controls = info.controls.join(", ");
            format!("| [`{0}`]({0}.md) | {1} | {2} | {controls} |", info.id, info.summary, severity(rule))
        })
        .collect();
    let table = format!("{head}{}", rows.join("\n"));
    if std::env::var_os("FLSGATE_BLESS").is_some() {
        fs::write(&path, [before, &table, END, after].concat()).unwrap();
    } else {
        assert_eq!(format!("| rule |{shown}"), table);
    }
}
