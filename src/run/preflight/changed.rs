//! What a change does to integrations: access that they lose, and classified access that none needs.

use super::compare::outside_fls;
use super::needs;
use crate::access::{Delta, Exposure, GrantorAccess, grantor_access};
use crate::org::Org;
use crate::policy::{Integration, Need};
use crate::rules::IntegrationChange;
use crate::source::Snapshot;
use crate::words::{FieldName, Grantor};
use std::collections::{BTreeMap, BTreeSet};

/// One side: its org, its files, and what the change touches of its grantors.
pub(in crate::run) struct Side<'s, 'o> {
    pub(in crate::run) org: &'s Org<'o>,
    pub(in crate::run) files: &'s dyn Snapshot,
    pub(in crate::run) touched: &'s BTreeMap<Grantor, GrantorAccess>,
}

/// For each integration that the change concerns. Others cost nothing.
pub(in crate::run) fn changed(
    integrations: &[Integration],
    delta: &Delta,
    base: &Side<'_, '_>,
    landing: &Side<'_, '_>,
    changed_paths: &[&str],
) -> Vec<IntegrationChange> {
    let concerns = |i: &&Integration| {
        let asks = |path: &&str| i.queries.iter().any(|q| fast_glob::glob_match(q, *path));
        i.grantors.iter().any(|g| delta.landing.contains_key(g) || delta.base.contains_key(g))
            || changed_paths.iter().any(asks)
    };
    let one = |integration: &Integration| {
        let (_, missing_before) = missing(integration, base);
        let (needed, mut missing) = missing(integration, landing);
        missing.retain(|need| {
            !missing_before.iter().any(|old| old.field == need.field && old.access >= need.access)
        });
        let missing = missing
            .into_iter()
            .map(|need| {
                let lost = delta.closed.iter().map(|c| &c.exposure);
                let lost = lost.filter(|e| integration.grantors.contains(&e.grantor));
                let place = lost.filter(|e| e.field == need.field).map(|e| e.entry.clone()).next();
                (need, place)
            })
            .collect();
        let wanted: BTreeSet<FieldName> = needed.iter().map(|f| landing.org.canonical(f)).collect();
        let unneeded = |e: &&Exposure| {
            integration.grantors.contains(&e.grantor) && !wanted.contains(&landing.org.canonical(&e.field))
        };
        let excess = delta.opened.iter().map(|o| &o.exposure).filter(unneeded).cloned().collect();
        IntegrationChange { name: integration.name.clone(), missing, excess }
    };
    integrations.iter().filter(concerns).map(one).collect()
}

/// What an integration needs on one side, and what of it its grantors do not open.
fn missing(integration: &Integration, side: &Side<'_, '_>) -> (Vec<FieldName>, Vec<Need>) {
    let needs = needs::gather(integration, side.org, side.files);
    let held: Vec<(&Grantor, GrantorAccess)> = integration
        .grantors
        .iter()
        .map(|g| (g, side.touched.get(g).cloned().unwrap_or_else(|| grantor_access(side.org, g))))
        .collect();
    let lacks = |need: &&Need| {
        let canonical = side.org.canonical(&need.field);
        let opens = held.iter().any(|(grantor, access)| {
            let reach = access.reach(grantor, &need.field).or_else(|| access.reach(grantor, &canonical));
            reach.is_some_and(|e| e.access >= need.access)
        });
        !opens && !outside_fls(side.org, &need.field)
    };
    let fields = needs.fields.keys().cloned().collect();
    let missing = needs.fields.values().filter(lacks).cloned().collect();
    (fields, missing)
}
