//! The lines that may carry a comment, read from a patch of GitHub's: as many as the patch shows, each stretch
//! behind the one before unless its header lies, and a comment never leaves its stretch.

#![no_main]

use flsgate::github::{fit, hunks};
use flsgate_fuzz::MAX;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(patch) = std::str::from_utf8(data) else { return };
    if data.len() > MAX {
        return;
    }
    let found = hunks(patch);
    let lines = patch.split('\n').count() as u64;
    let shown: u64 = found.iter().map(|h| u64::from(*h.end()) - u64::from(*h.start()) + 1).sum();
    assert!(found.iter().all(|h| h.start() <= h.end()), "a stretch without lines: {found:?}");
    assert!(shown <= lines, "{shown} lines of a patch of {lines}: {found:?}");
    for hunk in &found {
        for (first, last) in [(*hunk.start(), *hunk.end()), (0, *hunk.end()), (u32::MAX, *hunk.start())] {
            let (from, to) = fit(&found, first, last).expect("a line that is shown");
            assert!(from <= to && to == last);
            assert!(found.iter().any(|h| h.contains(&from) && h.contains(&to)), "{from} to {to}: {found:?}");
        }
    }
    let beyond = found.iter().map(|h| *h.end()).max().unwrap_or(0).checked_add(1);
    assert!(beyond.is_none_or(|line| fit(&found, 1, line).is_none()));
});
