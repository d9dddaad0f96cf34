//! Changed files that are named nearly like those which are read, and that nothing reads.

use crate::gate::Reason;
use crate::git::Comparison;
use crate::org::{is_component, is_taken_whole};
use crate::policy::{Entry, JUSTIFICATIONS};
use crate::source::RepoPath;
use crate::words::{Access, Grantor, nearest};
use std::collections::{BTreeMap, BTreeSet};

/// Folders of types that give access, and how a file of the type ends.
const ENDINGS: [(&str, &str, &str); 5] = [
    ("permissionsets", ".permissionset-meta.xml", "a permission set"),
    ("profiles", ".profile-meta.xml", "a profile"),
    ("permissionsetgroups", ".permissionsetgroup-meta.xml", "a permission set group"),
    ("mutingpermissionsets", ".mutingpermissionset-meta.xml", "a muting permission set"),
    (FIELDS, ".field-meta.xml", "a field"),
];

/// The folder of an object's fields.
const FIELDS: &str = "fields";
/// The folder of policy and justifications.
const FOLDER: &str = ".flsgate";

/// Warnings about new and changed files of such names.
pub(super) fn named_nearly(comparison: &Comparison) -> Vec<Reason> {
    let paths = comparison.changes.iter().filter(|change| change.new.is_some()).map(|change| &change.path);
    let reason = |path: &RepoPath| {
        let message = metadata(path).or_else(|| of_policy(path))?;
        Some(Reason { path: path.clone(), position: None, message })
    };
    paths.filter_map(reason).collect()
}

/// Warnings about entries of the change that are written twice: which of both is read again when it ends, nobody knows.
pub(super) fn written_twice(comparison: &Comparison, entries: &[Entry]) -> Vec<Reason> {
    let changed: BTreeSet<&RepoPath> = comparison.changes.iter().map(|change| &change.path).collect();
    let mut first: BTreeMap<(&Grantor, String, Access), &Entry> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in entries {
        let key = (&entry.grantor, entry.field.value.to_ascii_lowercase(), entry.access);
        let other = *first.entry(key).or_insert(entry);
        let is_new = [entry, other].iter().any(|of| changed.contains(of.place.path()));
        if !std::ptr::eq(other, entry) && is_new {
            found.push(Reason {
                path: entry.place.path().clone(),
                position: Some(entry.place.location().start),
                message: format!(
                    "`{}` of {} is written at `{}:{}` already; keep one of the two",
                    entry.field.value,
                    entry.grantor,
                    other.place.path(),
                    other.place.location().start.line
                ),
            });
        }
    }
    found
}

/// A file in the folder of a type whose ending is none of that type.
fn metadata(path: &RepoPath) -> Option<String> {
    let name = path.file_name();
    if path.as_str().split('/').any(is_taken_whole) {
        return None;
    }
    let is_meant = name.contains(".permissionset") || name.contains(".profile") || name.ends_with(".xml");
    let mut above = path.as_str().rsplit('/').skip(1);
    let parent = above.next()?;
    let is_of_object = parent != FIELDS || above.nth(1) == Some("objects");
    let (_, ending, what) = ENDINGS.iter().find(|(folder, ..)| *folder == parent)?;
    (is_meant && is_of_object && !is_component(path.as_str())).then(|| {
        format!("neither Salesforce nor flsgate reads this file: {what} is called `NAME{ending}`; rename it")
    })
}

/// A file in a folder that is called nearly like that of the policy, or in one of justifications at the root.
fn of_policy(path: &RepoPath) -> Option<String> {
    let (first, rest) = path.as_str().split_once('/')?;
    if path.as_str().contains("/.flsgate/")
        && [".yml", ".yaml", ".csv", ".json"].iter().any(|end| rest.ends_with(end))
    {
        return Some(format!(
            "nothing reads this file: `{FOLDER}/` lies at the root of the repository; move it there"
        ));
    }
    if ["justifications", "justification"].contains(&first) && rest.ends_with(".yml") {
        return Some(format!("nothing reads this file; move it to `{JUSTIFICATIONS}`"));
    }
    let is_read_there = [".yml", ".yaml", ".csv", ".json"].iter().any(|ending| rest.ends_with(ending));
    let is_near = is_read_there && first != FOLDER && nearest(first, [FOLDER]).is_some();
    is_near.then(|| format!("nothing reads this file: the folder is called `{FOLDER}/`; move it there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nothing_reads_is_told_with_the_one_that_is_meant() {
        let told = |path: &str| {
            let path = RepoPath::from(path);
            metadata(&path).or_else(|| of_policy(&path)).unwrap_or_default()
        };
        for (path, meant) in [
            ("force-app/main/default/permissionsets/Desk.permissionset.xml", "`NAME.permissionset-meta.xml`"),
            ("force-app/main/default/permissionsets/Desk.xml", "`NAME.permissionset-meta.xml`"),
            ("src/profiles/Admin.profil-meta.xml", "`NAME.profile-meta.xml`"),
            ("app/objects/Contact/fields/SSN__c.field.xml", "`NAME.field-meta.xml`"),
            (".flsgates/justifications/desk.yml", "`.flsgate/`"),
            ("flsgate/policy.yml", "`.flsgate/`"),
            ("justifications/desk.yml", "`.flsgate/justifications/`"),
            ("force-app/.flsgate/justifications/desk.yml", "at the root"),
        ] {
            assert!(told(path).contains(meant), "{path}: {}", told(path));
        }
        for path in [
            "force-app/main/default/permissionsets/Desk.permissionset-meta.xml",
            "src/permissionsets/Desk.permissionset",
            "force-app/main/default/permissionsets/README.md",
            "force-app/main/default/classes/Desk.xml",
            ".flsgate/justifications/desk.yml",
            "docs/justifications/desk.yml",
            "app/objects/Contact/fields/SSN__c.field-meta.xml",
            "tests/fields/ssn.xml",
            "flsgate/src/main.rs",
        ] {
            assert_eq!(told(path), "", "{path}");
        }
    }
}
