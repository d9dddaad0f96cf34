//! The quick reader of retrieved files against the XML reader: whatever the first one takes, the second one
//! reads the same, to the byte.

#![no_main]

use flsgate::metadata::{parse_permissions_as_xml, read_retrieved};
use flsgate::source::SourceFile;
use flsgate_fuzz::{MAX, build, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(bytes) = build::or_as_it_is(data, build::retrieved).filter(|b| b.len() <= MAX) else { return };
    let file = SourceFile::new("f.xml".into(), bytes);
    for root in build::ROOTS {
        let Some(quick) = read_retrieved(file.bytes(), root) else { continue };
        check::permissions(&file, &quick);
        match parse_permissions_as_xml(&file, root, "") {
            Ok(slow) => assert_eq!(quick, slow),
            Err(error) => panic!("refused by the XML reader: {error}"),
        }
    }
});
