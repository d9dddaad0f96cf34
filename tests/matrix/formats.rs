//! The small organisation in each format.

use crate::org::{ALL, org, standing, write};
use base64::Engine;
use flsgate::report::matrix::{Matrix, MatrixFormat};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[test]
fn markdown() {
    let text = write(&standing(org(), false), MatrixFormat::Markdown);
    insta::assert_snapshot!(text);
    // `<readable>` of the first entry: the root is line 1, the entry starts on line 2.
    assert!(text.contains("readable: true `permissionsets/Analytics.permissionset-meta.xml:5`"));
    assert!(text.contains("| Needed for the revenue trend analysis. (SEC-1412) |"));
}

#[test]
fn csv() {
    let text = write(&standing(org(), false), MatrixFormat::Csv);
    insta::assert_snapshot!(text.replace("\r\n", "␍\n"));
    assert!(text.starts_with("\u{feff}Data access matrix\r\n\"Revision "));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let (_, table) = text.split_once("\r\n\r\n").unwrap();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let head = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 7, "six accesses, and a field that nobody reaches");
    let of = |name: &str| rows[0].get(head.iter().position(|h| h == name).unwrap()).unwrap();
    let by_hand = [
        ("Field", "Account.Revenue__c"),
        ("Classification", "Confidential"),
        ("Access granted", "Yes"),
        ("Tier", "conditional"),
        ("Permission set or profile", "Analytics"),
        ("Kind", "permission set"),
        ("User type", "internal"),
        ("Access", "read"),
        ("State", "justified"),
        ("Through", "field permissions"),
        ("Through at", "permissionsets/Analytics.permissionset-meta.xml:5"),
        ("Business justification", "Needed for the revenue trend analysis."),
        ("Compliance considerations", "No personal data, reviewed quarterly."),
        ("Owner", "analytics@acme.example"),
        ("Approval", "not asked for"),
        ("Expires", "2027-03-31"),
        ("Ticket", "SEC-1412"),
        ("Label at", "objects/Account/fields/Revenue__c.field-meta.xml:2"),
        ("Justification at", ".flsgate/justifications/analytics.yml:3"),
    ];
    for (name, value) in by_hand {
        assert_eq!(of(name), value, "{name}");
    }
}

#[test]
fn json() {
    let text = write(&standing(org(), false), MatrixFormat::Json);
    insta::assert_snapshot!(text);
    let json: Value = serde_json::from_str(&text).unwrap();
    let row = &json["access"][0];
    assert_eq!(row["field"], "Account.Revenue__c");
    assert_eq!((row["permission_set"].as_str(), row.get("profile")), (Some("Analytics"), None));
    assert_eq!((row["access"].as_str(), row["state"].as_str()), (Some("read"), Some("justified")));
    let step = &row["through"][0];
    assert_eq!(step["path"], "permissionsets/Analytics.permissionset-meta.xml");
    assert_eq!((step["line"].as_u64(), step["text"].as_str()), (Some(5), Some("readable: true")));
    let why = &row["justification"];
    assert_eq!(
        (why["owner"].as_str(), why["expires"].as_str()),
        (Some("analytics@acme.example"), Some("2027-03-31"))
    );
    assert_eq!(
        (why["path"].as_str(), why["line"].as_u64()),
        (Some(".flsgate/justifications/analytics.yml"), Some(3))
    );
}

/// The text between marks that stand once.
fn between<'t>(text: &'t str, open: &str, close: &str) -> &'t str {
    let (_, rest) = text.split_once(open).unwrap_or_else(|| panic!("{open}"));
    rest.split_once(close).unwrap_or_else(|| panic!("{close}")).0
}

/// The tables of the page and the rows for other tools say the same of each access.
fn agree(tables: &Value, json: &Value) {
    let at = |list: &str, position: &Value| {
        position.as_u64().map_or(Value::Null, |at| tables[list][usize::try_from(at).unwrap()].clone())
    };
    let rows = json["access"].as_array().unwrap();
    let cells = tables["cells"].as_array().unwrap();
    assert_eq!(cells.len(), rows.len());
    for (cell, row) in cells.iter().zip(rows) {
        let (field, holder) = (at("fields", &cell["f"]), at("grantors", &cell["g"]));
        let key = match holder["kind"].as_str().unwrap() {
            "permission_set_group" => "group",
            kind => kind,
        };
        let why = at("justifications", &cell["justification"]);
        for (of_table, of_row) in [
            (&field["name"], &row["field"]),
            (&field["tier"], &row["tier"]),
            (&field["groups"], &row["compliance_groups"]),
            (&holder["name"], &row[key]),
            (&holder["principal"], &row["user_type"]),
            (&cell["access"], &row["access"]),
            (&cell["status"], &row["state"]),
            (&cell["change"], &row["change"]),
            (&why["text"], &row["justification"]["text"]),
            (&at("paths", &why["path"]), &row["justification"]["path"]),
        ] {
            assert_eq!(of_table, of_row, "{row}");
        }
    }
    assert_eq!(tables["gaps"].as_array().unwrap().len(), json["not_read"].as_array().unwrap().len());
}

/// What a browser checks before it runs the page.
pub(crate) fn page_is_sound(matrix: &Matrix) {
    let page = write(matrix, MatrixFormat::Html);
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    assert!(
        policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe") && !policy.contains("{{")
    );
    let hash = |text: &str| base64::prelude::BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
    for (source, open, close) in
        [("style-src", "<style>", "</style>"), ("script-src", "<script>", "</script>")]
    {
        let expected = format!("{source} 'sha256-{}'", hash(between(&page, open, close)));
        assert!(policy.contains(&expected), "{policy}");
    }
    let data = between(&page, "<script type=\"application/json\" id=\"data\">", "</script>");
    assert!(!data.contains('<'));
    let (data, json): (Value, Value) = (
        serde_json::from_str(data).unwrap(),
        serde_json::from_str(&write(matrix, MatrixFormat::Json)).unwrap(),
    );
    agree(&data, &json);
    assert_eq!(page.matches("<script").count(), 2);
    for place in ["{{STYLE_HASH}}", "{{SCRIPT_HASH}}", "{{DATA}}", "<!--TITLE-->"] {
        assert!(!page.contains(place) || json.to_string().contains(place), "{place}");
    }
}

#[test]
fn html() {
    let matrix = standing(org(), false);
    page_is_sound(&matrix);
    assert!(write(&matrix, MatrixFormat::Html).contains("<title>Data access matrix</title>"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ALL {
        assert_eq!(write(&standing(org(), true), format), write(&standing(org(), true), format));
    }
}
