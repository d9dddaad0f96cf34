//! `flsgate doctor`: what of the setup does not gate.

mod project;

use super::config::MISNAMED_POLICY;
use crate::git::Repository;
use crate::github::{Check, Clock, Connection, Secret, Session, has_owner, workflow_checks};
use crate::policy;
use crate::report::clean;
use crate::rules;
use crate::source::{RepoPath, SourceFile};
use crate::words::counted;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What to look at.
pub struct DoctorOptions {
    /// The checkout.
    pub folder: PathBuf,
    /// `owner/name`; `None` looks at the files only.
    pub repository: Option<String>,
    /// REST base of the server.
    pub api_url: String,
    /// Reads the rules.
    pub token: Option<Secret>,
    /// The branch; `None` is the default branch.
    pub branch: Option<String>,
    /// The check or status that the gate reports by; `{base}` stands for the branch.
    pub context: String,
    /// An answer that takes longer is none.
    pub timeout: Duration,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for DoctorOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DoctorOptions").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// Everything that was looked at.
    pub checks: Vec<Check>,
    /// What could not be looked at.
    pub unknown: Vec<String>,
}

impl Diagnosis {
    /// 0 without gaps, 1 with, 2 when something could not be looked at.
    pub fn exit_status(&self) -> u8 {
        match (self.unknown.is_empty(), self.checks.iter().all(|c| c.holds)) {
            (false, _) => 2,
            (true, false) => 1,
            (true, true) => 0,
        }
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for check in &self.checks {
            let mark = if check.holds { "ok " } else { "gap" };
            writeln!(out, "{mark}  {}", clean(&check.found))?;
            if !check.next.is_empty() {
                writeln!(out, "     next: {}", clean(&check.next))?;
            }
        }
        for problem in &self.unknown {
            writeln!(out, "???  {}", clean(problem))?;
        }
        let gaps = self.checks.iter().filter(|c| !c.holds).count();
        writeln!(out, "{}, {} unknown", counted(gaps, "gap", "gaps"), self.unknown.len())
    }
}

/// Looks at policy, metadata, owners and branch rules.
pub fn doctor(options: &DoctorOptions) -> Diagnosis {
    let mut diagnosis = Diagnosis::default();
    let repository = match Repository::open(&options.folder) {
        Ok(repository) => Some(repository),
        Err(problem) => {
            diagnosis.unknown.push(problem.to_string());
            return diagnosis;
        }
    };
    let root = repository.as_ref().and_then(Repository::work_tree);
    let is_bare = repository.is_some() && root.is_none();
    let folder = &root.unwrap_or_else(|| options.folder.clone());
    let (mut leading_here, mut names_teams) = (Vec::new(), false);
    if is_bare {
        let problem =
            "the files were not looked at: a bare repository has none checked out; run this in a checkout";
        diagnosis.unknown.push(problem.to_owned());
    } else {
        (leading_here, names_teams) = policy_of(folder, &mut diagnosis);
        project::look(folder, &mut diagnosis);
        owners_of(folder, &mut diagnosis);
    }
    let mut required_elsewhere = false;
    match (&options.repository, &options.token) {
        (Some(repository), Some(token)) => {
            let connection = Connection {
                api_url: options.api_url.clone(),
                ca: None,
                timeout: options.timeout,
                clock: Arc::clone(&options.clock),
            };
            match Session::open(&connection, repository, None, token, None) {
                Ok(session) => {
                    required_elsewhere = rules_of(&session, options, &leading_here, &mut diagnosis);
                }
                Err(problem) => diagnosis.unknown.push(problem),
            }
        }
        (Some(repository), None) if !is_repository(repository) => {
            diagnosis
                .unknown
                .push(format!("`{repository}` is no repository on GitHub; write --github OWNER/NAME"));
        }
        (repository, token) => {
            let token = token.is_none().then_some("set `GITHUB_TOKEN` (or `GH_TOKEN`)");
            let repository = repository.is_none().then_some("pass --github OWNER/NAME");
            let next: Vec<&str> = token.into_iter().chain(repository).collect();
            diagnosis.unknown.push(format!(
                "branch rules were not read. To read them, {}: `GITHUB_TOKEN=… flsgate doctor --github OWNER/NAME`",
                next.join(" and ")
            ));
        }
    }
    if !is_bare {
        let workflows = workflows_of(folder, &mut diagnosis);
        diagnosis.checks.extend(workflow_checks(&workflows, required_elsewhere, names_teams));
    }
    diagnosis
}

fn is_repository(name: &str) -> bool {
    matches!(name.split('/').collect::<Vec<_>>()[..], [owner, name] if !owner.is_empty() && !name.is_empty())
}

/// What protects the branch, and those that `approved_on` names: whoever can push to one of them approves for this one.
/// Gives whether a workflow from elsewhere must pass.
fn rules_of(
    session: &Session,
    options: &DoctorOptions,
    leading_here: &[String],
    diagnosis: &mut Diagnosis,
) -> bool {
    let mut required_elsewhere = false;
    match session.protection(options.branch.as_deref()) {
        Ok(protection) => {
            let (checks, unknown) = protection.checks(&options.context);
            required_elsewhere = protection.required_workflow;
            diagnosis.checks.extend(checks);
            diagnosis.unknown.extend(unknown);
        }
        Err(problem) => diagnosis.unknown.push(problem.to_string()),
    }
    for branch in leading_here {
        let named = |text: String| format!("`{branch}`, which `approved_on` names: {text}");
        match session.protection(Some(branch)) {
            Ok(protection) => {
                let (checks, unknown) = protection.checks(&options.context);
                let checks = checks.into_iter().map(|check| Check { found: named(check.found), ..check });
                diagnosis.checks.extend(checks);
                diagnosis.unknown.extend(unknown.into_iter().map(named));
            }
            Err(problem) => diagnosis.unknown.push(named(problem.to_string())),
        }
    }
    required_elsewhere
}

