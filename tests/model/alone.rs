//! §6: "Several definitions of one component: each is compared with the one it was […]; a pair is worse if it is worse
//! in one." For each definition of a permission set or field that a change alters: both sides without what the other
//! definitions of it say. Labels are those of all definitions.

use super::org::{Field, FieldDef, Kind, Org, Place};
use std::collections::BTreeMap;

/// Both sides for each definition by itself.
pub(crate) fn alone(base: &Org, head: &Org) -> Vec<(Org, Org)> {
    let mut out = Vec::new();
    for (own, places) in compared(&base.sets, &head.sets) {
        let sides = [base, head].map(|side| {
            let mut side = side.clone();
            side.sets.retain(|(name, at), _| *name != own || places.contains(at));
            side
        });
        out.push(sides.into());
    }
    for (own, places) in compared(&base.fields, &head.fields) {
        let is_own = |name: &Field, at: &Place| *name == own && places.contains(at);
        let all = [base, head].into_iter().flat_map(|side| &side.fields);
        let leads = all
            .filter(|((name, at), _)| is_own(name, at))
            .any(|(_, def)| matches!(def.kind, Kind::Lookup(_)));
        out.push([base, head].map(|side| without_others(side, &own, &places, leads)).into());
    }
    out
}

fn without_others(side: &Org, own: &Field, places: &[Place], leads: bool) -> Org {
    let of_own = |((name, at), _): &(&(Field, Place), &FieldDef)| name == own && places.contains(at);
    let never_edited = side.fields.iter().find(of_own).is_some_and(|(_, def)| def.kind.read_only());
    let mut side = side.clone();
    for ((name, at), def) in &mut side.fields {
        // A path through a lookup can be followed, unless the definition itself leads somewhere.
        if name == own && !places.contains(at) && (leads || !matches!(def.kind, Kind::Lookup(_))) {
            def.kind = if never_edited { Kind::AutoNumber } else { Kind::Text };
        }
    }
    side
}

/// Of each component with several definitions the places of one that is altered: where it is, and was.
fn compared<D: PartialEq>(
    base: &BTreeMap<(String, Place), D>,
    head: &BTreeMap<(String, Place), D>,
) -> Vec<(String, Vec<Place>)> {
    let mut out = Vec::new();
    for ((name, at), now) in head {
        let places = |side: &BTreeMap<(String, Place), D>| -> Vec<Place> {
            side.keys().filter(|(other, _)| other == name).map(|(_, at)| *at).collect()
        };
        let (old, new) = (places(base), places(head));
        if old.len().max(new.len()) < 2 {
            continue;
        }
        let gone: Vec<Place> = old.iter().copied().filter(|at| !new.contains(at)).collect();
        let was = base.get(&(name.clone(), *at));
        match was {
            Some(was) if was != now => out.push((name.clone(), vec![*at])),
            None if !gone.is_empty() => out.push((name.clone(), gone.into_iter().chain([*at]).collect())),
            _ => {}
        }
    }
    out
}
