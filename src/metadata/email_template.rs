//! Email templates: which fields they merge into a mail. Classic ones write `{!Contact.SSN__c}`, those of Visualforce
//! `{!recipient.SSN__c}` with the object in an attribute, and Lightning ones `{{{Recipient.SSN__c}}}` (Help, *Merge
//! Fields for Email Templates*).

use super::error::MetadataError;
use super::named::{Named, between, steps};
use super::xml::Xml;
use crate::source::{SourceFile, Span};

/// Whom a mail can go to: the template need not say which.
const RECIPIENTS: [&str; 3] = ["Contact", "Lead", "User"];

/// The fields that the body of a template merges, in file order.
pub fn merged_in_body(file: &SourceFile) -> Vec<Named> {
    let text = String::from_utf8_lossy(file.bytes());
    // Bytes that are no UTF-8 would move what stands behind them.
    let exact = matches!(text, std::borrow::Cow::Borrowed(_));
    let whole = Span::new(0, file.bytes().len());
    let attribute = |name: &str| {
        let at = memchr::memmem::find(text.as_bytes(), name.as_bytes())?;
        let value = text[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        value[1..].split(quote).next().map(str::to_owned)
    };
    let (recipient, related) = (attribute("recipientType"), attribute("relatedToType"));
    let mut found = Vec::new();
    for (start, name) in names(&text) {
        let Some((first, path)) = steps(name) else { continue };
        let span = if exact { Span::new(start, start + name.len()) } else { whole };
        let is = |word: &str| first.eq_ignore_ascii_case(word);
        let objects = match (&recipient, &related) {
            (Some(object), _) if is("recipient") => vec![object.as_str()],
            (None, _) if is("recipient") => RECIPIENTS.to_vec(),
            (_, Some(object)) if is("relatedTo") => vec![object.as_str()],
            _ => vec![first],
        };
        let of = |object: &str| Named { object: object.to_owned(), path: path.clone(), span };
        found.extend(objects.into_iter().map(of));
    }
    found
}

/// The fields that the subject and the text version in the metadata of a template merge.
///
/// # Errors
/// See [`MetadataError`].
pub fn merged_in_template(file: &SourceFile) -> Result<Vec<Named>, MetadataError> {
    let mut xml = Xml::new(file)?;
    let root = xml.root(&["EmailTemplate"], "`<EmailTemplate>`")?;
    let mut found = Vec::new();
    while let Some(element) = xml.child(&root)? {
        if !["subject", "textOnly"].contains(&element.name) {
            xml.skip(&element)?;
            continue;
        }
        let text = xml.text(&element)?;
        for (_, name) in names(&text.value) {
            let Some((first, path)) = steps(name) else { continue };
            let objects = if first.eq_ignore_ascii_case("recipient") { &RECIPIENTS[..] } else { &[first] };
            let of =
                |object: &&str| Named { object: (*object).to_owned(), path: path.clone(), span: text.span };
            found.extend(objects.iter().map(of));
        }
    }
    xml.finish()?;
    Ok(found)
}

/// Names with a dot in what a text merges, each with its place.
fn names(text: &str) -> Vec<(usize, &str)> {
    let merged = between(text, "{!", "}").chain(between(text, "{{{", "}}}"));
    let mut found: Vec<(usize, &str)> = merged.flat_map(|(start, inside)| dotted(start, inside)).collect();
    found.sort_unstable();
    found
}

/// Names with a dot in an expression. What stands in quotes is text.
fn dotted(start: usize, expression: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut quoted = false;
    let mut at = 0;
    for piece in
        expression.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$')))
    {
        let name = piece.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '$')));
        if !quoted && name.contains('.') {
            found.push((start + at, name));
        }
        quoted ^= piece.ends_with(['"', '\'']);
        at += piece.len();
    }
    found
}
