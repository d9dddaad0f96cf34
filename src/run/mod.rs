//! The commands, one file each: pipelines that read top to bottom. Only here do git, metadata, policy
//! and rules meet.

mod accepted;
mod action;
mod attributes;
mod audit;
mod check;
mod config;
mod demo;
mod deployed;
mod diff;
mod doctor;
mod ends;
mod explain;
mod facts;
mod files;
mod forceignore;
mod from_then_on;
mod given_policy;
mod init;
mod judge;
mod justify;
mod links;
mod manifests;
mod matrix;
mod names;
mod namespaces;
mod overlay;
mod preflight;
mod promoted;
mod raised;
mod relocate;
mod replacements;
mod schema;
mod sides;
mod simulate;
mod stubs;
mod test;
mod unread;
mod worse_in_one;

pub use action::{Action, action, real_time};
pub use audit::{AuditOptions, BaselineWrite, audit};
pub use check::{CheckOptions, check, paths_in};
pub use demo::{demo, first_words, last_words};
pub use diff::{DiffOptions, diff};
pub use doctor::{Diagnosis, DoctorOptions, doctor};
pub use explain::{ExplainOptions, Explanation, explain, list_rules};
pub use files::{make_way, write_report};
pub use init::{InitOptions, Prepared, SetUp, init};
pub use justify::{JustifyOptions, justify};
pub use matrix::{MatrixOf, MatrixOptions, MatrixRun, Staleness, matrix, staleness};
pub use preflight::{PreflightOptions, preflight};
pub use schema::{Schema, schema};
pub use simulate::{SimulateOptions, Simulated, simulate};
pub use stubs::{Stubs, Written};
pub use test::{TestOptions, Tested, test};

use crate::git::GitError;
use crate::source::ReadError;

/// Hears how far a long run is: files read, and files to read.
pub type Progress = std::sync::Arc<dyn Fn(usize, usize) + Send + Sync>;

/// Why a run could not even start to judge.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The repository, a revision or an object.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A listing.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What the command was given.
    #[error("{0}")]
    Setup(String),
    /// The same, several at once.
    #[error("{}", .0.join("; "))]
    Several(Vec<String>),
    /// The file system, while `what` was done.
    #[error("{what}: {}", in_words(source))]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What the system said, without its number.
fn in_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file; check the path".to_owned(),
        _ => words.to_owned(),
    }
}
