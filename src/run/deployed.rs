//! What of two trees deploys: which files surely do, which the policy leaves out, and what destructive manifests say.

use super::RunError;
use super::config::Config;
use super::forceignore::{self, Forceignore};
use super::{links, manifests, namespaces};
use crate::access::Change;
use crate::gate::Reason;
use crate::git::Comparison;
use crate::org::{
    Deploys, PACKAGE_FILE, PROJECT_FILE, Project, Projects, aside, bears_on_access, is_placed_plainly,
};
use crate::policy;
use crate::rules::Deletion;
use crate::source::{RepoPath, Snapshot, Without};
use std::collections::{BTreeMap, BTreeSet};

/// Ignored files that a message names.
const NAMED: usize = 3;

/// Both sides as they deploy, and what differs between them.
pub(super) struct Deployed<'c> {
    pub(super) base: Without<'c>,
    pub(super) landing: Without<'c>,
    /// What each side says of which files surely deploy.
    pub(super) says: [Says; 2],
    pub(super) changes: Vec<Change>,
    /// Files that come to deploy.
    pub(super) coming: Vec<RepoPath>,
    /// What destructive manifests delete in this deployment.
    pub(super) deletions: Vec<Deletion>,
    pub(super) undecided: Vec<Reason>,
    pub(super) warnings: Vec<Reason>,
}

/// What one side says of which files surely deploy.
pub(super) struct Says {
    ignored: Forceignore,
    projects: Projects,
    /// With projects in folders that had none before: what they close does not count yet, what they open does.
    arriving: Projects,
    /// The plugin that puts pieces together is set up on the base.
    has_plugin: bool,
}

impl Deploys for Says {
    /// In a package directory, ignored by no `.forceignore`, and where the deploy library takes it for what it is, or a plugin
    /// that is surely there.
    fn surely(&self, path: &RepoPath) -> bool {
        self.projects.surely_deploys(path.as_str())
            && is_placed_plainly(path.as_str())
            && (self.has_plugin || !self.projects.needs_a_plugin(path.as_str()))
            && !self.ignored.may_ignore(path)
    }

    fn revokes(&self, path: &RepoPath) -> bool {
        self.surely(path) && [&self.projects, &self.arriving].iter().all(|all| all.revokes(path.as_str()))
    }

    fn gives_standard_access(&self, path: &RepoPath) -> bool {
        [&self.projects, &self.arriving].iter().any(|all| all.gives_standard_access(path.as_str()))
    }
}

pub(super) fn deployed<'c>(comparison: &'c Comparison, config: &Config) -> Result<Deployed<'c>, RunError> {
    let honours = config.policy.honours_forceignore;
    let (before, after) = (Projects::read(&comparison.base)?, Projects::read(&comparison.landing)?);
    let mut undecided = Vec::new();
    if !config.standing {
        undecided.extend(namespaces::changed(comparison, &before, &after)?);
        undecided.extend(links::led_to(comparison, &after)?);
    }
    // A project file in a folder that had none is believed once it has landed.
    let known = if config.standing { after.clone() } else { after.known_to(&before) };
    let arriving = before.clone();
    let has_plugin = comparison.base.entry(&RepoPath::from(policy::PLUGIN_FILE))?.is_some();
    let says = [
        Says { ignored: Forceignore::read(&comparison.base)?, projects: before, arriving, has_plugin },
        Says {
            ignored: Forceignore::read(&comparison.landing)?,
            projects: known,
            arriving: after,
            has_plugin,
        },
    ];
    let left_out = |side: usize, path: &RepoPath| {
        let is_read = || bears_on_access(path.as_str()) || aside(path.as_str()).is_some();
        honours && is_read() && says[side].ignored.ignores(path).is_some()
    };
    let base = Without::new(&comparison.base, |path| left_out(0, path))?;
    let landing = Without::new(&comparison.landing, |path| left_out(1, path))?;
    // A manifest that stands has deleted what it deletes; what stands beside it came later.
    let deletions = if config.standing {
        Vec::new()
    } else {
        undecided.extend(manifests::unread(comparison, &config.policy));
        manifests::deletions(comparison, &says[1].projects, &config.policy)?
    };

    let changes = changes(comparison, [&base, &landing], &says)?;
    // A change of one is undecided.
    let broken = says[1].projects.broken().iter().filter(|_| config.standing);
    let mut warnings: Vec<Reason> = broken
        .map(|(path, why)| Reason {
            path: path.clone(),
            position: None,
            message: format!(
                "not readable as JSON, so which folders deploy is not known; correct the file: {why}"
            ),
        })
        .collect();
    if config.standing || comparison.changes.iter().any(|c| c.path.file_name() == PROJECT_FILE) {
        let mut missing = missing_directories(&comparison.landing, &says[1].projects)?;
        if !config.standing {
            // What was missing before is no matter of this change.
            let before = missing_directories(&comparison.base, &says[0].projects)?;
            missing.retain(|reason| !before.contains(reason));
        }
        warnings.extend(missing);
    }
    if honours {
        undecided.extend(says.iter().rev().flat_map(|says| says.ignored.problems.iter().cloned()));
        let nested = comparison.changes.iter().map(|c| &c.path).filter(|p| forceignore::is_nested(p));
        undecided.extend(nested.map(nested_ignore));
    } else {
        warnings.extend(reported(&says[1].ignored, &changes));
    }
    let coming = coming(comparison, &says)?;
    Ok(Deployed { base, landing, says, changes, coming, deletions, undecided, warnings })
}

