//! Who can reach which field, and what a change opens and closes.
//!
//! [`Exposure`] is one opened door; [`Delta`] is the semantic difference of two snapshots. Order of
//! elements, formatting, line endings and the place of files are no part of either.

mod aside;
mod assignment;
mod beside;
mod bulk;
mod bulk_grants;
mod change;
mod copied;
mod copies;
mod copying;
mod delta;
mod derived;
mod entries;
mod exposure;
mod grantor;
mod group;
mod guards;
mod labels;
mod muted_away;
mod muting;
mod origin;
mod part;
mod relationships;
mod removed;
mod shown_by;
mod shows;
mod standard_relationships;
mod standing;
mod touched;
mod written;

pub use crate::org::Audience;
pub use assignment::{Assigned, Distribution, News};
pub use beside::Beside;
pub use bulk::{
    Bulk, BulkGrant, EDIT_READ_ONLY_FIELDS, MODIFY_ALL_DATA, READ_ALL_TYPES, VIEW_ALL_DATA,
    VIEW_ALL_FIELDS_GLOBAL, VIEW_ENCRYPTED_DATA,
};
pub use bulk_grants::BulkGrants;
pub use change::Change;
pub use copied::{CopiedBy, Copies, FieldCopy, Source};
pub use copies::each_definition;
pub use delta::{Closed, Delta, Licenses, Opened};
pub use derived::{Derivation, Derivations, Hop, Input, Shown, Unfollowed, readers};
pub use entries::{FieldEntries, FieldEntry};
pub use exposure::{Contradiction, Door, Exposure};
pub use grantor::{GrantorAccess, Licensed};
pub use group::groups_with;
pub use guards::SwitchedOff;
pub use labels::{Declaration, Declared, LabelChange, declared};
pub use muted_away::{MutedAway, muted_away};
pub use muting::Muted;
pub use origin::{Origin, OriginKind};
pub use relationships::{child, follow, lookup_of};
pub use removed::{Gone, Removed};
pub use shows::{ShownBy, Shows};
pub use standard_relationships::meant_standard_object;
pub use standing::{Standing, grantor_access, reach, reached_by_all_names, standing};

pub use crate::metadata::{Encryption, HandOutWay};
pub use crate::org::Unreadable;
