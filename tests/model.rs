//! A second opinion of the gate: a naive model of the design, compared with the product on random changes.
//!
//! `tests/model/` is written from the design alone, by somebody who has not read `src`. Its parts, in the
//! order in which to read them: `org` (what a tree holds), `world` (what the org holds before and after),
//! `judge` (which pairs got worse and how each stands), `reasons` (justifications, approvals, masking),
//! `beside` (what asks for an approval by itself). `examples` are hand-made cases, on which both have to agree.
//!
//! Sequences have a second judge, `ledger`: it knows no rule about single changes, only what was approved, and
//! looks at what stands after each landing.
//!
//! Not in the model: access policies, integrations, replacements, submodules, destructive manifests and the key
//! `deletions` (the model keeps what goes), `.forceignore` (like a file outside of the package directories),
//! several definitions of profiles and groups, words that are nearly a label, incomplete entries.
//!
//! ```sh
//! cargo test --test model                                                # its examples, and the comparison on a budget
//! FLSGATE_MODEL_CASES=6000 cargo test --test model -- --nocapture        # more of it: with the counts
//! FLSGATE_MODEL_SEED=7 FLSGATE_MODEL_CASES=6000 cargo test --test model  # other histories
//! ```
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![allow(clippy::print_stdout, reason = "the statistics and counterexamples are for people")]

mod common;
#[path = "model/mod.rs"]
mod model;

use model::agreement::{disagreements, first_step};
use model::change::{History, history, proposed};
use model::compare::{difference, print, product, shrink};
use model::history::{for_each_step, start};
use model::judge::{Outcome, judge};
use model::ledger::Ledger;
use model::org::Org;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;

/// What the steps of a run were, for the statistics.
#[derive(Default)]
struct Counts {
    steps: usize,
    worse: usize,
    sequences: usize,
    landed: usize,
    /// Sequences after which something stands that needed an approval and never had one.
    unapproved: usize,
    /// What stood after the last of these, and the step.
    found: Option<String>,
    rules: BTreeMap<u8, usize>,
    causes: BTreeMap<&'static str, usize>,
    asks: BTreeMap<&'static str, usize>,
    outcomes: BTreeMap<(Outcome, Outcome), usize>,
}

/// How often each kind of difference came, and one step that shows it.
type Kinds = BTreeMap<String, (usize, Org, Org)>;

/// How many random histories a test judges: a number and no time, so that each run is the same run.
fn cases() -> usize {
    let asked = std::env::var("FLSGATE_MODEL_CASES").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(200)
}

/// Repositories of two commits are a tenth of the time in memory.
fn in_memory() {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() {
        let _ = tempfile::env::override_temp_dir(memory);
    }
}

