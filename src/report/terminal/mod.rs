//! For people: findings with the source around them, in the look of rustc. Of a long report the weightiest, and the rest
//! by permission set and rule.

mod brief;

pub use brief::IN_FULL;

use super::sanitize::{clean, clean_source};
use super::summary;
use crate::finding::{Finding, Place, Severity};
use crate::gate::{Outcome, Verdict};
use crate::words::{counted, sentences};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use rayon::prelude::*;
use std::io::{self, Write};

/// Related places that are shown with their source; the rest is counted.
const MAX_RELATED: usize = 6;
/// The same where there are many findings.
const RELATED_IN_BRIEF: usize = 2;
/// Lines of source around a place.
const CONTEXT: usize = 1;
/// A line longer than this is shown without source: nothing in it could be found by eye.
const MAX_WINDOW: usize = 20_000;

/// Findings whose text is held at the same time.
const AT_ONCE: usize = 1024;

/// How a terminal report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Use ANSI colours.
    pub color: bool,
    /// Columns to fit into.
    pub width: usize,
    /// How much to say.
    pub detail: Detail,
}

/// How much a terminal report says. The verdict is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Errors, those that weigh most in full, and the closing lines.
    Quiet,
    /// The weightiest findings with a few of the places that belong to them, the others in a line each or together.
    #[default]
    Normal,
    /// Every finding, with a few of the places that belong to it.
    Full,
    /// Every finding with every place.
    Verbose,
}

pub(super) fn write(verdict: &Verdict, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(style.width);
    for reason in &verdict.undecided {
        let title = clean(&reason.to_string());
        let group = Group::with_title(Level::ERROR.primary_title(title).id("undecided"));
        writeln!(out, "{}\n", renderer.render(&[group]))?;
    }
    let quiet = style.detail == Detail::Quiet;
    for reason in verdict.warnings.iter().filter(|_| !quiet) {
        let title = clean(&reason.to_string());
        let group = Group::with_title(Level::WARNING.primary_title(title).id("input"));
        writeln!(out, "{}\n", renderer.render(&[group]))?;
    }
    let findings = verdict.findings.iter().filter(|f| !quiet || f.severity == Severity::Error);
    let findings: Vec<&Finding> = findings.collect();
    let is_short = matches!(style.detail, Detail::Quiet | Detail::Normal);
    let is_brief = is_short && (verdict.standing || findings.len() > brief::IN_FULL);
    let related = match style.detail {
        Detail::Verbose => usize::MAX,
        _ if is_brief => RELATED_IN_BRIEF,
        _ => MAX_RELATED,
    };
    let in_full =
        |findings: &[&Finding], out: &mut dyn Write| write_in_full(findings, related, &renderer, out);
    match (is_brief, verdict.standing) {
        (false, _) => in_full(&findings, out)?,
        (true, false) => {
            if !quiet {
                brief::holders(verdict, out)?;
            }
            let groups = brief::groups(&findings);
            let first: Vec<&Finding> = groups.iter().take(brief::IN_FULL).map(|group| group[0]).collect();
            in_full(&first, out)?;
            brief::others(&groups, out)?;
        }
        (true, true) => {
            if !quiet {
                brief::overview(verdict, out)?;
            }
            let (first, others) = findings.split_at(brief::IN_FULL.min(findings.len()));
            in_full(first, out)?;
            if !others.is_empty() {
                writeln!(out, "{} more: `--full` shows each with its source\n", others.len())?;
            }
        }
    }
    let mut lines = summary::lines(verdict).into_iter();
    if let Some(line) = lines.next() {
        let line = clean(&line);
        match (style.color, verdict.outcome) {
            (false, _) => writeln!(out, "{line}")?,
            (true, Outcome::Passed) => writeln!(out, "\u{1b}[1;32m{line}\u{1b}[0m")?,
            (true, Outcome::Waiting) => writeln!(out, "\u{1b}[1;33m{line}\u{1b}[0m")?,
            (true, _) => writeln!(out, "\u{1b}[1;31m{line}\u{1b}[0m")?,
        }
    }
    let hidden =
        verdict.warnings.len() + verdict.findings.iter().filter(|f| f.severity == Severity::Warning).count();
    if quiet && hidden > 0 {
        writeln!(
            out,
            "{}; run without `--quiet` to see them",
            counted(hidden, "warning is not shown", "warnings are not shown")
        )?;
    }
    for line in lines {
        writeln!(out, "{}", clean(&line))?;
    }
    if verdict.outcome == Outcome::Waiting && verdict.approvals.is_none() && !verdict.standing {
        writeln!(out, "{}", sentences::PUSH_AND_ASK)?;
    }
    Ok(())
}

