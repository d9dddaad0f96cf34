//! Why files are read: the cost of each question, counted.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A question that has files read. A file counts once, for the first question that needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What do the changed files say?
    Change,
    /// Which groups does a changed permission set or muting set belong to, and what do their members
    /// open?
    Groups,
    /// Which fields does a grant of a whole object, or of everything, open?
    BulkGrants,
    /// How is a field labelled that the change opens, and what does it read?
    Labels,
    /// Which formulas and roll-ups read a field whose label rises?
    DerivedFields,
    /// Who holds a field whose label changes?
    StandingGrants,
    /// Does a grantor hold what a justification of the change speaks of?
    Justifications,
}

/// Files read for each purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FilesFor {
    /// [`Purpose::Change`].
    pub change: u64,
    /// [`Purpose::Groups`].
    pub groups: u64,
    /// [`Purpose::BulkGrants`].
    pub whole_objects: u64,
    /// [`Purpose::Labels`].
    pub labels: u64,
    /// [`Purpose::DerivedFields`].
    pub derived_fields: u64,
    /// [`Purpose::StandingGrants`].
    pub existing_access: u64,
    /// [`Purpose::Justifications`].
    pub justifications: u64,
}

/// Counts readings by the purpose that is in force.
#[derive(Debug, Default)]
pub struct Counter {
    now: AtomicUsize,
    files: [AtomicU64; 7],
}

impl Counter {
    /// What is read from now on is read for this.
    pub fn set(&self, purpose: Purpose) {
        self.now.store(purpose as usize, Ordering::Relaxed);
    }

    /// One file is read.
    pub fn count(&self) {
        if let Some(files) = self.files.get(self.now.load(Ordering::Relaxed)) {
            files.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What has been counted.
    pub fn files(&self) -> FilesFor {
        let of = |purpose: Purpose| self.files[purpose as usize].load(Ordering::Relaxed);
        FilesFor {
            change: of(Purpose::Change),
            groups: of(Purpose::Groups),
            whole_objects: of(Purpose::BulkGrants),
            labels: of(Purpose::Labels),
            derived_fields: of(Purpose::DerivedFields),
            existing_access: of(Purpose::StandingGrants),
            justifications: of(Purpose::Justifications),
        }
    }
}

impl std::ops::Add for FilesFor {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        FilesFor {
            change: self.change + other.change,
            groups: self.groups + other.groups,
            whole_objects: self.whole_objects + other.whole_objects,
            labels: self.labels + other.labels,
            derived_fields: self.derived_fields + other.derived_fields,
            existing_access: self.existing_access + other.existing_access,
            justifications: self.justifications + other.justifications,
        }
    }
}
