//! Commands for auditors, administrators and owners of integrations, on the project that the discussion
//! this tool comes from tells of: an integration with View All Data that fails on fields without access.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

#[path = "people/beginning.rs"]
mod beginning;
#[path = "people/commanding.rs"]
mod commanding;
#[path = "people/diffing.rs"]
mod diffing;
#[path = "people/explaining.rs"]
mod explaining;
#[path = "people/holding.rs"]
mod holding;
#[path = "people/labelling.rs"]
mod labelling;
#[path = "people/living.rs"]
mod living;
#[path = "people/mending.rs"]
mod mending;
#[path = "people/preflights.rs"]
mod preflights;
#[path = "people/promoting.rs"]
mod promoting;
#[path = "people/slips.rs"]
mod slips;
#[path = "people/testing.rs"]
mod testing;

use flsgate::finding::{Finding, Severity};
use flsgate::gate::{Obstacle, Outcome, Verdict};
use flsgate::report::matrix::MatrixFormat;
use flsgate::run::{
    AuditOptions, BaselineWrite, CheckOptions, ExplainOptions, InitOptions, JustifyOptions, MatrixOf,
    MatrixOptions, PreflightOptions, Prepared, SimulateOptions, audit, check, explain, init, justify, matrix,
    preflight, simulate,
};
use std::path::Path;
use std::process::{Command, Stdio};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 6, 1);
const SET: &str =
    "force-app/main/default/permissionsets/External_Analytics_Integration_Access.permissionset-meta.xml";

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]);
    command.args(arguments).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.env("GIT_CONFIG_NOSYSTEM", "1").stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status().unwrap().success(), "git {arguments:?}");
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

fn field(object: &str, name: &str, label: &str) -> (String, String) {
    let path = format!("force-app/main/default/objects/{object}/fields/{name}.field-meta.xml");
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CustomField xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
         <fullName>{name}</fullName>\n    <securityClassification>{label}</securityClassification>\n    \
         <type>Text</type>\n</CustomField>\n"
    );
    (path, text)
}

const PROFILE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Profile xmlns="http://soap.sforce.com/2006/04/metadata">
    <custom>true</custom>
    <userLicense>Salesforce Integration</userLicense>
    <userPermissions>
        <enabled>true</enabled>
        <name>ViewAllData</name>
    </userPermissions>
</Profile>
"#;

const EMPTY_SET: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <description>Read access of the analytics platform</description>
    <hasActivationRequired>false</hasActivationRequired>
    <label>External Analytics Integration Access</label>
</PermissionSet>
"#;

