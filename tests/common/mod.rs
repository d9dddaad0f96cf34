//! What several test files share: a change that is laid out as two folders, judged.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

pub(crate) mod random;

use flsgate::gate::Verdict;
use flsgate::run::{CheckOptions, check};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The day on which all laid-out changes play.
pub(crate) const TODAY: jiff::civil::Date = jiff::civil::date(2026, 6, 1);

/// Path and bytes of every file below a folder.
pub(crate) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, at: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
        let Ok(entries) = fs::read_dir(at) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, out);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                out.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(root, root, &mut out);
    out
}

/// Judges the change from `base/` to `base/` with `head/` laid over it. `head/.deleted` lists paths
/// that the change deletes, one a line.
pub(crate) fn judge_folder(folder: &Path) -> Verdict {
    let base = files(&folder.join("base"));
    let mut head = base.clone();
    let mut changed = files(&folder.join("head"));
    assert!(!changed.is_empty(), "{}: no head/", folder.display());
    let deleted = changed.remove(".deleted").unwrap_or_default();
    for path in String::from_utf8(deleted).unwrap().lines() {
        assert!(head.remove(path).is_some(), "{}: `{path}` is not in base/", folder.display());
    }
    head.extend(changed);
    judge(&base, &head)
}

/// Judges the change from one set of files to another.
pub(crate) fn judge(base: &BTreeMap<String, Vec<u8>>, head: &BTreeMap<String, Vec<u8>>) -> Verdict {
    judge_in(&tempfile::tempdir().unwrap(), base, head)
}

/// The same in a folder that stays: of a large file, its source is read again when it is shown.
pub(crate) fn judge_in(
    folder: &tempfile::TempDir,
    base: &BTreeMap<String, Vec<u8>>,
    head: &BTreeMap<String, Vec<u8>>,
) -> Verdict {
    fn borrow(files: &BTreeMap<String, Vec<u8>>) -> Vec<(&str, &[u8])> {
        files.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect()
    }
    let commits = flsgate::git::create(folder.path(), &[&borrow(base), &borrow(head)]).unwrap();
    check(&CheckOptions {
        repository: folder.path().into(),
        base: Some(commits[0].clone()),
        head: Some(commits[1].clone()),
        policy: None,
        without_justifications: false,
        today: TODAY,
    })
    .unwrap()
}
