//! `flsgate matrix`: the data access matrix of what stands, or of what a change alters.

mod cells;
mod rows;
mod stale;

pub use stale::{Staleness, staleness};

use super::config::{self, Asked};
use super::explain::no_such_holder;
use super::judge::{judge, unread_definitions};
use super::{Progress, RunError, files, relocate};
use crate::gate::Reason;
use crate::git::{Comparison, Repository, Request};
use crate::org::Org;
use crate::policy;
use crate::report::matrix::{Gap, Lookup, Matrix, MatrixFilter, MatrixFormat, Point, WORKING_TREE};
use crate::source::{RepoPath, Snapshot};
use crate::words::{FieldName, did_you_mean};
use jiff::civil::Date;
use rows::Rows;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a matrix is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatrixOf {
    /// What stands at a revision; `None` is the working tree.
    Standing(Option<String>),
    /// What a change adds, widens, narrows, removes or relabels.
    Change {
        /// The side that is already there.
        base: String,
        /// What would go in; `None` is the working tree.
        head: Option<String>,
    },
}

/// Which matrix to make.
#[derive(Clone)]
pub struct MatrixOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// What stands, or a change.
    pub of: MatrixOf,
    /// With fields of the open tier.
    pub all: bool,
    /// With line numbers.
    pub lines: bool,
    /// What it is narrowed to.
    pub filter: MatrixFilter,
    /// Page of the repository, `https://HOST/OWNER/NAME`: its files can be looked at there.
    pub repository_url: Option<String>,
    /// The day that expiry dates are compared with.
    pub today: Date,
    /// Who hears how far it is.
    pub progress: Option<Progress>,
}

/// A matrix, and what could not be read but makes no hole in it.
#[derive(Debug)]
pub struct MatrixRun {
    /// The matrix.
    pub matrix: Matrix,
    /// What decides nothing in this run.
    pub warnings: Vec<Reason>,
    /// Why it may hold less than one expects.
    pub remarks: Vec<String>,
}

impl MatrixRun {
    /// Writes the matrix to a file: whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, format: MatrixFormat, path: &Path) -> Result<(), RunError> {
        let mut bytes = Vec::new();
        let io = |source| RunError::Io { what: "cannot write the matrix".into(), source };
        self.matrix.write(format, &mut bytes).map_err(io)?;
        files::write_report(path, &bytes)
    }
}

/// Makes the matrix.
///
/// # Errors
/// When the repository or a revision cannot be read. What cannot be read inside it is a gap of the matrix.
pub fn matrix(options: &MatrixOptions) -> Result<MatrixRun, RunError> {
    let repository = Repository::open(&options.repository)?;
    let (comparison, asked) = match &options.of {
        MatrixOf::Standing(revision) => (repository.standing(revision.as_deref())?, Asked::Standing),
        MatrixOf::Change { base, head } => {
            let request = Request { base: Some(base.clone()), head: head.clone() };
            (repository.compare(&request)?, Asked::Change)
        }
    };
    let delta = asked == Asked::Change;
    let mut config = config::load(&comparison, asked, None)?.without_findings();
    config.progress.clone_from(&options.progress);
    config.lists_all = options.all;
    let policy_is_known = config.policy_is_known;
    let holders = config.holders.clone();
    let (verdict, (mut rows, unknown, unread, is_empty)) =
        judge(&comparison, config, options.today, |cx, _, org| {
            let rows = match delta {
                true => Rows::of_change(cx, options.all),
                false => Rows::standing(cx, org, options.all),
            };
            let unknown = unknown_name(&options.filter, org, &rows);
            (rows, unknown, unread_definitions(cx), org.index().is_empty())
        })?;
    if let Some(unknown) = unknown {
        return Err(RunError::Setup(unknown));
    }
    if delta {
        relocate::places(rows.places(), &comparison)?;
    }
    let verdict = verdict.decide();
    let gap = |reason: &Reason| Gap {
        at: Point {
            path: reason.path.clone(),
            line: reason.position.map(|p| p.line).filter(|_| options.lines),
            on_base: false,
        },
        text: reason.message.clone(),
    };
    let matrix = Matrix {
        title: match (delta, is_empty) {
            (true, _) => "Data access matrix: what the change alters",
            // An empty table would look like evidence.
            (false, true) => "Data access matrix: no Salesforce metadata was found",
            (false, false) => "Data access matrix",
        }
        .into(),
        revision: revision(&comparison, delta),
        policy: policy(&comparison, delta, policy_is_known)?,
        gaps: verdict.undecided.iter().chain(&unread).map(gap).collect(),
        delta,
        as_of: options.today,
        lookup: lookup(options.repository_url.as_deref(), &comparison, delta),
        ..rows.into_matrix(options.lines, &holders)
    };
    let matrix = matrix.narrowed(&options.filter);
    let warnings = verdict.warnings.into_iter().filter(|warning| !unread.contains(warning)).collect();
    Ok(MatrixRun { matrix, warnings, remarks: verdict.remarks })
}

/// A name to narrow by that nothing here has: an empty matrix would look like an answer.
fn unknown_name(filter: &MatrixFilter, org: &Org<'_>, rows: &Rows) -> Option<String> {
    if let Some(unknown) = filter.holders.iter().find_map(|name| no_such_holder(org, Some(name))) {
        return Some(unknown);
    }
    if filter.objects.is_empty() {
        return None;
    }
    let fields = org.all_fields();
    let known: BTreeSet<&str> = fields.iter().chain(rows.fields()).map(FieldName::object).collect();
    let is_unknown = |name: &&String| !known.iter().any(|object| object.eq_ignore_ascii_case(name));
    let name = filter.objects.iter().find(is_unknown)?;
    let near = did_you_mean(name, known.iter().copied());
    Some(format!("no field of an object `{name}` is known in this repository{near}"))
}

fn revision(comparison: &Comparison, delta: bool) -> String {
    let head = comparison.head_commit.as_deref().unwrap_or(WORKING_TREE);
    if delta { format!("{}..{head}", comparison.base_commit) } else { head.to_owned() }
}

/// Where its files can be looked at; those of a working tree nowhere.
fn lookup(repository: Option<&str>, comparison: &Comparison, delta: bool) -> Lookup {
    let at = |commit: &str| Some(format!("{}/blob/{commit}", repository?.trim_end_matches('/')));
    Lookup {
        head: comparison.head_commit.as_deref().and_then(at),
        base: at(&comparison.base_commit).filter(|_| delta),
    }
}

/// Where the policy stands that the matrix is judged by.
fn policy(comparison: &Comparison, delta: bool, is_known: bool) -> Result<String, RunError> {
    let trusted = if delta { &comparison.base } else { &comparison.landing };
    let own = trusted.entry(&RepoPath::from(policy::POLICY_PATH))?.is_some();
    Ok(match (own, is_known) {
        (true, true) => policy::POLICY_PATH.to_owned(),
        (true, false) => format!("built-in, since {} cannot be read", policy::POLICY_PATH),
        (false, _) => "built-in".to_owned(),
    })
}
