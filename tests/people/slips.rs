//! Slips that cost one message: it names the file, the line and the way on, and nothing beside it says what is not so.

use super::commanding::{flsgate, reads, restricted, text};
use super::mending::both;
use super::{git, project, read, write};
use std::path::Path;

/// A reason for the first restricted field, on `main`.
fn justified() -> tempfile::TempDir {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    reads(at, "Few", &names);
    write(at, ".flsgate/justifications/few.yml", &reason(&names[0], "2027-03-31"));
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "a reason"]);
    git(at, &["branch", "-qf", "main"]);
    folder
}

fn reason(field: &str, last_day: &str) -> String {
    format!(
        "permission_set: Few\nentries:\n  - field: Contact.{field}\n    access: read\n    justification: They compare it with the letter during a call.\n    compliance: Reviewed with the data protection officer.\n    owner: desk@acme.example\n    expires: {last_day}\n"
    )
}

fn check(at: &Path) -> String {
    both(&flsgate(at, &["check", "--base", "main", "--as-of", "2026-12-01"]))
}

#[test]
fn a_slip_in_a_file_of_reasons_removes_none() {
    let folder = justified();
    let at = folder.path();
    let path = ".flsgate/justifications/few.yml";
    let good = super::read(at, path);
    for (slip, line) in [("\n    access", 4), ("\n    owner", 7)] {
        write(at, path, &good.replace(slip, &slip.replacen("    ", "\t", 1)));
        let said = check(at);
        assert!(
            said.contains(&format!("few.yml:{line}:1: this is not valid YAML: there is a tab")),
            "{said}"
        );
        assert!(!said.contains("justification-removed") && said.contains("0 errors"), "{said}");
    }
}

#[test]
fn a_renewed_reason_needs_an_approval_and_is_not_called_removed() {
    let folder = justified();
    let at = folder.path();
    let path = ".flsgate/justifications/few.yml";
    write(at, path, &super::read(at, path).replace("2027-03-31", "2027-06-30"));
    let said = check(at);
    assert!(said.contains("has changed, so it needs an approval again"), "{said}");
    assert!(said.contains("its last day was 2027-03-31 before this change"), "{said}");
    assert!(!said.contains("removed by this change") && said.contains("waiting: 1 error"), "{said}");
}

#[test]
fn justify_names_the_entry_that_has_ended() {
    let folder = justified();
    let said = both(&flsgate(folder.path(), &["justify", "--all", "--as-of", "2027-05-01"]));
    let lacks = "1 access has an entry already; that at .flsgate/justifications/few.yml:3 does not count: it ended on 2027-03-31";
    assert!(said.contains(lacks), "{said}");
}

#[test]
fn a_base_that_is_not_there_is_named_with_where_it_comes_from() {
    let folder = justified();
    let at = folder.path();
    let said = both(&flsgate(at, &["check", "--base", "origin/main"]));
    assert!(
        said.contains("unknown revision `origin/main`; use `--base main`, or run `git fetch origin main`"),
        "{said}"
    );
    git(at, &["config", "flsgate.base", "gone"]);
    let said = both(&flsgate(at, &["check"]));
    assert!(said.contains("unknown revision `gone`; `git config flsgate.base` names it"), "{said}");
}

#[test]
fn a_misspelt_permission_set_of_an_integration_is_suggested_and_not_made() {
    let folder = justified();
    let at = folder.path();
    let policy =
        "version: 1\nintegrations:\n  billing: { permission_sets: [Fevv], fields: [Contact.Phone] }\n";
    write(at, ".flsgate/policy.yml", &policy.replace("Fevv", "Fewe"));
    let said = text(&flsgate(at, &["preflight"]).stdout);
    assert!(
        said.contains("there is no permission set `Fewe` in this repository; did you mean `Few`?"),
        "{said}"
    );
    let said = both(&flsgate(at, &["preflight", "--fix"]));
    assert!(said.contains("did you mean `Few`? Correct the policy first"), "{said}");
}

#[test]
fn what_works_in_the_org_and_is_not_justified_fails_no_query() {
    let folder = justified();
    let at = folder.path();
    let name = &restricted(at, 2)[1];
    reads(at, "Sync", std::slice::from_ref(name));
    let policy = "version: 1\nintegrations:\n  sync: { permission_sets: [Sync], queries: [sync/*.soql] }\n";
    write(at, ".flsgate/policy.yml", policy);
    let set = "force-app/main/default/permissionsets/Sync.permissionset-meta.xml";
    let object = "<objectPermissions><allowRead>true</allowRead><object>Contact</object></objectPermissions></PermissionSet>";
    write(at, set, &super::read(at, set).replace("</PermissionSet>", object));
    write(at, "sync/people.soql", &format!("SELECT Id, {name} FROM Contact\n"));
    let output = flsgate(at, &["preflight"]);
    let said = text(&output.stdout);
    assert!(said.contains("  granted ") && said.contains("no complete justification says why"), "{said}");
    assert!(said.contains("answer: 1 query would succeed; 1 field has no justification"), "{said}");
    assert!(!said.contains("would fail") && output.status.code() == Some(1), "{said}");
}