/// Files that come to deploy.
fn coming(comparison: &Comparison, [before, after]: &[Says; 2]) -> Result<Vec<RepoPath>, RunError> {
    if !comparison.changes.iter().any(|change| says_what_deploys(&change.path)) {
        return Ok(Vec::new());
    }
    let paths = comparison.landing.entries()?.iter().map(|entry| &entry.path);
    let comes =
        |path: &&RepoPath| bears_on_access(path.as_str()) && !before.surely(path) && after.surely(path);
    Ok(paths.filter(comes).cloned().collect())
}

/// Package directories that are not there.
fn missing_directories(tree: &dyn Snapshot, projects: &Projects) -> Result<Vec<Reason>, RunError> {
    let entries = tree.entries()?;
    let is_there =
        |directory: &str| entries.iter().any(|entry| links::is_below(entry.path.as_str(), directory));
    let missing = projects.iter().flat_map(|project| project.directories.iter().map(move |d| (project, d)));
    let missing = missing.filter(|(_, directory)| !directory.is_empty() && !is_there(directory));
    let reason = |(project, directory): (&Project, &String)| Reason {
        path: RepoPath::from(format!("{}{PROJECT_FILE}", project.folder).as_str()),
        position: None,
        message: format!(
            "`packageDirectories` leads to `{directory}`, where there is nothing to deploy; paths there are relative to this file"
        ),
    };
    Ok(missing.map(reason).collect())
}

/// Whether a file says which files deploy, or with which API version.
fn says_what_deploys(path: &RepoPath) -> bool {
    [PROJECT_FILE, PACKAGE_FILE, forceignore::NAME].contains(&path.file_name())
}

/// What differs: files that do, and files of which the sides say otherwise whether they deploy.
fn changes(
    comparison: &Comparison,
    [base, landing]: [&Without<'_>; 2],
    says: &[Says; 2],
) -> Result<Vec<Change>, RunError> {
    let mut paths: BTreeSet<&RepoPath> = comparison.changes.iter().map(|change| &change.path).collect();
    let decides =
        |path: &RepoPath| [PROJECT_FILE, PACKAGE_FILE, forceignore::NAME].contains(&path.file_name());
    if comparison.changes.iter().any(|change| decides(&change.path)) {
        let listed = comparison.landing.entries()?.iter().map(|entry| &entry.path);
        let bears = listed.filter(|path| bears_on_access(path.as_str()));
        let say = |path: &RepoPath| {
            [&says[0], &says[1]].map(|s| (s.surely(path), s.revokes(path), s.ignored.ignores(path).is_some()))
        };
        paths.extend(bears.filter(|path| {
            let [before, after] = say(path);
            before != after
        }));
    }
    let mut changes = Vec::new();
    for path in paths {
        let (in_base, in_landing) = (base.entry(path)?.is_some(), landing.entry(path)?.is_some());
        if in_base || in_landing {
            changes.push(Change { path: path.clone(), in_base, in_landing });
        }
    }
    Ok(changes)
}

/// The tools take the nearest `.forceignore` of the folder that somebody deploys.
fn nested_ignore(path: &RepoPath) -> Reason {
    let message = "only the `.forceignore` at the root is read, and this one can take its place; \
                   write the patterns there";
    Reason { path: path.clone(), position: None, message: message.to_owned() }
}

/// Changed files that do not deploy and are judged all the same: one warning for each `.forceignore`.
fn reported(ignored: &Forceignore, changes: &[Change]) -> Vec<Reason> {
    let mut by_file: BTreeMap<&RepoPath, Vec<&RepoPath>> = BTreeMap::new();
    for change in changes.iter().filter(|c| c.in_landing && bears_on_access(c.path.as_str())) {
        if let Some(file) = ignored.ignores(&change.path) {
            by_file.entry(file).or_default().push(&change.path);
        }
    }
    let warning = |(file, paths): (&RepoPath, Vec<&RepoPath>)| {
        let names: Vec<String> = paths.iter().take(NAMED).map(|p| format!("`{p}`")).collect();
        let more = paths.len() - names.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let message = format!(
            "keeps {}{more} from being deployed; judged all the same, unless the policy says `forceignore: honour`",
            names.join(", ")
        );
        Reason { path: file.clone(), position: None, message }
    };
    by_file.into_iter().map(warning).collect()
}
