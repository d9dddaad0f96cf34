//! `flsgate matrix`: its arguments, and what they come to.

use super::at::At;
use crate::gate::Outcome;
use crate::report;
use crate::report::matrix::{MatrixFilter, MatrixFormat, Status};
use crate::run::{self, MatrixOf, MatrixOptions, MatrixRun, Progress, RunError};
use crate::words::{Tier, counted, nearest};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct MatrixArgs {
    #[command(flatten)]
    at: At,
    /// Revision to read: branch, tag or commit
    #[arg(long, value_name = "REVISION", conflicts_with = "delta")]
    revision: Option<String>,
    /// Only what a change adds, widens, narrows, removes or relabels; without HEAD the working tree's
    #[arg(long, value_name = "BASE..HEAD", value_parser = parse_range)]
    delta: Option<Range>,
    /// With fields of the open tier
    #[arg(long)]
    all: bool,
    /// Without line numbers, which move with every edit: for a matrix that is committed
    #[arg(long)]
    no_lines: bool,
    /// Only fields of this object; may be repeated
    #[arg(long, value_name = "OBJECT")]
    object: Vec<String>,
    /// Only what this permission set, group or profile gives; may be repeated
    #[arg(long, value_name = "NAME")]
    permission_set: Vec<String>,
    /// Only fields of this tier; may be repeated
    #[arg(long, value_name = "TIER", value_parser = parse_tier)]
    tier: Vec<Tier>,
    /// Only access in this state, such as unjustified or needs_approval; may be repeated
    #[arg(long, value_name = "STATE", value_parser = parse_state)]
    state: Vec<Status>,
    /// Page of the repository, as https://github.com/acme/org: the page (html) links each line to it there
    #[arg(long, value_name = "URL", value_parser = parse_url)]
    repository_url: Option<String>,
    /// Format [default: by the name of the file, else md]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write nothing; exit with 1 where this file is not what would be written
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    check: Option<PathBuf>,
}

/// Both sides of a change.
#[derive(Clone, Debug)]
struct Range {
    base: String,
    head: Option<String>,
}

fn parse_range(text: &str) -> Result<Range, String> {
    let (base, head) = text.split_once("..").unwrap_or_default();
    let head = head.strip_prefix('.').unwrap_or(head);
    if base.is_empty() || head.contains("..") {
        return Err("expected BASE..HEAD, or BASE.. for the working tree".to_owned());
    }
    Ok(Range { base: base.to_owned(), head: Some(head.to_owned()).filter(|h| !h.is_empty()) })
}

fn parse_url(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%:/".contains(c);
    match text.strip_prefix("https://") {
        Some(rest) if !rest.is_empty() && rest.chars().all(plain) => Ok(text.to_owned()),
        _ => Err("expected the page of a repository, as https://github.com/acme/org".to_owned()),
    }
}

fn parse_tier(text: &str) -> Result<Tier, String> {
    // `tier 3`, as reports say, and `3`.
    let number = |tier: Tier| tier.words().trim_start_matches("tier ").to_owned();
    let written = text.to_lowercase();
    let is = |tier: &Tier| {
        tier.to_string() == written || number(*tier) == written.trim_start_matches("tier").trim()
    };
    let names = Tier::ALL.map(|tier| tier.to_string());
    Tier::ALL.into_iter().find(is).ok_or_else(|| meant_or_all(text, &names))
}

fn parse_state(text: &str) -> Result<Status, String> {
    let written = text.to_lowercase();
    let is = |state: &Status| state.key() == written || state.to_string() == written;
    let names = Status::ALL.map(|state| state.key().to_owned());
    Status::ALL.into_iter().find(is).ok_or_else(|| meant_or_all(text, &names))
}

