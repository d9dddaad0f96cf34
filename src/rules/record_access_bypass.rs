//! `record-access-bypass`: View or Modify All Records of objects that hold classified fields.
//!
//! It bypasses sharing, not field-level security: whoever may read a classified field now reads it in
//! every record. Told once for a permission set, profile or group, whatever the number of objects.

use super::catalogue::RECORD_ACCESS_BYPASS as RULE;
use super::{Context, describe, together, user_permissions};
use crate::access::{Bulk, BulkGrant, MODIFY_ALL_DATA, VIEW_ALL_DATA, VIEW_ALL_FIELDS_GLOBAL};
use crate::finding::{Finding, Related, Subject, fingerprint};
use crate::tiers::Classified;
use crate::words::{FieldName, Grantor, Tier};
use std::collections::{BTreeMap, BTreeSet};

/// A grant of every record of an object, and the classified fields of that.
struct Opened<'c> {
    grant: &'c BulkGrant,
    /// The holder had it before, and goes to more exposed people.
    held: bool,
    object: &'c str,
    modify: bool,
    fields: Vec<(&'c FieldName, &'c Classified)>,
}

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let told: BTreeSet<(&Grantor, &Bulk)> =
        cx.bulk().map(|(holder, grant, _)| (holder, &grant.bulk)).collect();
    let all_data = AllData::new(cx);
    let mut by_holder: BTreeMap<&Grantor, Vec<Opened<'_>>> = BTreeMap::new();
    for (holder, grant, held) in cx.bulk() {
        let (object, modify) = match &grant.bulk {
            Bulk::ModifyAllRecords(object) => (object, true),
            // Modifying implies viewing: one finding tells both.
            Bulk::ViewAllRecords(object)
                if !told.contains(&(holder, &Bulk::ModifyAllRecords(object.clone()))) =>
            {
                (object, false)
            }
            _ => continue,
        };
        let fields = cx.background.objects.get(object).map(Vec::as_slice).unwrap_or_default();
        let classified = fields.iter().map(|f| (f, cx.classified(f))).filter(|(_, c)| c.tier > Tier::Open);
        let fields: Vec<_> = classified.collect();
        if !fields.is_empty() && !all_data.of(modify).any(|bulk| told.contains(&(holder, bulk))) {
            by_holder.entry(holder).or_default().push(Opened { grant, held, object, modify, fields });
        }
    }
    for (holder, mut opened) in by_holder {
        // What is modified stands first, as in the message.
        opened.sort_by_key(|o| !o.modify);
        findings.extend(finding(cx, holder, &opened));
    }
}

/// The user permissions that open every record of every object, as far as they are told as loud as this rule is.
struct AllData {
    modify: Option<Bulk>,
    view: Option<Bulk>,
}

impl AllData {
    fn new(cx: &Context<'_>) -> Self {
        let loud = |name| {
            let severity = user_permissions::severity(cx.policy, user_permissions::find(name)?);
            (severity >= cx.policy.severity(&RULE)).then(|| Bulk::permission(name))
        };
        AllData { modify: loud(MODIFY_ALL_DATA), view: loud(VIEW_ALL_DATA) }
    }

    /// Those within which modifying, or viewing, all records of an object is.
    fn of(&self, modify: bool) -> impl Iterator<Item = &Bulk> {
        self.modify.iter().chain(self.view.iter().filter(move |_| !modify))
    }
}

fn finding(cx: &Context<'_>, holder: &Grantor, opened: &[Opened<'_>]) -> Option<Finding> {
    let (first, others) = opened.split_first()?;
    let mut finding = cx.finding(&RULE, together::bulk_place(holder, first.grant), None);
    let fields: Vec<_> = opened.iter().flat_map(|o| &o.fields).collect();
    finding.message = format!(
        "{holder} {} {}. There {} {} classified {}: {}",
        describe::gains(cx, opened.iter().all(|o| o.held)),
        grants(opened),
        if fields.len() == 1 { "is" } else { "are" },
        fields.len(),
        if fields.len() == 1 { "field" } else { "fields" },
        describe::fields(fields.iter().map(|(field, of)| (*field, of.tier)))
    );
    finding.here = HERE.into();
    for other in others.iter().take(describe::NAMED) {
        finding.related.push(Related::new(together::bulk_place(holder, other.grant).clone(), HERE));
    }
    // Not where every field is granted at once.
    let access = cx.delta.landing.get(holder);
    let every_field = |o: &Opened<'_>| {
        let bulks = [Bulk::view_all_fields(o.object), Bulk::permission(VIEW_ALL_FIELDS_GLOBAL)];
        access.is_some_and(|access| bulks.iter().any(|bulk| access.bulk.has(bulk)))
    };
    if !opened.iter().any(every_field) {
        finding.notes.push("field-level security stays: only fields that are granted are read".into());
    }
    finding.help = "share the records that are needed, or have an authorised person approve it".into();
    finding.approvable = true;
    finding.subject = Subject {
        grantor: Some((holder.clone(), cx.user_type(holder))),
        field: FieldName::of(&named_together(opened), "*"),
        tier: fields.iter().map(|(_, c)| c.tier).max(),
        route: first.grant.route.clone(),
        ..Subject::default()
    };
    Some(finding)
}

/// The objects in one word: whoever accepts or approves records of some has not agreed to others.
fn named_together(opened: &[Opened<'_>]) -> String {
    let mut objects: Vec<&str> = opened.iter().map(|o| o.grant.name.as_str()).collect();
    objects.sort_unstable();
    let mut word = objects.iter().take(describe::NAMED).copied().collect::<Vec<_>>().join("+");
    if objects.len() > describe::NAMED {
        word = format!("{word}+{}", fingerprint(objects));
    }
    word
}

const HERE: &str = "gives access to every record, whatever sharing says";

/// `Modify All Records of `A`, `B` and View All Records of `C``.
fn grants(opened: &[Opened<'_>]) -> String {
    let of = |modify: bool| {
        let names: Vec<&str> =
            opened.iter().filter(|o| o.modify == modify).map(|o| o.grant.name.as_str()).collect();
        let shown: Vec<String> = names.iter().take(describe::NAMED).map(|name| format!("`{name}`")).collect();
        let verb = if modify { "Modify" } else { "View" };
        let more = describe::and_more(names.len() - shown.len());
        (!names.is_empty()).then(|| format!("{verb} All Records of {}{more}", shown.join(", ")))
    };
    [of(true), of(false)].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}
