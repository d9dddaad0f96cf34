//! What a command says of files that cannot be read, and what it must not say meanwhile.

use super::commanding::{flsgate, reads, restricted, text};
use super::{field, git, project, write};
use std::path::Path;
use std::process::Output;

const GROUP: &str = "force-app/main/default/permissionsetgroups/Front.permissionsetgroup-meta.xml";

pub(super) fn both(output: &Output) -> String {
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
    assert!(explained.contains("\n  judged as its member `First`, since "), "{explained}");
    assert!(explained.contains("`permission_set: First`") && !explained.contains("`permission_set_group"));
    let written = text(&flsgate(at, &["justify", "--all"]).stdout);
    assert!(written.contains("first.yml: 1 stub added") && !written.contains("group-front"), "{written}");
}

/// What a group has by a member is accepted with the member's line, and needs none of its own, once that is justified as well.
#[test]
fn a_group_has_no_line_of_the_baseline_for_what_a_member_gives() {
    let folder = project();
    let at = folder.path();
    with_group(at);
    let path = ".flsgate/baseline.yml";
    flsgate(at, &["audit", "--write-baseline"]);
    let written = super::read(at, path);
    assert!(written.contains("permission_set: First,") && !written.contains("Front"), "{written}");
    let explained = text(&flsgate(at, &["explain", "Contact.Secret_0__c", "Front"]).stdout);
    assert!(
        explained.contains("  accepted by the baseline at .flsgate/baseline.yml:6, since "),
        "{explained}"
    );
    // A baseline of an earlier version has one.
    let line = written.lines().find(|line| line.contains("First")).unwrap();
    let older = line.replace("permission_set: First", "permission_set_group: Front");
    write(at, path, &written.replace(line, &format!("{line}\n{older}")));
    let said = both(&flsgate(at, &["audit", "--prune"]));
    assert!(said.contains("took 1 line out of .flsgate/baseline.yml"), "{said}");
    assert_eq!(super::read(at, path), written);
}

#[test]
fn explain_says_where_to_see_who_approved() {
    let folder = project();
    let at = folder.path();
    with_group(at);
    write(at, ".flsgate/justifications/first.yml", &entry("    expires: 2026-12-31\n"));
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "a reason"]);
    git(at, &["branch", "-qf", "main"]);
    let said = text(
        &flsgate(
            at,
            &["explain", "Contact.Secret_0__c", "First", "--as-of", "2026-06-01", "--revision", "HEAD"],
        )
        .stdout,
    );
    let log = "`git log -L 3,8:.flsgate/justifications/first.yml` shows its commits";
    assert!(
        said.contains("  justified, and counts as approved since it is merged\n") && said.contains(log),
        "{said}"
    );
}

/// A text field becomes a formula over a restricted one: nobody gets new access, and everybody sees more.
#[test]
fn access_that_exists_to_a_field_that_comes_to_show_more_is_counted() {
    let folder = project();
    let at = folder.path();
    restricted(at, 1);
    let nick = "force-app/main/default/objects/Contact/fields/Nick__c.field-meta.xml";
    write(at, nick, "<CustomField><fullName>Nick__c</fullName><type>Text</type></CustomField>");
    reads(at, "First", &["Nick__c".to_owned()]);
    let first = "force-app/main/default/permissionsets/First.permissionset-meta.xml";
    write(at, first, &super::read(at, first).replace("<editable>false", "<editable>true"));
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "fields"]);
    let formula = "<fullName>Nick__c</fullName><formula>Secret_0__c</formula><type>Text</type>";
    write(at, nick, &format!("<CustomField>{formula}</CustomField>"));
    let said = text(&flsgate(at, &["check", "--base", "HEAD"]).stdout);
    let counts = "new or wider: 0 accesses; existing, to fields that count higher now: 1; removed: 0; changed: 1 field\n";
    assert!(said.contains(counts), "{said}");
    let page = text(&flsgate(at, &["check", "--base", "HEAD", "--format", "markdown"]).stdout);
    assert!(page.starts_with("### ⛔ Blocked: 1 finding needs a justification\n"), "{page}");
    assert!(page.contains("| `Contact.Nick__c` | no label (tier 1) | Restricted (tier 3), since it reads `Contact.Secret_0__c` |"), "{page}");
    let delta = text(&flsgate(at, &["matrix", "--delta", "HEAD..", "--format", "csv"]).stdout);
    let row = delta.lines().find(|line| line.contains("Nick__c")).unwrap_or_default();
    assert!(row.contains(",read,"), "nobody edits a formula: {delta}");
    assert!(
        delta.contains("it counts as restricted (Restricted) by what it reads, and counted as open"),
        "{delta}"
    );
    let explained = text(&flsgate(at, &["explain", "Contact.Nick__c"]).stdout);
    assert!(explained.contains("  `Contact.Nick__c` reads `Contact.Secret_0__c` at "), "{explained}");
}

