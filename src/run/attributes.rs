//! `.gitattributes` that change bytes on the way from git to the checkout that deploys: what is reviewed is then not
//! what deploys. `text` and `eol` change line ends alone, which XML takes for the same.

use super::RunError;
use crate::gate::Reason;
use crate::git::Comparison;
use crate::org::bears_on_access;
use crate::source::{Position, RepoPath, Snapshot};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::BTreeSet;

const NAME: &str = ".gitattributes";

/// Lines that rewrite permission or field files, where the line is new, or the file is.
pub(super) fn rewriting(comparison: &Comparison) -> Result<Vec<Reason>, RunError> {
    let mut found = Vec::new();
    let files = comparison.landing.entries()?.iter().filter(|entry| entry.path.file_name() == NAME);
    for entry in files {
        let old = match comparison.base.entry(&entry.path)? {
            Some(old) => comparison.base.read(old).map(|file| lines(file.bytes())).unwrap_or_default(),
            None => Vec::new(),
        };
        let old: BTreeSet<String> = old.into_iter().map(|(_, line)| line).collect();
        let file = match comparison.landing.read(entry) {
            Ok(file) => file,
            Err(error) if comparison.changes.iter().any(|change| change.path == entry.path) => {
                found.push(Reason { path: error.path, position: None, message: error.reason });
                continue;
            }
            Err(_) => continue,
        };
        for (at, line) in lines(file.bytes()) {
            let Some((what, pattern)) = rewrites(&line) else { continue };
            let folder = entry.path.as_str().strip_suffix(NAME).unwrap_or_default();
            if let Some(path) = matched(comparison, folder, &pattern, old.contains(&line))? {
                let message = format!(
                    "`{what}` rewrites `{path}` when git checks it out, so what is reviewed is not what deploys; take it \
                     out, or keep the pattern away from permission and field files"
                );
                let position = Some(Position { line: at, column: 1 });
                found.push(Reason { path: entry.path.clone(), position, message });
            }
        }
    }
    Ok(found)
}

/// Lines with their numbers, without comments.
fn lines(bytes: &[u8]) -> Vec<(u32, String)> {
    let text = String::from_utf8_lossy(bytes);
    let numbered = (1..).zip(text.lines().map(|line| line.trim().to_owned()));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The attribute of a line that changes bytes, and the pattern of the files that it touches.
fn rewrites(line: &str) -> Option<(String, Pattern)> {
    let (pattern, attributes) = match line.starts_with('"') {
        // A quoted pattern may hold blanks and escapes: it may name anything.
        true => (None, line),
        false => {
            let (pattern, rest) = line.split_once(char::is_whitespace)?;
            (Some(pattern).filter(|p| !p.starts_with("[attr]") && !p.contains(['\\', '{'])), rest)
        }
    };
    let changes = |attribute: &&str| match attribute.split_once('=') {
        Some(("working-tree-encoding", encoding)) => {
            !encoding.eq_ignore_ascii_case("utf-8") && !encoding.eq_ignore_ascii_case("utf8")
        }
        Some((name, _)) => name == "filter",
        None => *attribute == "ident",
    };
    let what = attributes.split_whitespace().find(changes)?;
    let pattern = pattern.map_or(Pattern::Anything, |pattern| Pattern::Path(pattern.to_owned()));
    Some((what.to_owned(), pattern))
}

enum Pattern {
    Path(String),
    /// A macro, or a pattern that git reads in a way of its own.
    Anything,
}

/// A permission or field file that the pattern touches; of a line that stands, one that the change adds or alters.
fn matched(
    comparison: &Comparison,
    folder: &str,
    pattern: &Pattern,
    stands: bool,
) -> Result<Option<RepoPath>, RunError> {
    let patterns: Option<Gitignore> = match pattern {
        Pattern::Path(pattern) => {
            let mut builder = GitignoreBuilder::new("");
            let fine = builder.add_line(None, pattern).is_ok();
            builder.build().ok().filter(|_| fine)
        }
        Pattern::Anything => None,
    };
    let touched = |path: &RepoPath| {
        let inside = path.as_str().strip_prefix(folder);
        let hit = |rest: &str| patterns.as_ref().is_none_or(|p| p.matched(rest, false).is_ignore());
        bears_on_access(path.as_str()) && inside.is_some_and(hit)
    };
    if stands {
        let changed = comparison.changes.iter().filter(|change| change.new.is_some());
        return Ok(changed.map(|change| &change.path).find(|path| touched(path)).cloned());
    }
    let listed = comparison.landing.entries()?;
    Ok(listed.iter().map(|entry| &entry.path).find(|path| touched(path)).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_bytes_counts() {
        let what = |line: &str| rewrites(line).map(|(what, _)| what);
        assert_eq!(what("*.xml working-tree-encoding=UTF-16"), Some("working-tree-encoding=UTF-16".into()));
        assert_eq!(what("*.xml text filter=swap"), Some("filter=swap".into()));
        assert_eq!(what("*.xml ident"), Some("ident".into()));
        assert_eq!(what("[attr]odd filter=swap"), Some("filter=swap".into()));
        for line in
            ["* text=auto eol=lf", "*.xml -ident", "*.xml -filter", "*.xml working-tree-encoding=UTF-8", "*"]
        {
            assert_eq!(what(line), None, "{line}");
        }
    }
}
