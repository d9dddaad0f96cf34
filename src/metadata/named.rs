//! Fields that files name which give no access: by an object and a path of relationships from there.

use crate::source::Span;

/// A field that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The object that the path starts from.
    pub object: String,
    /// Relationships, and the field at the end.
    pub path: Vec<String>,
    /// The element or text that names it.
    pub span: Span,
}

/// More steps than Salesforce follows.
const MAX_STEPS: usize = 10;

/// The steps of `A.B.C`; nothing where there is only one, or anything but names.
pub(super) fn steps(text: &str) -> Option<(&str, Vec<String>)> {
    let (first, rest) = text.split_once('.')?;
    let is_name = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b':'))
    };
    let path: Vec<&str> = rest.split('.').take(MAX_STEPS + 1).collect();
    let fine = path.len() <= MAX_STEPS && is_name(first) && path.iter().all(|part| is_name(part));
    fine.then(|| (first, path.into_iter().map(str::to_owned).collect()))
}

/// What stands between `open` and the next `close` after it, with its place in `text`.
pub(super) fn between<'t>(
    text: &'t str,
    open: &'static str,
    close: &'static str,
) -> impl Iterator<Item = (usize, &'t str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(open)? + open.len();
        let end = start + text[start..].find(close)?;
        at = end;
        Some((start, &text[start..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_steps_or_more() {
        assert_eq!(steps("Contact.SSN__c"), Some(("Contact", vec!["SSN__c".to_owned()])));
        assert_eq!(steps("$Record.Account.Name").map(|(_, path)| path.len()), Some(2));
        for text in ["Contact", "Contact.", ".X", "A.B C", "A..B", "IF(A.b, 1)", &"a.".repeat(100_000)] {
            assert_eq!(steps(text), None);
        }
    }

    #[test]
    fn merges_that_never_end_take_no_time() {
        assert_eq!(between("a {!b} c {!d", "{!", "}").collect::<Vec<_>>(), [(4, "b")]);
        assert_eq!(between(&"{!".repeat(2_000_000), "{!", "}").count(), 0);
    }
}
