//! `.forceignore`: files that Salesforce's tools do not deploy, in the syntax of gitignore without regard to
//! case (*Salesforce DX Developer Guide*, how to exclude source when syncing).
//!
//! Only the file at the root of the project is read: which one further down counts depends on the folder
//! that somebody deploys. Patterns that the tools and other readers of gitignore take differently are no
//! patterns here.

use super::RunError;
use crate::gate::Reason;
use crate::source::{RepoPath, Snapshot};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

pub(super) const NAME: &str = ".forceignore";

/// Whether a path is a `.forceignore` below the root.
pub(super) fn is_nested(path: &RepoPath) -> bool {
    path.file_name() == NAME && path.as_str() != NAME
}

/// The `.forceignore` of one side.
#[derive(Default)]
pub(super) struct Forceignore {
    patterns: Option<(RepoPath, Gitignore)>,
    /// Lines that are no pattern, and files that cannot be read.
    pub(super) problems: Vec<Reason>,
}

impl Forceignore {
    pub(super) fn read(snapshot: &dyn Snapshot) -> Result<Self, RunError> {
        let mut all = Forceignore::default();
        let Some(entry) = snapshot.entry(&RepoPath::from(NAME))? else { return Ok(all) };
        let file = match snapshot.read(entry) {
            Ok(file) => file,
            Err(error) => {
                all.problems.push(Reason { path: error.path, position: None, message: error.reason });
                return Ok(all);
            }
        };
        let mut problem = |at: usize, message: String| {
            let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let position = Some(crate::source::Position { line, column: 1 });
            all.problems.push(Reason { path: entry.path.clone(), position, message });
        };
        let mut builder = GitignoreBuilder::new("");
        let _ = builder.case_insensitive(true);
        for (at, line) in String::from_utf8_lossy(file.bytes()).lines().enumerate() {
            let comment = line.trim_start().starts_with('#');
            if !comment && line.contains(['{', '}', '\\', '\u{feff}']) {
                let message = "braces, backslashes and byte order marks are taken differently by different \
                               tools; write the pattern without them";
                problem(at, message.to_owned());
            } else if let Err(error) = builder.add_line(None, line) {
                problem(at, format!("no pattern of gitignore: {error}; mend the line"));
            }
        }
        match builder.build() {
            Ok(patterns) => all.patterns = Some((entry.path.clone(), patterns)),
            Err(error) => problem(0, format!("the patterns cannot be used together: {error}; mend the file")),
        }
        Ok(all)
    }

    /// The file that keeps `path` from being deployed, if one does. Nothing in an ignored folder comes back.
    pub(super) fn ignores(&self, path: &RepoPath) -> Option<&RepoPath> {
        let (file, patterns) = self.patterns.as_ref()?;
        let path = path.as_str();
        let folders = path.match_indices('/').map(|(at, _)| (&path[..at], true));
        let mut all = folders.chain([(path, false)]);
        all.any(|(part, is_folder)| patterns.matched(part, is_folder).is_ignore()).then_some(file)
    }
}
