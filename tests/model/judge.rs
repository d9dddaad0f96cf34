//! §7 "One judgement", sentence by sentence, without any thought of speed.

use super::access::{access, definitions, duty, enforced, holders, known_fields, least, without_fls};
use super::alone::alone;
use super::beside::{Ask, beside};
use super::org::{Access, Duty, Field, Holder, Org, Tier, UserType, object_of};
use super::reasons::{asked_entries, asked_masks, counting_masks, covers, entry_approved, same_entry};
use super::world::{Side, after, before, common, union};
use std::collections::{BTreeMap, BTreeSet};

/// Both sides of a change, and whether an approver has approved it.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) base: Org,
    pub(crate) head: Org,
    pub(crate) before: Side,
    /// After the merge, judged with the old labels where they were lowered.
    pub(crate) after: Side,
    pub(crate) approved: bool,
}

/// "How a pair stands", best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum State {
    Allowed,
    Justified,
    JustifiedAndApproved,
    AcceptedByBaseline,
    NeedsApproval,
    Unjustified,
    NotAllowed,
}

/// What decides about a pair on one side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stakes {
    pub(crate) access: Access,
    pub(crate) duty: Duty,
    pub(crate) tier: Tier,
    pub(crate) user: UserType,
    /// The classified fields that the field shows.
    pub(crate) shows: BTreeSet<Field>,
}

/// A pair that got worse.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) holder: Holder,
    pub(crate) field: Field,
    /// The rules of §7, 1 to 5, that made it worse.
    pub(crate) rules: BTreeSet<u8>,
    pub(crate) state: State,
    pub(crate) cause: &'static str,
    /// Whether the policy enforces it ("as far as the policy enforces it").
    pub(crate) enforced: bool,
    /// Whether anything defines or labels the field.
    pub(crate) defined: bool,
}

