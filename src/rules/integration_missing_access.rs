//! `integration-missing-access`: an integration of the policy loses, or comes to need, access that its
//! grantors do not give. Its calls fail once this is deployed.

use super::catalogue::INTEGRATION_MISSING_ACCESS as RULE;
use super::{Context, describe};
use crate::finding::{Finding, Related};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in &cx.background.integrations {
        for (need, lost) in &change.missing {
            let place = lost.as_ref().unwrap_or(&need.place);
            let mut finding = cx.finding(&RULE, place, None);
            finding.message = format!(
                "integration `{}` needs {} access to `{}`, and none of its permission sets gives it",
                change.name, need.access, need.field
            );
            if lost.is_some() {
                finding.here = "taken away by this change".into();
                let message = "asked for here".to_owned();
                finding.related.push(Related::new(need.place.clone(), message));
            } else {
                finding.here = "asked for here".into();
            }
            finding.help =
                format!("grant the field to the integration; `flsgate preflight {}` says where", change.name);
            finding.subject = describe::of_field(&need.field, cx.classified(&need.field));
            finding.subject.access = Some(need.access);
            findings.push(finding);
        }
    }
}
