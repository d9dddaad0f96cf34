//! Writes a draft of a label file, for a person to read line by line.

/// A field, the label to start from, and why: object, name, classification, compliance group, reason.
pub type Drafted<'t> = [&'t str; 5];

/// A label file in the columns that are read here, and one for the reason, which is not.
pub fn draft_labels<'t>(rows: impl Iterator<Item = Drafted<'t>>) -> String {
    let mut table = csv::Writer::from_writer(Vec::new());
    let head = ["Object", "Field", "SecurityClassification", "ComplianceGroup", "Because"];
    for row in std::iter::once(head).chain(rows) {
        // Writing to memory does not fail.
        drop(table.write_record(row));
    }
    String::from_utf8(table.into_inner().unwrap_or_default()).unwrap_or_default()
}
