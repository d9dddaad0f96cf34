//! What can go wrong with a repository, and the next step for each.

use std::path::PathBuf;

/// How to get the rest of a shallow history.
const UNSHALLOW: &str = "this clone is shallow: set `fetch-depth: 0` for actions/checkout, or run `git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'`";
/// How to get the objects that a partial clone leaves out. (`--unshallow` and a plain fetch do not.)
const REFETCH: &str =
    "this is a partial clone; fetch the missing objects with `git fetch --refetch --no-filter`";

/// Why a repository could not be opened, compared or listed.
///
/// Revisions, paths and git's own words in the messages come from outside: whoever prints them must
/// sanitise them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is no repository at or above the path.
    #[error(
        "`{path}` is not in a git repository; go to the folder of your project, name it by `--repo FOLDER`, or make one with \
         `git init`"
    )]
    NotARepository {
        /// Where the search began.
        path: PathBuf,
    },
    /// There is no such folder.
    #[error("there is no folder `{path}`; name the folder of a checkout by `--repo FOLDER`")]
    NoFolder {
        /// Where the search would have begun.
        path: PathBuf,
    },
    /// Another user owns the repository, as in a container action.
    #[error(
        "`{path}` belongs to another user, so git does not trust it; \
         run `git config --global --add safe.directory {safe}`"
    )]
    Owner {
        /// What is owned by somebody else: the work tree or its `.git`.
        path: PathBuf,
        /// What `safe.directory` must hold.
        safe: PathBuf,
    },
    /// The repository is stored in a way that cannot be read: SHA-256 objects, reftable, other
    /// repository extensions.
    #[error("`{path}` uses {what}, which is not supported; {next}")]
    Unsupported {
        /// Where the search for a repository began.
        path: PathBuf,
        /// The feature.
        what: String,
        /// What to do instead.
        next: &'static str,
    },
    /// The index has an extension that cannot be read: a sparse or a split index.
    #[error("the index of `{path}` uses {what}, which is not supported; {next}")]
    UnsupportedIndex {
        /// The work tree.
        path: PathBuf,
        /// The feature.
        what: String,
        /// What to do instead.
        next: &'static str,
    },
    /// A revision names nothing here.
    #[error("unknown revision `{revision}`; {next}")]
    UnknownRevision {
        /// As given.
        revision: String,
        /// What to do.
        next: String,
    },
    /// A revision names several things: a tag and a branch, or the start of several ids.
    #[error("revision `{revision}` is ambiguous: {detail}; use a full name or a full commit id")]
    AmbiguousRevision {
        /// As given.
        revision: String,
        /// What it could mean.
        detail: String,
    },
    /// A revision names a file, a tree, or a tag of one.
    #[error("revision `{revision}` is not a commit; name a branch, a tag or a commit id")]
    NotACommit {
        /// As given.
        revision: String,
    },
    /// No base was given and none of the usual ones exists.
    #[error(
        "no branch main or master to compare with{}; {next}",
        listed(.branches)
    )]
    MissingBase {
        /// The first local branches.
        branches: Vec<String>,
        /// What to do.
        next: &'static str,
    },
    /// The clone is shallow and holds no common ancestor.
    #[error("`{base}` and `{head}` have no common ancestor in this clone; {UNSHALLOW}")]
    ShallowHistory {
        /// The base as given or found.
        base: String,
        /// The head as given or found.
        head: String,
    },
    /// The histories are complete and have no common ancestor.
    #[error("`{base}` and `{head}` have unrelated histories; name a base that `{head}` branched from")]
    Unrelated {
        /// The base as given or found.
        base: String,
        /// The head as given or found.
        head: String,
    },
    /// An object is not in the object database.
    #[error("{detail}; {next}")]
    MissingObject {
        /// Git's own words, with the object's id.
        detail: String,
        /// What to do.
        next: &'static str,
    },
    /// A commit that has to be compared was not fetched.
    #[error(
        "commit `{commit}` is not in this clone; set `fetch-depth: 2` for actions/checkout on a pull request \
         (`fetch-depth: 0` on other events), or fetch it"
    )]
    MissingCommit {
        /// Its id.
        commit: String,
    },
    /// An object is not what its id says, or cannot be decoded.
    #[error("the repository is damaged: {detail}; run `git fsck`, then clone again")]
    Corrupted {
        /// What is wrong with which object.
        detail: String,
    },
    /// The base and the head change the same places.
    #[error(
        "cannot merge the head into the base: conflicts in {}{}; \
         merge or rebase onto the base, resolve, push", quoted(.paths), and_more(*.more)
    )]
    Conflicts {
        /// The first conflicting paths, sorted.
        paths: Vec<String>,
        /// How many more there are.
        more: usize,
    },
    /// The working tree was asked for and the repository has none.
    #[error(
        "`{path}` is a bare repository and has no working tree; run this in a checkout, or name a commit where the command takes one (`check --head`, `audit --revision`)"
    )]
    Bare {
        /// The repository.
        path: PathBuf,
    },
    /// A repository that lies as plain files in the checkout of another one.
    #[error(
        "`{path}` looks like a repository and lies in the checkout of another one, where the author of a change could have put \
         it; name the other one, or move it out"
    )]
    Planted {
        /// The folder.
        path: PathBuf,
    },
    /// `HEAD` names a branch without a commit.
    #[error(
        "this repository has no commit yet; make the first one, such as by `git add -A` and `git commit`, and run this again"
    )]
    Unborn,
    /// A merge, rebase or cherry-pick is stuck half-way.
    #[error(
        "the index has unresolved conflicts in {}{}; resolve them and `git add` the files, \
         or abort the merge", quoted(.paths), and_more(*.more)
    )]
    Unmerged {
        /// The first conflicting paths, sorted.
        paths: Vec<String>,
        /// How many more there are.
        more: usize,
    },
    /// A path whose printed form could be that of another path, so that one could hide the other.
    #[error("the path `{path}` has a backslash that reads as an escaped byte; rename the file")]
    AmbiguousPath {
        /// The path as printed.
        path: String,
    },
    /// A tree is larger than any honest one.
    #[error("{detail}; flsgate reads no more than that, remove what makes the tree so large")]
    TooLarge {
        /// Which limit was passed.
        detail: String,
    },
    /// A file of the working tree cannot be looked at.
    #[error("`{path}` cannot be read: {reason}; check its permissions")]
    WorkingTree {
        /// The path inside the work tree.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Anything else that git reports.
    #[error("cannot {doing}: {detail}; run `git status` there to see what git says")]
    Other {
        /// What was attempted.
        doing: &'static str,
        /// Git's own words.
        detail: String,
    },
}

