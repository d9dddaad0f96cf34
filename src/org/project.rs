//! `sfdx-project.json`: which folders deploy, whose names carry which namespace, and how the library reads them.
//! A repository may hold several, each speaking for its own folder.

use super::layout::{self, Presets};
use crate::metadata::manifest_version;
use crate::source::{Entry, ReadError, RepoPath, Snapshot, within};
use crate::words::no_json;
use serde_json::Value;

/// The name of the file.
pub const PROJECT_FILE: &str = "sfdx-project.json";

/// The name of the manifest that says the API version where no project does.
pub const PACKAGE_FILE: &str = "package.xml";

/// One project of a repository.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// The folder that it speaks for, with a `/` at its end; empty at the root.
    pub folder: String,
    /// Its own namespace.
    pub namespace: Option<String>,
    /// The folders that deploy, in order, as paths of the repository.
    pub directories: Vec<String>,
    /// The library takes permission sets apart, and puts their pieces together.
    takes_sets_apart: bool,
    /// The API version that it deploys with.
    api: Option<f64>,
}

/// Every project of a snapshot, by folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projects {
    all: Vec<Project>,
    namespaces: Vec<String>,
    /// The API version of each manifest that names one, by its folder.
    manifests: Vec<(String, f64)>,
    /// Project files that are not JSON, and why.
    broken: Vec<(RepoPath, String)>,
}

/// Below this API version leaving an entry out of a permission set revokes nothing.
const REVOKES: f64 = 40.0;

/// Below this API version a new profile gets what its file does not say from Standard User; from then on from Minimum Access
/// (*Metadata API Developer Guide*, Profile).
const MINIMUM_ACCESS: f64 = 60.0;

impl Projects {
    /// Reads them. A file that is not JSON says nothing; no tool could deploy with it.
    ///
    /// # Errors
    /// When the listing cannot be read.
    pub fn read(snapshot: &dyn Snapshot) -> Result<Self, ReadError> {
        let called = |name: &'static str| {
            move |entry: &&Entry| entry.path.as_str().ends_with(name) && entry.path.file_name() == name
        };
        let files = snapshot.entries()?.iter().filter(called(PROJECT_FILE));
        let manifests = snapshot.entries()?.iter().filter(called(PACKAGE_FILE));
        let version = |entry| {
            let file = snapshot.read(entry).ok()?;
            let folder = file.path().as_str().strip_suffix(PACKAGE_FILE)?.to_owned();
            Some((folder, manifest_version(&file)?))
        };
        let read = |path: &RepoPath, bytes: &[u8]| {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            let folder = path.as_str().strip_suffix(PROJECT_FILE).unwrap_or_default();
            serde_json::from_slice(bytes).map(|json| Project::of(folder, &json))
        };
        let (mut all, mut broken): (Vec<Project>, Vec<_>) = Default::default();
        for file in files.filter_map(|entry| snapshot.read(entry).ok()) {
            match read(file.path(), file.bytes()) {
                Ok(project) => all.push(project),
                Err(error) => broken.push((
                    file.path().clone(),
                    format!("line {}: {}", error.line(), no_json(&error.to_string())),
                )),
            }
        }
        let mut namespaces: Vec<String> =
            all.iter().filter_map(|project| project.namespace.clone()).collect();
        namespaces.sort_unstable();
        namespaces.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
        Ok(Projects { all, namespaces, manifests: manifests.filter_map(version).collect(), broken })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Project> {
        self.all.iter()
    }

    /// The namespace of the project that speaks for `folder` itself.
    pub fn namespace_of(&self, folder: &str) -> Option<&str> {
        self.all
            .iter()
            .find(|project| project.folder == folder)
            .and_then(|project| project.namespace.as_deref())
    }

    /// Those in folders that had a project before; all, where there was none.
    pub fn known_to(&self, before: &Projects) -> Projects {
        let known = |project: &&Project| {
            before.all.is_empty() || before.all.iter().any(|old| old.folder == project.folder)
        };
        Projects {
            all: self.all.iter().filter(known).cloned().collect(),
            namespaces: self.namespaces.clone(),
            manifests: self.manifests.clone(),
            broken: self.broken.clone(),
        }
    }

    /// Project files that are not JSON, and why: no tool deploys with them.
    pub fn broken(&self) -> &[(RepoPath, String)] {
        &self.broken
    }

    /// The namespaces that names of the repository's own components may carry.
    pub fn namespaces(&self) -> &[String] {
        &self.namespaces
    }

    /// The folders that deploy, of all projects.
    pub fn directories(&self) -> Vec<&str> {
        self.all.iter().flat_map(|project| &project.directories).map(String::as_str).collect()
    }

    /// Whether the file at `path` surely deploys: it lies in a folder that does. Where there is no project nobody knows
    /// better than the folder itself.
    pub fn surely_deploys(&self, path: &str) -> bool {
        self.all.is_empty() || self.around(path).any(|project| project.contains(path))
    }

    /// Whether a deployment from `path` takes away what it leaves out.
    pub fn revokes(&self, path: &str) -> bool {
        !self.names_less_than(REVOKES) || self.versions(path).into_iter().all(|version| version >= REVOKES)
    }

