//! Permission files exactly as Salesforce's own tools write them when they retrieve: four blanks a level, one
//! element a line, children in the order of their names. Most files are like that, and then their bytes can
//! be compared instead of parsed, which is several times as fast.
//!
//! quick-xml stays the authority: whatever is not exactly so is refused here ([`read`] gives `None`) and
//! parsed as XML. `tests/retrieved.rs` and a fuzz target compare both on what this takes.

use super::granted::{FieldPermission, Permissions, UserPermission, type_access};
use super::object_permission::{ObjectPermission, object_permission};
use super::slip::{self, Children};
use crate::source::{Span, Spanned};
use crate::words::FieldName;
use memchr::{memchr, memmem};
use std::cell::Cell;

const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<";
const NAMESPACE: &[u8] = b" xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n";
/// Deeper than any of these files.
const MAX_DEPTH: usize = 8;
/// Bytes of an entry with a name of usual length.
const ENTRY: usize = 160;

/// Reads a file whose root is `root`, or gives `None` if anything is not as retrieving writes it.
pub fn read(bytes: &[u8], root: &str) -> Option<Permissions> {
    // Characters that XML forbids, and line ends that XML rewrites, are the other reader's.
    if u32::try_from(bytes.len()).is_err() || !bytes.iter().fold(true, |fine, b| fine & plain(*b)) {
        return None;
    }
    // What is trimmed by some and not by others, too.
    if memmem::find(bytes, "\u{feff}".as_bytes()).is_some() {
        return None;
    }
    let names = Names { before: BEFORE.take(), at: 0 };
    let mut reader = Reader { text: std::str::from_utf8(bytes).ok()?, bytes, at: 0, names };
    reader.skip(DECLARATION)?;
    reader.skip(root.as_bytes())?;
    reader.skip(NAMESPACE)?;
    let mut found = Permissions { fields: Vec::with_capacity(bytes.len() / ENTRY), ..Permissions::default() };
    while reader.looking_at(b"    <") {
        reader.item(&mut found)?;
    }
    reader.skip(b"</")?;
    reader.skip(root.as_bytes())?;
    reader.skip(b">")?;
    BEFORE.set(found.fields.iter().map(|entry| entry.field.clone()).collect());
    matches!(&bytes[reader.at..], b"" | b"\n").then_some(found)
}

fn plain(byte: u8) -> bool {
    byte >= 0x20 || byte == b'\n'
}

struct Reader<'b> {
    text: &'b str,
    /// The same as bytes.
    bytes: &'b [u8],
    at: usize,
    names: Names,
}

/// Names of fields, read one after the other. The files of an org name much the same fields in the same order, so the
/// names of the file before are looked at first, which is faster than to look them up.
struct Names {
    before: Vec<FieldName>,
    at: usize,
}

thread_local! {
    /// The names of the file that was read last.
    static BEFORE: Cell<Vec<FieldName>> = const { Cell::new(Vec::new()) };
}

/// So many names of the file before may be missing in this one.
const AHEAD: usize = 4;

impl Names {
    fn read(&mut self, text: &str) -> Option<FieldName> {
        let next = self.before.get(self.at..).unwrap_or_default().iter().take(AHEAD);
        if let Some(ahead) = next.into_iter().position(|known| known.as_str() == text) {
            self.at += ahead + 1;
            return Some(self.before[self.at - 1].clone());
        }
        FieldName::parse_plain(text)
    }
}

/// An element that holds text alone.
struct Text<'b> {
    name: &'b [u8],
    text: &'b [u8],
    span: Span,
}

