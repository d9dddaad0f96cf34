//! `.flsgate/policy.yml`: the built-in policy with what the file changes.

use super::decode::{Decoder, Keys, Mistake};
use super::tiers::{Cells, Duty, Enforcement, GroupDuties, Profiles};
use super::yaml::{Node, Value};
use super::{Deletions, Policy, approvers, defaults, integrations};
use crate::finding::Severity;
use crate::source::{SourceFile, Spanned};
use crate::words::{PrincipalClass, Tier};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rules that no policy lowers: what they tell nobody else tells.
pub const FIXED_RULES: [&str; 2] = ["unexplained-access", "awaiting-approval"];

pub(super) const DUTIES: &[(&str, Duty)] =
    &[("allow", Duty::Allow), ("justify", Duty::Justify), ("approve", Duty::Approve), ("deny", Duty::Deny)];
pub(super) const TIERS: &[(&str, Tier)] =
    &[("open", Tier::Open), ("conditional", Tier::Conditional), ("restricted", Tier::Restricted)];
const ENFORCEMENTS: &[(&str, Enforcement)] =
    &[("advisory", Enforcement::Advisory), ("soft", Enforcement::Soft), ("hard", Enforcement::Hard)];
pub(super) const CLASSES: &[(&str, PrincipalClass)] = &[
    ("internal", PrincipalClass::Internal),
    ("integration", PrincipalClass::Integration),
    ("agent", PrincipalClass::Agent),
    ("external", PrincipalClass::External),
    ("guest", PrincipalClass::Guest),
];
const SEVERITIES: &[(&str, Option<Severity>)] = &[
    ("off", None),
    ("note", Some(Severity::Note)),
    ("warning", Some(Severity::Warning)),
    ("error", Some(Severity::Error)),
];

/// Reads a policy. `rules` are the keys of `rules:`: the ids of rules, and `RULE/PART` for parts that can be set by
/// themselves.
///
/// # Errors
/// Every mistake in the file, in file order.
pub fn read_policy(file: &Arc<SourceFile>, rules: &[&str]) -> Result<Policy, Vec<Mistake>> {
    let (mut decoder, node) = Decoder::of_yaml(file)?;
    let policy = policy(&mut decoder, node, rules);
    if decoder.mistakes.is_empty() {
        decoder.former_names.sort_by_key(|name| name.span);
        return Ok(Policy { former_names: decoder.former_names, ..policy });
    }
    decoder.mistakes.sort_by_key(|m| m.span);
    Err(decoder.mistakes)
}

