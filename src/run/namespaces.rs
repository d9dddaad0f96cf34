//! A change of a project's own namespace: it changes what every name means that carries the old one or the new one.

use super::RunError;
use crate::gate::Reason;
use crate::git::Comparison;
use crate::org::{PROJECT_FILE, Projects, bears_on_access};
use crate::source::Snapshot;
use memchr::memmem;

/// Projects whose namespace changes while some name carries the old or the new one.
pub(super) fn changed(
    comparison: &Comparison,
    before: &Projects,
    after: &Projects,
) -> Result<Vec<Reason>, RunError> {
    let mut found = Vec::new();
    let folders = before.iter().chain(after.iter()).map(|project| project.folder.as_str());
    let folders: std::collections::BTreeSet<&str> = folders.collect();
    for folder in folders {
        let [old, new] = [before, after].map(|projects| projects.namespace_of(folder));
        let same = old.zip(new).is_some_and(|(old, new)| old.eq_ignore_ascii_case(new)) || old == new;
        if same || comparison.base.entries()?.is_empty() {
            continue;
        }
        for prefix in [old, new].into_iter().flatten().map(|namespace| format!("{namespace}__")) {
            if let Some(path) = carrier(comparison, &prefix)? {
                let message = format!(
                    "the project's namespace changes, and `{path}` has a name with `{prefix}`: what it means changes \
                     with it; change the namespace in a pull request of its own that an administrator merges"
                );
                found.push(Reason {
                    path: format!("{folder}{PROJECT_FILE}").as_str().into(),
                    position: None,
                    message,
                });
                break;
            }
        }
    }
    Ok(found)
}

/// A file, on either side, in which something is named with the prefix: names of one project stand in files of others.
fn carrier(comparison: &Comparison, prefix: &str) -> Result<Option<String>, RunError> {
    let prefix = prefix.to_ascii_lowercase();
    let sides: [&dyn Snapshot; 2] = [&comparison.landing, &comparison.base];
    for side in sides {
        for entry in side.entries()?.iter().filter(|entry| bears_on_access(entry.path.as_str())) {
            let path = entry.path.as_str().to_ascii_lowercase();
            // What cannot be read may carry anything.
            let bytes = side.read(entry).map(|file| file.bytes().to_ascii_lowercase());
            if path.contains(&prefix) || bytes.is_ok_and(|b| memmem::find(&b, prefix.as_bytes()).is_some()) {
                return Ok(Some(entry.path.to_string()));
            }
        }
    }
    Ok(None)
}
