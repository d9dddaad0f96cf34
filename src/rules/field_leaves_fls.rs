//! `field-leaves-fls`: a classified field has no field-level security any more.
//!
//! Universally required and master-detail fields have none: everybody who can read the object reads
//! them (*Object Reference*, FieldPermissions). No grant needs to change for that.

use super::{Context, Rule, describe};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::words::Tier;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "field-leaves-fls",
        summary: "a classified field becomes required or master-detail and leaves field-level security",
        severity: Some(Severity::Error),
        since: "0.1.0",
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
        finding.help =
            "keep the field optional (a validation rule or page layout can still demand a value), or a lookup".into();
        finding.approvable = true;
        finding.subject = describe::of_field(&change.field, &after);
        finding.related.extend(describe::classified_at(&after));
        findings.push(finding);
    }
}
