//! XML to typed values with exact places: every odd form that real files take, and every trap that an
//! XML reader leaves to its caller. Lines and columns in these tests are counted by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

use flsgate::metadata::{
    FieldPermission, Permissions, parse_field, parse_object, parse_permission_set, parse_profile,
};
use flsgate::source::{SourceFile, Span};

const NS: &str = r#" xmlns="http://soap.sforce.com/2006/04/metadata""#;

fn file(bytes: impl AsRef<[u8]>) -> SourceFile {
    SourceFile::new("f.xml".into(), bytes.as_ref())
}

fn set(text: &str) -> Permissions {
    parse_permission_set(&file(text)).unwrap()
}

fn error(bytes: impl AsRef<[u8]>) -> String {
    parse_permission_set(&file(bytes)).unwrap_err().to_string()
}

/// `field read edit`, in file order.
fn grants(permissions: &Permissions) -> Vec<String> {
    let show = |e: &FieldPermission| {
        format!("{} {} {}", e.field, e.opens_read().is_some(), e.opens_edit().is_some())
    };
    permissions.fields.iter().map(show).collect()
}

fn at(file: &SourceFile, span: Span) -> String {
    let l = file.location(span);
    format!("{}-{} {}", l.start, l.end, file.text(span))
}

fn entry(field: &str, read: bool, edit: bool) -> String {
    format!(
        "    <fieldPermissions>\n        <editable>{edit}</editable>\n        <field>{field}</field>\n        \
         <readable>{read}</readable>\n    </fieldPermissions>\n"
    )
}

fn wrap(inner: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PermissionSet{NS}>\n{inner}</PermissionSet>\n")
}

#[test]
fn a_retrieved_file_gives_every_element_its_place() {
    let text = wrap(&(entry("Claim__c.Iban__c", true, true) + &entry("Claim__c.Score__c", false, false)));
    let file = file(&text);
    let found = parse_permission_set(&file).unwrap();
    assert_eq!(grants(&found), ["Claim__c.Iban__c true true", "Claim__c.Score__c false false"]);
    let first = &found.fields[0];
    // Line 1 is the declaration, line 2 the root; the entry starts on line 3 after four blanks.
    assert!(
        at(&file, first.entry()).starts_with("3:5-7:24 <fieldPermissions>"),
        "{}",
        at(&file, first.entry())
    );
    assert_eq!(at(&file, first.opens_edit().unwrap()), "4:9-4:34 <editable>true</editable>");
    assert_eq!(at(&file, first.opens_read().unwrap()), "6:9-6:34 <readable>true</readable>");
}

#[test]
fn one_line_and_any_order() {
    let text = format!(
        "<PermissionSet{NS}><label>One</label><fieldPermissions><readable>true</readable><field>Lead.Email</field>\
         <editable>true</editable></fieldPermissions><future><name>x</name></future><description/>\
         <fieldPermissions><field>Lead.Phone</field><readable>true</readable><editable>false</editable>\
         </fieldPermissions></PermissionSet>"
    );
    let file = file(&text);
    let found = parse_permission_set(&file).unwrap();
    assert_eq!(grants(&found), ["Lead.Email true true", "Lead.Phone true false"]);
    // The root tag is 63 long (14 + 8 + 39 + 2), `<label>One</label>` 18, `<fieldPermissions>` 18.
    assert_eq!(at(&file, found.fields[0].opens_read().unwrap()), "1:100-1:125 <readable>true</readable>");
}

#[test]
fn text_in_pieces_is_one_text() {
    let text = format!(
        "<PermissionSet{NS}>\n<fieldPermissions><!-- why -->\n<editable> true </editable>\n\
         <field><![CDATA[Patient__c]]>.<!-- -->Ssn__c</field>\n<readable>tr<!-- x -->ue</readable></fieldPermissions>\n\
         <!-- <fieldPermissions><editable>true</editable><field>A.Hiv__c</field></fieldPermissions> -->\n\
         <fieldPermissions><editable>false</editable><field>Patient&#95;_c.Notes__c</field>\
         <readable>&#x74;rue</readable></fieldPermissions>\n\
         <fieldPermissions><field\n  >Patient__c.Alias__c</field\n><readable>true</readable></fieldPermissions>\n\
         </PermissionSet>"
    );
    let expected =
        ["Patient__c.Ssn__c true true", "Patient__c.Notes__c true false", "Patient__c.Alias__c true false"];
    assert_eq!(grants(&set(&text)), expected);
}

