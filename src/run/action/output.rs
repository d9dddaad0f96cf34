//! The files that the runner reads: outputs, step summary; and reports below the workspace.

use crate::finding::Severity;
use crate::gate::{Outcome, Verdict};
use crate::report::markdown::{self, Links};
use crate::run::files;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

/// The runner drops a summary of more than a mebibyte whole.
const SUMMARY_BYTES: usize = 900 * 1024;

/// The outputs that count something, as action.yml declares them beside `verdict`.
const OUTPUTS: [&str; 6] = ["errors", "warnings", "notes", "new_access", "awaiting-approval", "approved"];

/// Where the runner wants things.
pub(super) struct Output {
    outputs: Option<PathBuf>,
    summary: Option<PathBuf>,
}

impl Output {
    pub(super) fn new(env: &BTreeMap<String, String>) -> Self {
        let path = |name| env.get(name).filter(|p| !p.is_empty()).map(PathBuf::from);
        Output { outputs: path("GITHUB_OUTPUT"), summary: path("GITHUB_STEP_SUMMARY") }
    }

    /// Outputs and summary of a verdict.
    pub(super) fn verdict(&self, verdict: &Verdict, links: &Links) -> Result<(), String> {
        let count = |severity| verdict.count(severity).to_string();
        let settled = verdict.approvals.as_ref().map_or(0, |a| a.settled.len());
        let counts = [
            count(Severity::Error),
            count(Severity::Warning),
            count(Severity::Note),
            verdict.all_opened().to_string(),
            verdict.awaiting().count().to_string(),
            settled.to_string(),
        ];
        let mut pairs = vec![("verdict", verdict.outcome.to_string())];
        pairs.extend(OUTPUTS.into_iter().zip(counts));
        self.set(&pairs)?;
        self.summarise(&markdown::summary(verdict, links, SUMMARY_BYTES))
    }

    /// Outputs and summary of a run that could not judge.
    pub(super) fn failure(&self, messages: &[String]) -> Result<(), String> {
        let nothing = OUTPUTS.iter().map(|name| (*name, "0".to_owned()));
        let pairs: Vec<(&str, String)> =
            std::iter::once(("verdict", Outcome::Undecided.to_string())).chain(nothing).collect();
        self.set(&pairs)?;
        self.summarise(&markdown::failure(messages))
    }

    fn set(&self, pairs: &[(&str, String)]) -> Result<(), String> {
        let Some(path) = &self.outputs else { return Ok(()) };
        let mut text = String::new();
        for (name, value) in pairs {
            // Nobody who writes a value can know the line that ends it.
            let end = format!("flsgate_{:016x}{:016x}", random(), random());
            text.push_str(&format!("{name}<<{end}\n{value}\n{end}\n"));
        }
        append(path, &text)
    }

    fn summarise(&self, text: &str) -> Result<(), String> {
        match &self.summary {
            Some(path) => append(path, text),
            None => Ok(()),
        }
    }
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn append(path: &Path, text: &str) -> Result<(), String> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|e| format!("cannot write `{}`: {e}; run the job again", path.display()))
}

/// Takes away what lies where a report goes, a link included, before anything is judged: a later step must
/// not take a file of the author's for a report of this run.
pub(super) fn make_way(workspace: &Path, paths: &[&Path]) -> Result<(), String> {
    for (at, path) in paths.iter().enumerate() {
        let refused = |why: &str| Err(format!("input `output`: `{}` {why}", path.display()));
        if paths[..at].contains(path) {
            return refused("is named twice; name a file for each format");
        }
        if path.components().any(|part| matches!(part.as_os_str().to_str(), Some(".git" | ".flsgate"))) {
            return refused("lies in `.git` or `.flsgate`; name another place");
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        files::without_links(workspace, folder).map_err(|e| e.to_string())?;
        let there = workspace.join(path);
        match std::fs::symlink_metadata(&there) {
            Ok(found) if found.is_dir() => return refused("is a folder; name a file"),
            Ok(_) => std::fs::remove_file(&there)
                .map_err(|e| format!("cannot replace `{}`: {e}", there.display()))?,
            Err(_) => {}
        }
    }
    Ok(())
}

/// Writes a file below the workspace, which is the author's: no link of it is followed.
pub(super) fn write_below(workspace: &Path, path: &Path, bytes: &[u8]) -> Result<(), String> {
    if path.components().any(|part| !matches!(part, Component::Normal(_))) {
        return Err("a report's path is not below the workspace".to_owned());
    }
    let at = files::without_links(workspace, path);
    at.and_then(|at| files::write(&at, bytes)).map_err(|e| format!("{e}; name another file"))
}
