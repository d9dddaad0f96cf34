//! The folder `.flsgate/` of both sides: policy, labels and baseline of the base, the justifications of
//! both, and what the change does to the rest. Where what stands is judged, all of it is read from there.

use super::given_policy::GivenPolicy;
use super::{Progress, RunError, attributes, overlay, replacements};
use crate::finding::{Place, Severity};
use crate::gate::Reason;
use crate::git::{Change, Comparison};
use crate::judge::ApprovedElsewhere;
use crate::policy::{self, Baseline, Entry, Holders, Justifications, Masking, Mistake, OverlayLabel, Policy};
use crate::rules::{self, Altered};
use crate::source::{ReadError, RepoPath, Snapshot, SourceFile, Span};
use crate::tiers::Said;
use crate::words::FieldName;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A change: policy, labels and baseline of the base count.
    Change,
    /// What stands: all of it is read from there, and what stands there was agreed to.
    Standing,
}

/// What `.flsgate/` says.
#[derive(Clone, Default)]
pub(super) struct Config {
    /// What stands is judged, not a change.
    pub(super) standing: bool,
    /// Of what stands, access that nobody has to be asked about is listed too, and not only counted.
    pub(super) lists_all: bool,
    /// How many findings are put into words, the weightiest; `None` is all of them. With 0 no rule runs.
    pub(super) worded: Option<usize>,
    /// What is accepted since the day of adoption.
    pub(super) baseline: Baseline,
    /// Judged as if nothing were justified.
    pub(super) without_justifications: bool,
    /// How many lines the change adds to the baseline.
    pub(super) baseline_grows: usize,
    /// Fields that a command asks about beside those of the change.
    pub(super) also: BTreeSet<FieldName>,
    /// Who hears how far reading is.
    pub(super) progress: Option<Progress>,
    /// The policy of the base, or the built-in one.
    pub(super) policy: Policy,
    /// What the policy is called that the caller names, if one does.
    pub(super) policy_words: Option<String>,
    /// The repository has a policy of its own, which is not read.
    pub(super) has_idle_policy: bool,
    /// False when the policy of the base cannot be read.
    pub(super) policy_is_known: bool,
    /// How many users hold what.
    pub(super) holders: Holders,
    /// Labels on the base of fields that need not be in git.
    pub(super) labels: Vec<OverlayLabel>,
    /// Whether standard fields have field-level security, as label files say.
    pub(super) exported_fls: Vec<(FieldName, bool)>,
    /// Every field of which a label file that tells all fields has a record.
    pub(super) exported: BTreeSet<FieldName>,
    /// Fields of which a label file has a record without a label.
    pub(super) unlabelled: BTreeSet<FieldName>,
    /// Justifications that have been reviewed: those of the base, or of the branch that pull requests land on.
    pub(super) base_entries: Vec<Entry>,
    /// Justifications that would land.
    pub(super) entries: Vec<Entry>,
    /// Declared maskings of derived fields: on the base, and as they would land.
    pub(super) maskings: [Vec<Masking>; 2],
    /// Changed files that decide how later changes are judged.
    pub(super) guarded: Vec<(Place, Altered)>,
    /// Changed files that say what a pipeline leaves alone.
    pub(super) ignores: Vec<Place>,
    /// New string replacements and what they can rewrite.
    pub(super) replaced: Vec<(Place, Vec<RepoPath>)>,
    /// What was at stake where entries were approved already.
    pub(super) approved_elsewhere: BTreeMap<(RepoPath, u32, FieldName), ApprovedElsewhere>,
    /// What a reader should know of the run.
    pub(super) remarks: Vec<String>,
    pub(super) undecided: Vec<Reason>,
    pub(super) warnings: Vec<Reason>,
}

/// Reads it, with a policy that the caller names in place of that of the base, if one is given.
pub(super) fn load_under(
    comparison: &Comparison,
    asked: Asked,
    given: Option<GivenPolicy>,
) -> Result<Config, RunError> {
    let Some(GivenPolicy { policy, words }) = given else { return load(comparison, asked, None) };
    let mut config = load(comparison, asked, Some(policy))?;
    config.policy_words = Some(words);
    let own = RepoPath::from(policy::POLICY_PATH);
    let trusted = if config.standing { &comparison.landing } else { &comparison.base };
    config.has_idle_policy = trusted.entry(&own)?.is_some();
    Ok(config)
}

