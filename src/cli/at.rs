//! Where and when something is judged: the arguments that most commands take.

use clap::Args;
use jiff::civil::Date;
use std::path::PathBuf;

/// Where and when something is judged.
#[derive(Debug, Args)]
pub(super) struct At {
    /// The repository: any folder inside it
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(super) repo: PathBuf,
    /// Judge expiry dates as of this day, YYYY-MM-DD [default: today in UTC]
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub(super) as_of: Option<Date>,
}

impl At {
    /// The day to judge by.
    pub(super) fn day(&self, today: Date) -> Date {
        self.as_of.unwrap_or(today)
    }
}

fn parse_date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a date such as 2026-06-01".to_owned())
}
