//! What the documentation says to type is typed here: every `sh` block of the README and of docs/ runs in a
//! checkout like that of a reader, and every command that prose or a workflow names exists with its options.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Lines of `sh` blocks that are run elsewhere, and where.
const ELSEWHERE: &[(&str, &str)] = &[
    ("cargo run --release -- demo", "`.ci/run`, and `tests/cli.rs` without the build"),
    ("cargo test", "this very run"),
    ("cargo install --locked --path .", "`.github/workflows/ci.yml`"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README and docs/, rule pages included.
fn pages() -> Vec<(String, String)> {
    fn walk(at: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "md") {
                out.push(path);
            }
        }
    }
    let mut paths = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    walk(&root().join("docs"), &mut paths);
    paths.sort();
    let name = |path: &PathBuf| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|p| (name(p), fs::read_to_string(p).unwrap())).collect()
}

/// A fenced block: its language and its lines.
struct Block {
    language: String,
    text: String,
}

/// The blocks of a page, and the page without them.
fn blocks(page: &str) -> (Vec<Block>, String) {
    let (mut blocks, mut prose, mut open) = (Vec::new(), String::new(), None::<Block>);
    for line in page.lines() {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                open = Some(Block { language: language.to_owned(), text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.text.push_str(&format!("{line}\n")),
            (None, None) => prose.push_str(&format!("{line}\n")),
        }
    }
    assert!(open.is_none(), "a block is not closed");
    (blocks, prose)
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for (name, value) in [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_AUTHOR_NAME", "t"),
        ("GIT_AUTHOR_EMAIL", "t@example.com"),
        ("GIT_COMMITTER_NAME", "t"),
        ("GIT_COMMITTER_EMAIL", "t@example.com"),
        // Nobody listens there: a test asks no server.
        ("GITHUB_API_URL", "http://127.0.0.1:9"),
    ] {
        command.env(name, value);
    }
    command.output().unwrap()
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, "git", arguments);
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn set(entries: &[&str]) -> String {
    let entry = |field: &&str| {
        format!(
            "    <fieldPermissions>\n        <editable>false</editable>\n        <field>{field}</field>\n        \
             <readable>true</readable>\n    </fieldPermissions>\n"
        )
    };
    let entries: String = entries.iter().map(entry).collect();
    format!(
        "<PermissionSet>\n    <hasActivationRequired>false</hasActivationRequired>\n{entries}</PermissionSet>\n"
    )
}

/// A reader's checkout: branch `topic` that opens a restricted field, `main` at `origin`.
struct Checkout {
    folder: tempfile::TempDir,
}

impl Checkout {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("work");
        fs::create_dir(&at).unwrap();
        let field = |name: &str, label: &str| {
            let (object, field) = name.split_once('.').unwrap();
            let path = format!("force-app/main/default/objects/{object}/fields/{field}.field-meta.xml");
            let text = format!(
                "<CustomField>\n    <fullName>{field}</fullName>\n    \
                 <securityClassification>{label}</securityClassification>\n    <type>Text</type>\n</CustomField>\n"
            );
            write(&at, &path, &text);
        };
        field("Contact.SSN__c", "Restricted");
        field("Account.Annual_Revenue__c", "Confidential");
        field("Account.Segment__c", "Internal");
        let grant = |name: &str, fields: &[&str]| {
            let path = format!("force-app/main/default/permissionsets/{name}.permissionset-meta.xml");
            write(&at, &path, &set(fields));
        };
        grant("Care_Desk", &[]);
        grant("External_Analytics_Integration_Access", &["Account.Segment__c"]);
        write(&at, "sfdx-project.json", "{ \"packageDirectories\": [{ \"path\": \"force-app\" }] }\n");
        write(
            &at,
            ".flsgate/policy.yml",
            "version: 1\nintegrations:\n  external-analytics:\n    permission_sets: [External_Analytics_Integration_Access]\n    \
             fields: [Account.Annual_Revenue__c]\n",
        );
        write(
            &at,
            ".flsgate/justifications/analytics.yml",
            "permission_set: External_Analytics_Integration_Access\nentries: []\n",
        );
        write(&at, "strict.yml", "tiers: { restricted: { enforcement: hard } }\n");
        git(&at, &["init", "--quiet", "--initial-branch=main"]);
        git(&at, &["add", "."]);
        git(&at, &["commit", "--quiet", "-m", "base"]);
        git(&at, &["tag", "v2"]);
        git(&at, &["clone", "--quiet", "--bare", ".", "../origin.git"]);
        git(&at, &["remote", "add", "origin", "../origin.git"]);
        git(&at, &["fetch", "--quiet", "origin"]);
        git(&at, &["remote", "set-head", "origin", "main"]);
        git(&at, &["switch", "--quiet", "--create", "topic"]);
        grant("Care_Desk", &["Contact.SSN__c"]);
        git(&at, &["commit", "--quiet", "--all", "-m", "grant"]);
        let checkout = Checkout { folder };
        // For a workflow that compares the matrix of the repository.
        checkout.script("flsgate matrix --no-lines --output docs/data-access.md");
        checkout
    }

    /// Runs a script in which `flsgate` is this build, and tells how each of its runs ended.
    fn script(&self, script: &str) -> (Output, Vec<(String, String)>) {
        let at = self.folder.path().join("work");
        let bin = self.folder.path().join("bin");
        let log = self.folder.path().join("runs");
        fs::create_dir_all(&bin).unwrap();
        let _ = fs::remove_file(&log);
        let wrapper = format!(
            "#!/bin/sh\n{} \"$@\"\nstatus=$?\necho \"$status $*\" >> {}\nexit $status\n",
            env!("CARGO_BIN_EXE_flsgate"),
            log.display()
        );
        write(&bin, "flsgate", &wrapper);
        fs::set_permissions(bin.join("flsgate"), fs::Permissions::from_mode(0o755)).unwrap();
        let base = git(&at, &["rev-parse", "origin/main"]);
        let head = git(&at, &["rev-parse", "HEAD"]);
        let path = std::env::var("PATH").unwrap();
        // The variables of the CI servers that the pages speak of, as they would be set.
        let setup = format!(
            "PATH={}:{path}; export CI_MERGE_REQUEST_DIFF_BASE_SHA={base} CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main \
             CI_COMMIT_SHA={head} BITBUCKET_PR_DESTINATION_BRANCH=main BITBUCKET_COMMIT={head} CHANGE_TARGET=main \
             BASE=origin/main SYSTEM_PULLREQUEST_TARGETBRANCH=refs/heads/main REPORTS={}\nmkdir -p \"$REPORTS\"\n",
            bin.display(),
            self.folder.path().join("reports").display()
        );
        let output = run(&at, "sh", &["-c", &(setup + script)]);
        let runs = fs::read_to_string(&log).unwrap_or_default();
        let split =
            |line: &str| line.split_once(' ').map(|(status, rest)| (rest.to_owned(), status.to_owned()));
        (output, runs.lines().filter_map(split).collect())
    }
}

