//! §6: what the org holds before and after a change; labels, what a field shows, user types, access.

use super::access::{
    access, definitions, holders, holdings, known_fields, own_label, reads, tier_rules, user_type,
};
use super::org::{Access, Entry, Field, Holder, Mask, Org, Place, SetDef, Tier, UserType};
use std::collections::{BTreeMap, BTreeSet};

/// One side of a change, with the policy, exports and baseline of the base ("Policy, exported labels,
/// baseline and approvers come from the base", §5).
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub(crate) org: Org,
    /// Tier and compliance groups of every field's own label, as this side is judged with.
    pub(crate) own: BTreeMap<Field, (Tier, BTreeSet<String>)>,
    /// What each field shows of others, itself or through others, masking taken out.
    pub(crate) shows: BTreeMap<Field, BTreeSet<Field>>,
    /// The masks that count on this side.
    pub(crate) masks: BTreeSet<Mask>,
    /// What each holder says, definition by definition (see [`holdings`]).
    pub(crate) held: BTreeMap<Holder, Vec<(Place, SetDef)>>,
    /// The user type of each holder, by this side alone.
    pub(crate) users: BTreeMap<Holder, UserType>,
    labels: BTreeMap<Field, (Tier, BTreeSet<String>)>,
}

impl Side {
    pub(crate) fn new(org: Org, masks: BTreeSet<Mask>) -> Self {
        let fields = known_fields(&org);
        let own = fields.iter().map(|f| (f.clone(), own_label(&org, f))).collect();
        let held: BTreeMap<_, _> =
            holders(&org).into_iter().map(|h| (h.clone(), holdings(&org, &h))).collect();
        let users = held.keys().map(|h| (h.clone(), user_type(&org, h))).collect();
        let (shows, labels) = (BTreeMap::new(), BTreeMap::new());
        let mut side = Self { org, own, shows, masks, held, users, labels };
        side.shows = side.all_shown(&fields);
        side.labels = fields.iter().map(|f| (f.clone(), side.label_of(f))).collect();
        side
    }

    pub(crate) fn exists(&self, holder: &Holder) -> bool {
        self.held.get(holder).is_some_and(|all| !all.is_empty())
    }

