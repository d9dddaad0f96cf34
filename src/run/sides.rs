//! The org before and after a change, and what differs between the two.

use super::RunError;
use super::config::Config;
use super::deployed::Deployed;
use super::facts;
use crate::access::{Change, Delta};
use crate::org::{Dormant, Org};
use crate::source::RepoPath;
use crate::words::FieldSet;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What both sides are read with.
pub(super) struct Sides<'c> {
    config: &'c Config,
    deployed: &'c Deployed<'c>,
    coming: BTreeMap<RepoPath, Dormant>,
    altered_muting: BTreeSet<String>,
}

impl<'c> Sides<'c> {
    /// Of both sides as they are listed; `paths` are those of the change.
    pub(super) fn new(
        config: &'c Config,
        deployed: &'c Deployed<'c>,
        (base, landing): (&Org<'c>, &Org<'c>),
        paths: &BTreeSet<&RepoPath>,
    ) -> Self {
        Sides {
            config,
            deployed,
            coming: base.coming(&deployed.coming),
            altered_muting: &base.muting_in(paths) | &landing.muting_in(paths),
        }
    }

    fn side(&self, org: Org<'c>, number: usize, dormant: &BTreeMap<RepoPath, Dormant>) -> Org<'c> {
        org.with_dormant(dormant)
            .with_altered_muting(self.altered_muting.clone())
            .with_fields(self.config.labels.iter().map(|label| &label.field))
            .with_fls(&self.config.exported_fls)
            .deploying(&self.deployed.says[number])
    }

    /// The org before, without what of files is dormant.
    pub(super) fn before(&self, org: Org<'c>, dormant: &BTreeMap<RepoPath, Dormant>) -> Org<'c> {
        let mut all = self.coming.clone();
        all.extend(dormant.clone());
        self.side(org, 0, &all).as_base()
    }

    /// The org after the merge.
    pub(super) fn after<'b>(
        &self,
        org: Org<'b>,
        dormant: &BTreeMap<RepoPath, Dormant>,
        base: &'b Org<'b>,
    ) -> Org<'b>
    where
        'c: 'b,
    {
        let deployed = self.deployed.deletions.iter();
        let unmuted = deployed.filter(|line| line.kind == "mutingpermissionset");
        let landing = self.side(org, 1, dormant);
        match self.config.standing {
            true => landing,
            false => landing.after(base, unmuted.map(|line| line.name.clone()).collect()),
        }
    }
}

/// What `changes` alter between both sides.
pub(super) fn delta(
    (base, landing): (&Org<'_>, &Org<'_>),
    changes: &[Change],
    only_counted: &FieldSet,
    config: &Config,
    today: Date,
) -> Result<Delta, RunError> {
    let mut delta = Delta::between(base, landing, changes, only_counted)?;
    if !config.standing {
        delta.look_beside(base, landing, changes);
    }
    let (new, gone) = facts::changed_entries(config, today);
    let spoken = new.iter().chain(&gone).filter(|entry| delta.landing.contains_key(&entry.grantor));
    let spoken = spoken.flat_map(|entry| entry.fields()).collect();
    delta.know_outside_fls(base, landing, &spoken);
    Ok(delta)
}
