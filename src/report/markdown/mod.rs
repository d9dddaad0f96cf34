//! Markdown for GitHub: the summary of a run, and comments. Every text of the repository passes
//! `escape`; every page knows its limit and says what it leaves out.

mod comment;
mod escape;
mod summary;

pub use comment::{comment, file_comment, moved, resolved, suggestion};
pub use summary::summary;

use crate::finding::{Finding, Place, Severity};
use crate::words::sentences;
pub(super) use escape::{code, inline};

use super::headline::sentence;
use super::sanitize::address;

/// Where people read more, and what they must know about this page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// `https://HOST/owner/name/blob/COMMIT` of the head, or none.
    pub blob: Option<String>,
    /// The same of the base, for what only the base has.
    pub base: Option<String>,
    /// Folder of the rules' pages.
    pub rule_pages: Option<String>,
    /// Page of the run whose summary has everything; `None` on that summary itself.
    pub run: Option<String>,
    /// Report files that have everything.
    pub reports: Vec<String>,
    /// How to get an approval; `None` is by a review of the pull request.
    pub ask: Option<&'static str>,
    /// What could not be published, one sentence or two each.
    pub problems: Vec<String>,
}

impl Links {
    /// A place as a code span, with a link where there can be one.
    fn place(&self, place: &Place) -> String {
        let (path, line) = (place.path().as_str(), place.location().start.line);
        self.linked(place, &code(&format!("{path}:{line}")))
    }

    /// The same by the name of the file alone, which fits into a table; a field's with its object.
    fn short_place(&self, place: &Place) -> String {
        let (path, line) = (place.path().as_str(), place.location().start.line);
        let mut parts = path.rsplit('/');
        let file = parts.next().unwrap_or(path);
        let object = parts.next().filter(|folder| *folder == "fields").and_then(|_| parts.next());
        let name = match (path.ends_with("-meta.xml"), file.split('.').next().unwrap_or(file), object) {
            (true, field, Some(object)) => format!("{object}.{field}"),
            (true, name, None) => name.to_owned(),
            (false, ..) => file.to_owned(),
        };
        self.linked(place, &code(&format!("{name}:{line}")))
    }

    fn linked(&self, place: &Place, text: &str) -> String {
        let (path, line) = (place.path().as_str(), place.location().start.line);
        match if place.is_of_base() { &self.base } else { &self.blob } {
            // A path with a backslash may stand for bytes that no address can hold.
            Some(blob) if !path.contains('\\') => format!("[{text}]({blob}/{}#L{line})", address(path)),
            _ => text.to_owned(),
        }
    }

    /// Where all of what is cut here can be read, as the end of a sentence.
    fn elsewhere(&self) -> String {
        let reports: Vec<String> = self.reports.iter().map(|path| code(path)).collect();
        match (&self.run, reports.is_empty()) {
            (Some(run), true) => format!(": [the summary of the run]({run}) has them all"),
            (Some(run), false) => {
                format!(
                    ": [the summary of the run]({run}) and the report {} have them all",
                    reports.join(", ")
                )
            }
            (None, false) => format!(": the report {} has them all", reports.join(", ")),
            (None, true) => ": input `output` writes them all into a report".to_owned(),
        }
    }
}

/// How much a finding weighs, as one character.
fn mark(finding: &Finding) -> &'static str {
    match (finding.severity, finding.approvable) {
        _ if finding.settled.is_some() => "✅",
        (Severity::Error, true) => "⏳",
        (Severity::Error, false) => "⛔",
        (Severity::Warning, _) => "⚠️",
        (Severity::Note, _) => "ℹ️",
    }
}

/// The page of a run that could not judge.
pub fn failure(messages: &[String]) -> String {
    let mut text = format!("### ❔ {}\n\n", sentences::undecided(0));
    for message in messages {
        text.push_str(&format!("- {}\n", inline(&sentence(message))));
    }
    text
}
