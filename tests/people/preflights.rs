//! `preflight`: what a baseline accepts, and what `--fix` leaves out.

use crate::{EMPTY_SET, SET, flight, problems, project, read, write};
use flsgate::gate::Obstacle;

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
