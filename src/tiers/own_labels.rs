//! What fields are by their own labels, in files and exports, on both sides.

use super::classified::Classified;
use super::overlaid::classify_with;
use super::overlay::Overlay;
use crate::access::declared;
use crate::org::Org;
use crate::policy::{Masking, OverlayLabel, Policy};
use crate::words::FieldName;
use jiff::civil::Date;

/// What is said of fields beside their files, and by what all of it is judged.
#[derive(Clone, Copy)]
pub struct Said<'c> {
    /// The policy of the base.
    pub policy: &'c Policy,
    /// Labels from outside the repository.
    pub labels: &'c [OverlayLabel],
    /// Declarations that derived fields mask what they read, on the base and as they would land.
    pub maskings: &'c [Vec<Masking>; 2],
    /// What stands is judged, not a change.
    pub standing: bool,
    /// The day of the run.
    pub today: Date,
}

/// Both sides, and what labels them.
pub struct OwnLabels<'c, 's> {
    pub(super) said: Said<'c>,
    pub(super) base: &'c Org<'s>,
    pub(super) landing: &'c Org<'s>,
    pub(super) overlay: Overlay<'c, 's>,
}

impl<'c, 's> OwnLabels<'c, 's> {
    /// Of two sides.
    pub fn new(said: Said<'c>, base: &'c Org<'s>, landing: &'c Org<'s>) -> Self {
        OwnLabels { said, base, landing, overlay: Overlay::new(said.labels, [base, landing]) }
    }

    /// A field on the base.
    pub(super) fn on_base(&self, field: &FieldName) -> Classified {
        self.own(self.base, field)
    }

    /// A field on one side.
    pub(super) fn own(&self, org: &Org<'_>, field: &FieldName) -> Classified {
        classify_with(&declared(org, field), &self.overlay.labels(field), self.said.policy).0
    }
}
