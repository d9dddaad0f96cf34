//! `sfdx-project.json`: the project's own namespace and the folders that deploy.

use crate::source::{ReadError, RepoPath, Snapshot};

/// What `sfdx-project.json` says that bears on names and on what holds in the org.
#[derive(Default)]
pub(super) struct Project {
    pub(super) namespace: Option<String>,
    pub(super) directories: Vec<String>,
}

impl Project {
    /// A file that is not JSON says nothing; no tool could deploy with it.
    pub(super) fn read(snapshot: &dyn Snapshot) -> Result<Self, ReadError> {
        let nothing = Project::default();
        let Some(entry) = snapshot.entry(&RepoPath::from("sfdx-project.json"))? else { return Ok(nothing) };
        let Ok(file) = snapshot.read(entry) else { return Ok(nothing) };
        let Ok(project) = serde_json::from_slice::<serde_json::Value>(file.bytes()) else {
            return Ok(nothing);
        };
        let text = |value: Option<&serde_json::Value>| value.and_then(|v| v.as_str()).map(str::to_owned);
        let directories = project.get("packageDirectories").and_then(|d| d.as_array());
        Ok(Project {
            namespace: text(project.get("namespace")).filter(|n| !n.is_empty()),
            directories: directories.into_iter().flatten().filter_map(|d| text(d.get("path"))).collect(),
        })
    }
}
