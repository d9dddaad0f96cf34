//! Whether and how long to wait before a call is repeated. Pure: the time is passed in.
//!
//! A limit is told from a missing permission by headers and words, not by the status: both come as 403
//! (*Rate limits for the REST API*). A write is repeated only when the server says that it did nothing.

use std::time::Duration;

/// Tries of one call.
const MAX_TRIES: u32 = 4;
/// Without any header, a secondary limit asks for at least a minute.
const SECONDARY: u64 = 60;

/// One answer, or none.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer<'a> {
    /// `None`: no answer came.
    pub(super) status: Option<u16>,
    pub(super) retry_after: Option<u64>,
    pub(super) remaining: Option<u64>,
    pub(super) reset: Option<u64>,
    pub(super) message: &'a str,
}

impl Answer<'_> {
    /// Refused because of too many requests.
    pub(super) fn is_limit(&self) -> bool {
        match self.status {
            Some(429) => true,
            Some(403) => {
                let message = self.message.to_ascii_lowercase();
                self.retry_after.is_some()
                    || self.remaining == Some(0)
                    || message.contains("secondary rate limit")
                    || message.contains("abuse detection")
            }
            _ => false,
        }
    }
}

/// How long to wait before the next try; `None` gives up. `tries` were made, `now` is in seconds since
/// 1970, `left` is what the run may still spend on waiting.
pub(super) fn wait(
    answer: &Answer<'_>,
    repeatable: bool,
    tries: u32,
    now: u64,
    left: Duration,
) -> Option<Duration> {
    if tries >= MAX_TRIES {
        return None;
    }
    let backoff = 1_u64 << tries.min(5);
    let seconds = if answer.is_limit() {
        let reset = || (answer.remaining == Some(0)).then(|| answer.reset.map(|r| r.saturating_sub(now) + 1));
        answer.retry_after.or_else(|| reset().flatten()).unwrap_or(SECONDARY << (tries - 1).min(3))
    } else {
        match answer.status {
            None | Some(500..) if repeatable => backoff,
            _ => return None,
        }
    };
    let wait = Duration::from_secs(seconds);
    (wait <= left).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Duration = Duration::from_secs(180);

    fn seconds(answer: &Answer<'_>, repeatable: bool, tries: u32) -> Option<u64> {
        wait(answer, repeatable, tries, 1_000, LEFT).map(|w| w.as_secs())
    }

    #[test]
    fn limits_are_waited_for_as_the_server_says() {
        let limited = |status, retry_after, remaining, reset, message| Answer {
            status: Some(status),
            retry_after,
            remaining,
            reset,
            message,
        };
        let secondary = "You have exceeded a secondary rate limit";
        for (answer, tries, expected) in [
            (limited(403, Some(7), None, None, ""), 1, Some(7)),
            (limited(429, Some(7), Some(0), Some(9_999), ""), 1, Some(7)),
            (limited(403, None, Some(0), Some(1_030), ""), 1, Some(31)),
            (limited(403, None, Some(4_771), None, secondary), 1, Some(60)),
            (limited(403, None, Some(4_771), None, secondary), 2, Some(120)),
            (limited(429, None, None, None, ""), 1, Some(60)),
            (limited(403, None, Some(0), Some(9_999), ""), 1, None),
            (limited(403, Some(3_000), None, None, ""), 1, None),
            (limited(403, Some(1), None, None, ""), 4, None),
        ] {
            assert_eq!(seconds(&answer, false, tries), expected, "{answer:?}");
        }
    }

    #[test]
    fn a_missing_permission_is_no_limit() {
        let answer = Answer {
            status: Some(403),
            remaining: Some(900),
            message: "Resource not accessible by integration",
            ..Answer::default()
        };
        assert!(!answer.is_limit());
        assert_eq!(seconds(&answer, true, 1), None);
    }

    #[test]
    fn only_reads_are_repeated_after_a_broken_answer() {
        for status in [None, Some(500), Some(502), Some(504)] {
            let answer = Answer { status, ..Answer::default() };
            assert_eq!((seconds(&answer, true, 1), seconds(&answer, true, 2)), (Some(2), Some(4)));
            assert_eq!(seconds(&answer, false, 1), None);
        }
        assert_eq!(seconds(&Answer { status: Some(422), ..Answer::default() }, true, 1), None);
    }
}