impl Pair {
    /// "A change that leaves a worse pair in one of the last three blocks".
    pub(crate) fn open(&self) -> bool {
        self.enforced && self.state >= State::NeedsApproval
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Outcome {
    Passed,
    Waiting,
    Blocked,
    Undecided,
}

/// All that the model says of a change.
#[derive(Debug)]
pub(crate) struct Judgement {
    pub(crate) outcome: Outcome,
    /// The worse pairs, judged without an approval.
    pub(crate) worse: Vec<Pair>,
    /// The worse pairs once an approval counts, also of a mask, and whether they stay open.
    pub(crate) when_approved: BTreeMap<(Holder, Field), bool>,
    pub(crate) asks: Vec<Ask>,
}

/// `Waiting` "= all that blocks lacks only an approval": with one, nothing blocks.
pub(crate) fn judge(base: &Org, head: &Org) -> Judgement {
    let mut all = taken_together(base, head);
    for (base, head) in alone(base, head) {
        let one = taken_together(&base, &head);
        for pair in one.worse {
            let same = |other: &&mut Pair| (&other.holder, &other.field) == (&pair.holder, &pair.field);
            match all.worse.iter_mut().find(same) {
                Some(other) if other.state < pair.state => *other = pair,
                Some(_) => {}
                None => all.worse.push(pair),
            }
        }
        for (key, open) in one.when_approved {
            *all.when_approved.entry(key).or_insert(false) |= open;
        }
        // Labels, and what goes, are those of all definitions.
        let of_one = ["formula shows more", "without field-level security", "entry", "masking"];
        all.asks.extend(one.asks.into_iter().filter(|ask| of_one.contains(&ask.what)));
    }
    all.outcome = if unreadable(base, head) {
        Outcome::Undecided
    } else if all.asks.is_empty() && !all.worse.iter().any(Pair::open) {
        Outcome::Passed
    } else if all.when_approved.values().any(|open| *open) {
        Outcome::Blocked
    } else {
        Outcome::Waiting
    };
    all
}

/// All definitions of a component together.
fn taken_together(base: &Org, head: &Org) -> Judgement {
    let change = Change::new(base, head, false);
    let worse = worse_pairs(&change);
    let mut asks = beside(&change);
    asks.extend(asked_entries(&change));
    asks.extend(asked_masks(&change));
    let approved = worse_pairs(&Change::new(base, head, true)).into_iter();
    let when_approved: BTreeMap<_, _> =
        approved.map(|pair| ((pair.holder.clone(), pair.field.clone()), pair.open())).collect();
    Judgement { outcome: Outcome::Passed, worse, when_approved, asks }
}

/// §2: "Whatever is not known counts as the worst it could be, or the run is undecided".
fn unreadable(base: &Org, head: &Org) -> bool {
    let broken = |org: &Org| org.sets.values().any(|def| def.broken);
    broken(base) || broken(head)
}

impl Change {
    pub(crate) fn new(base: &Org, head: &Org, approved: bool) -> Self {
        let old = Side::new(before(base, head), base.masks.clone());
        let merged = after(base, head);
        let masks = counting_masks(base, &merged, &old, approved);
        let new = Side::new(merged, masks).with_labels_of(&old);
        Self { base: base.clone(), head: head.clone(), before: old, after: new, approved }
    }

    /// "After a change the type is the more exposed of both sides (assignments outlive a licence)."
    pub(crate) fn user_after(&self, holder: &Holder) -> UserType {
        let new = self.after.user(holder);
        if self.before.exists(holder) { new.max(self.before.user(holder)) } else { new }
    }

    /// "a custom field that the base does not define […] is new to everybody, also to View All Fields". Stricter than the
    /// sentence, which excepts fields that an entry of the base names: nobody has judged whom else such a field reaches.
    fn new_field(&self, field: &str) -> bool {
        let defined = |org: &Org| !definitions(org, field).is_empty();
        let told = |org: &Org| {
            let mut defs = org.sets.values().chain(org.profiles.values());
            defs.any(|def| def.fields.contains_key(field)) || defined(org)
        };
        let (base, after) = (&self.base, &self.after.org);
        let new = told(after) && !told(base) || defined(after) && !defined(base);
        new && field.ends_with("__c") && !base.exports.contains_key(field)
    }

    /// "[…] except to a pair whose own readable entry the base has".
    fn new_to(&self, def: &super::org::SetDef, field: &str) -> bool {
        let own = def.fields.get(field).is_some_and(|entry| entry.readable || entry.editable);
        self.new_field(field) && !own
    }

    fn same_field_security(&self, field: &str) -> bool {
        without_fls(&self.before.org, field) == without_fls(&self.after.org, field)
    }

    fn stakes_before(&self, holder: &Holder, access: Access, field: &str) -> Stakes {
        stakes(&self.before, holder, access, field, self.before.user(holder))
    }

    fn stakes_after(&self, holder: &Holder, access: Access, field: &str) -> Stakes {
        stakes(&self.after, holder, access, field, self.user_after(holder))
    }

    /// The access of one definition before, or of the widest that was there for a new one.
    fn access_before(
        &self,
        holder: &Holder,
        (place, now): (super::org::Place, &super::org::SetDef),
        field: &str,
    ) -> Access {
        let defs = self.before.holdings(holder);
        let same: Vec<_> = defs.iter().filter(|(at, _)| *at == place).collect();
        let compared = if same.is_empty() { defs.iter().collect() } else { same };
        let before =
            |(_, def): &&(super::org::Place, super::org::SetDef)| self.access_of_definition(def, now, field);
        compared.iter().map(before).max().unwrap_or(Access::None)
    }

    /// What a definition gave that is `now` another.
    fn access_of_definition(
        &self,
        def: &super::org::SetDef,
        now: &super::org::SetDef,
        field: &str,
    ) -> Access {
        if self.new_to(def, field) {
            return Access::None;
        }
        let least = least(&self.before.org, def, field);
        // What is the same on both sides is read the same on both, as long as what surely gives the access is, too.
        let surely = self::least(&self.after.org, now, field);
        let outside = without_fls(&self.before.org, field);
        match self.same_field_security(field) && !(outside && surely > least) {
            true => least.max(access(&self.before.org, &common(def, now), field)),
            false => least,
        }
    }
}

pub(crate) fn stakes(side: &Side, holder: &Holder, access: Access, field: &str, user: UserType) -> Stakes {
    let label = side.label(field);
    let shows = side.shown(field).into_iter().filter(|shown| side.own(shown).0 > Tier::Open).collect();
    Stakes { access, duty: duty(&side.org.policy, &label, access, user, holder), tier: label.0, user, shows }
}

/// Every pair that got worse.
pub(crate) fn worse_pairs(change: &Change) -> Vec<Pair> {
    let mut fields = known_fields(&change.after.org);
    fields.extend(known_fields(&change.before.org));
    let mut out = Vec::new();
    for holder in holders(&change.after.org) {
        for field in &fields {
            out.extend(worse_pair(change, &holder, field));
        }
    }
    out
}

/// One pair: "each [definition] is compared with the one it was […]; a pair is worse if it is worse in one".
fn worse_pair(change: &Change, holder: &Holder, field: &str) -> Option<Pair> {
    let mut worst: Option<Pair> = None;
    for (now, old) in compared(change, holder, field) {
        let now = change.stakes_after(holder, now, field);
        let old = change.stakes_before(holder, old, field);
        let rules = worse(change, holder, field, &old, &now);
        if told_by_removal(change, holder, field, &rules, &now) {
            continue;
        }
        if rules.is_empty() || told_at_member(change, holder, field, &rules, &now) {
            continue;
        }
        let pair = Pair {
            holder: holder.clone(),
            field: field.to_owned(),
            state: stands(change, holder, field, Some((&old, &rules)), &now),
            cause: cause(change, holder, field, &rules, &now),
            enforced: enforced(&change.after.org.policy, now.tier),
            defined: !definitions(&change.after.org, field).is_empty()
                || change.after.org.exports.contains_key(field),
            rules,
        };
        if worst.as_ref().is_none_or(|w| w.state < pair.state) {
            worst = Some(pair);
        }
    }
    worst
}

/// "The pairs of what goes are told by it alone": what the file gave, with its label and its reason. It "stays known and
/// keeps granting": what a member of a group gains, who comes to hold it, and what its fields come to show is worse.
fn told_by_removal(
    change: &Change,
    holder: &Holder,
    field: &str,
    rules: &BTreeSet<u8>,
    now: &Stakes,
) -> bool {
    if holders(&change.head).contains(holder) {
        return false;
    }
    let gave = match holder {
        // "new to everybody, also to View All Fields"
        _ if change.before.holdings(holder).iter().all(|(_, def)| change.new_to(def, field)) => Access::None,
        Holder::Group(name) => access(&change.before.org, &super::beside::unmuted(&change.base, name), field),
        _ => change.before.widest(holder, field),
    };
    !rules.contains(&3) && !rules.contains(&4) && (!rules.contains(&1) || gave >= now.access)
}

/// The comparisons of a pair, access after and before: each definition with the one it was; all together with all
/// together, since "after is the most that may stand"; and where one goes what stays with that, which may have held it
/// down.
fn compared(change: &Change, holder: &Holder, field: &str) -> Vec<(Access, Access)> {
    let (old, new) = (change.before.holdings(holder), change.after.holdings(holder));
    let of = |place, def: &super::org::SetDef| {
        (access(&change.after.org, def, field), change.access_before(holder, (place, def), field))
    };
    let mut all: Vec<_> = new.iter().map(|(place, def)| of(*place, def)).collect();
    let together = |defs: &[&(super::org::Place, super::org::SetDef)]| {
        defs.iter().fold(super::org::SetDef::default(), |all, (_, def)| union(&all, def))
    };
    let against = |before: super::org::SetDef, after: super::org::SetDef| {
        (access(&change.after.org, &after, field), change.access_of_definition(&before, &after, field))
    };
    if old.len() > 1 || new.len() > 1 {
        let (old, new): (Vec<_>, Vec<_>) = (old.iter().collect(), new.iter().collect());
        all.push(against(together(&old), together(&new)));
        let gone: Vec<_> =
            old.iter().copied().filter(|(at, _)| !new.iter().any(|(to, _)| to == at)).collect();
        let stays: Vec<_> =
            new.iter().copied().filter(|(at, _)| old.iter().any(|(to, _)| to == at)).collect();
        if !gone.is_empty() && !stays.is_empty() {
            all.push(against(together(&gone), together(&stays)));
        }
    }
    all
}

/// "A pair is **worse** if", rules 1 to 5.
fn worse(change: &Change, holder: &Holder, field: &str, old: &Stakes, now: &Stakes) -> BTreeSet<u8> {
    let mut rules = BTreeSet::new();
    if now.access == Access::None {
        return rules;
    }
    // 1. "its access rises"
    if now.access > old.access {
        rules.insert(1);
    }
    // 2. "its requirement or the field's tier rises"
    if old.access > Access::None && (now.duty > old.duty || now.tier > old.tier) {
        rules.insert(2);
    }
    // 3. "its user type becomes more exposed (a lost integration licence, too …)"
    if old.access > Access::None && now.user > old.user {
        rules.insert(3);
    }
    // 4. "the field shows a classified field that it did not show before: it newly reads it, itself or
    //    through others, even if no tier rises"
    if old.access > Access::None && newly_shows(change, field) {
        rules.insert(4);
    }
    // 5. "a justification that counted is removed or narrowed"
    if old.access > Access::None && lost_justification(change, holder, field, old) {
        rules.insert(5);
    }
    rules
}

/// Whether the field shows something classified that it did not show before, classified or not.
pub(crate) fn newly_shows(change: &Change, field: &str) -> bool {
    let old = change.before.shown(field);
    change.after.shown(field).iter().any(|f| !old.contains(f) && change.after.own(f).0 > Tier::Open)
}

fn lost_justification(change: &Change, holder: &Holder, field: &str, old: &Stakes) -> bool {
    let counted = [Duty::Justification, Duty::Approval].contains(&old.duty);
    let covering = |reasons: &BTreeSet<super::org::Reason>| -> Vec<super::org::Reason> {
        reasons.iter().filter(|r| covers(r, holder, field, old.access)).cloned().collect()
    };
    let was = covering(&change.base.reasons);
    let is = covering(&change.head.reasons);
    counted && !was.is_empty() && !was.iter().any(|old| is.iter().any(|new| same_entry(old, new)))
}

/// "How a pair **stands**: allowed | justified | justified and approved | accepted by the baseline | needs
/// an approval | unjustified | not allowed." `old` is what made the pair worse, or none (`audit`).
pub(crate) fn stands(
    change: &Change,
    holder: &Holder,
    field: &str,
    old: Option<(&Stakes, &BTreeSet<u8>)>,
    now: &Stakes,
) -> State {
    let covering = change.head.reasons.iter().filter(|r| covers(r, holder, field, now.access));
    let entries: Vec<_> = covering.collect();
    let approved = change.approved || entries.iter().any(|reason| entry_approved(change, reason, field));
    let state = match now.duty {
        Duty::Nothing => State::Allowed,
        Duty::NotAllowed => State::NotAllowed,
        _ if entries.is_empty() => State::Unjustified,
        Duty::Justification => State::Justified,
        Duty::Approval if approved => State::JustifiedAndApproved,
        Duty::Approval => State::NeedsApproval,
    };
    let Some((old, rules)) = old else { return state };
    if state < State::NeedsApproval || rules.iter().ne([&2]) {
        return state;
    }
    if in_baseline(change, holder, field, old, now) {
        return State::AcceptedByBaseline;
    }
    // "A pair that is worse *only* because a label rose (no access, user type or formula changed) needs at
    // most an approval, whatever the tier asks, profiles and user types too."
    if change.approved { State::JustifiedAndApproved } else { State::NeedsApproval }
}

/// "A line accepts a pair that was there before with at least this access and is worse by rule 2 alone, up
/// to the tier, access, user type and fields read of its line."
fn in_baseline(change: &Change, holder: &Holder, field: &str, old: &Stakes, now: &Stakes) -> bool {
    old.access >= now.access
        && change.base.baseline.iter().any(|line| {
            line.holder == *holder
                && line.field == field
                && line.access >= now.access
                && line.tier >= now.tier
                && line.user >= now.user
                && line.reads.is_superset(&now.shows)
        })
}

/// "A **group's** pair is told at a member, and needs nothing of its own, only if that member was defined
/// and in the group before, had then no more than the group had, has now as much as the group has, is
/// itself worse in the same way (1 to 4), and the group is no more exposed than the member." Whoever gains all of the
/// access is asked for all that it needs, so a requirement that rises with it (2) is no other way.
fn told_at_member(change: &Change, holder: &Holder, field: &str, rules: &BTreeSet<u8>, now: &Stakes) -> bool {
    let Holder::Group(name) = holder else { return false };
    let (Some(was), Some(is)) = (change.base.groups.get(name), change.after.org.groups.get(name)) else {
        return false;
    };
    // 5: "for a group: always the group's own matter"
    !rules.contains(&5)
        && was.members.intersection(&is.members).any(|member| {
            let member = Holder::Set(member.clone());
            let (before, after) = (&change.before, &change.after);
            let new = change.new_field(field);
            let had = |who: &Holder| if new { Access::None } else { before.widest(who, field) };
            // "The pairs of what goes are told by it alone": nothing is told at a member that goes.
            before.exists(&member)
                && holders(&change.head).contains(&member)
                && had(&member) <= had(holder)
                && after.widest(&member, field) >= now.access
                && is_worse_in_the_same_way(rules, &member_rules(change, &member, field))
                && now.user <= change.user_after(&member)
        })
}

fn is_worse_in_the_same_way(group: &BTreeSet<u8>, member: &BTreeSet<u8>) -> bool {
    group.iter().all(|rule| member.contains(rule) || *rule == 2 && member.contains(&1))
}

fn member_rules(change: &Change, member: &Holder, field: &str) -> BTreeSet<u8> {
    let mut all = BTreeSet::new();
    for (now, old) in compared(change, member, field) {
        let now = change.stakes_after(member, now, field);
        let old = change.stakes_before(member, old, field);
        all.extend(worse(change, member, field, &old, &now));
    }
    all
}

/// What brought it about, for the statistics only.
fn cause(change: &Change, holder: &Holder, field: &str, rules: &BTreeSet<u8>, now: &Stakes) -> &'static str {
    if !rules.contains(&1) {
        return match rules.iter().next_back() {
            Some(5) => "justification removed",
            Some(4) => "formula shows more",
            Some(3) => "user type",
            _ => "label raised",
        };
    }
    if change.new_field(field) {
        return "new field";
    }
    if matches!(holder, Holder::Group(_)) {
        return "group";
    }
    let all = |side: &Side| {
        side.holdings(holder).iter().fold(super::org::SetDef::default(), |all, (_, def)| union(&all, def))
    };
    let (old, new) = (all(&change.before), all(&change.after));
    let gained = |name: &str| new.user.get(name) == Some(&true) && old.user.get(name) != Some(&true);
    let object = object_of(field);
    let view_all = |def: &super::org::SetDef| def.objects.get(object).is_some_and(|o| o.view_all_fields);
    let known: BTreeMap<bool, &str> = BTreeMap::from([
        (old.fields.get(field) != new.fields.get(field), "entry"),
        (old.objects.get(object) != new.objects.get(object), "object access"),
    ]);
    if gained("EditReadonlyFields") && now.access == Access::Edit {
        "Edit Read Only Fields"
    } else if view_all(&new) && !view_all(&old) {
        "View All Fields"
    } else if gained("ViewAllFieldsGlobal") {
        "View All Fields (Global)"
    } else if definitions(&change.before.org, field) != definitions(&change.after.org, field) {
        "kind of field"
    } else {
        let data = gained("ViewAllData") || gained("ModifyAllData");
        known.get(&true).copied().unwrap_or(if data {
            "View or Modify All Data"
        } else {
            "several definitions"
        })
    }
}
