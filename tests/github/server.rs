//! A small GitHub on 127.0.0.1: keeps state, checks every body against GitHub's own description, takes
//! comments only at lines of the diff, and fails as it is told to.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// The account of the token.
pub(crate) const BOT: &str = "github-actions[bot]";
pub(crate) const TOKEN: &str = "ghs_0123456789abcdefTOKEN";
pub(crate) const TEAM_TOKEN: &str = "ghs_TEAMTEAMTEAMTOKEN";

/// Where a server of one's own has its REST interface.
pub(crate) const SUBFOLDER: &str = "/api/v3";

/// How a request goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// This answer instead: status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The connection ends without an answer.
    Reset,
    /// The work is done, and the answer is lost.
    Lost,
    /// The answer comes too late.
    Late(Duration),
    /// Half of the answer.
    Cut,
}

pub(crate) fn answer(status: u16, message: &str) -> Fault {
    Fault::Answer(status, Vec::new(), json!({ "message": message, "status": status.to_string() }).to_string())
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) pull: Value,
    pub(crate) files: Vec<Value>,
    pub(crate) reviews: Vec<Value>,
    /// Events of the pull request's page.
    pub(crate) timeline: Vec<Value>,
    /// Pull requests by the commit that they came with.
    pub(crate) merged: BTreeMap<String, Vec<Value>>,
    /// What the token may resolve.
    pub(crate) may_resolve: bool,
    /// Comments whose threads were resolved.
    pub(crate) resolved: Vec<u64>,
    /// What the repository says of itself.
    pub(crate) repository: Value,
    pub(crate) commits: Vec<Value>,
    pub(crate) pushes: Vec<Value>,
    pub(crate) rules: Vec<Value>,
    /// Names of changed files, and the tree of the merge base, by `base...commit`.
    pub(crate) compared: BTreeMap<String, (Vec<String>, String)>,
    /// The newest commit of the base branch.
    pub(crate) tip: String,
    /// The tree and its listing by commit.
    pub(crate) trees: BTreeMap<String, (String, Vec<Value>)>,
    pub(crate) permissions: BTreeMap<String, &'static str>,
    pub(crate) teams: BTreeMap<String, Vec<String>>,
    pub(crate) line_comments: Vec<Value>,
    pub(crate) page_comments: Vec<Value>,
    pub(crate) statuses: Vec<Value>,
    pub(crate) check_runs: Vec<Value>,
    /// Method, part of the path, how, and how often still.
    pub(crate) faults: Vec<(&'static str, &'static str, Fault, usize)>,
    /// Method and path of every request.
    pub(crate) requests: Vec<String>,
    /// What was wrong with requests.
    pub(crate) complaints: Vec<String>,
    pub(crate) page_size: usize,
    next_id: u64,
}

impl State {
    fn id(&mut self) -> u64 {
        self.next_id += 1;
        9_000_000_000 + self.next_id
    }

    pub(crate) fn writes(&self) -> Vec<&String> {
        self.requests.iter().filter(|r| !r.starts_with("GET ") && !r.contains("/graphql")).collect()
    }
}

pub(crate) struct Server {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { page_size: 100, ..State::default() }));
        let (shared, base) = (Arc::clone(&state), url.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (shared, base) = (Arc::clone(&shared), base.clone());
                std::thread::spawn(move || serve(stream.unwrap(), &shared, &base));
            }
        });
        Server { url, state }
    }

    /// The same server by TLS, as `host` with an unknown certificate: port and certificate in PEM.
    pub(crate) fn by_tls(&self, host: &'static str) -> (u16, String) {
        let key = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
        let (pem, chain) = (key.cert.pem(), vec![key.cert.der().clone()]);
        let private = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, private).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (shared, base) = (Arc::clone(&self.state), format!("https://{host}{SUBFOLDER}"));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (shared, base, config) = (Arc::clone(&shared), base.clone(), Arc::clone(&config));
                std::thread::spawn(move || {
                    let connection = rustls::ServerConnection::new(config).unwrap();
                    serve(rustls::StreamOwned::new(connection, stream.unwrap()), &shared, &base);
                });
            }
        });
        (port, pem)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn fault(&self, method: &'static str, path: &'static str, fault: Fault, times: usize) {
        self.state().faults.push((method, path, fault, times));
    }
}

struct Request {
    method: String,
    path: String,
    headers: BTreeMap<String, Vec<String>>,
    body: Value,
}

