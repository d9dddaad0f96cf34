//! What a change opens and closes: exposures of the tree that would land minus exposures of the base.

use super::assignment::{self, Assigned};
use super::beside::Beside;
use super::change::Change;
use super::copies;
use super::labels::{self, LabelChange};
use super::origin::{self, Origin};
use super::removed::{self, Removed};
use super::standing::{access_of, of_activities};
use super::{Bulk, BulkGrant, Contradiction, Exposure, GrantorAccess, Licensed, grantor_access, touched};
use crate::finding::Place;
use crate::org::{MOST_DEFINITIONS, Org, Unreadable};
use crate::source::{Purpose, ReadError};
use crate::words::{Access, FieldName, FieldSet, Grantor, GrantorKind};
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// An exposure that the change adds or widens.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The exposure in the tree that would land.
    pub exposure: Exposure,
    /// What the grantor had before.
    pub before: Option<Access>,
    /// The bulk grant that opens it; `None` where the field's own entry does.
    pub bulk: Option<Bulk>,
}

/// An exposure that the change removes or narrows.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The exposure in the base.
    pub exposure: Exposure,
    /// What is left.
    pub after: Option<Access>,
}

/// The licences that a grantor's files name.
#[derive(Clone, Debug, Default)]
pub struct Licenses {
    /// On the base.
    pub base: Licensed,
    /// As they would land.
    pub landing: Licensed,
    /// The base has the grantor.
    pub existed: bool,
}

/// Base against landing tree.
#[derive(Debug, Default)]
pub struct Delta {
    /// By grantor, then field.
    pub opened: Vec<Opened>,
    /// Access that opens to fields which nobody has to be asked about, where such access is only counted.
    pub counted: Vec<(Grantor, FieldName)>,
    /// By grantor, then field.
    pub closed: Vec<Closed>,
    /// What the file of a profile stops to mention, which the org keeps: by profile, then field.
    pub omitted: Vec<Exposure>,
    /// Definitions that go, and what of profiles goes with an element: the repository forgets them.
    pub removed: Vec<Removed>,
    /// Bulk grants that the base does not have, by grantor.
    pub bulk_opened: Vec<(Grantor, BulkGrant)>,
    /// Bulk grants that stand on both sides of a grantor whose licence changes.
    pub bulk_relicensed: Vec<(Grantor, BulkGrant)>,
    /// By field.
    pub label_changes: Vec<LabelChange>,
    /// Grantors that changed user access policies hand out.
    pub assigned: Vec<Assigned>,
    /// What it does in files that give nobody access.
    pub beside: Beside,
    /// New members of groups that neither side defines: the group, the member, and the element that names it.
    pub unknown_members: Vec<(Grantor, Grantor, Place)>,
    /// Contradictions that the base does not have.
    pub contradictions: Vec<Contradiction>,
    /// Where new grantors seem to come from.
    pub origins: BTreeMap<Grantor, Origin>,
    /// Every touched grantor as it was.
    pub base: BTreeMap<Grantor, GrantorAccess>,
    /// Every touched grantor as it would land, for questions about what stands.
    pub landing: BTreeMap<Grantor, GrantorAccess>,
    /// Licences of every touched grantor: on the base, and of both sides together, since a change must
    /// not hide who holds it.
    pub licenses: BTreeMap<Grantor, Licenses>,
    /// Exposures that neither open nor close but whose grantor's licence changes, and with it perhaps
    /// who holds them.
    pub relicensed: Vec<Opened>,
    /// Files of the change that cannot be read as they would land: nothing can be decided.
    pub undecided: Vec<Unreadable>,
    /// Files that the change does not touch but that one of its questions needs, and that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// Files of the base that cannot be read: what they granted counts as not granted.
    pub unreadable_base: Vec<Unreadable>,
}

impl Delta {
    /// Compares. Only what `changes` touches is read. Access to fields of `only_counted` is counted, and nothing else is
    /// said of it: for a tree against nothing.
    ///
    /// # Errors
    /// When a listing cannot be read.
    pub fn between(
        base: &Org<'_>,
        landing: &Org<'_>,
        changes: &[Change],
        only_counted: &FieldSet,
    ) -> Result<Self, ReadError> {
        let mut delta = Delta::default();
        // Both sides of a file one after the other: they say much the same.
        let probes = changes.par_iter().map(|change| {
            let probe = |org: &Org<'_>, there: bool| if there { org.probe(&change.path).err() } else { None };
            (probe(landing, change.in_landing), probe(base, change.in_base))
        });
        let (undecided, unreadable_base): (Vec<_>, Vec<_>) = probes.unzip();
        delta.undecided = undecided.into_iter().flatten().collect();
        delta.unreadable_base = unreadable_base.into_iter().flatten().collect();
        let landed = changes.par_iter().filter(|c| c.in_landing);
        delta.unreadable = landed.flat_map_iter(|change| landing.doubts(&change.path)).collect();
        delta.compare_grantors(base, landing, (changes, only_counted))?;
        delta.label_changes = labels::changes(base, landing, changes);
        let relabelled = delta.label_changes.iter();
        let changed = relabelled.flat_map(|change| [change.field.clone(), change.whole.clone()]).collect();
        delta.know_outside_fls(base, landing, &changed);
        delta.removed.extend(removed::definitions(base, landing, changes));
        delta.assigned = assignment::assigned(base, landing, changes);
        Ok(delta)
    }

