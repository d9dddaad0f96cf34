//! One side by itself: labels, what formulas read, who holds what, access, user types, requirements (§4, §7).

use super::org::{
    Access, Duty, Enforcement, Entry, Field, FieldDef, Holder, Kind, Org, Place, Policy, SetDef, Tier,
    TierRules, UserType, object_of,
};
use super::world::union;
use std::collections::BTreeSet;

/// Every field that anything speaks of.
pub(crate) fn known_fields(org: &Org) -> BTreeSet<Field> {
    let mut out: BTreeSet<Field> = org.fields.keys().map(|(name, _)| name.clone()).collect();
    out.extend(org.exports.keys().cloned());
    let sets = org.sets.values().chain(org.profiles.values());
    out.extend(sets.flat_map(|def| def.fields.keys().cloned()));
    let formulas: Vec<Field> = out.iter().flat_map(|field| reads(org, field)).collect();
    out.extend(formulas);
    out
}

pub(crate) fn definitions<'a>(org: &'a Org, field: &str) -> Vec<&'a FieldDef> {
    let all = (field.to_owned(), Place::Main)..=(field.to_owned(), Place::Outside);
    org.fields.range(all).map(|(_, def)| def).collect()
}

/// §4: the tier of a classification, raised by each compliance group; of several definitions and an
/// export the most sensitive, with the groups of all.
pub(crate) fn own_label(org: &Org, field: &str) -> (Tier, BTreeSet<String>) {
    let labels: Vec<_> =
        definitions(org, field).into_iter().map(|def| &def.label).chain(org.exports.get(field)).collect();
    if labels.is_empty() {
        return (org.policy.unknown, BTreeSet::new());
    }
    let mut tier = Tier::Open;
    let mut groups = BTreeSet::new();
    for label in labels {
        tier = tier.max(match label.classification.as_deref() {
            None | Some("Public" | "Internal") => Tier::Open,
            Some("Confidential") => Tier::Conditional,
            Some(_) => Tier::Restricted,
        });
        for group in label.groups.iter().filter(|group| *group != "None") {
            let high = ["PCI", "HIPAA", "PHI"].contains(&group.as_str());
            tier = tier.max(if high { Tier::Restricted } else { Tier::Conditional });
            groups.insert(group.clone());
        }
    }
    (tier, groups)
}

/// The fields that a formula names, lookups followed.
pub(crate) fn reads(org: &Org, field: &str) -> BTreeSet<Field> {
    let mut out = BTreeSet::new();
    let object = object_of(field);
    for def in definitions(org, field) {
        let Kind::Formula(references) = &def.kind else { continue };
        for written in references {
            let Some((relation, name)) = written.split_once('.') else {
                out.insert(format!("{object}.{written}"));
                continue;
            };
            let Some(stem) = relation.strip_suffix("__r") else {
                out.insert(format!("{relation}.{name}"));
                continue;
            };
            let lookups = definitions(org, &format!("{object}.{stem}__c"));
            let targets = lookups.iter().filter_map(|lookup| match &lookup.kind {
                Kind::Lookup(target) => Some(format!("{target}.{name}")),
                _ => None,
            });
            let targets: BTreeSet<Field> = targets.collect();
            // "A path that still cannot be followed takes the tier of the last name's classified namesakes."
            out.extend(if targets.is_empty() { namesakes(org, name) } else { targets });
        }
    }
    out
}

/// Every field that is called so, of whatever object.
fn namesakes(org: &Org, name: &str) -> BTreeSet<Field> {
    let fields = org.fields.keys().map(|(field, _)| field).chain(org.exports.keys());
    fields.filter(|field| field.split_once('.').is_some_and(|(_, last)| last == name)).cloned().collect()
}

/// §8: "No FLS exists for universally required and master-detail custom fields, […] for fields of platform
/// events".
pub(crate) fn without_fls(org: &Org, field: &str) -> bool {
    object_of(field).ends_with("__e")
        || definitions(org, field).iter().any(|def| matches!(def.kind, Kind::Required | Kind::MasterDetail))
}

/// §7 "Access", by whatever way it comes.
pub(crate) fn access(org: &Org, def: &SetDef, field: &str) -> Access {
    if without_fls(org, field) {
        return by_object_access(org, def, field).max(match object_of(field).ends_with("__e") {
            // An entry about a field that is required today may give it, as soon as the field is optional again. Of an
            // event no org can hold one.
            false => by_field_security(org, def, field),
            true => Access::None,
        });
    }
    by_field_security(org, def, field)
}

/// The least that surely is given: of a field without FLS what its object gives.
pub(crate) fn least(org: &Org, def: &SetDef, field: &str) -> Access {
    if without_fls(org, field) {
        by_object_access(org, def, field)
    } else {
        by_field_security(org, def, field)
    }
}

/// "Formulas, roll-ups and auto-numbers: read at most."
fn is_never_edited(org: &Org, field: &str) -> bool {
    let defs = definitions(org, field);
    !defs.is_empty() && defs.iter().all(|def| def.kind.read_only())
}

fn by_object_access(org: &Org, def: &SetDef, field: &str) -> Access {
    let has = |permission: &str| def.user.get(permission) == Some(&true);
    let object = def.objects.get(object_of(field));
    let edits = has("ModifyAllData") || object.is_some_and(|o| o.edit);
    if edits && !is_never_edited(org, field) {
        Access::Edit
    } else if edits || has("ViewAllData") || object.is_some() {
        Access::Read
    } else {
        Access::None
    }
}

