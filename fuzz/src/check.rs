//! The promises: every span lies in its file, starts before it ends and cuts no character in two; every
//! error has its place in the file; every element's span is that element.

use flsgate::finding::Place;
use flsgate::metadata::{CustomField, MetadataError, Permissions, Problem};
use flsgate::policy::Mistake;
use flsgate::source::{Position, SourceFile, Span, Spanned};

/// A span of a file.
pub fn span(file: &SourceFile, span: Span) {
    let bytes = file.bytes();
    assert!(span.start <= span.end, "{span:?} runs backwards");
    assert!(span.end as usize <= bytes.len(), "{span:?} leaves the file of {} bytes", bytes.len());
    // In a file that is not UTF-8 no character can be cut in two.
    if let Ok(text) = std::str::from_utf8(bytes) {
        for at in [span.start, span.end] {
            assert!(text.is_char_boundary(at as usize), "{span:?} cuts a character in two");
        }
    }
    for at in [span.start, span.end] {
        position(file, at, file.position(at));
    }
    let location = file.location(span);
    assert!(location.start <= location.end, "{location:?} runs backwards");
}

/// A position against one that is counted here.
pub fn position(file: &SourceFile, at: u32, found: Position) {
    let bytes = file.bytes();
    let at = at as usize;
    let line = bytes[..at].iter().filter(|b| **b == b'\n').count() + 1;
    assert_eq!(found.line as usize, line, "the line of byte {at}");
    assert!(found.column >= 1, "columns count from 1");
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.is_char_boundary(at)
    {
        let start = text[..at].rfind('\n').map_or(0, |line_feed| line_feed + 1);
        let before = &text[start..at];
        let before = if start == 0 { before.strip_prefix('\u{feff}').unwrap_or(before) } else { before };
        assert_eq!(found.column as usize, before.chars().count() + 1, "the column of byte {at}");
    }
}

/// The span of an element: from its `<` to its `>`.
pub fn element(file: &SourceFile, whole: Span) {
    span(file, whole);
    let bytes = &file.bytes()[whole.range()];
    assert!(bytes.len() >= 4, "{whole:?} is too short for an element");
    assert!(bytes.starts_with(b"<") && bytes.ends_with(b">"), "{whole:?} is no element");
}

fn inside(outer: Span, inner: Span) {
    assert!(outer.start < inner.start && inner.end < outer.end, "{inner:?} is not inside {outer:?}");
}

/// A file that cannot be read says where.
pub fn metadata_error(file: &SourceFile, error: &MetadataError) {
    assert_eq!(&error.path, file.path());
    span(file, error.span);
    assert_eq!(error.position, file.position(error.span.start));
    let under = &file.bytes()[error.span.range()];
    match &error.problem {
        Problem::ConflictMarker => {
            let marks: [&[u8]; 4] = [b"=======", b">>>>>>>", b"|||||||", b"<<<<<<"];
            let is_one = marks.iter().any(|mark| under.starts_with(mark));
            assert!(is_one, "no conflict marker is at {:?}", error.span);
        }
        Problem::Boolean { .. }
        | Problem::Missing { .. }
        | Problem::Repeated { .. }
        | Problem::FieldName(_)
        | Problem::NoEndTag => element(file, error.span),
        _ => {}
    }
    one_line(&error.problem.to_string());
}

/// Messages are sentences: there are some words, and no end of them.
fn one_line(message: &str) {
    assert!(!message.is_empty());
    assert!(message.len() < 4096, "a message of {} bytes", message.len());
}

/// Mistakes of a policy folder's file, in file order.
pub fn mistakes(file: &SourceFile, mistakes: &[Mistake]) {
    assert!(!mistakes.is_empty(), "refused without a word");
    for mistake in mistakes {
        assert_eq!(mistake.path(), file.path());
        span(file, mistake.span);
        assert_eq!(mistake.position(), file.position(mistake.span.start));
        assert!(!mistake.message.is_empty());
    }
    assert!(mistakes.is_sorted_by_key(|m| m.span), "mistakes out of order");
}

/// A place of a file.
pub fn place(file: &SourceFile, place: &Place) {
    assert_eq!(place.path(), file.path());
    span(file, place.span);
}

/// Everything that permissions point at.
pub fn permissions(file: &SourceFile, found: &Permissions) {
    let mut last = 0;
    for field in &found.fields {
        element(file, field.entry());
        follows(&mut last, field.entry());
        let values = [field.readable(), field.editable()].map(|said| said.map(|value| value.span));
        for child in values.into_iter().flatten() {
            element(file, child);
            inside(field.entry(), child);
        }
        let name = &field.field;
        assert!(!name.object().is_empty() && !name.field().is_empty());
        assert_eq!(format!("{}.{}", name.object(), name.field()), name.as_str());
        for opens in [field.opens_read(), field.opens_edit()].into_iter().flatten() {
            inside(field.entry(), opens);
        }
        assert!(field.opens_edit().is_none() || field.opens_read().is_some(), "edit without read");
    }
    last = 0;
    for object in &found.objects {
        element(file, object.entry);
        follows(&mut last, object.entry);
        let said = [
            object.read,
            object.edit,
            object.allow_read,
            object.allow_edit,
            object.view_all_fields,
            object.view_all_records,
            object.modify_all_records,
        ];
        for child in said.into_iter().flatten().chain([object.object.span]) {
            element(file, child);
            inside(object.entry, child);
        }
    }
    last = 0;
    for user in &found.users {
        element(file, user.entry);
        follows(&mut last, user.entry);
        for child in user.enabled.into_iter().chain([user.name.span]) {
            element(file, child);
            inside(user.entry, child);
        }
    }
    if let Some(license) = &found.license {
        element(file, license.span);
    }
}

/// Entries follow one another; the root of a piece may be an entry itself, around and behind those that it holds.
fn follows(last: &mut u32, entry: Span) {
    assert!(entry.start >= *last || entry.end > *last, "entries out of order");
    *last = entry.end;
}

/// Everything that a field's definition points at.
pub fn field(file: &SourceFile, field: &CustomField) {
    element(file, field.span);
    let texts = [
        &field.full_name,
        &field.classification,
        &field.compliance,
        &field.business_status,
        &field.owner,
        &field.label,
        &field.field_type,
        &field.encryption_scheme,
        &field.reference_target_field,
        &field.formula,
        &field.summarized_field,
        &field.summary_foreign_key,
        &field.summary_operation,
        &field.relationship_name,
    ];
    let lists = [&field.summary_filter_fields, &field.reference_to];
    let texts = texts.into_iter().flatten().chain(lists.into_iter().flatten());
    for child in texts.map(|t| t.span).chain(field.required.iter().map(|r| r.span)) {
        element(file, child);
        inside(field.span, child);
    }
    if let Some((_, at)) = field.encryption() {
        inside(field.span, at);
    }
}

/// Names with the elements that say them; one element may list several.
pub fn names(file: &SourceFile, names: &[Spanned<String>]) {
    for name in names {
        element(file, name.span);
    }
    let follows = |pair: &[Spanned<String>]| pair[0].span == pair[1].span || pair[0].span.end <= pair[1].span.start;
    assert!(names.windows(2).all(follows), "names out of order");
}
