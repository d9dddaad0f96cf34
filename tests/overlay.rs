//! Labels from outside the repository: every shape that an org exports, and every way to be broken.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use flsgate::policy::{LabelColumns, OverlayLabel, read_overlay};
use flsgate::source::SourceFile;
use std::sync::Arc;

fn read(name: &str, bytes: impl AsRef<[u8]>) -> Result<Vec<OverlayLabel>, Vec<String>> {
    let file = Arc::new(SourceFile::new(name.into(), bytes.as_ref()));
    read_overlay(&file, &LabelColumns::default()).map_err(|all| all.iter().map(ToString::to_string).collect())
}

/// `place field classification compliance` of each label.
fn labels(name: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
    let show = |l: OverlayLabel| {
        let at = l.place.location();
        let text = |t: Option<String>| t.unwrap_or_else(|| "-".into());
        format!("{}-{} {} {} {}", at.start, at.end, l.field, text(l.classification), text(l.compliance))
    };
    let all = read(name, bytes).unwrap().into_iter();
    all.filter(|label| label.is_labelled() || label.has_fls.is_some()).map(show).collect()
}

fn mistakes(name: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
    read(name, bytes).unwrap_err()
}

#[test]
fn a_query_as_csv_with_columns_in_any_order() {
    let text = "Label,SecurityClassification,EntityDefinition.QualifiedApiName,ComplianceGroup,QualifiedApiName\n\
                Birthdate,Confidential,Contact,PII;GDPR,Birthdate\n\
                \"Say \"\"x\"\", y\",,Contact,\"CCPA\",SSN__c\n\
                Phone,,Contact,,Phone\n\
                Revenue, Restricted ,Account,,AnnualRevenue\n";
    let expected = [
        "2:1-2:50 Contact.Birthdate Confidential PII;GDPR",
        "3:1-3:38 Contact.SSN__c - CCPA",
        "5:1-5:44 Account.AnnualRevenue Restricted -",
    ];
    assert_eq!(labels("a.csv", text), expected, "a row without a label is no information");
}

#[test]
fn the_download_of_setup_with_its_own_names() {
    let header = "Object API Name,Field API Name,Field Label,Data Sensitivity Level,Compliance Categorization,Data Owner";
    let row = "Contact,Birthdate,Birth date,Confidential,PII; GDPR,Åsa";
    let expected = ["2:1-2:56 Contact.Birthdate Confidential PII; GDPR"];
    assert_eq!(labels("a.csv", format!("\u{feff}{header}\r\n{row}\r\n")), expected);
    assert_eq!(labels("A.CSV", format!("{}\n{row}", header.to_uppercase())), expected);
    assert_eq!(labels("a.csv", format!("{}\n{row}", header.replace(' ', "_"))), expected);
}

#[test]
fn a_row_spans_its_own_lines_only() {
    let text = "\r\nField,Object,SecurityClassification,Note\r\n\r\nA__c,X__c,Public,\"two\r\nlines\"\r\n\r\nB__c,X__c,Internal,\r\n";
    assert_eq!(labels("a.csv", text), ["4:1-5:7 X__c.A__c Public -", "7:1-7:20 X__c.B__c Internal -"]);
}

/// Found by fuzzing: `A.B` as an object and `C` as a field were taken for a field `B.C` of `A`, if the row had no label.
#[test]
fn a_dot_in_an_object_makes_no_other_field() {
    let text = |label: &str| {
        format!("Object,Field,SecurityClassification\nContact.Account,Name,{label}\nContact,Email,\n")
    };
    let fields: Vec<String> = read("a.csv", text("")).unwrap().iter().map(|l| l.field.to_string()).collect();
    assert_eq!(fields, ["Contact.Email"]);
    assert!(
        mistakes("a.csv", text("Restricted"))[0]
            .contains("object `Contact.Account` and field `Name` are no API names")
    );
}

#[test]
fn files_of_several_objects_one_below_the_other() {
    let csv = "QualifiedApiName,EntityDefinition.QualifiedApiName,SecurityClassification\n\
               Birthdate,Contact,Restricted\n\
               \n\
               \u{feff}EntityDefinition.QualifiedApiName,QualifiedApiName,ComplianceGroup,SecurityClassification\n\
               Account,Phone,PII,\n";
    assert_eq!(
        labels("a.csv", csv),
        ["2:1-2:29 Contact.Birthdate Restricted -", "5:1-5:19 Account.Phone - PII"]
    );
    let one = |object: &str| {
        format!(
            r#"[{{"QualifiedApiName":"Phone","EntityDefinition":{{"QualifiedApiName":"{object}"}},"ComplianceGroup":"PII"}}]"#
        )
    };
    let json = format!("{}\n{}", one("Account"), one("Contact"));
    assert_eq!(labels("a.json", json), ["1:2-1:104 Account.Phone - PII", "2:2-2:104 Contact.Phone - PII"]);
}

