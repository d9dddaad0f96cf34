//! The text to paste that settles a finding, where a written justification does.

use super::{Context, describe};
use crate::finding::{Finding, Paste, Severity};
use crate::judge::Justified;
use crate::policy::{self, Duty, Stub};

/// The entry that answers a finding about one access which nothing justifies yet.
pub(super) fn entry(cx: &Context<'_>, finding: &Finding) -> Option<Paste> {
    let subject = &finding.subject;
    let (grantor, field, access) = (&subject.grantor.as_ref()?.0, subject.field.as_ref()?, subject.access?);
    if finding.severity != Severity::Error || finding.approvable || subject.justification.is_some() {
        return None;
    }
    let classified = cx.classified(field);
    let (duty, _) = cx.duty(grantor, classified, access);
    let may_be_justified = matches!(duty, Duty::Justify | Duty::Approve) && cx.may_open(grantor, classified);
    if !may_be_justified
        || describe::mend(classified).is_some()
        || describe::misnamed_entry(cx, grantor, field).is_some()
        || !matches!(cx.justified(grantor, field, access), Justified::No)
    {
        return None;
    }
    let stub = Stub::new(cx.policy, (field, access), &classified.label, duty);
    Some(Paste {
        path: format!("{}.yml", policy::file_stem(grantor)),
        head: policy::file_head(grantor),
        text: stub.lines("  ", None),
        approve: stub.approve,
    })
}
