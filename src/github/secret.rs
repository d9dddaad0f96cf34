//! A token that no log can show.

use std::fmt;

/// A token. Neither `Debug` nor any error shows it; only the client that sends it reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A token from an input: trimmed; `None` when nothing is left.
    ///
    /// # Errors
    /// When it holds characters that no token has. The message does not repeat it.
    pub fn new(text: &str) -> Result<Option<Self>, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        // A line break inside would end the header that carries it.
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("holds blanks or control characters, which no token has");
        }
        Ok(Some(Secret(text.to_owned())))
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_trimmed_checked_and_hidden() {
        let token = Secret::new(" ghs_abc\n").ok().flatten();
        assert_eq!(token.as_ref().map(Secret::expose), Some("ghs_abc"));
        assert_eq!(format!("{token:?}"), "Some(Secret(hidden))");
        assert_eq!(Secret::new(" \n"), Ok(None));
        assert!(Secret::new("ghs_a\nb").is_err());
    }
}
