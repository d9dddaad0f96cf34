//! The contract with the runner, with hostile text in every name: nothing is injected anywhere.

use crate::project::{ENTRY, Files, POLICY, Project, commands, set};
use crate::server::TOKEN;
use flsgate::gate::Outcome;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;
use std::process::Command;

const HOSTILE: [&str; 8] = [
    "x\n::error::forged",
    "y##[set-output name=verdict]passed",
    "z%0A::set-output name=verdict::passed",
    "a,line=1::stop",
    "b|c`d`<script>alert(1)</script>",
    "@acme-security #12 [l](javascript:x) <!-- flsgate:v1 sticky -->",
    "r\u{202e}txet\u{202c}\u{200b}",
    "\u{1b}[2J\rm",
];

/// One restricted field, and a permission set file of each hostile name that opens it.
fn hostile(readable: bool) -> Project {
    let field =
        "<CustomField>\n<securityClassification>Restricted</securityClassification>\n</CustomField>\n";
    let base: Files = [("objects/Contact/fields/F000__c.field-meta.xml".to_owned(), field.to_owned())].into();
    let mut head = base.clone();
    for name in HOSTILE {
        let name = name.replace('/', "∕");
        head.insert(format!("permissionsets/{name}.permissionset-meta.xml"), set(1, ""));
    }
    let evil = "<PermissionSet>\n<fieldPermissions>\n<editable>false</editable>\n\
                <field>Contact.F000__c`|&lt;img/onerror=1&gt;::error::x##[stop-commands]zz</field>\n\
                <readable>true</readable>\n</fieldPermissions>\n</PermissionSet>\n";
    head.insert("permissionsets/E.permissionset-meta.xml".to_owned(), evil.to_owned());
    if !readable {
        // Its name and content reach the reasons.
        let path = "permissionsets/##[group]u::error::.permissionset-meta.xml";
        head.insert(path.to_owned(), "<PermissionSet>&x\n::error::y;".to_owned());
    }
    Project::new(base, head)
}

/// What a page of Markdown must not hold.
fn inert(markdown: &str) {
    for c in markdown.chars() {
        assert!(!c.is_control() || c == '\n', "{c:?} in {markdown}");
        assert!(!('\u{202a}'..='\u{202e}').contains(&c), "{markdown}");
    }
    let mut in_code = false;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => assert!(html.lines().all(is_ours), "{html}"),
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(dest_url.starts_with("https://github.example/acme/crm/blob/"), "{dest_url}");
            }
            Event::Start(Tag::Image { dest_url, .. }) => panic!("an image {dest_url}"),
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            // Mentions, references and bare addresses are made from text that is no code.
            Event::Text(text) if !in_code => {
                for part in ["@acme", "#12", "http", "www."] {
                    assert!(!text.contains(part), "{part} in {text}");
                }
            }
            _ => {}
        }
    }
}

/// A marker, or what folds a part of the page: words and numbers of ours, and nothing else.
fn is_ours(line: &str) -> bool {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " =,()".contains(c));
    let between = |start: &str, end: &str| line.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
    line == "</details>"
        || between("<!-- flsgate:v1 ", " -->").is_some_and(plain)
        || between("<details><summary>", "</summary>").is_some_and(plain)
}

#[test]
fn hostile_names_reach_nobody() {
    for (readable, outcome) in [(false, Outcome::Undecided), (true, Outcome::Blocked)] {
        hostile_names(&mut hostile(readable), outcome);
    }
}

fn hostile_names(project: &mut Project, outcome: Outcome) {
    project.set("INPUT_CHECK-RUN", "flsgate-report");
    project.set("INPUT_COMMIT-STATUS", "flsgate / {base}");
    for comments in ["false", "true"] {
        project.set("INPUT_REVIEW-COMMENTS", comments);
        let run = project.clean_run();
        assert_eq!(run.outcome, outcome, "{}", run.log);
        assert_eq!(run.outputs["verdict"], outcome.to_string());
        // Every command is one of ours: it has our title or names a file of the change.
        let annotations = commands(&run.log);
        // With a comment at every line the log is for people.
        assert_eq!(annotations.is_empty(), comments == "true" && outcome == Outcome::Blocked, "{}", run.log);
        for (_, properties, message) in annotations {
            assert!(properties.contains_key("title"), "{properties:?} {message}");
            assert!(!message.contains('\u{1b}') && !message.contains('\u{202e}'), "{message}");
        }
        for line in run.log.lines() {
            assert!(
                !line.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)),
                "{line:?}"
            );
        }
        inert(&run.summary);
        // Names come whole to those who parse.
        let found = run.json["findings"].as_array().unwrap();
        let paths: Vec<&str> = found.iter().map(|f| f["location"]["path"].as_str().unwrap()).collect();
        assert!(paths.iter().any(|p| p.contains("x\n::error::forged")), "{paths:?}");
        assert!(found.len() >= HOSTILE.len());
    }
    let state = project.server.state();
    for comment in state.line_comments.iter().chain(&state.page_comments) {
        let body = comment["body"].as_str().unwrap();
        inert(body);
        let markers = body.lines().filter(|l| l.starts_with("<!-- flsgate:v1 ")).count();
        assert_eq!(markers, 1, "{body}");
    }
    assert!(state.line_comments.len() >= HOSTILE.len());
    for annotation in state.check_runs[0]["annotations"].as_array().unwrap() {
        assert!(!annotation["path"].as_str().unwrap().contains('\n'));
    }
}

