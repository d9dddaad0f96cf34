//! The working tree against its base.

use crate::scratch::{Scratch, paths, read_error, summary, text};
use flsgate::git::{GitError, MAX_FILE_BYTES, Request};
use flsgate::source::{ContentId, EntryKind, RepoPath, Snapshot};
use std::os::unix::fs::symlink;

/// A commit with `a`, `b` and `dir/c`.
fn start() -> Scratch {
    let s = Scratch::new();
    for path in ["a", "b", "dir/c"] {
        s.write(path, "1\n");
    }
    s.commit();
    s
}

fn kind(s: &Scratch, path: &str) -> Option<EntryKind> {
    s.worktree().landing.entry(&RepoPath::from(path)).unwrap().map(|e| e.kind)
}

#[test]
fn a_clean_working_tree_changes_nothing() {
    let s = start();
    let c = s.worktree();
    assert!(c.changes.is_empty());
    assert_eq!((c.head_commit, c.base_commit), (None, s.git(&["rev-parse", "HEAD"])));
    assert_eq!(paths(&c.landing), ["a", "b", "dir/c"]);
}

#[test]
fn modified_staged_untracked_and_deleted_files_count_and_ignored_ones_do_not() {
    let s = start();
    s.write(".gitignore", "*.log\nbuild/\n");
    s.write("a", "modified\n");
    s.write("staged", "2");
    s.git(&["add", "staged"]);
    s.write("new/deep/er", "3");
    s.write("x.log", "ignored");
    s.write("build/out", "ignored");
    s.remove("b");
    let c = s.worktree();
    assert_eq!(summary(&c.changes), ["+ .gitignore", "~ a", "- b", "+ new/deep/er", "+ staged"]);
    assert_eq!(text(&c.landing, "a"), "modified\n");
    assert_eq!(text(&c.head, "new/deep/er"), "3");
    assert_eq!(text(&c.base, "a"), "1\n");
    assert_eq!(paths(&c.landing), [".gitignore", "a", "dir/c", "new/deep/er", "staged"]);
}

#[test]
fn the_disk_counts_more_than_the_stage() {
    let s = start();
    s.write("a", "staged\n");
    s.git(&["add", "a"]);
    s.write("a", "then edited\n");
    s.git(&["rm", "-q", "--cached", "b"]);
    s.git(&["rm", "-q", "dir/c"]);
    let c = s.worktree();
    assert_eq!(text(&c.landing, "a"), "then edited\n");
    // `b` is no longer tracked, yet it is there and not ignored: the same content as before.
    assert_eq!(summary(&c.changes), ["~ a", "- dir/c"]);
    s.write(".git/info/exclude", "b\n");
    assert_eq!(summary(&s.worktree().changes), ["~ a", "- b", "- dir/c"]);
}

#[test]
fn an_intended_addition_counts_with_its_content() {
    let s = start();
    s.write("n", "new");
    s.git(&["add", "-N", "n"]);
    let c = s.worktree();
    assert_eq!((summary(&c.changes), text(&c.landing, "n")), (vec!["+ n".to_owned()], "new".to_owned()));
}

#[test]
fn only_files_that_git_does_not_have_get_an_id_of_the_working_tree() {
    let s = start();
    s.write("a", "unknown\n");
    s.write("copy", "1\n");
    let c = s.worktree();
    let ids: Vec<ContentId> = c.landing.entries().unwrap().iter().map(|e| e.content).collect();
    assert_eq!(ids[0], ContentId::WorkingTree(0));
    assert_eq!(ids[1], ids[2], "`copy` has the bytes of `b`");
    assert!(matches!(ids[1], ContentId::Object(_)));
}

#[test]
fn commits_and_uncommitted_work_add_up_and_a_file_put_back_vanishes() {
    let s = start();
    let base = s.git(&["rev-parse", "HEAD"]);
    s.git(&["checkout", "-q", "-b", "topic"]);
    s.write("a", "2\n");
    s.with("b", "2\n");
    s.git(&["checkout", "-q", "main"]);
    s.with("on-main", "later");
    s.git(&["checkout", "-q", "topic"]);
    s.write("a", "1\n");
    s.write("u", "untracked");
    let c = s.worktree();
    assert_eq!(c.base_commit, base, "where the topic left main");
    assert_eq!(summary(&c.changes), ["~ b", "+ u"]);
}

#[test]
fn a_link_in_place_of_a_file_or_a_folder_is_not_followed() {
    let s = start();
    let outside = Scratch::folder();
    outside.write("c", "outside");
    s.remove("a");
    symlink(outside.root.join("c"), s.root.join("a")).unwrap();
    std::fs::remove_dir_all(s.root.join("dir")).unwrap();
    symlink(&outside.root, s.root.join("dir")).unwrap();
    let c = s.worktree();
    assert_eq!(summary(&c.changes), ["~ a", "+ dir", "- dir/c"]);
    assert_eq!((kind(&s, "a"), kind(&s, "dir")), (Some(EntryKind::Symlink), Some(EntryKind::Symlink)));
    assert!(read_error(&c.landing, "a").contains("is a symbolic link"));
}

#[test]
fn a_folder_in_place_of_a_file_and_the_reverse() {
    let s = start();
    s.remove("a");
    s.write("a/inner", "2");
    std::fs::remove_dir_all(s.root.join("dir")).unwrap();
    s.write("dir", "file");
    assert_eq!(summary(&s.worktree().changes), ["- a", "+ a/inner", "+ dir", "- dir/c"]);
}

