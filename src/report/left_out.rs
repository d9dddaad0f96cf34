//! What the page of a verdict has no room for, counted as the page counts what it has: its totals and rankings are of
//! the whole.

use crate::finding::{Finding, Severity};
use crate::gate::Door;
use crate::report::matrix::Status;
use crate::words::{GrantorKind, State, Tier};
use serde::Serialize;
use std::collections::BTreeMap;

/// By weight, tier and state; accesses by the tables of the overview as well.
#[derive(Default, Serialize)]
pub(super) struct LeftOut {
    findings: BTreeMap<Severity, usize>,
    new: BTreeMap<Tier, usize>,
    new_states: BTreeMap<State, usize>,
    new_tables: Tables,
    removed: BTreeMap<Tier, usize>,
    removed_kept: usize,
    removed_tables: Tables,
}

/// By table and by row, how many of each tier.
type Tables = BTreeMap<&'static str, BTreeMap<String, BTreeMap<Tier, usize>>>;

impl LeftOut {
    pub(super) fn new(findings: &[&Finding], new: &[&Door], removed: &[&Door]) -> Self {
        LeftOut {
            findings: counts(findings.iter().map(|finding| finding.severity)),
            new: counts(new.iter().map(|door| tier(door))),
            new_states: counts(new.iter().filter_map(|door| door.state)),
            new_tables: tables(new),
            removed: counts(removed.iter().map(|door| tier(door))),
            removed_kept: removed.iter().filter(|door| door.kept_by_org).count(),
            removed_tables: tables(removed),
        }
    }
}

/// The tier of an access; what is not known counts as the worst.
pub(super) fn tier(door: &Door) -> Tier {
    door.subject.tier.unwrap_or(Tier::Restricted)
}

pub(super) fn counts<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

/// Rows by the values of the page's filters: what is not there has an empty one.
fn tables(doors: &[&Door]) -> Tables {
    let mut tables = Tables::new();
    for door in doors {
        let subject = &door.subject;
        let grantor = subject.grantor.as_ref();
        let field = subject.field.as_ref();
        let steps: Vec<&str> = subject.route.iter().map(|step| step.kind.as_str()).collect();
        for (table, row) in [
            ("state", door.state.map(|state| Status::from(state).key().to_owned())),
            ("user_type", grantor.map(|(_, user_type)| user_type.to_string())),
            ("holder", grantor.map(|(grantor, _)| format!("{}:{}", kind(grantor.kind), grantor.name()))),
            ("object", field.map(|field| field.object().to_owned())),
            ("through", Some(steps.join(">"))),
        ] {
            let rows = tables.entry(table).or_default();
            *rows.entry(row.unwrap_or_default()).or_default().entry(tier(door)).or_default() += 1;
        }
    }
    tables
}

/// As the page calls it.
fn kind(kind: GrantorKind) -> &'static str {
    match kind {
        GrantorKind::PermissionSet => "permission_set",
        GrantorKind::PermissionSetGroup => "permission_set_group",
        GrantorKind::Profile => "profile",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]
mod tests {
    use super::*;
    use crate::finding::{Place, Subject};
    use crate::source::{RepoPath, SourceFile, Span};
    use crate::words::{FieldName, Grantor, PrincipalClass};
    use std::sync::Arc;

    #[test]
    fn what_is_left_out_has_its_rows_in_each_table_of_the_page() {
        let file = Arc::new(SourceFile::new(RepoPath::from("a.xml"), Vec::new()));
        let door = |kind, name: &str, tier| Door {
            subject: Subject {
                grantor: Some((Grantor::new(kind, name), PrincipalClass::Guest)),
                field: FieldName::of("Contact", "SSN__c"),
                tier,
                ..Subject::default()
            },
            place: Place::new(&file, Span { start: 0, end: 0 }),
            known: true,
            state: Some(State::NeedsApproval),
            kept_by_org: false,
            ends: None,
        };
        let doors = [
            door(GrantorKind::PermissionSetGroup, "Care", Some(Tier::Open)),
            door(GrantorKind::PermissionSetGroup, "Care", None),
            door(GrantorKind::Profile, "Admin", Some(Tier::Open)),
        ];
        let all: Vec<&Door> = doors.iter().collect();
        let left = serde_json::to_value(LeftOut::new(&[], &all, &[])).unwrap();
        assert_eq!(
            left["new_tables"],
            serde_json::json!({
                "state": {"needs_approval": {"open": 2, "restricted": 1}},
                "user_type": {"guest": {"open": 2, "restricted": 1}},
                "holder": {"permission_set_group:Care": {"open": 1, "restricted": 1}, "profile:Admin": {"open": 1}},
                "object": {"Contact": {"open": 2, "restricted": 1}},
                "through": {"": {"open": 2, "restricted": 1}},
            })
        );
        assert_eq!(left["removed_tables"], serde_json::json!({}));
    }
}
