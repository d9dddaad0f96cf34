//! The matrix as JSON, version 1: rows that stand alone, one access a line, so that a committed one shows in a diff
//! what changed.

use super::json_parts::{JsonGap, JsonHop, JsonMuted, JsonWritten};
use super::{Change, Matrix, MatrixCell, MatrixField, MatrixGrantor, OwnLabel, Point, Status};
use crate::report::rows::{Holder, Rows};
use crate::words::{Access, FieldName, PrincipalClass, Tier};
use serde::Serialize;
use std::io::{self, Write};

const VERSION: u32 = 1;

pub(super) fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::new(out);
    rows.value("version", &VERSION)?;
    for (key, value) in [("title", &matrix.title), ("revision", &matrix.revision), ("policy", &matrix.policy)]
    {
        rows.value(key, value)?;
    }
    rows.value("delta", &matrix.delta)?;
    rows.value("as_of", &matrix.as_of.to_string())?;
    rows.value("flsgate", &env!("CARGO_PKG_VERSION"))?;
    rows.value("filters", &matrix.filters)?;
    rows.list("access", matrix.rows().map(|(field, holder, cell)| Row::new(field, holder, cell)))?;
    rows.list("not_reached", matrix.unreached().map(JsonField::new))?;
    rows.list("muted", matrix.muted.iter().map(|m| JsonMuted::new(m, JsonPoint::new)))?;
    rows.list("not_read", matrix.gaps.iter().map(|g| JsonGap::new(g, JsonPoint::new)))?;
    rows.end()
}

#[derive(Serialize)]
struct JsonPoint<'m> {
    path: &'m str,
    line: Option<u32>,
}

impl<'m> JsonPoint<'m> {
    fn new(point: &'m Point) -> Self {
        JsonPoint { path: point.path.as_str(), line: point.line }
    }
}

/// A field with its label.
#[derive(Serialize)]
struct JsonField<'m> {
    field: &'m str,
    tier: Tier,
    classification: Option<&'m str>,
    compliance_groups: &'m [String],
    owner: Option<&'m str>,
    label: Option<JsonPoint<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own_label: Option<JsonOwn<'m>>,
}

impl<'m> JsonField<'m> {
    fn new(field: &'m MatrixField) -> Self {
        JsonField {
            field: field.name.as_str(),
            tier: field.tier,
            classification: field.label.classification.as_deref(),
            compliance_groups: &field.label.compliance_groups,
            owner: field.owner.as_deref(),
            label: field.source.as_ref().map(JsonPoint::new),
            own_label: field.own.as_ref().map(JsonOwn::new),
        }
    }
}

/// The label that a field itself declares, where it counts as another one.
#[derive(Serialize)]
struct JsonOwn<'m> {
    tier: Tier,
    classification: Option<&'m str>,
    compliance_groups: &'m [String],
    counts_as: Option<&'m str>,
    label: Option<JsonPoint<'m>>,
}

impl<'m> JsonOwn<'m> {
    fn new(own: &'m OwnLabel) -> Self {
        JsonOwn {
            tier: own.tier,
            classification: own.label.classification.as_deref(),
            compliance_groups: &own.label.compliance_groups,
            counts_as: own.from.as_ref().map(FieldName::as_str),
            label: own.source.as_ref().map(JsonPoint::new),
        }
    }
}

/// One access, with all that is known of it.
#[derive(Serialize)]
struct Row<'m> {
    #[serde(flatten)]
    field: JsonField<'m>,
    #[serde(flatten)]
    holder: Holder<'m>,
    user_type: PrincipalClass,
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<u64>,
    access: Access,
    state: Status,
    change: Option<Change>,
    before: Option<Access>,
    through: Vec<JsonHop<'m, JsonPoint<'m>>>,
    justification: Option<JsonWritten<'m, JsonPoint<'m>>>,
    notes: &'m [String],
}

impl<'m> Row<'m> {
    fn new(field: &'m MatrixField, holder: &'m MatrixGrantor, cell: &'m MatrixCell) -> Self {
        Row {
            field: JsonField::new(field),
            holder: Holder(Some(&holder.grantor)),
            user_type: holder.principal,
            users: holder.users,
            access: cell.access,
            state: cell.status,
            change: cell.change,
            before: cell.before,
            through: cell.route.iter().map(|hop| JsonHop::new(hop, JsonPoint::new)).collect(),
            justification: cell.justification.as_deref().map(|w| JsonWritten::new(w, JsonPoint::new)),
            notes: &cell.notes,
        }
    }
}
