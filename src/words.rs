//! The words of the domain as types. One word per thing, here and in messages, docs and JSON keys.
//!
//! | word | meaning |
//! |---|---|
//! | field | `Object.Field` API name ([`FieldName`]) |
//! | grantor | the component that grants: permission set or profile ([`Grantor`]) |
//! | access | `read` or `edit` on a field ([`Access`]; edit includes read) |
//! | tier | our ordered level of a field ([`Tier`]) |
//! | principal class | who holds a grantor ([`PrincipalClass`]) |
//!
//! Imports nothing of ours, so every module may speak these words.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What a grant allows. `Edit` includes `Read`: Salesforce stores no edit without read (*Object
/// Reference*, FieldPermissions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// The value can be read.
    Read,
    /// The value can be read and changed.
    Edit,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Read => "read",
            Access::Edit => "edit",
        })
    }
}

/// How much a field's data asks for, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Tier 1.
    Open,
    /// Tier 2.
    Conditional,
    /// Tier 3.
    Restricted,
}

impl Tier {
    /// All tiers, lowest first.
    pub const ALL: [Tier; 3] = [Tier::Open, Tier::Conditional, Tier::Restricted];
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tier::Open => "open",
            Tier::Conditional => "conditional",
            Tier::Restricted => "restricted",
        })
    }
}

/// Who holds a grantor, most trusted first: the order is the order of exposure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalClass {
    /// Employees and anyone else with an ordinary licence.
    Internal,
    /// A system that signs in by API.
    Integration,
    /// Customers and partners: community, portal, partner licences.
    External,
    /// Anybody, without signing in.
    Guest,
}

impl PrincipalClass {
    /// All classes, most trusted first.
    pub const ALL: [PrincipalClass; 4] = [
        PrincipalClass::Internal,
        PrincipalClass::Integration,
        PrincipalClass::External,
        PrincipalClass::Guest,
    ];
}

impl fmt::Display for PrincipalClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PrincipalClass::Internal => "internal",
            PrincipalClass::Integration => "integration",
            PrincipalClass::External => "external",
            PrincipalClass::Guest => "guest",
        })
    }
}

/// Which kind of component grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantorKind {
    /// A permission set.
    PermissionSet,
    /// A permission set group.
    PermissionSetGroup,
    /// A profile.
    Profile,
}

impl GrantorKind {
    /// The kind as words of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            GrantorKind::PermissionSet => "permission set",
            GrantorKind::PermissionSetGroup => "permission set group",
            GrantorKind::Profile => "profile",
        }
    }
}

/// A grantor: its kind and API name. Where its file lies and in which format is no part of it, so
/// moving a file opens nothing. Names compare without regard to ASCII case, as Salesforce does.
#[derive(Clone, Debug)]
pub struct Grantor {
    /// Permission set, group or profile.
    pub kind: GrantorKind,
    name: Arc<str>,
}

impl Grantor {
    /// A grantor by kind and name.
    pub fn new(kind: GrantorKind, name: &str) -> Self {
        Grantor { kind, name: strip_tokens(name).as_ref().into() }
    }

    /// Its API name as written.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Grantor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind.words(), self.name)
    }
}

