//! What holds of every change, on small orgs at random: no change opens nothing, neither does another order or
//! layout, two changes one after the other open what both together open, and more grants find no less.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod common;

use common::random::{Files, Random, file, one, org};
use flsgate::finding::Severity;
use flsgate::gate::Verdict;
use flsgate::report::{Format, write};
use flsgate::words::{Access, FieldName, Grantor};
use std::collections::{BTreeMap, BTreeSet};

/// How many orgs each property is tried on.
fn seeds() -> u64 {
    std::env::var("FLSGATE_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(100)
}

fn random(seed: u64) -> Random {
    Random(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15))
}

fn changed(random: &mut Random, files: &Files) -> Files {
    let mut files = files.clone();
    for _ in 0..=random.below(3) {
        // No destructive manifests: what one deletes is gone only while it lands.
        let number = random.below(14);
        let (path, bytes) = one(random, number);
        match bytes {
            Some(bytes) => drop(files.insert(path, bytes)),
            None => drop(files.remove(&path)),
        }
    }
    files
}

fn plain(random: &mut Random) -> Files {
    let mut files = org(random);
    files.retain(|path, _| path != "destructiveChanges.xml" && !path.starts_with("addon/"));
    files
}

type Doors = BTreeMap<(Grantor, FieldName), Access>;

fn opened(verdict: &Verdict) -> Doors {
    let door = |d: &flsgate::gate::Door| {
        let (grantor, _) = d.subject.grantor.clone()?;
        Some(((grantor, d.subject.field.clone()?), d.subject.access?))
    };
    verdict.opened.iter().filter_map(door).collect()
}

#[test]
fn no_change_opens_and_finds_nothing() {
    for seed in 1..=seeds() {
        let files = org(&mut random(seed));
        let mut same = files.clone();
        same.insert("README.md".to_owned(), b"other".to_vec());
        let verdict = common::judge(&files, &same);
        assert!(verdict.opened.is_empty() && verdict.closed.is_empty(), "seed {seed}");
        assert!(verdict.labels_changed.is_empty() && verdict.findings.is_empty(), "seed {seed}");
    }
}

/// The lines of a permission file in another order, with other line ends and blanks, in another folder.
fn shuffled(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let (first, last) = (lines.remove(0), lines.pop().unwrap());
    for at in (1..lines.len()).rev() {
        lines.swap(at, usize::try_from(random.below(at as u64 + 1)).unwrap());
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|line| line.replace("><", random.pick(&["><", ">\r\n\t<", "> <", "><!-- x --><"])))
        .collect();
    format!("\u{feff}{first}\r\n{}\r\n{last}\r\n", lines.join("\r\n  ")).into_bytes()
}

#[test]
fn another_order_layout_or_folder_opens_and_closes_nothing() {
    for seed in 1..=seeds() {
        let mut random = random(seed);
        let base = plain(&mut random);
        let head: Files = base
            .iter()
            .map(|(path, bytes)| {
                let grants = ["permissionsets/", "profiles/", "groups/", "muting/"]
                    .iter()
                    .any(|f| path.starts_with(f));
                match grants {
                    true => (format!("other/{path}"), shuffled(&mut random, bytes)),
                    false => (path.clone(), bytes.clone()),
                }
            })
            .collect();
        let verdict = common::judge(&base, &head);
        assert!(verdict.undecided.is_empty(), "seed {seed}: {:?}", verdict.undecided);
        assert!(
            verdict.opened.is_empty() && verdict.closed.is_empty(),
            "seed {seed}: {:#?}",
            opened(&verdict)
        );
        assert_eq!(verdict.count(Severity::Error), 0, "seed {seed}");
    }
}

