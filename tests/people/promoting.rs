//! `approved_on`: what was approved on a branch that leads here is not asked for again, for the same stakes.

use super::commanding::{flsgate, reads, text};
use super::{field, git, project, write};
use std::path::Path;

const POLICY: &str = "version: 1\napproved_on: [develop]\n";
const SET: &str = "force-app/main/default/permissionsets/Desk.permissionset-meta.xml";
const GROUP: &str = "force-app/main/default/permissionsetgroups/All.permissionsetgroup-meta.xml";

fn commit(at: &Path, message: &str) {
    git(at, &["add", "-A"]);
    git(at, &["commit", "-qm", message]);
}

fn entry(at: &Path, reason: &str) {
    let text = format!(
        "permission_set: Desk\nentries:\n  - field: Contact.SSN__c\n    access: read\n    justification: {reason}\n    compliance: \
         Kept for a year.\n    owner: desk@acme.example\n    expires: 2026-12-31\n"
    );
    write(at, ".flsgate/justifications/desk.yml", &text);
}

/// `main` with a policy; `develop` has permission set `Desk` and its justification beside it.
fn promoted(policy: &str) -> tempfile::TempDir {
    let folder = project();
    let at = folder.path();
    std::fs::remove_dir_all(at.join("force-app/main/default/profiles")).unwrap();
    write(at, ".flsgate/policy.yml", policy);
    reads(at, "Desk", &[]);
    commit(at, "policy");
    git(at, &["branch", "-qf", "main"]);
    git(at, &["checkout", "-qb", "develop"]);
    reads(at, "Desk", &["SSN__c".to_owned()]);
    entry(at, "Callers are identified by it.");
    commit(at, "approved on develop");
    git(at, &["checkout", "-qb", "release"]);
    folder
}

/// How a check of the branch that is checked out ends, against `main`, and what it says.
fn checked(at: &Path) -> (String, String) {
    let arguments = ["check", "--base", "main", "--head", "HEAD", "--as-of", "2026-06-01"];
    let said = text(&flsgate(at, &arguments).stdout);
    let outcome = ["passed", "waiting", "blocked", "undecided"];
    let outcome = outcome.iter().find(|word| said.contains(&format!("{word}: ")));
    (outcome.map(|word| (*word).to_owned()).unwrap_or_default(), said)
}

#[test]
fn what_develop_approved_is_not_asked_for_again() {
    let folder = promoted(POLICY);
    let (outcome, said) = checked(folder.path());
    assert_eq!(outcome, "passed", "{said}");
    let remark = "note: 1 justification counts as approved on `develop` (";
    assert!(said.contains(remark), "{said}");
    // Without the key, and with another branch, each promotion asks.
    let without = promoted("version: 1\n");
    assert_eq!(checked(without.path()).0, "waiting");
    let other = promoted("version: 1\napproved_on: [uat]\n");
    let (outcome, said) = checked(other.path());
    assert_eq!(outcome, "waiting");
    assert!(said.contains("note: this clone has no branch `uat`, which `approved_on` names"), "{said}");
    // The branch of the server counts, not a local one of the name.
    let at = folder.path();
    git(at, &["update-ref", "refs/remotes/origin/develop", "main"]);
    assert_eq!(checked(at).0, "waiting");
}

#[test]
fn more_at_stake_than_on_develop_is_asked_for() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 7] = [
        ("another reason", |at| entry(at, "Callers are identified by it, and so are visitors.")),
        ("a longer entry", |at| {
            let path = ".flsgate/justifications/desk.yml";
            write(at, path, &super::read(at, path).replace("2026-12-31", "2027-01-31"));
        }),
        ("a compliance group more", |at| {
            let (path, text) = field("Contact", "SSN__c", "Restricted");
            write(
                at,
                &path,
                &text.replace("    <type>", "    <complianceGroup>PCI</complianceGroup>\n    <type>"),
            );
        }),
        ("a group hands it out", |at| {
            write(
                at,
                GROUP,
                "<PermissionSetGroup><label>All</label><permissionSets>Desk</permissionSets></PermissionSetGroup>",
            );
        }),
        ("for editing", |at| {
            let text = super::read(at, SET).replace("<editable>false", "<editable>true");
            write(at, SET, &text);
            let path = ".flsgate/justifications/desk.yml";
            write(at, path, &super::read(at, path).replace("access: read", "access: edit"));
        }),
        ("a site hands it out", |at| {
            write(
                at,
                "force-app/main/default/networks/Help.network-meta.xml",
                "<Network><networkMemberGroups><permissionSet>Desk</permissionSet></networkMemberGroups><status>Live</status></Network>",
            );
        }),
        ("a licence of customers", |at| {
            let text =
                super::read(at, SET).replace("<label>", "<license>Customer Community</license><label>");
            write(at, SET, &text);
        }),
    ];
    for (what, change) in changes {
        let folder = promoted(POLICY);
        change(folder.path());
        commit(folder.path(), what);
        let (outcome, said) = checked(folder.path());
        assert!(outcome == "waiting" || outcome == "blocked", "{what}: {said}");
    }
}

