//! How the rules about single grants word an open pair: who opens what, and what the policy wants of it.

use super::causes::Told;
use super::{Context, describe};
use crate::access::Bulk;
use crate::finding::{Finding, RuleInfo};
use crate::judge::{Changed, Judge, Justified, Pair, State};
use crate::policy::Lacks;
use crate::words::capital;
use rayon::prelude::*;

/// A finding for each pair that a rule tells by itself.
pub(super) fn tell(cx: &Context<'_>, rule: &'static RuleInfo, findings: &mut Vec<Finding>) {
    findings.par_extend(cx.told_by(rule).par_iter().map(|told| one(cx, rule, told)));
}

/// The same, but of the pairs that a user permission opens, which the rule tells together.
pub(super) fn tell_single(cx: &Context<'_>, rule: &'static RuleInfo, findings: &mut Vec<Finding>) {
    let by_permission = |told: &&Told<'_>| matches!(told.pair.changed, Changed::Bulk(Bulk::Permission(_)));
    let single = cx.told_by(rule).par_iter().filter(|told| !by_permission(told));
    findings.par_extend(single.map(|told| one(cx, rule, told)));
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
    finding.message = format!("{}. {}", finding.message, lack(cx, pair));
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

/// What an open pair lacks: a sentence.
pub(super) fn lack(cx: &Judge<'_>, pair: &Pair<'_>) -> String {
    let exposure = &*pair.exposure;
    let of = cx.judged_as(&exposure.field);
    let justified = cx.justified(&exposure.grantor, &exposure.field, exposure.access);
    match (pair.state, justified) {
        (State::NotAllowed, _) if cx.duty(&exposure.grantor, of, exposure.access).1 => {
            let user_type = capital(&cx.user_type(&exposure.grantor).to_string());
            format!("{user_type} users may not have {} access to {} fields", exposure.access, of.tier.words())
        }
        (State::NotAllowed, _) if !cx.may_open(&exposure.grantor, of) => {
            format!("A profile may not give access to {} fields", of.tier.words())
        }
        (State::NotAllowed, _) => "The policy does not allow it".to_owned(),
        (State::NeedsApproval, Justified::Yes { .. }) => "Its justification needs an approval".to_owned(),
        (State::NeedsApproval, _) => "It needs an approval".to_owned(),
        (_, Justified::Lacking(_, lacks)) => format!("Its justification does not count: {}", words(&lacks)),
        _ => {
            let (duty, _) = cx.duty(&exposure.grantor, of, exposure.access);
            format!("{} {}", capital(of.tier.words()), duty.words())
        }
    }
}

fn words(lacks: &[Lacks]) -> String {
    let words = lacks.iter().map(|lack| match lack {
        Lacks::Part(_, text) => text.clone(),
        Lacks::Expired(_, date) => format!("it ended on {date}"),
    });
    words.collect::<Vec<_>>().join("; ")
}
