//! The inputs of the Action: `INPUT_*` variables to validated options.
//!
//! The runner keeps dashes, turns blanks into `_`, and passes an input without value as an empty
//! variable. It only warns about an unknown input, and the default would count: so unknown ones are
//! refused here.

use super::Secret;
use crate::report::Format;
use crate::words::{nearest, sentences};
use std::collections::BTreeMap;
use std::path::{Component, PathBuf};

/// Every input, as `action.yml` declares it.
pub const NAMES: &[&str] = &[
    "token",
    "team-token",
    "review-comments",
    "summary-comment",
    "commit-status",
    "check-run",
    "base",
    "head",
    "working-directory",
    "policy",
    "output",
    "ca-file",
    "comment-author",
];

/// What the runner itself may add: `with: args` and `with: entryPoint` of any container action.
const BY_RUNNER: &[&str] = &["ARGS", "ENTRYPOINT"];
/// A status context or check name longer than this is a slip.
const MAX_NAME: usize = 100;

/// Validated inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// For the API of the repository.
    pub token: Option<Secret>,
    /// For the members of teams, which the token of a workflow cannot see.
    pub team_token: Option<Secret>,
    /// Comment at the lines of findings.
    pub review_comments: bool,
    /// Keep one comment with the whole verdict.
    pub summary_comment: bool,
    /// Context of a commit status on the head, in which `{base}` stands for the base branch; `None` sets none.
    pub commit_status: Option<String>,
    /// Name of a check run with annotations, likewise; `None` makes none.
    pub check_run: Option<String>,
    /// Revision of the base, for events without a pull request.
    pub base: Option<String>,
    /// Revision of the head, for events without a pull request.
    pub head: Option<String>,
    /// Folder of the workspace that has the checkout; `None` is the workspace itself.
    pub working_directory: Option<PathBuf>,
    /// A policy to judge by in place of that of the base, below the workspace and of no file of the repository.
    pub policy: Option<PathBuf>,
    /// Reports to write as well: format and path below the workspace.
    pub output: Vec<(Format, PathBuf)>,
    /// Certificates to trust beside the built-in roots.
    pub ca_file: Option<PathBuf>,
    /// The login under which comments are posted; `None` asks the server.
    pub comment_author: Option<String>,
}

impl Inputs {
    /// What the commit status of a run needs that cannot begin, whatever is wrong with other inputs.
    pub fn for_the_status(env: &BTreeMap<String, String>) -> Option<Self> {
        let needed = ["INPUT_TOKEN", "INPUT_COMMIT-STATUS", "INPUT_COMMENT-AUTHOR"];
        let some = env.iter().filter(|(name, _)| needed.contains(&name.as_str()));
        Inputs::read(&some.map(|(name, value)| (name.clone(), value.clone())).collect()).ok()
    }

    /// Reads the inputs from environment variables.
    ///
    /// # Errors
    /// Every mistake, one sentence each, sorted.
    pub fn read(env: &BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let mut mistakes = Vec::new();
        let known: Vec<String> = NAMES.iter().map(|n| n.to_uppercase()).collect();
        for (name, value) in env.iter().filter_map(|(k, v)| Some((k.strip_prefix("INPUT_")?, v))) {
            let by_runner = BY_RUNNER.contains(&name) && value.is_empty();
            if !by_runner && !known.iter().any(|k| k == name) {
                let name = name.to_lowercase();
                let list = || NAMES.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
                let known = match nearest(&name, NAMES.iter().copied()) {
                    Some(near) => format!(". Did you mean `{near}`?"),
                    None => format!("; the inputs are {}", list()),
                };
                mistakes.push(format!("unknown input `{name}`{known}"));
            }
        }
        let get = |name: &str| {
            let value = env.get(&format!("INPUT_{}", name.to_uppercase())).map(|v| v.trim());
            value.filter(|v| !v.is_empty()).map(str::to_owned)
        };
        let mut secret = |name: &str| match Secret::new(&get(name).unwrap_or_default()) {
            Ok(secret) => secret,
            Err(why) => {
                mistakes.push(format!("input `{name}` {why}; pass a secret, or leave it out"));
                None
            }
        };
        let (token, team_token) = (secret("token"), secret("team-token"));
        let mut switch = |name: &str, default: bool| match get(name).as_deref() {
            None => default,
            Some("true") => true,
            Some("false") => false,
            Some(other) => {
                mistakes.push(format!("input `{name}` is `{other}`; the values are `true`, `false`"));
                default
            }
        };
        let (review_comments, summary_comment) =
            (switch("review-comments", true), switch("summary-comment", true));
        let mut name = |name: &str| {
            let value = get(name)?;
            if value.chars().count() > MAX_NAME || value.chars().any(char::is_control) {
                mistakes
                    .push(format!("input `{name}` is no name; write at most {MAX_NAME} visible characters"));
                return None;
            }
            if value.replace(BASE, "").contains(['{', '}']) {
                mistakes.push(sentences::unknown_placeholder(name));
                return None;
            }
            Some(value)
        };
        let (commit_status, check_run) = (name("commit-status"), name("check-run"));
        let comment_author = name("comment-author");
        let working_directory = get("working-directory").map(PathBuf::from).filter(|folder| {
            let inside = folder.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
            if !inside {
                mistakes.push(sentences::no_working_directory(&folder.display().to_string()));
            }
            inside
        });
        let policy = get("policy").map(PathBuf::from).filter(|path| {
            let inside = path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
            if !inside {
                mistakes.push(format!(
                    "input `policy` names `{}`, no path below the workspace; write one such as `central/policy.yml`",
                    path.display()
                ));
            }
            inside
        });
        let mut output = Vec::new();
        for line in get("output").iter().flat_map(|lines| lines.lines()).map(str::trim) {
            match report(line) {
                Ok(report) => output.push(report),
                Err(_) if line.is_empty() => {}
                Err(why) => mistakes.push(why),
            }
        }
        mistakes.sort();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Inputs {
            token,
            team_token,
            review_comments,
            summary_comment,
            commit_status,
            check_run,
            base: get("base"),
            head: get("head"),
            working_directory,
            policy,
            output,
            ca_file: get("ca-file").map(PathBuf::from),
            comment_author,
        })
    }
}

