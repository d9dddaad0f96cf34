//! Random orgs and random changes: a pull request is a list of operations, so that shrinking drops some.

use super::access::known_fields;
use super::change_folder::{explain, policy, reasons};
use super::org::{Entry, Field, FieldDef, Kind, ObjectEntry, Org, Place, SetDef, object_of};
use super::seed::{CLASSES, FIELDS, GROUPS, LICENSES, MUTINGS, PROFILES, REFERENCES, SETS, label};
use super::world::union;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::select;
use std::collections::BTreeSet;

/// What an operation does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    Grant,
    /// Lowers a label and grants the field in the same request.
    LowerAndGrant,
    Revoke,
    Omit,
    Relabel,
    EditFormula,
    ChangeKind,
    Retarget,
    License,
    Member,
    GroupMuting,
    Mute,
    Delete,
    DeleteField,
    Explain,
    Plant,
    Unexplain,
    AlterReason,
    Swap,
    UserPermission,
    ObjectAccess,
    Rename,
    SecondSet,
    SecondField,
    MoveMuting,
    PolicyDuty,
    PolicyOther,
    Export,
    Baseline,
    Masking,
    NewField,
    NewSet,
    Break,
    Unexpose,
}

/// One operation, with numbers that choose what it is done to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Op {
    pub(crate) what: What,
    pub(crate) a: u8,
    pub(crate) b: u8,
    pub(crate) c: u8,
}

/// Every operation, and how often it comes.
pub(crate) const OPERATIONS: [(What, usize); 34] = [
    (What::Grant, 12),
    (What::LowerAndGrant, 3),
    (What::Revoke, 4),
    (What::Omit, 6),
    (What::Relabel, 8),
    (What::EditFormula, 8),
    (What::ChangeKind, 12),
    (What::Retarget, 3),
    (What::License, 7),
    (What::Member, 5),
    (What::GroupMuting, 3),
    (What::Mute, 4),
    (What::Delete, 3),
    (What::DeleteField, 3),
    (What::Explain, 14),
    (What::Plant, 5),
    (What::Unexplain, 8),
    (What::AlterReason, 4),
    (What::Swap, 5),
    (What::UserPermission, 5),
    (What::ObjectAccess, 8),
    (What::Rename, 1),
    (What::SecondSet, 4),
    (What::SecondField, 1),
    (What::MoveMuting, 1),
    (What::PolicyDuty, 2),
    (What::PolicyOther, 2),
    (What::Export, 1),
    (What::Baseline, 1),
    (What::Masking, 3),
    (What::NewField, 4),
    (What::NewSet, 2),
    (What::Break, 2),
    (What::Unexpose, 1),
];

pub(crate) fn op() -> impl Strategy<Value = Op> {
    let bag: Vec<What> =
        OPERATIONS.iter().flat_map(|(what, weight)| std::iter::repeat_n(*what, *weight)).collect();
    (select(bag), any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(what, a, b, c)| Op { what, a, b, c })
}

/// A sequence: what comes before the first pull request, and each pull request with whether an approver
/// would approve it.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) start: Vec<Op>,
    pub(crate) requests: Vec<(Vec<Op>, bool)>,
}

pub(crate) fn history(longest: usize) -> impl Strategy<Value = History> {
    let request = (proptest::collection::vec(op(), 1..5), any::<bool>());
    let requests = proptest::collection::vec(request, 1..=longest);
    let start = proptest::collection::vec(op(), 0..25);
    (start, requests, Just(())).prop_map(|(start, requests, ())| History { start, requests })
}

pub(super) fn pick<T: Clone>(all: &[T], number: u8) -> T {
    all[usize::from(number) % all.len()].clone()
}

pub(super) fn chosen<T: Clone>(all: impl IntoIterator<Item = T>, number: u8) -> Option<T> {
    let all: Vec<T> = all.into_iter().collect();
    if all.is_empty() { None } else { Some(pick(&all, number)) }
}

