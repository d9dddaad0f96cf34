//! What the project shows of what becomes of deleted files: its manifests, and the workflows that may deploy them.

use crate::org::is_manifest;
use crate::policy::scalar;
use crate::source::Snapshot;
use memchr::memmem;

/// Where pipelines are described.
const PIPELINES: [&str; 5] =
    [".github/workflows/", ".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", "Jenkinsfile"];
/// What a pipeline says that makes destructive manifests of what git deletes.
const DELTA: [&[u8]; 3] = [b"sgd ", b"sfdx-git-delta", b"source delta"];
/// What a pipeline says that deploys a destructive manifest.
const DEPLOYS: [&[u8]; 2] = [b"destructive-changes", b"destructiveChanges"];

/// The lines of a policy about deletions, with the value that the project suggests.
pub(super) fn proposal(files: &dyn Snapshot) -> String {
    let entries = files.entries().unwrap_or_default();
    let described = entries.iter().filter(|e| PIPELINES.iter().any(|name| e.path.as_str().starts_with(name)));
    let pipelines: Vec<_> = described.filter_map(|entry| files.read(entry).ok()).collect();
    let says = |words: &[&[u8]]| {
        pipelines.iter().find(|file| words.iter().any(|word| memmem::find(file.bytes(), word).is_some()))
    };
    let manifests = entries.iter().map(|entry| entry.path.as_str()).filter(|path| is_manifest(path));
    let listed: Vec<String> = manifests.map(scalar).collect();
    let (why, value) = match (says(&DELTA), says(&DEPLOYS)) {
        (Some(file), _) => (
            format!(
                "`{}` looks as if the pipeline deletes in the org what git deletes; check it",
                file.path()
            ),
            "delete".into(),
        ),
        (None, Some(file)) if !listed.is_empty() => (
            format!("`{}` looks as if the pipeline deploys these manifests; check it", file.path()),
            format!("[{}]", listed.join(", ")),
        ),
        _ => ("No workflow was found that deletes components in the org".into(), "keep".to_owned()),
    };
    format!(
        "\n# What happens in the org when a permission set, profile or group file is deleted? {why}.\n\
         # `keep`: nothing. `delete`: the pipeline deletes it, too. Or the paths of the destructive manifests that it deploys.\n\
         deletions: {value}\n"
    )
}
