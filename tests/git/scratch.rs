//! A temporary repository, and short ways to say what a comparison holds.

use flsgate::git::{Change, Comparison, GitError, Repository, Request, Tree};
use flsgate::source::{RepoPath, Snapshot};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) struct Scratch {
    _keep: TempDir,
    pub(crate) root: PathBuf,
}

impl Scratch {
    /// An empty repository on branch `main`.
    pub(crate) fn new() -> Self {
        Scratch::init(&[])
    }

    /// The same with options for `git init`.
    pub(crate) fn init(options: &[&str]) -> Self {
        let scratch = Scratch::folder();
        scratch.git(&[&["init", "-q"], options].concat());
        scratch
    }

    /// A temporary folder that is no repository.
    pub(crate) fn folder() -> Self {
        let keep = TempDir::new().unwrap();
        let root = keep.path().canonicalize().unwrap();
        Scratch { _keep: keep, root }
    }

    /// A clone of this repository by the `file` transport, which honours depth and filters.
    pub(crate) fn cloned(&self, options: &[&str]) -> Scratch {
        let clone = Scratch::folder();
        let url = format!("file://{}", self.root.display());
        clone.git(&[&["clone", "-q"], options, &[&url, "."]].concat());
        clone
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.current_dir(&self.root).args(["-c", "user.name=T", "-c", "user.email=t@example.com"]);
        git.args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"]).args(arguments);
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        git.env("GIT_AUTHOR_DATE", "2024-01-01T00:00:00Z");
        git
    }

    /// Runs git, which must succeed, and gives what it printed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.root.join(path)).unwrap();
    }

    /// Commits everything that is there, and gives the commit's id.
    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "m"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Writes one file and commits.
    pub(crate) fn with(&self, path: &str, content: impl AsRef<[u8]>) -> String {
        self.write(path, content);
        self.commit()
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::open(&self.root).unwrap()
    }

    pub(crate) fn try_compare(&self, base: Option<&str>, head: Option<&str>) -> Result<Comparison, GitError> {
        let owned = |r: Option<&str>| r.map(str::to_owned);
        self.open().compare(&Request { base: owned(base), head: owned(head) })
    }

    pub(crate) fn compare(&self, base: &str, head: &str) -> Comparison {
        self.try_compare(Some(base), Some(head)).unwrap()
    }

    /// The working tree against the default base.
    pub(crate) fn worktree(&self) -> Comparison {
        self.try_compare(None, None).unwrap()
    }

    /// Why the comparison fails.
    pub(crate) fn error(&self, base: Option<&str>, head: Option<&str>) -> (GitError, String) {
        let error = self.try_compare(base, head).unwrap_err();
        let text = error.to_string();
        (error, text)
    }

    /// Every file below a folder with its content.
    pub(crate) fn snapshot(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut found, mut pending) = (Vec::new(), vec![self.root.join(folder)]);
        while let Some(folder) = pending.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { pending.push(path) } else { found.push((path.clone(), read(&path))) }
            }
        }
        found.sort();
        found
    }
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Changes as `+ path`, `- path`, `~ path`, in their order.
pub(crate) fn summary(changes: &[Change]) -> Vec<String> {
    changes
        .iter()
        .map(|c| match (&c.old, &c.new) {
            (None, Some(_)) => format!("+ {}", c.path),
            (Some(_), None) => format!("- {}", c.path),
            (Some(_), Some(_)) => format!("~ {}", c.path),
            (None, None) => panic!("a change without sides"),
        })
        .collect()
}

/// The paths of a tree, checked to be sorted.
pub(crate) fn paths(tree: &Tree) -> Vec<String> {
    let entries = tree.entries().unwrap();
    assert!(entries.is_sorted_by(|a, b| a.path < b.path), "{entries:?}");
    entries.iter().map(|e| e.path.as_str().to_owned()).collect()
}

/// The content of a file, looked up on its own.
pub(crate) fn text(tree: &Tree, path: &str) -> String {
    let entry = tree.entry(&RepoPath::from(path)).unwrap().unwrap_or_else(|| panic!("no {path}"));
    String::from_utf8(tree.read(entry).unwrap().bytes().to_vec()).unwrap()
}

/// Why reading a path fails.
pub(crate) fn read_error(tree: &Tree, path: &str) -> String {
    let entry = tree.entry(&RepoPath::from(path)).unwrap().unwrap();
    tree.read(entry).unwrap_err().to_string()
}
