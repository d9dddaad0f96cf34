//! A label put on a field that many read already: easy, reviewed once, and no cover for a new grant.

use super::*;

/// A permission set that reads the field, or does not yet.
fn set(number: usize, reads: bool) -> (String, String) {
    let entry = "    <fieldPermissions>\n        <editable>false</editable>\n        <field>Contact.Birth__c</field>\n        \
                 <readable>true</readable>\n    </fieldPermissions>\n";
    let path = format!("force-app/main/default/permissionsets/Desk_{number}.permissionset-meta.xml");
    let entry = if reads { entry } else { "" };
    (
        path,
        format!(
            "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{entry}    <label>Desk {number}</label>\n</PermissionSet>\n"
        ),
    )
}

/// A field without a label that twelve permission sets and five profiles read; one permission set does not.
fn unlabelled() -> tempfile::TempDir {
    let folder = project();
    let at = folder.path();
    git(at, &["checkout", "--quiet", "main"]);
    let (path, text) = field("Contact", "Birth__c", "Public");
    write(at, &path, &text);
    for number in 0..13 {
        let (path, text) = set(number, number < 12);
        write(at, &path, &text);
        if number < 5 {
            let profile =
                text.replace("PermissionSet", "Profile").replace("    <label>Desk", "    <description>Desk");
            let profile = profile.replace("</label>", "</description>");
            write(at, &format!("force-app/main/default/profiles/Role {number}.profile-meta.xml"), &profile);
        }
    }
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "-m", "people"]);
    git(at, &["checkout", "--quiet", "-B", "topic"]);
    folder
}

fn accept_raised(at: &Path) -> Verdict {
    let options = AuditOptions {
        repository: at.into(),
        revision: None,
        baseline: None,
        write: BaselineWrite::AcceptRaised,
        policy: None,
        without_justifications: false,
        base: Some("main".into()),
        today: TODAY,
        lists_all: true,
        worded: None,
        progress: None,
    };
    audit(&options).unwrap()
}

fn told(verdict: &Verdict) -> Vec<(&'static str, bool)> {
    let errors = verdict.findings.iter().filter(|f| f.severity == Severity::Error);
    errors.map(|f| (f.rule.id, f.approvable)).collect()
}

#[test]
fn one_approval_lands_a_label_over_access_that_exists() {
    let folder = unlabelled();
    let at = folder.path();
    let (path, text) = field("Contact", "Birth__c", "Restricted");
    write(at, &path, &text);
    let verdict = checked(at);
    assert_eq!(told(&verdict), [("label-raised-over-grants", true)], "profiles and permission sets alike");
    assert_eq!((verdict.outcome, verdict.findings[0].tells.len()), (Outcome::Waiting, 17));

    let audited = accept_raised(at);
    assert!(audited.accepted.len() >= 17, "the audit counts them on: {:?}", audited.accepted);
    let lines = read(at, ".flsgate/baseline.yml");
    let line = "  - { permission_set: Desk_3, field: Contact.Birth__c, access: read, tier: restricted, label: Restricted, \
                since: 2026-06-01 }\n";
    assert!(lines.contains(line), "{lines}");
    assert_eq!(lines.matches("Contact.Birth__c").count(), 17);
    let verdict = checked(at);
    assert_eq!(told(&verdict), [("policy-changed", true)], "one approval lands both");
    assert_eq!(verdict.outcome, Outcome::Waiting);
}

#[test]
fn a_grant_in_the_same_change_is_judged_by_itself() {
    let folder = unlabelled();
    let at = folder.path();
    let (path, text) = field("Contact", "Birth__c", "Restricted");
    write(at, &path, &text);
    let (path, text) = set(12, true);
    write(at, &path, &text);
    accept_raised(at);
    assert!(!read(at, ".flsgate/baseline.yml").contains("Desk_12"), "no line accepts what is new");
    // Nor one that the author writes.
    let line = "  - { permission_set: Desk_12, field: Contact.Birth__c, access: read, tier: restricted }\n";
    let planted = read(at, ".flsgate/baseline.yml").replace("accepted:\n", &format!("accepted:\n{line}"));
    write(at, ".flsgate/baseline.yml", &planted);
    let verdict = checked(at);
    assert_eq!(verdict.outcome, Outcome::Blocked);
    assert!(told(&verdict).contains(&("restricted-field-grant", false)), "{:?}", told(&verdict));
}

