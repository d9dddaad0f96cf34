//! Conditions: comparisons with `AND`, `OR`, `NOT` and parentheses, as in `WHERE` and `HAVING`.
//!
//! Which of `AND` and `OR` binds closer decides what a condition means and never what it reads, so a
//! condition is a chain of comparisons, and open parentheses stand on a stack.

use super::error::{SoqlError, offset};
use super::lexer::{Kind, Token, is_value};
use super::parser::Role;
use super::reader::Parser;
use super::{Clause, Query};
use crate::words::shorten;

impl<'a> Parser<'a> {
    /// Reads to the first token that cannot belong to the conditions.
    pub(super) fn conditions(
        &mut self,
        query: &mut Query,
        clause: Clause,
        depth: usize,
    ) -> Result<(), SoqlError> {
        let mut open: Vec<Token<'a>> = Vec::new();
        loop {
            let token = self.lexer.next()?;
            match token {
                Some(t) if t.kind == Kind::Open => {
                    open.push(t);
                    continue;
                }
                Some(t) if t.is("not") => continue,
                Some(t) if t.kind == Kind::Name => {
                    self.expression(t, query, clause)?;
                    self.comparison(query, depth)?;
                }
                _ => return Err(self.unexpected(token, "a field, a function, `NOT` or `(`")),
            }
            while let Some(bracket) = open.last().copied() {
                match self.lexer.peek()? {
                    Some(t) if t.kind == Kind::Close => {
                        self.lexer.next()?;
                        open.pop();
                    }
                    Some(t) if t.is("and") || t.is("or") => break,
                    None => return Err(unclosed(bracket, "(", ")")),
                    token => return Err(self.unexpected(token, "`AND`, `OR` or `)`")),
                }
            }
            if !(self.accept("and")? || self.accept("or")?) {
                return Ok(());
            }
        }
    }

    /// The operator and what the field is compared with.
    fn comparison(&mut self, query: &mut Query, depth: usize) -> Result<(), SoqlError> {
        let token = self.lexer.next()?;
        match token {
            Some(t) if t.kind == Kind::Comparison || t.is("like") => self.value(),
            Some(t) if t.is("in") => self.set(query, depth),
            Some(t) if t.is("includes") || t.is("excludes") => self.set(query, depth),
            Some(t) if t.is("not") => {
                self.keyword("in", "`IN`")?;
                self.set(query, depth)
            }
            _ => Err(self.unexpected(
                token,
                "`=`, `!=`, `<`, `<=`, `>`, `>=`, `LIKE`, `IN`, `NOT IN`, `INCLUDES` or `EXCLUDES`",
            )),
        }
    }

    /// What stands after `IN`: a variable, values, or a query of another object.
    fn set(&mut self, query: &mut Query, depth: usize) -> Result<(), SoqlError> {
        let token = self.lexer.next()?;
        let open = match token {
            Some(t) if t.kind == Kind::Colon => return self.variable(),
            Some(t) if t.kind == Kind::Open => t,
            _ => return Err(self.unexpected(token, "`(` or a variable such as `:ids`")),
        };
        if self.lexer.peek()?.is_some_and(|t| t.is("select")) {
            query.joins.push(self.query(Role::Join, depth + 1)?);
        } else {
            self.value()?;
            while self.comma()? {
                self.value()?;
            }
        }
        self.close(open)
    }

    /// One value. A field is none: SOQL compares no field with another.
    pub(super) fn value(&mut self) -> Result<(), SoqlError> {
        let token = self.lexer.next()?;
        let Some(t) = token else { return Err(self.unexpected(token, "a value")) };
        let known = match t.kind {
            Kind::Text => true,
            Kind::Colon => return self.variable(),
            Kind::Number => is_value(t.text),
            Kind::Name => match date_literal(t.text) {
                Some(Literal::WithNumber) => return self.literal_number(),
                Some(Literal::Whole) => true,
                None => is_word(t.text) || is_money(t.text),
            },
            _ => return Err(self.unexpected(token, "a value")),
        };
        if known { Ok(()) } else { Err(SoqlError::Value { at: offset(t.start), found: shorten(t.text) }) }
    }

    /// The number of `LAST_N_DAYS:30`.
    fn literal_number(&mut self) -> Result<(), SoqlError> {
        self.expect(Kind::Colon, "`:` and a number, as in `LAST_N_DAYS:30`")?;
        self.whole_number("a whole number, as in `LAST_N_DAYS:30`")
    }