/// How many conflicting paths a message names.
const NAMED_PATHS: usize = 10;

/// The first paths, sorted, and how many were left out.
pub(super) fn name_some(mut paths: Vec<String>) -> (Vec<String>, usize) {
    paths.sort();
    paths.dedup();
    let more = paths.len().saturating_sub(NAMED_PATHS);
    paths.truncate(NAMED_PATHS);
    (paths, more)
}

fn quoted<T: AsRef<str>>(names: &[T]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

/// `"; the branches here are `a`, `b`"`, or nothing.
fn listed(branches: &[String]) -> String {
    match branches {
        [] => String::new(),
        [one] => format!("; the branch here is `{one}`"),
        several => format!("; branches here are {}", quoted(several)),
    }
}

fn and_more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" and {count} more") }
}

/// What a clone leaves out; it decides which advice helps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missing {
    /// The history is cut.
    pub(super) shallow: bool,
    /// Objects are fetched on demand, which we never do.
    pub(super) partial: bool,
}

impl Missing {
    /// An error met while reading objects.
    pub(super) fn object_error(self, doing: &'static str, error: &git2::Error) -> GitError {
        use git2::{ErrorClass, ErrorCode};
        let detail = error.message().to_owned();
        match (error.code(), error.class()) {
            (ErrorCode::NotFound, ErrorClass::Odb | ErrorClass::Object | ErrorClass::None) => {
                GitError::MissingObject { detail, next: self.advice() }
            }
            (ErrorCode::HashsumMismatch, _)
            | (_, ErrorClass::Zlib | ErrorClass::Odb | ErrorClass::Object) => GitError::Corrupted { detail },
            // libgit2 gives a tree or commit that does not parse these classes.
            (_, ErrorClass::Tree | ErrorClass::Tag) => GitError::Corrupted { detail },
            _ => GitError::Other { doing, detail },
        }
    }

