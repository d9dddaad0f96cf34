//! The data access matrix: field × grantor, as plain data and in four formats, one file each.
//!
//! Everything is sorted and owned, so that the same matrix is the same bytes in every format. What a
//! status means is decided by who fills the cells; formats only repeat it.

mod filter;
mod html;
mod json;
mod json_parts;
mod markdown;
mod parts;
mod spreadsheet;
mod tables;

pub use filter::MatrixFilter;
pub use parts::{Gap, Hop, Lookup, Muted, OwnLabel, Point, Written};

use super::page::unpacked;
use crate::finding::Label;
use crate::words::{Access, FieldName, Grantor, PrincipalClass, State, Tier};
use jiff::civil::Date;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

/// The revision of what is not committed.
pub const WORKING_TREE: &str = "working tree";

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

/// Where one access stands, gravest first: as [`State`], with what only a matrix tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The policy does not allow it, whatever is written or approved.
    NotAllowed,
    /// No complete justification is there.
    Unjustified,
    /// Its justification is over.
    Expired,
    /// An approval is missing, and nothing else.
    NeedsApproval,
    /// It existed on the day of adoption, and the baseline accepts it.
    Accepted,
    /// Justified and approved.
    Approved,
    /// Justified; nothing asks for an approval.
    Justified,
    /// Nothing is asked.
    Allowed,
    /// A file stops to mention it, and the org keeps it.
    Kept,
    /// The change takes it away.
    Removed,
}

impl Status {
    /// All of them, gravest first.
    pub const ALL: [Status; 10] = [
        Status::NotAllowed,
        Status::Unjustified,
        Status::Expired,
        Status::NeedsApproval,
        Status::Accepted,
        Status::Approved,
        Status::Justified,
        Status::Allowed,
        Status::Kept,
        Status::Removed,
    ];

    /// As JSON and `--state` write it.
    pub fn key(self) -> &'static str {
        match self {
            Status::NotAllowed => "not_allowed",
            Status::Unjustified => "unjustified",
            Status::Expired => "expired",
            Status::NeedsApproval => "needs_approval",
            Status::Accepted => "accepted",
            Status::Approved => "approved",
            Status::Justified => "justified",
            Status::Allowed => "allowed",
            Status::Kept => "kept",
            Status::Removed => "removed",
        }
    }
}

impl From<State> for Status {
    fn from(state: State) -> Self {
        match state {
            State::Allowed => Status::Allowed,
            State::Justified => Status::Justified,
            State::Approved => Status::Approved,
            State::Accepted => Status::Accepted,
            State::NeedsApproval => Status::NeedsApproval,
            State::Unjustified => Status::Unjustified,
            State::NotAllowed => Status::NotAllowed,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::NotAllowed => "not allowed",
            Status::NeedsApproval => "waiting for an approval",
            Status::Accepted => "accepted by the baseline",
            Status::Approved => "justified and approved",
            Status::Kept => "kept by the org",
            other => other.key(),
        })
    }
}

/// What a change does to an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// Read becomes edit, or more exposed people can hold it.
    Widened,
    /// Edit becomes read.
    Narrowed,
    /// It is gone.
    Removed,
    /// The access already exists; the field's tier or compliance groups change.
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
    /// Its own label, where it counts as another one.
    pub own: Option<OwnLabel>,
}

/// A column: a grantor and who holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixGrantor {
    /// Kind and name.
    pub grantor: Grantor,
    /// Who holds it.
    pub principal: PrincipalClass,
    /// How many active users it is assigned to, where an export counts them.
    pub users: Option<u64>,
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

impl MatrixCell {
    /// What there is to say of the approval of its justification; nothing without one.
    pub fn approval(&self) -> &'static str {
        match self.status {
            _ if self.justification.is_none() => "",
            Status::Approved => "approved",
            Status::NeedsApproval => "not approved yet",
            Status::Justified | Status::Allowed => "not asked for",
            Status::Expired => "ended",
            _ => "does not count",
        }
    }

    /// What the change does to it, in a few words: `+ read`, `edit → read`, `label raised`; nothing outside a change.
    pub fn changed(&self) -> String {
        let access = self.access;
        match (self.change, self.before) {
            (None, _) => String::new(),
            (Some(Change::Added), _) => format!("+ {access}"),
            (Some(Change::Removed), _) => format!("\u{2212} {access}"),
            (Some(Change::Relabelled), _) => "label or formula changed".to_owned(),
            (Some(_), Some(before)) if before != access => format!("{before} \u{2192} {access}"),
            (Some(_), _) => "more exposed".to_owned(),
        }
    }
}

/// The whole matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// The heading.
    pub title: String,
    /// A commit, `working tree`, or both sides of a change.
    pub revision: String,
    /// `built-in`, with the reason where the own one cannot be read, or the path of the policy.
    pub policy: String,
    /// The day for which it was judged.
    pub as_of: Date,
    /// What it was narrowed to, in words; nothing of all.
    pub filters: Vec<String>,
    /// By name.
    pub fields: Vec<MatrixField>,
    /// By kind and name.
    pub grantors: Vec<MatrixGrantor>,
    /// By field, then grantor.
    pub cells: Vec<MatrixCell>,
    /// What groups do not give, since they mute it; by group, then field. Not of a change.
    pub muted: Vec<Muted>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// It tells a change, not what stands.
    pub delta: bool,
    /// Where its files can be looked at.
    pub lookup: Lookup,
}

impl Matrix {
    /// What it is evidence of: revision, day and flsgate, in one line.
    pub fn evidence(&self) -> String {
        format!("{}, {}", self.shown_revision(), self.judged())
    }

    /// The day, and by which flsgate.
    fn judged(&self) -> String {
        format!("judged as of {} by flsgate {}", self.as_of, env!("CARGO_PKG_VERSION"))
    }

    /// The revision as people read it.
    fn shown_revision(&self) -> String {
        let short = |id: &str| id.get(..12).filter(|_| id.len() >= 40).unwrap_or(id).to_owned();
        match self.revision.split_once("..") {
            Some((base, head)) => format!("{}..{}", short(base), short(head)),
            None => short(&self.revision),
        }
    }

    /// A page of a matrix as it reads in a browser, its data unpacked.
    pub fn page_as_read(page: &[u8]) -> Cow<'_, [u8]> {
        unpacked(page)
    }

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
