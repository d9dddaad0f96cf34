//! `record-access-bypass`: View or Modify All Records of an object that holds classified fields.
//!
//! It bypasses sharing, not field-level security: whoever may read a classified field now reads it in
//! every record.

use super::catalogue::RECORD_ACCESS_BYPASS as RULE;
use super::{Context, describe, together};
use crate::access::{Bulk, VIEW_ALL_FIELDS_GLOBAL};
use crate::finding::{Finding, Subject};
use crate::words::{FieldName, Grantor, Tier};
use std::collections::BTreeSet;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let told: BTreeSet<(&Grantor, &Bulk)> =
        cx.bulk().map(|(holder, grant, _)| (holder, &grant.bulk)).collect();
    for (grantor, grant, held) in cx.bulk() {
        let object = match &grant.bulk {
            Bulk::ModifyAllRecords(object) => object,
            // Modifying implies viewing: one finding tells both.
            Bulk::ViewAllRecords(object) => {
                let modify = Bulk::ModifyAllRecords(object.clone());
                if told.contains(&(grantor, &modify)) {
                    continue;
                }
                object
            }
            _ => continue,
        };
        let fields = cx.facts.objects.get(object).map(Vec::as_slice).unwrap_or_default();
        let classified: Vec<_> =
            fields.iter().map(|f| (f, cx.classified(f))).filter(|(_, c)| c.tier > Tier::Open).collect();
        if classified.is_empty() {
            continue;
        }
        let mut finding = cx.finding(&RULE, together::bulk_place(grantor, grant), None);
        let names: Vec<String> =
            classified.iter().take(describe::NAMED).map(|(f, c)| format!("`{f}` ({})", c.tier)).collect();
        let more = describe::and_more(classified.len() - names.len());
        finding.message = format!(
            "{grantor} {} {grant}, which holds {} classified {}: {}{more}",
            describe::gains(cx, held),
            classified.len(),
            if classified.len() == 1 { "field" } else { "fields" },
            names.join(", ")
        );
        finding.here = "opens every record, whatever sharing says".into();
        // Not where every field is granted at once.
        let every_field = [Bulk::view_all_fields(object), Bulk::permission(VIEW_ALL_FIELDS_GLOBAL)];
        let access = cx.delta.landing.get(grantor);
        if !access.is_some_and(|access| every_field.iter().any(|bulk| access.bulk.has(bulk))) {
            finding.notes.push("field-level security stays: only fields that are granted are read".into());
        }
        finding.help = "share the records that are needed, or have an authorised person approve it".into();
        finding.approvable = true;
        finding.subject = Subject {
            grantor: Some((grantor.clone(), cx.user_type(grantor))),
            field: FieldName::of(&grant.name, "*"),
            tier: classified.iter().map(|(_, c)| c.tier).max(),
            route: grant.route.clone(),
            ..Subject::default()
        };
        findings.push(finding);
    }
}
