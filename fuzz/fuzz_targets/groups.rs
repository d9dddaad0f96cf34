//! Permission set groups, user access policies and destructive manifests.

#![no_main]

use flsgate::metadata::{parse_access_policy, parse_group, parse_manifest};
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
    match parse_access_policy(&file) {
        Ok(policy) => {
            for grant in &policy.grants {
                check::element(&file, grant.span);
                assert!(!grant.value.to_string().is_empty());
            }
            // The order of actions and filters decides nothing, and reading decides nothing either.
            assert_eq!(parse_access_policy(&file).as_ref(), Ok(&policy));
        }
        Err(error) => check::metadata_error(&file, &error),
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
