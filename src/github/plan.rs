//! From a verdict to what has to be posted, edited and left alone. Pure.
//!
//! A comment of ours ends in a marker that names its finding, and was written by the account that we
//! post with. Anybody can copy a marker, so it decides nothing but where to write.

use super::diff::{self, Hunk};
use super::types::{Comment, User};
use crate::finding::{Finding, Severity};
use crate::gate::{Outcome, Verdict};
use crate::report::markdown::{self, Links};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Comments at lines and files that one run leaves on a pull request. More are noise, and the server
/// takes no more than 80 in a minute.
const MAX_COMMENTS: usize = 50;
const MARKER: &str = "<!-- flsgate:v1 ";
const MARKER_END: &str = " -->";

/// The account that posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Author {
    /// As the server's REST interface writes it, or without the `[bot]` of an app.
    pub(super) login: String,
}

impl Author {
    pub(super) fn wrote(&self, user: Option<&User>) -> bool {
        let Some(user) = user else { return false };
        let same = |login: &str| login.eq_ignore_ascii_case(&self.login);
        same(&user.login) || (user.is_bot() && user.login.strip_suffix("[bot]").is_some_and(same))
    }
}

/// A comment at lines, as part of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct LineComment {
    pub(super) path: String,
    pub(super) line: u32,
    pub(super) side: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_side: Option<&'static str>,
    pub(super) body: String,
    /// Key of the marker.
    #[serde(skip)]
    pub(super) key: String,
}

/// A comment on a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileComment {
    pub(super) path: String,
    pub(super) body: String,
    pub(super) key: String,
    /// The findings in it.
    pub(super) findings: Vec<String>,
}

/// What to do. Findings that are in none of the lists are shown by the summary alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) lines: Vec<LineComment>,
    pub(super) files: Vec<FileComment>,
    /// Comment and its new text.
    pub(super) edits: Vec<(u64, String)>,
    /// Those of the edited comments whose threads are done with.
    pub(super) resolved: Vec<u64>,
    /// Fingerprints of findings that a comment shows already.
    pub(super) shown: BTreeSet<String>,
}

/// The text with the marker of `key`.
pub(super) fn marked(body: &str, key: &str) -> String {
    format!("{body}\n{MARKER}{key}{MARKER_END}")
}

/// Whether a comment's text has a marker, whoever wrote it.
pub(super) fn has_marker(body: &str) -> bool {
    body.contains(MARKER)
}

/// The key of a comment of ours.
pub(super) fn key<'c>(comment: &'c Comment, author: &Author) -> Option<&'c str> {
    if !author.wrote(comment.user.as_ref()) {
        return None;
    }
    let last = comment.body.as_deref()?.trim_end().lines().last()?;
    last.strip_prefix(MARKER)?.strip_suffix(MARKER_END)
}

/// Which lines of which files the pull request shows. A file without lines is in it all the same.
pub(super) type Shown = BTreeMap<String, Vec<Hunk>>;

/// What to do about the comments of a pull request. `head` is the commit that is judged, `shown` has no path that it
/// lacks.
pub(super) fn plan(
    verdict: &Verdict,
    shown: &Shown,
    existing: &[Comment],
    author: &Author,
    head: &str,
    links: &Links,
) -> Plan {
    // A link to a place names a commit, and each push would edit every comment.
    let links = &Links { rule_pages: links.rule_pages.clone(), ..Links::default() };
    let mut own: BTreeMap<&str, &Comment> = BTreeMap::new();
    for comment in existing {
        if let Some(key) = key(comment, author) {
            // The newest of several.
            own.insert(key, comment);
        }
    }
    let mut plan = Plan::default();
    let mut by_file: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    let mut posted = 0;
    // What each finding is told by: the comment that is there, or one to come.
    let mut current: BTreeMap<String, Option<u64>> = BTreeMap::new();
    for finding in &verdict.findings {
        let key = format!("fp={}", finding.fingerprint());
        let weighs = finding.severity > Severity::Note;
        if current.contains_key(&key) || !(weighs || own.contains_key(key.as_str())) {
            continue;
        }
        let (path, lines) = (finding.place.path().as_str(), lines(finding, shown));
        let body = marked(&with_suggestion(finding, lines, links), &key);
        let there = own.get(key.as_str()).filter(|c| !outdated(c, head));
        current.insert(key.clone(), there.map(|comment| comment.id));
        if let Some(comment) = there {
            if !says(comment, &body) {
                plan.edits.push((comment.id, body));
            }
            plan.shown.insert(finding.fingerprint());
            posted += 1;
        } else if !weighs || posted >= MAX_COMMENTS || !shown.contains_key(path) {
        } else if let Some((first, last)) = lines {
            posted += 1;
            let several = first < last;
            plan.lines.push(LineComment {
                path: path.to_owned(),
                line: last,
                side: "RIGHT",
                start_line: several.then_some(first),
                start_side: several.then_some("RIGHT"),
                body,
                key,
            });
        } else {
            by_file.entry(path).or_default().push(finding);
        }
    }
    for (path, findings) in by_file {
        let key = format!("file={}", markdown_key(path));
        let body = marked(&markdown::file_comment(&findings, links), &key);
        let prints: Vec<String> = findings.iter().map(|f| f.fingerprint()).collect();
        let there = own.get(key.as_str());
        current.insert(key.clone(), there.map(|comment| comment.id));
        match there {
            Some(comment) => {
                if !says(comment, &body) {
                    plan.edits.push((comment.id, body));
                }
                plan.shown.extend(prints);
            }
            None if posted < MAX_COMMENTS => {
                posted += 1;
                plan.files.push(FileComment { path: path.to_owned(), body, key, findings: prints });
            }
            None => {}
        }
    }
    // What an undecided run does not find may be there all the same.
    if verdict.outcome != Outcome::Undecided {
        clear(&mut plan, existing, author, &current);
    }
    plan
}

