//! What people meet who begin: files in the wrong place, names that are nearly right, and where to go next.

use super::commanding::{flsgate, reads, restricted, text};
use super::mending::both;
use super::{git, project, write};
use std::path::Path;

const PROJECT: &str = "sfdx-project.json";

/// A project whose permission set reads a restricted field, all of it committed.
fn adopted() -> tempfile::TempDir {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    reads(at, "First", &names);
    write(at, PROJECT, "{ \"packageDirectories\": [{ \"path\": \"force-app\" }] }\n");
    commit(at);
    folder
}

fn commit(at: &Path) {
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "more"]);
}

#[test]
fn access_that_exists_is_justified_by_another_command_than_that_of_a_change() {
    let folder = adopted();
    let at = folder.path();
    let audit = both(&flsgate(at, &["audit"]));
    assert!(audit.contains("`flsgate justify --all` writes it"), "{audit}");
    let nothing = both(&flsgate(at, &["justify", "--base", "HEAD"]));
    assert!(
        nothing.contains("nothing to write: no access that the change gives needs a justification"),
        "{nothing}"
    );
    assert!(nothing.contains("`flsgate justify --all` looks at all that exists"), "{nothing}");
    flsgate(at, &["audit", "--write-baseline"]);
    let accepted = both(&flsgate(at, &["justify", "--all"]));
    assert!(accepted.contains("the baseline accepts 1 access"), "{accepted}");
}

#[test]
fn a_project_file_that_cannot_be_read_is_named_by_doctor_and_init() {
    let folder = adopted();
    let at = folder.path();
    write(at, PROJECT, "{ \"packageDirectories\": [ }\n");
    for command in ["doctor", "init"] {
        let said = both(&flsgate(at, &[command]));
        assert!(said.contains("sfdx-project.json: not readable as JSON"), "{command}: {said}");
    }
}

#[test]
fn a_package_directory_that_is_not_there_is_named() {
    let folder = adopted();
    let at = folder.path();
    write(at, PROJECT, "{ \"packageDirectories\": [{ \"path\": \"forceapp\" }] }\n");
    let said = both(&flsgate(at, &["check", "--base", "HEAD"]));
    assert!(
        said.contains("`packageDirectories` leads to `forceapp`, where there is nothing to deploy"),
        "{said}"
    );
    assert!(said.contains("leaves what deploys") && !said.contains("is removed"), "{said}");
    // The next change of that file is not asked about it again; an audit is.
    git(at, &["commit", "-qam", "a slip"]);
    let text = "{ \"packageDirectories\": [{ \"path\": \"forceapp\" }], \"sourceApiVersion\": \"62.0\" }\n";
    write(at, PROJECT, text);
    assert!(!both(&flsgate(at, &["check", "--base", "HEAD"])).contains("leads to"));
    assert!(both(&flsgate(at, &["audit"])).contains("leads to `forceapp`"));
}

#[test]
fn a_file_that_is_named_nearly_right_is_a_warning() {
    let folder = adopted();
    let at = folder.path();
    let set = "force-app/main/default/permissionsets/Second.permissionset.xml";
    write(at, set, "<PermissionSet><label>Second</label></PermissionSet>\n");
    write(at, ".flsgates/policy.yml", "version: 1\n");
    let said = both(&flsgate(at, &["check", "--base", "HEAD", "--format", "concise"]));
    assert!(
        said.contains(&format!("{set}:1:1: warning: neither Salesforce nor flsgate reads this file")),
        "{said}"
    );
    assert!(said.contains(".flsgates/policy.yml:1:1: warning: nothing reads this file"), "{said}");
}

#[test]
fn a_reason_that_cannot_be_read_is_mended_first() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    commit(at);
    reads(at, "First", &names);
    write(
        at,
        ".flsgate/justifications/first.yml",
        "permission_set: First\nentries:\n  - fields: Contact.Secret_0__c\n",
    );
    let said = both(&flsgate(at, &["check", "--base", "HEAD"]));
    assert_eq!(said.matches("error[undecided]").count(), 1, "{said}");
    assert!(said.contains("unknown key `fields` in an entry. Did you mean `field`?"), "{said}");
    assert!(said.contains("help: correct `.flsgate/justifications/first.yml` first"), "{said}");
}

#[test]
fn a_reason_for_another_kind_of_that_name_is_told_which_one_there_is() {
    let folder = adopted();
    let at = folder.path();
    let entry = "  - field: Contact.Secret_0__c\n    access: read\n";
    write(at, ".flsgate/justifications/first.yml", &format!("profile: First\nentries:\n{entry}"));
    let said = both(&flsgate(at, &["check", "--base", "HEAD"]));
    assert!(
        said.contains("names profile `First`, which does not exist. Did you mean permission set `First`?"),
        "{said}"
    );
}

