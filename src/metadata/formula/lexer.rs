//! The tokens of a formula. Every byte is looked at a bounded number of times.

use super::error::{FormulaError, offset};
use crate::words::build_token;

/// `K` (Kelvin sign), in lower case `k`.
pub(super) const KELVIN: char = '\u{212A}';
/// `İ`, in lower case `i` to Java's comparison.
pub(super) const DOTTED_I: char = '\u{130}';

/// What a token is to the grammar. Values and operators of one kind may stand in the same places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// Text or a number.
    Value,
    /// A whole dotted path, or the name of a function or literal.
    Name(&'a str),
    /// `+` or `-`: between operands or before one.
    Sign,
    /// `!`: before an operand.
    Not,
    /// An operator that stands only between operands.
    Infix,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `{!`
    OpenMerge,
    /// `}`
    CloseMerge,
    /// `,`
    Comma,
}

/// A token and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Reads tokens from left to right, with one of lookahead.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    peeked: Option<Option<Token<'a>>>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Lexer { text, at: 0, peeked: None }
    }

    /// The token that [`Lexer::next`] will return.
    pub(super) fn peek(&mut self) -> Result<Option<Token<'a>>, FormulaError> {
        let token = self.next()?;
        self.peeked = Some(token);
        Ok(token)
    }

    /// The next token; `None` at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, FormulaError> {
        if let Some(token) = self.peeked.take() {
            return Ok(token);
        }
        self.skip_blanks()?;
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let second = rest.as_bytes().get(1).copied();
        let (kind, length) = match (first, second) {
            ('"' | '\'', _) => {
                let length = text(rest.as_bytes()).ok_or(FormulaError::UnclosedText { at: offset(start) })?;
                (Kind::Value, length)
            }
            ('0'..='9', _) | ('.', Some(b'0'..=b'9')) => (Kind::Value, number(rest.as_bytes())),
            ('(', _) => (Kind::Open, 1),
            (')', _) => (Kind::Close, 1),
            (',', _) => (Kind::Comma, 1),
            ('{', Some(b'!')) => (Kind::OpenMerge, 2),
            ('}', _) => (Kind::CloseMerge, 1),
            ('+' | '-', _) => (Kind::Sign, 1),
            ('=' | '!' | '>' | '<', Some(b'=')) | ('<', Some(b'>')) => (Kind::Infix, 2),
            ('&', Some(b'&')) | ('|', Some(b'|')) => (Kind::Infix, 2),
            ('=' | '<' | '>' | '&' | '*' | '/' | '^', _) => (Kind::Infix, 1),
            ('!', _) => (Kind::Not, 1),
            ('a'..='z' | 'A'..='Z' | '$' | '%' | KELVIN | DOTTED_I, _) => match name(rest) {
                0 => return Err(FormulaError::character(start, first)),
                length => (Kind::Name(&rest[..length]), length),
            },
            _ => return Err(FormulaError::character(start, first)),
        };
        self.at += length;
        Ok(Some(Token { kind, start, end: self.at }))
    }

    /// Passes over white space and comments.
    fn skip_blanks(&mut self) -> Result<(), FormulaError> {
        loop {
            let rest = self.text[self.at..].trim_start();
            self.at = self.text.len() - rest.len();
            if !rest.starts_with("/*") {
                return Ok(());
            }
            let length = comment(rest).ok_or(FormulaError::UnclosedComment { at: offset(self.at) })?;
            self.at += length;
        }
    }
}

/// The length of the text in quotes at the start of `rest`. A backslash takes the next character's
/// meaning away, whichever it is.
fn text(rest: &[u8]) -> Option<usize> {
    let quote = rest.first()?;
    let mut at = 1;
    loop {
        match rest.get(at)? {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The length of the comment at the start of `rest`. As in Salesforce's grammar, `\*/` does not end it.
fn comment(rest: &str) -> Option<usize> {
    let mut from = "/*".len();
    loop {
        let end = from + rest[from..].find("*/")?;
        let escaped = end > from && rest.as_bytes()[end - 1] == b'\\';
        from = end + "*/".len();
        if !escaped {
            return Some(from);
        }
    }
}

/// The length of the number at the start of `rest`: `1`, `1.5`, `.5`, `1.`, `1e3`.
fn number(rest: &[u8]) -> usize {
    let digits = |from: usize| rest.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let mut at = digits(0);
    if rest.get(at) == Some(&b'.') {
        at += 1 + digits(at + 1);
    }
    if matches!(rest.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    at
}

/// The length of the path at the start of `rest`. Dots and colons belong to it and blanks do not, so
/// `Account . Name` is no path.
fn name(rest: &str) -> usize {
    let mut at = 0;
    while let Some(c) = rest[at..].chars().next() {
        at += match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '$' | '#' | '.' | ':' => 1,
            KELVIN | DOTTED_I => c.len_utf8(),
            '%' => match build_token(&rest[at..]) {
                Some(length) => length,
                None => break,
            },
            _ => break,
        };
    }
    at
}
