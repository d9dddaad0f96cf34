//! What fields are by their own labels, in files and exports, on both sides.

use super::config::Config;
use super::overlay::Overlay;
use crate::access::declared;
use crate::judge::{Classified, classify_with};
use crate::org::Org;
use crate::words::FieldName;
use jiff::civil::Date;

/// Both sides, and what labels them.
pub(super) struct OwnLabels<'c, 's> {
    pub(super) config: &'c Config,
    pub(super) base: &'c Org<'s>,
    pub(super) landing: &'c Org<'s>,
    pub(super) overlay: Overlay<'c, 's>,
    pub(super) today: Date,
}

impl<'c, 's> OwnLabels<'c, 's> {
    /// Of two sides under a configuration.
    pub(super) fn new(config: &'c Config, base: &'c Org<'s>, landing: &'c Org<'s>, today: Date) -> Self {
        OwnLabels { config, base, landing, overlay: Overlay::new(&config.labels, [base, landing]), today }
    }

    /// A field on the base.
    pub(super) fn on_base(&self, field: &FieldName) -> Classified {
        self.own(self.base, field)
    }

    /// A field on one side.
    pub(super) fn own(&self, org: &Org<'_>, field: &FieldName) -> Classified {
        classify_with(&declared(org, field), &self.overlay.labels(field), &self.config.policy).0
    }
}