/// What a start tag turns out to begin.
enum Element<'b> {
    Text(Text<'b>),
    Block { name: &'b [u8], start: usize },
}

impl<'b> Reader<'b> {
    // Inlined, so that a literal is compared as the few words that it is.
    #[inline(always)]
    fn looking_at(&self, wanted: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(wanted)
    }

    #[inline(always)]
    fn skip(&mut self, wanted: &[u8]) -> Option<()> {
        let fits = self.looking_at(wanted);
        self.at += wanted.len();
        fits.then_some(())
    }

    /// One child of the root.
    fn item(&mut self, found: &mut Permissions) -> Option<()> {
        let start = self.at + 4;
        if self.looking_at(b"    <fieldPermissions>\n") {
            found.fields.push(self.field(start)?);
            return Some(());
        }
        match self.element(1)? {
            Element::Text(text) => match text.name {
                b"license" | b"userLicense" => {
                    let value = simple(text.text)?;
                    if found.license.is_some() || value.trim().is_empty() || value.trim() != value {
                        return None;
                    }
                    found.license = Some(Spanned::new(value.to_owned(), text.span));
                }
                b"hasActivationRequired" if found.activation.is_none() => {
                    found.activation = Some(Spanned::new(boolean(text.text)?, text.span));
                }
                name if is_for_the_other_reader(name, slip::OF_PERMISSIONS) => return None,
                _ => {}
            },
            Element::Block { name: b"objectPermissions", start } => found.objects.push(self.object(start)?),
            Element::Block { name: name @ b"userPermissions", start } => {
                found.users.push(self.user(name, start)?)
            }
            Element::Block {
                name: name @ (b"customMetadataTypeAccesses" | b"customSettingAccesses"),
                start,
            } => found.types.push(type_access(self.user(name, start)?)),
            Element::Block { name, .. } if is_for_the_other_reader(name, slip::OF_PERMISSIONS) => {
                return None;
            }
            Element::Block { name, .. } => self.rest(name, 1)?,
        }
        Some(())
    }

    /// `editable`, `field` and `readable`, each once and in this order.
    fn field(&mut self, start: usize) -> Option<FieldPermission> {
        self.skip(b"    <fieldPermissions>\n        ")?;
        let editable = self.truth(b"<editable>", b"</editable>\n        ")?;
        self.skip(b"<field>")?;
        let text = self.at;
        let end = text + memchr(b'<', &self.bytes[text..])?;
        let field = self.names.read(self.text.get(text..end)?)?;
        self.at = end;
        self.skip(b"</field>\n        ")?;
        let readable = self.truth(b"<readable>", b"</readable>\n    </fieldPermissions>\n")?;
        let entry = Span::new(start, self.at - 1);
        FieldPermission::new(entry, field, Some(readable), Some(editable))
    }

    /// A boolean between two texts, of which the second one starts with the end tag.
    #[inline(always)]
    fn truth(&mut self, open: &[u8], close: &[u8]) -> Option<Spanned<bool>> {
        let start = self.at;
        self.skip(open)?;
        let value = self.looking_at(b"true");
        self.skip(if value { b"true" } else { b"false" })?;
        let end = self.at + open.len() + 1;
        self.skip(close)?;
        Some(Spanned::new(value, Span::new(start, end)))
    }

    fn object(&mut self, start: usize) -> Option<ObjectPermission> {
        let mut name = None;
        let mut said: [Option<Span>; 7] = [None; 7];
        let mut refused = [false; 7];
        const NAMES: [&[u8]; 7] = [
            b"allowRead",
            b"allowEdit",
            b"allowCreate",
            b"allowDelete",
            b"viewAllFields",
            b"viewAllRecords",
            b"modifyAllRecords",
        ];
        while self.looking_at(b"        <") {
            let Element::Text(child) = self.element(2)? else { return None };
            if child.name == b"object" {
                let text = Spanned::new(api_name(child.text)?.to_owned(), child.span);
                if name.replace(text).is_some() {
                    return None;
                }
            } else if let Some(at) = NAMES.iter().position(|n| *n == child.name) {
                let says = boolean(child.text)?;
                said[at] = said[at].or(says.then_some(child.span));
                refused[at] |= !says;
            } else if is_slip(child.name, slip::OF_OBJECT_PERMISSIONS) {
                return None;
            }
        }
        let entry = self.close(b"objectPermissions", 1, start)?;
        Some(object_permission(entry, name?, said, [refused[0], refused[1], refused[4], refused[2]]))
    }

    /// A name and a switch.
    fn user(&mut self, block: &[u8], start: usize) -> Option<UserPermission> {
        let (mut name, mut enabled) = (None, None);
        while self.looking_at(b"        <") {
            let Element::Text(child) = self.element(2)? else { return None };
            match child.name {
                b"name" => {
                    let text = Spanned::new(api_name(child.text)?.to_owned(), child.span);
                    if name.replace(text).is_some() {
                        return None;
                    }
                }
                b"enabled" => enabled = enabled.or(boolean(child.text)?.then_some(child.span)),
                name if is_slip(name, slip::OF_USER_PERMISSIONS) => return None,
                _ => {}
            }
        }
        let entry = self.close(block, 1, start)?;
        Some(UserPermission { entry, name: name?, enabled })
    }

    /// Passes over what is left of a block.
    fn rest(&mut self, name: &[u8], depth: usize) -> Option<()> {
        if depth >= MAX_DEPTH {
            return None;
        }
        let indent = 4 * (depth + 1);
        while self.bytes[self.at..].get(..indent)?.iter().all(|b| *b == b' ') {
            if let Element::Block { name, .. } = self.element(depth + 1)? {
                self.rest(name, depth + 1)?;
            }
        }
        self.close(name, depth, 0).map(|_| ())
    }

    /// The end tag of a block, alone on its line. Gives the span of the block.
    fn close(&mut self, name: &[u8], depth: usize, start: usize) -> Option<Span> {
        self.blanks(depth)?;
        self.skip(b"</")?;
        self.skip(name)?;
        self.skip(b">\n")?;
        Some(Span::new(start, self.at - 1))
    }

    fn blanks(&mut self, depth: usize) -> Option<()> {
        let indent = self.bytes.get(self.at..self.at + 4 * depth)?;
        self.at += indent.len();
        indent.iter().all(|b| *b == b' ').then_some(())
    }

    /// An element at this depth: whole if it holds text, else up to its first child.
    fn element(&mut self, depth: usize) -> Option<Element<'b>> {
        self.blanks(depth)?;
        let start = self.at;
        self.skip(b"<")?;
        let bytes = self.bytes;
        let length = bytes[self.at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let name = &bytes[self.at..self.at + length];
        if !name.first()?.is_ascii_alphabetic() {
            return None;
        }
        self.at += length;
        self.skip(b">")?;
        let text = self.at;
        let end = text + memchr(b'<', &bytes[text..])?;
        if bytes.get(end + 1) != Some(&b'/') {
            // A block: its first child starts on the next line, one level deeper.
            self.at = text;
            self.skip(b"\n")?;
            let first = self.at;
            self.blanks(depth + 1)?;
            self.at = first;
            return Some(Element::Block { name, start });
        }
        let text = &bytes[text..end];
        if !inert(text) {
            return None;
        }
        self.at = end;
        self.skip(b"</")?;
        self.skip(name)?;
        self.skip(b">\n")?;
        Some(Element::Text(Text { name, text, span: Span::new(start, self.at - 1) }))
    }
}

/// Elements that the other reader tells of, or looks into.
fn is_for_the_other_reader(name: &[u8], known: Children) -> bool {
    bears_on_access(name) || is_slip(name, known)
}

fn is_slip(name: &[u8], known: Children) -> bool {
    std::str::from_utf8(name).is_ok_and(|name| slip::meant(name, known).is_some())
}

/// Elements that the other reader looks into, whatever their form here.
fn bears_on_access(name: &[u8]) -> bool {
    [
        b"fieldPermissions".as_slice(),
        b"FieldPermission",
        b"fieldLevelSecurities",
        b"objectPermissions",
        b"ObjectPermission",
        b"userPermissions",
        b"UserPermission",
        b"customMetadataTypeAccesses",
        b"CustomMetadataTypeAccess",
        b"customSettingAccesses",
        b"CustomSettingAccess",
        b"license",
        b"userLicense",
        b"hasActivationRequired",
        // What a piece may hold without an element around it.
        b"field",
        b"readable",
        b"editable",
        b"object",
        b"allowRead",
        b"allowEdit",
        b"name",
        b"enabled",
    ]
    .contains(&name)
}

/// Text in which nothing is left to resolve but XML's own five entities.
fn inert(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest) {
        rest = &rest[at..];
        let known: [&[u8]; 5] = [b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&apos;"];
        let Some(entity) = known.iter().find(|entity| rest.starts_with(entity)) else { return false };
        rest = &rest[entity.len()..];
    }
    memchr(b'>', text).is_none()
}

/// Text on one line without entities.
fn simple(text: &[u8]) -> Option<&str> {
    let fine = text.iter().all(|b| (0x20..0x7f).contains(b) && *b != b'&');
    std::str::from_utf8(text).ok().filter(|_| fine)
}

fn boolean(text: &[u8]) -> Option<bool> {
    match text {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// A name of letters, digits, `_` and blanks between: no build token can be in it.
fn api_name(text: &[u8]) -> Option<&str> {
    let fine = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let whole = !text.is_empty() && text.iter().all(fine);
    let token = text.windows(3).any(|w| w == b"___");
    std::str::from_utf8(text).ok().filter(|_| whole && !token)
}
