//! SOQL: which fields does a query read, of which object, by which relationships?
//!
//! A query that reads a field without access to it fails as a whole, whatever the clause is that reads
//! it. So every field of every clause is reported, with its bytes, and whatever is not wholly understood
//! is an error: a field that was passed over would be a promise that cannot be kept.
//!
//! The grammar is that of the *SOQL and SOSL Reference* (SOQL SELECT Syntax and the pages under it).
//! Parentheses stand on a stack of our own and queries nest to a bounded depth, so no text can overflow
//! the machine's stack.
//!
//! This reader knows no schema. A path is what is written, relative to the query's object once aliases
//! are replaced; which object a relationship leads to is for the caller to find out.
//!
//! Where it is wider than Salesforce, it accepts what would not run and reads nothing otherwise than
//! Salesforce does:
//! - comments (`//` to the end of the line, `/* */`), which SOQL has not: queries are copied from Apex
//!   with them, and files of queries need explanations. To a reader of fields they are blanks;
//! - variables (`:ids`, `:map.get('x')[0].Id`), which only Apex has. What they name is no field of a
//!   query;
//! - `AND` and `OR` mixed without parentheses, unknown escapes in text, build tokens
//!   (`%%%NAMESPACE%%%`), more nesting than Salesforce takes.
//!
//! Refused on purpose, though it may run: `FORMULA('…')`, whose text reads fields; variables that are
//! Apex calculations (`:a + 1`); double quotes.

mod condition;
mod error;
mod expression;
mod lexer;
mod parser;
mod reader;

pub use error::SoqlError;

use lexer::Kind;
use parser::Role;
use reader::Parser;

/// A name in a query and its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// As written, but for build tokens, which are taken out.
    pub text: String,
    /// Byte offset into the text where it starts.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// The part of a query that reads a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clause {
    /// The list after `SELECT`, branches of `TYPEOF` included.
    Select,
    /// `WHERE`
    Where,
    /// `WITH`, as in `WITH UserId = '…'`.
    With,
    /// `GROUP BY`
    GroupBy,
    /// `HAVING`
    Having,
    /// `ORDER BY`
    OrderBy,
}

/// One field that a query reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRef {
    /// Relationships, then the field, from the query's object: `["Account", "Owner", "Email"]`. An alias
    /// or the object's own name in front is taken away. In a subquery the name of the child's object may
    /// still stand in front, since only a schema knows it (`(SELECT Contact.Name FROM Contacts)`).
    pub path: Vec<String>,
    /// Byte offset of the path as written, alias included.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// Where it is read.
    pub clause: Clause,
}

/// `FIELDS(…)`: fields that the query does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldsFunction {
    /// `FIELDS(ALL)`
    All,
    /// `FIELDS(STANDARD)`
    Standard,
    /// `FIELDS(CUSTOM)`
    Custom,
}

/// A `FIELDS(…)` and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Which fields.
    pub function: FieldsFunction,
    /// Byte offset where it starts.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// `TYPEOF What WHEN Account THEN Phone ELSE Name END`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeOf {
    /// The polymorphic relationship; a path from the query's object.
    pub relationship: FieldRef,
    /// For each `WHEN`, the object and the paths from it.
    pub branches: Vec<(Name, Vec<FieldRef>)>,
    /// The paths after `ELSE`, from whichever object it is.
    pub otherwise: Vec<FieldRef>,
}

/// A query and what it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The object after `FROM`; in a subquery of the `SELECT` list the child relationship.
    pub object: Name,
    /// The fields that it reads itself, in order of appearance and as often as they appear.
    pub fields: Vec<FieldRef>,
    /// What it reads without naming it.
    pub whole: Vec<Whole>,
    /// What it reads where the object depends on the record.
    pub type_of: Vec<TypeOf>,
    /// Queries in its `SELECT` list: records of child relationships.
    pub subqueries: Vec<Query>,
    /// Queries in its conditions (`Id IN (SELECT AccountId FROM Contact)`): each of an object of its own.
    pub joins: Vec<Query>,
    /// New names of the `SELECT` list (`COUNT(Id) total`). A path of one such name in `HAVING` or
    /// `ORDER BY` may mean it.
    pub aliases: Vec<Name>,
    /// Byte offset of its `SELECT`.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// Reads one query.
///
/// ```
/// # use flsgate::soql::{Clause, parse_soql};
/// let query = parse_soql("SELECT a.Owner.Email FROM Account a WHERE Rating = 'Hot'")?;
/// assert_eq!(query.object.text, "Account");
/// assert_eq!(query.fields[0].path, ["Owner", "Email"]);
/// assert_eq!((query.fields[1].path[0].as_str(), query.fields[1].clause), ("Rating", Clause::Where));
/// # Ok::<(), flsgate::soql::SoqlError>(())
/// ```
///
/// # Errors
/// See [`SoqlError`]: whatever is not wholly a query, so that no field is passed over.
pub fn parse_soql(text: &str) -> Result<Query, SoqlError> {
    let mut parser = Parser::new(text);
    if parser.lexer.peek()?.is_none() {
        return Err(SoqlError::Empty);
    }
    let query = parser.query(Role::Top, 0)?;
    match parser.lexer.next()? {
        None => Ok(query),
        token => Err(parser.unexpected(token, "another clause or the end of the query")),
    }
}

/// Reads the queries of a file, which stand apart by `;` or by an empty line. An empty line inside a
/// query ends nothing, since a query starts with `SELECT`.
///
/// # Errors
/// See [`SoqlError`]; offsets count from the start of `text`.
pub fn parse_queries(text: &str) -> Result<Vec<Query>, SoqlError> {
    let mut parser = Parser::new(text);
    let mut queries = Vec::new();
    let mut apart = true;
    while let Some(token) = parser.lexer.peek()? {
        if token.kind == Kind::Semicolon {
            parser.lexer.next()?;
            apart = true;
            continue;
        }
        let starts = apart || (token.after_gap && token.is("select"));
        if !starts {
            return Err(parser
                .unexpected(Some(token), "another clause, or `;` or an empty line before the next query"));
        }
        queries.push(parser.query(Role::Top, 0)?);
        apart = false;
    }
    if queries.is_empty() { Err(SoqlError::Empty) } else { Ok(queries) }
}

#[cfg(test)]
mod tests;
