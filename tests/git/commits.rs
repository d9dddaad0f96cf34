//! Two commits of a complete repository.

use crate::scratch::{Scratch, paths, read_error, summary, text};
use flsgate::git::{GitError, Reads, Repository, Request, Tree};
use flsgate::source::{ContentId, EntryKind, RepoPath, Snapshot};

#[test]
fn a_changed_an_added_and_a_deleted_file_are_listed_by_path() {
    let s = Scratch::new();
    s.write("b.xml", "1");
    s.write("a/x.xml", "1");
    let base = s.commit();
    s.write("b.xml", "2");
    s.write("a.xml", "new");
    s.remove("a/x.xml");
    let head = s.commit();
    let c = s.compare(&base, &head);
    assert_eq!(summary(&c.changes), ["+ a.xml", "- a/x.xml", "~ b.xml"]);
    assert_eq!((c.base_commit, c.head_commit), (base, Some(head)));
    assert_eq!(text(&c.base, "b.xml"), "1");
    assert_eq!(text(&c.head, "b.xml"), "2");
    assert_eq!(paths(&c.landing), ["a.xml", "b.xml"]);
}

#[test]
fn a_rename_is_a_removal_and_an_addition_of_the_same_content() {
    let s = Scratch::new();
    let base = s.with("old.xml", "same content");
    s.git(&["mv", "old.xml", "new.xml"]);
    let head = s.commit();
    let c = s.compare(&base, &head);
    assert_eq!(summary(&c.changes), ["+ new.xml", "- old.xml"]);
    let (new, old) = (c.changes[0].new.as_ref().unwrap(), c.changes[1].old.as_ref().unwrap());
    assert_eq!(new.content, old.content);
}

#[test]
fn the_executable_bit_alone_is_no_change() {
    let s = Scratch::new();
    let base = s.with("a.xml", "1");
    s.git(&["update-index", "--chmod=+x", "a.xml"]);
    s.git(&["commit", "-q", "-m", "m"]);
    assert!(s.compare(&base, "HEAD").changes.is_empty());
}

#[test]
fn a_folder_that_replaces_a_file_is_two_changes() {
    let s = Scratch::new();
    let base = s.with("a", "1");
    s.remove("a");
    let head = s.with("a/b", "2");
    assert_eq!(summary(&s.compare(&base, &head).changes), ["- a", "+ a/b"]);
}

#[test]
fn an_annotated_tag_leads_to_its_commit() {
    let s = Scratch::new();
    let commit = s.with("a", "1");
    s.git(&["tag", "-a", "-m", "t", "v1"]);
    s.with("a", "2");
    assert_eq!(s.compare("v1", "main").base_commit, commit);
}

#[test]
fn an_unknown_revision_is_named() {
    let s = Scratch::new();
    s.with("a", "1");
    let (error, message) = s.error(Some("nope"), Some("HEAD"));
    assert!(matches!(error, GitError::UnknownRevision { .. }), "{error:?}");
    assert_eq!(
        message,
        "unknown revision `nope`; check the spelling, or fetch it first; the branch here is `main`"
    );
    for odd in ["", "a..b", "HEAD~99", "@{-1}", "--help", "0000000000000000000000000000000000000000"] {
        let (error, message) = s.error(Some(odd), Some("HEAD"));
        assert!(matches!(error, GitError::UnknownRevision { .. }), "{odd}: {message}");
    }
}

#[test]
fn a_branch_that_only_the_remote_has_is_suggested() {
    let origin = Scratch::new();
    origin.with("a", "1");
    origin.git(&["branch", "develop"]);
    let (_, message) = origin.cloned(&[]).error(Some("develop"), Some("HEAD"));
    assert_eq!(message, "unknown revision `develop`; use `origin/develop`");
}

#[test]
fn a_file_or_a_tag_of_one_is_not_a_commit() {
    let s = Scratch::new();
    s.with("a", "1");
    s.git(&["tag", "-a", "-m", "t", "blob-tag", "HEAD:a"]);
    for revision in ["HEAD:a", "HEAD^{tree}", "blob-tag"] {
        let (error, message) = s.error(Some(revision), Some("HEAD"));
        assert!(matches!(error, GitError::NotACommit { .. }), "{revision}: {message}");
        assert!(message.starts_with(&format!("revision `{revision}` is not a commit")));
    }
}