/// A permission set (three of four) or a profile of the org, by number.
fn granting(org: &mut Org, number: u8) -> Option<&mut SetDef> {
    if number % 4 == 3 {
        let name = chosen(org.profiles.keys().cloned(), number / 4)?;
        return org.profiles.get_mut(&name);
    }
    let key = chosen(org.sets.keys().cloned(), number / 4)?;
    org.sets.get_mut(&key)
}

pub(super) fn any_field(org: &Org, number: u8) -> Field {
    let all: BTreeSet<Field> =
        known_fields(org).into_iter().chain(FIELDS.iter().map(|f| (*f).to_owned())).collect();
    chosen(all, number).unwrap_or_default()
}

/// The tree that a pull request proposes.
pub(crate) fn proposed(base: &Org, ops: &[Op]) -> Org {
    let mut head = base.clone();
    ops.iter().for_each(|op| apply(*op, base, &mut head));
    head
}

/// Does one operation to `head`, which began as `base`.
pub(crate) fn apply(op: Op, base: &Org, head: &mut Org) {
    match op.what {
        What::Grant
        | What::Revoke
        | What::Omit
        | What::UserPermission
        | What::ObjectAccess
        | What::License
        | What::Break => grants(op, head),
        What::Relabel
        | What::EditFormula
        | What::ChangeKind
        | What::Retarget
        | What::NewField
        | What::DeleteField
        | What::SecondField
        | What::Export => fields(op, head),
        What::Member | What::GroupMuting | What::Mute | What::MoveMuting => groups(op, head),
        What::Explain => explain(op, base, head),
        What::Plant | What::Unexplain | What::AlterReason | What::Baseline | What::Masking => {
            reasons(op, head)
        }
        What::PolicyDuty | What::PolicyOther => policy(op, head),
        What::Swap => swap(op, head),
        What::LowerAndGrant => lower_and_grant(op, head),
        What::Delete | What::Rename | What::SecondSet | What::NewSet | What::Unexpose => files(op, head),
    }
}

fn grants(op: Op, head: &mut Org) {
    let field = any_field(head, op.b);
    let number = if op.what == What::Omit { op.a | 3 } else { op.a };
    let profile = number % 4 == 3;
    let Some(def) = granting(head, number) else { return };
    match op.what {
        What::Grant => {
            let entry = Entry { readable: op.c % 16 != 15, editable: op.c.is_multiple_of(3) };
            def.fields.insert(field, entry);
        }
        What::Revoke if profile => {
            def.fields.insert(field, Entry { readable: false, editable: false });
        }
        What::Revoke => {
            def.fields.remove(&field);
        }
        What::Omit => {
            def.fields.remove(&field);
            if op.c.is_multiple_of(3) {
                def.objects.remove(object_of(&field));
                def.user.clear();
            } else if op.c % 3 == 1 {
                def.license = None;
            }
        }
        What::UserPermission => {
            let name = super::beside::BROAD[usize::from(op.b) % 4].to_owned();
            if def.user.get(&name) == Some(&true) && !profile {
                def.user.remove(&name);
            } else {
                let on = def.user.get(&name) == Some(&true);
                def.user.insert(name, !on);
            }
        }
        What::ObjectAccess => {
            let entry = def
                .objects
                .entry(object_of(&field).to_owned())
                .or_insert(ObjectEntry { edit: false, view_all_fields: false });
            entry.edit = op.c.is_multiple_of(2);
            entry.view_all_fields = op.c % 4 > 1 && !field.contains("__e");
        }
        What::License => def.license = pick(&LICENSES, op.c).map(str::to_owned),
        _ => def.broken = !profile && op.c.is_multiple_of(4),
    }
}

