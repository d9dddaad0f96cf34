//! The formats that other programs read: SARIF, JUnit, Code Quality, rdjson, and the page. What they hold,
//! positions counted by hand, what is cut, and hostile text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::gate::{Approval, ApprovalState, Approvals, AskedOfCommits, Outcome, Reason, Verdict};
use flsgate::report::{self, Format};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn write(verdict: &Verdict, format: Format) -> String {
    let mut out = Vec::new();
    report::write(verdict, format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(verdict: &Verdict, format: Format) -> Value {
    serde_json::from_str(&write(verdict, format)).unwrap()
}

fn case(path: &str) -> Verdict {
    common::judge_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(path))
}

/// A restricted field granted on line 5; a comment with a letter of two bytes stands before the element.
fn wide() -> Verdict {
    let label =
        "<CustomField>\n<securityClassification>Restricted</securityClassification>\n</CustomField>\n";
    let granted = "<PermissionSet>\n    <fieldPermissions>\n        <editable>false</editable>\n        \
                   <field>Contact.SSN__c</field>\n        <!-- é --><readable>true</readable>\n    \
                   </fieldPermissions>\n</PermissionSet>\n";
    let files = |set: &str| -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([
            ("objects/Contact/fields/SSN__c.field-meta.xml".to_owned(), label.into()),
            ("permissionsets/Desk & Co.permissionset-meta.xml".to_owned(), set.into()),
        ])
    };
    common::judge(&files("<PermissionSet/>\n"), &files(granted))
}

fn approved(verdict: Verdict) -> Verdict {
    let approval = Approval {
        login: "dana".into(),
        id: 7,
        review: 1,
        commit: "1".repeat(40),
        authority: "named".into(),
        tree: None,
        counts_for: vec![0],
    };
    let asked = AskedOfCommits::from([(approval.commit.clone(), Ok(verdict.asked()))]);
    let given = Approvals {
        state: ApprovalState::Given,
        approvals: vec![approval],
        reason: None,
        ..Approvals::not_read("")
    };
    verdict.approve(given, &asked)
}

#[test]
fn sarif_has_exact_places_and_what_github_asks_for() {
    let sarif = json(&wide(), Format::Sarif);
    let run = &sarif["runs"][0];
    let result = &run["results"][0];
    let physical = &result["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "permissionsets/Desk%20%26%20Co.permissionset-meta.xml");
    // Eight blanks and ten characters of comment; the element has 25.
    let region = serde_json::json!({ "startLine": 5, "startColumn": 19, "endLine": 5, "endColumn": 44 });
    assert_eq!(physical["region"], region);
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), flsgate::rules::RULES.len() + 4);
    assert_eq!(
        rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]["id"],
        result["ruleId"]
    );
    for rule in rules {
        for text in ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
            let text = rule.pointer(text).unwrap().as_str().unwrap();
            assert!(!text.is_empty() && !text.contains("]("), "{}: {text}", rule["id"]);
        }
        assert!(rule["fullDescription"]["text"].as_str().unwrap().len() <= 1024);
        let score: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert!((0.1..=10.0).contains(&score) && rule["properties"]["tags"].as_array().unwrap().len() <= 10);
    }
    let print = result["partialFingerprints"]["flsgate/v1"].as_str().unwrap();
    assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], format!("{print}:1"));
    assert_eq!(run["automationDetails"]["id"], "flsgate/check/");
    assert_eq!(result["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"], region);
    insta::assert_json_snapshot!("sarif_result", result);
}

#[test]
fn sarif_tells_what_is_undecided_as_results() {
    let verdict = case("restricted-field-grant/undecided-cut-off");
    let sarif = json(&verdict, Format::Sarif);
    let run = &sarif["runs"][0];
    assert_eq!(
        (verdict.outcome, run["invocations"][0]["executionSuccessful"].as_bool()),
        (Outcome::Undecided, Some(false))
    );
    assert_eq!(run["results"][0]["ruleId"], "undecided");
    assert_eq!(run["results"][0]["level"], "error");
    assert_eq!(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 5);
}

