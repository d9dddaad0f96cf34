//! `.flsgate/justifications/**/*.yml`: written reasons, one grantor a file.
//!
//! A file that is not understood is a mistake (undecided); an entry that is understood but lacks
//! something is data, on which rules make findings.

use super::decode::{Decoder, Mistake};
use super::principals::glob;
use super::yaml::{self, Node, Value};
use super::{GroupDuties, Policy};
use crate::finding::Place;
use crate::source::{SourceFile, Span, Spanned};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use jiff::civil::Date;
use std::sync::Arc;

/// One justification: why a grantor may have an access to a field.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who is granted.
    pub grantor: Grantor,
    /// `field` as written: a field or a pattern.
    pub field: Spanned<String>,
    /// With a pattern: the fields that were reviewed by name. Others do not match, so a field that is
    /// added later is not justified by a reason nobody wrote for it.
    pub reviewed: Vec<Spanned<String>>,
    /// The access. A reason for editing covers reading.
    pub access: Access,
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
    /// The whole entry.
    pub place: Place,
}

/// Something that keeps an entry from counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lacks {
    /// A part is missing, empty or without substance; the text says which and what would do.
    Part(Span, String),
    /// Its last day is over.
    Expired(Span, Date),
}

impl Entry {
    /// Whether the entry speaks of this grantor, field and access.
    pub fn matches(&self, grantor: &Grantor, field: &FieldName, access: Access) -> bool {
        self.grantor == *grantor && self.access >= access && self.names(field)
    }

    /// Whether the entry speaks of this field.
    pub fn names(&self, field: &FieldName) -> bool {
        if self.is_pattern() {
            let reviewed = self.reviewed.iter().any(|r| FieldName::parse(&r.value).as_ref() == Some(field));
            return reviewed && glob(&self.field.value, field.as_str());
        }
        FieldName::parse(&self.field.value).as_ref() == Some(field)
    }

    /// The fields that the entry names.
    pub fn fields(&self) -> Vec<FieldName> {
        if self.is_pattern() {
            let all = self.reviewed.iter().filter_map(|r| FieldName::parse(&r.value));
            return all.filter(|f| self.names(f)).collect();
        }
        FieldName::parse(&self.field.value).into_iter().collect()
    }

    fn is_pattern(&self) -> bool {
        is_pattern(&self.field.value)
    }

    /// Whether `other` says the same of this access or a narrower one.
    pub fn covers(&self, other: &Self) -> bool {
        let widened = Entry { access: self.access, ..other.clone() };
        self.access >= other.access && self.same(&widened)
    }

    /// Whether both say the same. Place, order and layout do not count.
    pub fn same(&self, other: &Self) -> bool {
        let text = |t: &Option<Spanned<String>>| t.as_ref().map(|t| t.value.clone());
        let parts = |e: &Self| {
            let mut reviewed: Vec<String> = e.reviewed.iter().map(|r| r.value.to_ascii_lowercase()).collect();
            reviewed.sort_unstable();
            let texts = [&e.justification, &e.compliance, &e.owner, &e.ticket, &e.expires].map(text);
            (e.grantor.clone(), e.field.value.to_ascii_lowercase(), reviewed, e.access, texts)
        };
        parts(self) == parts(other)
    }

