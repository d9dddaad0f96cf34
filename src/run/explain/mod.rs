//! `flsgate explain`: a rule, or a field and who reaches it.

mod meant;

use meant::in_shell;
pub(super) use meant::no_such_holder;

use super::RunError;
use super::config::{self, Asked};
use super::judge::judge;
use crate::access::{self, Exposure};
use crate::gate::Reason;
use crate::git::Repository;
use crate::judge::{Judge, Justified, State};
use crate::org::Org;
use crate::policy::{Duty, Lacks};
use crate::report::clean;
use crate::rules;
use crate::rules::Background;
use crate::tiers::{Classified, Known, MaskingDeclaration};
use crate::words::{FieldName, capital, counted};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Formulas that are named.
const READERS: usize = 10;

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
        if let Some(holder) = &options.grantor {
            return Err(RunError::Setup(meant::rule_and_more(rule.info.id, holder)));
        }
        return Ok(Explanation { text: meant::without_links(rule.info.page), decided: true });
    }
    if let Some(text) = meant::no_rule(&options.what) {
        return Ok(Explanation { text: text.to_owned(), decided: true });
    }
    let field = FieldName::parse(&options.what);
    if field.is_none() {
        meant::near_rule(&options.what).map_err(RunError::Setup)?;
    }
    let repository = Repository::open(&options.repository)?;
    let comparison = repository.standing(options.revision.as_deref())?;
    let mut config = config::load(&comparison, Asked::Standing, None)?.without_findings();
    config.also.extend(field.clone());
    let is_exported = field.as_ref().is_some_and(|field| config.unlabelled.contains(field));
    let only = options.grantor.as_deref();
    let (verdict, about) = judge(&comparison, config, options.today, |cx, background, org| {
        let Some(field) = &field else { return Err(meant::no_field(cx, org, &options.what)) };
        let problem = meant::no_such_holder(org, only).or_else(|| meant::no_such_field(cx, org, field));
        let about = || about((cx, background, org), field, (only, is_exported));
        problem.map_or_else(|| Ok((about(), unreadable(cx, field))), Err)
    })?;
    let (mut text, unread) = about.map_err(RunError::Setup)?;
    let mut undecided = verdict.undecided;
    undecided.extend(unread.filter(|reason| !undecided.contains(reason)));
    for reason in &undecided {
        let _ = writeln!(text, "undecided: {}", clean(&reason.to_string()));
    }
    Ok(Explanation { text, decided: undecided.is_empty() })
}

/// Why the file could not be read that decides about a field.
fn unreadable(cx: &Judge<'_>, field: &FieldName) -> Option<Reason> {
    let problem = cx.classified(field).broken()?;
    let message = format!("{}; until it can be read the field counts as restricted", problem.reason);
    Some(Reason { path: problem.path.clone(), position: problem.position, message })
}

fn about(
    (cx, background, org): (&Judge<'_>, &Background, &Org<'_>),
    field: &FieldName,
    (only, is_exported): (Option<&str>, bool),
) -> String {
    let mut out = String::new();
    let classified = cx.classified(field);
    let _ = writeln!(out, "{} is {}", clean(field.as_str()), clean(&classified.words()));
    label(&mut out, classified, is_exported);
    maskings(&mut out, &background.maskings, (org, field));
    readers(&mut out, org, field);
    let named = |e: &&Exposure| only.is_none_or(|name| e.grantor.name().eq_ignore_ascii_case(name));
    // Grants may call it by another name: a person account's, a task's, one with the namespace.
    let whole = org.canonical(field);
    let it = |e: &&Exposure| e.field == *field || org.canonical(&e.field) == whole;
    let all: Vec<&Exposure> = cx.delta.opened.iter().map(|o| &o.exposure).filter(named).filter(it).collect();
    if all.is_empty() {
        let _ = match only {
            Some(name) => {
                writeln!(out, "\n`{}` gives no access to it{}", clean(name), muted(cx, &whole, name))
            }
            None if !cx.delta.undecided.is_empty() || !cx.delta.unreadable.is_empty() => {
                writeln!(out, "\nnothing that could be read gives access to it")
            }
            None => writeln!(out, "\nnothing in this repository gives access to it"),
        };
    }
    for exposure in all {
        let name = Some(&exposure.field).filter(|name| *name != field);
        door(cx, &mut out, exposure, name);
    }
    out
}

