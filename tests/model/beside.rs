//! §7 "Beside the pairs, never instead of them, some changes ask for an approval by themselves […] (a closed
//! list)".

use super::access::{
    access, definitions, enforced, holders, holdings, known_fields, license_type, without_fls,
};
use super::judge::{Change, newly_shows};
use super::org::{Field, Holder, Org, Policy, SetDef, Tier, UserType};
use super::world::{Side, union};
use std::collections::BTreeSet;

/// The user permissions that reach far beyond one field.
pub(crate) const BROAD: [&str; 4] =
    ["EditReadonlyFields", "ModifyAllData", "ViewAllData", "ViewAllFieldsGlobal"];

/// Something that an approval settles, and nothing else.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Ask {
    pub(crate) what: &'static str,
    pub(crate) of: String,
}

impl Ask {
    pub(crate) fn new(what: &'static str, of: String) -> Self {
        Self { what, of }
    }
}

/// The closed list, item by item.
pub(crate) fn beside(change: &Change) -> Vec<Ask> {
    let policy = &change.base.policy;
    let mut out = Vec::new();
    if !lowered(policy, "label-lowered") {
        out.extend(labels_lowered(change));
    }
    out.extend(fields_removed(change));
    out.extend(holders_removed(change));
    out.extend(profile_elements_removed(change));
    if !lowered(policy, "field-leaves-fls") {
        out.extend(left_fls(change));
    }
    out.extend(types_fallen(change));
    out.extend(formulas(change));
    if !lowered(policy, "broad-system-permission") {
        out.extend(broad(change));
    }
    let (base, head) = (&change.base, &change.head);
    if base.policy != head.policy || base.exports != head.exports || base.baseline != head.baseline {
        out.push(Ask::new("policy", String::new()));
    }
    out
}

fn lowered(policy: &Policy, rule: &str) -> bool {
    policy.severities.get(rule).is_some_and(|severity| severity != "error")
}

/// The labels that the tree of `head` leaves, exports of the base included.
fn left(change: &Change) -> Side {
    let mut org = change.head.clone();
    org.policy = change.base.policy.clone();
    org.exports = change.base.exports.clone();
    Side::new(org, BTreeSet::new())
}

/// "a label lowered or lost": the field stays defined, and its own tier falls or a group of it goes that
/// asks for something.
fn labels_lowered(change: &Change) -> Vec<Ask> {
    let mut out = Vec::new();
    let (policy, after) = (&change.base.policy, left(change));
    for field in known_fields(&change.base) {
        let defined = |org: &Org| !definitions(org, &field).is_empty();
        if !defined(&change.base) || !defined(&change.head) {
            continue;
        }
        let (was, groups) = change.before.own(&field);
        let (is, left) = after.own(&field);
        let lost = groups.difference(&left).any(|group| policy.compliance.contains_key(group));
        if (is < was || lost) && enforced(policy, was) {
            out.push(Ask::new("label lowered", field));
        }
    }
    out
}

/// "the definition of a classified field (by its own label or by what it reads)" goes: what it *reads*, so
/// masking does not help, since the mask can go later.
fn fields_removed(change: &Change) -> Vec<Ask> {
    let plain = Side::new(change.before.org.clone(), BTreeSet::new());
    let gone = known_fields(&change.base).into_iter().filter(|field| {
        !definitions(&change.base, field).is_empty()
            && definitions(&change.head, field).is_empty()
            && classified(&plain, field)
    });
    gone.map(|field| Ask::new("definition removed", field)).collect()
}

/// Classified in a tier that the policy enforces.
fn classified(side: &Side, field: &str) -> bool {
    let tier = side.label(field).0;
    tier > Tier::Open && enforced(&side.org.policy, tier)
}

/// "the file of a permission set, profile or group that gives classified access (a group asked without its
/// muting sets; View All Fields, Global too, and Edit Read Only Fields count)". Of several definitions one
/// that goes counts as far as what it gave is given by none that stays. A label that the same change raises counts: nobody
/// would be asked later.
fn holders_removed(change: &Change) -> Vec<Ask> {
    let mut out = Vec::new();
    for holder in holders(&change.base) {
        let left = holdings(&change.head, &holder);
        let mut gone = holdings(&change.base, &holder);
        if let Holder::Group(name) = &holder {
            if change.head.groups.contains_key(name) {
                continue;
            }
            gone = vec![(gone[0].0, unmuted(&change.base, name))];
        }
        // One definition that lies somewhere else now has moved.
        let moved = gone.len() == 1 && left.iter().any(|(at, _)| *at != super::org::Place::Outside);
        gone.retain(|(place, _)| !moved && !left.iter().any(|(at, _)| at == place));
        // Whose file goes, of that the repository forgets who can hold it.
        let lost = !gone.is_empty() && left.iter().all(|(at, _)| *at == super::org::Place::Outside);
        let outsiders = lost && change.before.user(&holder) >= UserType::External;
        if outsiders || gone.iter().any(|(_, def)| gives_more(change, def, &left)) {
            out.push(Ask::new("file removed", format!("{holder:?}")));
        }
    }
    out
}

pub(crate) fn unmuted(org: &Org, group: &str) -> SetDef {
    let mut org = org.clone();
    org.mutings.clear();
    let holder = Holder::Group(group.to_owned());
    holdings(&org, &holder).into_iter().next().map(|(_, def)| def).unwrap_or_default()
}

