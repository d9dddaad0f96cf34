//! One verdict in every format: snapshots, positions counted by hand, and hostile text that must reach
//! nobody's terminal or runner.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::gate::Verdict;
use flsgate::report::{self, Detail, Format, Style};

fn judge(base: &[(&str, &str)], head: &[(&str, &str)]) -> Verdict {
    let files = |files: &[(&str, &str)]| files.iter().map(|(p, t)| ((*p).into(), (*t).into())).collect();
    common::judge(&files(base), &files(head))
}

fn write(verdict: &Verdict, format: Format) -> String {
    let mut out = Vec::new();
    report::write(verdict, format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The picture of a derived path: the words of the page that GitHub draws.
#[test]
fn markdown_is_stable_and_draws_the_way_to_the_data() {
    insta::assert_snapshot!("markdown", write(&fixed(), Format::Markdown));
    let case = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/derived-field-access"));
    let pages = std::fs::read_dir(case)
        .unwrap()
        .map(|c| write(&common::judge_folder(&c.unwrap().path()), Format::Markdown));
    let drawn: Vec<String> = pages.filter(|p| p.contains("```mermaid\nflowchart LR\n  n0[\"")).collect();
    assert!(!drawn.is_empty());
    for page in drawn {
        let picture = page.split("```mermaid\n").nth(1).unwrap().split("```").next().unwrap();
        let (nodes, arrows) = (picture.matches("[\"").count(), picture.matches(" --> ").count());
        assert!(nodes >= 3 && arrows == nodes - 1, "{picture}");
    }
}

const PLAIN: Format = Format::Terminal(Style { color: false, width: 140, detail: Detail::Normal });

fn entry(field: &str) -> String {
    format!(
        "    <fieldPermissions>\n        <editable>false</editable>\n        <field>{field}</field>\n        \
         <readable>true</readable>\n    </fieldPermissions>\n"
    )
}

fn set(fields: &[&str]) -> String {
    format!("<PermissionSet>\n{}</PermissionSet>\n", fields.iter().map(|f| entry(f)).collect::<String>())
}

fn label(classification: &str) -> String {
    format!(
        "<CustomField>\n    <securityClassification>{classification}</securityClassification>\n</CustomField>\n"
    )
}

fn fixed() -> Verdict {
    let (ssn, empty, granted) = (label("Restricted"), set(&[]), set(&["Contact.SSN__c", "Account.Name"]));
    judge(
        &[
            ("objects/Contact/fields/SSN__c.field-meta.xml", &ssn),
            ("permissionsets/Desk.permissionset-meta.xml", &empty),
        ],
        &[
            ("objects/Contact/fields/SSN__c.field-meta.xml", &ssn),
            ("permissionsets/Desk.permissionset-meta.xml", &granted),
        ],
    )
}

#[test]
fn terminal() {
    insta::assert_snapshot!(write(&fixed(), PLAIN));
}

#[test]
fn github() {
    let text = write(&fixed(), Format::Github);
    insta::assert_snapshot!(text);
    // Line 1 is the root, lines 2 to 6 the entry; `<readable>` follows eight blanks on line 5 and is 25
    // characters long.
    assert!(text.contains("line=5,endLine=5,col=9,endColumn=34,title=restricted-field-grant::"));
}

#[test]
fn json() {
    let text = write(&fixed(), Format::Json { all: true });
    insta::assert_snapshot!(text);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let location = &json["findings"][0]["location"];
    assert_eq!((location["line"].as_u64(), location["column"].as_u64()), (Some(5), Some(9)));
    assert_eq!((location["end_line"].as_u64(), location["end_column"].as_u64()), (Some(5), Some(34)));
    assert_eq!(json["findings"][0]["label"]["source"]["line"], 2);
    assert_eq!(json["new_access"].as_array().unwrap().len(), 2);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in [PLAIN, Format::Github, Format::Json { all: true }] {
        assert_eq!(write(&fixed(), format), write(&fixed(), format));
    }
}

/// Every text an author controls, made of what terminals and runners obey.
fn hostile() -> Verdict {
    let evil = "\u{1b}[31m\u{202e}::error::x##[set-output name=verdict]pass##vso[task.complete]##teamcity[a]";
    let path = format!("permissionsets/a\n::error file=x::forged\r{evil}.permissionset-meta.xml");
    let field_path = "objects/C::warning::%0A/fields/F##[add-mask]a.field-meta.xml";
    let field = "C::warning::%0A.F##[add-mask]a";
    let class = format!("Restricted{evil}\n::add-mask::secret");
    let (granted, labelled) = (set(&[field]), label(&class));
    let broken = format!("<PermissionSet><x>{evil}</y></PermissionSet>");
    let justification = format!(
        "permission_set: \"{}\"\nentries:\n  - field: A.B\n    access: \"::stop-commands::x\"\n",
        evil.replace('\u{1b}', "\\e")
    );
    judge(
        &[("README.md", "x")],
        &[
            (&path, &granted),
            (field_path, &labelled),
            ("permissionsets/##[group]b.permissionset", &broken),
            (".flsgate/justifications/::error::x.yml", &justification),
        ],
    )
}

/// Commands that the GitHub runner (actions/runner, `ActionCommand.cs`), an Azure agent or TeamCity would
/// obey in this log.
fn commands(log: &str) -> Vec<String> {
    let lines = log.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    let obeyed = lines.filter_map(|line| {
        let line = line.trim_start();
        let v2 =
            line.strip_prefix("::").map(|rest| rest.split([' ', ':']).next().unwrap_or_default().to_owned());
        let anywhere = || {
            let starts = line.match_indices("##").map(|(at, _)| &line[at + 2..]);
            let mut named = starts.filter(|rest| {
                rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.').starts_with('[')
            });
            named.next().map(|rest| format!("##{rest}"))
        };
        v2.or_else(anywhere)
    });
    obeyed.collect()
}

#[test]
fn hostile_text_forges_no_line_and_no_command() {
    let verdict = hostile();
    assert!(!verdict.findings.is_empty() && !verdict.undecided.is_empty(), "there is something to print");
    let terminal = write(&verdict, PLAIN);
    assert_eq!(commands(&terminal), Vec::<String>::new(), "{terminal}");
    let github = write(&verdict, Format::Github);
    let allowed = ["error", "warning", "notice"];
    let found = commands(&github);
    assert!(found.iter().all(|c| allowed.contains(&c.as_str())), "{found:?}\n{github}");
    // One command for each thing to say, and none that a name smuggled in.
    let said = verdict.findings.len() + verdict.undecided.len() + verdict.warnings.len();
    assert_eq!(found.len(), said, "{github}");
    for log in [&terminal, &github] {
        let hidden = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!log.chars().any(hidden), "{log:?}");
    }
}

#[test]
fn more_findings_than_the_runner_shows_are_counted_and_listed() {
    let fields: Vec<String> = (0..51).map(|n| format!("Contact.F{n:02}__c")).collect();
    let names: Vec<&str> = fields.iter().map(String::as_str).collect();
    let (granted, labelled, empty) = (set(&names), label("Restricted"), set(&[]));
    let paths: Vec<String> =
        (0..51).map(|n| format!("objects/Contact/fields/F{n:02}__c.field-meta.xml")).collect();
    let mut base: Vec<(&str, &str)> = paths.iter().map(|p| (p.as_str(), labelled.as_str())).collect();
    let mut head = base.clone();
    base.push(("permissionsets/P.permissionset", &empty));
    head.push(("permissionsets/P.permissionset", &granted));
    let text = write(&judge(&base, &head), Format::Github);
    let errors: Vec<&str> = text.lines().filter(|l| l.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 10);
    assert_eq!(errors[9], "::error title=flsgate::42 more of this level; the log of this step lists them");
    for field in &fields {
        assert!(text.contains(field.as_str()), "{field} is in the log");
    }
    assert_eq!(text.lines().filter(|l| l.starts_with("flsgate: error[")).count(), 42);
}

#[test]
fn a_span_past_the_end_or_inside_a_character_breaks_nothing() {
    use flsgate::source::{SourceFile, Span};
    let mut verdict = fixed();
    for (text, start, end) in
        [("é", 1, 9), ("", 5, 7), ("ab\n", 3, 3), ("\u{feff}a", 0, 2), ("x", u32::MAX, u32::MAX)]
    {
        let file = std::sync::Arc::new(SourceFile::new("f.xml".into(), text.as_bytes()));
        verdict.findings[0].place = flsgate::finding::Place::new(&file, Span { start, end });
        for format in [PLAIN, Format::Github, Format::Json { all: true }] {
            assert!(write(&verdict, format).contains("f.xml"));
        }
    }
}

#[test]
fn one_endless_line_is_named_not_printed() {
    let filler = "<x/>".repeat(200_000);
    let granted =
        format!("<PermissionSet>{filler}{}</PermissionSet>", entry("Contact.SSN__c").replace('\n', ""));
    let (ssn, empty) = (label("Restricted"), set(&[]));
    let files = |set: &String| {
        let field = ("objects/Contact/fields/SSN__c.field-meta.xml".to_owned(), ssn.clone().into_bytes());
        [field, ("permissionsets/P.permissionset".to_owned(), set.clone().into_bytes())].into()
    };
    let folder = tempfile::tempdir().unwrap();
    let verdict = common::judge_in(&folder, &files(&empty), &files(&granted));
    let text = write(&verdict, PLAIN);
    assert!(text.len() < 5_000, "{}", text.len());
    // 15 for the root tag, 800,000 of filler, then blanks, tags and the field of the one entry.
    assert_eq!(verdict.findings[0].place.location().start.to_string(), "1:800117");
    assert!(text.contains("(line 1, column 800117)"));
}
