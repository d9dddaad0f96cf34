//! Who must approve a finding beside those who approve everything: the policy names people for compliance groups, objects and
//! tiers.

use super::Context;
use crate::access::Gone;
use crate::finding::Finding;
use crate::words::{FieldName, Grantor};
use std::collections::BTreeSet;

/// The parts of the approvers that a finding needs as well: those of every field that it is about, by the label before and
/// after.
pub(super) fn parts(cx: &Context<'_>, finding: &Finding) -> Vec<usize> {
    let approvers = &cx.policy.approvers;
    if approvers.also.is_empty() || !finding.approvable {
        return Vec::new();
    }
    let mut parts = BTreeSet::new();
    for field in fields(cx, finding) {
        for of in [cx.classified_before(&field), cx.classified(&field), cx.judged_as(&field)] {
            for of in [of, of.own()] {
                parts.extend(approvers.also_for(field.object(), &of.label.compliance_groups, of.tier));
            }
        }
    }
    parts.into_iter().collect()
}

/// Every field that a finding is about. Where it names none of its own, all that its holder comes to give, or gave.
fn fields(cx: &Context<'_>, finding: &Finding) -> BTreeSet<FieldName> {
    let mut fields: BTreeSet<FieldName> = finding.tells.iter().map(|(_, field)| field.clone()).collect();
    let own = finding.subject.field.as_ref().filter(|field| field.object() != "*" && field.field() != "*");
    fields.extend(own.cloned());
    if fields.is_empty()
        && let Some((holder, _)) = &finding.subject.grantor
    {
        fields = all_of(cx, holder);
    }
    fields
}

fn all_of(cx: &Context<'_>, holder: &Grantor) -> BTreeSet<FieldName> {
    let handed = cx.facts.reach.get(holder).into_iter().flatten();
    let gone = cx.delta.removed.iter().filter(|removed| match &removed.gone {
        Gone::Grantor(gone) | Gone::OneOfSeveral(gone) | Gone::Element(gone, _) | Gone::License(gone, _) => {
            gone == holder
        }
        Gone::Field(_) => false,
    });
    let standing = cx.facts.standing.get(holder).into_iter().flat_map(|standing| standing.exposures.keys());
    let named = handed.chain(gone.flat_map(|removed| &removed.opens)).map(|exposure| &exposure.field);
    named.chain(standing).cloned().collect()
}