#[test]
fn a_label_that_an_export_raises_is_put_on_record_too() {
    let folder = unlabelled();
    let at = folder.path();
    let rows = "EntityDefinition.QualifiedApiName,QualifiedApiName,SecurityClassification,ComplianceGroup\n\
                Contact,Birth__c,Restricted,\n";
    write(at, ".flsgate/labels/fields.csv", rows);
    assert_eq!(told(&checked(at)), [("policy-changed", true)]);
    accept_raised(at);
    assert_eq!(read(at, ".flsgate/baseline.yml").matches("Contact.Birth__c").count(), 17);
    assert_eq!(told(&checked(at)), [("policy-changed", true), ("policy-changed", true)]);
}

/// A permission set that reads a restricted field, and a complete reason for it.
fn justified(at: &Path) {
    let (path, text) = field("Contact", "Birth__c", "Restricted");
    write(at, &path, &text);
    let (path, text) = set(12, true);
    write(at, &path, &text);
    write(
        at,
        ".flsgate/justifications/desk.yml",
        "permission_set: Desk_12\nentries:\n  - field: Contact.Birth__c\n    access: read\n    \
         justification: Agents greet members on their birthday.\n    compliance: Shown on the contact page only.\n    \
         owner: crm@acme.example\n    expires: 2026-12-31\n",
    );
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "-m", "a reason"]);
}

#[test]
fn a_reason_on_a_branch_is_not_reviewed_before_it_lands() {
    let folder = project();
    let at = folder.path();
    justified(at);
    let audited = |revision: Option<&str>| {
        let options = AuditOptions {
            repository: at.into(),
            revision: revision.map(str::to_owned),
            baseline: None,
            write: BaselineWrite::No,
            policy: None,
            without_justifications: false,
            base: None,
            today: TODAY,
            lists_all: true,
            worded: None,
            progress: None,
        };
        told(&audit(&options).unwrap()).contains(&("restricted-field-grant", true))
    };
    assert!(audited(None) && audited(Some("topic")), "nobody has reviewed it");
    let csv = |at: &Path| {
        let of = MatrixOf::Standing(None);
        let options = MatrixOptions {
            filter: flsgate::report::matrix::MatrixFilter::default(),
            repository_url: None,
            repository: at.into(),
            of,
            all: false,
            lines: false,
            today: TODAY,
            progress: None,
        };
        let mut csv = Vec::new();
        matrix(&options).unwrap().matrix.write(MatrixFormat::Csv, &mut csv).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        csv.lines().find(|line| line.contains("Desk_12")).unwrap().to_owned()
    };
    assert!(csv(at).contains("not reviewed yet") && !csv(at).contains(",approved,"), "{}", csv(at));
    git(at, &["branch", "--force", "main", "topic"]);
    assert!(!audited(None) && !audited(Some("topic")), "it has landed, and that took an approval");
    assert!(csv(at).contains(",approved,"), "{}", csv(at));
}

#[test]
fn what_the_policy_turns_off_is_counted() {
    let folder = project();
    let at = folder.path();
    git(at, &["checkout", "--quiet", "main"]);
    write(at, ".flsgate/policy.yml", "version: 1\nrules: { restricted-field-grant: off }\n");
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "-m", "off"]);
    git(at, &["checkout", "--quiet", "-B", "topic"]);
    let (path, text) = field("Contact", "Birth__c", "Restricted");
    write(at, &path, &text);
    let (path, text) = set(12, true);
    write(at, &path, &text);
    let verdict = checked(at);
    assert_eq!((verdict.outcome, verdict.switched_off), (Outcome::Passed, 1));
    let mut out = Vec::new();
    flsgate::report::write_closing(&verdict, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("1 access not reported: the policy turns off every rule that would"), "{text}");
}