fn gives_more(change: &Change, gone: &SetDef, left: &[(super::org::Place, SetDef)]) -> bool {
    let org = &change.before.org;
    let rest = left.iter().fold(SetDef::default(), |all, (_, def)| union(&all, def));
    let fields = known_fields(org).into_iter().any(|field| {
        let classified = classified(&change.before, &field) || classified(&change.after, &field);
        classified && access(org, gone, &field) > access(org, &rest, &field)
    });
    let growing = growing(gone);
    fields || growing.difference(&self::growing(&rest)).next().is_some()
}

/// What opens fields that do not exist yet: View All Fields, Global too, and Edit Read Only Fields.
fn growing(def: &SetDef) -> BTreeSet<String> {
    let objects = def.objects.iter().filter(|(_, entry)| entry.view_all_fields).map(|(name, _)| name.clone());
    let user = def.user.iter().filter(|(name, on)| **on && !name.ends_with("AllData"));
    objects.chain(user.map(|(name, _)| name.clone())).collect()
}

/// "of a profile an omitted element that grows by itself (these three) or tells its user type".
fn profile_elements_removed(change: &Change) -> Vec<Ask> {
    let mut out = Vec::new();
    for (name, old) in &change.base.profiles {
        let Some(new) = change.head.profiles.get(name) else { continue };
        let silent = growing(old)
            .into_iter()
            .any(|element| !new.objects.contains_key(&element) && !new.user.contains_key(&element));
        let typed = license_type(old.license.as_deref()) != UserType::Internal && new.license.is_none();
        if silent || typed {
            out.push(Ask::new("profile element removed", name.clone()));
        }
    }
    out
}

/// "a classified field that comes to be without FLS (new, changed or labelled there)".
fn left_fls(change: &Change) -> Vec<Ask> {
    let open = |side: &Side, field: &Field| without_fls(&side.org, field) && classified(side, field);
    let known =
        |org: &Org, field: &Field| !definitions(org, field).is_empty() || org.exports.contains_key(field);
    let fields = known_fields(&change.head).into_iter().filter(|field| {
        known(&change.after.org, field)
            && open(&change.after, field)
            && !(open(&change.before, field) && known(&change.before.org, field))
    });
    fields.map(|field| Ask::new("without field-level security", field)).collect()
}

/// "a user type that falls from guest, external or agent".
fn types_fallen(change: &Change) -> Vec<Ask> {
    let mut out = Vec::new();
    for holder in holders(&change.base).into_iter().filter(|holder| holders(&change.head).contains(holder)) {
        let was = change.before.user(&holder);
        if was >= UserType::External && change.after.user(&holder) < was {
            out.push(Ask::new("user type falls", format!("{holder:?}")));
        }
    }
    out
}

/// "an existing formula, roll-up or lookup that newly shows a classified field".
fn formulas(change: &Change) -> Vec<Ask> {
    let fields = known_fields(&change.base).into_iter().filter(|field| {
        let tier = change.after.label(field).0;
        let existing = !definitions(&change.base, field).is_empty();
        existing && newly_shows(change, field) && enforced(&change.base.policy, tier)
    });
    fields.map(|field| Ask::new("formula shows more", field)).collect()
}

/// "a broad user permission gained (or its holder more exposed)". A group gains what its members gain;
/// that is told at the member where it was one before.
fn broad(change: &Change) -> Vec<Ask> {
    let mut out = Vec::new();
    for holder in holders(&change.head) {
        for permission in BROAD {
            if worse_broad(change, &holder, permission) && !broad_at_member(change, &holder, permission) {
                out.push(Ask::new("broad permission", format!("{holder:?} {permission}")));
            }
        }
    }
    out
}

fn has(side: &Side, holder: &Holder, permission: &str) -> bool {
    side.holdings(holder).iter().any(|(_, def)| def.user.get(permission) == Some(&true))
}

/// "each [definition] is compared with the one it was (a new one with the widest that was there)".
fn gains(change: &Change, holder: &Holder, permission: &str) -> bool {
    let old = change.before.holdings(holder);
    let had = |place| {
        let same = old.iter().find(|(at, _)| *at == place);
        same.map_or_else(
            || has(&change.before, holder, permission),
            |(_, def)| def.user.get(permission) == Some(&true),
        )
    };
    let gives = |def: &SetDef| def.user.get(permission) == Some(&true);
    change.after.holdings(holder).iter().any(|(place, def)| gives(def) && !had(*place))
}

fn worse_broad(change: &Change, holder: &Holder, permission: &str) -> bool {
    let before = &change.before;
    let exposed = before.exists(holder) && change.user_after(holder) > before.user(holder);
    has(&change.after, holder, permission) && (gains(change, holder, permission) || exposed)
}

fn broad_at_member(change: &Change, holder: &Holder, permission: &str) -> bool {
    let Holder::Group(name) = holder else { return false };
    let Some(was) = change.base.groups.get(name) else { return false };
    let Some(is) = change.after.org.groups.get(name) else { return false };
    was.members.intersection(&is.members).map(|m| Holder::Set(m.clone())).any(|member| {
        change.before.exists(&member)
            && worse_broad(change, &member, permission)
            && change.user_after(holder) <= change.user_after(&member)
    })
}