#[test]
fn sarif_suppresses_what_somebody_has_agreed_to() {
    let justified = json(&case("restricted-field-grant/justified-and-approved-on-base"), Format::Sarif);
    let results = justified["runs"][0]["results"].as_array().unwrap();
    let result = results.iter().find(|r| r["ruleId"] == "settled").unwrap();
    assert_eq!(result["level"], "note");
    let suppression = &result["suppressions"][0];
    assert_eq!(
        (suppression["kind"].as_str(), suppression["status"].as_str()),
        (Some("external"), Some("accepted"))
    );
    let entry = suppression["location"]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert!(entry.starts_with(".flsgate/justifications/"), "{entry}");
    assert!(results.iter().all(|r| r["level"] == "note"));
    // GitHub shows the weight of the rule: a passed run must not show as high.
    let rules = justified["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let settled = rules.iter().find(|r| r["id"] == "settled").unwrap();
    assert_eq!(settled["properties"]["security-severity"], "2.0");

    let waiting = case("awaiting-approval/new-reason-for-a-restricted-field");
    let before = json(&waiting, Format::Sarif);
    assert!(before["runs"][0]["results"][0]["suppressions"].is_null());
    let after = json(&approved(waiting), Format::Sarif);
    let why = after["runs"][0]["results"][0]["suppressions"][0]["justification"].as_str().unwrap();
    assert!(why.starts_with("approved by `dana`"), "{why}");
}

#[test]
fn sarif_walks_from_the_grantor_to_the_data() {
    let sarif = json(&case("derived-field-access/through-two-formulas"), Format::Sarif);
    let result = &sarif["runs"][0]["results"][0];
    let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    let texts: Vec<&str> = steps.iter().map(|s| s["location"]["message"]["text"].as_str().unwrap()).collect();
    assert!(texts[0].starts_with("through field permission") && texts.len() >= 3, "{texts:?}");
    let (label, hops) = texts[1..].split_last().unwrap();
    assert!(hops.iter().all(|t| t.contains("` reads `")) && label.starts_with("the label: "), "{texts:?}");
    // Without a grantor the way starts at the definition.
    for path in [
        "label-of-what-it-reads-rises",
        "label-rises-two-hops-away",
        "formula-comes-to-read-it-under-a-grant",
    ] {
        let sarif = json(&case(&format!("derived-field-access/{path}")), Format::Sarif);
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let result = results.iter().find(|r| r["ruleId"] == "derived-field-access").unwrap();
        let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
        let last = steps.last().unwrap()["location"]["message"]["text"].as_str().unwrap();
        assert!(steps.len() >= 2 && last.starts_with("the label: "), "{path}: {steps:#?}");
    }
    let group = json(&case("group-access/new-member-with-a-classified-field"), Format::Sarif);
    assert!(group["runs"][0]["results"][0]["relatedLocations"].as_array().is_some_and(|r| !r.is_empty()));
}

/// GitHub keeps 5,000 results, and results with one fingerprint are one to it.
#[test]
fn sarif_keeps_the_weightiest_and_counts_the_rest() {
    let mut verdict = wide();
    let mut note = verdict.findings[0].clone();
    note.severity = flsgate::finding::Severity::Note;
    let error = verdict.findings[0].clone();
    verdict.findings = std::iter::repeat_n(error, 4_000).chain(std::iter::repeat_n(note, 2_345)).collect();
    let sarif = json(&verdict, Format::Sarif);
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!((results.len(), run["properties"]["leftOut"].as_u64()), (5_000, Some(1_346)));
    assert_eq!(results.iter().filter(|r| r["level"] == "error").count(), 4_000);
    assert_eq!(results[4_999]["ruleId"], "left-out");
    assert!(results[4_999]["message"]["text"].as_str().unwrap().starts_with("1346 more results"));
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert!(told.iter().any(|t| t["message"]["text"].as_str().unwrap().starts_with("1346 more")));
    let prints: BTreeSet<&str> = results
        .iter()
        .map(|r| r["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap())
        .collect();
    assert_eq!(prints.len(), 5_000);
}

/// Warnings about input come before notes, and places beyond the limit are counted.
#[test]
fn sarif_orders_by_weight_and_counts_places_too() {
    let mut verdict = wide();
    let mut note = verdict.findings[0].clone();
    note.severity = flsgate::finding::Severity::Note;
    let related = note.related[0].clone();
    verdict.findings = std::iter::repeat_n(note, 5_100).collect();
    verdict.findings[0].related = std::iter::repeat_n(related, 1_003).collect();
    verdict.warnings.push(Reason { path: "x.xml".into(), position: None, message: "not read".into() });
    let sarif = json(&verdict, Format::Sarif);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(
        (results[0]["ruleId"].as_str(), results[0]["level"].as_str()),
        (Some("input"), Some("warning"))
    );
    assert_eq!(results[1]["relatedLocations"].as_array().unwrap().len(), 1_000);
    assert!(results[1]["message"]["text"].as_str().unwrap().ends_with("Note: and 3 more places"));
}

/// What only the base has is on no line of the head.
#[test]
fn places_of_the_base_are_told_as_such() {
    let verdict = case("profile-omission-keeps-grant/entry-deleted");
    let finding = &json(&verdict, Format::Json { all: true })["findings"][0];
    assert_eq!(
        (finding["location"]["on_base"].as_bool(), finding["location"]["line"].as_u64()),
        (Some(true), Some(4))
    );
    let result = &json(&verdict, Format::Sarif)["runs"][0]["results"][0];
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 1);
    assert!(result["message"]["text"].as_str().unwrap().contains(" (line 4 of the base)"));
    let issue = &json(&verdict, Format::Gitlab)[0];
    assert_eq!(issue["location"]["lines"]["begin"], 1);
    let diagnostic = &json(&verdict, Format::Rdjson)["diagnostics"][0];
    assert_eq!(diagnostic["location"]["range"]["start"]["line"], 1);
    let log = write(&verdict, Format::Github);
    assert!(
        log.contains(",title=profile-omission-keeps-grant::") && log.contains("line 4 of the base"),
        "{log}"
    );
    assert!(!log.contains(",line=4"), "{log}");
}

/// Elements of a name in the XML, read by an XML reader.
fn elements(xml: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let mut reader = quick_xml::Reader::from_str(xml);
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                *counts.entry(tag.name().as_ref().to_owned()).or_default() += 1;
            }
            quick_xml::events::Event::Eof => return counts,
            _ => {}
        }
    }
}

