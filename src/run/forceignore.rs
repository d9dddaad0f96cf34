//! `.forceignore`: files that Salesforce's tools do not deploy, in the syntax of gitignore without regard to
//! case (*Salesforce DX Developer Guide*, how to exclude source when syncing).
//!
//! What the policy honours is the file at the root of the project: which one further down counts depends on the folder
//! that somebody deploys. For the question what surely deploys all of them count. Patterns that the tools and other readers of gitignore take differently are no
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

/// The `.forceignore` files of one side.
#[derive(Default)]
pub(super) struct Forceignore {
    /// The one at the root, without the lines that tools take differently.
    patterns: Option<(RepoPath, Gitignore)>,
    /// All of them with all lines, by folder: one below the root may take the place of the one there. Nothing, where it
    /// cannot be read.
    anywhere: Vec<(String, Option<Gitignore>)>,
    /// Lines at the root that are no pattern, and files that cannot be read.
    pub(super) problems: Vec<Reason>,
}

impl Forceignore {
    pub(super) fn read(snapshot: &dyn Snapshot) -> Result<Self, RunError> {
        let mut all = Forceignore::default();
        for entry in snapshot.entries()?.iter().filter(|entry| entry.path.file_name() == NAME) {
            let folder = entry.path.as_str().strip_suffix(NAME).unwrap_or_default().to_owned();
            let read =
                snapshot.read(entry).map_err(|e| Reason { path: e.path, position: None, message: e.reason });
            let text = read.map(|file| String::from_utf8_lossy(file.bytes()).into_owned());
            let every_line =
                text.as_ref().ok().and_then(|text| built(text.lines().flat_map(as_tools_take_it)));
            if folder.is_empty() {
                match text {
                    Ok(text) => all.read_root(&entry.path, &text),
                    Err(reason) => all.problems.push(reason),
                }
            }
            all.anywhere.push((folder, every_line));
        }
        Ok(all)
    }

    fn read_root(&mut self, path: &RepoPath, text: &str) {
        let mut problem = |at: usize, message: String| {
            let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let position = Some(crate::source::Position { line, column: 1 });
            self.problems.push(Reason { path: path.clone(), position, message });
        };
        let mut plain = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let comment = line.trim_start().starts_with('#');
            if !comment && line.contains(['{', '}', '\\', '\u{feff}']) {
                let message = "braces, backslashes and byte order marks are taken differently by different \
                               tools; write the pattern without them";
                problem(at, message.to_owned());
            } else if built([line].into_iter()).is_none() {
                problem(at, "no pattern of gitignore; correct the line".to_owned());
            } else {
                plain.push(line);
            }
        }
        match built(plain.into_iter()) {
            Some(patterns) => self.patterns = Some((path.clone(), patterns)),
            None => problem(0, "the patterns cannot be used together; correct the file".to_owned()),
        }
    }

    /// The file at the root, if it keeps `path` from being deployed.
    pub(super) fn ignores(&self, path: &RepoPath) -> Option<&RepoPath> {
        let (file, patterns) = self.patterns.as_ref()?;
        ignored(patterns, path.as_str()).then_some(file)
    }

    /// Whether a file, wherever it lies, may keep `path` from being deployed.
    pub(super) fn may_ignore(&self, path: &RepoPath) -> bool {
        self.anywhere.iter().any(|(folder, patterns)| {
            let inside = path.as_str().strip_prefix(folder.as_str());
            inside.is_some_and(|rest| patterns.as_ref().is_none_or(|patterns| ignored(patterns, rest)))
        })
    }
}

/// A line in every way in which a tool may take it: white space at its end and a byte order mark may be no part of it, and one
/// that ends with `/` be about files as well. What gives files back is taken as it is written alone.
fn as_tools_take_it(line: &str) -> impl Iterator<Item = &str> {
    let bare = line.trim_start_matches('\u{feff}').trim_end();
    let others = [bare, bare.trim_end_matches('/')];
    let ignores = move |other: &&str| !other.is_empty() && !other.starts_with('!') && *other != line;
    std::iter::once(line).chain(others.into_iter().filter(ignores))
}

fn built<'l>(mut lines: impl Iterator<Item = &'l str>) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new("");
    let _ = builder.case_insensitive(true);
    let fine = lines.all(|line| builder.add_line(None, line).is_ok());
    builder.build().ok().filter(|_| fine)
}

/// Whether patterns ignore a path. Nothing in an ignored folder comes back.
fn ignored(patterns: &Gitignore, path: &str) -> bool {
    let folders = path.match_indices('/').map(|(at, _)| (&path[..at], true));
    folders.chain([(path, false)]).any(|(part, is_folder)| patterns.matched(part, is_folder).is_ignore())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_ignore(text: &str, path: &str) -> bool {
        built(text.lines().flat_map(as_tools_take_it)).is_none_or(|patterns| ignored(&patterns, path))
    }

    #[test]
    fn a_pattern_counts_in_every_way_in_which_a_tool_may_take_it() {
        let path = "app/mutingpermissionsets/Mu.mutingpermissionset-meta.xml";
        for text in ["\u{feff}mutingpermissionsets", "**/mutingpermissionsets/**/", "mutingpermissionsets\t"]
        {
            assert!(may_ignore(text, path), "{text:?}");
        }
        assert!(!may_ignore("profiles", path));
    }

    #[test]
    fn what_gives_files_back_is_no_wider_than_it_is_written() {
        for back in ["!Mu.xml/", "!Mu.xml/\t", "\u{feff}!Mu.xml"] {
            assert!(may_ignore(&format!("*.xml\n{back}"), "Mu.xml"), "{back:?}");
        }
        assert!(!may_ignore("*.xml\n!Mu.xml", "Mu.xml"));
    }
}
