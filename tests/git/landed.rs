//! Landings that somebody else made, in clones as shallow as CI makes them.

use crate::scratch::{Scratch, summary, text};
use flsgate::git::GitError;

/// `main` moved on after `topic` left it; the merge commit is checked out, as for a pull request.
fn merged() -> (Scratch, String, String, String) {
    let s = Scratch::new();
    s.with("grant", "none\n");
    s.git(&["branch", "topic"]);
    let base = s.with("label", "restricted\n");
    s.git(&["checkout", "-q", "topic"]);
    s.with("other", "1\n");
    let head = s.with("grant", "read\n");
    s.git(&["checkout", "-q", "--detach", "main"]);
    s.git(&["merge", "-q", "--no-ff", "-m", "m", "topic"]);
    let merge = s.git(&["rev-parse", "HEAD"]);
    s.git(&["branch", "pull", "HEAD"]);
    (s, base, head, merge)
}

#[test]
fn depth_two_is_enough_for_a_merge_commit() {
    let (s, base, head, merge) = merged();
    let clone = s.cloned(&["--depth", "2", "--branch", "pull"]);
    let repository = clone.open();
    let checkout = repository.checkout().unwrap();
    assert_eq!(
        (checkout.commit.as_str(), checkout.parents),
        (merge.as_str(), vec![base.clone(), head.clone()])
    );
    let c = repository.compare_landed(&base, &merge, &head).unwrap();
    assert_eq!(summary(&c.changes), ["~ grant", "+ other"]);
    assert_eq!((text(&c.landing, "label"), text(&c.head, "grant")), ("restricted\n".into(), "read\n".into()));
    assert_eq!((c.base_commit.as_str(), c.head_commit.as_deref()), (base.as_str(), Some(head.as_str())));
}

#[test]
fn depth_one_still_names_the_parents_and_says_what_to_set() {
    let (s, base, head, merge) = merged();
    let clone = s.cloned(&["--depth", "1", "--branch", "pull"]);
    let repository = clone.open();
    assert_eq!(repository.checkout().unwrap().parents, [base.clone(), head.clone()]);
    assert!(repository.has_commit(&merge) && !repository.has_commit(&base));
    let error = repository.compare_landed(&base, &merge, &head).unwrap_err();
    assert!(matches!(&error, GitError::MissingCommit { commit } if *commit == base), "{error}");
    assert!(error.to_string().contains("set `fetch-depth: 2`"), "{error}");
}
