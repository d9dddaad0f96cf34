//! Elements of a flow as groups of texts, and what its names stand for (*Metadata API Developer Guide*, Flow).

use super::error::MetadataError;
use super::named::{between, steps};
use super::xml::{Element, Xml};
use crate::source::{SourceFile, Spanned};
use std::collections::HashMap;

/// A text of a flow.
pub(super) struct Leaf<'a> {
    /// The names of the elements down to it.
    pub(super) names: Vec<&'a str>,
    /// Which of the elements directly below the first of them it is in.
    pub(super) child: usize,
    pub(super) text: Spanned<String>,
}

/// Elements of a flow that name records, show fields or copy them. The others decide.
const PARTS: [&str; 16] = [
    "actionCalls",
    "assignments",
    "choices",
    "collectionProcessors",
    "dynamicChoiceSets",
    "formulas",
    "loops",
    "recordCreates",
    "recordLookups",
    "recordUpdates",
    "runInMode",
    "screens",
    "start",
    "textTemplates",
    "variables",
    "subflows",
];

/// Reads those elements.
pub(super) fn parts(file: &SourceFile) -> Result<Vec<Vec<Leaf<'_>>>, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["Flow"], "`<Flow>`")?;
    let mut parts = Vec::new();
    while let Some(element) = xml.child(&root)? {
        match element.name {
            "runInMode" => {
                let mut part = Vec::new();
                xml.leaves(&element, &mut |names, text| {
                    let text = Spanned::new(text.value.trim().to_owned(), text.span);
                    part.push(Leaf { names: names.to_vec(), child: 0, text });
                })?;
                parts.push(part);
            }
            name if PARTS.contains(&name) => parts.push(part(&mut xml, &element)?),
            _ => drop(xml.skip(&element)?),
        }
    }
    xml.finish()?;
    Ok(parts)
}

fn part<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Result<Vec<Leaf<'a>>, MetadataError> {
    let (mut part, mut child) = (Vec::new(), 0);
    while let Some(inside) = xml.child(element)? {
        xml.leaves(&inside, &mut |names, text| {
            let names = std::iter::once(element.name).chain(names.iter().copied()).collect();
            part.push(Leaf { names, child, text: Spanned::new(text.value.trim().to_owned(), text.span) });
        })?;
        child += 1;
    }
    Ok(part)
}

/// What element a part is of.
pub(super) fn kind<'a>(part: &[Leaf<'a>]) -> Option<&'a str> {
    part.first().and_then(|leaf| leaf.names.first()).copied()
}

/// What the names of a flow stand for. Names compare without regard to case.
#[derive(Default)]
pub(super) struct Names<'p> {
    /// The object of the records in a variable, a lookup or the record that starts the flow.
    objects: HashMap<String, &'p str>,
    /// Loops and sorted or filtered collections, each with the collection that it takes its records from.
    sources: HashMap<String, &'p str>,
    /// Formulas and text templates, by name.
    pub(super) texts: HashMap<String, &'p Spanned<String>>,
}

/// The text of an element directly below the part.
pub(super) fn value<'p>(part: &'p [Leaf<'_>], name: &str) -> Option<&'p str> {
    let leaf = part.iter().find(|leaf| leaf.names.len() == 2 && leaf.names[1] == name)?;
    Some(&leaf.text.value).filter(|text| !text.is_empty()).map(String::as_str)
}

impl<'p> Names<'p> {
    pub(super) fn new(parts: &'p [Vec<Leaf<'_>>]) -> Self {
        let mut reader = Names::default();
        reader.objects.insert("$user".to_owned(), "User");
        for part in parts {
            let Some(kind) = kind(part) else { continue };
            let name = value(part, "name").map(str::to_ascii_lowercase);
            let text = |of: &str| part.iter().find(|leaf| leaf.names.len() == 2 && leaf.names[1] == of);
            match (kind, name) {
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

    /// The object and the path from there that a reference to a record, or to what belongs to it, stands for.
    pub(super) fn record(&self, reference: &str) -> Option<(&'p str, Vec<String>)> {
        match steps(reference) {
            Some((record, path)) => Some((self.object(record)?, path)),
            None => Some((self.object(reference)?, Vec::new())),
        }
    }

    /// The object of the record that a name stands for.
    pub(super) fn object(&self, record: &str) -> Option<&'p str> {
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

/// What a text refers to: the whole of it where it is a reference, and else what it merges.
pub(super) fn references<'t>(leaf: &'t Leaf<'_>) -> Vec<&'t str> {
    match leaf.names.last() {
        Some(&("objectFieldReference" | "elementReference")) => vec![&leaf.text.value],
        _ => between(&leaf.text.value, "{!", "}").map(|(_, reference)| reference).collect(),
    }
}