impl PartialEq for Grantor {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.name.eq_ignore_ascii_case(&other.name)
    }
}
impl Eq for Grantor {}
impl Hash for Grantor {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        hash_folded(&self.name, state);
    }
}
impl Ord for Grantor {
    fn cmp(&self, other: &Self) -> Ordering {
        self.kind.cmp(&other.kind).then_with(|| cmp_folded(&self.name, &other.name))
    }
}
impl PartialOrd for Grantor {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

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
#[derive(Clone)]
pub struct FieldName {
    text: Arc<str>,
    dot: u32,
}

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
        Some(FieldName { dot: u32::try_from(dot).ok()?, text: text.as_ref().into() })
    }

    /// Reads `Object.Field` of ASCII letters, digits and `_` with one dot, as almost every name is: nothing
    /// to trim, and no token of a build. `None` says nothing: [`FieldName::parse`] reads the others.
    pub(crate) fn parse_plain(text: &str) -> Option<Self> {
        let dot = memchr::memchr(b'.', text.as_bytes()).filter(|at| *at > 0 && at + 1 < text.len())?;
        // Without a branch for each byte, since this is done for every entry of every file.
        let (mut fine, mut run, mut longest) = (true, 0, 0);
        for (at, byte) in text.bytes().enumerate() {
            fine &= LETTERS[usize::from(byte)] | (at == dot);
            run = if byte == b'_' { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        // Three underscores in a row may be a token of a build.
        if !fine || longest > 2 {
            return None;
        }
        Some(FieldName { dot: u32::try_from(dot).ok()?, text: text.into() })
    }

    /// A field of an object, both by API name.
    pub fn of(object: &str, field: &str) -> Option<Self> {
        let mut text = String::with_capacity(object.len() + 1 + field.len());
        text.push_str(object);
        text.push('.');
        text.push_str(field);
        FieldName::parse(&text)
    }

    /// `Object.Field` as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The object's API name.
    pub fn object(&self) -> &str {
        &self.text[..self.dot as usize]
    }

    /// The field's API name within its object.
    pub fn field(&self) -> &str {
        &self.text[self.dot as usize + 1..]
    }
}

/// The bytes of API names: ASCII letters, digits and `_`.
const LETTERS: [bool; 256] = {
    let mut letters = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        letters[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    letters
};

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
impl PartialEq for FieldName {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}
impl Eq for FieldName {}
impl Hash for FieldName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_folded(&self.text, state);
    }
}
impl Ord for FieldName {
    fn cmp(&self, other: &Self) -> Ordering {
        cmp_folded(&self.text, &other.text)
    }
}
impl PartialOrd for FieldName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares as all names of Salesforce compare, without regard to ASCII case.
pub(crate) fn cmp_folded(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    // Names that are looked up are mostly written alike, and differ late: eight bytes are one comparison.
    let (words, others) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    let common = 8 * words.iter().zip(others).take_while(|(x, y)| x == y).count();
    for (x, y) in a[common..].iter().zip(&b[common..]) {
        match x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase()) {
            Ordering::Equal => {}
            other => return other,
        }
    }
    a.len().cmp(&b.len())
}

fn hash_folded<H: Hasher>(text: &str, state: &mut H) {
    // A hasher takes a few words at once as fast as a single byte.
    let mut folded = [0; 64];
    for chunk in text.as_bytes().chunks(folded.len()) {
        let folded = &mut folded[..chunk.len()];
        folded.copy_from_slice(chunk);
        folded.make_ascii_lowercase();
        state.write(folded);
    }
    state.write_u8(0xff);
}

/// Takes `%%%WORD%%%` and `___WORD___` out of a name. Three underscores in a row are in no legal
/// API name, so nothing real is lost.
pub(crate) fn strip_tokens(text: &str) -> std::borrow::Cow<'_, str> {
    let mut out = std::borrow::Cow::Borrowed(text);
    for mark in ["%%%", "___"] {
        while let Some((start, end)) = token(&out, mark) {
            let mut kept = out[..start].to_owned();
            kept.push_str(&out[end..]);
            out = std::borrow::Cow::Owned(kept);
        }
    }
    out
}

fn token(text: &str, mark: &str) -> Option<(usize, usize)> {
    let start = text.find(mark)?;
    Some((start, start + marked(&text[start..], mark)?))
}

/// The length of the build token `%%%WORD%%%` that a text starts with: a build replaces it before it deploys.
pub(crate) fn build_token(text: &str) -> Option<usize> {
    marked(text, "%%%")
}

fn marked(text: &str, mark: &str) -> Option<usize> {
    let inner = text.strip_prefix(mark)?;
    let word = &inner[..inner.find(mark)?];
    let upper = !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    upper.then_some(word.len() + 2 * mark.len())
}

/// A count with its noun.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case() {
        let a = FieldName::parse("Contact.SSN__c").unwrap();
        let b = FieldName::parse("contact.ssn__C").unwrap();
        assert_eq!(a, b);
        assert_eq!(a.cmp(&b), Ordering::Equal);
        assert_eq!((a.object(), a.field()), ("Contact", "SSN__c"));
    }

    #[test]
    fn build_tokens_are_no_part_of_a_name() {
        let a = FieldName::parse("%%%NAMESPACE%%%Gift__c.%%%NAMESPACE%%%Iban__c").unwrap();
        assert_eq!(a.as_str(), "Gift__c.Iban__c");
        assert_eq!(Grantor::new(GrantorKind::Profile, "___NAMESPACE___Admin").name(), "Admin");
    }

    #[test]
    fn what_is_no_field_name_is_refused() {
        for text in ["", "Contact", ".X", "Contact.", "Contact.A b", "A.\u{1b}[1m"] {
            assert!(FieldName::parse(text).is_none(), "{text:?}");
        }
    }
}
