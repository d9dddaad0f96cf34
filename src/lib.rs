//! `flsgate`: which new access to classified Salesforce fields would this change open, by which
//! route, and is each one justified and approved?
//!
//! The library is a pipeline; each module may use those to its right, never back
//! (`tests/architecture.rs` enforces it):
//!
//! ```text
//! main → cli → run → github → report → gate → policy → finding → source
//!              run → rules → access → org → metadata → source      rules → policy, finding
//!              run → git → source      run → soql                  everybody → words
//! ```

pub mod access;
pub mod cli;
pub mod finding;
pub mod gate;
pub mod git;
pub mod github;
pub mod metadata;
pub mod org;
pub mod policy;
pub mod report;
pub mod rules;
pub mod run;
pub mod soql;
pub mod source;
pub mod words;
