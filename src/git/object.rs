//! Objects, each checked against its name before anything of it is believed.
//!
//! libgit2 does the same with a SHA-1 in portable code, which took a third of a large change's time, so it is
//! told not to and the hash is computed here with the processor's own instructions. What a merge reads is checked
//! before it merges. Only the history between two commits is walked by libgit2 alone, and trusted as git trusts
//! it: git has compared those commits with their names when they were fetched.

use super::error::{GitError, Missing};
use git2::{ObjectType, Oid};
use sha1::{Digest, Sha1};

/// Leaves the comparison of names and contents to this module.
pub(super) fn verify_here() {
    git2::opts::strict_hash_verification(false);
}

/// Gives the bytes of an object of this kind to `read`.
pub(super) fn with<T>(
    odb: &git2::Odb<'_>,
    missing: Missing,
    (id, kind): (Oid, ObjectType),
    doing: &'static str,
    read: impl FnOnce(&[u8]) -> Result<T, GitError>,
) -> Result<T, GitError> {
    let object = odb.read(id).map_err(|e| missing.object_error(doing, &e))?;
    if object.kind() != kind {
        let detail = format!("object {id} is a {}, not a {kind}", object.kind());
        return Err(GitError::Corrupted { detail });
    }
    let bytes = object.data();
    let header = format!("{kind} {}\0", bytes.len());
    let hash = Sha1::new().chain_update(header).chain_update(bytes).finalize();
    if hash.as_slice() != id.as_bytes() {
        let found: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let detail = format!("object {id} holds what {found} would");
        return Err(GitError::Corrupted { detail });
    }
    read(bytes)
}

/// One line of a tree: mode, name, object.
pub(super) type TreeLine<'t> = (u32, &'t [u8], Oid);

/// Reads a tree; `None` if its bytes are none.
pub(super) fn tree_lines(mut bytes: &[u8]) -> Option<Vec<TreeLine<'_>>> {
    let mut lines = Vec::new();
    while !bytes.is_empty() {
        let space = memchr::memchr(b' ', bytes)?;
        let mode = std::str::from_utf8(&bytes[..space]).ok().and_then(|m| u32::from_str_radix(m, 8).ok())?;
        bytes = &bytes[space + 1..];
        let end = memchr::memchr(0, bytes)?;
        let (id, rest) = bytes[end + 1..].split_at_checked(20)?;
        lines.push((mode, &bytes[..end], Oid::from_bytes(id).ok()?));
        bytes = rest;
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_line_by_line() {
        let id = Oid::from_bytes(&[7; 20]).unwrap();
        let tree = [b"100644 a b\0".as_slice(), &[7; 20], b"40000 c\0", &[7; 20]].concat();
        let lines = vec![(0o100_644, b"a b".as_slice(), id), (0o40_000, b"c", id)];
        assert_eq!(tree_lines(&tree), Some(lines));
        assert_eq!(tree_lines(b""), Some(Vec::new()));
        for cut in [1, 8, 10, 11, 30, 31, 40, tree.len() - 1] {
            assert_eq!(tree_lines(&tree[..cut]).is_some(), cut == 31, "{cut}");
        }
        assert_eq!(tree_lines(b"100849 a\0aaaaaaaaaaaaaaaaaaaa"), None, "no octal number");
    }
}
