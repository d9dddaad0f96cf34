//! `group-exposure`: a permission set group gains a member, and with it classified fields.
//!
//! What a member opens by itself is reported at the member; the group is a second finding only where
//! more is asked of it.

use super::{Context, Rule, describe};
use crate::access::{Exposure, Opened};
use crate::finding::{Finding, RouteStep, RuleInfo, Severity, Subject};
use crate::words::{Access, Grantor};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "group-exposure",
        summary: "a permission set group opens classified fields through a member",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-001", "SBS-ACS-011"],
        page: include_str!("../../docs/rules/group-exposure.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut by_member: BTreeMap<(&Grantor, &Grantor), Vec<&Exposure>> = BTreeMap::new();
    for opened in cx.opened() {
        let (group, Some(member)) = (&opened.exposure.grantor, &opened.exposure.through) else { continue };
        if cause(cx, opened) == Cause::Member {
            by_member.entry((group, member)).or_default().push(&opened.exposure);
        }
    }
    for ((group, member), exposures) in by_member {
        findings.extend(report(cx, group, member, &exposures));
    }
}

fn report(cx: &Context<'_>, group: &Grantor, member: &Grantor, exposures: &[&Exposure]) -> Option<Finding> {
    let list = describe::unsettled(cx, &RULE.info, exposures);
    let step: &RouteStep = exposures.first()?.route.first()?;
    if list.count == 0 {
        return None;
    }
    let mut finding = cx.finding(&RULE.info, &step.place, list.weighs);
    finding.message = format!(
        "{group} opens {} classified {} through its member `{}` that nothing justifies for the group: {}",
        list.count,
        if list.count == 1 { "field" } else { "fields" },
        member.name(),
        list.names
    );
    finding.here = format!("brings in what `{}` opens", member.name());
    finding.help = list.barred.unwrap_or_else(|| {
        format!(
            "mute these fields in the group, or justify them for the group under `{}` (`permission_set_group: {}`)",
            crate::policy::JUSTIFICATIONS,
            group.name()
        )
    });
    finding.related = list.related;
    finding.tells = list.pairs;
    finding.subject = Subject {
        grantor: Some((group.clone(), cx.principal(group))),
        field: exposures.first().filter(|_| exposures.len() == 1).map(|e| e.field.clone()),
        access: exposures.iter().map(|e| e.access).max().or(Some(Access::Read)),
        tier: list.tier,
        route: Arc::new([step.clone()]),
        ..Subject::default()
    };
    Some(finding)
}

/// Why a group reaches a field that it did not reach before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The member itself opens it, and is reported for that.
    MemberOpens,
    /// The member is new to the group, or more is asked of the group than of the member.
    Member,
    /// The member was there and the field was muted.
    Unmuted,
}

pub(super) fn cause(cx: &Context<'_>, opened: &Opened) -> Cause {
    let (group, field) = (&opened.exposure.grantor, &opened.exposure.field);
    let Some(member) = &opened.exposure.through else { return Cause::MemberOpens };
    let access = opened.exposure.access;
    // Another member may make more of it, with Edit Read Only Fields; and what the member had already, a group that
    // it joins hands out anew.
    let at_member =
        cx.opened_at(member, field).is_some_and(|o| o.exposure.access >= access && o.before <= opened.before);
    let duty = |grantor| cx.duty(grantor, cx.classified(field), access).0;
    if at_member && duty(group) <= duty(member) {
        return Cause::MemberOpens;
    }
    let before = cx.delta.base.get(group);
    let was_member = before.is_some_and(|access| access.members.contains(member));
    let was_muted = before.is_some_and(|access| access.muted.contains_key(field));
    if was_member && was_muted && !at_member { Cause::Unmuted } else { Cause::Member }
}
