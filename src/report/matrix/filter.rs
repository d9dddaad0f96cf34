//! A matrix narrowed to what somebody asks about.

use super::{Matrix, MatrixCell, MatrixField, MatrixGrantor, Muted, Status};
use crate::words::{FieldName, Tier};
use std::collections::BTreeSet;

/// What is asked about; nothing of a kind is all of it. Names without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatrixFilter {
    /// Objects.
    pub objects: Vec<String>,
    /// Names of permission sets, groups and profiles.
    pub holders: Vec<String>,
    /// Tiers.
    pub tiers: Vec<Tier>,
    /// Where the access stands.
    pub states: Vec<Status>,
}

impl MatrixFilter {
    /// In words, for the head of the matrix.
    fn words(&self) -> Vec<String> {
        let named = |what: &str, names: &[String]| {
            Some(format!("{what} {}", names.join(", "))).filter(|_| !names.is_empty())
        };
        let tiers: Vec<String> = self.tiers.iter().map(ToString::to_string).collect();
        let states: Vec<String> = self.states.iter().map(ToString::to_string).collect();
        [
            named("object", &self.objects),
            named("permission set or profile", &self.holders),
            named("tier", &tiers),
            named("state", &states),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn has_field(&self, field: &MatrixField) -> bool {
        let object = |name: &String| name.eq_ignore_ascii_case(field.name.object());
        (self.objects.is_empty() || self.objects.iter().any(object))
            && (self.tiers.is_empty() || self.tiers.contains(&field.tier))
    }

    fn has_holder(&self, holder: &MatrixGrantor) -> bool {
        let named = |name: &String| name.eq_ignore_ascii_case(holder.grantor.name());
        self.holders.is_empty() || self.holders.iter().any(named)
    }

    /// What is taken away stands nowhere.
    fn has_muted(&self, muted: &Muted) -> bool {
        let named = |name: &String| name.eq_ignore_ascii_case(&muted.group);
        self.states.is_empty() && (self.holders.is_empty() || self.holders.iter().any(named))
    }

    fn has_state(&self, cell: &MatrixCell) -> bool {
        self.states.is_empty() || self.states.contains(&cell.status)
    }
}

impl Matrix {
    /// Narrowed to what is asked about. A field without any access stays only where nothing is asked about access.
    pub fn narrowed(mut self, filter: &MatrixFilter) -> Self {
        if *filter == MatrixFilter::default() {
            return self;
        }
        let fields: Vec<bool> = self.fields.iter().map(|field| filter.has_field(field)).collect();
        let holders: Vec<bool> = self.grantors.iter().map(|holder| filter.has_holder(holder)).collect();
        self.cells.retain(|cell| fields[cell.field] && holders[cell.grantor] && filter.has_state(cell));
        let kept: BTreeSet<&FieldName> = self
            .fields
            .iter()
            .zip(&fields)
            .filter(|(_, kept)| **kept)
            .map(|(field, _)| &field.name)
            .collect();
        self.muted.retain(|muted| filter.has_muted(muted) && kept.contains(&muted.field));
        let bare = filter.holders.is_empty() && filter.states.is_empty();
        let mut keep_field = if bare { fields } else { vec![false; fields.len()] };
        let mut keep_holder = vec![false; holders.len()];
        for cell in &self.cells {
            keep_field[cell.field] = true;
            keep_holder[cell.grantor] = true;
        }
        let (field_at, holder_at) = (positions(&keep_field), positions(&keep_holder));
        for cell in &mut self.cells {
            (cell.field, cell.grantor) = (field_at[cell.field], holder_at[cell.grantor]);
        }
        let (mut keep_field, mut keep_holder) = (keep_field.into_iter(), keep_holder.into_iter());
        self.fields.retain(|_| keep_field.next().unwrap_or(false));
        self.grantors.retain(|_| keep_holder.next().unwrap_or(false));
        self.filters = filter.words();
        self
    }
}

/// Where each of a list is once those that are not kept are gone.
fn positions(kept: &[bool]) -> Vec<usize> {
    let before = kept.iter().scan(0, |next, kept| {
        let at = *next;
        *next += usize::from(*kept);
        Some(at)
    });
    before.collect()
}
