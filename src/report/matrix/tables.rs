//! The data of the page: what repeats stands once, in tables. Its script tells the shape.

use super::json_parts::{JsonGap, JsonHop, JsonMuted, JsonWritten};
use super::{Change, Matrix, MatrixCell, MatrixField, MatrixGrantor, OwnLabel, Point, Status, Written};
use crate::report::sanitize::escape_json;
use crate::source::RepoPath;
use crate::words::{Access, FieldName, GrantorKind, PrincipalClass, Tier};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

const VERSION: u32 = 1;

/// The data as JSON.
pub(super) fn text(matrix: &Matrix) -> io::Result<String> {
    let tables = Tables::new(matrix);
    let mut text = format!("{{\"version\":{VERSION}");
    for (key, value) in [("title", &matrix.title), ("revision", &matrix.revision), ("policy", &matrix.policy)]
    {
        text.push_str(&format!(",\n\"{key}\":{}", serde_json::to_string(value)?));
    }
    text.push_str(&format!(",\n\"delta\":{}", matrix.delta));
    text.push_str(&format!(",\n\"as_of\":\"{}\"", matrix.as_of));
    text.push_str(&format!(",\n\"evidence\":{}", serde_json::to_string(&matrix.evidence())?));
    text.push_str(&format!(",\n\"filters\":{}", serde_json::to_string(&matrix.filters)?));
    let lookup = JsonLookup { head: matrix.lookup.head.as_deref(), base: matrix.lookup.base.as_deref() };
    text.push_str(&format!(",\n\"lookup\":{}", serde_json::to_string(&lookup)?));
    list(&mut text, "paths", tables.paths.keys().map(|path| path.as_str()))?;
    list(&mut text, "fields", matrix.fields.iter().map(|f| JsonField::new(f, &tables)))?;
    list(&mut text, "grantors", matrix.grantors.iter().map(JsonGrantor::new))?;
    list(
        &mut text,
        "justifications",
        tables.justifications.keys().map(|j| JsonWritten::new(j, |at| tables.point(at))),
    )?;
    list(&mut text, "cells", matrix.cells.iter().map(|c| JsonCell::new(c, &tables)))?;
    list(&mut text, "muted", matrix.muted.iter().map(|m| JsonMuted::new(m, |at| tables.point(at))))?;
    list(&mut text, "gaps", matrix.gaps.iter().map(|g| JsonGap::new(g, |at| tables.point(at))))?;
    text.push_str("}\n");
    Ok(escape_json(&text).into_owned())
}

fn list<T: Serialize>(text: &mut String, key: &str, items: impl Iterator<Item = T>) -> io::Result<()> {
    text.push_str(&format!(",\n\"{key}\":["));
    for (at, item) in items.enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(&item)?);
    }
    text.push(']');
    Ok(())
}

/// What repeats, each once, and its position.
struct Tables<'m> {
    paths: BTreeMap<&'m RepoPath, usize>,
    justifications: BTreeMap<&'m Written, usize>,
}

impl<'m> Tables<'m> {
    fn new(matrix: &'m Matrix) -> Self {
        let written: BTreeSet<&Written> =
            matrix.cells.iter().filter_map(|c| c.justification.as_deref()).collect();
        let own = matrix.fields.iter().filter_map(|f| f.own.as_ref()?.source.as_ref());
        let labels = matrix.fields.iter().filter_map(|f| f.source.as_ref()).chain(own);
        let hops = matrix.cells.iter().flat_map(|c| &c.route).map(|h| &h.at);
        let points = labels.chain(hops).chain(written.iter().map(|w| &w.at));
        let points =
            points.chain(matrix.muted.iter().map(|m| &m.at)).chain(matrix.gaps.iter().map(|g| &g.at));
        let paths: BTreeSet<&RepoPath> = points.map(|p| &p.path).collect();
        Tables {
            paths: paths.into_iter().zip(0..).collect(),
            justifications: written.into_iter().zip(0..).collect(),
        }
    }

    fn point(&self, point: &Point) -> JsonPoint {
        JsonPoint { path: self.paths.get(&point.path).copied(), line: point.line, on_base: point.on_base }
    }
}

#[derive(Serialize)]
struct JsonPoint {
    path: Option<usize>,
    line: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    on_base: bool,
}

#[derive(Serialize)]
struct JsonLookup<'m> {
    head: Option<&'m str>,
    base: Option<&'m str>,
}

#[derive(Serialize)]
struct JsonField<'m> {
    name: &'m str,
    classification: Option<&'m str>,
    groups: &'m [String],
    tier: Tier,
    owner: Option<&'m str>,
    source: Option<JsonPoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<JsonOwn<'m>>,
}

impl<'m> JsonField<'m> {
    fn new(field: &'m MatrixField, tables: &Tables<'_>) -> Self {
        JsonField {
            name: field.name.as_str(),
            classification: field.label.classification.as_deref(),
            groups: &field.label.compliance_groups,
            tier: field.tier,
            owner: field.owner.as_deref(),
            source: field.source.as_ref().map(|p| tables.point(p)),
            own: field.own.as_ref().map(|own| JsonOwn::new(own, tables)),
        }
    }
}

/// The label that the field itself declares.
#[derive(Serialize)]
struct JsonOwn<'m> {
    classification: Option<&'m str>,
    groups: &'m [String],
    tier: Tier,
    source: Option<JsonPoint>,
    from: Option<&'m str>,
}

impl<'m> JsonOwn<'m> {
    fn new(own: &'m OwnLabel, tables: &Tables<'_>) -> Self {
        JsonOwn {
            classification: own.label.classification.as_deref(),
            groups: &own.label.compliance_groups,
            tier: own.tier,
            source: own.source.as_ref().map(|p| tables.point(p)),
            from: own.from.as_ref().map(FieldName::as_str),
        }
    }
}

#[derive(Serialize)]
struct JsonGrantor<'m> {
    kind: GrantorKind,
    name: &'m str,
    principal: PrincipalClass,
    users: Option<u64>,
}

impl<'m> JsonGrantor<'m> {
    fn new(of: &'m MatrixGrantor) -> Self {
        JsonGrantor {
            kind: of.grantor.kind,
            name: of.grantor.name(),
            principal: of.principal,
            users: of.users,
        }
    }
}

/// What does not apply is left out: a large matrix is a third smaller.
#[derive(Serialize)]
struct JsonCell<'m> {
    f: usize,
    g: usize,
    access: Access,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Access>,
    route: Vec<JsonHop<'m, JsonPoint>>,
    justification: Option<usize>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'m [String],
}

impl<'m> JsonCell<'m> {
    fn new(cell: &'m MatrixCell, tables: &Tables<'_>) -> Self {
        JsonCell {
            f: cell.field,
            g: cell.grantor,
            access: cell.access,
            status: cell.status,
            change: cell.change,
            before: cell.before,
            route: cell.route.iter().map(|h| JsonHop::new(h, |at| tables.point(at))).collect(),
            justification: cell.justification.as_deref().and_then(|j| tables.justifications.get(j)).copied(),
            notes: &cell.notes,
        }
    }
}
