//! `.flsgate/baseline.yml`: what stood on the day of adoption and is accepted until it goes.
//!
//! Everything is enumerated by its meaning (grantor, field, access, tier), never by line, so a baseline
//! shrinks: what is not in it today was not there on that day. It grows by nothing but labels that rise over access
//! which exists.

use super::decode::{Decoder, Mistake, no_field};
use super::justification::KINDS;
use super::yaml::{self, Node};
use crate::finding::Place;
use crate::source::SourceFile;
use crate::words::{Access, FieldName, Grantor, GrantorKind, PrincipalClass, Tier};
use jiff::civil::Date;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// One line for each accepted exposure: a large org has tens of thousands.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// How far a line accepts an exposure: what it says no more of ends the acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpTo {
    /// The widest access.
    pub access: Access,
    /// The highest tier of the field.
    pub tier: Tier,
    /// The most exposed people who can hold it.
    pub user_type: PrincipalClass,
    /// Classified fields that the field reads.
    pub reads: BTreeSet<FieldName>,
}

impl UpTo {
    /// Whether another one goes no further in anything.
    pub fn holds(&self, other: &UpTo) -> bool {
        self.access >= other.access
            && self.tier >= other.tier
            && self.user_type >= other.user_type
            && self.reads.is_superset(&other.reads)
    }
}

/// An exposure that is accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// How far.
    pub up_to: UpTo,
    /// The label that rose, if it was that; else the access existed on the day of adoption.
    pub raised: Option<String>,
    /// The day on which the line was written.
    pub since: Option<Date>,
    /// Who owns the data, as the field's metadata says.
    pub owner: Option<String>,
    /// The line; `None` while it is being written.
    pub place: Option<Place>,
}

/// Names a finding that is about no single exposure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcceptedFinding {
    /// The rule's id.
    pub rule: String,
    /// Its grantor.
    pub grantor: Option<Grantor>,
    /// Its field, as findings name it: `Object.Field`, `Object.*`, `*.Permission`.
    pub field: Option<FieldName>,
}

/// Everything that is accepted.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// By grantor and field.
    pub exposures: BTreeMap<(Grantor, FieldName), Accepted>,
    /// Findings that are about no single exposure: the highest tier that they spoke of, and their lines.
    pub findings: BTreeMap<AcceptedFinding, (Option<Tier>, Option<Place>)>,
    /// Keys by names that they had in drafts; the lines count. Each name once.
    pub former_names: Vec<Mistake>,
}

impl Baseline {
    /// The line that speaks of an exposure.
    pub fn line(&self, grantor: &Grantor, field: &FieldName) -> Option<&Accepted> {
        self.exposures.get(&(grantor.clone(), field.clone()))
    }

    /// Whether a finding of this tier is accepted.
    pub fn accepts_finding(&self, finding: &AcceptedFinding, tier: Option<Tier>) -> bool {
        self.findings.get(finding).is_some_and(|(accepted, _)| tier <= *accepted)
    }

    /// Whether nothing is accepted.
    pub fn is_empty(&self) -> bool {
        self.exposures.is_empty() && self.findings.is_empty()
    }

    /// How many lines it has.
    pub fn len(&self) -> usize {
        self.exposures.len() + self.findings.len()
    }

    /// How many lines accept more than another baseline does.
    pub fn lines_beyond(&self, other: &Baseline) -> usize {
        let wider = self.exposures.iter().filter(|((grantor, field), accepted)| {
            other.line(grantor, field).is_none_or(|line| !line.up_to.holds(&accepted.up_to))
        });
        wider.count() + self.findings.keys().filter(|finding| !other.findings.contains_key(finding)).count()
    }

    /// Takes in a baseline that the change writes. Of two lines the one counts that accepts more; where each
    /// accepts something that the other does not, the one that was there.
    pub fn extend(&mut self, other: Baseline) {
        for (key, new) in other.exposures {
            match self.exposures.entry(key) {
                Entry::Vacant(slot) => drop(slot.insert(new)),
                Entry::Occupied(slot) if slot.get().up_to.holds(&new.up_to) => {}
                Entry::Occupied(mut slot) if new.up_to.holds(&slot.get().up_to) => drop(slot.insert(new)),
                Entry::Occupied(_) => {}
            }
        }
        self.findings.extend(other.findings);
    }

