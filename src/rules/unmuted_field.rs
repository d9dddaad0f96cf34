//! `unmuted-field`: a muting permission set stops to take a classified field away from its group.

use super::catalogue::UNMUTED_FIELD as RULE;
use super::causes::Told;
use super::{Context, together};
use crate::finding::{Finding, Place, Related};
use crate::policy::JUSTIFICATIONS;
use crate::words::Grantor;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for ((group, _), told) in cx.told_together(&RULE, |told| Some(&told.pair.exposure.grantor)) {
        findings.extend(report(cx, group, &told));
    }
}

fn report(cx: &Context<'_>, group: &Grantor, told: &[&Told<'_>]) -> Option<Finding> {
    let first = &told.first()?.pair.exposure;
    let muted = cx.delta.base.get(group).map(|access| &access.muted);
    let set = muted.and_then(|m| m.get(&first.field)).map(|m| m.set.as_str());
    let misspelt = set.and_then(|set| Some((set, misspelt(cx, group)?)));
    let restore = match misspelt {
        Some((set, (name, _))) => format!(
            "no muting permission set is called `{name}`; before, `{set}` muted the fields: correct the name"
        ),
        None => "restore the muting entries".to_owned(),
    };
    let remedy = format!(
        "{restore}, or justify the fields for the group under `{JUSTIFICATIONS}` (`permission_set_group: {}`)",
        group.name()
    );
    // The muting entry is gone or weaker; what opens the field now is the member's own entry.
    let (mut finding, fields) = together::of_holder(cx, &RULE, (group, first.place()), told, remedy);
    let left = cx.delta.landing.get(group).map(|access| &access.muted);
    let only_edit = told.iter().all(|t| left.is_some_and(|m| m.contains_key(&t.pair.exposure.field)));
    let mutes = if only_edit { "mutes no more than editing of" } else { "no longer mutes" };
    finding.message = format!("{group} {mutes} {}, which is {} for the group", fields.names, fields.lack);
    finding.here = format!("now gives {} access in the group", first.access);
    finding.subject.route = first.route.clone();
    if let Some((_, (_, place))) = misspelt {
        finding.place = place.clone();
        finding.here = "names a muting permission set that nothing here defines".into();
    }
    let set = set.map(str::to_ascii_lowercase);
    let lines = || cx.background.deletions.iter();
    if let Some(line) = set.and_then(|set| lines().find(|line| line.names("mutingpermissionset", &set))) {
        finding.place = line.place.clone();
        finding.here = "deletes what mutes it".into();
    }
    let entries = told.iter().filter_map(|t| Some((t, muted?.get(&t.pair.exposure.field)?)));
    let entries = entries.map(|(t, entry)| {
        Related::new(entry.place.clone(), format!("muted `{}` before", t.pair.exposure.field))
    });
    finding.related.splice(0..0, entries);
    Some(finding)
}

/// The first muting permission set that the group comes to name and nothing defines.
fn misspelt<'c>(cx: &'c Context<'_>, group: &Grantor) -> Option<&'c (String, Place)> {
    let muted = cx.delta.base.get(group).map(|access| &access.muted);
    let muted_before =
        |name: &str| muted.is_some_and(|m| m.values().any(|m| m.set.eq_ignore_ascii_case(name)));
    let undefined = &cx.delta.landing.get(group)?.undefined_muting;
    undefined.iter().find(|(name, _)| !muted_before(name))
}
