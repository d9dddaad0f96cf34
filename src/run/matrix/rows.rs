//! Rows of the matrix while their places are still known: fields and accesses of what stands, or of what a
//! change alters.

use super::cells::{self, Judged, Reasoned, Step};
use crate::access::{Closed, Exposure, MutedAway, muted_away};
use crate::finding::{Label, Place};
use crate::judge::{Judge, Pair};
use crate::org::Org;
use crate::policy::Holders;
use crate::report::matrix::{
    Change, Hop, Matrix, MatrixCell, MatrixField, MatrixGrantor, Muted, OwnLabel, Point, Status, Written,
};
use crate::tiers::{Classified, Known, cap};
use crate::words::{Access, FieldName, Grantor, PrincipalClass, Tier};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A field and the place of its label.
struct FieldRow {
    label: Arc<Label>,
    tier: Tier,
    owner: Option<String>,
    source: Option<Place>,
    own: Option<OwnRow>,
}

/// The label that a field itself declares, where it counts as another one.
struct OwnRow {
    label: Arc<Label>,
    tier: Tier,
    source: Option<Place>,
    from: Option<FieldName>,
}

impl OwnRow {
    fn new(classified: &Classified) -> Option<Self> {
        let own = classified.own();
        if (own.tier, &own.label) == (classified.tier, &classified.label) {
            return None;
        }
        Some(OwnRow {
            label: own.label.clone(),
            tier: own.tier,
            source: own.place().cloned(),
            from: classified.derived.as_ref().map(|from| from.input.field.clone()),
        })
    }
}

/// One access.
pub(super) struct Row {
    field: FieldName,
    grantor: Grantor,
    /// Who holds it, and how many, where an export counts them.
    held_by: PrincipalClass,
    access: Access,
    change: Option<Change>,
    before: Option<Access>,
    route: Vec<Step>,
    judged: Judged,
}

/// All of them.
#[derive(Default)]
pub(super) struct Rows {
    fields: BTreeMap<FieldName, FieldRow>,
    cells: Vec<Row>,
    muted: Vec<MutedAway>,
}

impl Rows {
    /// Every access that stands, and classified fields that nobody reaches.
    pub(super) fn standing(cx: &Judge<'_>, org: &Org<'_>, all: bool) -> Self {
        let mut rows = Rows::default();
        for opened in &cx.delta.opened {
            let exposure = &opened.exposure;
            let classified = cx.classified(&exposure.field);
            if all || classified.tier > Tier::Open {
                rows.field(&exposure.field, classified);
                rows.cells.push(row(cx, exposure, classified, None));
            }
        }
        // Grants may call a field by another name than its file does; then that name has its rows.
        let reached: BTreeSet<FieldName> = rows.fields.keys().filter_map(|f| org.alias_of(f)).collect();
        for change in cx.delta.label_changes.iter().chain(&cx.facts.dependents) {
            let classified = cx.classified(&change.field);
            let known = !matches!(classified.known, Known::Unknown);
            if classified.tier > Tier::Open && known && !reached.contains(&change.whole) {
                rows.field(&change.field, classified);
            }
        }
        rows.mute(cx, org);
        rows
    }

    /// What groups do not give of these fields, since they mute it.
    fn mute(&mut self, cx: &Judge<'_>, org: &Org<'_>) {
        let fields: BTreeSet<FieldName> = self.fields.keys().cloned().collect();
        let all =
            muted_away(org, &fields).into_iter().map(|away| match cx.classified(&away.field).computed {
                true => MutedAway { access: Access::Read, ..away },
                false => away,
            });
        self.muted.extend(all.filter(|away| away.left < Some(away.access)));
    }

