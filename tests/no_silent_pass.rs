//! Random changes of small orgs: whatever they open of classified fields, some error speaks of it.
//!
//! Two rules may each leave a finding to the other; no case written by hand finds all such gaps.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use common::random::{Files, Random, one, org};
use flsgate::finding::{Finding, Severity};
use flsgate::gate::{Door, Outcome, Verdict};
use flsgate::words::Tier;

fn speaks_of(finding: &Finding, door: &Door) -> bool {
    if finding.severity != Severity::Error {
        return false;
    }
    let (subject, of) = (&finding.subject, &door.subject);
    let same_grantor = subject.grantor.as_ref().map(|g| &g.0) == of.grantor.as_ref().map(|g| &g.0);
    // A group's exposure may be told at its member, whose element is the last step of the route.
    let through = of.route.iter().any(|step| {
        step.place.path() == finding.place.path()
            || finding.related.iter().any(|r| r.place.path() == step.place.path())
    });
    let names = finding.message.contains(&format!("`{}`", of.field.as_ref().unwrap()));
    let counts = finding.message.contains("and ") && finding.message.contains(" more");
    (same_grantor || through) && (names || counts) || (names && subject.grantor.is_none())
}

fn check(seed: u64, base: &Files, head: &Files, verdict: &Verdict) {
    assert!(verdict.undecided.is_empty(), "seed {seed}: {:?}", verdict.undecided);
    for door in verdict.opened.iter().filter(|d| d.subject.tier > Some(Tier::Open)) {
        let stopped = matches!(verdict.outcome, Outcome::Blocked | Outcome::Waiting);
        if stopped && verdict.findings.iter().any(|f| speaks_of(f, door)) {
            continue;
        }
        let show = |files: &Files| {
            files.iter().map(|(p, b)| format!("--- {p}\n{}", String::from_utf8_lossy(b))).collect::<String>()
        };
        let findings: Vec<_> =
            verdict.findings.iter().map(|f| format!("{} {} {}", f.severity, f.rule.id, f.message)).collect();
        panic!(
            "seed {seed}: no error speaks of {:?} {} by {:?}\n{}\nbase:\n{}\nhead:\n{}",
            door.subject.grantor,
            door.subject.field.as_ref().unwrap(),
            door.subject.route.iter().map(|s| s.kind).collect::<Vec<_>>(),
            findings.join("\n"),
            show(base),
            show(head)
        );
    }
}

#[test]
fn whatever_is_opened_of_classified_fields_some_error_speaks_of_it() {
    let seeds = std::env::var("FLSGATE_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let mut opened = 0;
    for seed in 1..=seeds {
        let mut random = Random(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15));
        let base = org(&mut random);
        let mut head = base.clone();
        for _ in 0..=random.below(4) {
            let number = random.below(16);
            let (path, bytes) = one(&mut random, number);
            match bytes {
                Some(bytes) => drop(head.insert(path, bytes)),
                None => drop(head.remove(&path)),
            }
        }
        if base == head {
            continue;
        }
        let verdict = common::judge(&base, &head);
        opened += verdict.opened.iter().filter(|d| d.subject.tier > Some(Tier::Open)).count();
        check(seed, &base, &head, &verdict);
    }
    assert!(opened > 200, "{opened} exposures: the generator opens classified fields");
}
