//! The folder `.flsgate/`: policy, justifications and labels, from text to validated values with places.
//!
//! Policy and labels are read from the base, justifications from the tree that would land; who calls decides.
//! Knows nothing of metadata, git or rules beyond their ids.

mod approvers;
mod baseline;
mod decode;
mod defaults;
mod file;
mod holders;
mod idle;
mod integrations;
mod justification;
mod near;
mod not_yaml;
mod overlay;
mod policy_test;
mod principals;
mod reason;
mod stub;
mod tiers;
mod yaml;

pub use approvers::{Also, Approvers, Permission, Person, Scope, Team};
pub use baseline::{Accepted, AcceptedFinding, Baseline, UpTo, read_baseline, scalar};
pub use decode::Mistake;
pub use file::{FIXED_RULES, read_policy};
pub use holders::{Held, Holders, read_holders};
pub use integrations::{Integration, Need};
pub use justification::{Entry, EntrySet, Justifications, Masking, MaskingText, read_justifications};
pub use near::NearMiss;
pub use overlay::{Drafted, LabelColumns, OverlayLabel, draft_labels, is_overlay, read_overlay};
pub use policy_test::{PolicyTest, read_policy_tests};
pub use principals::Principals;
pub use reason::{Lacks, Reason};
pub use stub::{Stub, file_head, file_stem};
pub use tiers::{Cells, Duty, Enforcement, GroupDuties, LabelMap, TierOf, TierRules, Tiers};

use crate::finding::{RuleInfo, Severity};
use crate::words::Tier;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The folder in the user's repository.
pub const FOLDER: &str = ".flsgate/";

/// What sets the sf-decomposer plugin up, which puts pieces of permission sets of any type together before a deployment: with it
/// on the base such pieces take access away, so a change of it needs an approval.
pub const PLUGIN_FILE: &str = ".sfdecomposer.config.json";
/// The policy file.
pub const POLICY_PATH: &str = ".flsgate/policy.yml";
/// Where justifications are.
pub const JUSTIFICATIONS: &str = ".flsgate/justifications/";
/// What is accepted since the day of adoption.
pub const BASELINE_PATH: &str = ".flsgate/baseline.yml";
/// Where counts are of who holds what.
pub const HOLDERS: &str = ".flsgate/holders/";
/// Where examples are of what the policy asks.
pub const TESTS: &str = ".flsgate/tests/";
/// Where labels of fields are that are not in git.
pub const LABELS: &str = ".flsgate/labels/";
/// Where `init` writes labels that it suggests: beside the folder of labels and not in it, for a guess classifies nothing
/// until a person has moved it there.
pub const SUGGESTED_LABELS: &str = ".flsgate/suggested-labels.csv";

/// JSON Schema of the policy file.
pub const POLICY_SCHEMA: &str = include_str!("policy.schema.json");
/// JSON Schema of a justification file.
pub const JUSTIFICATION_SCHEMA: &str = include_str!("justification.schema.json");
/// JSON Schema of a file of tests.
pub const TESTS_SCHEMA: &str = include_str!("tests.schema.json");

/// What happens in the org when a change deletes the file of a permission set, profile or group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Deletions {
    /// Nothing: a deployment deletes nothing.
    #[default]
    Keep,
    /// The pipeline deploys these destructive manifests, and deletes what they name.
    Manifests(Vec<String>),
    /// The pipeline deletes what git deletes.
    Delete,
}

impl Deletions {
    /// Whether it lists this path as a manifest that the pipeline deploys.
    pub fn lists(&self, path: &str) -> bool {
        match self {
            Deletions::Manifests(paths) => paths.iter().any(|listed| listed.trim_start_matches("./") == path),
            Deletions::Keep | Deletions::Delete => false,
        }
    }
}

/// A validated policy. [`Policy::default`] is the built-in one.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Labels to tiers.
    pub labels: LabelMap,
    /// Tiers to duties.
    pub tiers: Tiers,
    /// Grantors to principal classes.
    pub principals: Principals,
    /// A justification may run for at most so many days from today.
    pub max_days: u32,
    /// A reason has at least so many words.
    pub min_words: u32,
    /// So many days before a justification or the baseline ends it is told.
    pub warn_days: u32,
    /// The last day on which the baseline accepts anything.
    pub baseline_ends: Option<Date>,
    /// Shield-encrypted fields are masked for whoever lacks View Encrypted Data, as orgs did before
    /// masking was taken out of Shield Platform Encryption.
    pub shield_masks: bool,
    /// Files that `.forceignore` names do not deploy, so they do not count.
    pub honours_forceignore: bool,
    /// What becomes of a permission set, profile or group in the org whose file goes.
    pub deletions: Deletions,
    /// What label files of the customer's own shape call their columns.
    pub label_columns: LabelColumns,
    /// Who may approve.
    pub approvers: Approvers,
    /// Branches, protected by this gate, whose approved entries count here for the same stakes.
    pub approved_on: Vec<String>,
    /// Systems, and what they need.
    pub integrations: Vec<Integration>,
    /// Path patterns of submodules that hold no metadata.
    ignored_submodules: Vec<String>,
    /// Keys and rules by names that they had in drafts; the policy counts.
    pub former_names: Vec<Mistake>,
    /// By rule, or by rule and part of it (`RULE/PART`).
    severities: BTreeMap<String, Option<Severity>>,
}

impl Policy {
    /// Whether the submodule at `path` is said to hold no metadata.
    pub fn ignores_submodule(&self, path: &str) -> bool {
        self.ignored_submodules.iter().any(|pattern| fast_glob::glob_match(pattern, path))
    }

    /// Whether `date` is near enough to `today` to be told, and not over.
    pub fn is_near(&self, date: Date, today: Date) -> bool {
        let last = today.saturating_add(jiff::Span::new().days(i64::from(self.warn_days)));
        (today..=last).contains(&date)
    }

    /// Whether the baseline accepts anything on that day.
    pub fn baseline_counts(&self, today: Date) -> bool {
        self.baseline_ends.is_none_or(|last| today <= last)
    }

    /// Whether the policy asks anything of a compliance group beyond its tier, be it other people.
    pub fn has_duties(&self, group: &str) -> bool {
        self.tiers.has_duties(group) || self.approvers.name_group(group)
    }

    /// The severity of a rule under this policy; `None` is off.
    pub fn severity(&self, rule: &RuleInfo) -> Option<Severity> {
        self.severities.get(rule.id).copied().unwrap_or(rule.severity)
    }

    /// The severity that the policy gives a part of a rule by the part's own key, `RULE/PART`; `Some(None)` is off.
    pub fn severity_of_part(&self, key: &str) -> Option<Option<Severity>> {
        self.severities.get(key).copied()
    }

    /// Whether the policy sets parts of a rule by themselves.
    pub fn sets_parts_of(&self, rule: &RuleInfo) -> bool {
        let part = |key: &String| key.split_once('/').is_some_and(|(id, _)| id == rule.id);
        self.severities.keys().any(part)
    }

    /// The same for a finding about a field of `tier`, where the tier may be advisory only.
    pub fn severity_in(&self, rule: &RuleInfo, tier: Tier) -> Option<Severity> {
        let severity = self.severity(rule)?;
        let advisory = self.tiers.enforcement(tier) == Enforcement::Advisory;
        Some(if advisory { severity.min(Severity::Warning) } else { severity })
    }
}
