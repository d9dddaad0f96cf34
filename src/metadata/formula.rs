//! Formulas of formula fields: which values does a formula read?
//!
//! The grammar is that of Salesforce's own engine (`FormulaGrammar.g` and `Formula.g4` in
//! github.com/salesforce/formula-engine). Its levels of precedence decide what an operator applies
//! to and never which texts are formulas, so none are needed to find references: an expression is a
//! chain of operands with an operator between each two. What is still open stands on a stack of our
//! own, so no nesting can overflow the machine's.
//!
//! Where this reader is wider than Salesforce (white space of any kind, line breaks and unknown
//! escapes in text, `.5`, `1.`, `1e3`, `TRUE()`, `{!X}`), it accepts what would not deploy; it reads
//! nothing that deploys otherwise than Salesforce does.

mod error;
mod lexer;

pub use error::FormulaError;

use crate::words::strip_tokens;
use error::offset;
use lexer::{Kind, Lexer, Token};

/// No API name comes near (40 characters, a namespace, a suffix); build tokens count.
const MAX_NAME: usize = 255;

/// One reference to a value in a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The names between the dots, as written but for build tokens (`%%%NAMESPACE%%%`), which are
    /// taken out: `Account.Parent__r.SSN__c` is `["Account", "Parent__r", "SSN__c"]`. A polymorphic
    /// relationship keeps its object: `Owner:User.Email` is `["Owner:User", "Email"]`.
    pub path: Vec<String>,
    /// Byte offset into the formula where it starts.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// Everything a formula names, in order of appearance and as often as it appears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formula {
    /// Fields of the record and of records that it points to.
    pub references: Vec<Reference>,
    /// Everything else: `$User.Email`, `$Setup.Limits__c.Cap__c`, `$ObjectType.Lead.Fields.SSN__c`, with
    /// the `$` word first.
    pub globals: Vec<Reference>,
}

/// Global values that are fields, as an object and a path from there: of the running user and what belongs
/// to it, of custom settings and custom metadata.
pub fn global_field(path: &[String]) -> Option<(&str, &[String])> {
    let (word, rest) = path.split_first()?;
    let of = |object| (!rest.is_empty()).then_some((object, rest));
    match word.to_ascii_lowercase().as_str() {
        "$user" => of("User"),
        "$profile" => of("Profile"),
        "$userrole" => of("UserRole"),
        "$organization" => of("Organization"),
        "$setup" => rest.split_first().map(|(object, path)| (object.as_str(), path)),
        "$custommetadata" => match rest {
            [object, _, path @ ..] => Some((object.as_str(), path)),
            _ => None,
        },
        _ => None,
    }
}

/// Reads a formula as it stands in `<formula>`, after XML has been decoded. Text in quotes is text: a
/// merge field inside it is not evaluated.
///
/// # Errors
/// See [`FormulaError`]: whatever is not wholly a formula, so that no reference is passed over.
pub fn parse_formula(text: &str) -> Result<Formula, FormulaError> {
    let mut parser = Parser { text, lexer: Lexer::new(text), open: Vec::new(), found: Formula::default() };
    if parser.lexer.peek()?.is_none() {
        return Err(FormulaError::Empty);
    }
    parser.expression()?;
    Ok(parser.found)
}

/// The tokens of a formula, without white space and comments: equal texts compute the same. What is no
/// formula is returned as it is.
pub fn formula_tokens(text: &str) -> String {
    let mut lexer = Lexer::new(text);
    let mut out = String::with_capacity(text.len());
    loop {
        match lexer.next() {
            Ok(Some(token)) => {
                out.push_str(&text[token.start..token.end]);
                out.push('\u{1f}');
            }
            Ok(None) => return out,
            Err(_) => return text.to_owned(),
        }
    }
}

/// What a bracket encloses.
#[derive(Clone, Copy)]
enum Inside {
    /// `(…)`: one expression.
    Group,
    /// `NAME(…)`: expressions with commas between.
    Arguments,
    /// `{!…}`: one expression.
    Merge,
}

