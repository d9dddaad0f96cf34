//! The JSON Schemas say what the readers do: the same keys, values, ranges and defaults. And every JSON that
//! the cases give is what the output's schema says, key for key.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod common;

use flsgate::policy::{
    JUSTIFICATION_SCHEMA, POLICY_SCHEMA, Policy, TESTS_SCHEMA, read_justifications, read_policy,
    read_policy_tests,
};
use flsgate::report::{self, Format, OUTPUT_SCHEMA};
use flsgate::run::{AuditOptions, BaselineWrite, audit};
use flsgate::source::SourceFile;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Reader = fn(&str) -> Vec<String>;

/// Puts a value where it belongs in a document.
type Wrap<'w> = &'w dyn Fn(Value) -> Value;

fn schema(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn file(text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile::new("f.yml".into(), text.as_bytes()))
}

/// The mistakes that the reader finds in a policy.
fn policy(text: &str) -> Vec<String> {
    let read = read_policy(&file(text), &flsgate::rules::policy_keys());
    read.map_or_else(|all| all.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

fn policy_tests(text: &str) -> Vec<String> {
    let read = read_policy_tests(&file(text));
    read.map_or_else(|all| all.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

fn justifications(text: &str) -> Vec<String> {
    let read = read_justifications(&file(text));
    read.map_or_else(|all| all.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

/// A schema without its `$ref` and `allOf`, one level deep.
fn resolved(root: &Value, at: &Value) -> Value {
    let mut all = at.as_object().unwrap().clone();
    if let Some(name) = at["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).unwrap();
        return resolved(root, target);
    }
    for part in at["allOf"].as_array().into_iter().flatten() {
        for (key, value) in resolved(root, part).as_object().unwrap() {
            all.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    Value::Object(all)
}

/// Every place of a schema that a document can reach, as JSON that has `value` there.
fn places(root: &Value, at: &Value, wrap: Wrap<'_>, visit: &mut dyn FnMut(&Value, Wrap<'_>)) {
    let at = resolved(root, at);
    visit(&at, wrap);
    let required: Vec<&str> =
        at["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, inner) in at["properties"].as_object().into_iter().flatten() {
        // What else must be there, so that only the place itself is wrong.
        let inside = |value: Value| {
            let mut object: Map<String, Value> =
                required.iter().map(|r| ((*r).to_owned(), sample(r))).collect();
            object.insert(key.clone(), value);
            wrap(Value::Object(object))
        };
        places(root, inner, &inside, visit);
    }
    if at["additionalProperties"].is_object() {
        places(root, &at["additionalProperties"], &|value| wrap(json!({ "Free": value })), visit);
    }
    if at["items"].is_object() {
        places(root, &at["items"], &|value| wrap(json!([value])), visit);
    }
}

fn sample(key: &str) -> Value {
    match key {
        "entries" => json!([]),
        "access" => json!("read"),
        "expect" => json!("allow"),
        "reads" => json!(["A.B"]),
        "id" => json!(7),
        "kind" => json!("derived"),
        _ => json!("A.B"),
    }
}

fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What the reader lists after `start` when a place of the document is wrong.
fn told(reader: Reader, document: &Value, start: &str) -> Option<BTreeSet<String>> {
    let mistakes = reader(&document.to_string());
    let one = mistakes.iter().find_map(|m| m.split_once(start));
    one.map(|(_, list)| quoted(list))
}

fn agrees(root: &Value, start: &Value, reader: Reader, within: &dyn Fn(Value) -> Value) -> usize {
    let mut seen = 0;
    places(root, start, within, &mut |at, wrap| {
        if let (Some(properties), Some(false)) =
            (at["properties"].as_object(), at["additionalProperties"].as_bool())
        {
            let document = wrap(json!({ "zzz": 1 }));
            let keys: BTreeSet<String> = properties.keys().cloned().collect();
            // Rules are too many to list, so `explain` does.
            let rules = || flsgate::rules::ids().into_iter().map(str::to_owned).collect();
            let found = told(reader, &document, "; the keys are ")
                .or_else(|| told(reader, &document, "`flsgate explain --list`").map(|_| rules()));
            assert_eq!(found, Some(keys), "{document}");
            seen += 1;
        }
        if let Some(values) = at["enum"].as_array() {
            let document = wrap(json!("zzzzz"));
            let words: BTreeSet<String> =
                values.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
            let found = told(reader, &document, "; the values are ").or_else(|| {
                Some(["1".to_owned()].into()).filter(|_| document.to_string().contains("version"))
            });
            assert_eq!(found, Some(words), "{document}");
            seen += 1;
        }
        let range = (at["minimum"].as_u64(), at["maximum"].as_u64());
        // The number of an account has no range of ours.
        if let (Some(low), Some(high)) = (range.0, range.1.filter(|high| *high < u64::MAX)) {
            for (number, fine) in [(low, true), (high, true), (low - 1, false), (high + 1, false)] {
                let mistakes = reader(&wrap(json!(number)).to_string());
                let refused = mistakes
                    .iter()
                    .any(|m| m.contains(&format!("is not a whole number from {low} to {high}")));
                assert_eq!(refused, !fine, "{number}: {mistakes:?}");
            }
            seen += 1;
        }
    });
    seen
}

#[test]
fn keys_values_and_ranges_are_those_of_the_readers() {
    let root = schema(POLICY_SCHEMA);
    assert!(agrees(&root, &root, policy, &|v| v) > 80);
    let root = schema(JUSTIFICATION_SCHEMA);
    let definitions = &root["definitions"];
    let within = |head: Value| {
        move |entry: Value| {
            let mut file = head.as_object().unwrap().clone();
            file.insert("entries".into(), json!([entry]));
            Value::Object(file)
        }
    };
    assert!(
        agrees(&root, &definitions["entry"], justifications, &within(json!({ "permission_set": "X" }))) >= 2
    );
    assert!(
        agrees(&root, &definitions["masking"], justifications, &within(json!({ "kind": "derived" }))) >= 1
    );
    let root = schema(TESTS_SCHEMA);
    let within = |test: Value| json!({ "tests": [test] });
    assert!(agrees(&root, &root["definitions"]["test"], policy_tests, &within) >= 3);
    // The keys of the file itself are those of both forms.
    let forms = ["of_a_permission_set", "of_derived_fields"]
        .map(|f| definitions[f]["properties"].as_object().unwrap());
    let keys: BTreeSet<String> = forms.into_iter().flat_map(|f| f.keys().cloned()).collect();
    assert_eq!(told(justifications, &json!({ "zzz": 1 }), "; the keys are "), Some(keys));
}

/// Every default of the schema written out: the built-in policy.
#[test]
fn the_defaults_are_the_built_in_policy() {
    fn defaults(root: &Value, at: &Value) -> Option<Value> {
        let at = resolved(root, at);
        if let Some(value) = at.get("default") {
            return Some(value.clone());
        }
        let properties = at["properties"].as_object()?;
        let all: Map<String, Value> =
            properties.iter().filter_map(|(k, v)| Some((k.clone(), defaults(root, v)?))).collect();
        (!all.is_empty()).then_some(Value::Object(all))
    }
    let root = schema(POLICY_SCHEMA);
    let mut all = defaults(&root, &root).unwrap();
    let rules = all["rules"].take();
    let settable = flsgate::rules::ids();
    for rule in flsgate::rules::RULES.iter().filter(|rule| settable.contains(&rule.info.id)) {
        let severity = rule.info.severity.map_or_else(|| "off".to_owned(), |s| s.to_string());
        assert_eq!(rules[rule.info.id], json!(severity), "{}", rule.info.id);
    }
    all.as_object_mut().unwrap().retain(|key, _| key != "rules" && key != "approvers");
    let read = read_policy(&file(&all.to_string()), &flsgate::rules::policy_keys());
    assert_eq!(read.unwrap_or_else(|all| panic!("{all:?}")), Policy::default());
}

fn below(folder: &str, ends: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    common::files(&root).into_keys().filter(|p| p.ends_with(ends)).map(|p| root.join(p)).collect()
}

/// As YAML 1.2 reads it, and editors: `off` is a word.
fn yaml(text: &str) -> Option<Value> {
    let mut options = serde_saphyr::Options::default();
    options.strict_booleans = true;
    serde_saphyr::from_str_with_options(text, options).ok()
}

/// What the reader takes the schema takes. (The schema may take more: a date in the past is a finding.)
#[test]
fn files_that_are_read_are_valid() {
    let validators =
        [POLICY_SCHEMA, JUSTIFICATION_SCHEMA].map(|s| jsonschema::draft7::new(&schema(s)).unwrap());
    let mut counts = [0, 0];
    for path in below("tests/cases", ".yml").into_iter().chain(below("docs/rules/examples", ".yml")) {
        let which = usize::from(path.to_str().unwrap().contains("/justifications/"));
        if which == 0 && !path.ends_with("policy.yml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let mistakes = if which == 0 { policy(&text) } else { justifications(&text) };
        let Some(value) = yaml(&text) else { continue };
        if mistakes.is_empty() {
            let errors: Vec<String> = validators[which]
                .iter_errors(&value)
                .map(|e| format!("{} at {}", e, e.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{}: {errors:?}", path.display());
            counts[which] += 1;
        }
    }
    assert!(counts[0] > 40 && counts[1] > 100, "{counts:?}");
}

#[test]
fn files_with_a_wrong_key_or_value_are_not_valid() {
    let wrong = [
        (POLICY_SCHEMA, policy as Reader, "teirs: {}"),
        (POLICY_SCHEMA, policy, "unlabelled: secret"),
        (POLICY_SCHEMA, policy, "rules: { label-lowered: loud }"),
        (POLICY_SCHEMA, policy, "justifications: { max_days: 0 }"),
        (POLICY_SCHEMA, policy, "approvers: { teams: [acme] }"),
        (POLICY_SCHEMA, policy, "approvers: { people: [{ login: a }] }"),
        (POLICY_SCHEMA, policy, "integrations: { x: { permission_sets: [A], fields: [Contact] } }"),
        (POLICY_SCHEMA, policy, "tiers: { open: { classifications: Public } }"),
        (JUSTIFICATION_SCHEMA, justifications, "entries: []"),
        (JUSTIFICATION_SCHEMA, justifications, "permission_set: A\nprofile: B\nentries: []"),
        (JUSTIFICATION_SCHEMA, justifications, "permission_set: A"),
        (JUSTIFICATION_SCHEMA, justifications, "permission_set: A\nentries: [{ field: A.B }]"),
        (JUSTIFICATION_SCHEMA, justifications, "permission_set: A\nentries: [{ field: A.B, access: write }]"),
        (JUSTIFICATION_SCHEMA, justifications, "permission_set: A\nentries: [{ field: AB, access: read }]"),
        (JUSTIFICATION_SCHEMA, justifications, "kind: derived\nentries: [{ field: A.B, reads: [] }]"),
        (JUSTIFICATION_SCHEMA, justifications, "[]"),
        (TESTS_SCHEMA, policy_tests, "tests: [{ name: a }]"),
        (TESTS_SCHEMA, policy_tests, "tests: [{ name: a, expect: refuse }]"),
        (TESTS_SCHEMA, policy_tests, "tests: [{ name: a, expect: deny, user_type: guest, license: Guest }]"),
        (TESTS_SCHEMA, policy_tests, "tests: [{ name: a, expect: deny, label: Restricted }]"),
    ];
    for (text, reader, document) in wrong {
        let value = yaml(document).unwrap();
        assert!(!jsonschema::draft7::new(&schema(text)).unwrap().is_valid(&value), "{document}");
        assert!(!reader(document).is_empty(), "{document}");
    }
}

/// A contract lets keys be added; this repository's own output has none that the schema lacks.
fn strict(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(strict);
            if map.contains_key("properties") {
                map.insert("additionalProperties".into(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(strict),
        _ => {}
    }
}

#[test]
fn every_output_is_what_its_schema_says() {
    let mut schema = schema(OUTPUT_SCHEMA);
    strict(&mut schema);
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let valid = |verdict: &flsgate::gate::Verdict, what: &dyn std::fmt::Display| {
        let mut bytes = Vec::new();
        report::write(verdict, Format::Json { all: true }, &mut bytes).unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).take(3).collect();
        assert!(errors.is_empty(), "{what}: {errors:?}");
        value
    };
    let mut kinds = BTreeSet::new();
    for folder in [
        "derived-field-access",
        "group-access",
        "label-lowered",
        "view-all-fields",
        "policy-changed",
        "broad-system-permission",
    ] {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
        for case in fs::read_dir(cases).unwrap().map(|c| c.unwrap().path()) {
            let value = valid(&common::judge_folder(&case), &case.display());
            kinds.extend(value["verdict"].as_str().map(str::to_owned));
        }
    }
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    let folder = tempfile::tempdir().unwrap();
    let field = "<CustomField><securityClassification>Restricted</securityClassification></CustomField>";
    let set = "<PermissionSet><fieldPermissions><editable>false</editable><field>A.B__c</field><readable>true</readable></fieldPermissions></PermissionSet>";
    let files: [(&str, &[u8]); 2] = [
        ("objects/A/fields/B__c.field-meta.xml", field.as_bytes()),
        ("permissionsets/P.permissionset-meta.xml", set.as_bytes()),
    ];
    let commits = flsgate::git::create(folder.path(), &[&files]).unwrap();
    let options = AuditOptions {
        repository: folder.path().into(),
        revision: Some(commits[0].clone()),
        baseline: None,
        write: BaselineWrite::No,
        policy: None,
        without_justifications: false,
        base: None,
        today: common::TODAY,
        lists_all: true,
        worded: None,
        progress: None,
    };
    let value = valid(&audit(&options).unwrap(), &"an audit");
    assert_eq!((value["access"].as_array().unwrap().len(), value["verdict"].as_str()), (1, Some("blocked")));
}

/// One row for each key of the policy that holds a value: the reference in docs/policy-reference.md.
fn reference() -> String {
    fn value(root: &Value, at: &Value) -> String {
        let words = |values: &Value| {
            let words = values.as_array().unwrap().iter();
            words
                .map(|v| format!("`{}`", v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
                .collect::<Vec<_>>()
                .join(", ")
        };
        if at["enum"].is_array() {
            // A version is a number, or the same as text.
            return if at["enum"][0].is_number() {
                format!("`{}`", at["enum"][0])
            } else {
                words(&at["enum"])
            };
        }
        if let Some(choices) = at["anyOf"].as_array() {
            return choices.iter().map(|one| value(root, one)).collect::<Vec<_>>().join(", or a ");
        }
        match (at["minimum"].as_u64(), at["maximum"].as_u64(), at["type"].as_str()) {
            (Some(low), Some(high), _) => format!("{low} to {high}"),
            (_, _, Some("array")) => {
                let item = resolved(root, &at["items"]);
                match item["properties"].as_object() {
                    Some(keys) => format!(
                        "list of {}",
                        keys.keys().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(" and ")
                    ),
                    None => "list".to_owned(),
                }
            }
            _ => "text".to_owned(),
        }
    }
    fn default(at: &Value) -> String {
        let word = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        match &at["default"] {
            Value::Null => "none".to_owned(),
            Value::Array(all) if all.is_empty() => "none".to_owned(),
            Value::Array(all) => all.iter().map(|v| format!("`{}`", word(v))).collect::<Vec<_>>().join(", "),
            Value::Object(all) => {
                all.iter().map(|(k, v)| format!("`{k}: {}`", word(v))).collect::<Vec<_>>().join(", ")
            }
            one => format!("`{}`", word(one)),
        }
    }
    fn rows(root: &Value, path: &str, at: &Value, out: &mut String) {
        let at = resolved(root, at);
        // Duties of a class are one row: the tiers say what `read` and `edit` are.
        let duties = at["properties"].as_object().is_some_and(|p| p.keys().eq(["edit", "read"]));
        if let (Some(properties), false) = (at["properties"].as_object(), duties) {
            for (key, inner) in properties {
                rows(root, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, inner, out);
            }
        } else if at["additionalProperties"].is_object() {
            rows(root, &format!("{path}.NAME"), &at["additionalProperties"], out);
        } else {
            let values = if duties { "`read`, `edit`: a requirement".to_owned() } else { value(root, &at) };
            let about = at["description"].as_str().unwrap_or_default();
            out.push_str(&format!("| `{path}` | {values} | {} | {about} |\n", default(&at)));
        }
    }
    let root = schema(POLICY_SCHEMA);
    let mut all = String::from("| key | values | default | meaning |\n|---|---|---|---|\n");
    for (key, inner) in root["properties"].as_object().unwrap() {
        // The rules have a list of their own.
        if key != "rules" {
            rows(&root, key, inner, &mut all);
        }
    }
    all.push_str("| `rules.ID` | `off`, `note`, `warning`, `error` | [each rule's](rules/README.md) | Severity of a rule. |\n");
    all
}

#[test]
fn the_policy_reference_is_the_schema() {
    const MARKS: [&str; 2] = ["<!-- from the schema -->\n", "<!-- until here -->\n"];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy-reference.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(MARKS[0]).unwrap();
    let (shown, after) = rest.split_once(MARKS[1]).unwrap();
    if std::env::var_os("FLSGATE_BLESS").is_some() {
        fs::write(&path, [before, MARKS[0], &reference(), MARKS[1], after].concat()).unwrap();
    } else {
        assert_eq!(
            shown,
            reference(),
            "docs/policy-reference.md is stale: FLSGATE_BLESS=1 cargo test --test schema"
        );
    }
}