#[test]
fn a_label_file_may_name_a_field_that_nothing_named_before() {
    let folder = adopted();
    let at = folder.path();
    let head = "EntityDefinition.QualifiedApiName,QualifiedApiName,SecurityClassification\n";
    let object = "<objectPermissions><allowCreate>false</allowCreate><allowDelete>false</allowDelete><allowEdit>false\
                  </allowEdit><allowRead>true</allowRead><modifyAllRecords>false</modifyAllRecords><object>Contact</object>\
                  <viewAllRecords>false</viewAllRecords></objectPermissions>";
    write(
        at,
        "force-app/main/default/permissionsets/Second.permissionset-meta.xml",
        &format!("<PermissionSet><label>Second</label>{object}</PermissionSet>\n"),
    );
    write(
        at,
        ".flsgate/labels/contact.csv",
        &format!("{head}Contact,Secret_0__c,Restricted\nContact,Phone,\n"),
    );
    commit(at);
    write(
        at,
        ".flsgate/labels/contact.csv",
        &format!("{head}Contact,Secret_0__c,Restricted\nContact,LastName,Restricted\n"),
    );
    let said = both(&flsgate(at, &["audit", "--accept-raised", "--base", "HEAD"]));
    assert!(said.contains("labels compared with"), "{said}");
    let baseline = super::read(at, ".flsgate/baseline.yml");
    assert!(baseline.contains("Second") && baseline.contains("Contact.Name"), "{baseline}");
}

#[test]
fn explain_takes_a_rule_alone_and_knows_what_an_export_names() {
    let folder = adopted();
    let at = folder.path();
    let said = both(&flsgate(at, &["explain", "external-access", "First"]));
    assert!(said.contains("its page names no permission set"), "{said}");
    let csv = "EntityDefinition.QualifiedApiName,QualifiedApiName,SecurityClassification\nContact,Phone,\nContact,Fax,Internal\n";
    write(at, ".flsgate/labels/contact.csv", csv);
    let said = both(&flsgate(at, &["explain", "Contact.Phone"]));
    assert!(said.contains("a label export names it, without a label"), "{said}");
}

#[test]
fn a_quiet_run_is_short_and_a_table_has_a_command_of_its_own() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 14);
    commit(at);
    for nth in 0..14 {
        reads(at, &format!("Set_{nth}"), &names[nth..=nth]);
    }
    let quiet = text(&flsgate(at, &["check", "--base", "HEAD", "-q"]).stdout);
    assert_eq!(quiet.matches(" --> ").count(), 10, "{quiet}");
    assert!(quiet.contains("--full"), "{quiet}");
    let csv = both(&flsgate(at, &["check", "--output", "access.csv"]));
    assert!(csv.contains("`flsgate matrix --output access.csv`"), "{csv}");
    let only = both(&flsgate(at, &["check", "--base", "HEAD", ".flsgate"]));
    assert!(only.contains("blocked as a whole; in these files: 0 errors, 0 warnings, 0 notes"), "{only}");
    assert!(only.contains("approvals count from") == only.contains("waiting"), "{only}");
}

#[test]
fn a_variable_and_a_folder_are_named_where_they_are_wrong() {
    let folder = adopted();
    let at = folder.path();
    let missing = both(&flsgate(at, &["audit", "--repo", "nowhere"]));
    assert!(missing.contains("there is no folder `") && missing.contains("nowhere`"), "{missing}");
    let policy = both(&flsgate(at, &["simulate", "--policy", "none.yml"]));
    assert!(
        policy.contains("there is no such file; check the path") && !policy.contains("os error"),
        "{policy}"
    );
}

#[test]
fn a_field_that_an_export_labels_twice_is_named() {
    let folder = adopted();
    let at = folder.path();
    let head = "EntityDefinition.QualifiedApiName,QualifiedApiName,SecurityClassification\n";
    write(
        at,
        ".flsgate/labels/contact.csv",
        &format!("{head}Contact,Fax,Internal\nContact,Fax,Restricted\nContact,Fax,Public\n"),
    );
    write(at, ".flsgate/labels/slip.csv", &format!("{head}Contact,Emial,Internal\nContact,Email,Internal\n"));
    let said = both(&flsgate(at, &["audit"]));
    let slip =
        "slip.csv:2:1: no standard field `Contact.Emial` is known; if you meant `Contact.Email`, correct it";
    assert_eq!(said.matches("no standard field").count(), 1, "{said}");
    assert!(said.contains(slip), "{said}");
    assert_eq!(said.matches("the more sensitive one counts").count(), 1, "{said}");
    assert!(
        said.contains(
            "contact.csv:3:1: `Contact.Fax` is Restricted here, and Internal at .flsgate/labels/contact.csv:2"
        ),
        "{said}"
    );
}

#[test]
fn the_matrix_says_since_when_an_access_is_accepted() {
    let folder = adopted();
    let at = folder.path();
    flsgate(at, &["audit", "--write-baseline"]);
    let csv = text(&flsgate(at, &["matrix", "--format", "csv"]).stdout);
    assert!(csv.contains("accepted by the baseline since 20"), "{csv}");
}