/// Comments of ours that tell nothing any more: of findings that are gone, and of those that are told elsewhere now.
fn clear(plan: &mut Plan, existing: &[Comment], author: &Author, current: &BTreeMap<String, Option<u64>>) {
    let ours = existing.iter().filter_map(|comment| Some((comment, key(comment, author)?)));
    let about_findings = ours.filter(|(_, key)| key.starts_with("fp=") || key.starts_with("file="));
    for (comment, key) in about_findings {
        let text = match current.get(key) {
            None => markdown::resolved(&rule(comment)),
            Some(Some(told_by)) if *told_by == comment.id => continue,
            Some(_) => markdown::moved(),
        };
        let body = marked(&text, key);
        if !says(comment, &body) {
            plan.edits.push((comment.id, body));
            plan.resolved.push(comment.id);
        }
    }
}

/// The lines at which a finding can carry a comment: shown ones of the head. A place of the base has other numbers.
fn lines(finding: &Finding, shown: &Shown) -> Option<(u32, u32)> {
    let location = finding.place.location();
    let hunks = shown.get(finding.place.path().as_str()).filter(|_| !finding.place.is_of_base())?;
    diff::fit(hunks, location.start.line, location.end.line)
}

/// Whether a comment has this text. The server may write line ends and the end of the text its own way, and which run
/// of the same a link leads to makes no difference.
pub(super) fn says(comment: &Comment, body: &str) -> bool {
    let there = comment.body.as_deref().unwrap_or_default();
    let lines = |text: &str| -> Vec<String> { text.trim_end().lines().map(without_run).collect() };
    lines(there) == lines(body)
}

/// A line without the numbers of runs that it links.
fn without_run(line: &str) -> String {
    const RUN: &str = "/actions/runs/";
    let mut parts = line.split(RUN);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(RUN);
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

/// The text of a finding's comment, wherever it stands.
pub(super) fn comment_text(finding: &Finding, links: &Links) -> String {
    markdown::comment(finding, None, links)
}

/// A comment whose line has left the diff since it was written. One that was written on this very
/// commit is never posted again, whatever the server says of its line.
fn outdated(comment: &Comment, head: &str) -> bool {
    let at_line = comment.subject_type.as_deref() != Some("file");
    at_line && comment.line.is_none() && comment.original_commit_id.as_deref().is_some_and(|c| c != head)
}

fn with_suggestion(finding: &Finding, lines: Option<(u32, u32)>, links: &Links) -> String {
    // A suggestion replaces exactly the commented lines.
    let line = finding.place.location().start.line;
    let suggestion = (lines == Some((line, line))).then(|| markdown::suggestion(finding)).flatten();
    markdown::comment(finding, suggestion.as_deref(), links)
}

/// The rule that a comment of ours names in its last line.
fn rule(comment: &Comment) -> String {
    let body = comment.body.as_deref().unwrap_or_default();
    let line = body.lines().rev().find_map(|line| line.strip_prefix("Rule "));
    let named = line.and_then(|line| line.split('`').nth(1));
    let known = |id: &&str| id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    named.filter(known).unwrap_or("flsgate").to_owned()
}

/// A path as part of a marker: nothing of the path itself is in it.
fn markdown_key(path: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(path).iter().take(16).map(|b| format!("{b:02x}")).collect()
}
