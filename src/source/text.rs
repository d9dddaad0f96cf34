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
    /// Empty until somebody asks, where they can be read again.
    bytes: OnceLock<Arc<[u8]>>,
    again: Option<ReadAgain>,
    on_base: bool,
    lines: OnceLock<Lines>,
}

/// Gives the bytes of a file once more, the same ones.
pub type ReadAgain = Arc<dyn Fn() -> Arc<[u8]> + Send + Sync>;

/// Where the lines of a file begin, in about a byte a line, and how many characters stand before a byte.
struct Lines {
    /// Bytes of each line that ends, without its end; [`LONG`] for what is in `long`.
    lengths: Vec<u8>,
    /// Lines that are longer, by number from 0.
    long: Vec<(u32, u32)>,
    /// Where every [`MARK`]th line begins.
    marks: Vec<u32>,
    /// Characters before each block: a hostile file is one line of megabytes with thousands of findings. Nothing of a
    /// file whose characters are single bytes, as nearly all are.
    characters: Option<Vec<u32>>,
    has_bom: bool,
    length: u32,
}

const LONG: u8 = u8::MAX;
const MARK: usize = 64;

/// Bytes between two points at which the characters before are known.
const BLOCK: usize = 4096;

impl SourceFile {
    /// A file in memory.
    pub fn new(path: RepoPath, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = OnceLock::from(bytes.into());
        SourceFile { path, bytes, again: None, on_base: false, lines: OnceLock::new() }
    }

    /// The same, as the side that is already there has it: what would land may have no such lines.
    pub fn of_base(self) -> Self {
        SourceFile { on_base: true, ..self }
    }

    /// The same, whose bytes can be had again.
    pub fn with_again(self, again: ReadAgain) -> Self {
        SourceFile { again: Some(again), ..self }
    }

    /// The same file without its bytes, if they can be had again when somebody asks: few files are shown of the many that
    /// are read. Its lines stay known.
    pub fn let_go(self: Arc<Self>) -> Arc<Self> {
        let Some(again) = self.again.clone() else { return self };
        let (path, bytes, lines) =
            (self.path.clone(), OnceLock::new(), OnceLock::from(Lines::of(self.bytes())));
        Arc::new(SourceFile { path, bytes, again: Some(again), on_base: self.on_base, lines })
    }

    /// Whether it is the file as the base has it.
    pub fn is_of_base(&self) -> bool {
        self.on_base
    }

    /// Where the file is in the repository.
    pub fn path(&self) -> &RepoPath {
        &self.path
    }

    /// Its bytes as stored; none where they were let go and cannot be had again.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get_or_init(|| self.again.as_ref().map_or_else(Arc::default, |again| again()))
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(self.bytes()))
    }

    /// The bytes under `span`, cut to the file and replaced where they are not UTF-8.
    pub fn text(&self, span: Span) -> std::borrow::Cow<'_, str> {
        let bytes = self.bytes();
        let end = (span.end as usize).min(bytes.len());
        String::from_utf8_lossy(&bytes[(span.start as usize).min(end)..end])
    }

    /// The line and column of a byte offset. An offset past the end is the end; an offset inside a
    /// character is that character.
    pub fn position(&self, offset: u32) -> Position {
        let lines = self.lines();
        let offset = offset.min(lines.length);
        let (line, start) = lines.line_at(offset);
        let start = if start == 0 { lines.first() } else { start }.min(offset) as usize;
        let offset = offset as usize;
        let characters = match &lines.characters {
            None => offset - start,
            Some(blocks) => {
                let bytes = self.bytes();
                let before = |at: usize| characters_before(bytes, blocks, at);
                let inside = bytes.get(offset).is_some_and(|byte| byte & 0xC0 == 0x80);
                (before(offset) - before(start)).saturating_sub(usize::from(inside))
            }
        };
        Position {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(characters + 1).unwrap_or(u32::MAX),
        }
    }

    /// Both ends of a span.
    pub fn location(&self, span: Span) -> Location {
        Location { start: self.position(span.start), end: self.position(span.end) }
    }

    /// The byte offset where a 1-based line starts, after a byte order mark; `None` past the end.
    pub fn line_start(&self, line: u32) -> Option<u32> {
        let lines = self.lines();
        match line {
            1 => Some(lines.first()),
            line => lines.start(line.checked_sub(1)? as usize),
        }
    }
}

