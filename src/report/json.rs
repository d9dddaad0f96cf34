//! The JSON contract, version 1. Described in `docs/json-output.md`; key order is fixed.

use super::rows::{Holder, Rows};
use super::sanitize::escape_json;
use super::summary;
use crate::finding::{Finding, Label, Place, RouteKind, RouteStep, Severity, Subject};
use crate::gate::{Door, Reason, Relabelled, Verdict};
use crate::words::{Access, FieldName, PrincipalClass, State, Tier};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::Arc;

const VERSION: u32 = 1;

/// Writes it. Access to fields of tier 1 is counted, and listed where `all` of it is asked for.
pub(super) fn write(verdict: &Verdict, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let listed = |door: &&Door| all || door.subject.tier != Some(Tier::Open);
    let mut shown = Shown::all(verdict);
    for list in [&mut shown.opened, &mut shown.closed] {
        list.retain(listed);
    }
    write_shown(verdict, &shown, out)
}

/// Writes one line for each access: what exists, or what is new or wider. Fields of tier 1 where `all` is asked for.
pub(super) fn write_lines(verdict: &Verdict, all: bool, out: &mut dyn Write) -> io::Result<()> {
    for door in verdict.opened.iter().filter(|door| all || door.subject.tier != Some(Tier::Open)) {
        let text = serde_json::to_string(&JsonAccess::new(door))?;
        writeln!(out, "{}", escape_json(&text))?;
    }
    Ok(())
}

/// The parts of a verdict that may be long.
pub(super) struct Shown<'v> {
    pub(super) findings: Vec<&'v Finding>,
    pub(super) opened: Vec<&'v Door>,
    pub(super) closed: Vec<&'v Door>,
}

impl<'v> Shown<'v> {
    pub(super) fn all(verdict: &'v Verdict) -> Self {
        Shown {
            findings: verdict.findings.iter().collect(),
            opened: verdict.opened.iter().collect(),
            closed: verdict.closed.iter().collect(),
        }
    }
}

/// The same with of what may be long that alone which is shown.
pub(super) fn write_shown(verdict: &Verdict, shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::new(out);
    rows.value("version", &VERSION)?;
    rows.value("verdict", &verdict.outcome)?;
    match verdict.standing {
        true => rows.value("revision", &verdict.head)?,
        false => {
            rows.value("base", &verdict.base)?;
            rows.value("head", &verdict.head)?;
        }
    }
    rows.list("findings", shown.findings.iter().map(|finding| JsonFinding::new(finding)))?;
    let listed = shown.opened.len() + shown.closed.len();
    let of_all = verdict.all_opened() + verdict.closed.len();
    if verdict.standing {
        rows.list("access", shown.opened.iter().map(|door| JsonAccess::new(door)))?;
        rows.value("accepted", &verdict.all_accepted())?;
        rows.value("accepted_since", &summary::by_month(verdict))?;
    } else {
        rows.list("new_access", shown.opened.iter().map(|door| JsonAccess::new(door)))?;
        rows.list("removed_access", shown.closed.iter().map(|door| JsonAccess::new(door)))?;
        rows.list("labels_changed", verdict.labels_changed.iter().map(JsonRelabelled::new))?;
        rows.value("approval", &verdict.approvals)?;
    }
    rows.value("not_listed", &(of_all - listed))?;
    rows.value("switched_off", &verdict.switched_off)?;
    rows.value("rules_off", &verdict.rules_off().iter().map(|rule| rule.id).collect::<Vec<_>>())?;
    rows.list("undecided", verdict.undecided.iter().map(JsonReason::new))?;
    rows.list("warnings", verdict.warnings.iter().map(JsonReason::new))?;
    rows.list("remarks", &verdict.remarks)?;
    rows.value("read", &verdict.read)?;
    rows.end()
}

#[derive(Serialize)]
struct JsonFinding<'v> {
    rule: &'v str,
    severity: Severity,
    message: &'v str,
    help: &'v str,
    fingerprint: String,
    #[serde(flatten)]
    holder: Holder<'v>,
    user_type: Option<PrincipalClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<u64>,
    field: Option<&'v str>,
    access: Option<Access>,
    tier: Option<Tier>,
    label: Option<JsonLabel<'v>>,
    through: Vec<JsonStep<'v>>,
    location: JsonLocation<'v>,
    related: Vec<JsonRelated<'v>>,
    notes: &'v [String],
    approvable: bool,
    justification: Option<JsonLocation<'v>>,
}

impl<'v> JsonFinding<'v> {
    fn new(finding: &'v Finding) -> Self {
        let subject = &finding.subject;
        JsonFinding {
            rule: finding.rule.id,
            severity: finding.severity,
            message: &finding.message,
            help: &finding.help,
            fingerprint: finding.fingerprint(),
            holder: Holder(subject.grantor.as_ref().map(|(grantor, _)| grantor)),
            user_type: subject.grantor.as_ref().map(|(_, user_type)| *user_type),
            users: subject.users,
            field: subject.field.as_ref().map(|f| f.as_str()),
            access: subject.access,
            tier: subject.tier,
            label: JsonLabel::new(subject),
            through: subject.route.iter().map(JsonStep::new).collect(),
            location: JsonLocation::new(&finding.place),
            related: finding
                .related
                .iter()
                .map(|r| JsonRelated { message: &r.message, location: JsonLocation::new(&r.place) })
                .collect(),
            notes: &finding.notes,
            approvable: finding.approvable,
            justification: subject.justification.as_ref().map(JsonLocation::new),
        }
    }
}

