//! What rules need to know beyond the delta, and nothing more: labels of the fields concerned, and
//! grantors that a label or a justification asks about.

use super::config::Config;
use super::overlay::Overlay;
use crate::access::{self, Bulk, Delta, Unreadable, declared, grantor_access};
use crate::finding::Place;
use crate::org::Org;
use crate::policy::Entry;
use crate::rules::{Classified, Facts, TwoLabels, classify_with};
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
    for (_, grant) in delta.bulk_opened.iter().chain(&delta.bulk_relicensed) {
        if let Bulk::ViewAllRecords(object) | Bulk::ModifyAllRecords(object) = &grant.bulk {
            objects.entry(object.clone()).or_insert_with(|| landing.fields_of(object));
        }
    }
    fields.extend(objects.values().flatten().cloned());
    fields.extend(new.iter().chain(&gone).flat_map(|e| e.fields()));
    let overlay = Overlay::new(&config.labels, [base, landing]);
    let before = side(base, &fields, &overlay, config).tiers;
    let Side { tiers: after, unresolved, two_labels } = side(landing, &fields, &overlay, config);

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
        two_labels,
        standing,
        named,
        objects,
        unresolved,
        base_entries: config.base_entries.clone(),
        entries: config.entries.clone(),
        replaced: config.replaced.clone(),
        guarded: config.guarded.clone(),
    };
    Gathered { facts, unreadable }
}

/// What one side says of fields.
#[derive(Default)]
struct Side {
    tiers: BTreeMap<FieldName, Classified>,
    unresolved: BTreeMap<FieldName, Vec<(String, Place)>>,
    two_labels: BTreeMap<FieldName, TwoLabels>,
}

/// Tiers of `fields` on one side, those of what derived fields read included.
fn side(org: &Org<'_>, fields: &BTreeSet<FieldName>, overlay: &Overlay<'_, '_>, config: &Config) -> Side {
    let mut side = Side::default();
    for field in fields {
        let declared = declared(org, field);
        let (mut classified, both) = classify_with(&declared, &overlay.labels(field), &config.policy);
        side.two_labels.extend(both.map(|both| (field.clone(), both)));
        if declared.derived_at().is_some() {
            let derivation = access::derivation(org, field);
            for input in derivation.inputs {
                let labels = overlay.labels(&input.field);
                let (of, _) = classify_with(&access::declared(org, &input.field), &labels, &config.policy);
                classified = classified.reading(input, of);
            }
            if let Some(problem) = derivation.unreadable {
                classified = classified.unreadable(problem);
            }
            if !derivation.unresolved.is_empty() {
                side.unresolved.insert(field.clone(), derivation.unresolved);
            }
        }
        side.tiers.insert(field.clone(), classified);
    }
    side
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
