//! Formulas as people write them, each with what it reads, found by hand; and every formula of real
//! projects, compared with a reading that knows no grammar.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

use flsgate::metadata::{CustomField, Formula, parse_field, parse_formula, parse_object};
use flsgate::source::SourceFile;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Formula, fields, globals; paths separated by blanks, in order of appearance.
const TABLE: &[(&str, &str, &str)] = &[
    ("Salary__c / 12", "Salary__c", ""),
    ("FirstName & ' ' & LastName", "FirstName LastName", ""),
    ("Account.Owner.Profile.Name", "Account.Owner.Profile.Name", ""),
    ("Owner:User.Email", "Owner:User.Email", ""),
    (
        "IF(ISBLANK(Owner:Queue.QueueName), Owner:User.Alias, 'Queue')",
        "Owner:Queue.QueueName Owner:User.Alias",
        "",
    ),
    ("What:Account.Name + ' / ' + Who:Contact.Iban__c", "What:Account.Name Who:Contact.Iban__c", ""),
    ("TODAY() - Birth_Date__c", "Birth_Date__c", ""),
    ("FLOOR( ( TODAY( ) - Patient__r.Birth_Date__c ) / 365.2425 )", "Patient__r.Birth_Date__c", ""),
    (
        "IF (MONTH(Birth_Date__c) = 2 && DAY(Birth_Date__c) = 29,\n\tDATE(YEAR(TODAY()), 3, 1),\n\tDATE(YEAR(TODAY()), MONTH(Birth_Date__c), DAY(Birth_Date__c)))",
        "Birth_Date__c Birth_Date__c Birth_Date__c Birth_Date__c",
        "",
    ),
    ("RIGHT(SSN__c, 4)", "SSN__c", ""),
    ("\"***-**-\" & RIGHT( SUBSTITUTE(Contact__r.SSN__c, \"-\", \"\"), 4 )", "Contact__r.SSN__c", ""),
    (
        "CASE(Risk__c,\n \"High\", Limit__c * .5,\n \"Low\", Limit__c * 1.25,\n 0)",
        "Risk__c Limit__c Limit__c",
        "",
    ),
    ("ISPICKVAL(Status__c, \"Closed – won\") || ISPICKVAL(Status__c, 'Låst')", "Status__c Status__c", ""),
    ("INCLUDES(Diagnoses__c, 'HIV') && NOT(Consent__c)", "Diagnoses__c Consent__c", ""),
    ("NOT Consent__c", "Consent__c", ""),
    ("!Consent__c&&!ISNULL(Score__c)", "Consent__c Score__c", ""),
    ("AND(OR(a__c, b__c), OR (c__c, a__c))", "a__c b__c c__c a__c", ""),
    ("-Debt__c ^ 2 <> +Assets__c", "Debt__c Assets__c", ""),
    ("(Net__c - -Tax__c)*(1 - Rate__c/100)", "Net__c Tax__c Rate__c", ""),
    ("1e3 * Weight__c + 1. - .25", "Weight__c", ""),
    ("HYPERLINK('/' & Id, Name, \"_blank\")", "Id Name", ""),
    (
        "HYPERLINK(\"/apex/Card?id=\" & Id & \"&pan=\" & Card__r.Pan__c, IMAGE(\"/img/card.png\", \"Card \" & Name, 16, 16))",
        "Id Card__r.Pan__c Name",
        "",
    ),
    ("IMAGE(CASE(Stars__c, 1, '/a.gif', 2, '/b.gif', '/c.gif'), \"stars: Stars__c\")", "Stars__c", ""),
    ("/* SSN__c must not leak */ Nickname__c", "Nickname__c", ""),
    ("Name /* the \"short\" one, isn't it */ & /**/ Code__c", "Name Code__c", ""),
    ("\"say \\\"SSN__c\\\"\" & 'it\\'s Pan__c' & Real__c", "Real__c", ""),
    ("'back\\\\' & Slash__c & '\\\\'", "Slash__c", ""),
    ("$User.Id = OwnerId", "OwnerId", "$User.Id"),
    (
        "IF($Profile.Name = 'System Administrator' || $Permission.See_Salary, Salary__c, NULL)",
        "Salary__c",
        "$Profile.Name $Permission.See_Salary",
    ),
    (
        "Amount * $Setup.Discounts__c.Rate__c + $CustomMetadata.Region__mdt.North.Bonus__c",
        "Amount",
        "$Setup.Discounts__c.Rate__c $CustomMetadata.Region__mdt.North.Bonus__c",
    ),
    ("$Label.ns__Greeting & ', ' & Name", "Name", "$Label.ns__Greeting"),
    (
        "VLOOKUP($ObjectType.Zip__c.Fields.City__c, $ObjectType.Zip__c.Fields.Name, LEFT(BillingPostalCode, 5)) <> BillingCity",
        "BillingPostalCode BillingCity",
        "$ObjectType.Zip__c.Fields.City__c $ObjectType.Zip__c.Fields.Name",
    ),
    ("ISCHANGED(Iban__c) && PRIORVALUE(Iban__c) != Iban__c", "Iban__c Iban__c Iban__c", ""),
    ("DISTANCE(Home__c, GEOLOCATION(59.91, 10.75), 'km') < 10.", "Home__c", ""),
    ("Home__Latitude__s & ',' & TEXT(Home__Longitude__s)", "Home__Latitude__s Home__Longitude__s", ""),
    ("REGEX(Card__c, \"\\\\d{4}-\\\\d{4}\") = TRUE", "Card__c", ""),
    ("CURRENCYRATE('EUR') * Opportunity.Amount", "Opportunity.Amount", ""),
    ("LEFT($Api.Session_ID, 15) & GETSESSIONID()", "", "$Api.Session_ID"),
    ("Year__c = YEAR ( Date__c ) && Now__c > NOW()", "Year__c Date__c Now__c", ""),
    (
        "hr__Band__c & hr__Boss__r.hr__Band__c & Person__pc & Agent__pr.Name",
        "hr__Band__c hr__Boss__r.hr__Band__c Person__pc Agent__pr.Name",
        "",
    ),
    ("if(null = x__C, tRuE(), fAlSe)", "x__C", ""),
    ("BLANKVALUE(\u{a0}Alias__c\u{a0},\u{a0}'–')", "Alias__c", ""),
    ("{!Account.Rating} = {!$User.Title}", "Account.Rating", "$User.Title"),
    ("%%%NAMESPACE%%%Gift__r.%%%NAMESPACE%%%Iban__c", "Gift__r.Iban__c", ""),
    ("Parent.Parent.Parent.Name & BR() & Parent.Name", "Parent.Parent.Parent.Name Parent.Name", ""),
    ("A__c=B__c==C__c", "A__c B__c C__c", ""),
    (
        "$Record.SSN__c & $Source.Name & $Organization.Name & $System.OriginDateTime",
        "",
        "$Record.SSN__c $Source.Name $Organization.Name $System.OriginDateTime",
    ),
];