/// `action.yml`, which says how the runner starts the image.
fn action_yml() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/action.yml")).unwrap()
}

/// The arguments that the runner passes. It sets the entry point as well, which clears the image's own command.
fn arguments() -> Vec<String> {
    let action = action_yml();
    assert!(action.lines().any(|line| line == "  entrypoint: /flsgate"));
    let list = action.lines().find_map(|line| line.strip_prefix("  args: [")?.strip_suffix(']')).unwrap();
    list.split(',')
        .map(|word| word.trim().trim_matches('"').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn the_binary_keeps_the_contract_and_no_secret_leaves_it() {
    for (project, status) in
        [(Project::opening(0), 0), (Project::opening(1), 1), (hostile(true), 1), (hostile(false), 2)]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flsgate"));
        command
            .args(arguments())
            .env_clear()
            .envs(&project.env)
            .env("RUST_BACKTRACE", "1")
            .env("RUST_LOG", "trace");
        let output = command.current_dir(&project.root).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{}", String::from_utf8_lossy(&output.stdout));
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!text.contains(TOKEN) && output.stderr.is_empty(), "{text}");
        let outputs = crate::project::outputs(&std::fs::read_to_string(project.root.join("output")).unwrap());
        let names: Vec<&str> = outputs.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["approved", "awaiting-approval", "errors", "new_access", "notes", "verdict", "warnings"]
        );
        assert_eq!(project.server.state().complaints, [""; 0]);
    }
}

#[test]
fn every_declared_output_is_set_in_every_outcome() {
    let declared: Vec<String> = keys(&action_yml(), "outputs");
    let mut wrong_input = Project::opening(1);
    wrong_input.set("INPUT_FAIL-ON", "error");
    let mut no_checkout = Project::opening(1);
    no_checkout.set("GITHUB_WORKSPACE", "/nowhere");
    for (project, outcome) in [
        (Project::opening(0), Outcome::Passed),
        (Project::opening(1), Outcome::Blocked),
        (Project::awaiting(1, None), Outcome::Waiting),
        (hostile(false), Outcome::Undecided),
        (wrong_input, Outcome::Undecided),
        (no_checkout, Outcome::Undecided),
    ] {
        let run = project.run();
        assert_eq!(run.outcome, outcome);
        let mut set: Vec<String> = run.outputs.keys().cloned().collect();
        let mut expected = declared.clone();
        set.sort();
        expected.sort();
        assert_eq!(set, expected, "{outcome}");
        assert!(run.outputs.values().all(|value| !value.is_empty()));
    }
}

#[test]
fn a_checkout_in_a_folder_of_the_workspace_is_judged() {
    // As with `path: repository` of actions/checkout.
    let mut project = Project::opening(1);
    let outer = project.root.join("outer");
    std::fs::create_dir(&outer).unwrap();
    std::fs::rename(project.workspace(), outer.join("repository")).unwrap();
    project.set("GITHUB_WORKSPACE", outer.to_str().unwrap());
    assert_eq!(project.run().outcome, Outcome::Undecided, "the workspace itself is no repository");
    project.set("INPUT_WORKING-DIRECTORY", "./repository");
    let run = project.clean_run();
    assert_eq!(run.outcome, Outcome::Blocked, "{}", run.log);
    assert_eq!(project.commented().len(), 1);
    assert!(outer.join("flsgate.json").is_file(), "reports stay below the workspace");
    // A folder that is not there, and a link that the author put in its place.
    std::os::unix::fs::symlink(outer.join("repository"), outer.join("link")).unwrap();
    for folder in ["missing", "link", "../outer/repository", "/"] {
        project.set("INPUT_WORKING-DIRECTORY", folder);
        let run = project.run();
        assert_eq!(run.outcome, Outcome::Undecided, "{folder}");
        assert!(run.log.contains("which is no folder of the workspace"), "{folder}: {}", run.log);
    }
}

#[test]
fn a_policy_that_the_workflow_checks_out_judges() {
    let mut project = Project::opening(1);
    let outer = project.root.join("outer");
    std::fs::create_dir_all(outer.join("central")).unwrap();
    std::fs::rename(project.workspace(), outer.join("repository")).unwrap();
    project.set("GITHUB_WORKSPACE", outer.to_str().unwrap());
    project.set("INPUT_WORKING-DIRECTORY", "repository");
    let open = "version: 1\ntiers:\n  conditional: { read: allow, edit: allow }\n  restricted: { read: allow, edit: allow }\n";
    std::fs::write(outer.join("central/policy.yml"), open).unwrap();
    assert_eq!(project.clean_run().outcome, Outcome::Blocked);
    project.set("INPUT_POLICY", "central/policy.yml");
    let run = project.run();
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.log);
    for (path, part) in
        [("../policy.yml", "no path below the workspace"), ("central/other.yml", "cannot read the policy")]
    {
        project.set("INPUT_POLICY", path);
        let run = project.run();
        assert_eq!(run.outcome, Outcome::Undecided, "{path}");
        assert!(run.log.contains(part), "{path}: {}", run.log);
    }
}

