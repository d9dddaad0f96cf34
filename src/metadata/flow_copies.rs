//! `Flow`: which fields it writes, and what goes into them. A value is followed back through variables, formulas and
//! text templates; what screens, actions and subflows give is not known here.

use super::copied_field::{CopiedField, CopiedFrom};
use super::flow_parts::{Leaf, Names, kind, references, value};
use super::formula::global_field;
use super::named::{Named, between, steps};
use crate::source::Span;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Steps that are taken through one flow; far more than any flow that people can maintain asks for.
const MAX_STEPS: usize = 500_000;

/// What a flow copies.
#[derive(Debug, Default)]
pub struct FlowCopies {
    /// One for each field that is written and each that goes into it.
    pub copied: Vec<CopiedField>,
    /// It passes on more values than are followed.
    pub too_much: bool,
}

/// Finds what a flow copies, whether it is active or not: to activate it later is no change of what it does.
pub(super) fn copies<'p>(names: &Names<'p>, parts: &'p [Vec<Leaf<'_>>]) -> FlowCopies {
    let mut values = Values::new(names, parts);
    let saves = parts.iter().any(|part| saves_a_record(part));
    let mut copied = Vec::new();
    for part in parts {
        for Written { target, from, span } in written(names, part, saves) {
            for reference in from.into_iter().flat_map(references) {
                let sources = values.behind(reference);
                values.left = values.left.saturating_sub(sources.len());
                if values.left == 0 {
                    return FlowCopies { copied, too_much: true };
                }
                copied.extend(sources.iter().map(|source| CopiedField {
                    by: None,
                    target: target.clone(),
                    from: CopiedFrom::Field(source.clone()),
                    span,
                }));
            }
        }
        copied.extend(read_into_fields(names, part, saves));
    }
    FlowCopies { copied, too_much: false }
}

/// A field that an element writes, and the texts that say what.
struct Written<'p, 'a> {
    target: Named,
    from: Vec<&'p Leaf<'a>>,
    span: Span,
}

/// Whether the flow saves a record as it stands in a variable.
fn saves_a_record(part: &[Leaf<'_>]) -> bool {
    matches!(kind(part), Some("recordCreates" | "recordUpdates")) && value(part, "inputReference").is_some()
}

/// The fields that an element writes. `saves`: the flow saves records that stand in variables.
fn written<'p, 'a>(names: &Names<'p>, part: &'p [Leaf<'a>], saves: bool) -> Vec<Written<'p, 'a>> {
    let (group, field) = match kind(part) {
        Some("assignments") => ("assignmentItems", "assignToReference"),
        Some("recordCreates" | "recordUpdates") => ("inputAssignments", "field"),
        _ => return Vec::new(),
    };
    let object = value(part, "object").map(|object| (object, Vec::new()));
    let object = object.or_else(|| value(part, "inputReference").and_then(|record| names.record(record)));
    let mut found = Vec::new();
    for item in part.chunk_by(|a, b| a.child == b.child) {
        let inside = |leaf: &&Leaf<'_>| leaf.names.get(1) == Some(&group);
        let Some(target) = text(item, [group, field]) else { continue };
        let from: Vec<_> =
            item.iter().filter(inside).filter(|leaf| leaf.names.get(2) == Some(&"value")).collect();
        let Some(span) = from.first().map(|leaf| leaf.text.span) else { continue };
        let (name, at) = (&target.text.value, target.text.span);
        let target = match group {
            "assignmentItems" => {
                steps(name).filter(|(record, _)| saves || is_record(record)).and_then(|(record, path)| {
                    Some(Named { object: names.object(record)?.to_owned(), path, span: at })
                })
            }
            _ => object.as_ref().map(|(object, path)| Named {
                object: (*object).to_owned(),
                path: path.iter().cloned().chain([name.clone()]).collect(),
                span: at,
            }),
        };
        found.extend(target.map(|target| Written { target, from, span }));
    }
    found
}

/// Fields of records in variables into which a lookup puts fields that it reads.
fn read_into_fields(names: &Names<'_>, part: &[Leaf<'_>], saves: bool) -> Vec<CopiedField> {
    let Some(object) = value(part, "object").filter(|_| kind(part) == Some("recordLookups")) else {
        return Vec::new();
    };
    let items = part.chunk_by(|a, b| a.child == b.child);
    let copies = items.filter_map(|item| {
        let into = text(item, ["outputAssignments", "assignToReference"])?;
        let field = text(item, ["outputAssignments", "field"])?;
        let (record, path) = steps(&into.text.value).filter(|(record, _)| saves || is_record(record))?;
        let named = |object: &str, path, span| Named { object: object.to_owned(), path, span };
        Some(CopiedField {
            by: None,
            target: named(names.object(record)?, path, into.text.span),
            from: CopiedFrom::Field(named(object, vec![field.text.value.clone()], field.text.span)),
            span: field.text.span,
        })
    });
    copies.collect()
}

/// The record that starts the flow is saved by itself.
fn is_record(name: &str) -> bool {
    name.eq_ignore_ascii_case("$Record")
}

/// The text at this place below a part.
fn text<'p, 'a>(item: &'p [Leaf<'a>], path: [&str; 2]) -> Option<&'p Leaf<'a>> {
    item.iter().find(|leaf| leaf.names.get(1..) == Some(&path[..]))
}

