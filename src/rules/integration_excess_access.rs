//! `integration-excess-access`: a grantor of an integration opens a classified field that the integration
//! does not need, as far as the policy and its queries say.

use super::catalogue::INTEGRATION_EXCESS_ACCESS as RULE;
use super::{Context, context, describe};
use crate::access::Exposure;
use crate::finding::Finding;
use crate::words::{Grantor, Tier};
use std::collections::BTreeMap;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in &cx.background.integrations {
        let mut by_grantor: BTreeMap<&Grantor, Vec<&Exposure>> = BTreeMap::new();
        for exposure in &change.excess {
            if cx.classified(&exposure.field).tier > Tier::Open {
                by_grantor.entry(&exposure.grantor).or_default().push(exposure);
            }
        }
        for (grantor, exposures) in by_grantor {
            let Some(first) = exposures.first() else { continue };
            let mut finding = cx.finding(&RULE, first.place(), None);
            let names: Vec<String> =
                exposures.iter().take(describe::NAMED).map(|e| format!("`{}`", e.field)).collect();
            let more = describe::and_more(exposures.len() - names.len());
            finding.message = format!(
                "{grantor} gives access to {}{more}, which integration `{}` does not need",
                names.join(", "),
                change.name
            );
            finding.here = format!("gives {1} access to `{0}`", first.field, first.access);
            finding.help =
                "remove the grant, or list the field under the integration in the policy if it is needed"
                    .into();
            finding.subject = context::subject(cx, first, cx.classified(&first.field));
            if exposures.len() > 1 {
                (finding.subject.field, finding.subject.label) = (None, None);
            }
            findings.push(finding);
        }
    }
}