/// Reads it; under another policy than that of the base, if one is to be tried.
pub(super) fn load(comparison: &Comparison, asked: Asked, under: Option<Policy>) -> Result<Config, RunError> {
    let standing = matches!(asked, Asked::Standing);
    let trusted = if standing { &comparison.landing } else { &comparison.base };
    let changed: BTreeSet<&RepoPath> = comparison.changes.iter().map(|c| &c.path).collect();
    let mut config = Config { standing, lists_all: true, policy_is_known: true, ..Config::default() };
    match under {
        Some(policy) => config.policy = policy,
        None => config.read_policy(trusted)?,
    }
    config.read_holders(trusted)?;
    let (exported, problems) = overlay::load(trusted, &config.policy, standing)?;
    (config.labels, config.unlabelled) = (exported.labels, exported.unlabelled);
    (config.exported_fls, config.exported) = (exported.fls, exported.all);
    config.undecided.extend(problems);
    if standing {
        config.warnings.extend(overlay::warnings(&config.labels, &config.policy));
    }
    let ignores = |path: &RepoPath| [".forceignore", ".sgdignore"].contains(&path.file_name());
    for change in comparison.changes.iter().filter(|c| !standing && ignores(&c.path)) {
        let file = Arc::new(SourceFile::new(change.path.clone(), &b""[..]));
        config.ignores.push(Place::new(&file, Span::default()));
    }
    for change in comparison.changes.iter().filter(|c| !standing && is_guarded(&c.path)) {
        let file = match (&change.new, &change.old) {
            (Some(new), _) => comparison.landing.read(new),
            (None, Some(old)) => comparison.base.read(old),
            (None, None) => continue,
        };
        // A broken overlay must not land either: it would leave every later run undecided.
        if change.new.is_some() && change.path.as_str().starts_with(policy::LABELS) {
            let read =
                file.clone().map_err(|e| vec![unreadable(e)]).and_then(|f| overlay::read(&f, &config.policy));
            match read {
                Ok(labels) => config.warnings.extend(overlay::warnings(&labels, &config.policy)),
                Err(reasons) => config.undecided.extend(reasons),
            }
        }
        // Even a file that cannot be read has a path to point at.
        let file = file.unwrap_or_else(|_| Arc::new(SourceFile::new(change.path.clone(), &b""[..])));
        let altered = match (&change.old, &change.new) {
            (None, _) => Altered::Added,
            (_, None) => Altered::Deleted,
            _ => Altered::Changed,
        };
        // That it is misnamed is all there is to say of a policy, and of the one that goes for it.
        if is_misnamed(change) {
            let message =
                format!("the policy is read from `{}` alone; rename this file", policy::POLICY_PATH);
            config.undecided.push(Reason { path: change.path.clone(), position: None, message });
        } else if !(altered == Altered::Deleted
            && change.path.as_str() == policy::POLICY_PATH
            && comparison.changes.iter().any(is_misnamed))
        {
            config.guarded.push((Place::new(&file, Span::default()), altered));
        }
        if change.new.is_some() && change.path.as_str() == policy::POLICY_PATH {
            // A broken policy must not land: it would leave every later run undecided.
            match policy::read_policy(&file, &rules::policy_keys()) {
                Ok(policy) => config.warnings.extend(policy.former_names.iter().map(reason)),
                Err(mistakes) => config.undecided.extend(mistakes.iter().map(reason)),
            }
        }
    }
    config.read_baselines(comparison)?;
    if !standing {
        let replaced = replacements::changed(comparison)?;
        config.replaced = replaced.found;
        config.undecided.extend(replaced.undecided);
        config.undecided.extend(attributes::rewriting(comparison)?);
    }
    let (landing, problems) = justifications(&comparison.landing)?;
    config.warnings.extend(landing.former_names.iter().map(reason));
    config.entries = landing.entries;
    let mut broken = BTreeSet::new();
    for (path, reasons) in problems {
        if changed.contains(&path) {
            config.undecided.extend(reasons);
            broken.insert(path);
        } else {
            let idle = |mut r: Reason| {
                r.message = format!("{} (no justification of this file counts)", r.message);
                r
            };
            config.warnings.extend(reasons.into_iter().map(idle));
        }
    }
    let (base, _) = justifications(&comparison.reviewed)?;
    config.base_entries = base.entries;
    config.maskings = [base.maskings, landing.maskings];
    // The run is undecided; what a broken file said before stands in, so that nothing counts as removed.
    let stand_in = |place: &Place| broken.contains(place.path());
    config.entries.extend(config.base_entries.iter().filter(|entry| stand_in(&entry.place)).cloned());
    let [before, after] = &mut config.maskings;
    after.extend(before.iter().filter(|masking| stand_in(&masking.place)).cloned());
    Ok(config)
}