#[test]
fn every_wrapping_of_json() {
    let record = r#"{"attributes":{"type":"FieldDefinition","url":"/x"},"QualifiedApiName":"Birthdate","EntityDefinition":{"attributes":{"type":"EntityDefinition"},"QualifiedApiName":"Contact"},"SecurityClassification":"Confidential","ComplianceGroup":null,"BusinessOwnerId":null}"#;
    let none = record.replace("\"Confidential\"", "null");
    let bare = format!("{{ \"records\": [\n  {record},\n  {none}\n], \"totalSize\": 2, \"done\": true }}");
    let end = 3 + record.chars().count();
    let at = |line: u32, column: usize| {
        vec![format!("{line}:{column}-{line}:{} Contact.Birthdate Confidential -", end - 3 + column)]
    };
    assert_eq!(labels("a.json", &bare), at(2, 3));
    assert_eq!(labels("a.json", format!("\u{feff}{bare}")), at(2, 3));
    let wrapped = format!("{{\n\"status\": 0, \"result\":\n{bare}, \"warnings\": [] }}\n");
    assert_eq!(labels("a.json", wrapped), at(4, 3));
    assert_eq!(labels("a.json", format!("[ {record} ]")), at(1, 3));
    assert_eq!(labels("a.json", "[]"), [""; 0]);
    let dotted = r#"[{"QualifiedApiName":"Phone","EntityDefinition.QualifiedApiName":"Contact","ComplianceGroup":"PII"}]"#;
    assert_eq!(labels("a.json", dotted), ["1:2-1:100 Contact.Phone - PII"]);
}

#[test]
fn an_export_without_rows_is_no_mistake_but_an_empty_file_is() {
    assert_eq!(labels("a.csv", "\n"), [""; 0], "what `sf` writes for no rows");
    for name in ["a.csv", "a.json"] {
        assert_eq!(
            mistakes(name, ""),
            [format!("{name}:1:1: the file is empty; export the labels again, or delete it")]
        );
    }
    assert_eq!(mistakes("a.json", " \n").len(), 1);
}

#[test]
fn json_that_breaks_off_in_a_character_is_a_mistake_at_that_character() {
    // `\u0` is followed by a mark of three bytes; serde_json counts bytes and stops in the middle of it.
    let text = "[{\"Object\":\"A\",\"Field\":\"C\",\"SecurityClassification\":\"\\u0\u{feff}\"}]";
    let found = mistakes("a.json", text);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("a.json:1:57: not readable as JSON: "), "{found:#?}");
}

/// A reviewer reads the first one, and most readers of JSON take the last.
#[test]
fn a_key_that_is_written_twice_in_a_record_is_a_mistake() {
    let record = |more: &str| {
        format!("[{{\"Object\":\"A\",\"Field\":\"C\",\"SecurityClassification\":\"Restricted\"{more}}}]")
    };
    assert_eq!(labels("a.json", record("")).len(), 1);
    for (more, name) in [
        (",\"SecurityClassification\":\"Public\"", "SecurityClassification"),
        (",\"Object\":\"B\"", "Object"),
        (
            ",\"EntityDefinition\":{\"QualifiedApiName\":\"A\",\"QualifiedApiName\":\"B\"}",
            "EntityDefinition.QualifiedApiName",
        ),
    ] {
        let found = mistakes("a.json", record(more));
        assert_eq!(found, [format!("a.json:1:2: `{name}` is written twice in this record; keep one")]);
    }
}

