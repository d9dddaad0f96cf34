//! What the demo says beside its report.

use super::args::DemoArgs;
use super::output::FormatName;
use crate::gate::Verdict;
use crate::run::{self, RunError};
use std::io::Write;

/// What it is, before anything else.
pub(super) fn begin(args: &DemoArgs, out: &mut dyn Write) -> Result<(), RunError> {
    if args.output.format() != FormatName::Terminal {
        return Ok(());
    }
    let io = |source| RunError::Io { what: "cannot write".into(), source };
    writeln!(out, "{}\n", run::first_words()).map_err(io)
}

/// The demo has shown what it was to show, so it succeeds; only a report that could not be written is a failure.
pub(super) fn end(args: &DemoArgs, verdict: &Verdict, status: u8, out: &mut dyn Write) -> u8 {
    let gate = verdict.outcome.exit_status();
    if args.output.format() == FormatName::Terminal {
        let _ = writeln!(out, "\n{}", run::last_words(gate)).and_then(|()| out.flush());
    }
    if args.exit_status || status != gate { status } else { 0 }
}
