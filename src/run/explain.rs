//! `flsgate explain`: a rule, or a field and who reaches it.

use super::RunError;
use super::config::{self, Asked};
use super::judge::judge;
use crate::access::Exposure;
use crate::git::Repository;
use crate::policy::Duty;
use crate::report::clean;
use crate::rules::{self, Classified, Context, Justified, Known};
use crate::words::FieldName;
use jiff::civil::Date;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What to explain.
#[derive(Clone, Debug)]
pub struct ExplainOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// Revision; `None` is the working tree.
    pub revision: Option<String>,
    /// A rule's id, or a field.
    pub what: String,
    /// Of a field, only what this grantor has, by name.
    pub grantor: Option<String>,
    /// Today.
    pub today: Date,
}

/// The explanation as text.
///
/// # Errors
/// When it is neither a rule nor a field, or the repository cannot be read.
pub fn explain(options: &ExplainOptions) -> Result<String, RunError> {
    if let Some(rule) = rules::RULES.iter().find(|rule| rule.info.id == options.what) {
        return Ok(rule.info.page.to_owned());
    }
    let Some(field) = FieldName::parse(&options.what) else {
        let near = rules::ids().into_iter().find(|id| id.contains(options.what.as_str()));
        let hint = near.map(|id| format!("; did you mean `{id}`?")).unwrap_or_default();
        return Err(RunError::Setup(format!(
            "`{}` is neither a rule nor a field such as `Contact.SSN__c`{hint}",
            options.what
        )));
    };
    let repository = Repository::open(&options.repository)?;
    let comparison = repository.standing(options.revision.as_deref())?;
    let mut config = config::load(&comparison, Asked::Standing, None)?;
    config.also.insert(field.clone());
    let (verdict, text) =
        judge(&comparison, config, options.today, |cx, _| about(cx, &field, options.grantor.as_deref()))?;
    let mut text = text;
    for reason in &verdict.undecided {
        let _ = writeln!(text, "undecided: {}: {}", clean(reason.path.as_str()), clean(&reason.message));
    }
    Ok(text)
}

fn about(cx: &Context<'_>, field: &FieldName, only: Option<&str>) -> String {
    let mut out = String::new();
    let classified = cx.classified(field);
    let _ = writeln!(out, "{} is {}", clean(field.as_str()), clean(&classified.words()));
    label(&mut out, classified);
    let named = |e: &&Exposure| only.is_none_or(|name| e.grantor.name().eq_ignore_ascii_case(name));
    let all: Vec<&Exposure> =
        cx.delta.opened.iter().map(|o| &o.exposure).filter(|e| e.field == *field).filter(named).collect();
    if all.is_empty() {
        let who = only.map_or_else(|| "nobody".to_owned(), |name| format!("not `{}`", clean(name)));
        let _ = writeln!(out, "\nreached by {who} in this repository");
    }
    for exposure in all {
        door(cx, &mut out, exposure, classified);
    }
    out
}

fn label(out: &mut String, classified: &Classified) {
    match (&classified.known, classified.place()) {
        (Known::Unknown, None) => {
            let _ = writeln!(out, "  no file of this repository and no label file speaks of it");
        }
        (_, Some(place)) => {
            let start = place.location().start;
            let _ = writeln!(
                out,
                "  label: {} at {}:{start}",
                clean(&classified.label.to_string()),
                clean(place.path().as_str())
            );
        }
        _ => {}
    }
    if let Some(from) = &classified.derived {
        for hop in &from.input.hops {
            let start = hop.place.location().start;
            let _ = writeln!(
                out,
                "  reads on: {} at {}:{start}",
                clean(hop.field.as_str()),
                clean(hop.place.path().as_str())
            );
        }
        let _ = writeln!(out, "  to: {}", clean(from.input.field.as_str()));
    }
}

fn door(cx: &Context<'_>, out: &mut String, exposure: &Exposure, classified: &Classified) {
    let principal = cx.principal(&exposure.grantor);
    let _ = writeln!(
        out,
        "\n{} has {} ({principal} principals)",
        clean(&exposure.grantor.to_string()),
        exposure.access
    );
    for step in exposure.route.iter() {
        let start = step.place.location().start;
        let _ = writeln!(out, "  by {} at {}:{start}", step.kind.as_str(), clean(step.place.path().as_str()));
    }
    let (duty, by_principal) = cx.duty(&exposure.grantor, classified, exposure.access);
    if cx.policy.tiers.kind_allowed(classified.tier, exposure.grantor.kind) {
        let asks = format!("{duty:?}").to_lowercase();
        let whose = if by_principal { ", because of who holds it" } else { "" };
        let _ = writeln!(out, "  the policy says: {asks}{whose}");
    } else {
        let _ = writeln!(out, "  the policy says: no profile may grant it");
    }
    match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
        Justified::Yes { entry, .. } | Justified::Lacking(entry, _) => {
            let start = entry.place.location().start;
            let _ = writeln!(out, "  justification at {}:{start}", clean(entry.place.path().as_str()));
        }
        Justified::No => {}
    }
    if cx.accepted(exposure) {
        let _ = writeln!(out, "  accepted by the baseline");
    } else if cx.settled(exposure, classified) {
        // What stands counts as agreed to; of a branch, only `check` knows what has landed.
        let agreed = if duty == Duty::Approve { ", if its entry was approved when it landed" } else { "" };
        let _ = writeln!(out, "  settled{agreed}");
    } else {
        let _ = writeln!(out, "  not settled: {}", clean(&cx.next_step(exposure, classified)));
    }
}
