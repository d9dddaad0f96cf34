//! Findings, reasons and justified exposures as SARIF results.

use super::rules::{INPUT, LEFT_OUT, UNDECIDED, level};
use super::types::{
    Artifact, Change, CodeFlow, Fix, FlowLocation, Location, Outcome, Physical, Region, Replacement, Rule,
    Suppression, Text, ThreadFlow,
};
use crate::finding::{Finding, Place, RouteKind, Subject};
use crate::gate::{Door, Reason, Verdict};
use crate::report::fix::fix;
use crate::report::sanitize::{address, clean};
use crate::words::{Access, Tier};
use std::collections::BTreeMap;

/// Results that GitHub keeps of an upload.
const MAX_RESULTS: usize = 5_000;
/// Related places that it keeps of a result.
const MAX_RELATED: usize = 100;

/// The results that there is room for, and how many there was none for.
pub(super) fn results(verdict: &Verdict, rules: &[Rule]) -> (Vec<Outcome>, usize) {
    let undecided = verdict.undecided.iter().map(|r| reason(UNDECIDED, "error", r));
    let findings = verdict.findings.iter().map(finding);
    let input = verdict.warnings.iter().map(|r| reason(INPUT, "warning", r));
    let justified = verdict.opened.iter().filter_map(justified);
    let mut all = undecided.chain(findings).chain(input).chain(justified);
    let mut results: Vec<Outcome> = all.by_ref().take(MAX_RESULTS).collect();
    let mut left_out = all.count();
    if left_out > 0
        && let Some(last) = results.pop()
    {
        left_out += 1;
        let [at] = last.locations;
        results.push(result(LEFT_OUT, "warning", cut(left_out), at, LEFT_OUT.to_owned()));
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for result in &mut results {
        result.rule_index = rules.iter().position(|r| r.id == result.rule_id).unwrap_or_default();
        // GitHub takes results with one fingerprint for one result.
        if let Some(own) = result.partial_fingerprints.get("flsgate/v1").cloned() {
            let count = seen.entry(own.clone()).or_default();
            *count += 1;
            result.partial_fingerprints.insert("primaryLocationLineHash", format!("{own}:{count}"));
        }
    }
    (results, left_out)
}

pub(super) fn cut(left_out: usize) -> String {
    format!("{left_out} more results are left out of this file; `--format json` has all of them")
}

fn result(
    rule_id: &'static str,
    level: &'static str,
    text: String,
    location: Location,
    fingerprint: String,
) -> Outcome {
    Outcome {
        rule_id,
        rule_index: 0,
        level,
        message: Text { text },
        locations: [location],
        related_locations: Vec::new(),
        code_flows: Vec::new(),
        partial_fingerprints: BTreeMap::from([("flsgate/v1", fingerprint)]),
        suppressions: Vec::new(),
        fixes: Vec::new(),
    }
}

fn finding(finding: &Finding) -> Outcome {
    let mut text = message(&finding.message);
    for (what, more) in [("Next", finding.help.as_str())]
        .into_iter()
        .chain(finding.notes.iter().map(|note| ("Note", note.as_str())))
        .filter(|(_, more)| !more.is_empty())
    {
        text.push_str(&format!("\n{what}: {}", message(more)));
    }
    let place = place(&finding.place, Some(&finding.here));
    let level = level(finding.severity);
    Outcome {
        related_locations: related(finding),
        code_flows: flow(finding).into_iter().collect(),
        suppressions: finding.settled.iter().map(|why| suppression(why, None)).collect(),
        fixes: fixes(finding).into_iter().collect(),
        ..result(finding.rule.id, level, text, place, finding.fingerprint())
    }
}

fn reason(rule: &'static str, level: &'static str, reason: &Reason) -> Outcome {
    result(rule, level, message(&reason.message), reason_place(reason), reason.fingerprint())
}

/// An opened door that a justification settles: told as suppressed under the rule that would report it.
fn justified(door: &Door) -> Option<Outcome> {
    let subject = &door.subject;
    let entry = subject.justification.as_ref()?;
    let rule = asks(subject)?;
    let (grantor, _) = subject.grantor.as_ref()?;
    let (field, access) = (subject.field.as_ref()?, subject.access?);
    let text = message(&format!("{grantor} opens `{field}` for {access}, and a justification covers it"));
    let access = access.to_string();
    let parts = ["justified", grantor.kind.words(), grantor.name(), field.as_str(), &access];
    let fingerprint = crate::finding::fingerprint(parts);
    let at = entry.location().start;
    let why = format!("justified at {}:{at}", entry.path());
    Some(Outcome {
        suppressions: vec![suppression(&why, Some(place(entry, None)))],
        ..result(rule, "note", text, place(&door.place, None), fingerprint)
    })
}

/// The rule that would ask for a justification.
fn asks(subject: &Subject) -> Option<&'static str> {
    let first = subject.route.first()?;
    Some(match (first.kind, subject.tier?, subject.access?) {
        (RouteKind::PermissionSetGroup, ..) => "group-exposure",
        (RouteKind::ViewAllFields, ..) => "view-all-fields",
        (RouteKind::SystemPermission, ..) => "broad-system-permission",
        (RouteKind::ObjectPermissions, ..) => "field-leaves-fls",
        (RouteKind::RecordAccess, ..) => "record-access-bypass",
        (RouteKind::FieldPermissions, Tier::Restricted, _) => "restricted-field-grant",
        (RouteKind::FieldPermissions, _, Access::Edit) => "classified-edit",
        (RouteKind::FieldPermissions, _, Access::Read) => "conditional-field-grant",
    })
}