impl Inside {
    fn closed_by(self, kind: Kind<'_>) -> bool {
        match self {
            Inside::Group | Inside::Arguments => kind == Kind::Close,
            Inside::Merge => kind == Kind::CloseMerge,
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// Brackets that are open, with the offset of each.
    open: Vec<(Inside, usize)>,
    found: Formula,
}

impl<'a> Parser<'a> {
    /// Operands and operators in turn, to the end of the text.
    fn expression(&mut self) -> Result<(), FormulaError> {
        loop {
            self.operand()?;
            if !self.operator()? {
                return Ok(());
            }
        }
    }

    /// Everything up to the end of a literal, a reference or an empty list of arguments.
    fn operand(&mut self) -> Result<(), FormulaError> {
        loop {
            let token = self.lexer.next()?;
            match token.map(|t| (t.kind, t)) {
                Some((Kind::Sign | Kind::Not, _)) => {}
                Some((Kind::Name(name), _)) if name.eq_ignore_ascii_case("not") => {}
                Some((Kind::Open, t)) => self.open.push((Inside::Group, t.start)),
                Some((Kind::OpenMerge, t)) => self.open.push((Inside::Merge, t.start)),
                Some((Kind::Value, _)) => return Ok(()),
                Some((Kind::Name(name), t)) => {
                    if self.name(name, t)? {
                        return Ok(());
                    }
                }
                _ => {
                    return Err(
                        self.unexpected(token, "a field, text in quotes, a number, a function or `(`")
                    );
                }
            }
        }
    }

    /// Whether the name is a whole operand: a reference, a literal, a call without arguments. Otherwise
    /// arguments follow.
    fn name(&mut self, name: &str, token: Token<'a>) -> Result<bool, FormulaError> {
        let path = path(name, token.start)?;
        let next = self.lexer.peek()?.filter(|next| next.kind == Kind::Open);
        let [only] = path.as_slice() else {
            if next.is_some() {
                return Err(self.unexpected(next, "an operator, since no path is a function"));
            }
            self.refer(path, token);
            return Ok(true);
        };
        if let Some(bracket) = next {
            if only.contains([':', '$']) {
                return Err(self.unexpected(next, "an operator, since no path is a function"));
            }
            self.lexer.next()?;
            if self.lexer.peek()?.is_some_and(|t| t.kind == Kind::Close) {
                self.lexer.next()?;
                return Ok(true);
            }
            self.open.push((Inside::Arguments, bracket.start));
            return Ok(false);
        }
        if !["true", "false", "null"].iter().any(|literal| only.eq_ignore_ascii_case(literal)) {
            self.refer(path, token);
        }
        Ok(true)
    }

    fn refer(&mut self, path: Vec<String>, token: Token<'a>) {
        let global = path.first().is_some_and(|first| first.starts_with('$'));
        let list = if global { &mut self.found.globals } else { &mut self.found.references };
        list.push(Reference { path, start: offset(token.start), end: offset(token.end) });
    }

    /// Closing brackets, then an operator or a comma; false at the end of the formula.
    fn operator(&mut self) -> Result<bool, FormulaError> {
        loop {
            let token = self.lexer.next()?;
            let inside = self.open.last().copied();
            match (token.map(|t| t.kind), inside) {
                (Some(Kind::Sign | Kind::Infix), _) => return Ok(true),
                (Some(Kind::Comma), Some((Inside::Arguments, _))) => return Ok(true),
                (Some(kind), Some((inside, _))) if inside.closed_by(kind) => {
                    self.open.pop();
                }
                (None, None) => return Ok(false),
                (None, Some((Inside::Merge, at))) => {
                    return Err(FormulaError::Unclosed { at: offset(at), open: "{!", close: "}" });
                }
                (None, Some((_, at))) => {
                    return Err(FormulaError::Unclosed { at: offset(at), open: "(", close: ")" });
                }
                (Some(_), None) => {
                    return Err(self.unexpected(token, "an operator or the end of the formula"));
                }
                (Some(_), Some((inside, _))) => {
                    let expected = match inside {
                        Inside::Group => "an operator or `)`",
                        Inside::Arguments => "an operator, `,` or `)`",
                        Inside::Merge => "an operator or `}`",
                    };
                    return Err(self.unexpected(token, expected));
                }
            }
        }
    }

    fn unexpected(&self, token: Option<Token<'a>>, expected: &'static str) -> FormulaError {
        let found = token.map_or("", |t| &self.text[t.start..t.end]);
        FormulaError::unexpected(token.map_or(self.text.len(), |t| t.start), found, expected)
    }
}

/// The names of a path. Each may hold one colon, before the object of a polymorphic relationship.
fn path(text: &str, at: usize) -> Result<Vec<String>, FormulaError> {
    text.split('.')
        .map(|part| {
            if part.len() > MAX_NAME {
                return Err(FormulaError::NameTooLong { at: offset(at), max: MAX_NAME });
            }
            let name = plain(&strip_tokens(part));
            let valid = |half: &str| half.bytes().any(|b| b.is_ascii_alphanumeric());
            if name.split(':').count() > 2 || !name.split(':').all(valid) {
                return Err(FormulaError::path(at, text));
            }
            Ok(name)
        })
        .collect()
}

/// Two letters outside ASCII stand for one inside it wherever Java compares without case, as
/// Salesforce does: a name written with them must not pass as another one.
fn plain(name: &str) -> String {
    name.replace(lexer::KELVIN, "K").replace(lexer::DOTTED_I, "I")
}

#[cfg(test)]
mod tests;
