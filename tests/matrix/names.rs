//! One field under several names: a grant calls it by another one than its file does.

use crate::org::*;
use flsgate::report::matrix::{Change, Matrix, Status};
use flsgate::words::Access;

/// The restricted field of contacts and one of activities; person accounts and tasks name them otherwise.
fn project(ssn: &str) -> Files<'static> {
    let read = |field| entry(field, Access::Read);
    vec![
        ("objects/Contact/fields/SSN__c.field-meta.xml", label(ssn)),
        ("objects/Activity/fields/Outcome__c.field-meta.xml", label("Restricted")),
        ("objects/Contact/fields/Salary__c.field-meta.xml", label("Restricted")),
        (
            "permissionsets/Desk.permissionset-meta.xml",
            set(&[read("Account.SSN__pc"), read("Task.Outcome__c")]),
        ),
    ]
}

fn names(matrix: &Matrix) -> Vec<&str> {
    matrix.fields.iter().map(|f| f.name.as_str()).collect()
}

#[test]
fn a_field_that_is_granted_under_another_name_is_not_without_access() {
    let matrix = standing(project("Restricted"), false);
    assert_eq!(names(&matrix), ["Account.SSN__pc", "Contact.Salary__c", "Task.Outcome__c"]);
    let unreached: Vec<&str> = matrix.unreached().map(|f| f.name.as_str()).collect();
    assert_eq!(unreached, ["Contact.Salary__c"]);
}

#[test]
fn a_label_that_rises_over_a_grant_under_another_name_is_in_the_delta() {
    let matrix = delta(project("Public"), project("Restricted"));
    let desk = cell(&matrix, "Account.SSN__pc", "Desk");
    assert_eq!((desk.status, desk.change), (Status::NeedsApproval, Some(Change::Relabelled)));
    assert_eq!(desk.notes, ["the label changes from open (Public) to restricted (Restricted)"]);
    assert_eq!(names(&matrix), ["Account.SSN__pc"]);
}