    /// Whether a profile that is new with a deployment from `path` gets what Standard User has. The newest version deploys
    /// where none is named.
    pub fn gives_standard_access(&self, path: &str) -> bool {
        self.names_less_than(MINIMUM_ACCESS)
            && self.versions(path).into_iter().any(|version| version < MINIMUM_ACCESS)
    }

    /// Whether any project or manifest names a version below this one: mostly none does, and no path has to be looked at.
    fn names_less_than(&self, version: f64) -> bool {
        let of_manifests = self.manifests.iter().map(|(_, named)| *named);
        self.all.iter().filter_map(|project| project.api).chain(of_manifests).any(|named| named < version)
    }

    /// The API versions that `path` may deploy with: those of the projects around it; where none names one, those of the
    /// manifests around it, and of these projects' manifests outside what deploys. Which of them a deployment takes depends on
    /// its command.
    fn versions(&self, path: &str) -> Vec<f64> {
        let of_projects: Vec<f64> = self.around(path).filter_map(|project| project.api).collect();
        if !of_projects.is_empty() {
            return of_projects;
        }
        let manifests = |folder: &str| {
            let of_project = |project: &Project| {
                folder.starts_with(&project.folder) && !project.contains(folder.trim_end_matches('/'))
            };
            path.starts_with(folder) || self.around(path).any(of_project)
        };
        self.manifests.iter().filter(|(folder, _)| manifests(folder)).map(|(_, version)| *version).collect()
    }

    /// Whether a deployment comes by `path`: it is in a folder that deploys, or above one.
    pub fn is_walked(&self, path: &str) -> bool {
        let leads = |directory: &String| {
            directory.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.all.iter().any(|project| project.contains(path) || project.directories.iter().any(leads))
    }

    /// Whether the library takes permission sets apart at `path`. Of projects within each other any may be the one
    /// that deploys.
    pub(super) fn takes_sets_apart(&self, path: &str) -> Presets {
        let mut around = self.around(path).map(|project| project.takes_sets_apart);
        let Some(first) = around.next() else { return Presets::Off };
        match around.all(|other| other == first) {
            true if first => Presets::On,
            true => Presets::Off,
            false => Presets::Unclear,
        }
    }

    /// Whether only a plugin puts the file at `path` together with others.
    pub fn needs_a_plugin(&self, path: &str) -> bool {
        layout::needs_a_plugin(path, self.takes_sets_apart(path))
    }

    fn around<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Project> {
        self.all.iter().filter(move |project| path.starts_with(&project.folder))
    }

    /// A component's name, or a field's, without the namespaces of the repository's own.
    pub fn local(&self, name: &str) -> String {
        let parts =
            name.split('.').map(|part| match super::alias::without_namespace(part, &self.namespaces) {
                same if same == part => super::alias::component(part, &self.namespaces),
                local => local,
            });
        parts.collect::<Vec<_>>().join(".")
    }
}

impl Project {
    fn of(folder: &str, json: &Value) -> Self {
        let texts = |key: &str| {
            let all = json.get(key).and_then(Value::as_array).into_iter().flatten();
            all.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        let directories = json.get("packageDirectories").and_then(Value::as_array).into_iter().flatten();
        let directories = directories.filter_map(|d| d.get("path")?.as_str());
        let api = json.get("sourceApiVersion");
        let mut presets = [texts("sourceBehaviorOptions"), texts("registryPresets")].concat();
        presets.retain(|preset| preset.to_ascii_lowercase().contains("permissionset"));
        let namespace = json.get("namespace").and_then(Value::as_str).filter(|name| !name.is_empty());
        Project {
            folder: folder.to_owned(),
            namespace: namespace.map(str::to_owned),
            directories: directories.map(|path| within(folder, &path.replace('\\', "/"))).collect(),
            takes_sets_apart: !presets.is_empty(),
            api: api.and_then(|v| v.as_f64().or_else(|| v.as_str()?.trim().parse().ok())),
        }
    }

    fn contains(&self, path: &str) -> bool {
        let inside = |directory: &String| {
            directory.is_empty()
                || path.strip_prefix(directory.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        self.directories.iter().any(inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn projects(all: &[(&str, &str)]) -> Projects {
        let all = all.iter().map(|(folder, json)| Project::of(folder, &serde_json::from_str(json).unwrap()));
        Projects { all: all.collect(), ..Projects::default() }
    }

    #[test]
    fn a_file_surely_deploys_from_a_package_directory_of_a_project_around_it() {
        let one = projects(&[(
            "",
            r#"{"packageDirectories":[{"path":"./force-app/"}],"sourceApiVersion":"63.0"}"#,
        )]);
        assert!(one.surely_deploys("force-app/main/x.xml"));
        assert!(!one.surely_deploys("docs/x.xml") && !one.surely_deploys("force-apple/x.xml"));
        let below = projects(&[("crm/", r#"{"packageDirectories":[{"path":"app"}]}"#)]);
        assert!(below.surely_deploys("crm/app/x.xml") && !below.surely_deploys("app/x.xml"));
        let old = projects(&[("", r#"{"packageDirectories":[{"path":"."}],"sourceApiVersion":39}"#)]);
        assert!(old.surely_deploys("x.xml") && !old.revokes("x.xml"), "API 39 revokes nothing");
        assert!(projects(&[]).surely_deploys("src/x.xml"), "without a project nobody knows better");
    }
}
