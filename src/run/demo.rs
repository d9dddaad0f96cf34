//! `flsgate demo`: a small repository with a pull request, judged by the real gate.

use super::{CheckOptions, RunError, check};
use crate::gate::Verdict;
use crate::git;

/// The day on which the demo plays, so that its justifications never end.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 1, 15);

macro_rules! file {
    ($side:literal, $path:literal) => {
        ($path, include_bytes!(concat!("demo/", $side, "/", $path)) as &[u8])
    };
}

/// The files of the default branch.
const BASE: &git::Files<'static> = &[
    file!("base", ".flsgate/justifications/support-agent.yml"),
    file!("base", ".flsgate/policy.yml"),
    file!("base", "force-app/main/default/objects/Account/fields/Annual_Revenue__c.field-meta.xml"),
    file!("base", "force-app/main/default/objects/Account/fields/Segment__c.field-meta.xml"),
    file!("base", "force-app/main/default/objects/Contact/fields/Birth_Date__c.field-meta.xml"),
    file!("base", "force-app/main/default/objects/Contact/fields/SSN__c.field-meta.xml"),
    file!("base", "force-app/main/default/permissionsets/Analytics_Integration.permissionset-meta.xml"),
    file!("base", "force-app/main/default/permissionsets/Sales_Rep.permissionset-meta.xml"),
    file!("base", "force-app/main/default/permissionsets/Support_Agent.permissionset-meta.xml"),
    file!("base", "sfdx-project.json"),
];

/// The files that the pull request adds or alters.
const HEAD: &git::Files<'static> = &[
    file!("head", ".flsgate/justifications/analytics-integration.yml"),
    file!("head", "force-app/main/default/objects/Contact/fields/Birth_Date__c.field-meta.xml"),
    file!("head", "force-app/main/default/permissionsets/Analytics_Integration.permissionset-meta.xml"),
    file!("head", "force-app/main/default/permissionsets/Sales_Rep.permissionset-meta.xml"),
    file!("head", "force-app/main/default/permissionsets/Support_Agent.permissionset-meta.xml"),
];

/// Writes the repository to a temporary folder, judges the pull request and removes the folder.
///
/// # Errors
/// When the folder or the repository cannot be written.
pub fn demo() -> Result<Verdict, RunError> {
    let io = |source| RunError::Io { what: "cannot make a temporary folder".into(), source };
    let folder = tempfile::Builder::new().prefix("flsgate-demo-").tempdir().map_err(io)?;
    let untouched = BASE.iter().filter(|(path, _)| !HEAD.iter().any(|(changed, _)| changed == path));
    let head: Vec<_> = untouched.chain(HEAD).copied().collect();
    let commits = git::create(folder.path(), &[BASE, &head])?;
    let mut commits = commits.into_iter();
    check(&CheckOptions {
        repository: folder.path().to_owned(),
        base: commits.next(),
        head: commits.next(),
        policy: None,
        without_justifications: false,
        today: TODAY,
    })
}

/// What is shown.
pub fn first_words() -> &'static str {
    "This is an example: an invented repository, in which a pull request gives access to classified fields. Nothing of yours \
     is read."
}

/// What the gate would have answered, given its exit status, and what to do next.
pub fn last_words(status: u8) -> String {
    let answer = match status {
        0 => "would pass: `flsgate check` ends with status 0",
        1 => "would be blocked: `flsgate check` ends with status 1",
        _ => "could not be judged: `flsgate check` ends with status 2",
    };
    format!(
        "In your repository this pull request {answer}. Next: `flsgate audit` in a repository of yours shows the \
         access that exists there; `flsgate explain restricted-field-grant` says more about this finding."
    )
}
