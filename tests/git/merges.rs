//! What lands when the base has moved on.

use crate::scratch::{Scratch, paths, summary, text};
use flsgate::git::GitError;
use flsgate::source::{RepoPath, Snapshot};

fn lines(changed: &[(usize, &str)]) -> String {
    (0..20)
        .map(|n| changed.iter().find(|c| c.0 == n).map_or(format!("line {n}\n"), |c| format!("{}\n", c.1)))
        .collect()
}

/// `main` and `topic` from a common commit, each with its own files.
fn diverged(start: &[(&str, String)], main: &[(&str, String)], topic: &[(&str, String)]) -> Scratch {
    let s = Scratch::new();
    let put = |files: &[(&str, String)]| {
        files.iter().for_each(|(path, content)| s.write(path, content));
        s.commit();
    };
    put(start);
    s.git(&["branch", "topic"]);
    put(main);
    s.git(&["checkout", "-q", "topic"]);
    put(topic);
    s
}

#[test]
fn the_merge_result_is_judged_not_the_head() {
    // The label is raised on main while the topic grants access: neither commit has both.
    let s = diverged(
        &[("label", "internal".into()), ("grant", "none".into())],
        &[("label", "restricted".into())],
        &[("grant", "read".into())],
    );
    let c = s.compare("main", "topic");
    assert_eq!(text(&c.landing, "label"), "restricted");
    assert_eq!(text(&c.landing, "grant"), "read");
    assert_eq!(text(&c.head, "label"), "internal");
    assert_eq!(summary(&c.changes), ["~ grant"], "the base's own change is none of the topic's");
    assert_eq!(paths(&c.landing), ["grant", "label"]);
}

#[test]
fn files_changed_on_both_sides_are_merged_in_memory_and_nothing_is_written() {
    let s = diverged(
        &[("f", lines(&[]))],
        &[("f", lines(&[(1, "main was here")]))],
        &[("f", lines(&[(17, "topic was here")]))],
    );
    let before = (s.snapshot(".git"), s.git(&["status", "--porcelain"]));
    let c = s.compare("main", "topic");
    let merged = lines(&[(1, "main was here"), (17, "topic was here")]);
    assert_eq!(text(&c.landing, "f"), merged);
    let listed = &c.landing.entries().unwrap()[0];
    assert_eq!(c.landing.read(listed).unwrap().bytes(), merged.as_bytes());
    assert_eq!(c.changes[0].new.as_ref(), Some(listed));
    assert!(before == (s.snapshot(".git"), s.git(&["status", "--porcelain"])), "nothing was written");
    let id = s.git(&["merge-tree", "main", "topic"]);
    assert_eq!(s.git(&["show", &format!("{id}:f")]) + "\n", merged, "as git merges it");
}

#[test]
fn the_object_store_may_be_read_only() {
    use std::os::unix::fs::PermissionsExt;
    let s = diverged(&[("f", lines(&[]))], &[("f", lines(&[(1, "m")]))], &[("f", lines(&[(17, "t")]))]);
    let objects = s.root.join(".git/objects");
    // An odd one out makes libgit2 look for a place to write; root ignores the mode, hence the
    // comparison of the files as well.
    std::fs::set_permissions(&objects, PermissionsExt::from_mode(0o555)).unwrap();
    let before = s.snapshot(".git/objects");
    let landed = text(&s.compare("main", "topic").landing, "f");
    assert!(before == s.snapshot(".git/objects"));
    std::fs::set_permissions(&objects, PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(landed, lines(&[(1, "m"), (17, "t")]));
}

#[test]
fn conflicts_name_the_first_ten_paths_and_the_next_step() {
    let files = |content: &str| -> Vec<(String, String)> {
        (0..12).map(|n| (format!("f{n:02}"), content.to_owned())).collect()
    };
    let (start, main, topic) = (files("1"), files("2"), files("3"));
    let borrowed = |f: &[(String, String)]| -> Vec<(String, String)> { f.to_vec() };
    let (start, main, topic) = (borrowed(&start), borrowed(&main), borrowed(&topic));
    let view = |f: &'_ [(String, String)]| -> Vec<(&'static str, String)> {
        f.iter().map(|(p, c)| (&*p.clone().leak(), c.clone())).collect()
    };
    let s = diverged(&view(&start), &view(&main), &view(&topic));
    let (error, message) = s.error(Some("main"), Some("topic"));
    let GitError::Conflicts { paths, more } = error else { panic!("{message}") };
    assert_eq!((paths.len(), paths[0].as_str(), more), (10, "f00", 2));
    assert!(message.ends_with("and 2 more; merge or rebase onto the base, resolve, push"), "{message}");
}