fn suppression(why: &str, location: Option<Location>) -> Suppression {
    Suppression { kind: "external", status: "accepted", justification: clean(why), location }
}

fn related(finding: &Finding) -> Vec<Location> {
    let related = finding.related.iter().map(|r| (&r.place, r.message.as_str()));
    let entry = finding.subject.justification.iter().map(|place| (place, "the justification"));
    let places = related.chain(entry).take(MAX_RELATED).enumerate();
    places.map(|(at, (p, text))| Location { id: Some(at + 1), ..place(p, Some(text)) }).collect()
}

/// The way from the grantor to the data: the steps of the route, then what a derived field reads, hop by
/// hop, to the label that it ends at.
fn flow(finding: &Finding) -> Option<CodeFlow> {
    let route = &finding.subject.route;
    let hops = finding.related.iter().filter(|r| r.message.contains("` reads `"));
    let derived = hops.clone().next().is_some();
    let steps = route.iter().map(|step| (&step.place, format!("opens by {}", step.kind.as_str())));
    let hops = hops.map(|r| (&r.place, r.message.clone()));
    let label = finding.subject.label.iter().filter_map(|(label, place)| {
        let place = place.as_ref().filter(|_| !derived)?;
        Some((place, format!("the label: {label}")))
    });
    let way: Vec<_> = steps.chain(hops).chain(label).collect();
    if !derived && route.len() < 2 {
        return None;
    }
    let locations =
        way.into_iter().map(|(p, text)| FlowLocation { location: place(p, Some(&text)) }).collect();
    Some(CodeFlow { thread_flows: [ThreadFlow { locations }] })
}

fn fixes(finding: &Finding) -> Option<Fix> {
    let fix = fix(finding)?;
    let at = Place::new(&finding.place.file, fix.span);
    Some(Fix {
        description: Text { text: "take the grant back".to_owned() },
        artifact_changes: [Change {
            artifact_location: artifact(&finding.place),
            replacements: [Replacement {
                deleted_region: region(&at),
                inserted_content: Text { text: fix.text.to_owned() },
            }],
        }],
    })
}

fn artifact(place: &Place) -> Artifact {
    Artifact { uri: address(place.path().as_str()) }
}

fn region(place: &Place) -> Region {
    let location = place.location();
    Region {
        start_line: location.start.line,
        start_column: location.start.column,
        end_line: location.end.line,
        end_column: location.end.column,
    }
}

fn place(place: &Place, text: Option<&str>) -> Location {
    let message = text.filter(|t| !t.is_empty()).map(|text| Text { text: message(text) });
    let physical_location = Physical { artifact_location: artifact(place), region: region(place) };
    Location { id: None, physical_location, message }
}

/// A reason without a position is about the whole file, and stands at its start.
pub(super) fn reason_place(reason: &Reason) -> Location {
    let (line, column) = reason.position.map_or((1, 1), |at| (at.line, at.column));
    let region = Region { start_line: line, start_column: column, end_line: line, end_column: column };
    let artifact_location = Artifact { uri: address(reason.path.as_str()) };
    Location { id: None, physical_location: Physical { artifact_location, region }, message: None }
}

/// Text of a message. Brackets would make links of it (SARIF 2.1.0, 3.11.6).
pub(super) fn message(text: &str) -> String {
    clean(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}