/// Laying out is most of the work of a large report, so findings are laid out side by side and written in turn.
fn write_in_full(
    findings: &[&Finding],
    related: usize,
    renderer: &Renderer,
    out: &mut dyn Write,
) -> io::Result<()> {
    for some in findings.chunks(AT_ONCE) {
        let shown: Vec<String> = some.par_iter().map(|f| show(f, related, renderer)).collect();
        shown.iter().try_for_each(|text| writeln!(out, "{text}\n"))?;
    }
    Ok(())
}

/// Text of one place, ready for a snippet: cleaned, cut to the lines around the span, span moved.
struct Window {
    path: String,
    text: String,
    first_line: usize,
    span: std::ops::Range<usize>,
    label: String,
}

fn show(finding: &Finding, most: usize, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(clean(&finding.message)).id(finding.rule.id);
    let primary = window(&finding.place, &finding.here);
    let related: Vec<Window> =
        finding.related.iter().take(most).map(|r| window(&r.place, &r.message)).collect();
    let mut group = Group::with_title(title).element(snippet(&primary, AnnotationKind::Primary));
    for place in &related {
        group = group.element(snippet(place, AnnotationKind::Context));
    }
    let more = finding.related.len().saturating_sub(most);
    if more > 0 {
        let more = counted(more, "more place", "more places");
        group = group.element(Level::NOTE.message(format!("and {more}")));
    }
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(clean(note)));
    }
    if !finding.help.is_empty() {
        group = group.element(Level::HELP.message(clean(&finding.help)));
    }
    renderer.render(&[group])
}

/// A finding's own place is shown with the lines around it: in metadata the name of the field stands
/// beside the element that opens it.
fn snippet(window: &Window, kind: AnnotationKind) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    Snippet::source(window.text.as_str())
        .line_start(window.first_line)
        .path(window.path.as_str())
        .fold(kind != AnnotationKind::Primary)
        .annotation(kind.span(window.span.clone()).label(window.label.as_str()))
}

/// The library lays out every line of what it is given, so it is given only the lines around the
/// span. A span outside the text would make it panic: cut to the text and to whole characters.
fn window(place: &Place, label: &str) -> Window {
    let bytes = place.file.bytes();
    let end = (place.span.end as usize).min(bytes.len());
    let start = (place.span.start as usize).min(end);
    let before = memchr::memrchr_iter(b'\n', &bytes[..start]).nth(CONTEXT);
    let mut low = before.map_or(0, |line_feed| line_feed + 1);
    let bom = b"\xEF\xBB\xBF";
    if low == 0 && bytes.starts_with(bom) && start >= bom.len() {
        low = bom.len();
    }
    let after = memchr::memchr_iter(b'\n', &bytes[end..]).nth(CONTEXT);
    let high = after.map_or(bytes.len(), |line_feed| end + line_feed + 1);
    let first_line = place.file.position(u32::try_from(low).unwrap_or(u32::MAX)).line as usize;
    let path = clean(place.path().as_str());
    let label = clean(label);
    match std::str::from_utf8(&bytes[low..high]) {
        Ok(text) if text.len() <= MAX_WINDOW => {
            let floor = |at: usize| (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
            let span = floor(start - low)..floor(end - low);
            Window { path, text: clean_source(text), first_line, span, label }
        }
        // Not UTF-8 or one endless line: name the place in words.
        _ => {
            let at = place.location().start;
            Window {
                path,
                text: format!("(line {}, column {})", at.line, at.column),
                first_line: at.line as usize,
                span: 0..0,
                label,
            }
        }
    }
}