#[test]
fn a_byte_order_mark_and_crlf_move_no_place() {
    let body = wrap(&entry("A__c.B__c", true, false)).replace('\n', "\r\n");
    let file = file(format!("\u{feff}{body}"));
    let found = parse_permission_set(&file).unwrap();
    assert_eq!(at(&file, found.fields[0].opens_read().unwrap()), "6:9-6:34 <readable>true</readable>");
}

#[test]
fn a_prefix_changes_nothing_and_one_is_true() {
    let text = "<m:PermissionSet xmlns:m=\"x\"><m:fieldPermissions><m:editable>1</m:editable><m:field>A.B__c</m:field>\
                <m:readable>TRUE</m:readable></m:fieldPermissions></m:PermissionSet>";
    assert_eq!(grants(&set(text)), ["A.B__c true true"]);
}

#[test]
fn editable_alone_opens_reading_too() {
    let found = set(&wrap(&entry("A.B__c", false, true)));
    assert_eq!(grants(&found), ["A.B__c true true"]);
    assert!(found.fields[0].edit_without_read());
}

#[test]
fn an_entry_longer_than_64_kb_is_an_error_and_a_long_file_is_none() {
    let far = "x".repeat(70_000);
    let long = format!(
        "<fieldPermissions><field>A.B__c</field><!--{far}--><readable>true</readable></fieldPermissions>"
    );
    let error = parse_permission_set(&file(wrap(&long))).unwrap_err();
    assert!(error.to_string().contains("longer than 64 KB"), "{error}");
    let apart = format!("<!--{far}-->{}", entry("A.B__c", true, false));
    assert_eq!(grants(&set(&wrap(&apart))), ["A.B__c true false"]);
}

#[test]
fn of_a_repeated_boolean_the_wider_one_counts() {
    let text = wrap(
        "<fieldPermissions><field>A.B__c</field><readable>true</readable><readable>false</readable></fieldPermissions>",
    );
    assert_eq!(grants(&set(&text)), ["A.B__c true false"]);
}

#[test]
fn old_profiles_say_hidden() {
    let text = format!(
        "<Profile{NS}><fieldLevelSecurities><editable>false</editable><field>Account.Rating</field>\
         <hidden>false</hidden></fieldLevelSecurities><fieldPermissions><editable>false</editable>\
         <field>Account.BillingAddress</field><hidden>true</hidden><readable>false</readable></fieldPermissions>\
         <userLicense>Guest</userLicense></Profile>"
    );
    let found = parse_profile(&file(&text)).unwrap();
    assert_eq!(grants(&found), ["Account.Rating true false", "Account.BillingAddress false false"]);
    assert_eq!(found.license.unwrap().value, "Guest");
}

#[test]
fn stray_letters_between_elements_are_deployed_by_real_projects() {
    assert_eq!(grants(&set(&wrap(&format!("x{}sd", entry("A.B__c", true, false))))), ["A.B__c true false"]);
}

#[test]
fn a_second_byte_order_mark_is_an_error_since_quick_xml_does_not_count_it() {
    let two = format!("\u{feff}\u{feff}{}", wrap(&entry("A.B__c", true, false)));
    assert_eq!(
        error(&two),
        "f.xml:1:1: not well-formed XML (a second byte order mark); correct the file or retrieve it again"
    );
}

