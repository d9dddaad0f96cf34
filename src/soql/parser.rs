//! The clauses of a query, in their order.

use super::error::{SoqlError, offset};
use super::expression::FIELD;
use super::lexer::{Kind, Token};
use super::reader::{MAX_PATH, Parser, field, path};
use super::{Clause, FieldRef, Name, Query, TypeOf};
use crate::words::shorten;

/// Salesforce takes five levels of child queries (*SOQL and SOSL Reference*, Relationship Query
/// Limitations).
const MAX_DEPTH: usize = 10;

/// Salesforce takes 55 relationships from child to parent (same page).
const MAX_OBJECTS: usize = 56;

/// Words that cannot be an alias after an object: those of the reference (Alias Notation), and those
/// that start a clause.
const NO_ALIAS: &[&str] = &[
    "and", "asc", "desc", "excludes", "first", "from", "group", "having", "in", "includes", "last", "like",
    "limit", "not", "null", "nulls", "or", "select", "using", "where", "with", "order", "offset", "for",
    "update", "all", "set",
];

/// Where a query stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// On its own.
    Top,
    /// In a `SELECT` list.
    Child,
    /// In a condition.
    Join,
}

/// Names that paths may start with, and what each stands for from the query's object.
type Names = Vec<(String, Vec<String>)>;

impl<'a> Parser<'a> {
    /// A query from its `SELECT` to the last of its clauses. `depth` others stand around it.
    pub(super) fn query(&mut self, role: Role, depth: usize) -> Result<Query, SoqlError> {
        let select = self.keyword("select", "`SELECT`")?;
        if depth > MAX_DEPTH {
            return Err(SoqlError::TooDeep { at: offset(select.start), max: MAX_DEPTH });
        }
        let mut query = Query { start: offset(select.start), ..Query::default() };
        let renamed = self.select_list(&mut query, depth)?;
        let names = self.from(&mut query, role)?;
        if self.accept("using")? {
            self.keyword("scope", "`SCOPE`")?;
            self.single("a scope, such as `Mine`")?;
        }
        if self.accept("where")? {
            self.conditions(&mut query, Clause::Where, depth)?;
        }
        while self.accept("with")? {
            self.with(&mut query, depth)?;
        }
        if self.accept("group")? {
            self.keyword("by", "`BY`")?;
            self.group_by(&mut query)?;
        } else if let Some(alias) = renamed {
            return Err(SoqlError::FieldAlias { at: offset(alias.start), found: shorten(alias.text) });
        }
        if self.accept("having")? {
            self.conditions(&mut query, Clause::Having, depth)?;
        }
        if self.accept("order")? {
            self.keyword("by", "`BY`")?;
            self.order_by(&mut query)?;
        }
        for word in ["limit", "offset"] {
            if self.accept(word)? {
                self.amount()?;
            }
        }
        self.tail()?;
        query.end = offset(self.lexer.end());
        resolve(&mut query, &names)?;
        Ok(query)
    }

