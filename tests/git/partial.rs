//! Repositories that lack something: history, objects, trust, or a format that can be read.

use crate::scratch::{Scratch, paths, read_error, summary, text};
use flsgate::git::{GitError, Repository};
use flsgate::source::Snapshot;
use std::process::Command;

/// Three commits on `main`, and one on `topic` from the first.
fn history() -> Scratch {
    let s = Scratch::new();
    s.with("a", "1");
    s.git(&["branch", "topic"]);
    s.with("a", "2");
    s.with("a", "3");
    s.git(&["checkout", "-q", "topic"]);
    s.with("b", "1");
    s.git(&["checkout", "-q", "main"]);
    s
}

#[test]
fn in_a_depth_1_clone_a_parent_is_unknown_and_the_message_names_the_fix() {
    let s = history().cloned(&["--depth=1"]);
    for base in ["HEAD~1", "HEAD^", "0123456789012345678901234567890123456789", "nope"] {
        let (error, message) = s.error(Some(base), Some("HEAD"));
        assert!(matches!(error, GitError::UnknownRevision { .. }), "{base}: {message}");
        assert!(message.contains("`fetch-depth: 0`") && message.contains("`git fetch --unshallow origin "));
    }
}

#[test]
fn a_depth_2_checkout_of_a_merge_commit_is_enough() {
    let s = history();
    s.git(&["merge", "-q", "--no-ff", "-m", "pull request", "topic"]);
    let clone = s.cloned(&["--depth=2", "--no-single-branch"]);
    clone.git(&["checkout", "-q", "--detach"]);
    assert_eq!(clone.git(&["rev-parse", "--is-shallow-repository"]), "true");
    let c = clone.compare("HEAD^1", "HEAD");
    assert_eq!(summary(&c.changes), ["+ b"]);
    assert_eq!(text(&c.landing, "a"), "3");
    assert_eq!(c.base_commit, s.git(&["rev-parse", "HEAD^1"]));
}

#[test]
fn shallow_branches_without_a_common_ancestor_are_not_called_unrelated() {
    let s = history().cloned(&["--depth=1", "--no-single-branch"]);
    for head in [Some("origin/topic"), None] {
        s.git(&["checkout", "-q", "origin/topic"]);
        let (error, message) = s.error(Some("origin/main"), head);
        assert!(matches!(error, GitError::ShallowHistory { .. }), "{message}");
        assert!(message.contains("have no common ancestor in this clone"), "{message}");
        assert!(message.contains("`fetch-depth: 0`"), "{message}");
    }
}

#[test]
fn a_shallow_clone_that_reaches_the_common_ancestor_merges() {
    let s = history().cloned(&["--depth=3", "--no-single-branch"]);
    let c = s.compare("origin/main", "origin/topic");
    assert_eq!(summary(&c.changes), ["+ b"]);
    assert_eq!(paths(&c.landing), ["a", "b"]);
}

#[test]
fn unrelated_histories_are_an_error() {
    let s = Scratch::new();
    s.with("a", "1");
    s.git(&["checkout", "-q", "--orphan", "other"]);
    s.with("b", "2");
    let (error, message) = s.error(Some("main"), Some("other"));
    assert!(matches!(error, GitError::Unrelated { .. }), "{message}");
    assert!(message.starts_with("`main` and `other` have unrelated histories"), "{message}");
}

#[test]
fn a_folder_without_a_repository_is_named() {
    let s = Scratch::folder();
    let error = Repository::open(&s.root).unwrap_err();
    assert!(matches!(error, GitError::NotARepository { .. }), "{error:?}");
    assert!(error.to_string().contains(&format!("`{}` is not in a git repository", s.root.display())));
    let missing = s.root.join("missing");
    let error = Repository::open(&missing).unwrap_err();
    assert!(matches!(error, GitError::NoFolder { .. }), "{error:?}");
    assert!(error.to_string().contains(&format!("there is no folder `{}`", missing.display())));
}

#[test]
fn sha256_and_reftable_are_refused_by_name() {
    for (option, word) in [("--object-format=sha256", "sha256"), ("--ref-format=reftable", "refstorage")] {
        let error = Repository::open(&Scratch::init(&[option]).root).unwrap_err();
        assert!(matches!(error, GitError::Unsupported { .. }), "{error:?}");
        assert!(error.to_string().contains(word), "{error}");
        assert!(error.to_string().contains("is not supported"), "{error}");
    }
}

#[test]
fn a_partial_clone_says_how_to_get_the_missing_files_and_that_works() {
    let origin = history();
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let s = origin.cloned(&["--filter=blob:none", "--no-checkout"]);
    let c = s.compare("HEAD~1", "HEAD");
    assert_eq!(summary(&c.changes), ["~ a"], "comparing needs no files");
    let message = read_error(&c.landing, "a");
    assert!(message.contains("this is a partial clone; fetch the missing objects with"), "{message}");
    // The command in the message is run as it stands.
    let command = message.split('`').nth(1).unwrap();
    s.git(&command.split(' ').skip(1).collect::<Vec<_>>());
    let c = s.compare("HEAD~1", "HEAD");
    assert_eq!((text(&c.base, "a"), text(&c.landing, "a")), ("2".to_owned(), "3".to_owned()));
}

#[test]
fn a_partial_clone_without_trees_says_the_same_when_comparing() {
    let origin = history();
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let s = origin.cloned(&["--filter=tree:0", "--no-checkout"]);
    let (error, message) = s.error(Some("HEAD~1"), Some("HEAD"));
    assert!(matches!(error, GitError::MissingObject { .. }), "{message}");
    assert!(message.contains("git fetch --refetch --no-filter"), "{message}");
}

