//! What every command that judges shares: two sides and a configuration in, a verdict out.

use super::RunError;
use super::config::Config;
use super::facts::Gathered;
use super::preflight::{self, Side};
use super::sides::{Sides, delta};
use super::{accepted, deployed, ends, facts, from_then_on, unread, worse_in_one};
use crate::access::{Delta, Exposure, LabelChange, Unreadable};
use crate::finding::{Place, Subject};
use crate::gate::{Asked, Door, Outcome, ReadCounts, Reason, Relabelled, Verdict};
use crate::git::{self, Comparison};
use crate::judge::{Changed, Judge, Justified, Pair, State};
use crate::org::{Org, is_definition};
use crate::policy::{self, Holders, Policy};
use crate::rules::{self, Background};
use crate::source::{EntryKind, Purpose, RepoPath, Snapshot, Span};
use crate::tiers::{Classified, Known, OwnLabels, Tiers};
use crate::words::{Grantor, Tier, counted};
use jiff::civil::Date;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Judges a comparison under its configuration. `also` sees what the rules saw, and what would land.
pub(super) fn judge<T>(
    comparison: &Comparison,
    mut config: Config,
    today: Date,
    also: impl FnOnce(&Judge<'_>, &Background, &Org<'_>) -> T,
) -> Result<(Verdict, T), RunError> {
    let told = ends::remarks(&mut config, today);
    let deployed = deployed::deployed(comparison, &config)?;
    let paths: BTreeSet<&RepoPath> = deployed.changes.iter().map(|change| &change.path).collect();
    let (base, landing) = Org::both(&deployed.base, &deployed.landing)?;
    let base = base.as_base();
    let alone = if config.standing { Vec::new() } else { base.compared_alone(&landing, &paths) };
    let sides = Sides::new(&config, &deployed, (&base, &landing), &paths);
    let base = sides.before(base, &BTreeMap::new());
    let landing = sides.after(landing, &BTreeMap::new(), &base);

    if config.standing {
        landing.read_all(config.progress.as_deref().unwrap_or(&|_, _| ()));
    }
    let (only_counted, tiers) = match config.standing && !config.lists_all {
        true => facts::for_everybody(&config, (&base, &landing), today),
        false => Default::default(),
    };
    let mut delta = delta((&base, &landing), &deployed.changes, &only_counted, &config, today)?;
    let integrations = if config.standing {
        // `preflight` answers that.
        Vec::new()
    } else {
        let paths: Vec<&str> = comparison.changes.iter().map(|c| c.path.as_str()).collect();
        let before = Side { org: &base, files: &comparison.base, touched: &delta.base };
        let after = Side { org: &landing, files: &comparison.landing, touched: &delta.landing };
        preflight::changed(&config.policy.integrations, &delta, &before, &after, &paths)
    };
    let Gathered { facts, mut background, unreadable } =
        facts::gather(&delta, &config, &deployed.deletions, (&base, &landing, tiers), today);
    background.integrations = integrations;
    background.from_then_on = from_then_on::counting(comparison, &config, (&base, &landing), today)?;
    background.inheriting = inheriting(&config, (&base, &landing), &delta, today);
    let counted = std::mem::take(&mut delta.counted);
    delta.nobody_edits(|field| facts.landing.get(field).is_some_and(|c| c.computed));
    let trusted = (&config.policy, &config.baseline);
    let in_one = worse_in_one::judge(&config, &deployed, (&sides, [&base, &landing]), alone, today)?;
    let cx = Judge::new(&delta, trusted, &facts, today, config.standing).with_worse_in_one(in_one.states);
    // Without its policy a run may list what opens, but has nothing to judge it by.
    let explained =
        (config.policy_is_known && config.worded != Some(0)).then(|| rules::run(&cx, &background));
    let (findings, switched_off) = explained.map_or_else(Default::default, |mut explained| {
        if config.standing {
            accepted::settle(&mut explained.findings, &config.baseline);
        }
        let switched_off = explained.switched_off;
        (worse_in_one::beside(explained.worded(config.worded), in_one.findings), switched_off)
    });
    let also = also(&cx, &background, &landing);

    let doors: Vec<Door> =
        delta.opened.par_iter().map(|o| opened(&cx, &background.holders, &o.exposure)).collect();
    // A line over what needs no exception any more accepts nothing.
    let accepted = delta
        .opened
        .iter()
        .zip(&doors)
        .filter(|(_, door)| config.standing && door.state == Some(State::Accepted));
    let accepted = accepted.filter_map(|(o, _)| cx.accepted_by(&o.exposure)).map(|line| line.since).collect();
    let mut undecided = config.undecided.clone();
    undecided.extend(deployed.undecided.iter().cloned());
    undecided.extend(in_one.undecided);
    // Of what is there, a definition that cannot be read leaves its field restricted, and the rest can be judged.
    let (idle, decides): (Vec<_>, Vec<_>) =
        delta.undecided.iter().partition(|problem| config.standing && is_definition(problem.path.as_str()));
    undecided.extend(decides.into_iter().map(reason));
    undecided.extend(comparison.changes.iter().filter_map(|c| submodule(c, &config.policy)));
    let mut warnings = config.warnings.clone();
    warnings.extend(deployed.warnings.iter().cloned());
    warnings.extend(unread::named_nearly(comparison).into_iter().filter(|_| !config.standing));
    if !config.standing {
        warnings.extend(unread::written_twice(comparison, &config.entries));
    }
    warnings.extend(accepted::outlived(&cx, &config.baseline));
    warnings.extend(idle.into_iter().map(reason));
    let decided_already: Vec<Reason> = undecided.clone();
    let elsewhere = delta
        .unreadable_base
        .iter()
        .map(|u| on_base(reason(u)))
        .chain(unreadable.iter().map(reason))
        .chain(delta.unreadable.iter().map(reason));
    warnings.extend(elsewhere.filter(|r| !decided_already.contains(r)));

    let (base_read, landing_read) = (base.read_beside(Some(&landing)), landing.read_beside(None));
    let lacking = Lacking {
        metadata: [&base, &landing].iter().all(|org| org.index().is_empty()),
        change: !config.standing && comparison.changes.is_empty(),
        label: config.standing && landing_read.labelled_fields == 0 && config.labels.is_empty(),
    };
    let verdict = Verdict {
        outcome: Outcome::Undecided,
        base: comparison.base_commit.clone(),
        head: comparison.head_commit.clone(),
        compared: if config.standing { String::new() } else { compared(comparison) },
        rules: rules::RULES
            .iter()
            .map(|rule| Asked {
                info: rule.info,
                severity: cx.policy.severity(rule.info).filter(|_| config.policy_is_known),
            })
            .collect(),
        findings,
        undecided,
        warnings,
        opened: doors,
        counted,
        closed: delta
            .closed
            .iter()
            .map(|c| (&c.exposure, false))
            .chain(delta.omitted.iter().map(|exposure| (exposure, true)))
            .map(|(exposure, kept)| {
                let was = cx.classified_before(&exposure.field);
                door(&cx, &background.holders, (exposure, was), kept)
            })
            .collect(),
        labels_changed: labels_changed(&cx),
        raised: raised(&cx),
        approvals: None,
        read: ReadCounts {
            listed: (comparison.base.entries()?.len() + comparison.landing.entries()?.len()) as u64,
            changed: comparison.changes.len() as u64,
            permission_sets: base_read.permission_sets + landing_read.permission_sets,
            profiles: base_read.profiles + landing_read.profiles,
            groups: base_read.groups + landing_read.groups,
            muting_permission_sets: base_read.muting_permission_sets + landing_read.muting_permission_sets,
            fields: base_read.fields + landing_read.fields,
            labelled_fields: base_read.labelled_fields + landing_read.labelled_fields,
            justifications: config.entries.len().max(config.base_entries.len()),
            files_for: base.files_for() + landing.files_for(),
            ..ReadCounts::default()
        },
        remarks: [remarks(comparison, &config, [&base, &landing], &lacking), told].concat(),
        idle: lacking.metadata || lacking.change || lacking.label,
        policy: policy(comparison, &config)?,
        today,
        standing: config.standing,
        accepted,
        wrote: None,
        switched_off,
        approvers: cx.policy.approvers.words(&[], cx.policy.approvers.needed),
        narrowed: false,
    };
    drop(cx);
    // Both are large where an org is.
    rayon::join(|| drop((delta, facts, background)), || drop(landing));
    Ok((verdict, also))
}

