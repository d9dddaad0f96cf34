//! What a snapshot declares about a field, and which declarations a change alters.

use super::change::Change;
use super::written;
use crate::finding::Place;
use crate::metadata::{Encryption, is_custom_object_name};
use crate::org::{Component, Definition, Org, Unreadable};
use crate::words::FieldName;
use std::collections::BTreeSet;

/// What is known of a field. Not known, known without label, and not readable are three answers.
#[derive(Clone, Debug)]
pub enum Declared {
    /// No file of the snapshot defines the field: a standard or managed field, or a wrong name.
    Unknown,
    /// A file that defines the field, or may do so, cannot be read.
    Unreadable(Unreadable),
    /// Its definitions, usually one.
    Known(Vec<Declaration>),
}

/// One definition's label, as written.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The whole definition.
    pub definition: Place,
    /// `securityClassification` and its element.
    pub classification: Option<(String, Place)>,
    /// `complianceGroup` and its element.
    pub compliance: Option<(String, Place)>,
    /// A second `complianceGroup` element: the groups of both count.
    pub compliance_again: Option<Place>,
    /// The element that takes the field out of field-level security.
    pub outside_fls: Option<Place>,
    /// How the field is encrypted, and the element that says so.
    pub encryption: Option<(Encryption, Place)>,
    /// `label`: the name that people see.
    pub shown_as: Option<String>,
    /// The objects that a lookup points to.
    pub points_to: Vec<String>,
    /// Who owns the data: `businessOwnerUser` or `businessOwnerGroup`.
    pub owner: Option<String>,
    /// The platform sets its value: nobody edits it.
    pub computed: bool,
    /// What it is derived from, as written, and the element.
    pub derived: Option<(String, Place)>,
}

impl Declared {
    /// The element that takes the field out of field-level security, of any definition.
    pub fn outside_fls(&self) -> Option<&Place> {
        let Declared::Known(all) = self else { return None };
        all.iter().find_map(|d| d.outside_fls.as_ref())
    }

    /// How the field is encrypted, by any definition.
    pub fn encryption(&self) -> Option<&(Encryption, Place)> {
        let Declared::Known(all) = self else { return None };
        all.iter().find_map(|d| d.encryption.as_ref())
    }

    /// Whether the platform sets its value, by every definition.
    pub fn is_computed(&self) -> bool {
        let Declared::Known(all) = self else { return false };
        all.iter().all(|d| d.computed)
    }

    /// Whether both sides derive the field from the same.
    pub fn same_derivation(&self, other: &Self) -> bool {
        fn texts(declared: &Declared) -> Vec<&str> {
            let Declared::Known(all) = declared else { return Vec::new() };
            all.iter().filter_map(|d| d.derived.as_ref()).map(|(text, _)| text.as_str()).collect()
        }
        texts(self) == texts(other)
    }

    /// Whether both sides, as lookups, point to the same objects.
    pub fn same_targets(&self, other: &Self) -> bool {
        fn targets(declared: &Declared) -> BTreeSet<&str> {
            let Declared::Known(all) = declared else { return BTreeSet::new() };
            all.iter().flat_map(|d| &d.points_to).map(String::as_str).collect()
        }
        targets(self) == targets(other)
    }

    /// The element that derives the field from others.
    pub fn derived_at(&self) -> Option<&Place> {
        let Declared::Known(all) = self else { return None };
        all.iter().find_map(|d| d.derived.as_ref()).map(|(_, place)| place)
    }

    /// Whether both sides say the same about the label. Places and other properties do not count.
    pub fn same_label(&self, other: &Self) -> bool {
        fn labels(declared: &Declared) -> Option<Vec<(Option<&str>, Option<&str>)>> {
            let Declared::Known(all) = declared else { return None };
            let mut labels: Vec<_> = all
                .iter()
                .map(|d| {
                    (
                        d.classification.as_ref().map(|c| c.0.as_str()),
                        d.compliance.as_ref().map(|c| c.0.as_str()),
                    )
                })
                .collect();
            labels.sort_unstable();
            labels.dedup();
            Some(labels)
        }
        match (self, other) {
            (Declared::Unknown, Declared::Unknown) => true,
            (Declared::Known(_), Declared::Known(_)) => labels(self) == labels(other),
            _ => false,
        }
    }
}

/// A field whose definition the change adds, removes, relabels or takes out of field-level security.
#[derive(Clone, Debug)]
pub struct LabelChange {
    /// The field, as the file names it.
    pub field: FieldName,
    /// The same by the name that all its names lead to.
    pub whole: FieldName,
    /// What the base says.
    pub base: Declared,
    /// What would land.
    pub landing: Declared,
}

