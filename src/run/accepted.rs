//! Findings of what stands that the baseline accepts.

use crate::finding::Finding;
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

/// What a line of a baseline calls a finding.
pub(super) fn key(finding: &Finding) -> AcceptedFinding {
    AcceptedFinding {
        rule: finding.rule.id.to_owned(),
        grantor: finding.subject.grantor.as_ref().map(|(grantor, _)| grantor.clone()),
        field: finding.subject.field.clone(),
    }
}
