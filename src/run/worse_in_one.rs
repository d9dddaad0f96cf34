//! Pairs that are worse in one of several definitions: each definition that the change alters is judged by itself, beside the
//! one it was.

use super::RunError;
use super::config::Config;
use super::deployed::Deployed;
use super::facts::{self, Gathered};
use super::sides::{Sides, delta};
use crate::access::Change;
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

/// Judges each definition by itself. `sides` are what both have read already.
///
/// # Errors
/// When a listing cannot be read.
pub(super) fn judge(
    config: &Config,
    deployed: &Deployed<'_>,
    (sides, read): (&Sides<'_>, [&Org<'_>; 2]),
    alone: Vec<Alone>,
    today: Date,
) -> Result<InOne, RunError> {
    let mut found = InOne::default();
    if alone.len() > MOST_ALONE {
        found.undecided = alone.into_iter().find_map(|one| one.own.into_iter().next()).map(too_many);
        return Ok(found);
    }
    for one in alone {
        let base = sides.before(read[0].again(), &one.base);
        let landing = sides.after(read[1].again(), &one.landing, &base);
        let of_one = |change: &&Change| one.is_in_groups || one.own.contains(&change.path);
        let changes: Vec<Change> = deployed.changes.iter().filter(of_one).cloned().collect();
        let mut delta = delta((&base, &landing), &changes, &FieldSet::default(), config, today)?;
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

/// Whether a finding speaks of what one definition comes to be. Labels, and what goes, are those of all definitions; of entries
/// only that more is at stake than when they were approved.
fn is_of_one(finding: &Finding) -> bool {
    let by_itself = match finding.rule.id {
        "derived-field-access" | "field-leaves-fls" => true,
        "awaiting-approval" => rules::was_approved_for_less(finding),
        _ => false,
    };
    finding.severity == Severity::Error && (!finding.tells.is_empty() || by_itself)
}

/// The findings of the whole, with those of single definitions that tell something else, or something graver.
pub(super) fn beside(mut all: Vec<Finding>, of_one: Vec<Finding>) -> Vec<Finding> {
    for finding in of_one {
        let told = |pair: &(Grantor, FieldName)| {
            let mut telling =
                all.iter().filter(|other| other.severity == Severity::Error && other.tells.contains(pair));
            telling.any(|other| (finding.approvable || !other.approvable) && says_as_much(other, &finding))
        };
        let is_told = match finding.tells.is_empty() {
            true => all.iter().any(|other| {
                other.rule.id == finding.rule.id
                    && other.severity >= finding.severity
                    && same_subject(other, &finding)
                    && says_as_much(other, &finding)
            }),
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

/// Whether one finding names all that another one does: of a formula the fields that it comes to read are in its message.
fn says_as_much(told: &Finding, finding: &Finding) -> bool {
    let is_of_formula = [told, finding].iter().all(|of| of.rule.id == "derived-field-access");
    !is_of_formula || told.message == finding.message
}
