//! JUnit XML, which every CI server shows: a suite for each rule, a test for each finding.
//!
//! Only what blocks fails. A warning or note is a test that passes and prints; what somebody has agreed to
//! is skipped; what could not be judged is an error. A rule without findings is one test that passes, or is
//! skipped where it was not asked, so a report is never empty. There is no time in it: the same verdict gives the same bytes.

use super::sanitize::clean;
use crate::finding::{Finding, Severity};
use crate::gate::{Outcome, Reason, Verdict};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// How a test ended.
enum End {
    Passed,
    Printed(String),
    Skipped(String),
    Failed { message: String, text: String },
    Broken { message: String, text: String },
}

struct Case {
    name: String,
    end: End,
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

pub(super) fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let suites = suites(verdict);
    let mut writer: Xml<'_> = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all: Vec<&Case> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let root = writer.create_element("testsuites").with_attribute(("name", "flsgate"));
    let counts = counts(&all);
    // The schema that Jenkins reads by knows no `skipped` here (xunit-plugin, `junit-10.xsd`).
    root.with_attributes(attributes(&counts).into_iter().take(3))
        .write_inner_content(|writer| suites.iter().try_for_each(|suite| write_suite(suite, writer)))?;
    writeln!(writer.into_inner())
}

fn suites(verdict: &Verdict) -> Vec<Suite> {
    let mut findings: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for finding in &verdict.findings {
        findings.entry(finding.rule.id).or_default().push(case(finding));
    }
    let reasons = |name: &str, reasons: &[Reason], end: fn(&Reason) -> End| Suite {
        name: name.to_owned(),
        cases: reasons.iter().map(|r| Case { name: xml(r.path.as_str()), end: end(r) }).collect(),
    };
    let broken = |r: &Reason| End::Broken { message: xml(&r.message), text: at(r) };
    let printed = |r: &Reason| End::Printed(format!("warning: {}\n{}", xml(&r.message), at(r)));
    let mut suites = vec![reasons("undecided", &verdict.undecided, broken)];
    suites.extend(verdict.rules.iter().map(|rule| {
        let info = rule.info;
        // A rule that was not asked has nothing to pass, and one without all that it needs to know neither.
        let end = match (rule.severity, verdict.outcome) {
            (None, _) => End::Skipped("the policy switches the rule off".to_owned()),
            (_, Outcome::Undecided) => End::Skipped("the run is undecided".to_owned()),
            _ => End::Passed,
        };
        let nothing = || vec![Case { name: format!("no finding: {}", info.summary), end }];
        Suite { name: info.id.to_owned(), cases: findings.remove(info.id).unwrap_or_else(nothing) }
    }));
    suites.push(reasons("input", &verdict.warnings, printed));
    suites.retain(|suite| !suite.cases.is_empty());
    for suite in &mut suites {
        tell_apart(&mut suite.cases);
    }
    suites
}

/// Servers follow a test by its name.
fn tell_apart(cases: &mut [Case]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases {
        let count = seen.entry(case.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            case.name.push_str(&format!(" ({count})"));
        }
    }
}

fn case(finding: &Finding) -> Case {
    let subject = &finding.subject;
    let grantor = subject.grantor.as_ref().map(|(grantor, _)| grantor.to_string());
    let field = subject.field.as_ref().map(|field| format!("`{field}`"));
    let access = subject.access.map(|access| access.to_string());
    let parts: Vec<String> = [grantor, field, access].into_iter().flatten().collect();
    let name = if parts.is_empty() { finding.place.path().to_string() } else { parts.join(" ") };
    let message = xml(&finding.message);
    let end = match (finding.severity, &finding.settled) {
        (_, Some(why)) => End::Skipped(xml(&format!("{}; {}", finding.message, why))),
        (Severity::Error, None) => End::Failed { message, text: details(finding) },
        (severity, None) => End::Printed(format!("{severity}: {message}\n{}", details(finding))),
    };
    Case { name: xml(&name), end }
}

fn details(finding: &Finding) -> String {
    let place = |place: &crate::finding::Place| {
        format!(
            "{}:{}{}",
            place.path(),
            place.location().start,
            if place.is_of_base() { " on the base" } else { "" }
        )
    };
    let mut lines = vec![place(&finding.place)];
    lines.extend(finding.notes.iter().map(|note| format!("note: {note}")));
    lines.push(format!("help: {}", finding.help));
    lines.extend(finding.related.iter().map(|r| format!("{}: {}", place(&r.place), r.message)));
    lines.iter().map(|line| xml(line)).collect::<Vec<_>>().join("\n")
}

fn at(reason: &Reason) -> String {
    xml(&reason.at())
}

/// XML cannot hold these two at all, and control characters are written out already.
fn xml(text: &str) -> String {
    clean(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn counts(cases: &[&Case]) -> [(&'static str, String); 4] {
    let of = |which: fn(&End) -> bool| cases.iter().filter(|c| which(&c.end)).count().to_string();
    [
        ("tests", cases.len().to_string()),
        ("failures", of(|end| matches!(end, End::Failed { .. }))),
        ("errors", of(|end| matches!(end, End::Broken { .. }))),
        ("skipped", of(|end| matches!(end, End::Skipped(_)))),
    ]
}

fn attributes<'c>(counts: &'c [(&'static str, String); 4]) -> [(&'static str, &'c str); 4] {
    counts.each_ref().map(|(name, count)| (*name, count.as_str()))
}

type Xml<'o> = Writer<&'o mut dyn Write>;

fn write_suite(suite: &Suite, writer: &mut Xml<'_>) -> io::Result<()> {
    let cases: Vec<&Case> = suite.cases.iter().collect();
    let element = writer.create_element("testsuite").with_attribute(("name", suite.name.as_str()));
    let counts = counts(&cases);
    element.with_attributes(attributes(&counts)).write_inner_content(|writer| {
        suite.cases.iter().try_for_each(|case| write_case(&suite.name, case, writer))
    })?;
    Ok(())
}

fn write_case(suite: &str, case: &Case, writer: &mut Xml<'_>) -> io::Result<()> {
    let class = format!("flsgate.{suite}");
    let element = writer
        .create_element("testcase")
        .with_attributes([("classname", class.as_str()), ("name", case.name.as_str())]);
    let told = |writer: &mut Xml<'_>, name: &str, message: &str, text: &str| -> io::Result<()> {
        let kind = ("type", suite);
        let element = writer.create_element(name).with_attributes([("message", message), kind]);
        element.write_text_content(BytesText::new(text)).map(|_| ())
    };
    match &case.end {
        End::Passed => element.write_empty().map(|_| ()),
        End::Printed(text) => element
            .write_inner_content(|w| {
                w.create_element("system-out").write_text_content(BytesText::new(text)).map(|_| ())
            })
            .map(|_| ()),
        End::Skipped(why) => element
            .write_inner_content(|w| {
                w.create_element("skipped")
                    .with_attribute(("message", why.as_str()))
                    .write_empty()
                    .map(|_| ())
            })
            .map(|_| ()),
        End::Failed { message, text } => {
            element.write_inner_content(|w| told(w, "failure", message, text)).map(|_| ())
        }
        End::Broken { message, text } => {
            element.write_inner_content(|w| told(w, "error", message, text)).map(|_| ())
        }
    }
}
