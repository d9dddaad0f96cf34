//! Markdown for GitHub: the summary of a run, and comments. Every text of the repository passes
//! `escape`; every page knows its limit and says what it leaves out.

mod comment;
mod escape;
mod summary;

pub use comment::{comment, file_comment, resolved, suggestion};
pub use summary::summary;

use crate::finding::Place;
pub(super) use escape::{code, inline};

use super::sanitize::address;

/// Where places of the head can be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// `https://HOST/owner/name/blob/COMMIT` of the head, or none.
    pub blob: Option<String>,
    /// The same of the base, for what only the base has.
    pub base: Option<String>,
}

impl Links {
    /// A place as a code span, with a link where there can be one.
    fn place(&self, place: &Place) -> String {
        let (path, line) = (place.path().as_str(), place.location().start.line);
        let text = code(&format!("{path}:{line}"));
        match if place.is_of_base() { &self.base } else { &self.blob } {
            // A path with a backslash may stand for bytes that no address can hold.
            Some(blob) if !path.contains('\\') => format!("[{text}]({blob}/{}#L{line})", address(path)),
            _ => text,
        }
    }
}

/// The page of a run that could not judge.
pub fn failure(messages: &[String]) -> String {
    let mut text = "### ❔ flsgate: undecided\n\nNothing was judged:\n\n".to_owned();
    for message in messages {
        text.push_str(&format!("- {}\n", escape::inline(message)));
    }
    text
}
