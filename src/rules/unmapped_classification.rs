//! `unmapped-classification`: a field carries a classification that the policy does not map to a tier.

use super::catalogue::UNMAPPED_CLASSIFICATION as RULE;
use super::{Context, describe};
use crate::finding::Finding;
use crate::tiers::Known;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in cx.delta.label_changes.iter().filter(|c| !c.base.same_label(&c.landing)) {
        let after = cx.classified(&change.field);
        let Known::Declared { place, unmapped: true, .. } = &after.known else { continue };
        let value = after.label.classification.clone().unwrap_or_default();
        let mut finding = cx.finding(&RULE, place, None);
        finding.message =
            format!("`{}` is classified `{value}`, which the policy maps to no tier", change.field);
        finding.here = "not mapped".into();
        finding.notes.push(format!("until it is mapped the field counts as {}", after.tier));
        finding.help = format!(
            "use a mapped value, or add `{value}` to a tier's `classifications` in `{}`",
            crate::policy::POLICY_PATH
        );
        finding.subject = describe::of_field(&change.field, after);
        findings.push(finding);
    }
}