#[test]
fn no_error_cuts_a_character_in_two() {
    let whole = format!("é<é>é</é><!--é--><?é?><![CDATA[é]]>&é;{}", entry("é.é__c", true, false));
    // Broken off anywhere, and with every character replaced by one of three bytes.
    let places: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
    for at in places {
        let rest = whole[at..].chars().skip(1).collect::<String>();
        for text in [wrap(&whole[..at]), whole[..at].to_owned(), wrap(&format!("{}€{rest}", &whole[..at]))]
        {
            let Err(error) = parse_permission_set(&file(&text)) else { continue };
            for end in [error.span.start, error.span.end] {
                assert!(text.is_char_boundary(end as usize), "{text}\n{error}");
            }
        }
    }
}

#[test]
fn what_might_hide_a_grant_is_an_error_with_its_place() {
    let entry = entry("A.B__c", true, false);
    // quick-xml ends without a word when elements are open at the end of the file.
    assert!(
        error(wrap(&entry).replace("</PermissionSet>\n", ""))
            .starts_with("f.xml:8:1: `<PermissionSet>` of line 2 is never closed")
    );
    // quick-xml reads the first marker as an element and the others as text.
    let marked = wrap(&format!("<<<<<<< HEAD\n{entry}=======\n>>>>>>> x\n"));
    assert_eq!(
        error(&marked),
        "f.xml:3:1: a merge conflict marker is left in the file; resolve the conflict"
    );
    let tail = wrap(&format!("{entry}=======\n"));
    assert_eq!(error(&tail), "f.xml:8:1: a merge conflict marker is left in the file; resolve the conflict");
    // A line end of two bytes is two bytes: the marker stands at column 1, in line 4 behind the stray letter.
    let windows = wrap("x\n=======\n").replace('\n', "\r\n");
    assert_eq!(
        error(&windows),
        "f.xml:4:1: a merge conflict marker is left in the file; resolve the conflict"
    );
    for (text, place, what) in [
        (
            wrap(&entry).replace("<PermissionSet", "<!DOCTYPE x [<!ENTITY a \"b\">]>\n<PermissionSet"),
            "2:1",
            "document type",
        ),
        (wrap(&entry.replace("A.B", "A.&x;B")), "5:18", "entity `&x;`"),
        (
            wrap(&entry).replace("</readable>", "</readble>"),
            "6:23",
            "`<readable>` of line 6 is closed by `</readble>`: one of the two is misspelt.",
        ),
        (format!("{}<PermissionSet/>", wrap(&entry)), "9:1", "after the closing tag"),
        (wrap(&entry.replace("A.B", "A & B")), "5:18", "a bare `&` stands in the text; write `&amp;`"),
        (wrap(&entry.replace(">true<", ">yes<")), "6:9", "`yes` in `<readable>`"),
        (
            wrap(&entry.replace("<readable>true</readable>", "<readable/>")),
            "6:9",
            "neither `true` nor `false`",
        ),
        (wrap(&entry.replace("A.B__c", "B__c")), "5:9", "`B__c` is no field name"),
        (wrap(&entry.replace("<field>A.B__c</field>", "")), "3:5", "no `<field>`"),
        (wrap(&entry.replace("A.B__c", "<b>A.B__c</b>")), "5:9", "holds other elements"),
        (
            wrap(&entry.replace("</field>", "</field><field>A.C__c</field>")),
            "5:30",
            "more than one `<field>`",
        ),
        (wrap(&entry).replace("\"UTF-8\"", "\"UTF-7\""), "1:1", "encoding `UTF-7`"),
        (wrap(&entry.replace("A.B", "A.\u{0}B")), "5:18", "control character"),
        (
            "<html></html>".to_owned(),
            "1:1",
            "the file begins with `<html>`, where `<PermissionSet>` or a piece of one is expected",
        ),
        ("plain text".to_owned(), "1:1", "no root element"),
        (" \n".to_owned(), "1:1", "the file is empty"),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".to_owned(),
            "1:1",
            "Git LFS pointer",
        ),
    ] {
        let found = error(&text);
        assert!(found.starts_with(&format!("f.xml:{place}: ")) && found.contains(what), "{found}\n{text}");
    }
    assert!(error(b"\xFF\xFE<\0").contains("UTF-16"));
    // The bad byte is on line 5 after eight blanks and `<field>A.`.
    let bad = wrap(&entry).replace("A.B__c", "A.#").into_bytes();
    let bad: Vec<u8> = bad.into_iter().map(|b| if b == b'#' { 0xE9 } else { b }).collect();
    assert_eq!(error(bad), "f.xml:5:18: this byte is not UTF-8; save the file as UTF-8");
}