    /// The file, always in the same order.
    pub fn to_yaml(&self) -> String {
        let mut text = String::from(
            "# Access that existed when its line was written and is accepted until it is removed. Written by `flsgate audit\n\
             # --write-baseline`; `--accept-raised` adds access whose label rises; `--prune` takes out what no longer\n\
             # exists. Nothing is added by hand.\nversion: 1\n",
        );
        text.push_str(if self.exposures.is_empty() { "accepted: []\n" } else { "accepted:\n" });
        for ((grantor, field), accepted) in &self.exposures {
            let _ = write!(
                text,
                "  - {{ {}: {}, field: {}, access: {}, tier: {}",
                key(grantor.kind),
                scalar(grantor.name()),
                scalar(field.as_str()),
                accepted.up_to.access,
                accepted.up_to.tier
            );
            let Accepted { up_to: UpTo { user_type, reads, .. }, raised, since, owner, .. } = accepted;
            if *user_type > LEAST_EXPOSED {
                let _ = write!(text, ", user_type: {user_type}");
            }
            if !reads.is_empty() {
                let reads: Vec<String> = reads.iter().map(|field| scalar(field.as_str())).collect();
                let _ = write!(text, ", reads: [{}]", reads.join(", "));
            }
            let named = |key: &str, said: &Option<String>| {
                said.as_ref().map(|said| format!(", {key}: {}", scalar(said))).unwrap_or_default()
            };
            let since = since.map(|day| format!(", since: {day}")).unwrap_or_default();
            text.push_str(&[named("label", raised), since, named("owner", owner)].concat());
            text.push_str(" }\n");
        }
        text.push_str(if self.findings.is_empty() { "findings: []\n" } else { "findings:\n" });
        for (finding, (tier, _)) in &self.findings {
            let _ = write!(text, "  - {{ rule: {}", finding.rule);
            if let Some(grantor) = &finding.grantor {
                let _ = write!(text, ", {}: {}", key(grantor.kind), scalar(grantor.name()));
            }
            if let Some(field) = &finding.field {
                let _ = write!(text, ", field: {}", scalar(field.as_str()));
            }
            if let Some(tier) = tier {
                let _ = write!(text, ", tier: {tier}");
            }
            text.push_str(" }\n");
        }
        text
    }
}

fn key(kind: GrantorKind) -> &'static str {
    KINDS.iter().find(|(_, k)| *k == kind).map_or("permission_set", |(key, _)| key)
}

/// Text as YAML: plain where nobody can take it for anything else.
pub fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if plain && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c) || c == '\u{feff}' => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Reads a baseline. `rules` are the ids of all rules.
///
/// # Errors
/// Every mistake in the file, in file order.
pub fn read_baseline(file: &Arc<SourceFile>, rules: &[&str]) -> Result<Baseline, Vec<Mistake>> {
    let mut decoder = Decoder::new(file);
    let node = match yaml::read_up_to(file, MAX_BYTES) {
        Ok(node) => node,
        Err(error) => {
            decoder.mistake(error.span, error.value);
            return Err(decoder.mistakes);
        }
    };
    let mut baseline = Baseline::default();
    if let Some(mut keys) = decoder.map(node, "the baseline", &["version", "accepted", "findings"]) {
        if let Some(node) = keys.take("version") {
            decoder.one_of(node, "version", &[("1", ())]);
        }
        for node in keys.take("accepted").map(|n| decoder.list(n, "`accepted`")).unwrap_or_default() {
            exposure(&mut decoder, node, &mut baseline);
        }
        for node in keys.take("findings").map(|n| decoder.list(n, "`findings`")).unwrap_or_default() {
            finding(&mut decoder, node, rules, &mut baseline);
        }
    }
    let mut mistakes = decoder.mistakes;
    if mistakes.is_empty() {
        // A line each would be thousands of the same.
        baseline.former_names = decoder.former_names;
        let mut told = BTreeSet::new();
        baseline.former_names.retain(|name| told.insert(name.message.clone()));
        return Ok(baseline);
    }
    mistakes.sort_by_key(|m| m.span);
    Err(mistakes)
}

const TIERS: [(&str, Tier); 3] =
    [("open", Tier::Open), ("conditional", Tier::Conditional), ("restricted", Tier::Restricted)];
