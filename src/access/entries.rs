//! The field entries of one grantor, one per field: where each lies in what was read. Nothing is copied before
//! somebody asks for an exposure, since most entries of a large file are of no interest to a change.

use super::exposure::{Contradiction, Exposure};
use super::part::Part;
use crate::finding::{Place, RouteKind};
use crate::metadata::{FieldPermission, Permissions};
use crate::source::SourceFile;
use crate::words::{Access, FieldMap, FieldName, Grantor};
use std::cmp::Ordering;
use std::collections::hash_map;
use std::sync::Arc;
use std::sync::atomic::{self, AtomicUsize};

/// The widest entry per field, in order of the fields.
#[derive(Clone, Debug, Default)]
pub struct FieldEntries {
    parts: Vec<Part>,
    by_field: Vec<Slot>,
    last_found: Hint,
}

/// Where an entry was found last. Questions often go through the fields in order, so the next is mostly beside it.
#[derive(Debug, Default)]
struct Hint(AtomicUsize);

impl Clone for Hint {
    fn clone(&self) -> Self {
        Hint::default()
    }
}

/// An entry of a part, and what it opens here, in eight bytes: a large change has millions. Positions fit, since files are much
/// smaller than 4 GiB, and no component has a billion of them.
#[derive(Clone, Copy, Debug)]
struct Slot {
    entry: u32,
    /// The part, times four, and what the entry opens.
    part_and_access: u32,
}

impl Slot {
    fn new(part: u32, entry: u32, access: Option<Access>) -> Self {
        let access = match access {
            None => 0,
            Some(Access::Read) => 1,
            Some(Access::Edit) => 2,
        };
        Slot { entry, part_and_access: part << 2 | access }
    }

    fn part<'p>(&self, parts: &'p [Part]) -> &'p Part {
        &parts[(self.part_and_access >> 2) as usize]
    }

    fn said<'p>(&self, parts: &'p [Part]) -> &'p FieldPermission {
        &self.part(parts).permissions.fields[self.entry as usize]
    }

    /// What the entry opens here; nothing is an explicit refusal.
    fn access(&self) -> Option<Access> {
        match self.part_and_access & 3 {
            0 => None,
            1 => Some(Access::Read),
            _ => Some(Access::Edit),
        }
    }
}

/// The entries of a group, of each field the first of the widest that its members have. They are put in order once: groups
/// of hundreds of members mostly have the same fields by many of them.
#[derive(Default)]
pub(super) struct Union {
    entries: FieldEntries,
    /// Where the entry of a field is.
    found: FieldMap<usize>,
}

impl Union {
    /// Adds what a file of a member opens, as far as `allowed` lets the group have it.
    pub(super) fn include(
        &mut self,
        (file, permissions): (&Arc<SourceFile>, &Arc<Permissions>),
        member: (&Grantor, &Place),
        allowed: impl Fn(&FieldName, Access) -> Option<Access>,
    ) {
        let FieldEntries { parts, by_field, .. } = &mut self.entries;
        let part = parts.len() as u32;
        for (entry, said) in (0..).zip(&permissions.fields) {
            let Some(access) = said.access().and_then(|access| allowed(&said.field, access)) else {
                continue;
            };
            let slot = Slot::new(part, entry, Some(access));
            match self.found.entry(said.field.clone()) {
                hash_map::Entry::Vacant(free) => {
                    free.insert(by_field.len());
                    by_field.push(slot);
                }
                hash_map::Entry::Occupied(taken) => {
                    let kept = &mut by_field[*taken.get()];
                    if kept.access() < slot.access() {
                        *kept = slot;
                    }
                }
            }
        }
        parts.push(Part::own(file, permissions).of_member(member));
    }

    /// All of them, in order.
    pub(super) fn into_entries(self) -> FieldEntries {
        let Union { mut entries, .. } = self;
        entries.settle();
        entries
    }
}

/// One field's entry.
pub struct FieldEntry<'e> {
    part: &'e Part,
    entry: &'e FieldPermission,
    access: Option<Access>,
}

impl FieldEntries {
    /// Adds the entries of one file for the fields that `wanted` picks, and gives those that disagree. Between
    /// files of one grantor (two package directories, say) a difference is ordinary and only the wider access
    /// counts.
    pub(super) fn add(
        &mut self,
        grantor: &Grantor,
        file: &Arc<SourceFile>,
        permissions: &Arc<Permissions>,
        wanted: impl Fn(&FieldName) -> bool,
    ) -> Vec<Contradiction> {
        let (part, start) = (self.parts.len() as u32, self.by_field.len());
        let entries = (0..).zip(&permissions.fields).filter(|(_, e)| wanted(&e.field));
        self.by_field.extend(entries.map(|(entry, e)| Slot::new(part, entry, e.access())));
        if start == 0 {
            // Most have one file. Of thousands of pieces each would be copied again for each.
            self.by_field.shrink_to_fit();
        }
        self.parts.push(Part::own(file, permissions));
        let FieldEntries { parts, by_field, .. } = self;
        let of_file = &mut by_field[start..];
        let each_once = of_file.is_sorted_by(|a, b| order(parts, a, b).is_lt());
        if !each_once {
            of_file.sort_by(|a, b| order(parts, a, b));
        }
        let contradictions = contradictions(grantor, parts, of_file);
        if start > 0 || !each_once {
            self.settle();
        }
        contradictions
    }