/// Stands for the base branch in names of statuses and check runs.
const BASE: &str = "{base}";

/// The name of a status or check run that belongs to one base branch. A status belongs to a commit, not to a pull
/// request: with one name for all, a second pull request of the same head into another branch would answer for the
/// first. `None`: the name asks for a base, and there is none.
///
/// GitHub takes two names that differ in case only for one, and two branches not, so whatever could be confused is
/// written as `%` and two digits.
pub(super) fn for_base(name: &str, base: Option<&str>) -> Option<String> {
    if !name.contains(BASE) {
        return Some(name.to_owned());
    }
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._/-".contains(&b);
    let write = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    let base: String = base?.bytes().map(write).collect();
    Some(name.replace(BASE, &base))
}

/// One line of the input `output`.
fn report(line: &str) -> Result<(Format, PathBuf), String> {
    let names = Format::NAMES.join(", ");
    let (name, path) = line
        .split_once('=')
        .ok_or_else(|| format!("input `output` has a line `{line}`; write `FORMAT=PATH`, one a line"))?;
    let format = Format::named(name.trim())
        .ok_or_else(|| format!("input `output` names the format `{name}`; the formats are {names}"))?;
    let path = PathBuf::from(path.trim());
    let inside = path.components().all(|c| matches!(c, Component::Normal(_)));
    if !inside || path.as_os_str().is_empty() {
        return Err(format!(
            "input `output` names `{}`, no path below the workspace; write one such as `flsgate.json`",
            path.display()
        ));
    }
    Ok((format, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Inputs, Vec<String>> {
        Inputs::read(&pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn dashes_stay_and_empty_is_absent() {
        let inputs = read(&[
            ("INPUT_COMMIT-STATUS", " flsgate "),
            ("INPUT_CHECK-RUN", ""),
            ("INPUT_REVIEW-COMMENTS", "false"),
            ("INPUT_ARGS", ""),
            ("INPUT_OUTPUT", "json=a/b.json\r\nsarif=c.sarif\n"),
            ("OTHER", "x"),
        ]);
        let inputs = inputs.unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(inputs.commit_status.as_deref(), Some("flsgate"));
        assert_eq!((inputs.check_run, inputs.token), (None, None));
        assert!(!inputs.review_comments && inputs.summary_comment);
        let reports = [(Format::Json { all: false }, "a/b.json".into()), (Format::Sarif, "c.sarif".into())];
        assert_eq!(inputs.output, reports);
    }

    #[test]
    fn a_name_with_a_base_belongs_to_one_branch_whatever_its_case() {
        let named = |base| for_base("flsgate / {base}", base);
        assert_eq!(named(Some("release/1.2")).as_deref(), Some("flsgate / release/1.2"));
        assert_eq!(named(Some("Main")).as_deref(), Some("flsgate / %4Dain"));
        assert_eq!(named(Some("a%4d b\u{e9}")).as_deref(), Some("flsgate / a%254d%20b%C3%A9"));
        assert_eq!(named(None), None);
        assert_eq!(for_base("flsgate", None).as_deref(), Some("flsgate"));
        // No two branches have names that differ in case only.
        let all = ["main", "Main", "MAIN", "m%41in", "mAin"]
            .map(|b| named(Some(b)).unwrap_or_default().to_lowercase());
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn every_mistake_is_told_and_no_token_is() {
        let mistakes = read(&[
            ("INPUT_FAIL_ON", "error"),
            ("INPUT_ENTRYPOINT", "/bin/true"),
            ("INPUT_TOKEN", "ghs_SECRET\nx"),
            ("INPUT_REVIEW-COMMENTS", "yes"),
            ("INPUT_OUTPUT", "json=../../etc/x\nxml=a\nflsgate.json\n\n  json = ok.json "),
            ("INPUT_CHECK-RUN", "a\nb"),
            ("INPUT_COMMIT-STATUS", "flsgate / {branch}"),
            ("INPUT_WORKING-DIRECTORY", "../elsewhere"),
        ]);
        let mistakes = mistakes.unwrap_err();
        assert_eq!(mistakes.len(), 10, "{mistakes:#?}");
        assert!(mistakes.iter().any(|m| m.starts_with("unknown input `fail_on`; the inputs are `token`, ")));
        assert!(!mistakes.concat().contains("SECRET"));
    }
}
