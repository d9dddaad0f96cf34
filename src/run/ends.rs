//! Justifications and the baseline end; a run says so in time, and where it took no notice of them.

use super::config::Config;
use crate::policy::{self, Baseline, Entry};
use crate::rules;
use crate::words::counted;
use jiff::civil::Date;

/// Days after which a count of users is old.
const OLD: i64 = 30;

/// Takes a baseline away that is over, and says what has ended or ends soon.
pub(super) fn remarks(config: &mut Config, today: Date) -> Vec<String> {
    let mut remarks = std::mem::take(&mut config.remarks);
    if config.without_justifications {
        remarks.push("judged as if nothing were justified (`--no-justifications`)".to_owned());
    }
    if let Some(words) = &config.policy_words {
        let own = match config.has_idle_policy {
            true => format!("; `{}` of this repository is not read", policy::POLICY_PATH),
            false => String::new(),
        };
        remarks.push(format!("judged by the policy {words}, which this run was given{own}"));
    }
    if let Some(last) = config.policy.baseline_ends.filter(|_| !config.baseline.is_empty()) {
        let accept = counted(config.baseline.len(), "line accepts", "lines accept");
        if last < today {
            remarks.push(format!("the baseline ended on {last}: its {accept} nothing any more"));
            config.baseline = Baseline::default();
        } else if config.policy.is_near(last, today) {
            remarks.push(format!("the baseline ends on {last}: its {accept} nothing after that day"));
        }
    }
    let dropped = config.holders.forget_after(today);
    if dropped > 0 {
        let counts = counted(dropped, "count of users is", "counts of users are");
        remarks.push(format!("{counts} dated after today, and not used"));
    }
    if let Some(day) = config.holders.oldest()
        && day.saturating_add(jiff::Span::new().days(OLD)) < today
    {
        remarks.push(format!("the user counts are from {day}; export them again"));
    }
    let is_told = config.policy.severity(rules::JUSTIFICATION_EXPIRING).is_some();
    // An audit tells them one by one.
    if is_told && !config.standing {
        remarks.extend(soon(config, today));
    }
    remarks
}

/// How many justifications end soon, and the first of them.
fn soon(config: &Config, today: Date) -> Option<String> {
    let ends = |entry: &Entry| entry.last_day().filter(|last| config.policy.is_near(*last, today));
    let ending: Vec<Date> = config.entries.iter().filter_map(ends).collect();
    let first = ending.iter().min()?;
    let count = counted(ending.len(), "justification ends", "justifications end");
    let days = config.policy.warn_days;
    Some(format!("{count} within {days} days, the first on {first}; see `flsgate audit`"))
}
