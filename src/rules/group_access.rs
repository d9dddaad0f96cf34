//! `group-access`: a permission set group gains a member, and with it classified fields.
//!
//! What a member opens by itself is reported at the member; the group is a second finding only where
//! more is asked of it.

use super::catalogue::GROUP_ACCESS as RULE;
use super::causes::Told;
use super::{Context, together};
use crate::finding::Finding;
use crate::policy::JUSTIFICATIONS;
use crate::words::Grantor;
use std::sync::Arc;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let by_member = cx.told_together(&RULE, |told| {
        let exposure = &told.pair.exposure;
        Some((&exposure.grantor, exposure.through.as_ref()?))
    });
    for (((group, member), _), told) in by_member {
        findings.extend(report(cx, group, member, &told));
    }
}

fn report(cx: &Context<'_>, group: &Grantor, member: &Grantor, told: &[&Told<'_>]) -> Option<Finding> {
    let step = told.first()?.pair.exposure.route.first()?.clone();
    let remedy = format!(
        "mute these fields in the group, or justify them for the group under `{JUSTIFICATIONS}` (`permission_set_group: \
         {}`)",
        group.name()
    );
    let (mut finding, fields) = together::of_holder(cx, &RULE, (group, &step.place), told, remedy);
    let how = fields.access.map(|access| format!("{access} ")).unwrap_or_default();
    finding.message = format!(
        "{group} gives {2}access to {0} classified {1} through its member `{3}`, {4} for the group: {5}",
        fields.count,
        if fields.count == 1 { "field" } else { "fields" },
        how,
        member.name(),
        fields.lack,
        fields.names
    );
    finding.here = format!("brings in the access that `{}` gives", member.name());
    finding.subject.route = Arc::new([step]);
    Some(finding)
}
