//! What a change does beside access: in files that give nobody any, and yet bear on who sees what. A file among them
//! which cannot be read is named; one that may copy a classified field into another leaves the run undecided.

use super::Delta;
use super::aside::Unread;
use super::change::Change;
use super::copied::FieldCopy;
use super::copying;
use super::guards::{self, SwitchedOff};
use super::shows::{self, Shows};
use crate::org::{Aside, Org, Unreadable, aside};
use crate::source::Purpose;

/// What a change does beside access.
#[derive(Debug, Default)]
pub struct Beside {
    /// Switches that guarded data before, and no longer do.
    pub switched_off: Vec<SwitchedOff>,
    /// Files that newly show fields whatever field-level security says.
    pub shows: Vec<Shows>,
    /// Copies from field to field that files did not make before.
    pub copies: Vec<FieldCopy>,
}

impl Delta {
    /// Looks at the files that give nobody access. Only those of `changes` are read.
    pub fn look_beside(&mut self, base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) {
        [base, landing].iter().for_each(|org| org.asks(Purpose::Change));
        let mut unread = Unread::default();
        self.beside.switched_off = guards::switched_off(base, landing, changes, &mut unread);
        let (shows, flows) = shows::found(base, landing, changes, &mut unread);
        self.beside.shows = shows;
        let named = unread.after.len();
        self.beside.copies = copying::found(base, landing, changes, flows, &mut unread);
        let unfollowed = unread.after.split_off(named);
        // A flow may copy; the others only show or guard.
        let is_flow = |problem: &Unreadable| {
            aside(problem.path.as_str()).is_some_and(|(kind, _)| matches!(kind, Aside::Flow))
        };
        let (flows, others): (Vec<_>, Vec<_>) = unread.after.into_iter().partition(is_flow);
        self.undecided.extend(flows.into_iter().chain(unread.undecided));
        self.unreadable.extend(others.into_iter().chain(unfollowed));
        self.unreadable_base.extend(unread.before);
    }
}
