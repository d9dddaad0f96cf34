//! `awaiting-approval`: a complete justification that an authorised person has not approved yet.
//!
//! Judged by the entry, not only by the grant: an entry that lands without its grant would otherwise
//! count as approved when the grant follows.

use super::catalogue::AWAITING_APPROVAL as RULE;
use super::{Context, describe, grants};
use crate::finding::{Finding, Severity, Subject};
use crate::judge::Grown;
use crate::policy::{Duty, Entry};
use crate::tiers::MaskingDeclaration;
use crate::words::{Access, FieldName, Grantor};
use std::collections::BTreeMap;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(cx.background.maskings.iter().filter_map(|declaration| masking(cx, declaration)));
    grants::tell(cx, &RULE, findings);
    let told: BTreeMap<(&Grantor, &FieldName), Access> = cx
        .all_told()
        .map(|told| ((&told.pair.exposure.grantor, &told.pair.exposure.field), told.pair.exposure.access))
        .collect();
    for entry in &cx.facts.entries {
        // An open pair of this access tells by itself what its entry lacks.
        let is_told = |field: &FieldName| told.get(&(&entry.grantor, field)) == Some(&entry.access);
        let fields = entry.fields().into_iter().filter(|field| !is_told(field));
        findings.extend(fields.filter_map(|field| ahead_of_access(cx, entry, &field)));
    }
}

/// A declared masking opens the field to everybody who has it, whatever the policy asks of some of them.
fn masking(cx: &Context<'_>, declaration: &MaskingDeclaration) -> Option<Finding> {
    let (input, of) =
        declaration.input.as_ref().filter(|_| declaration.awaits && declaration.lacks.is_empty())?;
    let masking = &declaration.masking;
    let mut finding = cx.finding(&RULE, &masking.place, Some(of.tier));
    finding.message = format!(
        "the declaration that `{}` masks `{input}` ({}) needs an approval",
        masking.field.value,
        of.label_words()
    );
    finding.here = "needs an approval".into();
    finding.help = describe::ASK_APPROVAL.into();
    if declaration.landed {
        finding.notes.push("it was approved for another formula or a lower label".into());
    }
    finding.subject = describe::of_masking(declaration);
    finding.related.extend(describe::classified_at(of));
    finding.approvable = true;
    Some(finding)
}

/// Why an entry that was approved needs another approval. Other people who are to be asked are named anyway.
fn approved_before(grown: Grown) -> Option<String> {
    let then = match grown {
        Grown::UserType => "when less exposed people could hold it",
        Grown::Shows => "before the field read other classified fields",
        Grown::Requirement => "when the policy asked for less",
        Grown::HandedOut => "before a group or a user access policy handed it out",
        Grown::Approvers => return None,
    };
    Some(format!("{APPROVED}{then}"))
}

const APPROVED: &str = "it was approved ";

/// Whether a finding says that an entry was approved when less was at stake.
pub(super) fn was_approved_for_less(finding: &Finding) -> bool {
    finding.rule.id == RULE.id && finding.notes.iter().any(|note| note.starts_with(APPROVED))
}

/// An entry that no open pair needs: what it allows would count as approved later.
fn ahead_of_access(cx: &Context<'_>, entry: &Entry, field: &FieldName) -> Option<Finding> {
    let of = cx.judged_as(field);
    let (duty, _) = cx.duty(&entry.grantor, of, entry.access);
    let denied = duty == Duty::Deny || !cx.may_open(&entry.grantor, of);
    // Whose denial ends with this change would count as approved from then on.
    let will_count = denied && cx.asks_after(entry, field);
    let complete = || cx.lacks(entry, std::slice::from_ref(field)).is_empty();
    let nobody = !cx.background.on_landing.contains(&entry.grantor);
    // That nobody is called so is told by `justification-unused`.
    if nobody
        || (duty < Duty::Approve && !will_count)
        || cx.approved(entry, field)
        || denied && cx.landed(entry) && !will_count
        || !complete()
    {
        return None;
    }
    let mut finding = cx.finding(&RULE, &entry.place, Some(of.tier));
    finding.here = "needs an approval".into();
    finding.subject = Subject {
        grantor: Some((entry.grantor.clone(), cx.user_type(&entry.grantor))),
        field: Some(field.clone()),
        access: Some(entry.access),
        tier: Some(of.tier),
        label: Some((of.label.clone(), of.place().cloned())),
        justification: Some(entry.place.clone()),
        ..Subject::default()
    };
    finding.related.extend(describe::classified_at(of));
    finding.message = format!(
        "the justification of {} for {} access to `{field}` ({}) needs an approval",
        entry.grantor,
        entry.access,
        of.label_words()
    );
    let given = cx.access_of(&entry.grantor).and_then(|access| access.reach(&entry.grantor, field));
    let unread = cx.access_of(&entry.grantor).and_then(|access| access.unreadable.first());
    finding.help = match (unread, &given) {
        (Some(unread), _) => {
            format!("correct `{}` first: it could not be read, and may give the access", unread.path)
        }
        (None, Some(_)) => describe::ASK_APPROVAL.into(),
        (None, None) => "ask an authorised person to approve it for access that follows, or remove it".into(),
    };
    finding.approvable = true;
    if let Some(given) = given.filter(|given| given.access < entry.access) {
        let computed = cx.classified(field).computed;
        let why = if computed { ", since nobody can edit a field that Salesforce computes" } else { "" };
        finding.notes.push(format!(
            "{} gives {} access alone{why}: if that is all, write `access: {}`",
            entry.grantor, given.access, given.access
        ));
    }
    finding.notes.extend(cx.grown_since_approved(entry, field).and_then(approved_before));
    if denied && !will_count {
        finding.severity = finding.severity.min(Severity::Warning);
        finding.approvable = false;
        finding.help = "remove the entry".into();
        finding
            .notes
            .push(format!("the policy allows nobody {} access here, whoever approves", entry.access));
    }
    Some(finding)
}
