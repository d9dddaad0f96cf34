//! What muting permission sets take away inside a group.

use crate::finding::Place;

/// What a group's muting sets take away from a field.
#[derive(Clone, Debug)]
pub struct Muted {
    /// Editing alone; else reading too.
    pub edit_only: bool,
    /// The entry that mutes.
    pub place: Place,
    /// The muting permission set.
    pub set: String,
}
