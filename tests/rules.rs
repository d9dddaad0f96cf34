//! Golden cases: every folder `tests/cases/RULE/CASE` holds `base/`, `head/` and `findings.txt`.
//!
//! `head/` holds the files that the change adds or alters; `head/.deleted` lists paths that it deletes,
//! one a line. An empty `findings.txt` means: passes, and no finding of any rule. Run with
//! `FLSGATE_BLESS=1` to write the files anew, then read the difference.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::finding::{Place, Severity};
use flsgate::gate::{Outcome, Verdict};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let folders = |path: &Path| -> Vec<PathBuf> {
        let mut all: Vec<_> =
            fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
        all.sort();
        all
    };
    folders(&root).iter().flat_map(|rule| folders(rule)).collect()
}

fn render(verdict: &Verdict) -> String {
    fn place(place: &Place) -> String {
        let l = place.location();
        format!("{}:{}-{}", place.path(), l.start, l.end)
    }
    let mut out = String::new();
    for reason in &verdict.undecided {
        let at = reason.position.map(|p| format!(":{p}")).unwrap_or_default();
        writeln!(out, "undecided {}{at} {}", reason.path, reason.message).unwrap();
    }
    for reason in &verdict.warnings {
        let at = reason.position.map(|p| format!(":{p}")).unwrap_or_default();
        writeln!(out, "unreadable {}{at} {}", reason.path, reason.message).unwrap();
    }
    for f in &verdict.findings {
        writeln!(out, "{} {} {} {}", f.severity, f.rule.id, place(&f.place), f.message).unwrap();
        for related in &f.related {
            writeln!(out, "  at {} {}", place(&related.place), related.message).unwrap();
        }
        for note in &f.notes {
            writeln!(out, "  note {note}").unwrap();
        }
        writeln!(out, "  help {}", f.help).unwrap();
    }
    if !out.is_empty() || verdict.outcome != Outcome::Passed {
        writeln!(out, "=> {}", verdict.outcome).unwrap();
    }
    out
}

#[test]
fn every_case_finds_what_its_file_says() {
    let bless = std::env::var_os("FLSGATE_BLESS").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let found = render(&common::judge_folder(&case));
        let file = case.join("findings.txt");
        if bless {
            fs::write(&file, &found).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_else(|_| "no findings.txt".into()) != found {
            wrong.push(format!("--- {}\n{found}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "these cases differ:\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_case_that_fires_and_one_that_stays_silent() {
    let (mut fires, mut silent) = (BTreeSet::new(), BTreeSet::new());
    for case in cases() {
        let rule = case.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        let findings = fs::read_to_string(case.join("findings.txt")).unwrap();
        let severities = [Severity::Error, Severity::Warning, Severity::Note].map(|s| s.to_string());
        let names_rule = findings.lines().any(|line| {
            let mut words = line.split(' ');
            severities.iter().any(|s| words.clone().next() == Some(s)) && words.nth(1) == Some(&rule)
        });
        if names_rule {
            fires.insert(rule)
        } else {
            silent.insert(rule)
        };
    }
    for rule in flsgate::rules::ids() {
        assert!(fires.contains(rule), "no case in tests/cases/{rule} fires");
        assert!(silent.contains(rule), "no case in tests/cases/{rule} is silent");
    }
}