fn read(stream: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.entry(name.to_lowercase()).or_default().push(value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |l| l[0].parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    Some(Request { method, path, headers, body })
}

fn serve(stream: impl Read + Write, state: &Mutex<State>, base: &str) {
    let mut reader = BufReader::new(stream);
    while let Some(mut request) = read(&mut reader) {
        if let Some(path) = request.path.strip_prefix(SUBFOLDER) {
            request.path = path.to_owned();
        }
        let mut state = state.lock().unwrap();
        check_headers(&mut state, &request);
        state.requests.push(format!("{} {}", request.method, request.path));
        let fault = state.faults.iter_mut().find(|(method, part, _, left)| {
            *left > 0 && request.method == *method && request.path.contains(part)
        });
        let fault = fault.map(|fault| {
            fault.3 -= 1;
            fault.2.clone()
        });
        let reply = match &fault {
            Some(Fault::Reset) => return,
            Some(Fault::Answer(status, headers, body)) => (*status, headers.clone(), body.clone()),
            _ => {
                let (status, link, body) = respond(&mut state, &request, base);
                (status, link.map(|l| ("Link", l)).into_iter().collect(), body.to_string())
            }
        };
        drop(state);
        match fault {
            Some(Fault::Lost) => return,
            Some(Fault::Late(time)) => std::thread::sleep(time),
            _ => {}
        }
        let (status, headers, body) = reply;
        let mut text = format!(
            "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let cut = matches!(fault, Some(Fault::Cut));
        let body = if cut { &body[..body.len() / 2] } else { &body[..] };
        let stream = reader.get_mut();
        if stream.write_all(format!("{text}\r\n{body}").as_bytes()).is_err() || cut {
            return;
        }
    }
}

fn check_headers(state: &mut State, request: &Request) {
    let one = |name: &str| request.headers.get(name).map(|v| v.join(", ")).unwrap_or_default();
    let token = one("authorization");
    let right = if request.path.starts_with("/orgs/") { TEAM_TOKEN } else { TOKEN };
    if token != format!("Bearer {right}") {
        state.complaints.push(format!("{}: authorization `{token}`", request.path));
    }
    if one("x-github-api-version") != "2022-11-28" {
        state.complaints.push(format!("version `{}`", one("x-github-api-version")));
    }
    if one("user-agent").is_empty() || one("accept") != "application/vnd.github+json" {
        state.complaints.push(format!("accept `{}`", one("accept")));
    }
}

fn refuse(status: u16, message: &str, errors: Value) -> (u16, Option<String>, Value) {
    (
        status,
        None,
        json!({ "message": message, "errors": errors, "documentation_url": "https://docs.example" }),
    )
}

fn respond(state: &mut State, request: &Request, base: &str) -> (u16, Option<String>, Value) {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    if let Some(problem) = super::schema::problem(&request.method, path, &request.body) {
        state.complaints.push(format!("{} {path}: {problem}", request.method));
        return refuse(422, "Validation Failed", json!([problem]));
    }
    let body = &request.body;
    match (request.method.as_str(), parts.as_slice()) {
        ("POST", ["graphql"] | ["api", "graphql"]) => (200, None, json!({ "data": graphql(state, body) })),
        ("GET", ["repos", _, _, "pulls", "42"]) => (200, None, state.pull.clone()),
        ("GET", ["repos", _, _, "pulls", "42", list]) => {
            let all = match *list {
                "files" => &state.files,
                "reviews" => &state.reviews,
                "commits" => &state.commits,
                "comments" => &state.line_comments,
                other => panic!("no list {other}"),
            };
            page(all, state.page_size, path, query, base)
        }
        ("GET", ["repos", _, _, "issues", "42", "comments"]) => {
            page(&state.page_comments, state.page_size, path, query, base)
        }
        ("GET", ["repos", _, _, "issues", "42", "timeline"]) => {
            page(&state.timeline, state.page_size, path, query, base)
        }
        ("GET", ["repos", _, _, "commits", sha, "pulls"]) => {
            (200, None, json!(state.merged.get(*sha).cloned().unwrap_or_default()))
        }
        ("GET", ["repos", _, _, "commits", sha, "statuses"]) => {
            let of_commit: Vec<&Value> = state.statuses.iter().rev().filter(|s| s["sha"] == *sha).collect();
            (200, None, json!(of_commit))
        }
        ("GET", ["repos", _, _]) => {
            let mut repository = json!({ "default_branch": "main" });
            if let (Some(all), Some(more)) = (repository.as_object_mut(), state.repository.as_object()) {
                all.extend(more.clone());
            }
            (200, None, repository)
        }
        ("GET", ["repos", _, _, "branches", name]) => (
            200,
            None,
            json!({ "name": name, "commit": { "sha": state.tip }, "protection": { "enabled": false } }),
        ),
        ("GET", ["repos", _, _, "activity"]) => (200, None, json!(state.pushes)),
        ("GET", ["repos", _, _, "compare", range]) => match state.compared.get(*range) {
            Some((names, tree)) => {
                let files: Vec<Value> = names.iter().map(|n| json!({ "filename": n })).collect();
                let began = json!({ "sha": "0".repeat(40), "commit": { "tree": { "sha": tree } } });
                (200, None, json!({ "files": files, "merge_base_commit": began }))
            }
            None => refuse(404, "Not Found", json!(null)),
        },
        ("GET", ["repos", _, _, "git", "trees", commit]) => match state.trees.get(*commit) {
            Some((id, tree)) => (200, None, json!({ "sha": id, "truncated": false, "tree": tree })),
            None => refuse(404, "Not Found", json!(null)),
        },
        ("GET", ["repos", _, _, "rules", "branches", _]) => (200, None, json!(state.rules)),
        ("GET", ["repos", _, _, "codeowners", "errors"]) => (200, None, json!({ "errors": [] })),
        ("GET", ["repos", _, _, "collaborators", login, "permission"]) => match state.permissions.get(*login)
        {
            Some(has) => {
                let permission = if *has == "maintain" { "write" } else { has };
                (200, None, json!({ "permission": permission, "role_name": has }))
            }
            None => refuse(404, "Not Found", json!(null)),
        },
        ("GET", ["orgs", org, "teams", slug]) => match state.teams.get(&format!("{org}/{slug}")) {
            Some(_) => (200, None, json!({ "slug": slug })),
            None => refuse(404, "Not Found", json!(null)),
        },
        ("GET", ["orgs", org, "teams", slug, "memberships", login]) => {
            let members = state.teams.get(&format!("{org}/{slug}")).cloned().unwrap_or_default();
            match members.iter().any(|m| m == login) {
                true => (200, None, json!({ "state": "active", "role": "member" })),
                false => refuse(404, "Not Found", json!(null)),
            }
        }
        ("POST", ["repos", _, _, "pulls", "42", "reviews"]) => {
            let comments = body["comments"].as_array().unwrap().clone();
            if comments.iter().any(|c| !super::schema::in_diff(&state.files, c)) {
                return (
                    422,
                    None,
                    json!({ "message": "Unprocessable Entity", "errors": ["Line could not be resolved"], "status": "422" }),
                );
            }
            for comment in comments {
                let id = state.id();
                let (path, line, text) = (&comment["path"], &comment["line"], &comment["body"]);
                state.line_comments.push(json!({
                    "id": id, "path": path, "line": line, "original_line": line, "body": text, "subject_type": "line", "start_line": comment["start_line"],
                    "commit_id": body["commit_id"], "original_commit_id": body["commit_id"], "user": bot(),
                }));
            }
            (200, None, json!({ "id": state.id() }))
        }
        ("POST", ["repos", _, _, "pulls", "42", "comments"]) => {
            if !state.files.iter().any(|f| f["filename"] == body["path"]) || body["subject_type"] != "file" {
                return refuse(
                    422,
                    "Validation Failed",
                    json!([{ "field": "pull_request_review_thread.path", "code": "invalid" }]),
                );
            }
            let id = state.id();
            state.line_comments.push(json!({
                "id": id, "path": body["path"], "line": 1, "body": body["body"], "subject_type": "file",
                "commit_id": body["commit_id"], "original_commit_id": body["commit_id"], "user": bot(),
            }));
            (201, None, json!({ "id": id }))
        }
        ("PATCH", ["repos", _, _, kind, "comments", id]) => {
            let id: u64 = id.parse().unwrap();
            let list = if *kind == "pulls" { &mut state.line_comments } else { &mut state.page_comments };
            match list.iter_mut().find(|c| c["id"] == id) {
                Some(comment) => {
                    comment["body"] = body["body"].clone();
                    (200, None, json!({ "id": id }))
                }
                None => refuse(404, "Not Found", json!(null)),
            }
        }
        ("POST", ["repos", _, _, "issues", "42", "comments"]) => {
            if body["body"].as_str().unwrap().chars().count() > 65_536 {
                return refuse(
                    422,
                    "Validation Failed",
                    json!([{ "message": "Body is too long (maximum is 65536 characters)" }]),
                );
            }
            let id = state.id();
            state.page_comments.push(json!({ "id": id, "body": body["body"], "user": bot() }));
            (201, None, json!({ "id": id }))
        }
        ("POST", ["repos", _, _, "statuses", sha]) => {
            let mut status = body.clone();
            (status["sha"], status["creator"]) = (json!(sha), bot());
            state.statuses.push(status);
            (201, None, json!({ "id": 1 }))
        }
        ("POST", ["repos", _, _, "check-runs"]) => {
            let mut run = body.clone();
            let id = state.id();
            run["id"] = json!(id);
            run["annotations"] = match &body["output"]["annotations"] {
                serde_json::Value::Null => json!([]),
                some => some.clone(),
            };
            if !body["conclusion"].is_null() {
                run["status"] = json!("completed");
            }
            if run["annotations"].as_array().unwrap().len() > 50 {
                return refuse(422, "No more than 50 items are allowed", json!(null));
            }
            state.check_runs.push(run);
            (201, None, json!({ "id": id, "external_id": body["external_id"] }))
        }
        ("GET", ["repos", _, _, "commits", sha, "check-runs"]) => {
            let named = |run: &&Value| {
                run["head_sha"] == *sha && query.contains(&format!("check_name={}&", percent(&run["name"])))
            };
            let runs: Vec<&Value> = state.check_runs.iter().filter(named).collect();
            (200, None, json!({ "total_count": runs.len(), "check_runs": runs }))
        }
        ("PATCH", ["repos", _, _, "check-runs", id]) => {
            let id: u64 = id.parse().unwrap();
            let annotations = body["output"]["annotations"].as_array().cloned().unwrap_or_default();
            if annotations.len() > 50 {
                let message = format!(
                    "Invalid request.\n\nNo more than 50 items are allowed; {} were supplied.",
                    annotations.len()
                );
                return refuse(422, &message, json!(null));
            }
            let run = state.check_runs.iter_mut().find(|r| r["id"] == id).unwrap();
            run["annotations"].as_array_mut().unwrap().extend(annotations);
            for key in ["title", "summary"] {
                run["output"][key] = body["output"][key].clone();
            }
            if !body["conclusion"].is_null() {
                run["status"] = json!("completed");
            }
            for key in ["status", "conclusion"] {
                if !body[key].is_null() {
                    run[key] = body[key].clone();
                }
            }
            (200, None, json!({ "id": id }))
        }
        (method, _) => {
            state.complaints.push(format!("unknown route {method} {path}"));
            refuse(404, "Not Found", json!(null))
        }
    }
}

/// The viewer, the threads of the line comments, or a thread that is resolved.
fn graphql(state: &mut State, body: &Value) -> Value {
    let query = body["query"].as_str().unwrap();
    if query.contains("viewer {") {
        return json!({ "viewer": { "login": "github-actions" } });
    }
    if query.contains("resolveReviewThread") {
        let thread = body["variables"]["thread"].as_str().unwrap().trim_start_matches("T_").parse().unwrap();
        assert!(state.may_resolve, "the server would refuse");
        state.resolved.push(thread);
        return json!({ "resolveReviewThread": { "thread": { "isResolved": true } } });
    }
    let thread = |comment: &Value| {
        let id = comment["id"].as_u64().unwrap();
        json!({
            "id": format!("T_{id}"), "isResolved": state.resolved.contains(&id), "viewerCanResolve": state.may_resolve,
            "comments": { "nodes": [{ "fullDatabaseId": id.to_string() }] },
        })
    };
    let nodes: Vec<Value> = state.line_comments.iter().map(thread).collect();
    let threads = json!({ "pageInfo": { "hasNextPage": false, "endCursor": null }, "nodes": nodes });
    json!({ "repository": { "pullRequest": { "reviewThreads": threads } } })
}

/// A name as part of an address.
fn percent(name: &Value) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    let write = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    name.as_str().unwrap().bytes().map(write).collect()
}

pub(crate) fn bot() -> Value {
    json!({ "login": BOT, "id": 41898282, "type": "Bot" })
}

pub(crate) fn person(login: &str, id: u64) -> Value {
    json!({ "login": login, "id": id, "type": "User" })
}

/// One page, with the next one's address in the form that GitHub uses.
fn page(all: &[Value], size: usize, path: &str, query: &str, base: &str) -> (u16, Option<String>, Value) {
    let number = query.split('&').find_map(|p| p.strip_prefix("page=")).map_or(1, |n| n.parse().unwrap());
    let start = (number - 1) * size;
    let items: Vec<&Value> = all.iter().skip(start).take(size).collect();
    let more = all.len() > start + size;
    let link = format!(
        "<{base}{path}?per_page=100&page={}>; rel=\"next\", <{base}{path}?page=9>; rel=\"last\"",
        number + 1
    );
    (200, more.then_some(link), json!(items))
}
