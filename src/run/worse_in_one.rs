//! Pairs that are worse in one of several definitions: each definition that the change alters is judged by itself, beside the
//! one it was.

use super::RunError;
use super::config::Config;
use super::deployed::Deployed;
use super::facts::{self, Gathered};
use super::sides::{Sides, delta};
use crate::finding::{Finding, Severity};
use crate::gate::Reason;
use crate::judge::Judge;
use crate::org::{Alone, MOST_ALONE, Org};
use crate::rules;
use crate::source::RepoPath;
use crate::tiers::Side;
use crate::words::{FieldName, FieldSet, Grantor, State};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What stands in the way, seen from one definition.
#[derive(Default)]
pub(super) struct InOne {
    pub(super) states: BTreeMap<(Grantor, FieldName), State>,
    pub(super) findings: Vec<Finding>,
    pub(super) undecided: Option<Reason>,
}

fn too_many(path: RepoPath) -> Reason {
    let message = format!(
        "it is one of more than {MOST_ALONE} definitions of one component that the change alters; change them in steps"
    );
    Reason { path, position: None, message }
}

/// Judges each definition by itself; with each, both sides, which have read nothing yet.
///
/// # Errors
/// When a listing cannot be read.
pub(super) fn judge<'c>(
    config: &Config,
    deployed: &Deployed<'_>,
    sides: &Sides<'c>,
    alone: impl ExactSizeIterator<Item = (Alone, [Org<'c>; 2])>,
    today: Date,
) -> Result<InOne, RunError> {
    let mut found = InOne::default();
    let is_too_many = alone.len() > MOST_ALONE;
    for (one, [base, landing]) in alone {
        if is_too_many {
            let path = one.landing.into_keys().chain(one.base.into_keys()).next();
            found.undecided = path.map(too_many);
            break;
        }
        let base = sides.before(base, &one.base);
        let landing = sides.after(landing, &one.landing, &base);
        let mut delta = delta((&base, &landing), deployed, &FieldSet::default(), config, today)?;
        let Gathered { facts, background, .. } =
            facts::gather(&delta, config, &deployed.deletions, (&base, &landing, Side::default()), today);
        delta.nobody_edits(|field| facts.landing.get(field).is_some_and(|c| c.computed));
        let trusted = (&config.policy, &config.baseline);
        let cx = Judge::new(&delta, trusted, &facts, today, false);
        for pair in cx.pairs().iter().filter(|pair| pair.is_open()) {
            let key = (pair.exposure.grantor.clone(), pair.exposure.field.clone());
            let state = found.states.entry(key).or_insert(pair.state);
            *state = pair.state.max(*state);
        }
        if config.policy_is_known && config.worded != Some(0) {
            let findings = rules::run(&cx, &background).worded(None);
            found.findings.extend(findings.into_iter().filter(is_of_one));
        }
    }
    Ok(found)
}

/// Whether a finding speaks of what one definition comes to be. Labels, and what goes, are those of all definitions.
fn is_of_one(finding: &Finding) -> bool {
    const BY_ITSELF: [&str; 3] = ["derived-field-access", "field-leaves-fls", "awaiting-approval"];
    finding.severity == Severity::Error && (!finding.tells.is_empty() || BY_ITSELF.contains(&finding.rule.id))
}

/// The findings of the whole, with those of single definitions that tell something else, or something graver.
pub(super) fn beside(mut all: Vec<Finding>, of_one: Vec<Finding>) -> Vec<Finding> {
    for finding in of_one {
        let told = |pair: &(Grantor, FieldName)| {
            let mut telling =
                all.iter().filter(|other| other.severity == Severity::Error && other.tells.contains(pair));
            telling.any(|other| finding.approvable || !other.approvable)
        };
        let is_told = match finding.tells.is_empty() {
            true => all.iter().any(|other| other.rule.id == finding.rule.id && same_subject(other, &finding)),
            false => finding.tells.iter().collect::<BTreeSet<_>>().into_iter().all(told),
        };
        if !is_told {
            all.push(finding);
        }
    }
    all
}

fn same_subject(a: &Finding, b: &Finding) -> bool {
    let of = |finding: &Finding| {
        (finding.subject.field.clone(), finding.subject.grantor.clone().map(|(who, _)| who))
    };
    of(a) == of(b)
}
