//! `.forceignore`: files that Salesforce's tools do not deploy, in the syntax of gitignore, relative to
//! the folder of the file. The nearest one above a file decides alone (*Salesforce DX Developer Guide*,
//! how to exclude source when syncing).

use super::RunError;
use crate::gate::Reason;
use crate::source::{RepoPath, Snapshot};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::BTreeMap;

const NAME: &str = ".forceignore";

/// The `.forceignore` files of one side.
#[derive(Default)]
pub(super) struct Forceignore {
    /// By folder, without a slash at the end; the root is empty.
    by_folder: BTreeMap<String, (RepoPath, Gitignore)>,
    /// Lines that are no pattern, and files that cannot be read.
    pub(super) problems: Vec<Reason>,
}

impl Forceignore {
    pub(super) fn read(snapshot: &dyn Snapshot) -> Result<Self, RunError> {
        let mut all = Forceignore::default();
        for entry in snapshot.entries()?.iter().filter(|e| e.path.file_name() == NAME) {
            let path = entry.path.as_str();
            let folder = path[..path.len() - NAME.len()].trim_end_matches('/').to_owned();
            let file = match snapshot.read(entry) {
                Ok(file) => file,
                Err(error) => {
                    let reason = Reason { path: error.path, position: None, message: error.reason };
                    all.problems.push(reason);
                    continue;
                }
            };
            let mut builder = GitignoreBuilder::new("");
            for (at, line) in String::from_utf8_lossy(file.bytes()).lines().enumerate() {
                if let Err(error) = builder.add_line(None, line) {
                    let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
                    let position = Some(crate::source::Position { line, column: 1 });
                    let message = format!("no pattern of gitignore: {error}; mend the line");
                    all.problems.push(Reason { path: entry.path.clone(), position, message });
                }
            }
            match builder.build() {
                Ok(patterns) => {
                    all.by_folder.insert(folder, (entry.path.clone(), patterns));
                }
                Err(error) => {
                    let message = format!("the patterns cannot be used together: {error}; mend the file");
                    all.problems.push(Reason { path: entry.path.clone(), position: None, message });
                }
            }
        }
        Ok(all)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_folder.is_empty() && self.problems.is_empty()
    }

    /// The file that keeps `path` from being deployed, if one does.
    pub(super) fn ignores(&self, path: &RepoPath) -> Option<&RepoPath> {
        let mut folder = path.as_str();
        loop {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
            if let Some((file, patterns)) = self.by_folder.get(folder) {
                let inside = path.as_str()[folder.len()..].trim_start_matches('/');
                return patterns.matched_path_or_any_parents(inside, false).is_ignore().then_some(file);
            }
            if folder.is_empty() {
                return None;
            }
        }
    }
}
