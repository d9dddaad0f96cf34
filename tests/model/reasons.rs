//! §7 "Justifications and approvals" and "Masking".

use super::access::{definitions, enforced, holders, reads};
use super::beside::Ask;
use super::judge::{Change, newly_shows, stakes};
use super::org::{Access, Duty, Field, FieldDef, Holder, Kind, Mask, Org, Place, Reason, Tier, object_of};
use super::world::Side;
use std::collections::{BTreeMap, BTreeSet};

/// Whether an entry speaks for this access: the same holder, the field or a pattern whose
/// `reviewed_fields` names it, the same or wider access, not expired.
pub(crate) fn covers(reason: &Reason, holder: &Holder, field: &str, access: Access) -> bool {
    reason.holder == *holder
        && reason.access >= access
        && reason.expires > 0
        && fields_of(reason).contains(field)
}

pub(crate) fn fields_of(reason: &Reason) -> BTreeSet<Field> {
    if reason.field.ends_with(".*") {
        reason.reviewed.clone()
    } else {
        BTreeSet::from([reason.field.clone()])
    }
}

/// "the entry stands there word for word", but "`owner`, `ticket` and an earlier `expires` may change
/// without a new approval".
pub(crate) fn same_entry(old: &Reason, new: &Reason) -> bool {
    old.holder == new.holder
        && old.field == new.field
        && old.reviewed == new.reviewed
        && old.access == new.access
        && old.reason == new.reason
        && new.expires <= old.expires
}

/// "Each entry that the change can touch, used or not, and by the access written in it: if the result asks
/// for an approval of it, it needs one, unless the base asked for one too, and blocked without it […], the
/// entry stands there word for word, its component is there, and neither tier, requirement, user type (of
/// the holder, and of groups through any member) nor fields read have grown; for an entry that allows more
/// than the base gives, nor the groups and policies that hand the holder out."
pub(crate) fn entry_approved(change: &Change, reason: &Reason, field: &str) -> bool {
    let (before, after) = (&change.before, &change.after);
    let holder = &reason.holder;
    let old = stakes(before, holder, reason.access, field, before.user(holder));
    let now = stakes(after, holder, reason.access, field, change.user_after(holder));
    let stood = change.base.reasons.iter().any(|r| r.expires > 0 && same_entry(r, reason));
    let asked = old.duty == Duty::Approval && enforced(&before.org.policy, old.tier);
    let grown = now.tier > old.tier
        || now.duty > old.duty
        || now.user > old.user
        || newly_shows(change, field)
        || handed_to_more_exposed(change, holder);
    let ahead = reason.access > before.widest(holder, field);
    let (had, has) = (groups_with(&before.org, holder), groups_with(&after.org, holder));
    let mutes_less = |group: &String| mutes(&after.org, group, field) < mutes(&before.org, group, field);
    let handed_on = !has.is_subset(&had) || has.iter().any(mutes_less);
    stood && asked && before.exists(holder) && !grown && !(ahead && handed_on)
}

/// The groups that hand a permission set out.
fn groups_with(org: &Org, holder: &Holder) -> BTreeSet<String> {
    let Holder::Set(name) = holder else { return BTreeSet::new() };
    org.groups
        .iter()
        .filter(|(_, group)| group.members.contains(name))
        .map(|(group, _)| group.clone())
        .collect()
}

/// What a group takes away of a field: nothing, edit access alone, all of it.
fn mutes(org: &Org, group: &str, field: &str) -> (bool, bool) {
    let muting = org.groups.get(group).and_then(|group| group.muting.clone());
    let muting = muting.and_then(|name| org.mutings.get(&(name, Place::Main)));
    let entry = muting.and_then(|muting| muting.fields.get(field));
    entry.map_or((false, false), |entry| (entry.readable, entry.readable || entry.editable))
}

/// "user type (… and of groups through any member)": the most exposed of the groups that hold it.
fn handed_to_more_exposed(change: &Change, holder: &Holder) -> bool {
    let most = |groups: BTreeSet<String>, of: &dyn Fn(&Holder) -> super::org::UserType| {
        groups.into_iter().map(|name| of(&Holder::Group(name))).max()
    };
    let was = most(groups_with(&change.before.org, holder), &|group| change.before.user(group));
    let is = most(groups_with(&change.after.org, holder), &|group| change.user_after(group));
    let own = change.user_after(holder);
    is.is_some_and(|is| is > was.unwrap_or(own).max(change.before.user(holder)))
}

