//! What goes: definitions whose files go, and elements of profiles that grow by themselves. The org keeps all of it,
//! and the repository no longer knows of it.

use super::bulk::{Bulk, BulkGrant, EDIT_READ_ONLY_FIELDS, VIEW_ALL_FIELDS_GLOBAL};
use super::change::Change;
use super::exposure::Exposure;
use super::grantor::GrantorAccess;
use super::group;
use super::standing::{access_of, grantor_access, reach};
use crate::finding::Place;
use crate::org::{Component, FileId, Org, Unreadable};
use crate::source::{SourceFile, Span};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What goes.
#[derive(Clone, Debug)]
pub enum Gone {
    /// The definition of a field.
    Field(FieldName),
    /// The file of a permission set, profile or group.
    Grantor(Grantor),
    /// One of several definitions of a permission set, profile or group.
    OneOfSeveral(Grantor),
    /// An element of a profile that opens fields which are added later.
    Element(Grantor, BulkGrant),
    /// The element of a profile that says who can hold it.
    License(Grantor, String),
}

/// Something that a change makes the repository forget.
#[derive(Clone, Debug)]
pub struct Removed {
    /// What.
    pub gone: Gone,
    /// Where the base has it.
    pub place: Place,
    /// What it gives access to, all of it known before the change.
    pub opens: Vec<Exposure>,
    /// It gives access to fields that are added later: View All Fields, or editing of whatever is read.
    pub grows: bool,
    /// It could not be read before, so what it was is not known.
    pub unreadable: Option<Unreadable>,
    /// The repository still has a file of it, which does not deploy.
    pub is_kept_aside: bool,
}

impl Removed {
    /// The fields whose labels matter.
    pub(super) fn fields(&self) -> impl Iterator<Item = &FieldName> {
        let own = match &self.gone {
            Gone::Field(field) => Some(field),
            _ => None,
        };
        self.opens.iter().map(|exposure| &exposure.field).chain(own)
    }
}

/// Definitions of the base whose files the change takes away, or takes out of what deploys.
pub(super) fn definitions(base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) -> Vec<Removed> {
    let (mut fields, mut grantors, mut found) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for change in changes.iter().filter(|change| change.in_base) {
        if let Some(Component::Grantor(grantor)) = base.index().component(&change.path)
            && grantors.insert(grantor.clone())
        {
            found.extend(match landing.loses(grantor) {
                true => Some(file((base, landing), grantor, whole_file(base, change))),
                false => one_of_several(base, landing, grantor),
            });
        }
        for field in base.fields_defined_at(&change.path).unwrap_or_default() {
            if landing.loses_field(&field) && fields.insert(field.clone()) {
                let state = base.field(&field);
                let place = state.definitions.first().map(|d| Place::new(&d.file, d.field.span));
                found.push(Removed {
                    place: place.unwrap_or_else(|| whole_file(base, change)),
                    unreadable: state.unreadable.into_iter().next(),
                    is_kept_aside: landing.keeps_aside(&field),
                    gone: Gone::Field(field),
                    opens: Vec::new(),
                    grows: false,
                });
            }
        }
    }
    found
}

/// A file without a place in it: it may not even be readable.
fn whole_file(base: &Org<'_>, change: &Change) -> Place {
    let file = base.source(&change.path);
    Place::new(
        &file.unwrap_or_else(|| Arc::new(SourceFile::new(change.path.clone(), &b""[..]))),
        Span::default(),
    )
}

/// All that a permission set, profile or group gives access to; a group as if nothing muted it, since a muting set
/// that goes mutes no more.
fn file((base, landing): (&Org<'_>, &Org<'_>), grantor: &Grantor, place: Place) -> Removed {
    let access = match grantor.kind {
        GrantorKind::PermissionSetGroup => group::unmuted_access(base, base.group(grantor)),
        _ => grantor_access(base, grantor),
    };
    Removed {
        gone: Gone::Grantor(grantor.clone()),
        place,
        opens: reach(base, grantor, &access),
        grows: access.bulk.all().any(|grant| grows(&grant.bulk)),
        unreadable: access.unreadable.into_iter().next(),
        is_kept_aside: !landing.files(grantor).is_empty(),
    }
}

