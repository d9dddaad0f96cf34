//! `flsgate audit`: every exposure that stands, against policy and baseline.

use super::config::{self, Asked, Config};
use super::judge::{judge, unread_definitions};
use super::{Progress, RunError, accepted, files, given_policy, raised};
use crate::access::Exposure;
use crate::finding::Severity;
use crate::gate::{Reason, Verdict};
use crate::git::{Comparison, Repository};
use crate::judge::{Judge, State};
use crate::policy::{self, Accepted, AcceptedFinding, Baseline, Policy};
use crate::rules;
use crate::source::{RepoPath, SourceFile};
use crate::words::{FieldName, Grantor, Tier};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// What to audit.
#[derive(Clone)]
pub struct AuditOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// Revision; `None` is the working tree.
    pub revision: Option<String>,
    /// Another file than `.flsgate/baseline.yml`.
    pub baseline: Option<PathBuf>,
    /// A policy to judge by in place of the repository's own; it must not be a file of it.
    pub policy: Option<PathBuf>,
    /// What to do to the baseline.
    pub write: BaselineWrite,
    /// Judges as if nothing were justified.
    pub without_justifications: bool,
    /// Revision that the labels of the working tree are compared with; `None` is the default branch of the upstream.
    pub base: Option<String>,
    /// Today.
    pub today: Date,
    /// Lists access to fields of tier 1 as well, and does not only count it.
    pub lists_all: bool,
    /// How many findings are put into words, the weightiest; `None` is all of them.
    pub worded: Option<usize>,
    /// Who hears how far it is.
    pub progress: Option<Progress>,
}

/// What an audit does to `.flsgate/baseline.yml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaselineWrite {
    /// Nothing.
    No,
    /// Writes everything that stands and is not settled. Refused where there is a baseline: it can only
    /// shrink.
    Adopt,
    /// Adds access that exists and whose label the working tree raises.
    AcceptRaised,
    /// Takes out what no longer stands, or is settled by now.
    Prune,
}

/// Judges what stands.
///
/// # Errors
/// When the repository cannot be read, or the baseline cannot be read or written.
pub fn audit(options: &AuditOptions) -> Result<Verdict, RunError> {
    let repository = Repository::open(&options.repository)?;
    let comparison = repository.standing(options.revision.as_deref())?;
    let given = given_policy::trusted(&repository, &comparison, options.policy.as_deref())?;
    let load = || -> Result<Config, RunError> {
        let mut config = config::load_under(&comparison, Asked::Standing, given.clone())?;
        config.progress.clone_from(&options.progress);
        config.lists_all = options.lists_all;
        config.worded = options.worded;
        if let Some(path) = &options.baseline {
            config.baseline = read_file(path)?;
        }
        if options.without_justifications {
            config.forget_justifications();
        }
        Ok(config)
    };
    if matches!(options.write, BaselineWrite::Adopt | BaselineWrite::AcceptRaised) {
        refuse_ended(&load()?.policy, options.today)?;
    }
    let path = || files::in_work_tree(&repository, policy::BASELINE_PATH);
    let mut wrote = None;
    let mut verdict = match options.write {
        BaselineWrite::No => accept(&comparison, load()?, options.today)?,
        BaselineWrite::Adopt => {
            let path = path()?;
            if path.exists() && !load()?.baseline.is_empty() {
                let message = format!(
                    "`{}` is there already, and a baseline is written once; `--prune` takes out what no longer exists, `--accept-raised` adds access whose label rises",
                    policy::BASELINE_PATH
                );
                return Err(RunError::Setup(message));
            }
            let baseline = adopt(&comparison, &load, options.today)?;
            if baseline.is_empty() {
                let message = "there is nothing to accept: no access to a classified field, and no other finding; label the \
                               fields first, and write the baseline then";
                return Err(RunError::Setup(message.to_owned()));
            }
            wrote = Some(baseline.len());
            files::write(&path, baseline.to_yaml().as_bytes())?;
            accept(&comparison, Config { baseline, ..load()? }, options.today)?
        }
        BaselineWrite::AcceptRaised => {
            let (baseline, compared) = raised::accepted(&repository, &comparison, (options, given.as_ref()))?;
            let old = load()?.baseline;
            let is_new = |(pair, line): &(&(Grantor, FieldName), &Accepted)| {
                let same = |old: &Accepted| (&old.up_to, &old.raised) == (&line.up_to, &line.raised);
                !old.exposures.get(*pair).is_some_and(same)
            };
            let added = baseline.exposures.iter().filter(is_new).count();
            if added > 0 {
                files::write(&path()?, baseline.to_yaml().as_bytes())?;
            }
            wrote = Some(added);
            Verdict { compared, ..accept(&comparison, Config { baseline, ..load()? }, options.today)? }
        }
        BaselineWrite::Prune => {
            let path = path()?;
            if !path.exists() {
                let message = format!("there is no `{}` to prune", policy::BASELINE_PATH);
                return Err(RunError::Setup(message));
            }
            let (verdict, stale) = accept_telling(&comparison, load()?, options.today)?;
            refuse_undecided(&verdict.undecided)?;
            let mut baseline = load()?.baseline;
            let before = baseline.len();
            baseline.exposures.retain(|key, _| !stale.exposures.contains(key));
            baseline.findings.retain(|finding, _| !stale.findings.contains(finding));
            wrote = Some(before - baseline.len());
            if baseline.len() < before {
                files::write(&path, baseline.to_yaml().as_bytes())?;
            }
            accept(&comparison, Config { baseline, ..load()? }, options.today)?
        }
    };
    verdict.wrote = wrote;
    let reads = repository.reads();
    verdict.read.files = reads.files;
    verdict.read.bytes = reads.bytes;
    Ok(verdict.decide())
}

