//! Changed files that copy values from field to field. Whether the fields are classified is not asked here.

use super::aside::Unread;
use super::change::Change;
use super::copied::{CopiedBy, FieldCopy, Source};
use super::relationships::{child, resolve};
use crate::finding::Place;
use crate::metadata::{
    CopiedField, CopiedFrom, FlowCopies, Named, global_field, parse_analytic_snapshot, parse_field_overrides,
    parse_field_updates, parse_flow, parse_formula, parse_lead_conversion,
};
use crate::org::{Aside, Org, Unreadable, aside, folders};
use crate::source::{RepoPath, SourceFile};
use crate::words::FieldName;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// A file that can copy: what does, the component that it belongs to, lower case, and its name.
struct Copying {
    by: CopiedBy,
    kind: Aside,
    component: String,
    name: String,
}

/// A field that is written, and what goes into it. What cannot be followed is known by the whole path.
type Pair = (FieldName, Source);

/// What a component copied before.
#[derive(Default)]
struct Known {
    pairs: BTreeSet<Pair>,
    unfollowed: BTreeSet<String>,
}

/// What a file copies.
#[derive(Default)]
pub(super) struct Read {
    copies: Vec<FieldCopy>,
    /// Where something goes that cannot be followed.
    unfollowed: Vec<Unreadable>,
    /// What goes into a field and cannot be understood: it may be anything.
    unknown: Vec<Unreadable>,
    /// Why none of it can be read.
    problem: Option<Unreadable>,
}

/// What flows copy that have been read for what they show.
pub(super) type Flows = HashMap<RepoPath, Read>;

/// What a flow copies that has been read.
pub(super) fn of_flow(org: &Org<'_>, path: &RepoPath, file: &Arc<SourceFile>, copies: FlowCopies) -> Read {
    let Some(of) = Copying::of(org, path) else { return Read::default() };
    let mut reader = Reader { of: &of, org, read: Read::default() };
    reader.flow(path, file, copies);
    reader.read
}

/// Every copy in changed files that no changed file of the same component made before. `flows` have been read, before and
/// after.
pub(super) fn found(
    base: &Org<'_>,
    landing: &Org<'_>,
    changes: &[Change],
    [mut flows_before, mut flows_after]: [Flows; 2],
    unread: &mut Unread,
) -> Vec<FieldCopy> {
    // What cannot be read is named once.
    let [named_after, named_before] = [&unread.after, &unread.before]
        .map(|all| all.iter().map(|problem| problem.path.clone()).collect::<HashSet<_>>());
    // A workflow may be taken apart or put together, and any file may move.
    let mut known: BTreeMap<(CopiedBy, String), Known> = BTreeMap::new();
    for Change { path, .. } in changes.iter().filter(|c| c.in_base && !named_before.contains(&c.path)) {
        let Some(copying) = Copying::of(base, path) else { continue };
        let before = flows_before.remove(path).unwrap_or_else(|| copying.read(base, path));
        let known = known.entry((copying.by, copying.component)).or_default();
        known.pairs.extend(before.copies.into_iter().map(|copy| (copy.target, copy.source)));
        let unclear = before.unfollowed.into_iter().chain(before.unknown);
        known.unfollowed.extend(unclear.map(|problem| problem.reason));
        unread.before.extend(before.problem);
    }
    let mut found = Vec::new();
    for Change { path, .. } in changes.iter().filter(|c| c.in_landing && !named_after.contains(&c.path)) {
        let Some(copying) = Copying::of(landing, path) else { continue };
        let after = flows_after.remove(path).unwrap_or_else(|| copying.read(landing, path));
        let known = known.entry((copying.by, copying.component)).or_default();
        let is_new = |problem: &Unreadable| !known.unfollowed.contains(&problem.reason);
        unread.after.extend(after.unfollowed.into_iter().filter(is_new));
        unread.undecided.extend(after.problem.into_iter().chain(after.unknown.into_iter().filter(is_new)));
        let mut here = BTreeSet::new();
        found.extend(after.copies.into_iter().filter(|copy| {
            let pair = (copy.target.clone(), copy.source.clone());
            !known.pairs.contains(&pair) && here.insert(pair)
        }));
    }
    found
}

impl Copying {
    fn of(org: &Org<'_>, path: &RepoPath) -> Option<Self> {
        let (kind, name) = aside(path.as_str())?;
        let by = match kind {
            Aside::Workflow | Aside::FieldUpdate => CopiedBy::FieldUpdate,
            Aside::Flow => CopiedBy::Flow,
            Aside::QuickAction => CopiedBy::QuickAction,
            Aside::LeadConversion => CopiedBy::LeadConversion,
            Aside::AnalyticSnapshot => CopiedBy::AnalyticSnapshot,
            _ => return None,
        };
        let component = if kind == Aside::FieldUpdate { object_above(org, path)? } else { &name };
        Some(Copying { by, kind, component: component.to_ascii_lowercase(), name })
    }

    /// What the file at `path` copies.
    fn read(&self, org: &Org<'_>, path: &RepoPath) -> Read {
        let mut reader = Reader { of: self, org, read: Read::default() };
        let done = org.aside(path).and_then(|file| file.map(|file| reader.file(path, &file)).transpose());
        Read { problem: done.err().map(not_known), ..reader.read }
    }
}

fn at(place: &Place, reason: String) -> Unreadable {
    Unreadable { path: place.path().clone(), position: Some(place.location().start), reason }
}

fn not_known(mut problem: Unreadable) -> Unreadable {
    problem.reason.push_str(" (what it copies from field to field is not known)");
    problem
}

