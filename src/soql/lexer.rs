//! The tokens of a query. Every byte is looked at a bounded number of times.

use super::error::{SoqlError, offset};
use crate::words::build_token;

/// What a token is to the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text in single quotes.
    Text,
    /// What starts like a number: a number, a date, a time; or nothing that is any of them.
    Number,
    /// A name, or names with dots between: keyword, field, function, object.
    Name,
    /// `=` and the other comparisons that are no words.
    Comparison,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `;`
    Semicolon,
    /// A sign that has a meaning in Apex only.
    Other,
}

/// A token and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) start: usize,
    /// Whether an empty line stands between this token and the one before.
    pub(super) after_gap: bool,
}

impl Token<'_> {
    /// One past its last byte.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is this word, in whatever case.
    pub(super) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Name && self.text.eq_ignore_ascii_case(word)
    }
}

/// Reads tokens from left to right, with one of lookahead.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// One past the last byte of the last token that was taken.
    end: usize,
    peeked: Option<Option<Token<'a>>>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // Some editors write a byte order mark at the start of a file.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Lexer { text, at, end: 0, peeked: None }
    }

    /// One past the last byte of the last token that was taken.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// The token that [`Lexer::next`] will return.
    pub(super) fn peek(&mut self) -> Result<Option<Token<'a>>, SoqlError> {
        if let Some(token) = self.peeked {
            return Ok(token);
        }
        let token = self.read()?;
        self.peeked = Some(token);
        Ok(token)
    }

    /// The next token; `None` at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, SoqlError> {
        let token = self.peek()?;
        self.peeked = None;
        if let Some(token) = token {
            self.end = token.end();
        }
        Ok(token)
    }

    fn read(&mut self) -> Result<Option<Token<'a>>, SoqlError> {
        let after_gap = self.skip_blanks()?;
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let second = rest.as_bytes().get(1).copied();
        let (kind, length) = match (first, second) {
            ('\'', _) => {
                let length = text(rest.as_bytes()).ok_or(SoqlError::UnclosedText { at: offset(start) })?;
                (Kind::Text, length)
            }
            ('0'..='9', _) | ('.' | '+' | '-', Some(b'0'..=b'9')) | ('+' | '-', Some(b'.')) => {
                (Kind::Number, 1 + number(&rest.as_bytes()[1..]))
            }
            ('(', _) => (Kind::Open, 1),
            (')', _) => (Kind::Close, 1),
            (',', _) => (Kind::Comma, 1),
            (':', _) => (Kind::Colon, 1),
            (';', _) => (Kind::Semicolon, 1),
            ('!' | '>' | '<', Some(b'=')) | ('<', Some(b'>')) => (Kind::Comparison, 2),
            ('=' | '<' | '>', _) => (Kind::Comparison, 1),
            ('a'..='z' | 'A'..='Z' | '_', _) => (Kind::Name, name(rest)),
            ('%', _) if build_token(rest).is_some() => (Kind::Name, name(rest)),
            (sign, _) if sign.is_ascii_punctuation() && sign != '"' => (Kind::Other, 1),
            _ => return Err(SoqlError::character(start, first)),
        };
        self.at += length;
        Ok(Some(Token { kind, text: &rest[..length], start, after_gap }))
    }

    /// Passes over white space and comments; whether an empty line was among it.
    fn skip_blanks(&mut self) -> Result<bool, SoqlError> {
        let mut gap = false;
        loop {
            let rest = self.text[self.at..].trim_start();
            let start = self.text.len() - rest.len();
            gap |= self.text[self.at..start].bytes().filter(|b| *b == b'\n').take(2).count() == 2;
            self.at = start;
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(inside) = rest.strip_prefix("/*") {
                let length = inside.find("*/").ok_or(SoqlError::UnclosedComment { at: offset(self.at) })?;
                self.at += length + "/**/".len();
            } else {
                return Ok(gap);
            }
        }
    }
}

/// The length of the text in quotes at the start of `rest`. A backslash takes the next character's
/// meaning away, whichever it is.
fn text(rest: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match rest.get(at)? {
            b'\\' => at += 2,
            b'\'' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The length of everything that can belong to a number, a date or a time. SOQL has no arithmetic, so
/// nothing else can be meant by a sign in it.
fn number(rest: &[u8]) -> usize {
    rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b':' | b'+' | b'-')).count()
}

/// The length of the path at the start of `rest`. Dots belong to it and blanks do not, so
/// `Account . Name` is no path.
fn name(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' => 1,
            b'%' => match build_token(&rest[at..]) {
                Some(length) => length,
                None => break,
            },
            _ => break,
        };
    }
    at
}

/// Whether a [`Kind::Number`] is a number (`1`, `-1.5`, `.5`, `1e3`), a date, a date with time, or a time.
pub(super) fn is_value(text: &str) -> bool {
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    let date = |s: &str| {
        let mut parts = s.splitn(3, '-');
        let mut part = |n| parts.next().is_some_and(|p| digits(p, n));
        part(4) && part(2) && part(2)
    };
    match text.split_once(['T', 't']) {
        Some((day, clock)) => date(day) && is_time(clock),
        None if text.contains(':') => is_time(text),
        None => date(text) || is_number(text),
    }
}

/// `12:30:00`, with a fraction, and with `Z` or a distance from it.
fn is_time(text: &str) -> bool {
    let two = |s: Option<&str>| s.is_some_and(|s| s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit()));
    let (clock, zone) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let zone_is_one = match zone.strip_prefix(['+', '-']) {
        Some(far) => {
            let (hours, minutes) = far.split_once(':').unwrap_or(match far.len() {
                4 if far.is_ascii() => far.split_at(2),
                _ => (far, ""),
            });
            two(Some(hours)) && two(Some(minutes))
        }
        None => zone.len() <= 1,
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let whole = two(parts.next()) && two(parts.next()) && two(parts.next()) && parts.next().is_none();
    whole && zone_is_one && !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let some = !whole.is_empty() || !fraction.is_empty();
    some && digits(whole) && digits(fraction) && !exponent.is_empty() && digits(exponent)
}