/// A finding about an object names its fields, so the summary does not list them as other access.
#[test]
fn what_a_finding_about_an_object_tells_is_not_listed_again() {
    let folder = project();
    let at = folder.path();
    restricted(at, 2);
    reads(at, "First", &[]);
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "fields"]);
    let object = "<objectPermissions><object>Contact</object><allowRead>true</allowRead><viewAllFields>true</viewAllFields></objectPermissions>";
    let first = "force-app/main/default/permissionsets/First.permissionset-meta.xml";
    write(at, first, &format!("<PermissionSet><label>First</label>{object}</PermissionSet>"));
    let page = text(&flsgate(at, &["check", "--base", "HEAD", "--format", "markdown"]).stdout);
    assert!(
        page.contains("Of its fields 3 are classified") && !page.contains("Other changed access"),
        "{page}"
    );
    assert!(page.contains("`flsgate justify` writes the entries\\), and ask for an approval"), "{page}");
}

/// What an approver has to read stands in the report: the entry as it is written, who holds it, and the way.
#[test]
fn the_report_shows_the_justifications_that_wait_for_an_approval() {
    let folder = project();
    let at = folder.path();
    with_group(at);
    reads(at, "First", &[]);
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "a group"]);
    reads(at, "First", &["Secret_0__c".to_owned()]);
    write(
        at,
        ".flsgate/justifications/first.yml",
        &entry("    expires: 2026-12-31\n    # ```\n    ticket: \"<b>@anna</b>\"\n"),
    );
    let page = text(
        &flsgate(at, &["check", "--base", "HEAD", "--as-of", "2026-06-01", "--format", "markdown"]).stdout,
    );
    assert!(page.starts_with("### ⏳ Waits for approval by an administrator of the repository\n"), "{page}");
    let head = "permission set `First` (internal users), `Contact.Secret_0__c`, read, through field permission; `.flsgate/justifications/first.yml:3`:";
    assert!(page.contains(head), "{page}");
    let block =
        "````yaml\nfield: Contact.Secret_0__c\naccess: read\njustification: Agents confirm who is calling.\n";
    assert!(page.contains(block) && page.contains("\n# ```\nticket: \"<b>@anna</b>\"\n````\n"), "{page}");
}

#[test]
fn a_line_of_the_baseline_that_accepts_less_by_now_is_named() {
    let folder = project();
    let at = folder.path();
    with_group(at);
    flsgate(at, &["audit", "--write-baseline"]);
    write(at, ".flsgate/policy.yml", "user_types:\n  external: { names: [First] }\n");
    let said = both(&flsgate(at, &["audit"]));
    let note =
        "`.flsgate/baseline.yml:6` accepts less: read access of internal users, while the field was tier 3";
    assert!(said.contains(note), "{said}");
}

#[test]
fn doctor_names_a_compliance_group_that_no_field_has() {
    let folder = project();
    let at = folder.path();
    write(
        at,
        ".flsgate/policy.yml",
        "compliance:\n  PPI: { ticket: required }\n  HIPAA: { ticket: required }\n",
    );
    let said = both(&flsgate(at, &["doctor"]));
    let gap = "`compliance` of the policy names the group `ppi`, and no field here is in it. Did you mean `P";
    assert!(said.contains(gap) && !said.contains("`hipaa`"), "{said}");
}

#[test]
fn a_revision_in_place_of_a_file_is_told_where_it_belongs() {
    let folder = project();
    let said = both(&flsgate(folder.path(), &["check", "main"]));
    assert!(said.contains("`main` is a revision; to compare with it, write `--base main`"), "{said}");
}

