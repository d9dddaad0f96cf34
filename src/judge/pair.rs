//! What a pair is, and what makes it worse.

use crate::access::{Bulk, Exposure};
use crate::words::{Access, FieldName, Grantor, State};
use std::borrow::Cow;

/// What makes a pair worse; several may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worse {
    /// Its access rises, from none or from reading.
    pub access: bool,
    /// The policy asks for more than before, or the tier of the field rises.
    pub requirement: bool,
    /// More exposed people can hold it.
    pub user_type: bool,
    /// The field shows a classified field that it did not show before.
    pub shows: bool,
    /// A justification that counted is gone or narrowed.
    pub reason: bool,
}

impl Worse {
    /// Whether anything does.
    pub fn any(self) -> bool {
        self != Worse::default()
    }

    /// Whether nothing but a label that rose makes it worse: nobody gains access by that.
    pub fn only_requirement(self) -> bool {
        self == Worse { requirement: true, ..Worse::default() }
    }

    /// Whether everything that makes this pair worse makes the other one worse as well.
    pub(super) fn within(self, other: Worse) -> bool {
        self.or(other) == other
    }

    /// What makes either of two worse.
    pub(super) fn or(self, other: Worse) -> Worse {
        Worse {
            access: self.access || other.access,
            requirement: self.requirement || other.requirement,
            user_type: self.user_type || other.user_type,
            shows: self.shows || other.shows,
            reason: self.reason || other.reason,
        }
    }
}

/// What the change alters of a pair that it makes worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed<'c> {
    /// The field's own entry, in the permission set, profile or a member; or who holds it.
    Entry,
    /// A grant of more than one field, or who holds it.
    Bulk(&'c Bulk),
    /// The definition of the field, its label, or what it reads.
    Field,
    /// The justification alone.
    Reason,
}

/// A permission set, profile or group and a field that it reaches, made worse by the change.
#[derive(Clone, Debug)]
pub struct Pair<'c> {
    /// The way after the merge. Its access is what is reached in fact: what the platform sets nobody edits.
    pub exposure: Cow<'c, Exposure>,
    /// The access before.
    pub before: Option<Access>,
    /// The access that it may have had before, by whichever of its definitions and ways.
    pub had: Option<Access>,
    /// What of it the change alters.
    pub changed: Changed<'c>,
    /// What makes it worse.
    pub worse: Worse,
    /// How it stands.
    pub state: State,
    /// The member at which a group's pair is told, which then needs nothing of its own.
    pub at_member: Option<Grantor>,
}

impl Pair<'_> {
    /// Whether the change may not leave it like this.
    pub fn is_open(&self) -> bool {
        self.state.is_open() && self.at_member.is_none()
    }

    pub(super) fn key(&self) -> (&Grantor, &FieldName) {
        (&self.exposure.grantor, &self.exposure.field)
    }
}