#[test]
fn a_tag_named_like_a_branch_cannot_move_the_base() {
    let s = Scratch::new();
    s.with("a", "1");
    s.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    s.with("a", "2");
    s.git(&["tag", "origin/main"]);
    for base in ["origin/main", "origin/main~0"] {
        let (error, message) = s.error(Some(base), Some("HEAD"));
        assert!(matches!(error, GitError::AmbiguousRevision { .. }), "{message}");
        assert!(message.contains("`refs/tags/origin/main` and `refs/remotes/origin/main`"), "{message}");
    }
    let default = s.try_compare(None, Some("HEAD")).unwrap();
    assert_eq!(default.base_commit, s.git(&["rev-parse", "refs/remotes/origin/main"]));
}

#[test]
fn the_default_base_is_the_default_branch_of_origin_then_main_then_master() {
    let origin = Scratch::new();
    let one = origin.with("a", "1");
    origin.git(&["branch", "-m", "trunk"]);
    let s = origin.cloned(&[]);
    let head = s.with("a", "2");
    let base = |s: &Scratch| s.try_compare(None, Some("HEAD")).unwrap().base_commit;
    assert_eq!(base(&s), one, "origin/HEAD is origin/trunk");
    s.git(&["update-ref", "-d", "refs/remotes/origin/trunk"]);
    s.git(&["update-ref", "refs/heads/master", &one]);
    assert_eq!(base(&s), one, "origin/HEAD dangles, so the local master");
    s.git(&["update-ref", "refs/remotes/origin/main", &head]);
    assert_eq!(base(&s), head, "origin/main comes before local branches");
}

#[test]
fn without_any_usual_base_the_message_asks_for_one() {
    let s = Scratch::new();
    s.with("a", "1");
    s.git(&["branch", "-m", "topic"]);
    let (error, message) = s.error(None, Some("HEAD"));
    assert!(matches!(error, GitError::MissingBase { .. }));
    assert_eq!(
        message,
        "no branch main or master to compare with; the branch here is `topic`; use `--base BRANCH`, or set it once with \
         `git config flsgate.base BRANCH`"
    );
}

#[test]
fn links_and_submodules_are_listed_and_never_entered() {
    let s = Scratch::new();
    let base = s.with("plain", "text");
    std::os::unix::fs::symlink("/etc/passwd", s.root.join("link")).unwrap();
    s.git(&["add", "-A"]);
    let cacheinfo = format!("160000,{base},sub");
    s.git(&["update-index", "--add", "--cacheinfo", &cacheinfo]);
    s.git(&["commit", "-q", "-m", "m"]);
    let c = s.compare(&base, "HEAD");
    let kinds: Vec<_> = c.landing.entries().unwrap().iter().map(|e| (e.path.as_str(), e.kind)).collect();
    let (link, sub) = (("link", EntryKind::Symlink), ("sub", EntryKind::Submodule));
    assert_eq!(kinds, [link, ("plain", EntryKind::File), sub]);
    assert_eq!(summary(&c.changes), ["+ link", "+ sub"]);
    assert!(read_error(&c.landing, "link").contains("is a symbolic link, not a file; "));
    assert!(read_error(&c.landing, "sub").contains("is a submodule, not a file; "));
}

#[test]
fn a_file_that_becomes_a_link_changes_its_kind() {
    let s = Scratch::new();
    let base = s.with("a", "target");
    s.remove("a");
    std::os::unix::fs::symlink("target", s.root.join("a")).unwrap();
    let head = s.commit();
    let c = s.compare(&base, &head);
    let [change] = &c.changes[..] else { panic!("{:?}", c.changes) };
    let (old, new) = (change.old.as_ref().unwrap(), change.new.as_ref().unwrap());
    assert_eq!((old.kind, new.kind), (EntryKind::File, EntryKind::Symlink));
    assert_eq!(old.content, new.content, "the same bytes");
}

#[test]
fn names_that_are_not_ascii_or_not_utf8_are_kept_apart_and_readable() {
    use std::os::unix::ffi::OsStrExt;
    let s = Scratch::new();
    let base = s.commit();
    s.write("Konten/Kündigung__c.xml", "umlaut");
    for byte in [0xfe, 0xff] {
        let name = [b"d/".as_slice(), &[byte], b".xml"].concat();
        std::fs::create_dir_all(s.root.join("d")).unwrap();
        std::fs::write(s.root.join(std::ffi::OsStr::from_bytes(&name)), [b'0' + (byte & 1)]).unwrap();
    }
    let head = s.commit();
    let c = s.compare(&base, &head);
    let expected = ["Konten/Kündigung__c.xml", r"d/\xfe.xml", r"d/\xff.xml"];
    assert_eq!(summary(&c.changes), expected.map(|p| format!("+ {p}")));
    let contents: Vec<String> = expected.iter().map(|p| text(&c.head, p)).collect();
    assert_eq!(contents, ["umlaut", "0", "1"], "found one by one");
    assert_eq!(paths(&c.head), expected, "and in the listing");
}

