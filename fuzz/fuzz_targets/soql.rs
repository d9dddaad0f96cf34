//! Queries: every field is what the text says at its place, and a query is read alike alone, in a file, and
//! cut out of it.

#![no_main]

use flsgate::soql::{FieldRef, Name, Query, parse_queries, parse_soql};
use flsgate_fuzz::MAX;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.len() > MAX {
        return;
    }
    let alone = parse_soql(text);
    let all = parse_queries(text);
    match &alone {
        Ok(query) => {
            check(text, query);
            assert_eq!(all.as_deref(), Ok([query.clone()].as_slice()), "read otherwise in a file");
        }
        Err(error) => place(text, error.at()),
    }
    match &all {
        Ok(queries) => {
            let mut last = 0;
            for query in queries {
                assert!(query.start >= last, "queries out of order");
                last = query.end;
                check(text, query);
                cut_out(text, query);
            }
        }
        Err(error) => {
            place(text, error.at());
            assert!(!error.to_string().is_empty());
        }
    }
});

fn place(text: &str, at: u32) {
    assert!(text.is_char_boundary(at as usize), "byte {at} is no place in {} bytes", text.len());
}

fn under(text: &str, start: u32, end: u32) -> &str {
    assert!(start < end, "{start}..{end} is empty");
    text.get(start as usize..end as usize).expect("a span cuts no character and leaves no text")
}

fn check(text: &str, query: &Query) {
    let whole = under(text, query.start, query.end);
    assert!(whole.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select")), "`{whole}`");
    let inside = |start: u32, end: u32| assert!(start > query.start && end <= query.end, "outside its query");
    let name = |name: &Name| {
        inside(name.start, name.end);
        under(text, name.start, name.end);
        assert!(!name.text.is_empty());
    };
    let field = |field: &FieldRef| {
        inside(field.start, field.end);
        let under = under(text, field.start, field.end);
        assert!(!field.path.is_empty() && field.path.iter().all(|name| !name.is_empty()));
        let last = field.path.last().map_or("", String::as_str);
        let token = under.contains("%%%") || under.contains("___");
        assert!(token || under.rsplit('.').next() == Some(last), "`{under}` read as `{last}`");
    };
    name(&query.object);
    query.fields.iter().for_each(field);
    query.aliases.iter().for_each(name);
    for whole in &query.whole {
        inside(whole.start, whole.end);
        assert!(under(text, whole.start, whole.end).ends_with(')'));
    }
    for type_of in &query.type_of {
        field(&type_of.relationship);
        type_of.otherwise.iter().for_each(field);
        for (object, fields) in &type_of.branches {
            name(object);
            fields.iter().for_each(field);
        }
    }
    for inner in query.subqueries.iter().chain(&query.joins) {
        inside(inner.start, inner.end);
        check(text, inner);
    }
}

/// The bytes of a query alone are that query.
fn cut_out(text: &str, query: &Query) {
    let alone = parse_soql(under(text, query.start, query.end));
    let alone = alone.unwrap_or_else(|error| panic!("a query alone: {error}"));
    let reads = |q: &Query| -> Vec<Vec<String>> { q.fields.iter().map(|f| f.path.clone()).collect() };
    assert_eq!((&alone.object.text, reads(&alone)), (&query.object.text, reads(query)));
    assert_eq!((alone.joins.len(), alone.subqueries.len()), (query.joins.len(), query.subqueries.len()));
}
