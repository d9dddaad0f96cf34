//! `flsgate action`: the gate as a GitHub Action. Judges as `check` does, takes approvals into account,
//! and publishes. Publishing changes nothing about the verdict.

mod approvals;
mod output;
mod target;

use super::check::judged;
use super::{RunError, files, given_policy};
use crate::finding::Severity;
use crate::gate::{Outcome, Reason, Verdict};
use crate::git::{Comparison, Repository};
use crate::github::{
    Clock, Connection, Context, Event, Inputs, LivePull, Publication, Published, Session, SystemClock,
};
use crate::report::markdown::Links;
use crate::report::{self, Detail, Format, Style};
use crate::source::{RepoPath, Snapshot};
use crate::words::sentences;
use jiff::civil::Date;
use output::Output;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Everything that a run gets from outside.
pub struct Action {
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// Today.
    pub today: Date,
    /// Time, for waiting between requests.
    pub clock: Arc<dyn Clock>,
    /// An answer that takes longer is none.
    pub timeout: Duration,
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The environment holds tokens.
        f.debug_struct("Action").field("today", &self.today).finish_non_exhaustive()
    }
}

/// The clock of a real run.
pub fn real_time() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Why a run could not judge: one message each.
type Failure = Vec<String>;

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        vec![error.to_string()]
    }
}

/// Runs the Action; `log` is standard output.
pub fn action(action: &Action, log: &mut dyn Write) -> Outcome {
    let output = Output::new(&action.env);
    let run = prepare(action).inspect_err(|_| fail_without_preparation(action)).and_then(|run| {
        let judged = run.judge(action);
        if judged.is_err() {
            run.publish_failure();
        }
        judged.map(|judged| (run, judged))
    });
    let outcome = match run {
        Ok((run, judged)) => finish(&run, judged, &output, log).inspect_err(|_| run.publish_failure()),
        Err(failure) => {
            for message in &failure {
                let _ = writeln!(log, "{}", report::annotation(Severity::Error, message));
            }
            output.failure(&failure).map(|()| Outcome::Undecided)
        }
    };
    let outcome = outcome.unwrap_or_else(|problem| {
        let _ = writeln!(log, "{}", report::annotation(Severity::Error, &problem));
        // The last value of an output counts. If it is this very file that cannot be written, the status says so.
        let _ = output.failure(&[problem]);
        Outcome::Undecided
    });
    // A log that cannot be written loses text, never the verdict.
    let _ = log.flush();
    outcome
}

/// What is known before anything is judged.
struct Run {
    context: Context,
    inputs: Inputs,
    session: Option<Session>,
    /// Where reports go, and the checkout unless an input names a folder of it.
    workspace: PathBuf,
    checkout: PathBuf,
}

fn prepare(action: &Action) -> Result<Run, Failure> {
    let env = &action.env;
    let inputs = Inputs::read(env)?;
    let payload = match env.get("GITHUB_EVENT_PATH").filter(|p| !p.is_empty()) {
        Some(path) => std::fs::read(path)
            .map_err(|e| vec![format!("cannot read the event file `{path}`: {e}; run the workflow again")])?,
        None => Vec::new(),
    };
    let context = Context::read(env, &payload).map_err(|e| vec![e])?;
    let workspace = env.get("GITHUB_WORKSPACE").filter(|p| !p.is_empty()).map_or(".".into(), PathBuf::from);
    let checkout = match &inputs.working_directory {
        None => workspace.clone(),
        Some(folder) => {
            let there = files::without_links(&workspace, folder).ok().filter(|there| there.is_dir());
            let absent = || vec![sentences::no_working_directory(&folder.display().to_string())];
            there.ok_or_else(absent)?
        }
    };
    let paths: Vec<&Path> = inputs.output.iter().map(|(_, path)| path.as_path()).collect();
    output::make_way(&workspace, &paths).map_err(|e| vec![e])?;
    let session = match &inputs.token {
        None => None,
        Some(token) => {
            let ca = match &inputs.ca_file {
                None => None,
                Some(path) => Some(std::fs::read(workspace.join(path)).map_err(|e| {
                    vec![format!("cannot read input `ca-file` (`{}`): {e}; name a file", path.display())]
                })?),
            };
            let clock = Arc::clone(&action.clock);
            let (api_url, timeout) = (context.api_url.clone(), action.timeout);
            let connection = Connection { api_url, ca, timeout, clock };
            let (graphql, team_token) = (context.graphql_url.as_deref(), inputs.team_token.as_ref());
            let session = Session::open(&connection, &context.repository, graphql, token, team_token);
            Some(session.map_err(|e| vec![e])?)
        }
    };
    Ok(Run { context, inputs, session, workspace, checkout })
}

