//! One opened door, with the element that opens it; and entries that disagree about one.

use super::bulk::{Bulk, EDIT_READ_ONLY_FIELDS, VIEW_ALL_FIELDS_GLOBAL};
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
}

impl Exposure {
    /// Whether the field's own entry is on the way.
    pub fn by_entry(&self) -> bool {
        self.route.iter().any(|step| step.kind == RouteKind::FieldPermissions)
    }

    /// The bulk grants on the way, first step first.
    pub fn bulks(&self) -> Vec<Bulk> {
        let mut reads = self.by_entry();
        let mut bulks = Vec::new();
        for step in self.route.iter() {
            let bulk = match step.kind {
                RouteKind::ViewAllFields => Bulk::view_all_fields(self.field.object()),
                RouteKind::ObjectPermissions => Bulk::object(self.field.object(), self.access),
                // What can be read already can only be made editable.
                RouteKind::SystemPermission if reads => Bulk::permission(EDIT_READ_ONLY_FIELDS),
                RouteKind::SystemPermission => Bulk::permission(VIEW_ALL_FIELDS_GLOBAL),
                RouteKind::PermissionSetGroup | RouteKind::FieldPermissions | RouteKind::RecordAccess => {
                    continue;
                }
            };
            reads = true;
            bulks.push(bulk);
        }
        bulks
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