/// What `org` says about `field`.
pub fn declared(org: &Org<'_>, field: &FieldName) -> Declared {
    let state = org.field(field);
    if let Some(problem) = state.unreadable.into_iter().next() {
        return Declared::Unreadable(problem);
    }
    if state.definitions.is_empty() {
        return Declared::Unknown;
    }
    let numbered = is_custom_object_name(field) && org.is_numbered(field.object());
    // Before the change it was no excuse: what another definition kept from being edited, nobody edited.
    let is_no_excuse = |d: &Definition| org.is_dormant(d.file.path());
    let others_count = !state.definitions.iter().all(is_no_excuse);
    let declaration = |d: Definition| {
        let place = |span| Place::new(&d.file, span);
        Declaration {
            definition: place(d.field.span),
            classification: d.field.classification.as_ref().map(|c| (c.value.clone(), place(c.span))),
            compliance: d.field.compliance.as_ref().map(|c| (c.value.clone(), place(c.span))),
            compliance_again: d.field.compliance_again.map(place),
            derived: written::source_text(&d.field).map(|text| {
                (
                    text,
                    place(
                        d.field
                            .formula
                            .as_ref()
                            .or(d.field.default_value.as_ref())
                            .or(d.field.summarized_field.as_ref())
                            .or(d.field.reference_target_field.as_ref())
                            .map_or(d.field.span, |f| f.span),
                    ),
                )
            }),
            computed: d.field.is_computed() || numbered || others_count && is_no_excuse(&d),
            outside_fls: org.outside_fls_at(field, &d).map(place),
            encryption: d.field.encryption().map(|(how, span)| (how, place(span))),
            points_to: d.field.reference_to.iter().map(|r| r.value.to_ascii_lowercase()).collect(),
            owner: d.field.owner.as_ref().map(|o| o.value.clone()),
            shown_as: d.field.label.as_ref().map(|l| l.value.clone()),
        }
    };
    // Not in the place of the definitions, which are larger.
    let mut declarations = Vec::with_capacity(state.definitions.len());
    declarations.extend(state.definitions.into_iter().map(declaration));
    Declared::Known(declarations)
}

/// The fields whose definitions the change adds, removes, relabels, or takes out of field-level security or back.
pub(super) fn changes(base: &Org<'_>, landing: &Org<'_>, changes: &[Change]) -> Vec<LabelChange> {
    let mut fields = BTreeSet::new();
    for change in changes {
        // What cannot be read has been recorded by the probes of the delta.
        if change.in_base {
            fields.extend(base.fields_defined_at(&change.path).unwrap_or_default());
        }
        if change.in_landing {
            fields.extend(landing.fields_defined_at(&change.path).unwrap_or_default());
        }
        fields.extend(redefined_by_object(base, landing, change));
    }
    let change = |field: FieldName| LabelChange {
        whole: landing.canonical(&field),
        base: declared(base, &field),
        landing: declared(landing, &field),
        field,
    };
    // The name of a file that deployed another field goes with it; no label does.
    let was_only_a_name = |change: &LabelChange| {
        matches!(change.landing, Declared::Unknown) && base.is_only_a_file_name(&change.field)
    };
    let changes = fields.into_iter().map(change).filter(LabelChange::matters);
    changes.filter(|change| !was_only_a_name(change)).collect()
}

/// All fields of an object whose file makes it a custom setting or an object, or comes to number its records or no longer.
fn redefined_by_object(base: &Org<'_>, landing: &Org<'_>, change: &Change) -> Vec<FieldName> {
    let object = |org: &Org<'_>| match org.index().component(&change.path) {
        Some(Component::Object(object)) => Some(object.clone()),
        _ => None,
    };
    let Some(object) = object(landing).or_else(|| object(base)) else { return Vec::new() };
    let says = |org: &Org<'_>| (org.is_type(&object), org.is_numbered(&object));
    if says(base) == says(landing) {
        return Vec::new();
    }
    [base, landing].iter().flat_map(|org| org.fields_of(&object)).collect()
}

impl LabelChange {
    /// Whether anything differs that access or tiers follow.
    fn matters(&self) -> bool {
        let (old, new) = (&self.base, &self.landing);
        let both_unreadable = matches!((old, new), (Declared::Unreadable(_), Declared::Unreadable(_)));
        let other_fls = new.outside_fls().is_some() != old.outside_fls().is_some();
        let same = old.same_label(new)
            && old.is_computed() == new.is_computed()
            && old.same_derivation(new)
            && old.same_targets(new);
        !both_unreadable && (other_fls || !same)
    }
}
