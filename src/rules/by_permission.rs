//! Open pairs that a user permission makes, one finding a holder and permission; the permission itself is
//! `broad-system-permission`'s.

use super::{Context, describe, together};
use crate::access::Bulk;
use crate::finding::{Finding, RuleInfo};
use crate::judge::Changed;
use crate::policy::JUSTIFICATIONS;
use crate::words::FieldName;

/// What `rule` tells of pairs that come by a user permission, which gives `access`.
pub(super) fn by_permission(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    access: &str,
    findings: &mut Vec<Finding>,
) {
    let permissions = cx.told_together(rule, |told| match told.pair.changed {
        Changed::Bulk(bulk @ Bulk::Permission(_)) => Some((&told.pair.exposure.grantor, bulk)),
        _ => None,
    });
    for (((holder, bulk), _), told) in permissions {
        let Some((grant, held)) = cx.bulk_grant(holder, bulk) else { continue };
        let place = together::bulk_place(holder, &grant);
        let remedy =
            format!("remove the permission, or justify each field in a file under `{JUSTIFICATIONS}`");
        let (mut finding, fields) = together::of_holder(cx, rule, (holder, place), &told, remedy);
        finding.message = format!(
            "{holder} ({} users) {} {grant}, which gives {access} to classified fields; {}",
            cx.user_type(holder),
            describe::gains(cx, held),
            fields.words(),
        );
        finding.here = format!("gives {access} to classified fields");
        finding.subject.field = FieldName::of("*", &grant.name);
        finding.subject.route = grant.route.clone();
        findings.push(finding);
    }
}