    /// What the change does to accesses.
    pub(super) fn of_change(cx: &Judge<'_>, all: bool) -> Self {
        let mut rows = Rows::default();
        let mut told = BTreeSet::new();
        for opened in cx.opened() {
            told.insert((&opened.exposure.grantor, &opened.exposure.field));
            rows.opened(cx, opened, all);
        }
        for closed in &cx.delta.closed {
            told.insert((&closed.exposure.grantor, &closed.exposure.field));
            rows.closed(cx, closed, all);
        }
        for exposure in &cx.delta.omitted {
            told.insert((&exposure.grantor, &exposure.field));
            rows.altered(cx, exposure, &exposure.field, all, |row| {
                let notes =
                    vec!["the file of the profile no longer mentions it, which revokes nothing".to_owned()];
                row.change = Some(Change::Removed);
                row.judged = Judged { status: Status::Kept, written: None, notes };
            });
        }
        for change in cx.delta.label_changes.iter().chain(&cx.facts.dependents) {
            if relabelled(cx, &change.field).is_none() {
                continue;
            }
            for grantor in cx.facts.standing.values() {
                let Some(exposure) = grantor.exposures.get(&change.field) else { continue };
                // Which may be a grant under another name of the field, whose label is that of all of them.
                if told.insert((&exposure.grantor, &exposure.field)) {
                    let finish = |row: &mut Row| row.change = Some(Change::Relabelled);
                    let access = cap(exposure.access, cx.classified(&change.field));
                    let reached = Exposure { access, ..exposure.clone() };
                    rows.altered(cx, &reached, &change.field, all, finish);
                }
            }
        }
        rows
    }

    fn opened(&mut self, cx: &Judge<'_>, opened: &Pair<'_>, all: bool) {
        self.altered(cx, &opened.exposure, &opened.exposure.field, all, |row| {
            row.change = Some(if opened.before.is_some() { Change::Widened } else { Change::Added });
            row.before = opened.before;
            if opened.before == Some(opened.exposure.access) {
                let to = cx.user_type(&opened.exposure.grantor);
                row.judged.notes.push(format!("the access exists already; now {to} users can hold it"));
            }
        });
    }

    fn closed(&mut self, cx: &Judge<'_>, closed: &Closed, all: bool) {
        let exposure = &closed.exposure;
        if let Some(after) = closed.after {
            let access = cx.delta.landing.get(&exposure.grantor);
            let left = access.and_then(|a| a.reach(&exposure.grantor, &exposure.field));
            let left = left.unwrap_or_else(|| Exposure { access: after, ..exposure.clone() });
            self.altered(cx, &left, &left.field, all, |row| {
                row.change = Some(Change::Narrowed);
                row.before = Some(exposure.access);
            });
            return;
        }
        self.altered(cx, exposure, &exposure.field, all, |row| {
            row.change = Some(Change::Removed);
            row.judged = Judged { status: Status::Removed, written: None, notes: Vec::new() };
        });
    }

    /// A row of a change, where either side has the field in a tier that is asked for. `labelled` is the name
    /// under which its label is known.
    fn altered(
        &mut self,
        cx: &Judge<'_>,
        exposure: &Exposure,
        labelled: &FieldName,
        all: bool,
        finish: impl FnOnce(&mut Row),
    ) {
        let (before, after) = (cx.classified_before(labelled), cx.classified(labelled));
        if !all && before.tier.max(after.tier) == Tier::Open {
            return;
        }
        // A field that the change deletes has its label on the base.
        let gone = matches!(after.known, Known::Unknown);
        let classified = if gone { before } else { after };
        self.field(&exposure.field, classified);
        let mut row = row(cx, exposure, classified, relabelled(cx, labelled));
        finish(&mut row);
        self.cells.push(row);
    }

    fn field(&mut self, field: &FieldName, classified: &Classified) {
        self.fields.entry(field.clone()).or_insert_with(|| FieldRow {
            label: classified.label.clone(),
            tier: classified.tier,
            owner: classified.owner.clone(),
            source: classified.place().cloned(),
            own: OwnRow::new(classified),
        });
    }