#[test]
fn a_formula_that_shows_more_than_on_develop_is_asked_for() {
    let formula = |reads: &str| {
        format!(
            "<CustomField><fullName>Hint__c</fullName><formula>{reads}</formula><type>Text</type></CustomField>"
        )
    };
    let path = "force-app/main/default/objects/Contact/fields/Hint__c.field-meta.xml";
    let folder = project();
    let at = folder.path();
    std::fs::remove_dir_all(at.join("force-app/main/default/profiles")).unwrap();
    write(at, ".flsgate/policy.yml", POLICY);
    let (other, text) = field("Contact", "Iban__c", "Restricted");
    write(at, &other, &text);
    write(at, path, &formula("SSN__c"));
    reads(at, "Desk", &[]);
    commit(at, "policy");
    git(at, &["branch", "-qf", "main"]);
    git(at, &["checkout", "-qb", "develop"]);
    reads(at, "Desk", &["Hint__c".to_owned()]);
    entry(at, "Callers are identified by it.");
    let entries = ".flsgate/justifications/desk.yml";
    write(at, entries, &super::read(at, entries).replace("SSN__c", "Hint__c"));
    commit(at, "approved on develop");
    assert_eq!(checked(at).0, "passed");
    git(at, &["checkout", "-qb", "release"]);
    write(at, path, &formula("SSN__c &amp; Iban__c"));
    commit(at, "shows more");
    let (outcome, said) = checked(at);
    assert_eq!(outcome, "waiting", "{said}");
}

#[test]
fn a_branch_that_is_judged_otherwise_approves_nothing() {
    for (path, text) in [
        (
            ".flsgate/policy.yml",
            "version: 1\napproved_on: [develop]\ntiers: { restricted: { read: justify } }\n",
        ),
        (".flsgate/labels/more.csv", "Object,Field,Data Sensitivity Level\nContact,Email,Public\n"),
    ] {
        let folder = promoted(POLICY);
        let at = folder.path();
        git(at, &["checkout", "-q", "develop"]);
        write(at, path, text);
        commit(at, "other on develop");
        git(at, &["checkout", "-q", "release"]);
        let (outcome, said) = checked(at);
        assert_eq!(outcome, "waiting", "{said}");
        assert!(said.contains("note: `develop` has another policy or other labels than the base"), "{said}");
    }
    // What cannot be read there may be what decided.
    let folder = promoted(POLICY);
    let at = folder.path();
    git(at, &["checkout", "-q", "develop"]);
    write(at, GROUP, "<PermissionSetGroup><label>");
    commit(at, "broken on develop");
    git(at, &["checkout", "-q", "release"]);
    assert_eq!(checked(at).0, "waiting");
}

#[test]
fn a_policy_of_the_change_names_no_branch() {
    let folder = promoted("version: 1\n");
    let at = folder.path();
    write(at, ".flsgate/policy.yml", POLICY);
    commit(at, "mine");
    let (outcome, said) = checked(at);
    assert!(outcome == "waiting" && said.contains("policy-changed") && said.contains("SSN__c"), "{said}");
}

