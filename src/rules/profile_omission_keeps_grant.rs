//! `profile-omission-keeps-grant`: an entry is deleted from a profile, which revokes nothing.
//!
//! "Profile metadata deployment is designed to overlay the existing settings" (*Metadata API Developer
//! Guide*, Profile): only an explicit `false` revokes.

use super::catalogue::PROFILE_OMISSION_KEEPS_GRANT as RULE;
use super::{Context, describe};
use crate::access::{Bulk, EDIT_READ_ONLY_FIELDS, VIEW_ALL_FIELDS_GLOBAL};
use crate::finding::Finding;
use crate::words::Tier;
use std::collections::BTreeMap;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut by_profile: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for exposure in &cx.delta.omitted {
        let tiers = [cx.classified_before(&exposure.field).tier, cx.classified(&exposure.field).tier];
        if tiers.iter().any(|tier| *tier > Tier::Open) {
            // What the field was read by: an entry stays one where a permission makes an edit of it.
            let bulk = exposure.bulks().into_iter().next().filter(|_| !exposure.by_entry());
            // What opens fields that are added later is `definition-removed`'s.
            let grows = |bulk: &Bulk| match bulk {
                Bulk::ViewAllFields(_) => true,
                Bulk::Permission(name) => {
                    [VIEW_ALL_FIELDS_GLOBAL, EDIT_READ_ONLY_FIELDS].contains(&name.as_str())
                }
                _ => false,
            };
            if !bulk.as_ref().is_some_and(grows) {
                by_profile.entry((&exposure.grantor, bulk)).or_default().push(exposure);
            }
        }
    }
    for ((profile, bulk), exposures) in by_profile {
        let Some(first) = exposures.first() else { continue };
        let mut finding = cx.finding(&RULE, &first.entry, None);
        finding.subject.grantor = Some((profile.clone(), cx.user_type(profile)));
        finding.here = "deleted by this change".into();
        let names: Vec<String> =
            exposures.iter().take(describe::NAMED).map(|e| format!("`{}`", e.field)).collect();
        let more = describe::and_more(exposures.len() - names.len());
        let (what, element) = match bulk {
            None => (format!("{}{more}", names.join(", ")), "`editable` and `readable`"),
            Some(Bulk::EditObject(_)) => {
                (format!("edit access to `{}`", first.field.object()), "`allowEdit`")
            }
            Some(Bulk::CreateObject(_)) => {
                (format!("create access to `{}`", first.field.object()), "`allowCreate`")
            }
            Some(Bulk::ReadType(_)) => {
                (format!("access to all records of `{}`", first.field.object()), "`enabled`")
            }
            Some(Bulk::Permission(_)) => (
                "a user permission that gives access to fields without field-level security".to_owned(),
                "`enabled`",
            ),
            Some(_) => (format!("read access to `{}`", first.field.object()), "`allowRead`"),
        };
        finding.message = format!("{profile} no longer mentions {what}, but the org keeps it");
        finding.help = format!("write the entry with {element} `false` to revoke it");
        findings.push(finding);
    }
}
