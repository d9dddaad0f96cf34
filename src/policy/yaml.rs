//! YAML to a tree whose every key and value knows its bytes.
//!
//! serde stops at the first mistake; people want all of them at once. So the YAML crate reads text into [`Node`]s here, and
//! [`super::decode`] checks shape and values. Anchors, aliases and merge keys are refused: what is read must be what counts.

use super::not_yaml;
use crate::source::{SourceFile, Span, Spanned};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A policy file is prose by people; a megabyte of it is an accident or an attack.
pub(super) const MAX_BYTES: usize = 1024 * 1024;
const MAX_DEPTH: usize = 16;

/// A YAML value with its bytes.
pub(super) type Node = Spanned<Value>;

/// A YAML value. Scalars keep the text that was written: `007` and `2027-06-30` stay themselves.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// Any other scalar.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in file order, duplicate keys included.
    Map(Vec<(Spanned<String>, Node)>),
}

impl Value {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// Reads one document. An empty file is `Null`.
pub(super) fn read(file: &SourceFile) -> Result<Node, Spanned<String>> {
    read_up_to(file, MAX_BYTES)
}

/// Where a merge has left a marker, at the beginning of a line.
fn conflict_marker(text: &str) -> Option<usize> {
    let is_marker =
        |line: &str| ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|mark| line.starts_with(mark));
    let mut end = 0;
    text.split_inclusive('\n').find_map(|line| {
        end += line.len();
        is_marker(line).then(|| end - line.len())
    })
}

/// The same with another limit, for files that a program writes.
pub(super) fn read_up_to(file: &SourceFile, max: usize) -> Result<Node, Spanned<String>> {
    let bytes = file.bytes();
    if bytes.len() > max {
        return Err(Spanned::new(format!("the file is larger than {max} bytes"), Span::default()));
    }
    let bom = bytes.len() - bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).len();
    let text = std::str::from_utf8(&bytes[bom..]).map_err(|e| {
        let at = bom + e.valid_up_to();
        Spanned::new("this byte is not UTF-8; save the file as UTF-8".to_owned(), Span::new(at, at + 1))
    })?;
    if let Some(at) = conflict_marker(text) {
        let words = "a merge conflict marker is left in the file; resolve the conflict";
        return Err(Spanned::new(words.to_owned(), Span::new(bom + at, bom + at + 7)));
    }
    // A file of comments alone holds no document, which the YAML crate takes for a missing value.
    let mut lines = text.split(['\n', '\r']);
    if lines.all(|l| l.trim().is_empty() || l.trim_start().starts_with('#') || l.trim() == "---") {
        return Ok(Node::new(Value::Null, Span::new(bom, bom)));
    }
    let mut options = serde_saphyr::Options::default();
    options.with_snippet = false;
    options.duplicate_keys = serde_saphyr::DuplicateKeyPolicy::Error;
    if let Some(budget) = options.budget.as_mut() {
        budget.max_aliases = 0;
        budget.max_anchors = 0;
        budget.max_merge_keys = 0;
        budget.max_documents = 1;
        budget.max_depth = MAX_DEPTH;
        // A node takes some bytes at least, so the size of the file bounds these.
        budget.max_nodes = budget.max_nodes.max(max / 4);
        budget.max_events = budget.max_events.max(max / 2);
        budget.max_total_scalar_bytes = budget.max_total_scalar_bytes.max(max);
    }
    match serde_saphyr::from_str_with_options::<Raw>(text, options) {
        Ok(raw) => Ok(raw.place(text, bom)),
        Err(error) => {
            let error = error.without_snippet();
            let at =
                error.location().and_then(|l| file.line_start(u32::try_from(l.line()).ok()?).map(|s| (s, l)));
            let (span, line, before) = at.map_or((Span::default(), "", ""), |(start, l)| {
                let rest = &text[(start as usize - bom).min(text.len())..];
                let column = usize::try_from(l.column()).unwrap_or(1).saturating_sub(1);
                let at = rest.char_indices().nth(column).map_or(rest.len(), |(i, _)| i);
                let line = rest.lines().next().unwrap_or_default();
                (Span::new(at + start as usize, at + start as usize), line, line.get(..at).unwrap_or(line))
            });
            let error = error.to_string();
            let from = (span.start as usize).saturating_sub(bom);
            if let Some(blank) = not_yaml::wide_blank(text, from) {
                let span = Span::new(bom + blank.start, bom + blank.end);
                return Err(Spanned::new(not_yaml::WIDE_BLANK.to_owned(), span));
            }
            let span = not_yaml::tab(&error, text, from).map_or(span, |at| Span::new(bom + at, bom + at + 1));
            let above = text.get(..from.saturating_sub(before.len())).unwrap_or_default();
            let above = above.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            Err(Spanned::new(not_yaml::message(&error, line, before, above), span))
        }
    }
}