/// New profiles that get from Standard User what this repository does not say. Where no field is classified they get nothing
/// that is.
fn inheriting(
    config: &Config,
    orgs: (&Org<'_>, &Org<'_>),
    delta: &Delta,
    today: Date,
) -> Vec<(Grantor, Place)> {
    let profiles = delta.landing.keys();
    let file_of = |profile: &Grantor| Some((profile.clone(), orgs.1.inherits_unknown(profile)?));
    let found: Vec<_> = profiles.filter_map(file_of).collect();
    if found.is_empty() || !any_classified(config, orgs, today) {
        return Vec::new();
    }
    found.into_iter().map(|(profile, file)| (profile, Place::new(&file, Span::new(0, 0)))).collect()
}

/// Whether any field is classified, in the repository or in an export.
fn any_classified(config: &Config, (base, landing): (&Org<'_>, &Org<'_>), today: Date) -> bool {
    landing.asks(Purpose::Labels);
    let labels = OwnLabels::new(config.said(today), base, landing);
    let all = Tiers::new(&labels).after(&landing.all_fields().into_iter().collect());
    all.tiers.values().any(|of| of.tier > Tier::Open)
}

/// What was compared with what.
fn compared(comparison: &Comparison) -> String {
    let id = comparison.base_commit.get(..10).unwrap_or_default();
    let name = &comparison.base_name;
    let base = if comparison.base_commit.starts_with(name.as_str()) {
        id.to_owned()
    } else {
        format!("`{name}` ({id})")
    };
    if comparison.changes.is_empty() {
        return format!("compared with {base}: nothing differs");
    }
    let commits = comparison.commits.filter(|n| *n > 0).map(|n| counted(n, "commit", "commits"));
    let what = match (comparison.head_commit.is_none(), commits) {
        (false, None) => String::new(),
        (false, Some(commits)) => format!(", {commits}"),
        (true, None) => "; uncommitted changes are included".to_owned(),
        (true, Some(commits)) => format!(", {commits}; uncommitted changes are included"),
    };
    format!("compared with {base}{what}")
}