/// Where a group mutes a field, in words; nothing where it does not.
fn muted(cx: &Judge<'_>, field: &FieldName, group: &str) -> String {
    let named = cx.delta.landing.iter().filter(|(holder, _)| holder.name().eq_ignore_ascii_case(group));
    let muted = named.filter_map(|(_, access)| access.muted.get(field)).find(|muted| !muted.edit_only);
    let words = muted.map(|muted| {
        let start = muted.place.location().start;
        format!(": its muting permission set `{}` mutes it at {}:{start}", muted.set, muted.place.path())
    });
    clean(&words.unwrap_or_default())
}

fn label(out: &mut String, classified: &Classified, is_exported: bool) {
    match (&classified.known, classified.place()) {
        (Known::Unknown, None) => {
            let _ = match is_exported {
                true => writeln!(out, "  a label export names it, without a label"),
                false => writeln!(out, "  no file of this repository and no label export defines it"),
            };
        }
        (_, Some(place)) => {
            let start = place.location().start;
            let _ = writeln!(
                out,
                "  label: {} at {}:{start}",
                clean(&classified.label_at_place()),
                clean(place.path().as_str())
            );
        }
        _ => {}
    }
    if let Some(from) = &classified.derived {
        let _ = writeln!(out, "  its own label: {}", clean(&classified.own().label_at_place()));
        let hops = from.input.hops();
        let next = hops.iter().skip(1).map(|hop| &hop.field).chain([&from.input.field]);
        for (hop, next) in hops.iter().zip(next) {
            let start = hop.place.location().start;
            let reads = if hop.copied { "gets a copy of" } else { "reads" };
            let _ = writeln!(
                out,
                "  `{}` {reads} `{}` at {}:{start}",
                clean(hop.field.as_str()),
                clean(next.as_str()),
                clean(hop.place.path().as_str())
            );
        }
        if from.input.is_guessed {
            let guess =
                "that is the most sensitive field of this name: the path itself cannot be followed here";
            let _ = writeln!(out, "  {guess}");
        }
    }
}

