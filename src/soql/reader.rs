//! Taking tokens and names one after another; what every part of the grammar is built from.

use super::error::{SoqlError, offset};
use super::lexer::{Kind, Lexer, Token};
use super::{Clause, FieldRef, Name};
use crate::words::shorten;
use crate::words::strip_tokens;

/// No API name comes near (40 characters, a namespace, a suffix); build tokens count.
const MAX_NAME: usize = 255;
/// Salesforce follows five relationships to a field; an alias in front is one more.
pub(super) const MAX_PATH: usize = 20;

pub(super) struct Parser<'a> {
    text: &'a str,
    pub(super) lexer: Lexer<'a>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Parser { text, lexer: Lexer::new(text) }
    }

    /// The next word where it must be this one.
    pub(super) fn keyword(&mut self, word: &str, expected: &'static str) -> Result<Token<'a>, SoqlError> {
        match self.lexer.next()? {
            Some(token) if token.is(word) => Ok(token),
            token => Err(self.unexpected(token, expected)),
        }
    }

    pub(super) fn one_of(&mut self, words: &[&str], expected: &'static str) -> Result<(), SoqlError> {
        match self.lexer.next()? {
            Some(token) if words.iter().any(|word| token.is(word)) => Ok(()),
            token => Err(self.unexpected(token, expected)),
        }
    }

    /// Takes the next token if it is this word.
    pub(super) fn accept(&mut self, word: &str) -> Result<bool, SoqlError> {
        let found = self.lexer.peek()?.is_some_and(|t| t.is(word));
        if found {
            self.lexer.next()?;
        }
        Ok(found)
    }

    pub(super) fn comma(&mut self) -> Result<bool, SoqlError> {
        let found = self.lexer.peek()?.is_some_and(|t| t.kind == Kind::Comma);
        if found {
            self.lexer.next()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, kind: Kind, expected: &'static str) -> Result<Token<'a>, SoqlError> {
        match self.lexer.next()? {
            Some(token) if token.kind == kind => Ok(token),
            token => Err(self.unexpected(token, expected)),
        }
    }

    /// A name, with or without dots.
    pub(super) fn name(&mut self, expected: &'static str) -> Result<Token<'a>, SoqlError> {
        self.expect(Kind::Name, expected)
    }

    /// A name without dots.
    pub(super) fn single(&mut self, expected: &'static str) -> Result<Name, SoqlError> {
        let token = self.name(expected)?;
        match path(token)?.as_slice() {
            [one] => Ok(Name { text: one.clone(), start: offset(token.start), end: offset(token.end()) }),
            _ => Err(self.unexpected(Some(token), expected)),
        }
    }

    /// The bracket that closes this one.
    pub(super) fn close(&mut self, open: Token<'a>) -> Result<(), SoqlError> {
        match self.lexer.next()? {
            Some(token) if token.kind == Kind::Close => Ok(()),
            None => Err(SoqlError::Unclosed { at: offset(open.start), open: "(", close: ")" }),
            token => Err(self.unexpected(token, "`)`")),
        }
    }

    pub(super) fn unexpected(&self, token: Option<Token<'a>>, expected: &'static str) -> SoqlError {
        SoqlError::unexpected(
            token.map_or(self.text.len(), |t| t.start),
            token.map_or("", |t| t.text),
            expected,
        )
    }
}

pub(super) fn field(token: Token<'_>, clause: Clause) -> Result<FieldRef, SoqlError> {
    Ok(FieldRef { path: path(token)?, start: offset(token.start), end: offset(token.end()), clause })
}

/// The names of a path.
pub(super) fn path(token: Token<'_>) -> Result<Vec<String>, SoqlError> {
    let at = offset(token.start);
    let part = |part: &str| {
        if part.len() > MAX_NAME {
            return Err(SoqlError::NameTooLong { at, max: MAX_NAME });
        }
        let name = strip_tokens(part);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(SoqlError::Path { at, name: shorten(token.text) });
        }
        Ok(name.into_owned())
    };
    if token.text.bytes().filter(|b| *b == b'.').count() >= MAX_PATH {
        return Err(SoqlError::PathTooLong { at, max: MAX_PATH });
    }
    token.text.split('.').map(part).collect()
}
