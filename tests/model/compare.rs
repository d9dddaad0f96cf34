//! The product beside the model: one step, its difference, and a smaller example of the same difference.

use super::judge::{Judgement, Outcome, Pair, State, judge};
use super::org::{Holder, Org};
use super::render::render;
use std::collections::{BTreeMap, BTreeSet};

/// What the product says of a change: its outcome, the ids of the rules that block, and all their words.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) outcome: Outcome,
    pub(crate) rules: BTreeSet<String>,
    pub(crate) texts: Vec<String>,
}

pub(crate) fn product(base: &Org, head: &Org) -> Said {
    let verdict = crate::common::judge(&render(base), &render(head));
    let outcome = match format!("{:?}", verdict.outcome).as_str() {
        "Passed" => Outcome::Passed,
        "Waiting" => Outcome::Waiting,
        "Blocked" => Outcome::Blocked,
        _ => Outcome::Undecided,
    };
    let errors = verdict.findings.iter().filter(|f| format!("{:?}", f.severity) == "Error");
    let mut rules = BTreeSet::new();
    let mut texts: Vec<String> = verdict.undecided.iter().map(|why| format!("{why:?}")).collect();
    for finding in errors {
        rules.insert(finding.rule.id.to_string());
        let (subject, related) = (&finding.subject, &finding.related);
        texts.push(format!(
            "{} {:?} {:?} {:?} {subject:?} {related:?} {:?}",
            finding.message, finding.help, finding.here, finding.notes, finding.tells
        ));
    }
    Said { outcome, rules, texts }
}

/// How product and model differ, in words that examples of one kind share; none if they agree.
pub(crate) fn difference(model: &Judgement, said: &Said) -> Option<String> {
    // What the approval of a mask closes is told at the mask: pairs that are not worse once it counts, and pairs that
    // need more than an approval and yet are closed by it.
    let masked = |pair: &Pair| {
        let approved = model.when_approved.get(&(pair.holder.clone(), pair.field.clone()));
        approved.is_none_or(|open| pair.state > State::NeedsApproval && !open)
    };
    let open: Vec<&Pair> = model.worse.iter().filter(|pair| pair.open() && !masked(pair)).collect();
    // A pair is named, or its group's member is. Fields that nothing defines are told together, and what only waits for
    // an approval may wait for that of a mask.
    let masks = model.asks.iter().any(|ask| ask.what == "masking");
    // "The change puts these pairs on record […], and one approval lands both": the line of the baseline tells them.
    let on_record = said.texts.iter().any(|text| text.contains("the baseline accepts more than before"));
    let told = |pair: &&&Pair| {
        let field = pair.field.split_once('.').map_or("", |(_, field)| field);
        let group = matches!(pair.holder, Holder::Group(_));
        let names =
            |text: &str| text.contains(pair.holder.name()) || group && text.contains("ermission set `");
        !pair.defined
            || masks && pair.state == State::NeedsApproval
            || on_record && pair.state == State::NeedsApproval && pair.rules.iter().eq([&2])
            || said.texts.iter().any(|text| names(text) && text.contains(field))
    };
    // View All Fields of an object whose fields count as classified where nothing defines them: the model knows only
    // fields that something speaks of.
    let of_unknown = |text: &String| text.contains("not defined in this repository count as");
    let unknown_alone = said.rules.iter().eq(["view-all-fields"]) && said.texts.iter().any(of_unknown);
    if model.outcome == Outcome::Passed && said.outcome == Outcome::Waiting && unknown_alone {
        return None;
    }
    if model.outcome == said.outcome {
        let silent = open.iter().find(|pair| !told(pair))?;
        if model.outcome == Outcome::Undecided {
            return None;
        }
        return Some(format!("{:?}, but silent of a pair: {}", model.outcome, why(silent)));
    }
    let reasons: BTreeSet<String> =
        open.iter().map(|pair| why(pair)).chain(model.asks.iter().map(|ask| ask.what.to_owned())).collect();
    Some(format!("model {:?} {reasons:?}, product {:?} {:?}", model.outcome, said.outcome, said.rules))
}

fn why(pair: &Pair) -> String {
    let kind = format!("{:?}", pair.holder);
    let kind = kind.split('(').next().unwrap_or_default();
    format!("{kind} {:?} by {:?} ({})", pair.state, pair.rules, pair.cause)
}

/// The gravity of a difference: what must stay while an example shrinks.
fn direction(model: &Judgement, said: &Said) -> Option<(Outcome, Outcome)> {
    difference(model, said).map(|_| (model.outcome, said.outcome))
}

/// A smaller example: parts of both trees are taken out, and changes taken back, as long as the product
/// differs from the model in the same direction.
pub(crate) fn shrink(base: &Org, head: &Org) -> (Org, Org) {
    let (mut base, mut head) = (base.clone(), head.clone());
    let wanted = direction(&judge(&base, &head), &product(&base, &head));
    let keeps = |b: &Org, h: &Org| {
        let model = judge(b, h);
        Some(model.outcome) == wanted.map(|(model, _)| model) && direction(&model, &product(b, h)) == wanted
    };
    // Twice through all parts: what could not go at first may go when others are gone.
    for _ in 0..2 {
        let mut at = 0;
        while let Some((b, h)) = candidates(&base, &head).get(at).cloned() {
            if (b == base && h == head) || !keeps(&b, &h) {
                at += 1;
            } else {
                (base, head) = (b, h);
            }
        }
    }
    (base, head)
}

