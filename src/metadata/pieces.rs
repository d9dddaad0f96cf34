//! Text that a comment, an instruction or CDATA splits.
//!
//! The deploy library writes definitions of fields and pieces of permission sets anew. It takes the blanks away around each
//! piece of text, and puts CDATA first.

/// The pieces of one text, as far as there are several: most texts are one piece, and nothing is kept of them.
#[derive(Default)]
pub(super) struct Pieces {
    /// CDATA, and then text without blanks around its pieces, once something splits it.
    split: Option<(String, String)>,
    /// The piece of text that goes on.
    last: String,
}

impl Pieces {
    /// Text follows; `is_first`: nothing was there before.
    pub(super) fn text(&mut self, piece: &str, is_first: bool) {
        if self.split.is_some() || !is_first {
            self.last.push_str(piece);
        }
    }

    /// A CDATA section follows on `before`.
    pub(super) fn data(&mut self, piece: &str, before: &str) {
        self.end(before);
        if let Some((data, _)) = &mut self.split {
            data.push_str(piece);
        }
    }

    /// What was there, `before`, is a piece.
    pub(super) fn end(&mut self, before: &str) {
        let (_, text) = self.split.get_or_insert_with(|| {
            self.last = before.to_owned();
            Default::default()
        });
        text.push_str(self.last.trim());
        self.last.clear();
    }

    /// Whether the library makes the same of them.
    pub(super) fn make(mut self, whole: &str) -> bool {
        if self.split.is_none() {
            return true;
        }
        self.end(whole);
        let (data, text) = self.split.unwrap_or_default();
        (data + &text).trim() == whole
    }
}

#[cfg(test)]
mod tests {
    use super::Pieces;

    /// Text, `#` for CDATA before it, `!` for a comment.
    fn is_same(pieces: &[&str]) -> bool {
        let (mut found, mut whole) = (Pieces::default(), String::new());
        for piece in pieces {
            match piece.strip_prefix('#') {
                Some(data) => {
                    found.data(data, &whole);
                    whole.push_str(data);
                }
                None if *piece == "!" => found.end(&whole),
                None => {
                    found.text(piece, whole.is_empty());
                    whole.push_str(piece);
                }
            }
        }
        found.make(whole.trim())
    }

    #[test]
    fn what_is_put_together_otherwise_is_known() {
        for same in [
            &["Contact.SSN__c"][..],
            &["Contact", ".", "SSN__c "],
            &["\n ", "#Contact.SSN__c", "\n "],
            &["!", " Contact.SSN__c ", "!"],
            &["Contact.", "!", "SSN__c"],
            &["#Contact.", "SSN__c"],
        ] {
            assert!(is_same(same), "{same:?}");
        }
        for other in [
            &["Con ", "!", "tact"][..],
            &["x * ", "!", "/ y"],
            &["#a", " b ", "#c"],
            &["Contact.", "#SSN__c"],
        ] {
            assert!(!is_same(other), "{other:?}");
        }
    }
}
