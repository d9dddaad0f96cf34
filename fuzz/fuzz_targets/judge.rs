//! Histories of pull requests, judged by the gate and by the model of `tests/model`: they agree on every step, and nothing
//! lands that needed an approval and never had one.
//!
//! Four bytes are one operation. The first byte of all says how many come before the first pull request; after that an
//! operation with the highest bit of its first byte set begins the next one, and the bit below says whether it is approved.

#![no_main]
#![allow(dead_code, reason = "the model's tests use more of it")]

#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../../tests/model/mod.rs"]
mod model;

use libfuzzer_sys::fuzz_target;
use model::change::{History, OPERATIONS, Op};
use model::compare::{difference, print};
use model::history::for_each_step;
use std::path::Path;

/// As many as the model's own test does.
const MOST_BEFORE: usize = 25;
const MOST_REQUESTS: usize = 6;
const MOST_IN_ONE: usize = 5;

fuzz_target!(
    init: {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            let _ = tempfile::env::override_temp_dir(memory);
        }
    },
    |data: &[u8]| {
        let Some(history) = history(data) else { return };
        for_each_step(&history, |step| {
            let change = || print(step.base, step.head);
            let differs = difference(&step.model, &step.said);
            assert!(differs.is_none(), "{differs:?}\n{}", change());
            assert!(step.unapproved.is_empty(), "{:?}\n{}", step.unapproved, change());
        });
    }
);

fn history(data: &[u8]) -> Option<History> {
    let (before, rest) = data.split_first()?;
    let mut operations = rest.chunks_exact(4);
    let start = operations.by_ref().take(usize::from(*before) % MOST_BEFORE).map(operation).collect();
    let mut requests: Vec<(Vec<Op>, bool)> = Vec::new();
    for bytes in operations {
        let (begins, approved) = (bytes[0] & 0x80 != 0, bytes[0] & 0x40 != 0);
        if requests.last().is_none_or(|(all, _)| begins || all.len() == MOST_IN_ONE) {
            if requests.len() == MOST_REQUESTS {
                break;
            }
            requests.push((Vec::new(), approved));
        }
        if let Some((all, _)) = requests.last_mut() {
            all.push(operation(bytes));
        }
    }
    if requests.is_empty() { None } else { Some(History { start, requests }) }
}

fn operation(bytes: &[u8]) -> Op {
    let (what, _) = OPERATIONS[usize::from(bytes[0] & 0x3f) % OPERATIONS.len()];
    Op { what, a: bytes[1], b: bytes[2], c: bytes[3] }
}
