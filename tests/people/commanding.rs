//! Small things that people expect of a command line.

use super::{field, git, project, write};
use std::path::Path;
use std::process::{Command, Output};

pub(super) fn flsgate(at: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flsgate"));
    command.args(arguments).current_dir(at).env_remove("FLSGATE_BASE").output().unwrap()
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A permission set that reads the fields of these names, all Restricted.
pub(super) fn reads(at: &Path, set: &str, names: &[String]) {
    let entry = |name: &String| {
        format!(
            "<fieldPermissions><field>Contact.{name}</field><readable>true</readable><editable>false</editable>\
             </fieldPermissions>"
        )
    };
    let entries: String = names.iter().map(entry).collect();
    let path = format!("force-app/main/default/permissionsets/{set}.permissionset-meta.xml");
    write(at, &path, &format!("<PermissionSet><label>{set}</label>{entries}</PermissionSet>"));
}

pub(super) fn restricted(at: &Path, count: usize) -> Vec<String> {
    let names: Vec<String> = (0..count).map(|number| format!("Secret_{number}__c")).collect();
    for name in &names {
        let (path, text) = field("Contact", name, "Restricted");
        write(at, &path, &text);
    }
    names
}

#[test]
fn of_many_findings_one_of_each_kind_is_shown_and_the_rest_is_grouped() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 30);
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "fields"]);
    reads(at, "First", &names);
    reads(at, "Second", &names[..1]);
    let brief = text(&flsgate(at, &["check", "--base", "HEAD"]).stdout);
    assert_eq!(brief.matches("error[restricted-field-grant]: Permission set").count(), 2, "{brief}");
    let of_first = "error[restricted-field-grant]: permission set `First`: 29 more, the first at force-app/main/default/permissionsets/\
                    First.permissionset-meta.xml:1 (`Contact.Secret_1__c`, `Contact.Secret_2__c`, `Contact.Secret_3__c`, \
                    `Contact.Secret_4__c`, `Contact.Secret_5__c` and 24 others)\n29 more findings: `--full` shows each with its source\n";
    assert!(brief.contains(of_first), "{brief}");
    let table = "31 findings, by permission set or profile\n  errors    tier 3    tier 2\n      30        30         0  permission set `First`\n";
    assert!(brief.starts_with(table), "{brief}");
    let sets: Vec<String> = (0..12).map(|number| format!("Team_{number}")).collect();
    for set in &sets {
        reads(at, set, &names[..1]);
    }
    let brief = text(&flsgate(at, &["check", "--base", "HEAD"]).stdout);
    assert_eq!(brief.matches("error[restricted-field-grant]: Permission set").count(), 10, "{brief}");
    assert!(
        brief.contains("permission set `Team_8`: 1 more, at force-app/")
            && brief.contains("33 more findings"),
        "{brief}"
    );
    for set in &sets {
        std::fs::remove_file(
            at.join(format!("force-app/main/default/permissionsets/{set}.permissionset-meta.xml")),
        )
        .unwrap();
    }
    let full = text(&flsgate(at, &["check", "--base", "HEAD", "--full"]).stdout);
    assert_eq!(full.matches("error[restricted-field-grant]: Permission set").count(), 31);
    let concise = text(&flsgate(at, &["check", "--base", "HEAD", "--format", "concise"]).stdout);
    let lines = concise.lines().filter(|line| line.ends_with("[restricted-field-grant]"));
    assert_eq!(lines.count(), 31, "{concise}");
    assert!(concise.starts_with("force-app/main/default/permissionsets/First.permissionset-meta.xml:1:"));
    let audit = text(&flsgate(at, &["audit"]).stdout);
    assert!(audit.starts_with("tier 3 (restricted): 31 accesses (31 unjustified)\n"), "{audit}");
    assert!(audit.contains("      30        30         0  permission set `First`\n"), "{audit}");
    assert!(audit.contains("      31  error[restricted-field-grant]\n"), "{audit}");
}

