//! Our XML reader against roxmltree, which shares no code with it: a permission file that ours takes is
//! well-formed to roxmltree as well, and both see the same grants in it.

#![no_main]

use flsgate::metadata::{Permissions, parse_permissions_as_xml};
use flsgate::source::SourceFile;
use flsgate_fuzz::{MAX, build, check};
use libfuzzer_sys::fuzz_target;
use roxmltree::{Document, Error, Node};

fuzz_target!(|data: &[u8]| {
    let Some(bytes) = build::or_as_it_is(data, build::any_xml).filter(|b| b.len() <= MAX) else { return };
    let file = SourceFile::new("f.xml".into(), bytes);
    for root in build::ROOTS {
        let found = match parse_permissions_as_xml(&file, root, "") {
            Ok(found) => found,
            Err(error) => {
                check::metadata_error(&file, &error);
                continue;
            }
        };
        check::permissions(&file, &found);
        let text = std::str::from_utf8(file.bytes()).expect("a file that was read is UTF-8");
        match Document::parse(text) {
            Ok(document) => compare(&found, document.root_element()),
            Err(error) => assert!(known(text, &error), "roxmltree refuses what was read: {error}\n{text:?}"),
        }
    }
});

/// What ours takes and XML forbids. Whoever deploys such a file is told that it is broken, so nothing that
/// it grants comes to be, and a grant that we see in it all the same is one too many, never one too few.
fn known(text: &str, error: &Error) -> bool {
    match error {
        // Prefixes mean nothing to us, so none needs a declaration.
        Error::UnknownNamespace(..) => true,
        // Neither do attributes, so nobody looks into a start tag behind the name of its element: missing
        // quotes and blanks, names that are none, `<`, unknown entities, attributes that stand twice.
        Error::DuplicatedAttribute(..)
        | Error::DuplicatedNamespace(..)
        | Error::InvalidXmlPrefixUri(_)
        | Error::UnexpectedXmlUri(_)
        | Error::UnexpectedXmlnsUri(_)
        | Error::InvalidAttributeValue(_)
        | Error::InvalidChar(..)
        | Error::InvalidChar2(..)
        | Error::InvalidName(_)
        | Error::UnknownToken(_)
        | Error::MalformedEntityReference(_)
        | Error::UnknownEntityReference(..)
            if inside(text, error) == Token::Start =>
        {
            true
        }
        // Of a declaration the encoding alone counts, and it may stand anywhere: more of them is only more
        // to check.
        Error::UnexpectedDeclaration(_) => true,
        Error::InvalidString(..) | Error::InvalidChar(..) | Error::InvalidChar2(..) => {
            inside(text, error) == Token::Declaration
        }
        // A processing instruction says nothing to us, whatever its name.
        Error::InvalidName(_) => matches!(inside(text, error), Token::Instruction | Token::Declaration),
        // The end of a CDATA section without its start is text.
        Error::InvalidCharacterData(_) => true,
        // Characters that XML forbids are characters, in person and by number.
        Error::NonXmlChar(..) => true,
        Error::MalformedEntityReference(_) => inside(text, error) == Token::Text,
        // Around the root, blanks that are none to XML.
        Error::UnknownToken(_) => inside(text, error) == Token::Text,
        _ => false,
    }
}

/// What stands at a place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Start,
    End,
    Declaration,
    Instruction,
    Comment,
    Cdata,
    Text,
}