/// The tree as the YAML crate delivers it, with its own locations.
struct Raw(serde_saphyr::Spanned<RawValue>);

enum RawValue {
    Null,
    Scalar(Option<String>),
    List(Vec<Raw>),
    Map(Vec<(serde_saphyr::Spanned<String>, Raw)>),
}

impl Raw {
    fn place(self, text: &str, bom: usize) -> Node {
        let span = span(&self.0.referenced, bom);
        let value = match self.0.value {
            RawValue::Null => Value::Null,
            RawValue::Scalar(Some(text)) => Value::Text(text),
            // A bare number or boolean: what was written counts, not what YAML makes of it.
            RawValue::Scalar(None) => {
                let range = span.start as usize - bom..span.end as usize - bom;
                Value::Text(text.get(range).unwrap_or_default().trim().to_owned())
            }
            RawValue::List(items) => Value::List(items.into_iter().map(|n| n.place(text, bom)).collect()),
            RawValue::Map(pairs) => Value::Map(
                pairs
                    .into_iter()
                    .map(|(k, v)| (Spanned::new(k.value, self::span(&k.referenced, bom)), v.place(text, bom)))
                    .collect(),
            ),
        };
        // The crate gives a block collection no length: cover what is in it.
        let end = match &value {
            Value::List(items) => items.last().map(|n| n.span.end),
            Value::Map(pairs) => pairs.last().map(|(_, n)| n.span.end),
            _ => None,
        };
        Node::new(value, Span { start: span.start, end: span.end.max(end.unwrap_or(0)) })
    }
}

