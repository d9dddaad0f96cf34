//! `explain`: a field under its other names, a grantor that is not there, a file that cannot be read.

use crate::commanding::{flsgate, text};
use crate::{TODAY, field, project, write};
use flsgate::run::{ExplainOptions, Explanation, RunError, explain};
use std::path::Path;

const DESK: &str = "force-app/main/default/permissionsets/Desk.permissionset-meta.xml";

fn asked(folder: &Path, what: &str, grantor: Option<&str>) -> Result<Explanation, RunError> {
    explain(&ExplainOptions {
        repository: folder.into(),
        revision: None,
        what: what.into(),
        grantor: grantor.map(str::to_owned),
        today: TODAY,
    })
}

fn grant(field: &str) -> String {
    format!(
        "<PermissionSet>\n<fieldPermissions>\n<editable>false</editable>\n<field>{field}</field>\n\
         <readable>true</readable>\n</fieldPermissions>\n</PermissionSet>\n"
    )
}

#[test]
fn who_reaches_a_field_under_another_name_is_told() {
    let folder = project();
    let at = folder.path();
    let (path, text) = field("Activity", "Outcome__c", "Restricted");
    write(at, &path, &text);
    for (name, written) in [("Contact.SSN__c", "Account.SSN__pc"), ("Activity.Outcome__c", "Task.Outcome__c")]
    {
        write(at, DESK, &grant(written));
        let text = asked(at, name, None).unwrap().text;
        let door =
            format!("Permission set `Desk` gives read access under the name `{written}` (internal users)");
        assert!(text.contains(&door) && !text.contains("nothing in this repository"), "{text}");
        // The other way round.
        assert!(
            asked(at, written, Some("desk"))
                .unwrap()
                .text
                .contains("Permission set `Desk` gives read access (internal")
        );
    }
    write(at, DESK, &grant("Contact.SSN__c"));
    let text = asked(at, "Account.SSN__pc", None).unwrap().text;
    assert!(text.contains("`Desk` gives read access under the name `Contact.SSN__c`"), "{text}");
    assert!(text.contains("  next: "), "{text}");
}

#[test]
fn a_grantor_that_is_not_there_is_an_error() {
    let folder = project();
    let near =
        asked(folder.path(), "Contact.SSN__c", Some("External Analytics Integration Acess")).unwrap_err();
    assert!(near.to_string().ends_with("Did you mean `External_Analytics_Integration_Access`?"), "{near}");
    let error = asked(folder.path(), "Contact.SSN__c", Some("NoSuch")).unwrap_err().to_string();
    assert_eq!(error, "there is no permission set, group or profile `NoSuch` in this repository");
    let there =
        asked(folder.path(), "Contact.SSN__c", Some("External_Analytics_Integration_Access")).unwrap();
    let says = "\n`External_Analytics_Integration_Access` gives no access to it\n";
    assert!(there.decided && there.text.ends_with(says), "{}", there.text);
}

#[test]
fn an_explanation_without_a_file_that_cannot_be_read_is_undecided() {
    let folder = project();
    write(folder.path(), DESK, "<PermissionSet>");
    let found = asked(folder.path(), "Contact.SSN__c", None).unwrap();
    assert!(!found.decided && found.text.contains("undecided: force-app/"), "{}", found.text);
}

#[test]
fn a_label_a_bare_name_and_a_permission_set_are_told_from_fields() {
    let folder = project();
    let at = folder.path();
    let (path, text) = field("Contact", "Social__c", "Restricted");
    write(at, &path, &text.replace("    <type>", "    <label>Social Security Number</label>\n    <type>"));
    let error = |what: &str| asked(at, what, None).unwrap_err().to_string();
    for (what, meant) in [
        ("SSN__c", "the object comes first. Did you mean `Contact.SSN__c`?"),
        ("Anual_Revenue__c", "the object comes first. Did you mean `Account.Annual_Revenue__c`?"),
        (
            "Contact.Social Security Number",
            "it is a name on the screen, and fields go by their API names. Did you mean `Contact.Social__c`?",
        ),
        (
            "social security number",
            "it is a name on the screen, and fields go by their API names. Did you mean `Contact.Social__c`?",
        ),
        (
            "External_Analytics_Integration_Access",
            "Name the field first: `flsgate explain Contact.SSN__c External_Analytics_Integration_Access`",
        ),
        ("Analytics Integration", "`flsgate explain Contact.SSN__c \"Analytics Integration\"`"),
        ("nothing at all", "; `flsgate explain --list` lists the rules"),
    ] {
        assert!(error(what).ends_with(meant), "{}", error(what));
    }
}

