//! Copies from field to field that a change brings: from then on the one field shows the other.

use crate::finding::Place;
use crate::words::FieldName;
use std::collections::BTreeMap;

/// What copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CopiedBy {
    /// A field update of a workflow.
    FieldUpdate,
    /// A flow.
    Flow,
    /// A quick action that fills in a value.
    QuickAction,
    /// The conversion of leads.
    LeadConversion,
    /// A reporting snapshot.
    AnalyticSnapshot,
}

/// A copy that no file of its component made before.
#[derive(Clone, Debug)]
pub struct FieldCopy {
    /// What copies.
    pub by: CopiedBy,
    /// Its name.
    pub name: String,
    /// The field that is written, by the name of its definition.
    pub target: FieldName,
    /// What goes into it.
    pub source: Source,
    /// The element that says so.
    pub place: Place,
}

/// What a copy takes its value from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A field.
    Field(FieldName),
    /// A field that cannot be followed to.
    Behind {
        /// Its name, whatever object it is of.
        name: String,
        /// Why, in words.
        why: String,
    },
}

/// Copies by the field that they write.
#[derive(Clone, Debug, Default)]
pub struct Copies(BTreeMap<FieldName, Vec<FieldCopy>>);

impl Copies {
    /// What goes into a field, by the name of its definition.
    pub fn into(&self, target: &FieldName) -> impl Iterator<Item = &FieldCopy> {
        self.0.get(target).into_iter().flatten()
    }
}

impl FromIterator<FieldCopy> for Copies {
    fn from_iter<T: IntoIterator<Item = FieldCopy>>(all: T) -> Self {
        let mut copies = Copies::default();
        for copy in all {
            copies.0.entry(copy.target.clone()).or_default().push(copy);
        }
        copies
    }
}
