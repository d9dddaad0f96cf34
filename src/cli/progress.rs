//! The line on a terminal that says how far a run is.

use crate::run::Progress;
use std::io::{self, Write};
use std::sync::atomic::Ordering::Relaxed;

/// The line on a terminal that says how far a run is. It is erased when the run lets go of it.
struct ProgressLine {
    start: std::time::Instant,
    /// When it is written next, in milliseconds since the start.
    due: std::sync::atomic::AtomicU64,
}

impl ProgressLine {
    /// Reading is told after a second, ten times a second at most; what follows it once. Several threads call
    /// this: whoever holds the lock of standard error while they do waits for ever.
    fn tell(&self, done: usize, all: usize) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        if done == all {
            self.due.store(u64::MAX, Relaxed);
            let _ = write!(io::stderr(), "\r\u{1b}[Kjudging what {all} files say");
        } else if now >= self.due.load(Relaxed) {
            self.due.store(now + 100, Relaxed);
            let _ = write!(io::stderr(), "\r\u{1b}[Kreading {done} of {all} files");
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        let _ = write!(io::stderr(), "\r\u{1b}[K");
    }
}

/// How far a run is, on standard error.
pub(super) fn progress() -> Progress {
    let line = ProgressLine { start: std::time::Instant::now(), due: 1000.into() };
    std::sync::Arc::new(move |done, all| line.tell(done, all))
}
