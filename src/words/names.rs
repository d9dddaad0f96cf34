//! How names compare, and what of them is no part of them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::Hasher;
use unicode_normalization::UnicodeNormalization;

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

/// What [`cmp_folded`] takes for equal is hashed alike.
pub(super) fn hash_folded<H: Hasher>(text: &str, state: &mut H) {
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

/// A name with its letters and accents put together: a Mac writes file names taken apart, and to Salesforce both are
/// one name.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    match text.is_ascii() {
        true => text.into(),
        false => text.nfc().collect::<String>().into(),
    }
}

/// Takes `%%%WORD%%%` and `___WORD___` out of a name. Three underscores in a row are in no legal
/// API name, so nothing real is lost; names of profiles are free, and are not for this.
pub(crate) fn strip_tokens(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    for mark in ["%%%", "___"] {
        if let Some(less) = without_tokens(&out, mark) {
            out = Cow::Owned(less);
        }
    }
    out
}

/// The text without its tokens of one kind, if there are any. Each is looked at once: before the first mark
/// stands no part of one, so taking a token out makes none.
fn without_tokens(text: &str, mark: &str) -> Option<String> {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some((start, end)) = token(rest, mark) {
        kept.push_str(&rest[..start]);
        rest = &rest[end..];
    }
    kept.push_str(rest);
    (kept.len() < text.len()).then_some(kept)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_builds_are_taken_out() {
        assert_eq!(strip_tokens("___NAMESPACE___Admin"), "Admin");
        assert_eq!(strip_tokens("%%%NAMESPACE%%%Gift__c.%%%NAMESPACE%%%Iban__c"), "Gift__c.Iban__c");
        assert_eq!(strip_tokens("___lower___Admin"), "___lower___Admin");
        assert_eq!(strip_tokens("a%%%A%%%%%%B%%%b___C___c%%%d"), "abc%%%d");
    }

    #[test]
    fn a_name_of_a_million_tokens_takes_no_time() {
        // Four megabytes, which took minutes while each token copied the rest.
        assert_eq!(strip_tokens(&("%%%A%%%".repeat(600_000) + "SSN__c")), "SSN__c");
    }
}