const POLICY: &str = r#"version: 1
integrations:
  external-analytics:
    profiles: [Analytics Integration]
    permission_sets: [External_Analytics_Integration_Access]
    queries: [integrations/*.soql]
    fields: [Contact.SSN__c]
"#;

const QUERY: &str = "SELECT Id, Name, Annual_Revenue__c, Employee_Count__c,\n  Credit_Score__c\nFROM Account\nWHERE Name != null\n";

/// The project of the discussion, committed on `main`.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (object, name, label) in [
        ("Contact", "SSN__c", "Restricted"),
        ("Account", "Credit_Score__c", "Restricted"),
        ("Account", "Internal_Notes__c", "Restricted"),
        ("Account", "Annual_Revenue__c", "Confidential"),
        ("Account", "Employee_Count__c", "Confidential"),
    ] {
        let (path, text) = field(object, name, label);
        write(at, &path, &text);
    }
    write(at, "force-app/main/default/profiles/Analytics Integration.profile-meta.xml", PROFILE);
    write(at, SET, EMPTY_SET);
    write(at, ".flsgate/policy.yml", POLICY);
    write(at, "integrations/accounts.soql", QUERY);
    write(
        at,
        "sfdx-project.json",
        "{\"packageDirectories\": [{\"path\": \"force-app\", \"default\": true}]}\n",
    );
    git(at, &["init", "--quiet"]);
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "-m", "base"]);
    git(at, &["checkout", "--quiet", "-b", "topic"]);
    folder
}

fn checked(folder: &Path) -> Verdict {
    let (base, head) = (Some("main".to_owned()), None);
    check(&CheckOptions {
        repository: folder.into(),
        base,
        head,
        policy: None,
        without_justifications: false,
        today: TODAY,
    })
    .unwrap()
}

fn rules(verdict: &Verdict) -> Vec<(&'static str, String)> {
    let errors = verdict.findings.iter().filter(|f| f.severity == Severity::Error);
    errors.map(|f| (f.rule.id, f.subject.field.as_ref().unwrap().to_string())).collect()
}

fn flight(folder: &Path, fix: bool) -> flsgate::gate::Preflight {
    let integration = Some("external-analytics".to_owned());
    let options =
        PreflightOptions { repository: folder.into(), revision: None, integration, fix, today: TODAY };
    preflight(&options).unwrap()
}

fn problems(preflight: &flsgate::gate::Preflight, field: &str) -> Vec<Obstacle> {
    let needs = &preflight.integrations[0].needs;
    needs.iter().find(|n| n.field.as_str() == field).unwrap_or_else(|| panic!("{field}")).problems.clone()
}

#[test]
fn the_story_of_the_integration_that_had_view_all_data() {
    let folder = project();
    let at = folder.path();

    // View All Data reads every record and no field: preflight names what the calls would miss.
    let before = flight(at, false);
    assert!(before.undecided.is_empty(), "{:?}", before.undecided);
    assert_eq!(before.exit_status(), 1);
    for name in [
        "Account.Annual_Revenue__c",
        "Account.Employee_Count__c",
        "Account.Credit_Score__c",
        "Contact.SSN__c",
    ] {
        assert_eq!(problems(&before, name), [Obstacle::NoFieldAccess], "{name}");
    }
    for name in ["Account.Id", "Account.Name"] {
        assert_eq!(problems(&before, name), [], "{name}");
    }
    // Line 1, column 18 of the query, by hand: after `SELECT Id, Name, `.
    let need = before.integrations[0].needs.iter().find(|n| n.field.as_str() == "Account.Annual_Revenue__c");
    let start = need.unwrap().asked.location().start;
    assert_eq!((start.line, start.column), (1, 18));
    let trimmed = before.integrations[0].queries[0].text.as_deref().unwrap();
    assert_eq!(trimmed, "SELECT Id, Name\nFROM Account\nWHERE Name != null");

    // `--fix` grants exactly the two that a written reason settles, sorted, as retrieving writes them.
    let after = flight(at, true);
    let set = read(at, SET);
    assert_eq!(
        set,
        EMPTY_SET.replace(
            "    <hasActivationRequired>",
            "    <fieldPermissions>\n        <editable>false</editable>\n        <field>Account.Annual_Revenue__c</field>\n        \
             <readable>true</readable>\n    </fieldPermissions>\n    <fieldPermissions>\n        <editable>false</editable>\n        \
             <field>Account.Employee_Count__c</field>\n        <readable>true</readable>\n    </fieldPermissions>\n    \
             <hasActivationRequired>"
        )
    );
    assert_eq!(problems(&after, "Account.Annual_Revenue__c"), [Obstacle::NotJustified]);
    assert_eq!(problems(&after, "Contact.SSN__c"), [Obstacle::NoFieldAccess]);
    let expected = ["Account.Annual_Revenue__c", "Account.Employee_Count__c"];
    let found = rules(&checked(at));
    assert_eq!(found, expected.map(|f| ("conditional-field-grant", f.to_owned())));

    // `justify` writes stubs that block until somebody fills them in.
    let justify_options = JustifyOptions {
        repository: at.into(),
        base: Some("main".into()),
        all: false,
        prune: false,
        sort: false,
        today: TODAY,
    };
    let written = justify(&justify_options).unwrap().written;
    let path = ".flsgate/justifications/external-analytics-integration-access.yml";
    assert_eq!((written.len(), written[0].path.as_str(), written[0].added), (1, path, 2));
    let found = rules(&checked(at));
    assert_eq!(found, expected.map(|f| ("conditional-field-grant", f.to_owned())), "the reasons are empty");
    let again = justify(&justify_options).unwrap();
    assert_eq!(again.written, [], "a second run has nothing to add");
    assert!(again.lines(false)[0].contains("an entry already"), "{:?}", again.lines(false));
    let mut filled = read(at, path);
    for (stub, words) in [
        ("justification: # why is this needed?", "justification: Revenue trends and customer segmentation."),
        (
            "compliance: # what data is it, how is it kept, who reviews it?",
            "compliance: No personal data, reviewed every quarter.",
        ),
        ("owner: # who answers for it?", "owner: crm-analytics@acme.example"),
        ("expires: 2027-06-02 # the last day; at most 366 days from today", "expires: 2027-05-31"),
    ] {
        assert_eq!(filled.matches(stub).count(), 2, "{stub}\n{filled}");
        filled = filled.replace(stub, words);
    }
    write(at, path, &filled);
    let verdict = checked(at);
    assert_eq!((verdict.outcome, rules(&verdict)), (Outcome::Passed, Vec::new()));
    assert_eq!(problems(&flight(at, false), "Account.Annual_Revenue__c"), []);

    // The social security number stays blocked: a reason alone is not enough.
    let ssn = "    <fieldPermissions>\n        <editable>false</editable>\n        <field>Contact.SSN__c</field>\n        \
               <readable>true</readable>\n    </fieldPermissions>\n    <hasActivationRequired>";
    write(at, SET, &set.replace("    <hasActivationRequired>", ssn));
    write(
        at,
        path,
        &format!(
            "{filled}  - field: Contact.SSN__c\n    access: read\n    justification: Matching of records across two systems.\n    \
             compliance: PII, agreed with the privacy office.\n    owner: dpo@acme.example\n    expires: 2026-12-31\n"
        ),
    );
    assert_eq!(rules(&checked(at)), [("restricted-field-grant", "Contact.SSN__c".to_owned())]);

    // The matrix of the change shows each decision with its reason.
    let options = MatrixOptions {
        filter: flsgate::report::matrix::MatrixFilter::default(),
        repository_url: None,
        repository: at.into(),
        of: MatrixOf::Change { base: "main".into(), head: None },
        all: false,
        lines: false,
        today: TODAY,
        progress: None,
    };
    let mut csv = Vec::new();
    matrix(&options).unwrap().matrix.write(MatrixFormat::Csv, &mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    let mut rows = csv.lines().skip(1).filter(|row| row.contains("External_Analytics_Integration_Access"));
    for (field, decision) in [
        (
            "Account.Annual_Revenue__c",
            ["conditional", "justified", "Revenue trends and customer segmentation."],
        ),
        (
            "Account.Employee_Count__c",
            ["conditional", "justified", "Revenue trends and customer segmentation."],
        ),
        (
            "Contact.SSN__c",
            ["restricted", "waiting for an approval", "Matching of records across two systems."],
        ),
    ] {
        let row = rows.next().unwrap();
        assert!(row.contains(field) && decision.iter().all(|word| row.contains(word)), "{row}");
    }
    assert_eq!(rows.next(), None);

    // `explain` tells the whole of it.
    let asked = |what: &str| ExplainOptions {
        repository: at.into(),
        revision: None,
        what: what.into(),
        grantor: None,
        today: TODAY,
    };
    let text = explain(&asked("Account.Annual_Revenue__c")).unwrap().text;
    assert_eq!(
        text,
        "Account.Annual_Revenue__c is tier 2 (Confidential)\n  \
         label: Confidential at force-app/main/default/objects/Account/fields/Annual_Revenue__c.field-meta.xml:4:5\n\n\
         Permission set `External_Analytics_Integration_Access` gives read access (internal users)\n  \
         through field permission at force-app/main/default/permissionsets/External_Analytics_Integration_Access.permissionset-meta.xml:7:9\n  \
         tier 2 needs a justification\n  \
         justification at .flsgate/justifications/external-analytics-integration-access.yml:3:5\n  justified\n"
    );
    assert!(
        explain(&asked("Account.Internal_Notes__c"))
            .unwrap()
            .text
            .contains("nothing in this repository gives access to it")
    );
    let error = explain(&asked("Account.Anual_Revenue")).unwrap_err().to_string();
    assert!(error.ends_with("Did you mean `Account.Annual_Revenue__c`?"), "{error}");
    let error = explain(&asked("Account.No_Such_Thing__c")).unwrap_err().to_string();
    assert!(
        error.contains("nothing in this repository mentions a field `Account.No_Such_Thing__c`"),
        "{error}"
    );
    assert!(explain(&asked("derived-field-access")).unwrap().text.starts_with("# derived-field-access\n"));
    assert!(
        explain(&asked("derived")).unwrap_err().to_string().contains("Did you mean `derived-field-access`?")
    );
}

#[test]
fn every_rule_has_a_page_that_explain_prints() {
    let folder = project();
    for rule in flsgate::rules::RULES {
        let options = ExplainOptions {
            repository: folder.path().into(),
            revision: None,
            what: rule.info.id.to_owned(),
            grantor: None,
            today: TODAY,
        };
        assert!(explain(&options).unwrap().text.starts_with(&format!("# {}\n", rule.info.id)));
    }
}

#[test]
fn justify_extends_prunes_and_sorts_and_keeps_comments() {
    let folder = project();
    let at = folder.path();
    let path = ".flsgate/justifications/analytics.yml";
    let reason = "    justification: Revenue trends and customer segmentation.\n    compliance: No personal data.\n    owner: a@b.example\n    expires: 2027-03-31\n";
    let first = format!("  # the big one\n  - field: Account.Employee_Count__c\n    access: read\n{reason}");
    let gone = format!("  - field: Account.Internal_Notes__c\n    access: read\n{reason}");
    let head = "# of the analytics team\npermission_set: External_Analytics_Integration_Access\nentries:\n";
    write(at, path, &format!("{head}{first}{gone}"));
    flight(at, true);
    let options = JustifyOptions {
        repository: at.into(),
        base: Some("main".into()),
        all: false,
        prune: false,
        sort: false,
        today: TODAY,
    };
    let written = justify(&options).unwrap().written;
    assert_eq!((written[0].path.as_str(), written[0].added), (path, 1));
    let extended = read(at, path);
    assert!(
        extended.starts_with(&format!("{head}{first}{gone}  - field: Account.Annual_Revenue__c\n")),
        "{extended}"
    );
    let written = justify(&JustifyOptions { prune: true, ..options.clone() }).unwrap().written;
    assert_eq!((written[0].added, written[0].pruned), (0, 1));
    assert!(!read(at, path).contains("Internal_Notes__c"));
    justify(&JustifyOptions { sort: true, ..options }).unwrap();
    let sorted = read(at, path);
    let (revenue, count) = (sorted.find("Annual_Revenue__c").unwrap(), sorted.find("# the big one").unwrap());
    assert!(revenue < count && sorted.starts_with(head), "{sorted}");
    assert!(sorted.contains(&first), "the comment moved with its entry: {sorted}");
}

#[test]
fn a_baseline_accepts_what_stands_and_can_only_shrink() {
    let folder = project();
    let at = folder.path();
    flight(at, true);
    let options = |write| AuditOptions {
        repository: at.into(),
        revision: None,
        baseline: None,
        write,
        policy: None,
        without_justifications: false,
        base: None,
        today: TODAY,
        lists_all: true,
        worded: None,
        progress: None,
    };
    let before = audit(&options(BaselineWrite::No)).unwrap();
    assert_eq!((before.outcome, before.standing, before.accepted.len()), (Outcome::Blocked, true, 0));
    let adopted = audit(&options(BaselineWrite::Adopt)).unwrap();
    assert_eq!((adopted.outcome, adopted.accepted), (Outcome::Passed, vec![Some(TODAY); 2]));
    let text = read(at, ".flsgate/baseline.yml");
    assert!(text.contains(
        "accepted:\n  - { permission_set: External_Analytics_Integration_Access, field: Account.Annual_Revenue__c, access: read, tier: conditional, since: 2026-06-01 }\n"
    ));
    assert!(text.contains(
        "findings:\n  - { rule: broad-system-permission, profile: \"Analytics Integration\", field: \"*.ViewAllData\" }\n"
    ));
    assert!(audit(&options(BaselineWrite::Adopt)).unwrap_err().to_string().contains("is written once"));
    // A label that rises ends the acceptance.
    let (path, raised) = field("Account", "Annual_Revenue__c", "Restricted");
    write(at, &path, &raised);
    assert_eq!(rules(&audit(&options(BaselineWrite::No)).unwrap()).len(), 1);
    let (path, label) = field("Account", "Annual_Revenue__c", "Confidential");
    write(at, &path, &label);
    // What no longer stands is told with its line, and taken out on demand.
    write(at, SET, EMPTY_SET);
    let stale = audit(&options(BaselineWrite::No)).unwrap();
    let lines: Vec<u32> = stale.warnings.iter().map(|w| w.position.unwrap().line).collect();
    assert_eq!(lines, [6, 7]);
    let pruned = audit(&options(BaselineWrite::Prune)).unwrap();
    assert_eq!((pruned.outcome, pruned.warnings.len()), (Outcome::Passed, 0));
    assert!(read(at, ".flsgate/baseline.yml").contains("accepted: []\n"));
}

/// Under the policy in force it says what an audit says, the baseline included.
#[test]
fn simulate_of_all_that_exists_agrees_with_the_audit() {
    let folder = project();
    let at = folder.path();
    flight(at, true);
    let audited = |write| {
        let (repository, today) = (at.to_owned(), TODAY);
        audit(&AuditOptions {
            repository,
            today,
            write,
            policy: None,
            without_justifications: false,
            revision: None,
            baseline: None,
            base: None,
            lists_all: true,
            worded: None,
            progress: None,
        })
        .unwrap()
    };
    for write_baseline in [BaselineWrite::No, BaselineWrite::Adopt] {
        let verdict = audited(write_baseline);
        write(at, "same.yml", &read(at, ".flsgate/policy.yml"));
        let simulated = simulate(&SimulateOptions {
            repository: at.into(),
            policy: at.join("same.yml"),
            base: None,
            head: None,
            standing: true,
            today: TODAY,
        })
        .unwrap();
        let told = |verdict: &Verdict| {
            let findings = verdict.findings.iter().map(|f| (f.fingerprint(), f.severity)).collect::<Vec<_>>();
            (verdict.outcome, findings)
        };
        assert_eq!(told(&simulated.today), told(&verdict));
        assert_eq!(told(&simulated.then), told(&verdict));
    }
}

#[test]
fn simulate_says_what_another_policy_would_block() {
    let folder = project();
    let at = folder.path();
    flight(at, true);
    write(at, "strict.yml", "unknown_fields: restricted\ntiers:\n  conditional: { read: deny }\n");
    let options = SimulateOptions {
        repository: at.into(),
        policy: at.join("strict.yml"),
        base: Some("main".into()),
        head: None,
        standing: false,
        today: TODAY,
    };
    let simulated = simulate(&options).unwrap();
    assert_eq!((simulated.today.outcome, simulated.then.outcome), (Outcome::Blocked, Outcome::Blocked));
    assert_eq!(
        (simulated.more.len(), simulated.less.len()),
        (2, 2),
        "the same grants, and no reason helps them"
    );
    write(at, "loose.yml", "tiers:\n  conditional: { read: allow }\n");
    let simulated = simulate(&SimulateOptions { policy: at.join("loose.yml"), ..options.clone() }).unwrap();
    assert_eq!((simulated.then.outcome, simulated.less.len()), (Outcome::Passed, 2));
    write(at, "more.yml", "tiers:\n  conditional: { read: approve }\n");
    let simulated = simulate(&SimulateOptions { policy: at.join("more.yml"), ..options.clone() }).unwrap();
    let message =
        |findings: &[Finding]| findings.iter().map(|f| f.message.clone()).collect::<Vec<_>>().join("\n");
    let (more, less) = (message(&simulated.more), message(&simulated.less));
    assert!(
        more.contains("needs a justification and an approval") && !less.contains("approval"),
        "{more}\n{less}"
    );
    write(at, "broken.yml", "tier: 1\n");
    let error = simulate(&SimulateOptions { policy: at.join("broken.yml"), ..options }).unwrap_err();
    assert!(error.to_string().contains("unknown key `tier`"), "{error}");
}

#[test]
fn init_proposes_and_overwrites_nothing() {
    let folder = project();
    let at = folder.path();
    std::fs::remove_file(at.join(".flsgate/policy.yml")).unwrap();
    write(at, "CODEOWNERS", "* @acme/crm");
    let options = InitOptions {
        repository: at.into(),
        owner: Some("@acme/security".into()),
        suggest_labels: false,
        today: TODAY,
    };
    let done = init(&options).unwrap();
    assert_eq!(
        done.next,
        [
            "replace `OWNER/flsgate@COMMIT` in .github/workflows/flsgate.yml by the repository and a real commit of flsgate",
            "once the labels of your fields are committed, `flsgate audit --write-baseline` accepts the access that exists today in .flsgate/baseline.yml",
            "merge these files, and require the status `flsgate / main` in the rules of the branch",
            "`flsgate doctor` says what is missing",
        ]
    );
    assert_eq!(
        done.files,
        [
            Prepared::Written(".flsgate/policy.yml".into()),
            Prepared::Written(".flsgate/justifications/.gitkeep".into()),
            Prepared::Written(".flsgate/tests/policy.yml".into()),
            Prepared::Written(".github/workflows/flsgate.yml".into()),
            Prepared::Extended("CODEOWNERS".into()),
        ]
    );
    let policy = read(at, ".flsgate/policy.yml");
    assert!(policy.contains("#   \"Salesforce Integration\" integration\n"), "{policy}");
    assert!(policy.contains("    names:\n      - External_Analytics_Integration_Access\n"), "{policy}");
    assert_eq!(
        read(at, "CODEOWNERS"),
        "* @acme/crm\n/.flsgate/ @acme/security\n/.github/ @acme/security @acme/crm\n/CODEOWNERS @acme/security @acme/crm\n"
    );
    // What it writes is a policy, and the workflow is the one that the README shows.
    assert_ne!(checked(at).outcome, Outcome::Undecided);
    let readme = include_str!("../README.md");
    assert!(readme.contains(&read(at, ".github/workflows/flsgate.yml")));
    assert!(init(&options).unwrap().files.iter().all(|p| matches!(p, Prepared::Kept(_))));
    assert!(policy.contains("\ndeletions: keep\n"), "{policy}");
    for (pipeline, value) in [
        ("run: sf sgd source delta --to HEAD --from origin/main", "delete"),
        (
            "run: sf project deploy start --post-destructive-changes m/destructiveChanges.xml",
            "[\"m/destructiveChanges.xml\"]",
        ),
        ("run: sf project deploy start", "keep"),
    ] {
        let fresh = project();
        std::fs::remove_file(fresh.path().join(".flsgate/policy.yml")).unwrap();
        write(fresh.path(), "m/destructiveChanges.xml", "<Package/>");
        write(fresh.path(), ".github/workflows/deploy.yml", pipeline);
        init(&InitOptions { repository: fresh.path().into(), ..options.clone() }).unwrap();
        let policy = read(fresh.path(), ".flsgate/policy.yml");
        assert!(policy.contains(&format!("\ndeletions: {value}\n")), "{pipeline}: {policy}");
    }
    let fresh = project();
    let unnamed = InitOptions { repository: fresh.path().into(), owner: None, ..options.clone() };
    std::fs::remove_file(fresh.path().join(".flsgate/policy.yml")).unwrap();
    write(fresh.path(), "CODEOWNERS", "* @acme/crm\n");
    for _ in 0..2 {
        init(&unnamed).unwrap();
        let owners = read(fresh.path(), "CODEOWNERS");
        let real: Vec<&str> = owners.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!((real, owners.lines().count()), (vec!["* @acme/crm"], 5), "{owners}");
    }
    assert!(read(fresh.path(), ".flsgate/policy.yml").contains("# integrations:\n"));
    for wrong in ["foo", "@acme/a b", "", "#x", "@", "@acme/", "@a/b/c", "a@b", "@x\n* @mallory"] {
        let fresh = project();
        let owner = Some(wrong.to_owned());
        let error =
            init(&InitOptions { repository: fresh.path().into(), owner, ..options.clone() }).unwrap_err();
        assert!(error.to_string().contains("is no owner in CODEOWNERS"), "{wrong}: {error}");
        assert!(!fresh.path().join(".github").exists());
    }
}

/// A draft counts for nothing until a person moves it to where labels lie; then it reads as it is.
#[test]
fn init_drafts_labels_of_fields_whose_names_speak_for_one() {
    let folder = project();
    let at = folder.path();
    let fields = "force-app/main/default/objects/Contact/fields";
    let field = |name: &str, label: &str| {
        let text = format!("<CustomField><fullName>{name}</fullName><type>Text</type>{label}</CustomField>");
        write(at, &format!("{fields}/{name}.field-meta.xml"), &text);
    };
    field("Passport_No__c", "");
    field("Favourite_Tea__c", "");
    field("Salary__c", "<securityClassification>Internal</securityClassification>");
    let set = "force-app/main/default/permissionsets/Birthdays.permissionset-meta.xml";
    write(at, set, &grant_of("Contact.Birthdate"));
    let options = InitOptions { repository: at.into(), owner: None, suggest_labels: true, today: TODAY };
    init(&options).unwrap();
    let draft = read(at, ".flsgate/suggested-labels.csv");
    let rows: Vec<&str> = draft.lines().filter(|row| row.starts_with("Contact,")).collect();
    assert_eq!(
        rows,
        [
            "Contact,Birthdate,Confidential,PII,its name looks like a date of birth",
            "Contact,Passport_No__c,Restricted,PII,its name looks like a passport number",
        ]
    );
    let is_told = |verdict: &Verdict| {
        verdict
            .findings
            .iter()
            .any(|f| f.rule.id == "conditional-field-grant" && f.message.contains("Birthdate"))
    };
    assert!(!is_told(&checked(at)));
    write(at, ".flsgate/labels/people.csv", &draft);
    let explained = explain(&flsgate::run::ExplainOptions {
        repository: at.into(),
        revision: None,
        what: "Contact.Birthdate".into(),
        grantor: None,
        today: TODAY,
    });
    assert!(explained.unwrap().text.contains("Confidential, PII"));
}

fn grant_of(field: &str) -> String {
    format!(
        "<PermissionSet><label>Birthdays</label><fieldPermissions><field>{field}</field><readable>true</readable>\
         <editable>false</editable></fieldPermissions></PermissionSet>"
    )
}

#[test]
fn a_preflight_refuses_what_it_cannot_read() {
    let folder = project();
    let at = folder.path();
    let row = |query: &str| {
        write(at, "integrations/accounts.soql", query);
        let found = flight(at, false);
        let all: Vec<String> = found
            .undecided
            .iter()
            .map(|r| {
                let p = r.position.unwrap();
                format!("{}:{} {}", p.line, p.column, r.message)
            })
            .collect();
        (found.exit_status(), all.join("\n"))
    };
    for fields in ["STANDARD", "CUSTOM", "ALL"] {
        let (status, text) = row(&format!("SELECT FIELDS({fields}) FROM Account LIMIT 200"));
        assert!(status == 2 && text.starts_with("1:8 `FIELDS(…)` gives whatever"), "{text}");
    }
    let (status, text) = row("SELECT Id FROM Account WHERE Foo__r.X__c = 1");
    assert!(status == 2 && text.contains("where `Foo__r` of `Account` leads is not known"), "{text}");
    let (status, text) = row("SELECT Id FROM");
    assert!(status == 2 && text.contains("no query that can be read"), "{text}");
    let (status, text) = row("SELECT Id, (SELECT SSN__c FROM Contacts) FROM Account");
    assert!(status == 1 && text.is_empty(), "{status} {text}");
    assert_eq!(problems(&flight(at, false), "Contact.AccountId"), [Obstacle::NoFieldAccess]);
}