#[test]
fn a_baseline_of_another_ending_is_named() {
    let folder = justified();
    let at = folder.path();
    write(at, ".flsgate/baseline.yaml", "version: 1\n");
    let said = both(&flsgate(at, &["audit"]));
    assert!(
        said.contains(".flsgate/baseline.yaml: the baseline is read from `.flsgate/baseline.yml` alone"),
        "{said}"
    );
}

#[test]
fn doctor_looks_at_the_whole_repository_from_a_folder_of_it() {
    let folder = justified();
    let at = folder.path();
    let said = both(&flsgate(&at.join("force-app"), &["doctor"]));
    assert_eq!(said, both(&flsgate(at, &["doctor"])));
}

#[test]
fn a_custom_field_that_lacks_a_letter_of_its_ending_is_suggested() {
    let folder = justified();
    let at = folder.path();
    let name = &restricted(at, 1)[0];
    reads(at, "Other", &[name.replace("__c", "_c")]);
    let said = check(at);
    assert!(said.contains(&format!("Did you mean `Contact.{name}`?")), "{said}");
}

#[test]
fn a_wrong_key_of_the_policy_has_its_line_in_tests_of_the_policy_too() {
    let folder = justified();
    let at = folder.path();
    write(at, ".flsgate/policy.yml", "version: 1\nrules:\n  restricted-field-grants: error\n");
    let said = both(&flsgate(at, &["test"]));
    assert!(said.contains(".flsgate/policy.yml:3:3: "), "{said}");
}

#[test]
fn what_cannot_be_read_is_not_called_the_same() {
    let folder = justified();
    let at = folder.path();
    let set = "force-app/main/default/permissionsets/Few.permissionset-meta.xml";
    write(at, set, &super::read(at, set).replace("</PermissionSet>", ""));
    let said = both(&flsgate(at, &["diff", "main"]));
    assert!(said.contains("nothing differs of what could be read"), "{said}");
}

/// A file that the change breaks leaves the run undecided, and what it said is neither removed nor understood otherwise.
#[test]
fn what_the_change_breaks_is_not_told_as_removed() {
    let folder = project();
    let at = folder.path();
    let set = "force-app/main/default/permissionsets/Score_Desk.permissionset-meta.xml";
    let grant = "<fieldPermissions>\n<editable>false</editable>\n<field>Account.Credit_Score__c</field>\n<readable>true</readable>\n</fieldPermissions>\n";
    write(at, set, &format!("<PermissionSet>\n{grant}<label>Score Desk</label>\n</PermissionSet>\n"));
    let group = "force-app/main/default/permissionsetgroups/Desk.permissionsetgroup-meta.xml";
    write(
        at,
        group,
        "<PermissionSetGroup>\n<label>Desk</label>\n<mutingPermissionSets>Quiet</mutingPermissionSets>\n\
         <permissionSets>Score_Desk</permissionSets>\n</PermissionSetGroup>\n",
    );
    let muting = "force-app/main/default/mutingpermissionsets/Quiet.mutingpermissionset-meta.xml";
    write(
        at,
        muting,
        &format!("<MutingPermissionSet>\n{grant}<label>Quiet</label>\n</MutingPermissionSet>\n"),
    );
    let field = "force-app/main/default/objects/Account/fields/Credit_Score__c.field-meta.xml";
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "-m", "all of it"]);
    for broken in [set, group, muting, field] {
        let whole = read(at, broken);
        write(at, broken, &whole[..whole.len() - 12]);
        let run = flsgate(at, &["check", "--base", "HEAD", "--full"]);
        let told = text(&run.stdout);
        assert_eq!(run.status.code(), Some(2), "{broken}: {told}");
        assert!(told.contains("removed: 0") && told.contains("0 errors, 0 warnings"), "{broken}: {told}");
        if broken == field {
            for command in [&["matrix"][..], &["justify", "--all"], &["audit", "--write-baseline"]] {
                let run = flsgate(at, command);
                let said = format!("{}{}", text(&run.stdout), text(&run.stderr));
                assert!(run.status.code() == Some(2) && said.contains(field), "{command:?}: {said}");
            }
        }
        write(at, broken, &whole);
    }
}