/// Granting the field to a member would help nothing: the group mutes it.
#[test]
fn a_group_that_mutes_a_field_says_by_what() {
    let folder = project();
    let at = folder.path();
    let entry = "<fieldPermissions>\n<editable>true</editable>\n<field>Contact.SSN__c</field>\n<readable>true</readable>\n</fieldPermissions>\n";
    write(
        at,
        "force-app/main/default/permissionsets/Giver.permissionset-meta.xml",
        &format!("<PermissionSet>\n{entry}<label>Giver</label>\n</PermissionSet>\n"),
    );
    write(
        at,
        "force-app/main/default/mutingpermissionsets/Quiet.mutingpermissionset-meta.xml",
        &format!("<MutingPermissionSet>\n{entry}<label>Quiet</label>\n</MutingPermissionSet>\n"),
    );
    write(
        at,
        "force-app/main/default/permissionsetgroups/Team.permissionsetgroup-meta.xml",
        "<PermissionSetGroup>\n<label>Team</label>\n<mutingPermissionSets>Quiet</mutingPermissionSets>\n\
         <permissionSets>Giver</permissionSets>\n</PermissionSetGroup>\n",
    );
    let said = text(&flsgate(at, &["explain", "Contact.SSN__c", "Team"]).stdout);
    let muting = "force-app/main/default/mutingpermissionsets/Quiet.mutingpermissionset-meta.xml:5:1";
    let expected =
        format!("`Team` gives no access to it: its muting permission set `Quiet` mutes it at {muting}");
    assert!(said.contains(&expected), "{said}");
    let said = text(&flsgate(at, &["explain", "Contact.SSN__c", "Quiet"]).stderr);
    assert!(said.contains("`Quiet` is a muting permission set"), "{said}");
}

/// A fresh reader saw neither that a formula shows the field, nor what its own label is, nor that it is declared to mask.
#[test]
fn explain_says_which_formulas_read_a_field_and_what_they_are_declared_to_mask() {
    let folder = super::project();
    let at = folder.path();
    super::commanding::restricted(at, 1);
    let tail = "force-app/main/default/objects/Contact/fields/Tail__c.field-meta.xml";
    let formula = "<CustomField><fullName>Tail__c</fullName><type>Text</type><formula>RIGHT(Secret_0__c, 4)</formula>\
                   <securityClassification>Internal</securityClassification></CustomField>";
    super::write(at, tail, formula);
    super::commanding::reads(at, "First", &["Tail__c".to_owned()]);
    let said = text(&flsgate(at, &["explain", "Contact.Secret_0__c"]).stdout);
    let reads =
        "  `Contact.Tail__c` reads it; `flsgate explain Contact.Tail__c` says who has access to that\n";
    assert!(said.contains(reads), "{said}");
    let said = text(&flsgate(at, &["explain", "Contact.Tail__c"]).stdout);
    assert!(said.contains("\n  its own label: Internal\n"), "{said}");
    let declared = "kind: derived\nentries:\n  - field: Contact.Tail__c\n    reads: [Contact.Secret_0__c]\n    justification: Shows \
                    the last four digits.\n    compliance: Agreed with privacy.\n    owner: a@acme.example\n    expires: 2099-01-01\n";
    super::write(at, ".flsgate/justifications/derived.yml", declared);
    let said = text(&flsgate(at, &["explain", "Contact.Tail__c"]).stdout);
    assert!(
        said.contains(
            "  it masks `Contact.Secret_0__c`, as .flsgate/justifications/derived.yml:3:5 declares"
        ),
        "{said}"
    );
}

/// A fresh reader removed the entry that was shown, and the field could still be read.
#[test]
fn explain_says_that_view_all_fields_gives_the_field_too() {
    let folder = super::project();
    let at = folder.path();
    super::commanding::restricted(at, 1);
    let both = "<PermissionSet><label>First</label><fieldPermissions><field>Contact.Secret_0__c</field><readable>true</readable>\
                <editable>false</editable></fieldPermissions><objectPermissions><object>Contact</object><allowRead>true</allowRead>\
                <viewAllFields>true</viewAllFields></objectPermissions></PermissionSet>";
    super::write(at, "force-app/main/default/permissionsets/First.permissionset-meta.xml", both);
    let said = text(&flsgate(at, &["explain", "Contact.Secret_0__c"]).stdout);
    let way = "\n  and through View All Fields of `Contact` at force-app/main/default/permissionsets/First.permissionset-meta.xml:1:";
    assert!(said.contains(way), "{said}");
}