#[test]
fn missing_columns_are_named_with_what_they_may_be_called() {
    let found = mistakes("a.csv", "Entity,QualifiedApiName,SecurityClassification\nA,B,C\n");
    assert_eq!(
        found,
        [
            "a.csv:1:1: no column names the object; call it `EntityDefinition.QualifiedApiName` or `Object API Name` or `EntityDefinition` or `Object Name` or `Object`"
        ]
    );
    let found = mistakes("a.csv", "Object,Feild,SecurityClassification\nA,B,C\n");
    assert!(
        matches!(&found[..], [one] if one.starts_with("a.csv:1:1: no column names the field; call `Feild` `QualifiedApiName` or")),
        "{found:?}"
    );
    let found = mistakes("a.csv", "Object,DeveloperName,SecurityClassification\nA,B,C\n");
    assert!(
        matches!(&found[..], [one] if one.starts_with("a.csv:1:1: no column names the field; call it `QualifiedApiName` or"))
    );
    let found = mistakes("a.csv", "Object,Field,Secrecy\nA,B,C\n");
    assert!(
        matches!(&found[..], [one] if one.starts_with("a.csv:1:1: no column holds a label; call the classification `SecurityClassification` or"))
    );
    let found = mistakes("a.csv", "EntityDefinitionId,QualifiedApiName,SecurityClassification\nA,B,C\n");
    assert!(matches!(&found[..], [one] if one.contains("column `EntityDefinitionId` holds ids")));
    // Rows without a header, or a message in the place of an export.
    for text in ["Contact,Email,Restricted\n", "Warning: an update is available\nObject,Field\n"] {
        let found = mistakes("a.csv", text);
        assert!(
            matches!(&found[..], [one] if one.contains("write a header such as `EntityDefinition.")),
            "{found:?}"
        );
    }
    let found = mistakes("a.csv", "Object,Field,SecurityClassification,Compliance Categorisation\nA,B,C,D\n");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(
        "a.csv:1:1: column `Compliance Categorisation` seems to hold labels, but its name is not known;"
    ));
    let found = mistakes("a.csv", "Object,Field,Security,ComplianceGroup,IsFlsEnabled\nA,B,C,D,true\n");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("a.csv:1:1: column `Security` seems to hold labels"), "{found:?}");
    let twice = "Object,Field,SecurityClassification,Data Sensitivity Level\nA,B,C,D\n";
    assert_eq!(mistakes("a.csv", twice), ["a.csv:1:1: 2 columns hold the classification; keep one"]);
    let semicolons = mistakes("a.csv", "Object;Field;SecurityClassification\nA;B;C\n");
    assert_eq!(semicolons, ["a.csv:1:1: the columns are not separated by commas; save the file with commas"]);
    let json = r#"[{"DeveloperName":"Phone","EntityDefinition":null,"ComplianceGroup":"PII"}]"#;
    assert!(mistakes("a.json", json)[0].starts_with("a.json:1:2: no key names the field;"));
}

#[test]
fn broken_rows_are_told_with_their_places() {
    let head = "Object,Field,SecurityClassification\n";
    let text = format!(
        "{head}Contact,Birthdate\nContact,A,B,C\n,Phone,Public\nContact,Contact.Phone,Public\nContact,My Field,Public\nContact,Fine,Public\nmy field,,\n"
    );
    let found = mistakes("a.csv", text);
    assert_eq!(found.len(), 5, "{found:#?}");
    assert_eq!(found[0], "a.csv:2:1: the row has 2 cells, its header has 3");
    assert_eq!(found[1], "a.csv:3:1: the row has 4 cells, its header has 3");
    for (at, line) in [(2, 4), (3, 5), (4, 6)] {
        assert!(
            found[at].starts_with(&format!("a.csv:{line}:1: the record has a label, but object")),
            "{found:#?}"
        );
    }
    let open =
        format!("{head}Contact,Phone,Internal\nContact,Birthdate,\"Restricted\nContact,SSN__c,Restricted\n");
    assert_eq!(mistakes("a.csv", open), ["a.csv:3:1: a quotation mark is not closed, here or above"]);
    let long = format!("{head}Contact,Phone,{}\n", "x".repeat(256));
    assert!(mistakes("a.csv", long)[0].starts_with("a.csv:2:1: a name or label of this record is longer"));
    let many = format!("{head}{}", "Contact\n".repeat(100_000));
    assert_eq!(mistakes("a.csv", many).len(), 50, "nobody reads more");
}