impl Lines {
    fn of(bytes: &[u8]) -> Self {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (mut lengths, mut long, mut marks, mut start) = (Vec::new(), Vec::new(), vec![0], 0);
        for end in memchr::memchr_iter(b'\n', bytes) {
            let length = end - start;
            let short = u8::try_from(length).ok().filter(|short| *short < LONG);
            if short.is_none() {
                long.push((number(lengths.len()), number(length)));
            }
            lengths.push(short.unwrap_or(LONG));
            start = end + 1;
            if lengths.len().is_multiple_of(MARK) {
                marks.push(number(start));
            }
        }
        lengths.shrink_to_fit();
        let characters = (!bytes.is_ascii()).then(|| {
            let counted = bytes.chunks(BLOCK).map(characters);
            let before = counted.scan(0, |sum, n| {
                *sum += n;
                Some(*sum - n)
            });
            before.map(number).collect()
        });
        Lines {
            lengths,
            long,
            marks,
            characters,
            has_bom: bytes.starts_with(BOM),
            length: number(bytes.len()),
        }
    }

    /// Where the first line begins.
    fn first(&self) -> u32 {
        if self.has_bom { BOM.len() as u32 } else { 0 }
    }

    /// Bytes of a line that ends, and of its end.
    fn width(&self, line: usize) -> u32 {
        let length = match self.lengths[line] {
            LONG => {
                let at = self.long.partition_point(|(number, _)| (*number as usize) < line);
                self.long.get(at).map_or(0, |(_, length)| *length)
            }
            short => u32::from(short),
        };
        length.saturating_add(1)
    }

    /// Where a line begins, numbered from 0.
    fn start(&self, line: usize) -> Option<u32> {
        if line > self.lengths.len() {
            return None;
        }
        let mark = line / MARK;
        Some((mark * MARK..line).fold(self.marks[mark], |start, line| start.saturating_add(self.width(line))))
    }

    /// The line that an offset is in, numbered from 0, and where that begins. The end of a line belongs to it.
    fn line_at(&self, offset: u32) -> (usize, u32) {
        let mark = self.marks.partition_point(|start| *start <= offset).saturating_sub(1);
        let (mut line, mut start) = (mark * MARK, self.marks[mark]);
        while line < self.lengths.len() {
            let next = start.saturating_add(self.width(line));
            if next > offset {
                break;
            }
            (line, start) = (line + 1, next);
        }
        (line, start)
    }
}

/// A character is counted at its first byte; continuation bytes (10xxxxxx) are not characters.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

fn characters_before(bytes: &[u8], blocks: &[u32], offset: usize) -> usize {
    let block = (offset / BLOCK).min(blocks.len().saturating_sub(1));
    let known = blocks.get(block).map_or(0, |n| *n as usize);
    known + bytes.get(block * BLOCK..offset).map_or(0, characters)
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceFile({})", self.path)
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
    fn a_file_whose_bytes_were_let_go_says_the_same() {
        let text = "<a>\n  \u{e5}<b>true</b>\n";
        for bytes in [text.as_bytes(), b"<a>\n  <b>true</b>\n"] {
            let again: ReadAgain = Arc::new(move || Arc::from(bytes));
            let whole = Arc::new(file(bytes).of_base().with_again(again));
            let lean = Arc::clone(&whole).let_go();
            assert!(lean.bytes.get().is_none() && lean.is_of_base());
            for at in 0..bytes.len() as u32 + 2 {
                assert_eq!(lean.position(at), whole.position(at));
            }
            // Of characters that are single bytes what is known of the lines is enough.
            assert_eq!(lean.bytes.get().is_none(), bytes.is_ascii());
            assert_eq!(lean.text(Span::new(4, 9)), whole.text(Span::new(4, 9)));
            assert_eq!(lean.line_start(2), Some(4));
        }
        let kept = Arc::new(file(b"<a>"));
        assert!(Arc::ptr_eq(&Arc::clone(&kept).let_go(), &kept), "nobody could read it again");
    }

    #[test]
    fn lines_of_every_length_begin_where_they_do() {
        let lengths = [0, 1, 254, 255, 256, 70_000, 3].into_iter().cycle().take(200);
        let lines: Vec<String> = lengths.map(|length| "x".repeat(length)).collect();
        for text in [lines.join("\n"), format!("{}\n", lines.join("\n"))] {
            let f = file(text.as_bytes());
            let mut start = 0;
            for (number, line) in (1..).zip(text.split('\n')) {
                assert_eq!(f.line_start(number), Some(start));
                let end = start + line.len() as u32;
                for at in [start, start + line.len() as u32 / 2, end] {
                    assert_eq!(f.position(at), Position { line: number, column: at - start + 1 });
                }
                start = end + 1;
            }
            assert_eq!(f.line_start(text.split('\n').count() as u32 + 1), None);
        }
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