#[test]
fn a_rename_on_one_side_and_an_edit_on_the_other_land_together() {
    let s = diverged(&[("old", lines(&[]))], &[], &[("old", lines(&[(3, "edited")]))]);
    s.git(&["checkout", "-q", "main"]);
    s.git(&["mv", "old", "new"]);
    s.commit();
    let c = s.compare("main", "topic");
    assert_eq!(paths(&c.landing), ["new"]);
    assert_eq!(text(&c.landing, "new"), lines(&[(3, "edited")]));
    assert_eq!(c.landing.entry(&RepoPath::from("old")).unwrap(), None);
}

#[test]
fn a_deletion_on_the_topic_lands_as_a_deletion() {
    let s = diverged(&[("a", "1".into()), ("b", "1".into())], &[("b", "2".into())], &[]);
    s.git(&["rm", "-q", "a"]);
    s.commit();
    let c = s.compare("main", "topic");
    assert_eq!(summary(&c.changes), ["- a"]);
    assert_eq!(paths(&c.landing), ["b"]);
    assert_eq!(c.landing.entry(&RepoPath::from("a")).unwrap(), None, "without the listing, too");
}

#[test]
fn a_head_that_the_base_already_has_changes_nothing() {
    let s = diverged(&[("a", "1".into())], &[("a", "2".into())], &[]);
    s.git(&["branch", "-f", "old", "main~1"]);
    let c = s.compare("main", "old");
    assert!(c.changes.is_empty());
    assert_eq!(text(&c.landing, "a"), "2");
}

#[test]
fn criss_cross_histories_merge_their_ancestors_first() {
    let s = diverged(&[("f", lines(&[]))], &[("f", lines(&[(1, "m")]))], &[("f", lines(&[(17, "t")]))]);
    s.git(&["branch", "topic-1", "topic"]);
    s.git(&["merge", "-q", "-m", "x", "main"]);
    s.git(&["checkout", "-q", "main"]);
    s.git(&["merge", "-q", "--no-ff", "-m", "y", "topic-1"]);
    s.with("on-main", "1");
    s.git(&["checkout", "-q", "topic"]);
    s.with("f", lines(&[(1, "m"), (9, "later"), (17, "t")]));
    assert_eq!(s.git(&["merge-base", "--all", "main", "topic"]).lines().count(), 2);
    let c = s.compare("main", "topic");
    assert_eq!(text(&c.landing, "f"), lines(&[(1, "m"), (9, "later"), (17, "t")]));
    assert_eq!(summary(&c.changes), ["~ f"]);
}

#[test]
fn attributes_change_neither_what_is_read_nor_how_it_is_merged() {
    let rules = "*.xml -diff -text merge=union ident eol=crlf working-tree-encoding=UTF-16 filter=x\n";
    let attributes = || (".gitattributes", rules.to_owned());
    let topic = "<a>$Id$</a>\n".to_owned();
    let s = Scratch::new();
    s.with("a.xml", "<a/>\n");
    let base = s.git(&["rev-parse", "HEAD"]);
    // Raw objects, so that git itself converts nothing on the way in.
    s.git(&["config", "core.attributesFile", "/dev/null"]);
    s.write("raw", &topic);
    let id = s.git(&["hash-object", "-w", "--no-filters", "raw"]);
    s.remove("raw");
    s.write(attributes().0, attributes().1);
    s.git(&["add", ".gitattributes"]);
    s.git(&["update-index", "--cacheinfo", &format!("100644,{id},a.xml")]);
    s.git(&["commit", "-q", "-m", "m"]);
    let c = s.compare(&base, "HEAD");
    assert_eq!(summary(&c.changes), ["+ .gitattributes", "~ a.xml"]);
    assert_eq!(text(&c.landing, "a.xml"), topic, "byte for byte");
}

#[test]
fn a_union_merge_that_the_author_asks_for_is_still_a_conflict() {
    let rules = (".gitattributes", "*.xml merge=union\n".to_owned());
    let file = |content: &str| ("a.xml", format!("<a>\n{content}\n</a>\n"));
    let s = diverged(&[file("0"), rules.clone()], &[file("1")], &[file("2"), rules]);
    // The rules are in both commits, in the work tree and in the index; git itself obeys them.
    s.git(&["merge-tree", "main", "topic"]);
    let (error, message) = s.error(Some("main"), Some("topic"));
    assert!(matches!(error, GitError::Conflicts { .. }), "{message}");
}

#[test]
fn an_attribute_against_merging_cannot_block_a_clean_merge() {
    let rules = (".gitattributes", "* -merge\n".to_owned());
    let s =
        diverged(&[("f", lines(&[])), rules], &[("f", lines(&[(1, "m")]))], &[("f", lines(&[(17, "t")]))]);
    assert_eq!(text(&s.compare("main", "topic").landing, "f"), lines(&[(1, "m"), (17, "t")]));
}