/// Found by fuzzing: a non-breaking blank beside the root was taken for white space, which XML does not do.
#[test]
fn white_space_of_xml_alone_may_stand_beside_the_root() {
    let read = |text: String| parse_permission_set(&SourceFile::new("p.xml".into(), text.as_bytes())).is_ok();
    assert!(read("\r\n\t <PermissionSet/>\r\n\t ".to_owned()));
    for blank in ['\u{a0}', '\u{85}', '\u{2003}', '\u{3000}'] {
        assert!(!read(format!("<PermissionSet/>{blank}")), "{blank:?} behind");
        assert!(!read(format!("{blank}<PermissionSet/>")), "{blank:?} before");
    }
}

#[test]
fn depth_is_bounded() {
    let deep = format!("<PermissionSet>{}{}</PermissionSet>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert!(error(deep).contains("nested more than 64 deep"));
}

#[test]
fn a_billion_laughs_are_never_told() {
    let text = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><PermissionSet><label>&b;</label></PermissionSet>";
    assert!(error(text).contains("document type"));
}

#[test]
fn labels_of_a_field_with_their_places() {
    let text = format!(
        "<CustomField{NS}>\n    <fullName>Iban__c</fullName>\n    <complianceGroup>GDPR;PCI</complianceGroup>\n    \
         <securityClassification>MissionCritical</securityClassification>\n    <type>Text</type>\n</CustomField>\n"
    );
    let file = file(&text);
    let field = parse_field(&file).unwrap();
    let classification = field.classification.unwrap();
    assert_eq!(
        at(&file, classification.span),
        "4:5-4:69 <securityClassification>MissionCritical</securityClassification>"
    );
    assert_eq!(
        (classification.value.as_str(), field.compliance.unwrap().value.as_str()),
        ("MissionCritical", "GDPR;PCI")
    );
}

#[test]
fn two_labels_in_one_field_are_an_error() {
    let text = format!(
        "<CustomField{NS}><securityClassification>Restricted</securityClassification>\
         <securityClassification>Public</securityClassification></CustomField>"
    );
    let error = parse_field(&file(&text)).unwrap_err();
    assert!(error.to_string().contains("more than one `<securityClassification>`"));
}

#[test]
fn inline_fields_are_definitions_and_strings_of_layouts_are_not() {
    let text = format!(
        "<CustomObject{NS}><compactLayouts><fullName>Main</fullName><fields>Name</fields></compactLayouts>\
         <fields><fullName>Iban__c</fullName><securityClassification>Restricted</securityClassification></fields>\
         <fields><fullName>Claim__c</fullName></fields><nameField><label>No</label></nameField></CustomObject>"
    );
    let fields = parse_object(&file(&text)).unwrap().fields;
    let names: Vec<_> = fields.iter().map(|f| f.full_name.as_ref().unwrap().value.as_str()).collect();
    assert_eq!(names, ["Iban__c", "Claim__c"]);
    assert_eq!(fields[0].classification.as_ref().unwrap().value, "Restricted");
    assert!(parse_object(&file("<CustomObject><fields><label>x</label></fields></CustomObject>")).is_err());
}

#[test]
fn access_to_types_is_read_alike_however_it_is_written() {
    let entry = |on: &str, name: &str| {
        format!(
            "    <customSettingAccesses>\n        <enabled>{on}</enabled>\n        <name>{name}</name>\n    \
             </customSettingAccesses>\n"
        )
    };
    let entries = [entry("true", "Vault__c"), entry("false", "Till__c")].concat();
    let namespace = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    let whole = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PermissionSet {namespace}>\n{entries}</PermissionSet>\n"
    );
    let retrieved =
        flsgate::metadata::read_retrieved(whole.as_bytes(), "PermissionSet").expect("as retrieved");
    let names = |p: &Permissions| -> Vec<_> {
        p.types.iter().map(|t| (t.name.value.clone(), t.enabled.is_some())).collect()
    };
    assert_eq!(names(&retrieved), [("Vault__c".to_owned(), true), ("Till__c".to_owned(), false)]);
    // A comment sends it to the other reader; spans differ by its length.
    assert_eq!(names(&set(&whole.replace("<customS", "<!-- --><customS"))), names(&retrieved));
    for piece in [
        "<CustomSettingAccess><name>%%%NAMESPACE%%%Vault__c</name><enabled>true</enabled></CustomSettingAccess>",
        "<customSettingAccesses><enabled>1</enabled><name>Vault__c</name></customSettingAccesses>",
        "<PermissionSet><enabled>true</enabled><name>Vault__c</name></PermissionSet>",
    ] {
        let read = set(piece);
        assert_eq!((names(&read), read.users.len()), (vec![("Vault__c".to_owned(), true)], 0), "{piece}");
    }
    // Without the end of an object's name it is a user permission.
    let user = set("<PermissionSet><enabled>true</enabled><name>ViewAllData</name></PermissionSet>");
    assert_eq!((user.users.len(), user.types.len()), (1, 0));
    let nameless = "<PermissionSet><customSettingAccesses><enabled>true</enabled></customSettingAccesses></PermissionSet>";
    assert!(error(nameless).contains("has no `<name>`"), "{}", error(nameless));
}

