//! `Flow`: whether it runs in system mode, and which fields it reads or shows by name (*Metadata API Developer Guide*,
//! Flow). In system mode a flow goes past object permissions and field-level security.

use super::error::MetadataError;
use super::flow_copies::{FlowCopies, copies};
use super::flow_parts::{Leaf, Names, kind, parts, references, value};
use super::named::{Named, between, steps};
use crate::source::{SourceFile, Span};
use std::collections::HashSet;

/// What a flow says of fields.
#[derive(Debug, Default)]
pub struct Flow {
    /// The element that has it run in system mode.
    pub system_mode: Option<Span>,
    /// Fields that it reads by name, shows on screens, or hands to actions; in file order.
    pub named: Vec<Named>,
    /// What it copies from field to field.
    pub copies: FlowCopies,
}

/// Elements within a screen that decide whether something is shown, and show nothing.
const DECIDING: [&str; 4] = ["visibilityRule", "validationRule", "conditions", "connector"];

/// Reads a flow.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_flow(file: &SourceFile) -> Result<Flow, MetadataError> {
    let parts = parts(file)?;
    let system = |leaf: &&Leaf<'_>| {
        leaf.names == ["runInMode"]
            && ["SystemModeWithoutSharing", "SystemModeWithSharing"]
                .iter()
                .any(|mode| leaf.text.value.eq_ignore_ascii_case(mode))
    };
    let system_mode = parts.iter().flatten().find(system).map(|leaf| leaf.text.span);
    let names = Names::new(&parts);
    let copies = copies(&names, &parts);
    let mut named = Reader(names).read(&parts);
    named.sort_by_key(|named| named.span);
    Ok(Flow { system_mode, named, copies })
}

/// Finds what a flow shows.
struct Reader<'p>(Names<'p>);

impl Reader<'_> {
    fn read(&self, parts: &[Vec<Leaf<'_>>]) -> Vec<Named> {
        let mut found = Vec::new();
        // Formulas and templates count where something shows them.
        let (mut shown, mut waiting): (HashSet<String>, Vec<String>) = Default::default();
        for part in parts {
            let Some(kind) = kind(part) else { continue };
            if matches!(kind, "recordLookups" | "dynamicChoiceSets") {
                found.extend(read_by_name(part, kind));
            }
            for leaf in part.iter().filter(|leaf| is_shown(leaf)) {
                for reference in references(leaf) {
                    self.note(reference, leaf.text.span, &mut found, &mut waiting);
                }
            }
        }
        while let Some(name) = waiting.pop() {
            let Some(text) = self.0.texts.get(&name).filter(|_| shown.insert(name)) else { continue };
            for (_, reference) in between(&text.value, "{!", "}") {
                self.note(reference, text.span, &mut found, &mut waiting);
            }
        }
        found
    }

    /// A reference is the field of a record, or the name of something that may show one.
    fn note(&self, reference: &str, span: Span, found: &mut Vec<Named>, waiting: &mut Vec<String>) {
        let reference = reference.trim();
        match steps(reference) {
            None => waiting.push(reference.to_ascii_lowercase()),
            Some((record, path)) => {
                let object = self.0.object(record);
                found.extend(object.map(|object| Named { object: object.to_owned(), path, span }));
            }
        }
    }
}

/// Fields that a lookup reads by name, or whose values are offered as choices.
fn read_by_name(part: &[Leaf<'_>], kind: &str) -> Vec<Named> {
    let Some(object) = value(part, "object") else { return Vec::new() };
    let elements: &[&str] =
        if kind == "recordLookups" { &["queriedFields"] } else { &["displayField", "valueField"] };
    let named = part.iter().filter(|leaf| leaf.names.len() == 2 && elements.contains(&leaf.names[1]));
    named
        .map(|leaf| Named {
            object: object.to_owned(),
            path: vec![leaf.text.value.clone()],
            span: leaf.text.span,
        })
        .collect()
}

/// Whether a text is shown on a screen, or handed to an action.
fn is_shown(leaf: &Leaf<'_>) -> bool {
    match leaf.names.as_slice() {
        ["screens", inside @ ..] => !inside.iter().any(|name| DECIDING.contains(name)),
        ["actionCalls", "inputParameters", ..] | ["subflows", "inputAssignments", ..] => true,
        _ => false,
    }
}
