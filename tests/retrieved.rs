//! The quick reader of retrieved permission files against the XML reader: whatever the first one takes, the
//! second one reads the same, to the byte.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::metadata::{parse_permissions_as_xml, read_retrieved};
use flsgate::source::SourceFile;
use std::path::Path;

const ROOTS: [&str; 3] = ["PermissionSet", "Profile", "MutingPermissionSet"];

const ENTRY: &str = "    <fieldPermissions>\n        <editable>false</editable>\n        \
                     <field>Contact.SSN__c</field>\n        <readable>true</readable>\n    </fieldPermissions>\n";

fn whole(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n\
         {inside}</PermissionSet>\n"
    )
}

/// Whether the quick reader takes the bytes. What it takes is compared.
fn takes(bytes: &[u8]) -> bool {
    let mut taken = false;
    for root in ROOTS {
        let Some(quick) = read_retrieved(bytes, root) else { continue };
        taken = true;
        let file = SourceFile::new("f.xml".into(), bytes);
        let slow = parse_permissions_as_xml(&file, root, "");
        match slow {
            Ok(slow) => assert_eq!(quick, slow, "{}", String::from_utf8_lossy(bytes)),
            Err(error) => panic!("refused by the XML reader: {error}\n{}", String::from_utf8_lossy(bytes)),
        }
    }
    taken
}

#[test]
fn takes_what_retrieving_writes() {
    let full = whole(&format!(
        "    <applicationVisibilities>\n        <application>App</application>\n        <visible>true</visible>\n    \
         </applicationVisibilities>\n    <description>Two &amp; more\nlines of text, schön</description>\n{ENTRY}    \
         <hasActivationRequired>false</hasActivationRequired>\n    <label>Desk &lt;1&gt;</label>\n    \
         <license>Salesforce Platform</license>\n    <loginHours>\n        <mondayStart>1</mondayStart>\n    </loginHours>\n    \
         <objectPermissions>\n        <allowCreate>false</allowCreate>\n        <allowDelete>false</allowDelete>\n        \
         <allowEdit>true</allowEdit>\n        <allowRead>true</allowRead>\n        <modifyAllRecords>false</modifyAllRecords>\n        \
         <object>Contact</object>\n        <viewAllFields>true</viewAllFields>\n        <viewAllRecords>false</viewAllRecords>\n    \
         </objectPermissions>\n    <userPermissions>\n        <enabled>true</enabled>\n        <name>ViewAllData</name>\n    \
         </userPermissions>\n"
    ));
    assert!(takes(full.as_bytes()));
    let read = read_retrieved(full.as_bytes(), "PermissionSet").unwrap();
    assert_eq!((read.fields.len(), read.objects.len(), read.users.len()), (1, 1, 1));
    assert_eq!(read.license.unwrap().value, "Salesforce Platform");
    assert!(!read.activation.unwrap().value);
    // Counted by hand: 39 for the declaration, 64 for the root, then the entry alone, with four blanks.
    let alone = whole(ENTRY);
    let span = read_retrieved(alone.as_bytes(), "PermissionSet").unwrap().fields[0].entry();
    assert_eq!((span.start, span.end), (39 + 64 + 4, 39 + 64 + u32::try_from(ENTRY.len()).unwrap() - 1));
    assert!(takes(whole("").as_bytes()));
}

