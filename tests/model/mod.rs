//! The model: see `tests/model.rs`. The fuzz target `judge` takes it as well, without the examples.

pub(crate) mod access;
#[cfg(test)]
pub(crate) mod agreement;
pub(crate) mod alone;
pub(crate) mod beside;
pub(crate) mod change;
mod change_folder;
pub(crate) mod compare;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod examples_beside;
#[cfg(test)]
mod examples_groups;
pub(crate) mod history;
pub(crate) mod judge;
pub(crate) mod ledger;
pub(crate) mod org;
pub(crate) mod reasons;
pub(crate) mod render;
pub(crate) mod seed;
pub(crate) mod world;