/// What the values of a flow come from.
struct Values<'n, 'p> {
    names: &'n Names<'p>,
    /// References that are assigned to a variable, by its name, lower case.
    assigned: HashMap<String, Vec<&'p str>>,
    /// Fields that lookups read into a variable, by its name, lower case.
    read: HashMap<String, Vec<Named>>,
    /// What is behind a reference, lower case.
    known: HashMap<String, Rc<Vec<Named>>>,
    /// Steps that may still be taken.
    left: usize,
}

impl<'n, 'p> Values<'n, 'p> {
    fn new(names: &'n Names<'p>, parts: &'p [Vec<Leaf<'_>>]) -> Self {
        let mut assigned: HashMap<String, Vec<&'p str>> = HashMap::new();
        let mut read: HashMap<String, Vec<Named>> = HashMap::new();
        for part in parts {
            let object = value(part, "object");
            // What a variable begins with, and what a choice stands for.
            let has_value = matches!(kind(part), Some("variables" | "choices"));
            if let Some(name) = value(part, "name").filter(|_| has_value) {
                let first = part.iter().filter(|leaf| leaf.names.get(1) == Some(&"value"));
                assigned.entry(name.to_ascii_lowercase()).or_default().extend(first.flat_map(references));
            }
            for item in part.chunk_by(|a, b| a.child == b.child) {
                let variable = |leaf: &Leaf<'_>| leaf.text.value.to_ascii_lowercase();
                if let Some(leaf) = text(item, ["assignmentItems", "assignToReference"]) {
                    let from =
                        item.iter().filter(|l| l.names.get(1..3) == Some(&["assignmentItems", "value"][..]));
                    assigned.entry(variable(leaf)).or_default().extend(from.flat_map(references));
                }
                let into = text(item, ["outputAssignments", "assignToReference"]);
                let field = text(item, ["outputAssignments", "field"]);
                if let (Some(into), Some(field), Some(object)) = (into, field, object) {
                    let path = vec![field.text.value.clone()];
                    let named = Named { object: object.to_owned(), path, span: field.text.span };
                    read.entry(variable(into)).or_default().push(named);
                }
            }
        }
        Values { names, assigned, read, known: HashMap::new(), left: MAX_STEPS }
    }

    /// The fields that a reference may stand for.
    fn behind(&mut self, reference: &str) -> Rc<Vec<Named>> {
        let start = reference.trim().to_ascii_lowercase();
        if let Some(known) = self.known.get(&start) {
            return Rc::clone(known);
        }
        let mut found = Vec::new();
        let (mut seen, mut waiting) = (HashSet::from([start.clone()]), vec![reference.trim()]);
        while let Some(name) = waiting.pop() {
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                break;
            }
            let named = |object: &str, path: &[String]| Named {
                object: object.to_owned(),
                path: path.to_vec(),
                span: Span::default(),
            };
            if let Some((record, path)) = steps(name) {
                match self.names.object(record) {
                    Some(object) => found.push(named(object, &path)),
                    None => {
                        let whole: Vec<String> = std::iter::once(record.to_owned()).chain(path).collect();
                        found.extend(global_field(&whole).map(|(object, path)| named(object, path)));
                    }
                }
            }
            let name = name.to_ascii_lowercase();
            found.extend(self.read.get(&name).into_iter().flatten().cloned());
            let assigned = self.assigned.get(&name).into_iter().flatten().copied();
            let text = self.names.texts.get(&name);
            let merged = text.into_iter().flat_map(|text| between(&text.value, "{!", "}"));
            for next in assigned.chain(merged.map(|(_, next)| next)).map(str::trim) {
                if seen.insert(next.to_ascii_lowercase()) {
                    waiting.push(next);
                }
            }
        }
        let found = Rc::new(found);
        self.known.insert(start, Rc::clone(&found));
        found
    }
}
