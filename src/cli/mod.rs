//! Command-line arguments to run options: the only place that knows clap.

mod args;
mod at;
mod demo;
mod diff;
mod matrix;
mod output;
mod progress;

use crate::finding::Severity;
use crate::gate::{Outcome, Verdict};
use crate::github::Secret;
use crate::report;
use crate::run::{
    self, Action, AuditOptions, BaselineWrite, CheckOptions, DoctorOptions, ExplainOptions, InitOptions,
    JustifyOptions, PreflightOptions, Prepared, RunError, SimulateOptions, TestOptions,
};
use crate::words::{counted, sentences};
use args::{AuditArgs, CheckArgs, Cli, Command, DemoArgs, GroupName, JustifyArgs, SchemaName};
use clap::error::ErrorKind;
use clap::{ColorChoice, CommandFactory, Parser};
use jiff::civil::Date;
use output::OutputArgs;
use progress::progress;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::time::Duration;

/// What is wrong with a revision, with the variable that names it, if one does.
fn of_environment(problem: String) -> String {
    match std::env::var("FLSGATE_BASE") {
        Ok(base) if problem.contains(&format!("`{base}`")) => {
            format!("{problem} (the variable `FLSGATE_BASE` names `{base}`)")
        }
        _ => problem,
    }
}

/// Runs one command line and returns the exit status. `out` and `err` are standard output and error.
pub fn main(arguments: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // A container action whose `args` are empty starts the binary so.
    if arguments.len() == 1 && std::env::var_os("GITHUB_ACTIONS").is_some() {
        let _ = writeln!(out, "{}", report::annotation(Severity::Error, sentences::NO_COMMAND))
            .and_then(|()| out.flush());
        return Outcome::Undecided.exit_status();
    }
    let names_baseline = arguments.get(1).is_some_and(|word| word == "baseline");
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let status = if error.use_stderr() { Outcome::Undecided.exit_status() } else { 0 };
            let text = error.render();
            let about_baseline = error.kind() == ErrorKind::InvalidSubcommand && names_baseline;
            let colored = io::stdout().is_terminal() && error.exit_code() == 0;
            let text = if colored { text.ansi().to_string() } else { text.to_string() };
            let _ = if error.use_stderr() {
                err.write_all(text.as_bytes()).and_then(|()| match about_baseline {
                    true => writeln!(err, "\n`flsgate audit --write-baseline` writes the baseline"),
                    false => Ok(()),
                })
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
            let all = match error {
                RunError::Several(all) => all,
                RunError::Git(problem) => vec![of_environment(problem.to_string())],
                one => vec![one.to_string()],
            };
            for text in all {
                let _ = writeln!(err, "flsgate: error: {}", report::clean(&text));
            }
            Outcome::Undecided.exit_status()
        }
    }
}

