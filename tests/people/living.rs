//! Living with exceptions for years: what ends, what is old, and what is held back only by a written reason.

use super::commanding::{flsgate, reads, restricted, text};
use super::{git, project, write};
use std::path::Path;

/// Permission set `Desk` reads a restricted field, both on `main`.
fn desk() -> tempfile::TempDir {
    let folder = project();
    let at = folder.path();
    // Its View All Data would be a finding of every audit.
    std::fs::remove_dir_all(at.join("force-app/main/default/profiles")).unwrap();
    let names = restricted(at, 1);
    reads(at, "Desk", &names);
    commit(at);
    folder
}

fn commit(at: &Path) {
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "more"]);
    git(at, &["branch", "-qf", "main"]);
}

fn justified(at: &Path, set: &str, expires: &str) {
    let text = format!(
        "permission_set: {set}\nentries:\n  - field: Contact.Secret_0__c\n    access: read\n    justification: Callers are \
         identified by it.\n    compliance: Personal data, kept for a year.\n    owner: desk@acme.example\n    expires: {expires}\n"
    );
    write(at, &format!(".flsgate/justifications/{}.yml", set.to_lowercase()), &text);
}

fn audited(at: &Path, more: &[&str]) -> (Option<i32>, String) {
    let output = flsgate(at, &[&["audit", "--as-of", "2026-06-01"], more].concat());
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn what_only_a_written_reason_holds_back_is_shown() {
    let folder = desk();
    let at = folder.path();
    justified(at, "Desk", "2026-12-31");
    commit(at);
    let (status, said) = audited(at, &[]);
    assert_eq!(status, Some(0), "{said}");
    let (status, said) = audited(at, &["--no-justifications"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains("error[restricted-field-grant]: Permission set `Desk` gives read access"),
        "{said}"
    );
    assert!(said.contains("note: judged as if nothing were justified (`--no-justifications`)"), "{said}");
    // A change that only the reason lets through.
    reads(at, "Second", &["Secret_0__c".to_owned()]);
    justified(at, "Second", "2026-12-31");
    let check = |more: &[&str]| {
        let output = flsgate(at, &[&["check", "--base", "main", "--as-of", "2026-06-01"], more].concat());
        text(&output.stdout)
    };
    assert!(check(&[]).contains("\nwaiting: 1 error"), "{}", check(&[]));
    let without = check(&["--no-justifications"]);
    assert!(
        without.contains("\nblocked: 1 error") && without.contains("restricted-field-grant"),
        "{without}"
    );
}

#[test]
fn an_audit_names_justifications_that_end_soon_and_a_change_counts_them() {
    let folder = desk();
    let at = folder.path();
    justified(at, "Desk", "2026-06-20");
    commit(at);
    let (status, said) = audited(at, &[]);
    let note = "note[justification-expiring]: The justification of permission set `Desk` for `Contact.Secret_0__c` ends on 2026-06-20.";
    assert!(status == Some(0) && said.contains(note), "{said}");
    write(at, "readme.txt", "something else\n");
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "else"]);
    let check = |day: &str| text(&flsgate(at, &["check", "--base", "main", "--as-of", day]).stdout);
    let counted = "note: 1 justification ends within 30 days, the first on 2026-06-20; see `flsgate audit`";
    assert!(check("2026-06-01").contains(counted), "{}", check("2026-06-01"));
    assert!(!check("2026-05-01").contains("within 30 days"));
    // The last day is near, the day after is not.
    assert!(check("2026-06-20").contains(counted) && !check("2026-06-21").contains("within 30 days"));
    write(at, ".flsgate/policy.yml", "version: 1\nrules: { justification-expiring: off }\n");
    commit(at);
    assert!(!check("2026-06-01").contains("within 30 days"));
    assert!(!audited(at, &[]).1.contains("justification-expiring]"));
}

