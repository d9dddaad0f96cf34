//! `flsgate diff` on a command line.

use crate::report::{DifferencesAs, write_differences};
use crate::run::{self, DiffOptions, RunError};
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A revision, or a folder [default: where the working tree left the default branch]
    #[arg(value_name = "FROM")]
    from: Option<String>,
    /// A revision, or a folder [default: the working tree]
    #[arg(value_name = "TO")]
    to: Option<String>,
    /// The repository: any folder inside it
    #[arg(long, value_name = "PATH", default_value = ".")]
    repo: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t = FormatName::Text, value_name = "FORMAT")]
    format: FormatName,
    /// End with status 1 where something differs
    #[arg(long)]
    exit_status: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// A table for a terminal
    Text,
    /// A table for a comment or an issue
    Markdown,
    /// For tools
    Json,
}

/// Compares, prints, and gives the exit status.
pub(super) fn run(args: &DiffArgs, out: &mut dyn Write) -> Result<u8, RunError> {
    let differences = run::diff(&DiffOptions {
        repository: args.repo.clone(),
        from: args.from.clone(),
        to: args.to.clone(),
    })?;
    let form = match args.format {
        FormatName::Text => DifferencesAs::Text,
        FormatName::Markdown => DifferencesAs::Markdown,
        FormatName::Json => DifferencesAs::Json,
    };
    // A reader that closes early has seen what it wanted.
    let _ = write_differences(&differences, form, out).and_then(|()| out.flush());
    Ok(differences.exit_status(args.exit_status))
}
