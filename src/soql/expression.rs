//! Fields and functions of fields, wherever a query may name one.

use super::error::{SoqlError, offset};
use super::lexer::{Kind, Token};
use super::reader::{Parser, field};
use super::{Clause, FieldsFunction, Query, Whole};
use crate::words::shorten;

/// Functions of one argument.
const UNARY: &[&str] = &[
    "avg",
    "count",
    "count_distinct",
    "max",
    "min",
    "sum",
    "grouping",
    "format",
    "tolabel",
    "convertcurrency",
    "converttimezone",
    "calendar_month",
    "calendar_quarter",
    "calendar_year",
    "day_in_month",
    "day_in_week",
    "day_in_year",
    "day_only",
    "fiscal_month",
    "fiscal_quarter",
    "fiscal_year",
    "hour_in_day",
    "week_in_month",
    "week_in_year",
];
const FUNCTIONS: &str = "aggregate and date functions, `toLabel`, `FORMAT`, `convertCurrency`, `convertTimezone`, `GROUPING`, `DISTANCE` and, in the `SELECT` list, `FIELDS`";

/// What an expression starts with, for messages.
pub(super) const FIELD: &str = "a field or a function";

impl<'a> Parser<'a> {
    /// A field, or a function of one. `token` is its first name.
    pub(super) fn expression(
        &mut self,
        token: Token<'a>,
        query: &mut Query,
        clause: Clause,
    ) -> Result<(), SoqlError> {
        let mut name = token;
        let mut open = Vec::new();
        while let Some(bracket) = self.lexer.peek()?.filter(|t| t.kind == Kind::Open) {
            self.lexer.next()?;
            open.push(bracket);
            if name.is("fields") && open.len() == 1 && clause == Clause::Select {
                let function = self.fields_function()?;
                self.close(bracket)?;
                let (start, end) = (offset(name.start), offset(self.lexer.end()));
                query.whole.push(Whole { function, start, end });
                return Ok(());
            }
            if name.is("distance") {
                self.distance(query, clause)?;
                return self.close_all(open);
            }
            if !UNARY.iter().any(|function| name.is(function)) {
                let (at, name) = (offset(name.start), shorten(name.text));
                return Err(SoqlError::Function { at, name, known: FUNCTIONS });
            }
            if name.is("count") && self.lexer.peek()?.is_some_and(|t| t.kind == Kind::Close) {
                return self.close_all(open);
            }
            name = self.name(FIELD)?;
        }
        query.fields.push(field(name, clause)?);
        self.close_all(open)
    }

    fn fields_function(&mut self) -> Result<FieldsFunction, SoqlError> {
        let token = self.lexer.next()?;
        match token {
            Some(t) if t.is("all") => Ok(FieldsFunction::All),
            Some(t) if t.is("standard") => Ok(FieldsFunction::Standard),
            Some(t) if t.is("custom") => Ok(FieldsFunction::Custom),
            _ => Err(self.unexpected(token, "`ALL`, `STANDARD` or `CUSTOM`")),
        }
    }

    /// The arguments of `DISTANCE(`: two places and a unit.
    fn distance(&mut self, query: &mut Query, clause: Clause) -> Result<(), SoqlError> {
        for _ in 0..2 {
            let token = self.lexer.next()?;
            let next = self.lexer.peek()?.filter(|n| n.kind == Kind::Open);
            match (token, next) {
                (Some(t), _) if t.kind == Kind::Colon => self.variable()?,
                (Some(t), Some(open)) if t.is("geolocation") => {
                    self.lexer.next()?;
                    self.value()?;
                    self.expect(Kind::Comma, "`,`")?;
                    self.value()?;
                    self.close(open)?;
                }
                (Some(t), None) if t.kind == Kind::Name => query.fields.push(field(t, clause)?),
                _ => return Err(self.unexpected(token, "a field or `GEOLOCATION(…)`")),
            }
            self.expect(Kind::Comma, "`,`")?;
        }
        self.expect(Kind::Text, "a unit, `'mi'` or `'km'`").map(|_| ())
    }

    fn close_all(&mut self, open: Vec<Token<'a>>) -> Result<(), SoqlError> {
        open.into_iter().rev().try_for_each(|bracket| self.close(bracket))
    }
}