/// Gives the exit status.
fn run(cli: &Cli, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, RunError> {
    if let Command::Check(CheckArgs { output, .. })
    | Command::Audit(AuditArgs { output, .. })
    | Command::Demo(DemoArgs { output, .. }) = &cli.command
    {
        run::make_way(&output.output.iter().map(|(_, path)| path.as_path()).collect::<Vec<_>>())?;
    }
    let (verdict, output) = match &cli.command {
        Command::Action => {
            let text = |t: OsString| t.to_string_lossy().into_owned();
            let env = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
            let action = Action { env, today: today(), clock: run::real_time(), timeout: API_TIMEOUT };
            return Ok(run::action(&action, out).exit_status());
        }
        Command::Check(args) => {
            let options = CheckOptions {
                repository: args.at.repo.clone(),
                base: args.base.clone(),
                head: args.head.clone(),
                policy: args.policy.clone(),
                without_justifications: args.no_justifications,
                today: args.at.day(today()),
            };
            let mut verdict = run::check(&options)?;
            if !args.files.is_empty() {
                verdict.show_only(&run::paths_in(&options.repository, &args.files)?);
            }
            (verdict, &args.output)
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
        Command::Matrix(args) => {
            let progress = io::stderr().is_terminal().then(progress);
            return matrix::run(args, (today(), progress), out, err);
        }
        Command::Diff(args) => return diff::run(args, out),
        Command::Audit(args) => {
            let write = match (args.write_baseline, args.accept_raised, args.prune) {
                (true, ..) => BaselineWrite::Adopt,
                (_, true, _) => BaselineWrite::AcceptRaised,
                (.., true) => BaselineWrite::Prune,
                _ => BaselineWrite::No,
            };
            let verdict = run::audit(&AuditOptions {
                repository: args.at.repo.clone(),
                revision: args.revision.clone(),
                baseline: args.baseline.clone(),
                write,
                policy: args.policy.clone(),
                without_justifications: args.no_justifications,
                base: args.base.clone(),
                today: args.at.day(today()),
                lists_all: args.output.lists_all(),
                worded: args.output.worded(),
                progress: io::stderr().is_terminal().then(progress),
            })?;
            if let Some(lines) = verdict.wrote {
                let _ = writeln!(err, "{}", wrote_baseline(write, lines));
            }
            (verdict, &args.output)
        }
        Command::Justify(args) => return justify(args, out),
        Command::Explain(args) if args.list => {
            let _ = out.write_all(run::list_rules().as_bytes()).and_then(|()| out.flush());
            return Ok(0);
        }
        Command::Explain(args) => {
            let explained = run::explain(&ExplainOptions {
                repository: args.at.repo.clone(),
                revision: args.revision.clone(),
                what: args.what.clone().unwrap_or_default(),
                grantor: args.holder.clone(),
                today: args.at.day(today()),
            })?;
            let _ = out.write_all(explained.text.as_bytes()).and_then(|()| out.flush());
            let outcome = if explained.decided { Outcome::Passed } else { Outcome::Undecided };
            return Ok(outcome.exit_status());
        }
        Command::Simulate(args) => {
            let simulated = run::simulate(&SimulateOptions {
                repository: args.at.repo.clone(),
                policy: args.policy.clone(),
                base: args.base.clone(),
                head: args.head.clone(),
                standing: args.standing,
                today: args.at.day(today()),
            })?;
            let verdicts = (&simulated.today, &simulated.then);
            let _ = report::write_simulated(verdicts, (&simulated.more, &simulated.less), out)
                .and_then(|()| out.flush());
            return Ok(simulated.then.outcome.exit_status());
        }
        Command::Test(args) => {
            let options = TestOptions { repository: args.repo.clone(), policy: args.policy.clone() };
            let tested = run::test(&options)?;
            let _ = out.write_all(tested.text.as_bytes()).and_then(|()| out.flush());
            return Ok(tested.exit_status());
        }
        Command::Init(args) => {
            let done = run::init(&InitOptions {
                repository: args.repo.clone(),
                owner: args.owner.clone(),
                suggest_labels: args.suggest_labels,
                today: today(),
            })?;
            for prepared in done.files {
                let line = match prepared {
                    Prepared::Written(path) => format!("wrote    {}", report::clean(&path)),
                    Prepared::Extended(path) => format!("extended {}", report::clean(&path)),
                    Prepared::Kept(path) => format!("kept     {}", report::clean(&path)),
                };
                let _ = writeln!(out, "{line}");
            }
            for step in done.next {
                let _ = writeln!(out, "next: {}", report::clean(&step));
            }
            let _ = out.flush();
            return Ok(0);
        }
        Command::Completions { shell } => {
            // It panics where nobody reads on, so not to `out`.
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "flsgate", &mut text);
            let _ = out.write_all(&text).and_then(|()| out.flush());
            return Ok(0);
        }
        Command::Man => {
            let _ = clap_mangen::Man::new(Cli::command()).render(&mut &mut *out);
            return Ok(0);
        }
        Command::Schema { of } => {
            let _ = out.write_all(run::schema(of.of()).as_bytes()).and_then(|()| out.flush());
            return Ok(0);
        }
        Command::Preflight(args) => {
            let preflight = run::preflight(&PreflightOptions {
                repository: args.at.repo.clone(),
                revision: args.revision.clone(),
                integration: args.integration.clone(),
                fix: args.fix,
                today: args.at.day(today()),
            })?;
            let _ = match args.json {
                true => report::write_preflight_json(&preflight, out),
                false => report::write_preflight(&preflight, out),
            }
            .and_then(|()| out.flush());
            return Ok(preflight.exit_status());
        }
        Command::Demo(args) => {
            demo::begin(args, out)?;
            (run::demo()?, &args.output)
        }
    };
    // The process ends here: giving millions of pieces of memory back would take as long as the report.
    let verdict = ManuallyDrop::new(verdict);
    let status = publish(cli, &verdict, output, out, err)?;
    Ok(match &cli.command {
        Command::Demo(args) => demo::end(args, &verdict, status, out),
        Command::Check(args) if args.allow_waiting && verdict.outcome == Outcome::Waiting => {
            if status == Outcome::Waiting.exit_status() { 0 } else { status }
        }
        _ => status,
    })
}

/// Writes the verdict to standard output and into every file that was asked for. A file that cannot be
/// written costs no other one, and makes the status 2.
fn publish(
    cli: &Cli,
    verdict: &Verdict,
    output: &OutputArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, RunError> {
    let by = match &cli.command {
        Command::Audit(args) => args.by,
        _ => None,
    };
    let printed = match by {
        Some(by) => report::write_groups(verdict, by.of(), out)
            .and_then(|()| writeln!(out))
            .and_then(|()| report::write_closing(verdict, out)),
        None => report::write(verdict, output.printed(use_color(cli.color)), out),
    };
    let mut failed = None;
    for (format, path) in &output.output {
        let mut bytes = Vec::new();
        let made = report::write(verdict, output.filed(*format), &mut bytes)
            .map_err(|source| RunError::Io { what: "cannot make a report".into(), source });
        if let Err(error) = made.and_then(|()| run::write_report(path, &bytes)) {
            let _ = writeln!(err, "flsgate: error: {}", report::clean(&error.to_string()));
            failed = Some(Outcome::Undecided.exit_status());
        } else if !output.quiet {
            let _ = writeln!(err, "flsgate: wrote {}", report::clean(&path.display().to_string()));
        }
    }
    if output.stats {
        let _ = report::write_stats(verdict, err);
    }
    // A closed pipe (`flsgate check | head`) loses output, never the verdict.
    match printed.and_then(|()| out.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
            Err(RunError::Io { what: "cannot write the report".into(), source })
        }
        _ => Ok(failed.unwrap_or(verdict.outcome.exit_status())),
    }
}

/// What became of the baseline file.
fn wrote_baseline(write: BaselineWrite, lines: usize) -> String {
    match (write, lines) {
        (BaselineWrite::AcceptRaised, 0) => "no label rises over existing access that the baseline does not accept already; nothing is written".into(),
        (BaselineWrite::AcceptRaised, _) => {
            "wrote .flsgate/baseline.yml; one approval is enough for it and the labels together".into()
        }
        (BaselineWrite::Prune, 0) => "no line of .flsgate/baseline.yml is to be taken out".into(),
        (BaselineWrite::Prune, lines) => {
            format!("took {} out of .flsgate/baseline.yml", counted(lines, "line", "lines"))
        }
        _ => format!(
            "wrote .flsgate/baseline.yml with {}: it accepts what exists in this working tree, once it is merged; commit it, and \
             have it approved in a pull request",
            counted(lines, "line", "lines")
        ),
    }
}

fn justify(args: &JustifyArgs, out: &mut dyn Write) -> Result<u8, RunError> {
    let stubs = run::justify(&JustifyOptions {
        repository: args.at.repo.clone(),
        base: args.base.clone(),
        all: args.all,
        prune: args.prune,
        sort: args.sort,
        today: args.at.day(today()),
    })?;
    for line in stubs.lines(args.prune || args.sort) {
        let _ = writeln!(out, "{}", report::clean(&line));
    }
    let _ = out.flush();
    Ok(0)
}

impl SchemaName {
    fn of(self) -> run::Schema {
        match self {
            SchemaName::Policy => run::Schema::Policy,
            SchemaName::Justification => run::Schema::Justification,
            SchemaName::Tests => run::Schema::Tests,
            SchemaName::Output => run::Schema::Output,
        }
    }
}

impl GroupName {
    fn of(self) -> report::By {
        match self {
            GroupName::PermissionSet => report::By::PermissionSet,
            GroupName::Field => report::By::Field,
            GroupName::Tier => report::By::Tier,
        }
    }
}

/// The server itself gives up on a request after ten seconds.
const API_TIMEOUT: Duration = Duration::from_secs(30);

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
