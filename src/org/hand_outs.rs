//! Files that hand out permission sets, profiles and groups, and what of them goes to people outside the company.

use super::{Document, Org, Unreadable};
use crate::metadata::{HandOutKind, HandOuts};
use crate::source::{RepoPath, SourceFile, Span};
use crate::words::Grantor;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What sites and customers' administrators give to people outside.
#[derive(Debug, Default)]
pub struct OutsideHolders {
    /// Each with the element that says so.
    pub all: BTreeMap<Grantor, (Arc<SourceFile>, Span)>,
    /// Files that may say so and cannot be read.
    pub unreadable: Vec<Unreadable>,
}

/// A file that hands out, and what it says.
pub type HandOutsFile = (Arc<SourceFile>, Arc<HandOuts>);

impl Org<'_> {
    /// What the file at `path` hands out; `None` where it is no such file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn hand_outs(&self, path: &RepoPath) -> Result<Option<HandOutsFile>, Unreadable> {
        let Some(id) = self.index.id(path) else { return Ok(None) };
        match self.index.hands_out(id).then(|| self.parse(id)).transpose()? {
            Some((file, Document::HandOuts(found))) => Ok(Some((file, found))),
            _ => Ok(None),
        }
    }

    /// What is handed out to people outside. A site whose file goes is still there after the deployment.
    pub fn outside_holders(&self) -> &OutsideHolders {
        self.outside_holders.get_or_init(|| self.find_outside_holders())
    }

    fn find_outside_holders(&self) -> OutsideHolders {
        let mut found = OutsideHolders::default();
        let named = |org: &Org<'_>| -> BTreeSet<(HandOutKind, String)> {
            org.index.hand_outs().map(|(_, kind, name)| (kind, name.to_ascii_lowercase())).collect()
        };
        let here = named(self);
        let hands_outside = |kind| matches!(kind, HandOutKind::Site | HandOutKind::PortalDelegation);
        for (org, is_before) in [(Some(self), false), (self.before, true)] {
            let Some(org) = org else { continue };
            for (path, kind, name) in org.index.hand_outs().filter(|(_, kind, _)| hands_outside(*kind)) {
                if is_before && here.contains(&(kind, name.to_ascii_lowercase())) {
                    continue;
                }
                match org.hand_outs(path) {
                    Ok(read) => self.note_outside(org, read, &mut found),
                    Err(problem) => found.unreadable.push(problem),
                }
            }
        }
        found
    }

    /// Before is what surely stands, after is what may.
    fn note_outside(&self, org: &Org<'_>, read: Option<HandOutsFile>, found: &mut OutsideHolders) {
        let Some((file, hand_outs)) = read else { return };
        for hand_out in hand_outs.all.iter().filter(|hand_out| hand_out.way.is_to_people_outside()) {
            let in_force = match org.is_base {
                true => hand_outs.is_surely_in_force(hand_out.way),
                false => hand_outs.may_be_in_force(hand_out.way),
            };
            if in_force {
                let name = self.local_component(hand_out.grantor.name());
                let grantor = Grantor::new(hand_out.grantor.kind, name);
                found.all.entry(grantor).or_insert_with(|| (Arc::clone(&file), hand_out.span));
            }
        }
    }
}