#[test]
fn a_table_of_permission_sets_counts_those_that_it_leaves_out() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    reads(at, "First", &names);
    let nick = "force-app/main/default/objects/Contact/fields/Nick__c.field-meta.xml";
    write(at, nick, "<CustomField><fullName>Nick__c</fullName><type>Text</type></CustomField>");
    reads(at, "Second", &["Nick__c".to_owned()]);
    let said = text(&flsgate(at, &["audit", "--by", "permission-set"]).stdout);
    assert!(
        said.contains("\n1 more without access to a classified field\n") && !said.contains("Second"),
        "{said}"
    );
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
    let help = format!("help: correct `{path}:6`: until it can be read, the field counts as restricted");
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

fn folder_on(branch: &str) -> tempfile::TempDir {
    let folder = project();
    git(folder.path(), &["branch", "-D", "main"]);
    git(folder.path(), &["branch", "-m", branch]);
    folder
}

#[test]
fn a_branch_that_is_not_there_is_answered_with_those_that_are() {
    let folder = folder_on("trunk");
    let at = folder.path();
    for other in ["a1", "a2", "a3", "a4", "a5", "a6"] {
        git(at, &["branch", other]);
    }
    let said = both(&flsgate(at, &["check", "--base", "main"]));
    assert!(
        said.contains("unknown revision `main`") && said.contains("branches here are `a1`, `a2`"),
        "{said}"
    );
    assert!(said.contains("`a5`") && !said.contains("`a6`"), "{said}");
    let said = both(&flsgate(at, &["check"]));
    assert!(said.contains("no branch main or master") && said.contains("`--base BRANCH`"), "{said}");
    let folder = folder_on("trunk");
    std::fs::remove_file(folder.path().join(".flsgate/policy.yml")).unwrap();
    let said = both(&flsgate(folder.path(), &["init", "--owner", "@acme/sec"]));
    assert!(said.contains("require the status `flsgate / trunk`"), "{said}");
    let policy = super::read(folder.path(), ".flsgate/policy.yml");
    assert!(
        policy.contains("\n#   teams: [acme/sec] # needs the input `team-token` of the Action\n"),
        "{policy}"
    );
    let typed = both(&flsgate(folder.path(), &["baseline"]));
    assert!(typed.contains("`flsgate audit --write-baseline` writes the baseline"), "{typed}");
}

#[test]
fn init_says_what_is_left_to_do_and_no_more() {
    let folder = project();
    let at = folder.path();
    std::fs::remove_file(at.join(".flsgate/policy.yml")).unwrap();
    let nothing = both(&flsgate(at, &["init", "--suggest-labels"]));
    assert!(nothing.contains("next: no field without a label has a name that sounds sensitive"), "{nothing}");
    assert!(nothing.contains("next: name the owners in CODEOWNERS\n"), "{nothing}");
    assert!(!at.join(".flsgate/suggested-labels.csv").exists());
    let (path, text) = field("Contact", "Passport__c", "x");
    write(at, &path, &text.replace("    <securityClassification>x</securityClassification>\n", ""));
    std::fs::remove_file(at.join(".github/CODEOWNERS")).unwrap();
    flsgate(at, &["init", "--owner", "@acme/sec"]);
    let again = both(&flsgate(at, &["init", "--suggest-labels"]));
    assert!(!again.contains("owners"), "{again}");
    assert!(again.contains(
        "next: read the labels suggested for 1 field in .flsgate/suggested-labels.csv line by line"
    ));
    // The example of approvers names nobody: left as it is, no stranger approves.
    let policy =
        super::read(at, ".flsgate/policy.yml").replace("# approvers:\n#   people", "approvers:\n  people");
    assert!(policy.contains("\napprovers:\n"), "{policy}");
    write(at, ".flsgate/policy.yml", &policy);
    let said = both(&flsgate(at, &["audit"]));
    assert!(said.contains("undecided") && said.contains("`YOUR-NUMBER` is no account number"), "{said}");
}

#[test]
fn doctor_names_the_command_that_writes_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    git(at, &["init", "--quiet"]);
    let said = both(&flsgate(at, &["doctor"]));
    assert!(said.contains("nothing is committed yet; commit the project first"), "{said}");
    assert_eq!(said.matches("`flsgate init").count(), 3, "{said}");
    write(at, ".flsgate/policy.yaml", "version: 1\n");
    let said = both(&flsgate(at, &["doctor"]));
    assert!(said.contains("gap  `.flsgate/policy.yaml` is there"), "{said}");
    assert!(said.contains("next: rename it to `.flsgate/policy.yml`"), "{said}");
}