    pub(crate) fn holdings(&self, holder: &Holder) -> &[(Place, SetDef)] {
        self.held.get(holder).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn user(&self, holder: &Holder) -> UserType {
        self.users.get(holder).copied().unwrap_or(UserType::Internal)
    }

    /// The widest access of a holder, over all its definitions.
    pub(crate) fn widest(&self, holder: &Holder, field: &str) -> Access {
        let all = self.holdings(holder).iter();
        all.map(|(_, def)| access(&self.org, def, field)).max().unwrap_or(Access::None)
    }

    /// "In a change that lowers a label or removes a definition, all that the change makes worse is
    /// judged with the old one": the more sensitive of both labels, the groups of both. A tier that the policy
    /// enforces less than the new one protects nothing of it.
    pub(crate) fn with_labels_of(mut self, old: &Self) -> Self {
        for (field, (tier, groups)) in &old.own {
            // The first definition of a field that nothing labelled lowers no label.
            if definitions(&old.org, field).is_empty() && !old.org.exports.contains_key(field) {
                continue;
            }
            let own = self.own.entry(field.clone()).or_insert((*tier, BTreeSet::new()));
            let enforced = |tier| tier_rules(&self.org.policy, tier).map(|rules| rules.enforcement);
            if own.0 == Tier::Open || enforced(*tier) >= enforced(own.0) {
                own.0 = own.0.max(*tier);
            }
            own.1.extend(groups.iter().cloned());
        }
        let fields: BTreeSet<Field> = self.labels.keys().chain(self.own.keys()).cloned().collect();
        self.labels = fields.iter().map(|f| (f.clone(), self.label_of(f))).collect();
        self
    }

    /// The own label of a field, also of one that nothing speaks of.
    pub(crate) fn own(&self, field: &str) -> (Tier, BTreeSet<String>) {
        self.own.get(field).cloned().unwrap_or((self.org.policy.unknown, BTreeSet::new()))
    }

    pub(crate) fn shown(&self, field: &str) -> BTreeSet<Field> {
        self.shows.get(field).cloned().unwrap_or_default()
    }

    /// "tier and groups of the field and of all it reads".
    pub(crate) fn label(&self, field: &str) -> (Tier, BTreeSet<String>) {
        self.labels.get(field).cloned().unwrap_or_else(|| self.label_of(field))
    }

    fn label_of(&self, field: &str) -> (Tier, BTreeSet<String>) {
        let (mut tier, mut groups) = self.own(field);
        for other in self.shown(field) {
            let (its, more) = self.own(&other);
            tier = tier.max(its);
            groups.extend(more);
        }
        (tier, groups)
    }

    pub(crate) fn classified(&self, field: &str) -> bool {
        self.label(field).0 > Tier::Open
    }

    /// Everything that formulas read. Masking (§7): the fields that a mask names "are taken out of what the
    /// derived field shows", with what is shown through them alone.
    fn all_shown(&self, fields: &BTreeSet<Field>) -> BTreeMap<Field, BTreeSet<Field>> {
        let mut shows = BTreeMap::new();
        for field in fields {
            let mut seen = BTreeSet::new();
            let mut done = BTreeSet::new();
            let mut open = vec![(field.clone(), self.masked(field))];
            while let Some((at, masked)) = open.pop() {
                for read in reads(&self.org, &at).difference(&masked) {
                    seen.insert(read.clone());
                    let more = masked.union(&self.masked(read)).cloned().collect();
                    if done.insert((read.clone(), masked.clone())) {
                        open.push((read.clone(), more));
                    }
                }
            }
            seen.remove(field);
            shows.insert(field.clone(), seen);
        }
        shows
    }

    /// The fields that masks of a derived field name.
    fn masked(&self, field: &str) -> BTreeSet<Field> {
        self.masks.iter().filter(|mask| mask.field == field).flat_map(|mask| mask.reads.clone()).collect()
    }
}

/// "before is the least that surely stands": the base; of muting sets that the change touches, all that
/// any definition mutes.
pub(crate) fn before(base: &Org, head: &Org) -> Org {
    let mut org = base.clone();
    org.mutings = merged_mutings(base, base, head);
    org
}

/// "after = before, overlaid with what the merge result deploys", "the most that may stand".
pub(crate) fn after(base: &Org, head: &Org) -> Org {
    let mut org = head.clone();
    org.policy = base.policy.clone();
    org.exports = base.exports.clone();
    org.baseline = base.baseline.clone();
    for (key, def) in &base.fields {
        if !head.fields.keys().any(|(name, _)| *name == key.0) {
            org.fields.insert(key.clone(), def.clone());
        }
    }
    for (key, def) in &base.sets {
        if !head.sets.keys().any(|(name, _)| *name == key.0) {
            org.sets.insert(key.clone(), def.clone());
        }
    }
    for (name, def) in &base.groups {
        org.groups.entry(name.clone()).or_insert_with(|| def.clone());
    }
    for (name, old) in &base.profiles {
        let new = org.profiles.entry(name.clone()).or_default();
        *new = overlaid(old, new);
    }
    org.mutings = merged_mutings(head, base, head);
    org
}

/// "Profiles overlay element by element (an explicit `false` revokes, silence does not)."
fn overlaid(old: &SetDef, new: &SetDef) -> SetDef {
    let mut all = old.clone();
    all.license = new.license.clone().or_else(|| old.license.clone());
    all.fields.extend(new.fields.clone());
    all.objects.extend(new.objects.clone());
    all.user.extend(new.user.clone());
    all
}

/// One definition of each muting set of `side`. "What closes counts only if all say so", and "only if it
/// surely deploys"; "a file that is the same on both sides is read the same on both".
fn merged_mutings(side: &Org, base: &Org, head: &Org) -> BTreeMap<(String, Place), SetDef> {
    let mut out = BTreeMap::new();
    for name in side.mutings.keys().map(|(name, _)| name) {
        let of = |org: &Org| -> Vec<(Place, SetDef)> {
            let all = org.mutings.iter().filter(|((n, _), _)| n == name);
            all.map(|((_, place), def)| (*place, def.clone())).collect()
        };
        let defs = of(side);
        let least = std::ptr::eq(side, base) && of(base) != of(head);
        let merged = if least {
            defs.iter().fold(SetDef::default(), |all, (_, def)| union(&all, def))
        } else if defs.iter().all(|(place, _)| *place == Place::Outside) {
            SetDef::default()
        } else {
            // One surely deploys; if another one outside deploys as well, it mutes what all of them say.
            defs.iter().skip(1).fold(defs[0].1.clone(), |all, (_, def)| common(&all, def))
        };
        out.insert((name.clone(), Place::Main), merged);
    }
    out
}

/// What either of two says.
pub(crate) fn union(a: &SetDef, b: &SetDef) -> SetDef {
    let mut all = a.clone();
    for (field, entry) in &b.fields {
        let own = all.fields.entry(field.clone()).or_insert(Entry { readable: false, editable: false });
        own.readable |= entry.readable;
        own.editable |= entry.editable;
    }
    for (object, entry) in &b.objects {
        let own = all.objects.entry(object.clone()).or_insert(*entry);
        own.edit |= entry.edit;
        own.view_all_fields |= entry.view_all_fields;
    }
    for (permission, enabled) in &b.user {
        *all.user.entry(permission.clone()).or_insert(false) |= enabled;
    }
    all
}

/// What both of two say.
pub(crate) fn common(a: &SetDef, b: &SetDef) -> SetDef {
    let mut both = SetDef::default();
    for (field, entry) in &a.fields {
        if let Some(other) = b.fields.get(field) {
            let entry = Entry {
                readable: entry.readable && other.readable,
                editable: entry.editable && other.editable,
            };
            both.fields.insert(field.clone(), entry);
        }
    }
    for (object, entry) in &a.objects {
        if let Some(other) = b.objects.get(object) {
            let mut entry = *entry;
            entry.edit &= other.edit;
            entry.view_all_fields &= other.view_all_fields;
            both.objects.insert(object.clone(), entry);
        }
    }
    for (permission, enabled) in &a.user {
        let all = *enabled && b.user.get(permission) == Some(&true);
        both.user.insert(permission.clone(), all);
    }
    both
}
