//! Command-line arguments to run options: the only place that knows clap.

use crate::gate::Outcome;
use crate::github::Secret;
use crate::report::{self, Format, Style};
use crate::run::{
    self, Action, AuditOptions, BaselineWrite, CheckOptions, DoctorOptions, Progress, RunError,
};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

/// A gate for pull requests of Salesforce repositories: which new access to classified fields would
/// this change open, by which route, and is each one justified and approved?
#[derive(Debug, Parser)]
#[command(
    name = "flsgate",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(
    after_help = "Exit status: 0 passed, 1 blocked, 2 undecided (something that decides could not be read,\n\
or the command line is wrong). The output format never changes it."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge a change: what would it open?
    ///
    /// Without --head: the working tree, uncommitted work included, against the point where it left
    /// --base, or the default branch of origin (else the local main or master). With --head: what would
    /// land when that revision is merged into the base.
    #[command(after_help = "Examples:\n  \
        flsgate check                                       this working tree, before you commit\n  \
        flsgate check --base origin/main --head HEAD        what a pull request would land\n  \
        flsgate check --format github --output json=r.json  annotations in the log, JSON in a file")]
    Check(CheckArgs),
    /// Judge everything that stands, not a change
    ///
    /// Without --revision: the working tree. Exposures that `.flsgate/baseline.yml` accepts are counted,
    /// not reported.
    #[command(after_help = "Examples:\n  \
        flsgate audit                              what stands in this working tree\n  \
        flsgate audit --by grantor                 who holds how much of what\n  \
        flsgate audit --write-baseline             accept what stands today, on the day of adoption\n  \
        flsgate audit --prune                      take out of the baseline what no longer stands\n  \
        flsgate audit --format json --revision v2  as JSON, for another revision")]
    Audit(AuditArgs),
    /// Judge the event of a GitHub workflow and publish the verdict
    ///
    /// For the container Action: inputs, event and paths come from the variables that the runner sets
    /// (INPUT_*, GITHUB_*). See docs/github.md.
    Action,
    /// Say what of the setup does not gate: branch rules, owners, policy
    ///
    /// Reads the files of a checkout, and with GITHUB_TOKEN (or GH_TOKEN) the rules of the branch. Exit
    /// status: 0 no gaps, 1 gaps, 2 something could not be looked at.
    Doctor(DoctorArgs),
    /// Make a small repository with a pull request in a temporary folder and judge it
    ///
    /// The pull request is blocked on purpose: the exit status is 1.
    Demo(OutputArgs),
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// The repository: any folder inside it
    #[arg(long, value_name = "PATH", default_value = ".")]
    repo: PathBuf,
    /// Revision to compare with: branch, tag or commit
    #[arg(long, value_name = "REVISION")]
    base: Option<String>,
    /// Revision to judge: what would land is its merge into the base. Without it the working tree is judged
    #[arg(long, value_name = "REVISION")]
    head: Option<String>,
    /// Judge expiry dates as of this day, YYYY-MM-DD [default: today in UTC]
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    as_of: Option<Date>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
struct AuditArgs {
    /// The repository: any folder inside it
    #[arg(long, value_name = "PATH", default_value = ".")]
    repo: PathBuf,
    /// Revision to audit: branch, tag or commit
    #[arg(long, value_name = "REVISION")]
    revision: Option<String>,
    /// Judge expiry dates as of this day, YYYY-MM-DD [default: today in UTC]
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    as_of: Option<Date>,
    /// Read the baseline from this file [default: .flsgate/baseline.yml of the revision]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write .flsgate/baseline.yml with all that stands and is not settled; refused where there is one
    #[arg(long, conflicts_with_all = ["prune", "baseline", "revision"])]
    write_baseline: bool,
    /// Take out of .flsgate/baseline.yml what no longer stands or is settled by now
    #[arg(long, conflicts_with_all = ["baseline", "revision"])]
    prune: bool,
    /// Print a table of counts instead of findings (terminal format)
    #[arg(long, value_enum, value_name = "GROUP")]
    by: Option<GroupName>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GroupName {
    /// One row for each permission set, group and profile
    Grantor,
    /// One row for each field
    Field,
    /// One row for each tier
    Tier,
}

#[derive(Debug, Args)]
struct DoctorArgs {
    /// The root of the checkout
    #[arg(long, value_name = "PATH", default_value = ".")]
    repo: PathBuf,
    /// The repository on GitHub
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY")]
    github: Option<String>,
    /// The branch that changes go into [default: the default branch]
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// The required check, or the context of the commit status
    #[arg(long, value_name = "NAME", default_value = "flsgate")]
    context: String,
    /// REST base of the server
    #[arg(long, value_name = "URL", env = "GITHUB_API_URL", default_value = "https://api.github.com")]
    api_url: String,
}

#[derive(Debug, Args)]
struct OutputArgs {
    /// Format on standard output
    #[arg(long, value_enum, default_value_t = FormatName::Terminal)]
    format: FormatName,
    /// Write a report to a file as well; FORMAT as for --format; may be repeated
    #[arg(long, value_name = "FORMAT=PATH", value_parser = parse_output)]
    output: Vec<(FormatName, PathBuf)>,
    /// Print what was read, one count a line, to standard error
    #[arg(long)]
    stats: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// For people: source excerpts around every finding
    Terminal,
    /// GitHub workflow commands, which become annotations
    Github,
    /// For other tools: see docs/json-output.md
    Json,
    /// A page as the Action publishes it
    Markdown,
}

fn parse_date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a date such as 2026-06-01".to_owned())
}

fn parse_output(text: &str) -> Result<(FormatName, PathBuf), String> {
    let names: Vec<String> = FormatName::value_variants()
        .iter()
        .filter_map(|f| f.to_possible_value())
        .map(|v| v.get_name().to_owned())
        .collect();
    let expected = || format!("expected FORMAT=PATH, where FORMAT is one of {}", names.join(", "));
    let (name, path) = text.split_once('=').ok_or_else(expected)?;
    let format = FormatName::from_str(name, false).map_err(|_| expected())?;
    if path.is_empty() {
        return Err(expected());
    }
    Ok((format, path.into()))
}

/// Runs one command line and returns the exit status. `out` and `err` are standard output and error.
pub fn main(arguments: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let status = if error.use_stderr() { Outcome::Undecided.exit_status() } else { 0 };
            let text = error.render();
            let colored = io::stdout().is_terminal() && error.exit_code() == 0;
            let text = if colored { text.ansi().to_string() } else { text.to_string() };
            let _ = if error.use_stderr() {
                err.write_all(text.as_bytes())
            } else {
                out.write_all(text.as_bytes())
            };
            return status;
        }
    };
    match run(&cli, out, err) {
        Ok(status) => status,
        Err(error) => {
            // Revisions, paths and git's own words may be hostile text.
            let _ = writeln!(err, "flsgate: error: {}", report::clean(&error.to_string()));
            Outcome::Undecided.exit_status()
        }
    }
}

