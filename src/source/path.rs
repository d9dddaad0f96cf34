//! Paths inside a repository.

use std::fmt;
use std::sync::Arc;

/// A file's path relative to the repository root, with `/` as separator.
///
/// Git paths are bytes. Bytes that are not UTF-8 are kept visible as `\xNN`, so that two different
/// paths stay different and every path can be printed. The text is hostile: it may hold anything
/// but NUL, so whatever prints it must sanitise it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepoPath(Arc<str>);

impl RepoPath {
    /// A path from the bytes that git stores.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return RepoPath(text.into());
        }
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                text.push_str(&format!("\\x{byte:02x}"));
            }
        }
        RepoPath(text.into())
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last component.
    pub fn file_name(&self) -> &str {
        memchr::memrchr(b'/', self.0.as_bytes()).map_or(&self.0, |slash| &self.0[slash + 1..])
    }
}

/// The path of the repository that `written` means, seen from `folder`: `../docs` from `force-app/main` is
/// `force-app/docs`. What leads above the root ends there.
pub fn within(folder: &str, written: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

impl From<&str> for RepoPath {
    fn from(text: &str) -> Self {
        RepoPath(text.into())
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_stay_visible_and_distinct() {
        let a = RepoPath::from_bytes(b"objects/A\xff/x");
        let b = RepoPath::from_bytes(b"objects/A\xfe/x");
        assert_eq!(a.as_str(), "objects/A\\xff/x");
        assert_ne!(a, b);
    }

    #[test]
    fn what_is_written_in_a_folder_is_meant_from_there() {
        assert_eq!(within("force-app/main", "../../docs"), "docs");
        assert_eq!(within("a", "./b//c/"), "a/b/c");
        assert_eq!(within("a", "../../.."), "");
    }
}