/// A run that cannot be anything but undecided: it would ask a server.
fn asks_a_server(arguments: &str) -> bool {
    arguments.starts_with("doctor --github")
}

#[test]
fn every_shell_block_runs() {
    let mut elsewhere = BTreeSet::new();
    let mut ran = 0;
    for (page, text) in pages() {
        for block in blocks(&text).0.iter().filter(|b| b.language == "sh") {
            let checkout = Checkout::new();
            let here = |line: &&str| {
                let command = line.split(" #").next().unwrap().trim();
                let known = ELSEWHERE.iter().find(|(known, _)| *known == command);
                elsewhere.extend(known.map(|(known, _)| *known));
                known.is_none()
            };
            let script: String = block.text.lines().filter(here).map(|l| format!("{l}\n")).collect();
            let (output, runs) = checkout.script(&script);
            let told = format!(
                "{page}:\n{script}\n--- {runs:?}\n{}\n{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            for (arguments, status) in &runs {
                let fine =
                    if asks_a_server(arguments) { status == "2" } else { status == "0" || status == "1" };
                assert!(fine, "`flsgate {arguments}` ended with {status}\n{told}");
            }
            assert!(runs.is_empty() != script.contains("flsgate "), "each block runs what it names\n{told}");
            let stderr = String::from_utf8_lossy(&output.stderr);
            for word in ["not found", "No such file", "fatal:", "syntax error"] {
                assert!(!stderr.contains(word), "{word}\n{told}");
            }
            if runs.is_empty() {
                assert!(output.status.success(), "{told}");
            }
            // A comment that is a result is the result.
            for wanted in script.lines().filter_map(|l| l.split_once("# ")).map(|(_, c)| c.trim()) {
                if wanted.len() == 32 && wanted.bytes().all(|b| b.is_ascii_hexdigit()) {
                    assert!(String::from_utf8_lossy(&output.stdout).contains(wanted), "{told}");
                }
            }
            ran += runs.len();
        }
    }
    assert!(ran > 30, "{ran} commands");
    assert_eq!(elsewhere.len(), ELSEWHERE.len(), "each line that runs elsewhere is still documented");
}