fn runner(seed: u8) -> TestRunner {
    let extra = std::env::var("FLSGATE_MODEL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut bytes = [seed; 32];
    bytes[1] = extra;
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Runs a history and counts it. Gives the two trees of each step on which product and model differ.
fn run(history: &History, counts: &mut Counts) -> Vec<(String, Org, Org)> {
    let mut unapproved = false;
    let mut differing = Vec::new();
    for_each_step(history, |step| {
        count(&step.model, step.said.outcome, counts);
        if let Some(kind) = difference(&step.model, &step.said) {
            differing.push((kind, step.base.clone(), step.head.clone()));
        }
        counts.landed += usize::from(step.landed);
        if !step.unapproved.is_empty() && !unapproved {
            let open = step.unapproved.join("\n");
            counts.found = Some(format!("{open}\n{}", print(step.base, step.head)));
        }
        unapproved |= !step.unapproved.is_empty();
    });
    counts.sequences += 1;
    counts.unapproved += usize::from(unapproved);
    differing
}

fn count(model: &model::judge::Judgement, said: Outcome, counts: &mut Counts) {
    counts.steps += 1;
    counts.worse += usize::from(!model.worse.is_empty());
    *counts.outcomes.entry((model.outcome, said)).or_default() += 1;
    let rules: std::collections::BTreeSet<u8> =
        model.worse.iter().flat_map(|p| p.rules.iter().copied()).collect();
    let causes: std::collections::BTreeSet<_> = model.worse.iter().map(|p| p.cause).collect();
    let asks: std::collections::BTreeSet<_> = model.asks.iter().map(|ask| ask.what).collect();
    for rule in rules {
        *counts.rules.entry(rule).or_default() += 1;
    }
    for cause in causes {
        *counts.causes.entry(cause).or_default() += 1;
    }
    for ask in asks {
        *counts.asks.entry(ask).or_default() += 1;
    }
}

fn tell(counts: &Counts) {
    println!("{} steps in {} sequences, {} landed", counts.steps, counts.sequences, counts.landed);
    println!("{} sequences landed something that needed an approval without one", counts.unapproved);
    println!("{} steps with a worse pair", counts.worse);
    let share = |n: usize| format!("{n} ({:.1} %)", 100.0 * n as f64 / counts.steps.max(1) as f64);
    for (rule, n) in &counts.rules {
        println!("  rule {rule}: {}", share(*n));
    }
    for (cause, n) in counts.causes.iter().chain(&counts.asks) {
        println!("  {cause}: {}", share(*n));
    }
    for ((model, said), n) in &counts.outcomes {
        println!("  model {model:?}, product {said:?}: {}", share(*n));
    }
}

/// The smallest differences first.
fn by_size(kinds: &Kinds) -> Vec<(&String, &(usize, Org, Org))> {
    let mut all: Vec<_> = kinds.iter().collect();
    all.sort_by_key(|(kind, _)| kind.len());
    all
}

/// Compares histories of up to `longest` pull requests until the budget is spent; shrinks and prints one
/// example of each kind of difference.
fn compare(seed: u8, longest: usize) {
    in_memory();
    let (mut counts, mut kinds) = (Counts::default(), Kinds::new());
    let (mut runner, strategy) = (runner(seed), history(longest));
    let mut unapproved = None;
    for _ in 0..cases() {
        let tree = strategy.new_tree(&mut runner).unwrap();
        let history = tree.current();
        let before = counts.unapproved;
        let differing = run(&history, &mut counts);
        if counts.unapproved > before {
            unapproved.get_or_insert(tree);
        }
        for (kind, base, head) in differing {
            kinds.entry(kind).or_insert((0, base, head)).0 += 1;
        }
    }
    tell(&counts);
    let mut shrunk = BTreeMap::<String, (usize, String)>::new();
    for (at, (kind, (n, base, head))) in by_size(&kinds).into_iter().enumerate() {
        if at >= cases() / 20 {
            println!("not shrunk: {n} × {kind}");
            continue;
        }
        let (base, head) = shrink(base, head);
        let small = difference(&judge(&base, &head), &product(&base, &head)).unwrap_or_default();
        let open = judge(&base, &head).worse.into_iter().filter(|pair| pair.open());
        let open: Vec<String> = open.map(|pair| format!("{pair:?}\n")).collect();
        let said = product(&base, &head).texts.concat();
        let example = || format!("{}model: {}product: {said}\n", print(&base, &head), open.concat());
        shrunk.entry(small).or_insert_with(|| (0, example())).0 += n;
    }
    for (kind, (n, example)) in &shrunk {
        println!("== {n} × {kind}\n{example}");
    }
    if let Some(tree) = unapproved {
        let lands = |history: &History| {
            let mut counts = Counts::default();
            run(history, &mut counts);
            counts.unapproved > 0
        };
        let (mut counts, small) = (Counts::default(), smallest(tree, lands));
        run(&small, &mut counts);
        let told = story(&small, &|base, head| product(base, head).outcome);
        println!("== landed without its approval\n{told}{}", counts.found.unwrap_or_default());
    }
    assert_eq!(counts.unapproved, 0, "something landed without the approval that it needs");
    assert!(kinds.is_empty(), "the product differs from the model: {} kinds", shrunk.len());
}

#[test]
fn single_steps() {
    compare(1, 1);
}

#[test]
fn sequences() {
    compare(2, 6);
}

/// Every command takes the state of a pair from one place, so none can say otherwise.
#[test]
fn every_command_gives_the_same_answer() {
    in_memory();
    let (mut runner, strategy) = (runner(4), history(1));
    for _ in 0..cases() / 2 {
        let history = strategy.new_tree(&mut runner).unwrap().current();
        let Some((base, head)) = first_step(&history, &start(&history)) else { continue };
        let differing = disagreements(&base, &head);
        assert!(differing.is_empty(), "{differing:?}\n{}", print(&base, &head));
    }
}

/// A history in which the model decides what lands: what the ledger finds that nobody approved.
fn run_model_alone(history: &History) -> Option<Vec<String>> {
    let mut base = start(history);
    let mut ledger = Ledger::new(&base);
    for (ops, approved) in &history.requests {
        let head = proposed(&base, ops);
        let outcome = judge(&base, &head).outcome;
        if outcome == Outcome::Passed || (outcome == Outcome::Waiting && *approved) {
            let open = ledger.land(&base, &head, outcome == Outcome::Waiting);
            if !open.is_empty() {
                return Some(open);
            }
            base = head;
        }
    }
    None
}

/// The rules of §7 hold together over time: the model lets nothing land without an approval that it needs.
#[test]
fn the_design_holds_over_sequences() {
    let (mut runner, strategy) = (runner(3), history(6));
    for _ in 0..cases() {
        let tree = strategy.new_tree(&mut runner).unwrap();
        if run_model_alone(&tree.current()).is_none() {
            continue;
        }
        let best = smallest(tree, |history| run_model_alone(history).is_some());
        panic!("{:?}\n{}", run_model_alone(&best), story(&best, &|b, h| judge(b, h).outcome));
    }
}

/// The smallest history that proptest finds of which `fails` still holds.
fn smallest(mut tree: impl ValueTree<Value = History>, fails: impl Fn(&History) -> bool) -> History {
    let mut best = tree.current();
    for _ in 0..2000 {
        let smaller = if fails(&tree.current()) {
            best = tree.current();
            tree.simplify()
        } else {
            tree.complicate()
        };
        if !smaller {
            break;
        }
    }
    best
}

/// A history as the files of each landing.
fn story(history: &History, judged: &dyn Fn(&Org, &Org) -> Outcome) -> String {
    let mut base = start(history);
    let mut out = String::new();
    for (ops, approved) in &history.requests {
        let head = proposed(&base, ops);
        let outcome = judged(&base, &head);
        let lands = outcome == Outcome::Passed || (outcome == Outcome::Waiting && *approved);
        let change = print(&base, &head);
        let changed = change.split_once("+++").map_or("", |(_, changed)| changed);
        out.push_str(&format!("==== {ops:?}: {outcome:?}, lands: {lands}\n+++{changed}"));
        if lands {
            base = head;
        }
    }
    out
}