fn lower_and_grant(op: Op, head: &mut Org) {
    let keys = head.fields.iter().filter(|(_, def)| def.label != label("", ""));
    let Some(key) = chosen(keys.map(|(key, _)| key.clone()), op.b) else { return };
    if let Some(def) = head.fields.get_mut(&key) {
        def.label = label(pick(&["", "Internal", "Confidential"], op.c), "");
    }
    let Some(def) = granting(head, op.a) else { return };
    def.fields.insert(key.0, Entry { readable: true, editable: op.c.is_multiple_of(2) });
}

fn fields(op: Op, head: &mut Org) {
    let new = pick(&LABELS_OF, op.c);
    let key = chosen(head.fields.keys().cloned(), op.a);
    match op.what {
        What::NewField => {
            let name = format!("{}.New{}__c", pick(&["Account", "Contact", "Ledger__c"], op.a), op.b % 3);
            let kind = if op.b % 8 == 7 { Kind::Required } else { Kind::Text };
            let def = FieldDef { kind, label: label(new.0, new.1) };
            head.fields.entry((name, Place::Main)).or_insert(def);
        }
        What::Export => {
            let name = any_field(head, op.b);
            head.exports.insert(name, label(new.0, ""));
        }
        What::DeleteField => {
            key.map(|key| head.fields.remove(&key));
        }
        What::SecondField => {
            if let Some(key) = key
                && let Some(mut def) = head.fields.get(&key).cloned()
            {
                if op.b.is_multiple_of(2) {
                    def.label = label(new.0, new.1);
                }
                head.fields.insert((key.0, Place::Second), def);
            }
        }
        _ => change_field(op, head),
    }
}

const LABELS_OF: [(&str, &str); 8] = CLASSES;

fn change_field(op: Op, head: &mut Org) {
    let wanted = |def: &FieldDef| match op.what {
        What::Retarget => matches!(def.kind, Kind::Lookup(_)),
        What::EditFormula => matches!(def.kind, Kind::Formula(_)),
        What::ChangeKind => !matches!(def.kind, Kind::Lookup(_)),
        _ => true,
    };
    let keys = head
        .fields
        .iter()
        .filter(|((name, _), def)| wanted(def) && (op.what == What::Relabel || name.ends_with("__c")));
    let Some(key) = chosen(keys.map(|(key, _)| key.clone()), op.a) else { return };
    let written = pick(&REFERENCES, op.b).to_owned();
    let contact = key.0.starts_with("Contact.");
    let Some(def) = head.fields.get_mut(&key) else { return };
    match (&mut def.kind, op.what) {
        (Kind::Lookup(_), What::Relabel) => {}
        (_, What::Relabel) => {
            let (class, groups) = pick(&LABELS_OF, op.c);
            def.label = label(class, groups);
        }
        (Kind::Formula(references), What::EditFormula) => {
            if !references.remove(&written) && !key.0.ends_with(&format!(".{written}")) {
                references.insert(written);
            }
        }
        (Kind::Lookup(target), What::Retarget) => {
            *target = if target == "Account" { "Ledger__c" } else { "Account" }.to_owned();
        }
        (Kind::Lookup(_), _) => {}
        (kind, _) => {
            *kind = match op.c % 8 {
                0..=1 if contact && !key.0.ends_with(&format!(".{written}")) => {
                    Kind::Formula(BTreeSet::from([written]))
                }
                3 => Kind::AutoNumber,
                4 => Kind::Required,
                5 if key.0.starts_with("Ledger__c.") => Kind::MasterDetail,
                _ => Kind::Text,
            };
        }
    }
}

