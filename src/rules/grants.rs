//! How the rules about single grants word an open pair: who opens what, and what the policy wants of it.

use super::causes::Told;
use super::{Context, describe};
use crate::finding::{Finding, RuleInfo};
use crate::judge::{Changed, Judge, Justified, Pair, State};
use crate::policy::Lacks;

/// A finding for each pair that a rule tells by itself.
pub(super) fn tell(cx: &Context<'_>, rule: &'static RuleInfo, findings: &mut Vec<Finding>) {
    findings.extend(cx.told_by(rule).iter().map(|told| one(cx, rule, told)));
}

/// The same of pairs whose own entry or definition changes; the rule tells the others together.
pub(super) fn tell_single(cx: &Context<'_>, rule: &'static RuleInfo, findings: &mut Vec<Finding>) {
    let single = cx.told_by(rule).iter().filter(|told| !matches!(told.pair.changed, Changed::Bulk(_)));
    findings.extend(single.map(|told| one(cx, rule, told)));
}

/// The finding about one open pair.
pub(super) fn one(cx: &Context<'_>, rule: &'static RuleInfo, told: &Told<'_>) -> Finding {
    let pair = told.pair;
    let exposure = &*pair.exposure;
    let classified = cx.judged_as(&exposure.field);
    let mut finding = describe::about(cx, rule, pair, classified);
    finding.severity = told.severity;
    finding.approvable = pair.state == State::NeedsApproval;
    finding.fate = describe::fate(pair.state);
    finding.tells = vec![describe::pair(exposure)];
    finding.message = format!("{} and {}", finding.message, lack(cx, pair));
    finding.help = match pair.state {
        State::NeedsApproval => describe::ASK_APPROVAL.to_owned(),
        _ => describe::next_step(cx, exposure, classified),
    };
    match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
        Justified::Yes { entry, .. } | Justified::Lacking(entry, _) => {
            finding.subject.justification = Some(entry.place.clone());
            finding.related.push(describe::justification_at(&entry.place));
        }
        Justified::No => {}
    }
    if pair.state == State::Unjustified && finding.subject.justification.is_some() {
        finding.help = "complete or renew the justification".to_owned();
    }
    finding
}

/// What an open pair lacks, in words.
pub(super) fn lack(cx: &Judge<'_>, pair: &Pair<'_>) -> String {
    let exposure = &*pair.exposure;
    let of = cx.judged_as(&exposure.field);
    let justified = cx.justified(&exposure.grantor, &exposure.field, exposure.access);
    match (pair.state, justified) {
        (State::NotAllowed, _) if cx.duty(&exposure.grantor, of, exposure.access).1 => {
            let principal = cx.user_type(&exposure.grantor);
            format!("{principal} principals may not have {} access", exposure.access)
        }
        (State::NotAllowed, _) if !cx.may_open(&exposure.grantor, of) => {
            "a profile may not grant it".to_owned()
        }
        (State::NotAllowed, _) => "the policy allows no such grant".to_owned(),
        (State::NeedsApproval, Justified::Yes { .. }) => "its justification awaits approval".to_owned(),
        (State::NeedsApproval, _) => "nobody has approved it yet".to_owned(),
        (_, Justified::Lacking(_, lacks)) => format!("its justification does not count: {}", words(&lacks)),
        _ => "no justification covers it".to_owned(),
    }
}

fn words(lacks: &[Lacks]) -> String {
    let words = lacks.iter().map(|lack| match lack {
        Lacks::Part(_, text) => text.clone(),
        Lacks::Expired(_, date) => format!("it ended on {date}"),
    });
    words.collect::<Vec<_>>().join("; ")
}
