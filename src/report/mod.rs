//! A verdict as bytes, one file per format. Formats never change what is decided.
//!
//! Every string that comes from a repository passes `sanitize` before it is written.

mod concise;
mod differences;
mod fix;
mod github;
mod gitlab;
mod groups;
mod headline;
mod html;
mod json;
mod junit;
mod left_out;
pub mod markdown;
pub mod matrix;
mod page;
mod preflight;
mod rdjson;
mod rows;
mod sanitize;
mod sarif;
mod simulated;
mod summary;
mod terminal;

pub use differences::{DifferencesAs, write_differences};
pub use groups::{By, write_groups};
pub use headline::headline;
pub use preflight::{write_preflight, write_preflight_json};
pub use sanitize::clean;
pub use simulated::write_simulated;
pub use terminal::{Detail, IN_FULL, Style};

use crate::finding::Severity;
use crate::gate::Verdict;
use markdown::Links;
use std::io::{self, Write};

/// JSON Schema of the JSON that `check` and `audit` write.
pub const OUTPUT_SCHEMA: &str = include_str!("output.schema.json");

/// Columns to lay out for. Reports look the same on every machine, so no terminal is asked.
pub const WIDTH: usize = 140;

/// How to write a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: source excerpts, colours if wanted.
    Terminal(Style),
    /// One line a finding, for editors.
    Concise,
    /// GitHub workflow commands, which become annotations.
    Github,
    /// The contract for other tools.
    Json {
        /// Access to fields of tier 1 is listed too.
        all: bool,
    },
    /// One line an access, for tables: DuckDB and any warehouse read it as it is.
    Ndjson {
        /// Access to fields of tier 1 is listed too.
        all: bool,
    },
    /// A page for people, as the Action publishes it.
    Markdown,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
    /// Code Quality of GitLab.
    Gitlab,
    /// Diagnostics for reviewdog.
    Rdjson,
    /// One page for a browser.
    Html,
}

impl Format {
    /// The format of that name, as `--format` and the Action spell it; terminal reports without colours.
    pub fn named(name: &str) -> Option<Self> {
        let style = Style { color: false, width: WIDTH, detail: Detail::Normal };
        Some(match name {
            "terminal" => Format::Terminal(style),
            "concise" => Format::Concise,
            "github" => Format::Github,
            "json" => Format::Json { all: false },
            "ndjson" => Format::Ndjson { all: false },
            "markdown" => Format::Markdown,
            "sarif" => Format::Sarif,
            "junit" => Format::Junit,
            "gitlab" => Format::Gitlab,
            "rdjson" => Format::Rdjson,
            "html" => Format::Html,
            _ => return None,
        })
    }

    /// Every name, in the order of the documentation.
    pub const NAMES: &[&str] = &[
        "terminal", "concise", "github", "json", "ndjson", "markdown", "sarif", "junit", "gitlab", "rdjson",
        "html",
    ];
}

/// Writes a verdict.
///
/// # Errors
/// When writing fails.
pub fn write(verdict: &Verdict, format: Format, out: &mut dyn Write) -> io::Result<()> {
    write_linked(verdict, format, &Links::default(), out)
}

/// Writes a verdict, with links to places where the format has links.
///
/// # Errors
/// When writing fails.
pub fn write_linked(verdict: &Verdict, format: Format, links: &Links, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Terminal(style) => terminal::write(verdict, style, out),
        Format::Concise => concise::write(verdict, out),
        Format::Github => github::write(verdict, out),
        Format::Json { all } => json::write(verdict, all, out),
        Format::Ndjson { all } => json::write_lines(verdict, all, out),
        Format::Sarif => sarif::write(verdict, out),
        Format::Junit => junit::write(verdict, out),
        Format::Gitlab => gitlab::write(verdict, out),
        Format::Rdjson => rdjson::write(verdict, out),
        Format::Html => html::write(verdict, links, out),
        Format::Markdown => out.write_all(markdown::summary(verdict, links, usize::MAX).as_bytes()),
    }
}

/// Writes the lines that close a report.
///
/// # Errors
/// When writing fails.
pub fn write_closing(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    summary::lines(verdict).iter().try_for_each(|line| writeln!(out, "{}", clean(line)))
}

/// Writes what was read, one `name value` a line.
///
/// # Errors
/// When writing fails.
pub fn write_stats(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    summary::write_stats(&verdict.read, out)
}

/// A message about the run itself as a GitHub workflow command, which becomes an annotation.
pub fn annotation(severity: Severity, text: &str) -> String {
    github::message(severity, text)
}