    /// Sorts, and keeps of each field the first of its widest entries.
    fn settle(&mut self) {
        let FieldEntries { parts, by_field, .. } = self;
        by_field.sort_by(|a, b| order(parts, a, b));
        by_field.dedup_by(|next, kept| {
            let same = order(parts, next, kept).is_eq();
            if same && kept.access() < next.access() {
                *kept = *next;
            }
            same
        });
    }

    /// The entry of a field.
    pub fn get(&self, name: &FieldName) -> Option<FieldEntry<'_>> {
        let last = self.last_found.0.load(atomic::Ordering::Relaxed);
        let is_it = |at: &usize| self.by_field.get(*at).is_some_and(|slot| field(&self.parts, slot) == name);
        let search = || self.by_field.binary_search_by(|slot| field(&self.parts, slot).cmp(name)).ok();
        let at = [last, last + 1].into_iter().find(is_it).or_else(search)?;
        self.last_found.0.store(at, atomic::Ordering::Relaxed);
        Some(self.entry(self.by_field[at]))
    }

    /// What the entry of a field opens, if there is one that opens it.
    pub fn access(&self, name: &FieldName) -> Option<Access> {
        self.get(name)?.access
    }

    /// The entries that open something, by field.
    pub fn open(&self) -> impl Iterator<Item = FieldEntry<'_>> {
        self.by_field.iter().filter(|slot| slot.access().is_some()).map(|slot| self.entry(*slot))
    }

    /// The fields that either side's entries open and the other's do not, or not as far.
    pub(super) fn differing<'e>(&'e self, other: &'e FieldEntries) -> Vec<&'e FieldName> {
        let (mut ours, mut theirs) = (self.open().peekable(), other.open().peekable());
        let mut found = Vec::new();
        loop {
            let first = match (ours.peek(), theirs.peek()) {
                (Some(a), Some(b)) => a.field().cmp(b.field()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return found,
            };
            let a = if first.is_le() { ours.next() } else { None };
            let b = if first.is_ge() { theirs.next() } else { None };
            if a.as_ref().map(|e| e.access) != b.as_ref().map(|e| e.access) {
                found.extend(a.or(b).map(|e| e.field()));
            }
        }
    }

    fn entry(&self, slot: Slot) -> FieldEntry<'_> {
        let part = slot.part(&self.parts);
        FieldEntry { part, entry: slot.said(&self.parts), access: slot.access() }
    }
}

impl<'e> FieldEntry<'e> {
    /// The field, as the entry spells it.
    pub fn field(&self) -> &'e FieldName {
        &self.entry.field
    }

    /// What the entry opens; nothing is an explicit refusal.
    pub fn access(&self) -> Option<Access> {
        self.access
    }

    /// The exposure that the entry is to `grantor`, whose entry it is or whose member's.
    pub(super) fn exposure(&self, grantor: &Grantor) -> Option<Exposure> {
        let Part { file, member, .. } = self.part;
        let element = self.entry.opens_edit().or_else(|| self.entry.opens_read());
        let place = Place::new(file, element.unwrap_or(self.entry.entry()));
        Some(Exposure {
            grantor: grantor.clone(),
            field: self.field().clone(),
            access: self.access?,
            route: self.part.route(RouteKind::FieldPermissions, place),
            entry: Place::new(file, self.entry.entry()),
            doors: [None, None],
            through: member.as_ref().map(|(member, _)| member.clone()),
        })
    }
}

fn field<'p>(parts: &'p [Part], slot: &Slot) -> &'p FieldName {
    &slot.said(parts).field
}

fn order(parts: &[Part], a: &Slot, b: &Slot) -> Ordering {
    field(parts, a).cmp(field(parts, b))
}

/// Entries of one file, in order of the fields, that disagree with the first one of their field or with
/// themselves.
fn contradictions(grantor: &Grantor, parts: &[Part], slots: &[Slot]) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for same in slots.chunk_by(|a, b| order(parts, a, b).is_eq()) {
        for slot in same {
            let file = &slot.part(parts).file;
            let entry = |slot: &Slot| slot.said(parts);
            let contradiction = |other: Option<&FieldPermission>| Contradiction {
                grantor: grantor.clone(),
                field: entry(slot).field.clone(),
                place: Place::new(file, entry(slot).entry()),
                other: other.map(|o| Place::new(file, o.entry())),
            };
            if entry(slot).edit_without_read() {
                found.push(contradiction(None));
            }
            if same[0].access() != slot.access() {
                found.push(contradiction(Some(entry(&same[0]))));
            }
        }
    }
    found
}