    /// What stands after `LIMIT` and `OFFSET`.
    pub(super) fn amount(&mut self) -> Result<(), SoqlError> {
        if self.lexer.peek()?.is_some_and(|t| t.kind == Kind::Colon) {
            self.lexer.next()?;
            return self.variable();
        }
        self.whole_number("a whole number or a variable such as `:size`")
    }

    fn whole_number(&mut self, expected: &'static str) -> Result<(), SoqlError> {
        let token = self.expect(Kind::Number, expected)?;
        if token.text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(());
        }
        Err(self.unexpected(Some(token), expected))
    }

    /// `(name = value, …)`: settings, which read nothing.
    pub(super) fn options(&mut self) -> Result<(), SoqlError> {
        let open = self.expect(Kind::Open, "`(`")?;
        loop {
            self.single("a name")?;
            match self.lexer.next()? {
                Some(t) if t.text == "=" => self.value()?,
                token => return Err(self.unexpected(token, "`=`")),
            }
            if !self.comma()? {
                return self.close(open);
            }
        }
    }

    /// A variable after its colon: names, and whatever Apex stands in brackets after one.
    pub(super) fn variable(&mut self) -> Result<(), SoqlError> {
        let expected = "a variable, as in `:ids` or `:record.Id`";
        let first = self.lexer.peek()?;
        if first.is_none_or(|t| t.kind != Kind::Open) {
            self.name(expected)?;
        }
        while let Some(t) = self.lexer.peek()? {
            match t.text {
                "(" | "[" => self.brackets()?,
                "." => {
                    self.lexer.next()?;
                    self.name("a name")?;
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// Apex in brackets, to the one that closes the first.
    fn brackets(&mut self) -> Result<(), SoqlError> {
        let mut open: Vec<(Token<'a>, &'static str, &'static str)> = Vec::new();
        loop {
            let token = self.lexer.next()?;
            match (token, open.last().copied()) {
                (None, Some((bracket, opens, closes))) => return Err(unclosed(bracket, opens, closes)),
                (None, None) => return Ok(()),
                (Some(t), last) => match (t.text, last) {
                    ("(", _) => open.push((t, "(", ")")),
                    ("[", _) => open.push((t, "[", "]")),
                    ("{", _) => open.push((t, "{", "}")),
                    (text, Some((_, _, closes))) if text == closes => {
                        open.pop();
                        if open.is_empty() {
                            return Ok(());
                        }
                    }
                    (")" | "]" | "}", _) => {
                        return Err(self.unexpected(token, "the bracket that closes the last one"));
                    }
                    _ => {}
                },
            }
        }
    }
}

fn unclosed(bracket: Token<'_>, open: &'static str, close: &'static str) -> SoqlError {
    SoqlError::Unclosed { at: offset(bracket.start), open, close }
}

fn is_word(text: &str) -> bool {
    ["null", "true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A sum with the code of its currency, as in `USD500` and `EUR1.50`.
fn is_money(text: &str) -> bool {
    let Some((code, sum)) = text.split_at_checked(3) else { return false };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (whole, cents) = sum.split_once('.').unwrap_or((sum, "0"));
    code.bytes().all(|b| b.is_ascii_alphabetic()) && digits(whole) && digits(cents)
}

/// A kind of date literal.
enum Literal {
    /// `TODAY`
    Whole,
    /// `LAST_N_DAYS:30`
    WithNumber,
}

/// The date literals of the reference (Date Formats and Date Literals in WHERE).
fn date_literal(text: &str) -> Option<Literal> {
    const SPANS: &[&str] = &["week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"];
    let text = text.to_ascii_lowercase();
    if ["yesterday", "today", "tomorrow", "last_90_days", "next_90_days"].contains(&text.as_str()) {
        return Some(Literal::Whole);
    }
    let many = |word: &str| word.strip_suffix('s').is_some_and(|one| one == "day" || SPANS.contains(&one));
    let counted = text
        .strip_prefix("last_n_")
        .or_else(|| text.strip_prefix("next_n_"))
        .or_else(|| text.strip_prefix("n_").and_then(|rest| rest.strip_suffix("_ago")));
    if counted.is_some_and(many) {
        return Some(Literal::WithNumber);
    }
    let one = ["last_", "this_", "next_"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    SPANS.contains(&one).then_some(Literal::Whole)
}