#[test]
fn broken_json_is_told_with_its_place() {
    for (text, expected) in [
        ("{ \"records\": [\n  {,} ] }", "a.json:2:4: not readable as JSON: key must be a string"),
        (
            "[\n\n{\"a\":",
            "a.json:3:5: not readable as JSON: it ends too early: a closing bracket or quote is missing",
        ),
        ("Querying Data... done\n{}", "a.json:1:1: not readable as JSON: expected value"),
        ("7", "a.json:1:1: no records here; "),
        (" {}", "a.json:1:2: no `records` here; "),
        ("{\"result\":{\"result\":{\"records\":[]}}}", "a.json:1:11: no `records` here; "),
        ("{\"records\":{}}", "a.json:1:12: `records` is no array"),
        ("[\n 7]", "a.json:2:2: this record is no JSON object"),
        ("{\"done\":\"no\",\"records\":[]}", "a.json:1:1: not as `sf` writes it: invalid type"),
        ("{\"done\":false,\"records\":[]}", "a.json:1:1: the result is not complete"),
        ("{\"totalSize\":2,\"records\":[]}", "a.json:1:1: the result is not complete"),
        ("{\"status\":1,\"name\":\"X\",\"message\":\"y\"}", "a.json:1:1: the export failed"),
        (
            "[{\"Object\":\"A\",\"Field\":\"B\",\"ComplianceGroup\":[\"PII\"]}]",
            "a.json:1:2: `ComplianceGroup` is neither text nor `null`",
        ),
    ] {
        let found = mistakes("a.json", text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert!(found[0].starts_with(expected), "{text}: {found:#?}");
    }
}

#[test]
fn hostile_bytes_never_get_through() {
    let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    assert_eq!(
        mistakes("a.csv", lfs),
        ["a.csv:1:1: the file is a Git LFS pointer; keep label files out of LFS"]
    );
    let utf16: Vec<u8> = "Object".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = [b"\xFF\xFE".as_slice(), &utf16].concat();
    let said = "a.csv:1:1: the file is UTF-16, as `>` of Windows PowerShell writes it; write it by `| Out-File -Encoding utf8` there";
    assert_eq!(mistakes("a.csv", utf16), [said]);
    let latin = b"Object,Field,ComplianceGroup\nA,B,\xE5\n";
    assert_eq!(mistakes("a.csv", latin), ["a.csv:2:5: this byte is not UTF-8; save the file as UTF-8"]);
    let large = vec![b'\n'; 8 * 1024 * 1024 + 1];
    assert_eq!(
        mistakes("a.csv", large),
        ["a.csv:1:1: the file is larger than 8388608 bytes; split it by object"]
    );
    assert_eq!(labels("a.csv", vec![b'\n'; 8 * 1024 * 1024]), [""; 0]);
    let escapes = "Object,Field,ComplianceGroup\nContact,A\u{1b}[1m,PII\n";
    assert!(mistakes("a.csv", escapes)[0].starts_with("a.csv:2:1: the record has a label, but"));
    let deep = format!("[{{\"a\":{}{}}}]", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(mistakes("a.json", deep), ["a.json:1:2: this record is no JSON object"]);
    let wide = "[".repeat(1_000_000);
    assert_eq!(mistakes("a.json", wide).len(), 1);
}

#[test]
fn a_column_tells_of_standard_fields_whether_they_have_field_level_security() {
    let head = "QualifiedApiName,EntityDefinition.QualifiedApiName,SecurityClassification,IsFlsEnabled\n";
    let rows = "LastName,Contact,,false\nEmail,Contact,,TRUE\nNote__c,Contact,,true\nFax,Contact,,\n";
    let labels = read("a.csv", format!("{head}{rows}")).unwrap();
    let said: Vec<_> = labels.iter().map(|l| (l.field.as_str(), l.has_fls, l.is_labelled())).collect();
    // A record that says nothing more says that there is such a field.
    assert_eq!(
        said,
        [
            ("Contact.LastName", Some(false), false),
            ("Contact.Email", Some(true), false),
            ("Contact.Note__c", Some(true), false),
            ("Contact.Fax", None, false)
        ]
    );
    let record = r#"[{"EntityDefinition":{"QualifiedApiName":"Contact"},"QualifiedApiName":"Email",
        "SecurityClassification":null,"IsFlsEnabled":false}]"#;
    assert_eq!(read("a.json", record).unwrap()[0].has_fls, Some(false));
    let wrong = read("a.csv", format!("{head}Email,Contact,,maybe\n")).unwrap_err();
    assert!(wrong[0].contains("`IsFlsEnabled` is neither `true` nor `false`"), "{wrong:?}");
}

#[test]
fn ids_in_place_of_names_are_refused() {
    let head = "QualifiedApiName,EntityDefinition,SecurityClassification\n";
    for row in ["SSN__c,01I5g000000XyZa,Restricted", "00N5g00000AbCdE,Contact,Restricted"] {
        let wrong = read("a.csv", format!("{head}{row}\n")).unwrap_err();
        assert!(wrong[0].contains("is the id of an object or field and not its API name"), "{wrong:?}");
    }
    // A name of as many letters is a name.
    assert_eq!(read("a.csv", format!("{head}SSN__c,O1I5g000000XyZa,Restricted\n")).unwrap().len(), 1);
}
