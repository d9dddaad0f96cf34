//! What rows, columns and cells of a matrix are made of.

use crate::finding::Label;
use crate::source::RepoPath;
use crate::words::{Access, FieldName, Tier};
use std::fmt;
use std::sync::Arc;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// The file.
    pub path: RepoPath,
    /// Its line, from 1; `None` where lines are left out.
    pub line: Option<u32>,
    /// It is the file as the base of a change has it.
    pub on_base: bool,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.path),
            None => write!(f, "{}", self.path),
        }
    }
}

/// The label that a field itself declares, where what it reads makes it count as another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLabel {
    /// Classification and compliance groups.
    pub label: Arc<Label>,
    /// The tier that this label alone has.
    pub tier: Tier,
    /// Where it is declared.
    pub source: Option<Point>,
    /// The field whose label counts; `None` where only compliance groups are added.
    pub from: Option<FieldName>,
}

/// One step from a grantor to the data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// A word of snake case: a route kind, or `derived_field`.
    pub kind: &'static str,
    /// The element.
    pub at: Point,
    /// What it says, in a few words.
    pub text: Option<String>,
}

impl Hop {
    /// The kind as words.
    pub fn words(&self) -> String {
        self.kind.replace('_', " ")
    }

    /// The same, and which member of a group it leads through.
    pub(super) fn words_with_member(&self) -> String {
        let member = self.text.as_deref().filter(|text| text.starts_with("member "));
        let member = member.map(|member| format!(" ({})", member.replace('`', ""))).unwrap_or_default();
        format!("{}{member}", self.words())
    }
}

/// A justification, as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Written {
    /// The reason.
    pub text: Option<String>,
    /// Compliance considerations.
    pub compliance: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// A ticket.
    pub ticket: Option<String>,
    /// Its last day.
    pub expires: Option<String>,
    /// Where it is written.
    pub at: Point,
}

/// Access that a group does not give, since a muting permission set of the group takes it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Muted {
    /// The field.
    pub field: FieldName,
    /// The group.
    pub group: String,
    /// What its members give.
    pub access: Access,
    /// What the group gives.
    pub left: Option<Access>,
    /// The muting permission set.
    pub by: String,
    /// The element that mutes, or that names the muting set.
    pub at: Point,
}

/// Something that could not be read, so that the matrix may have holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where.
    pub at: Point,
    /// What is wrong.
    pub text: String,
}

/// Where files of a matrix can be looked at: `https://HOST/OWNER/NAME/blob/COMMIT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    /// Those of the revision, or of the head of a change.
    pub head: Option<String>,
    /// Those of the base of a change.
    pub base: Option<String>,
}