/// The user type of a line that names none.
const LEAST_EXPOSED: PrincipalClass = PrincipalClass::Internal;
const WHO: [&str; 3] = ["permission_set", "permission_set_group", "profile"];

fn exposure(decoder: &mut Decoder, node: Node, baseline: &mut Baseline) {
    let other = ["field", "access", "tier", "user_type", "reads", "label", "since", "owner"];
    let allowed: Vec<&str> = WHO.into_iter().chain(other).collect();
    let Some(mut keys) = decoder.map(node, "an accepted access", &allowed) else { return };
    let span = keys.span;
    let (grantor, field) = (grantor(decoder, &mut keys), field(decoder, &mut keys));
    let accesses = [("read", Access::Read), ("edit", Access::Edit)];
    let access = keys.take("access").and_then(|n| decoder.one_of(n, "access", &accesses));
    let tier = keys.take("tier").and_then(|n| decoder.one_of(n, "tier", &TIERS));
    let user_types = PrincipalClass::ALL.map(|user_type| (user_type.to_string(), user_type));
    let user_types: Vec<(&str, PrincipalClass)> =
        user_types.iter().map(|(said, is)| (&**said, *is)).collect();
    let user_type = keys.take("user_type").and_then(|n| decoder.one_of(n, "user_type", &user_types));
    let reads = keys.take("reads").map(|n| decoder.list(n, "`reads`")).unwrap_or_default();
    let reads = reads.into_iter().filter_map(|node| field_name(decoder, node, "`reads`")).collect();
    let (Some(grantor), Some(field), Some(access), Some(tier)) = (grantor, field, access, tier) else {
        decoder.missing(span, "an accepted access needs a `permission_set`, `field`, `access` and `tier`");
        return;
    };
    let up_to = UpTo { access, tier, user_type: user_type.unwrap_or(LEAST_EXPOSED), reads };
    let mut text = |key: &str| Some(decoder.text(keys.take(key)?, &format!("`{key}`"))?.value);
    let (raised, owner) = (text("label"), text("owner"));
    let since = keys.take("since").and_then(|node| decoder.date(node, "`since`"));
    let place = Some(Place::new(&decoder.file, span));
    let accepted = Accepted { up_to, raised, since, owner, place };
    if baseline.exposures.insert((grantor, field), accepted).is_some() {
        decoder.mistake(span, "this access is listed twice; keep one line");
    }
}

fn finding(decoder: &mut Decoder, node: Node, rules: &[&str], baseline: &mut Baseline) {
    let allowed: Vec<&str> = WHO.into_iter().chain(["rule", "field", "tier"]).collect();
    let Some(mut keys) = decoder.map(node, "an accepted finding", &allowed) else { return };
    let (span, words) = (keys.span, rules.iter().map(|r| (*r, *r)).collect::<Vec<_>>());
    let rule = keys.take("rule").and_then(|n| decoder.one_of(n, "rule", &words));
    let (grantor, field) = (grantor(decoder, &mut keys), field(decoder, &mut keys));
    let tier = keys.take("tier").and_then(|n| decoder.one_of(n, "tier", &TIERS));
    match rule {
        Some(rule) => {
            let accepted = AcceptedFinding { rule: rule.to_owned(), grantor, field };
            baseline.findings.insert(accepted, (tier, Some(Place::new(&decoder.file, span))));
        }
        None => decoder.missing(span, "an accepted finding needs a `rule`"),
    }
}

fn grantor(decoder: &mut Decoder, keys: &mut super::decode::Keys) -> Option<Grantor> {
    let mut found = None;
    for (key, kind) in KINDS {
        if let Some(name) = keys.take(key).and_then(|n| decoder.text(n, &format!("`{key}`"))) {
            if found.is_some() {
                decoder.mistake(
                    name.span,
                    "the line names more than one permission set or profile; write one line for each",
                );
            }
            found = Some(Grantor::new(kind, &name.value));
        }
    }
    found
}

fn field(decoder: &mut Decoder, keys: &mut super::decode::Keys) -> Option<FieldName> {
    let node = keys.take("field")?;
    field_name(decoder, node, "`field`")
}

fn field_name(decoder: &mut Decoder, node: Node, key: &str) -> Option<FieldName> {
    let text = decoder.text(node, key)?;
    let field = FieldName::parse(&text.value);
    if field.is_none() {
        decoder.mistake(text.span, no_field(&text.value));
    }
    field
}