/// Takes each key out of a map of both sides, and gives each changed one its value on the base.
macro_rules! each_key {
    ($out:ident, $base:ident, $head:ident, $($part:tt)+) => {
        let keys: BTreeSet<_> = $base.$($part)+.keys().chain($head.$($part)+.keys()).cloned().collect();
        for key in keys {
            let (mut b, mut h) = ($base.clone(), $head.clone());
            b.$($part)+.remove(&key);
            h.$($part)+.remove(&key);
            $out.push((b, h.clone()));
            match $base.$($part)+.get(&key) {
                Some(old) => drop(h.$($part)+.insert(key.clone(), old.clone())),
                None => drop(h.$($part)+.remove(&key)),
            }
            $out.push(($base.clone(), h));
        }
    };
}

macro_rules! each_item {
    ($out:ident, $base:ident, $head:ident, $part:ident) => {
        for item in $base.$part.union(&$head.$part) {
            let (mut b, mut h) = ($base.clone(), $head.clone());
            b.$part.remove(item);
            h.$part.remove(item);
            $out.push((b, h));
        }
    };
}

fn candidates(base: &Org, head: &Org) -> Vec<(Org, Org)> {
    let mut out = Vec::new();
    wholesale(base, head, &mut out);
    each_key!(out, base, head, sets);
    each_key!(out, base, head, profiles);
    each_key!(out, base, head, groups);
    each_key!(out, base, head, mutings);
    each_key!(out, base, head, fields);
    each_key!(out, base, head, exports);
    each_item!(out, base, head, reasons);
    each_item!(out, base, head, masks);
    each_item!(out, base, head, baseline);
    each_key!(out, base, head, policy.severities);
    each_key!(out, base, head, policy.compliance);
    each_item!(out, base, head, reasons);
    let default = super::org::Policy::default();
    for policy in [&default, &base.policy] {
        let (mut b, mut h) = (base.clone(), head.clone());
        b.policy = if std::ptr::eq(policy, &default) { default.clone() } else { base.policy.clone() };
        h.policy = policy.clone();
        out.push((b, h));
    }
    entries(base, head, &mut out);
    out
}

/// All of a kind at once, so that the most goes first.
fn wholesale(base: &Org, head: &Org, out: &mut Vec<(Org, Org)>) {
    let strips: [fn(&mut Org); 8] = [
        |org| org.exports.clear(),
        |org| org.baseline.clear(),
        |org| org.masks.clear(),
        |org| org.reasons.clear(),
        |org| org.profiles.clear(),
        |org| org.groups.clear(),
        |org| org.mutings.clear(),
        |org| org.policy = super::org::Policy::default(),
    ];
    for strip in strips {
        let (mut b, mut h) = (base.clone(), head.clone());
        strip(&mut b);
        strip(&mut h);
        out.push((b, h));
    }
}

/// Single entries of permission sets, profiles and muting sets, and members of groups.
fn entries(base: &Org, head: &Org, out: &mut Vec<(Org, Org)>) {
    let keys: BTreeSet<_> = base.sets.keys().chain(head.sets.keys()).cloned().collect();
    for key in keys {
        let all = [base, head].into_iter().filter_map(|org| org.sets.get(&key));
        let fields: BTreeSet<_> = all.flat_map(|def| def.fields.keys().cloned()).collect();
        for field in fields {
            let (mut b, mut h) = (base.clone(), head.clone());
            for org in [&mut b, &mut h] {
                org.sets.get_mut(&key).map(|def| def.fields.remove(&field));
            }
            out.push((b, h));
        }
        let strips: [fn(&mut super::org::SetDef); 3] =
            [|def| def.objects.clear(), |def| def.user.clear(), |def| def.license = None];
        for strip in strips {
            let (mut b, mut h) = (base.clone(), head.clone());
            for org in [&mut b, &mut h] {
                org.sets.get_mut(&key).map(strip);
            }
            out.push((b, h));
        }
    }
    for name in base.profiles.keys().chain(head.profiles.keys()) {
        let fields: BTreeSet<_> = known(base, head);
        for field in fields {
            let (mut b, mut h) = (base.clone(), head.clone());
            for org in [&mut b, &mut h] {
                org.profiles.get_mut(name).map(|def| def.fields.remove(&field));
            }
            out.push((b, h));
        }
    }
    for name in base.groups.keys().chain(head.groups.keys()) {
        for member in super::seed::SETS {
            let (mut b, mut h) = (base.clone(), head.clone());
            for org in [&mut b, &mut h] {
                org.groups.get_mut(name).map(|def| def.members.remove(member));
            }
            out.push((b, h));
        }
    }
}

fn known(base: &Org, head: &Org) -> BTreeSet<String> {
    let mut all = super::access::known_fields(base);
    all.extend(super::access::known_fields(head));
    all
}

/// A change as text: the files of the base, and those that the change adds, alters and deletes.
pub(crate) fn print(base: &Org, head: &Org) -> String {
    let (base, head) = (render(base), render(head));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut out = String::new();
    for (path, bytes) in &base {
        out.push_str(&format!("--- base {path}\n{}", text(bytes)));
    }
    let changed: BTreeMap<_, _> =
        head.iter().filter(|(path, bytes)| base.get(*path) != Some(bytes)).collect();
    out.push('\n');
    for (path, bytes) in changed {
        out.push_str(&format!("+++ head {path}\n{}", text(bytes)));
    }
    for path in base.keys().filter(|path| !head.contains_key(*path)) {
        out.push_str(&format!("+++ head deletes {path}\n"));
    }
    out
}
