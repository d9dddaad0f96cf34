//! Who can reach which field, and what a change opens and closes.
//!
//! [`Exposure`] is one opened door; [`Delta`] is the semantic difference of two snapshots. Order of
//! elements, formatting, line endings and the place of files are no part of either.

mod bulk;
mod delta;
mod derived;
mod exposure;
mod group;
mod labels;
mod origin;
mod touched;

pub use bulk::{Bulk, BulkGrant, EDIT_READ_ONLY_FIELDS, VIEW_ALL_FIELDS_GLOBAL};
pub use delta::{Change, Closed, Delta, Licenses, Opened};
pub use derived::{Derivation, Hop, Input, derivation};
pub use exposure::{Contradiction, Exposure, GrantorAccess, grantor_access, standing};
pub use group::Muted;
pub use labels::{Declaration, Declared, LabelChange, declared};
pub use origin::{Origin, OriginKind};

pub use crate::org::Unreadable;
