//! Real repositories, made by the `git` command, read through `flsgate::git`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, which clippy does not see")]

#[path = "git/commits.rs"]
mod commits;
#[path = "git/hostile.rs"]
mod hostile;
#[path = "git/landed.rs"]
mod landed;
#[path = "git/merges.rs"]
mod merges;
#[path = "git/partial.rs"]
mod partial;
#[path = "git/scratch.rs"]
mod scratch;
#[path = "git/worktree.rs"]
mod worktree;
