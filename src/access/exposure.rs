//! One opened door, with the element that opens it; and entries that disagree about one.

use super::bulk::{Bulk, BulkKind};
use crate::finding::{Place, Route, RouteKind};
use crate::words::{Access, FieldName, Grantor};

/// One opened door: a grantor reaches a field, by a route. Access `edit` includes `read`.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// Who grants.
    pub grantor: Grantor,
    /// What is reached.
    pub field: FieldName,
    /// How far.
    pub access: Access,
    /// The way, first step first; never empty.
    pub route: Route,
    /// The whole entry that grants.
    pub entry: Place,
    /// The member of a permission set group that grants.
    pub through: Option<Grantor>,
    /// The bulk grants on the way: what opens the field for reading, unless its own entry does, and what makes it
    /// editable then.
    pub doors: [Option<Door>; 2],
}

/// A bulk grant that opens a field: one of the field's object or type, or a user permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// See [`Bulk::ReadObject`].
    ReadObject,
    /// See [`Bulk::EditObject`].
    EditObject,
    /// See [`Bulk::CreateObject`].
    CreateObject,
    /// See [`Bulk::ReadType`].
    ReadType,
    /// See [`Bulk::ViewAllFields`].
    ViewAllFields,
    /// A user permission, lower case.
    Permission(&'static str),
}

impl Door {
    /// The grant that opens fields of `object` in this way.
    pub fn bulk(self, object: &str) -> Bulk {
        let (kind, name) = self.parts(object);
        Bulk::of(kind, name)
    }

    /// The kind of the grant that opens fields of `object` in this way, and what it is of.
    pub(super) fn parts(self, object: &str) -> (BulkKind, &str) {
        match self {
            Door::ReadObject => (BulkKind::ReadObject, object),
            Door::EditObject => (BulkKind::EditObject, object),
            Door::CreateObject => (BulkKind::CreateObject, object),
            Door::ReadType => (BulkKind::ReadType, object),
            Door::ViewAllFields => (BulkKind::ViewAllFields, object),
            Door::Permission(name) => (BulkKind::Permission, name),
        }
    }
}

impl Exposure {
    /// Whether the field's own entry is on the way.
    pub fn by_entry(&self) -> bool {
        self.route.iter().any(|step| step.kind == RouteKind::FieldPermissions)
    }

    /// The bulk grants on the way, first step first.
    pub fn bulks(&self) -> Vec<Bulk> {
        self.doors.iter().flatten().map(|door| door.bulk(self.field.object())).collect()
    }

    /// The bulk grant by which the door opens, if it is one: the last on the way.
    pub fn bulk(&self) -> Option<Bulk> {
        self.bulks().pop()
    }

    /// The element that opens the door: the field's own entry, or else the last step of the route.
    pub fn place(&self) -> &Place {
        let own = self.route.iter().find(|step| step.kind == RouteKind::FieldPermissions);
        own.or(self.route.last()).map_or(&self.entry, |step| &step.place)
    }
}

/// Entries of one file that disagree about a field, or an entry that disagrees with itself.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// Who grants.
    pub grantor: Grantor,
    /// What is granted.
    pub field: FieldName,
    /// The entry that comes second, or the only one.
    pub place: Place,
    /// The entry that it disagrees with; `None` for `editable` without `readable`.
    pub other: Option<Place>,
}
