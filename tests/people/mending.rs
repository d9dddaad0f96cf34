//! What a command says of files that cannot be read, and what it must not say meanwhile.

use super::commanding::{flsgate, reads, restricted, text};
use super::{field, git, project, write};
use std::path::Path;
use std::process::Output;

const GROUP: &str = "force-app/main/default/permissionsetgroups/Front.permissionsetgroup-meta.xml";

fn both(output: &Output) -> String {
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// A permission set that reads a restricted field, and a group that has it.
fn with_group(at: &Path) {
    let names = restricted(at, 1);
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "fields"]);
    reads(at, "First", &names);
    let members = "<label>Front</label><permissionSets>First</permissionSets>";
    write(at, GROUP, &format!("<PermissionSetGroup>{members}</PermissionSetGroup>"));
}

fn entry(more: &str) -> String {
    format!(
        "permission_set: First\nentries:\n  - field: Contact.Secret_0__c\n    access: read\n    justification: Agents \
         confirm who is calling.\n    compliance: Kept on the page.\n    owner: a@acme.example\n{more}"
    )
}

#[test]
fn justify_writes_nothing_while_a_file_cannot_be_read() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "fields"]);
    reads(at, "First", &names);
    let broken = "force-app/main/default/permissionsets/Broken.permissionset-meta.xml";
    write(at, broken, "<PermissionSet>\n<label>x</label>\n");
    for more in [&[][..], &["--all"], &["--prune"]] {
        let arguments =
            if more.is_empty() { vec!["justify", "--base", "HEAD"] } else { [&["justify"], more].concat() };
        let output = flsgate(at, &arguments);
        let said = both(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("nothing is written, since 1 file could not be read"), "{said}");
        assert!(said.contains(&format!("error: {broken}:3:")), "{said}");
        assert!(!at.join(".flsgate/justifications").exists());
    }
}

#[test]
fn what_a_group_has_by_a_member_is_justified_and_explained_there() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    reads(at, "First", &names);
    let members = "<label>Front</label><permissionSets>First</permissionSets>";
    write(at, GROUP, &format!("<PermissionSetGroup>{members}</PermissionSetGroup>"));
    let explained = text(&flsgate(at, &["explain", "Contact.Secret_0__c", "Front"]).stdout);
    assert!(explained.contains("\n  judged as its member `First`\n"), "{explained}");
    assert!(explained.contains("`permission_set: First`") && !explained.contains("`permission_set_group"));
    let written = text(&flsgate(at, &["justify", "--all"]).stdout);
    assert!(written.contains("first.yml: 1 stub added") && !written.contains("group-front"), "{written}");
}

#[test]
fn the_member_of_a_change_needs_a_stub_and_its_group_does_not() {
    let folder = project();
    let at = folder.path();
    with_group(at);
    reads(at, "First", &[]);
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "a group"]);
    reads(at, "First", &["Secret_0__c".to_owned()]);
    let written = text(&flsgate(at, &["justify", "--base", "HEAD"]).stdout);
    assert!(written.contains("first.yml: 1 stub added") && !written.contains("group-front"), "{written}");
}

#[test]
fn explain_says_what_an_entry_lacks() {
    let folder = project();
    let at = folder.path();
    with_group(at);
    let path = ".flsgate/justifications/first.yml";
    let said = |more: &str| {
        write(at, path, &entry(more));
        text(&flsgate(at, &["explain", "Contact.Secret_0__c", "First", "--as-of", "2026-06-01"]).stdout)
    };
    let over = said("    expires: 2026-03-31\n");
    assert!(
        over.contains("  does not count: it ended on 2026-03-31\n  next: renew it: write a later day"),
        "{over}"
    );
    let waits = said("    expires: 2026-12-31\n");
    assert!(
        waits.contains(
            "  waits for an approval\n  next: ask for an approval by an administrator of the repository"
        ),
        "{waits}"
    );
    let lacks = said("");
    assert!(lacks.contains("  does not count: `expires` is missing"), "{lacks}");
    assert!(lacks.contains("  next: complete it, and ask for an approval"), "{lacks}");
    for said in [over, waits, lacks] {
        assert!(!said.contains("remove the access"), "{said}");
    }
}

#[test]
fn no_line_of_a_baseline_is_called_stale_while_a_file_cannot_be_read() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    reads(at, "First", &names);
    flsgate(at, &["audit", "--write-baseline"]);
    write(at, "force-app/main/default/permissionsets/First.permissionset-meta.xml", "<PermissionSet>");
    let broken = flsgate(at, &["audit"]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(!both(&broken).contains("accepts what no longer exists"), "{}", both(&broken));
    reads(at, "First", &[]);
    assert!(both(&flsgate(at, &["audit"])).contains("accepts what no longer exists"));
}

#[test]
fn a_field_whose_file_cannot_be_read_is_to_be_mended() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    reads(at, "First", &names);
    let (path, whole) = field("Contact", "Secret_0__c", "Restricted");
    write(at, &path, &whole.replace("</CustomField>\n", ""));
    let audit = text(&flsgate(at, &["audit"]).stdout);
    let help = format!("help: mend `{path}:6`: until it can be read, the field counts as restricted");
    assert!(audit.contains(&help) && !audit.contains("remove the access"), "{audit}");
    let explained = flsgate(at, &["explain", "Contact.Secret_0__c"]);
    assert_eq!(explained.status.code(), Some(2));
    let said = text(&explained.stdout);
    assert!(said.contains(&format!("undecided: {path}:6:")) && !said.contains("remove the access"), "{said}");
}

#[test]
fn what_a_file_manager_leaves_behind_is_passed_over() {
    let folder = project();
    let at = folder.path();
    for left in
        [".flsgate/justifications/.DS_Store", ".flsgate/labels/.DS_Store", ".flsgate/justifications/.a.swp"]
    {
        write(at, left, "x");
    }
    git(at, &["add", "-f", "."]);
    git(at, &["commit", "-qm", "left behind"]);
    let audit = both(&flsgate(at, &["audit"]));
    assert!(!audit.contains("undecided") && !audit.contains("DS_Store") && !audit.contains("swp"), "{audit}");
}