/// The commands of this program in a configuration, each with the lines that continue it.
fn commands(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let line = line.trim();
        let start =
            ["- ", "run: ", "sh ", "script: "].iter().fold(line, |l, p| l.strip_prefix(p).unwrap_or(l));
        let command = start.trim_matches('\'').trim_matches('"');
        let part = command.trim_end_matches('\\').trim_end();
        if command.starts_with("flsgate ") {
            found.push(part.to_owned());
        } else if let (true, Some(last)) = (goes_on || line.starts_with("--"), found.last_mut()) {
            last.push_str(&format!(" {part}"));
        }
        goes_on = command.ends_with('\\') && !found.is_empty();
    }
    found
}

/// Commands in workflows and configuration files of CI servers, one a line.
#[test]
fn every_command_of_a_configuration_runs() {
    let mut ran = 0;
    for (page, text) in pages() {
        for block in
            blocks(&text).0.iter().filter(|b| ["yaml", "groovy", "ini"].contains(&b.language.as_str()))
        {
            for command in commands(&block.text) {
                let (output, runs) = Checkout::new().script(&command);
                assert!(
                    runs.iter().all(|(_, status)| status == "0" || status == "1") && !runs.is_empty(),
                    "{page}: {command}: {runs:?} {}",
                    String::from_utf8_lossy(&output.stderr)
                );
                ran += 1;
            }
        }
    }
    assert!(ran > 0, "some page has such a line");
}