fn policy(decoder: &mut Decoder, node: Node, rules: &[&str]) -> Policy {
    let mut policy = Policy::default();
    let allowed = [
        "version",
        "tiers",
        "user_types",
        "compliance",
        "no_group",
        "unlabelled",
        "unknown_fields",
        "unmapped_classification",
        "justifications",
        "baseline",
        "integrations",
        "encryption",
        "forceignore",
        "deletions",
        "label_columns",
        "approvers",
        "approved_on",
        "ignored_submodules",
        "rules",
    ];
    let Some(mut keys) = decoder.map(node, "the policy", &allowed) else { return policy };
    if let Some(node) = keys.take("version")
        && let Some(version) = decoder.text(node, "version").filter(|v| v.value != "1")
    {
        let message =
            format!("policy version `{}` is not known to this flsgate; write `version: 1`", version.value);
        decoder.mistake(version.span, message);
    }
    if let Some(node) = keys.take("tiers") {
        tiers(decoder, node, &mut policy);
    }
    if let Some(node) = keys.take("user_types") {
        principals(decoder, node, &mut policy);
    }
    if let Some(node) = keys.take("compliance") {
        compliance(decoder, node, &mut policy);
    }
    if let Some(node) = keys.take("no_group") {
        let values = decoder.texts(node, "a value of `no_group`");
        policy.labels.no_group = values.into_iter().map(|v| v.value.to_lowercase()).collect();
    }
    if let Some(node) = keys.take("ignored_submodules") {
        policy.ignored_submodules = decoder.patterns(node, "a path pattern of `ignored_submodules`");
    }
    for (key, slot) in [
        ("unlabelled", &mut policy.labels.unlabelled),
        ("unknown_fields", &mut policy.labels.unknown_fields),
        ("unmapped_classification", &mut policy.labels.unmapped),
    ] {
        if let Some(tier) = keys.take(key).and_then(|node| decoder.one_of(node, "tier", TIERS)) {
            *slot = tier;
        }
    }
    if let Some(node) = keys.take("justifications")
        && let Some(mut keys) = decoder.map(node, "`justifications`", &["max_days", "min_words", "warn_days"])
    {
        let days = keys.take("max_days").and_then(|n| decoder.number(n, "`max_days`", 1..=3660));
        let words = keys.take("min_words").and_then(|n| decoder.number(n, "`min_words`", 1..=100));
        policy.max_days = days.unwrap_or(policy.max_days);
        let warn = keys.take("warn_days").and_then(|n| decoder.number(n, "`warn_days`", 1..=366));
        policy.min_words = words.unwrap_or(policy.min_words);
        policy.warn_days = warn.unwrap_or(policy.warn_days);
    }
    if let Some(node) = keys.take("baseline")
        && let Some(mut keys) = decoder.map(node, "`baseline`", &["ends"])
    {
        policy.baseline_ends = keys.take("ends").and_then(|n| decoder.date(n, "`ends`"));
    }
    if let Some(node) = keys.take("integrations") {
        policy.integrations = integrations::integrations(decoder, node);
    }
    if let Some(node) = keys.take("encryption")
        && let Some(mut keys) = decoder.map(node, "`encryption`", &["shield"])
    {
        let values = [("at_rest", false), ("masked", true)];
        let masks = keys.take("shield").and_then(|n| decoder.one_of(n, "`shield`", &values));
        policy.shield_masks = masks.unwrap_or(policy.shield_masks);
    }
    if let Some(node) = keys.take("forceignore") {
        let values = [("report", false), ("honour", true)];
        let honour = decoder.one_of(node, "`forceignore`", &values);
        policy.honours_forceignore = honour.unwrap_or(policy.honours_forceignore);
    }
    if let Some(node) = keys.take("deletions") {
        policy.deletions = deletions(decoder, node).unwrap_or_default();
    }
    if let Some(node) = keys.take("label_columns") {
        label_columns(decoder, node, &mut policy);
    }
    if let Some(node) = keys.take("approvers") {
        policy.approvers = approvers::approvers(decoder, node);
    }
    if let Some(node) = keys.take("approved_on") {
        policy.approved_on = branches(decoder, node);
    }
    if let Some(node) = keys.take("rules") {
        severities(decoder, node, rules, &mut policy);
    }
    policy
}

/// Names of branches; no patterns, since authors choose names.
fn branches(decoder: &mut Decoder, node: Node) -> Vec<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    let mut branches = Vec::new();
    for text in decoder.texts(node, "a branch of `approved_on`") {
        let name = text.value;
        let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain);
        match is_name && !name.contains("..") {
            true => branches.push(name),
            false => {
                decoder.mistake(text.span, format!("`{name}` is not the name of a branch, such as `develop`"))
            }
        }
    }
    branches
}

/// `keep`, `delete`, or the manifests that the pipeline deploys.
fn deletions(decoder: &mut Decoder, node: Node) -> Option<Deletions> {
    if let Value::List(_) = node.value {
        let paths = decoder.texts(node, "a path of `deletions`").into_iter();
        return Some(Deletions::Manifests(paths.map(|path| path.value).collect()));
    }
    let deletes = decoder.one_of(node, "`deletions`", &[("keep", false), ("delete", true)])?;
    Some(if deletes { Deletions::Delete } else { Deletions::Keep })
}

fn label_columns(decoder: &mut Decoder, node: Node, policy: &mut Policy) {
    let allowed = ["object", "field", "classification", "compliance"];
    let Some(mut keys) = decoder.map(node, "`label_columns`", &allowed) else { return };
    let columns = &mut policy.label_columns;
    let slots =
        [&mut columns.object, &mut columns.field, &mut columns.classification, &mut columns.compliance];
    for (key, slot) in allowed.iter().zip(slots) {
        *slot = keys.take(key).and_then(|n| decoder.text(n, "a column's name")).map(|name| name.value);
    }
}