#[test]
fn formats_go_by_their_short_names_and_by_the_ending_of_a_file() {
    let folder = project();
    let at = folder.path();
    let json = |arguments: &[&str]| text(&flsgate(at, arguments).stdout);
    assert_eq!(json(&["audit", "--json"]), json(&["audit", "--format", "json"]));
    flsgate(at, &["audit", "--output", "all.html", "--output", "all.sarif"]);
    assert!(std::fs::read_to_string(at.join("all.html")).unwrap().starts_with("<!doctype html>"));
    assert!(std::fs::read_to_string(at.join("all.sarif")).unwrap().contains("\"2.1.0\""));
    let refused = flsgate(at, &["audit", "--output", "all.pdf"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("a path that ends with .html, .htm, .json"));
}

#[test]
fn every_rule_is_listed() {
    let folder = project();
    let list = text(&flsgate(folder.path(), &["explain", "--list"]).stdout);
    assert_eq!(list.lines().count(), flsgate::rules::RULES.len());
    assert!(list.contains("error    restricted-field-grant "), "{list}");
}

#[test]
fn a_hook_passes_what_waits_for_an_approval_alone() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "fields"]);
    std::fs::remove_file(
        at.join(format!("force-app/main/default/objects/Contact/fields/{}.field-meta.xml", names[0])),
    )
    .unwrap();
    let check = |more: &[&str]| flsgate(at, &[&["check", "--base", "HEAD"], more].concat());
    let waits = check(&[]);
    assert!(text(&waits.stdout).contains("waiting: 1 error"), "{}", text(&waits.stdout));
    assert_eq!((waits.status.code(), check(&["--allow-waiting"]).status.code()), (Some(1), Some(0)));
    reads(at, "First", &names);
    assert_eq!(check(&["--allow-waiting"]).status.code(), Some(1), "blocked is no waiting");
}

#[test]
fn findings_of_named_files_are_shown_under_the_verdict_of_the_whole_change() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 2);
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "fields"]);
    reads(at, "First", &names[..1]);
    reads(at, "Second", &names);
    let check = |files: &[&str]| flsgate(at, &[&["check", "--base", "HEAD"], files].concat());
    let first = "force-app/main/default/permissionsets/First.permissionset-meta.xml";
    let one = check(&[first]);
    let shown = text(&one.stdout);
    assert!(shown.contains("`First` gives") && !shown.contains("`Second` gives"), "{shown}");
    assert!(
        shown.contains("blocked as a whole; in these files: 1 error")
            && shown.contains("compared with `HEAD` ("),
        "{shown}"
    );
    assert!(shown.contains("note: 2 findings in other files, 2 errors among them"), "{shown}");
    let none = check(&["sfdx-project.json"]);
    assert!(!text(&none.stdout).contains("gives read access"));
    assert_eq!((one.status.code(), none.status.code()), (Some(1), Some(1)));
    let all = text(&check(&["force-app"]).stdout);
    assert!(all.contains("`First` gives") && all.contains("`Second` gives") && !all.contains("other files"));
    let slip = flsgate(at, &["check", "--base", "mian"]);
    assert!(
        text(&slip.stderr).contains("unknown revision `mian`; did you mean `main`?"),
        "{}",
        text(&slip.stderr)
    );
    let absent = check(&["nowhere.xml"]);
    assert_eq!(absent.status.code(), Some(2));
    assert!(text(&absent.stderr).contains("there is no `nowhere.xml` in the work tree"));
}

#[test]
fn the_base_may_be_configured_and_a_run_says_that_nothing_was_compared() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    reads(at, "First", &names);
    let entry = "permission_set: First\nentries:\n  - field: Contact.Secret_0__c\n    access: read\n    justification: Agents confirm \
                 who is calling.\n    compliance: Kept on the page.\n    owner: a@acme.example\n    expires: 2026-12-31\n";
    write(at, ".flsgate/justifications/first.yml", entry);
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "access"]);
    let same = text(&flsgate(at, &["check", "--base", "HEAD", "--head", "HEAD"]).stdout);
    assert!(same.contains("note: base and head are the same commit "), "{same}");
    let finds = |output: &Output| text(&output.stdout).contains("Contact.Secret_0__c");
    assert!(finds(&flsgate(at, &["check"])), "compared with the branch of origin");
    git(at, &["config", "flsgate.base", "HEAD"]);
    assert!(!finds(&flsgate(at, &["check"])));
    let audit = text(&flsgate(at, &["audit", "--json", "--as-of", "2026-06-01"]).stdout);
    git(at, &["config", "--unset", "flsgate.base"]);
    // What has been reviewed is no setting of a machine: the entry is on the branch alone.
    assert!(audit.contains("\"restricted-field-grant\"") && audit.contains("needs an approval"), "{audit}");
    let by_variable = Command::new(env!("CARGO_BIN_EXE_flsgate"))
        .arg("check")
        .current_dir(at)
        .env("FLSGATE_BASE", "HEAD")
        .output()
        .unwrap();
    assert!(!finds(&by_variable));
    std::fs::remove_dir_all(at.join("force-app")).unwrap();
    git(at, &["commit", "-qam", "nothing"]);
    let empty = text(&flsgate(at, &["check", "--base", "HEAD"]).stdout);
    assert!(empty.contains("note: no Salesforce metadata was found in this repository"), "{empty}");
}

