//! `preflight`: what a baseline accepts, and what `--fix` leaves out.

use crate::{EMPTY_SET, POLICY, SET, TODAY, flight, problems, project, read, write};
use flsgate::gate::Obstacle;
use flsgate::run::{PreflightOptions, preflight};

const GRANT: &str = "    <fieldPermissions>\n        <editable>false</editable>\n        \
    <field>Account.Credit_Score__c</field>\n        <readable>true</readable>\n    </fieldPermissions>\n    \
    <hasActivationRequired>";

#[test]
fn what_the_baseline_accepts_is_settled() {
    let folder = project();
    let at = folder.path();
    write(at, SET, &EMPTY_SET.replace("    <hasActivationRequired>", GRANT));
    assert_eq!(problems(&flight(at, false), "Account.Credit_Score__c"), [Obstacle::NotSettled]);
    let line = "grantor: External_Analytics_Integration_Access, field: Account.Credit_Score__c, access: read";
    let baseline = format!("version: 1\nexposures:\n  - {{ {line}, tier: restricted }}\n");
    write(at, ".flsgate/baseline.yml", &baseline);
    assert_eq!(problems(&flight(at, false), "Account.Credit_Score__c"), []);
}

#[test]
fn fix_writes_nothing_that_cannot_be_deployed() {
    let folder = project();
    let at = folder.path();
    write(
        at,
        "force-app/main/default/objects/Account/fields/Trend__c.field-meta.xml",
        "<CustomField>\n<fullName>Trend__c</fullName>\n<formula>1</formula>\n<type>Number</type>\n</CustomField>\n",
    );
    let edits =
        "    edits: [Account.Trend__c, Account.Employee_Count__c, Account.Typo__c, Typo__c.Name__c]\n";
    write(at, ".flsgate/policy.yml", &format!("{POLICY}{edits}"));
    let before = flight(at, false);
    assert_eq!(
        problems(&before, "Account.Trend__c"),
        [Obstacle::NoFieldAccess, Obstacle::NoObjectEdit, Obstacle::NotEditable]
    );
    let after = flight(at, true);
    let set = read(at, SET);
    let entry = |edit: bool, field: &str| {
        format!(
            "<editable>{edit}</editable>\n        <field>Account.{field}</field>\n        <readable>true</readable>"
        )
    };
    assert!(
        set.contains(&entry(false, "Trend__c")) && set.contains(&entry(true, "Employee_Count__c")),
        "{set}"
    );
    assert!(!set.contains("Typo__c"), "{set}");
    // What is left is the access that nobody can have, and not one that a grant would give.
    assert_eq!(problems(&after, "Account.Trend__c"), [Obstacle::NoObjectEdit, Obstacle::NotEditable]);
    assert!(problems(&after, "Account.Typo__c").contains(&Obstacle::NotDefined));
}

#[test]
fn an_integration_that_is_not_there_is_told_apart_from_none_at_all() {
    let folder = project();
    let at = folder.path();
    let asked = |name: Option<&str>| {
        let (repository, integration) = (at.into(), name.map(str::to_owned));
        let options = PreflightOptions { repository, revision: None, integration, fix: false, today: TODAY };
        preflight(&options).unwrap_err().to_string()
    };
    let error = asked(Some("nosuch"));
    assert!(error.starts_with("the policy names no integration `nosuch`;"), "{error}");
    assert!(error.ends_with("has `external-analytics`"), "{error}");
    write(at, ".flsgate/policy.yml", "version: 1\n");
    assert!(asked(None).starts_with("the policy names no integration; write `integrations`"));
}