    /// Takes editing away from what nobody edits, whatever an entry says: formulas and the like, by `is_computed`.
    pub fn nobody_edits(&mut self, is_computed: impl Fn(&FieldName) -> bool) {
        for opened in self.opened.iter_mut().chain(&mut self.relicensed) {
            if is_computed(&opened.exposure.field) {
                opened.exposure.access = Access::Read;
            }
        }
        // What then does not rise may still go to other people.
        let same = self.opened.extract_if(.., |opened| opened.before >= Some(opened.exposure.access));
        self.relicensed.extend(same);
    }

    fn compare_grantors(
        &mut self,
        base: &Org<'_>,
        landing: &Org<'_>,
        (changes, only_counted): (&[Change], &FieldSet),
    ) -> Result<(), ReadError> {
        let mut before = BTreeMap::new();
        let mut touched = Vec::new();
        for (grantor, touch) in touched::grantors(base, landing, changes, &mut self.unreadable) {
            let moved = base.grantor_contents(&grantor)? == landing.grantor_contents(&grantor)?;
            let definitions = base.copies(&grantor).len().max(landing.copies(&grantor).len());
            if definitions > MOST_DEFINITIONS {
                let all = [landing, base].into_iter();
                self.undecided.extend(all.filter_map(|org| copies::too_many(org, &grantor)).next());
                continue;
            }
            let several = definitions > 1;
            // A group holds what others open, wherever its own file lies.
            let group = grantor.kind == GrantorKind::PermissionSetGroup;
            if touch.otherwise || !moved || several || group {
                touched.push((grantor, touch.by_own_files));
            }
        }
        // Two questions, one after the other, so that each file counts for the one that needed it; within a
        // question the grantors are looked at side by side.
        let ask = |purpose| [base, landing].iter().for_each(|org| org.asks(purpose));
        ask(Purpose::Groups);
        let sides = touched.par_iter().map(|(g, _)| (grantor_access(base, g), grantor_access(landing, g)));
        let sides: Vec<_> = sides.collect();
        ask(Purpose::BulkGrants);
        let compared = touched.par_iter().zip(sides).map(|((grantor, own_files), (mut old, mut new))| {
            touched::outside_fls((base, &mut old), (landing, &mut new));
            let mut delta = Delta::default();
            delta.compare_one(grantor, (base, &old), (landing, &new), only_counted);
            if *own_files {
                delta.compare_copies(grantor, base, landing);
                delta.compare_omissions(grantor, (base, &old), landing);
            }
            (delta, old, new)
        });
        let compared: Vec<(Delta, _, _)> = compared.collect();
        self.opened.reserve(compared.iter().map(|(delta, ..)| delta.opened.len()).sum());
        self.counted.reserve(compared.iter().map(|(delta, ..)| delta.counted.len()).sum());
        ask(Purpose::Groups);
        for ((grantor, own_files), (delta, old, new)) in touched.into_iter().zip(compared) {
            if grantor.kind == GrantorKind::PermissionSetGroup {
                let named = new
                    .named
                    .iter()
                    .filter(|(set, _)| !old.members.contains(set) && !landing.has_grantor(set));
                let named = named.map(|(set, place)| (grantor.clone(), set.clone(), place.clone()));
                self.unknown_members.extend(named);
                // What a changed group brings in must be known; a group that only has a changed member is
                // judged by what can be read.
                let target = if own_files { &mut self.undecided } else { &mut self.unreadable };
                target.extend(
                    new.unreadable.iter().filter(|u| !target.contains(u)).cloned().collect::<Vec<_>>(),
                );
            }
            self.opened.extend(delta.opened);
            self.counted.extend(delta.counted);
            self.relicensed.extend(delta.relicensed);
            self.closed.extend(delta.closed);
            self.omitted.extend(delta.omitted);
            self.removed.extend(delta.removed);
            self.bulk_opened.extend(delta.bulk_opened);
            self.bulk_relicensed.extend(delta.bulk_relicensed);
            self.contradictions.extend(delta.contradictions);
            let licenses = Licenses {
                base: old.licenses.clone(),
                landing: new.licenses.clone(),
                existed: base.has_grantor(&grantor),
            };
            self.licenses.insert(grantor.clone(), licenses);
            before.insert(grantor.clone(), old);
            self.landing.insert(grantor, new);
        }
        self.opened.sort_by(|a, b| {
            (&a.exposure.grantor, &a.exposure.field).cmp(&(&b.exposure.grantor, &b.exposure.field))
        });
        self.origins = origin::of_new((base, &before), (landing, &self.landing))?;
        self.base = before;
        Ok(())
    }

