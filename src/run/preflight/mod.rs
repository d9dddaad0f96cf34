//! `flsgate preflight`: will an integration's calls succeed once this is deployed?
//!
//! A field without access fails the whole call, so everything that an integration needs is compared with
//! what its grantors open together.

mod changed;
mod compare;
mod fix;
mod needs;
mod trim;

pub(super) use changed::{Side, changed};

use super::config::{self, Asked};
use super::judge::{judge, reason};
use super::{RunError, files};
use crate::gate::{Preflight, Reason};
use crate::git::Repository;
use crate::org::Org;
use crate::policy::Integration;
use crate::words::nearest;
use jiff::civil::Date;
use std::path::PathBuf;

/// What to look at.
#[derive(Clone, Debug)]
pub struct PreflightOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// Revision; `None` is the working tree.
    pub revision: Option<String>,
    /// One integration of the policy; `None` is all of them.
    pub integration: Option<String>,
    /// Grants what is missing and not restricted in the first permission set of each integration, which is made where it is
    /// not there.
    pub fix: bool,
    /// Today.
    pub today: Date,
}

/// Compares needs and access. With `fix`, the answers are those after the files were written.
///
/// # Errors
/// When the repository cannot be read, the policy names no such integration, or a file cannot be written.
pub fn preflight(options: &PreflightOptions) -> Result<Preflight, RunError> {
    let answers = look(options)?;
    if !options.fix {
        return Ok(answers);
    }
    if options.revision.is_some() {
        return Err(RunError::Setup("--fix writes to the working tree; leave --revision out".into()));
    }
    if let Some(first) = answers.undecided.first() {
        return Err(RunError::Setup(format!(
            "nothing is written while something cannot be read; correct it first: {first}"
        )));
    }
    let repository = Repository::open(&options.repository)?;
    let mut wrote = Vec::new();
    for checked in &answers.integrations {
        if let Some(patch) = fix::patch(&repository, checked)? {
            files::write(&files::in_work_tree(&repository, patch.wrote.path.as_str())?, &patch.bytes)?;
            wrote.push(patch.wrote);
        }
    }
    Ok(Preflight { wrote: Some(wrote), ..look(options)? })
}

/// The integration that somebody means who names its permission set, or misspells it.
fn meant(integrations: &[Integration], name: &str) -> Option<String> {
    let has = |i: &&Integration| i.grantors.iter().any(|g| g.name().eq_ignore_ascii_case(name));
    let of_holder = integrations.iter().find(has);
    let near = || nearest(name, integrations.iter().map(|i| i.name.as_str()));
    let of_holder = of_holder
        .map(|i| format!("that is a permission set or profile of `{}`: name the integration", i.name));
    of_holder.or_else(|| Some(format!("did you mean `{}`?", near()?)))
}

fn look(options: &PreflightOptions) -> Result<Preflight, RunError> {
    let repository = Repository::open(&options.repository)?;
    let comparison = repository.standing(options.revision.as_deref())?;
    let mut config = config::load(&comparison, Asked::Standing, None)?.without_findings();
    let wanted = |i: &&Integration| options.integration.as_ref().is_none_or(|name| *name == i.name);
    let integrations: Vec<Integration> = config.policy.integrations.iter().filter(wanted).cloned().collect();
    if integrations.is_empty() && config.undecided.is_empty() {
        let all: Vec<String> = config.policy.integrations.iter().map(|i| format!("`{}`", i.name)).collect();
        let path = crate::policy::POLICY_PATH;
        return Err(RunError::Setup(match &options.integration {
            Some(name) if !all.is_empty() => format!(
                "the policy names no integration `{name}`; {}",
                meant(&config.policy.integrations, name)
                    .unwrap_or_else(|| format!("`integrations` in `{path}` has {}", all.join(", ")))
            ),
            _ => format!(
                "the policy names no integration; write `integrations` in `{path}`, where `flsgate init` puts an example in comments"
            ),
        }));
    }
    let labelled: Vec<_> = config.labels.iter().map(|label| label.field.clone()).collect();
    let org = Org::new(&comparison.landing)?.with_fields(&labelled).with_fls(&config.exported_fls);
    let needs: Vec<_> = integrations.iter().map(|i| needs::gather(i, &org, &comparison.landing)).collect();
    config.also.extend(needs.iter().flat_map(|n| n.fields.keys().cloned()));
    let mut undecided: Vec<Reason> = needs.iter().flat_map(|n| n.undecided.clone()).collect();
    let (verdict, checked) = judge(&comparison, config, options.today, |cx, background, _| {
        let pairs = integrations.iter().zip(&needs);
        pairs
            .map(|(integration, needs)| compare::compare((cx, background), &org, integration, needs))
            .collect()
    })?;
    undecided.extend(verdict.undecided);
    let definitions =
        needs.iter().flat_map(|n| n.fields.keys()).flat_map(|field| org.field(field).unreadable);
    undecided.extend(definitions.map(|unread| reason(&unread)));
    undecided.sort();
    undecided.dedup();
    Ok(Preflight { integrations: checked, undecided, wrote: None })
}
