//! Operations on `.flsgate/`: entries, masks, the baseline and the policy.

use super::access::holders;
use super::change::{Op, What, any_field, chosen, pick};
use super::judge::{Change, State, worse_pairs};
use super::org::{
    Access, Duty, Enforcement, Field, Holder, Kind, Line, Mask, Org, Reason, Tier, UserType, object_of,
};
use std::collections::BTreeSet;

fn reason(holder: Holder, field: Field, access: Access, number: u8) -> Reason {
    let reviewed = BTreeSet::new();
    Reason { holder, field, reviewed, access, reason: number % 3, owner: 0, expires: 2 }
}

/// Writes an entry for each pair that lacks one (one of four times: for one of them only).
pub(super) fn explain(op: Op, base: &Org, head: &mut Org) {
    let change = Change::new(base, head, false);
    let missing = worse_pairs(&change);
    let missing = missing.into_iter().filter(|pair| pair.state == State::Unjustified);
    for pair in missing.take(if op.a.is_multiple_of(4) { 1 } else { usize::MAX }) {
        let access = change.after.widest(&pair.holder, &pair.field).max(Access::Read);
        let mut entry = reason(pair.holder.clone(), pair.field.clone(), access, op.b);
        if op.c.is_multiple_of(8) {
            entry.field = format!("{}.*", object_of(&pair.field));
            entry.reviewed = BTreeSet::from([pair.field]);
        }
        let twice =
            |r: &Reason| r.holder == entry.holder && r.field == entry.field && r.reviewed == entry.reviewed;
        head.reasons.retain(|r| !twice(r));
        head.reasons.insert(entry);
    }
}

pub(super) fn reasons(op: Op, head: &mut Org) {
    let field = any_field(head, op.b);
    let access = if op.c.is_multiple_of(2) { Access::Read } else { Access::Edit };
    // Groups need reasons of their own seldom, and these go as often as all others.
    let of_group = head.reasons.iter().filter(|r| op.c % 2 == 1 && matches!(r.holder, Holder::Group(_)));
    let of_group = chosen(of_group.cloned(), op.a);
    let reason_of = of_group.or_else(|| chosen(head.reasons.iter().cloned(), op.a));
    match op.what {
        What::Plant => {
            let Some(holder) = chosen(holders(head), op.a) else { return };
            head.reasons.retain(|r| r.holder != holder || r.field != field);
            head.reasons.insert(reason(holder, field, access, op.c / 2));
        }
        What::Unexplain => {
            reason_of.map(|reason| head.reasons.remove(&reason));
        }
        What::AlterReason => {
            let Some(mut reason) = reason_of else { return };
            head.reasons.remove(&reason);
            match op.c % 5 {
                0 => reason.reason = (reason.reason + 1) % 3,
                1 => reason.owner += 1,
                2 => reason.expires = 1,
                3 => reason.expires = 3,
                _ => reason.access = Access::Read,
            }
            head.reasons.insert(reason);
        }
        What::Baseline => {
            let Some(holder) = chosen(holders(head), op.a) else { return };
            let tier = if op.c % 4 < 2 { Tier::Conditional } else { Tier::Restricted };
            head.baseline.retain(|line| line.holder != holder || line.field != field);
            let user =
                pick(&[UserType::Internal, UserType::Internal, UserType::External, UserType::Guest], op.b);
            let read = super::access::reads(head, &field);
            let reads = if op.c.is_multiple_of(3) { read.into_iter().skip(1).collect() } else { read };
            head.baseline.insert(Line { holder, field, access, tier, user, reads });
        }
        _ => {
            if let Some(mask) = chosen(head.masks.iter().cloned(), op.a).filter(|_| op.c.is_multiple_of(3)) {
                head.masks.remove(&mask);
                return;
            }
            let derived = head.fields.iter().filter(|(_, def)| matches!(def.kind, Kind::Formula(_)));
            let Some(name) = chosen(derived.map(|((name, _), _)| name.clone()), op.a) else { return };
            let read = chosen(super::access::reads(head, &name), op.b);
            if let Some(read) = read.filter(|_| !head.masks.iter().any(|mask| mask.field == name)) {
                head.masks.insert(Mask { field: name, reads: BTreeSet::from([read]), reason: op.c % 3 });
            }
        }
    }
}

pub(super) fn policy(op: Op, head: &mut Org) {
    const DUTIES: [(Duty, Duty); 5] = [
        (Duty::Nothing, Duty::Justification),
        (Duty::Justification, Duty::Justification),
        (Duty::Justification, Duty::Approval),
        (Duty::Approval, Duty::Approval),
        (Duty::NotAllowed, Duty::NotAllowed),
    ];
    let policy = &mut head.policy;
    let duties = pick(&DUTIES, op.b);
    let tier = if op.a.is_multiple_of(2) { Tier::Conditional } else { Tier::Restricted };
    let rules = if op.a.is_multiple_of(2) { &mut policy.conditional } else { &mut policy.restricted };
    if op.what == What::PolicyDuty {
        match op.c % 4 {
            0 => (rules.read, rules.edit) = duties,
            1 => {
                let user = pick(&[UserType::Guest, UserType::External, UserType::Integration], op.c / 4);
                policy.types.insert((user, tier), duties);
            }
            _ => {
                policy.compliance.insert(pick(&["PII", "GDPR", "PCI"], op.c / 4).to_owned(), duties);
            }
        }
        return;
    }
    match op.c % 6 {
        0 => rules.profiles = !rules.profiles,
        1 => {
            rules.enforcement = pick(&[Enforcement::Advisory, Enforcement::Soft, Enforcement::Hard], op.b);
        }
        2 => policy.unknown = pick(&[Tier::Open, Tier::Conditional, Tier::Restricted], op.b),
        3 | 4 => {
            let rule = pick(&["broad-system-permission", "label-lowered", "field-leaves-fls"], op.b);
            let severity = pick(&["warning", "off", "note"], op.a);
            policy.severities.insert(rule.to_owned(), severity.to_owned());
        }
        _ => {
            let pattern = pick(&[(UserType::External, "Sales*"), (UserType::Guest, "Guest*")], op.b);
            policy.patterns.insert((pattern.0, pattern.1.to_owned()));
        }
    }
}
