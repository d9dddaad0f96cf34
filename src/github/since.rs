//! Whether a review of an older commit still says something of the newest one: nothing that the pull
//! request changes differs since, neither what it changes now nor what it changed then.
//!
//! What it changed then matters too: a pull request that grants and mutes is not the one that only grants.

use super::error::ApiError;
use super::pulls::Api;
use crate::words::sentences;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A comparison lists no more files.
const MAX_FILES: usize = 300;

/// The content of a path: what it is, and the id of its bytes. `None` where there is nothing.
pub type Content = Option<(&'static str, String)>;

/// The change that is judged.
pub struct Change<'c> {
    /// Commit of the base.
    pub base: &'c str,
    /// Newest commit of the pull request.
    pub head: &'c str,
    /// The tree of that commit.
    pub tree: &'c str,
    /// Every path that the change alters.
    pub paths: &'c [String],
    /// What the newest commit has at a path.
    pub content: &'c dyn Fn(&str) -> Result<Content, String>,
}

impl std::fmt::Debug for Change<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change").field("head", &self.head).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Compared {
    #[serde(default)]
    files: Vec<ComparedFile>,
}

#[derive(Deserialize)]
struct ComparedFile {
    filename: String,
    previous_filename: Option<String>,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    sha: String,
    truncated: bool,
    tree: Vec<ListedFile>,
}

#[derive(Deserialize)]
struct ListedFile {
    path: String,
    mode: String,
    sha: String,
}

/// What an older commit is to the newest one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// Nothing that the pull request changes differs; with the tree of the older commit.
    Same(String),
    /// Something differs, or it is not for us to say: why.
    Differs(String),
}

impl Api {
    /// What a review of an older commit still says.
    pub(super) async fn since(&self, older: &str, change: &Change<'_>) -> Result<Since, ApiError> {
        let gone = |error: ApiError| match error.status() {
            Some(404 | 422) => Ok(Since::Differs(sentences::COMMIT_IS_GONE.to_owned())),
            _ => Err(error),
        };
        let route = format!("{}/git/trees/{older}?recursive=1", self.root);
        let listing: Listing = match self.client.get("list an older commit", &route).await {
            Ok(listing) => listing,
            Err(error) => return gone(error),
        };
        let tree = listing.sha.clone();
        if !tree.is_empty() && tree == change.tree {
            return Ok(Since::Same(tree));
        }
        let route = format!("{}/compare/{}...{older}?per_page=1", self.root, change.base);
        let then: Compared = match self.client.get("compare an older commit", &route).await {
            Ok(then) => then,
            Err(error) => return gone(error),
        };
        Ok(judge(&then, listing, change).map_or(Since::Same(tree), Since::Differs))
    }
}

fn judge(then: &Compared, listing: Listing, change: &Change<'_>) -> Option<String> {
    if then.files.len() >= MAX_FILES || listing.truncated {
        return Some(sentences::TOO_MUCH_DIFFERS.to_owned());
    }
    let kind = |mode: &str| match mode {
        "100644" | "100755" => Some("file"),
        "120000" => Some("link"),
        "160000" => Some("submodule"),
        _ => None,
    };
    let listed = listing.tree.into_iter().filter_map(|f| Some((f.path, (kind(&f.mode)?, f.sha))));
    let old: BTreeMap<String, (&str, String)> = listed.collect();
    let mut paths: BTreeSet<&str> = change.paths.iter().map(String::as_str).collect();
    for file in &then.files {
        paths.insert(&file.filename);
        paths.extend(file.previous_filename.as_deref());
    }
    let same = |path: &&str| {
        // A name that is no UTF-8 is written differently here and there.
        !path.contains('\\') && (change.content)(path).is_ok_and(|now| now.as_ref() == old.get(*path))
    };
    let first = paths.into_iter().find(|path| !same(path))?;
    Some(sentences::differs_since(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(
        then: &[&str],
        paths: &[&str],
        old: &[(&str, &str, &str)],
        now: &[(&str, &str)],
    ) -> Option<String> {
        let file = |name: &&str| ComparedFile { filename: (*name).to_owned(), previous_filename: None };
        let then = Compared { files: then.iter().map(file).collect() };
        let listed = |(path, mode, sha): &(&str, &str, &str)| ListedFile {
            path: (*path).to_owned(),
            mode: (*mode).to_owned(),
            sha: (*sha).to_owned(),
        };
        let listing =
            Listing { sha: String::new(), truncated: false, tree: old.iter().map(listed).collect() };
        let paths: Vec<String> = paths.iter().map(|p| (*p).to_owned()).collect();
        let content = |path: &str| Ok(now.iter().find(|n| n.0 == path).map(|n| ("file", n.1.to_owned())));
        judge(&then, listing, &Change { base: "b", head: "h", tree: "t", paths: &paths, content: &content })
    }

    #[test]
    fn what_the_base_brought_in_does_not_matter() {
        let old = [("grant", "100644", "1"), ("other", "100644", "2")];
        assert_eq!(differs(&["grant"], &["grant"], &old, &[("grant", "1"), ("other", "9")]), None);
    }

    #[test]
    fn whatever_the_pull_request_changes_or_changed_does() {
        let old = [("grant", "100644", "1"), ("mute", "100644", "2")];
        let why = |path: &str| Some(format!("and `{path}` differs since"));
        assert_eq!(differs(&["grant"], &["grant"], &old, &[("grant", "3"), ("mute", "2")]), why("grant"));
        // It muted then; now the file is what the base has.
        assert_eq!(
            differs(&["grant", "mute"], &["grant"], &old, &[("grant", "1"), ("mute", "0")]),
            why("mute")
        );
        assert_eq!(differs(&["grant"], &["grant", "new"], &old, &[("grant", "1"), ("new", "5")]), why("new"));
        assert_eq!(differs(&["grant"], &["grant"], &old, &[]), why("grant"), "deleted since");
        assert_eq!(differs(&["gone"], &["gone"], &[], &[]), None, "deleted then and now");
    }

    #[test]
    fn a_link_is_no_file_and_what_cannot_be_compared_differs() {
        assert_eq!(
            differs(&[], &["a"], &[("a", "120000", "1")], &[("a", "1")]),
            Some("and `a` differs since".into())
        );
        assert_eq!(differs(&[], &["a"], &[("a", "100755", "1")], &[("a", "1")]), None);
        let odd = "a\\xff";
        assert!(differs(&[], &[odd], &[(odd, "100644", "1")], &[(odd, "1")]).is_some());
        let many = vec!["x"; 300];
        assert!(differs(&many, &[], &[], &[]).is_some());
    }
}
