//! From YAML nodes to values, collecting every mistake with its place instead of stopping at the first.

use super::not_yaml;
use super::yaml::{self, Node, Value};
use crate::source::{Position, RepoPath, SourceFile, Span, Spanned};
use crate::words::did_you_mean;
use fast_glob::ErrorKind;
use jiff::civil::Date;
use std::sync::Arc;

/// One mistake in a policy or justification file.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}:{}: {message}", file.path(), self.position())]
pub struct Mistake {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The bytes that are wrong.
    pub span: Span,
    /// What is wrong, what would be valid, and the next step.
    pub message: String,
}

impl PartialEq for Mistake {
    fn eq(&self, other: &Mistake) -> bool {
        (self.path(), self.span, &self.message) == (other.path(), other.span, &other.message)
    }
}

impl Mistake {
    /// 1-based place of the mistake.
    pub fn position(&self) -> Position {
        self.file.position(self.span.start)
    }

    /// The file's path.
    pub fn path(&self) -> &RepoPath {
        self.file.path()
    }
}

/// Names of keys and rules in drafts of flsgate, and what they are called. They are read as what they are called, so
/// that no gate falls away with a new version, and each is told.
const FORMER_NAMES: [(&str, &str); 7] = [
    ("grantor", "permission_set"),
    ("grantors", "names"),
    ("principals", "user_types"),
    ("exposures", "accepted"),
    ("external-principal-grant", "external-access"),
    ("group-exposure", "group-access"),
    ("derived-exposure", "derived-field-access"),
];

/// Collects mistakes while a file is decoded.
pub(super) struct Decoder {
    pub(super) file: Arc<SourceFile>,
    pub(super) mistakes: Vec<Mistake>,
    /// Names that are called otherwise now. No mistakes: the file counts.
    pub(super) former_names: Vec<Mistake>,
}

/// The keys of a mapping, taken out one by one.
pub(super) struct Keys {
    pairs: Vec<(Spanned<String>, Node)>,
    pub(super) span: Span,
}

impl Decoder {
    pub(super) fn new(file: &Arc<SourceFile>) -> Self {
        Decoder { file: Arc::clone(file), mistakes: Vec::new(), former_names: Vec::new() }
    }

    /// The document in a YAML file, and a decoder for it.
    pub(super) fn of_yaml(file: &Arc<SourceFile>) -> Result<(Self, Node), Vec<Mistake>> {
        let mut decoder = Decoder::new(file);
        match yaml::read(file) {
            Ok(node) => Ok((decoder, node)),
            Err(error) => {
                decoder.mistake(error.span, error.value);
                Err(decoder.mistakes)
            }
        }
    }

    /// The comment behind a value on its line, without its `#`.
    pub(super) fn comment_behind(&self, value: Span) -> Option<&str> {
        let rest = self.file.bytes().get(value.end as usize..)?;
        let line = rest.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
        let line = std::str::from_utf8(line).ok()?;
        line.trim_start_matches(':')
            .split_once('#')
            .filter(|(before, _)| before.trim().is_empty())
            .map(|(_, comment)| comment)
    }

    pub(super) fn mistake(&mut self, span: Span, message: impl Into<String>) {
        self.mistakes.push(Mistake { file: Arc::clone(&self.file), span, message: message.into() });
    }

    /// A mistake about what a mapping lacks, whose bytes are `whole`. It is told only where nothing else in the mapping is
    /// wrong: a slip in a key or value is most often why.
    pub(super) fn missing(&mut self, whole: Span, message: &str) {
        let is_within = |other: &Mistake| whole.start <= other.span.start && other.span.end <= whole.end;
        if !self.mistakes.iter().any(is_within) {
            self.mistake(whole, message);
        }
    }

    /// Something that is no mistake, and yet says less than it seems to.
    pub(super) fn warn(&mut self, span: Span, message: &str) {
        self.former_names.push(Mistake { file: Arc::clone(&self.file), span, message: message.to_owned() });
    }