#[test]
fn two_changes_open_what_both_together_open() {
    let mut seen = 0;
    for seed in 1..=seeds() {
        let mut random = random(seed);
        let first = plain(&mut random);
        let second = changed(&mut random, &first);
        let third = changed(&mut random, &second);
        let steps = [opened(&common::judge(&first, &second)), opened(&common::judge(&second, &third))];
        for (door, access) in opened(&common::judge(&first, &third)) {
            let told = steps.iter().any(|step| step.get(&door).is_some_and(|a| *a >= access));
            // A definition that comes, or leaves field-level security, under what opens its whole object: no grant
            // is new, and rules of their own tell (`tests/no_silent_pass.rs`).
            let path = format!("objects/{}/fields/{}.field-meta.xml", door.1.object(), door.1.field());
            let defined = [&first, &second, &third].map(|files| files.get(&path));
            let told = told || defined[0] != defined[1] || defined[1] != defined[2];
            assert!(told, "seed {seed}: {door:?} for {access} is opened by neither step");
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

/// Errors about access, by what they are about.
fn errors(verdict: &Verdict) -> BTreeSet<(String, String, String)> {
    let of = verdict.findings.iter().filter(|f| f.severity == Severity::Error);
    of.map(|f| {
        let grantor = f.subject.grantor.as_ref().map(|(g, _)| g.to_string()).unwrap_or_default();
        (f.rule.id.to_owned(), grantor, f.subject.field.as_ref().map(ToString::to_string).unwrap_or_default())
    })
    .collect()
}

#[test]
fn one_grant_more_takes_no_finding_away() {
    let mut seen = 0;
    for seed in 1..=seeds() {
        let mut random = random(seed);
        let base = plain(&mut random);
        let head = changed(&mut random, &base);
        let mut more = head.clone();
        let field = random.pick(&["Contact.A__c", "Contact.D__c", "Claim__c.B__c"]);
        let entry = format!(
            "<fieldPermissions><editable>false</editable><field>{field}</field><readable>true</readable></fieldPermissions>\n"
        );
        more.insert(
            "permissionsets/Another.permissionset-meta.xml".to_owned(),
            file("PermissionSet", &entry),
        );
        let (less, with) = (errors(&common::judge(&base, &head)), errors(&common::judge(&base, &more)));
        let gone: Vec<_> = less.difference(&with).collect();
        assert!(gone.is_empty(), "seed {seed}: {gone:?} is gone with one more grant of {field}");
        seen += less.len();
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn definitions_under_several_names_come_in_one_order() {
    // The index of a side is in no order, and each side has another one.
    let field = |formula: &str| {
        format!("<CustomField>\n<formula>{formula}</formula>\n<type>Text</type>\n</CustomField>\n")
            .into_bytes()
    };
    let label =
        "<CustomField>\n<securityClassification>Restricted</securityClassification>\n</CustomField>\n";
    let set = |entries: &str| format!("<PermissionSet>\n{entries}</PermissionSet>\n").into_bytes();
    let base = BTreeMap::from([
        ("objects/Activity/fields/Secret__c.field-meta.xml".to_owned(), label.as_bytes().to_vec()),
        ("objects/Task/fields/Shown__c.field-meta.xml".to_owned(), field("RIGHT(Secret__c, 4)")),
        ("objects/Event/fields/Shown__c.field-meta.xml".to_owned(), field("LEFT(Secret__c, 1)")),
        ("permissionsets/Desk.permissionset-meta.xml".to_owned(), set("")),
    ]);
    let entry = "<fieldPermissions>\n<editable>false</editable>\n<field>Activity.Shown__c</field>\n<readable>true</readable>\n</fieldPermissions>\n";
    let mut head = base.clone();
    head.insert("permissionsets/Desk.permissionset-meta.xml".to_owned(), set(entry));
    let report = || {
        let mut out = Vec::new();
        write(&common::judge(&base, &head), Format::Json { all: true }, &mut out).unwrap();
        let mut json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["verdict"], "blocked");
        for id in ["base", "head"] {
            json[id].take();
        }
        json
    };
    let first = report();
    for _ in 0..24 {
        assert_eq!(report(), first);
    }
}

/// The same org, with the fields of contacts defined as those of person accounts, and those of claims under the
/// project's own namespace.
fn renamed(files: &Files) -> Files {
    let name = |path: &str| {
        let stem = |path: &str, folder: &str| {
            path.strip_prefix(folder)?.strip_suffix("__c.field-meta.xml").map(str::to_owned)
        };
        if let Some(stem) = stem(path, "objects/Contact/fields/") {
            return format!("objects/Account/fields/{stem}__pc.field-meta.xml");
        }
        match stem(path, "objects/Claim__c/fields/") {
            Some(stem) => format!("objects/acme__Claim__c/fields/acme__{stem}__c.field-meta.xml"),
            None => path.to_owned(),
        }
    };
    files.iter().map(|(path, bytes)| (name(path), bytes.clone())).collect()
}

#[test]
fn the_name_by_which_a_file_defines_a_field_does_not_matter() {
    let plain_name = |field: &FieldName| {
        let text = field.as_str().replace("acme__", "");
        let person = text.strip_prefix("Account.").and_then(|f| f.strip_suffix("__pc"));
        person.map_or(text.clone(), |name| format!("Contact.{name}__c"))
    };
    let doors = |verdict: &Verdict| {
        let doors = opened(verdict).into_iter();
        doors.map(|((grantor, field), access)| (grantor, plain_name(&field), access)).collect::<BTreeSet<_>>()
    };
    let mut found = 0;
    for seed in 1..=seeds() {
        let mut random = random(seed);
        let base = plain(&mut random);
        let head = changed(&mut random, &base);
        // A formula reads fields of its own object, which another name would change.
        let prepare = |files: &Files| {
            let mut files = files.clone();
            for (path, bytes) in &mut files {
                let text = String::from_utf8(bytes.clone()).unwrap();
                let kept =
                    text.lines().filter(|l| !l.starts_with("<formula>") || !path.starts_with("objects/"));
                *bytes = kept.map(|l| format!("{l}\n")).collect::<String>().into_bytes();
            }
            let project = r#"{"namespace": "acme", "packageDirectories": [{"path": "."}]}"#;
            files.insert("sfdx-project.json".to_owned(), project.into());
            files
        };
        let (base, head) = (prepare(&base), prepare(&head));
        let one = common::judge(&base, &head);
        let other = common::judge(&renamed(&base), &renamed(&head));
        assert_eq!(doors(&one), doors(&other), "seed {seed}");
        let told = |verdict: &Verdict| {
            verdict
                .findings
                .iter()
                .map(|f| format!("{} {} {}\n", f.severity, f.rule.id, f.message))
                .collect::<String>()
        };
        assert_eq!(one.outcome, other.outcome, "seed {seed}\n{}\n{}", told(&one), told(&other));
        found += one.count(Severity::Error);
    }
    assert!(found > 50, "{found}");
}
