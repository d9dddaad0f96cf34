//! SARIF 2.1.0, for code-scanning views and other tools that read it.
//!
//! GitHub refuses a whole file for one result without a place, and keeps 5,000 results of an upload
//! (docs.github.com, "SARIF support for code scanning"). So everything has a place, the weightiest come
//! first, and a file that had to be cut says so in a result of its own.

mod results;
mod rules;
mod types;

use super::sanitize::{clean, escape_json};
use crate::gate::{Outcome, Verdict};
use std::io::{self, Write};
use types::{Driver, Id, Invocation, Log, Notification, Run, RunProperties, Text, Tool};

pub(super) fn write(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let rules = rules::rules(verdict);
    let (results, left_out) = results::results(verdict, &rules);
    let run = Run {
        tool: Tool { driver: driver(rules) },
        // A change and what stands are different analyses: neither may close the other's alerts.
        automation_details: Id { id: if verdict.standing { "flsgate/audit/" } else { "flsgate/check/" } },
        invocations: [Invocation {
            execution_successful: verdict.outcome != Outcome::Undecided,
            exit_code: verdict.outcome.exit_status(),
            tool_execution_notifications: notifications(verdict, left_out),
        }],
        column_kind: "unicodeCodePoints",
        results,
        properties: RunProperties {
            verdict: verdict.outcome,
            base: if verdict.standing { "" } else { &verdict.base },
            head: verdict.head.as_deref(),
            left_out,
        },
    };
    let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
    // On one line: 5,000 results are large, and some readers refuse more than ten megabytes.
    let text = serde_json::to_string(&log).map_err(io::Error::from)?;
    writeln!(out, "{}", escape_json(&text))
}

fn driver(rules: Vec<types::Rule>) -> Driver {
    let home = env!("CARGO_PKG_REPOSITORY");
    Driver {
        name: "flsgate",
        semantic_version: env!("CARGO_PKG_VERSION"),
        version: env!("CARGO_PKG_VERSION"),
        information_uri: (!home.is_empty()).then_some(home),
        rules,
    }
}

fn notifications(verdict: &Verdict, left_out: usize) -> Vec<Notification> {
    let reasons = [("error", &verdict.undecided), ("warning", &verdict.warnings)];
    let told = reasons.into_iter().flat_map(|(level, reasons)| {
        reasons.iter().map(move |reason| Notification {
            level,
            message: Text { text: results::message(&reason.message) },
            locations: vec![results::reason_place(reason)],
        })
    });
    let cut = (left_out > 0).then(|| Notification {
        level: "warning",
        message: Text { text: clean(&results::cut(left_out)) },
        locations: Vec::new(),
    });
    told.chain(cut).collect()
}