/// Lines that accept nothing would come to accept something if the policy gave the baseline a later day.
fn refuse_ended(policy: &Policy, today: Date) -> Result<(), RunError> {
    match policy.baseline_ends.filter(|last| *last < today) {
        None => Ok(()),
        Some(last) => Err(RunError::Setup(format!(
            "the baseline ended on {last} (`baseline.ends` in the policy), so nothing is added to it"
        ))),
    }
}

fn read_file(path: &PathBuf) -> Result<Baseline, RunError> {
    let io = |source| RunError::Io { what: format!("cannot read `{}`", path.display()), source };
    let bytes = std::fs::read(path).map_err(io)?;
    let shown = RepoPath::from(path.display().to_string().as_str());
    let file = Arc::new(SourceFile::new(shown, bytes));
    policy::read_baseline(&file, &rules::ids())
        .map_err(|all| RunError::Setup(all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// Lines of a baseline that accept nothing any more.
#[derive(Default)]
struct Stale {
    exposures: BTreeSet<(Grantor, FieldName)>,
    findings: BTreeSet<AcceptedFinding>,
}

/// Judges what exists under the baseline of `config`.
pub(super) fn accept(comparison: &Comparison, config: Config, today: Date) -> Result<Verdict, RunError> {
    Ok(accept_telling(comparison, config, today)?.0)
}

/// Judges under the baseline of `config`: what it accepts is marked, what is stale is told.
fn accept_telling(
    comparison: &Comparison,
    config: Config,
    today: Date,
) -> Result<(Verdict, Stale), RunError> {
    let baseline = match config.policy.baseline_counts(today) {
        true => config.baseline.clone(),
        false => Baseline::default(),
    };
    let (mut verdict, exposures) =
        judge(comparison, config, today, |cx, _, _| stale_exposures(cx, &baseline))?;
    let mut stale = Stale { exposures, ..Stale::default() };
    let settled = verdict.findings.iter().filter(|finding| finding.settled.is_some());
    let used: BTreeSet<AcceptedFinding> = settled.map(accepted::key).collect();
    stale.findings = baseline.findings.keys().filter(|f| !used.contains(f)).cloned().collect();
    let listed = verdict.opened.iter().filter_map(|door| {
        let (holder, _) = door.subject.grantor.as_ref()?;
        Some((holder.clone(), door.subject.field.clone()?))
    });
    let all = listed.chain(verdict.counted.iter().cloned());
    let exists: BTreeSet<(Grantor, FieldName)> = match stale.exposures.is_empty() {
        true => BTreeSet::new(),
        false => all.filter(|key| stale.exposures.contains(key)).collect(),
    };
    let exposures = stale.exposures.iter().filter_map(|key| {
        let (grantor, field) = key;
        let why =
            if exists.contains(key) { "what needs no exception any more" } else { "what no longer exists" };
        Some((baseline.exposures.get(key)?.place.as_ref()?, format!("{grantor} and `{field}` accepts {why}")))
    });
    let findings = stale.findings.iter().filter_map(|key| {
        let about = key.grantor.iter().map(ToString::to_string);
        let about = about.chain(key.field.iter().map(|field| format!("`{field}`")));
        let about: Vec<String> = std::iter::once(format!("`{}`", key.rule)).chain(about).collect();
        let about = about.join(" and ");
        Some((baseline.findings.get(key)?.1.as_ref()?, format!("{about} accepts what is no longer found")))
    });
    // What could not be read may be what a line accepts.
    let all_read = verdict.undecided.is_empty();
    let warnings = exposures.chain(findings).filter(|_| all_read).map(|(place, about)| Reason {
        path: place.path().clone(),
        position: Some(place.location().start),
        message: format!("the line of {about}; `flsgate audit --prune` takes it out"),
    });
    verdict.warnings.extend(warnings);
    Ok((verdict, stale))
}

fn stale_exposures(cx: &Judge<'_>, baseline: &Baseline) -> BTreeSet<(Grantor, FieldName)> {
    if baseline.exposures.is_empty() {
        return BTreeSet::new();
    }
    let mut needed = BTreeSet::new();
    for exposure in cx.delta.opened.iter().map(|opened| &opened.exposure) {
        if needs_a_line(cx, exposure) {
            needed.insert((exposure.grantor.clone(), exposure.field.clone()));
        }
    }
    baseline.exposures.keys().filter(|key| !needed.contains(key)).cloned().collect()
}

/// Whether nothing but a line of the baseline settles an access that exists. What a group has by a member is settled there.
fn needs_a_line(cx: &Judge<'_>, exposure: &Exposure) -> bool {
    let pair = cx.pair_of(&exposure.grantor, &exposure.field);
    cx.classified(&exposure.field).tier > Tier::Open
        && cx.stands(exposure, None) >= State::Accepted
        && pair.is_none_or(|pair| pair.at_member.is_none())
}

/// A baseline made of half of the files would lose lines, or lack some.
pub(super) fn refuse_undecided(undecided: &[Reason]) -> Result<(), RunError> {
    let Some(first) = undecided.first() else { return Ok(()) };
    Err(RunError::Setup(format!(
        "no baseline is written while files cannot be judged; correct them first: `{}`: {}",
        first.path, first.message
    )))
}

/// Everything that stands and is not settled: exposures one by one, and the errors that are left then.
fn adopt(
    comparison: &Comparison,
    load: &dyn Fn() -> Result<Config, RunError>,
    today: Date,
) -> Result<Baseline, RunError> {
    let unsettled = |cx: &Judge<'_>| {
        let mut baseline = Baseline::default();
        for exposure in cx.delta.opened.iter().map(|o| &o.exposure) {
            if needs_a_line(cx, exposure) {
                let key = (exposure.grantor.clone(), exposure.field.clone());
                let accepted = Accepted {
                    up_to: cx.extent(exposure),
                    raised: None,
                    since: Some(today),
                    owner: cx.classified(&exposure.field).owner.clone(),
                    place: None,
                };
                baseline.exposures.insert(key, accepted);
            }
        }
        baseline
    };
    let (verdict, (mut baseline, unread)) =
        judge(comparison, load()?, today, |cx, _, _| (unsettled(cx), unread_definitions(cx)))?;
    refuse_undecided(&[verdict.undecided, unread].concat())?;
    let (verdict, ()) =
        judge(comparison, Config { baseline: baseline.clone(), ..load()? }, today, |_, _, _| ())?;
    let errors = verdict.findings.iter().filter(|f| f.severity == Severity::Error);
    baseline.findings.extend(errors.map(|f| (accepted::key(f), (f.subject.tier, None))));
    Ok(baseline)
}