#[test]
fn an_object_file_says_what_its_object_is() {
    let object = |inner: &str| parse_object(&file(format!("<CustomObject>{inner}</CustomObject>"))).unwrap();
    let setting = object("<customSettingsType>Hierarchy</customSettingsType>");
    assert_eq!(setting.settings_type.unwrap().value, "Hierarchy");
    assert!(object("<nameField><type>AutoNumber</type></nameField>").is_numbered);
    assert!(!object("<nameField><type>Text</type></nameField>").is_numbered);
    assert!(!object("<fields><fullName>A__c</fullName><type>AutoNumber</type></fields>").is_numbered);
}

#[test]
fn a_label_on_the_name_of_an_object_is_one_of_its_field_name() {
    let read = |inner: &str| parse_object(&file(format!("<CustomObject>{inner}</CustomObject>")));
    let name =
        "<nameField><label>Patron</label><complianceGroup>PII</complianceGroup><type>Text</type></nameField>";
    let fields = read(name).unwrap().fields;
    let [field] = &fields[..] else { panic!("{fields:?}") };
    assert_eq!(field.full_name.as_ref().unwrap().value, "Name");
    assert_eq!(field.compliance.as_ref().unwrap().value, "PII");
    assert_eq!(read("<nameField><label>Patron</label><type>Text</type></nameField>").unwrap().fields, []);
    // Which of two counts is not known.
    let two = "<nameField><type>AutoNumber</type></nameField><nameField><type>Text</type></nameField>";
    assert!(read(two).is_err());
    assert!(read("<nameField><type>AutoNumber</type><type>AutoNumber</type></nameField>").is_err());
}

