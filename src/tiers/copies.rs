//! Copies from field to field that count: into a field whose own label asks for less than what goes into it.

use super::classified::Classified;
use super::own_labels::OwnLabels;
use super::sides::Tiers;
use crate::access::{FieldCopy, Source};
use crate::finding::Label;
use crate::policy::Policy;
use crate::words::FieldName;
use std::collections::{BTreeMap, BTreeSet};

/// A copy into a field whose own label asks for less than what goes into it.
#[derive(Clone, Debug)]
pub struct RaisingCopy {
    /// The copy.
    pub copy: FieldCopy,
    /// The field that it takes its value from, or the most sensitive one that this may be.
    pub source: FieldName,
    /// What that is.
    pub of: Classified,
    /// What the field that is written is by its own label.
    pub target: Classified,
}

/// Those among `copies`. What goes into a field counts by its old label, too, where the change lowers that, and with all
/// that the change copies into it.
pub fn raising(labels: &OwnLabels<'_, '_>, copies: &[FieldCopy]) -> Vec<RaisingCopy> {
    if copies.is_empty() {
        return Vec::new();
    }
    let mut namesakes: BTreeMap<String, Vec<FieldName>> = BTreeMap::new();
    let mut sources = BTreeSet::new();
    for copy in copies {
        match &copy.source {
            Source::Field(source) => drop(sources.insert(source.clone())),
            Source::Behind { name, .. } => {
                let of_name = || labels.landing.namesakes(name);
                let found = namesakes.entry(name.to_ascii_lowercase()).or_insert_with(of_name);
                sources.extend(found.iter().cloned());
            }
        }
    }
    let tiers = Tiers::new(labels).with(copies.iter().cloned().collect());
    let of = tiers.after_by_old_labels(&sources).tiers;
    // Of several fields that a path may mean the most sensitive one counts, as for formulas.
    let most = |found: &Vec<FieldName>| {
        let found = found.iter().filter_map(|field| Some((field.clone(), of.get(field)?.clone())));
        found.reduce(|most, next| if next.1.tier > most.1.tier { next } else { most })
    };
    let most: BTreeMap<&String, _> = namesakes.iter().map(|(name, found)| (name, most(found))).collect();
    let raises = |copy: &FieldCopy| {
        let (source, of) = match &copy.source {
            Source::Field(source) => (source.clone(), of.get(source)?.clone()),
            Source::Behind { name, .. } => most.get(&name.to_ascii_lowercase())?.clone()?,
        };
        let target = labels.own(labels.landing, &copy.target);
        let raises = asks_for_more(&of, &target, labels.said.policy);
        raises.then(|| RaisingCopy { copy: copy.clone(), source, of, target })
    };
    copies.iter().filter_map(raises).collect()
}

/// Whether one label has a higher tier than another one, or a compliance group that the policy asks something for.
fn asks_for_more(of: &Classified, than: &Classified, policy: &Policy) -> bool {
    let has = |group: &String| than.label.compliance_groups.iter().any(|own| own.eq_ignore_ascii_case(group));
    let groups = of.label.compliance_groups.iter().filter(|group| !has(group)).cloned().collect();
    let more = Label { compliance_groups: groups, ..Label::default() };
    of.tier > than.tier || policy.tiers.group_duties(&more).next().is_some()
}
