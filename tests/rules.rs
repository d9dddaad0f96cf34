//! Golden cases: every folder `tests/cases/RULE/CASE` holds `base/`, `head/` and `findings.txt`.
//!
//! `head/` holds the files that the change adds or alters; `head/.deleted` lists paths that it deletes,
//! one a line. A file `approved` beside them holds the login of an approver: what the gate does with a
//! given approval is done. An empty `findings.txt` means: passes, and no finding of any rule. Run with
//! `FLSGATE_BLESS=1` to write the files anew, then read the difference.
//!
//! A case whose name starts with `justified` shows what the rule's page says under "How to justify".

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::finding::{Place, Severity};
use flsgate::gate::{Approval, ApprovalState, Approvals, AskedOfCommits, Outcome, Verdict};
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

/// The verdict on a case, approved if it says so.
fn judge(case: &Path) -> Verdict {
    let verdict = common::judge_folder(case);
    let Ok(login) = fs::read_to_string(case.join("approved")) else { return verdict };
    assert!(verdict.awaiting().next().is_some(), "{}: nothing waits for an approval", case.display());
    let approval = Approval {
        login: login.trim().to_owned(),
        id: 1,
        review: 1,
        commit: "0".repeat(40),
        authority: "named in the policy".to_owned(),
        tree: None,
        counts_for: vec![0],
    };
    let given = Approvals {
        state: ApprovalState::Given,
        approvals: vec![approval],
        reason: None,
        ..Approvals::not_read("")
    };
    // The commit that was approved is the one that is judged.
    let asked = AskedOfCommits::from([("0".repeat(40), Ok(verdict.asked()))]);
    verdict.approve(given, &asked)
}

#[test]
fn every_case_finds_what_its_file_says() {
    let bless = std::env::var_os("FLSGATE_BLESS").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let found = render(&judge(&case));
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
fn every_rule_has_a_case_that_fires_one_that_stays_silent_and_one_that_is_justified() {
    let (mut fires, mut silent, mut justified) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for case in cases() {
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let (rule, case_name) = (name(case.parent().unwrap()), name(&case));
        let findings = fs::read_to_string(case.join("findings.txt")).unwrap();
        let says = |severities: &[Severity]| {
            findings.lines().any(|line| {
                severities.iter().any(|severity| line.starts_with(&format!("{severity} {rule} ")))
            })
        };
        if case_name.starts_with("justified") {
            let weighs = says(&[Severity::Error, Severity::Warning]);
            assert!(!weighs, "tests/cases/{rule}/{case_name} is justified, and yet it weighs");
            justified.insert(rule.clone());
        }
        if says(&[Severity::Error, Severity::Warning, Severity::Note]) {
            fires.insert(rule)
        } else {
            silent.insert(rule)
        };
    }
    // The net under all rules fires only where one of them is missing: `src/rules/tests.rs` takes them away.
    let ids = flsgate::rules::RULES.iter().map(|rule| rule.info.id);
    for rule in ids.filter(|id| *id != "unexplained-access") {
        assert!(fires.contains(rule), "no case in tests/cases/{rule} fires");
        assert!(silent.contains(rule), "no case in tests/cases/{rule} is silent");
        assert!(justified.contains(rule), "no case in tests/cases/{rule} is justified");
    }
}

/// A change that gives fields of a platform event their labels.
fn labelling(fields: &[(&str, &str)]) -> Verdict {
    let file = |name: &str, label: &str| {
        let text = format!(
            "<CustomField><fullName>{name}</fullName><securityClassification>{label}</securityClassification>\
             <type>Text</type></CustomField>"
        );
        (format!("objects/Refund__e/fields/{name}.field-meta.xml"), text.into_bytes())
    };
    let base = fields.iter().map(|(name, _)| file(name, "Internal")).collect();
    common::judge(&base, &fields.iter().map(|(name, label)| file(name, label)).collect())
}

#[test]
fn an_approval_of_fields_that_are_told_together_is_of_these_fields_alone() {
    let given = || {
        let approval = Approval {
            login: "dana".to_owned(),
            id: 1,
            review: 1,
            commit: "0".repeat(40),
            authority: "named in the policy".to_owned(),
            tree: None,
            counts_for: vec![0],
        };
        Approvals {
            state: ApprovalState::Given,
            approvals: vec![approval],
            reason: None,
            ..Approvals::not_read("")
        }
    };
    let reviewed = [("A__c", "Confidential"), ("B__c", "Confidential"), ("C__c", "Confidential")];
    let asked = || AskedOfCommits::from([("0".repeat(40), Ok(labelling(&reviewed).asked()))]);
    let outcome = |fields: &[(&str, &str)]| labelling(fields).approve(given(), &asked()).outcome;
    assert_eq!(labelling(&reviewed).findings.len(), 1, "one cause, told once");
    assert_eq!(outcome(&reviewed), Outcome::Passed);
    assert_eq!(outcome(&reviewed[..2]), Outcome::Passed, "fewer than were approved");
    // One more, another in place of one, and another label.
    let more = [reviewed.as_slice(), &[("D__c", "Confidential")]].concat();
    assert_eq!(outcome(&more), Outcome::Waiting);
    assert_eq!(outcome(&[reviewed[0], reviewed[1], ("D__c", "Confidential")]), Outcome::Waiting);
    assert_eq!(outcome(&[reviewed[0], ("B__c", "Restricted"), reviewed[2]]), Outcome::Waiting);
}

/// Each definition is held against the others, so there has to be an end: nobody has so many.
#[test]
fn more_definitions_of_a_permission_set_than_anybody_has_are_undecided() {
    let set = |label: &str| format!("<PermissionSet><label>{label}</label></PermissionSet>").into_bytes();
    let path = |n: usize| format!("p{n}/permissionsets/Desk.permissionset-meta.xml");
    let base: std::collections::BTreeMap<_, _> = (0..101).map(|n| (path(n), set("Desk"))).collect();
    let mut head = base.clone();
    head.insert(path(0), set("Front desk"));
    let verdict = common::judge(&base, &head);
    let why: Vec<String> = verdict.undecided.iter().map(ToString::to_string).collect();
    assert!(why.len() == 1 && why[0].contains("is defined in more than 100 places"), "{why:?}");
    let few = |side: &std::collections::BTreeMap<String, Vec<u8>>| {
        side.iter().take(100).map(|(p, b)| (p.clone(), b.clone())).collect()
    };
    assert!(common::judge(&few(&base), &few(&head)).undecided.is_empty());
}
