//! Who must approve beside those who approve everything: the policy names people for compliance groups, objects and tiers.
//!
//! A review approves a pull request as a whole. So whatever waits needs the people of every part that some field of the change
//! is in, by its label before and after; and what is about a permission set as a whole needs those of all parts. Nobody's
//! guess about which fields a finding speaks of decides.

use super::Context;
use super::catalogue::POLICY_CHANGED;
use crate::finding::Finding;
use crate::policy::LABELS;
use crate::words::FieldName;
use std::collections::BTreeSet;

/// The parts of the approvers that the fields of a change are in.
pub(super) fn parts_of_change(cx: &Context<'_>) -> BTreeSet<usize> {
    let approvers = &cx.policy.approvers;
    let mut parts = BTreeSet::new();
    if approvers.also.is_empty() {
        return parts;
    }
    for field in fields(cx) {
        // What a masking hides may be a field that nothing else of the change is about: then its label has not been read.
        if !of_one_field(cx, field) {
            return (0..approvers.also.len()).collect();
        }
        for of in [cx.classified_before(field), cx.classified(field), cx.judged_as(field)] {
            for of in [of, of.own()] {
                for name in of.inputs.iter().chain([field, cx.defined_as(field)]) {
                    parts.extend(approvers.also_for(name, &of.label.compliance_groups, of.tier));
                }
            }
        }
    }
    parts
}

/// Every field that the change concerns.
fn fields<'c>(cx: &'c Context<'_>) -> BTreeSet<&'c FieldName> {
    let facts = cx.facts;
    let classified = facts.base.keys().chain(facts.landing.keys()).chain(facts.judged.keys());
    let handed = cx.background.reach.values().flatten().map(|exposure| &exposure.field);
    let gone = cx.delta.removed.iter().flat_map(|removed| &removed.opens).map(|exposure| &exposure.field);
    let masked = cx.background.maskings.iter().flat_map(|declaration| {
        let masking = &declaration.masking;
        masking.reads.iter().map(|read| &read.value).chain([&masking.field.value])
    });
    classified.chain(handed).chain(gone).chain(masked).collect()
}

/// The parts that a finding needs as well, given those of the change.
pub(super) fn parts(cx: &Context<'_>, finding: &Finding, of_change: &BTreeSet<usize>) -> Vec<usize> {
    if !finding.approvable {
        return Vec::new();
    }
    let names_a_field = finding.subject.field.as_ref().is_some_and(|field| of_one_field(cx, field));
    let of_holder = finding.subject.grantor.is_some() && finding.tells.is_empty() && !names_a_field;
    // Which labels an export changes is not looked at.
    let of_labels = finding.rule.id == POLICY_CHANGED.id && finding.place.path().as_str().starts_with(LABELS);
    match of_holder || of_labels {
        true => (0..cx.policy.approvers.also.len()).collect(),
        false => of_change.iter().copied().collect(),
    }
}

/// Whether this is a field of the change, and no name that tells findings apart.
fn of_one_field(cx: &Context<'_>, field: &FieldName) -> bool {
    cx.facts.landing.contains_key(field) || cx.facts.base.contains_key(field)
}
