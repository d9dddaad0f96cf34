//! The rules as SARIF describes them, each with its page.

use super::types::{Configuration, Help, Rule, RuleProperties, Text};
use crate::finding::Severity;
use crate::gate::{Asked, Verdict};

/// What is no rule, and yet is said: beside the rules, so that no viewer loses it.
pub(super) const UNDECIDED: &str = "undecided";
pub(super) const INPUT: &str = "input";
pub(super) const LEFT_OUT: &str = "left-out";
pub(super) const SETTLED: &str = "settled";

/// GitHub takes no longer description.
const MAX_DESCRIPTION: usize = 1_000;

/// Every rule, then what is no rule.
pub(super) fn rules(verdict: &Verdict) -> Vec<Rule> {
    let mut rules: Vec<Rule> = verdict.rules.iter().map(|asked| rule(verdict, asked)).collect();
    rules.push(other(
        UNDECIDED,
        Severity::Error,
        "Something that decides could not be read or judged, so there is no verdict.",
        "Correct what the message names and run again: what is undecided never passes.",
    ));
    rules.push(other(
        INPUT,
        Severity::Warning,
        "Something could not be read, and decides nothing in this run.",
        "Correct the file that the message names before a change depends on it.",
    ));
    rules.push(other(
        LEFT_OUT,
        Severity::Warning,
        "More results than this file has room for.",
        "The other formats have all of them: `--format json`, `html` or `terminal`.",
    ));
    rules.push(other(
        SETTLED,
        Severity::Note,
        "Somebody has agreed to it: an approver, a justification, or the baseline.",
        "Nothing is left to do. The suppression of the result says who or what.",
    ));
    rules
}

fn rule(verdict: &Verdict, asked: &Asked) -> Rule {
    let info = asked.info;
    // GitHub shows the weight of a rule, not of a result: that of what it says in this run.
    let of_rule = verdict.findings.iter().filter(|f| f.rule.id == info.id && f.settled.is_none());
    let weight = of_rule.map(|f| f.severity).max().or(asked.severity).or(info.severity);
    let checks = info.section("What it checks").split("\n\n").next().unwrap_or_default();
    let help = [info.section("How to fix"), info.section("How to justify")].join("\n\n");
    let mut tags = vec!["security", "salesforce"];
    tags.extend(info.controls);
    Rule {
        id: info.id,
        name: pascal(info.id),
        short_description: Text { text: info.sentence() },
        full_description: Text {
            text: plain(checks).replace('\n', " ").chars().take(MAX_DESCRIPTION).collect(),
        },
        help: Help { text: plain(&help), markdown: plain(info.page) },
        default_configuration: Configuration {
            enabled: info.severity.is_some(),
            level: level(info.severity.unwrap_or(Severity::Note)),
        },
        properties: RuleProperties {
            precision: "very-high",
            security_severity: score(weight.unwrap_or(Severity::Note)),
            tags,
        },
    }
}

fn other(id: &'static str, severity: Severity, text: &str, help: &str) -> Rule {
    Rule {
        id,
        // A name must not be the id in other letter case (SARIF1001).
        name: format!("{}Result", pascal(id)),
        short_description: Text { text: text.into() },
        full_description: Text { text: text.into() },
        help: Help { text: help.into(), markdown: help.into() },
        default_configuration: Configuration { enabled: true, level: level(severity) },
        properties: RuleProperties {
            precision: "very-high",
            security_severity: score(severity),
            tags: vec!["security", "salesforce"],
        },
    }
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// GitHub's scale: high from 7.0, medium from 4.0, low below.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.0",
        Severity::Note => "2.0",
    }
}

fn pascal(id: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_uppercase() + rest
    };
    id.split('-').map(word).collect()
}

/// A page without the links to its neighbours, which lead nowhere from where SARIF is shown.
fn plain(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, link)) = rest.split_once('[') {
        out.push_str(before);
        match link.split_once("](").and_then(|(text, after)| Some((text, after.split_once(')')?))) {
            Some((text, (target, after))) if !text.contains(['\n', '[']) && !target.starts_with("http") => {
                out.push_str(text);
                rest = after;
            }
            _ => {
                out.push('[');
                rest = link;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_neighbours_become_text() {
        assert_eq!(
            plain("a [b](c.md#d) e [f](https://g.example/) h[i] [j"),
            "a b e [f](https://g.example/) h[i] [j"
        );
        assert_eq!(plain("error[rule]: see [x](../y.md)."), "error[rule]: see x.");
        assert_eq!(pascal("view-all-fields"), "ViewAllFields");
    }
}
