//! A strict, bounded walk over quick-xml's events, with byte spans.
//!
//! quick-xml is the authority on XML; this file adds what it leaves to its caller: a single root,
//! nothing open at the end of the file, element names that are names (it reads a merge conflict
//! marker as an element), text that comes in pieces joined before anybody compares it, offsets that
//! count a byte order mark, no document types, no entities but XML's own, a limit on depth.

mod leaves;

use super::error::{MetadataError, Problem};
use super::pieces::Pieces;
use super::slip::{self, Children, Slip};
use crate::source::{SourceFile, Span, Spanned};
use crate::words::shorten;
use quick_xml::Reader;
use quick_xml::errors::IllFormedError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use std::borrow::Cow;

/// Deeper than any metadata type; beyond it a file is an attack or an accident.
const MAX_DEPTH: u32 = 64;
const BOM: &[u8] = b"\xEF\xBB\xBF";
/// A byte order mark, which nobody sees.
const MARK: char = '\u{feff}';
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

type Result<T> = std::result::Result<T, MetadataError>;

/// An element whose start tag has been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    /// Local name: a namespace prefix does not change what an element means here.
    pub(super) name: &'a str,
    pub(super) start: usize,
    empty: bool,
}

/// The walk. Every element handed out must be finished by [`Xml::child`] (until `None`),
/// [`Xml::text`] or [`Xml::skip`] before its parent goes on.
pub(super) struct Xml<'a> {
    file: &'a SourceFile,
    body: &'a str,
    reader: Reader<&'a [u8]>,
    /// Length of the byte order mark, which the reader does not count.
    shift: usize,
    /// Names and starts of the elements that are open.
    open: Vec<(&'a str, usize)>,
    slips: Vec<Slip>,
}

/// White space as XML has it: a non-breaking blank is text, which may not stand beside the root.
fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