#[test]
fn doctor_tells_of_a_tier_that_is_protected_less_than_the_one_below() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    git(at, &["init", "--quiet"]);
    let doctor = |tiers: &str| {
        write(at, ".flsgate/policy.yml", &format!("version: 1\ntiers:\n{tiers}"));
        both(&flsgate(at, &["doctor"]))
    };
    let gap = "gap  `.flsgate/policy.yml` protects a tier less than the one below it: ";
    let said = doctor("  restricted: { enforcement: advisory }\n");
    assert!(
        said.contains(&format!("{gap}`enforcement` of `restricted` is weaker than that of `conditional`\n")),
        "{said}"
    );
    assert!(said.contains("next: write at least as much in `tiers.restricted.enforcement`"), "{said}");
    let said = doctor("  conditional: { read: approve, edit: approve }\n  restricted: { read: justify }\n");
    let what = "read access of internal users to `restricted` needs a justification, and to `conditional` needs a justification and an approval";
    assert!(said.contains(&format!("{gap}{what}\n")), "{said}");
    assert!(said.contains("next: write at least as much in `tiers.restricted.read`"), "{said}");
    let said = doctor("  open: {}\nuser_types:\n  external: { restricted: { read: approve } }\n");
    assert!(
        said.contains("read access of external users to `restricted` needs a justification and an approval"),
        "{said}"
    );
    assert!(said.contains("in `user_types.external.restricted.read`"), "{said}");
    let said = doctor("  restricted: { edit: justify }\n");
    assert!(said.contains("gap  .flsgate/policy.yml:3:17: editing includes reading"), "{said}");
    let said = doctor("  conditional: { enforcement: advisory }\n");
    assert!(!said.contains("less than the one below"), "{said}");
}

#[test]
fn preflight_asks_for_the_object_where_that_cannot_be_read() {
    let folder = project();
    let at = folder.path();
    let policy = "version: 1\nintegrations:\n  analytics:\n    permission_sets: [External_Analytics_Integration_Access]\n    \
                  queries: [integrations/*.soql]\n";
    write(at, ".flsgate/policy.yml", policy);
    write(at, "integrations/accounts.soql", "SELECT Id, Phone FROM Contact WHERE Birthdate != null\n");
    let said = text(&flsgate(at, &["preflight"]).stdout);
    assert!(
        said.contains("integrations/accounts.soql:1:1: give read access to the object Contact\n"),
        "{said}"
    );
    let fixed = text(&flsgate(at, &["preflight", "--fix"]).stdout);
    assert!(fixed.contains("Contact.Phone, and read access to the object Contact into "), "{fixed}");
    assert!(!fixed.contains("it has to be written anew"), "{fixed}");
}

/// A matrix of the wrong folder looked like good evidence: no access, and nothing else.
#[test]
fn a_matrix_without_metadata_says_so_where_it_is_filed() {
    let folder = project();
    let at = folder.path();
    std::fs::remove_dir_all(at.join("force-app")).unwrap();
    let matrix = text(&flsgate(at, &["matrix"]).stdout);
    assert!(matrix.starts_with("# Data access matrix: no Salesforce metadata was found\n"), "{matrix}");
    flsgate(at, &["matrix", "--output", "matrix.html"]);
    let page = std::fs::read_to_string(at.join("matrix.html")).unwrap();
    assert!(page.contains("Data access matrix: no Salesforce metadata was found"));
}

/// An entry for reading stayed beside the one for editing, and nothing said that it can go.
#[test]
fn justify_names_the_entry_that_a_wider_one_makes_superfluous() {
    let folder = project();
    let at = folder.path();
    let names = restricted(at, 1);
    reads(at, "First", &names);
    write(at, ".flsgate/justifications/first.yml", &entry("    expires: 2026-12-31\n"));
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "reads"]);
    let set = "force-app/main/default/permissionsets/First.permissionset-meta.xml";
    let edits = super::read(at, set).replace("<editable>false", "<editable>true");
    write(at, set, &edits);
    let said = both(&flsgate(at, &["justify", "--base", "HEAD"]));
    let line = "the entry at .flsgate/justifications/first.yml:3 is for reading alone: once the new one counts, it can go\n";
    assert!(said.contains("first.yml: 1 stub added\n") && said.contains(line), "{said}");
}
