//! `field-leaves-fls`: a classified field has no field-level security.
//!
//! System fields, universally required and master-detail fields have none: everybody who can read the
//! object reads them (*Object Reference*, FieldPermissions). Two ways lead here: a field comes to be
//! one of them, or a grantor comes to read the object of one.

use super::by_grant::by_grant;
use super::{Context, Rule, describe};
use crate::access::{Bulk, BulkGrant};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::words::{Grantor, Tier};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "field-leaves-fls",
        summary: "a classified field without field-level security is open to whoever reads the object",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011"],
        page: include_str!("../../docs/rules/field-leaves-fls.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in &cx.delta.label_changes {
        let field = &change.field;
        let (before, after) = (cx.classified_before(field), cx.classified(field));
        let Some(place) = change.landing.outside_fls() else { continue };
        // Outside before and no more sensitive than before: nothing new.
        let was_outside = change.base.outside_fls().is_some();
        if after.tier == Tier::Open || (was_outside && after.tier <= before.tier) {
            continue;
        }
        let mut finding = cx.finding(&RULE.info, place, Some(after.tier));
        finding.message = format!(
            "`{field}` has no field-level security: everybody who can read `{}` reads it; the field is {}",
            field.object(),
            after.words()
        );
        finding.here = "takes the field out of field-level security".into();
        finding.help = if field.is_custom() {
            "keep the field optional (a validation rule or page layout can still demand a value), or a lookup"
        } else {
            "narrow who can read the object, or have an authorised person approve it"
        }
        .into();
        finding.approvable = true;
        finding.subject = describe::of_field(&change.field, after);
        finding.related.extend(describe::classified_at(after));
        findings.push(finding);
    }
    for (grantor, grant, held) in cx.bulk() {
        if matches!(grant.bulk, Bulk::ReadObject(_) | Bulk::EditObject(_)) {
            findings.extend(opened(cx, grantor, grant, held));
        }
    }
}

/// Classified fields without field-level security that a grantor opens because it gains their object.
fn opened(cx: &Context<'_>, grantor: &Grantor, grant: &BulkGrant, held: bool) -> Option<Finding> {
    let remedy = "remove the object permission, or justify the fields";
    let (mut finding, fields) = by_grant(cx, &RULE.info, (grantor, grant), remedy)?;
    let verb = describe::gains(cx, held);
    finding.message = format!(
        "{grantor} {verb} {grant}, and with it every field that has no field-level security; of those {fields}"
    );
    finding.here = format!("opens such fields of `{}`", grant.name);
    Some(finding)
}
