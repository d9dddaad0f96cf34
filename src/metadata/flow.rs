//! `Flow`: whether it runs in system mode, and which fields it reads or shows by name (*Metadata API Developer Guide*,
//! Flow). In system mode a flow goes past object permissions and field-level security.

use super::error::MetadataError;
use super::named::{Named, between, steps};
use super::xml::Xml;
use crate::source::{SourceFile, Span, Spanned};
use std::collections::{HashMap, HashSet};

/// What a flow says of fields.
#[derive(Debug, Default)]
pub struct Flow {
    /// The element that has it run in system mode.
    pub system_mode: Option<Span>,
    /// Fields that it reads by name, shows on screens, or hands to actions; in file order.
    pub named: Vec<Named>,
}

/// A text of the file: the names of the elements down to it.
struct Leaf<'a> {
    names: Vec<&'a str>,
    text: Spanned<String>,
}

/// Elements of the flow that name records, or what is shown of them. The others decide and write.
const PARTS: [&str; 12] = [
    "actionCalls",
    "collectionProcessors",
    "dynamicChoiceSets",
    "formulas",
    "loops",
    "recordLookups",
    "runInMode",
    "screens",
    "start",
    "textTemplates",
    "variables",
    "subflows",
];

/// Elements within a screen that decide whether something is shown, and show nothing.
const DECIDING: [&str; 4] = ["visibilityRule", "validationRule", "conditions", "connector"];

/// Reads a flow.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_flow(file: &SourceFile) -> Result<Flow, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["Flow"], "`<Flow>`")?;
    let mut parts: Vec<Vec<Leaf<'_>>> = Vec::new();
    while let Some(element) = xml.child(&root)? {
        if !PARTS.contains(&element.name) {
            xml.skip(&element)?;
            continue;
        }
        let mut part = Vec::new();
        xml.leaves(&element, &mut |names, text| {
            let text = Spanned::new(text.value.trim().to_owned(), text.span);
            part.push(Leaf { names: names.to_vec(), text });
        })?;
        parts.push(part);
    }
    xml.finish()?;
    let system = |leaf: &&Leaf<'_>| {
        leaf.names == ["runInMode"]
            && ["SystemModeWithoutSharing", "SystemModeWithSharing"]
                .iter()
                .any(|mode| leaf.text.value.eq_ignore_ascii_case(mode))
    };
    let system_mode = parts.iter().flatten().find(system).map(|leaf| leaf.text.span);
    let mut named = Reader::new(&parts).read(&parts);
    named.sort_by_key(|named| named.span);
    Ok(Flow { system_mode, named })
}

/// What the names of a flow stand for. Names compare without regard to case.
#[derive(Default)]
struct Reader<'p> {
    /// The object of the records in a variable, a lookup or the record that starts the flow.
    objects: HashMap<String, &'p str>,
    /// Loops and sorted or filtered collections, each with the collection that it takes its records from.
    sources: HashMap<String, &'p str>,
    /// Formulas and text templates, by name.
    texts: HashMap<String, &'p Spanned<String>>,
}

fn value<'p>(part: &'p [Leaf<'_>], name: &str) -> Option<&'p str> {
    let leaf = part.iter().find(|leaf| leaf.names.len() == 2 && leaf.names[1] == name)?;
    Some(&leaf.text.value).filter(|text| !text.is_empty()).map(String::as_str)
}

impl<'p> Reader<'p> {
    fn new(parts: &'p [Vec<Leaf<'_>>]) -> Self {
        let mut reader = Reader::default();
        reader.objects.insert("$user".to_owned(), "User");
        for part in parts {
            let Some(kind) = part.first().and_then(|leaf| leaf.names.first()) else { continue };
            let name = value(part, "name").map(str::to_ascii_lowercase);
            let text = |of: &str| part.iter().find(|leaf| leaf.names.len() == 2 && leaf.names[1] == of);
            match (*kind, name) {
                ("start", _) => {
                    for record in ["$record", "$record__prior"] {
                        reader
                            .objects
                            .extend(value(part, "object").map(|object| (record.to_owned(), object)));
                    }
                }
                ("variables", Some(name)) => {
                    reader.objects.extend(value(part, "objectType").map(|object| (name, object)));
                }
                ("recordLookups", Some(name)) => {
                    reader.objects.extend(value(part, "object").map(|object| (name, object)));
                }
                ("loops" | "collectionProcessors", Some(name)) => {
                    reader.sources.extend(value(part, "collectionReference").map(|from| (name, from)));
                }
                ("formulas", Some(name)) => {
                    reader.texts.extend(text("expression").map(|leaf| (name, &leaf.text)));
                }
                ("textTemplates", Some(name)) => {
                    reader.texts.extend(text("text").map(|leaf| (name, &leaf.text)));
                }
                _ => {}
            }
        }
        reader
    }

    fn read(&self, parts: &[Vec<Leaf<'_>>]) -> Vec<Named> {
        let mut found = Vec::new();
        // Formulas and templates count where something shows them.
        let (mut shown, mut waiting): (HashSet<String>, Vec<String>) = Default::default();
        for part in parts {
            let Some(kind) = part.first().and_then(|leaf| leaf.names.first()) else { continue };
            if matches!(*kind, "recordLookups" | "dynamicChoiceSets") {
                found.extend(read_by_name(part, kind));
            }
            for leaf in part.iter().filter(|leaf| is_shown(leaf)) {
                for reference in references(leaf) {
                    self.note(reference, leaf.text.span, &mut found, &mut waiting);
                }
            }
        }
        while let Some(name) = waiting.pop() {
            let Some(text) = self.texts.get(&name).filter(|_| shown.insert(name)) else { continue };
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
                let object = self.object(record);
                found.extend(object.map(|object| Named { object: object.to_owned(), path, span }));
            }
        }
    }

    fn object(&self, record: &str) -> Option<&'p str> {
        // A loop over what another loop gave; never more than a few, whatever the file says.
        const MOST: usize = 8;
        let mut name = record.to_ascii_lowercase();
        for _ in 0..MOST {
            if let Some(object) = self.objects.get(&name) {
                return Some(object);
            }
            name = self.sources.get(&name)?.to_ascii_lowercase();
        }
        None
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

/// What a text refers to: the whole of it where it is a reference, and else what it merges.
fn references<'t>(leaf: &'t Leaf<'_>) -> Vec<&'t str> {
    match leaf.names.last() {
        Some(&("objectFieldReference" | "elementReference")) => vec![&leaf.text.value],
        _ => between(&leaf.text.value, "{!", "}").map(|(_, reference)| reference).collect(),
    }
}
