//! The built-in policy: works without a policy file. Each value is documented in `docs/policy-reference.md`.

use super::Policy;
use super::tiers::{Cells, Duty, Enforcement, LabelMap, Profiles, TierRules, Tiers};
use crate::words::{PrincipalClass, Tier};
use std::collections::BTreeMap;

/// Longest life of a justification unless the policy says otherwise: twelve months and a day of grace.
const MAX_DAYS: u32 = 366;
/// A reason of substance has at least so many words.
const MIN_WORDS: u32 = 3;
/// So many days before a justification or the baseline ends a warning says so.
const WARN_DAYS: u32 = 30;

/// Classifications of a tier. Salesforce's own five values.
pub(super) fn classifications(tier: Tier) -> &'static [&'static str] {
    match tier {
        Tier::Open => &["Public", "Internal"],
        Tier::Conditional => &["Confidential"],
        Tier::Restricted => &["Restricted", "MissionCritical"],
    }
}

/// Compliance groups of a tier; `*` is any group that no tier names.
pub(super) fn groups(tier: Tier) -> &'static [&'static str] {
    match tier {
        Tier::Open => &[],
        Tier::Conditional => &["*"],
        Tier::Restricted => &["PCI", "HIPAA", "PHI"],
    }
}

pub(super) fn tier_rules(tier: Tier) -> TierRules {
    let (read, edit) = match tier {
        Tier::Open => (Duty::Allow, Duty::Allow),
        Tier::Conditional => (Duty::Justify, Duty::Approve),
        Tier::Restricted => (Duty::Approve, Duty::Approve),
    };
    TierRules {
        cells: Cells { read, edit },
        profiles: if tier == Tier::Open { Profiles::All } else { Profiles::None },
        enforcement: Enforcement::Soft,
    }
}

impl Default for Policy {
    fn default() -> Self {
        let mut map = LabelMap {
            classifications: BTreeMap::new(),
            groups: BTreeMap::new(),
            other_groups: Tier::Conditional,
            groups_with_duties: Vec::new(),
            no_group: vec!["none".into()],
            unlabelled: Tier::Open,
            unknown_fields: Tier::Open,
            unmapped: Tier::Restricted,
        };
        for tier in Tier::ALL {
            map.classifications.extend(classifications(tier).iter().map(|c| (c.to_lowercase(), tier)));
            map.groups.extend(groups(tier).iter().filter(|g| **g != "*").map(|g| (g.to_lowercase(), tier)));
        }
        let deny = Cells { read: Duty::Deny, edit: Duty::Deny };
        let outside = [PrincipalClass::Agent, PrincipalClass::External, PrincipalClass::Guest];
        let classified = [Tier::Conditional, Tier::Restricted];
        let principals = outside.iter().flat_map(|p| classified.map(|t| ((*p, t), deny))).collect();
        Policy {
            labels: map,
            tiers: Tiers {
                rules: Tier::ALL.into_iter().map(|t| (t, tier_rules(t))).collect(),
                principals,
                groups: BTreeMap::new(),
            },
            principals: super::Principals::default(),
            max_days: MAX_DAYS,
            min_words: MIN_WORDS,
            warn_days: WARN_DAYS,
            baseline_ends: None,
            shield_masks: false,
            honours_forceignore: false,
            deletions: super::Deletions::Keep,
            label_columns: super::LabelColumns::default(),
            approvers: super::Approvers::default(),
            approved_on: Vec::new(),
            integrations: Vec::new(),
            ignored_submodules: Vec::new(),
            former_names: Vec::new(),
            severities: BTreeMap::new(),
        }
    }
}
