//! `profile-omission-keeps-grant`: an entry is deleted from a profile, which revokes nothing.
//!
//! "Profile metadata deployment is designed to overlay the existing settings" (*Metadata API Developer
//! Guide*, Profile): only an explicit `false` revokes.

use super::{Context, Rule};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::words::Tier;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "profile-omission-keeps-grant",
        summary: "deleting an entry from a profile does not revoke the grant",
        severity: Some(Severity::Note),
        since: "0.1.0",
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut by_profile: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for closed in cx.delta.closed.iter().filter(|c| c.kept_by_org && c.grantor_stays) {
        let exposure = &closed.exposure;
        let classified = cx.classified(&exposure.field).tier > Tier::Open;
        if classified {
            by_profile.entry(&exposure.grantor).or_default().push(exposure);
        }
    }
    for (profile, exposures) in by_profile {
        let Some(first) = exposures.first() else { continue };
        let mut finding = cx.finding(&RULE.info, &first.entry, None);
        finding.subject.grantor = Some((profile.clone(), cx.principal(profile)));
        finding.here = "deleted by this change".into();
        let names: Vec<String> = exposures.iter().take(5).map(|e| format!("`{}`", e.field)).collect();
        let more = exposures.len().saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        finding.message =
            format!("{profile} no longer mentions {}{more}, but the org keeps the grant", names.join(", "));
        finding.help = "write the entry with `editable` and `readable` `false` to revoke it".into();
        findings.push(finding);
    }
}