/// Which policy this is, for people.
fn policy(comparison: &Comparison, config: &Config) -> Result<String, RunError> {
    let (trusted, commit) = match config.standing {
        true => (&comparison.landing, comparison.head_commit.as_deref()),
        false => (&comparison.base, Some(comparison.base_commit.as_str())),
    };
    if let Some(words) = &config.policy_words {
        return Ok(words.clone());
    }
    let path = RepoPath::from(policy::POLICY_PATH);
    let of = commit.and_then(|id| id.get(..12)).unwrap_or("the working tree");
    Ok(match (config.policy_is_known, trusted.entry(&path)?.is_some()) {
        (false, _) => "cannot be read".to_owned(),
        (true, true) => format!("`{path}` of {of}"),
        (true, false) => "built in".to_owned(),
    })
}

/// What a run had nothing of, so that it could find nothing.
struct Lacking {
    metadata: bool,
    /// Both sides are one commit.
    change: bool,
    label: bool,
}

/// Definitions that cannot be read, where what exists is judged: their fields count as restricted, and what is written about
/// them would be a guess.
pub(super) fn unread_definitions(cx: &Judge<'_>) -> Vec<Reason> {
    let unread =
        cx.delta.undecided.iter().filter(|problem| cx.standing && is_definition(problem.path.as_str()));
    unread.map(reason).collect()
}