#[test]
fn one_file_is_found_without_listing_and_many_files_are_found_by_listing() {
    let s = Scratch::new();
    for n in 0..100 {
        s.write(&format!("dir/{n}/file.xml"), n.to_string());
    }
    s.commit();
    let tree = s.compare("HEAD", "HEAD").landing;
    let absent = ["dir", "dir/1", "dir/1/file.xml/x", "nothing", "", "/dir", "dir//1"];
    for path in absent {
        assert_eq!(tree.entry(&RepoPath::from(path)).unwrap(), None, "{path}");
    }
    for n in 0..100 {
        assert_eq!(text(&tree, &format!("dir/{n}/file.xml")), n.to_string());
    }
}

#[test]
fn threads_read_at_once_and_every_read_is_counted() {
    fn shared<T: Send + Sync>(value: T) -> T {
        value
    }
    let s = Scratch::new();
    for n in 0..40 {
        s.write(&format!("{n:02}"), "12345");
    }
    s.commit();
    let repository = shared(s.open());
    let request = Request { base: Some("HEAD".into()), head: Some("HEAD".into()) };
    let tree: Tree = shared(repository.compare(&request).unwrap().landing);
    assert_eq!(repository.reads(), Reads::default(), "comparing reads no file");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for entry in tree.entries().unwrap() {
                    assert_eq!(tree.read(entry).unwrap().bytes(), b"12345");
                }
            });
        }
    });
    assert_eq!(repository.reads(), Reads { files: 160, bytes: 800 });
}

#[test]
fn a_file_over_the_limit_is_listed_but_not_read() {
    let s = Scratch::new();
    let big = std::fs::File::create(s.root.join("big")).unwrap();
    big.set_len(flsgate::git::MAX_FILE_BYTES + 1).unwrap();
    s.commit();
    let tree = s.compare("HEAD", "HEAD").landing;
    assert!(read_error(&tree, "big").contains("more than the limit of 64 MiB"));
}

#[test]
fn any_folder_of_the_work_tree_a_bare_and_a_linked_one_open() {
    let s = Scratch::new();
    s.with("deep/er/file", "1");
    let request = Request { base: Some("HEAD".into()), head: Some("HEAD".into()) };
    let inside = Repository::open(&s.root.join("deep/er")).unwrap();
    assert_eq!(paths(&inside.compare(&request).unwrap().head), ["deep/er/file"]);
    let bare = s.cloned(&["--bare"]);
    assert_eq!(paths(&bare.open().compare(&request).unwrap().head), ["deep/er/file"]);
    let (error, message) = bare.error(None, None);
    assert!(
        matches!(error, GitError::Bare { .. }) && message.contains("run this in a checkout"),
        "{message}"
    );
    let linked = Scratch::folder();
    s.git(&["worktree", "add", "-q", "--detach", linked.root.join("w").to_str().unwrap()]);
    std::fs::write(linked.root.join("w/new"), "2").unwrap();
    let changes = Repository::open(&linked.root.join("w")).unwrap().compare(&Request::default()).unwrap();
    assert_eq!(summary(&changes.changes), ["+ new"]);
}

#[test]
fn a_repository_that_is_committed_as_plain_files_is_refused() {
    let s = Scratch::new();
    s.with("deep/file", "1");
    let planted = s.root.join("deep/pkg");
    git2::Repository::init_bare(&planted).unwrap();
    for folder in [planted.clone(), planted.join("refs")] {
        let error = Repository::open(&folder).err().unwrap();
        assert!(matches!(error, GitError::Planted { .. }), "{error}");
    }
    // With a work tree of its own, and so not bare.
    let config = planted.join("config");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("bare = true", "bare = false\n\tworktree = ../..")).unwrap();
    assert!(matches!(Repository::open(&planted).err().unwrap(), GitError::Planted { .. }));
    assert!(Repository::open(&s.root.join("deep")).is_ok(), "beside it nothing is wrong");
}

#[test]
fn equal_files_have_equal_ids_wherever_they_are() {
    let s = Scratch::new();
    s.write("a", "same");
    s.write("b/c", "same");
    s.commit();
    let tree = s.compare("HEAD", "HEAD").landing;
    let ids: Vec<ContentId> = tree.entries().unwrap().iter().map(|e| e.content).collect();
    assert_eq!(ids[0], ids[1]);
}