    /// A mapping whose keys are all among `allowed`. `Null` is an empty mapping.
    pub(super) fn map(&mut self, node: Node, what: &str, allowed: &[&str]) -> Option<Keys> {
        let pairs = match node.value {
            Value::Map(pairs) => pairs,
            Value::Null => Vec::new(),
            other => {
                self.mistake(
                    node.span,
                    format!("{what} is {}; expected lines such as `key: value`", other.kind()),
                );
                return None;
            }
        };
        let mut kept: Vec<(Spanned<String>, Node)> = Vec::new();
        for (written, value) in pairs {
            let key = self.as_called_now(&written, allowed);
            if !allowed.contains(&key.value.as_str()) {
                self.unknown_key(&key, what, allowed);
            } else if kept.iter().any(|(other, _)| other.value == key.value) {
                self.twice(&written, &key);
            } else {
                kept.push((key, value));
            }
        }
        Some(Keys { pairs: kept, span: node.span })
    }

    /// A key that is there by its former name and by the one that it has now.
    pub(super) fn twice(&mut self, written: &Spanned<String>, now: &Spanned<String>) {
        self.mistake(written.span, format!("`{}` is there by two names; keep one", now.value));
    }

    /// A key by the name that it has now.
    pub(super) fn as_called_now(&mut self, key: &Spanned<String>, allowed: &[&str]) -> Spanned<String> {
        let former = FORMER_NAMES.iter().find(|(former, now)| *former == key.value && allowed.contains(now));
        let Some((former, now)) = former else { return key.clone() };
        let message = format!("`{former}` is called `{now}` now; write `{now}`");
        self.former_names.push(Mistake { file: Arc::clone(&self.file), span: key.span, message });
        Spanned::new((*now).to_owned(), key.span)
    }

    /// A key that is none of those that are allowed.
    pub(super) fn unknown_key(&mut self, key: &Spanned<String>, what: &str, allowed: &[&str]) {
        if key.value.starts_with(|c: char| !c.is_ascii() && c.is_whitespace()) {
            return self.mistake(key.span, not_yaml::WIDE_BLANK);
        }
        let known = meant_or_all(&key.value, allowed, "keys");
        self.mistake(key.span, format!("unknown key `{}` in {what}{known}", key.value));
    }

    /// A key of `rules` that names none. All rules are too many to list; the parts of one are not.
    pub(super) fn unknown_rule(&mut self, key: &Spanned<String>, allowed: &[&str], any_rule: bool) {
        if !any_rule || !did_you_mean(&key.value, allowed.iter().copied()).is_empty() {
            return self.unknown_key(key, "`rules`", allowed);
        }
        let message =
            format!("unknown key `{}` in `rules`; `flsgate explain --list` names every rule", key.value);
        self.mistake(key.span, message);
    }

    /// A mapping with free keys, as they stand.
    pub(super) fn free_map(&mut self, node: Node, what: &str) -> Vec<(Spanned<String>, Node)> {
        match node.value {
            Value::Map(pairs) => pairs,
            Value::Null => Vec::new(),
            other => {
                self.mistake(
                    node.span,
                    format!("{what} is {}; expected lines such as `key: value`", other.kind()),
                );
                Vec::new()
            }
        }
    }

    /// Text that is not empty.
    pub(super) fn text(&mut self, node: Node, what: &str) -> Option<Spanned<String>> {
        match node.value {
            Value::Text(text) if !text.trim().is_empty() => {
                Some(Spanned::new(text.trim().to_owned(), node.span))
            }
            other => {
                let found = if matches!(other, Value::Text(_)) { "empty" } else { other.kind() };
                self.mistake(node.span, format!("{what} is {found}; expected text"));
                None
            }
        }
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, node: Node, what: &str) -> Vec<Spanned<String>> {
        match node.value {
            Value::List(items) => items.into_iter().filter_map(|item| self.text(item, what)).collect(),
            other => {
                let found = other.kind();
                let message =
                    format!("expected a list such as `[A, B]`, each item {what}, and found {found}");
                self.mistake(node.span, message);
                Vec::new()
            }
        }
    }

    /// A list of glob patterns.
    pub(super) fn patterns(&mut self, node: Node, what: &str) -> Vec<String> {
        let all = self.texts(node, what);
        all.iter().for_each(|pattern| self.pattern(pattern));
        all.into_iter().map(|pattern| pattern.value).collect()
    }

