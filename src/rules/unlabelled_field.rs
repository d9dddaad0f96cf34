//! `unlabelled-field`: a new field has no label. Off by default: a ratchet for teams that label all
//! new fields.

use super::catalogue::UNLABELLED_FIELD as RULE;
use super::{Context, describe};
use crate::finding::{Finding, Subject};
use crate::tiers::Known;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in &cx.delta.label_changes {
        let after = cx.classified(&change.field);
        let new = matches!(cx.classified_before(&change.field).known, Known::Unknown);
        let Known::Declared { place, compliance, .. } = &after.known else { continue };
        // `None` is a decision too.
        if !new || after.label.classification.is_some() || compliance.is_some() {
            continue;
        }
        let mut finding = cx.finding(&RULE, place, None);
        finding.message = format!("{} `{}` has no label", describe::new_field(cx), change.field);
        finding.here = "no `securityClassification`, no `complianceGroup`".into();
        finding.help = "add a label, for example `<securityClassification>Internal</securityClassification>`; `Public` is an answer too".into();
        finding.subject =
            Subject { field: Some(change.field.clone()), tier: Some(after.tier), ..Subject::default() };
        findings.push(finding);
    }
}
