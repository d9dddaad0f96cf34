//! One file of a grantor, and whose it is.

use crate::finding::{Place, Route, RouteKind, RouteStep};
use crate::metadata::Permissions;
use crate::source::SourceFile;
use crate::words::Grantor;
use std::sync::Arc;

/// A file that grants.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) file: Arc<SourceFile>,
    pub(super) permissions: Arc<Permissions>,
    /// The member of a permission set group whose file it is, and the element that names the member.
    pub(super) member: Option<(Grantor, Place)>,
}

impl Part {
    /// A file of the grantor itself.
    pub(super) fn own(file: &Arc<SourceFile>, permissions: &Arc<Permissions>) -> Self {
        Part { file: Arc::clone(file), permissions: Arc::clone(permissions), member: None }
    }

    /// The same file as that of a member.
    pub(super) fn of_member(self, (member, named): (&Grantor, &Place)) -> Self {
        Part { member: Some((member.clone(), named.clone())), ..self }
    }

    /// The way to an element of the file that opens something.
    pub(super) fn route(&self, kind: RouteKind, place: Place) -> Route {
        let own = RouteStep { kind, place };
        match &self.member {
            Some((_, named)) => {
                let by_member = RouteStep { kind: RouteKind::PermissionSetGroup, place: named.clone() };
                Arc::new([by_member, own])
            }
            None => Arc::new([own]),
        }
    }
}
