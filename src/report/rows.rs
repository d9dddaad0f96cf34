//! JSON with one item of a list a line: small, and a committed report shows in a diff what changed.

use super::sanitize::escape_json;
use crate::words::{Grantor, GrantorKind};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::io::{self, Write};

/// A JSON object, written key by key. Nothing of it is held in memory.
pub(super) struct Rows<'o> {
    out: &'o mut dyn Write,
    before: &'static str,
}

impl<'o> Rows<'o> {
    /// Begins it.
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        Rows { out, before: "{\n" }
    }

    /// A key with its value, on a line.
    pub(super) fn value(&mut self, key: &str, value: &impl Serialize) -> io::Result<()> {
        self.key(key)?;
        self.item(value)
    }

    /// A key with a list, an item a line.
    pub(super) fn list<T: Serialize>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        self.key(key)?;
        let mut before = "[\n";
        for item in items {
            self.out.write_all(before.as_bytes())?;
            self.item(&item)?;
            before = ",\n";
        }
        self.out.write_all(if before == "[\n" { b"[]" } else { b"\n]" })
    }

    /// Ends it.
    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(b"\n}\n")
    }

    fn key(&mut self, key: &str) -> io::Result<()> {
        write!(self.out, "{}\"{key}\":", self.before)?;
        self.before = ",\n";
        Ok(())
    }

    fn item(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(value)?;
        self.out.write_all(escape_json(&text).as_bytes())
    }
}

/// A permission set, group or profile as a key of its kind with its name, for a row that flattens it; no key where the
/// row is about none.
pub(super) struct Holder<'r>(pub(super) Option<&'r Grantor>);

impl Serialize for Holder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(usize::from(self.0.is_some())))?;
        if let Some(grantor) = self.0 {
            map.serialize_entry(holder_key(grantor.kind), grantor.name())?;
        }
        map.end()
    }
}

/// The key of a kind.
pub(super) fn holder_key(kind: GrantorKind) -> &'static str {
    match kind {
        GrantorKind::PermissionSet => "permission_set",
        GrantorKind::PermissionSetGroup => "group",
        GrantorKind::Profile => "profile",
    }
}
