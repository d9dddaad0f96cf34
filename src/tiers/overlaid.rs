//! A field's label when labels from outside the repository speak of it too: the more sensitive counts.

use super::classified::{Classified, Known, classify};
use crate::access::{Declaration, Declared};
use crate::policy::{OverlayLabel, Policy};
use std::sync::Arc;

/// What two sources say of one field.
#[derive(Clone, Debug)]
pub struct TwoLabels {
    /// The repository, by itself.
    pub repository: Classified,
    /// The labels from outside, by themselves.
    pub overlay: Classified,
}

/// The tier of a field, and both labels where both sources have one.
pub(super) fn classify_with(
    declared: &Declared,
    labels: &[&OverlayLabel],
    policy: &Policy,
) -> (Classified, Option<TwoLabels>) {
    let repository = classify(declared, policy);
    if labels.is_empty() {
        return (repository, None);
    }
    let declarations = labels.iter().map(|label| declaration(label)).collect();
    let overlay = classify(&Declared::Known(declarations), policy);
    match repository.known {
        Known::Unknown => (overlay, None),
        // Restricted as it is; the label says which duties it has.
        Known::Unreadable(_) => (Classified { label: overlay.label, ..repository }, None),
        Known::Declared { .. } => {
            let both = TwoLabels { repository, overlay };
            (both.joined(), Some(both))
        }
    }
}

fn declaration(label: &OverlayLabel) -> Declaration {
    let part = |text: &Option<String>| text.clone().map(|text| (text, label.place.clone()));
    Declaration {
        definition: label.place.clone(),
        classification: part(&label.classification),
        compliance: part(&label.compliance),
        compliance_again: None,
        computed: false,
        outside_fls: None,
        encryption: None,
        shown_as: None,
        points_to: Vec::new(),
        owner: None,
        derived: None,
    }
}

impl TwoLabels {
    /// The more sensitive of both, with the compliance groups of both.
    fn joined(&self) -> Classified {
        let (own, other) = (&self.repository, &self.overlay);
        let higher = other.tier > own.tier || (other.tier == own.tier && self.repository_is_silent());
        let (first, second) = if higher { (other, own) } else { (own, other) };
        let mut joined = first.clone();
        joined.owner = first.owner.clone().or_else(|| second.owner.clone());
        // What kind of field it is only its definition knows.
        joined.computed = own.computed;
        let label = Arc::make_mut(&mut joined.label);
        label.classification = label.classification.take().or_else(|| second.label.classification.clone());
        let groups = &mut label.compliance_groups;
        for group in &second.label.compliance_groups {
            if !groups.iter().any(|g| g.eq_ignore_ascii_case(group)) {
                groups.push(group.clone());
            }
        }
        groups.sort_unstable();
        if let Known::Declared { compliance, .. } = &mut joined.known {
            *compliance = own.compliance_at().or(other.compliance_at()).cloned();
        }
        joined
    }

    /// The repository has no label at all.
    pub fn repository_is_silent(&self) -> bool {
        let own = &self.repository.label;
        own.classification.is_none() && own.compliance_groups.is_empty()
    }

    /// The repository asks for less: a lower tier, or a compliance group is missing.
    pub fn repository_is_lower(&self) -> bool {
        let (own, other) = (&self.repository, &self.overlay);
        let has = |group: &String| own.label.compliance_groups.iter().any(|g| g.eq_ignore_ascii_case(group));
        other.tier > own.tier || !other.label.compliance_groups.iter().all(has)
    }
}
