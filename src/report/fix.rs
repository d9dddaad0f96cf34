//! The one change that settles a finding by itself: taking a grant back, where that is a matter of one
//! word. Formats show it in their own way.

use crate::finding::{Finding, RouteKind, Severity};
use crate::source::Span;
use crate::words::Access;

/// Rules about one `fieldPermissions` entry.
const RULES: [&str; 5] = [
    "restricted-field-grant",
    "conditional-field-grant",
    "classified-edit",
    "external-principal-grant",
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
    let (element, text) = match (finding.subject.access?, finding.rule.id) {
        (Access::Read, _) => ("<readable>true</readable>", "<readable>false</readable>"),
        // Editing taken back leaves reading, which is all that this rule asks about.
        (Access::Edit, "classified-edit") => ("<editable>true</editable>", "<editable>false</editable>"),
        (Access::Edit, _) => return None,
    };
    let (span, bytes) = (finding.place.span, finding.place.file.bytes());
    (bytes.get(span.range())? == element.as_bytes()).then_some(Fix { span, text })
}