/// The file of a loose object.
fn loose(s: &Scratch, revision: &str) -> std::path::PathBuf {
    let id = s.git(&["rev-parse", revision]);
    s.root.join(".git/objects").join(&id[..2]).join(&id[2..])
}

#[test]
fn an_object_that_is_not_what_its_id_says_is_refused() {
    let s = Scratch::new();
    s.write("good", "access: none");
    s.write("evil", "access: all!");
    s.commit();
    let (good, evil) = (loose(&s, "HEAD:good"), loose(&s, "HEAD:evil"));
    std::fs::remove_file(&good).unwrap();
    std::fs::copy(evil, &good).unwrap();
    let message = read_error(&s.compare("HEAD", "HEAD").landing, "good");
    assert!(message.contains("the repository is damaged") && message.contains("holds what"), "{message}");
    std::fs::remove_file(&good).unwrap();
    std::fs::write(&good, "not zlib").unwrap();
    let message = read_error(&s.compare("HEAD", "HEAD").landing, "good");
    assert!(message.contains("the repository is damaged"), "{message}");
}

#[test]
fn a_folder_or_commit_that_is_not_what_its_id_says_is_refused() {
    let s = Scratch::new();
    s.with("good/a", "access: none");
    s.with("evil/a", "access: all!");
    forged(&s, "HEAD:good", "HEAD:evil", || {
        s.compare("HEAD", "HEAD").landing.entries().unwrap_err().to_string()
    });
    forged(&s, "HEAD", "HEAD~1", || s.error(Some("HEAD"), Some("HEAD")).1);
    let (base, head) = (s.git(&["rev-parse", "HEAD~1"]), s.git(&["rev-parse", "HEAD"]));
    for (good, other) in [("HEAD", "HEAD~1"), ("HEAD~1", "HEAD")] {
        let landed = || Repository::open(&s.root).unwrap().compare_landed(&base, &head, &head);
        assert_eq!(landed().unwrap().changes.len(), 1);
        forged(&s, good, other, || landed().unwrap_err().to_string());
    }
}

/// Puts the content of one object under the name of another one while `asks` runs, which must tell.
fn forged(s: &Scratch, good: &str, other: &str, asks: impl Fn() -> String) {
    let (good, other) = (loose(s, good), loose(s, other));
    let kept = std::fs::read(&good).unwrap();
    std::fs::remove_file(&good).unwrap();
    std::fs::copy(other, &good).unwrap();
    let message = asks();
    assert!(message.contains("the repository is damaged") && message.contains("holds what"), "{message}");
    std::fs::remove_file(&good).unwrap();
    std::fs::write(&good, kept).unwrap();
}

#[test]
fn a_merge_reads_nothing_that_is_not_what_its_id_says() {
    let lines = |first: &str, last: &str| format!("{first}\n{}{last}\n", "line\n".repeat(20));
    let s = Scratch::new();
    s.with("dir/f", lines("first", "last"));
    s.git(&["checkout", "-q", "-b", "head"]);
    s.with("dir/f", lines("evil", "last"));
    s.git(&["checkout", "-q", "main"]);
    s.with("dir/f", lines("first", "ours"));
    assert_eq!(summary(&s.compare("main", "head").changes), ["~ dir/f"]);
    for what in ["^{tree}", ":dir", ":dir/f"] {
        let (head, ancestor) = (format!("head{what}"), format!("head~1{what}"));
        for (good, other) in [(&head, &ancestor), (&ancestor, &head)] {
            forged(&s, good, other, || s.error(Some("main"), Some("head")).1);
        }
    }
}

#[test]
fn a_missing_object_of_a_complete_clone_is_damage() {
    let s = Scratch::new();
    s.with("dir/a", "1");
    std::fs::remove_file(loose(&s, "HEAD:dir")).unwrap();
    let c = s.compare("HEAD", "HEAD");
    assert_eq!(c.landing.entry(&"dir/a".into()).unwrap_err().path.as_str(), "dir/a");
    let message = c.landing.entries().unwrap_err().to_string();
    assert!(message.contains("run `git fsck`"), "{message}");
}

#[test]
fn a_repository_of_another_user_is_refused_until_it_is_named_safe() {
    // libgit2 reads HOME once, so each attempt is a process of its own: this test again, as a child.
    const SELF: &str = "partial::a_repository_of_another_user_is_refused_until_it_is_named_safe";
    if let Ok(root) = std::env::var("FLSGATE_TEST_OPEN") {
        let outcome = Repository::open(root.as_ref()).map_or_else(|e| e.to_string(), |_| "opened".into());
        let expected = std::env::var("FLSGATE_TEST_EXPECT").unwrap();
        assert!(outcome.contains(&expected), "{outcome}");
        return;
    }
    let (s, home) = (Scratch::new(), Scratch::folder());
    let root = s.root.to_str().unwrap();
    let expect = |expected: &str| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", SELF]).env("HOME", &home.root).env_remove("XDG_CONFIG_HOME");
        child.env("FLSGATE_TEST_OPEN", root).env("FLSGATE_TEST_EXPECT", expected);
        let output = child.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.contains("1 passed"), "{printed}{output:?}");
    };
    expect("opened");
    // Only root can give a folder away. For others the message itself is proven in `error.rs`.
    let given = Command::new("chown").args(["-R", "12345", root]).output().unwrap().status.success();
    let fix = format!("git config --global --add safe.directory {root}");
    expect(if given { &fix } else { "opened" });
    let done = Command::new("git").args(fix.split(' ').skip(1)).env("HOME", &home.root).status().unwrap();
    assert!(done.success());
    expect("opened");
}
