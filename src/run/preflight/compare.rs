//! One integration's needs against what its grantors open together.

use super::needs::Needs;
use super::trim;
use crate::access::{
    Bulk, Exposure, GrantorAccess, MODIFY_ALL_DATA, READ_ALL_TYPES, VIEW_ALL_DATA, VIEW_ENCRYPTED_DATA, reach,
};
use crate::gate::{Checked, Excess, Needed, Obstacle};
use crate::judge::Judge;
use crate::metadata::{StandardField, is_standard_field, is_system_field};
use crate::org::Org;
use crate::policy::{Integration, Need};
use crate::rules::Background;
use crate::run::names::meant;
use crate::source::RepoPath;
use crate::tiers::{Classified, Known};
use crate::words::{Access, FieldName, Grantor, GrantorKind, State, Tier, nearest};
use std::collections::BTreeSet;

pub(super) fn compare(
    (cx, background): (&Judge<'_>, &Background),
    org: &Org<'_>,
    integration: &Integration,
    needs: &Needs,
) -> Checked {
    let held: Vec<(&Grantor, &GrantorAccess)> =
        integration.grantors.iter().filter_map(|g| Some((g, cx.delta.landing.get(g)?))).collect();
    let names = org.grantors();
    let near = |g: &Grantor| {
        let same_kind = names.iter().filter(|other| other.kind == g.kind).map(|other| other.name());
        nearest(g.name(), same_kind).map(str::to_owned)
    };
    let absent = integration.grantors.iter().filter(|g| !cx.delta.landing.contains_key(g));
    let absent: Vec<_> = absent.map(|g| (g.clone(), near(g))).collect();
    // What is only misspelt is not made.
    let is_meant = |g: &Grantor| !absent.iter().any(|(other, near)| other == g && near.is_some());
    let rows: Vec<Needed> =
        needs.fields.values().map(|need| needed((cx, background), org, &held, need)).collect();
    let known = needs.undecided.is_empty() && !rows.iter().any(Needed::is_unknown);
    let wanted: BTreeSet<FieldName> = needs.fields.keys().map(|f| org.canonical(f)).collect();
    let mut excess: Vec<Excess> = Vec::new();
    let mut other = 0;
    // What is asked for and cannot be read may be what would be called too much.
    for (grantor, access) in held.iter().filter(|_| known) {
        for exposure in reach(org, grantor, access) {
            if wanted.contains(&org.canonical(&exposure.field)) {
                continue;
            }
            match cx.classified(&exposure.field).tier {
                Tier::Open => other += 1,
                tier => excess.push(Excess {
                    grantor: (*grantor).clone(),
                    place: exposure.place().clone(),
                    field: exposure.field,
                    tier,
                }),
            }
        }
    }
    excess.sort_by(|a, b| b.tier.cmp(&a.tier).then_with(|| a.field.cmp(&b.field)));
    let denied: BTreeSet<FieldName> =
        rows.iter().filter(|row| row.fails_a_query()).map(|row| row.field.clone()).collect();
    let is_closed = |row: &&Needed| row.problems.contains(&Obstacle::NoObjectRead);
    let closed: BTreeSet<FieldName> = rows.iter().filter(is_closed).map(|row| row.field.clone()).collect();
    let sets = integration.grantors.iter().filter(|g| g.kind == GrantorKind::PermissionSet);
    let file = sets.filter_map(|g| org.grantor(g)).find_map(|s| Some(s.parts.first()?.0.path().clone()));
    Checked {
        name: integration.name.clone(),
        grantors: integration.grantors.clone(),
        asked: needs.queries.len(),
        views_all_data: held.iter().any(|(_, access)| access.bulk.has(&Bulk::permission(VIEW_ALL_DATA))),
        queries: needs.queries.iter().filter_map(|q| trim::without(q, &denied, &closed)).collect(),
        needs: rows,
        known,
        excess,
        other_excess: other,
        new_file: integration
            .grantors
            .iter()
            .find(|g| g.kind == GrantorKind::PermissionSet && is_meant(g))
            .and_then(|g| new_file(org, g.name())),
        file,
        absent,
    }
}

/// Where a permission set of this name would lie: beside the others, or in the first package directory.
fn new_file(org: &Org<'_>, name: &str) -> Option<RepoPath> {
    const SUFFIX: &str = ".permissionset-meta.xml";
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let sets = org.grantors().into_iter().filter(|g| g.kind == GrantorKind::PermissionSet);
    let mut files = sets.filter_map(|g| org.grantor(g)).flat_map(|state| state.parts);
    let beside = files.find_map(|(file, _)| {
        let path = file.path().as_str();
        path.ends_with(SUFFIX)
            .then(|| path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/")))
    });
    let first = || {
        Some(format!(
            "{}/main/default/permissionsets/",
            org.package_directories().first()?.trim_end_matches('/')
        ))
    };
    Some(RepoPath::from(format!("{}{name}{SUFFIX}", beside.or_else(first)?).as_str()))
}

fn needed(
    (cx, background): (&Judge<'_>, &Background),
    org: &Org<'_>,
    held: &[(&Grantor, &GrantorAccess)],
    need: &Need,
) -> Needed {
    let field = &need.field;
    let classified = cx.classified(field);
    let mut problems = Vec::new();
    let opened: Vec<Exposure> =
        held.iter().filter_map(|(grantor, access)| opens(org, grantor, access, field)).collect();
    let widest = opened.iter().map(|e| e.access).max();
    let computed = org.field(field).definitions.iter().any(|d| d.field.is_computed());
    let of_system = is_system_field(field) && !field.field().eq_ignore_ascii_case("OwnerId");
    let not_editable = need.access == Access::Edit && (computed || of_system);
    // No grant makes it editable, so reading is all that one can lack.
    let wanted = if not_editable { Access::Read } else { need.access };
    let outside = outside_fls(org, field);
    if !outside && widest < Some(wanted) {
        let canonical = org.canonical(field);
        let muted = held.iter().any(|(_, access)| access.muted.contains_key(&canonical));
        problems.push(if muted { Obstacle::Muted } else { Obstacle::NoFieldAccess });
    }
    problems.extend(object_obstacles(org, held, need));
    if not_editable {
        problems.push(Obstacle::NotEditable);
    }
    let states = opened.iter().filter(|e| e.access >= wanted).map(|e| cx.stands(e, None));
    let of_policy = states.min().filter(|_| classified.tier > Tier::Open).and_then(|best| match best {
        State::Unjustified => Some(Obstacle::NotJustified),
        State::NeedsApproval => Some(Obstacle::NotApproved),
        State::NotAllowed => Some(Obstacle::NotAllowed),
        State::Allowed | State::Justified | State::Approved | State::Accepted => None,
    });
    problems.extend(of_policy);
    let clear = Bulk::permission(VIEW_ENCRYPTED_DATA);
    let unmasked = held.iter().any(|(_, access)| access.bulk.has(&clear));
    if background.encrypted.get(field).is_some_and(|e| e.masked) && !unmasked {
        problems.push(Obstacle::Masked);
    }
    if org.standard_field(field) == Some(StandardField::Missing) {
        problems = vec![Obstacle::NoSuchField];
    }
    let state = org.field(field);
    let is_unread = held.iter().any(|(_, access)| !access.unreadable.is_empty());
    if !state.unreadable.is_empty() || is_unread && problems.iter().any(|problem| problem.is_a_lack()) {
        problems = vec![Obstacle::NotKnown];
    } else if is_unheard_of(org, field, classified, !opened.is_empty()) {
        problems.push(Obstacle::NotDefined);
    }
    let meant = problems.contains(&Obstacle::NotDefined).then(|| meant(org, field)).flatten();
    // As the definition spells it, which is what belongs into a permission set.
    let spelled = org.fields_of(field.object()).into_iter().find(|name| name == field);
    let spelled = spelled.unwrap_or_else(|| field.clone());
    Needed {
        entry: entry(org, &spelled),
        field: spelled,
        access: need.access,
        tier: classified.tier,
        asked: need.place.clone(),
        problems,
        can_read: outside || widest.is_some(),
        meant: meant.map(|field| field.to_string()),
    }
}

/// Whether nothing says that there is such a field: no file, no export of labels, no permission set of the integration, and of
/// a standard field no list.
fn is_unheard_of(org: &Org<'_>, field: &FieldName, classified: &Classified, is_open: bool) -> bool {
    if field.is_custom() {
        return org.field(field).definitions.is_empty();
    }
    let unknown = !is_open && matches!(classified.known, Known::Unknown);
    unknown && (is_standard_field(field) == Some(false) || meant(org, field).is_some())
}

/// The field that a permission set names to give access to another one, which may be a part of an address. Fields of tasks
/// and events are named by their own objects.
fn entry(org: &Org<'_>, field: &FieldName) -> Option<FieldName> {
    if org.standard_field(field) == Some(StandardField::Unsure) {
        return None;
    }
    let whole = org.canonical(field);
    let of_activity = whole.object().eq_ignore_ascii_case("Activity");
    Some(if of_activity { field.clone() } else { whole })
}

/// How a grantor opens a field, under whichever of its names.
fn opens(org: &Org<'_>, grantor: &Grantor, access: &GrantorAccess, field: &FieldName) -> Option<Exposure> {
    let canonical = org.canonical(field);
    let own = access.reach(grantor, field).or_else(|| access.reach(grantor, &canonical));
    own.or_else(|| {
        let alias =
            access.entries.open().map(|entry| entry.field()).find(|name| org.canonical(name) == canonical)?;
        access.reach(grantor, alias)
    })
}

/// What of the object is not open that the need asks for.
fn object_obstacles(org: &Org<'_>, held: &[(&Grantor, &GrantorAccess)], need: &Need) -> Vec<Obstacle> {
    let any = |bulks: &[Bulk]| held.iter().any(|(_, access)| bulks.iter().any(|bulk| access.bulk.has(bulk)));
    let name = org.local(need.field.object());
    let object = || name.to_ascii_lowercase();
    let [view, modify] = [VIEW_ALL_DATA, MODIFY_ALL_DATA].map(Bulk::permission);
    // That View All Data reads types as well is not documented.
    if org.is_type(name) {
        let [settings, customize] = READ_ALL_TYPES.map(Bulk::permission);
        let open = any(&[Bulk::ReadType(object()), settings, customize]);
        return if open { Vec::new() } else { vec![Obstacle::NoTypeAccess] };
    }
    if !org.has_object_permissions(name) {
        return Vec::new();
    }
    let mut found = Vec::new();
    if !any(&[Bulk::ReadObject(object()), view, modify.clone()]) {
        found.push(Obstacle::NoObjectRead);
    }
    if need.access == Access::Edit && !any(&[Bulk::EditObject(object()), modify]) {
        found.push(Obstacle::NoObjectEdit);
    }
    found
}

/// Whether reading the object is enough. `Name` has field-level security on some objects only, and on those
/// the table or entries say so.
pub(super) fn outside_fls(org: &Org<'_>, field: &FieldName) -> bool {
    let has = org.standard_field(field) == Some(StandardField::WithFls);
    org.outside_fls(field) || (field.field().eq_ignore_ascii_case("Name") && !has)
}

/// The access in words of an entry.
pub(super) fn editable(access: Access) -> bool {
    access == Access::Edit
}
