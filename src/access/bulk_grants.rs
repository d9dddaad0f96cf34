//! The bulk grants of one grantor. Like its field entries they stay where they were read: a large permission set
//! has a thousand, and a change is rarely about any.

use super::bulk::{Bulk, BulkGrant, BulkKind};
use super::exposure::Door;
use super::part::Part;
use crate::finding::{Place, RouteKind};
use crate::metadata::{ObjectPermission, Permissions};
use crate::org::{self, Org};
use crate::source::{SourceFile, Span};
use crate::words::{Grantor, cmp_folded};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// The bulk grants of one grantor, each once: the first that is written.
#[derive(Clone, Debug, Default)]
pub struct BulkGrants {
    parts: Vec<Part>,
    /// The repository's own, which are no part of an object's name: objects are called as their definitions are.
    namespaces: Arc<[String]>,
    /// What a group's muting sets take away.
    muted: BTreeSet<Bulk>,
    /// By kind, in the order of the names; made when first asked for.
    slots: [OnceLock<Vec<Slot>>; BulkKind::ALL.len()],
}

/// One grant of a part. Positions fit, since files are much smaller than 4 GiB.
#[derive(Clone, Copy, Debug)]
struct Slot {
    kind: BulkKind,
    part: u32,
    entry: u32,
}

impl BulkGrants {
    /// Those of a grantor of `org`.
    pub(super) fn of(org: &Org<'_>) -> Self {
        BulkGrants { namespaces: org.namespaces().into(), ..BulkGrants::default() }
    }

    /// Those of a group of `org` whose muting sets turn off `muted`.
    pub(super) fn of_group(org: &Org<'_>, muted: BTreeSet<Bulk>) -> Self {
        BulkGrants { muted, ..BulkGrants::of(org) }
    }

    /// Adds those of one file.
    pub(super) fn add(&mut self, file: &Arc<SourceFile>, permissions: &Arc<Permissions>) {
        self.parts.push(Part::own(file, permissions));
        self.slots = Default::default();
    }

    /// Adds those of a member of the group.
    pub(super) fn include(&mut self, held: BulkGrants, member: (&Grantor, &Place)) {
        self.parts.extend(held.parts.into_iter().map(|part| part.of_member(member)));
        self.slots = Default::default();
    }

    /// The grant of a door, if there is one.
    pub fn get(&self, bulk: &Bulk) -> Option<BulkGrant> {
        self.find(bulk).map(|slot| self.grant(slot))
    }

    /// Whether a grant opens fields of `object` in this way.
    pub(super) fn opens(&self, door: Door, object: &str) -> bool {
        let (kind, name) = door.parts(object);
        self.find_of(kind, name).is_some()
    }

    /// Whether there is a grant of a door.
    pub fn has(&self, bulk: &Bulk) -> bool {
        self.find(bulk).is_some()
    }

    /// All of them, in the order of [`Bulk`].
    pub(super) fn all(&self) -> impl Iterator<Item = BulkGrant> {
        self.all_slots().map(|slot| self.grant(slot))
    }

    /// The objects that a kind of grant is of, lower case, in order; or the user permissions.
    pub(super) fn names(&self, kind: BulkKind) -> impl Iterator<Item = String> {
        self.slots(kind).iter().map(|slot| self.name(slot).to_ascii_lowercase())
    }

    /// What these have and `others` lack, in the order of [`Bulk`].
    pub(super) fn beyond(&self, others: &BulkGrants) -> Vec<BulkGrant> {
        if self.says_the_same(others) {
            return Vec::new();
        }
        let mut others = others.all_slots().map(|slot| others.key(slot)).peekable();
        let mut found = Vec::new();
        for slot in self.all_slots() {
            let key = self.key(slot);
            while others.next_if(|other| compare(*other, key).is_lt()).is_some() {}
            if others.peek().is_none_or(|other| compare(*other, key).is_ne()) {
                found.push(self.grant(slot));
            }
        }
        found
    }

    /// Whether both hold the same entries in the same order, as almost all grantors do that a change touches. Says
    /// no where it would take longer to know.
    fn says_the_same(&self, other: &BulkGrants) -> bool {
        let same = |(a, b): (&Part, &Part)| {
            let (a, b) = (&a.permissions, &b.permissions);
            let objects = a.objects.len() == b.objects.len()
                && a.objects.iter().zip(&b.objects).all(|(a, b)| {
                    a.object.value == b.object.value
                        && BulkKind::ALL
                            .iter()
                            .all(|kind| said(a, *kind).is_some() == said(b, *kind).is_some())
                });
            let users = || a.users.iter().map(|u| (&u.name.value, u.enabled.is_some()));
            let types = || a.types.iter().map(|t| (&t.name.value, t.enabled.is_some()));
            objects
                && users().eq(b.users.iter().map(|u| (&u.name.value, u.enabled.is_some())))
                && types().eq(b.types.iter().map(|t| (&t.name.value, t.enabled.is_some())))
        };
        self.parts.len() == other.parts.len()
            && self.namespaces == other.namespaces
            && self.muted == other.muted
            && self.parts.iter().zip(&other.parts).all(same)
    }