/// Gives the exit status.
fn run(cli: &Cli, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, RunError> {
    let (verdict, output) = match &cli.command {
        Command::Action => {
            let text = |t: OsString| t.to_string_lossy().into_owned();
            let env = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
            let action = Action { env, today: today(), clock: run::real_time(), timeout: API_TIMEOUT };
            return Ok(run::action(&action, out).exit_status());
        }
        Command::Check(args) => {
            let options = CheckOptions {
                repository: args.repo.clone(),
                base: args.base.clone(),
                head: args.head.clone(),
                today: args.as_of.unwrap_or_else(today),
            };
            (run::check(&options)?, &args.output)
        }
        Command::Doctor(args) => {
            let token = ["GITHUB_TOKEN", "GH_TOKEN"].iter().find_map(|name| std::env::var(name).ok());
            let token = Secret::new(&token.unwrap_or_default())
                .map_err(|why| RunError::Setup(format!("the token in the environment {why}; set another")))?;
            let diagnosis = run::doctor(&DoctorOptions {
                folder: args.repo.clone(),
                repository: args.github.clone(),
                api_url: args.api_url.clone(),
                token,
                branch: args.branch.clone(),
                context: args.context.clone(),
                timeout: API_TIMEOUT,
                clock: run::real_time(),
            });
            let _ = diagnosis.write(out).and_then(|()| out.flush());
            return Ok(diagnosis.exit_status());
        }
        Command::Audit(args) => {
            let write = match (args.write_baseline, args.prune) {
                (true, _) => BaselineWrite::Adopt,
                (_, true) => BaselineWrite::Prune,
                _ => BaselineWrite::No,
            };
            let verdict = run::audit(&AuditOptions {
                repository: args.repo.clone(),
                revision: args.revision.clone(),
                baseline: args.baseline.clone(),
                write,
                today: args.as_of.unwrap_or_else(today),
                progress: io::stderr().is_terminal().then(progress),
            })?;
            if let (Some(by), FormatName::Terminal) = (args.by, args.output.format) {
                let _ = report::write_groups(&verdict, by.of(), out)
                    .and_then(|()| writeln!(out))
                    .and_then(|()| report::write_closing(&verdict, out))
                    .and_then(|()| out.flush());
                return Ok(verdict.outcome.exit_status());
            }
            (verdict, &args.output)
        }
        Command::Demo(output) => (run::demo()?, output),
    };
    for (format, path) in &output.output {
        let mut bytes = Vec::new();
        let written =
            report::write(&verdict, format.of(false), &mut bytes).and_then(|()| std::fs::write(path, &bytes));
        written
            .map_err(|source| RunError::Io { what: format!("cannot write `{}`", path.display()), source })?;
    }
    let to_terminal =
        report::write(&verdict, output.format.of(use_color(cli.color)), out).and_then(|()| out.flush());
    // A closed pipe (`flsgate check | head`) loses output, never the verdict.
    match to_terminal {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
            return Err(RunError::Io { what: "cannot write the report".into(), source });
        }
        _ => {}
    }
    if output.stats {
        let _ = report::write_stats(&verdict, err);
    }
    Ok(verdict.outcome.exit_status())
}