fn sums(xml: &str, name: &str) -> Vec<usize> {
    let value = |line: &str| line.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?.parse().ok();
    xml.lines().filter(|l| l.trim_start().starts_with("<testsuite ")).filter_map(value).collect()
}

#[test]
fn junit_counts_are_those_of_its_tests() {
    let cases = [
        ("restricted-field-grant/undecided-cut-off", 0, 1, flsgate::rules::RULES.len()),
        ("view-all-fields/gained-over-classified-fields", 1, 0, 1),
        ("derived-field-access/operation-of-a-masked-roll-up-changes", 1, 0, 1),
    ];
    for (path, failures, errors, skipped) in cases {
        let xml = write(&case(path), Format::Junit);
        let seen = elements(&xml);
        let of = |name: &str| seen.get(name).copied().unwrap_or_default();
        assert_eq!((of("failure"), of("error"), of("skipped")), (failures, errors, skipped), "{path}\n{xml}");
        for (attribute, element) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            assert_eq!(sums(&xml, attribute).iter().sum::<usize>(), of(element), "{path}: {attribute}");
        }
        let head = format!(
            "<testsuites name=\"flsgate\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
            of("testcase")
        );
        assert!(xml.contains(&head), "{path}: {head}\n{xml}");
    }
    let agreed = write(&approved(case("awaiting-approval/new-reason-for-a-restricted-field")), Format::Junit);
    assert_eq!((elements(&agreed).get("failure"), elements(&agreed).get("skipped")), (None, Some(&2)));
    let quiet = write(&case("restricted-field-grant/justified-and-approved-on-base"), Format::Junit);
    assert_eq!(elements(&quiet)["testcase"], flsgate::rules::RULES.len(), "a report is never empty");
    assert_eq!(elements(&quiet)["skipped"], 1, "`unlabelled-field` is off");
    // Without its policy a run asks no rule, so none passes.
    let broken = elements(&write(&case("policy-changed/undecided-broken-on-base"), Format::Junit));
    assert_eq!(broken["testcase"], broken["skipped"] + broken["error"]);
    insta::assert_snapshot!("junit", write(&wide(), Format::Junit));
}

#[test]
fn code_quality_has_one_fingerprint_an_issue() {
    let mut verdict = wide();
    verdict.findings.push(verdict.findings[0].clone());
    let issues = json(&verdict, Format::Gitlab);
    let issues = issues.as_array().unwrap();
    let prints: BTreeSet<&str> = issues.iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), issues.len());
    assert_eq!(issues[0]["location"]["lines"], serde_json::json!({ "begin": 5, "end": 5 }));
    assert_eq!(
        (issues[0]["severity"].as_str(), issues[0]["check_name"].as_str()),
        (Some("critical"), Some("restricted-field-grant"))
    );
    let undecided = json(&case("restricted-field-grant/undecided-cut-off"), Format::Gitlab);
    assert_eq!(undecided[0]["severity"], "blocker");
    insta::assert_json_snapshot!("gitlab", issues);
}

#[test]
fn rdjson_columns_count_bytes() {
    let report = json(&wide(), Format::Rdjson);
    let diagnostic = &report["diagnostics"][0];
    // One more than the characters: the letter before the element has two bytes.
    let range =
        serde_json::json!({ "start": { "line": 5, "column": 20 }, "end": { "line": 5, "column": 45 } });
    assert_eq!(diagnostic["location"]["range"], range);
    assert_eq!(diagnostic["suggestions"][0]["range"], range);
    assert_eq!(diagnostic["suggestions"][0]["text"], "<readable>false</readable>");
    assert_eq!(diagnostic["severity"], "ERROR");
}

