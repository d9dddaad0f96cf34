//! Labels from outside the repository, found by every name of a field.

use crate::org::Org;
use crate::policy::OverlayLabel;
use crate::words::FieldName;
use std::collections::{BTreeMap, BTreeSet};

/// Labels by field. Both sides of a comparison use the same, whatever they call the field.
pub(super) struct Overlay<'c, 's> {
    labels: &'c [OverlayLabel],
    by_name: BTreeMap<FieldName, BTreeSet<usize>>,
    orgs: [&'c Org<'s>; 2],
}

impl<'c, 's> Overlay<'c, 's> {
    pub(super) fn new(labels: &'c [OverlayLabel], orgs: [&'c Org<'s>; 2]) -> Self {
        let mut by_name: BTreeMap<FieldName, BTreeSet<usize>> = BTreeMap::new();
        for (at, label) in labels.iter().enumerate() {
            for org in orgs {
                by_name.entry(org.canonical(&label.field)).or_default().insert(at);
            }
        }
        Overlay { labels, by_name, orgs }
    }

    /// Every label of a field, in file order.
    pub(super) fn labels(&self, field: &FieldName) -> Vec<&'c OverlayLabel> {
        if self.labels.is_empty() {
            return Vec::new();
        }
        let names = self.orgs.map(|org| org.canonical(field));
        let found: BTreeSet<usize> =
            names.iter().filter_map(|n| self.by_name.get(n)).flatten().copied().collect();
        found.into_iter().filter_map(|at| self.labels.get(at)).collect()
    }
}
