//! Parts of a matrix that are the same in both of its JSON shapes but for how they write a place (`P`).

use super::{Gap, Hop, Muted, Point, Written};
use crate::words::Access;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct JsonHop<'m, P> {
    kind: &'m str,
    #[serde(flatten)]
    at: P,
    text: Option<&'m str>,
}

impl<'m, P> JsonHop<'m, P> {
    pub(super) fn new(hop: &'m Hop, place: impl Fn(&'m Point) -> P) -> Self {
        JsonHop { kind: hop.kind, at: place(&hop.at), text: hop.text.as_deref() }
    }
}

#[derive(Serialize)]
pub(super) struct JsonWritten<'m, P> {
    text: Option<&'m str>,
    compliance: Option<&'m str>,
    owner: Option<&'m str>,
    ticket: Option<&'m str>,
    expires: Option<&'m str>,
    #[serde(flatten)]
    at: P,
}

impl<'m, P> JsonWritten<'m, P> {
    pub(super) fn new(written: &'m Written, place: impl Fn(&'m Point) -> P) -> Self {
        JsonWritten {
            text: written.text.as_deref(),
            compliance: written.compliance.as_deref(),
            owner: written.owner.as_deref(),
            ticket: written.ticket.as_deref(),
            expires: written.expires.as_deref(),
            at: place(&written.at),
        }
    }
}

/// What a group does not give, since it mutes it.
#[derive(Serialize)]
pub(super) struct JsonMuted<'m, P> {
    field: &'m str,
    group: &'m str,
    access: Access,
    left: Option<Access>,
    by: &'m str,
    #[serde(flatten)]
    at: P,
}

impl<'m, P> JsonMuted<'m, P> {
    pub(super) fn new(muted: &'m Muted, place: impl Fn(&'m Point) -> P) -> Self {
        JsonMuted {
            field: muted.field.as_str(),
            group: &muted.group,
            access: muted.access,
            left: muted.left,
            by: &muted.by,
            at: place(&muted.at),
        }
    }
}

#[derive(Serialize)]
pub(super) struct JsonGap<'m, P> {
    #[serde(flatten)]
    at: P,
    text: &'m str,
}

impl<'m, P> JsonGap<'m, P> {
    pub(super) fn new(gap: &'m Gap, place: impl Fn(&'m Point) -> P) -> Self {
        JsonGap { at: place(&gap.at), text: &gap.text }
    }
}
