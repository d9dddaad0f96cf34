//! What newly names fields and shows them to people, whatever field-level security says. Whether the fields are
//! classified is not asked here.

use super::aside::{Moved, Unread};
use super::change::Change;
use super::copying::Flows;
use super::shown_by::{self, Seen, Side};
use crate::finding::Place;
use crate::org::{Aside, Org, Unreadable, aside};
use crate::source::RepoPath;
use crate::words::{FieldName, FieldSet};
use std::collections::BTreeSet;

/// What shows fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownBy {
    /// A flow in system mode.
    Flow,
    /// An email template.
    EmailTemplate,
    /// An Apex class in system mode.
    Apex,
    /// A dashboard with a fixed running user.
    Dashboard,
    /// An OmniStudio data mapper that does not ask for field-level security.
    DataTransform,
}

/// A file that names fields which it did not name before, or that goes past field-level security from now on.
#[derive(Clone, Debug)]
pub struct Shows {
    /// What it is.
    pub by: ShownBy,
    /// Its name.
    pub name: String,
    /// It did not go past field-level security before.
    pub begins: bool,
    /// The element by which it does, where the change has that.
    pub mode: Option<Place>,
    /// The fields, each with the first place that names it; in file order.
    pub fields: Vec<(FieldName, Place)>,
}

/// Everything in changed files that newly shows fields, and what the flows among those copy, before and after.
pub(super) fn found(
    base: &Org<'_>,
    landing: &Org<'_>,
    changes: &[Change],
    unread: &mut Unread,
) -> (Vec<Shows>, [Flows; 2]) {
    let moved = Moved::of(changes, shows);
    let changed: BTreeSet<&RepoPath> = changes.iter().map(|change| &change.path).collect();
    let mut seen = [Seen::default(), Seen::default()];
    let mut found = Vec::new();
    for path in looked_at(changes) {
        let Some((kind, name)) = shows(&path) else { continue };
        let by_version = kind == Aside::ApexBody && !changed.contains(&path);
        if by_version && !shown_by::changes_mode(base, landing, &path) {
            continue;
        }
        let Some(now) = side(landing, &path, kind, (&mut seen[1], &mut unread.after)).filter(|now| now.past)
        else {
            continue;
        };
        let was = moved.before((&path, base.has_file(&path)), kind, &name);
        let was = was.and_then(|path| side(base, path, kind, (&mut seen[0], &mut unread.before)));
        let begins = was.as_ref().is_some_and(|was| !was.past);
        let was = was.filter(|was| was.past);
        let mut known: FieldSet = was.into_iter().flat_map(|was| was.named).map(|(field, _)| field).collect();
        let new = now.named.into_iter().filter(|(field, _)| known.insert(field.clone()));
        let fields: Vec<_> = new.map(|(field, span)| (field, Place::new(&now.file, span))).collect();
        if !fields.is_empty() {
            let mode = now.mode.filter(|mode| begins && changed.contains(mode.path()));
            found.push(Shows { by: shown_by(kind), name, begins, mode, fields });
        }
    }
    (found, seen.map(|seen| seen.flows))
}

fn shown_by(kind: Aside) -> ShownBy {
    match kind {
        Aside::Flow => ShownBy::Flow,
        Aside::ApexBody => ShownBy::Apex,
        Aside::Dashboard => ShownBy::Dashboard,
        Aside::DataTransform => ShownBy::DataTransform,
        _ => ShownBy::EmailTemplate,
    }
}

/// The component of a file that can show fields.
fn shows(path: &RepoPath) -> Option<(Aside, String)> {
    const KINDS: [Aside; 6] = [
        Aside::Flow,
        Aside::EmailBody,
        Aside::EmailTemplate,
        Aside::ApexBody,
        Aside::Dashboard,
        Aside::DataTransform,
    ];
    aside(path.as_str()).filter(|(kind, _)| KINDS.contains(kind))
}

/// The files to look at: what changes, and classes whose version does.
fn looked_at(changes: &[Change]) -> BTreeSet<RepoPath> {
    let here = changes.iter().filter(|change| change.in_landing).map(|change| &change.path);
    here.filter_map(|path| match aside(path.as_str())?.0 {
        Aside::ApexClass => shown_by::class_of(path),
        _ => Some(path.clone()),
    })
    .collect()
}

/// What the file at `path` says. One that cannot be read leaves nothing undecided: it gives nobody access.
fn side(
    org: &Org<'_>,
    path: &RepoPath,
    kind: Aside,
    (seen, unread): (&mut Seen, &mut Vec<Unreadable>),
) -> Option<Side> {
    shown_by::read(org, path, kind, seen).unwrap_or_else(|mut problem| {
        problem.reason.push_str(" (which fields it shows is not known)");
        unread.push(problem);
        None
    })
}
