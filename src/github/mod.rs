//! GitHub: the event, the pull request as it is now, approvals, and where the verdict is published.
//!
//! The only module with a network and with async code. What decides is pure and stands in files of its
//! own (`event`, `inputs`, `diff`, `approvals`, `plan`, `retry`); publishing never changes a verdict.
//! Knows nothing of git and metadata.

mod approvals;
mod client;
mod codeowners;
mod diff;
mod doctor;
mod error;
mod event;
mod inputs;
mod plan;
mod publish;
mod pulls;
mod retry;
mod review;
mod reviews;
mod secret;
mod session;
mod since;
mod status;
mod types;
mod workflows;

pub use client::{Clock, Connection};
pub use codeowners::{PLACEHOLDER, has_owner, is_owner};
pub use diff::{Hunk, fit, hunks};
pub use doctor::{Check, Protection};
pub use error::{ApiError, ErrorKind, Needs};
pub use event::{Context, Event, PullEvent};
pub use inputs::{Inputs, NAMES};
pub use publish::{Publication, Published};
pub use secret::Secret;
pub use session::{LivePull, Session, SystemClock};
pub use since::{Change, Content};
pub use workflows::workflow_checks;