#[test]
fn every_formula_of_the_table_reads_what_its_author_meant() {
    for (text, fields, globals) in TABLE {
        let found = parse_formula(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let words = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let joined =
            |list: &[flsgate::metadata::Reference]| list.iter().map(|r| r.path.join(".")).collect::<Vec<_>>();
        assert_eq!(joined(&found.references), words(fields), "{text}");
        assert_eq!(joined(&found.globals), words(globals), "{text}");
        for reference in found.references.iter().chain(&found.globals) {
            let under = &text[reference.start as usize..reference.end as usize];
            assert_eq!(under.replace("%%%NAMESPACE%%%", ""), reference.path.join("."), "{text}");
        }
        assert_eq!(identifiers(&found), simple(text), "{text}");
        // A formula is still one in brackets, as an argument and between comments; cut short or doubled it
        // is none.
        for around in [format!("({text})"), format!("F(1,{text})"), format!("/* ( */{text}/* \" */")] {
            assert_eq!(identifiers(&parse_formula(&around).unwrap()), identifiers(&found), "{around}");
        }
        for wrong in
            [format!("{text} +"), format!("({text}"), format!("{text})"), format!("({text}) ({text})")]
        {
            assert!(parse_formula(&wrong).is_err(), "{wrong}");
        }
    }
}

#[test]
fn a_formula_comes_out_of_its_file_whole() {
    let text = "<CustomField><fullName>Last_Four__c</fullName>\n\
                <formula>\n<![CDATA[\"…\" & RIGHT(SSN__c, IF(1 < 2, 4, 3))]]></formula>\n\
                <type>Text</type></CustomField>";
    let file = SourceFile::new("f.xml".into(), text.as_bytes());
    let field = parse_field(&file).unwrap();
    let formula = field.formula.unwrap();
    assert_eq!(formula.value, "\"…\" & RIGHT(SSN__c, IF(1 < 2, 4, 3))");
    assert!(
        file.text(formula.span).starts_with("<formula>") && file.text(formula.span).ends_with("</formula>")
    );
    assert_eq!(parse_formula(&formula.value).unwrap().references[0].path, ["SSN__c"]);
}

/// The deploy library takes blanks away around what a comment splits, and puts CDATA first: `x * / SSN__c` ends a comment.
#[test]
fn a_formula_that_deploys_as_another_one_cannot_be_read() {
    for formula in [
        "\"a\" /* x * <!-- --> / &amp; SSN__c /* */",
        "\"a\" /* x * <?p ?> / &amp; SSN__c /* */",
        "<![CDATA[\"a\" /*]]> &amp; SSN__c <![CDATA[*/]]>",
        "&#xFEFF;SSN__c",
    ] {
        let text =
            format!("<CustomField><fullName>A__c</fullName><formula>{formula}</formula></CustomField>");
        let error = parse_field(&SourceFile::new("f.xml".into(), text.as_bytes())).unwrap_err();
        assert!(error.to_string().contains("`<formula>`"), "{error}");
    }
}

#[test]
fn roll_ups_and_lookups_come_out_of_their_files() {
    let text = "<CustomObject><fields><fullName>Paid__c</fullName>\
                <summarizedField>Invoice__c.Total__c</summarizedField>\
                <summaryFilterItems><field>Invoice__c.Status__c</field><operation>equals</operation>\
                <value>Paid</value></summaryFilterItems>\
                <summaryFilterItems><field>Invoice__c.Due__c</field><operation>lessThan</operation>\
                <valueField>Invoice__c.Sent__c</valueField></summaryFilterItems>\
                <summaryForeignKey>Invoice__c.Account__c</summaryForeignKey></fields>\
                <fields><fullName>Payer__c</fullName><referenceTo>Contact</referenceTo>\
                <referenceTo>Account</referenceTo><relationshipName>Payments</relationshipName></fields>\
                </CustomObject>";
    let file = SourceFile::new("f.xml".into(), text.as_bytes());
    let fields = parse_object(&file).unwrap().fields;
    let [paid, payer] = fields.as_slice() else { panic!("{fields:?}") };
    let values =
        |list: &[flsgate::source::Spanned<String>]| list.iter().map(|s| s.value.clone()).collect::<Vec<_>>();
    assert_eq!(paid.summarized_field.as_ref().unwrap().value, "Invoice__c.Total__c");
    assert_eq!(paid.summary_foreign_key.as_ref().unwrap().value, "Invoice__c.Account__c");
    assert_eq!(
        values(&paid.summary_filter_fields),
        ["Invoice__c.Status__c", "Invoice__c.Due__c", "Invoice__c.Sent__c"]
    );
    assert_eq!(file.text(paid.summary_filter_fields[0].span), "<field>Invoice__c.Status__c</field>");
    assert_eq!(values(&payer.reference_to), ["Contact", "Account"]);
    assert_eq!(payer.relationship_name.as_ref().unwrap().value, "Payments");
    for twice in ["formula", "summarizedField", "summaryForeignKey", "relationshipName"] {
        let text = format!("<CustomField><{twice}>a</{twice}><{twice}>b</{twice}></CustomField>");
        let file = SourceFile::new("f.xml".into(), text.as_bytes());
        let error = parse_field(&file).unwrap_err().to_string();
        assert!(error.contains(&format!("more than one `<{twice}>`")), "{error}");
    }
}

/// Files of the corpus that are no metadata, and why.
const BROKEN_FILES: &[(&str, &str)] =
    &[("Activity/fields/Newsletter_Incoming__c.field-meta.xml", "not well-formed: SOURCES.md says so")];

/// Formulas of the corpus that are none, and why.
const BROKEN_FORMULAS: &[(&str, &str)] = &[];

#[test]
#[ignore = "needs FLSGATE_CORPUS"]
fn every_formula_of_real_projects_is_read() {
    let root =
        PathBuf::from(std::env::var_os("FLSGATE_CORPUS").expect("FLSGATE_CORPUS: a folder of metadata"));
    let mut files = Vec::new();
    walk(&root, &mut files);
    let (mut fields, mut formulas, mut references, mut globals, mut roll_ups) = (0, 0, 0, 0, 0);
    let mut distinct = BTreeSet::new();
    let mut failures = Vec::new();
    for path in &files {
        let name = path.to_str().unwrap().replace('\\', "/");
        let found = match read(&name, &fs::read(path).unwrap()) {
            Ok(found) => found,
            Err(reason) => {
                if !BROKEN_FILES.iter().any(|(known, _)| name.ends_with(known)) {
                    failures.push(reason);
                }
                continue;
            }
        };
        fields += found.len();
        roll_ups += found.iter().filter(|f| f.summary_foreign_key.is_some()).count();
        for field in found {
            let Some(formula) = field.formula else { continue };
            formulas += 1;
            let place = format!("{name} {}", field.full_name.map_or_else(String::new, |n| n.value));
            match parse_formula(&formula.value) {
                Ok(read) => {
                    references += read.references.len();
                    globals += read.globals.len();
                    if identifiers(&read) != simple(&formula.value) {
                        failures.push(format!(
                            "{place}: {:?} is not {:?}",
                            identifiers(&read),
                            simple(&formula.value)
                        ));
                    }
                }
                Err(_) if BROKEN_FORMULAS.iter().any(|(known, _)| place.ends_with(known)) => {}
                Err(error) => failures.push(format!("{place}: {error}: {}", formula.value)),
            }
            distinct.insert(formula.value);
        }
    }
    println!(
        "{} files, {fields} fields, {formulas} formulas ({} distinct), {references} references, {globals} globals, {roll_ups} roll-ups",
        files.len(),
        distinct.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(formulas > 100, "the walk finds the formulas");
}

fn walk(at: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(at).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.to_str().unwrap();
        if path.is_dir() {
            walk(&path, out);
        } else if [".field-meta.xml", ".object-meta.xml", ".object"].iter().any(|s| name.ends_with(s)) {
            out.push(path);
        }
    }
}

fn read(name: &str, bytes: &[u8]) -> Result<Vec<CustomField>, String> {
    let file = SourceFile::new(name.into(), bytes);
    let found = match name.ends_with(".field-meta.xml") {
        true => parse_field(&file).map(|f| vec![f]),
        false => parse_object(&file).map(|object| object.fields),
    };
    found.map_err(|e| e.to_string())
}

fn identifiers(formula: &Formula) -> BTreeSet<String> {
    formula.references.iter().chain(&formula.globals).map(|r| r.path.join(".")).collect()
}

/// The second reading: text and comments out, then every word that is no number, no literal and stands
/// before no `(`.
fn simple(text: &str) -> BTreeSet<String> {
    let mut bare = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
            bare.push(' ');
        } else if c == '"' || c == '\'' {
            let mut escaped = false;
            let end = rest[1..].find(|d| {
                let ends = d == c && !escaped;
                escaped = d == '\\' && !escaped;
                ends
            });
            rest = end.map_or("", |end| &rest[end + 2..]);
            bare.push(' ');
        } else {
            rest = &rest[c.len_utf8()..];
            bare.push(c);
        }
    }
    let bare = bare.replace("%%%NAMESPACE%%%", "");
    let part = |c: char| c.is_ascii_alphanumeric() || "_$.:#".contains(c);
    let mut words = BTreeSet::new();
    let mut rest = bare.as_str();
    while let Some(start) = rest.find(part) {
        let word = &rest[start..];
        let word = &word[..word.find(|c| !part(c)).unwrap_or(word.len())];
        rest = &rest[start + word.len()..];
        let literal = ["true", "false", "null", "not"].contains(&word.to_ascii_lowercase().as_str());
        let number = word.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        if !literal && !number && !rest.trim_start().starts_with('(') {
            words.insert(word.to_owned());
        }
    }
    words
}
