//! Objects, each checked against its name before anything of it is believed.
//!
//! libgit2 does the same with a SHA-1 in portable code, which took a third of a large change's time, so it is
//! told not to and the hash is computed here with the processor's own instructions. As git's own, this hash knows the
//! blocks that a collision attack makes: two files with one name would be one that was reviewed and one that lands.
//! What a merge reads is checked before it merges. Only the history between two commits is walked by libgit2 alone, and trusted as git trusts
//! it: git has compared those commits with their names when they were fetched.

use super::error::{GitError, Missing};
use git2::{ObjectType, Oid};
use sha1dc::Hasher;

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
    match named(header.as_bytes(), bytes) {
        Ok(name) if name == id.as_bytes() => read(bytes),
        Ok(name) => {
            let found: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
            Err(GitError::Corrupted { detail: format!("object {id} holds what {found} would") })
        }
        Err(Collision) => {
            let detail =
                format!("object {id} was made to share its name with another one, a SHA-1 collision attack");
            Err(GitError::Corrupted { detail })
        }
    }
}

/// Bytes that a collision attack made.
#[derive(Debug, PartialEq, Eq)]
struct Collision;

/// The name of an object of these bytes.
fn named(header: &[u8], bytes: &[u8]) -> Result<[u8; 20], Collision> {
    let mut hasher = Hasher::new();
    hasher.update(header);
    hasher.update(bytes);
    hasher.finalize().map(Into::into).map_err(|_| Collision)
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

    /// Two files of one SHA-1, published by those who made the attack (https://sha-mbles.github.io). In git a header
    /// stands before them, and the attack would have to be made for it; here there is none.
    #[test]
    fn an_object_that_a_collision_attack_made_is_refused() {
        let pair: [&[u8]; 2] =
            [include_bytes!("collision/sha-mbles-1.bin"), include_bytes!("collision/sha-mbles-2.bin")];
        assert_ne!(pair[0], pair[1]);
        assert_eq!(pair.map(|bytes| named(b"", bytes)), [Err(Collision), Err(Collision)]);
        let empty_blob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
        assert_eq!(
            named(b"blob 0\0", b"").map(|name| Oid::from_bytes(&name).unwrap().to_string()),
            Ok(empty_blob.into())
        );
    }

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
