//! What GitHub's own description says about a request, and what it does not say but the server does.

use serde_json::Value;
use std::sync::LazyLock;

static SUBSET: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("openapi.json")).unwrap());

/// What is wrong with a body.
pub(crate) fn problem(method: &str, path: &str, body: &Value) -> Option<String> {
    if method == "GET" || path.ends_with("/graphql") {
        return None;
    }
    let found = SUBSET.as_object().unwrap().iter().find(|(operation, _)| fits(operation, method, path));
    let Some((_, schema)) = found else { return Some("no operation of the description".to_owned()) };
    let validator = jsonschema::validator_for(schema).unwrap();
    if let Some(error) = validator.iter_errors(body).next() {
        return Some(format!("{} at {}", error, error.instance_path()));
    }
    unknown(schema, body, "")
}

fn fits(operation: &str, method: &str, path: &str) -> bool {
    let Some((wanted, template)) = operation.split_once(' ') else { return false };
    let (template, parts): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let same = |(t, p): (&&str, &&str)| t.starts_with('{') || t == p;
    wanted == method && template.len() == parts.len() && template.iter().zip(&parts).all(same)
}

/// The description allows unknown keys, so a slip would pass.
fn unknown(schema: &Value, body: &Value, at: &str) -> Option<String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    match body {
        Value::Object(map) => {
            let properties = properties?;
            map.iter().find_map(|(key, value)| match properties.get(key) {
                None => Some(format!("unknown key {at}/{key}")),
                Some(schema) => unknown(schema, value, &format!("{at}/{key}")),
            })
        }
        Value::Array(items) => {
            let schema = schema.get("items")?;
            items.iter().find_map(|item| unknown(schema, item, at))
        }
        _ => None,
    }
}

/// Whether every line of a review comment is a line of the head in one hunk.
pub(crate) fn in_diff(files: &[Value], comment: &Value) -> bool {
    let Some(file) = files.iter().find(|f| f["filename"] == comment["path"]) else { return false };
    let (last, mut shown, mut line, mut hunk) = (comment["line"].as_u64().unwrap(), Vec::new(), 0, 0);
    for text in file["patch"].as_str().unwrap_or_default().lines() {
        if let Some(header) = text.strip_prefix("@@ -") {
            let new = header.split(['+', ',', ' ']).filter(|w| !w.is_empty()).collect::<Vec<_>>();
            // `a,b +c,d @@` or `a +c @@`: the number after the plus.
            let at = header.split_once('+').unwrap().1.split([',', ' ']).next().unwrap();
            assert!(!new.is_empty());
            line = at.parse::<u64>().unwrap();
            hunk += 1;
        } else if text.starts_with(['+', ' ']) {
            shown.push((line, hunk));
            line += 1;
        }
    }
    let hunk_of = |line: u64| shown.iter().find(|(l, _)| *l == line).map(|(_, h)| *h);
    let first = comment["start_line"].as_u64().unwrap_or(last);
    comment["side"] == "RIGHT" && first <= last && hunk_of(last).is_some() && hunk_of(first) == hunk_of(last)
}
