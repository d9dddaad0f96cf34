//! JSON with one item of a list a line: small, and a committed report shows in a diff what changed.

use super::sanitize::escape_json;
use serde::Serialize;
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
