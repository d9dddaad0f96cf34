//! Places of the merged tree, moved to the lines of the head, which is what reviewers see.

use super::RunError;
use crate::finding::{Place, Subject};
use crate::gate::Verdict;
use crate::git::{Comparison, LineMap};
use crate::source::{RepoPath, Snapshot, SourceFile, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Moves every place of a file that the merge altered. Lines that the head does not have (they come
/// from the base) keep their place in the merged file.
pub(super) fn to_head(verdict: &mut Verdict, comparison: &Comparison) -> Result<(), RunError> {
    let mut mover = Mover { comparison, files: BTreeMap::new() };
    for finding in &mut verdict.findings {
        mover.place(&mut finding.place)?;
        for related in &mut finding.related {
            mover.place(&mut related.place)?;
        }
        mover.subject(&mut finding.subject)?;
    }
    for door in &mut verdict.opened {
        mover.place(&mut door.place)?;
        mover.subject(&mut door.subject)?;
    }
    for place in verdict.labels_changed.iter_mut().filter_map(|c| c.place.as_mut()) {
        mover.place(place)?;
    }
    Ok(())
}

/// Moves places one by one, as [`to_head`] does with a verdict's.
pub(super) fn places<'p>(
    places: impl Iterator<Item = &'p mut Place>,
    comparison: &Comparison,
) -> Result<(), RunError> {
    let mut mover = Mover { comparison, files: BTreeMap::new() };
    for place in places {
        mover.place(place)?;
    }
    Ok(())
}

struct Mover<'c> {
    comparison: &'c Comparison,
    /// By path; `None` where head and landing tree hold the same bytes, or one of them none.
    files: BTreeMap<RepoPath, Option<Moved>>,
}

struct Moved {
    landing: Arc<SourceFile>,
    head: Arc<SourceFile>,
    lines: LineMap,
}

impl Mover<'_> {
    fn subject(&mut self, subject: &mut Subject) -> Result<(), RunError> {
        let route = Arc::make_mut(&mut subject.route).iter_mut().map(|step| &mut step.place);
        let label = subject.label.iter_mut().filter_map(|(_, place)| place.as_mut());
        route.chain(label).chain(&mut subject.justification).try_for_each(|place| self.place(place))
    }

    fn place(&mut self, place: &mut Place) -> Result<(), RunError> {
        let path = place.path().clone();
        if !self.files.contains_key(&path) {
            let moved = self.moved(&path)?;
            self.files.insert(path.clone(), moved);
        }
        let Some(Some(moved)) = self.files.get(&path) else { return Ok(()) };
        // A place of the base (a deleted label, say) stays where it is.
        if place.file.bytes() != moved.landing.bytes() {
            return Ok(());
        }
        if let Some(span) = moved.span(place.span) {
            *place = Place::new(&moved.head, span);
        }
        Ok(())
    }

    fn moved(&self, path: &RepoPath) -> Result<Option<Moved>, RunError> {
        let (head, landing) = (&self.comparison.head, &self.comparison.landing);
        let (Some(in_head), Some(in_landing)) = (head.entry(path)?, landing.entry(path)?) else {
            return Ok(None);
        };
        if in_head.content == in_landing.content {
            return Ok(None);
        }
        let (Ok(head), Ok(landing)) = (head.read(in_head), landing.read(in_landing)) else { return Ok(None) };
        let lines = LineMap::between(landing.bytes(), head.bytes());
        Ok(Some(Moved { landing, head, lines }))
    }
}

impl Moved {
    /// Both ends keep their distance from the start of their line.
    fn span(&self, span: Span) -> Option<Span> {
        let offset = |at: u32| {
            let line = self.landing.position(at).line;
            let into = at - self.landing.line_start(line)?;
            Some(self.head.line_start(self.lines.get(line)?)? + into)
        };
        Some(Span { start: offset(span.start)?, end: offset(span.end)? })
    }
}