impl<'a> Xml<'a> {
    pub(super) fn new(file: &'a SourceFile) -> Result<Self> {
        let bytes = file.bytes();
        let whole = |problem| MetadataError::new(file, Span::new(0, bytes.len().min(1)), problem);
        if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
            return Err(whole(Problem::Utf16));
        }
        let body = bytes.strip_prefix(BOM).unwrap_or(bytes);
        let shift = bytes.len() - body.len();
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(whole(Problem::Empty));
        }
        if body.starts_with(LFS) {
            return Err(whole(Problem::LfsPointer));
        }
        let body = std::str::from_utf8(body).map_err(|e| {
            let at = e.valid_up_to() + shift;
            MetadataError::new(file, Span::new(at, at + 1), Problem::NotUtf8)
        })?;
        // quick-xml would skip a second mark without counting it.
        if body.starts_with('\u{feff}') {
            return Err(whole(Problem::Malformed("a second byte order mark".into())));
        }
        // XML 1.0 allows no control characters but tab, line feed and carriage return; quick-xml does.
        let forbidden = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
        // Asked of all bytes at once, which is many times as fast as looking for the first one.
        let any = body.bytes().fold(false, |any, b| any | forbidden(b));
        if let Some(at) = any.then(|| body.bytes().position(forbidden)).flatten() {
            let span = Span::new(at + shift, at + shift + 1);
            return Err(MetadataError::new(file, span, Problem::Malformed("control character".into())));
        }
        let mut reader = Reader::from_str(body);
        reader.config_mut().check_comments = true;
        Ok(Xml { file, body, reader, shift, open: Vec::new(), slips: Vec::new() })
    }

    /// The root element. Its name must be one of `names`.
    pub(super) fn root(&mut self, names: &[&str], expected: &'static str) -> Result<Element<'a>> {
        let root = self.any_root()?;
        if names.contains(&root.name) {
            return Ok(root);
        }
        let found = root.name.to_owned();
        Err(self.error(root.start, self.offset(), Problem::Root { found, expected }))
    }

    /// The root element, whatever its name.
    pub(super) fn any_root(&mut self) -> Result<Element<'a>> {
        loop {
            let at = self.offset();
            match self.event()? {
                Step::Open(element) => return Ok(element),
                Step::Text(text) | Step::Data(text) if is_blank(&text) => {}
                Step::Nothing => {}
                Step::Close | Step::End | Step::Text(_) | Step::Data(_) => {
                    return Err(self.error(at, at + 1, Problem::Malformed("no root element".into())));
                }
            }
        }
    }

    /// The next child of `parent`, or `None` when `parent` ends.
    pub(super) fn child(&mut self, parent: &Element<'a>) -> Result<Option<Element<'a>>> {
        if parent.empty {
            return Ok(None);
        }
        loop {
            let at = self.offset();
            match self.event()? {
                Step::Open(element) => return Ok(Some(element)),
                Step::Close => return Ok(None),
                Step::Text(_) | Step::Data(_) => self.between(at)?,
                Step::Nothing => {}
                Step::End => return Err(self.unclosed()),
            }
        }
    }

    /// The text of `element`, trimmed, with the span of the whole element.
    ///
    /// What the deploy library would put together otherwise is an error.
    pub(super) fn text(&mut self, element: &Element<'a>) -> Result<Spanned<Cow<'a, str>>> {
        let mut text: Cow<'a, str> = Cow::Borrowed("");
        if element.empty {
            return Ok(Spanned::new(text, self.span(element)));
        }
        let mut pieces = Pieces::default();
        loop {
            match self.event()? {
                Step::Close => break,
                Step::Text(piece) => {
                    pieces.text(&piece, text.is_empty());
                    append(&mut text, piece);
                }
                Step::Data(piece) => {
                    pieces.data(&piece, &text);
                    append(&mut text, piece);
                }
                Step::Nothing => pieces.end(&text),
                Step::Open(_) => {
                    let problem = Problem::NotText { element: element.name.to_owned() };
                    return Err(self.error(element.start, self.offset(), problem));
                }
                Step::End => return Err(self.unclosed()),
            }
        }
        let text = match text {
            Cow::Borrowed(t) => Cow::Borrowed(t.trim()),
            Cow::Owned(t) => Cow::Owned(t.trim().to_owned()),
        };
        let span = self.span(element);
        if !pieces.make(&text) {
            return Err(self.error_in(span, Problem::SplitText { element: element.name.to_owned() }));
        }
        // What trims as JavaScript does takes it away.
        if text.starts_with(MARK) || text.ends_with(MARK) {
            return Err(self.error_in(span, Problem::Invisible { element: element.name.to_owned() }));
        }
        Ok(Spanned::new(text, span))
    }

    /// A boolean. XML Schema's `1` and `0` and any case are accepted: what might be read as a grant
    /// must not be missed.
    pub(super) fn boolean(&mut self, element: &Element<'a>) -> Result<Spanned<bool>> {
        let Spanned { value: text, span } = self.text(element)?;
        let value = match &*text {
            "1" => true,
            "0" => false,
            t if t.eq_ignore_ascii_case("true") => true,
            t if t.eq_ignore_ascii_case("false") => false,
            t => {
                let problem = Problem::Boolean { element: element.name.to_owned(), text: shorten(t) };
                return Err(MetadataError::new(self.file, span, problem));
            }
        };
        Ok(Spanned::new(value, span))
    }

    /// Passes over `element` with everything in it.
    pub(super) fn skip(&mut self, element: &Element<'a>) -> Result<Span> {
        let mut depth = u32::from(!element.empty);
        while depth > 0 {
            match self.event()? {
                Step::Open(child) => depth += u32::from(!child.empty),
                Step::Close => depth -= 1,
                Step::Text(_) | Step::Data(_) | Step::Nothing => {}
                Step::End => return Err(self.unclosed()),
            }
        }
        Ok(self.span(element))
    }

    /// Passes over an element that is not read, beside those that may stand there.
    pub(super) fn pass_over(&mut self, element: &Element<'a>, known: Children) -> Result<()> {
        let span = self.skip(element)?;
        slip::note(&mut self.slips, element.name, span, known);
        Ok(())
    }

    /// After the root has ended: nothing may follow but comments and white space. Gives the elements that were passed over
    /// and probably meant to be read.
    pub(super) fn finish(mut self) -> Result<Vec<Slip>> {
        loop {
            let at = self.offset();
            match self.event()? {
                Step::End => return Ok(self.slips),
                Step::Nothing => {}
                Step::Text(text) | Step::Data(text) if is_blank(&text) => {}
                Step::Open(_) | Step::Close | Step::Text(_) | Step::Data(_) => {
                    return Err(self.error(at, self.offset(), Problem::AfterRoot));
                }
            }
        }
    }

    /// The bytes of an element that has just been finished.
    pub(super) fn span(&self, element: &Element<'a>) -> Span {
        Span::new(element.start, self.offset())
    }

    pub(super) fn error(&self, start: usize, end: usize, problem: Problem) -> MetadataError {
        MetadataError::new(self.file, Span::new(start, end), problem)
    }

    /// An error about a whole element.
    pub(super) fn error_in(&self, span: Span, problem: Problem) -> MetadataError {
        MetadataError::new(self.file, span, problem)
    }

    fn offset(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).saturating_add(self.shift)
    }

    fn unclosed(&self) -> MetadataError {
        let end = self.file.bytes().len();
        let (open, line) = self.innermost();
        self.error(end, end, Problem::Unclosed { open, line })
    }

    /// The name of the innermost element that is open, and its line.
    fn innermost(&self) -> (String, u32) {
        let Some((name, start)) = self.open.last() else { return (String::new(), 1) };
        let start = u32::try_from(*start).unwrap_or(u32::MAX);
        (shorten(name), self.file.position(start).line)
    }

    /// Text between elements means nothing, and real projects deploy files with a stray letter there.
    /// What a merge left behind is another matter: around it nothing can be trusted.
    fn between(&self, at: usize) -> Result<()> {
        // As written: line ends that are rewritten would move what stands behind them.
        let text = &self.body[at - self.shift..self.offset() - self.shift];
        if text.bytes().all(|b| b.is_ascii_whitespace()) {
            return Ok(());
        }
        let mut offset = at;
        for line in text.split_inclusive(['\n', '\r']) {
            if ["=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
                return Err(self.error(offset, offset + 7, Problem::ConflictMarker));
            }
            offset += line.len();
        }
        Ok(())
    }

    /// What the XML crate says, in plain words where it is a slip that people make.
    fn malformed(&self, error: &quick_xml::Error) -> Problem {
        match error {
            quick_xml::Error::IllFormed(IllFormedError::MismatchedEndTag { found, .. }) => {
                let (open, line) = self.innermost();
                Problem::WrongEnd { open, line, end: shorten(found) }
            }
            quick_xml::Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
                Problem::NothingToEnd(shorten(found))
            }
            quick_xml::Error::IllFormed(IllFormedError::UnclosedReference) => Problem::Ampersand,
            other => Problem::Malformed(shorten(&other.to_string())),
        }
    }

    fn open(&mut self, at: usize, raw: usize, empty: bool) -> Result<Element<'a>> {
        let start = at - self.shift + 1;
        let qualified = &self.body[start..start + raw];
        let name = memchr::memrchr(b':', qualified.as_bytes()).map_or(qualified, |at| &qualified[at + 1..]);
        let valid = |part: &str| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        };
        let plain = qualified.bytes().all(|b| b.is_ascii_alphanumeric())
            && qualified.starts_with(|c: char| c.is_ascii_alphabetic());
        if !plain && !qualified.split(':').all(valid) {
            let marker = qualified.starts_with("<<<<<<");
            let problem =
                if marker { Problem::ConflictMarker } else { Problem::ElementName(shorten(qualified)) };
            return Err(self.error(at, self.offset(), problem));
        }
        if !empty {
            self.open.push((name, at));
            if self.open.len() > MAX_DEPTH as usize {
                return Err(self.error(at, self.offset(), Problem::TooDeep(MAX_DEPTH)));
            }
        }
        Ok(Element { name, start: at, empty })
    }

    fn event(&mut self) -> Result<Step<'a>> {
        let at = self.offset();
        let event = match self.reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let place = usize::try_from(self.reader.error_position()).unwrap_or(0) + self.shift;
                return Err(self.error(place, place + 1, self.malformed(&error)));
            }
        };
        Ok(match event {
            Event::Start(e) => Step::Open(self.open(at, e.name().as_ref().len(), false)?),
            Event::Empty(e) => Step::Open(self.open(at, e.name().as_ref().len(), true)?),
            Event::End(_) => {
                self.open.pop();
                Step::Close
            }
            Event::Text(_) => Step::Text(line_feeds(&self.body[at - self.shift..self.offset() - self.shift])),
            Event::CData(_) => {
                let (from, to) =
                    (at - self.shift + "<![CDATA[".len(), self.offset() - self.shift - "]]>".len());
                Step::Data(line_feeds(&self.body[from..to]))
            }
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => Step::Text(Cow::Owned(c.to_string())),
                _ => {
                    let name = reference.as_ref();
                    match resolve_predefined_entity(name) {
                        Some(text) => Step::Text(Cow::Borrowed(text)),
                        None => return Err(self.error(at, self.offset(), Problem::Entity(shorten(name)))),
                    }
                }
            },
            Event::DocType(_) => return Err(self.error(at, self.offset(), Problem::DocType)),
            Event::Decl(decl) => {
                // Another encoding could make another reader see other elements in the same bytes.
                if let Some(Ok(encoding)) = decl.encoding() {
                    let known = ["utf-8", "utf8", "us-ascii", "ascii"];
                    if !known.iter().any(|k| encoding.eq_ignore_ascii_case(k)) {
                        let problem = Problem::Encoding(shorten(&encoding));
                        return Err(self.error(at, self.offset(), problem));
                    }
                }
                Step::Nothing
            }
            Event::Comment(_) | Event::PI(_) => Step::Nothing,
            Event::Eof => {
                if !self.open.is_empty() {
                    return Err(self.unclosed());
                }
                Step::End
            }
        })
    }
}

enum Step<'a> {
    Open(Element<'a>),
    Close,
    Text(Cow<'a, str>),
    /// A CDATA section.
    Data(Cow<'a, str>),
    Nothing,
    End,
}

fn append<'a>(text: &mut Cow<'a, str>, piece: Cow<'a, str>) {
    match text.is_empty() {
        true => *text = piece,
        false => text.to_mut().push_str(&piece),
    }
}

/// XML's end-of-line handling: CRLF and CR read as LF.
fn line_feeds(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}
