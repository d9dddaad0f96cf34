//! The one change that settles a finding by itself: taking a grant back, where that is a matter of one
//! word. Formats show it in their own way.

use crate::finding::{Finding, RouteKind, Severity};
use crate::source::Span;
use crate::words::Access;

/// Rules about one `fieldPermissions` entry.
const RULES: [&str; 4] = [
    "restricted-field-grant",
    "conditional-field-grant",
    "external-access",
    "profile-grants-classified-field",
];

/// What to write in place of a span of the finding's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fix {
    /// An element of the file.
    pub(super) span: Span,
    /// What takes its place.
    pub(super) text: &'static str,
}

/// The fix of a finding, where there is a safe one.
pub(super) fn fix(finding: &Finding) -> Option<Fix> {
    let direct = matches!(&*finding.subject.route, [step] if step.kind == RouteKind::FieldPermissions);
    if finding.severity != Severity::Error || !direct || !RULES.contains(&finding.rule.id) {
        return None;
    }
    // Editing taken back leaves reading, which may be the next finding; an entry that nothing needs is one.
    if finding.subject.access != Some(Access::Read) || finding.subject.justification.is_some() {
        return None;
    }
    let (element, text) = ("<readable>true</readable>", "<readable>false</readable>");
    let (span, bytes) = (finding.place.span, finding.place.file.bytes());
    (bytes.get(span.range())? == element.as_bytes()).then_some(Fix { span, text })
}