    /// What to do about an object that is not there.
    fn advice(self) -> &'static str {
        match (self.partial, self.shallow) {
            (true, _) => REFETCH,
            (_, true) => UNSHALLOW,
            _ => "the repository is damaged: run `git fsck`, then clone again",
        }
    }

    /// What to do where none of the usual bases is there.
    pub(super) fn base_advice(self) -> &'static str {
        match self.shallow {
            true => UNSHALLOW,
            false => "use `--base BRANCH`, or set it once with `git config flsgate.base BRANCH`",
        }
    }

    /// What to do about a revision that is not there.
    pub(super) fn unknown_revision(
        self,
        revision: &str,
        similar: Option<&str>,
        branches: &[String],
    ) -> GitError {
        let is_zero = revision.len() >= 40 && revision.bytes().all(|byte| byte == b'0');
        let next = match (similar, self.shallow) {
            _ if is_zero => {
                "the branch is being created or deleted, so there is nothing to compare with".to_owned()
            }
            _ if revision.contains("..") => {
                "name the two sides by themselves: `--base main --head HEAD`".to_owned()
            }
            (Some(name), _) => match revision
                .split_once('/')
                .filter(|(remote, branch)| !remote.is_empty() && *branch == name)
            {
                Some((remote, branch)) => {
                    format!(
                        "use `--base {name}`, or run `git fetch {remote} {branch}` where there is a remote `{remote}`"
                    )
                }
                None if name.ends_with(&format!("/{revision}")) => format!("use `{name}`"),
                None => format!("did you mean `{name}`?"),
            },
            (None, true) => UNSHALLOW.to_owned(),
            (None, false) => format!("check the spelling, or fetch it first{}", listed(branches)),
        };
        GitError::UnknownRevision { revision: revision.to_owned(), next }
    }

    /// What two commits without a common ancestor mean.
    pub(super) fn no_merge_base(self, base: &str, head: &str) -> GitError {
        let (base, head) = (base.to_owned(), head.to_owned());
        if self.shallow {
            GitError::ShallowHistory { base, head }
        } else {
            GitError::Unrelated { base, head }
        }
    }
}

/// An error met while opening a repository at `path`.
pub(super) fn open_error(path: PathBuf, error: &git2::Error) -> GitError {
    let message = error.message();
    match error.code() {
        git2::ErrorCode::NotFound if !path.exists() => GitError::NoFolder { path },
        git2::ErrorCode::NotFound => GitError::NotARepository { path },
        git2::ErrorCode::Owner => {
            // libgit2 names what is owned by somebody else, but it looks the work tree up in
            // `safe.directory`, and that is the folder around a `.git`.
            let found = message.split('\'').nth(1).map_or_else(|| path.clone(), PathBuf::from);
            let safe = match found.file_name() {
                Some(name) if name == ".git" => found.parent().map_or(found.clone(), PathBuf::from),
                _ => found.clone(),
            };
            GitError::Owner { path: found, safe }
        }
        _ if message.contains("unknown object format") => GitError::Unsupported {
            path,
            what: format!("another object format ({})", message.trim()),
            next: "only SHA-1 repositories can be judged",
        },
        _ if message.contains("unsupported extension") => GitError::Unsupported {
            path,
            what: format!("a repository extension ({})", message.trim()),
            next: "clone it without the extension (for reftable: `git refs migrate --ref-format=files`)",
        },
        _ => GitError::Other { doing: "open the repository", detail: message.to_owned() },
    }
}

/// An error met while reading the index of the work tree at `path`.
pub(super) fn index_error(path: PathBuf, error: &git2::Error) -> GitError {
    let message = error.message();
    if !message.contains("unsupported mandatory extension") {
        return GitError::Other { doing: "read the index", detail: message.to_owned() };
    }
    let (what, next) = if message.contains("sdir") {
        (
            "a sparse index".to_owned(),
            "run `git sparse-checkout reapply --no-sparse-index`, or pass --head or --revision",
        )
    } else if message.contains("link") {
        ("a split index".to_owned(), "run `git update-index --no-split-index`, or pass --head or --revision")
    } else {
        (format!("an index extension ({})", message.trim()), "pass --head or --revision")
    };
    GitError::UnsupportedIndex { path, what, next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use git2::{Error, ErrorClass, ErrorCode};

    #[test]
    fn a_foreign_owner_is_told_which_folder_to_trust() {
        let error = Error::new(
            ErrorCode::Owner,
            ErrorClass::Config,
            "repository path '/github/workspace/.git' is not owned by current user",
        );
        let text = open_error("/github/workspace/force-app".into(), &error).to_string();
        assert!(text.contains("`git config --global --add safe.directory /github/workspace`"), "{text}");
    }

    #[test]
    fn many_paths_are_cut_to_ten_and_counted() {
        let (paths, more) = name_some((0..13).map(|n| format!("p{n:02}")).rev().collect());
        let text = GitError::Conflicts { paths, more }.to_string();
        assert!(text.contains("`p00`, ") && text.contains("`p09` and 3 more;"), "{text}");
    }
}
