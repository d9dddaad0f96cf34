//! What rules need to know beyond the delta, and nothing more: labels of the fields concerned, and
//! grantors that a label or a justification asks about.

use super::config::Config;
use super::names;
use crate::access::{
    self, Bulk, Delta, Exposure, Gone, GrantorAccess, LabelChange, Removed, Standing, Unreadable, declared,
    grantor_access,
};
use crate::judge::{Facts, is_for_everybody};
use crate::org::Org;
use crate::policy::{Entry, EntrySet, JUSTIFICATIONS, Masking};
use crate::rules::{Background, Deletion};
use crate::source::{Purpose, RepoPath};
use crate::tiers::{self, Classified, Known, OwnLabels, Side, Tiers};
use crate::words::{FieldMap, FieldName, FieldSet, Grantor, Tier};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The facts, and what could not be read on the way but belongs to no change.
pub(super) struct Gathered {
    pub(super) facts: Facts,
    pub(super) background: Background,
    pub(super) unreadable: Vec<Unreadable>,
}

/// Fields that everybody may have and of which no rule has anything to say, so that access to them need only be counted;
/// and what was learnt of all that the org defines.
pub(super) fn for_everybody(
    config: &Config,
    (base, landing): (&Org<'_>, &Org<'_>),
    today: Date,
) -> (FieldSet, Side) {
    landing.asks(Purpose::Labels);
    let labels = OwnLabels::new(config.said(today), base, landing);
    let side = Tiers::new(&labels).after(&landing.all_fields().into_iter().collect());
    let is_counted = |(field, of): &(&FieldName, &Classified)| {
        let is_told = side.two_labels.contains_key(*field) || side.encrypted.contains_key(*field);
        !is_told && !matches!(of.known, Known::Unknown) && is_for_everybody(&config.policy, of)
    };
    let counted = side.tiers.iter().filter(is_counted).map(|(field, _)| field.clone()).collect();
    (counted, side)
}

