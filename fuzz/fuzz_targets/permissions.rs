//! Permission sets, profiles and muting sets: never a panic, every span is what it claims to be, an entry
//! that is cut out says the same, and a new one goes where it can be read again.

#![no_main]

use flsgate::metadata::{
    FieldPermission, Permissions, insertion, parse_muting_permission_set, parse_permission_set, parse_profile,
};
use flsgate::source::SourceFile;
use flsgate_fuzz::{MAX, build, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(bytes) = build::or_as_it_is(data, build::any_xml).filter(|b| b.len() <= MAX) else { return };
    let file = SourceFile::new("f.permissionset-meta.xml".into(), bytes);
    for parse in [parse_permission_set, parse_profile, parse_muting_permission_set] {
        match parse(&file) {
            Ok(found) => {
                check::permissions(&file, &found);
                alone(&file, &found);
            }
            Err(error) => check::metadata_error(&file, &error),
        }
    }
    if let Ok(found) = parse_permission_set(&file) {
        inserted(&file, &found);
    }
});

fn says(entry: &FieldPermission) -> (String, Option<bool>, Option<bool>, bool) {
    let value = |v: &Option<flsgate::source::Spanned<bool>>| v.as_ref().map(|v| v.value);
    (entry.field.as_str().to_owned(), value(&entry.readable()), value(&entry.editable()), entry.doubtful)
}

/// The bytes of an entry, in a file of their own, are that entry.
fn alone(file: &SourceFile, found: &Permissions) {
    for entry in found.fields.iter().take(4) {
        // A piece of a decomposed component is one entry, whose element is the root.
        let cut = &file.bytes()[entry.entry().range()];
        if build::ROOTS.iter().any(|root| cut[1..].starts_with(root.as_bytes())) {
            continue;
        }
        let mut bytes = b"<PermissionSet>".to_vec();
        bytes.extend_from_slice(cut);
        bytes.extend_from_slice(b"</PermissionSet>");
        let piece = SourceFile::new("piece.xml".into(), bytes);
        let again = parse_permission_set(&piece).unwrap_or_else(|error| panic!("an entry alone: {error}"));
        assert_eq!(again.fields.iter().map(says).collect::<Vec<_>>(), [says(entry)]);
    }
}

/// An entry written where the file says that it belongs is read again, and so is everything else.
fn inserted(file: &SourceFile, found: &Permissions) {
    let Ok(at) = insertion(file, "fieldPermissions", "field", "M.N__c") else { return };
    let text = std::str::from_utf8(file.bytes()).expect("a file that was read is UTF-8");
    assert!(text.is_char_boundary(at), "byte {at} is inside a character or behind the file");
    let new = "<fieldPermissions><field>M.N__c</field><readable>true</readable></fieldPermissions>";
    let longer =
        SourceFile::new("longer.xml".into(), format!("{}{new}{}", &text[..at], &text[at..]).into_bytes());
    let again = parse_permission_set(&longer).unwrap_or_else(|error| panic!("after an insertion: {error}"));
    let mut expected: Vec<_> = found.fields.iter().map(says).collect();
    let mut read: Vec<_> = again.fields.iter().map(says).collect();
    expected.push(("M.N__c".to_owned(), Some(true), None, false));
    expected.sort();
    read.sort();
    assert_eq!(read, expected);
    assert_eq!((again.objects.len(), again.users.len()), (found.objects.len(), found.users.len()));
}
