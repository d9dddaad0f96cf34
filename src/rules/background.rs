//! What rules tell beside the judgement: it has been read about a change, and decides how no pair stands.

use crate::access::Exposure;
use crate::finding::Place;
use crate::policy::{Entry, Holders, Need};
use crate::source::RepoPath;
use crate::tiers::{Classified, Encrypted, MaskingDeclaration, RaisingCopy, TwoLabels};
use crate::words::{FieldMap, FieldName, Grantor};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that rules tell beside the judgement.
#[derive(Debug, Default)]
pub struct Background {
    /// How many users hold what, where an export counts them. They decide nothing.
    pub holders: Holders,
    /// Tiers of fields whose definition goes, by all that they read, masked or not; those that are not here have no
    /// declaration of masking to look past.
    pub unmasked: FieldMap<Classified>,
    /// Fields that the repository and a label from outside it both label, as they would land.
    pub two_labels: BTreeMap<FieldName, TwoLabels>,
    /// Declared maskings that concern the change, as they would land.
    pub maskings: Vec<MaskingDeclaration>,
    /// What the change does to integrations of the policy.
    pub integrations: Vec<IntegrationChange>,
    /// What destructive manifests delete in this deployment.
    pub deletions: Vec<Deletion>,
    /// Fields of the objects whose records a change opens, by object, lower case.
    pub objects: BTreeMap<String, Vec<FieldName>>,
    /// Fields that files of the change newly show, as they would land.
    pub shown: FieldMap<Classified>,
    /// Copies that the change brings into fields whose own label asks for less.
    pub copies: Vec<RaisingCopy>,
    /// Everything that permission sets, profiles and groups open which the change hands out, or gives View Encrypted Data.
    pub reach: BTreeMap<Grantor, Vec<Exposure>>,
    /// Encrypted fields among those concerned, as they would land.
    pub encrypted: BTreeMap<FieldName, Encrypted>,
    /// What derived fields of the change read and cannot be resolved, as they would land.
    pub unresolved: BTreeMap<FieldName, Vec<(String, Place)>>,
    /// Fields that permission sets of the change name and nothing defines, and the one of their object that is called
    /// nearly so.
    pub near_fields: BTreeMap<FieldName, FieldName>,
    /// Grantors of those justifications that the landing tree has.
    pub on_landing: BTreeSet<Grantor>,
    /// New profiles that get from Standard User what this repository does not say, where it classifies any field.
    pub inheriting: Vec<(Grantor, Place)>,
    /// New string replacements, and the permission and field files that they can rewrite.
    pub replaced: Vec<(Place, Vec<RepoPath>)>,
    /// How many lines the change adds to the baseline.
    pub baseline_grows: usize,
    /// Justifications that count as approved from this change on, and that nobody had to approve before.
    pub from_then_on: Vec<(Entry, FieldName)>,
    /// Changed files that only an authorised person may change, as they would land or, when deleted,
    /// as they were.
    pub guarded: Vec<(Place, Altered)>,
    /// Files with mistakes because of which nothing is decided.
    pub mistaken: BTreeSet<RepoPath>,
    /// Changed files that say what a pipeline leaves alone.
    pub ignores: Vec<Place>,
}

/// What a change does to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Altered {
    /// It is new.
    Added,
    /// It says something else.
    Changed,
    /// It goes.
    Deleted,
}

/// One line of a destructive manifest that the change's deployment runs.
#[derive(Clone, Debug)]
pub struct Deletion {
    /// The metadata type, lower case.
    pub kind: String,
    /// The component, lower case, without a namespace of the repository's own; `*` is all of the type.
    pub name: String,
    /// The line.
    pub place: Place,
}

impl Deletion {
    /// Whether it deletes a component.
    pub fn names(&self, kind: &str, name: &str) -> bool {
        self.kind == kind && (self.name == "*" || self.name.eq_ignore_ascii_case(name))
    }
}

/// What a change does to one integration.
#[derive(Clone, Debug)]
pub struct IntegrationChange {
    /// What the policy calls it.
    pub name: String,
    /// Access that it needs and does not have any more, or comes to need and does not have; with the entry
    /// that goes, where one does.
    pub missing: Vec<(Need, Option<Place>)>,
    /// Exposures that the change opens for it and that it does not need, of whatever tier.
    pub excess: Vec<Exposure>,
}