    /// A broken pattern matches nothing, so what it should have named would go free without a word.
    pub(super) fn pattern(&mut self, pattern: &Spanned<String>) {
        let Err(error) = fast_glob::validate(&pattern.value) else { return };
        let why = match error.kind {
            ErrorKind::UnclosedBrace => "is not closed: a `{` without its `}`; write `\\{` for the character",
            ErrorKind::UnclosedBracket => {
                "is not closed: a `[` without its `]`; write `\\[` for the character"
            }
            ErrorKind::TrailingBackslash => {
                "ends in a `\\` that escapes nothing; write `\\\\` for the character"
            }
            _ => "has more than ten groups in braces; write several patterns",
        };
        self.mistake(pattern.span, format!("pattern `{}` {why}", pattern.value));
    }

    /// A list of whatever.
    pub(super) fn list(&mut self, node: Node, what: &str) -> Vec<Node> {
        match node.value {
            Value::List(items) => items,
            Value::Null => Vec::new(),
            other => {
                self.mistake(node.span, format!("{what} is {}; expected a list", other.kind()));
                Vec::new()
            }
        }
    }

    /// One of a fixed set of words.
    pub(super) fn one_of<T: Copy>(&mut self, node: Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        if !matches!(node.value, Value::Text(_)) {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("{what} is {}; write one of {}", node.value.kind(), quoted(&names));
            self.mistake(node.span, message);
            return None;
        }
        let text = self.text(node, what)?;
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let known = meant_or_all(&text.value, &names, "values");
            self.mistake(text.span, format!("{what} `{}` is unknown{known}", text.value));
        }
        found
    }

    /// A day such as `2027-06-30`.
    pub(super) fn date(&mut self, node: Node, what: &str) -> Option<Date> {
        let text = self.text(node, what)?;
        let date = text.value.parse().ok();
        if date.is_none() {
            self.mistake(text.span, no_date(what, &text.value));
        }
        date
    }

    /// A whole number within `range`.
    pub(super) fn number(
        &mut self,
        node: Node,
        what: &str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        let text = self.text(node, what)?;
        let value = text.value.parse().ok().filter(|n| range.contains(n));
        if value.is_none() {
            let (low, high) = (range.start(), range.end());
            self.mistake(
                text.span,
                format!("{what} `{}` is not a whole number from {low} to {high}", text.value),
            );
        }
        value
    }
}

impl Keys {
    /// Whether a key is there and not taken yet.
    pub(super) fn has(&self, key: &str) -> bool {
        self.pairs.iter().any(|(name, _)| name.value == key)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        let at = self.pairs.iter().position(|(k, _)| k.value == key)?;
        Some(self.pairs.remove(at).1)
    }

    /// The value with the key's own place, for messages about the key.
    pub(super) fn take_with_key(&mut self, key: &str) -> Option<(Spanned<String>, Node)> {
        let at = self.pairs.iter().position(|(k, _)| k.value == key)?;
        Some(self.pairs.remove(at))
    }
}

/// The word that was meant, or where none is near all that there are.
fn meant_or_all(written: &str, words: &[&str], called: &str) -> String {
    let near = did_you_mean(written, words.iter().copied());
    if near.is_empty() { format!("; the {called} are {}", quoted(words)) } else { near }
}

/// Why a text is no field, with what to write.
pub(super) fn no_field(written: &str) -> String {
    let next = match written.split_once(':') {
        Some((object, field)) if !object.is_empty() && !field.is_empty() && !written.contains('.') => {
            format!("write a dot between object and field: `{object}.{field}`")
        }
        _ if written.trim().ends_with('.') => "take the dot at its end away".to_owned(),
        _ => "write its object as well, as in `Contact.SSN__c`".to_owned(),
    };
    format!("`{written}` is no field; {next}")
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}
/// What to say of a text that is no day.
pub(super) fn no_date(what: &str, text: &str) -> String {
    let is_of_digits =
        |(at, byte): (usize, u8)| if [4, 7].contains(&at) { byte == b'-' } else { byte.is_ascii_digit() };
    if text.len() == 10 && text.bytes().enumerate().all(is_of_digits) {
        return format!("{what}: there is no day `{text}`");
    }
    format!("{what} is no date: `{text}`; write a day as year-month-day, such as `2027-06-30`")
}
