//! GitHub: the event, the pull request as it is now, approvals, and where the verdict is published.
//!
//! The only module with a network and with async code. What decides is pure and stands in files of its
//! own (`event`, `inputs`, `diff`, `approvals`, `plan`, `retry`); publishing never changes a verdict.
//! Knows nothing of git and metadata.

mod approvals;
mod client;
mod diff;
mod doctor;
mod error;
mod event;
mod inputs;
mod plan;
mod pulls;
mod retry;
mod review;
mod secret;
mod session;
mod since;
mod status;
mod types;

pub use client::{Clock, Connection};
pub use diff::{Hunk, fit, hunks};
pub use doctor::{Check, PLACEHOLDER, Protection, has_owner, is_owner};
pub use error::{ApiError, ErrorKind};
pub use event::{Context, Event, PullEvent};
pub use inputs::{Inputs, NAMES};
pub use secret::Secret;
pub use session::{LivePull, Published, Session, SystemClock};
pub use since::{Change, Content};
