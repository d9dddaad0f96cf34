//! What a command prints and writes, and in which format.

use crate::report::{self, Detail, Format, Style};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Format on standard output
    #[arg(long, value_enum, default_value_t = FormatName::Terminal)]
    format: FormatName,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write a report to a file as well, in the format of its ending (.html, .htm, .json, .ndjson, .md, .sarif, .xml) or in FORMAT, as
    /// for --format; may be repeated
    #[arg(long, value_name = "[FORMAT=]PATH", value_parser = parse_output)]
    pub(super) output: Vec<(FormatName, PathBuf)>,
    /// Print errors and the closing lines only (terminal format)
    #[arg(long, short, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Print each finding with its source, however many there are (terminal format)
    #[arg(long, conflicts_with = "quiet")]
    pub(super) full: bool,
    /// Print each finding with its source and with every place that belongs to it (terminal format)
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// List access to fields of tier 1 as well (json, ndjson)
    #[arg(long)]
    all: bool,
    /// Print what was read, one count a line, to standard error
    #[arg(long)]
    pub(super) stats: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatName {
    /// For people: source excerpts around findings; of many, ten at most (see --full)
    Terminal,
    /// One line a finding: `path:line:column: error: message [rule]`
    Concise,
    /// GitHub workflow commands, which become annotations
    Github,
    /// For other tools: see docs/json-output.md
    Json,
    /// One line of JSON an access, for DuckDB and warehouses
    Ndjson,
    /// A page as the Action publishes it
    Markdown,
    /// SARIF 2.1.0, for code-scanning views
    Sarif,
    /// JUnit XML, for test reports of CI servers
    Junit,
    /// GitLab's Code Quality report
    Gitlab,
    /// For reviewdog
    Rdjson,
    /// One page for a browser, without network
    Html,
}

impl OutputArgs {
    /// The format on standard output.
    pub(super) fn format(&self) -> FormatName {
        if self.json { FormatName::Json } else { self.format }
    }

    /// Whether a report lists access to fields of tier 1, be it to count them by each of its filters.
    pub(super) fn lists_all(&self) -> bool {
        let mut formats = self.output.iter().map(|(format, _)| *format).chain([self.format()]);
        self.all || formats.any(|format| format == FormatName::Html)
    }

    /// How many findings of an audit a report shows, if it does not show all.
    pub(super) fn worded(&self) -> Option<usize> {
        let is_brief = matches!(
            self.printed(false),
            Format::Terminal(Style { detail: Detail::Normal | Detail::Quiet, .. })
        );
        (is_brief && self.output.is_empty()).then_some(report::IN_FULL)
    }

    /// The report on standard output.
    pub(super) fn printed(&self, color: bool) -> Format {
        let detail = match (self.quiet, self.verbose, self.full) {
            (true, ..) => Detail::Quiet,
            (_, true, _) => Detail::Verbose,
            (.., true) => Detail::Full,
            _ => Detail::Normal,
        };
        self.of(self.format(), color, detail)
    }

    /// The report for a file.
    pub(super) fn filed(&self, format: FormatName) -> Format {
        self.of(format, false, Detail::Full)
    }

    fn of(&self, format: FormatName, color: bool, detail: Detail) -> Format {
        let name = format.to_possible_value().map(|value| value.get_name().to_owned());
        match name.and_then(|name| Format::named(&name)) {
            None | Some(Format::Terminal(_)) => {
                Format::Terminal(Style { color, width: report::WIDTH, detail })
            }
            Some(Format::Json { .. }) => Format::Json { all: self.all },
            Some(Format::Ndjson { .. }) => Format::Ndjson { all: self.all },
            Some(format) => format,
        }
    }
}

/// Endings that say a format. Others belong to several.
const ENDINGS: [(&str, FormatName); 7] = [
    (".html", FormatName::Html),
    (".htm", FormatName::Html),
    (".json", FormatName::Json),
    (".ndjson", FormatName::Ndjson),
    (".md", FormatName::Markdown),
    (".sarif", FormatName::Sarif),
    (".xml", FormatName::Junit),
];

fn parse_output(text: &str) -> Result<(FormatName, PathBuf), String> {
    let names: Vec<String> = FormatName::value_variants()
        .iter()
        .filter_map(|f| f.to_possible_value())
        .map(|v| v.get_name().to_owned())
        .collect();
    let expected = || {
        let endings = ENDINGS.map(|(ending, _)| ending).join(", ");
        format!(
            "expected FORMAT=PATH, where FORMAT is one of {}, or a path that ends with {endings}",
            names.join(", ")
        )
    };
    if !text.contains('=') {
        let by_ending = ENDINGS.iter().find(|(ending, _)| text.to_ascii_lowercase().ends_with(ending));
        if text.to_ascii_lowercase().ends_with(".csv") {
            return Err("a table of access is what `flsgate matrix --output access.csv` writes".to_owned());
        }
        return by_ending.map(|(_, format)| (*format, text.into())).ok_or_else(expected);
    }
    let (name, path) = text.split_once('=').ok_or_else(expected)?;
    let format = FormatName::from_str(name, false).map_err(|_| expected())?;
    if path.is_empty() {
        return Err(expected());
    }
    Ok((format, path.into()))
}