/// What cannot even begin leaves no older success in its place: the status says so, as far as there is a token and a
/// name for it.
fn fail_without_preparation(action: &Action) {
    let payload = action.env.get("GITHUB_EVENT_PATH").and_then(|path| std::fs::read(path).ok());
    let context = Context::read(&action.env, &payload.unwrap_or_default());
    let (Ok(context), Some(inputs)) = (context, Inputs::for_the_status(&action.env)) else { return };
    let (clock, api_url) = (Arc::clone(&action.clock), context.api_url.clone());
    let connection = Connection { api_url, ca: None, timeout: action.timeout, clock };
    let Some(token) = &inputs.token else { return };
    if let Ok(session) = Session::open(&connection, &context.repository, None, token, None) {
        let workspace = PathBuf::new();
        let checkout = workspace.clone();
        Run { context, inputs, session: Some(session), workspace, checkout }.publish_failure();
    }
}

/// A verdict with approvals taken into account.
struct Judged {
    verdict: Verdict,
    live: Option<LivePull>,
    /// The commit that gets marks.
    commit: String,
    /// Paths of findings that the head has.
    in_head: BTreeSet<String>,
    /// What went wrong on the way and decides nothing.
    problems: Vec<String>,
}

impl Run {
    fn judge(&self, action: &Action) -> Result<Judged, Failure> {
        let live = match (&self.session, self.context.pull()) {
            (Some(session), Some(number)) => Some(session.pull(number)),
            _ => None,
        };
        let known = live.as_ref().and_then(|live| live.as_ref().ok());
        let repository = Repository::open(&self.checkout).map_err(RunError::from)?;
        let target = target::resolve(&repository, &self.context, &self.inputs, known)?;
        self.is_of_now(&target)?;
        let path = self.inputs.policy.as_ref();
        let path = path.map(|path| files::without_links(&self.workspace, path)).transpose()?;
        let given = given_policy::trusted(&repository, &target.comparison, path.as_deref())?;
        let (mut verdict, approvers) = judged(&repository, &target.comparison, given.as_ref(), action.today)?;
        if verdict.awaiting().next().is_some() {
            let reader = approvals::Reader {
                repository: &repository,
                session: self.session.as_ref(),
                event: &self.context.event,
                target: &target,
                policy: given.as_ref(),
                today: action.today,
            };
            let read = reader.read(live.as_ref(), &approvers);
            let asked = reader.asked(&read);
            verdict = verdict.approve(read, &asked);
        }
        let (live, problems) = match live {
            Some(Ok(live)) => (Some(live), Vec::new()),
            Some(Err(error)) => (None, vec![error.to_string()]),
            None => (None, Vec::new()),
        };
        // A queue's commit is not the pull request's: comments belong to the head.
        let live = live.filter(|_| !matches!(self.context.event, Event::MergeGroup { .. }));
        let in_head = in_head(&verdict, &target.comparison);
        Ok(Judged { verdict, live, commit: target.commit, in_head, problems })
    }

    /// A run that is run again has the merge of the first time. On a base that has moved on since, it could pass where
    /// a newer run has not.
    fn is_of_now(&self, target: &target::Target) -> Result<(), Failure> {
        let (Some(session), Event::Pull(_), true) = (&self.session, &self.context.event, self.context.again)
        else {
            return Ok(());
        };
        let branch = self.context.base_branch().unwrap_or_default();
        match session.tip(branch) {
            Ok(tip) if tip == target.comparison.base_commit || target.landing.is_none() => Ok(()),
            Ok(_) => Err(vec![sentences::base_has_moved(branch)]),
            Err(error) => Err(vec![error.to_string()]),
        }
    }