/// Reads what the rules need. `known` is what was learnt of fields already, as they would land.
pub(super) fn gather(
    delta: &Delta,
    config: &Config,
    deletions: &[Deletion],
    (base, landing, known): (&Org<'_>, &Org<'_>, Side),
    today: Date,
) -> Gathered {
    let (new, gone) = changed_entries(config, today);
    for org in [base, landing] {
        org.asks(Purpose::BulkGrants);
    }
    let mut unreadable = Vec::new();
    let handed = handed(delta, landing, &mut unreadable);
    let reach: BTreeMap<Grantor, Vec<Exposure>> =
        handed.iter().map(|(g, access)| (g.clone(), access::reach(landing, g, access))).collect();
    let objects = objects(delta, landing);

    let mut fields = delta.fields();
    fields.extend(objects.values().flatten().cloned());
    fields.extend(reach.values().flatten().map(|e| e.field.clone()));
    fields.extend(new.iter().chain(&gone).flat_map(|e| e.fields()));
    // An entry is asked about again where its holder, or who hands it out, changes.
    let members = touched(delta, &handed);
    let theirs = config.entries.iter().filter(|entry| members.contains(&entry.grantor));
    fields.extend(theirs.flat_map(Entry::fields));
    fields.extend(config.also.iter().cloned());
    let remasked = remasked(config);
    fields.extend(remasked.iter().cloned());
    for org in [base, landing] {
        org.asks(Purpose::Labels);
    }
    let labels = OwnLabels::new(config.said(today), base, landing);
    let copies = tiers::raising(&labels, &delta.beside.copies);
    let tiers = Tiers::new(&labels).with(copies.iter().map(|raising| raising.copy.clone()).collect());
    let written: BTreeSet<FieldName> = copies.iter().map(|raising| raising.copy.target.clone()).collect();
    fields.extend(written.iter().cloned());
    let wholes: BTreeSet<&FieldName> = delta.label_changes.iter().map(|change| &change.whole).collect();
    let written = written.into_iter().filter(|field| !wholes.contains(field)).collect::<BTreeSet<_>>();
    let unknown = fields.iter().filter(|field| !known.tiers.contains_key(*field)).cloned().collect();
    let (mut before, mut after) = (Side::default(), known);
    tiers.extend((&mut before, &fields), (&mut after, &unknown));

    // Derived fields that nobody touched take part in a change of what they read.
    landing.asks(Purpose::DerivedFields);
    // Where all of it is new, everything is judged where it is opened.
    let raised = match config.standing {
        true => BTreeSet::new(),
        false => {
            let raised = raised(delta, &before, &after).into_iter();
            raised.chain(remasked.iter().chain(&written).cloned()).collect()
        }
    };
    let (readers, problems) = access::readers(landing, &raised);
    unreadable.extend(problems);
    let touched: BTreeSet<&FieldName> = delta.label_changes.iter().map(|c| &c.field).collect();
    let readers = readers.into_iter().chain(remasked).chain(written).filter(|f| !touched.contains(f));
    let readers: BTreeSet<FieldName> = readers.collect();
    tiers.extend((&mut before, &readers), (&mut after, &readers));
    let dependents: Vec<LabelChange> = readers
        .into_iter()
        .map(|field| LabelChange {
            base: declared(base, &field),
            landing: declared(landing, &field),
            whole: landing.canonical(&field),
            field,
        })
        .collect();

    // An entry may call the field by another name than its definition does.
    let changes = || delta.label_changes.iter().chain(&dependents);
    let wholes: BTreeSet<&FieldName> = changes().map(|change| &change.whole).collect();
    let spoken = config.entries.iter().flat_map(Entry::fields);
    let relabelled: BTreeSet<FieldName> =
        spoken.filter(|field| wholes.contains(&landing.canonical(field))).collect();
    let unread: BTreeSet<FieldName> =
        relabelled.iter().filter(|field| !after.tiers.contains_key(*field)).cloned().collect();
    tiers.extend((&mut before, &unread), (&mut after, &unread));

    let mut judged = tiers.judged(delta, &before, &after);
    landing.asks(Purpose::StandingGrants);
    let asking = match config.standing {
        true => BTreeSet::new(),
        false => asking(changes(), &before, &after, &judged),
    };
    let (standing, problems) = access::standing(landing, &asking);
    unreadable.extend(problems);
    let other_names: BTreeMap<FieldName, FieldName> = standing
        .values()
        .flat_map(Standing::other_names)
        .map(|(name, label)| (name.clone(), label.clone()))
        .collect();
    names::also_called(&mut before.tiers, &other_names);
    names::also_called(&mut after.tiers, &other_names);
    names::also_called(&mut judged, &other_names);
    landing.asks(Purpose::Justifications);
    let mut named = BTreeMap::new();
    // Who holds them, and what they give, decides about entries that come or go, and about those whose field changes.
    let concerns = |entry: &&Entry| {
        members.contains(&entry.grantor) || entry.fields().iter().any(|field| relabelled.contains(field))
    };
    let named_again = config.entries.iter().filter(concerns);
    let other_groups = other_groups(delta, landing, config);
    let speaks = new.iter().chain(&gone).copied().chain(named_again).map(|entry| &entry.grantor);
    for grantor in speaks.chain(&other_groups).collect::<BTreeSet<_>>() {
        if !delta.landing.contains_key(grantor) {
            let spoken: BTreeSet<FieldName> =
                new.iter().chain(&gone).flat_map(|entry| entry.fields()).collect();
            let access = grantor_access(landing, grantor).asked_for(landing, &spoken);
            unreadable.extend(access.unreadable.iter().cloned());
            named.insert(grantor.clone(), access);
        }
    }
    let access = |grantor: &Grantor| delta.landing.get(grantor).or_else(|| named.get(grantor));
    let spoken: BTreeSet<FieldName> = gone.iter().flat_map(|entry| entry.fields()).collect();
    let holders: BTreeSet<&Grantor> = gone.iter().map(|entry| &entry.grantor).collect();
    let each_gave =
        holders.into_iter().map(|g| (g.clone(), access::each_definition(base, g, &spoken))).collect();
    let reached = reached(&gone, access, landing);
    let owners: BTreeSet<&Grantor> = config.entries.iter().map(|e| &e.grantor).collect();
    let members = delta.unknown_members.iter().map(|(_, member, _)| member);
    let nearly = names::nearly(landing, &owners.iter().copied().chain(members).collect());
    let present =
        |org: &Org<'_>| owners.iter().filter(|g| org.has_grantor(g)).map(|g| (*g).clone()).collect();
    let concerned = delta.label_changes.iter().chain(&dependents).map(|change| &change.field);
    let mut newly_shown = tiers.newly_shown(concerned, |field| judged.get(field).or(after.tiers.get(field)));
    names::also_called(&mut newly_shown, &other_names);
    let shown = delta.beside.shows.iter().flat_map(|shows| &shows.fields).map(|(field, _)| field.clone());
    let wholes = names::wholes(config, landing, &after);
    let background = Background {
        copies,
        shown: tiers.after(&shown.collect()).tiers,
        on_landing: present(landing),
        near_fields: names::near_fields(landing, delta, &after),
        unmasked: tiers.unmasked(&removed_fields(delta)),
        two_labels: after.two_labels,
        objects,
        reach,
        encrypted: after.encrypted,
        unresolved: after.unresolved,
        maskings: after.maskings.into_values().collect(),
        holders: config.holders.clone(),
        replaced: config.replaced.clone(),
        guarded: config.guarded.clone(),
        mistaken: config.undecided.iter().map(|reason| reason.path.clone()).collect(),
        ignores: config.ignores.clone(),
        baseline_grows: config.baseline_grows,
        from_then_on: Vec::new(),
        inheriting: Vec::new(),
        integrations: Vec::new(),
        deletions: deletions.to_vec(),
    };
    let facts = Facts {
        unread_justification: unread_justification(config),
        judged,
        on_base: present(base),
        base: before.tiers,
        landing: after.tiers,
        standing,
        named,
        each_gave,
        handed,
        reached,
        dependents,
        newly_shown,
        approved_elsewhere: config.approved_elsewhere.clone(),
        base_entries: config.base_entries.clone(),
        entries: config.entries.clone(),
        nearly,
        names: names::by_whole(&wholes),
        wholes,
    };
    Gathered { facts, background, unreadable }
}

