//! `unmuted-field`: a muting permission set stops to take a classified field away from its group.

use super::group_exposure::{Cause, cause};
use super::{Context, Rule, describe};
use crate::access::Exposure;
use crate::finding::{Finding, Related, RuleInfo, Severity, Subject};
use crate::words::Grantor;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "unmuted-field",
        summary: "a classified field is no longer muted in a permission set group",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-001", "SBS-ACS-011"],
        page: include_str!("../../docs/rules/unmuted-field.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut by_group: BTreeMap<&Grantor, Vec<&Exposure>> = BTreeMap::new();
    for opened in cx.opened().filter(|o| o.exposure.through.is_some() && cause(cx, o) == Cause::Unmuted) {
        by_group.entry(&opened.exposure.grantor).or_default().push(&opened.exposure);
    }
    for (group, exposures) in by_group {
        findings.extend(report(cx, group, &exposures));
    }
}

fn report(cx: &Context<'_>, group: &Grantor, exposures: &[&Exposure]) -> Option<Finding> {
    let list = describe::unsettled(cx, &RULE.info, exposures);
    let first = exposures.first()?;
    if list.count == 0 {
        return None;
    }
    // The muting entry is gone or weaker; what opens the field now is the member's own entry.
    let mut finding = cx.finding(&RULE.info, first.place(), list.weighs);
    finding.message =
        format!("{group} no longer mutes {}, and nothing justifies that for the group", list.names);
    finding.here = format!("opens `{}` for {} in the group now", first.field, first.access);
    finding.help = list.barred.unwrap_or_else(|| {
        format!(
            "restore the muting entries, or justify the fields for the group under `{}` (`permission_set_group: {}`)",
            crate::policy::JUSTIFICATIONS,
            group.name()
        )
    });
    let muted = cx.delta.base.get(group).map(|access| &access.muted);
    let set = muted.and_then(|m| m.get(&first.field)).map(|m| m.set.to_ascii_lowercase());
    let lines = || cx.facts.deletions.iter();
    if let Some(line) = set.and_then(|set| lines().find(|line| line.names("mutingpermissionset", &set))) {
        finding.place = line.place.clone();
        finding.here = "deletes what mutes it".into();
    }
    for exposure in exposures {
        if let Some(entry) = muted.and_then(|m| m.get(&exposure.field)) {
            let message = format!("muted `{}` on the base", exposure.field);
            finding.related.push(Related::new(entry.place.clone(), message));
        }
    }
    finding.related.extend(list.related);
    finding.tells = list.pairs;
    finding.subject = Subject {
        grantor: Some((group.clone(), cx.principal(group))),
        field: Some(first.field.clone()).filter(|_| exposures.len() == 1),
        access: exposures.iter().map(|e| e.access).max(),
        tier: list.tier,
        route: first.route.clone(),
        ..Subject::default()
    };
    Some(finding)
}
