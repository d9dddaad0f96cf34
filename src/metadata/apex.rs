//! Apex classes: what they say of the mode that they run in, and which words they use. No more of the language is read:
//! comments are left out, and strings count, since queries stand in them.
//!
//! From API version 67 on code runs in user mode by default; before, and where it says so, it runs in system mode, which
//! goes past object permissions and field-level security (*Apex Developer Guide*, Enforce User Mode).

use super::error::MetadataError;
use super::xml::Xml;
use crate::source::{SourceFile, Span, Spanned};
use std::collections::HashSet;

/// The first API version in which code runs in user mode by default.
const USER_MODE_SINCE: u32 = 67;

/// What a class says.
#[derive(Debug, Default)]
pub struct Apex {
    /// The word by which it says itself that it runs in system mode, or past sharing.
    pub says_system: Option<Span>,
    /// It asks for what the user may read somewhere, in one of the ways that there are.
    pub says_user: bool,
    /// It holds tests, which nobody is shown.
    pub is_test: bool,
    /// Custom names that are more than set, in file order.
    pub custom: Vec<Spanned<String>>,
    /// Every word, lower case.
    pub words: HashSet<String>,
}

impl Apex {
    /// Whether it runs past field-level security, by the API version of its metadata.
    pub fn is_in_system_mode(&self, version: Option<u32>) -> bool {
        let by_default = version.is_some_and(|version| version < USER_MODE_SINCE) && !self.says_user;
        !self.is_test && (self.says_system.is_some() || by_default)
    }
}

/// Words, and pairs of words, that say that a class keeps to what its user may read.
const USER: [&str; 7] = [
    "with user_mode",
    "with security_enforced",
    "accesslevel.user_mode",
    "as user",
    "stripinaccessible",
    "isaccessible",
    "isqueryable",
];

/// Those that say the opposite.
const SYSTEM: [&str; 4] = ["with system_mode", "accesslevel.system_mode", "as system", "without sharing"];

/// Reads a class.
pub fn read_apex(file: &SourceFile) -> Apex {
    let mut apex = Apex::default();
    let mut last = String::new();
    let mut between = ' ';
    for token in tokens(file.bytes()) {
        match token {
            Token::Other(byte) => {
                if !byte.is_ascii_whitespace() {
                    between = char::from(byte);
                }
            }
            Token::Word(start, word) => {
                let lower = word.to_ascii_lowercase();
                let joint = if between == '.' { '.' } else { ' ' };
                let pair = format!("{last}{joint}{lower}");
                let says = |all: &[&str]| all.contains(&pair.as_str()) || all.contains(&lower.as_str());
                apex.says_user |= says(&USER);
                let span = Span::new(start, start + word.len());
                apex.says_system = apex.says_system.or(says(&SYSTEM).then_some(span));
                apex.is_test |= between == '@' && lower == "istest";
                let is_custom = lower.ends_with("__c") || lower.ends_with("__pc");
                if is_custom && !is_set(&file.bytes()[start + word.len()..]) {
                    apex.custom.push(Spanned::new(word.to_owned(), span));
                }
                last.clone_from(&lower);
                between = ' ';
                apex.words.insert(lower);
            }
        }
    }
    apex
}

/// Whether what stands before these bytes is set to a value, or a query compares it with one: neither shows it.
fn is_set(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    rest.first() == Some(&b'=') && rest.get(1) != Some(&b'=')
}

/// The API version that the metadata of a class names.
///
/// # Errors
/// See [`MetadataError`].
pub fn parse_apex_version(file: &SourceFile) -> Result<Option<Spanned<u32>>, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["ApexClass"], "`<ApexClass>`")?;
    let mut version = None;
    while let Some(element) = xml.child(&root)? {
        if element.name == "apiVersion" {
            let text = xml.text(&element)?;
            let whole = text.value.split('.').next().and_then(|whole| whole.parse().ok());
            version = whole.map(|whole| Spanned::new(whole, text.span));
        } else {
            xml.skip(&element)?;
        }
    }
    xml.finish()?;
    Ok(version)
}

enum Token<'t> {
    Word(usize, &'t str),
    Other(u8),
}

/// The words of a text and what stands between them, without comments.
fn tokens(bytes: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let (mut at, mut quoted) = (0, false);
    std::iter::from_fn(move || {
        loop {
            let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
            if !quoted && rest.starts_with(b"//") {
                at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                continue;
            }
            if !quoted && rest.starts_with(b"/*") {
                at += memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
                continue;
            }
            let length = rest.iter().position(|byte| !is_word(byte)).unwrap_or(rest.len());
            if length > 0 {
                let start = at;
                at += length;
                // Nothing but ASCII letters, digits and `_`.
                return Some(Token::Word(start, std::str::from_utf8(&rest[..length]).unwrap_or_default()));
            }
            // A string ends with its line: an apostrophe that opens none must not hide the rest.
            match (quoted, rest[0]) {
                (true, b'\\') => at += 1,
                (_, b'\'') => quoted = !quoted,
                (_, b'\n') => quoted = false,
                _ => {}
            }
            at += 1;
            return Some(Token::Other(rest[0]));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::RepoPath;

    fn read(text: &str) -> Apex {
        read_apex(&SourceFile::new(RepoPath::from("classes/A.cls"), text.as_bytes()))
    }

    #[test]
    fn the_mode_is_told_by_words_outside_comments() {
        assert!(read("[SELECT A__c FROM B WITH\n SYSTEM_MODE]").says_system.is_some());
        assert!(read("Database.query(q, AccessLevel.SYSTEM_MODE)").says_system.is_some());
        assert!(read("// without sharing\n/* WITH SYSTEM_MODE */ class A {}").says_system.is_none());
        assert!(read("class A { // it's\n [SELECT A__c FROM B WITH USER_MODE] }").says_user);
        assert!(read("@IsTest private class A {}").is_test && !read("class IsTest {}").is_test);
    }

    #[test]
    fn by_default_the_version_decides() {
        let plain = read("class A { }");
        assert!(plain.is_in_system_mode(Some(66)) && !plain.is_in_system_mode(Some(67)));
        assert!(!plain.is_in_system_mode(None));
        assert!(!read("insert as user x;").is_in_system_mode(Some(50)));
        assert!(read("without sharing class A { Account a; }").is_in_system_mode(Some(67)));
    }

    #[test]
    fn custom_names_are_found_with_their_places() {
        let apex = read("x.SSN__c == 'Iban__c'; y.Set__c = z; new A(Of__c=1); // Old__c");
        let names: Vec<&str> = apex.custom.iter().map(|name| name.value.as_str()).collect();
        assert_eq!((names, apex.custom[0].span), (vec!["SSN__c", "Iban__c"], Span::new(2, 8)));
    }
}
