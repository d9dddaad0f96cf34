//! Permission set groups, files that hand out permission sets, and destructive manifests.

#![no_main]

use flsgate::metadata::{HandOutKind, parse_group, parse_hand_outs, parse_manifest};
use flsgate::source::SourceFile;
use flsgate_fuzz::{MAX, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX {
        return;
    }
    let file = SourceFile::new("f.xml".into(), data);
    match parse_group(&file) {
        Ok(group) => {
            check::names(&file, &group.members);
            check::names(&file, &group.muting);
        }
        Err(error) => check::metadata_error(&file, &error),
    }
    for kind in [
        HandOutKind::AccessPolicy,
        HandOutKind::Site,
        HandOutKind::DelegateGroup,
        HandOutKind::PortalDelegation,
    ] {
        match parse_hand_outs(&file, kind) {
            Ok(found) => {
                for hand_out in &found.all {
                    check::element(&file, hand_out.span);
                    assert!(!hand_out.grantor.to_string().is_empty());
                }
                // Reading decides nothing.
                assert_eq!(parse_hand_outs(&file, kind).as_ref(), Ok(&found));
            }
            Err(error) => check::metadata_error(&file, &error),
        }
    }
    match parse_manifest(&file) {
        Ok(members) => {
            for member in &members {
                check::element(&file, member.name.span);
            }
        }
        Err(error) => check::metadata_error(&file, &error),
    }
});