/// A change that breaks it is undecided; what exists is judged, and the break is named.
#[test]
fn a_project_file_that_is_broken_is_named() {
    let folder = project();
    let at = folder.path();
    write(at, "sfdx-project.json", "{\"packageDirectories\":[{");
    for command in ["audit", "matrix"] {
        let said = both(&flsgate(at, &[command]));
        assert!(
            said.contains(
                "sfdx-project.json: not readable as JSON, so which folders deploy is not known; correct the file"
            ),
            "{command}: {said}"
        );
    }
    let said = both(&flsgate(at, &["check", "--base", "HEAD"]));
    assert!(said.contains("undecided") && said.contains("sfdx-project.json"), "{said}");
}

/// A matrix says by which policy it judges: not by one that it could not read.
#[test]
fn a_matrix_names_no_policy_that_it_could_not_read() {
    let folder = project();
    let at = folder.path();
    write(at, ".flsgate/policy.yml", "tiers: [");
    let run = flsgate(at, &["matrix", "--format", "markdown"]);
    assert_eq!(run.status.code(), Some(2), "{run:?}");
    let said = text(&run.stdout);
    assert!(said.contains("Policy `built-in, since .flsgate/policy.yml cannot be read`"), "{said}");
}

/// What somebody wrote nearly right is told where the error stands, also where warnings are not shown.
#[test]
fn a_reason_for_a_misspelt_field_is_named_by_the_error() {
    let folder = justified();
    let at = folder.path();
    let names = restricted(at, 2);
    reads(at, "Few", &names);
    let slip = names[1].replacen("Secret", "Secert", 1);
    let path = ".flsgate/justifications/few.yml";
    let entry = reason(&slip, "2027-03-31");
    let (_, entry) = entry.split_once("entries:\n").unwrap();
    write(at, path, &format!("{}{entry}", read(at, path)));
    let said = check(at);
    let help = format!("few.yml:9` has an entry for `Contact.{slip}`: if you meant `Contact.{}`", names[1]);
    assert!(said.contains(&help), "{said}");
    // The same where the fields of a pattern are listed.
    let listed = entry.replacen(&format!("field: Contact.{slip}"), "field: Contact.*", 1);
    let listed = listed.replacen("access:", &format!("reviewed_fields: [Contact.{slip}]\n    access:"), 1);
    write(at, path, &format!("{}{listed}", read(at, path).replacen(entry, "", 1)));
    let said = check(at);
    let help = help.replacen(":9`", ":10`", 1);
    assert!(said.contains(&help), "{help}\n{said}");
    let quiet = both(&flsgate(at, &["check", "--base", "main", "--as-of", "2026-12-01", "--quiet"]));
    assert!(quiet.contains("is not shown; run without `--quiet` to see them"), "{quiet}");
}

#[test]
fn a_reason_that_is_written_twice_and_a_file_that_says_nothing_are_told() {
    let folder = justified();
    let at = folder.path();
    let path = ".flsgate/justifications/few.yml";
    write(at, ".flsgate/justifications/more.yml", &read(at, path));
    write(at, ".flsgate/justifications/empty.yml", "\n");
    let said = check(at);
    assert!(said.contains("is written at `.flsgate/justifications/few.yml:3` already; keep one"), "{said}");
    assert!(said.contains("empty.yml:1:1: the file is empty, and justifies nothing"), "{said}");
}

#[test]
fn a_change_that_is_on_the_base_already_is_not_called_judged() {
    let folder = justified();
    let at = folder.path();
    let said = check(at);
    assert!(
        said.contains("note: nothing differs from") && said.contains("`git log --oneline` lists them"),
        "{said}"
    );
    let said = both(&flsgate(at, &["check", "--base", "main..HEAD"]));
    assert!(said.contains("name the two sides by themselves: `--base main --head HEAD`"), "{said}");
}

#[test]
fn an_element_that_salesforce_does_not_know_is_asked_about() {
    let folder = justified();
    let at = folder.path();
    let name = &restricted(at, 2)[1];
    let definition = format!("force-app/main/default/objects/Contact/fields/{name}.field-meta.xml");
    write(
        at,
        &definition,
        &read(at, &definition).replace("securityClassification>", "securityClassificaton>"),
    );
    let set = "force-app/main/default/permissionsets/Few.permissionset-meta.xml";
    write(at, set, &read(at, set).replace("readable>", "readeable>"));
    let said = check(at);
    for meant in ["securityClassification", "readable"] {
        assert!(said.contains(&format!("Did you mean `<{meant}>`?")), "{said}");
    }
}

