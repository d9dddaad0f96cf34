//! The tables of `docs/threat-model.md`: whatever they name is there, and every bypass that is a case is blocked,
//! undecided, or at least said.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cells of the last column of each row, by the title of the table's section.
fn rows(section: &str) -> Vec<(String, Vec<String>)> {
    let page = fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let start = page.find(&format!("\n## {section}\n")).unwrap();
    let text = page[start + 4..].split("\n## ").next().unwrap();
    let rows = text.lines().filter(|l| l.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 3, "{row}");
        let names = cells[2].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (cells[0].trim().to_owned(), names)
    })
    .collect()
}

/// All Rust text of the tests and of the sources, where unit tests stand.
fn tests() -> String {
    fn walk(at: &Path, out: &mut String) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut out = String::new();
    walk(&root().join("tests"), &mut out);
    walk(&root().join("src"), &mut out);
    out
}

fn check(name: &str, code: &str) {
    match name.split_once('/') {
        Some((rule, case)) => {
            let findings = root().join("tests/cases").join(rule).join(case).join("findings.txt");
            let text = fs::read_to_string(&findings).unwrap_or_else(|_| panic!("no case {name}"));
            let stopped =
                text.contains("=> blocked") || text.contains("=> waiting") || text.contains("=> undecided");
            let said = ["warning", "note"]
                .iter()
                .any(|s| text.lines().any(|l| l.starts_with(&format!("{s} {rule} "))));
            assert!(stopped || said, "{name} goes unseen:\n{text}");
        }
        None => assert!(code.contains(&format!("fn {name}()")), "no test {name}"),
    }
}

#[test]
fn every_way_around_the_gate_is_tested() {
    let code = tests();
    let rows = rows("Ways around the gate, and what they meet");
    assert!(rows.len() >= 50, "{}", rows.len());
    for (attempt, names) in rows {
        assert!(!names.is_empty(), "{attempt}: nothing shows it");
        names.iter().for_each(|name| check(name, &code));
    }
}

#[test]
fn every_fault_is_tested() {
    let code = tests();
    let rows = rows("A sick machine, and what it meets");
    assert!(rows.len() >= 15, "{}", rows.len());
    for (fault, names) in rows {
        assert!(!names.is_empty(), "{fault}: nothing shows it");
        names.iter().for_each(|name| check(name, &code));
    }
}
