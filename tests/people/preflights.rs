//! `preflight`: what a baseline accepts, and what `--fix` leaves out.

use crate::commanding::{flsgate, text};
use crate::{EMPTY_SET, POLICY, SET, TODAY, flight, problems, project, read, write};
use flsgate::gate::Obstacle;
use flsgate::report::write_preflight;
use flsgate::run::{PreflightOptions, preflight};

const GRANT: &str = "    <fieldPermissions>\n        <editable>false</editable>\n        \
    <field>Account.Credit_Score__c</field>\n        <readable>true</readable>\n    </fieldPermissions>\n    \
    <hasActivationRequired>";

#[test]
fn what_the_baseline_accepts_is_settled() {
    let folder = project();
    let at = folder.path();
    write(at, SET, &EMPTY_SET.replace("    <hasActivationRequired>", GRANT));
    assert_eq!(problems(&flight(at, false), "Account.Credit_Score__c"), [Obstacle::NotJustified]);
    let line =
        "permission_set: External_Analytics_Integration_Access, field: Account.Credit_Score__c, access: read";
    let baseline = format!("version: 1\naccepted:\n  - {{ {line}, tier: restricted }}\n");
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
fn fix_makes_the_permission_set_that_is_not_there_and_says_what_it_wrote_and_what_not() {
    let folder = project();
    let at = folder.path();
    std::fs::remove_file(at.join(SET)).unwrap();
    let after = flight(at, true);
    let set = read(at, SET);
    assert!(set.contains("<label>External Analytics Integration Access</label>"), "{set}");
    assert!(set.contains("<field>Account.Annual_Revenue__c</field>"), "{set}");
    let mut out = Vec::new();
    write_preflight(&after, &mut out).unwrap();
    let told = String::from_utf8(out).unwrap();
    assert!(told.contains(&format!("into {SET}, which is new\n")), "{told}");
    assert!(
        told.contains(
            "left out Account.Credit_Score__c: it is restricted; grant it by hand, with a justification\n"
        ),
        "{told}"
    );
    assert!(!set.contains("Credit_Score__c"), "{set}");
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
    assert!(asked(Some("external-analitics")).ends_with("did you mean `external-analytics`?"));
    let by_its_set = asked(Some("External_Analytics_Integration_Access"));
    assert!(
        by_its_set.ends_with("is a permission set or profile of `external-analytics`: name the integration"),
        "{by_its_set}"
    );
    write(at, ".flsgate/policy.yml", "version: 1\n");
    assert!(asked(None).starts_with("the policy names no integration; write `integrations`"));
}

/// Fields that an org demands for every record, of the objects that integrations read most.
const DEMANDED: &[(&str, &str)] = &[
    ("Account", "Id, Name, OwnerId, CreatedById, CreatedDate, LastModifiedById, SystemModstamp, IsDeleted"),
    ("Contact", "Id, LastName, Name, OwnerId, IsEmailBounced, CreatedDate, LastModifiedDate"),
    ("Lead", "Id, LastName, Name, Company, Status, IsConverted, IsUnreadByOwner, OwnerId, CreatedDate"),
    ("Case", "Id, CaseNumber, Status, IsClosed, OwnerId, CreatedById, CreatedDate"),
    (
        "Opportunity",
        "Id, Name, StageName, CloseDate, ForecastCategory, IsClosed, IsWon, OwnerId, CreatedDate, IsDeleted",
    ),
    ("User", "Id, Username, LastName, Name, Email, Alias, IsActive, ProfileId, TimeZoneSidKey, CreatedDate"),
];

/// A project whose integration asks with these queries, and has this in its permission set.
fn asking(queries: &str, granted: &str) -> tempfile::TempDir {
    let folder = project();
    let at = folder.path();
    let policy = POLICY.replace("    fields: [Contact.SSN__c]\n", "");
    write(at, ".flsgate/policy.yml", &policy.replace("integrations/*.soql", "asked/*.soql"));
    write(at, "asked/all.soql", queries);
    let label = "    <hasActivationRequired>";
    write(at, SET, &EMPTY_SET.replace(label, &format!("{granted}{label}")));
    folder
}

fn readable(object: &str) -> String {
    format!(
        "    <objectPermissions>\n        <allowRead>true</allowRead>\n        <object>{object}</object>\n    \
         </objectPermissions>\n"
    )
}

#[test]
fn standard_fields_that_an_org_demands_are_never_missing_and_never_written() {
    let queries: Vec<String> =
        DEMANDED.iter().map(|(object, fields)| format!("SELECT {fields} FROM {object};\n")).collect();
    let objects = DEMANDED.iter().map(|(object, _)| *object).filter(|object| *object != "User");
    let folder = asking(&queries.concat(), &objects.map(readable).collect::<String>());
    let before = read(folder.path(), SET);
    let after = flight(folder.path(), true);
    let [checked] = after.integrations.as_slice() else { panic!("{:?}", after.integrations) };
    assert!(checked.needs.len() > 45, "{}", checked.needs.len());
    let missing: Vec<_> = checked.needs.iter().filter(|need| !need.problems.is_empty()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(read(folder.path(), SET), before);
}

#[test]
fn a_field_below_field_level_security_is_missing_beside_them() {
    let folder = asking("SELECT Id, LastName, Birthdate FROM Contact", &readable("Contact"));
    let before = flight(folder.path(), false);
    assert_eq!(problems(&before, "Contact.Birthdate"), [Obstacle::NoFieldAccess]);
    assert_eq!(problems(&before, "Contact.LastName"), []);
    flight(folder.path(), true);
    let set = read(folder.path(), SET);
    assert!(set.contains("Contact.Birthdate") && !set.contains("LastName"), "{set}");
}

#[test]
fn a_name_that_an_object_does_not_have_is_told_and_not_written() {
    let folder = asking("SELECT Id, Name FROM Case", &readable("Case"));
    assert_eq!(problems(&flight(folder.path(), true), "Case.Name"), [Obstacle::NoSuchField]);
    assert!(!read(folder.path(), SET).contains("Case.Name"));
}

#[test]
fn records_of_a_custom_metadata_type_need_an_entry_of_their_own() {
    let query = "SELECT Secret__c FROM Gateway_Key__mdt";
    let folder = asking(query, "");
    let at = folder.path();
    let (path, text) = crate::field("Gateway_Key__mdt", "Secret__c", "Internal");
    write(at, &path, &text);
    assert_eq!(problems(&flight(at, true), "Gateway_Key__mdt.Secret__c"), [Obstacle::NoTypeAccess]);
    assert!(!read(at, SET).contains("__mdt"), "an object permission for a type does not deploy");
    let entry = "    <customMetadataTypeAccesses>\n        <enabled>true</enabled>\n        \
                 <name>Gateway_Key__mdt</name>\n    </customMetadataTypeAccesses>\n";
    let label = "    <hasActivationRequired>";
    write(at, SET, &EMPTY_SET.replace(label, &format!("{entry}{label}")));
    assert_eq!(problems(&flight(at, false), "Gateway_Key__mdt.Secret__c"), []);
}

#[test]
fn a_fix_writes_what_salesforce_takes_and_names_the_rest() {
    let folder = project();
    let at = folder.path();
    write(
        at,
        ".flsgate/policy.yml",
        "version: 1\nintegrations:\n  analytics:\n    permission_sets: [External_Analytics_Integration_Access]\n    fields: \
         [Contact.MailingCity, Contact.MailingStreet, Contact.LastActivityDate, Contact.Phone, Task.Description]\n    edits: \
         [Contact.MailingCountry]\n",
    );
    let said = text(&flsgate(at, &["preflight", "--fix"]).stdout);
    let set = read(at, SET);
    // One entry for the parts of an address, as wide as the widest part needs it.
    assert_eq!(set.matches("<field>Contact.MailingAddress</field>").count(), 1, "{set}");
    assert!(
        set.contains("<editable>true</editable>\n        <field>Contact.MailingAddress</field>"),
        "{set}"
    );
    assert!(set.contains("<field>Contact.Phone</field>"), "{set}");
    assert!(set.contains("<field>Task.Description</field>") && !set.contains("Activity"), "{set}");
    assert!(!set.contains("MailingCity") && !set.contains("LastActivityDate"), "{set}");
    assert!(
        said.contains("left out Contact.LastActivityDate: Salesforce may take no entry for it"),
        "{said}"
    );
    // What is written is enough for all parts.
    let again = text(&flsgate(at, &["preflight"]).stdout);
    assert!(
        again.contains("ok       Contact.MailingCity") && again.contains("ok       Contact.MailingStreet"),
        "{again}"
    );
}

#[test]
fn what_cannot_be_edited_fails_no_query_that_reads_it() {
    let folder = project();
    let at = folder.path();
    write(
        at,
        ".flsgate/policy.yml",
        "version: 1\nintegrations:\n  crm:\n    permission_sets: [External_Analytics_Integration_Access]\n    queries: \
         [integrations/*.soql]\n    edits: [Account.Rating]\n",
    );
    write(at, "integrations/accounts.soql", "SELECT Id, Rating FROM Account\n");
    let grants = "    <fieldPermissions>\n        <editable>false</editable>\n        <field>Account.Rating</field>\n        \
                  <readable>true</readable>\n    </fieldPermissions>\n    <objectPermissions>\n        <allowRead>true</allowRead>\n        \
                  <object>Account</object>\n    </objectPermissions>\n    <hasActivationRequired>";
    write(at, SET, &EMPTY_SET.replace("    <hasActivationRequired>", grants));
    let output = flsgate(at, &["preflight"]);
    let said = text(&output.stdout);
    assert!(said.contains("missing  Account.Rating"), "{said}");
    assert!(
        said.ends_with("answer: 1 query would succeed; 1 field cannot be edited as `edits` asks\n"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1));
}

/// What cannot be read is neither missing nor too much, and nothing is written.
#[test]
fn what_cannot_be_read_is_not_called_missing() {
    let folder = project();
    let at = folder.path();
    let told = |text: &str| {
        assert!(!text.contains("  missing ") && !text.contains("excess"), "{text}");
        assert!(
            text.contains("answer: not known, since something that it needs or holds cannot be read"),
            "{text}"
        );
    };
    let set = read(at, SET);
    write(at, SET, &set.replace("</PermissionSet>", "</PermissionSe>"));
    let run = flsgate(at, &["preflight"]);
    assert_eq!(run.status.code(), Some(2), "{run:?}");
    told(&text(&run.stdout));
    assert!(text(&run.stdout).contains("what decides about it cannot be read"), "{run:?}");
    let fix = flsgate(at, &["preflight", "--fix"]);
    assert!(text(&fix.stderr).contains(&format!("correct it first: {SET}:")), "{fix:?}");

    write(at, SET, &set);
    let score = "force-app/main/default/objects/Account/fields/Credit_Score__c.field-meta.xml";
    write(at, score, &read(at, score).replace("</CustomField>", ""));
    let run = flsgate(at, &["preflight"]);
    assert_eq!(run.status.code(), Some(2), "{run:?}");
    assert!(text(&run.stdout).contains(score), "{run:?}");
    assert!(text(&run.stdout).contains("unknown  Account.Credit_Score__c"), "{run:?}");
}

#[test]
fn a_slip_in_a_standard_name_is_told_and_not_written() {
    let folder = project();
    let at = folder.path();
    write(at, ".flsgate/policy.yml", &format!("{POLICY}    edits: [Contact.Emial, Contact.Email]\n"));
    let after = flight(at, true);
    assert!(problems(&after, "Contact.Emial").contains(&Obstacle::NotDefined));
    assert!(!problems(&after, "Contact.Email").contains(&Obstacle::NotDefined));
    let mut out = Vec::new();
    write_preflight(&after, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("did you mean `Contact.Email`?"), "{out}");
    let set = read(at, SET);
    assert!(set.contains("<field>Contact.Email</field>") && !set.contains("Emial"), "{set}");
}

#[test]
fn a_name_that_nothing_knows_is_not_written_and_the_near_one_is_named() {
    let folder = project();
    let at = folder.path();
    let reads = "[Account.Employee_Count, Account.Favourite, Account.Industry]";
    write(at, ".flsgate/policy.yml", &POLICY.replace("[Contact.SSN__c]", reads));
    let after = flight(at, true);
    let set = read(at, SET);
    assert!(set.contains("<field>Account.Industry</field>"), "a standard field: {set}");
    assert!(!set.contains("Employee_Count<") && !set.contains("Favourite"), "{set}");
    let mut text = Vec::new();
    write_preflight(&after, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    for said in [
        "left out Account.Employee_Count: nothing here defines it; did you mean `Account.Employee_Count__c`?",
        "left out Account.Favourite: no list of standard fields has it; check the name, or add it by hand if the org has it",
    ] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn an_entry_that_waits_for_its_approval_is_not_asked_for_again() {
    let folder = project();
    let at = folder.path();
    write(at, SET, &EMPTY_SET.replace("    <hasActivationRequired>", GRANT));
    let entry = "permission_set: External_Analytics_Integration_Access\nentries:\n  - field: Account.Credit_Score__c\n    \
        access: read\n    justification: The warehouse rates accounts by their score each night.\n    compliance: Art. 6\n    \
        owner: data-team\n    expires: 2026-12-31\n";
    write(at, ".flsgate/justifications/analytics.yml", entry);
    let flight = flight(at, false);
    assert_eq!(problems(&flight, "Account.Credit_Score__c"), [Obstacle::NotApproved]);
    let mut text = Vec::new();
    write_preflight(&flight, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("its justification waits for an approval"), "{text}");
    assert!(text.contains("; 1 field waits for an approval") && !text.contains("flsgate justify"), "{text}");
}