    /// Everything that keeps the entry from counting on `today` for a field whose compliance groups
    /// ask for `duties`.
    pub fn lacks<'d>(
        &self,
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
        let whole = self.place.span;
        let mut part = |span, text: String| lacks.push(Lacks::Part(span, text));
        for (value, key, words) in [
            (&self.justification, "justification", policy.min_words),
            (&self.compliance, "compliance", policy.min_words.min(2)),
        ] {
            match value {
                None => part(whole, format!("`{key}` is missing")),
                Some(text) if !has_substance(&text.value, words) => {
                    part(
                        text.span,
                        format!("`{key}` says too little; write at least {words} words of your own"),
                    );
                }
                Some(_) => {}
            }
        }
        if self.owner.as_ref().is_none_or(|o| !has_substance(&o.value, 1)) {
            part(self.owner.as_ref().map_or(whole, |o| o.span), "`owner` is missing".into());
        }
        if ticket && self.ticket.as_ref().is_none_or(|t| !has_substance(&t.value, 1)) {
            let span = self.ticket.as_ref().map_or(whole, |t| t.span);
            part(span, "`ticket` is missing; the field's compliance group asks for one".into());
        }
        if self.is_pattern() && self.reviewed.is_empty() {
            part(
                self.field.span,
                "`reviewed_fields` is missing; a pattern must list the fields it was reviewed for".into(),
            );
        }
        match &self.expires {
            None => part(whole, "`expires` is missing; write a date such as `2027-06-30`".into()),
            Some(text) => match text.value.parse::<Date>() {
                Err(_) => part(
                    text.span,
                    format!("`expires` is no date: `{}`; write it as `2027-06-30`", text.value),
                ),
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

fn is_pattern(field: &str) -> bool {
    field.contains(['*', '?', '[', '{'])
}

/// Words that stand for a reason which nobody wrote.
const EMPTY_WORDS: [&str; 14] =
    ["todo", "tbd", "fixme", "xxx", "n/a", "na", "none", "-", "?", ".", "test", "asdf", "reason", "..."];

fn has_substance(text: &str, words: u32) -> bool {
    let real = text.split_whitespace().filter(|w| {
        let w = w.trim_matches(|c: char| c.is_ascii_punctuation()).to_lowercase();
        !w.is_empty() && !EMPTY_WORDS.contains(&w.as_str())
    });
    real.count() >= words as usize
}

/// Reads one file.
///
/// # Errors
/// Every mistake in the file, in file order.
pub fn read_justifications(file: &Arc<SourceFile>) -> Result<Vec<Entry>, Vec<Mistake>> {
    let mut decoder = Decoder::new(file);
    let node = match yaml::read(file) {
        Ok(node) => node,
        Err(error) => {
            decoder.mistake(error.span, error.value);
            return Err(decoder.mistakes);
        }
    };
    let entries = entries(&mut decoder, node);
    if decoder.mistakes.is_empty() {
        return Ok(entries);
    }
    decoder.mistakes.sort_by_key(|m| m.span);
    Err(decoder.mistakes)
}

const KINDS: [(&str, GrantorKind); 3] = [
    ("grantor", GrantorKind::PermissionSet),
    ("permission_set_group", GrantorKind::PermissionSetGroup),
    ("profile", GrantorKind::Profile),
];

fn entries(decoder: &mut Decoder, node: Node) -> Vec<Entry> {
    let span = node.span;
    if node.value == Value::Null {
        return Vec::new();
    }
    let allowed = ["grantor", "permission_set_group", "profile", "entries"];
    if !matches!(node.value, Value::Map(_)) {
        let found = node.value.kind();
        decoder.mistake(span, format!("the file is {found}; start it with `grantor: NAME` and `entries:`"));
        return Vec::new();
    }
    let Some(mut keys) = decoder.map(node, "the justification file", &allowed) else { return Vec::new() };
    let mut grantor = None;
    for (key, kind) in KINDS {
        let Some((at, node)) = keys.take_with_key(key) else { continue };
        let Some(name) = decoder.text(node, &format!("`{key}`")) else { continue };
        if grantor.is_some() {
            decoder.mistake(at.span, "the file names more than one grantor; write one file for each");
        }
        grantor = Some(Grantor::new(kind, &name.value));
    }
    let list = match keys.take("entries") {
        Some(Node { value: Value::List(items), .. }) => items,
        Some(Node { value: Value::Null, .. }) => Vec::new(),
        Some(other) => {
            let message = format!(
                "`entries` is {}; expected a list, each item starting with `- field:`",
                other.value.kind()
            );
            decoder.mistake(other.span, message);
            return Vec::new();
        }
        None => {
            decoder.mistake(
                keys.span,
                "`entries` is missing; expected a list, each item starting with `- field:`",
            );
            return Vec::new();
        }
    };
    // Without a grantor the entries are decoded all the same, so that every mistake is told at once.
    let grantor = grantor.unwrap_or_else(|| {
        decoder.mistake(span, "no grantor; add `grantor: NAME` (a permission set), `permission_set_group: NAME` or `profile: NAME`");
        Grantor::new(GrantorKind::PermissionSet, "")
    });
    list.into_iter().filter_map(|item| entry(decoder, &grantor, item)).collect()
}

fn entry(decoder: &mut Decoder, grantor: &Grantor, node: Node) -> Option<Entry> {
    let allowed =
        ["field", "reviewed_fields", "access", "justification", "compliance", "owner", "ticket", "expires"];
    let mut keys = decoder.map(node, "an entry", &allowed)?;
    let place = Place::new(&decoder.file, keys.span);
    let field = match keys.take("field") {
        Some(node) => decoder.text(node, "`field`")?,
        None => {
            decoder.mistake(keys.span, "the entry has no `field`; write `field: Object.Field`");
            return None;
        }
    };
    if FieldName::parse(&field.value).is_none() {
        decoder.mistake(field.span, format!("`{}` is no field; write `Object.Field`", field.value));
    }
    let accesses = [("read", Access::Read), ("edit", Access::Edit)];
    let access = match keys.take("access") {
        Some(node) => decoder.one_of(node, "access", &accesses)?,
        None => {
            decoder.mistake(keys.span, "the entry has no `access`; write `access: read` or `access: edit`");
            return None;
        }
    };
    let reviewed =
        keys.take("reviewed_fields").map(|n| decoder.texts(n, "a reviewed field")).unwrap_or_default();
    for name in &reviewed {
        if FieldName::parse(&name.value).is_none() {
            decoder.mistake(name.span, format!("`{}` is no field; write `Object.Field`", name.value));
        }
    }
    for name in reviewed.iter().filter(|_| is_pattern(&field.value)) {
        if !glob(&field.value, &name.value) {
            decoder
                .mistake(name.span, format!("`{}` does not match the pattern `{}`", name.value, field.value));
        }
    }
    if let (Some(first), false) = (reviewed.first(), is_pattern(&field.value)) {
        decoder.mistake(
            first.span,
            "`reviewed_fields` goes with a pattern such as `Account.*`; name one field or a pattern",
        );
    }
    // A part that is empty is missing: what is missing makes a finding, not a mistake.
    let mut part = |key: &str| -> Option<Spanned<String>> {
        let node = keys.take(key)?;
        match node.value {
            Value::Null => None,
            Value::Text(text) if text.trim().is_empty() => None,
            Value::Text(text) => Some(Spanned::new(text.trim().to_owned(), node.span)),
            other => {
                decoder.mistake(node.span, format!("`{key}` is {}; expected text", other.kind()));
                None
            }
        }
    };
    let (justification, compliance, owner) = (part("justification"), part("compliance"), part("owner"));
    let (ticket, expires) = (part("ticket"), part("expires"));
    Some(Entry {
        grantor: grantor.clone(),
        field,
        reviewed,
        access,
        justification,
        compliance,
        owner,
        ticket,
        expires,
        place,
    })
}