/// One access, a row that stands alone.
#[derive(Serialize)]
struct JsonAccess<'v> {
    #[serde(flatten)]
    holder: Holder<'v>,
    user_type: Option<PrincipalClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<u64>,
    field: Option<&'v str>,
    access: Option<Access>,
    tier: Option<Tier>,
    classification: Option<&'v str>,
    compliance_groups: &'v [String],
    label: Option<JsonPoint<'v>>,
    known: bool,
    state: Option<State>,
    kept_by_org: bool,
    through: Vec<JsonStep<'v>>,
    path: &'v str,
    line: u32,
    justification: Option<JsonPoint<'v>>,
}

impl<'v> JsonAccess<'v> {
    fn new(door: &'v Door) -> Self {
        let subject = &door.subject;
        let label = subject.label.as_ref();
        let JsonPoint { path, line } = JsonPoint::new(&door.place);
        JsonAccess {
            holder: Holder(subject.grantor.as_ref().map(|(grantor, _)| grantor)),
            user_type: subject.grantor.as_ref().map(|(_, user_type)| *user_type),
            users: subject.users,
            field: subject.field.as_ref().map(|f| f.as_str()),
            access: subject.access,
            tier: subject.tier,
            classification: label.and_then(|(label, _)| label.classification.as_deref()),
            compliance_groups: label.map_or(&[], |(label, _)| &label.compliance_groups),
            label: label.and_then(|(_, place)| place.as_ref()).map(JsonPoint::new),
            known: door.known,
            state: door.state,
            kept_by_org: door.kept_by_org,
            through: subject.route.iter().map(JsonStep::new).collect(),
            path,
            line,
            justification: subject.justification.as_ref().map(JsonPoint::new),
        }
    }
}

#[derive(Serialize)]
struct JsonRelabelled<'v> {
    field: &'v str,
    before: Option<JsonTier<'v>>,
    after: Option<JsonTier<'v>>,
    label_of: Option<&'v str>,
    location: Option<JsonLocation<'v>>,
}

impl<'v> JsonRelabelled<'v> {
    fn new(change: &'v Relabelled) -> Self {
        let side = |side: &'v Option<(Arc<Label>, Tier)>| {
            side.as_ref().map(|(label, tier)| JsonTier {
                classification: label.classification.as_deref(),
                compliance_groups: &label.compliance_groups,
                tier: *tier,
            })
        };
        JsonRelabelled {
            field: change.field.as_str(),
            before: side(&change.before),
            after: side(&change.after),
            label_of: change.label_of.as_ref().map(FieldName::as_str),
            location: change.place.as_ref().map(JsonLocation::new),
        }
    }
}

#[derive(Serialize)]
struct JsonTier<'v> {
    classification: Option<&'v str>,
    compliance_groups: &'v [String],
    tier: Tier,
}

#[derive(Serialize)]
struct JsonReason<'v> {
    path: &'v str,
    line: Option<u32>,
    column: Option<u32>,
    message: &'v str,
}

impl<'v> JsonReason<'v> {
    fn new(reason: &'v Reason) -> Self {
        JsonReason {
            path: reason.path.as_str(),
            line: reason.position.map(|p| p.line),
            column: reason.position.map(|p| p.column),
            message: &reason.message,
        }
    }
}

#[derive(Serialize)]
struct JsonLabel<'v> {
    classification: Option<&'v str>,
    compliance_groups: &'v [String],
    source: Option<JsonPoint<'v>>,
}

impl<'v> JsonLabel<'v> {
    fn new(subject: &'v Subject) -> Option<Self> {
        let (label, place) = subject.label.as_ref()?;
        Some(JsonLabel {
            classification: label.classification.as_deref(),
            compliance_groups: &label.compliance_groups,
            source: place.as_ref().map(JsonPoint::new),
        })
    }
}

#[derive(Serialize)]
struct JsonPoint<'v> {
    path: &'v str,
    line: u32,
}

impl<'v> JsonPoint<'v> {
    fn new(place: &'v Place) -> Self {
        JsonPoint { path: place.path().as_str(), line: place.location().start.line }
    }
}

#[derive(Serialize)]
struct JsonStep<'v> {
    kind: RouteKind,
    #[serde(flatten)]
    point: JsonPoint<'v>,
}

impl<'v> JsonStep<'v> {
    fn new(step: &'v RouteStep) -> Self {
        JsonStep { kind: step.kind, point: JsonPoint::new(&step.place) }
    }
}

#[derive(Serialize)]
struct JsonRelated<'v> {
    message: &'v str,
    location: JsonLocation<'v>,
}

#[derive(Serialize)]
struct JsonLocation<'v> {
    path: &'v str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    on_base: bool,
}

impl<'v> JsonLocation<'v> {
    fn new(place: &'v Place) -> Self {
        let location = place.location();
        JsonLocation {
            path: place.path().as_str(),
            line: location.start.line,
            column: location.start.column,
            end_line: location.end.line,
            end_column: location.end.column,
            on_base: place.is_of_base(),
        }
    }
}