/// `allow`, `deny`, or a list of names and patterns.
fn profiles(decoder: &mut Decoder, node: Node) -> Option<Profiles> {
    if matches!(node.value, Value::List(_)) {
        return Some(Profiles::Named(decoder.patterns(node, "a profile")));
    }
    let text = decoder.text(node, "`profiles`")?;
    match text.value.as_str() {
        "allow" => Some(Profiles::All),
        "deny" => Some(Profiles::None),
        name => {
            let message = format!(
                "`profiles` is `{name}`; write `allow`, `deny`, or a list of profiles such as `[{name}]`"
            );
            decoder.mistake(text.span, message);
            None
        }
    }
}

fn tiers(decoder: &mut Decoder, node: Node, policy: &mut Policy) {
    let Some(mut keys) = decoder.map(node, "`tiers`", &["open", "conditional", "restricted"]) else { return };
    let (mut classifications, mut groups) = (Mapping::default(), Mapping::default());
    for (name, tier) in TIERS {
        let (mut own_classifications, mut own_groups) = (None, None);
        let allowed = ["classifications", "compliance_groups", "read", "edit", "profiles", "enforcement"];
        let section = keys.take(name).and_then(|n| decoder.map(n, &format!("tier `{name}`"), &allowed));
        if let Some(mut section) = section {
            own_classifications =
                section.take("classifications").map(|n| decoder.texts(n, "a classification"));
            own_groups = section.take("compliance_groups").map(|n| decoder.texts(n, "a compliance group"));
            let rules = policy.tiers.rules.entry(*tier).or_insert_with(|| defaults::tier_rules(*tier));
            rules.cells = cells(decoder, &mut section, rules.cells);
            if let Some(profiles) = section.take("profiles").and_then(|node| profiles(decoder, node)) {
                rules.profiles = profiles;
            }
            let binding =
                section.take("enforcement").and_then(|n| decoder.one_of(n, "enforcement", ENFORCEMENTS));
            rules.enforcement = binding.unwrap_or(rules.enforcement);
        }
        classifications.add(decoder, *tier, own_classifications, defaults::classifications(*tier));
        groups.add(decoder, *tier, own_groups, defaults::groups(*tier));
    }
    policy.labels.classifications = classifications.finish();
    let mut groups = groups.finish();
    // A group that no tier names raises a field all the same, unless the file says so of `*` itself.
    policy.labels.other_groups = groups.remove("*").unwrap_or(policy.labels.other_groups);
    policy.labels.groups = groups;
}

/// Values to tiers. What the file says beats the default; the file must not contradict itself.
#[derive(Default)]
struct Mapping {
    said: BTreeMap<String, Tier>,
    default: BTreeMap<String, Tier>,
}

impl Mapping {
    fn add(
        &mut self,
        decoder: &mut Decoder,
        tier: Tier,
        own: Option<Vec<Spanned<String>>>,
        default: &[&str],
    ) {
        let Some(own) = own else {
            self.default.extend(default.iter().map(|v| (v.to_lowercase(), tier)));
            return;
        };
        for value in own {
            if let Some(other) = self.said.insert(value.value.to_lowercase(), tier).filter(|o| *o != tier) {
                let message = format!("`{}` is already in tier `{other}`; keep it in one tier", value.value);
                decoder.mistake(value.span, message);
            }
        }
    }

    fn finish(self) -> BTreeMap<String, Tier> {
        let mut all = self.default;
        all.extend(self.said);
        all
    }
}

fn cells(decoder: &mut Decoder, keys: &mut Keys, mut cells: Cells) -> Cells {
    if let Some(duty) = keys.take("read").and_then(|n| decoder.one_of(n, "requirement", DUTIES)) {
        cells.read = duty;
    }
    if let Some((key, node)) = keys.take_with_key("edit")
        && let Some(duty) = decoder.one_of(node, "requirement", DUTIES)
    {
        cells.edit = duty;
        if duty < cells.read {
            let message = "editing includes reading, and `read` asks for more here: editing needs as much";
            decoder.warn(key.span, message);
        }
    }
    cells
}

