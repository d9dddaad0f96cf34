//! `flsgate explain`: a rule, or a field and who reaches it.

use super::RunError;
use super::config::{self, Asked};
use super::judge::judge;
use crate::access::Exposure;
use crate::git::Repository;
use crate::judge::{Classified, Judge, Justified, Known, State};
use crate::org::Org;
use crate::report::clean;
use crate::rules;
use crate::words::{FieldName, capital, did_you_mean, nearest};
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

/// An explanation.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// For people.
    pub text: String,
    /// Whether all was read that the answer hangs on.
    pub decided: bool,
}

/// Every rule in a line: its severity by default, its id, and what it finds.
pub fn list_rules() -> String {
    let line = |rule: &rules::Rule| {
        let severity = rule.info.severity.map_or_else(|| "off".to_owned(), |severity| severity.to_string());
        format!("{severity:<8} {:<34} {}\n", rule.info.id, rule.info.summary)
    };
    rules::RULES.iter().map(line).collect()
}

/// The explanation as text.
///
/// # Errors
/// When it is neither a rule nor a field, there is no such grantor, or the repository cannot be read.
pub fn explain(options: &ExplainOptions) -> Result<Explanation, RunError> {
    if let Some(rule) = rules::RULES.iter().find(|rule| rule.info.id == options.what) {
        return Ok(Explanation { text: rule.info.page.to_owned(), decided: true });
    }
    let Some(field) = FieldName::parse(&options.what) else {
        let part = || rules::ids().into_iter().find(|id| id.contains(options.what.as_str()));
        let near = nearest(&options.what, rules::ids()).or_else(part);
        let hint = near.map(|id| format!(". Did you mean `{id}`?")).unwrap_or_default();
        return Err(RunError::Setup(format!(
            "`{}` is neither a rule nor a field such as `Contact.SSN__c`{hint}",
            options.what
        )));
    };
    let repository = Repository::open(&options.repository)?;
    let comparison = repository.standing(options.revision.as_deref())?;
    let mut config = config::load(&comparison, Asked::Standing, None)?;
    config.also.insert(field.clone());
    let only = options.grantor.as_deref();
    let (verdict, about) = judge(&comparison, config, options.today, |cx, org| {
        no_such_holder(org, only)
            .or_else(|| no_such_field(cx, org, &field))
            .map_or_else(|| Ok(about(cx, org, &field, only)), |problem| Err(RunError::Setup(problem)))
    })?;
    let mut text = about?;
    for reason in &verdict.undecided {
        let _ = writeln!(text, "undecided: {}: {}", clean(reason.path.as_str()), clean(&reason.message));
    }
    Ok(Explanation { text, decided: verdict.undecided.is_empty() })
}

/// Why nothing can be said of a permission set, group or profile of that name.
fn no_such_holder(org: &Org<'_>, only: Option<&str>) -> Option<String> {
    let all = org.grantors();
    let name = only.filter(|name| !all.iter().any(|g| g.name().eq_ignore_ascii_case(name)))?;
    let near = did_you_mean(name, all.iter().map(|g| g.name()));
    Some(format!("there is no permission set, group or profile `{name}` in this repository{near}"))
}

/// Why nothing can be said of a field: no file, label or permission set speaks of it. Standard fields need none of that,
/// so of those only a name that is nearly a known one is taken for a slip.
fn no_such_field(cx: &Judge<'_>, org: &Org<'_>, field: &FieldName) -> Option<String> {
    let known = !matches!(cx.classified(field).known, Known::Unknown);
    let is_whole = |other: &FieldName| other == field || org.canonical(other) == org.canonical(field);
    if known || cx.delta.opened.iter().any(|opened| is_whole(&opened.exposure.field)) {
        return None;
    }
    let mut names: Vec<String> = org.all_fields().iter().map(ToString::to_string).collect();
    names.extend(cx.delta.opened.iter().map(|opened| opened.exposure.field.to_string()));
    let near = did_you_mean(field.as_str(), names.iter().map(String::as_str));
    (field.is_custom() || !near.is_empty()).then(|| {
        format!("nothing in this repository speaks of a field `{field}`: no file, no label export, no permission set{near}")
    })
}

fn about(cx: &Judge<'_>, org: &Org<'_>, field: &FieldName, only: Option<&str>) -> String {
    let mut out = String::new();
    let classified = cx.classified(field);
    let _ = writeln!(out, "{} is {}", clean(field.as_str()), clean(&classified.words()));
    label(&mut out, classified);
    let named = |e: &&Exposure| only.is_none_or(|name| e.grantor.name().eq_ignore_ascii_case(name));
    // Grants may call it by another name: a person account's, a task's, one with the namespace.
    let whole = org.canonical(field);
    let it = |e: &&Exposure| e.field == *field || org.canonical(&e.field) == whole;
    let all: Vec<&Exposure> = cx.delta.opened.iter().map(|o| &o.exposure).filter(named).filter(it).collect();
    if all.is_empty() {
        let _ = match only {
            Some(name) => writeln!(out, "\n`{}` gives no access to it", clean(name)),
            None => writeln!(out, "\nnothing in this repository gives access to it"),
        };
    }
    for exposure in all {
        let name = Some(&exposure.field).filter(|name| *name != field);
        door(cx, &mut out, exposure, name);
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
        for hop in from.input.hops() {
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

/// One grantor's access; `name` is what its grant calls the field, if not as asked.
fn door(cx: &Judge<'_>, out: &mut String, exposure: &Exposure, name: Option<&FieldName>) {
    let classified = cx.classified(&exposure.field);
    let called = name.map(|name| format!(" under the name `{}`", clean(name.as_str()))).unwrap_or_default();
    let user_type = cx.user_type(&exposure.grantor);
    let _ = writeln!(
        out,
        "\n{} gives {} access{called} ({user_type} users)",
        clean(&capital(&exposure.grantor.to_string())),
        exposure.access
    );
    for step in exposure.route.iter() {
        let start = step.place.location().start;
        let _ =
            writeln!(out, "  through {} at {}:{start}", step.kind.words(), clean(step.place.path().as_str()));
    }
    let (duty, by_user_type) = cx.duty(&exposure.grantor, classified, exposure.access);
    let _ = match cx.may_open(&exposure.grantor, classified) {
        true if by_user_type => {
            writeln!(out, "  {user_type} users: {} {}", classified.tier.words(), duty.words())
        }
        true => writeln!(out, "  {} {}", classified.tier.words(), duty.words()),
        false => writeln!(out, "  a profile may not give access to {} fields", classified.tier.words()),
    };
    match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
        Justified::Yes { entry, .. } | Justified::Lacking(entry, _) => {
            let start = entry.place.location().start;
            let _ = writeln!(out, "  justification at {}:{start}", clean(entry.place.path().as_str()));
        }
        Justified::No => {}
    }
    let _ = match cx.stands(exposure, None) {
        State::Accepted => writeln!(out, "  accepted by the baseline"),
        State::Approved => writeln!(out, "  justified and approved"),
        State::Allowed => writeln!(out, "  allowed"),
        State::Justified => writeln!(out, "  justified"),
        State::NeedsApproval | State::Unjustified | State::NotAllowed => {
            writeln!(out, "  next: {}", clean(&rules::next_step(cx, exposure, classified)))
        }
    };
}