impl GroupName {
    fn of(self) -> report::By {
        match self {
            GroupName::Grantor => report::By::Grantor,
            GroupName::Field => report::By::Field,
            GroupName::Tier => report::By::Tier,
        }
    }
}

/// A line on standard error that says how far a long run is: after a second, ten times a second at most.
fn progress() -> Progress {
    let start = std::time::Instant::now();
    let last = std::sync::atomic::AtomicU64::new(1000);
    std::sync::Arc::new(move |done, all| {
        let now = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let due = last.load(std::sync::atomic::Ordering::Relaxed);
        let over = done == all && due > 1000;
        if now >= due || over {
            last.store(now + 100, std::sync::atomic::Ordering::Relaxed);
            let end = if over { "\r\u{1b}[K" } else { "" };
            let _ = write!(io::stderr(), "\r\u{1b}[Kreading {done} of {all} files{end}");
        }
    })
}

impl FormatName {
    fn of(self, color: bool) -> Format {
        match self {
            FormatName::Terminal => Format::Terminal(Style { color, width: width() }),
            FormatName::Github => Format::Github,
            FormatName::Json => Format::Json,
            FormatName::Markdown => Format::Markdown,
        }
    }
}

/// The server itself gives up on a request after ten seconds.
const API_TIMEOUT: Duration = Duration::from_secs(30);

/// Columns to lay out for. Reports look the same on every machine, so the terminal is not asked.
fn width() -> usize {
    140
}

fn use_color(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
            !set("NO_COLOR") && (set("CLICOLOR_FORCE") || io::stdout().is_terminal())
        }
    }
}

/// The only clock of the program.
fn today() -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date()
}