/// The workflows of a checkout, by path.
fn workflows_of(folder: &Path, diagnosis: &mut Diagnosis) -> BTreeMap<String, String> {
    let mut workflows = BTreeMap::new();
    let Ok(listed) = fs::read_dir(folder.join(WORKFLOWS)) else { return workflows };
    for entry in listed.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !(name.ends_with(".yml") || name.ends_with(".yaml")) {
            continue;
        }
        match fs::read_to_string(entry.path()) {
            Ok(text) => drop(workflows.insert(format!("{WORKFLOWS}/{name}"), text)),
            Err(error) => diagnosis.unknown.push(format!("cannot read `{WORKFLOWS}/{name}`: {error}")),
        }
    }
    workflows
}

const WORKFLOWS: &str = ".github/workflows";

/// Looks at the policy, and gives the branches that it takes approvals from, and whether teams approve.
fn policy_of(folder: &Path, diagnosis: &mut Diagnosis) -> (Vec<String>, bool) {
    let path = policy::POLICY_PATH;
    if folder.join(MISNAMED_POLICY).exists() {
        diagnosis.checks.push(Check::gap(
            format!("`{MISNAMED_POLICY}` is there, and the policy is read from `{path}` alone, so every run is undecided"),
            format!("rename it to `{path}`"),
        ));
        return Default::default();
    }
    let bytes = match fs::read(folder.join(path)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            diagnosis.checks.push(Check::gap(
                format!("there is no `{path}`, so the built-in policy applies and administrators approve"),
                "run `flsgate init`, which writes one, and name `approvers` in it",
            ));
            return Default::default();
        }
        Err(error) => {
            diagnosis.unknown.push(format!("cannot read `{path}`: {error}"));
            return Default::default();
        }
    };
    let file = Arc::new(SourceFile::new(RepoPath::from(path), bytes));
    match policy::read_policy(&file, &rules::policy_keys()) {
        Ok(policy) => {
            diagnosis.checks.push(match policy.approvers.nobody_named() {
                true => Check::gap(
                    format!("`{path}` names no approvers, so administrators approve"),
                    "write there `approvers:` and below it `  people: [{ login: LOGIN, id: NUMBER }]`; \
                     `gh api users/LOGIN --jq .id` prints the number",
                ),
                false => Check::holds(format!(
                    "approvals count from {}",
                    policy.approvers.words(&[], policy.approvers.needed)
                )),
            });
            let warned =
                policy.former_names.iter().map(|warning| Check::gap(warning.to_string(), "correct it"));
            diagnosis.checks.extend(warned);
            if let Some((what, key)) = policy.tiers.laxer_than_the_one_below() {
                diagnosis.checks.push(Check::gap(
                    format!("`{path}` protects a tier less than the one below it: {what}"),
                    format!("write at least as much in `{key}`, or ask for less below"),
                ));
            }
            let names_teams = policy.approvers.name_teams();
            return (policy.approved_on, names_teams);
        }
        Err(mistakes) => {
            let first = mistakes.first().map(ToString::to_string).unwrap_or_default();
            let count = counted(mistakes.len(), "mistake", "mistakes");
            diagnosis.checks.push(Check::gap(
                format!("`{path}` has {count}, so every run is undecided: {first}"),
                "correct it",
            ));
        }
    }
    Default::default()
}

/// GitHub reads the first of these that is there.
const CODEOWNERS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
/// What decides how changes are judged. Any workflow can report in the place of the gate, so it is a name
/// that no line names.
const GUARDED: [&str; 3] =
    [".flsgate/policy.yml", ".flsgate/justifications/a.yml", ".github/workflows/some-other.yml"];

fn owners_of(folder: &Path, diagnosis: &mut Diagnosis) {
    let found = CODEOWNERS.iter().find_map(|path| Some((path, fs::read_to_string(folder.join(path)).ok()?)));
    let Some((path, text)) = found else {
        diagnosis.checks.push(Check::gap(
            "there is no CODEOWNERS file",
            "run `flsgate init --owner @ORG/TEAM`, or write `.github/CODEOWNERS` with the lines `/.flsgate/ @ORG/TEAM` and \
             `/.github/ @ORG/TEAM`",
        ));
        return;
    };
    for guarded in GUARDED {
        let folder = guarded.rsplit_once('/').map_or(guarded, |(folder, _)| folder);
        diagnosis.checks.push(match has_owner(&text, guarded) {
            true => Check::holds(format!("`{folder}/` has an owner in `{path}`")),
            false => Check::gap(
                format!("`{folder}/` has no owner in `{path}`"),
                format!("run `flsgate init --owner @ORG/TEAM`, or add the line `/{folder}/ @ORG/TEAM`"),
            ),
        });
    }
    diagnosis.checks.push(match has_owner(&text, path) {
        true => Check::holds(format!("`{path}` has an owner")),
        false => Check::gap(
            format!("`{path}` itself has no owner, so whoever changes it takes the others' away"),
            format!("add the line `/{path} @ORG/TEAM`"),
        ),
    });
}