fn principals(decoder: &mut Decoder, node: Node, policy: &mut Policy) {
    let names: Vec<&str> = CLASSES.iter().map(|(name, _)| *name).collect();
    let Some(mut keys) = decoder.map(node, "`user_types`", &names) else { return };
    let mut said: [BTreeMap<String, PrincipalClass>; 2] = Default::default();
    for (name, class) in CLASSES {
        let allowed = ["licenses", "names", "open", "conditional", "restricted"];
        let section = keys.take(name).and_then(|n| decoder.map(n, &format!("user type `{name}`"), &allowed));
        let Some(mut section) = section else { continue };
        let lists = [("licenses", "a licence pattern"), ("names", "a name pattern")];
        for ((key, what), said) in lists.into_iter().zip(&mut said) {
            let Some(node) = section.take(key) else { continue };
            let patterns = decoder.texts(node, what);
            for pattern in &patterns {
                decoder.pattern(pattern);
                let other = said.insert(pattern.value.to_lowercase(), *class).filter(|other| other != class);
                if let Some(other) = other {
                    let message =
                        format!("`{}` is already in user type `{other}`; keep it in one", pattern.value);
                    decoder.mistake(pattern.span, message);
                }
            }
            let patterns: Vec<String> = patterns.into_iter().map(|pattern| pattern.value).collect();
            if let Some((_, own)) = policy.principals.classes.iter_mut().find(|(c, _)| c == class) {
                *(if key == "licenses" { &mut own.licenses } else { &mut own.grantors }) = patterns;
            }
        }
        for (tier_name, tier) in TIERS {
            let what = format!("tier `{tier_name}` of `{name}`");
            let Some(mut own) =
                section.take(tier_name).and_then(|n| decoder.map(n, &what, &["read", "edit"]))
            else {
                continue;
            };
            let inherited = policy.tiers.principals.get(&(*class, *tier)).copied();
            let inherited = inherited.or(policy.tiers.rules.get(tier).map(|r| r.cells));
            let start = inherited.unwrap_or(Cells { read: Duty::Deny, edit: Duty::Deny });
            let cells = cells(decoder, &mut own, start);
            policy.tiers.principals.insert((*class, *tier), cells);
        }
    }
}

fn compliance(decoder: &mut Decoder, node: Node, policy: &mut Policy) {
    for (group, node) in decoder.free_map(node, "`compliance`") {
        let what = format!("compliance group `{}`", group.value);
        let Some(mut keys) = decoder.map(node, &what, &["read", "edit", "ticket", "max_days"]) else {
            continue;
        };
        let cells = cells(decoder, &mut keys, Cells { read: Duty::Allow, edit: Duty::Allow });
        let ticket = [("required", true), ("optional", false)];
        let ticket = keys.take("ticket").and_then(|n| decoder.one_of(n, "`ticket`", &ticket));
        let max_days = keys.take("max_days").and_then(|n| decoder.number(n, "`max_days`", 1..=3660));
        let duties = GroupDuties { cells: Some(cells), ticket: ticket.unwrap_or(false), max_days };
        policy.labels.groups_with_duties.push(group.value.to_lowercase());
        policy.tiers.groups.insert(group.value.to_lowercase(), duties);
    }
}

/// Severities by rule, and by part of a rule. A wrong part is told with the parts of its rule alone.
fn severities(decoder: &mut Decoder, node: Node, keys: &[&str], policy: &mut Policy) {
    let (parts, rules): (Vec<&str>, Vec<&str>) = keys.iter().copied().partition(|key| key.contains('/'));
    for (key, value) in decoder.free_map(node, "`rules`") {
        let rule = key.value.split_once('/').map(|(rule, _)| format!("{rule}/"));
        let of_rule: Vec<&str> =
            parts.iter().copied().filter(|part| rule.as_ref().is_some_and(|r| part.starts_with(r))).collect();
        let allowed = if of_rule.is_empty() { &rules } else { &of_rule };
        let written = key;
        let key = decoder.as_called_now(&written, allowed);
        if FIXED_RULES.contains(&key.value.as_str()) {
            let message = format!("this rule cannot be set; take `{}` out", key.value);
            decoder.mistake(key.span, message);
        } else if !allowed.contains(&key.value.as_str()) {
            decoder.unknown_rule(&key, allowed, of_rule.is_empty());
        } else if let Some(severity) = decoder.one_of(value, "severity", SEVERITIES)
            && policy.severities.insert(key.value.clone(), severity).is_some()
        {
            decoder.twice(&written, &key);
        }
    }
}