/// Each of these is another thing than it looks, or one that only an XML reader can judge.
#[test]
fn refuses_what_is_not_exactly_so() {
    let refused = [
        ENTRY.replace("true", "TRUE"),
        ENTRY.replace("true", "1"),
        ENTRY.replace("true", " true"),
        ENTRY.replace("SSN__c", "SSN___X___c"),
        ENTRY.replace("Contact.", ""),
        ENTRY.replace("Contact.SSN__c", ".SSN__c"),
        ENTRY.replace("Contact.SSN__c", "Contact."),
        ENTRY.replace("Contact.SSN__c", "Contact.SSN__c.X"),
        ENTRY.replace("Contact.SSN__c", "Contact.S&amp;N"),
        ENTRY.replace("Contact.SSN__c", "Contact. SSN__c"),
        ENTRY.replace("Contact.SSN__c", "Contact.Ü__c"),
        ENTRY.replace("<editable>false</editable>\n        ", ""),
        ENTRY.replace("<readable>true</readable>", "<readable>true</readable><readable>false</readable>"),
        ENTRY.replace("<readable>true</readable>", "<!-- x --><readable>true</readable>"),
        ENTRY.replace("fieldPermissions", "fieldLevelSecurities"),
        ENTRY.replace("fieldPermissions", "FieldPermission"),
        ENTRY.replace("<fieldPermissions>", "<fieldPermissions a=\"b\">"),
        ENTRY.replace("<fieldPermissions>", "<p:fieldPermissions>"),
        ENTRY.replace("    </fieldPermissions>\n", "    </fieldPermission>\n"),
        ENTRY.replace('\n', "\r\n"),
        ENTRY.replace("    ", "\t"),
        format!("{ENTRY}<!-- -->\n"),
        format!("{ENTRY}    <x>a ]]> b</x>\n"),
        format!("{ENTRY}    <x>&other;</x>\n"),
        format!("{ENTRY}    <x><![CDATA[y]]></x>\n"),
        format!("{ENTRY}    <x>\u{1}</x>\n"),
        format!("{ENTRY}    <x>\n=======\n        <y>z</y>\n    </x>\n"),
        format!("{ENTRY}    <license>A</license>\n    <license>B</license>\n"),
        format!("{ENTRY}    <license> A</license>\n"),
        format!("{ENTRY}    <hasActivationRequired>perhaps</hasActivationRequired>\n"),
        format!(
            "{ENTRY}    <hasActivationRequired>true</hasActivationRequired>\n    \
             <hasActivationRequired>false</hasActivationRequired>\n"
        ),
        format!("{ENTRY}    <userLicense>\n        <a>b</a>\n    </userLicense>\n"),
        format!(
            "{ENTRY}    <objectPermissions>\n        <allowRead>true</allowRead>\n    </objectPermissions>\n"
        ),
        format!(
            "{ENTRY}    <objectPermissions>\n        <object>A</object>\n        <object>B</object>\n    </objectPermissions>\n"
        ),
        format!(
            "{ENTRY}    <userPermissions>\n        <enabled>yes</enabled>\n        <name>X</name>\n    </userPermissions>\n"
        ),
        format!("{ENTRY}    <x>\n        <y>1</y>\n    </z>\n"),
        format!("{ENTRY}   <x>1</x>\n"),
        format!("{ENTRY}text"),
        ENTRY[..ENTRY.len() - 3].to_owned(),
    ];
    for inside in &refused {
        assert!(!takes(whole(inside).as_bytes()), "{inside}");
    }
    let fine = whole(ENTRY);
    for bytes in [
        format!("\u{feff}{fine}"),
        fine.replace("UTF-8", "utf-8"),
        fine.replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", ""),
        fine.replace("http://soap.sforce.com", "http://other.example"),
        format!("{fine}\n"),
        format!("{fine}<x/>"),
        fine[..fine.len() - 2].to_owned(),
        String::new(),
    ] {
        assert!(!takes(bytes.as_bytes()), "{bytes}");
    }
    let mut broken = fine.into_bytes();
    let at = broken.len() - 30;
    broken[at] = 0xff;
    assert!(!takes(&broken));
}

/// Small changes of real-looking files: one byte altered, one taken out, a piece doubled, two swapped.
#[test]
fn agrees_with_the_xml_reader_on_altered_files() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    let object = "    <objectPermissions>\n        <allowEdit>false</allowEdit>\n        <allowRead>true</allowRead>\n        \
                  <object>Contact</object>\n        <viewAllFields>true</viewAllFields>\n    </objectPermissions>\n";
    let user = "    <userPermissions>\n        <enabled>true</enabled>\n        <name>ViewAllData</name>\n    </userPermissions>\n";
    let original = whole(&format!("    <label>A</label>\n{ENTRY}    <license>B C</license>\n{object}{user}"))
        .into_bytes();
    assert!(takes(&original));
    const BYTES: &[u8] = b"<>/&;=\" \n\tAz09_.-!?[]trueflase";
    let mut taken = 0;
    for _ in 0..30_000 {
        let mut bytes = original.clone();
        for _ in 0..=random(2) {
            let at = random(bytes.len());
            match random(5) {
                0 => bytes[at] = BYTES[random(BYTES.len())],
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, BYTES[random(BYTES.len())]),
                3 => {
                    let end = (at + random(80)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = random(bytes.len());
                    bytes.splice(to..to, piece);
                }
                _ => {
                    // A line elsewhere.
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                    let (from, to) = (random(lines.len()), random(lines.len()));
                    lines.swap(from, to);
                    bytes = lines.concat().into_bytes();
                }
            }
        }
        taken += usize::from(takes(&bytes));
    }
    assert!(taken > 500, "{taken} of the altered files are still as retrieving writes them");
}

/// Every permission file of the cases, whatever it is.
#[test]
fn agrees_with_the_xml_reader_on_every_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut taken = 0;
    for folder in ["tests/cases", "tests/getting-started", "docs/rules/examples", "src/run/demo"] {
        for (path, bytes) in common::files(&root.join(folder)) {
            if path.contains("permissionset") || path.contains("profile") {
                taken += usize::from(takes(&bytes));
            }
        }
    }
    assert!(taken > 100, "{taken}");
}

#[test]
#[ignore = "needs FLSGATE_CORPUS, a folder with public metadata"]
fn agrees_with_the_xml_reader_on_real_files() {
    let root = std::env::var_os("FLSGATE_CORPUS").unwrap();
    let (mut taken, mut all) = (0, 0);
    for (path, bytes) in common::files(Path::new(&root)) {
        if [".permissionset", ".profile"].iter().any(|e| path.contains(e)) {
            all += 1;
            taken += usize::from(takes(&bytes));
        }
    }
    println!("{taken} of {all} are read without XML");
    assert!(taken * 2 > all, "{taken} of {all}");
}
