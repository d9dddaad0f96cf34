//! The Action against a small GitHub on this machine: what it posts, what it reads, and what is left
//! when things go wrong.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests are tests, which clippy does not see"
)]

#[path = "github/approving.rs"]
mod approving;
#[path = "github/connecting.rs"]
mod connecting;
#[path = "github/contract.rs"]
mod contract;
#[path = "github/doctoring.rs"]
mod doctoring;
#[path = "github/events.rs"]
mod events;
#[path = "github/faults.rs"]
mod faults;
#[path = "github/outdated.rs"]
mod outdated;
#[path = "github/project.rs"]
mod project;
#[path = "github/publishing.rs"]
mod publishing;
#[path = "github/schema.rs"]
mod schema;
#[path = "github/server.rs"]
mod server;