#[test]
fn files_outside_a_sparse_checkout_are_unchanged_not_deleted() {
    let origin = start();
    let s = origin.cloned(&["--sparse"]);
    assert!(!s.root.join("dir/c").exists());
    let c = s.worktree();
    assert!(c.changes.is_empty(), "{:?}", c.changes);
    assert_eq!(text(&c.landing, "dir/c"), "1\n", "from the object database");
    // One that is there all the same is read.
    s.write("dir/c", "present\n");
    s.write("a", "2\n");
    let c = s.worktree();
    assert_eq!(summary(&c.changes), ["~ a", "~ dir/c"]);
    assert_eq!(text(&c.landing, "dir/c"), "present\n");
}

#[test]
fn a_file_assumed_unchanged_is_read_all_the_same() {
    let s = start();
    s.git(&["update-index", "--assume-unchanged", "a", "b"]);
    s.write("a", "changed\n");
    s.remove("b");
    let c = s.worktree();
    assert_eq!(summary(&c.changes), ["~ a", "- b"]);
    assert_eq!(text(&c.landing, "a"), "changed\n");
}

#[test]
fn line_endings_that_git_converts_are_no_change() {
    let s = start();
    s.git(&["config", "core.autocrlf", "true"]);
    s.write("a", "1\r\n");
    s.write("b", "2\r\n");
    let c = s.worktree();
    assert_eq!(summary(&c.changes), ["~ b"]);
    assert_eq!((text(&c.landing, "a"), text(&c.landing, "b")), ("1\n".into(), "2\r\n".into()));
}

#[test]
fn repositories_inside_are_submodules_listed_or_not() {
    let inner = start();
    let s = start();
    s.git(&["submodule", "--quiet", "add", inner.root.to_str().unwrap(), "listed"]);
    s.commit();
    for place in ["loose", "new/deeper"] {
        std::fs::create_dir_all(s.root.join(place)).unwrap();
        s.git(&["clone", "-q", inner.root.to_str().unwrap(), place]);
    }
    s.write(".git/info/exclude", "hidden\n");
    s.git(&["clone", "-q", inner.root.to_str().unwrap(), "hidden"]);
    let c = s.worktree();
    assert_eq!(summary(&c.changes), ["+ loose", "+ new/deeper"]);
    assert_eq!(kind(&s, "listed"), Some(EntryKind::Submodule));
    assert_eq!(kind(&s, "loose"), Some(EntryKind::Submodule));
    assert!(read_error(&c.landing, "listed").contains("is a submodule"));
    // Another commit in it is a change of the one that would land.
    inner.with("a", "2\n");
    s.git(&["-C", "listed", "pull", "-q"]);
    assert_eq!(summary(&s.worktree().changes), ["~ listed", "+ loose", "+ new/deeper"]);
}

#[test]
fn an_unresolved_merge_must_be_resolved_first() {
    let s = start();
    s.git(&["checkout", "-q", "-b", "topic"]);
    s.with("a", "2\n");
    s.git(&["checkout", "-q", "main"]);
    s.with("a", "3\n");
    assert!(!s.command(&["merge", "-q", "topic"]).output().unwrap().status.success());
    let (error, message) = s.error(None, None);
    assert!(matches!(error, GitError::Unmerged { .. }), "{message}");
    assert!(message.contains("unresolved conflicts in `a`"), "{message}");
}

#[test]
fn sparse_and_split_indexes_are_refused_and_the_advice_works() {
    let sparse = start().cloned(&["--sparse"]);
    sparse.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "nowhere"]);
    let split = start();
    split.git(&["update-index", "--split-index"]);
    for (s, what) in [(sparse, "a sparse index"), (split, "a split index")] {
        let (error, message) = s.error(None, None);
        assert!(matches!(error, GitError::UnsupportedIndex { .. }), "{message}");
        assert!(message.contains(what), "{message}");
        assert!(
            s.try_compare(Some("HEAD"), Some("HEAD")).unwrap().changes.is_empty(),
            "commits do not need it"
        );
        let command = message.split('`').nth(3).unwrap();
        s.git(&command.split(' ').skip(1).collect::<Vec<_>>());
        assert!(s.worktree().changes.is_empty());
    }
}

#[test]
fn a_repository_without_commits_has_nothing_to_compare() {
    let s = Scratch::new();
    s.write("a", "1");
    let (error, message) = s.error(None, None);
    assert!(matches!(error, GitError::Unborn), "{message}");
    assert!(message.contains("make the first one, such as by `git add -A`"), "{message}");
}

#[test]
fn a_file_over_the_limit_is_listed_but_not_read() {
    let s = start();
    std::fs::File::create(s.root.join("big")).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    let c = s.worktree();
    assert_eq!(summary(&c.changes), ["+ big"]);
    assert!(read_error(&c.landing, "big").contains("more than the limit of 64 MiB"));
}

#[test]
fn pipes_are_not_files_and_names_need_not_be_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let s = start();
    assert!(std::process::Command::new("mkfifo").arg(s.root.join("pipe")).status().unwrap().success());
    std::fs::write(s.root.join(std::ffi::OsStr::from_bytes(b"n\xff")), "raw").unwrap();
    let c = s.worktree();
    assert_eq!(summary(&c.changes), [r"+ n\xff"]);
    assert_eq!(text(&c.landing, r"n\xff"), "raw");
}

#[test]
fn a_second_comparison_sees_what_was_staged_meanwhile() {
    let s = start();
    let repository = s.open();
    assert!(repository.compare(&Request::default()).unwrap().changes.is_empty());
    s.write("a", "2\n");
    s.git(&["add", "a"]);
    assert_eq!(summary(&repository.compare(&Request::default()).unwrap().changes), ["~ a"]);
}

#[test]
fn comparing_writes_nothing() {
    let s = start();
    s.write("a", "2\n");
    s.write("u", "3\n");
    let before = s.snapshot(".git");
    assert_eq!(s.worktree().changes.len(), 2);
    assert!(before == s.snapshot(".git"));
}
