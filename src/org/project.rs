//! `sfdx-project.json`: the project's own namespace and the folders that deploy.

use crate::source::{ReadError, RepoPath, Snapshot};

/// What `sfdx-project.json` says that bears on names and on what holds in the org.
#[derive(Default)]
pub struct Project {
    /// Its own namespace.
    pub namespace: Option<String>,
    /// The folders that deploy, in order.
    pub directories: Vec<String>,
}

impl Project {
    /// A component's name, or a field's, without the own namespace.
    pub fn local(&self, name: &str) -> String {
        let namespace = self.namespace.as_deref();
        let parts = name.split('.').map(|part| match super::alias::without_namespace(part, namespace) {
            same if same == part => super::alias::component(part, namespace),
            local => local,
        });
        parts.collect::<Vec<_>>().join(".")
    }

    /// A file that is not JSON says nothing; no tool could deploy with it.
    /// Reads it.
    ///
    /// # Errors
    /// When the listing cannot be read.
    pub fn read(snapshot: &dyn Snapshot) -> Result<Self, ReadError> {
        let nothing = Project::default();
        let Some(entry) = snapshot.entry(&RepoPath::from("sfdx-project.json"))? else { return Ok(nothing) };
        let Ok(file) = snapshot.read(entry) else { return Ok(nothing) };
        let Ok(project) = serde_json::from_slice::<serde_json::Value>(
            file.bytes().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file.bytes()),
        ) else {
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
