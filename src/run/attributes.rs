//! `.gitattributes` that change bytes on the way from git to the checkout that deploys: what is reviewed is then not
//! what deploys. `text` and `eol` change line ends alone, which XML takes for the same.

use super::RunError;
use crate::gate::Reason;
use crate::git::Comparison;
use crate::org::bears_on_access;
use crate::source::{Position, ReadError, RepoPath, Snapshot};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::{BTreeSet, HashSet};

const NAME: &str = ".gitattributes";

/// Each is held against every file: more than any project has are not looked at.
const MAX_REWRITING: usize = 1000;

/// Lines that rewrite permission or field files, where the line is new or goes, or the file is new or altered.
pub(super) fn rewriting(comparison: &Comparison) -> Result<Vec<Reason>, RunError> {
    let mut found = Vec::new();
    let sides = [comparison.base.entries()?, comparison.landing.entries()?];
    let files = sides.into_iter().flatten().filter(|entry| entry.path.file_name() == NAME);
    for path in files.map(|entry| &entry.path).collect::<BTreeSet<_>>() {
        let new = match read(&comparison.landing, path) {
            Ok(new) => new,
            Err(error) => {
                let touched = comparison.changes.iter().any(|change| change.path == *path);
                let reason = Reason { path: error.path, position: None, message: error.reason };
                found.extend(Some(reason).filter(|_| touched));
                continue;
            }
        };
        let old = read(&comparison.base, path).unwrap_or_default();
        let texts =
            |lines: &[(u32, String)]| lines.iter().map(|(_, line)| line.clone()).collect::<HashSet<_>>();
        let (were, are) = (texts(&old), texts(&new));
        let stand_or_come = new.iter().map(|(at, line)| (Some(*at), line, were.contains(line)));
        let go = old.iter().filter(|(_, line)| !are.contains(line)).map(|(_, line)| (None, line, false));
        let rewriting =
            |(at, line, stands): (Option<u32>, &String, bool)| Some((at, stands, rewrites(line)?));
        let rewriting: Vec<_> = stand_or_come.chain(go).filter_map(rewriting).collect();
        if rewriting.len() > MAX_REWRITING {
            let message = format!(
                "more than {MAX_REWRITING} lines rewrite files when git checks them out; take them out"
            );
            found.push(Reason { path: path.clone(), position: None, message });
            continue;
        }
        for (at, stands, (what, pattern)) in rewriting {
            let folder = path.as_str().strip_suffix(NAME).unwrap_or_default();
            if let Some(rewritten) = matched(comparison, folder, &pattern, stands)? {
                found.push(reason(path, at, &what, &rewritten));
            }
        }
    }
    Ok(found)
}

fn reason(path: &RepoPath, at: Option<u32>, what: &str, rewritten: &RepoPath) -> Reason {
    let message = match at {
        Some(_) => format!(
            "`{what}` rewrites `{rewritten}` when git checks it out, so what is reviewed is not what deploys; take it \
             out, or keep the pattern away from permission and field files"
        ),
        None => format!(
            "`{what}` goes, which rewrote `{rewritten}` when git checked it out, so it deploys otherwise from now on; \
             take it out in a pull request of its own that an administrator merges"
        ),
    };
    Reason { path: path.clone(), position: at.map(|line| Position { line, column: 1 }), message }
}

/// The lines of one side's file, if it has one.
fn read(side: &dyn Snapshot, path: &RepoPath) -> Result<Vec<(u32, String)>, ReadError> {
    let Some(entry) = side.entry(path)? else { return Ok(Vec::new()) };
    Ok(lines(side.read(entry)?.bytes()))
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