/// The name that was meant, or where none is near all that there are.
fn meant_or_all(written: &str, names: &[String]) -> String {
    match nearest(written, names.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("expected one of {}", names.join(", ")),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// Markdown: for a repository or a review
    #[value(alias = "markdown")]
    Md,
    /// For a spreadsheet
    Csv,
    /// For other tools
    Json,
    /// One page that needs no network
    Html,
}

impl FormatName {
    fn of(self) -> MatrixFormat {
        match self {
            FormatName::Md => MatrixFormat::Markdown,
            FormatName::Csv => MatrixFormat::Csv,
            FormatName::Json => MatrixFormat::Json,
            FormatName::Html => MatrixFormat::Html,
        }
    }

    /// By the ending of the name; without one it is the default.
    fn of_file(path: &Path) -> Result<Self, RunError> {
        let Some(extension) = path.extension() else { return Ok(FormatName::Md) };
        match extension.to_string_lossy().to_ascii_lowercase().as_str() {
            "md" | "markdown" => Ok(FormatName::Md),
            "csv" => Ok(FormatName::Csv),
            "json" => Ok(FormatName::Json),
            "html" | "htm" => Ok(FormatName::Html),
            other => Err(RunError::Setup(format!(
                "`.{other}` is no format of a matrix; name the file .md, .markdown, .csv, .json, .html or .htm, or \
                 say --format"
            ))),
        }
    }
}

impl MatrixArgs {
    fn options(&self, lines: bool, today: Date, progress: Option<Progress>) -> MatrixOptions {
        let of = match &self.delta {
            Some(range) => MatrixOf::Change { base: range.base.clone(), head: range.head.clone() },
            None => MatrixOf::Standing(self.revision.clone()),
        };
        MatrixOptions {
            repository: self.at.repo.clone(),
            of,
            all: self.all,
            lines,
            filter: MatrixFilter {
                objects: self.object.clone(),
                holders: self.permission_set.clone(),
                tiers: self.tier.clone(),
                states: self.state.clone(),
            },
            repository_url: self.repository_url.clone(),
            today: self.at.day(today),
            progress,
        }
    }
}

/// Gives the exit status: 0 written or fresh, 1 stale, 2 something could not be read.
pub(super) fn run(
    args: &MatrixArgs,
    (today, progress): (Date, Option<Progress>),
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, RunError> {
    let file = args.output.as_deref().or(args.check.as_deref());
    let format = match (args.format, file) {
        (Some(format), _) => format,
        (None, Some(file)) => FormatName::of_file(file)?,
        (None, None) => FormatName::Md,
    };
    let format = format.of();
    let make = |lines: bool| run::matrix(&args.options(lines, today, progress.clone()));
    let made = make(!args.no_lines)?;
    tell(&made, err);
    if args.format.is_none() && file.is_none() && io::stdout().is_terminal() {
        let note = "this is Markdown; `flsgate matrix --output matrix.html` writes a page to look through";
        let _ = writeln!(err, "flsgate: note: {note}");
    }
    let whole = if made.matrix.gaps.is_empty() { Outcome::Passed } else { Outcome::Undecided };
    match (&args.check, &args.output) {
        (Some(path), _) => {
            let io = |source| RunError::Io { what: format!("cannot read `{}`", path.display()), source };
            let committed = std::fs::read(path).map_err(io)?;
            let stale = run::staleness(&made.matrix, format, &committed).map_err(io)?;
            if stale.is_fresh() {
                return Ok(whole.exit_status());
            }
            let with_other_lines = make(args.no_lines)?.matrix;
            let other = run::staleness(&with_other_lines, format, &committed).map_err(io)?;
            let text = match (other.is_fresh(), args.no_lines) {
                (true, false) => {
                    format!("`{}` was written with `--no-lines`; say that here as well", path.display())
                }
                (true, true) => format!(
                    "`{}` was written without `--no-lines`; leave that out here as well",
                    path.display()
                ),
                (false, _) => format!(
                    "`{}` is stale: {} missing, {} left over; write it again with --output in place of --check",
                    path.display(),
                    counted(stale.missing, "line is", "lines are"),
                    counted(stale.left_over, "line is", "lines are")
                ),
            };
            let _ = writeln!(err, "flsgate: {}", report::clean(&text));
            Ok(whole.exit_status().max(Outcome::Blocked.exit_status()))
        }
        (None, Some(path)) => {
            made.save(format, path)?;
            let _ = writeln!(err, "flsgate: wrote {}", report::clean(&path.display().to_string()));
            Ok(whole.exit_status())
        }
        (None, None) => match made.matrix.write(format, out).and_then(|()| out.flush()) {
            Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
                Err(RunError::Io { what: "cannot write the matrix".into(), source })
            }
            _ => Ok(whole.exit_status()),
        },
    }
}

/// What could not be read.
fn tell(made: &MatrixRun, err: &mut dyn Write) {
    for gap in &made.matrix.gaps {
        let _ = writeln!(err, "flsgate: undecided: {}", report::clean(&format!("{}: {}", gap.at, gap.text)));
    }
    for remark in &made.remarks {
        let _ = writeln!(err, "flsgate: note: {}", report::clean(remark));
    }
    for warning in &made.warnings {
        let text = format!("{}: {}", warning.path, warning.message);
        let _ = writeln!(err, "flsgate: warning: {}", report::clean(&text));
    }
}
