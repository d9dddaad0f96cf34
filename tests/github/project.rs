//! A pull request as the runner sees it: a clone of depth two at the merge commit, an event file, the
//! files that the runner reads, and the server's side of the same.

use super::server::{BOT, Server, TOKEN, person};
use flsgate::gate::Outcome;
use flsgate::github::Clock;
use flsgate::run::{Action, action};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// Why a run that passed had nothing to judge.
const NOTHING: [&str; 3] =
    ["so there was nothing to judge", "no Salesforce metadata was found", "no field has a label, so"];

pub(crate) const SET: &str = "force-app/permissionsets/P.permissionset-meta.xml";
pub(crate) const ENTRY: &str = ".flsgate/justifications/p.yml";
pub(crate) const POLICY: &str = ".flsgate/policy.yml";

/// Time that passes only when somebody waits.
#[derive(Default)]
pub(crate) struct Skip {
    pub(crate) now: AtomicU64,
    pub(crate) waits: Mutex<Vec<u64>>,
}

impl Clock for Skip {
    fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.now.fetch_add(time.as_secs(), Ordering::Relaxed);
        self.waits.lock().unwrap().push(time.as_secs());
        Box::pin(std::future::ready(()))
    }
}

pub(crate) type Files = BTreeMap<String, String>;

pub(crate) struct Project {
    _keep: TempDir,
    pub(crate) root: PathBuf,
    pub(crate) server: Server,
    pub(crate) base: String,
    pub(crate) head: String,
    pub(crate) merge: String,
    pub(crate) env: BTreeMap<String, String>,
    /// Milliseconds.
    pub(crate) timeout: u64,
}

/// What one run left behind.
pub(crate) struct Run {
    pub(crate) outcome: Outcome,
    pub(crate) log: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
    pub(crate) json: Value,
    pub(crate) waits: Vec<u64>,
}

/// A restricted field.
pub(crate) fn field(n: usize) -> (String, String) {
    let path = format!("force-app/objects/Contact/fields/F{n:03}__c.field-meta.xml");
    let text = "<CustomField>\n<securityClassification>Restricted</securityClassification>\n</CustomField>\n";
    (path, text.to_owned())
}

/// A permission set that grants the first `n` fields. The base has a description that the head lacks,
/// so that lines of head and merge differ.
pub(crate) fn set(n: usize, description: &str) -> String {
    let mut text = format!("<PermissionSet>\n{description}");
    for line in ["<hasActivationRequired>false</hasActivationRequired>", "<label>P</label>"] {
        text.push_str(&format!("    {line}\n"));
    }
    for n in 0..12 {
        text.push_str(&format!(
            "    <tabSettings><tab>T{n}</tab><visibility>None</visibility></tabSettings>\n"
        ));
    }
    for n in 0..n {
        text.push_str(&format!(
            "    <fieldPermissions>\n        <editable>false</editable>\n        <field>Contact.F{n:03}__c</field>\n        \
             <readable>true</readable>\n    </fieldPermissions>\n"
        ));
    }
    text.push_str("</PermissionSet>\n");
    text
}

/// An entry that justifies reading the first `n` fields.
pub(crate) fn entries(n: usize) -> String {
    let mut text = "permission_set: P\nentries:\n".to_owned();
    for n in 0..n {
        text.push_str(&format!(
            "  - field: Contact.F{n:03}__c\n    access: read\n    justification: Needed for the yearly revenue analysis.\n    \
             compliance: Reviewed quarterly by the data office.\n    owner: crm@acme.example\n    expires: 2026-12-31\n"
        ));
    }
    text
}

impl Project {
    /// A pull request that opens `n` restricted fields at single lines.
    pub(crate) fn opening(n: usize) -> Self {
        let base: Files = (0..n.max(1)).map(field).chain([(SET.to_owned(), set(0, ""))]).collect();
        let mut head = base.clone();
        head.insert(SET.to_owned(), set(n, ""));
        head.insert("README.md".to_owned(), "changed\n".to_owned());
        Self::new(base, head)
    }

    /// The same, each justified and so waiting for an approval.
    pub(crate) fn awaiting(n: usize, policy: Option<&str>) -> Self {
        let mut base: Files = (0..n).map(field).chain([(SET.to_owned(), set(0, ""))]).collect();
        base.extend(policy.map(|text| (POLICY.to_owned(), text.to_owned())));
        let mut head = base.clone();
        head.insert(SET.to_owned(), set(n, ""));
        head.insert(ENTRY.to_owned(), entries(n));
        head.insert("README.md".to_owned(), "changed\n".to_owned());
        Self::new(base, head)
    }