#[test]
fn names_of_the_policy_that_match_nothing_are_noted() {
    let folder = project();
    let at = folder.path();
    let policy = "version: 1\nuser_types:\n  integration:\n    names: [External_Analytic_Integration_Access, ETL_*]\n\
                  tiers:\n  conditional:\n    profiles: [Analytics*, Admin]\nintegrations:\n  nightly:\n    \
                  permission_sets: [Nightly_Sync]\n    fields: [Contact.SSN__c]\n";
    write(at, ".flsgate/policy.yml", policy);
    let audit = text(&flsgate(at, &["audit"]).stdout);
    let notes: Vec<&str> = audit.lines().filter(|line| line.contains(" of the policy names ")).collect();
    assert_eq!(
        notes,
        [
            "note: `user_types.integration.names` of the policy names `External_Analytic_Integration_Access`, and no permission \
             set, group or profile here is called so. Did you mean `External_Analytics_Integration_Access`?",
            "note: `user_types.integration.names` of the policy names `ETL_*`, and no permission set, group or profile here is \
             called so",
            "note: `tiers.conditional.profiles` of the policy names `Admin`, and no profile here is called so",
            "note: `integrations.nightly` of the policy names `Nightly_Sync`, and no permission set here is called so",
        ]
    );
    let doctor = text(&flsgate(at, &["doctor"]).stdout);
    assert!(doctor.contains("gap  `integrations.nightly` of the policy names `Nightly_Sync`"), "{doctor}");
}

#[test]
fn values_of_labels_that_the_policy_misspells_are_noted() {
    let folder = project();
    let at = folder.path();
    let policy = "version: 1\ntiers:\n  restricted:\n    classifications: [Restricted, MissionCritcal]\n    \
                  compliance_groups: [PCI, HIPPA, PHI, Health]\napprovers:\n  also:\n    - compliance_groups: [GDRP]\n      \
                  teams: [acme/privacy]\n";
    write(at, ".flsgate/policy.yml", policy);
    let audit = text(&flsgate(at, &["audit"]).stdout);
    let notes: Vec<&str> = audit.lines().filter(|line| line.contains(" the policy lists ")).collect();
    assert_eq!(
        notes,
        [
            "note: the policy lists classification `missioncritcal`. Did you mean `MissionCritical`?",
            "note: the policy lists compliance group `GDRP`. Did you mean `GDPR`?",
            "note: the policy lists compliance group `hippa`. Did you mean `HIPAA`?",
        ]
    );
}

/// A note may suggest a name from the change, so no line break of it may begin a line of its own in any log.
#[cfg(unix)]
#[test]
fn a_name_that_is_suggested_breaks_no_line() {
    let folder = project();
    let at = folder.path();
    write(at, ".flsgate/policy.yml", "version: 1\nuser_types:\n  guest:\n    names: [Nightly_Sync]\n");
    write(
        at,
        "force-app/main/default/permissionsets/Nightly\n_Sync.permissionset-meta.xml",
        "<PermissionSet><label>x</label></PermissionSet>",
    );
    for format in ["terminal", "concise", "github", "markdown"] {
        let said = text(&flsgate(at, &["audit", "--format", format]).stdout);
        assert!(said.contains("Nightly"), "{said}");
        assert!(!said.lines().any(|line| line.starts_with("_Sync")), "{format}: {said}");
    }
}

#[test]
fn of_a_branch_that_origin_does_not_have_those_are_named_that_it_has() {
    let folder = project();
    let at = folder.path();
    git(at, &["update-ref", "refs/remotes/origin/main", "main"]);
    let said = text(&flsgate(at, &["check", "--base", "origin/production"]).stderr);
    assert!(
        said.contains("unknown revision `origin/production`") && said.contains("`origin/main`"),
        "{said}"
    );
    let local = text(&flsgate(at, &["check", "--base", "production"]).stderr);
    assert!(local.contains("`main`, `topic`") && !local.contains("`origin/main`"), "{local}");
}
