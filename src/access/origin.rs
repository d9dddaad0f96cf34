//! Where a new grantor comes from: a hint for the reader. All of a new grantor's exposures are
//! opened whatever its origin, so nothing depends on this guess.

use super::GrantorAccess;
use crate::org::Org;
use crate::source::ReadError;
use crate::words::Grantor;
use std::collections::BTreeMap;

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

/// Where those grantors seem to come from that the base does not have.
pub(super) fn of_new(
    (base, before): (&Org<'_>, &BTreeMap<Grantor, GrantorAccess>),
    (landing, after): (&Org<'_>, &BTreeMap<Grantor, GrantorAccess>),
) -> Result<BTreeMap<Grantor, Origin>, ReadError> {
    let mut found = BTreeMap::new();
    for (grantor, access) in after.iter().filter(|(grantor, _)| !base.has_grantor(grantor)) {
        let same_kind =
            |(other, _): &(&Grantor, &GrantorAccess)| other.kind == grantor.kind && *other != grantor;
        // Only what the base has can have been copied: where all of it is new, nothing was.
        let known = |(other, _): &(&Grantor, &GrantorAccess)| base.has_grantor(other);
        let candidates = before.iter().filter(same_kind).filter(known).map(|(other, access)| {
            let gone = landing.loses(other);
            (if gone { OriginKind::Renamed } else { OriginKind::Copied }, other, access)
        });
        let origin = match most_alike(access, candidates) {
            Some(origin) => Some(origin),
            None => identical(base, landing, grantor)?,
        };
        found.extend(origin.map(|origin| (grantor.clone(), origin)));
    }
    Ok(found)
}

/// A grantor of the base whose files are byte for byte those of a new one. Needs no reading.
fn identical(base: &Org<'_>, landing: &Org<'_>, new: &Grantor) -> Result<Option<Origin>, ReadError> {
    let contents = landing.grantor_contents(new)?;
    for other in base.grantors().into_iter().filter(|g| g.kind == new.kind) {
        if base.grantor_contents(other)? == contents {
            return Ok(Some(Origin { kind: OriginKind::Copied, from: other.clone() }));
        }
    }
    Ok(None)
}

/// The candidate most like `new`: at least half of all exposures of either must be shared.
fn most_alike<'c>(
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
