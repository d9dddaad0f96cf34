//! The written part of a justification, whatever it justifies: why, for how long, and who answers.

use super::decode::{Decoder, Keys};
use super::yaml::Value;
use super::{GroupDuties, Policy, stub};
use crate::source::{Span, Spanned};
use crate::words::shorten;
use jiff::civil::Date;
use std::fmt;

/// Keys of the written part.
pub(super) const KEYS: [&str; 5] = ["justification", "compliance", "owner", "ticket", "expires"];

/// A written reason. A part that is empty is missing.
#[derive(Clone, Debug, Default)]
pub struct Reason {
    /// The reason.
    pub justification: Option<Spanned<String>>,
    /// Compliance notes.
    pub compliance: Option<Spanned<String>>,
    /// Who answers for it.
    pub owner: Option<Spanned<String>>,
    /// A ticket.
    pub ticket: Option<Spanned<String>>,
    /// Last day on which it counts, as written.
    pub expires: Option<Spanned<String>>,
    /// Keys with nothing but a comment behind them that is no question of a stub: meant as text, most likely.
    commented: Vec<&'static str>,
}

/// Something that keeps an entry from counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lacks {
    /// A part is missing, empty or without substance; the text says which and what would do.
    Part(Span, String),
    /// Its last day is over.
    Expired(Span, Date),
}

impl fmt::Display for Lacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lacks::Part(_, text) => f.write_str(text),
            Lacks::Expired(_, date) => write!(f, "it ended on {date}"),
        }
    }
}

impl Reason {
    /// Takes the written part out of an entry's keys. What is missing makes a finding, not a mistake.
    pub(super) fn take(decoder: &mut Decoder, keys: &mut Keys) -> Self {
        let mut commented = Vec::new();
        let mut part = |key: &'static str| -> Option<Spanned<String>> {
            let node = keys.take(key)?;
            match node.value {
                Value::Null => {
                    let comment = decoder.comment_behind(node.span).map(str::trim);
                    commented.extend(comment.filter(|text| !stub::asks(text)).map(|_| key));
                    None
                }
                Value::Text(text) if text.trim().is_empty() => None,
                Value::Text(text) => Some(Spanned::new(text.trim().to_owned(), node.span)),
                other => {
                    decoder.mistake(node.span, format!("`{key}` is {}; expected text", other.kind()));
                    None
                }
            }
        };
        let [justification, compliance, owner, ticket, expires] = KEYS.map(&mut part);
        Reason { justification, compliance, owner, ticket, expires, commented }
    }

    /// The texts, without their places.
    pub(super) fn texts(&self) -> [Option<String>; 5] {
        let text = |t: &Option<Spanned<String>>| t.as_ref().map(|t| t.value.clone());
        [&self.justification, &self.compliance, &self.owner, &self.ticket, &self.expires].map(text)
    }

    /// Whether somebody answers for it, and whether it names a ticket.
    pub(super) fn answers(&self) -> [bool; 2] {
        [&self.owner, &self.ticket]
            .map(|part| part.as_ref().is_some_and(|text| has_substance(&text.value, 1)))
    }

    /// Everything that keeps the entry, whose bytes are `whole`, from counting on `today` for a field
    /// whose compliance groups ask for `duties`.
    pub fn lacks<'d>(
        &self,
        whole: Span,
        policy: &Policy,
        duties: impl Iterator<Item = &'d GroupDuties>,
        today: Date,
    ) -> Vec<Lacks> {
        let mut lacks = Vec::new();
        let (mut ticket, mut max_days) = (false, policy.max_days);
        for duty in duties {
            ticket |= duty.ticket;
            max_days = max_days.min(duty.max_days.unwrap_or(max_days));
        }
        let mut part = |span, text: String| lacks.push(Lacks::Part(span, text));
        let comment = |key: &str| match self.commented.contains(&key) {
            true => "; what stands behind `#` is a comment: take the `#` away, or put the text in quotes",
            false => "",
        };
        for (value, key, words) in [
            (&self.justification, "justification", policy.min_words),
            (&self.compliance, "compliance", policy.min_words.min(2)),
        ] {
            match value {
                None => part(whole, format!("`{key}` is missing{}", comment(key))),
                Some(text) if !has_substance(&text.value, words) => {
                    part(
                        text.span,
                        format!("`{key}` says too little; write at least {words} words of your own"),
                    );
                }
                Some(_) => {}
            }
        }
        let no_text = |text: &Option<Spanned<String>>, key: &str, more: &str, next: &str| match text {
            None => Some((whole, format!("`{key}` is missing{more}{}", comment(key)))),
            Some(text) if has_substance(&text.value, 1) => None,
            Some(text) => {
                let written = shorten(&text.value);
                Some((text.span, format!("`{key}`: `{written}` is only a placeholder; {next}")))
            }
        };
        if let Some((span, text)) = no_text(&self.owner, "owner", "", "write who answers for it") {
            part(span, text);
        }
        let asked = "; the field's compliance group asks for one";
        if ticket && let Some((span, text)) = no_text(&self.ticket, "ticket", asked, "write the ticket") {
            part(span, text);
        }
        match &self.expires {
            None if self.commented.contains(&"expires") => {
                part(whole, format!("`expires` is missing{}", comment("expires")));
            }
            None => part(whole, "`expires` is missing; write a date such as `2027-06-30`".into()),
            Some(text) => match text.value.parse::<Date>() {
                Err(_) => part(text.span, super::decode::no_date("`expires`", &text.value)),
                Ok(date) if date < today => lacks.push(Lacks::Expired(text.span, date)),
                Ok(date) => {
                    let last = today.saturating_add(jiff::Span::new().days(i64::from(max_days)));
                    if date > last {
                        part(
                            text.span,
                            format!("`expires` is more than {max_days} days away; the latest is `{last}`"),
                        );
                    }
                }
            },
        }
        lacks
    }
}

/// Words that stand for a reason which nobody wrote.
const EMPTY_WORDS: [&str; 14] =
    ["todo", "tbd", "fixme", "xxx", "n/a", "na", "none", "-", "?", ".", "test", "asdf", "reason", "..."];

/// Letters and digits, but for the fillers among them that nobody sees (Unicode `Default_Ignorable_Code_Point`).
fn is_seen(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

fn has_substance(text: &str, words: u32) -> bool {
    let real = text.split_whitespace().filter(|w| {
        let w = w.trim_matches(|c: char| c.is_ascii_punctuation()).to_lowercase();
        w.chars().any(is_seen) && !EMPTY_WORDS.contains(&w.as_str())
    });
    real.count() >= words as usize
}
