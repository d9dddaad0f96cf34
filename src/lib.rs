//! `flsgate`: which new access to classified Salesforce fields would this change open, by which
//! route, and is each one justified and approved?
//!
//! The library is a pipeline; each module may use those to its right, never back
//! (`tests/architecture.rs` enforces it):
//!
//! ```text
//! main → cli → run → github → report → gate → finding → source
//!              run → rules → judge → tiers → access → org → metadata → source
//!              rules → policy, finding      tiers → policy → finding
//!              run → git → source      run → soql      everybody → words
//! ```
//!
//! Three invariants carry it. `org` alone knows which file is which component. `judge` alone says whether an access is
//! fine, and knows no wording. `rules` explain what it decided, and decide nothing.

pub mod access;
pub mod cli;
pub mod finding;
pub mod gate;
pub mod git;
pub mod github;
pub mod judge;
pub mod metadata;
pub mod org;
pub mod policy;
pub mod report;
pub mod rules;
pub mod run;
pub mod soql;
pub mod source;
pub mod tiers;
pub mod words;
