//! How the rules about single grants word an open pair: who opens what, and what the policy wants of it.

use super::causes::Told;
use super::{Context, context, describe};
use crate::access::{Bulk, Exposure};
use crate::finding::{Finding, RuleInfo};
use crate::judge::{Changed, Judge, Justified, Pair, State};
use crate::policy::Lacks;
use crate::words::capital;
use rayon::prelude::*;

/// A finding for each pair that a rule tells by itself. Its words come later, by [`word`]: there may be very many.
pub(super) fn tell(cx: &Context<'_>, rule: &'static RuleInfo, findings: &mut Vec<Finding>) {
    findings.par_extend(cx.told_by(rule).par_iter().map(|told| outline(cx, rule, told)));
}

/// The same, but of the pairs that a user permission opens, which the rule tells together.
pub(super) fn tell_single(cx: &Context<'_>, rule: &'static RuleInfo, findings: &mut Vec<Finding>) {
    let by_permission = |told: &&Told<'_>| matches!(told.pair.changed, Changed::Bulk(Bulk::Permission(_)));
    let single = cx.told_by(rule).par_iter().filter(|told| !by_permission(told));
    findings.par_extend(single.map(|told| outline(cx, rule, told)));
}

/// The finding about one open pair, without its words.
pub(super) fn outline(cx: &Context<'_>, rule: &'static RuleInfo, told: &Told<'_>) -> Finding {
    let exposure = &*told.pair.exposure;
    let classified = cx.judged_as(&exposure.field);
    let mut finding = cx.finding(rule, exposure.place(), Some(classified.tier));
    finding.subject = context::subject(cx, exposure, classified);
    finding.severity = told.severity;
    finding.approvable = told.pair.state == State::NeedsApproval;
    finding.fate = describe::fate(told.pair.state);
    finding.tells = vec![describe::pair(exposure)];
    let justified = cx.justified(&exposure.grantor, &exposure.field, exposure.access);
    finding.subject.justification = justified.entry().map(|entry| entry.place.clone());
    finding
}

/// Puts a finding about one open pair into words, if it has none.
pub(super) fn word(cx: &Context<'_>, finding: &mut Finding) {
    let told = finding.tells.first().filter(|_| finding.message.is_empty());
    let Some(pair) = told.and_then(|(holder, field)| cx.pair_of(holder, field)) else { return };
    let exposure = &*pair.exposure;
    let classified = cx.judged_as(&exposure.field);
    describe::tell(cx, finding, pair, classified);
    finding.message = format!("{}. {}", finding.message, lack(cx, pair));
    finding.help = match pair.state {
        State::NeedsApproval => describe::ASK_APPROVAL.to_owned(),
        State::Unjustified if finding.subject.justification.is_some() => complete(cx, exposure),
        _ => describe::next_step(cx, exposure, classified),
    };
    finding.related.extend(finding.subject.justification.as_ref().map(describe::justification_at));
}

/// The next step where an entry is there and does not count.
fn complete(cx: &Judge<'_>, exposure: &Exposure) -> String {
    let justified = cx.justified(&exposure.grantor, &exposure.field, exposure.access);
    let is_over = match &justified {
        Justified::Lacking(_, lacks) => lacks.iter().all(|lack| matches!(lack, Lacks::Expired(..))),
        // It counts for the new label, and not for the old one that the change takes away.
        Justified::Yes { .. } | Justified::No => false,
    };
    let place = justified.entry().map(|entry| &entry.place);
    let at = place.map_or_else(String::new, |p| format!(" `{}:{}`", p.path(), p.location().start.line));
    match is_over {
        true => {
            format!("if the access is still needed, write a later day in `expires` of{at}; else remove it")
        }
        false => format!("complete or correct the entry at{at}"),
    }
}

/// The finding about one open pair.
pub(super) fn one(cx: &Context<'_>, rule: &'static RuleInfo, told: &Told<'_>) -> Finding {
    let mut finding = outline(cx, rule, told);
    word(cx, &mut finding);
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
    lacks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
