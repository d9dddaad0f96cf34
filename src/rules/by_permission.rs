//! What a user permission does to classified fields, for the rules that tell it by what it gives: reading or editing.

use super::{Context, describe};
use crate::access::BulkGrant;
use crate::finding::{Finding, RuleInfo, Subject};
use crate::words::{FieldName, Grantor};

/// Classified fields that a user permission opens or widens; the permission itself is `broad-system-permission`'s.
pub(super) fn by_permission(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    (holder, grant, held): (&Grantor, &BulkGrant, bool),
    access: &str,
) -> Option<Finding> {
    let exposures = cx.opened_by(holder, &grant.bulk);
    let list = describe::unsettled(cx, rule, &exposures);
    if list.count == 0 {
        return None;
    }
    let mut finding = cx.finding(rule, describe::bulk_place(holder, grant), list.weighs);
    finding.message = format!(
        "{holder} ({} users) {} {grant}, which gives {access} to classified fields; {}",
        cx.principal(holder),
        describe::gains(cx, held),
        list.words
    );
    finding.here = format!("gives {access} to classified fields");
    finding.help = list.barred.unwrap_or_else(|| {
        format!(
            "remove the permission, or justify each field in a file under `{}`",
            crate::policy::JUSTIFICATIONS
        )
    });
    finding.related = list.related;
    finding.tells = list.pairs;
    finding.subject = Subject {
        grantor: Some((holder.clone(), cx.principal(holder))),
        field: FieldName::of("*", &grant.name),
        access: exposures.iter().map(|e| e.access).max(),
        tier: list.tier,
        route: grant.route.clone(),
        ..Subject::default()
    };
    Some(finding)
}
