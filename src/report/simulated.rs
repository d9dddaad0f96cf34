//! Two verdicts side by side: what another policy would block and open.

use super::sanitize::clean;
use crate::finding::{Finding, Severity};
use crate::gate::Verdict;
use crate::words::counted;
use std::io::{self, Write};

/// Writes what the verdict `then` says that `today` does not, and the other way round.
///
/// # Errors
/// When writing fails.
pub fn write_simulated(
    (today, then): (&Verdict, &Verdict),
    (more, less): (&[Finding], &[Finding]),
    out: &mut dyn Write,
) -> io::Result<()> {
    for reason in &then.undecided {
        writeln!(out, "undecided: {}: {}", clean(reason.path.as_str()), clean(&reason.message))?;
    }
    for (mark, findings) in [('+', more), ('-', less)] {
        for finding in findings {
            writeln!(
                out,
                "{mark} {}[{}] {}:{}: {}",
                finding.severity,
                finding.rule.id,
                clean(finding.place.path().as_str()),
                finding.place.location().start,
                clean(&finding.message)
            )?;
        }
    }
    if more.is_empty() && less.is_empty() {
        writeln!(out, "no finding differs under the other policy")?;
        if then.idle && !then.standing {
            writeln!(out, "there is nothing new to judge here; `--standing` judges all access that exists")?;
        }
    }
    let counts = |verdict: &Verdict| {
        let of = |severity| verdict.count(severity);
        let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
        let errors = counted(errors, "error", "errors");
        format!("{} ({errors}, {})", verdict.outcome, counted(warnings, "warning", "warnings"))
    };
    writeln!(out, "today: {}; under the other policy: {}", counts(today), counts(then))
}