/// A file of justifications that cannot be read, first of all.
fn unread_justification(config: &Config) -> Option<RepoPath> {
    let paths = config.undecided.iter().map(|reason| &reason.path);
    paths.filter(|path| path.as_str().starts_with(JUSTIFICATIONS)).min().cloned()
}

/// Justifications that come, and those that go.
pub(super) fn changed_entries(config: &Config, today: Date) -> (Vec<&Entry>, Vec<&Entry>) {
    let old: EntrySet = config.base_entries.iter().collect();
    let kept: EntrySet = config.entries.iter().collect();
    let new = config.entries.iter().filter(|entry| !old.has_no_shorter(entry)).collect();
    let gone = config.base_entries.iter().filter(|entry| !kept.has_no_longer(entry, today)).collect();
    (new, gone)
}

/// Fields whose definition goes.
fn removed_fields(delta: &Delta) -> BTreeSet<FieldName> {
    let field = |removed: &Removed| match &removed.gone {
        Gone::Field(field) => Some(field.clone()),
        _ => None,
    };
    delta.removed.iter().filter_map(field).collect()
}

/// Groups that the change leaves alone, of justified permission sets that its groups hand to other people than before:
/// these may have had them already.
fn other_groups(delta: &Delta, landing: &Org<'_>, config: &Config) -> Vec<Grantor> {
    let justified: BTreeSet<&Grantor> = config.entries.iter().map(|entry| &entry.grantor).collect();
    let differing = delta.licenses.values().filter(|held| held.base != held.landing);
    let sets = differing.flat_map(|held| held.landing.members.keys());
    let groups = access::groups_with(landing, &sets.filter(|set| justified.contains(set)).collect());
    groups.into_iter().filter(|group| !delta.licenses.contains_key(group)).collect()
}

/// Permission sets, profiles and groups that the change touches or hands out, and members of those.
fn touched<'c>(delta: &'c Delta, handed: &'c BTreeMap<Grantor, GrantorAccess>) -> BTreeSet<&'c Grantor> {
    let sides = delta.base.values().chain(delta.landing.values()).chain(handed.values());
    let members = sides.flat_map(|access| &access.members);
    let assigned = delta.assigned.iter().map(|assigned| &assigned.grantor);
    delta.licenses.keys().chain(members).chain(assigned).collect()
}

