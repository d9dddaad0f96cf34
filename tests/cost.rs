//! Cost follows the change: what a check reads of a large repository, counted, not timed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::gate::{Outcome, Verdict};

const OBJECTS: usize = 300;
const FIELDS: usize = 100;
const SETS: usize = 120;

type Files = Vec<(String, Vec<u8>)>;

fn field_path(object: usize, field: usize) -> String {
    format!("force-app/main/default/objects/Object{object}__c/fields/Field{field}__c.field-meta.xml")
}

fn set_path(set: usize) -> String {
    format!("force-app/main/default/permissionsets/Set{set}.permissionset-meta.xml")
}

fn field(classification: &str) -> Vec<u8> {
    format!(
        "<CustomField>\n<securityClassification>{classification}</securityClassification>\n</CustomField>\n"
    )
    .into()
}

fn set(fields: impl Iterator<Item = (usize, usize)>) -> Vec<u8> {
    let mut text = "<PermissionSet>\n".to_owned();
    for (object, field) in fields {
        text.push_str(&format!(
            "<fieldPermissions>\n<editable>false</editable>\n<field>Object{object}__c.Field{field}__c</field>\n\
             <readable>true</readable>\n</fieldPermissions>\n"
        ));
    }
    (text + "</PermissionSet>\n").into()
}

/// 30,000 fields of 300 objects and 120 permission sets of 50 grants each.
fn large() -> Files {
    let mut files = Files::new();
    for object in 0..OBJECTS {
        for number in 0..FIELDS {
            files.push((
                field_path(object, number),
                field(if number % 4 == 0 { "Confidential" } else { "Internal" }),
            ));
        }
    }
    for number in 0..SETS {
        files.push((set_path(number), set((0..50).map(|f| (number, f)))));
    }
    files
}

fn judge(base: &Files, head: &Files) -> Verdict {
    common::judge(&base.iter().cloned().collect(), &head.iter().cloned().collect())
}

#[test]
fn a_twenty_file_change_reads_forty_grantor_files_and_the_labels_it_touches() {
    let base = large();
    let mut head = base.clone();
    for number in 0..20 {
        let path = set_path(number);
        let file = head.iter_mut().find(|(p, _)| *p == path).unwrap();
        // One more field each: field 50 of the set's object, Internal, and field 52, Confidential.
        file.1 = set((0..51).chain([52]).map(|f| (number, f)));
    }
    let verdict = judge(&base, &head);
    assert_eq!((verdict.outcome, verdict.opened.len(), verdict.findings.len()), (Outcome::Blocked, 40, 20));
    let read = &verdict.read;
    assert_eq!((read.listed, read.changed), (2 * (30_000 + 120), 20));
    // Each changed set and the two fields that each opens: files of both sides are read, and counted once.
    assert_eq!((read.permission_sets, read.fields, read.files), (20, 40, 120));
    assert_eq!((read.files_for.change, read.files_for.labels), (40, 80));
}

#[test]
fn an_added_field_without_a_classified_label_asks_no_grantor() {
    let base = large();
    let mut head = base.clone();
    head.push((field_path(0, 100), field("Internal")));
    let verdict = judge(&base, &head);
    assert_eq!((verdict.outcome, verdict.read.files), (Outcome::Passed, 1));
}

#[test]
fn flows_and_classes_are_read_where_they_change_and_nowhere_else() {
    let flow = |field: &str| {
        format!(
            "<Flow><runInMode>SystemModeWithoutSharing</runInMode><recordLookups><name>get</name>\
             <object>Object0__c</object><queriedFields>{field}</queriedFields></recordLookups></Flow>"
        )
    };
    let mut base = large();
    for number in 0..100 {
        base.push((format!("force-app/flows/F{number}.flow-meta.xml"), flow("Id").into()));
        base.push((format!("force-app/classes/C{number}.cls"), b"class C { Object0__c o; }".into()));
        base.push((format!("force-app/settings/S{number}.settings-meta.xml"), b"<S></S>".into()));
    }
    let mut head = base.clone();
    head.iter_mut().find(|(path, _)| path.ends_with("/F7.flow-meta.xml")).unwrap().1 =
        flow("Field0__c").into();
    let verdict = judge(&base, &head);
    assert_eq!(
        verdict.findings.iter().map(|f| f.rule.id).collect::<Vec<_>>(),
        ["shown-without-field-security"]
    );
    // The flow on both sides, and the label of the field that it newly names.
    assert_eq!((verdict.read.files_for.change, verdict.read.files), (2, 3));
}

#[test]
fn a_raised_label_asks_every_grantor_and_definition_once() {
    let base = large();
    let mut head = base.clone();
    let path = field_path(7, 1);
    head.iter_mut().find(|(p, _)| *p == path).unwrap().1 = field("Restricted");
    let verdict = judge(&base, &head);
    assert_eq!(verdict.findings.iter().map(|f| f.rule.id).collect::<Vec<_>>(), ["label-raised-over-grants"]);
    // Every grantor may hold it, and every other definition may be a formula that reads it.
    let (sets, fields) = (SETS as u64, (OBJECTS * FIELDS) as u64);
    assert_eq!((verdict.read.permission_sets, verdict.read.files), (SETS, sets + 2 + fields - 1));
    let read = verdict.read.files_for;
    assert_eq!((read.change, read.existing_access, read.derived_fields), (2, sets, fields - 1));
}

#[test]
fn a_moved_folder_opens_nothing() {
    let base = large();
    let moved = |(path, bytes): &(String, Vec<u8>)| {
        (path.replace("force-app/main/default/permissionsets", "packages/p"), bytes.clone())
    };
    let head: Files = base.iter().map(moved).collect();
    let verdict = judge(&base, &head);
    assert_eq!((verdict.outcome, verdict.read.changed), (Outcome::Passed, 2 * SETS as u64));
    assert_eq!((verdict.opened.len(), verdict.findings.len()), (0, 0));
}