/// What stands where an error is, by a reader that knows just enough of XML to tell.
fn inside(text: &str, error: &Error) -> Token {
    let (line, column) = (error.pos().row as usize - 1, error.pos().col as usize - 1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let at = start + text[start..].char_indices().nth(column).map_or(text.len() - start, |(at, _)| at);
    let (mut from, mut last) = (0, Token::Text);
    while from < text.len() && from <= at {
        let rest = &text[from..];
        let end = |mark: &str| rest.find(mark).map_or(rest.len(), |end| end + mark.len());
        let (token, length) = if rest.starts_with("<!--") {
            (Token::Comment, end("-->"))
        } else if rest.starts_with("<![CDATA[") {
            (Token::Cdata, end("]]>"))
        } else if rest.strip_prefix("<?xml").is_some_and(|r| r.starts_with([' ', '\t', '\r', '\n', '?'])) {
            (Token::Declaration, declaration(rest))
        } else if rest.starts_with("<?") {
            (Token::Instruction, end("?>"))
        } else if rest.starts_with("</") {
            (Token::End, end(">"))
        } else if rest.starts_with('<') {
            (Token::Start, start_tag(rest))
        } else {
            (Token::Text, rest.find('<').unwrap_or(rest.len()))
        };
        (from, last) = (from + length, token);
    }
    last
}

/// The length of a declaration. Where a quote is left open, roxmltree reads on to the next one, wherever that is.
fn declaration(text: &str) -> usize {
    unquoted(text, "?>")
}

/// The length of a start tag: a `>` in quotes does not end it.
fn start_tag(text: &str) -> usize {
    unquoted(text, ">")
}

/// Up to behind the first `end` that is not in quotes.
fn unquoted(text: &str, end: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            (_, None) if text[at..].starts_with(end) => return at + end.len(),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    text.len()
}

type Entry = (String, bool, bool);
type Object = (String, [bool; 5]);
type User = (String, bool);

fn compare(found: &Permissions, root: Node<'_, '_>) {
    let (mut fields, mut objects) = (Vec::new(), Vec::new());
    let (mut users, mut types) = (Vec::new(), Vec::new());
    // The root may be an entry itself, or hold entries.
    let entries = root.children().filter(|c| c.is_element() && kind(&root).is_none());
    for element in std::iter::once(root).chain(entries) {
        match kind(&element) {
            Some(Kind::Field) => fields.push(field(&element)),
            Some(Kind::Object) => objects.push(object(&element)),
            Some(Kind::User) => users.push((one(&element, "name"), says(&element, "enabled", "true", "1"))),
            Some(Kind::Type) => types.push((one(&element, "name"), says(&element, "enabled", "true", "1"))),
            None => {}
        }
    }
    match bare(&root) {
        Some(Kind::Field) => fields.push(field(&root)),
        Some(Kind::Object) => objects.push(object(&root)),
        Some(Kind::User) => users.push((one(&root, "name"), says(&root, "enabled", "true", "1"))),
        Some(Kind::Type) => types.push((one(&root, "name"), says(&root, "enabled", "true", "1"))),
        None => {}
    }
    let ours = found.fields.iter().map(|f| {
        let value = |v: &Option<flsgate::source::Spanned<bool>>| v.as_ref().is_some_and(|v| v.value);
        (f.field.as_str().to_owned(), value(&f.readable()), value(&f.editable()))
    });
    same(&fields, &ours.collect::<Vec<Entry>>(), |(name, a, b), (own, c, d)| {
        (a, b) == (c, d) && same_name(name, own)
    });
    let ours = found.objects.iter().map(|o| {
        let said = [o.allow_read, o.allow_edit, o.view_all_fields, o.view_all_records, o.modify_all_records];
        (o.object.value.clone(), said.map(|s| s.is_some()))
    });
    same(&objects, &ours.collect::<Vec<Object>>(), |(name, a), (own, b)| a == b && same_name(name, own));
    let ours = found.users.iter().map(|u| (u.name.value.clone(), u.enabled.is_some()));
    same(&users, &ours.collect::<Vec<User>>(), |a, b| a == b);
    let ours = found.types.iter().map(|t| (t.name.value.clone(), t.enabled.is_some()));
    same(&types, &ours.collect::<Vec<User>>(), |(name, a), (own, b)| a == b && same_name(name, own));
}

fn same<T: std::fmt::Debug>(theirs: &[T], ours: &[T], alike: impl Fn(&T, &T) -> bool) {
    let all = theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(a, b)| alike(a, b));
    assert!(all, "roxmltree sees {theirs:?}, we see {ours:?}");
}

/// Tokens of a build are taken out of names; of what is left, nothing is.
fn same_name(theirs: &str, ours: &str) -> bool {
    theirs == ours || ((theirs.contains("%%%") || theirs.contains("___")) && ours.len() < theirs.len())
}

enum Kind {
    Field,
    Object,
    User,
    Type,
}

fn kind(node: &Node<'_, '_>) -> Option<Kind> {
    match node.tag_name().name() {
        "fieldPermissions" | "FieldPermission" | "fieldLevelSecurities" => Some(Kind::Field),
        "objectPermissions" | "ObjectPermission" => Some(Kind::Object),
        "userPermissions" | "UserPermission" => Some(Kind::User),
        "customMetadataTypeAccesses"
        | "CustomMetadataTypeAccess"
        | "customSettingAccesses"
        | "CustomSettingAccess" => Some(Kind::Type),
        _ => None,
    }
}

/// What the root holds of a piece, where it has its parent's name around that: the first such element tells.
fn bare(root: &Node<'_, '_>) -> Option<Kind> {
    let of_child = |child: Node<'_, '_>| match child.tag_name().name() {
        "field" | "readable" | "editable" => Some(Kind::Field),
        "object" | "allowRead" | "allowEdit" => Some(Kind::Object),
        "name" | "enabled" if one(root, "name").contains("__") => Some(Kind::Type),
        "name" | "enabled" => Some(Kind::User),
        _ => None,
    };
    if kind(root).is_some() { None } else { root.children().filter(Node::is_element).find_map(of_child) }
}

fn field(node: &Node<'_, '_>) -> Entry {
    let shown = says(node, "hidden", "false", "0");
    (one(node, "field"), says(node, "readable", "true", "1") || shown, says(node, "editable", "true", "1"))
}

fn object(node: &Node<'_, '_>) -> Object {
    let names = ["allowRead", "allowEdit", "viewAllFields", "viewAllRecords", "modifyAllRecords"];
    (one(node, "object"), names.map(|name| says(node, name, "true", "1")))
}

fn texts(node: &Node<'_, '_>, name: &str) -> Vec<String> {
    let children = node.children().filter(|c| c.is_element() && c.tag_name().name() == name);
    let text = |child: Node<'_, '_>| {
        let pieces = child.descendants().filter(Node::is_text).filter_map(|piece| piece.text());
        pieces.collect::<String>().trim().to_owned()
    };
    children.map(text).collect()
}

fn one(node: &Node<'_, '_>, name: &str) -> String {
    let all = texts(node, name);
    assert_eq!(all.len(), 1, "an entry that was read has one `{name}`");
    all.into_iter().next().unwrap_or_default()
}

fn says(node: &Node<'_, '_>, name: &str, word: &str, digit: &str) -> bool {
    texts(node, name).iter().any(|text| text.eq_ignore_ascii_case(word) || text == digit)
}
