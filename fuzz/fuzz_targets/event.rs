//! What the runner says: the payload of an event, and the inputs of the Action.
//!
//! The first line of the input is the event's name, what follows is the payload. Lines `NAME=VALUE` before
//! the payload's first `{` are variables.

#![no_main]

use flsgate::github::{Context, Event, Inputs};
use flsgate_fuzz::MAX;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

const SHA: &str = "1111111111111111111111111111111111111111";

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX {
        return;
    }
    let mut lines = data.splitn(2, |b| *b == b'\n');
    let name = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let rest = lines.next().unwrap_or_default();
    let brace = rest.iter().position(|b| *b == b'{').unwrap_or(rest.len());
    let (variables, payload) = rest.split_at(brace);
    let mut env = BTreeMap::new();
    env.insert("GITHUB_REPOSITORY".to_owned(), "acme/crm".to_owned());
    env.insert("GITHUB_SHA".to_owned(), SHA.to_owned());
    env.insert("GITHUB_EVENT_NAME".to_owned(), name);
    for line in String::from_utf8_lossy(variables).lines() {
        if let Some((name, value)) = line.split_once('=') {
            // As in `A=one\ntwo`: variables have several lines.
            env.insert(name.to_owned(), value.replace("\\n", "\n"));
        }
    }
    inputs(&env);
    match Context::read(&env, payload) {
        Ok(context) => read(&context),
        Err(why) => assert!(!why.is_empty()),
    }
    // A run is never judged as another event because of what the payload says.
    env.insert("GITHUB_EVENT_NAME".to_owned(), "workflow_dispatch".to_owned());
    if let Ok(context) = Context::read(&env, payload) {
        assert_eq!((context.event, context.sha.as_str()), (Event::Manual, env["GITHUB_SHA"].trim()));
    }
});

fn read(context: &Context) {
    let (owner, name) = context.repository.split_once('/').expect("owner/name");
    assert!(!owner.is_empty() && !name.is_empty() && !name.contains('/'));
    match &context.event {
        Event::Pull(pull) | Event::PullTarget(pull) => {
            object_id(&pull.head);
            assert_eq!(context.pull(), Some(pull.number));
        }
        Event::MergeGroup { base, head, pull, .. } => {
            object_id(base);
            object_id(head);
            assert_eq!(context.pull(), *pull);
        }
        Event::Push { before, after, .. } => {
            before.iter().for_each(|id| object_id(id));
            object_id(after);
            assert_eq!(context.pull(), None);
        }
        Event::Manual => assert_eq!(context.pull(), None),
    }
}

/// Ids go into addresses and to git.
fn object_id(id: &str) {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    assert!(id.len() == 40 && id.bytes().all(hex), "`{id}` is no commit");
}

fn inputs(env: &BTreeMap<String, String>) {
    // However it is shown, a token is not, unless somebody writes it elsewhere as well. None has a blank, which the messages'
    // own words do.
    let is_token = |t: &&str| t.len() > 20 && !t.contains(char::is_whitespace);
    let token = env.get("INPUT_TOKEN").map(|t| t.trim()).filter(is_token);
    let elsewhere =
        |t: &&str| env.iter().any(|(k, v)| k != "INPUT_TOKEN" && (v.contains(*t) || k.contains(*t)));
    let token = token.filter(|t| !elsewhere(t));
    match Inputs::read(env) {
        Ok(inputs) => {
            for (_, path) in &inputs.output {
                assert!(path.is_relative() && !path.as_os_str().is_empty());
                let inside = |c| matches!(c, std::path::Component::Normal(_));
                assert!(path.components().all(inside), "{} leaves the workspace", path.display());
            }
            for name in [&inputs.commit_status, &inputs.check_run].into_iter().flatten() {
                assert!(!name.chars().any(char::is_control));
            }
            assert!(token.is_none_or(|t| !format!("{inputs:?}").contains(t)), "a token is shown");
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty() && mistakes.is_sorted());
            assert!(token.is_none_or(|t| !mistakes.concat().contains(t)), "a token is in a message");
        }
    }
}
