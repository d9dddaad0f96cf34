//! What has been read for the rules, beside delta and policy.

use crate::access::{Exposure, GrantorAccess, LabelChange, Standing};
use crate::finding::Place;
use crate::policy::{Entry, Holders, Need};
use crate::source::RepoPath;
use crate::tiers::{Classified, Encrypted, MaskingDeclaration, RaisingCopy, TwoLabels};
use crate::words::{FieldMap, FieldName, Grantor, PrincipalClass, Tier};
use std::collections::{BTreeMap, BTreeSet};

/// What was at stake where an entry was approved: on a branch that leads here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedElsewhere {
    /// The tier of the field.
    pub tier: Tier,
    /// Its compliance groups.
    pub groups: Vec<String>,
    /// Classified fields that it showed.
    pub inputs: BTreeSet<FieldName>,
    /// Who could hold it.
    pub user_type: PrincipalClass,
}

/// Everything that has been read about a change, beside delta and policy.
#[derive(Debug, Default)]
pub struct Facts {
    /// What was at stake where entries of this change were approved already: on branches that the policy names.
    pub approved_elsewhere: BTreeMap<(RepoPath, u32, FieldName), ApprovedElsewhere>,
    /// How many users hold what, where an export counts them. They decide nothing.
    pub holders: Holders,
    /// Tiers of the fields concerned, on the base.
    pub base: FieldMap<Classified>,
    /// Tiers of fields whose definition goes, by all that they read, masked or not; those that are not here have no
    /// declaration of masking to look past.
    pub unmasked: FieldMap<Classified>,
    /// Tiers of the fields concerned, as they would land.
    pub landing: FieldMap<Classified>,
    /// Tiers of fields whose label, or that of something they read, the change lowers: by the old label. All that the
    /// change makes worse is judged by these.
    pub judged: FieldMap<Classified>,
    /// Fields that the repository and a label from outside it both label, as they would land.
    pub two_labels: BTreeMap<FieldName, TwoLabels>,
    /// Grantors that reach a field whose label changes, as they would land.
    pub standing: BTreeMap<Grantor, Standing>,
    /// Grantors that justifications of the change name, as they would land.
    pub named: BTreeMap<Grantor, GrantorAccess>,
    /// What each of several definitions gave on the base, of grantors whose justifications go.
    pub each_gave: BTreeMap<Grantor, Vec<GrantorAccess>>,
    /// Derived fields that the change leaves alone while the label of what they read, or a declared
    /// masking, changes.
    pub dependents: Vec<LabelChange>,
    /// The name by which a grantor's entries open a field that a justification which goes calls otherwise.
    pub granted_as: BTreeMap<(Grantor, FieldName), FieldName>,
    /// Fields of justifications whose label changes, or what they read, under whatever name.
    pub relabelled: BTreeSet<FieldName>,
    /// Classified fields that fields of the change show after the merge and did not show before: they read them now, or
    /// a masking is over.
    pub newly_shown: FieldMap<BTreeSet<FieldName>>,
    /// Declared maskings that concern the change, as they would land.
    pub maskings: Vec<MaskingDeclaration>,
    /// What the change does to integrations of the policy.
    pub integrations: Vec<IntegrationChange>,
    /// What destructive manifests delete in this deployment.
    pub deletions: Vec<Deletion>,
    /// Justifications on the base.
    pub base_entries: Vec<Entry>,
    /// Justifications that would land.
    pub entries: Vec<Entry>,
    /// The name by which definitions call a field, of fields that justifications or access call otherwise: `Activity.Key__c`
    /// for `Task.Key__c`.
    pub wholes: FieldMap<FieldName>,
    /// The other names, by that one.
    pub names: FieldMap<Vec<FieldName>>,
    /// A file of justifications that cannot be read, first of all.
    pub unread_justification: Option<RepoPath>,
    /// Fields of the objects whose records a change opens, by object, lower case.
    pub objects: BTreeMap<String, Vec<FieldName>>,
    /// Fields that files of the change newly show, as they would land.
    pub shown: FieldMap<Classified>,
    /// Copies that the change brings into fields whose own label asks for less.
    pub copies: Vec<RaisingCopy>,
    /// Grantors that the change hands out, or gives View Encrypted Data, as they would land.
    pub handed: BTreeMap<Grantor, GrantorAccess>,
    /// Everything that those open.
    pub reach: BTreeMap<Grantor, Vec<Exposure>>,
    /// Encrypted fields among those concerned, as they would land.
    pub encrypted: BTreeMap<FieldName, Encrypted>,
    /// What derived fields of the change read and cannot be resolved, as they would land.
    pub unresolved: BTreeMap<FieldName, Vec<(String, Place)>>,
    /// Grantors of those justifications that the base has.
    pub on_base: BTreeSet<Grantor>,
    /// Fields that permission sets of the change name and nothing defines, and the one of their object that is called
    /// nearly so.
    pub near_fields: BTreeMap<FieldName, FieldName>,
    /// What justifications may mean whose permission set the landing tree does not have.
    pub nearly: BTreeMap<Grantor, Grantor>,
    /// Grantors of those justifications that the landing tree has.
    pub on_landing: BTreeSet<Grantor>,
    /// New profiles that get from Standard User what this repository does not say, where it classifies any field.
    pub inheriting: Vec<(Grantor, Place)>,
    /// New string replacements, and the permission and field files that they can rewrite.
    pub replaced: Vec<(Place, Vec<RepoPath>)>,
    /// How many lines the change adds to the baseline.
    pub baseline_grows: usize,
    /// Changed files that only an authorised person may change, as they would land or, when deleted,
    /// as they were.
    pub guarded: Vec<(Place, Altered)>,
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

impl Facts {
    /// Whether two names are of one field.
    pub fn is_same_field(&self, one: &FieldName, other: &FieldName) -> bool {
        let whole = |name| self.wholes.get(name).unwrap_or(name);
        one == other || !self.wholes.is_empty() && whole(one) == whole(other)
    }

    /// Whether a permission set or profile reaches a field by whichever of its names.
    pub fn reaches(&self, access: &GrantorAccess, holder: &Grantor, field: &FieldName) -> bool {
        let whole = self.wholes.get(field).unwrap_or(field);
        let names = self.names.get(whole).into_iter().flatten().chain([field, whole]);
        names.into_iter().any(|name| access.reach(holder, name).is_some())
    }
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
