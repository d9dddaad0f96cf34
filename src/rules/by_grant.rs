//! What a bulk grant does to classified fields, for the rules that tell it by what it gives.

use super::{Context, describe};
use crate::access::BulkGrant;
use crate::finding::{Finding, RuleInfo, Subject};
use crate::words::{FieldName, Grantor};

/// Classified fields that a bulk grant opens or widens, in words, and their finding but for its message. `remedy` goes
/// on with where justifications are.
pub(super) fn by_grant(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    (holder, grant): (&Grantor, &BulkGrant),
    remedy: &str,
) -> Option<(Finding, String)> {
    let exposures = cx.opened_by(holder, &grant.bulk);
    let list = describe::unsettled(cx, rule, &exposures);
    if list.count == 0 {
        return None;
    }
    let mut finding = cx.finding(rule, describe::bulk_place(holder, grant), list.weighs);
    finding.help =
        list.barred.unwrap_or_else(|| format!("{remedy} under `{}`", crate::policy::JUSTIFICATIONS));
    finding.related = list.related;
    finding.tells = list.pairs;
    finding.subject = Subject {
        grantor: Some((holder.clone(), cx.principal(holder))),
        field: exposures.first().map(|e| e.field.clone()).filter(|_| exposures.len() == 1),
        access: exposures.iter().map(|e| e.access).max(),
        tier: list.tier,
        route: grant.route.clone(),
        ..Subject::default()
    };
    Some((finding, list.words))
}

/// The same of a user permission; the permission itself is `broad-system-permission`'s.
pub(super) fn by_permission(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    (holder, grant, held): (&Grantor, &BulkGrant, bool),
    access: &str,
) -> Option<Finding> {
    let remedy = "remove the permission, or justify each field in a file";
    let (mut finding, fields) = by_grant(cx, rule, (holder, grant), remedy)?;
    finding.message = format!(
        "{holder} ({} users) {} {grant}, which gives {access} to classified fields; {fields}",
        cx.principal(holder),
        describe::gains(cx, held),
    );
    finding.here = format!("gives {access} to classified fields");
    finding.subject.field = FieldName::of("*", &grant.name);
    Some(finding)
}
