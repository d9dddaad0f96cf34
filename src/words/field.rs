//! The name of a field.

use super::name::{ByNumber, Name};
use super::names::strip_tokens;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::BuildHasherDefault;

/// A field's API name, `Object.Field`, split at the first dot.
///
/// Compares without regard to ASCII case: such grants deploy, so a gate that told them apart could
/// be walked around. Build tokens of the CumulusCI kind (`%%%NAMESPACE%%%`, `___NAMESPACE___`) are
/// taken out, since they vanish or become a prefix at deploy time.
///
/// ```
/// use flsgate::words::FieldName;
///
/// let field = FieldName::parse("%%%NAMESPACE%%%Claim__c.Iban__c").ok_or("no field")?;
/// assert_eq!((field.object(), field.field()), ("Claim__c", "Iban__c"));
/// assert_eq!(Some(field), FieldName::parse("claim__c.IBAN__c"));
/// assert_eq!(FieldName::parse("Iban__c"), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldName(Name);

/// Values by field, in no order.
pub type FieldMap<T> = HashMap<FieldName, T, BuildHasherDefault<ByNumber>>;

/// Fields, in no order.
pub type FieldSet = HashSet<FieldName, BuildHasherDefault<ByNumber>>;

impl FieldName {
    /// Reads `Object.Field`; `None` when either part is missing or the text holds white space or
    /// control characters.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(plain) = FieldName::parse_plain(text) {
            return Some(plain);
        }
        let text = strip_tokens(text.trim());
        let dot = text.find('.')?;
        let bad = text.chars().any(|c| c.is_whitespace() || c.is_control());
        if dot == 0 || dot + 1 == text.len() || bad {
            return None;
        }
        Some(FieldName(Name::new(&text)))
    }

    /// Reads `Object.Field` of ASCII letters, digits and `_` with one dot, as almost every name is: nothing
    /// to trim, and no token of a build. `None` says nothing: [`FieldName::parse`] reads the others.
    pub(crate) fn parse_plain(text: &str) -> Option<Self> {
        let dot = memchr::memchr(b'.', text.as_bytes()).filter(|at| *at > 0 && at + 1 < text.len())?;
        if !are_letters(text.as_bytes(), dot) {
            return None;
        }
        Some(FieldName(Name::new(text)))
    }

    /// A field of an object, both by API name.
    pub fn of(object: &str, field: &str) -> Option<Self> {
        let mut text = String::with_capacity(object.len() + 1 + field.len());
        text.push_str(object);
        text.push('.');
        text.push_str(field);
        FieldName::parse(&text)
    }

    /// A number for it: the same for every spelling, and another in every run.
    pub(crate) fn number(&self) -> u32 {
        self.0.number()
    }

    /// Whether it is a person account's name for a custom field of contacts.
    pub fn is_of_person(&self) -> bool {
        self.field().to_ascii_lowercase().ends_with("__pc")
    }

    /// `Object.Field` as written.
    pub fn as_str(&self) -> &'static str {
        self.0.as_str()
    }

    /// The object's API name.
    pub fn object(&self) -> &'static str {
        self.0.halves().0
    }

    /// Whether somebody defined the field: `__c`, which is `__pc` where a person account has the field of its
    /// contact.
    pub fn is_custom(&self) -> bool {
        let name = self.field().as_bytes();
        let ends = |with: &[u8]| {
            name.len().checked_sub(with.len()).is_some_and(|at| name[at..].eq_ignore_ascii_case(with))
        };
        ends(b"__c") || ends(b"__pc")
    }

    /// The field's API name within its object.
    pub fn field(&self) -> &'static str {
        self.0.halves().1
    }
}

/// Whether all but the byte at `except` are ASCII letters, digits and `_`, with no three `_` in a row, which may
/// be a token of a build. `false` says nothing of a text of more than 64 bytes.
///
/// Done for every entry of every file, so without a branch and in steps that a processor takes many at once.
fn are_letters(text: &[u8], except: usize) -> bool {
    const MOST: usize = 64;
    let mut padded = [b'a'; MOST + 2];
    let Some(start) = padded.get_mut(..text.len()).filter(|_| text.len() <= MOST) else { return false };
    start.copy_from_slice(text);
    padded[except] = b'a';
    let mut fine = true;
    for at in 0..MOST {
        let [byte, second, third] = [padded[at], padded[at + 1], padded[at + 2]];
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        fine &= letter | digit | (byte == b'_');
        fine &= !((byte == b'_') & (second == b'_') & (third == b'_'));
    }
    fine
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case() {
        let a = FieldName::parse("Contact.SSN__c").unwrap();
        let b = FieldName::parse("contact.ssn__C").unwrap();
        assert_eq!(a, b);
        assert_eq!(a.cmp(&b), std::cmp::Ordering::Equal);
        assert_eq!((a.object(), a.field()), ("Contact", "SSN__c"));
    }

    #[test]
    fn build_tokens_are_no_part_of_a_name() {
        let a = FieldName::parse("%%%NAMESPACE%%%Gift__c.%%%NAMESPACE%%%Iban__c").unwrap();
        assert_eq!(a.as_str(), "Gift__c.Iban__c");
    }

    #[test]
    fn plain_names_are_read_as_all_others_are() {
        let long = format!("Contact.{}", "a".repeat(70));
        for text in ["Contact.SSN__c", "Z.z9_", "A.B__c__d", "aZ09_.__", &long, &long[..64], &long[..65]] {
            assert_eq!(FieldName::parse(text).unwrap().as_str(), text);
            assert_eq!(FieldName::parse_plain(text).is_some(), text.len() <= 64, "{text}");
        }
        // Neighbours of letters and digits, a second dot, a token, what is no ASCII, and no dot in the middle.
        for text in
            ["A.@", "A.[", "A.`", "A.{", "A./", "A.:", "A.b.c", "A.b___c", "A.\u{e1}", "A", ".a", "a."]
        {
            assert!(FieldName::parse_plain(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_no_field_name_is_refused() {
        for text in ["", "Contact", ".X", "Contact.", "Contact.A b", "A.\u{1b}[1m"] {
            assert!(FieldName::parse(text).is_none(), "{text:?}");
        }
    }
}