/// Files that give no access, cut anywhere and with a byte of rubbish: what is read lies within the file.
#[test]
fn files_beside_access_can_be_cut_anywhere() {
    use flsgate::metadata as m;
    let samples = [
        "<Flow><runInMode>SystemModeWithSharing</runInMode><recordLookups><name>Gét</name><object>Contact</object>\
         <queriedFields>SSN__c</queriedFields></recordLookups><screens><fields><fieldText>ü {!Gét.SSN__c} {!f}\
         </fieldText></fields></screens><formulas><name>f</name><expression>{!f}{!Gét.A.B__c}</expression></formulas></Flow>",
        "<messaging:emailTemplate recipientType='Contact' relatedToType = \"Äccount\">{!recipient.SSN__c} é {{{Recipient.A}}} \
         {!IF(\"ü.b\", Contact.É, relatedTo.X)}",
        "<EmailTemplate><subject>{!Contact.SSN__c} ü</subject><textOnly>{!x}</textOnly></EmailTemplate>",
        "@IsTest without sharing class Ä { /* ö */ String s = 'SSN__c\\''; // ü\n Contact c; c.É__c = 1; WITH USER_MODE }",
        "<ApexClass><apiVersion>66.0</apiVersion></ApexClass>",
        "<Dashboard><dashboardType>SpecifiedUser</dashboardType><leftSection><components><report>Ä/B</report><componentType>\
         Table</componentType></components></leftSection></Dashboard>",
        "<Report><columns><field>Contact$É__c</field><aggregateTypes>Sum</aggregateTypes></columns></Report>",
        "<OmniDataTransform><fieldLevelSecurityEnabled>0</fieldLevelSecurityEnabled><omniDataTransformItem><inputFieldName>\
         Ä:B</inputFieldName></omniDataTransformItem></OmniDataTransform>",
        "<SchemaSettings><enableAdvancedCSSecurity>false</enableAdvancedCSSecurity></SchemaSettings>",
        "<RestrictionRule><enforcementType>Scoping</enforcementType></RestrictionRule>",
        "<Workflow><fieldUpdates><field>Ä</field><formula>B</formula><targetObject>é</targetObject></fieldUpdates></Workflow>",
        "<QuickAction><fieldOverrides><field>A</field><formula>B.C</formula></fieldOverrides></QuickAction>",
        "<LeadConvertSettings><objectMapping><mappingFields><inputField>A</inputField><outputField>B</outputField>\
         </mappingFields></objectMapping></LeadConvertSettings>",
        "<AnalyticSnapshot><mappings><sourceField>A$B</sourceField><targetField>C</targetField></mappings></AnalyticSnapshot>",
        "<Flow><assignments><assignmentItems><assignToReference>$Record.A</assignToReference><value><elementReference>\
         $Record.B</elementReference></value></assignmentItems></assignments><start><object>C</object></start></Flow>",
    ];
    for sample in samples {
        for end in 0..=sample.len() {
            for rubbish in [&b""[..], b"\xff", b"{!", b"'"] {
                let bytes = [&sample.as_bytes()[..end], rubbish, &sample.as_bytes()[end..]].concat();
                for bytes in [&bytes[..end], &bytes[..]] {
                    let file = SourceFile::new("f".into(), bytes);
                    let mut spans = vec![];
                    spans.extend(m::merged_in_body(&file).iter().map(|named| named.span));
                    spans.extend(m::read_apex(&file).custom.iter().map(|name| name.span));
                    let flow = m::parse_flow(&file).unwrap_or_default();
                    spans.extend(
                        flow.system_mode.into_iter().chain(flow.named.iter().map(|named| named.span)),
                    );
                    let copies = [
                        m::parse_field_updates(&file, "A", "B"),
                        m::parse_field_overrides(&file, "A.B"),
                        m::parse_lead_conversion(&file),
                        m::parse_analytic_snapshot(&file),
                        Ok(flow.copies.copied),
                    ];
                    let copies = copies.into_iter().flat_map(Result::unwrap_or_default);
                    spans.extend(copies.flat_map(|copy| [copy.span, copy.target.span]));
                    let template = m::merged_in_template(&file).unwrap_or_default();
                    spans.extend(template.iter().map(|named| named.span));
                    spans.extend(m::parse_apex_version(&file).ok().flatten().map(|version| version.span));
                    let dashboard = m::parse_dashboard(&file).unwrap_or_default();
                    spans.extend(dashboard.components.iter().map(|component| component.report.span));
                    let columns = m::parse_report(&file).unwrap_or_default();
                    spans.extend(columns.iter().map(|column| column.named.span));
                    let mapper = m::parse_data_transform(&file).unwrap_or_default();
                    spans.extend(mapper.named.iter().map(|named| named.span));
                    for guards in [m::parse_settings(&file, "schema"), m::parse_restriction_rule(&file)] {
                        spans.extend(guards.unwrap_or_default().all_off().map(|(_, span)| span));
                    }
                    assert!(
                        spans.iter().all(|span| span.start <= span.end && span.end as usize <= bytes.len())
                    );
                }
            }
        }
    }
}
