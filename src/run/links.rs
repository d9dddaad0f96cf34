//! Symbolic links that are there already and that a deployment follows: what they lead to deploys under the link's name
//! as well, where nothing is read.

use super::RunError;
use crate::gate::Reason;
use crate::git::Comparison;
use crate::org::{Projects, bears_on_access};
use crate::source::{Entry, EntryKind, ReadError, RepoPath, Snapshot, within};
use std::collections::{BTreeMap, BTreeSet};

/// Links that may follow each other. Linux follows 40.
const MAX_LINKS: usize = 40;

/// The links of a snapshot with what each holds: the path that it leads to.
pub(super) type Links = BTreeMap<RepoPath, String>;

/// The links that would land.
pub(super) fn links_of(comparison: &Comparison) -> Result<Links, ReadError> {
    let mut links = Links::new();
    for link in comparison.landing.entries()?.iter().filter(|entry| entry.kind == EntryKind::Symlink) {
        // The content of a link is the path that it leads to.
        let text = Entry { kind: EntryKind::File, ..link.clone() };
        let Ok(file) = comparison.landing.read(&text) else { continue };
        links.insert(link.path.clone(), String::from_utf8_lossy(file.bytes()).into_owned());
    }
    Ok(links)
}

/// Whether the change alters the file at a path, be it through links. Where a link leads depends on the machine it may.
pub(super) fn alters(comparison: &Comparison, links: &Links, path: &str) -> bool {
    let file = target(links, &RepoPath::from(path));
    file.is_none_or(|file| comparison.changes.iter().any(|change| change.path.as_str() == file))
}

/// Links by which changed files deploy under another name too. A deployment follows links in what links lead to.
pub(super) fn led_to(comparison: &Comparison, projects: &Projects) -> Result<Vec<Reason>, RunError> {
    let links = links_of(comparison)?;
    let changed = || comparison.changes.iter().map(|change| &change.path);
    let mut walked: Vec<&RepoPath> = links.keys().filter(|link| projects.is_walked(link.as_str())).collect();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    while let Some(link) = walked.pop() {
        if !seen.insert(link) {
            continue;
        }
        let led = match target(&links, link) {
            Some(target) => {
                walked.extend(links.keys().filter(|other| is_below(other.as_str(), &target)));
                changed().find(|path| *path != link && is_below(path.as_str(), &target)).map(|path| {
                    let message = format!(
                        "the link `{link}` leads here, so this file deploys under the link's name as well, which cannot \
                         be judged; replace the link by the files"
                    );
                    Reason { path: path.clone(), position: None, message }
                })
            }
            None => changed().find(|path| bears_on_access(path.as_str())).map(|path| {
                let message = format!(
                    "whether this link leads to `{path}`, which would deploy under its name as well, depends on the \
                     machine; replace the link by the files"
                );
                Reason { path: link.clone(), position: None, message }
            }),
        };
        found.extend(led);
    }
    found.sort_unstable_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
    Ok(found)
}

/// Where a link leads, through other links, as a path of the repository. `None` if a link on the way holds an absolute
/// path, which may be any place of the repository, or if they never end.
fn target(links: &Links, link: &RepoPath) -> Option<String> {
    let mut at = link.as_str().to_owned();
    for _ in 0..MAX_LINKS {
        let on_the_way = links.iter().find(|(other, _)| is_below(&at, other.as_str()));
        let Some((other, written)) = on_the_way else { return Some(at) };
        if written.starts_with('/') {
            return None;
        }
        let (folder, _) = other.as_str().rsplit_once('/').unwrap_or_default();
        at = within(&within(folder, written), &at[other.as_str().len()..]);
    }
    None
}

/// Whether `path` is `folder` or lies in it.
pub(super) fn is_below(path: &str, folder: &str) -> bool {
    let inside = |rest: &str| rest.is_empty() || rest.starts_with('/');
    folder.is_empty() || path.strip_prefix(folder).is_some_and(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(all: &[(&str, &str)], link: &str) -> Option<String> {
        let links = all.iter().map(|(path, to)| (RepoPath::from(*path), (*to).to_owned())).collect();
        target(&links, &RepoPath::from(link))
    }

    #[test]
    fn a_link_leads_from_its_own_folder() {
        assert_eq!(leads(&[("force-app/main/more", "../../docs")], "force-app/main/more").unwrap(), "docs");
        assert_eq!(leads(&[("a/link", "./b/c")], "a/link").unwrap(), "a/b/c");
    }

    #[test]
    fn links_lead_through_links_and_to_the_root() {
        let all = [("app/a", "../b/x"), ("b", "c"), ("app/all", ".."), ("d", "d/e"), ("app/abs", "/work/b")];
        assert_eq!(leads(&all, "app/a").unwrap(), "c/x");
        assert_eq!(leads(&all, "app/all").unwrap(), "");
        assert!(is_below("any/file", ""));
        assert_eq!(leads(&all, "d"), None, "never ends");
        assert_eq!(leads(&all, "app/abs"), None, "depends on the machine");
    }
}