fn groups(op: Op, head: &mut Org) {
    let field = any_field(head, op.b);
    let group = chosen(head.groups.keys().cloned(), op.a);
    let muting = chosen(head.mutings.keys().cloned(), op.a);
    match op.what {
        What::Member => {
            let names: BTreeSet<String> = head.sets.keys().map(|(name, _)| name.clone()).collect();
            let (Some(group), Some(name)) = (group, chosen(names, op.b)) else { return };
            if let Some(def) = head.groups.get_mut(&group)
                && !def.members.remove(&name)
            {
                def.members.insert(name);
            }
        }
        What::GroupMuting => {
            let name = pick(&MUTINGS, op.b).to_owned();
            let there = head.mutings.contains_key(&(name.clone(), Place::Main));
            if let Some(def) = group.and_then(|group| head.groups.get_mut(&group)) {
                def.muting = if def.muting.is_none() && there { Some(name) } else { None };
            }
        }
        What::Mute => {
            let Some(def) = muting.and_then(|muting| head.mutings.get_mut(&muting)) else { return };
            if op.c % 8 == 7 {
                let name = super::beside::BROAD[usize::from(op.b) % 4].to_owned();
                def.user.remove(&name).is_none().then(|| def.user.insert(name, true));
            } else if def.fields.remove(&field).is_none() {
                def.fields.insert(field, Entry { readable: op.c.is_multiple_of(2), editable: true });
            }
        }
        _ => {
            let Some(key) = muting else { return };
            let Some(def) = head.mutings.get(&key).cloned() else { return };
            if op.b.is_multiple_of(2) {
                head.mutings.remove(&key);
            }
            head.mutings.insert((key.0, pick(&[Place::Outside, Place::Second, Place::Main], op.c)), def);
        }
    }
}

/// View All Fields in place of single grants, and back.
fn swap(op: Op, head: &mut Org) {
    let object = pick(&["Account", "Contact", "Ledger__c"], op.b).to_owned();
    let fields: Vec<Field> = known_fields(head).into_iter().filter(|f| object_of(f) == object).collect();
    let Some(def) = granting(head, op.a) else { return };
    let all = def.objects.get(&object).is_some_and(|entry| entry.view_all_fields);
    def.objects.insert(object.clone(), ObjectEntry { edit: false, view_all_fields: !all });
    for field in fields {
        if all {
            def.fields.insert(field, Entry { readable: true, editable: false });
        } else if op.c.is_multiple_of(2) {
            def.fields.remove(&field);
        }
    }
}

fn files(op: Op, head: &mut Org) {
    let key = chosen(head.sets.keys().cloned(), op.a);
    match op.what {
        What::Delete => match op.b % 8 {
            0..=2 => drop(key.map(|key| head.sets.remove(&key))),
            3 => drop(head.profiles.remove(pick(&PROFILES, op.a))),
            4 | 5 => drop(head.groups.remove(pick(&GROUPS, op.a))),
            _ => drop(head.mutings.remove(&(pick(&MUTINGS, op.a).to_owned(), Place::Main))),
        },
        What::Rename => {
            let name = pick(&SETS, op.b).to_owned();
            if let Some(key) = key.filter(|_| !head.sets.keys().any(|(n, _)| *n == name))
                && let Some(def) = head.sets.remove(&key)
            {
                head.sets.insert((name, key.1), def);
            }
        }
        What::SecondSet => {
            let Some(key) = key else { return };
            let Some(def) = head.sets.get(&key).cloned() else { return };
            if op.b.is_multiple_of(3) {
                head.sets.remove(&key);
            }
            let narrow = SetDef { license: def.license.clone(), ..SetDef::default() };
            let copy = if op.b % 3 == 1 { narrow } else { union(&def, &SetDef::default()) };
            head.sets.insert((key.0, Place::Second), copy);
        }
        What::NewSet => {
            let name = pick(&SETS, op.a).to_owned();
            let mut def = SetDef { license: pick(&LICENSES, op.c).map(str::to_owned), ..SetDef::default() };
            def.fields
                .insert(any_field(head, op.b), Entry { readable: true, editable: op.c.is_multiple_of(2) });
            if !head.sets.keys().any(|(n, _)| *n == name) {
                head.sets.insert((name, Place::Main), def);
            }
        }
        _ => {
            if let Some(def) = granting(head, op.a) {
                def.license = None;
            }
        }
    }
}
