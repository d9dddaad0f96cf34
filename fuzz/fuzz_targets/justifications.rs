//! Justification files: every mistake has its place, and whatever is read can be asked.

#![no_main]

use flsgate::policy::{Entry, EntrySet, Lacks, Policy, read_justifications};
use flsgate::source::{SourceFile, Spanned};
use flsgate::words::FieldName;
use flsgate_fuzz::{MAX, check};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX {
        return;
    }
    let file = Arc::new(SourceFile::new(".flsgate/justifications/a.yml".into(), data));
    let found = match read_justifications(&file) {
        Ok(found) => found,
        Err(mistakes) => return check::mistakes(&file, &mistakes),
    };
    let policy = Policy::default();
    let today = jiff::civil::date(2026, 6, 1);
    let lacking = |lacks: &[Lacks]| {
        for lack in lacks {
            match lack {
                Lacks::Part(span, text) => {
                    check::span(&file, *span);
                    assert!(!text.is_empty());
                }
                Lacks::Expired(span, day) => {
                    check::span(&file, *span);
                    assert!(*day < today);
                }
            }
        }
    };
    for entry in found.entries.iter().take(64) {
        check::place(&file, &entry.place);
        let r = &entry.reason;
        let parts = [&r.justification, &r.compliance, &r.owner, &r.ticket, &r.expires];
        for text in entry.reviewed.iter().chain([&entry.field]).chain(parts.into_iter().flatten()) {
            check::span(&file, text.span);
            written(&file, text);
        }
        lacking(&entry.lacks(&policy, std::iter::empty(), today));
        asked(entry);
    }
    for masking in found.maskings.iter().take(64) {
        check::place(&file, &masking.place);
        check::span(&file, masking.field.span);
        masking.reads.iter().for_each(|r| check::span(&file, r.span));
        lacking(&masking.reason.lacks(masking.place.span, &policy, std::iter::empty(), today));
        assert!(!masking.reads.is_empty());
    }
});

/// A text without quotes and in one line stands in its file as it is.
fn written(file: &SourceFile, text: &Spanned<String>) {
    let under = file.text(text.span);
    let plain = !under.starts_with(['"', '\'', '|', '>', '!']) && !under.contains(['\n', '\r']);
    assert!(!plain || under.trim() == text.value, "`{under}` is read as `{}`", text.value);
}

fn asked(entry: &Entry) {
    let itself: EntrySet = [entry].into_iter().collect();
    assert!(itself.has_no_shorter(entry) && itself.has_no_longer(entry, jiff::civil::date(2026, 6, 1)), "it says what it says");
    // No pattern names a field alone.
    let written = entry.reviewed.iter().chain([&entry.field]);
    let written: Vec<FieldName> = written.filter_map(|w| FieldName::parse(&w.value)).collect();
    assert!(entry.fields().iter().all(|field| written.contains(field)), "an entry names what it writes out");
}