    fn all_slots(&self) -> impl Iterator<Item = &Slot> {
        BulkKind::ALL.into_iter().flat_map(|kind| self.slots(kind))
    }

    fn slots(&self, kind: BulkKind) -> &[Slot] {
        self.slots[kind as usize].get_or_init(|| {
            let mut all = Vec::new();
            for (part, Part { permissions, .. }) in (0..).zip(&self.parts) {
                let objects = (0..).zip(&permissions.objects).filter(|(_, o)| said(o, kind).is_some());
                all.extend(objects.map(|(entry, _)| Slot { kind, part, entry }));
                if kind == BulkKind::ReadType {
                    let types = (0..).zip(&permissions.types).filter(|(_, t)| t.enabled.is_some());
                    all.extend(types.map(|(entry, _)| Slot { kind, part, entry }));
                }
                if kind == BulkKind::Permission {
                    let users = (0..).zip(&permissions.users).filter(|(_, u)| u.enabled.is_some());
                    all.extend(users.map(|(entry, _)| Slot { kind, part, entry }));
                }
            }
            if !self.muted.is_empty() {
                all.retain(|slot| !self.muted.contains(&Bulk::of(kind, self.name(slot))));
            }
            all.sort_by(|a, b| cmp_folded(self.name(a), self.name(b)));
            all.dedup_by(|next, kept| cmp_folded(self.name(next), self.name(kept)).is_eq());
            all
        })
    }

    fn find(&self, bulk: &Bulk) -> Option<&Slot> {
        let (kind, name) = bulk.parts();
        self.find_of(kind, name)
    }

    fn find_of(&self, kind: BulkKind, wanted: &str) -> Option<&Slot> {
        let slots = self.slots(kind);
        slots.binary_search_by(|slot| cmp_folded(self.name(slot), wanted)).ok().map(|at| &slots[at])
    }

    fn name(&self, slot: &Slot) -> &str {
        let permissions = &self.parts[slot.part as usize].permissions;
        match slot.kind {
            BulkKind::Permission => &permissions.users[slot.entry as usize].name.value,
            BulkKind::ReadType => {
                let name = &permissions.types[slot.entry as usize].name.value;
                org::without_namespace(name, &self.namespaces)
            }
            _ => {
                let name = &permissions.objects[slot.entry as usize].object.value;
                org::without_namespace(name, &self.namespaces)
            }
        }
    }

    fn key(&self, slot: &Slot) -> (BulkKind, &str) {
        (slot.kind, self.name(slot))
    }

    fn grant(&self, slot: &Slot) -> BulkGrant {
        let part = &self.parts[slot.part as usize];
        let (entry, element) = match slot.kind {
            BulkKind::Permission => {
                let user = &part.permissions.users[slot.entry as usize];
                (user.entry, user.enabled)
            }
            BulkKind::ReadType => {
                let access = &part.permissions.types[slot.entry as usize];
                (access.entry, access.enabled)
            }
            kind => {
                let object = &part.permissions.objects[slot.entry as usize];
                (object.entry, said(object, kind))
            }
        };
        let kind = match slot.kind {
            BulkKind::ReadObject | BulkKind::EditObject | BulkKind::CreateObject | BulkKind::ReadType => {
                RouteKind::ObjectPermissions
            }
            BulkKind::ViewAllFields => RouteKind::ViewAllFields,
            BulkKind::ViewAllRecords | BulkKind::ModifyAllRecords => RouteKind::RecordAccess,
            BulkKind::Permission => RouteKind::SystemPermission,
        };
        let name = self.name(slot);
        BulkGrant {
            bulk: Bulk::of(slot.kind, name),
            name: name.to_owned(),
            route: part.route(kind, Place::new(&part.file, element.unwrap_or(entry))),
            entry: Place::new(&part.file, entry),
        }
    }
}

/// The element of an entry that grants this.
fn said(object: &ObjectPermission, kind: BulkKind) -> Option<Span> {
    match kind {
        BulkKind::ReadObject => object.read,
        BulkKind::EditObject => object.edit,
        BulkKind::CreateObject => object.create,
        BulkKind::ViewAllFields => object.view_all_fields,
        BulkKind::ViewAllRecords => object.view_all_records,
        BulkKind::ModifyAllRecords => object.modify_all_records,
        BulkKind::ReadType | BulkKind::Permission => None,
    }
}

fn compare((kind, name): (BulkKind, &str), (other, others): (BulkKind, &str)) -> Ordering {
    kind.cmp(&other).then_with(|| cmp_folded(name, others))
}
