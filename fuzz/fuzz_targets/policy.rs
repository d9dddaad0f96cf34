//! The policy file: every mistake has its place, and whatever is read can be asked.

#![no_main]

use flsgate::policy::{Policy, read_policy};
use flsgate::rules;
use flsgate::source::SourceFile;
use flsgate::words::{Access, Grantor, GrantorKind, PrincipalClass, Tier};
use flsgate_fuzz::{MAX, check};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX {
        return;
    }
    let file = Arc::new(SourceFile::new(".flsgate/policy.yml".into(), data));
    match read_policy(&file, &rules::ids()) {
        Ok(policy) => {
            asked(&policy);
            assert_eq!(read_policy(&file, &rules::ids()).ok().as_ref(), Some(&policy));
        }
        Err(mistakes) => check::mistakes(&file, &mistakes),
    }
    line_ends(data);
});

/// All three line ends of YAML are line ends, so a file says the same with each.
fn line_ends(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.contains('\r') || text.len() > 4096 {
        return;
    }
    let read = |line_end: &str| {
        let bytes = text.replace('\n', line_end).into_bytes();
        read_policy(&Arc::new(SourceFile::new(".flsgate/policy.yml".into(), bytes)), &rules::ids()).ok()
    };
    let policy = read("\n");
    for line_end in ["\r\n", "\r"] {
        assert_eq!(read(line_end), policy, "line ends {line_end:?}");
    }
}

fn asked(policy: &Policy) {
    assert!((1..=3660).contains(&policy.max_days) && (1..=100).contains(&policy.min_words));
    assert!((1..=10).contains(&policy.approvers.needed) && !policy.approvers.words(&[], policy.approvers.needed).is_empty());
    let labels = [(None, None), (Some("Restricted"), Some("PII;GDPR")), (Some("Own"), Some(" ; x;PII "))];
    for (classification, compliance) in labels {
        let label = policy.labels.label(classification, compliance);
        let tier = policy.labels.tier(&label).tier;
        for class in PrincipalClass::ALL {
            // Editing includes reading, but a policy may ask less of it; here only that there is an answer.
            let _ = policy.tiers.duty(tier, &label, Access::Read, class);
            let _ = policy.tiers.duty(tier, &label, Access::Edit, class);
        }
    }
    for tier in Tier::ALL {
        let _ = policy.tiers.may_open(tier, &Grantor::new(GrantorKind::Profile, "Admin"), true);
        for rule in rules::RULES {
            let narrowed = policy.severity_in(&rule.info, tier);
            assert!(narrowed <= policy.severity(&rule.info), "a tier makes nothing weightier");
        }
    }
    let _ = policy.ignores_submodule("vendor/a/b");
    let licenses = ["Salesforce Integration".to_owned(), "a/b{c}[d]".to_owned()];
    let _ = policy.principals.class(&Grantor::new(GrantorKind::Profile, "Sales_Integration_EU"), &licenses);
}