/// Why a run that found nothing may have had nothing to look at.
fn remarks(comparison: &Comparison, config: &Config, orgs: [&Org<'_>; 2], lacking: &Lacking) -> Vec<String> {
    let mut remarks = Vec::new();
    if lacking.metadata {
        remarks.push("no Salesforce metadata was found in this repository".to_owned());
    }
    if lacking.change {
        let id = comparison.base_commit.get(..10).unwrap_or_default();
        remarks.push(match comparison.head_commit.as_ref() == Some(&comparison.base_commit) {
            true => format!(
                "base and head are the same commit {id}, so there was nothing to compare; name an earlier commit as the base, \
                 as `git log --oneline` lists them, and leave the head out where your work is not committed yet"
            ),
            false => format!(
                "nothing differs from {id}, so there was nothing to judge; if your change is committed there already, name an \
                 earlier commit as the base, as `git log --oneline` lists them"
            ),
        });
    }
    if lacking.label && !lacking.metadata {
        remarks.push(
            "no field has a label, so each whose file can be read counts as tier 1; `flsgate doctor` says what to do"
                .into(),
        );
    }
    if !lacking.metadata {
        // What goes with this change was matched before it.
        let mut all = orgs[0].grantors();
        all.extend(orgs[1].grantors());
        remarks.extend(config.policy.idle_names(&all.into_iter().collect::<Vec<_>>()));
    }
    remarks
}

/// A submodule's files lie in another repository: whatever they grant cannot be judged here.
fn submodule(change: &git::Change, policy: &Policy) -> Option<Reason> {
    let new = change.new.as_ref().filter(|e| e.kind == EntryKind::Submodule)?;
    if policy.ignores_submodule(new.path.as_str()) {
        return None;
    }
    let message =
        "the files of a submodule cannot be judged here; keep metadata in this repository, or name the \
                   path under `ignored_submodules` in the policy"
            .to_owned();
    Some(Reason { path: new.path.clone(), position: None, message })
}

pub(super) fn reason(problem: &Unreadable) -> Reason {
    Reason { path: problem.path.clone(), position: problem.position, message: problem.reason.clone() }
}

fn on_base(mut reason: Reason) -> Reason {
    reason.message = format!("{} (before this change)", reason.message);
    reason
}

fn opened(cx: &Judge<'_>, holders: &Holders, exposure: &Exposure) -> Door {
    // By the label that it is judged by: one that the change takes away still counts.
    let classified = if cx.standing { cx.classified(&exposure.field) } else { cx.judged_as(&exposure.field) };
    let mut door = door(cx, holders, (exposure, classified), false);
    let (judged, state) = cx.as_judged(exposure, classified);
    let exists = cx.stands(&judged, None);
    door.state = Some(if cx.standing { exists } else { state });
    if matches!(exists, State::Justified | State::Approved)
        && let Justified::Yes { entry, .. } = cx.justified(&judged.grantor, &exposure.field, exposure.access)
    {
        door.subject.justification = Some(entry.place.clone());
        door.ends = entry.last_day();
    }
    door
}

fn door(
    cx: &Judge<'_>,
    holders: &Holders,
    (exposure, classified): (&Exposure, &Classified),
    kept_by_org: bool,
) -> Door {
    let users = holders.of(&exposure.grantor).map(|held| held.users);
    Door {
        subject: Subject { users, ..rules::subject(cx, exposure, classified) },
        place: exposure.place().clone(),
        known: !matches!(classified.known, Known::Unknown),
        state: None,
        kept_by_org,
        ends: None,
    }
}

/// How much access that the change does not give is to fields that count higher by it, or show more.
fn raised(cx: &Judge<'_>) -> usize {
    let is_classified = |pair: &&Pair<'_>| cx.classified(&pair.exposure.field).tier > Tier::Open;
    let of_fields = cx.pairs().iter().filter(|pair| !cx.standing && pair.changed == Changed::Field);
    of_fields.filter(|pair| pair.worse.requirement || pair.worse.shows).filter(is_classified).count()
}

fn labels_changed(cx: &Judge<'_>) -> Vec<Relabelled> {
    let side = |classified: &Classified| match classified.known {
        Known::Unknown => None,
        _ => Some((classified.label.clone(), classified.tier)),
    };
    let counts_otherwise = |change: &&LabelChange| {
        let (before, after) = (cx.classified_before(&change.field), cx.classified(&change.field));
        !change.base.same_label(&change.landing) || (before.tier, &before.label) != (after.tier, &after.label)
    };
    let relabelled = |change: &LabelChange| {
        let (before, after) = (cx.classified_before(&change.field), cx.classified(&change.field));
        Relabelled {
            label_of: after.derived.as_ref().map(|from| from.input.field.clone()),
            field: change.field.clone(),
            place: after.place().or(before.place()).cloned(),
            before: side(before),
            after: side(after),
        }
    };
    let all = cx.delta.label_changes.iter().chain(&cx.facts.dependents).filter(|_| !cx.standing);
    let mut changes: Vec<Relabelled> = all.filter(counts_otherwise).map(relabelled).collect();
    changes.sort_by(|a, b| a.field.cmp(&b.field));
    changes
}
