//! What stands beside the accesses: muting, labels that come from elsewhere, and where lines can be looked at.

use crate::org::{REASONS, delta, entry, field, label, org, set, standing, with, write};
use flsgate::report::matrix::{Lookup, MatrixFilter, MatrixFormat, Muted};
use flsgate::run::staleness;
use flsgate::words::{Access, Tier};
use serde_json::{Value, json};

fn group(name: &str, muting: &str) -> String {
    format!(
        "<PermissionSetGroup>\n<label>{name}</label>\n<mutingPermissionSets>{muting}</mutingPermissionSets>\n\
         <permissionSets>Desk</permissionSets>\n</PermissionSetGroup>\n"
    )
}

fn muting(inside: &str) -> Option<String> {
    Some(format!("<MutingPermissionSet>\n{inside}</MutingPermissionSet>\n"))
}

#[test]
fn what_a_group_mutes_is_told_beside_what_it_gives() {
    let all_fields = "<objectPermissions>\n<object>Account</object>\n<viewAllFields>true</viewAllFields>\n</objectPermissions>\n";
    let edit_only = "<fieldPermissions>\n<editable>true</editable>\n<field>Contact.SSN__c</field>\n\
                     <readable>false</readable>\n</fieldPermissions>\n";
    let desk = format!("{}{all_fields}", entry("Contact.SSN__c", Access::Edit));
    let files = with(
        org(),
        &[
            ("permissionsets/Desk.permissionset-meta.xml", Some(set(&[desk]))),
            ("permissionsetgroups/Both.permissionsetgroup-meta.xml", Some(group("Both", "Quiet"))),
            ("permissionsetgroups/Half.permissionsetgroup-meta.xml", Some(group("Half", "Read_Only"))),
            (
                "mutingpermissionsets/Quiet.mutingpermissionset-meta.xml",
                muting(&format!("{}{all_fields}", entry("Contact.SSN__c", Access::Edit))),
            ),
            ("mutingpermissionsets/Read_Only.mutingpermissionset-meta.xml", muting(edit_only)),
        ],
    );
    let matrix = standing(files, false);
    let told = |m: &Muted| {
        let left = m.left.map_or("nothing".to_owned(), |left| left.to_string());
        format!("{} {}: {} to {left} by {} at {}", m.group, m.field, m.access, m.by, m.at)
    };
    let group_file = "permissionsetgroups/Both.permissionsetgroup-meta.xml:3";
    assert_eq!(
        matrix.muted.iter().map(told).collect::<Vec<_>>(),
        [
            // View All Fields is one element for all of them: where the group names its muting set.
            format!("Both Account.Revenue__c: read to nothing by Quiet at {group_file}"),
            format!("Both Account.Trend__c: read to nothing by Quiet at {group_file}"),
            "Both Contact.SSN__c: edit to nothing by Quiet at mutingpermissionsets/Quiet.mutingpermissionset-meta.xml:5".into(),
            "Half Contact.SSN__c: edit to read by Read_Only at mutingpermissionsets/Read_Only.mutingpermissionset-meta.xml:3"
                .into(),
        ]
    );
    // It is no access: a group that gives nothing has no row.
    assert!(!matrix.grantors.iter().any(|g| g.grantor.name() == "Both"));
    let json: Value = serde_json::from_str(&write(&matrix, MatrixFormat::Json)).unwrap();
    let path = "mutingpermissionsets/Read_Only.mutingpermissionset-meta.xml";
    assert_eq!(
        json["muted"][3],
        json!({"field": "Contact.SSN__c", "group": "Half", "access": "edit", "left": "read", "by": "Read_Only", "path": path, "line": 3})
    );
    let row = "| `Contact.SSN__c` | `Half` | edit | read | `Read_Only` `mutingpermissionsets/Read_Only";
    assert!(write(&matrix, MatrixFormat::Markdown).contains(row));
    for (filter, left) in [
        (MatrixFilter { objects: vec!["contact".into()], ..MatrixFilter::default() }, 2),
        (MatrixFilter { holders: vec!["both".into()], ..MatrixFilter::default() }, 3),
        (MatrixFilter { tiers: vec![Tier::Restricted], ..MatrixFilter::default() }, 2),
    ] {
        assert_eq!(matrix.clone().narrowed(&filter).muted.len(), left, "{filter:?}");
    }
}

