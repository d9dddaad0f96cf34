//! Files that hand out permission sets, profiles and groups, and to whom, as far as metadata tells.

use super::{Document, Org, Unreadable};
use crate::metadata::{Criterion, HandOutKind, HandOutWay, HandOuts};
use crate::source::{RepoPath, SourceFile, Span};
use crate::words::Grantor;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// To whom a file hands something out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// People outside the company: who registers with a site, or is served by an administrator among customers.
    Outside,
    /// Users who have a permission set, profile or group.
    Holders(Grantor),
    /// Users with a licence.
    Licensed(String),
}

/// The element that says so.
#[derive(Clone, Debug)]
pub struct HandedBy {
    /// Its file.
    pub file: Arc<SourceFile>,
    /// Its place there.
    pub span: Span,
    /// The change takes the file away: the org keeps it, and the repository forgets.
    pub is_forgotten: bool,
}

/// Whom metadata tells to hold permission sets, profiles and groups.
#[derive(Debug, Default)]
pub struct Recipients {
    /// By what they hold.
    pub all: BTreeMap<Grantor, BTreeMap<Audience, HandedBy>>,
    /// Files that may say so and cannot be read.
    pub unreadable: Vec<Unreadable>,
}

/// A file that hands out, and what it says.
pub type HandOutsFile = (Arc<SourceFile>, Arc<HandOuts>);

fn tells_to_whom(kind: HandOutKind) -> bool {
    matches!(kind, HandOutKind::AccessPolicy | HandOutKind::Site | HandOutKind::PortalDelegation)
}

impl Recipients {
    /// What is handed to whom, and whether by a file that goes.
    pub fn pairs(&self) -> BTreeSet<(&Grantor, &Audience, bool)> {
        let pairs =
            self.all.iter().flat_map(|(grantor, to)| to.iter().map(move |(who, by)| (grantor, who, by)));
        pairs.map(|(grantor, who, by)| (grantor, who, by.is_forgotten)).collect()
    }
}

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

    /// Whom metadata tells to hold what. A site whose file goes is still there after the deployment.
    pub fn recipients(&self) -> &Recipients {
        self.recipients.get_or_init(|| self.find_recipients())
    }

    fn find_recipients(&self) -> Recipients {
        let mut found = Recipients::default();
        let here: BTreeSet<(HandOutKind, String)> =
            self.index.hand_outs().map(|(_, kind, name)| (kind, name.to_ascii_lowercase())).collect();
        for (org, is_before) in [(Some(self), false), (self.before, true)] {
            let Some(org) = org else { continue };
            for (path, kind, name) in org.index.hand_outs().filter(|(_, kind, _)| tells_to_whom(*kind)) {
                if is_before && here.contains(&(kind, name.to_ascii_lowercase())) {
                    continue;
                }
                match org.hand_outs(path) {
                    Ok(Some(read)) => self.note(org, read, is_before, &mut found),
                    Ok(None) => {}
                    Err(problem) => found.unreadable.push(problem),
                }
            }
        }
        found
    }

    /// Before is what surely stands, after is what may.
    fn note(
        &self,
        org: &Org<'_>,
        (file, hand_outs): HandOutsFile,
        is_forgotten: bool,
        found: &mut Recipients,
    ) {
        for hand_out in &hand_outs.all {
            let in_force = match org.is_base {
                true => hand_outs.is_surely_in_force(hand_out.way),
                false => hand_outs.may_be_in_force(hand_out.way),
            };
            let named = |grantor: &Grantor| Grantor::new(grantor.kind, self.local_component(grantor.name()));
            let to: Vec<Audience> = match hand_out.way {
                way if way.is_to_people_outside() => vec![Audience::Outside],
                HandOutWay::AccessPolicy => hand_outs
                    .criteria
                    .iter()
                    .map(|criterion| match criterion {
                        Criterion::Holder(holder) => Audience::Holders(named(holder)),
                        Criterion::License(license) => Audience::Licensed(license.clone()),
                    })
                    .collect(),
                _ => Vec::new(),
            };
            for who in to.into_iter().filter(|_| in_force) {
                let by = HandedBy { file: Arc::clone(&file), span: hand_out.span, is_forgotten };
                found.all.entry(named(&hand_out.grantor)).or_default().entry(who).or_insert(by);
            }
        }
    }
}
