//! `.flsgate/justifications/**/*.yml`: written reasons, one grantor a file, or derived fields.
//!
//! A file that is not understood is a mistake (undecided); an entry that is understood but lacks
//! something is data, on which rules make findings.

use super::decode::{Decoder, Mistake, no_field};
use super::principals::glob;
use super::reason::{self, Lacks, Reason};
use super::yaml::{Node, Value};
use super::{GroupDuties, Policy};
use crate::finding::Place;
use crate::source::{SourceFile, Span, Spanned};
use crate::words::{Access, FieldName, Grantor, GrantorKind};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One justification: why a grantor may have an access to a field.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who is granted.
    pub grantor: Grantor,
    /// Where the file names it.
    pub named: Span,
    /// `field` as written: a field or a pattern.
    pub field: Spanned<String>,
    /// With a pattern: the fields that were reviewed by name. Others do not match, so a field that is
    /// added later is not justified by a reason nobody wrote for it.
    pub reviewed: Vec<Spanned<String>>,
    /// The access. A reason for editing covers reading.
    pub access: Access,
    /// The written part.
    pub reason: Reason,
    /// The whole entry.
    pub place: Place,
}

/// A declaration that a derived field masks what it reads: it takes the tier of its own label, not that
/// of the fields named.
#[derive(Clone, Debug)]
pub struct Masking {
    /// The formula field or roll-up.
    pub field: Spanned<FieldName>,
    /// The fields that were reviewed by name. Others are not masked, so a formula that comes to read
    /// more is judged anew.
    pub reads: Vec<Spanned<FieldName>>,
    /// The written part.
    pub reason: Reason,
    /// The whole entry.
    pub place: Place,
}

impl Masking {
    /// What it says, to find it among others. Place, order and layout do not count.
    pub fn says(&self) -> MaskingText {
        let mut reads: Vec<FieldName> = self.reads.iter().map(|r| r.value.clone()).collect();
        reads.sort_unstable();
        (self.field.value.clone(), reads, self.reason.texts())
    }
}

/// What a declaration of masking says: the derived field, what it masks, and the written part.
pub type MaskingText = (FieldName, Vec<FieldName>, [Option<String>; 5]);

/// What an entry says but for its last day, and who its owner and which its ticket is. Place, order and layout do not
/// count.
type Said = (Grantor, String, Vec<String>, Access, [Option<String>; 2], [bool; 2]);

/// Entries by what they say: one is found among thousands without looking at each. Owner and ticket may differ, and
/// the last day by the direction that is asked for.
#[derive(Debug, Default)]
pub struct EntrySet(BTreeMap<Said, Ends>);

/// The last days of entries that say the same otherwise.
#[derive(Debug, Default)]
struct Ends {
    as_written: BTreeSet<Option<String>>,
    dates: BTreeSet<Date>,
}

impl EntrySet {
    /// Whether one says the same and ends no earlier: what was approved for longer is approved for less.
    pub fn has_no_shorter(&self, entry: &Entry) -> bool {
        self.has(entry, |dates, of_entry| dates.last() >= Some(&of_entry))
    }

    /// Whether one says the same and ends no later, though not before `today` where the entry does not.
    pub fn has_no_longer(&self, entry: &Entry, today: Date) -> bool {
        self.has(entry, |dates, last| dates.range(today.min(last)..=last).next().is_some())
    }

    fn has(&self, entry: &Entry, fits: impl Fn(&BTreeSet<Date>, Date) -> bool) -> bool {
        let Some(ends) = self.0.get(&entry.says()) else { return false };
        let expires = entry.reason.expires.as_ref().map(|text| text.value.clone());
        let date = expires.as_ref().and_then(|text| text.parse().ok());
        let fits = |date: Date| !ends.dates.is_empty() && fits(&ends.dates, date);
        ends.as_written.contains(&expires) || date.is_some_and(fits)
    }
}

impl<'e> FromIterator<&'e Entry> for EntrySet {
    fn from_iter<I: IntoIterator<Item = &'e Entry>>(entries: I) -> Self {
        let mut set = EntrySet::default();
        for entry in entries {
            let expires = entry.reason.expires.as_ref().map(|text| text.value.clone());
            let ends = set.0.entry(entry.says()).or_default();
            ends.dates.extend(expires.as_ref().and_then(|text| text.parse::<Date>().ok()));
            ends.as_written.insert(expires);
        }
        set
    }
}

