//! How rules word several open pairs of one cause.

use super::causes::{self, Told};
use super::{Context, describe};
use crate::access::{BulkGrant, Exposure};
use crate::finding::{Finding, Place, Related, RuleInfo, Subject};
use crate::judge::{Justified, State};
use crate::policy::{Duty, JUSTIFICATIONS};
use crate::words::{Access, FieldName, Grantor, GrantorKind};

/// The fields of several pairs, in words.
pub(super) struct Fields {
    /// How many.
    pub(super) count: usize,
    /// The access to all of them, if it is the same.
    pub(super) access: Option<Access>,
    /// `` `A.B` (tier 3) and 1 more ``.
    pub(super) names: String,
    /// What they lack: `not justified`.
    pub(super) lack: &'static str,
}

impl Fields {
    /// ``2 are classified and not justified: `A.B` (tier 3), `A.C` (tier 2)``.
    pub(super) fn words(&self) -> String {
        let verb = if self.count == 1 { "is" } else { "are" };
        format!("{} {verb} classified and {}: {}", self.count, self.lack, self.names)
    }
}

/// What findings about several fields of one holder share. `remedy` is the next step where a reason helps.
pub(super) fn of_holder(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    (holder, place): (&Grantor, &Place),
    told: &[&Told<'_>],
    remedy: String,
) -> (Finding, Fields) {
    let mut finding = start(cx, rule, place, told, remedy);
    let mut sorted: Vec<_> =
        told.iter().map(|t| (&*t.pair.exposure, cx.judged_as(&t.pair.exposure.field))).collect();
    // The most sensitive first; within a tier by name.
    sorted.sort_by(|(a, x), (b, y)| y.tier.cmp(&x.tier).then_with(|| a.field.cmp(&b.field)));
    let access = sorted.first().map(|(e, _)| e.access);
    let access = access.filter(|access| sorted.iter().all(|(e, _)| e.access == *access));
    let names = describe::fields_with(sorted.iter().map(|(e, of)| {
        let own = if access.is_none() { format!(", {}", e.access) } else { String::new() };
        (&e.field, format!("{}{own}", of.tier.words()))
    }));
    finding.subject = Subject {
        grantor: Some((holder.clone(), cx.user_type(holder))),
        field: sorted.first().map(|(e, _)| e.field.clone()).filter(|_| sorted.len() == 1),
        access: sorted.iter().map(|(e, _)| e.access).max(),
        tier: sorted.iter().map(|(_, of)| of.tier).max(),
        justification: of_one(cx, told),
        ..Subject::default()
    };
    let labels = sorted.iter().filter_map(|(_, of)| describe::classified_at(of));
    finding.related.extend(labels);
    finding.notes.extend(describe::why_exposed(cx, holder));
    let state = told.first().map_or(State::Unjustified, |t| t.pair.state);
    let fields = Fields {
        count: sorted.len(),
        access,
        names,
        lack: match state {
            State::NotAllowed => "not allowed",
            State::NeedsApproval => "not approved yet",
            _ => "not justified",
        },
    };
    (finding, fields)
}

/// The justification, where a finding is about one access that has one.
fn of_one(cx: &Context<'_>, told: &[&Told<'_>]) -> Option<Place> {
    let [one] = told else { return None };
    let exposure = &one.pair.exposure;
    match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
        Justified::Yes { entry, .. } => Some(entry.place.clone()),
        Justified::Lacking(..) | Justified::No => None,
    }
}

/// What findings about one field and several holders share: they are the related places.
pub(super) fn of_field(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    (field, place): (&FieldName, Option<&Place>),
    told: &[&Told<'_>],
    remedy: String,
) -> Option<Finding> {
    // A field whose definition cannot be read has no place of its own.
    let place = place.or(told.first().map(|told| told.pair.exposure.place()))?;
    let mut finding = start(cx, rule, place, told, remedy);
    finding.subject = describe::of_field(field, cx.judged_as(field));
    for Told { pair, .. } in told {
        let exposure = &*pair.exposure;
        let gone = |e: &&crate::access::Exposure| e.grantor == exposure.grantor && e.field == exposure.field;
        let kept = cx.delta.omitted.iter().any(|e| gone(&e));
        let left = if kept { ", which deleting the entry does not revoke" } else { "" };
        let message = format!("{} gives {} access{left}", exposure.grantor, exposure.access);
        finding.related.push(Related::new(exposure.place().clone(), message));
    }
    Some(finding)
}

fn start(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    place: &Place,
    told: &[&Told<'_>],
    remedy: String,
) -> Finding {
    let mut finding = cx.finding(rule, place, None);
    finding.severity = causes::weight(told);
    finding.tells = told.iter().map(|t| describe::pair(&t.pair.exposure)).collect();
    let Some(Told { pair, .. }) = told.first() else { return finding };
    finding.approvable = pair.state == State::NeedsApproval;
    finding.fate = describe::fate(pair.state);
    finding.help = match pair.state {
        State::NeedsApproval => describe::ASK_APPROVAL.to_owned(),
        State::NotAllowed => describe::next_step(cx, &pair.exposure, cx.judged_as(&pair.exposure.field)),
        _ => {
            let mend = |told: &&Told<'_>| describe::mend(cx.judged_as(&told.pair.exposure.field));
            let unread: Option<Vec<String>> = told.iter().map(mend).collect();
            finding.justifiable = unread.is_none();
            unread.and_then(|all| all.into_iter().next()).unwrap_or(remedy)
        }
    };
    finding
}

/// How several justifications are written, and whether some of them need an approval as well: ends a next step.
pub(super) fn justify_each(cx: &Context<'_>, told: &[&Told<'_>]) -> String {
    let command = if cx.standing { "flsgate justify --all" } else { "flsgate justify" };
    let duty =
        |exposure: &Exposure| cx.duty(&exposure.grantor, cx.judged_as(&exposure.field), exposure.access).0;
    let approve = told.iter().any(|told| duty(&told.pair.exposure) >= Duty::Approve);
    let approve = if approve { ", and ask for an approval" } else { "" };
    format!("justify each in a file under `{JUSTIFICATIONS}` (`{command}` writes the entries){approve}")
}

/// Who gives access to a field: one by name, several by their number.
pub(super) fn who(told: &[&Told<'_>]) -> String {
    match told {
        [one] => one.pair.exposure.grantor.to_string(),
        many => format!("{} permission sets or profiles", many.len()),
    }
}

/// Where a bulk grant is told: at its element, and for a group at the member that brings it in.
pub(super) fn bulk_place<'g>(holder: &Grantor, grant: &'g BulkGrant) -> &'g Place {
    let member = grant.route.first().filter(|_| holder.kind == GrantorKind::PermissionSetGroup);
    member.map_or(grant.place(), |step| &step.place)
}
