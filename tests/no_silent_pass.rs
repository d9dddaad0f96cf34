//! Random changes of small orgs: whatever they open of classified fields, some error speaks of it.
//!
//! Two rules may each leave a finding to the other; no case written by hand finds all such gaps.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::finding::{Finding, Severity};
use flsgate::gate::{Door, Outcome, Verdict};
use flsgate::words::Tier;
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

/// A generator that gives the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

const OBJECTS: [&str; 2] = ["Contact", "Claim__c"];
const FIELDS: [&str; 4] = ["A__c", "B__c", "C__c", "D__c"];
const SETS: [&str; 3] = ["One", "Two", "Three"];

fn file(root: &str, body: &str) -> Vec<u8> {
    format!("<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{body}</{root}>\n").into()
}

fn entries(random: &mut Random, percent: u64) -> String {
    let mut body = String::new();
    for object in OBJECTS {
        for field in FIELDS {
            if random.chance(percent) {
                let (read, edit) = (random.chance(80), random.chance(40));
                body.push_str(&format!(
                    "<fieldPermissions><editable>{edit}</editable><field>{object}.{field}</field><readable>{read}</readable></fieldPermissions>\n"
                ));
            }
        }
        if random.chance(25) {
            let (all, read, edit) = (random.chance(50), random.chance(70), random.chance(30));
            body.push_str(&format!(
                "<objectPermissions><allowEdit>{edit}</allowEdit><allowRead>{read}</allowRead><object>{object}</object><viewAllFields>{all}</viewAllFields></objectPermissions>\n"
            ));
        }
    }
    if random.chance(10) {
        let name = random.pick(&["ViewAllFieldsGlobal", "EditReadonlyFields", "ViewEncryptedData"]);
        body.push_str(&format!(
            "<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>\n"
        ));
    }
    body
}

fn field(random: &mut Random) -> Vec<u8> {
    let mut body = String::new();
    if random.chance(15) {
        let read = random.pick(&FIELDS);
        body.push_str(&format!("<formula>LEFT({read}, 2)</formula>\n"));
    }
    if random.chance(15) {
        body.push_str("<required>true</required>\n");
    }
    if random.chance(70) {
        let label = random.pick(&["Public", "Internal", "Confidential", "Restricted", "Odd"]);
        body.push_str(&format!("<securityClassification>{label}</securityClassification>\n"));
    }
    body.push_str(if random.chance(10) { "<type>EncryptedText</type>\n" } else { "<type>Text</type>\n" });
    file("CustomField", &body)
}

/// One file of the org, by number; `None` where it is not there.
fn one(random: &mut Random, number: u64) -> (String, Option<Vec<u8>>) {
    let there = random.chance(75);
    let (path, bytes) = match number {
        0..8 => {
            let (object, name) = (OBJECTS[number as usize / 4], FIELDS[number as usize % 4]);
            (format!("objects/{object}/fields/{name}.field-meta.xml"), field(random))
        }
        8..11 => {
            let name = SETS[number as usize - 8];
            let license = if random.chance(10) { "<license>Customer Community</license>\n" } else { "" };
            let body = entries(random, 40) + license;
            (format!("permissionsets/{name}.permissionset-meta.xml"), file("PermissionSet", &body))
        }
        11 => ("profiles/P.profile-meta.xml".to_owned(), file("Profile", &entries(random, 30))),
        12 => {
            let body = entries(random, 40);
            ("muting/M.mutingpermissionset-meta.xml".to_owned(), file("MutingPermissionSet", &body))
        }
        13 => {
            let mut body = String::new();
            for set in SETS {
                if random.chance(50) {
                    body.push_str(&format!("<permissionSets>{set}</permissionSets>\n"));
                }
            }
            if random.chance(60) {
                body.push_str("<mutingPermissionSets>M</mutingPermissionSets>\n");
            }
            ("groups/G.permissionsetgroup-meta.xml".to_owned(), file("PermissionSetGroup", &body))
        }
        // A second definition of a permission set.
        14 => {
            let bytes = file("PermissionSet", &entries(random, 40));
            ("addon/permissionsets/One.permissionset-meta.xml".to_owned(), bytes)
        }
        _ => {
            let what = random.pick(&[("MutingPermissionSet", "M"), ("CustomField", "Contact.A__c")]);
            let body = format!("<types><members>{}</members><name>{}</name></types>\n", what.1, what.0);
            ("destructiveChanges.xml".to_owned(), file("Package", &body))
        }
    };
    (path, there.then_some(bytes))
}

fn org(random: &mut Random) -> Files {
    let mut files = Files::from([("README.md".to_owned(), b"x".to_vec())]);
    for number in 0..16 {
        let (path, bytes) = one(random, number);
        files.extend(bytes.filter(|_| number < 14 || random.chance(20)).map(|b| (path, b)));
    }
    files
}

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
        if verdict.outcome == Outcome::Blocked && verdict.findings.iter().any(|f| speaks_of(f, door)) {
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
