//! Names and texts that mean harm, in every format.

use crate::formats::page_is_sound;
use crate::org::{ALL, entry, label, set, standing, write};
use flsgate::report::matrix::{Matrix, MatrixFormat};
use flsgate::words::Access;

const EVIL: &str = "=HYPERLINK(\"http://evil.example\")|`<script>alert(1)</script> \u{202e}{{DATA}} ##[x]";

/// Names and texts that mean harm, wherever an author can put them.
fn hostile() -> Matrix {
    let xml = EVIL.replace('&', "&amp;").replace('<', "&lt;");
    let evil_field = "=cmd|'/C`calc`'!A0&lt;img/onerror=x>.Ev|il__c";
    let reasons = format!(
        "permission_set: \"@sum|x\"\nentries:\n  - field: Contact.SSN__c\n    access: read\n    justification: {0}\n    \
         compliance: {0}\n    owner: {0}\n    ticket: {0}\n    expires: 2027-03-31\n",
        serde_json::to_string(EVIL).unwrap()
    );
    standing(
        vec![
            (".flsgate/justifications/x.yml", reasons),
            ("objects/Contact/fields/SSN__c.field-meta.xml", label(&xml)),
            (
                "permissionsets/@sum|x.permissionset-meta.xml",
                set(&[entry("Contact.SSN__c", Access::Read), entry(evil_field, Access::Edit)]),
            ),
            (
                "permissionsets/-1+`<b>\u{202e}\n## y.permissionset-meta.xml",
                set(&[entry("Contact.SSN__c", Access::Read)]),
            ),
        ],
        true,
    )
}

#[test]
fn hostile_text_does_nothing_in_any_format() {
    let matrix = hostile();
    assert_eq!(matrix.cells.len(), 3);
    for format in ALL {
        let text = write(&matrix, format);
        assert!(!text.contains('\u{202e}') && !text.contains("##["), "{format:?}");
    }
    page_is_sound(&matrix);

    let text = write(&matrix, MatrixFormat::Csv);
    let (_, table) = text.split_once("\r\n\r\n").unwrap();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let columns = reader.headers().unwrap().len();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        assert_eq!(row.len(), columns);
        for value in &row {
            assert!(!value.trim_start().starts_with(['=', '+', '-', '@']), "{value}");
        }
        rows += 1;
    }
    assert_eq!(rows, 3);

    // The tables of the page: as many parts in each row as in its head, and no element but line breaks.
    let text = write(&matrix, MatrixFormat::Markdown);
    let options = pulldown_cmark::Options::ENABLE_TABLES;
    let (mut parts, mut widths) = (0, Vec::new());
    for event in pulldown_cmark::Parser::new_ext(&text, options) {
        use pulldown_cmark::{Event, Tag, TagEnd};
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => parts = 0,
            Event::Start(Tag::TableCell) => parts += 1,
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => widths.push(parts),
            Event::Html(html) | Event::InlineHtml(html) => assert_eq!(&*html, "<br>"),
            Event::Start(Tag::Link { dest_url, .. }) => panic!("a link to {dest_url}"),
            _ => {}
        }
    }
    assert_eq!(widths.len(), 3 + 2, "two objects, three accesses");
    assert!(widths.iter().all(|w| *w == 12), "{widths:?}");
}
