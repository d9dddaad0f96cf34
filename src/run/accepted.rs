//! What lines of the baseline accept: findings of what stands; and lines of access that comes back.

use crate::finding::Finding;
use crate::gate::Reason;
use crate::judge::Judge;
use crate::policy::{AcceptedFinding, Baseline};

/// Marks the findings that lines of a baseline accept.
pub(super) fn settle(findings: &mut [Finding], baseline: &Baseline) {
    if baseline.findings.is_empty() {
        return;
    }
    for finding in findings {
        if baseline.accepts_finding(&key(finding), finding.subject.tier) {
            finding.settle("the baseline accepts it");
        }
    }
}

/// Lines over access that the change gives anew: the access that they speak of has ended, and they would speak of the new
/// one from the next change on.
pub(super) fn outlived(cx: &Judge<'_>, baseline: &Baseline) -> Vec<Reason> {
    let new = cx.pairs().iter().filter(|pair| !cx.standing && pair.before.is_none());
    let lines = new.filter_map(|pair| {
        let exposure = &pair.exposure;
        let place = baseline.line(&exposure.grantor, &exposure.field)?.place.as_ref()?;
        Some((place, format!("{} and `{}`", exposure.grantor, exposure.field)))
    });
    let told = lines.map(|(place, about)| Reason {
        path: place.path().clone(),
        position: Some(place.location().start),
        message: format!(
            "the line of {about} accepts access that this change gives; a baseline is for what exists already: take the line out, \
             or the access counts as accepted once this is merged"
        ),
    });
    told.collect()
}

/// What a line of a baseline calls a finding.
pub(super) fn key(finding: &Finding) -> AcceptedFinding {
    AcceptedFinding {
        rule: finding.rule.id.to_owned(),
        grantor: finding.subject.grantor.as_ref().map(|(grantor, _)| grantor.clone()),
        field: finding.subject.field.clone(),
    }
}