    fn compare_one(
        &mut self,
        grantor: &Grantor,
        (base, old): (&Org<'_>, &GrantorAccess),
        (landing, new): (&Org<'_>, &GrantorAccess),
        only_counted: &FieldSet,
    ) {
        let relicensed = old.licenses != new.licenses;
        let aliases = OnceCell::new();
        // The fields come object by object.
        let (mut object, mut before) = ("", FieldSet::default());
        let mut had = |field: &FieldName| {
            if !field.object().eq_ignore_ascii_case(object) {
                (object, before) = (field.object(), base.fields_of(field.object()).into_iter().collect());
            }
            // A standard field is there without a file.
            !field.is_custom() || before.contains(field)
        };
        let (counted, fields): (Vec<_>, Vec<_>) = touched::fields((base, old), (landing, new))
            .into_iter()
            .partition(|field| only_counted.contains(field));
        self.counted.extend(new.reached(counted).into_iter().map(|field| (grantor.clone(), field)));
        for field in fields {
            let (own_old, own_new) = (old.entries.access(&field), new.entries.access(&field));
            let access = |e: Option<&Exposure>| e.map(|e| e.access);
            let was = old.reach(grantor, &field);
            // What entries and the like may give of a field without field-level security counts on both sides alike,
            // unless what surely gives access to that widens.
            let widens = new.surely_gives(own_new, &field) > access(was.as_ref());
            let was = if widens { was } else { old.may_reach(grantor, &field) };
            let (was, is, bulk) = if own_old == own_new {
                (was, new.reach(grantor, &field), true)
            } else {
                // Edit Read Only Fields makes an edit of what the entry only reads, and where the entry goes a
                // bulk grant may stay.
                let is = new.reach(grantor, &field);
                // What a bulk grant gave already is no news, unless the field is new.
                let gave = |e: &Exposure| e.by_entry() || had(&field);
                (was.filter(gave), is, false)
            };
            let after = access(is.as_ref());
            let existed = had(&field) || had(&base.canonical(&field));
            // Access that stands under another name of the field is no new access.
            let standing = || {
                let whole = base.canonical(&field);
                let aliases = aliases.get_or_init(|| by_alias(base, old));
                let reach = |name: &FieldName| old.reach(grantor, name).map(|e| e.access);
                let bulk = reach(&whole).filter(|_| whole != field && existed);
                // A field of activities is given where it is given of tasks and of events.
                let of_both = of_activities(&field).map(|name| reach(&name)).min().flatten();
                let of_both = of_both.filter(|_| existed);
                old.entries.access(&whole).max(aliases.get(&whole).copied()).max(bulk).max(of_both)
            };
            let alias = if own_old.is_none() { standing() } else { None };
            let before = access(was.as_ref()).max(alias);
            if let Some(exposure) = is {
                // Of several bulk grants on the way the new one opens the door.
                let all = exposure.bulks();
                let new_one = all.iter().rev().find(|b| !old.bulk.has(b));
                let cause = new_one.or(all.last()).filter(|_| bulk || !exposure.by_entry()).cloned();
                let opened = Opened { bulk: cause, exposure, before };
                if before < after {
                    self.opened.push(opened);
                } else if relicensed {
                    self.relicensed.push(opened);
                }
            }
            if let Some(exposure) = was.filter(|_| after < before)
                // What is new below a bulk grant that goes was never open.
                && (exposure.by_entry() || had(&field))
            {
                self.closed.push(Closed { after, exposure });
            }
        }
        let new_grants = new.bulk.beyond(&old.bulk);
        self.bulk_opened.extend(new_grants.into_iter().map(|grant| (grantor.clone(), grant)));
        if relicensed {
            let held = new.bulk.all().filter(|grant| old.bulk.has(&grant.bulk));
            self.bulk_relicensed.extend(held.map(|grant| (grantor.clone(), grant)));
        }
        let known = |c: &Contradiction| {
            old.contradictions.iter().any(|o| o.field == c.field && o.other.is_some() == c.other.is_some())
        };
        self.contradictions.extend(new.contradictions.iter().filter(|c| !known(c)).cloned());
    }

    /// Adds what one of several definitions comes to open while another one opened it before.
    fn compare_copies(&mut self, grantor: &Grantor, base: &Org<'_>, landing: &Org<'_>) {
        for mut pair in copies::pairs(base, landing, grantor) {
            touched::outside_fls((base, &mut pair.before), (landing, &mut pair.after));
            let mut other = Delta::default();
            other.compare_one(grantor, (base, &pair.before), (landing, &pair.after), &FieldSet::default());
            let known: HashMap<&FieldName, (Access, Option<Access>)> =
                self.opened.iter().map(|o| (&o.exposure.field, (o.exposure.access, o.before))).collect();
            let is_known = |o: &Opened| {
                let known = known.get(&o.exposure.field);
                known.is_some_and(|(access, before)| *access >= o.exposure.access && *before <= o.before)
            };
            let new: Vec<Opened> = other.opened.into_iter().filter(|o| !is_known(o)).collect();
            self.opened.extend(new);
            for (grantor, grant) in other.bulk_opened {
                if !self.bulk_opened.iter().any(|(g, b)| *g == grantor && b.bulk == grant.bulk) {
                    self.bulk_opened.push((grantor, grant));
                }
            }
        }
    }

    /// Adds what the own files of a profile stop to mention: they alone against the base.
    fn compare_omissions(
        &mut self,
        profile: &Grantor,
        (base, old): (&Org<'_>, &GrantorAccess),
        landing: &Org<'_>,
    ) {
        // Where the whole file goes, nothing is left out of it.
        let is_profile = profile.kind == GrantorKind::Profile;
        if !is_profile || landing.loses(profile) || !landing.keeps_more(profile) {
            return;
        }
        let (mut old, mut written) = (old.clone(), access_of(landing, profile, landing.files(profile)));
        touched::outside_fls((base, &mut old), (landing, &mut written));
        let mut silent = Delta::default();
        silent.compare_one(profile, (base, &old), (landing, &written), &FieldSet::default());
        let closed: HashSet<&FieldName> = self.closed.iter().map(|c| &c.exposure.field).collect();
        let omitted =
            silent.closed.into_iter().filter(|c| c.after.is_none() && !closed.contains(&c.exposure.field));
        self.omitted = omitted.map(|c| c.exposure).collect();
        self.removed.extend(removed::elements(profile, landing, &old, &written));
    }

    /// Tells every touched grantor which of these fields have no field-level security: whoever reads the object reads
    /// them.
    pub fn know_outside_fls(&mut self, base: &Org<'_>, landing: &Org<'_>, fields: &BTreeSet<FieldName>) {
        for (org, side) in [(base, &mut self.base), (landing, &mut self.landing)] {
            let outside: Vec<&FieldName> = fields.iter().filter(|field| org.outside_fls(field)).collect();
            for access in side.values_mut() {
                access.knows_outside_fls(org, outside.iter().copied());
            }
        }
    }
}

/// What entries open that call a field by another name than its definition does, by the definition's name.
fn by_alias(org: &Org<'_>, access: &GrantorAccess) -> BTreeMap<FieldName, Access> {
    let mut found = BTreeMap::new();
    for entry in access.entries.open() {
        if let (Some(whole), Some(access)) = (org.alias_of(entry.field()), entry.access()) {
            let held = found.entry(whole).or_insert(access);
            *held = access.max(*held);
        }
    }
    found
}

/// Fields that any part of the delta names: those whose labels matter.
impl Delta {
    /// Fields of opened and closed exposures, of label changes and of contradictions, each once.
    pub fn fields(&self) -> BTreeSet<FieldName> {
        // Most are opened for many grantors: each once, before they are ordered.
        let opened = self.opened.iter().map(|o| &o.exposure.field);
        let opened = opened.chain(self.counted.iter().map(|(_, field)| field));
        let opened = opened.chain(self.relicensed.iter().map(|o| &o.exposure.field));
        let closed = self.closed.iter().map(|c| &c.exposure.field);
        let labels = self.label_changes.iter().map(|l| &l.field);
        let gone = self.omitted.iter().map(|e| &e.field);
        let gone = gone.chain(self.removed.iter().flat_map(Removed::fields));
        let disputed = self.contradictions.iter().map(|c| &c.field);
        let each_once: FieldSet =
            opened.chain(closed).chain(labels).chain(gone).chain(disputed).cloned().collect();
        each_once.into_iter().collect()
    }
}