/// `main` and `develop` with a group or site that only one of them has, and a release that takes the grant to `main`.
fn hands_out(
    on_main: &[(&str, &str)],
    on_develop: &[(&str, &str)],
    on_both: &[(&str, &str)],
) -> (String, String) {
    let folder = project();
    let at = folder.path();
    std::fs::remove_dir_all(at.join("force-app/main/default/profiles")).unwrap();
    write(at, ".flsgate/policy.yml", POLICY);
    reads(at, "Desk", &[]);
    on_both.iter().for_each(|(path, text)| write(at, path, text));
    commit(at, "policy");
    git(at, &["branch", "-qf", "main"]);
    git(at, &["checkout", "-qb", "develop"]);
    on_develop.iter().for_each(|(path, text)| write(at, path, text));
    reads(at, "Desk", &["SSN__c".to_owned()]);
    entry(at, "Callers are identified by it.");
    commit(at, "approved on develop");
    git(at, &["checkout", "-q", "main"]);
    on_main.iter().for_each(|(path, text)| write(at, path, text));
    git(at, &["add", "-A"]);
    git(at, &["commit", "-qm", "hotfix", "--allow-empty"]);
    git(at, &["checkout", "-qb", "release"]);
    reads(at, "Desk", &["SSN__c".to_owned()]);
    entry(at, "Callers are identified by it.");
    commit(at, "promoted");
    checked(at)
}

const ALL: &str =
    "<PermissionSetGroup><label>All</label><permissionSets>Desk</permissionSets></PermissionSetGroup>";
const SITE: (&str, &str) = (
    "force-app/main/default/networks/Help.network-meta.xml",
    "<Network><networkMemberGroups><permissionSet>Desk</permissionSet></networkMemberGroups><status>Live</status></Network>",
);

#[test]
fn who_hands_it_out_here_and_not_on_develop_is_asked_for() {
    let muted = ALL.replace("</label>", "</label><mutingPermissionSets>Quiet</mutingPermissionSets>");
    let quiet = "<MutingPermissionSet><label>Quiet</label><fieldPermissions><field>Contact.SSN__c</field><readable>true\
                 </readable><editable>true</editable></fieldPermissions></MutingPermissionSet>";
    let muting = ("force-app/main/default/mutingpermissionsets/Quiet.mutingpermissionset-meta.xml", quiet);
    assert_eq!(hands_out(&[], &[], &[]).0, "passed");
    assert_eq!(hands_out(&[], &[], &[(GROUP, ALL)]).0, "passed", "by the same group on both");
    for (what, on_main, on_develop, on_both) in [
        ("a site of main alone", vec![SITE], vec![], vec![]),
        ("a group of main alone", vec![(GROUP, ALL)], vec![], vec![]),
        ("muting of develop alone", vec![], vec![(GROUP, muted.as_str()), muting], vec![(GROUP, ALL)]),
    ] {
        let (outcome, said) = hands_out(&on_main, &on_develop, &on_both);
        assert_eq!(outcome, "waiting", "{what}: {said}");
    }
}

#[test]
fn a_reason_that_lands_while_it_is_denied_is_asked_for_when_the_denial_ends() {
    // A pattern of profiles covers those that the base has, so the entry of a new one is denied at first.
    let folder = project();
    let at = folder.path();
    std::fs::remove_dir_all(at.join("force-app/main/default/profiles")).unwrap();
    write(at, ".flsgate/policy.yml", "version: 1\ntiers: { restricted: { profiles: ['Support*'] } }\n");
    commit(at, "policy");
    git(at, &["branch", "-qf", "main"]);
    let profile = |fields: &str| {
        let text = format!("<Profile><userLicense>Salesforce</userLicense>{fields}</Profile>");
        write(at, "force-app/main/default/profiles/SupportX.profile-meta.xml", &text);
    };
    profile("");
    entry(at, "Callers are identified by it.");
    let path = ".flsgate/justifications/desk.yml";
    write(at, path, &super::read(at, path).replace("permission_set: Desk", "profile: SupportX"));
    commit(at, "planted");
    let (outcome, said) = checked(at);
    assert_eq!(outcome, "waiting", "{said}");
    // A licence of customers that goes ends a denial as well.
    let folder = project();
    let at = folder.path();
    std::fs::remove_dir_all(at.join("force-app/main/default/profiles")).unwrap();
    write(at, ".flsgate/policy.yml", "version: 1\n");
    let set =
        |license: &str| write(at, SET, &format!("<PermissionSet>{license}<label>x</label></PermissionSet>"));
    set("<license>Customer Community</license>");
    entry(at, "Callers are identified by it.");
    commit(at, "planted");
    git(at, &["branch", "-qf", "main"]);
    set("");
    commit(at, "the denial ends");
    let (outcome, said) = checked(at);
    assert!(outcome == "waiting" && said.contains("awaiting-approval"), "{said}");
}
