//! How many people hold what: counts that an org exports say how much a finding weighs, and decide nothing.

use super::commanding::{flsgate, reads, restricted, text};
use super::{git, project, write};
use std::path::Path;

/// Permission sets `Few` and `Many` come to read a restricted field each; on `main` there are counts.
fn two(counts: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    for (name, text) in counts {
        write(at, &format!(".flsgate/holders/{name}"), text);
    }
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "counts"]);
    git(at, &["branch", "-qf", "main"]);
    reads(at, "Few", &names);
    reads(at, "Many", &names);
    folder
}

fn check(at: &Path, more: &[&str]) -> String {
    check_on("2026-06-01", at, more)
}

fn check_on(day: &str, at: &Path, more: &[&str]) -> String {
    let output = flsgate(at, &[&["check", "--base", "main", "--as-of", day], more].concat());
    text(&output.stdout)
}

#[test]
fn counts_of_the_base_are_told_and_the_most_people_come_first() {
    // As `sf data query --result-format csv` writes it: with the group where one is assigned.
    let export =
        "PermissionSet.Name,PermissionSetGroup.DeveloperName,users\nFew,,3\nMany,,1240\nX00e_sum,Sales,17\n";
    let folder = two(&[("sets-2026-05-20.csv", export)]);
    let at = folder.path();
    let said = check(at, &["--full"]);
    let (many, few) =
        (said.find("Permission set `Many`").unwrap(), said.find("Permission set `Few`").unwrap());
    assert!(many < few, "{said}");
    assert!(said.contains("= note: assigned to 1,240 users (export of 2026-05-20)"), "{said}");
    assert!(said.contains("= note: assigned to 3 users (export of 2026-05-20)"), "{said}");
    let json: serde_json::Value = serde_json::from_str(&check(at, &["--json"])).unwrap();
    assert_eq!(json["findings"][0]["users"], 1240);
    assert!(json["new_access"].as_array().unwrap().iter().any(|row| row["users"] == 3));
    let audit = text(&flsgate(at, &["audit", "--as-of", "2026-06-01"]).stdout);
    assert!(audit.contains("permission set `Many` (1,240 users)\n"), "{audit}");
    let matrix =
        |format: &str| text(&flsgate(at, &["matrix", "--format", format, "--as-of", "2026-06-01"]).stdout);
    assert!(matrix("md").contains("`Many`<br>permission set, internal, 1,240 users"), "{}", matrix("md"));
    assert!(matrix("json").contains("\"users\":1240") && matrix("html").contains("\"users\":1240"));
    let csv = matrix("csv");
    let of = |name: &str| csv.lines().find(|row| row.contains(&format!(",{name},permission set,"))).unwrap();
    assert!(of("Many").ends_with(",1240") && of("Few").ends_with(",3"), "{csv}");
    let by = text(&flsgate(at, &["audit", "--by", "permission-set", "--as-of", "2026-06-01"]).stdout);
    assert!(by.contains("permission set `Few` (3 users)\n"), "{by}");
    assert!(!said.contains("export them again"));
    let later = check_on("2026-06-20", at, &[]);
    assert!(later.contains("note: the user counts are from 2026-05-20; export them again"), "{later}");
}

#[test]
fn counts_of_the_change_are_not_believed_and_ask_for_no_approval() {
    let folder = two(&[]);
    let at = folder.path();
    write(at, ".flsgate/holders/2026-05-20.csv", "permission_set,users\nMany,0\n");
    let said = check(at, &["--full"]);
    assert!(!said.contains("assigned to") && !said.contains("policy-changed"), "{said}");
}

#[test]
fn newer_counts_win_and_those_of_a_day_add_up() {
    let folder = two(&[
        ("a-2026-05-20.csv", "\u{feff}Permission_Set,Users\nfew,5\n"),
        ("b-2026-05-21.csv", "permission_set,users\nFew,7\nFew,1\n"),
        ("profiles-2026-05-21.csv", "Profile.Name,expr0\nAnalytics Integration,2\n"),
    ]);
    let said = check(folder.path(), &["--full"]);
    assert!(said.contains("assigned to 8 users (export of 2026-05-21)"), "{said}");
    let audit = text(&flsgate(folder.path(), &["audit", "--full", "--as-of", "2026-06-01"]).stdout);
    assert!(audit.contains("assigned to 2 users (export of 2026-05-21)"), "{audit}");
}

#[test]
fn a_count_that_cannot_be_read_is_a_warning() {
    for (name, export, part) in [
        ("counts.csv", "permission_set,users\nFew,1\n", "does not say its day"),
        ("2026-05-20.csv", "permission_set;users\nFew;1\n", "no column names"),
        ("2026-05-20.csv", "permission_set,users\nFew,many\n", "`many` in line 2 is no count of users"),
        ("2026-05-20.csv", "", "no column names"),
    ] {
        let folder = two(&[(name, export)]);
        let said = check(folder.path(), &[]);
        assert!(said.contains("blocked: 2 errors"), "{said}");
        assert!(part == "no column names" && export.is_empty() || said.contains(part), "{part}: {said}");
    }
}