/// The object whose workflow a file belongs to that holds a piece of it: the folder of the root file above, else the first
/// one below the last `workflows`.
fn object_above<'p>(org: &Org<'_>, path: &'p RepoPath) -> Option<&'p str> {
    let is_home = |folder: &str| folder.eq_ignore_ascii_case("workflows");
    let folders: Vec<(&str, &str)> = folders(path.as_str()).collect();
    let has_root = |(at, name): &&(&str, &str)| {
        org.has_file(&RepoPath::from(format!("{at}/{name}.workflow-meta.xml").as_str()))
    };
    let below = || folders.iter().rposition(|(_, name)| is_home(name)).and_then(|at| folders.get(at + 1));
    folders.iter().rfind(has_root).or_else(below).map(|(_, name)| *name)
}

struct Reader<'r, 'o, 's> {
    of: &'r Copying,
    org: &'o Org<'s>,
    read: Read,
}

impl Reader<'_, '_, '_> {
    fn file(&mut self, path: &RepoPath, file: &Arc<SourceFile>) -> Result<(), Unreadable> {
        let name = &self.of.name;
        let copied = match self.of.kind {
            Aside::Workflow => parse_field_updates(file, name, name)?,
            Aside::FieldUpdate => {
                parse_field_updates(file, object_above(self.org, path).unwrap_or_default(), name)?
            }
            Aside::QuickAction => parse_field_overrides(file, name)?,
            Aside::LeadConversion => parse_lead_conversion(file)?,
            Aside::AnalyticSnapshot => parse_analytic_snapshot(file)?,
            _ => {
                self.flow(path, file, parse_flow(file)?.copies);
                return Ok(());
            }
        };
        self.all(file, copied);
        Ok(())
    }

    fn flow(&mut self, path: &RepoPath, file: &Arc<SourceFile>, copies: FlowCopies) {
        if copies.too_much {
            let reason = "it passes on more values than are followed; split it up".to_owned();
            let problem = Unreadable { path: path.clone(), position: None, reason };
            self.read.unknown.push(not_known(problem));
        }
        self.all(file, copies.copied);
    }

    fn all(&mut self, file: &Arc<SourceFile>, copied: Vec<CopiedField>) {
        for one in copied {
            let place = Place::new(file, one.span);
            match self.sources(&one) {
                Ok(sources) if sources.is_empty() => {}
                Ok(sources) => self.add(&one, sources, &place),
                Err(reason) => self.read.unknown.push(not_known(at(&place, reason))),
            }
        }
    }

    fn add(&mut self, copied: &CopiedField, sources: Vec<Source>, place: &Place) {
        let targets = self.targets(&copied.target);
        let targets = match targets.or_else(|reason| self.of_children(&copied.target).ok_or(reason)) {
            Ok(targets) => targets,
            Err(reason) => return self.not_followed(place, reason),
        };
        let name = copied.by.as_ref().unwrap_or(&self.of.name);
        for target in targets.iter().map(|target| self.org.canonical(target)) {
            for source in &sources {
                // What a field gets of its own is no copy.
                let same = matches!(source, Source::Field(source) if self.org.canonical(source) == target);
                if !same {
                    self.read.copies.push(FieldCopy {
                        by: self.of.by,
                        name: name.clone(),
                        target: target.clone(),
                        source: source.clone(),
                        place: place.clone(),
                    });
                }
            }
        }
    }

    fn targets(&self, target: &Named) -> Result<Vec<FieldName>, String> {
        resolve(self.org, &target.object, &target.path)
    }

    /// The field of the records that belong to one: `Claims__r.Note__c`.
    fn of_children(&self, target: &Named) -> Option<Vec<FieldName>> {
        let [relationship, field] = target.path.as_slice() else { return None };
        let (object, _) = child(self.org, &target.object, relationship)?;
        Some(vec![FieldName::of(&object, field)?])
    }

    fn not_followed(&mut self, place: &Place, reason: String) {
        self.read.unfollowed.push(not_known(at(place, reason)));
    }

    /// What goes into a field.
    fn sources(&self, copied: &CopiedField) -> Result<Vec<Source>, String> {
        let (object, text) = match &copied.from {
            CopiedFrom::Field(Named { object, path, .. }) => return Ok(self.follow(object, path)),
            CopiedFrom::Formula { object, text } => (object.as_str(), text),
        };
        let formula = parse_formula(text)
            .map_err(|error| format!("formula for `{}`: {error}", last(&copied.target.path)))?;
        let own = formula.references.iter().map(|reference| (object, of_object(object, &reference.path)));
        let all = own.chain(formula.globals.iter().filter_map(|reference| global_field(&reference.path)));
        Ok(all
            .filter(|(object, _)| !object.is_empty())
            .flat_map(|(object, path)| self.follow(object, path))
            .collect())
    }

    fn follow(&self, object: &str, path: &[String]) -> Vec<Source> {
        match resolve(self.org, object, path) {
            Ok(fields) => fields.into_iter().map(Source::Field).collect(),
            Err(why) => vec![Source::Behind { name: last(path).to_owned(), why }],
        }
    }
}

fn last(path: &[String]) -> &str {
    path.last().map_or("", String::as_str)
}

/// Formulas of quick actions call the record by its object: `Contact.SSN__c`.
fn of_object<'p>(object: &str, path: &'p [String]) -> &'p [String] {
    match path.split_first() {
        Some((first, rest)) if !rest.is_empty() && first.eq_ignore_ascii_case(object) => rest,
        _ => path,
    }
}
