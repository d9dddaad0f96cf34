//! The JSON contract, version 1. Described in `docs/json-output.md`; key order is fixed.

use super::sanitize::escape_json;
use crate::finding::{Finding, Label, Place, RouteKind, RouteStep, Severity, Subject};
use crate::gate::{Approvals, Door, Outcome, ReadCounts, Reason, Relabelled, Verdict};
use crate::words::{Access, GrantorKind, PrincipalClass, Tier};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::Arc;

const VERSION: u32 = 1;

pub(super) fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let all = Shown::all(verdict);
    let text = match verdict.standing {
        true => serde_json::to_string_pretty(&Audit::new(verdict, &all)),
        false => serde_json::to_string_pretty(&Report::new(verdict, &all)),
    };
    writeln!(out, "{}", escape_json(&text.map_err(io::Error::from)?))
}

/// The same on one line, for data inside something else, and of what may be long that is shown alone. Nothing in
/// it is escaped for a log.
pub(super) fn compact(verdict: &Verdict, shown: &Shown<'_>) -> io::Result<String> {
    let text = match verdict.standing {
        true => serde_json::to_string(&Audit::new(verdict, shown)),
        false => serde_json::to_string(&Report::new(verdict, shown)),
    };
    text.map_err(io::Error::from)
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

/// What stands, instead of a change.
#[derive(Serialize)]
struct Audit<'v> {
    version: u32,
    verdict: Outcome,
    revision: Option<&'v str>,
    findings: Vec<JsonFinding<'v>>,
    exposures: Vec<JsonDoor<'v>>,
    accepted: usize,
    switched_off: usize,
    undecided: Vec<JsonReason<'v>>,
    warnings: Vec<JsonReason<'v>>,
    read: &'v ReadCounts,
}

impl<'v> Audit<'v> {
    fn new(verdict: &'v Verdict, shown: &Shown<'v>) -> Self {
        Audit {
            version: VERSION,
            verdict: verdict.outcome,
            revision: verdict.head.as_deref(),
            findings: shown.findings.iter().copied().map(JsonFinding::new).collect(),
            exposures: shown.opened.iter().copied().map(JsonDoor::new).collect(),
            accepted: verdict.accepted,
            switched_off: verdict.switched_off,
            undecided: verdict.undecided.iter().map(JsonReason::new).collect(),
            warnings: verdict.warnings.iter().map(JsonReason::new).collect(),
            read: &verdict.read,
        }
    }
}

#[derive(Serialize)]
struct Report<'v> {
    version: u32,
    verdict: Outcome,
    base: &'v str,
    head: Option<&'v str>,
    findings: Vec<JsonFinding<'v>>,
    opened: Vec<JsonDoor<'v>>,
    closed: Vec<JsonDoor<'v>>,
    labels_changed: Vec<JsonRelabelled<'v>>,
    approval: Option<&'v Approvals>,
    switched_off: usize,
    undecided: Vec<JsonReason<'v>>,
    warnings: Vec<JsonReason<'v>>,
    read: &'v ReadCounts,
}

impl<'v> Report<'v> {
    fn new(verdict: &'v Verdict, shown: &Shown<'v>) -> Self {
        Report {
            version: VERSION,
            verdict: verdict.outcome,
            base: &verdict.base,
            head: verdict.head.as_deref(),
            findings: shown.findings.iter().copied().map(JsonFinding::new).collect(),
            opened: shown.opened.iter().copied().map(JsonDoor::new).collect(),
            closed: shown.closed.iter().copied().map(JsonDoor::new).collect(),
            labels_changed: verdict.labels_changed.iter().map(JsonRelabelled::new).collect(),
            approval: verdict.approvals.as_ref(),
            switched_off: verdict.switched_off,
            undecided: verdict.undecided.iter().map(JsonReason::new).collect(),
            warnings: verdict.warnings.iter().map(JsonReason::new).collect(),
            read: &verdict.read,
        }
    }
}

#[derive(Serialize)]
struct JsonFinding<'v> {
    rule: &'v str,
    severity: Severity,
    message: &'v str,
    help: &'v str,
    fingerprint: String,
    grantor: Option<JsonGrantor<'v>>,
    field: Option<&'v str>,
    access: Option<Access>,
    tier: Option<Tier>,
    label: Option<JsonLabel<'v>>,
    route: Vec<JsonStep<'v>>,
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
            grantor: JsonGrantor::new(subject),
            field: subject.field.as_ref().map(|f| f.as_str()),
            access: subject.access,
            tier: subject.tier,
            label: JsonLabel::new(subject),
            route: subject.route.iter().map(JsonStep::new).collect(),
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

#[derive(Serialize)]
struct JsonDoor<'v> {
    grantor: Option<JsonGrantor<'v>>,
    field: Option<&'v str>,
    access: Option<Access>,
    tier: Option<Tier>,
    known: bool,
    kept_by_org: bool,
    label: Option<JsonLabel<'v>>,
    route: Vec<JsonStep<'v>>,
    location: JsonLocation<'v>,
    justification: Option<JsonLocation<'v>>,
}

impl<'v> JsonDoor<'v> {
    fn new(door: &'v Door) -> Self {
        let subject = &door.subject;
        JsonDoor {
            grantor: JsonGrantor::new(subject),
            field: subject.field.as_ref().map(|f| f.as_str()),
            access: subject.access,
            tier: subject.tier,
            known: door.known,
            kept_by_org: door.kept_by_org,
            label: JsonLabel::new(subject),
            route: subject.route.iter().map(JsonStep::new).collect(),
            location: JsonLocation::new(&door.place),
            justification: subject.justification.as_ref().map(JsonLocation::new),
        }
    }
}

#[derive(Serialize)]
struct JsonRelabelled<'v> {
    field: &'v str,
    before: Option<JsonTier<'v>>,
    after: Option<JsonTier<'v>>,
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
struct JsonGrantor<'v> {
    kind: GrantorKind,
    name: &'v str,
    principal: PrincipalClass,
}

impl<'v> JsonGrantor<'v> {
    fn new(subject: &'v Subject) -> Option<Self> {
        let (grantor, principal) = subject.grantor.as_ref()?;
        Some(JsonGrantor { kind: grantor.kind, name: grantor.name(), principal: *principal })
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