/// What entries and the permissions that go past field-level security give of a field.
fn by_field_security(org: &Org, def: &SetDef, field: &str) -> Access {
    let has = |permission: &str| def.user.get(permission) == Some(&true);
    let object = def.objects.get(object_of(field));
    let entry = def.fields.get(field).copied().unwrap_or(Entry { readable: false, editable: false });
    let read = entry.readable
        || entry.editable
        || object.is_some_and(|o| o.view_all_fields)
        || has("ViewAllFieldsGlobal");
    match (read, entry.editable || has("EditReadonlyFields")) {
        (false, _) => Access::None,
        (true, true) if !is_never_edited(org, field) => Access::Edit,
        (true, _) => Access::Read,
    }
}

/// Every component that grants.
pub(crate) fn holders(org: &Org) -> BTreeSet<Holder> {
    let sets = org.sets.keys().map(|(name, _)| Holder::Set(name.clone()));
    let profiles = org.profiles.keys().map(|name| Holder::Profile(name.clone()));
    sets.chain(profiles).chain(org.groups.keys().map(|name| Holder::Group(name.clone()))).collect()
}

/// The definitions of a holder; a group has one: what its members open together, less what is muted.
pub(crate) fn holdings(org: &Org, holder: &Holder) -> Vec<(Place, SetDef)> {
    match holder {
        Holder::Set(name) => {
            let all = (name.clone(), Place::Main)..=(name.clone(), Place::Outside);
            org.sets.range(all).map(|((_, place), def)| (*place, def.clone())).collect()
        }
        Holder::Profile(name) => {
            org.profiles.get(name).map(|def| (Place::Main, def.clone())).into_iter().collect()
        }
        Holder::Group(name) => {
            let Some(group) = org.groups.get(name) else { return Vec::new() };
            let members = org.sets.iter().filter(|((n, _), _)| group.members.contains(n));
            let all = members.fold(SetDef::default(), |all, (_, def)| union(&all, def));
            let muting = group.muting.clone().and_then(|m| org.mutings.get(&(m, Place::Main)));
            vec![(Place::Main, muting.map_or(all.clone(), |muting| muted(&all, muting)))]
        }
    }
}

/// Facts §1.7, §2.3: what is enabled in the muting set is off; `readable=false, editable=true` mutes edit.
fn muted(all: &SetDef, muting: &SetDef) -> SetDef {
    let mut left = all.clone();
    for (field, mute) in &muting.fields {
        if let Some(entry) = left.fields.get_mut(field) {
            entry.readable = (entry.readable || entry.editable) && !mute.readable;
            entry.editable &= !mute.readable && !mute.editable;
        }
    }
    for (object, mute) in &muting.objects {
        if let Some(entry) = left.objects.get_mut(object) {
            entry.view_all_fields &= !mute.view_all_fields;
        }
    }
    for permission in muting.user.iter().filter(|(_, enabled)| **enabled).map(|(name, _)| name) {
        left.user.remove(permission);
    }
    left
}

/// §4 "User types": by licence, the most exposed of several; a pattern of the policy "can only make more
/// exposed"; a group has the most exposed of its members.
pub(crate) fn user_type(org: &Org, holder: &Holder) -> UserType {
    let by_license = match holder {
        Holder::Group(name) => org.groups.get(name).and_then(|group| {
            let members = group.members.iter().map(|m| Holder::Set(m.clone()));
            members.filter(|m| !holdings(org, m).is_empty()).map(|m| user_type(org, &m)).max()
        }),
        _ => holdings(org, holder).iter().map(|(_, def)| license_type(def.license.as_deref())).max(),
    };
    let by_name = org.policy.patterns.iter().filter(|(_, pattern)| {
        pattern.strip_suffix('*').is_some_and(|start| holder.name().starts_with(start))
    });
    let base = by_license.unwrap_or(UserType::Internal);
    by_name.map(|(user, _)| *user).fold(base, UserType::max)
}

pub(crate) fn license_type(license: Option<&str>) -> UserType {
    match license {
        Some("Salesforce Integration") => UserType::Integration,
        Some("Customer Community") => UserType::External,
        Some("Guest User License") => UserType::Guest,
        _ => UserType::Internal,
    }
}

pub(crate) fn tier_rules(policy: &Policy, tier: Tier) -> Option<&TierRules> {
    match tier {
        Tier::Open => None,
        Tier::Conditional => Some(&policy.conditional),
        Tier::Restricted => Some(&policy.restricted),
    }
}

pub(crate) fn enforced(policy: &Policy, tier: Tier) -> bool {
    tier_rules(policy, tier).is_none_or(|rules| rules.enforcement != Enforcement::Advisory)
}

/// §7 "Requirement": "from tier and groups of the field and of all it reads, user type, kind of holder".
pub(crate) fn duty(
    policy: &Policy,
    (tier, groups): &(Tier, BTreeSet<String>),
    access: Access,
    user: UserType,
    holder: &Holder,
) -> Duty {
    if access == Access::None {
        return Duty::Nothing;
    }
    let rules = tier_rules(policy, *tier);
    let tiers = rules.map_or((Duty::Nothing, Duty::Nothing), |rules| (rules.read, rules.edit));
    let (read, edit) = policy.types.get(&(user, *tier)).copied().unwrap_or(tiers);
    let mut duty = if access == Access::Edit { read.max(edit) } else { read };
    for (read, edit) in groups.iter().filter_map(|group| policy.compliance.get(group)) {
        duty = duty.max(if access == Access::Edit { *read.max(edit) } else { *read });
    }
    if matches!(holder, Holder::Profile(_)) && rules.is_some_and(|rules| !rules.profiles) {
        duty = Duty::NotAllowed;
    }
    let hard = rules.is_some_and(|rules| rules.enforcement == Enforcement::Hard);
    if hard && duty > Duty::Nothing { Duty::NotAllowed } else { duty }
}