/// How grantors reach the fields of justifications which go, by whichever of their names.
fn reached<'a>(
    gone: &[&Entry],
    access: impl Fn(&Grantor) -> Option<&'a GrantorAccess>,
    landing: &Org<'_>,
) -> BTreeMap<Grantor, BTreeMap<FieldName, Exposure>> {
    let mut by_grantor: BTreeMap<&Grantor, BTreeSet<FieldName>> = BTreeMap::new();
    for entry in gone {
        by_grantor.entry(&entry.grantor).or_default().extend(entry.fields());
    }
    let reached = by_grantor.into_iter().filter_map(|(grantor, fields)| {
        let reached = access::reached_by_all_names(landing, grantor, access(grantor)?, &fields);
        Some((grantor.clone(), reached))
    });
    reached.collect()
}

/// Fields of the objects whose records the change opens.
fn objects(delta: &Delta, landing: &Org<'_>) -> BTreeMap<String, Vec<FieldName>> {
    let mut objects = BTreeMap::new();
    for (_, grant) in delta.bulk_opened.iter().chain(&delta.bulk_relicensed) {
        if let Bulk::ViewAllRecords(object) | Bulk::ModifyAllRecords(object) = &grant.bulk {
            objects.entry(object.clone()).or_insert_with(|| landing.fields_of(object));
        }
    }
    objects
}

/// Grantors that are handed out, or come to see encrypted data in the clear.
fn handed(
    delta: &Delta,
    landing: &Org<'_>,
    unreadable: &mut Vec<Unreadable>,
) -> BTreeMap<Grantor, GrantorAccess> {
    let clear = Bulk::permission(access::VIEW_ENCRYPTED_DATA);
    let gained = delta.bulk_opened.iter().chain(&delta.bulk_relicensed).filter(|(_, b)| b.bulk == clear);
    let assigned = delta.assigned.iter().map(|a| &a.grantor).filter(|g| landing.has_grantor(g));
    let mut found = BTreeMap::new();
    for grantor in gained.map(|(grantor, _)| grantor).chain(assigned) {
        if found.contains_key(grantor) {
            continue;
        }
        let access = match delta.landing.get(grantor) {
            Some(access) => access.clone(),
            None => grantor_access(landing, grantor),
        };
        unreadable.extend(access.unreadable.iter().cloned());
        found.insert(grantor.clone(), access);
    }
    found
}

/// Derived fields whose declared masking the change writes, alters or removes.
fn remasked(config: &Config) -> BTreeSet<FieldName> {
    let [base, landing] = &config.maskings;
    let says = |all: &[Masking]| all.iter().map(Masking::says).collect::<BTreeSet<_>>();
    let (were, are) = (says(base), says(landing));
    were.symmetric_difference(&are).map(|(field, ..)| field.clone()).collect()
}

/// Fields whose label comes to ask for more, and derived fields that come to show something else.
fn raised(delta: &Delta, before: &Side, after: &Side) -> BTreeSet<FieldName> {
    let rises = |field: &&FieldName| match (before.tiers.get(*field), after.tiers.get(*field)) {
        (Some(old), Some(new)) => {
            let had = |group: &String| old.label.compliance_groups.contains(group);
            new.tier > old.tier || !new.label.compliance_groups.iter().all(had)
        }
        _ => false,
    };
    let same = |c: &&LabelChange| c.base.same_derivation(&c.landing) && c.base.same_targets(&c.landing);
    let other = delta.label_changes.iter().filter(|c| !same(c));
    let rises = delta.label_changes.iter().map(|c| &c.field).filter(rises);
    rises.chain(other.map(|c| &c.field)).cloned().collect()
}

/// Fields whose label changes in a way that concerns grants which already stand.
fn asking<'c>(
    changes: impl Iterator<Item = &'c LabelChange>,
    before: &Side,
    after: &Side,
    judged: &FieldMap<Classified>,
) -> BTreeSet<FieldName> {
    let by_old_label = |field: &FieldName| judged.get(field).or(after.tiers.get(field));
    let concerns = |field: &&FieldName| match (before.tiers.get(*field), by_old_label(field)) {
        (Some(old), Some(new)) => {
            // A group may carry duties of its own, even where the tier is open.
            old.tier != new.tier || old.tier > Tier::Open || !new.label.compliance_groups.is_empty()
        }
        _ => false,
    };
    changes.map(|c| &c.field).filter(concerns).cloned().collect()
}
