//! `flsgate audit --accept-raised`: access that exists and is worse only because a label rose, put on record.
//!
//! Two ways a label rises: in a file of the repository, which a change is judged by, and in an export of labels, which
//! a change is not judged by until it has landed. So the first is asked of the change, the second of what exists before
//! and after.

use super::RunError;
use super::audit::{AuditOptions, refuse_undecided};
use super::config::{self, Asked, Config};
use super::given_policy::GivenPolicy;
use super::judge::judge;
use crate::access::Exposure;
use crate::git::{Comparison, Repository, Request};
use crate::judge::{Judge, State};
use crate::policy::{self, Accepted, Baseline, OverlayLabel};
use crate::words::{Access, FieldName, Grantor, PrincipalClass, Tier};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

type Pair = (Grantor, FieldName);

/// The baseline of the working tree with lines for access whose label rises, and what its labels were compared with, for
/// people. `standing` is the working tree.
pub(super) fn accepted(
    repository: &Repository,
    standing: &Comparison,
    (options, given): (&AuditOptions, Option<&GivenPolicy>),
) -> Result<(Baseline, String), RunError> {
    let load = |of: &Comparison, asked: Asked| {
        config::load_under(of, asked, given.cloned()).map(Config::without_findings)
    };
    let today = options.today;
    let change = repository.compare(&Request { base: options.base.clone(), head: None })?;
    let (verdict, found) =
        judge(&change, load(&change, Asked::Change)?, today, |cx, _, _| of_change(cx, today))?;
    refuse_undecided(&verdict.undecided)?;
    let compared = verdict.compared;
    let mut lines = found.raised;
    if change.changes.iter().any(|change| change.path.as_str().starts_with(policy::LABELS)) {
        let before = repository.standing(Some(&change.base_commit))?;
        let after = load(standing, Asked::Standing)?;
        let mut of_before = load(&before, Asked::Standing)?;
        // Fields that the export names were there before it did.
        let unlabelled =
            |label: &OverlayLabel| OverlayLabel { classification: None, compliance: None, ..label.clone() };
        of_before.labels.extend(after.labels.iter().map(unlabelled));
        let before = judge(&before, of_before, today, |cx, _, _| existing(cx))?.1;
        let (verdict, by_exports) = judge(standing, after, today, |cx, _, _| of_exports(cx, &before, today))?;
        refuse_undecided(&verdict.undecided)?;
        lines.extend(by_exports.into_iter().filter(|(pair, _)| !found.otherwise.contains(pair)));
    }
    let mut baseline = load(standing, Asked::Standing)?.baseline;
    for (pair, line) in lines {
        baseline.exposures.insert(pair, line);
    }
    Ok((baseline, format!("labels {compared}")))
}

/// What a change makes worse.
struct OfChange {
    /// By a label that rises alone, and nothing settles it.
    raised: BTreeMap<Pair, Accepted>,
    /// By something else: no line can accept that.
    otherwise: BTreeSet<Pair>,
}

fn of_change(cx: &Judge<'_>, today: Date) -> OfChange {
    let mut found = OfChange { raised: BTreeMap::new(), otherwise: BTreeSet::new() };
    for pair in cx.pairs() {
        let key = key(&pair.exposure);
        if !pair.worse.only_requirement() {
            found.otherwise.insert(key);
        } else if pair.is_open() {
            found.raised.insert(key, line(cx, &pair.exposure, today));
        }
    }
    found
}

/// What exists before: how far, by whom, and in which tier.
fn existing(cx: &Judge<'_>) -> BTreeMap<Pair, (Access, PrincipalClass, Tier)> {
    let all = cx.pairs().iter().map(|pair| {
        let exposure = &pair.exposure;
        let tier = cx.classified(&exposure.field).tier;
        (key(exposure), (exposure.access, cx.user_type(&exposure.grantor), tier))
    });
    all.collect()
}

/// Access that was there before, as wide and for nobody more exposed, to fields whose tier is higher now.
fn of_exports(
    cx: &Judge<'_>,
    before: &BTreeMap<Pair, (Access, PrincipalClass, Tier)>,
    today: Date,
) -> BTreeMap<Pair, Accepted> {
    let mut raised = BTreeMap::new();
    for pair in cx.pairs().iter().filter(|pair| pair.is_open() && pair.state != State::Accepted) {
        let exposure = &pair.exposure;
        let Some((access, user_type, tier)) = before.get(&key(exposure)) else { continue };
        let same = exposure.access <= *access && cx.user_type(&exposure.grantor) <= *user_type;
        if same && cx.classified(&exposure.field).tier > *tier {
            raised.insert(key(exposure), line(cx, exposure, today));
        }
    }
    raised
}

fn key(exposure: &Exposure) -> Pair {
    (exposure.grantor.clone(), exposure.field.clone())
}

fn line(cx: &Judge<'_>, exposure: &Exposure, today: Date) -> Accepted {
    let of = cx.classified(&exposure.field);
    Accepted {
        up_to: cx.extent(exposure),
        raised: Some(of.label.to_string()),
        since: Some(today),
        owner: of.owner.clone(),
        place: None,
    }
}