/// What definitions gave that go while others of the same component stay, as far as none of those gives it. Which of
/// them holds in the org depends on the order of deployment, so whoever has the component may keep all of it.
fn one_of_several(base: &Org<'_>, landing: &Org<'_>, grantor: &Grantor) -> Option<Removed> {
    let (old, new) = (base.copies(grantor), landing.copies(grantor));
    let gone: Vec<FileId> = old
        .iter()
        .filter(|copy| new.iter().all(|other| other.home != copy.home))
        .flat_map(|copy| copy.files.iter().copied())
        .collect();
    if old.len() < 2 || new.is_empty() {
        return None;
    }
    let first = *gone.first()?;
    let stays: Vec<FileId> = new.into_iter().flat_map(|copy| copy.files).collect();
    let (gave, gives) = (unmuted(base, grantor, &gone), unmuted(landing, grantor, &stays));
    let still: BTreeMap<FieldName, Access> =
        reach(base, grantor, &gives).into_iter().map(|exposure| (exposure.field, exposure.access)).collect();
    let mut opens = reach(base, grantor, &gave);
    opens.retain(|exposure| still.get(&exposure.field) < Some(&exposure.access));
    let grows = gave.bulk.beyond(&gives.bulk).iter().any(|grant| grows(&grant.bulk));
    let file = base.source(base.index().path(first))?;
    let unreadable = gave.unreadable.into_iter().next();
    let removed = Removed {
        gone: Gone::OneOfSeveral(grantor.clone()),
        place: Place::new(&file, Span::default()),
        opens,
        grows,
        unreadable,
        is_kept_aside: false,
    };
    (removed.grows || removed.unreadable.is_some() || !removed.opens.is_empty()).then_some(removed)
}

/// What files of a permission set, profile or group give access to, a group as if nothing muted it.
fn unmuted(org: &Org<'_>, grantor: &Grantor, files: &[FileId]) -> GrantorAccess {
    match grantor.kind {
        GrantorKind::PermissionSetGroup => group::unmuted_access(org, org.group_in(files)),
        _ => access_of(org, grantor, files),
    }
}

/// Whether a grant opens fields that are added later, or makes an edit of whatever is read.
fn grows(bulk: &Bulk) -> bool {
    match bulk {
        Bulk::ViewAllFields(_) => true,
        Bulk::Permission(name) => [VIEW_ALL_FIELDS_GLOBAL, EDIT_READ_ONLY_FIELDS].contains(&name.as_str()),
        _ => false,
    }
}

/// What a profile's own files stop to say that would open fields which are added later, and who can hold it.
pub(super) fn elements(
    profile: &Grantor,
    landing: &Org<'_>,
    old: &GrantorAccess,
    written: &GrantorAccess,
) -> Vec<Removed> {
    let now = grantor_access(landing, profile);
    let mut kept = old.bulk.beyond(&written.bulk);
    kept.retain(|grant| grows(&grant.bulk) && now.bulk.has(&grant.bulk));
    let license = old.license_places.first().filter(|_| written.licenses.own.is_empty());
    if kept.is_empty() && license.is_none() {
        return Vec::new();
    }
    let opened = reach(landing, profile, old);
    let by =
        |bulk: &Bulk| opened.iter().filter(|exposure| exposure.bulks().contains(bulk)).cloned().collect();
    let removed = |gone, place: &Place, opens| Removed {
        gone,
        place: place.clone(),
        opens,
        grows: true,
        unreadable: None,
        is_kept_aside: false,
    };
    let elements = kept.into_iter().map(|grant| {
        let (place, opens) = (grant.place().clone(), by(&grant.bulk));
        removed(Gone::Element(profile.clone(), grant), &place, opens)
    });
    let license = license
        .map(|(name, place)| removed(Gone::License(profile.clone(), name.clone()), place, opened.clone()));
    elements.chain(license).collect()
}