#[test]
fn mistakes_in_inputs_are_told_and_nothing_is_judged() {
    for (name, value, part) in [
        ("INPUT_FAIL-ON", "error", "unknown input `fail-on`"),
        ("INPUT_REVIEW-COMMENTS", "maybe", "input `review-comments` is `maybe`"),
        ("INPUT_TOKEN", "ghs_a b", "input `token` holds blanks"),
        ("INPUT_CA-FILE", "missing.pem", "cannot read input `ca-file`"),
        (
            "INPUT_OUTPUT",
            "json=/etc/passwd",
            "input `output` names `/etc/passwd`, no path below the workspace",
        ),
        ("GITHUB_API_URL", "nowhere", "(`GITHUB_API_URL`, `--api-url`) is no address"),
        ("GITHUB_EVENT_NAME", "issue_comment", "the event `issue_comment` cannot be judged"),
        ("GITHUB_EVENT_PATH", "/missing.json", "cannot read the event file"),
    ] {
        let mut project = Project::opening(1);
        project.set(name, value);
        let run = project.run();
        assert_eq!(run.outcome, Outcome::Undecided, "{name}");
        let told = commands(&run.log);
        assert!(told.iter().any(|(level, _, m)| level == "error" && m.contains(part)), "{part}: {}", run.log);
        assert!(project.server.state().requests.is_empty());
    }
}

#[test]
fn no_link_of_the_workspace_is_followed() {
    let project = Project::opening(1);
    let outside = project.root.join("outside");
    std::fs::write(&outside, "precious").unwrap();
    std::os::unix::fs::symlink(&outside, project.workspace().join("flsgate.json.link")).unwrap();
    let mut linked = project;
    linked.set("INPUT_OUTPUT", "sarif=flsgate.sarif\njson=flsgate.json.link");
    // What lies under a report's name goes, so that no later step takes it for the report.
    std::fs::write(linked.workspace().join("flsgate.sarif"), "of the author").unwrap();
    assert_eq!(linked.run().outcome, Outcome::Blocked);
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "precious");
    let written = std::fs::symlink_metadata(linked.workspace().join("flsgate.json.link")).unwrap();
    assert!(written.is_file());
    assert!(std::fs::read_to_string(linked.workspace().join("flsgate.sarif")).unwrap().contains("\"runs\""));
    // A folder in the way, or on the way: nothing is judged, and nothing of the author's is left to be taken.
    std::os::unix::fs::symlink(linked.root.join("."), linked.workspace().join("reports")).unwrap();
    std::fs::create_dir(linked.workspace().join("folder")).unwrap();
    for (path, why) in
        [("reports/r.json", "is a symbolic link"), ("folder", "is a folder"), (".git/HEAD", "lies in `.git`")]
    {
        linked.set("INPUT_OUTPUT", &format!("json={path}"));
        let run = linked.run();
        assert_eq!(run.outcome, Outcome::Undecided, "{path}");
        assert!(run.log.contains(why), "{path}: {}", run.log);
    }
}

#[test]
fn tokens_are_in_no_error_of_a_server_that_repeats_them() {
    let project = Project::opening(1);
    project.server.fault("GET", "/pulls/42", crate::server::answer(400, &format!("bad token {TOKEN}")), 99);
    let run = project.run();
    assert!(run.log.contains("bad token ***"), "{}", run.log);
}

#[test]
fn the_declared_inputs_are_those_of_the_program_and_the_command_is_given() {
    assert_eq!(keys(&action_yml(), "inputs"), flsgate::github::NAMES);
    assert!(action_yml().lines().any(|line| line == "  using: docker"));
    // Without it the binary would start without a command, and judge nothing.
    assert_eq!(arguments(), ["action"]);
}

/// The keys of a section of `action.yml`.
fn keys(action: &str, section: &str) -> Vec<String> {
    let lines = action.lines().skip_while(|l| *l != format!("{section}:")).skip(1);
    let lines = lines.take_while(|l| l.is_empty() || l.starts_with(' ') || l.starts_with('#'));
    let keys = lines.filter(|l| l.starts_with("  ") && !l.starts_with("   ") && l.trim_end().ends_with(':'));
    keys.map(|l| l.trim().trim_end_matches(':').to_owned()).collect()
}

#[test]
fn fixtures_say_what_they_claim() {
    let project = Project::awaiting(1, Some("version: 1\n"));
    for path in [ENTRY, POLICY] {
        assert!(project.workspace().join(path).is_file(), "{path}");
    }
    let run = project.clean_run();
    let rules: Vec<&Value> = run.json["findings"].as_array().unwrap().iter().map(|f| &f["rule"]).collect();
    assert_eq!(rules, ["restricted-field-grant"]);
}
