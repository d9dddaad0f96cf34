//! The data access matrix: field × grantor, as plain data and in four formats, one file each.
//!
//! Everything is sorted and owned, so that the same matrix is the same bytes in every format. What a
//! status means is decided by who fills the cells; formats only repeat it.

mod html;
mod json;
mod markdown;
mod spreadsheet;
mod tables;

use crate::finding::Label;
use crate::source::RepoPath;
use crate::words::{Access, FieldName, Grantor, PrincipalClass, Tier};
use serde::Serialize;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

/// How to write a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixFormat {
    /// For a repository or a review.
    Markdown,
    /// For a spreadsheet.
    Csv,
    /// For other tools.
    Json,
    /// One page that needs no network.
    Html,
}

/// What policy, justifications and baseline make of one access, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A justification that counts, or an approval of it, is missing.
    Unjustified,
    /// The policy denies it, justified or not.
    Denied,
    /// Its justification is over.
    Expired,
    /// It stood on the day of adoption, and the baseline accepts it.
    Accepted,
    /// Justified and approved.
    Approved,
    /// Justified; nothing asks for an approval.
    Justified,
    /// Nothing is asked.
    Open,
    /// The change takes it away.
    Removed,
}

impl Status {
    /// All of them, worst first.
    pub const ALL: [Status; 8] = [
        Status::Unjustified,
        Status::Denied,
        Status::Expired,
        Status::Accepted,
        Status::Approved,
        Status::Justified,
        Status::Open,
        Status::Removed,
    ];
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Unjustified => "unjustified",
            Status::Denied => "denied",
            Status::Expired => "expired",
            Status::Accepted => "accepted",
            Status::Approved => "approved",
            Status::Justified => "justified",
            Status::Open => "open",
            Status::Removed => "removed",
        })
    }
}

/// What a change does to an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// Read becomes edit, or the grantor goes to a more exposed principal class.
    Widened,
    /// Edit becomes read.
    Narrowed,
    /// It is gone.
    Removed,
    /// The access stands; the field's tier or compliance groups change.
    Relabelled,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Change::Added => "added",
            Change::Widened => "widened",
            Change::Narrowed => "narrowed",
            Change::Removed => "removed",
            Change::Relabelled => "relabelled",
        })
    }
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// The file.
    pub path: RepoPath,
    /// Its line, from 1; `None` where lines are left out.
    pub line: Option<u32>,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.path),
            None => write!(f, "{}", self.path),
        }
    }
}

/// A row: a field and its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixField {
    /// `Object.Field`.
    pub name: FieldName,
    /// Classification and compliance groups.
    pub label: Arc<Label>,
    /// The tier.
    pub tier: Tier,
    /// Who owns the data, by the field's metadata.
    pub owner: Option<String>,
    /// Where the label is declared.
    pub source: Option<Point>,
}

/// A column: a grantor and who holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixGrantor {
    /// Kind and name.
    pub grantor: Grantor,
    /// Who holds it.
    pub principal: PrincipalClass,
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
    /// Whether an authorised person has approved it; `None` where nothing asks for that.
    pub approved: Option<bool>,
    /// Where it is written.
    pub at: Point,
}

impl Written {
    /// The approval in words.
    pub fn approval(&self) -> &'static str {
        match self.approved {
            Some(true) => "approved",
            Some(false) => "not approved",
            None => "not asked for",
        }
    }
}

/// One access of a grantor to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixCell {
    /// Position in [`Matrix::fields`].
    pub field: usize,
    /// Position in [`Matrix::grantors`].
    pub grantor: usize,
    /// How far it reaches; of what is gone, how far it reached.
    pub access: Access,
    /// What policy and justifications make of it.
    pub status: Status,
    /// What the change does to it, in a matrix of a change.
    pub change: Option<Change>,
    /// How far it reached before, where the change makes that wider or narrower.
    pub before: Option<Access>,
    /// From the grantor to the data.
    pub route: Vec<Hop>,
    /// The best justification, whether it counts or not.
    pub justification: Option<Arc<Written>>,
    /// What keeps the justification from counting, and other facts.
    pub notes: Vec<String>,
}

/// Something that could not be read, so that the matrix may have holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where.
    pub at: Point,
    /// What is wrong.
    pub text: String,
}

/// The whole matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// The heading.
    pub title: String,
    /// A commit, `working tree`, or both sides of a change.
    pub revision: String,
    /// `built-in`, or the path of the policy.
    pub policy: String,
    /// By name.
    pub fields: Vec<MatrixField>,
    /// By kind and name.
    pub grantors: Vec<MatrixGrantor>,
    /// By field, then grantor.
    pub cells: Vec<MatrixCell>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// It tells a change, not what stands.
    pub delta: bool,
}

impl Matrix {
    /// How many cells have this status.
    pub fn count(&self, status: Status) -> usize {
        self.cells.iter().filter(|c| c.status == status).count()
    }

    /// Fields that no cell names.
    pub fn unreached(&self) -> impl Iterator<Item = &MatrixField> {
        let mut reached = vec![false; self.fields.len()];
        for cell in &self.cells {
            if let Some(slot) = reached.get_mut(cell.field) {
                *slot = true;
            }
        }
        self.fields.iter().zip(reached).filter(|(_, reached)| !reached).map(|(field, _)| field)
    }

    /// Each cell with its field and grantor.
    fn rows(&self) -> impl Iterator<Item = (&MatrixField, &MatrixGrantor, &MatrixCell)> {
        self.cells.iter().filter_map(|c| Some((self.fields.get(c.field)?, self.grantors.get(c.grantor)?, c)))
    }

    /// Writes the matrix.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&self, format: MatrixFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            MatrixFormat::Markdown => markdown::write(self, out),
            MatrixFormat::Csv => spreadsheet::write(self, out),
            MatrixFormat::Json => json::write(self, out),
            MatrixFormat::Html => html::write(self, out),
        }
    }
}