/// No object and no field of such a name is proposed that is not there.
#[test]
fn preflight_proposes_objects_that_exist_and_writes_no_others() {
    let folder = justified();
    let at = folder.path();
    let policy = "version: 1\nintegrations:\n  sync: { permission_sets: [Few], queries: [sync/*.soql] }\n";
    write(at, ".flsgate/policy.yml", policy);
    write(at, "sync/people.soql", "SELECT Id FROM Kontact\n");
    let said = both(&flsgate(at, &["preflight", "--fix"]));
    assert!(said.contains("did you mean `Contact.Id`?") && !said.contains("wrote "), "{said}");
    write(at, "sync/people.soql", "SELECT Foo__c FROM contact\n");
    let said = both(&flsgate(at, &["preflight"]));
    assert!(said.contains("Foo__c") && !said.contains("did you mean"), "{said}");
    write(at, ".flsgate/policy.yml", &policy.replace("[Few]", "[Fewe]"));
    let said = both(&flsgate(at, &["preflight"]));
    assert!(said.contains("did you mean `Few`?") && !said.contains("add `allowRead`"), "{said}");
}

#[test]
fn a_day_that_no_calendar_has_is_called_so() {
    let folder = justified();
    let at = folder.path();
    let path = ".flsgate/justifications/few.yml";
    write(at, path, &read(at, path).replace("2027-03-31", "2027-02-30"));
    assert!(check(at).contains("`expires`: there is no day `2027-02-30`"), "{}", check(at));
}

#[test]
fn a_reason_under_a_misspelt_name_is_corrected_and_not_written_twice() {
    let folder = justified();
    let at = folder.path();
    let path = ".flsgate/justifications/few.yml";
    let right = super::read(at, path);
    for (wrong, said) in [
        (
            "permission_set: Feww",
            "few.yml:1` names permission set `Feww`, which does not exist: write `permission_set: Few` there",
        ),
        (
            "profile: Few",
            "few.yml:1` names profile `Few`, which does not exist: write `permission_set: Few` there",
        ),
    ] {
        write(at, path, &right.replacen("permission_set: Few", wrong, 1));
        let told = both(&flsgate(at, &["audit", "--full"]));
        assert!(told.contains(said), "{told}");
        let wrote = both(&flsgate(at, &["justify", "--all"]));
        assert!(
            wrote.contains("not written: ") && wrote.contains(said) && !wrote.contains("added"),
            "{wrote}"
        );
    }
}

/// The entry would do for the new label. The old one, which still counts, allows 90 days.
#[test]
fn an_entry_that_lacks_what_the_old_label_asks_for_is_named() {
    let folder = justified();
    let at = folder.path();
    let path = "force-app/main/default/objects/Contact/fields/Blood__c.field-meta.xml";
    let field = |group: &str| {
        format!(
            "<CustomField>\n<fullName>Blood__c</fullName>\n{group}<securityClassification>Confidential</securityClassification>\n\
             <type>Text</type>\n</CustomField>\n"
        )
    };
    write(at, path, &field("<complianceGroup>HIPAA</complianceGroup>\n"));
    write(at, ".flsgate/policy.yml", "version: 1\ncompliance: { HIPAA: { max_days: 90 } }\n");
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "blood"]);
    git(at, &["branch", "-qf", "main"]);
    write(at, path, &field(""));
    reads(at, "Few", &["Secret_0__c".to_owned(), "Blood__c".to_owned()]);
    let reasons = ".flsgate/justifications/few.yml";
    let entry = reason("Blood__c", "2027-06-30");
    let (_, entry) = entry.split_once("entries:\n").unwrap();
    write(at, reasons, &format!("{}{entry}", read(at, reasons)));
    let said = check(at);
    assert!(
        said.contains("help: complete or correct the entry at `.flsgate/justifications/few.yml:9`"),
        "{said}"
    );
    assert!(!said.contains("help: \n") && !said.contains("help:\n"), "{said}");
}

#[test]
fn of_many_slips_of_one_name_the_others_are_counted() {
    let folder = justified();
    let at = folder.path();
    let names = restricted(at, 6);
    reads(at, "Few", &names);
    let entries: String = names
        .iter()
        .map(|name| reason(name, "2027-03-31").split_once("entries:\n").unwrap().1.to_owned())
        .collect();
    write(at, ".flsgate/justifications/few.yml", &format!("permission_set: Fwe\nentries:\n{entries}"));
    let said = both(&flsgate(at, &["justify", "--all"]));
    assert_eq!(said.matches("names permission set `Fwe`").count(), 3, "{said}");
    assert!(said.contains("not written: 3 more stubs for the same reason"), "{said}");
}