/// The entries that block for the lack of an approval, whether a pair needs them or not. "An entry that the
/// policy denies, or whose permission set does not exist, is a warning."
pub(crate) fn asked_entries(change: &Change) -> Vec<Ask> {
    let mut out = Vec::new();
    for reason in change.head.reasons.iter().filter(|reason| reason.expires > 0) {
        for field in fields_of(reason) {
            if !holders(&change.head).contains(&reason.holder) {
                continue;
            }
            let user = change.user_after(&reason.holder);
            let now = stakes(&change.after, &reason.holder, reason.access, &field, user);
            let asks = now.duty == Duty::Approval && enforced(&change.after.org.policy, now.tier);
            if asks && !entry_approved(change, reason, &field) {
                out.push(Ask::new("entry", format!("{:?} {field}", reason.holder)));
            }
        }
    }
    out
}

/// The text of a formula, and of each formula and lookup on the way. What else defines a field has no text.
fn chain(org: &Org, field: &str) -> BTreeMap<Field, Vec<FieldDef>> {
    let mut out = BTreeMap::new();
    let mut open = vec![field.to_owned()];
    while let Some(next) = open.pop() {
        let derived = |def: &FieldDef| matches!(def.kind, Kind::Formula(_) | Kind::Lookup(_));
        let defs: Vec<FieldDef> =
            definitions(org, &next).into_iter().filter(|def| derived(def)).cloned().collect();
        if defs.is_empty() || out.contains_key(&next) {
            continue;
        }
        open.extend(reads(org, &next));
        for def in &defs {
            let Kind::Formula(references) = &def.kind else { continue };
            let relations = references.iter().filter_map(|written| written.split_once("__r."));
            open.extend(relations.map(|(stem, _)| format!("{}.{stem}__c", object_of(&next))));
        }
        let kinds = defs.into_iter().map(|def| FieldDef { kind: def.kind, label: Default::default() });
        out.insert(next, kinds.collect());
    }
    out
}

/// Whether a mask was approved when it landed, for the same stakes: it is on the base, the base asked (one
/// of its fields was classified), no formula or lookup on the way changed, and no label of a field that it
/// names rose.
fn mask_approved(base: &Org, after: &Org, old: &Side, new: &Side, mask: &Mask) -> bool {
    // What another mask hides of a field that this one names was asked about all the same.
    let old = &Side::new(old.org.clone(), BTreeSet::new());
    let tiers = |side: &Side| -> Vec<_> { mask.reads.iter().map(|field| side.label(field)).collect() };
    let asked =
        mask.reads.iter().any(|field| old.classified(field) && enforced(&old.org.policy, old.label(field).0));
    let (was, is) = (tiers(old), tiers(new));
    let grown = was.iter().zip(&is).any(|(was, is)| is.0 > was.0 || !is.1.is_subset(&was.1));
    let same = base.masks.contains(mask) && !grown && chain(base, &mask.field) == chain(after, &mask.field);
    // Where the tier is advisory nobody is asked, and what is the same on both sides is read the same on both.
    same && (asked || !enforced(&new.org.policy, is.iter().map(|label| label.0).max().unwrap_or(Tier::Open)))
}

/// The masks of the result that count: approved when they landed, by this approval, or not in need of one.
pub(crate) fn counting_masks(base: &Org, after: &Org, old: &Side, approved: bool) -> BTreeSet<Mask> {
    let plain = Side::new(after.clone(), BTreeSet::new()).with_labels_of(old);
    let counts =
        |mask: &&Mask| approved || !mask_asks(&plain, mask) || mask_approved(base, after, old, &plain, mask);
    after.masks.iter().filter(counts).cloned().collect()
}

/// A mask asks for an approval if it hides something classified of a derived field.
fn mask_asks(side: &Side, mask: &Mask) -> bool {
    let derived = definitions(&side.org, &mask.field).iter().any(|def| matches!(def.kind, Kind::Formula(_)));
    derived && mask.reads.iter().any(|field| side.label(field).0 > Tier::Open)
}

pub(crate) fn asked_masks(change: &Change) -> Vec<Ask> {
    let plain = Side::new(change.after.org.clone(), BTreeSet::new()).with_labels_of(&change.before);
    let open = change.head.masks.iter().filter(|mask| {
        let tier = mask.reads.iter().map(|field| plain.label(field).0).max().unwrap_or(Tier::Open);
        mask_asks(&plain, mask)
            && enforced(&change.after.org.policy, tier)
            && !mask_approved(&change.base, &change.after.org, &change.before, &plain, mask)
    });
    open.map(|mask| Ask::new("masking", mask.field.clone())).collect()
}