/// The data of a page, as its script reads it.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn the_page_has_the_report_and_the_source_around_each_finding() {
    let page = write(&wide(), Format::Html);
    let data = data(&page);
    assert_eq!(data["report"], json(&wide(), Format::Json { all: true }));
    assert_eq!(data["excerpts"][0]["first_line"], 3);
    assert_eq!(data["excerpts"][0]["lines"].as_array().unwrap().len(), 5);
    assert_eq!(data["excerpts"][0]["lines"][2], "        <!-- é --><readable>true</readable>");
    assert_eq!(data["rules"]["restricted-field-grant"]["controls"][0], "SBS-ACS-011");
    for outside in ["http://", "src=", "href=\"http", "@import", "url("] {
        let text = page.split("id=\"data\"").next().unwrap();
        assert!(!text.contains(outside), "the page asks for something: {outside}");
    }
}

#[test]
fn the_page_says_what_it_is_evidence_of() {
    let files = |policy: &str| -> BTreeMap<String, Vec<u8>> {
        let policy = [(".flsgate/policy.yml".to_owned(), policy.into())];
        policy.into_iter().filter(|(_, text): &(_, Vec<u8>)| !text.is_empty()).collect()
    };
    let readme = BTreeMap::from([("README.md".to_owned(), b"x".to_vec())]);
    let about = |verdict: &Verdict| data(&write(verdict, Format::Html))["about"].clone();
    let judged = wide();
    let built_in = about(&judged);
    assert_eq!((&built_in["policy"], &built_in["idle"]), (&"built in".into(), &false.into()));
    assert_eq!(built_in["today"], judged.today.to_string());
    // Without metadata a pass proves nothing.
    let own = common::judge(&files("version: 1\n"), &readme);
    let policy = format!("`.flsgate/policy.yml` of {}", &own.base[..12]);
    assert_eq!((&about(&own)["policy"], &about(&own)["idle"]), (&policy.into(), &true.into()));
    let broken = common::judge(&files("tiers: 7\n"), &readme);
    assert_eq!(about(&broken)["policy"], "cannot be read");
    let (next, finding) = (&data(&write(&judged, Format::Html))["next"][0], &judged.findings[0]);
    let paste = finding.paste.as_ref().unwrap();
    assert!(next["text"].as_str().unwrap().contains(&paste.path));
    assert_eq!(next["paste"], format!("{}{}", paste.head, paste.text));
}

#[test]
fn hostile_text_leaves_no_format_by_its_syntax() {
    let evil = "</script><script>alert(1)</script><!-- ]]>&\"'\u{1b}[31m\u{202e}\u{ffff}[x](http://evil.example) ##vso[a]";
    let mut verdict = wide();
    for finding in &mut verdict.findings {
        finding.message = evil.to_owned();
        finding.help = evil.to_owned();
        finding.notes = vec![evil.to_owned()];
        finding.here = evil.to_owned();
    }
    for format in ["sarif", "gitlab", "rdjson", "html", "junit"] {
        let text = write(&verdict, Format::named(format).unwrap());
        let hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.chars().any(hidden), "{format}");
        assert!(!text.contains("##vso["), "{format}");
    }
    let page = write(&verdict, Format::Html);
    assert_eq!(page.matches("</script>").count(), 2, "the data and the script end once each");
    assert_eq!(data(&page)["report"]["findings"][0]["message"], evil);
    let xml = write(&verdict, Format::Junit);
    assert!(elements(&xml)["failure"] == 1 && !xml.contains('\u{ffff}'));
    let sarif = json(&verdict, Format::Sarif);
    let text = sarif["runs"][0]["results"][0]["message"]["text"].as_str().unwrap();
    assert!(!text.contains("[x](") && text.contains("\\[x\\]("), "no link: {text}");
}

#[test]
fn the_same_verdict_gives_the_same_bytes_in_every_format() {
    for name in Format::NAMES {
        let format = Format::named(name).unwrap();
        assert_eq!(write(&wide(), format), write(&wide(), format), "{name}");
    }
    assert!(Format::named("xml").is_none());
}

/// Whoever reads a pass must see what did not look.
#[test]
fn every_report_names_the_rules_that_the_policy_turns_off() {
    let verdict = case("guard-switched-off/justified-by-turning-the-rule-off-in-the-policy");
    let line = "turned off by the policy: `guard-switched-off`";
    let style = flsgate::report::Style { color: false, width: 140, detail: flsgate::report::Detail::Normal };
    for format in [Format::Terminal(style), Format::Concise, Format::Github] {
        assert!(write(&verdict, format).contains(line), "{format:?}");
    }
    assert!(write(&verdict, Format::Markdown).contains("turned off by the policy"));
    assert_eq!(
        json(&verdict, Format::Json { all: false })["rules_off"],
        serde_json::json!(["guard-switched-off", "unlabelled-field"])
    );
    let none = json(&case("label-lowered/label-removed-under-several-grants"), Format::Json { all: false });
    assert_eq!(none["rules_off"], serde_json::json!(["unlabelled-field"]));
}