fn span(location: &serde_saphyr::Location, bom: usize) -> Span {
    let span = location.span();
    let number = |n: Option<u64>| usize::try_from(n.unwrap_or(0)).unwrap_or(0);
    let start = number(span.byte_offset()) + bom;
    Span::new(start, start + number(span.byte_len()))
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_saphyr::Spanned::<RawValue>::deserialize(deserializer).map(Raw)
    }
}

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_bool<E>(self, _: bool) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(None))
    }
    fn visit_i64<E>(self, _: i64) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(None))
    }
    fn visit_u64<E>(self, _: u64) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(None))
    }
    fn visit_i128<E>(self, _: i128) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(None))
    }
    fn visit_u128<E>(self, _: u128) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(None))
    }
    fn visit_f64<E>(self, _: f64) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(None))
    }
    fn visit_str<E>(self, text: &str) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(Some(text.to_owned())))
    }
    fn visit_unit<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Null)
    }
    fn visit_none<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<RawValue, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(RawValue::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<RawValue, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = access.next_key()? {
            pairs.push((key, access.next_value()?));
        }
        Ok(RawValue::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> Result<Node, Spanned<String>> {
        read(&SourceFile::new("p.yml".into(), text.as_bytes()))
    }

    fn show(text: &str) -> String {
        fn go(n: &Node, file: &SourceFile, out: &mut String) {
            let at = file.position(n.span.start);
            match &n.value {
                Value::Null => out.push_str(&format!("null@{at}")),
                Value::Text(t) => out.push_str(&format!("{t:?}@{at}+{}", n.span.end - n.span.start)),
                Value::List(items) => {
                    out.push('[');
                    items.iter().for_each(|i| go(i, file, out));
                    out.push(']');
                }
                Value::Map(pairs) => {
                    out.push('{');
                    for (k, v) in pairs {
                        out.push_str(&format!("{}@{}=", k.value, file.position(k.span.start)));
                        go(v, file, out);
                        out.push(' ');
                    }
                    out.push('}');
                }
            }
        }
        let file = SourceFile::new("p.yml".into(), text.as_bytes());
        let mut out = String::new();
        match read(&file) {
            Ok(n) => go(&n, &file, &mut out),
            Err(e) => out = format!("error {} at {}", e.value, file.position(e.span.start)),
        }
        out
    }

    #[test]
    fn every_key_and_value_knows_its_place() {
        let text = "permission_set: A # c\nentries:\n  - field: Contact.SSN__c\n    expires: 2027-06-30\n    n: 007\n    on: yes\n";
        assert_eq!(
            show(text),
            "{permission_set@1:1=\"A\"@1:17+1 entries@2:1=[{field@3:5=\"Contact.SSN__c\"@3:12+14 \
             expires@4:5=\"2027-06-30\"@4:14+10 n@5:5=\"007\"@5:8+3 on@6:5=\"yes\"@6:9+3 }] }"
        );
        assert_eq!(show("\u{feff}a: true\n"), "{a@1:1=\"true\"@1:4+4 }");
        assert_eq!(show("a:\nb: ~\n"), "{a@1:1=null@1:2 b@2:1=null@2:4 }");
    }

    #[test]
    fn an_empty_file_is_null() {
        assert_eq!(node("# nothing\n---\n").unwrap().value, Value::Null);
        assert_eq!(node("").unwrap().value, Value::Null);
    }

    #[test]
    fn slips_that_people_make_are_told_with_what_to_write() {
        let missing = "is `entries:` missing above it, or `- ` before `field`?";
        for (text, told) in [
            ("permission_set: A\n  - field: C.X\n", missing),
            ("permission_set: A\n- field: C.X\n", missing),
            ("permission_set: A\nentries:\n  field: C.X\n    access: read\n", missing),
            ("a: b\n  c: d\n", "is a name with a colon missing above it, or is it indented too far?"),
            ("why: Agents: they ask\n", "a colon stands in the text; put the text in quotes"),
            ("why: they ask: who\n", "a colon stands in the text; put the text in quotes"),
            ("owner: @anna\n", "a text cannot begin with `@`; put the text in quotes"),
            ("owner: *anna\n", "a text cannot begin with `*`; put the text in quotes"),
            ("names: *\n", "a text cannot begin with `*`; put the text in quotes"),
            ("owner: `x`\n", "a text cannot begin with ```; put the text in quotes"),
            ("owner: [abc\n", "a text cannot begin with `[`; put the text in quotes"),
            (
                "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n",
                "a merge conflict marker is left in the file",
            ),
            ("a: 1\nentries\n  - b: 1\n", "a colon is missing after the name, as in `entries:`"),
            ("a: 1\nowner:anna\n", "a space is missing after the colon; write `owner: anna`"),
            (
                "entries:\n  -field: C.X\n    access: read\n",
                "a space is missing after the dash; write `- field: C.X`",
            ),
            (
                "- field: C.X\n   access: read\n",
                "the line begins behind 3 spaces, and the one above it behind 2; begin it there, too",
            ),
            ("teams: [@acme/data]\n", "a text cannot begin with `@`; write `\"@acme/data\"`"),
            ("groups: [*]\n", "a text cannot begin with `*`; write `\"*\"`"),
            ("why: |\nThey ask\nowner: a\n", "indent this text further than the name above it at 2:1"),
            (
                "why: They\nask for it\nowner: a\n",
                "if this line belongs to the text above it, indent it further",
            ),
            ("why: [SEC] they ask\n", "put a text that begins so in quotes"),
            ("why: {SEC} they ask\n", "put a text that begins so in quotes"),
            ("why: 'the desk's'\n", "write an apostrophe within it twice"),
            ("why: \"The desk\" asks\n", "put the whole text in single quotes"),
            ("name: - A\n", "an item (`- `) begins on a line of its own"),
            ("a: b\n  \u{a0}c: d\n", "a blank that is no space"),
        ] {
            assert!(show(text).contains(told), "{text:?}: {}", show(text));
        }
    }

    #[test]
    fn a_long_line_is_not_repeated_whole() {
        let said = show(&format!("a: 1\nowner:{}\n", "x".repeat(100_000)));
        assert!(said.contains("write `owner: xxx") && said.len() < 300, "{} bytes", said.len());
    }

    /// Found by fuzzing: the place of such a blank was its first byte, the middle of a character.
    #[test]
    fn a_blank_that_is_no_space_is_shown_whole() {
        for blank in ["\u{a0}", "\u{85}", "\u{2028}", "\u{3000}"] {
            let text = format!("a: b\n  {blank}c: d\n");
            let error = node(&text).unwrap_err();
            assert!(text.get(error.span.range()).is_some(), "{:?} cuts {blank:?}", error.span);
        }
    }

    #[test]
    fn anchors_aliases_merges_and_duplicates_are_refused() {
        for text in [
            "a: &x 1\nb: *x\n",
            "a: &x 1\n",
            "base: &b {r: 1}\nc:\n  <<: *b\n",
            "a: 1\na: 2\n",
            "a: 1\n---\nb: 2\n",
            "a: [\n",
        ] {
            assert!(node(text).is_err(), "{text:?} {:?}", node(text));
        }
        assert!(show("a: 1\nb: 2\na: 3\n").ends_with("at 3:1"), "{}", show("a: 1\nb: 2\na: 3\n"));
        assert_eq!(
            show("a: &x 1\n"),
            "error an anchor (`&name`) is not allowed here; write the value out at 1:7"
        );
        let deep = "[".repeat(100_000);
        assert!(node(&deep).is_err());
    }
}
