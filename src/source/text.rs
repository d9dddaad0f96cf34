//! Source files, byte spans, and the 1-based lines and columns that people and GitHub use.

use super::RepoPath;
use std::fmt;
use std::sync::{Arc, OnceLock};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A half-open range of byte offsets into one file, byte order mark included in the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from offsets; offsets past 4 GiB saturate (readers refuse such files long before).
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The span as a range for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and the bytes it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was read.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value to its place.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }
}

/// A 1-based line and column. The column counts Unicode characters, and a byte order mark is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A span as people see it. The end column is one past the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

/// A file's path and bytes. Lines are indexed on first use, so a file without findings never pays.
pub struct SourceFile {
    path: RepoPath,
    bytes: Arc<[u8]>,
    on_base: bool,
    newlines: OnceLock<Vec<u32>>,
    /// Characters before each block: a hostile file is one line of megabytes with thousands of findings.
    characters: OnceLock<Vec<u32>>,
}

/// Bytes between two points at which the characters before are known.
const BLOCK: usize = 4096;

impl SourceFile {
    /// A file in memory.
    pub fn new(path: RepoPath, bytes: impl Into<Arc<[u8]>>) -> Self {
        SourceFile {
            path,
            bytes: bytes.into(),
            on_base: false,
            newlines: OnceLock::new(),
            characters: OnceLock::new(),
        }
    }

    /// The same, as the side that is already there has it: what would land may have no such lines.
    pub fn of_base(path: RepoPath, bytes: impl Into<Arc<[u8]>>) -> Self {
        SourceFile { on_base: true, ..SourceFile::new(path, bytes) }
    }

    /// Whether it is the file as the base has it.
    pub fn is_of_base(&self) -> bool {
        self.on_base
    }

    /// Where the file is in the repository.
    pub fn path(&self) -> &RepoPath {
        &self.path
    }

    /// Its bytes as stored.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes under `span`, cut to the file and replaced where they are not UTF-8.
    pub fn text(&self, span: Span) -> std::borrow::Cow<'_, str> {
        let end = (span.end as usize).min(self.bytes.len());
        String::from_utf8_lossy(&self.bytes[(span.start as usize).min(end)..end])
    }

    /// The line and column of a byte offset. An offset past the end is the end; an offset inside a
    /// character is that character.
    pub fn position(&self, offset: u32) -> Position {
        let offset = (offset as usize).min(self.bytes.len());
        let newlines = self.newlines.get_or_init(|| {
            memchr::memchr_iter(b'\n', &self.bytes).map(|i| u32::try_from(i).unwrap_or(u32::MAX)).collect()
        });
        let line = newlines.partition_point(|&n| (n as usize) < offset);
        let mut start = if line == 0 { 0 } else { newlines[line - 1] as usize + 1 };
        if start == 0 && self.bytes.starts_with(BOM) {
            start = BOM.len();
        }
        let inside = offset < self.bytes.len() && self.bytes[offset] & 0xC0 == 0x80;
        let mut characters = self.characters_before(offset) - self.characters_before(start.min(offset));
        if inside {
            characters = characters.saturating_sub(1);
        }
        Position {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(characters + 1).unwrap_or(u32::MAX),
        }
    }

    /// A character is counted at its first byte; continuation bytes (10xxxxxx) are not characters.
    fn characters_before(&self, offset: usize) -> usize {
        let count = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        let blocks = self.characters.get_or_init(|| {
            let counted = self.bytes.chunks(BLOCK).map(count);
            let before = counted.scan(0, |sum, n| {
                *sum += n;
                Some(*sum - n)
            });
            before.map(|n| u32::try_from(n).unwrap_or(u32::MAX)).collect()
        });
        let block = (offset / BLOCK).min(blocks.len().saturating_sub(1));
        let known = blocks.get(block).map_or(0, |n| *n as usize);
        known + count(&self.bytes[block * BLOCK..offset])
    }

    /// Both ends of a span.
    pub fn location(&self, span: Span) -> Location {
        Location { start: self.position(span.start), end: self.position(span.end) }
    }

    /// The byte offset where a 1-based line starts, after a byte order mark; `None` past the end.
    pub fn line_start(&self, line: u32) -> Option<u32> {
        if line == 1 {
            let bom = if self.bytes.starts_with(BOM) { BOM.len() } else { 0 };
            return u32::try_from(bom).ok();
        }
        let _ = self.position(0);
        let newlines = self.newlines.get()?;
        newlines.get(line.checked_sub(2)? as usize).map(|n| n + 1)
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceFile({}, {} bytes)", self.path, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> SourceFile {
        SourceFile::new("f".into(), bytes)
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        let f = file(b"ab\ncd\n");
        assert_eq!(f.position(0), Position { line: 1, column: 1 });
        assert_eq!(f.position(1), Position { line: 1, column: 2 });
        assert_eq!(f.position(3), Position { line: 2, column: 1 });
        assert_eq!(f.position(4), Position { line: 2, column: 2 });
        assert_eq!(f.position(99), Position { line: 3, column: 1 });
    }

    #[test]
    fn a_byte_order_mark_is_not_a_column() {
        let f = file(b"\xEF\xBB\xBF<a>\n<b>");
        assert_eq!(f.position(3), Position { line: 1, column: 1 });
        assert_eq!(f.position(4), Position { line: 1, column: 2 });
        assert_eq!(f.position(7), Position { line: 2, column: 1 });
        assert_eq!(f.line_start(1), Some(3));
        assert_eq!(f.line_start(2), Some(7));
        assert_eq!(f.line_start(3), None);
    }

    #[test]
    fn crlf_is_one_line_break_and_columns_are_characters() {
        let f = file("å<b>\r\n  é<c>".as_bytes());
        assert_eq!(f.position(2), Position { line: 1, column: 2 });
        assert_eq!(f.position(1), Position { line: 1, column: 1 }, "inside a character");
        let c = "å<b>\r\n  é".len() as u32;
        assert_eq!(f.position(c), Position { line: 2, column: 4 });
    }
}