    /// Its fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = &FieldName> {
        self.fields.keys()
    }

    /// Every place, to be moved.
    pub(super) fn places(&mut self) -> impl Iterator<Item = &mut Place> {
        let labels = self.fields.values_mut().flat_map(|field| {
            field.own.iter_mut().filter_map(|own| own.source.as_mut()).chain(field.source.as_mut())
        });
        let cells = self.cells.iter_mut().flat_map(|row| {
            let written = row.judged.written.iter_mut().map(|w| &mut w.place);
            row.route.iter_mut().map(|s| &mut s.place).chain(written)
        });
        labels.chain(cells)
    }

    /// Fields, grantors and cells, sorted.
    pub(super) fn into_matrix(mut self, lines: bool, holders: &Holders) -> Matrix {
        let point = |place: &Place| Point {
            path: place.path().clone(),
            line: lines.then(|| place.location().start.line),
            on_base: place.is_of_base(),
        };
        let grantors: BTreeMap<Grantor, PrincipalClass> =
            self.cells.iter().map(|row| (row.grantor.clone(), row.held_by)).collect();
        let at_grantor: BTreeMap<&Grantor, usize> = grantors.keys().zip(0..).collect();
        let at_field: BTreeMap<&FieldName, usize> = self.fields.keys().zip(0..).collect();
        self.cells.sort_by(|a, b| {
            let key = |row: &Row| (row.change, std::cmp::Reverse(row.access), row.judged.status);
            (&a.field, &a.grantor).cmp(&(&b.field, &b.grantor)).then_with(|| key(a).cmp(&key(b)))
        });
        let mut known: BTreeSet<Arc<Written>> = BTreeSet::new();
        let mut written = |reasoned: Reasoned| {
            let [text, compliance, owner, ticket, expires] = reasoned.texts;
            let at = point(&reasoned.place);
            let new = Arc::new(Written { text, compliance, owner, ticket, expires, at });
            if let Some(same) = known.get(&new) {
                return Arc::clone(same);
            }
            known.insert(Arc::clone(&new));
            new
        };
        let cells = self.cells.into_iter().filter_map(|row| {
            Some(MatrixCell {
                field: *at_field.get(&row.field)?,
                grantor: *at_grantor.get(&row.grantor)?,
                access: row.access,
                status: row.judged.status,
                change: row.change,
                before: row.before,
                route: row
                    .route
                    .iter()
                    .map(|step| Hop { kind: step.kind, at: point(&step.place), text: step.text.clone() })
                    .collect(),
                justification: row.judged.written.map(&mut written),
                notes: row.judged.notes,
            })
        });
        let cells = cells.collect();
        let field = |(name, row): (&FieldName, &FieldRow)| MatrixField {
            name: name.clone(),
            label: row.label.clone(),
            tier: row.tier,
            owner: row.owner.clone(),
            source: row.source.as_ref().map(point),
            own: row.own.as_ref().map(|own| OwnLabel {
                label: own.label.clone(),
                tier: own.tier,
                source: own.source.as_ref().map(point),
                from: own.from.clone(),
            }),
        };
        let muted = self.muted.iter().map(|away| Muted {
            field: away.field.clone(),
            group: away.group.name().to_owned(),
            access: away.access,
            left: away.left,
            by: away.by.clone(),
            at: point(&away.place),
        });
        Matrix {
            fields: self.fields.iter().map(field).collect(),
            grantors: grantors
                .iter()
                .map(|(grantor, principal)| MatrixGrantor {
                    grantor: grantor.clone(),
                    principal: *principal,
                    users: holders.of(grantor).map(|held| held.users),
                })
                .collect(),
            cells,
            muted: muted.collect(),
            ..Matrix::default()
        }
    }
}

/// One access as it would land. `note` says how the field's label changes.
fn row(cx: &Judge<'_>, exposure: &Exposure, classified: &Classified, note: Option<String>) -> Row {
    let mut judged = cells::judge(cx, exposure, classified);
    judged.notes.extend(note);
    Row {
        field: exposure.field.clone(),
        grantor: exposure.grantor.clone(),
        held_by: cx.user_type(&exposure.grantor),
        access: exposure.access,
        change: None,
        before: None,
        route: cells::route(cx, exposure, classified),
        judged,
    }
}

/// How the label of a field changes that both sides know.
fn relabelled(cx: &Judge<'_>, field: &FieldName) -> Option<String> {
    let (before, after) = (cx.classified_before(field), cx.classified(field));
    let unknown = |c: &Classified| matches!(c.known, Known::Unknown);
    if unknown(before) || unknown(after) || (before.tier, &before.label) == (after.tier, &after.label) {
        return None;
    }
    let words = |c: &Classified| format!("{} ({})", c.tier, c.label);
    let own = |c: &Classified| (c.own().tier, c.own().label.clone());
    Some(match own(before) == own(after) {
        true => {
            format!("it counts as {} by what it reads, and counted as {} before", words(after), words(before))
        }
        false => format!("the label changes from {} to {}", words(before), words(after)),
    })
}
