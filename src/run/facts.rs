//! What rules need to know beyond the delta, and nothing more: labels of the fields concerned, and
//! grantors that a label or a justification asks about.

use super::config::Config;
use crate::access::{self, Bulk, Delta, Unreadable, declared, grantor_access};
use crate::org::Org;
use crate::policy::Entry;
use crate::rules::{Classified, Facts, classify};
use crate::words::{FieldName, Grantor, Tier};
use std::collections::{BTreeMap, BTreeSet};

/// The facts, and what could not be read on the way but belongs to no change.
pub(super) struct Gathered {
    pub(super) facts: Facts,
    pub(super) unreadable: Vec<Unreadable>,
}

pub(super) fn gather(delta: &Delta, config: &Config, base: &Org<'_>, landing: &Org<'_>) -> Gathered {
    let written = |entry: &&Entry| !config.base_entries.iter().any(|e| e.same(entry));
    let removed = |entry: &&Entry| !config.entries.iter().any(|e| e.same(entry));
    let new: Vec<&Entry> = config.entries.iter().filter(written).collect();
    let gone: Vec<&Entry> = config.base_entries.iter().filter(removed).collect();

    let mut fields = delta.fields();
    let mut objects = BTreeMap::new();
    for (_, grant) in &delta.bulk_opened {
        if let Bulk::ViewAllRecords(object) | Bulk::ModifyAllRecords(object) = &grant.bulk {
            objects.entry(object.clone()).or_insert_with(|| landing.fields_of(object));
        }
    }
    fields.extend(objects.values().flatten().cloned());
    fields.extend(new.iter().chain(&gone).flat_map(|e| e.fields()));
    let side = |org: &Org<'_>| -> BTreeMap<FieldName, Classified> {
        fields.iter().map(|f| (f.clone(), classify(&declared(org, f), &config.policy))).collect()
    };
    let (before, after) = (side(base), side(landing));

    let (standing, mut unreadable) = access::standing(landing, &asking(delta, &before, &after));
    let mut named = BTreeMap::new();
    for grantor in new.iter().chain(&gone).map(|e| &e.grantor).collect::<BTreeSet<_>>() {
        if !delta.landing.contains_key(grantor) {
            let access = grantor_access(landing, grantor);
            unreadable.extend(access.unreadable.iter().cloned());
            named.insert(grantor.clone(), access);
        }
    }
    let owners: BTreeSet<&Grantor> = config.entries.iter().map(|e| &e.grantor).collect();
    let present =
        |org: &Org<'_>| owners.iter().filter(|g| org.index().has_grantor(g)).map(|g| (*g).clone()).collect();
    let facts = Facts {
        on_base: present(base),
        on_landing: present(landing),
        base: before,
        landing: after,
        standing,
        named,
        objects,
        base_entries: config.base_entries.clone(),
        entries: config.entries.clone(),
        guarded: config.guarded.clone(),
    };
    Gathered { facts, unreadable }
}

/// Fields whose label changes in a way that concerns grants which already stand.
fn asking(
    delta: &Delta,
    before: &BTreeMap<FieldName, Classified>,
    after: &BTreeMap<FieldName, Classified>,
) -> BTreeSet<FieldName> {
    let concerns = |field: &&FieldName| match (before.get(field), after.get(field)) {
        (Some(old), Some(new)) => {
            // A group may carry duties of its own, even where the tier is open.
            old.tier != new.tier || old.tier > Tier::Open || !new.label.compliance_groups.is_empty()
        }
        _ => false,
    };
    delta.label_changes.iter().map(|c| &c.field).filter(concerns).cloned().collect()
}