/// What is declared to be masked in the field.
fn maskings(out: &mut String, all: &[MaskingDeclaration], (org, field): (&Org<'_>, &FieldName)) {
    let whole = org.canonical(field);
    for declaration in all.iter().filter(|d| org.canonical(&d.masking.field.value) == whole) {
        let masking = &declaration.masking;
        let reads: Vec<String> = masking.reads.iter().map(|read| format!("`{}`", read.value)).collect();
        let place = &masking.place;
        let lacks = match (declaration.lacks.is_empty(), declaration.awaits) {
            (false, _) => "; it lacks something, and does not count",
            (true, true) => "; it waits for an approval",
            (true, false) => "",
        };
        let _ = writeln!(
            out,
            "  it masks {}, as {}:{} declares{lacks}",
            clean(&reads.join(", ")),
            clean(place.path().as_str()),
            place.location().start
        );
    }
}

/// The formulas, roll-ups and copies that show the field to those who have access to them.
fn readers(out: &mut String, org: &Org<'_>, field: &FieldName) {
    let (readers, _) = access::readers(org, &BTreeSet::from([org.canonical(field)]));
    for reader in readers.iter().take(READERS) {
        let reader = clean(reader.as_str());
        let command = format!("flsgate explain {}", in_shell(&reader));
        let _ = writeln!(out, "  `{reader}` reads it; `{command}` says who has access to that");
    }
    if readers.len() > READERS {
        let others = counted(readers.len() - READERS, "other field reads", "other fields read");
        let _ = writeln!(out, "  {others} it, too");
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
    let beside = cx.delta.landing.get(&exposure.grantor).map(|access| access.beside_entry(exposure));
    for grant in beside.into_iter().flatten() {
        let (place, start) = (grant.place(), grant.place().location().start);
        let _ = writeln!(
            out,
            "  and through {} at {}:{start}",
            clean(&grant.to_string()),
            clean(place.path().as_str())
        );
    }
    // What a group has by a member is judged there.
    let member = cx.judged_at(exposure, classified);
    let of_member =
        member.map(|member| Exposure { grantor: member.clone(), through: None, ..exposure.clone() });
    if let Some(member) = member {
        let member = clean(member.name());
        let _ = writeln!(
            out,
            "  judged as its member `{member}`, since the group has it already; what a change gives a group is judged by \
             `flsgate check`"
        );
    }
    judged(cx, out, of_member.as_ref().unwrap_or(exposure), classified);
}

/// What the policy asks for, what is written, and the next step.
fn judged(cx: &Judge<'_>, out: &mut String, exposure: &Exposure, classified: &Classified) {
    let user_type = cx.user_type(&exposure.grantor);
    let (duty, by_user_type) = cx.duty(&exposure.grantor, classified, exposure.access);
    let tier = classified.tier.words();
    let may_open = cx.may_open(&exposure.grantor, classified);
    if !may_open {
        let _ = writeln!(out, "  a profile may not give access to {tier} fields");
    }
    if by_user_type {
        let _ = writeln!(out, "  {user_type} users: {tier} {}", duty.words());
    } else if may_open {
        let _ = writeln!(out, "  {tier} {}", duty.words());
    }
    let justified = cx.justified(&exposure.grantor, &exposure.field, exposure.access);
    if let Justified::Yes { entry, .. } | Justified::Lacking(entry, _) = &justified {
        let start = entry.place.location().start;
        let _ = writeln!(out, "  justification at {}:{start}", clean(entry.place.path().as_str()));
    }
    let state = cx.stands(exposure, None);
    let approvers = || cx.policy.approvers.words(&[], cx.policy.approvers.needed);
    let _ = match (state, justified) {
        (State::Accepted, _) => writeln!(out, "  accepted by the baseline{}", line_of_baseline(cx, exposure)),
        (State::Approved, Justified::Yes { entry, .. }) => {
            let (path, at) = (in_shell(&clean(entry.place.path().as_str())), entry.place.location());
            let (first, last) = (at.start.line, at.end.line);
            writeln!(
                out,
                "  justified, and counts as approved since it is merged\n  who approved: the reviews of the pull request that brought it; \
                 `git log -L {first},{last}:{path}` shows its commits"
            )
        }
        (State::Approved, _) => writeln!(out, "  justified and approved"),
        (State::Allowed, _) => writeln!(out, "  allowed"),
        (State::Justified, _) => writeln!(out, "  justified"),
        (State::NeedsApproval, _) => {
            writeln!(out, "  waits for an approval\n  next: ask for an approval by {}", clean(&approvers()))
        }
        (State::Unjustified, Justified::Lacking(_, lacks)) => {
            let (why, next) = lacking(&lacks);
            let approve = if duty >= Duty::Approve { ", and ask for an approval" } else { "" };
            writeln!(out, "  does not count: {}\n  next: {next}{approve}", clean(&why))
        }
        _ => writeln!(out, "  next: {}", clean(&rules::next_step(cx, exposure, classified))),
    };
}

/// Where and since when the baseline accepts an access.
fn line_of_baseline(cx: &Judge<'_>, exposure: &Exposure) -> String {
    let Some(line) = cx.accepted_by(exposure) else { return String::new() };
    let at = line.place.as_ref().map(|place| format!(" at {}:{}", place.path(), place.location().start.line));
    let since = line.since.map(|day| format!(", since {day}; no reason is written"));
    clean(&format!("{}{}", at.unwrap_or_default(), since.unwrap_or_default()))
}

/// Why an entry does not count, and how it comes to.
fn lacking(lacks: &[Lacks]) -> (String, &'static str) {
    let why: Vec<String> = lacks.iter().map(ToString::to_string).collect();
    let expired = lacks.iter().all(|lack| matches!(lack, Lacks::Expired(..)));
    let next = if expired { "renew it: write a later day for `expires`" } else { "complete it" };
    (why.join("; "), next)
}