/// What one file says.
#[derive(Clone, Debug, Default)]
pub struct Justifications {
    /// Reasons for grants.
    pub entries: Vec<Entry>,
    /// Reasons for derived fields.
    pub maskings: Vec<Masking>,
    /// Keys by names that they had in drafts; the file counts.
    pub former_names: Vec<Mistake>,
}

impl Entry {
    /// The fields that the entry speaks of: of a pattern those that were reviewed and that it names.
    pub fn fields(&self) -> Vec<FieldName> {
        if self.is_pattern() {
            let all = self.reviewed.iter().filter_map(|r| FieldName::parse(&r.value));
            return all.filter(|field| glob(&self.field.value, field.as_str())).collect();
        }
        FieldName::parse(&self.field.value).into_iter().collect()
    }

    /// The last day on which it counts, if it names one.
    pub fn last_day(&self) -> Option<Date> {
        self.reason.expires.as_ref().and_then(|text| text.value.parse().ok())
    }

    fn is_pattern(&self) -> bool {
        is_pattern(&self.field.value)
    }

    /// Whether both say the same, whatever their owner, ticket and last day.
    pub fn says_the_same(&self, other: &Entry) -> bool {
        self.says() == other.says()
    }

    fn says(&self) -> Said {
        let mut reviewed: Vec<String> = self.reviewed.iter().map(|r| r.value.to_ascii_lowercase()).collect();
        reviewed.sort_unstable();
        let [justification, compliance, ..] = self.reason.texts();
        let field = self.field.value.to_ascii_lowercase();
        let answers = self.reason.answers();
        (self.grantor.clone(), field, reviewed, self.access, [justification, compliance], answers)
    }

    /// Everything that keeps the entry from counting on `today` for a field whose compliance groups
    /// ask for `duties`.
    pub fn lacks<'d>(
        &self,
        policy: &Policy,
        duties: impl Iterator<Item = &'d GroupDuties>,
        today: Date,
    ) -> Vec<Lacks> {
        let mut lacks = self.reason.lacks(self.place.span, policy, duties, today);
        if self.is_pattern() && self.reviewed.is_empty() {
            let text = "`reviewed_fields` is missing; a pattern must list the fields it was reviewed for";
            lacks.push(Lacks::Part(self.field.span, text.into()));
        }
        lacks
    }
}

fn is_pattern(field: &str) -> bool {
    field.contains(['*', '?', '[', '{'])
}

/// Reads one file.
///
/// # Errors
/// Every mistake in the file, in file order.
pub fn read_justifications(file: &Arc<SourceFile>) -> Result<Justifications, Vec<Mistake>> {
    let (mut decoder, node) = Decoder::of_yaml(file)?;
    let entries = entries(&mut decoder, node);
    if decoder.mistakes.is_empty() {
        return Ok(Justifications { former_names: decoder.former_names, ..entries });
    }
    decoder.mistakes.sort_by_key(|m| m.span);
    Err(decoder.mistakes)
}

/// Keys that name a grantor.
pub(super) const KINDS: [(&str, GrantorKind); 3] = [
    ("permission_set", GrantorKind::PermissionSet),
    ("permission_set_group", GrantorKind::PermissionSetGroup),
    ("profile", GrantorKind::Profile),
];

