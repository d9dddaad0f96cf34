//! What two versions of permission sets, profiles and groups say differently, without labels and policy.

use super::Reason;
use crate::source::RepoPath;

/// How two sides differ.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    /// What the first side is called, such as `main` (b321b4c21f).
    pub from: String,
    /// What the second side is called.
    pub to: String,
    /// Components that differ, by kind and name.
    pub components: Vec<Differing>,
    /// What could not be compared, and why.
    pub undecided: Vec<Reason>,
}

/// A component that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// `permission set`, `profile`, …
    pub kind: &'static str,
    /// Its API name.
    pub name: String,
    /// On which side it is.
    pub on: Side,
    /// Its file on the second side; on the first, where it is there alone.
    pub path: RepoPath,
    /// Entries that differ, in the order of the sections, then by name. Of a component that is on one side alone, all.
    pub entries: Vec<EntryChange>,
}

/// Where a component or an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// On the first side alone.
    From,
    /// On the second side alone.
    To,
    /// On both.
    Both,
}

/// An entry that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryChange {
    /// What kind of entry it is, in words: `field`, `object`, `user permission`, or the element's name.
    pub section: String,
    /// What it is about; empty where there is one of the kind alone.
    pub entry: String,
    /// What it says on the first side, in words; nothing where it is not there, or gives nothing.
    pub from: Vec<String>,
    /// What it says on the second side.
    pub to: Vec<String>,
    /// A profile does not mention it on the second side, which changes nothing in an org.
    pub is_silent: bool,
}

impl Differences {
    /// Exit status: 2 where something could not be compared; else 0, or 1 for a difference where that is asked for.
    pub fn exit_status(&self, tells: bool) -> u8 {
        match (self.undecided.is_empty(), self.components.is_empty()) {
            (false, _) => 2,
            (true, false) => u8::from(tells),
            (true, true) => 0,
        }
    }
}