/// `flsgate NAME --option` in prose: the command and its options are in the help.
#[test]
fn every_command_that_prose_names_exists() {
    let mut help: BTreeMap<String, String> = BTreeMap::new();
    let mut seen = 0;
    for (page, text) in pages() {
        for code in blocks(&text).1.split('`').skip(1).step_by(2) {
            // `flsgate / main` is the name of a status.
            let Some(command) = code.strip_prefix("flsgate ").filter(|c| !c.starts_with('/')) else {
                continue;
            };
            let mut words = command.split_whitespace();
            let name = words.next().unwrap().to_owned();
            let shown = help.entry(name.clone()).or_insert_with(|| {
                let output = run(root(), env!("CARGO_BIN_EXE_flsgate"), &[&name, "--help"]);
                assert!(output.status.success(), "{page}: `{code}`");
                String::from_utf8(output.stdout).unwrap()
            });
            for option in words.filter(|w| w.starts_with("--")) {
                let option = option.split('=').next().unwrap();
                assert!(shown.contains(option), "{page}: `{code}` has no option {option}");
            }
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

/// Links to files of the repository lead somewhere, anchors included.
#[test]
fn every_link_leads_somewhere() {
    let anchor = |heading: &str| -> String {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    let anchors: BTreeMap<String, BTreeSet<String>> = pages()
        .into_iter()
        .map(|(page, text)| {
            (page, blocks(&text).1.lines().filter(|l| l.starts_with('#')).map(anchor).collect())
        })
        .collect();
    for (page, text) in pages() {
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap();
            if target.starts_with("http") || target.contains(char::is_whitespace) {
                continue;
            }
            let (path, anchor) = target.split_once('#').map_or((target, None), |(p, a)| (p, Some(a)));
            let folder = Path::new(&page).parent().unwrap();
            let mut file = PathBuf::new();
            for part in folder.join(path).components() {
                match part {
                    std::path::Component::ParentDir => assert!(file.pop(), "{page}: {target}"),
                    part => file.push(part),
                }
            }
            let file = if path.is_empty() { PathBuf::from(&page) } else { file };
            assert!(root().join(&file).exists(), "{page}: {target} is not there");
            if let Some(anchor) = anchor.filter(|_| file.extension().is_some_and(|e| e == "md")) {
                assert!(anchors[file.to_str().unwrap()].contains(anchor), "{page}: no heading {target}");
            }
        }
    }
}

/// A line with colours, broken at blanks where a terminal of that width would break it.
fn wrapped(line: &str, width: usize) -> String {
    let visible = |word: &str| {
        let mut inside = false;
        let seen = word.chars().filter(|c| {
            let hidden = *c == '\u{1b}' || inside;
            inside = hidden && *c != 'm';
            !hidden
        });
        seen.count()
    };
    let (mut out, mut at) = (String::new(), 0);
    for (number, word) in line.split(' ').enumerate() {
        let long = visible(word);
        if number > 0 && at + 1 + long > width {
            out.push_str("\n    ");
            at = 4;
        } else if number > 0 {
            out.push(' ');
            at += 1;
        }
        out.push_str(word);
        at += long;
    }
    out
}

/// The picture in the README: the demo, as a terminal shows it.
#[test]
fn the_picture_is_the_demo() {
    let output = run(root(), env!("CARGO_BIN_EXE_flsgate"), &["--color", "always", "demo"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    // The first finding is about a label; the picture shows the grant, and how a run closes.
    let grant = text.split_inclusive("\n\n").find(|part| part.contains("restricted-field-grant")).unwrap();
    let parts: Vec<&str> = text.split_inclusive("\n\n").collect();
    let [.., closing, next] = parts.as_slice() else { panic!("{text}") };
    let shown = format!("$ flsgate demo\n{}", [grant, closing, next].concat());
    let lines: Vec<String> = shown.lines().map(|line| wrapped(line, 118)).collect();
    let svg = anstyle_svg::Term::new().render_svg(&format!("{}\u{1b}[0m", lines.join("\n")));
    let path = root().join("docs/demo.svg");
    if std::env::var_os("FLSGATE_BLESS").is_some() {
        fs::write(&path, svg).unwrap();
    } else {
        assert!(fs::read_to_string(&path).is_ok_and(|shown| shown == svg), "docs/demo.svg is stale");
    }
}

/// The example of the JSON contract is what the demo gives, less what the page says is left out.
#[test]
fn the_json_example_is_the_demo() {
    let page = fs::read_to_string(root().join("docs/json-output.md")).unwrap();
    let (blocks, _) = blocks(page.split_once("\n## Example\n").unwrap().1);
    let mut shown: serde_json::Value = serde_json::from_str(&blocks[0].text).unwrap();
    let output = run(root(), env!("CARGO_BIN_EXE_flsgate"), &["demo", "--format", "json"]);
    let mut found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in ["findings", "new_access"] {
        let all = found[key].take();
        let some = shown[key].take();
        let some = some.as_array().unwrap();
        assert!(
            !some.is_empty() && some.iter().all(|one| all.as_array().unwrap().contains(one)),
            "{key}: {all:#}"
        );
    }
    // Commit ids follow from the files of the demo, its counts from what it reads.
    assert_eq!(shown, found);
}
