//! A small organisation, and its matrix.

use crate::common;
use flsgate::git;
use flsgate::report::matrix::{Matrix, MatrixCell, MatrixFormat};
use flsgate::run::{MatrixOf, MatrixOptions, MatrixRun, matrix};
use flsgate::words::Access;

pub(crate) type Files<'f> = Vec<(&'f str, String)>;

pub(crate) fn entry(field: &str, access: Access) -> String {
    let edit = access == Access::Edit;
    format!(
        "<fieldPermissions>\n<editable>{edit}</editable>\n<field>{field}</field>\n<readable>true</readable>\n\
         </fieldPermissions>\n"
    )
}

pub(crate) fn set(entries: &[String]) -> String {
    format!("<PermissionSet>\n{}</PermissionSet>\n", entries.concat())
}

pub(crate) fn field(inside: &str) -> String {
    format!("<CustomField>\n{inside}\n</CustomField>\n")
}

pub(crate) fn label(classification: &str) -> String {
    field(&format!("<securityClassification>{classification}</securityClassification>"))
}

pub(crate) const REASONS: &str = "\
permission_set: Analytics
entries:
  - field: Account.Revenue__c
    access: read
    justification: Needed for the revenue trend analysis.
    compliance: No personal data, reviewed quarterly.
    owner: analytics@acme.example
    ticket: SEC-1412
    expires: 2027-03-31
  - field: Contact.SSN__c
    access: read
    justification: Matching of people against the tax register.
    compliance: PII, encrypted in transit.
    owner: tax@acme.example
    expires: 2027-03-31
";

pub(crate) const OVER: &str = "\
permission_set: Desk
entries:
  - field: Contact.SSN__c
    access: edit
    justification: Corrections that customers ask for.
    compliance: PII, four eyes.
    owner: desk@acme.example
    expires: 2026-05-31
";

/// Five fields, two permission sets, their group, a profile, and three justifications.
pub(crate) fn org() -> Files<'static> {
    let read = |field| entry(field, Access::Read);
    vec![
        (".flsgate/justifications/analytics.yml", REASONS.into()),
        (".flsgate/justifications/desk.yml", OVER.into()),
        ("objects/Account/fields/Region__c.field-meta.xml", label("Public")),
        ("objects/Account/fields/Revenue__c.field-meta.xml", label("Confidential")),
        (
            "objects/Account/fields/Trend__c.field-meta.xml",
            field("<formula>Revenue__c * 2</formula>\n<type>Number</type>"),
        ),
        (
            "objects/Contact/fields/SSN__c.field-meta.xml",
            field(
                "<businessOwnerUser>privacy@acme.example</businessOwnerUser>\n<complianceGroup>PII</complianceGroup>\n\
                 <securityClassification>Restricted</securityClassification>",
            ),
        ),
        ("objects/Contact/fields/Salary__c.field-meta.xml", label("Restricted")),
        (
            "permissionsets/Analytics.permissionset-meta.xml",
            set(&[
                read("Account.Revenue__c"),
                read("Account.Trend__c"),
                read("Contact.SSN__c"),
                entry("Account.Region__c", Access::Edit),
            ]),
        ),
        ("permissionsets/Desk.permissionset-meta.xml", set(&[entry("Contact.SSN__c", Access::Edit)])),
        (
            "permissionsetgroups/Both.permissionsetgroup-meta.xml",
            "<PermissionSetGroup>\n<label>Both</label>\n<permissionSets>Desk</permissionSets>\n</PermissionSetGroup>\n"
                .into(),
        ),
        (
            "profiles/Admin.profile-meta.xml",
            format!("<Profile>\n{}</Profile>\n", read("Account.Revenue__c")),
        ),
    ]
}

pub(crate) fn with(mut files: Files<'static>, changed: &[(&'static str, Option<String>)]) -> Files<'static> {
    for (path, text) in changed {
        files.retain(|(p, _)| p != path);
        files.extend(text.clone().map(|text| (*path, text)));
    }
    files
}

pub(crate) fn made(
    commits: &[Files<'_>],
    of: impl FnOnce(&[String]) -> MatrixOf,
    all: bool,
    lines: bool,
) -> MatrixRun {
    let folder = tempfile::tempdir().unwrap();
    let commits: Vec<Vec<(&str, &[u8])>> =
        commits.iter().map(|files| files.iter().map(|(p, t)| (*p, t.as_bytes())).collect()).collect();
    let slices: Vec<&git::Files<'_>> = commits.iter().map(Vec::as_slice).collect();
    let ids = git::create(folder.path(), &slices).unwrap();
    let options = MatrixOptions {
        filter: flsgate::report::matrix::MatrixFilter::default(),
        repository_url: None,
        repository: folder.path().into(),
        of: of(&ids),
        all,
        lines,
        today: common::TODAY,
        progress: None,
    };
    matrix(&options).unwrap()
}

pub(crate) fn standing(files: Files<'_>, all: bool) -> Matrix {
    let run = made(&[files], |ids| MatrixOf::Standing(Some(ids[0].clone())), all, true);
    assert!(run.warnings.is_empty(), "{:?}", run.warnings);
    run.matrix
}

pub(crate) fn delta(base: Files<'_>, head: Files<'_>) -> Matrix {
    let of = |ids: &[String]| MatrixOf::Change { base: ids[0].clone(), head: Some(ids[1].clone()) };
    made(&[base, head], of, false, true).matrix
}

pub(crate) fn write(matrix: &Matrix, format: MatrixFormat) -> String {
    let mut out = Vec::new();
    matrix.write(format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) const ALL: [MatrixFormat; 4] =
    [MatrixFormat::Markdown, MatrixFormat::Csv, MatrixFormat::Json, MatrixFormat::Html];

/// The cell of a field and a grantor, by name.
pub(crate) fn cell<'m>(matrix: &'m Matrix, field: &str, grantor: &str) -> &'m MatrixCell {
    let is = |c: &&MatrixCell| {
        matrix.fields[c.field].name.as_str() == field && matrix.grantors[c.grantor].grantor.name() == grantor
    };
    let mut found = matrix.cells.iter().filter(is);
    let cell = found.next().unwrap_or_else(|| panic!("{field}, {grantor}: no cell"));
    assert!(found.next().is_none(), "{field}, {grantor}: two cells");
    cell
}
