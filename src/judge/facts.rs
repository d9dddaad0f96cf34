//! What has been read that decides how pairs stand, beside delta and policy.

use crate::access::{Exposure, GrantorAccess, LabelChange, Standing};
use crate::policy::Entry;
use crate::source::RepoPath;
use crate::tiers::Classified;
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

/// Everything that has been read about a change and decides how pairs stand, beside delta and policy.
#[derive(Debug, Default)]
pub struct Facts {
    /// What was at stake where entries of this change were approved already: on branches that the policy names.
    pub approved_elsewhere: BTreeMap<(RepoPath, u32, FieldName), ApprovedElsewhere>,
    /// Tiers of the fields concerned, on the base.
    pub base: FieldMap<Classified>,
    /// Tiers of the fields concerned, as they would land.
    pub landing: FieldMap<Classified>,
    /// Tiers of fields whose label, or that of something they read, the change lowers: by the old label. All that the
    /// change makes worse is judged by these.
    pub judged: FieldMap<Classified>,
    /// Grantors that reach a field whose label changes, as they would land.
    pub standing: BTreeMap<Grantor, Standing>,
    /// Grantors that justifications of the change name, as they would land.
    pub named: BTreeMap<Grantor, GrantorAccess>,
    /// What each of several definitions gave on the base, of grantors whose justifications go.
    pub each_gave: BTreeMap<Grantor, Vec<GrantorAccess>>,
    /// Derived fields that the change leaves alone while the label of what they read, or a declared
    /// masking, changes.
    pub dependents: Vec<LabelChange>,
    /// How grantors reach the fields of justifications that go, by whichever of the fields' names.
    pub reached: BTreeMap<Grantor, BTreeMap<FieldName, Exposure>>,
    /// Classified fields that fields of the change show after the merge and did not show before: they read them now, or
    /// a masking is over.
    pub newly_shown: FieldMap<BTreeSet<FieldName>>,
    /// Justifications on the base.
    pub base_entries: Vec<Entry>,
    /// Justifications that would land.
    pub entries: Vec<Entry>,
    /// What justifications may mean whose permission set the landing tree does not have.
    pub nearly: BTreeMap<Grantor, Grantor>,
    /// A file of justifications that cannot be read, first of all.
    pub unread_justification: Option<RepoPath>,
    /// The name by which definitions call a field, of fields that justifications or access call otherwise: `Activity.Key__c`
    /// for `Task.Key__c`.
    pub wholes: FieldMap<FieldName>,
    /// The other names, by that one.
    pub names: FieldMap<Vec<FieldName>>,
    /// Grantors that the change hands out, or gives View Encrypted Data, as they would land.
    pub handed: BTreeMap<Grantor, GrantorAccess>,
    /// Grantors of justifications that the base has.
    pub on_base: BTreeSet<Grantor>,
}

impl Facts {
    /// The name by which definitions call a field.
    pub fn whole<'n>(&'n self, name: &'n FieldName) -> &'n FieldName {
        self.wholes.get(name).unwrap_or(name)
    }

    /// Whether a permission set or profile reaches a field by whichever of its names.
    pub fn reaches(&self, access: &GrantorAccess, holder: &Grantor, field: &FieldName) -> bool {
        let whole = self.whole(field);
        let names = self.names.get(whole).into_iter().flatten().chain([field, whole]);
        names.into_iter().any(|name| access.reach(holder, name).is_some())
    }
}
