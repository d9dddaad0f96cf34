//! `guard-switched-off`: a setting or rule that kept data from people no longer does.
//!
//! Which settings these are, and what each guards, is one table in `metadata`. None gives access to a field, so nothing
//! else speaks of it; what people come to see thereby is not in the repository.

use super::catalogue::GUARD_SWITCHED_OFF as RULE;
use super::{Context, describe};
use crate::access::SwitchedOff;
use crate::finding::{Finding, Related, Subject};
use crate::words::FieldName;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(cx.delta.beside.switched_off.iter().map(|off| report(cx, off)));
}

fn report(cx: &Context<'_>, off: &SwitchedOff) -> Finding {
    let (guard, name) = (off.guard, &off.name);
    let mut finding = cx.finding(&RULE, &off.place, None);
    // Tells apart what one file switches off.
    finding.subject =
        Subject { field: FieldName::of(&describe::word(name), guard.element), ..Subject::default() };
    let what = match (guard.settings(), guard.root) {
        (Some(settings), _) => format!("`{settings}` settings switch off `{}`", guard.element),
        (None, "FieldRestrictionRule") => {
            format!("field visibility rule `{name}` no longer restricts anybody")
        }
        (None, _) => format!("restriction rule `{name}` no longer restricts anybody"),
    };
    finding.message = format!("{what}: {}", guard.off);
    finding.here = "switched off here".into();
    finding.related.push(Related::new(off.before.clone(), "it was on before"));
    let safe = format!("`<{0}>{1}</{0}>`", guard.element, guard.safe);
    finding.help = match guard.settings() {
        Some(_) => format!("keep {safe}, or say in the pull request who agreed to switch it off"),
        None => {
            format!("keep the rule as it was, with {safe}, or say in the pull request who agreed to its end")
        }
    };
    finding
}