fn entries(decoder: &mut Decoder, node: Node) -> Justifications {
    let (span, mut found) = (node.span, Justifications::default());
    if node.value == Value::Null {
        if decoder.file.bytes().trim_ascii().is_empty() {
            let message = "the file is empty, and justifies nothing; start it with `permission_set: NAME` and `entries:`";
            decoder.warn(span, message);
        }
        return found;
    }
    let allowed = ["permission_set", "permission_set_group", "profile", "kind", "entries"];
    if !matches!(node.value, Value::Map(_)) {
        let is = node.value.kind();
        decoder
            .mistake(span, format!("the file is {is}; start it with `permission_set: NAME` and `entries:`"));
        return found;
    }
    let Some(mut keys) = decoder.map(node, "the justification file", &allowed) else { return found };
    let derived = keys.take("kind").map(|node| decoder.one_of(node, "kind", &[("derived", true)]));
    let mut grantor = None;
    for (key, kind) in KINDS {
        let Some((at, node)) = keys.take_with_key(key) else { continue };
        let Some(name) = decoder.text(node, &format!("`{key}`")) else { continue };
        if grantor.is_some() {
            decoder.mistake(
                at.span,
                "the file names more than one permission set or profile; write one file for each",
            );
        }
        grantor = Some(Spanned::new(Grantor::new(kind, &name.value), name.span));
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
            return found;
        }
        None => {
            decoder.missing(
                keys.span,
                "`entries` is missing; expected a list, each item starting with `- field:`",
            );
            return found;
        }
    };
    if derived.is_some() {
        if grantor.is_some() {
            decoder.mistake(
                span,
                "`kind: derived` speaks of fields, not of a permission set; write one file for each",
            );
        }
        found.maskings = list.into_iter().filter_map(|item| masking(decoder, item)).collect();
        return found;
    }
    // Without a grantor the entries are decoded all the same, so that every mistake is told at once.
    let grantor = grantor.unwrap_or_else(|| {
        decoder.missing(span, "no permission set; add `permission_set: NAME`, `permission_set_group: NAME` or `profile: NAME`; a file about derived fields has `kind: derived`");
        Spanned::new(Grantor::new(GrantorKind::PermissionSet, ""), span)
    });
    found.entries = list.into_iter().filter_map(|item| entry(decoder, &grantor, item)).collect();
    found
}

fn masking(decoder: &mut Decoder, node: Node) -> Option<Masking> {
    let allowed: Vec<&str> = ["field", "reads"].into_iter().chain(reason::KEYS).collect();
    let mut keys = decoder.map(node, "an entry", &allowed)?;
    let place = Place::new(&decoder.file, keys.span);
    let name = |decoder: &mut Decoder, text: Spanned<String>| {
        let field = FieldName::parse(&text.value);
        if field.is_none() {
            decoder.mistake(text.span, no_field(&text.value));
        }
        field.map(|field| Spanned::new(field, text.span))
    };
    let Some(field) = keys.take("field") else {
        decoder.missing(keys.span, "the entry has no `field`; write `field: Object.Field`");
        return None;
    };
    let field = decoder.text(field, "`field`")?;
    let field = name(decoder, field)?;
    let reads = keys.take("reads").map(|n| decoder.texts(n, "a field of `reads`")).unwrap_or_default();
    if reads.is_empty() {
        decoder.missing(keys.span, "the entry has no `reads`; list the fields whose data it masks");
    }
    let reads = reads.into_iter().filter_map(|text| name(decoder, text)).collect();
    Some(Masking { field, reads, reason: Reason::take(decoder, &mut keys), place })
}

fn entry(decoder: &mut Decoder, grantor: &Spanned<Grantor>, node: Node) -> Option<Entry> {
    let allowed: Vec<&str> = ["field", "reviewed_fields", "access"].into_iter().chain(reason::KEYS).collect();
    let mut keys = decoder.map(node, "an entry", &allowed)?;
    let place = Place::new(&decoder.file, keys.span);
    let field = match keys.take("field") {
        Some(node) => decoder.text(node, "`field`")?,
        None => {
            decoder.missing(keys.span, "the entry has no `field`; write `field: Object.Field`");
            return None;
        }
    };
    if FieldName::parse(&field.value).is_none() {
        decoder.mistake(field.span, no_field(&field.value));
    }
    if is_pattern(&field.value) {
        decoder.pattern(&field);
    }
    let accesses = [("read", Access::Read), ("edit", Access::Edit)];
    let access = match keys.take("access") {
        Some(node) => decoder.one_of(node, "access", &accesses)?,
        None => {
            decoder.missing(keys.span, "the entry has no `access`; write `access: read` or `access: edit`");
            return None;
        }
    };
    let reviewed =
        keys.take("reviewed_fields").map(|n| decoder.texts(n, "a reviewed field")).unwrap_or_default();
    for name in &reviewed {
        if FieldName::parse(&name.value).is_none() {
            decoder.mistake(name.span, no_field(&name.value));
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
    let reason = Reason::take(decoder, &mut keys);
    Some(Entry {
        grantor: grantor.value.clone(),
        named: grantor.span,
        field,
        reviewed,
        access,
        reason,
        place,
    })
}