#[test]
fn a_label_that_comes_from_elsewhere_stands_beside_its_own() {
    let formula = "<formula>SSN__c</formula>\n<securityClassification>Public</securityClassification>\n<type>Text</type>";
    let reads = set(&[entry("Contact.Masked__c", Access::Read)]);
    let files = with(
        org(),
        &[
            ("objects/Contact/fields/Masked__c.field-meta.xml", Some(field(formula))),
            ("permissionsets/Desk.permissionset-meta.xml", Some(reads)),
        ],
    );
    let matrix = standing(files, false);
    let masked = matrix.fields.iter().find(|f| f.name.as_str() == "Contact.Masked__c").unwrap();
    assert_eq!((masked.tier, masked.label.to_string().as_str()), (Tier::Restricted, "Restricted, PII"));
    let own = masked.own.as_ref().unwrap();
    assert_eq!((own.tier, own.label.to_string().as_str()), (Tier::Open, "Public"));
    assert_eq!(own.from.as_ref().unwrap().as_str(), "Contact.SSN__c");
    assert_eq!(own.source.as_ref().unwrap().to_string(), "objects/Contact/fields/Masked__c.field-meta.xml:3");
    // A field that counts as what it declares has no other label.
    assert!(matrix.fields.iter().filter(|f| f.own.is_some()).all(|f| f.name.field().starts_with(['M', 'T'])));
    let json: Value = serde_json::from_str(&write(&matrix, MatrixFormat::Json)).unwrap();
    let row =
        json["access"].as_array().unwrap().iter().find(|row| row["field"] == "Contact.Masked__c").unwrap();
    assert_eq!(
        (&row["own_label"]["classification"], &row["own_label"]["counts_as"]),
        (&json!("Public"), &json!("Contact.SSN__c"))
    );
    let csv = write(&matrix, MatrixFormat::Csv);
    assert!(csv.contains(",objects/Contact/fields/SSN__c.field-meta.xml:4,Public,Contact.SSN__c,"), "{csv}");
    let markdown = write(&matrix, MatrixFormat::Markdown);
    assert!(
        markdown.contains("| Restricted, PII<br>from `Contact.SSN__c`; its own label: Public |"),
        "{markdown}"
    );
}

#[test]
fn reasons_of_several_lines_and_addresses_read_and_copy_as_written() {
    let reason =
        "justification: |\n      First line.\n      Ask tax@acme.example, or https://acme.example/tax.\n";
    let reasons = REASONS.replace("justification: Matching of people against the tax register.\n", reason);
    let matrix = standing(with(org(), &[(".flsgate/justifications/analytics.yml", Some(reasons))]), false);
    let markdown = write(&matrix, MatrixFormat::Markdown);
    let said = "| First line.<br>Ask `tax@acme.example`, or `https://acme.example/tax`. |";
    assert!(markdown.contains(said) && !markdown.contains('\u{200b}'), "{markdown}");
    let csv = write(&matrix, MatrixFormat::Csv);
    assert!(csv.contains("\"First line. Ask tax@acme.example, or https://acme.example/tax.\""), "{csv}");
}

#[test]
fn where_files_can_be_looked_at_does_not_make_a_page_stale() {
    let mut matrix = delta(org(), with(org(), &[("profiles/Admin.profile-meta.xml", None)]));
    assert_eq!(matrix.lookup, Lookup::default());
    let page = write(&matrix, MatrixFormat::Html);
    assert!(page.contains("\n\"lookup\":{\"head\":null,\"base\":null},\n"));
    matrix.lookup.head = Some("https://github.com/acme/org/blob/1f8142f".into());
    assert!(
        write(&matrix, MatrixFormat::Html).contains("\"head\":\"https://github.com/acme/org/blob/1f8142f\"")
    );
    assert!(staleness(&matrix, MatrixFormat::Html, page.as_bytes()).unwrap().is_fresh());
}

#[test]
fn lines_that_only_the_base_has_are_marked() {
    let without = set(&[entry("Account.Revenue__c", Access::Read)]);
    let changed = [
        ("permissionsets/Analytics.permissionset-meta.xml", Some(without)),
        ("objects/Contact/fields/Salary__c.field-meta.xml", Some(label("Public"))),
    ];
    let matrix = delta(org(), with(org(), &changed));
    let gone = crate::org::cell(&matrix, "Contact.SSN__c", "Analytics");
    assert!(gone.route.iter().all(|hop| hop.at.on_base), "{:?}", gone.route);
    assert!(standing(org(), false).cells.iter().flat_map(|c| &c.route).all(|hop| !hop.at.on_base));
}
