//! Where a new grantor comes from: a hint for the reader. All of a new grantor's exposures are
//! opened whatever its origin, so nothing depends on this guess.

use super::GrantorAccess;
use crate::words::Grantor;

/// How a new grantor came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OriginKind {
    /// The other one is gone from the tree that would land.
    Renamed,
    /// The other one is still there.
    Copied,
}

/// A grantor that a new one resembles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Renamed or copied.
    pub kind: OriginKind,
    /// The other grantor.
    pub from: Grantor,
}

/// The candidate most like `new`: at least half of all exposures of either must be shared.
pub(super) fn most_alike<'c>(
    new: &GrantorAccess,
    candidates: impl Iterator<Item = (OriginKind, &'c Grantor, &'c GrantorAccess)>,
) -> Option<Origin> {
    let mut best: Option<(usize, usize, Origin)> = None;
    for (kind, from, access) in candidates {
        let same = |entry: &super::FieldEntry<'_>| access.entries.access(entry.field()) == entry.access();
        let shared = new.entries.open().filter(same).count();
        let all = new.entries.open().count() + access.entries.open().count() - shared;
        if shared == 0 || shared * 2 < all {
            continue;
        }
        // Compare shares as fractions; on a tie the first in order (renamed, then by name) stays.
        if best.as_ref().is_none_or(|(s, a, _)| shared * a > s * all) {
            best = Some((shared, all, Origin { kind, from: from.clone() }));
        }
    }
    best.map(|(_, _, origin)| origin)
}