impl Config {
    /// What is said of fields beside their files.
    pub(super) fn said(&self, today: Date) -> Said<'_> {
        let Config { policy, labels, maskings, standing, .. } = self;
        Said { policy, labels, maskings, standing: *standing, today }
    }

    /// For a command that shows no findings.
    pub(super) fn without_findings(self) -> Self {
        Config { worded: Some(0), ..self }
    }

    /// From now on nothing is justified, and no field is declared to mask another.
    pub(super) fn forget_justifications(&mut self) {
        self.entries.clear();
        self.base_entries.clear();
        self.maskings = Default::default();
        self.without_justifications = true;
    }

    /// Reads the baseline of what is trusted. One that the change writes counts as well, since it has to
    /// be approved before it lands: so the first one can land with the labels that need it.
    fn read_baselines(&mut self, comparison: &Comparison) -> Result<(), RunError> {
        let path = RepoPath::from(policy::BASELINE_PATH);
        if let Some(entry) = comparison.landing.entry(&RepoPath::from(MISNAMED_BASELINE))? {
            let message = format!("the baseline is read from `{path}` alone; rename this file");
            self.warnings.push(Reason { path: entry.path.clone(), position: None, message });
        }
        let mut read = |side: &dyn Snapshot| -> Result<Baseline, RunError> {
            let Some(entry) = side.entry(&path)? else { return Ok(Baseline::default()) };
            let file = side.read(entry).map_err(|e| vec![unreadable(e)]);
            let ids = rules::ids();
            let baseline = file.and_then(|file| {
                let wrong = |all: Vec<Mistake>| all.iter().map(reason).collect::<Vec<_>>();
                policy::read_baseline(&file, &ids).map_err(wrong)
            });
            baseline.or_else(|reasons| {
                self.undecided.extend(reasons);
                Ok(Baseline::default())
            })
        };
        let landing = read(&comparison.landing)?;
        self.warnings.extend(landing.former_names.iter().map(reason));
        if self.standing {
            self.baseline = landing;
            return Ok(());
        }
        let mut base = read(&comparison.base)?;
        self.baseline_grows = landing.lines_beyond(&base);
        if self.policy.severity(rules::POLICY_CHANGED) == Some(Severity::Error) {
            base.extend(landing);
        }
        self.baseline = base;
        Ok(())
    }

    /// Reads the counts of who holds what. A file that cannot be read costs nothing but what it says.
    fn read_holders(&mut self, trusted: &dyn Snapshot) -> Result<(), RunError> {
        let all = trusted.entries()?;
        let first = all.partition_point(|e| e.path.as_str() < policy::HOLDERS);
        let inside = all[first..].iter().take_while(|e| e.path.as_str().starts_with(policy::HOLDERS));
        let mut wrong = 0;
        for entry in inside.filter(|entry| entry.path.file_name().to_ascii_lowercase().ends_with(".csv")) {
            let file = trusted.read(entry).map_err(|e| vec![unreadable(e)]);
            let read = file.and_then(|file| {
                policy::read_holders(&file).map_err(|all| all.iter().map(reason).collect::<Vec<_>>())
            });
            match read {
                Ok(holders) => self.holders.extend(holders),
                Err(reasons) if wrong < WRONG_COUNTS => {
                    wrong += 1;
                    self.warnings.extend(reasons);
                }
                // More of them say nothing new.
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn read_policy(&mut self, trusted: &dyn Snapshot) -> Result<(), RunError> {
        let misnamed = RepoPath::from(MISNAMED_POLICY);
        if let Some(entry) = trusted.entry(&misnamed)? {
            let message = format!("the policy is read from `{}`; rename this file", policy::POLICY_PATH);
            self.undecided.push(Reason { path: entry.path.clone(), position: None, message });
            self.policy_is_known = false;
        }
        let Some(entry) = trusted.entry(&RepoPath::from(policy::POLICY_PATH))? else { return Ok(()) };
        let reasons = match trusted.read(entry) {
            Err(error) => vec![unreadable(error)],
            Ok(file) => match policy::read_policy(&file, &rules::policy_keys()) {
                Ok(policy) => {
                    self.warnings.extend(policy.former_names.iter().map(reason));
                    self.policy = policy;
                    return Ok(());
                }
                Err(mistakes) => mistakes.iter().map(reason).collect(),
            },
        };
        self.policy_is_known = false;
        let standing = self.standing;
        self.undecided.extend(reasons.into_iter().map(|mut r| {
            if standing {
                return r;
            }
            r.message = format!(
                "{} (in the policy of the base branch: an administrator has to merge the repair)",
                r.message
            );
            r
        }));
        Ok(())
    }
}

/// Files with counts that cannot be read and are told.
const WRONG_COUNTS: usize = 5;

/// What people call the policy, and nothing reads.
pub(super) const MISNAMED_POLICY: &str = ".flsgate/policy.yaml";
const MISNAMED_BASELINE: &str = ".flsgate/baseline.yaml";

fn is_misnamed(change: &Change) -> bool {
    change.new.is_some() && change.path.as_str().eq_ignore_ascii_case(MISNAMED_POLICY)
}

/// Everything in the folder but justifications, tests and counts of users.
fn is_guarded(path: &RepoPath) -> bool {
    // Names in another case are read by nobody; somebody who writes them should hear of it.
    let lower = path.as_str().to_ascii_lowercase();
    let inside = lower.starts_with(policy::FOLDER) && !lower.ends_with(".md");
    // Tests of the policy and counts of users decide nothing about a change.
    let decides_nothing = [policy::JUSTIFICATIONS, policy::TESTS, policy::HOLDERS];
    let is_plugin = path.as_str() == policy::PLUGIN_FILE;
    is_plugin || inside && !decides_nothing.iter().any(|folder| path.as_str().starts_with(folder))
}

type Problems = Vec<(RepoPath, Vec<Reason>)>;

fn justifications(snapshot: &dyn Snapshot) -> Result<(Justifications, Problems), RunError> {
    let (mut all_found, mut problems) = (Justifications::default(), Vec::new());
    let all = snapshot.entries()?;
    // The listing is sorted, so the folder is one run of it.
    let first = all.partition_point(|e| e.path.as_str() < policy::JUSTIFICATIONS);
    for entry in all[first..].iter().take_while(|e| e.path.as_str().starts_with(policy::JUSTIFICATIONS)) {
        let name = entry.path.file_name().to_ascii_lowercase();
        if !name.ends_with(".yml") && !name.ends_with(".yaml") {
            if !name.starts_with('.') && !name.ends_with(".md") {
                let message =
                    "only `.yml` and `.yaml` files are read here; rename it or move it out of this folder"
                        .to_owned();
                let reason = Reason { path: entry.path.clone(), position: None, message };
                problems.push((entry.path.clone(), vec![reason]));
            }
            continue;
        }
        let read = snapshot.read(entry).map_err(|e| vec![unreadable(e)]);
        let parsed = read.and_then(|f| {
            policy::read_justifications(&f).map_err(|all: Vec<Mistake>| all.iter().map(reason).collect())
        });
        match parsed {
            Ok(found) => {
                all_found.entries.extend(found.entries);
                all_found.maskings.extend(found.maskings);
                all_found.former_names.extend(found.former_names);
            }
            Err(reasons) => problems.push((entry.path.clone(), reasons)),
        }
    }
    Ok((all_found, problems))
}

pub(super) fn reason(mistake: &Mistake) -> Reason {
    Reason {
        path: mistake.path().clone(),
        position: Some(mistake.position()),
        message: mistake.message.clone(),
    }
}

pub(super) fn unreadable(error: ReadError) -> Reason {
    Reason { path: error.path, position: None, message: error.reason }
}