    /// Without a verdict only the commit status can say so.
    fn publish_failure(&self) {
        let commit = match &self.context.event {
            Event::Pull(pull) | Event::PullTarget(pull) => &pull.head,
            Event::MergeGroup { head, .. } => head,
            Event::Push { .. } | Event::Manual => return,
        };
        if let (Some(session), Some(name)) = (&self.session, &self.inputs.commit_status) {
            // The run itself fails as well, so there is nothing more to say if this does.
            let _ = session.fail(commit, name, &self.context, &self.inputs);
        }
    }

    fn publish(&self, judged: &Judged) -> Published {
        let Some(session) = &self.session else { return Published::default() };
        session.publish(&Publication {
            verdict: &judged.verdict,
            live: judged.live.as_ref(),
            commit: &judged.commit,
            context: &self.context,
            inputs: &self.inputs,
            links: &self.links(judged),
            in_head: &judged.in_head,
        })
    }

    /// Writes the reports that input `output` asks for.
    fn reports(&self, judged: &Judged) -> Result<(), Reason> {
        for (format, path) in &self.inputs.output {
            let mut bytes = Vec::new();
            let made = report::write_linked(&judged.verdict, *format, &self.links(judged), &mut bytes);
            let written = made
                .map_err(|e| e.to_string())
                .and_then(|()| output::write_below(&self.workspace, path, &bytes));
            written.map_err(|why| Reason {
                path: RepoPath::from(path.display().to_string().as_str()),
                position: None,
                message: format!("the report cannot be written: {why}"),
            })?;
        }
        Ok(())
    }

    fn links(&self, judged: &Judged) -> Links {
        let head = judged.verdict.head.as_deref().unwrap_or(&judged.commit);
        let blob = |commit: &str| self.context.page.as_ref().map(|page| format!("{page}/blob/{commit}"));
        Links {
            blob: blob(head),
            base: blob(&judged.verdict.base),
            rule_pages: self.context.rule_pages(),
            run: self.context.run_url.clone(),
            reports: self.inputs.output.iter().map(|(_, path)| path.display().to_string()).collect(),
            ask: match self.context.event {
                Event::MergeGroup { .. } => Some(sentences::ASK_BEFORE_QUEUEING),
                Event::Push { .. } => Some(sentences::ASK_AFTER_THE_MERGE),
                Event::Pull(_) | Event::PullTarget(_) | Event::Manual => None,
            },
            problems: Vec::new(),
        }
    }
}

/// Paths of findings that the head has: the merge may have more, and the base had others.
fn in_head(verdict: &Verdict, comparison: &Comparison) -> BTreeSet<String> {
    let paths: BTreeSet<&RepoPath> = verdict.findings.iter().map(|f| f.place.path()).collect();
    let there = paths.into_iter().filter(|path| matches!(comparison.head.entry(path), Ok(Some(_))));
    there.map(|path| path.as_str().to_owned()).collect()
}

/// Publishes and writes everything that was asked for.
fn finish(run: &Run, mut judged: Judged, output: &Output, log: &mut dyn Write) -> Result<Outcome, String> {
    // Before anything is published: a report that somebody waits for and that is not there is no verdict.
    let lost: Vec<Reason> = run.reports(&judged).err().into_iter().collect();
    if !lost.is_empty() {
        judged.verdict.undecided.extend(lost);
        judged.verdict = judged.verdict.decide();
    }
    let judged = &judged;
    let verdict = &judged.verdict;
    let published = run.publish(judged);
    // Comments at the lines make annotations at the same lines superfluous.
    let commented = published.all_shown && verdict.outcome != Outcome::Undecided;
    if commented {
        let mut text = Vec::new();
        let _ = report::write(
            verdict,
            Format::Terminal(Style { color: false, width: report::WIDTH, detail: Detail::Normal }),
            &mut text,
        );
        // No line of it begins as a command of the runner does, which passes over blanks first.
        for line in String::from_utf8_lossy(&text).lines() {
            let _ = writeln!(log, "| {line}");
        }
    } else {
        let _ = report::write(verdict, Format::Github, log);
    }
    let mut problems = judged.problems.clone();
    problems.extend(published.told());
    for problem in &problems {
        let _ = writeln!(log, "{}", report::annotation(Severity::Warning, problem));
    }
    output.verdict(verdict, &Links { run: None, problems, ..run.links(judged) })?;
    Ok(verdict.outcome)
}