#[test]
fn a_baseline_says_how_old_it_is_and_ends_on_a_day() {
    let folder = desk();
    let at = folder.path();
    let (_, wrote) = audited(at, &["--write-baseline"]);
    let line = "permission_set: Desk, field: Contact.Secret_0__c, access: read, tier: restricted, since: 2026-06-01 }";
    let baseline = super::read(at, ".flsgate/baseline.yml");
    assert!(baseline.contains(line), "{baseline}\n{wrote}");
    let later = baseline.replace(line, &line.replace("2026-06-01", "2026-03-05"));
    write(at, ".flsgate/baseline.yml", &later);
    let (status, said) = audited(at, &[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.contains("of which the baseline accepts 1 (the oldest line is of 2026-03-05; 2026-03: 1)"),
        "{said}"
    );
    let json: serde_json::Value = serde_json::from_str(&audited(at, &["--json"]).1).unwrap();
    assert_eq!(json["accepted_since"], serde_json::json!({ "2026-03": 1 }));
    let ends = |day: &str| {
        write(at, ".flsgate/policy.yml", &format!("version: 1\nbaseline: {{ ends: {day} }}\n"));
        audited(at, &[])
    };
    let (status, said) = ends("2026-06-01");
    let soon = "note: the baseline ends on 2026-06-01: its 1 line accepts nothing after that day";
    assert!(status == Some(0) && said.contains(soon), "{said}");
    let (status, said) = ends("2026-05-31");
    let over = "note: the baseline ended on 2026-05-31: its 1 line accepts nothing any more";
    assert!(status == Some(1) && said.contains(over), "{said}");
    let (status, said) = ends("2026-12-31");
    assert!(status == Some(0) && !said.contains("the baseline end"), "{said}");
    assert_eq!(ends("soon").0, Some(2));
}

#[test]
fn a_line_of_the_baseline_over_a_field_that_everybody_may_have_by_now_accepts_nothing() {
    let folder = desk();
    let at = folder.path();
    audited(at, &["--write-baseline"]);
    let (path, _) = super::field("Contact", "Secret_0__c", "Restricted");
    let lowered = super::read(at, &path).replace("Restricted", "Public");
    write(at, &path, &lowered);
    commit(at);
    // Whether access to it is listed or only counted.
    for more in [&["--json"][..], &["--json", "--all"]] {
        let output = flsgate(at, &[&["audit", "--as-of", "2026-06-01"], more].concat());
        let json: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert_eq!(
            (&json["accepted"], &json["accepted_since"]),
            (&0.into(), &serde_json::json!({})),
            "{more:?}"
        );
        let warned = json["warnings"].to_string();
        assert!(warned.contains("needs no exception any more"), "{more:?}: {warned}");
    }
}

#[test]
fn proposed_days_of_several_permission_sets_lie_apart() {
    let folder = desk();
    let at = folder.path();
    let names = restricted(at, 1);
    for set in ["First", "Second", "Third"] {
        reads(at, set, &names);
    }
    flsgate(at, &["justify", "--base", "main", "--as-of", "2026-06-01"]);
    let day = |set: &str| {
        let text = super::read(at, &format!(".flsgate/justifications/{set}.yml"));
        let line = text.lines().find_map(|line| line.trim().strip_prefix("expires: ")).unwrap().to_owned();
        line.split(' ').next().unwrap().to_owned()
    };
    assert_eq!([day("first"), day("second"), day("third")], ["2027-06-02", "2027-05-26", "2027-05-19"]);
}

/// A folder beside the repository with a policy that allows reading.
fn central(at: &Path, policy: &str) -> String {
    let folder = at.with_extension("central");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("policy.yml");
    std::fs::write(&path, policy).unwrap();
    path.to_str().unwrap().to_owned()
}

const OPEN: &str = "version: 1\ntiers: { restricted: { read: allow } }\n";

#[test]
fn a_policy_of_another_repository_judges_in_place_of_the_own() {
    let folder = desk();
    let at = folder.path();
    assert_eq!(audited(at, &[]).0, Some(1));
    let policy = central(at, OPEN);
    let (status, said) = audited(at, &["--policy", &policy]);
    let given = format!("note: judged by the policy `{policy}` (SHA-256 ");
    let own = "), which this run was given; `.flsgate/policy.yml` of this repository is not read";
    assert!(status == Some(0) && said.contains(&given) && said.contains(own), "{said}");
    // A change is judged by it as well, and so is what it does to the own one.
    reads(at, "Second", &["Secret_0__c".to_owned()]);
    write(at, ".flsgate/policy.yml", OPEN);
    let check = |more: &[&str]| text(&flsgate(at, &[&["check", "--base", "main"], more].concat()).stdout);
    let own = check(&[]);
    assert!(own.contains("restricted-field-grant") && own.contains("policy-changed"), "{own}");
    let given = check(&["--policy", &policy]);
    assert!(!given.contains("restricted-field-grant") && given.contains("policy-changed"), "{given}");
    let html = at.with_extension("html");
    check(&["--policy", &policy, "--output", &format!("html={}", html.display())]);
    let html = std::fs::read_to_string(html).unwrap();
    assert!(html.contains("policy.yml` (SHA-256 "), "the page names the policy");
    assert_eq!(audited(at, &["--policy", "nowhere.yml"]).0, Some(2));
}

#[test]
fn a_policy_of_the_judged_repository_is_refused() {
    let folder = desk();
    let at = folder.path();
    write(at, "central/policy.yml", OPEN);
    for (text, part) in [("", "is empty"), (" \n", "is empty")] {
        let output = flsgate(at, &["check", "--base", "main", "--policy", &central(at, text)]);
        assert!(output.status.code() == Some(2) && super::commanding::text(&output.stderr).contains(part));
    }
    // Untracked, so that no author of a change wrote it.
    let refused = |policy: &str, more: &[&str]| {
        let output = flsgate(at, &[&["check", "--base", "main", "--policy", policy], more].concat());
        output.status.code() == Some(2) && text(&output.stderr).contains("the repository that is judged")
    };
    let head = ["--head", "main"];
    assert!(!refused("central/policy.yml", &head));
    assert!(refused("central/policy.yml", &[]), "the working tree is what is judged here");
    assert!(refused("./central/../central/policy.yml", &[]));
    assert!(refused(at.join("central/policy.yml").to_str().unwrap(), &[]));
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "mine"]);
    assert!(refused("central/policy.yml", &["--head", "HEAD"]));
    // Deleted by the change, and back in the checkout.
    git(at, &["branch", "-qf", "main"]);
    git(at, &["rm", "-rq", "--cached", "central"]);
    git(at, &["commit", "-qm", "gone"]);
    assert!(refused("central/policy.yml", &["--head", "HEAD"]));
    // A link that somebody committed leads out of the repository.
    std::os::unix::fs::symlink(central(at, OPEN), at.join("lk.yml")).unwrap();
    git(at, &["add", "lk.yml"]);
    git(at, &["commit", "-qm", "link"]);
    assert!(refused(at.join("lk.yml").to_str().unwrap(), &["--head", "HEAD"]));
    // Behind a link, whose target a relative path does not reach.
    std::os::unix::fs::symlink(at.join("central"), at.join("elsewhere")).unwrap();
    let linked = flsgate(at, &["check", "--base", "main", "--policy", "elsewhere/policy.yml"]);
    assert_eq!(linked.status.code(), Some(2));
    assert!(text(&linked.stderr).contains("symbolic link"), "{}", text(&linked.stderr));
}

#[cfg(unix)]
#[test]
fn a_replacement_puts_in_what_a_link_leads_to() {
    let folder = project();
    let at = folder.path();
    reads(at, "Few", &restricted(at, 1));
    let set = "force-app/main/default/permissionsets/Few.permissionset-meta.xml";
    let replaces = format!(
        r#"{{"packageDirectories":[{{"path":"force-app"}}],"replacements":[{{"stringToReplace":"grants","filename":"{set}","replaceWithFile":"build/link.txt"}}]}}"#
    );
    write(at, "sfdx-project.json", &replaces);
    write(at, "build/grants.txt", "Contact.Phone\n");
    write(at, "build/other.txt", "nothing\n");
    std::os::unix::fs::symlink("grants.txt", at.join("build/link.txt")).unwrap();
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "a replacement"]);
    git(at, &["branch", "-qf", "main"]);
    let check = || text(&flsgate(at, &["check", "--base", "main"]).stdout);
    write(at, "build/other.txt", "something\n");
    assert!(!check().contains("replaced-at-deploy"), "{}", check());
    write(at, "build/grants.txt", "Contact.SSN__c\n");
    assert!(check().contains("error[replaced-at-deploy]"), "{}", check());
}
