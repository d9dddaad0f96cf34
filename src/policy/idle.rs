//! Names and patterns of a policy that nothing in the repository matches: a slip of the hand there weakens the gate
//! without a word.

use super::principals::{Principals, glob};
use super::{Policy, near, tiers::Profiles};
use crate::words::{Grantor, GrantorKind, Tier, did_you_mean};
use std::collections::BTreeSet;

/// Suggestions that anybody reads.
const SUGGESTED: usize = 20;

impl Policy {
    /// A sentence for each key of `compliance` that is no group of Salesforce, and that none of `used` is.
    pub fn idle_groups<'u>(&self, used: impl Iterator<Item = &'u String>) -> Vec<String> {
        let used: BTreeSet<&str> = used.map(String::as_str).chain(near::GROUPS).collect();
        let is_used = |group: &&String| used.iter().any(|other| other.eq_ignore_ascii_case(group));
        let sentence = |group: &String| {
            let near = did_you_mean(group, used.iter().copied());
            format!("`compliance` of the policy names the group `{group}`, and no field here is in it{near}")
        };
        self.tiers.groups.keys().filter(|group| !is_used(group)).map(sentence).collect()
    }

    /// A sentence for each name or pattern of user types, tiers and integrations that matches none of `all`, and for each value
    /// of labels that is nearly another one.
    pub fn idle_names(&self, all: &[&Grantor]) -> Vec<String> {
        let mut idle: Vec<(String, &str, Option<GrantorKind>)> = Vec::new();
        let built_in = Principals::default();
        for (class, patterns) in &self.principals.classes {
            let own = patterns.grantors.iter().filter(|name| !built_in.lists(*class, name));
            idle.extend(own.map(|name| (format!("user_types.{class}.names"), name.as_str(), None)));
        }
        for tier in Tier::ALL {
            if let Some(Profiles::Named(names)) = self.tiers.rules.get(&tier).map(|rules| &rules.profiles) {
                let profile = Some(GrantorKind::Profile);
                idle.extend(
                    names.iter().map(|name| (format!("tiers.{tier}.profiles"), name.as_str(), profile)),
                );
            }
        }
        for integration in &self.integrations {
            let at = format!("integrations.{}", integration.name);
            idle.extend(integration.grantors.iter().map(|g| (at.clone(), g.name(), Some(g.kind))));
        }
        let of_kind = |kind: Option<GrantorKind>| {
            all.iter().filter(move |grantor| kind.is_none_or(|kind| grantor.kind == kind)).map(|g| g.name())
        };
        idle.retain(|(_, name, kind)| !of_kind(*kind).any(|other| glob(name, other)));
        let sentence = |(number, (at, name, kind)): (usize, &(String, &str, Option<GrantorKind>))| {
            let what = kind.map_or("permission set, group or profile", GrantorKind::words);
            let near = if number < SUGGESTED { did_you_mean(name, of_kind(*kind)) } else { String::new() };
            format!("`{at}` of the policy names `{name}`, and no {what} here is called so{near}")
        };
        let idle = idle.iter().enumerate().map(sentence);
        let slips = self.labels.slips(self.approvers.groups());
        let slips: BTreeSet<String> = slips
            .map(|(what, name, meant)| format!("the policy lists {what} `{name}`. Did you mean `{meant}`?"))
            .collect();
        idle.chain(slips).collect()
    }
}