    /// The list after `SELECT`. Returns the first new name of a plain field: that needs `GROUP BY`, and
    /// without it is a field whose comma was forgotten.
    fn select_list(&mut self, query: &mut Query, depth: usize) -> Result<Option<Token<'a>>, SoqlError> {
        let mut renamed = None;
        loop {
            let token = self.lexer.next()?;
            let next = self.lexer.peek()?;
            match token {
                Some(t) if t.kind == Kind::Open => {
                    query.subqueries.push(self.query(Role::Child, depth + 1)?);
                    self.close(t)?;
                }
                Some(t) if t.is("typeof") && next.is_some_and(|n| n.kind == Kind::Name && !n.is("from")) => {
                    let branches = self.type_of()?;
                    query.type_of.push(branches);
                }
                Some(t) if t.kind == Kind::Name && !t.is("from") => {
                    self.expression(t, query, Clause::Select)?;
                    if let Some(alias) = self.lexer.peek()?.filter(|a| a.kind == Kind::Name && !a.is("from"))
                    {
                        let name = self.single("`,` or `FROM`")?;
                        query.aliases.push(name);
                        if next.is_none_or(|n| n.kind != Kind::Open) {
                            renamed = renamed.or(Some(alias));
                        }
                    }
                }
                _ => return Err(self.unexpected(token, "a field, a function, `TYPEOF` or `(SELECT …)`")),
            }
            if !self.comma()? {
                return Ok(renamed);
            }
        }
    }

    /// Everything after `TYPEOF`, to its `END`.
    fn type_of(&mut self) -> Result<TypeOf, SoqlError> {
        let relationship = self.name("a relationship")?;
        let mut type_of = TypeOf {
            relationship: field(relationship, Clause::Select)?,
            branches: Vec::new(),
            otherwise: Vec::new(),
        };
        self.keyword("when", "`WHEN`")?;
        loop {
            let object = self.single("an object")?;
            self.keyword("then", "`THEN`")?;
            type_of.branches.push((object, self.field_list()?));
            if !self.accept("when")? {
                break;
            }
        }
        if self.accept("else")? {
            type_of.otherwise = self.field_list()?;
        }
        self.keyword("end", "`,`, `WHEN`, `ELSE` or `END`")?;
        Ok(type_of)
    }

    fn field_list(&mut self) -> Result<Vec<FieldRef>, SoqlError> {
        let mut fields = Vec::new();
        loop {
            fields.push(field(self.name("a field")?, Clause::Select)?);
            if !self.comma()? {
                return Ok(fields);
            }
        }
    }

    /// `FROM` with its object, and what paths may start with.
    fn from(&mut self, query: &mut Query, role: Role) -> Result<Names, SoqlError> {
        self.keyword("from", "`,` or `FROM`")?;
        let object = self.name("an object")?;
        let parts = path(object)?;
        if parts.len() > if role == Role::Child { 2 } else { 1 } {
            return Err(self.unexpected(Some(object), "the name of one object"));
        }
        query.object = Name { text: parts.join("."), start: offset(object.start), end: offset(object.end()) };
        let mut names = vec![(query.object.text.clone(), Vec::new())];
        names.extend(self.object_alias()?.map(|alias| (alias, Vec::new())));
        let mut objects = 1;
        while self.comma()? {
            let token = self.name("an alias, a dot and a relationship")?;
            let parts = path(token)?;
            let Some(full) = replaced(&parts, &names) else { return Err(alias_error(token.start, &parts)) };
            objects += 1;
            if objects > MAX_OBJECTS {
                return Err(SoqlError::TooManyObjects { at: offset(token.start), max: MAX_OBJECTS });
            }
            if full.len() > MAX_PATH {
                return Err(SoqlError::PathTooLong { at: offset(token.start), max: MAX_PATH });
            }
            names.extend(self.object_alias()?.map(|alias| (alias, full)));
        }
        Ok(names)
    }

    fn object_alias(&mut self) -> Result<Option<String>, SoqlError> {
        let always = self.accept("as")?;
        let free = |t: Token<'_>| t.kind == Kind::Name && !NO_ALIAS.iter().any(|word| t.is(word));
        if always || self.lexer.peek()?.is_some_and(free) {
            return Ok(Some(self.single("an alias")?.text));
        }
        Ok(None)
    }

    /// Everything after `WITH`.
    fn with(&mut self, query: &mut Query, depth: usize) -> Result<(), SoqlError> {
        for mode in ["security_enforced", "user_mode", "system_mode"] {
            if self.accept(mode)? {
                return Ok(());
            }
        }
        if self.accept("recordvisibilitycontext")? {
            return self.options();
        }
        if !self.accept("data")? {
            return self.conditions(query, Clause::With, depth);
        }
        self.keyword("category", "`CATEGORY`")?;
        loop {
            self.single("a data category group")?;
            self.one_of(
                &["at", "above", "below", "above_or_below"],
                "`AT`, `ABOVE`, `BELOW` or `ABOVE_OR_BELOW`",
            )?;
            match self.lexer.peek()?.filter(|t| t.kind == Kind::Open) {
                None => {
                    self.single("a data category")?;
                }
                Some(open) => {
                    self.lexer.next()?;
                    self.single("a data category")?;
                    while self.comma()? {
                        self.single("a data category")?;
                    }
                    self.close(open)?;
                }
            }
            if !self.accept("and")? {
                return Ok(());
            }
        }
    }

    fn group_by(&mut self, query: &mut Query) -> Result<(), SoqlError> {
        loop {
            let token = self.name(FIELD)?;
            let open = self.lexer.peek()?.filter(|t| t.kind == Kind::Open);
            match open {
                Some(open) if token.is("rollup") || token.is("cube") => {
                    self.lexer.next()?;
                    loop {
                        let token = self.name(FIELD)?;
                        self.expression(token, query, Clause::GroupBy)?;
                        if !self.comma()? {
                            break;
                        }
                    }
                    self.close(open)?;
                }
                _ => self.expression(token, query, Clause::GroupBy)?,
            }
            if !self.comma()? {
                return Ok(());
            }
        }
    }

    fn order_by(&mut self, query: &mut Query) -> Result<(), SoqlError> {
        loop {
            let token = self.name(FIELD)?;
            self.expression(token, query, Clause::OrderBy)?;
            let _ = self.accept("asc")? || self.accept("desc")?;
            if self.accept("nulls")? {
                self.one_of(&["first", "last"], "`FIRST` or `LAST`")?;
            }
            if !self.comma()? {
                return Ok(());
            }
        }
    }

    /// What comes last, in any order: none of it reads fields.
    fn tail(&mut self) -> Result<(), SoqlError> {
        loop {
            let (words, expected): (&[&str], _) = if self.accept("for")? {
                (&["view", "reference", "update"], "`VIEW`, `REFERENCE` or `UPDATE`")
            } else if self.accept("update")? {
                (&["tracking", "viewstat"], "`TRACKING` or `VIEWSTAT`")
            } else if self.accept("all")? {
                (&["rows"], "`ROWS`")
            } else if self.accept("set")? {
                self.keyword("options", "`OPTIONS`")?;
                self.options()?;
                continue;
            } else {
                return Ok(());
            };
            self.one_of(words, expected)?;
            while self.comma()? {
                self.one_of(words, expected)?;
            }
        }
    }
}

/// Takes aliases out of what a query reads, once all of it is read.
fn resolve(query: &mut Query, names: &Names) -> Result<(), SoqlError> {
    let relationships = query.type_of.iter_mut().map(|t| &mut t.relationship);
    for field in query.fields.iter_mut().chain(relationships) {
        if let Some(path) = replaced(&field.path, names) {
            field.path = path;
        }
    }
    for object in query.subqueries.iter_mut().map(|q| &mut q.object) {
        let parts: Vec<String> = object.text.split('.').map(str::to_owned).collect();
        if parts.len() > 1 {
            let path = replaced(&parts, names).ok_or_else(|| alias_error(object.start as usize, &parts))?;
            object.text = path.join(".");
        }
    }
    Ok(())
}

/// The path with its first name replaced, if that is one of `names` and others follow.
fn replaced(path: &[String], names: &Names) -> Option<Vec<String>> {
    let (first, rest) = path.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let (_, prefix) = names.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(first))?;
    Some(prefix.iter().chain(rest).cloned().collect())
}

fn alias_error(at: usize, parts: &[String]) -> SoqlError {
    SoqlError::Alias { at: offset(at), found: parts.first().map_or_else(String::new, |p| shorten(p)) }
}
