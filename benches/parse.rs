//! How fast permission files are read, beside what bounds it: counting lines, a bare walk of quick-xml's
//! events. One file of 300,000 entries as retrieving writes it, and the same with comments, which only the XML
//! reader takes. `cargo bench --bench parse`; docs/performance.md says what came out.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use flsgate::metadata::{parse_formula, parse_permissions_as_xml, parse_profile};
use flsgate::soql::parse_queries;
use flsgate::source::SourceFile;
use std::fmt::Write;
use std::sync::LazyLock;

fn main() {
    divan::main();
}

/// A profile of about 50 MB.
static RETRIEVED: LazyLock<SourceFile> = LazyLock::new(|| file(profile(300_000)));
/// The same in words that only the XML reader takes.
static COMMENTED: LazyLock<SourceFile> =
    LazyLock::new(|| file(profile(300_000).replace("<custom>", "<!-- as deployed -->\n    <custom>")));

fn file(text: String) -> SourceFile {
    SourceFile::new("Admin.profile-meta.xml".into(), text.into_bytes())
}

fn profile(entries: usize) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Profile xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
         <custom>true</custom>\n",
    );
    for n in 0..entries {
        let (edit, read) = (n % 5 == 0, n % 3 == 0);
        let _ = write!(
            text,
            "    <fieldPermissions>\n        <editable>{edit}</editable>\n        \
             <field>Object_{:04}__c.Field_{:05}__c</field>\n        <readable>{read}</readable>\n    </fieldPermissions>\n",
            n / 200,
            n % 200
        );
    }
    text + "    <userLicense>Salesforce</userLicense>\n</Profile>\n"
}

fn bytes(file: &SourceFile) -> BytesCount {
    BytesCount::new(file.bytes().len())
}

#[divan::bench]
fn counting_lines(bencher: Bencher) {
    let file = &*RETRIEVED;
    bencher.counter(bytes(file)).bench(|| memchr::memchr_iter(b'\n', black_box(file.bytes())).count());
}

#[divan::bench]
fn bare_event_walk(bencher: Bencher) {
    let file = &*RETRIEVED;
    bencher.counter(bytes(file)).bench(|| {
        let mut reader = quick_xml::Reader::from_reader(black_box(file.bytes()));
        let mut events = 0_u64;
        while !matches!(reader.read_event(), Ok(quick_xml::events::Event::Eof) | Err(_)) {
            events += 1;
        }
        events
    });
}

#[divan::bench]
fn retrieved_file(bencher: Bencher) {
    let file = &*RETRIEVED;
    bencher.counter(bytes(file)).bench(|| parse_profile(black_box(file)).map(|p| p.fields.len()));
}

#[divan::bench]
fn retrieved_file_by_the_xml_reader(bencher: Bencher) {
    let file = &*RETRIEVED;
    bencher
        .counter(bytes(file))
        .bench(|| parse_permissions_as_xml(black_box(file), "Profile", "").map(|p| p.fields.len()));
}

#[divan::bench]
fn file_with_a_comment(bencher: Bencher) {
    let file = &*COMMENTED;
    bencher.counter(bytes(file)).bench(|| parse_profile(black_box(file)).map(|p| p.fields.len()));
}

#[divan::bench]
fn formula(bencher: Bencher) {
    let one = "IF(AND(NOT(ISBLANK(Account.Owner.Profile.Name)), Amount__c > 1000), TEXT(SSN__c) & \" / \" & Name, \"-\") & ";
    let text = one.repeat(500) + "Id";
    bencher.counter(BytesCount::new(text.len())).bench(|| parse_formula(black_box(&text)).is_ok());
}

#[divan::bench]
fn soql(bencher: Bencher) {
    let one = "SELECT Id, Name, Owner.Profile.Name, (SELECT Id, SSN__c FROM Contacts WHERE SSN__c != NULL) FROM Account \
               WHERE Annual_Revenue__c > 1000 AND (Name LIKE 'A%' OR Segment__c IN ('X', 'Y')) ORDER BY Name LIMIT 10;\n";
    let text = one.repeat(500);
    bencher.counter(BytesCount::new(text.len())).bench(|| parse_queries(black_box(&text)).is_ok());
}
