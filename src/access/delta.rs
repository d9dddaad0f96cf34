//! What a change opens and closes: exposures of the tree that would land minus exposures of the base.

use super::labels::{Declared, LabelChange, declared};
use super::origin::{self, Origin, OriginKind};
use super::{Contradiction, Exposure, GrantorAccess, grantor_access};
use crate::metadata::Component;
use crate::org::{Org, Unreadable};
use crate::source::{ReadError, RepoPath};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use std::collections::{BTreeMap, BTreeSet};

/// A path that differs between base and landing tree.
#[derive(Clone, Debug)]
pub struct Change {
    /// The path.
    pub path: RepoPath,
    /// It is in the base.
    pub in_base: bool,
    /// It is in the tree that would land.
    pub in_landing: bool,
}

/// An exposure that the change adds or widens.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The exposure in the tree that would land.
    pub exposure: Exposure,
    /// What the grantor had before.
    pub before: Option<Access>,
}

/// An exposure that the change removes or narrows.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The exposure in the base.
    pub exposure: Exposure,
    /// What is left.
    pub after: Option<Access>,
    /// A profile that says nothing about the field any more, or whose file is gone. Neither revokes: a
    /// deployment overlays, so the org keeps the grant.
    pub kept_by_org: bool,
    /// The grantor itself stays.
    pub grantor_stays: bool,
}

/// The licences that a grantor's files name.
#[derive(Clone, Debug, Default)]
pub struct Licenses {
    /// On the base.
    pub base: Vec<String>,
    /// On both sides together.
    pub all: Vec<String>,
}

/// Base against landing tree.
#[derive(Debug, Default)]
pub struct Delta {
    /// By grantor, then field.
    pub opened: Vec<Opened>,
    /// By grantor, then field.
    pub closed: Vec<Closed>,
    /// By field.
    pub label_changes: Vec<LabelChange>,
    /// Contradictions that the base does not have.
    pub contradictions: Vec<Contradiction>,
    /// Where new grantors seem to come from.
    pub origins: BTreeMap<Grantor, Origin>,
    /// Every touched grantor as it would land, for questions about what stands.
    pub landing: BTreeMap<Grantor, GrantorAccess>,
    /// Licences of every touched grantor: on the base, and of both sides together, since a change must
    /// not hide who holds it.
    pub licenses: BTreeMap<Grantor, Licenses>,
    /// Exposures that neither open nor close but whose grantor's licence changes, and with it perhaps
    /// who holds them.
    pub relicensed: Vec<Opened>,
    /// Files of the change that cannot be read as they would land: nothing can be decided.
    pub undecided: Vec<Unreadable>,
    /// Files of the base that cannot be read: what they granted counts as not granted.
    pub unreadable_base: Vec<Unreadable>,
}

impl Delta {
    /// Compares. Only what `changes` touches is read.
    ///
    /// # Errors
    /// When a listing cannot be read.
    pub fn between(base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) -> Result<Self, ReadError> {
        let mut delta = Delta::default();
        for change in changes.iter().filter(|c| c.in_landing) {
            delta.undecided.extend(landing.probe(&change.path).err());
        }
        for change in changes.iter().filter(|c| c.in_base) {
            delta.unreadable_base.extend(base.probe(&change.path).err());
        }
        delta.compare_grantors(base, landing, &touched_grantors(base, landing, changes))?;
        delta.compare_labels(base, landing, changes);
        Ok(delta)
    }

