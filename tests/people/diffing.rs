//! `diff`: what two versions of permission sets say differently.

use super::commanding::{flsgate, text};
use super::{PROFILE, SET, git, project, write};

const WIDER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>External Analytics Integration Access</label>
    <hasActivationRequired>false</hasActivationRequired>
    <description>Read access of the analytics platform</description>
    <fieldPermissions>
        <field>Account.Credit_Score__c</field>
        <readable>true</readable>
        <editable>true</editable>
    </fieldPermissions>
    <fieldPermissions>
        <field>Account.Internal_Notes__c</field>
        <readable>false</readable>
        <editable>false</editable>
    </fieldPermissions>
    <classAccesses><apexClass>Export</apexClass><enabled>true</enabled></classAccesses>
</PermissionSet>
"#;

const PROFILE_PATH: &str = "force-app/main/default/profiles/Analytics Integration.profile-meta.xml";

#[test]
fn a_difference_is_told_by_entry_and_not_by_line() {
    let folder = project();
    let at = folder.path();
    write(at, SET, WIDER);
    let output = flsgate(at, &["diff", "main"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let expected = "permission set `External_Analytics_Integration_Access`\n  \
         + field       Account.Credit_Score__c  read, edit\n  \
         + Apex class  Export                   on\n\n";
    assert!(said.starts_with(expected), "{said}");
    assert!(said.ends_with(
        "compared with the working tree: one permission set, group or profile differs: 2 entries\n"
    ));
    assert_eq!(flsgate(at, &["diff", "main", "--exit-status"]).status.code(), Some(1));
    git(at, &["commit", "-qam", "wider"]);
    write(at, SET, &WIDER.replace("<editable>true</editable>", "<editable>false</editable>"));
    let narrower = text(&flsgate(at, &["diff", "HEAD"]).stdout);
    assert!(narrower.contains("\n  ~ field  Account.Credit_Score__c  loses edit\n"), "{narrower}");
    git(at, &["checkout", "-q", "main", "-f"]);
    let same = flsgate(at, &["diff", "main", "--exit-status"]);
    assert_eq!(same.status.code(), Some(0));
    assert!(text(&same.stdout).ends_with("no permission set, group or profile differs\n"));
}

#[test]
fn a_retrieved_folder_is_compared_with_git() {
    let folder = project();
    let at = folder.path();
    // Metadata API format, other order of elements, and a profile that an org tells in part.
    write(at, "retrieved/permissionsets/External_Analytics_Integration_Access.permissionset", WIDER);
    write(
        at,
        "retrieved/profiles/Analytics Integration.profile",
        &PROFILE.replace("ViewAllData", "ModifyAllData"),
    );
    write(
        at,
        "retrieved/permissionsets/Made_In_Setup.permissionset",
        "<PermissionSet><label>x</label></PermissionSet>",
    );
    write(at, PROFILE_PATH, PROFILE);
    let said = text(&flsgate(at, &["diff", "main", "retrieved/"]).stdout);
    for line in [
        "permission set `Made_In_Setup`: only in the folder `retrieved/`",
        "  - user permission  ViewAllData    on → not mentioned",
        "  + user permission  ModifyAllData  on",
        "A profile in an org keeps what its file does not mention.",
    ] {
        assert!(said.lines().any(|l| l == line), "{line}\n{said}");
    }
    let markdown = text(&flsgate(at, &["diff", "main", "retrieved", "--format", "markdown"]).stdout);
    assert!(markdown.contains(
        "| permission set `External_Analytics_Integration_Access` | field | `Account.Credit_Score__c` |  | read, edit |"
    ), "{markdown}");
    let json = text(&flsgate(at, &["diff", "main", "retrieved", "--format", "json"]).stdout);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = json["differences"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| row["name"] == "Made_In_Setup").count(), 1);
    assert!(rows.iter().any(|row| row["entry"] == "ViewAllData" && row["not_mentioned"] == true));
    assert_eq!(json["not_compared"].as_array().unwrap().len(), 0);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_compared() {
    let folder = project();
    let at = folder.path();
    write(at, SET, "<PermissionSet><label>x</label>");
    write(at, PROFILE_PATH, &PROFILE.replace("ViewAllData", "ModifyAllData"));
    let output = flsgate(at, &["diff", "main"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with(&format!("not compared: {SET}:1:")), "{said}");
    assert!(said.contains("ModifyAllData"), "{said}");
}

#[test]
fn hostile_names_reach_no_terminal_and_no_table() {
    let folder = project();
    let at = folder.path();
    write(
        at,
        "retrieved/permissionsets/A|<b>.permissionset",
        "<PermissionSet><tabSettings><tab>x\u{1b}[2J|y&lt;img&gt;</tab><visibility>Visible</visibility></tabSettings></PermissionSet>"
            .replace('\u{1b}', "&#x1b;")
            .as_str(),
    );
    let said = text(&flsgate(at, &["diff", "main", "retrieved"]).stdout);
    assert!(!said.contains('\u{1b}'), "{said}");
    let markdown = text(&flsgate(at, &["diff", "main", "retrieved", "--format", "markdown"]).stdout);
    let row = markdown.lines().find(|line| line.contains("tab")).unwrap();
    let cells = row.replace("\\|", "").matches('|').count();
    assert!(cells == 6 && row.contains("`A\\|<b>`"), "{row}");
    assert!(!markdown.contains('\u{1b}'), "{markdown}");
}

#[test]
fn a_side_that_is_nothing_or_two_things_is_a_mistake() {
    let folder = project();
    let at = folder.path();
    let said = |arguments: &[&str]| {
        let output = flsgate(at, arguments);
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    assert!(said(&["diff", "mian"]).contains("mian"));
    write(at, "main/permissionsets/A.permissionset", "<PermissionSet/>");
    assert!(
        said(&["diff", "main"]).contains("`main` is a folder and a revision; write `./main` for the folder")
    );
    assert_eq!(flsgate(at, &["diff", "refs/heads/main", "./main"]).status.code(), Some(0));
}
