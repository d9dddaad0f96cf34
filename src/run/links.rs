//! Symbolic links that are there already and that a deployment follows: what they lead to deploys under the link's name
//! as well, where nothing is read.

use super::RunError;
use crate::gate::Reason;
use crate::git::Comparison;
use crate::org::Projects;
use crate::source::{Entry, EntryKind, Snapshot};

/// Changed files that also deploy by a link.
pub(super) fn led_to(comparison: &Comparison, projects: &Projects) -> Result<Vec<Reason>, RunError> {
    let links = comparison.landing.entries()?.iter().filter(|entry| entry.kind == EntryKind::Symlink);
    let mut found = Vec::new();
    for link in links.filter(|link| projects.is_walked(link.path.as_str())) {
        // The content of a link is the path that it leads to.
        let text = Entry { kind: EntryKind::File, ..link.clone() };
        let Ok(file) = comparison.landing.read(&text) else { continue };
        let target = target(link.path.as_str(), &String::from_utf8_lossy(file.bytes()));
        let below = |path: &str| {
            path.strip_prefix(&target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let changed = comparison.changes.iter().map(|change| &change.path);
        if let Some(path) = changed.filter(|path| **path != link.path).find(|path| below(path.as_str())) {
            let message = format!(
                "the link `{}` leads here, so this file deploys under the link's name as well, which cannot be judged; \
                 replace the link by the files",
                link.path
            );
            found.push(Reason { path: path.clone(), position: None, message });
        }
    }
    Ok(found)
}

/// Where a link leads, as a path of the repository.
fn target(link: &str, text: &str) -> String {
    let mut parts: Vec<&str> = link.split('/').collect();
    parts.pop();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_from_its_own_folder() {
        assert_eq!(target("force-app/main/more", "../../docs"), "docs");
        assert_eq!(target("a/link", "./b/c"), "a/b/c");
    }
}