    pub(crate) fn new(base: Files, head: Files) -> Self {
        let keep = TempDir::new().unwrap();
        let root = keep.path().canonicalize().unwrap();
        let origin = root.join("origin");
        fs::create_dir(&origin).unwrap();
        git(&origin, &["init", "-q"]);
        lay(&origin, &base);
        commit(&origin);
        let fork = git(&origin, &["rev-parse", "HEAD"]);
        git(&origin, &["checkout", "-q", "-b", "topic"]);
        for path in base.keys().filter(|path| !head.contains_key(*path)) {
            fs::remove_file(origin.join(path)).unwrap();
        }
        lay(&origin, &head);
        commit(&origin);
        let head_id = git(&origin, &["rev-parse", "HEAD"]);
        // The base goes on: a line above everything in the permission set.
        git(&origin, &["checkout", "-q", "main"]);
        if base.contains_key(SET) {
            fs::write(origin.join(SET), set(0, "    <description>moved on</description>\n")).unwrap();
        }
        commit(&origin);
        let base_id = git(&origin, &["rev-parse", "HEAD"]);
        git(&origin, &["checkout", "-q", "--detach"]);
        git(&origin, &["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
        let merge = git(&origin, &["rev-parse", "HEAD"]);
        git(&origin, &["update-ref", "refs/heads/pull", &merge]);
        let workspace = root.join("workspace");
        let url = format!("file://{}", origin.display());
        git(&root, &["clone", "-q", "--depth", "2", "--branch", "pull", &url, "workspace"]);
        git(&workspace, &["checkout", "-q", "--detach", &merge]);

        let server = Server::start();
        {
            let mut state = server.state();
            let side = |name: &str, sha: &str| json!({ "ref": name, "sha": sha, "repo": { "id": 7, "full_name": "acme/crm" } });
            let names = git(&origin, &["diff", "--name-only", "-z", &fork, &head_id]);
            let names: Vec<&str> = names.split('\0').filter(|n| !n.is_empty()).collect();
            state.files = names
                .iter()
                .map(|name| {
                    let patch = git(&origin, &["diff", "-U3", &fork, &head_id, "--", name]);
                    let patch = patch.find("@@ ").map(|at| patch[at..].to_owned());
                    json!({ "filename": name, "status": "modified", "patch": patch })
                })
                .collect();
            state.pull = json!({
                "number": 42, "state": "open", "user": person("dev", 101), "changed_files": names.len(), "commits": 1,
                "head": side("topic", &head_id), "base": side("main", &fork),
            });
            state.commits = vec![json!({
                "sha": head_id, "author": person("dev", 101), "committer": {}, "commit": { "message": "m" },
            })];
        }
        let mut env: BTreeMap<String, String> = BTreeMap::new();
        for (name, file) in [
            ("GITHUB_OUTPUT", "output"),
            ("GITHUB_STEP_SUMMARY", "summary"),
            ("GITHUB_EVENT_PATH", "event.json"),
        ] {
            env.insert(name.to_owned(), root.join(file).display().to_string());
        }
        for (name, value) in [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_API_URL", server.url.as_str()),
            ("GITHUB_EVENT_NAME", "pull_request"),
            ("GITHUB_GRAPHQL_URL", &format!("{}/graphql", server.url)),
            ("GITHUB_REPOSITORY", "acme/crm"),
            ("GITHUB_RUN_ID", "123"),
            ("GITHUB_RUN_ATTEMPT", "1"),
            ("GITHUB_SERVER_URL", "https://github.example"),
            ("GITHUB_SHA", &merge),
            ("GITHUB_WORKSPACE", workspace.to_str().unwrap()),
            ("INPUT_TOKEN", TOKEN),
            ("INPUT_OUTPUT", "json=flsgate.json"),
        ] {
            env.insert(name.to_owned(), value.to_owned());
        }
        // As action.yml declares them: present and empty.
        for name in flsgate::github::NAMES {
            env.entry(format!("INPUT_{}", name.to_uppercase())).or_default();
        }
        let project =
            Project { _keep: keep, root, server, base: base_id, head: head_id, merge, env, timeout: 10_000 };
        project.event(&json!({
            "action": "synchronize", "number": 42, "sender": { "id": 101, "login": "dev" },
            "repository": { "default_branch": "main" },
            "pull_request": {
                "number": 42, "head": { "ref": "topic", "sha": project.head, "repo": null },
                "base": { "ref": "main", "sha": fork },
            },
        }));
        project.server.state().tip = project.base.clone();
        project.compared(&project.head);
        project
    }

    /// One more commit on the branch, a new merge, and a run of it.
    pub(crate) fn push(mut self, edit: impl Fn(&Path)) -> Self {
        let origin = self.root.join("origin");
        git(&origin, &["checkout", "-q", "topic"]);
        edit(&origin);
        commit(&origin);
        self.head = git(&origin, &["rev-parse", "HEAD"]);
        self.merge_again();
        self
    }

    /// One more commit on the base, a new merge, and a run of it.
    pub(crate) fn base_moves(mut self, edit: impl Fn(&Path)) -> Self {
        let origin = self.root.join("origin");
        git(&origin, &["checkout", "-q", "main"]);
        edit(&origin);
        commit(&origin);
        self.base = git(&origin, &["rev-parse", "HEAD"]);
        self.merge_again();
        self
    }

    fn merge_again(&mut self) {
        let origin = self.root.join("origin");
        git(&origin, &["checkout", "-q", "--detach", "main"]);
        git(&origin, &["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
        self.merge = git(&origin, &["rev-parse", "HEAD"]);
        git(&origin, &["update-ref", "refs/heads/pull", &self.merge]);
        fs::remove_dir_all(self.workspace()).unwrap();
        let url = format!("file://{}", origin.display());
        git(&self.root, &["clone", "-q", "--depth", "2", "--branch", "pull", &url, "workspace"]);
        git(&self.workspace(), &["checkout", "-q", "--detach", &self.merge]);
        self.env.insert("GITHUB_SHA".to_owned(), self.merge.clone());
        let mut event: Value =
            serde_json::from_str(&fs::read_to_string(self.root.join("event.json")).unwrap()).unwrap();
        event["pull_request"]["head"]["sha"] = json!(self.head);
        self.event(&event);
        self.server.state().pull["head"]["sha"] = json!(self.head);
        self.server.state().tip = self.base.clone();
        self.compared(&self.head);
    }

    /// Lets the server know an older commit of the branch.
    pub(crate) fn know(&self, commit: &str) {
        let origin = self.root.join("origin");
        let listed = git(&origin, &["ls-tree", "-r", "-z", commit]);
        let tree = listed.split('\0').filter(|l| !l.is_empty()).map(|line| {
            let (head, path) = line.split_once('\t').unwrap();
            let words: Vec<&str> = head.split(' ').collect();
            json!({ "path": path, "mode": words[0], "type": words[1], "sha": words[2] })
        });
        self.compared(commit);
        let mut state = self.server.state();
        let id = git(&origin, &["rev-parse", &format!("{commit}^{{tree}}")]);
        state.trees.insert(commit.to_owned(), (id, tree.collect()));
    }

    /// Lets the server compare a commit with the base, as it can every commit that it has.
    fn compared(&self, commit: &str) {
        let origin = self.root.join("origin");
        let range = format!("{}...{commit}", self.base);
        let names = git(&origin, &["diff", "--name-only", "-z", &range]);
        let names = names.split('\0').filter(|n| !n.is_empty()).map(str::to_owned).collect();
        let began = git(&origin, &["merge-base", &self.base, commit]);
        let tree = git(&origin, &["rev-parse", &format!("{began}^{{tree}}")]);
        self.server.state().compared.insert(range, (names, tree));
    }

    pub(crate) fn event(&self, payload: &Value) {
        fs::write(self.root.join("event.json"), payload.to_string()).unwrap();
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.root.join("workspace")
    }

    /// An approving review of the head.
    pub(crate) fn review(&self, login: &str, id: u64, state: &str, commit: &str) {
        let mut hub = self.server.state();
        let number = 7_000 + hub.reviews.len();
        let at = format!("2026-05-01T10:{:02}:00Z", hub.reviews.len());
        hub.reviews.push(json!({
            "id": number, "user": person(login, id), "state": state, "commit_id": commit, "submitted_at": at,
        }));
    }

    pub(crate) fn permit(&self, login: &str, permission: &'static str) {
        self.server.state().permissions.insert(login.to_owned(), permission);
    }

    /// Runs the Action and checks what must hold of every run.
    pub(crate) fn run(&self) -> Run {
        for file in ["output", "summary", "workspace/flsgate.json"] {
            let _ = fs::remove_file(self.root.join(file));
        }
        let clock = Arc::new(Skip::default());
        let given = Action {
            env: self.env.clone(),
            today: jiff::civil::date(2026, 6, 1),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            timeout: Duration::from_millis(self.timeout),
        };
        let mut log = Vec::new();
        let outcome = action(&given, &mut log);
        let read = |file: &str| fs::read_to_string(self.root.join(file)).unwrap_or_default();
        let json = read("workspace/flsgate.json");
        let run = Run {
            outcome,
            log: String::from_utf8(log).unwrap(),
            outputs: outputs(&read("output")),
            summary: read("summary"),
            json: if json.is_empty() { Value::Null } else { serde_json::from_str(&json).unwrap() },
            waits: clock.waits.lock().unwrap().clone(),
        };
        for text in [&run.log, &run.summary, &json, &read("output"), &format!("{given:?}")] {
            assert!(
                !text.contains(TOKEN) && !text.contains(super::server::TEAM_TOKEN),
                "a token is in {text}"
            );
        }
        let said = run.outputs.get("verdict").map(String::as_str);
        assert_eq!(said, Some(run.outcome.to_string().as_str()), "{}", run.log);
        let mark = match outcome {
            Outcome::Passed
                if NOTHING.iter().any(|why| run.summary.contains(why))
                    && !run.summary.contains("Approved or accepted") =>
            {
                "### ➖ Passed, with nothing to judge\n"
            }
            Outcome::Passed => "### ✅ Passed",
            Outcome::Blocked => "### ⛔ Blocked: ",
            Outcome::Waiting => "### ⏳ Waits for approval",
            Outcome::Undecided => "### ❔ Could not be judged",
        };
        assert!(run.summary.starts_with(mark), "{}", run.summary);
        run
    }

    /// The same, with a server that had nothing to complain about.
    pub(crate) fn clean_run(&self) -> Run {
        let run = self.run();
        let state = self.server.state();
        assert_eq!(state.complaints, [""; 0], "{}", run.log);
        run
    }

    /// Fields named by comments at lines and files.
    pub(crate) fn commented(&self) -> BTreeSet<String> {
        let state = self.server.state();
        let ours = state.line_comments.iter().filter(|c| c["user"]["login"] == BOT);
        ours.flat_map(|c| fields(c["body"].as_str().unwrap())).collect()
    }
}

/// Every `F000__c` of a text.
pub(crate) fn fields(text: &str) -> BTreeSet<String> {
    let ends = text.match_indices("__c").map(|(at, _)| &text[at.saturating_sub(4)..at]);
    ends.filter(|name| name.starts_with('F')).map(str::to_owned).collect()
}

/// `F000` and so on.
pub(crate) fn expected(range: std::ops::Range<usize>) -> BTreeSet<String> {
    range.map(|n| format!("F{n:03}")).collect()
}

/// Outputs as the runner parses them; anything else makes it fail the step.
pub(crate) fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut lines =
        text.split_inclusive('\n').map(|l| l.strip_suffix('\n').expect("a line break at the end"));
    let mut found = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, end) = line.split_once("<<").expect("the heredoc form");
        let mut value = Vec::new();
        loop {
            let line = lines.next().expect("an end");
            if line == end {
                break;
            }
            value.push(line);
        }
        assert!(found.insert(name.to_owned(), value.join("\n")).is_none(), "{name} twice");
    }
    found
}

/// A workflow command as the runner parses it: level, properties, message.
pub(crate) fn commands(log: &str) -> Vec<(String, BTreeMap<String, String>, String)> {
    let decode = |t: &str| {
        t.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
    };
    let mut found = Vec::new();
    for line in log.split(['\n', '\r']) {
        assert!(!line.contains("##["), "the runner would read a command in: {line}");
        let Some(rest) = line.trim_start().strip_prefix("::") else { continue };
        let (head, message) = rest.split_once("::").unwrap_or_else(|| panic!("no command: {line}\n{log}"));
        let (level, properties) = head.split_once(' ').unwrap_or((head, ""));
        assert!(["error", "warning", "notice"].contains(&level), "{line}");
        let properties = properties.split(',').filter_map(|p| p.split_once('='));
        let properties = properties.map(|(k, v)| (k.to_owned(), decode(v))).collect();
        found.push((level.to_owned(), properties, decode(message)));
    }
    found
}

fn lay(root: &Path, files: &Files) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn commit(root: &Path) {
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "--allow-empty", "-m", "m"]);
}

pub(crate) fn git(root: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.current_dir(root).args([
        "-c",
        "user.name=T",
        "-c",
        "user.email=t@example.com",
        "-c",
        "core.quotePath=false",
    ]);
    git.args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"]).args(arguments);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = git.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end_matches('\n').to_owned()
}