    fn compare_grantors(
        &mut self,
        base: &Org<'_>,
        landing: &Org<'_>,
        touched: &BTreeSet<Grantor>,
    ) -> Result<(), ReadError> {
        let mut before = BTreeMap::new();
        for grantor in touched {
            let moved = base.grantor_contents(grantor)? == landing.grantor_contents(grantor)?;
            if moved {
                continue;
            }
            let old = grantor_access(base, grantor);
            let new = grantor_access(landing, grantor);
            self.compare_one(&old, &new, landing.index().has_grantor(grantor));
            let all = old.licenses.iter().chain(&new.licenses).cloned().collect::<BTreeSet<_>>();
            let licenses = Licenses { base: old.licenses.clone(), all: all.into_iter().collect() };
            self.licenses.insert(grantor.clone(), licenses);
            before.insert(grantor.clone(), old);
            self.landing.insert(grantor.clone(), new);
        }
        for (grantor, access) in &self.landing {
            if base.index().has_grantor(grantor) {
                continue;
            }
            let same_kind =
                |(other, _): &(&Grantor, &GrantorAccess)| other.kind == grantor.kind && *other != grantor;
            let candidates = before.iter().filter(same_kind).map(|(other, access)| {
                let gone = !landing.index().has_grantor(other);
                (if gone { OriginKind::Renamed } else { OriginKind::Copied }, other, access)
            });
            let found = match origin::most_alike(access, candidates) {
                Some(origin) => Some(origin),
                None => identical(base, landing, grantor)?,
            };
            self.origins.extend(found.map(|origin| (grantor.clone(), origin)));
        }
        Ok(())
    }

    fn compare_one(&mut self, old: &GrantorAccess, new: &GrantorAccess, stays: bool) {
        for (field, exposure) in &new.exposures {
            let before = old.exposures.get(field).map(|e| e.access);
            let opened = Opened { exposure: exposure.clone(), before };
            if before < Some(exposure.access) {
                self.opened.push(opened);
            } else if old.licenses != new.licenses {
                self.relicensed.push(opened);
            }
        }
        for (field, exposure) in &old.exposures {
            let after = new.exposures.get(field).map(|e| e.access);
            if after < Some(exposure.access) {
                let silent = after.is_none() && !new.refused.contains_key(field);
                self.closed.push(Closed {
                    exposure: exposure.clone(),
                    after,
                    kept_by_org: silent && exposure.grantor.kind == GrantorKind::Profile,
                    grantor_stays: stays,
                });
            }
        }
        let known = |c: &Contradiction| {
            old.contradictions.iter().any(|o| o.field == c.field && o.other.is_some() == c.other.is_some())
        };
        self.contradictions.extend(new.contradictions.iter().filter(|c| !known(c)).cloned());
    }

    fn compare_labels(&mut self, base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) {
        let mut fields = BTreeSet::new();
        for change in changes {
            // What cannot be read has been recorded by the probes above.
            if change.in_base {
                fields.extend(base.fields_defined_at(&change.path).unwrap_or_default());
            }
            if change.in_landing {
                fields.extend(landing.fields_defined_at(&change.path).unwrap_or_default());
            }
        }
        for field in fields {
            let (old, new) = (declared(base, &field), declared(landing, &field));
            let both_unreadable = matches!((&old, &new), (Declared::Unreadable(_), Declared::Unreadable(_)));
            let leaves_fls = new.outside_fls().is_some() && old.outside_fls().is_none();
            if !both_unreadable && (leaves_fls || !old.same_label(&new)) {
                self.label_changes.push(LabelChange { field, base: old, landing: new });
            }
        }
    }
}

fn touched_grantors(base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) -> BTreeSet<Grantor> {
    let mut touched = BTreeSet::new();
    for change in changes {
        for org in [base, landing] {
            if let Some(Component::Grantor(grantor)) = org.index().component(&change.path) {
                touched.insert(grantor.clone());
            }
        }
    }
    touched
}

/// A grantor of the base whose files are byte for byte those of a new one. Needs no reading.
fn identical(base: &Org<'_>, landing: &Org<'_>, new: &Grantor) -> Result<Option<Origin>, ReadError> {
    let contents = landing.grantor_contents(new)?;
    for other in base.index().grantors().filter(|g| g.kind == new.kind) {
        if base.grantor_contents(other)? == contents {
            return Ok(Some(Origin { kind: OriginKind::Copied, from: other.clone() }));
        }
    }
    Ok(None)
}

/// Fields that any part of the delta names: those whose labels matter.
impl Delta {
    /// Fields of opened and closed exposures and of label changes, each once.
    pub fn fields(&self) -> BTreeSet<FieldName> {
        let opened = self.opened.iter().map(|o| &o.exposure.field);
        let opened = opened.chain(self.relicensed.iter().map(|o| &o.exposure.field));
        let closed = self.closed.iter().map(|c| &c.exposure.field);
        let labels = self.label_changes.iter().map(|l| &l.field);
        opened.chain(closed).chain(labels).cloned().collect()
    }
}
