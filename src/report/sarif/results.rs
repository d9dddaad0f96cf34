//! Findings, reasons and justified exposures as SARIF results.

use super::rules::{INPUT, LEFT_OUT, SETTLED, UNDECIDED, level};
use super::types::{
    Artifact, Change, CodeFlow, Fix, FlowLocation, Location, Outcome, Physical, Region, Replacement, Rule,
    Suppression, Text, ThreadFlow,
};
use crate::finding::{Finding, Place};
use crate::gate::{Door, Reason, Verdict};
use crate::report::fix::fix;
use crate::report::sanitize::{address, clean};
use crate::words::{capital, counted};
use std::collections::BTreeMap;

/// Results that GitHub keeps of an upload.
const MAX_RESULTS: usize = 5_000;
/// Related places of a result. What GitHub does with more is not documented.
const MAX_RELATED: usize = 1_000;

/// The results that there is room for, and how many there was none for.
pub(super) fn results(verdict: &Verdict, rules: &[Rule]) -> (Vec<Outcome>, usize) {
    let undecided = verdict.undecided.iter().map(|r| reason(UNDECIDED, "error", r));
    let findings = verdict.findings.iter().map(finding);
    let input = verdict.warnings.iter().map(|r| reason(INPUT, "warning", r));
    let justified = verdict.opened.iter().filter_map(justified);
    let mut results: Vec<Outcome> = undecided.chain(findings).chain(input).chain(justified).collect();
    let weight = |result: &Outcome| ["error", "warning", "note"].iter().position(|l| *l == result.level);
    results.sort_by_key(weight);
    let mut left_out = results.len().saturating_sub(MAX_RESULTS);
    results.truncate(MAX_RESULTS);
    if left_out > 0
        && let Some(last) = results.pop()
    {
        left_out += 1;
        let [at] = last.locations;
        results.push(result(LEFT_OUT, "warning", cut(left_out), at, LEFT_OUT.to_owned()));
    }
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for result in &mut results {
        result.rule_index = rules.iter().position(|r| r.id == result.rule_id).unwrap_or_default();
        // GitHub takes results with one fingerprint for one result.
        if let Some(own) = result.partial_fingerprints.get("flsgate/v1").cloned() {
            let [at] = &result.locations;
            let file = at.physical_location.artifact_location.uri.clone();
            let count = seen.entry((file, own.clone())).or_default();
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
    if finding.place.is_of_base() {
        text.push_str(&format!(" (line {} of the base)", finding.place.location().start.line));
    }
    for (what, more) in [("Next", finding.help.as_str())]
        .into_iter()
        .chain(finding.notes.iter().map(|note| ("Note", note.as_str())))
        .filter(|(_, more)| !more.is_empty())
    {
        text.push_str(&format!("\n{what}: {}", message(more)));
    }
    let related = related(finding);
    if finding.related.len() > MAX_RELATED {
        text.push_str(&format!(
            "\nNote: and {}",
            counted(finding.related.len() - MAX_RELATED, "more place", "more places")
        ));
    }
    let place = place(&finding.place, Some(&finding.here));
    let level = level(finding.severity);
    let rule = if finding.settled.is_some() { SETTLED } else { finding.rule.id };
    Outcome {
        related_locations: related,
        code_flows: flow(finding).into_iter().collect(),
        suppressions: finding.settled.iter().map(|why| suppression(why, None)).collect(),
        fixes: fixes(finding).into_iter().collect(),
        ..result(rule, level, text, place, finding.fingerprint())
    }
}

fn reason(rule: &'static str, level: &'static str, reason: &Reason) -> Outcome {
    result(rule, level, message(&reason.message), reason_place(reason), reason.fingerprint())
}

/// An opened door that a justification settles.
fn justified(door: &Door) -> Option<Outcome> {
    let subject = &door.subject;
    let entry = subject.justification.as_ref()?;
    let (grantor, _) = subject.grantor.as_ref()?;
    let (field, access) = (subject.field.as_ref()?, subject.access?);
    let text = message(&format!(
        "{} gives {access} access to `{field}`, and a justification covers it.",
        capital(&grantor.to_string())
    ));
    let access = access.to_string();
    let parts = ["justified", grantor.kind.words(), grantor.name(), field.as_str(), &access];
    let fingerprint = crate::finding::fingerprint(parts);
    let at = entry.location().start;
    let why = format!("justified at {}:{at}", entry.path());
    Some(Outcome {
        suppressions: vec![suppression(&why, Some(place(entry, None)))],
        ..result(SETTLED, "note", text, place(&door.place, None), fingerprint)
    })
}

fn suppression(why: &str, location: Option<Location>) -> Suppression {
    Suppression { kind: "external", status: "accepted", justification: clean(why), location }
}

fn related(finding: &Finding) -> Vec<Location> {
    let related = finding.related.iter().map(|r| (&r.place, r.message.as_str()));
    let entry = finding.subject.justification.iter().map(|place| (place, "the justification"));
    let places = entry.chain(related).take(MAX_RELATED).enumerate();
    places.map(|(at, (p, text))| Location { id: Some(at + 1), ..place(p, Some(text)) }).collect()
}

/// The way from the grantor to the data: the steps of the route, then what a derived field reads, hop by
/// hop, to the label that it ends at.
fn flow(finding: &Finding) -> Option<CodeFlow> {
    let (route, label) = (&finding.subject.route, &finding.subject.label);
    let hops = finding.related.iter().filter(|r| r.on_the_way);
    let derived = hops.clone().next().is_some();
    let mut way: Vec<(&Place, String)> =
        route.iter().map(|step| (&step.place, format!("through {}", step.kind.words()))).collect();
    if derived {
        // Without a grantor the finding stands at the first step itself.
        way.extend(route.is_empty().then(|| (&finding.place, finding.here.clone())));
        way.extend(hops.map(|hop| (&hop.place, hop.message.clone())));
    } else if let Some((label, Some(place))) = label {
        way.push((place, format!("the label: {label}")));
    }
    if way.len() < 2 || !derived && route.len() < 2 {
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

/// A place of the base has no line in the commit that is looked at: its file's first one stands for it.
fn region(place: &Place) -> Region {
    let location = place.location();
    if place.is_of_base() {
        return Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1 };
    }
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
