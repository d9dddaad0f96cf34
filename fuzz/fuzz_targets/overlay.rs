//! Label files as CSV and as JSON, and the baseline: places, records that are cut out, and what is written
//! again.

#![no_main]

use flsgate::policy::{LabelColumns, OverlayLabel, is_overlay, read_baseline, read_overlay};
use flsgate::rules;
use flsgate::source::SourceFile;
use flsgate_fuzz::{MAX, check};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX {
        return;
    }
    let own = LabelColumns {
        object: Some("Objekt".to_owned()),
        field: Some("Feld".to_owned()),
        classification: Some("Klasse".to_owned()),
        compliance: Some("Gruppen".to_owned()),
    };
    for own in [LabelColumns::default(), own] {
        for name in ["labels.csv", "labels.json"] {
            assert!(is_overlay(name));
            let file = Arc::new(SourceFile::new(name.into(), data));
            match read_overlay(&file, &own) {
                Ok(labels) => labels.iter().take(64).for_each(|label| one(&file, label, &own)),
                Err(mistakes) => check::mistakes(&file, &mistakes),
            }
        }
    }
    baseline(data);
});

fn one(file: &Arc<SourceFile>, label: &OverlayLabel, own: &LabelColumns) {
    check::place(file, &label.place);
    let texts = [&label.classification, &label.compliance];
    for text in texts.into_iter().flatten() {
        assert!(!text.is_empty() && text.trim() == text);
    }
    assert!(!label.field.object().is_empty() && !label.field.field().is_empty());
    let record = file.text(label.place.span);
    if file.path().file_name() == "labels.json" {
        assert!(record.starts_with('{') && record.ends_with('}'), "{record}");
        let alone = Arc::new(SourceFile::new("labels.json".into(), format!("[{record}]").into_bytes()));
        let again = read_overlay(&alone, own).unwrap_or_default();
        let says = |l: &OverlayLabel| (l.field.clone(), l.classification.clone(), l.compliance.clone());
        assert_eq!(again.iter().map(says).collect::<Vec<_>>(), [says(label)], "a record alone");
    } else if !record.contains(['"', '%', '_']) {
        for text in [Some(label.field.field()), label.classification.as_deref()].into_iter().flatten() {
            assert!(record.contains(text), "`{text}` is not in its record `{record}`");
        }
    }
}

/// What is read is written, and what is written is read as the same.
fn baseline(data: &[u8]) {
    let file = Arc::new(SourceFile::new(".flsgate/baseline.yml".into(), data));
    let found = match read_baseline(&file, &rules::ids()) {
        Ok(found) => found,
        Err(mistakes) => return check::mistakes(&file, &mistakes),
    };
    for accepted in found.exposures.values().take(64) {
        check::place(&file, accepted.place.as_ref().expect("what is read has a place"));
    }
    let text = found.to_yaml();
    let written = Arc::new(SourceFile::new("again.yml".into(), text.clone().into_bytes()));
    let again = read_baseline(&written, &rules::ids())
        .unwrap_or_else(|mistakes| panic!("what was written is not read: {}\n{text}", mistakes[0]));
    assert_eq!(again.len(), found.len());
    let exposures = again.exposures.iter().zip(&found.exposures);
    for (((grantor, field), new), ((old_grantor, old_field), old)) in exposures {
        assert_eq!((grantor, field, &new.up_to), (old_grantor, old_field, &old.up_to));
    }
    assert!(again.findings.keys().eq(found.findings.keys()), "{text}");
}
