//! A preflight as text and as JSON.

use super::rows::{Rows, holder_key};
use super::sanitize::clean;
use crate::finding::Place;
use crate::gate::{Checked, Needed, Obstacle, Preflight, Wrote};
use crate::words::{Tier, counted};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Unneeded classified fields that the text names for each integration; JSON has all.
const NAMED: usize = 10;

/// Writes a preflight for people.
///
/// # Errors
/// When writing fails.
pub fn write_preflight(preflight: &Preflight, out: &mut dyn Write) -> io::Result<()> {
    for reason in &preflight.undecided {
        writeln!(out, "undecided: {}", clean(&reason.to_string()))?;
    }
    for checked in &preflight.integrations {
        one(checked, preflight.wrote.as_deref(), out)?;
    }
    Ok(())
}

/// What `--fix` wrote for an integration, and what it left to a person.
fn fixed(checked: &Checked, wrote: &[Wrote], out: &mut dyn Write) -> io::Result<()> {
    for file in wrote.iter().filter(|file| file.integration == checked.name) {
        let new = if file.is_new { ", which is new" } else { "" };
        let (fields, names): (Vec<String>, Vec<String>) =
            file.grants.iter().cloned().partition(|name| name.contains('.'));
        let names = (!names.is_empty()).then(|| format!("read access to {}", objects(&names)));
        let fields = (!fields.is_empty()).then(|| format!("access to {}", fields.join(", ")));
        let grants: Vec<String> = fields.into_iter().chain(names).collect();
        writeln!(
            out,
            "  wrote    {} into {}{new}",
            clean(&grants.join(", and ")),
            clean(file.path.as_str())
        )?;
    }
    let written = |need: &Needed| {
        let entry = need.entry.as_ref().map(ToString::to_string);
        wrote.iter().flat_map(|file| &file.grants).any(|grant| Some(grant) == entry.as_ref())
    };
    for need in
        checked.needs.iter().filter(|need| !written(need) || need.problems.contains(&Obstacle::NoObjectEdit))
    {
        let lacks = |obstacles: &[Obstacle]| obstacles.iter().any(|o| need.problems.contains(o));
        let why = if lacks(&[Obstacle::NotDefined]) {
            match (&need.meant, need.field.is_custom()) {
                (Some(name), _) => format!("nothing here defines it; did you mean `{name}`?"),
                (None, true) => "nothing here defines it; check the name, or retrieve the field".into(),
                (None, false) => {
                    "no list of standard fields has it; check the name, or add it by hand if the org has it"
                        .into()
                }
            }
        } else if need.entry.is_none() && lacks(&[Obstacle::NoFieldAccess]) {
            "Salesforce may take no entry for it; look in Setup whether field-level security lists it".into()
        } else if need.tier == Tier::Restricted && lacks(&[Obstacle::NoFieldAccess, Obstacle::NoObjectRead]) {
            "it is restricted; grant it by hand, with a justification".into()
        } else if lacks(&[
            Obstacle::NoFieldAccess,
            Obstacle::NoObjectRead,
            Obstacle::NoObjectEdit,
            Obstacle::NoTypeAccess,
        ]) {
            "add it by hand".into()
        } else {
            continue;
        };
        let what = match need.problems.contains(&Obstacle::NoObjectEdit) && written(need) {
            true => format!("`allowEdit` of the object {}", need.field.object()),
            false => need.field.to_string(),
        };
        writeln!(out, "  left out {}: {}", clean(&what), clean(&why))?;
    }
    Ok(())
}

/// `the object Contact`, `the objects Contact, Account`.
fn objects(names: &[String]) -> String {
    let noun = if names.len() == 1 { "object" } else { "objects" };
    format!("the {noun} {}", names.join(", "))
}

/// What an integration has and does not need, by the file that gives it.
fn excess(checked: &Checked, out: &mut dyn Write) -> io::Result<()> {
    let mut last = None;
    for excess in checked.excess.iter().take(NAMED) {
        let file = (&excess.grantor, excess.place.path());
        if last.replace(file) != Some(file) {
            let holder = clean(&excess.grantor.to_string());
            writeln!(
                out,
                "  excess   {holder} gives more than is needed, in {}:",
                clean(excess.place.path().as_str())
            )?;
        }
        let line = excess.place.location().start.line;
        writeln!(out, "           {} ({}), line {line}", clean(excess.field.as_str()), excess.tier.words())?;
    }
    let more = checked.excess.len().saturating_sub(NAMED);
    if more + checked.other_excess > 0 {
        let classified = (more > 0).then(|| counted(more, "more classified field", "more classified fields"));
        let others = (checked.other_excess > 0).then(|| {
            counted(checked.other_excess, "field that is not classified", "fields that are not classified")
        });
        let all: Vec<String> = classified.into_iter().chain(others).collect();
        writeln!(out, "  excess   {}", all.join(" and "))?;
    }
    Ok(())
}

fn one(checked: &Checked, wrote: Option<&[Wrote]>, out: &mut dyn Write) -> io::Result<()> {
    let grantors: Vec<String> = checked.grantors.iter().map(ToString::to_string).collect();
    writeln!(out, "integration `{}`: {}", clean(&checked.name), clean(&grantors.join(", ")))?;
    for (grantor, near) in &checked.absent {
        let meant = near.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        writeln!(
            out,
            "  error: there is no {} in this repository{}",
            clean(&grantor.to_string()),
            clean(&meant)
        )?;
    }
    if checked.absent.iter().any(|(_, near)| near.is_some()) {
        return writeln!(out, "  answer: not known until the policy names it right");
    }
    let width = checked.needs.iter().map(|n| n.field.as_str().chars().count()).max().unwrap_or(0).min(60);
    for need in &checked.needs {
        let field = clean(need.field.as_str());
        if need.problems.is_empty() {
            writeln!(out, "  ok       {field:<width$}  {} ({})", need.access, need.tier.words())?;
            continue;
        }
        let word = match (need.is_unknown(), need.fails(), need.is_blocked()) {
            (true, ..) => "unknown ",
            (_, true, _) => "missing ",
            (.., true) => "granted ",
            _ => "note    ",
        };
        writeln!(
            out,
            "  {word} {field:<width$}  {} ({}): {}",
            need.access,
            need.tier.words(),
            clean(&why(need))
        )?;
        writeln!(out, "           asked for at {}", at(&need.asked))?;
    }
    if let Some(file) =
        checked.file.as_ref().filter(|_| checked.needs.iter().any(|n| n.fails() && !n.is_unknown()))
    {
        writeln!(out, "  file     {} is the one to change", clean(file.as_str()))?;
    }
    excess(checked, out)?;
    for query in &checked.queries {
        let path = at(&query.place);
        match &query.text {
            Some(text) => {
                writeln!(out, "  without these fields, {path}:")?;
                for line in text.lines() {
                    writeln!(out, "    {}", clean(line))?;
                }
            }
            None if !query.closed_objects.is_empty() => {
                writeln!(out, "  {path}: give read access to {}", clean(&objects(&query.closed_objects)))?
            }
            None if !query.reads_elsewhere.is_empty() => writeln!(
                out,
                "  {path} reads {} outside of its SELECT list, as a WHERE does: give access, or change that part of the query",
                clean(&query.reads_elsewhere.join(", "))
            )?,
            None => writeln!(out, "  without these fields, nothing is left to select at {path}")?,
        }
    }
    let missing = checked.needs.iter().filter(|need| need.fails()).count();
    if missing > 0 && checked.views_all_data {
        writeln!(
            out,
            "  note     View All Data gives access to every record, and to no field: each needs a field permission"
        )?;
    }
    if let Some(wrote) = wrote {
        fixed(checked, wrote, out)?;
    }
    writeln!(out, "  {}", answer(checked, missing))
}

/// What stands in the way of a field. Of a name that nothing defines it is the name that has to be looked at first.
fn why(need: &Needed) -> String {
    if need.problems.contains(&Obstacle::NotDefined) {
        let lacks = if need.fails() { ", and none of its permission sets gives access to it" } else { "" };
        let next = match &need.meant {
            Some(name) => format!("did you mean `{name}`?"),
            None => "check the name".to_owned(),
        };
        let others = need.problems.iter().filter(|problem| !problem.is_a_lack());
        let others: Vec<&str> = others.map(|problem| problem.words()).collect();
        return format!("{}{lacks}; {next}", others.join("; "));
    }
    let (entries, others): (Vec<Obstacle>, Vec<Obstacle>) =
        need.problems.iter().partition(|problem| problem.is_an_entry());
    let words = |all: &[Obstacle]| all.iter().map(|problem| problem.words()).collect::<Vec<_>>();
    let lacks = (!entries.is_empty()).then(|| format!("add {}", words(&entries).join(", and ")));
    let all: Vec<&str> = lacks.as_deref().into_iter().chain(words(&others)).collect();
    all.join("; ")
}

/// The last line: whether its calls succeed, and whether the gate lets them have what they need.
fn answer(checked: &Checked, missing: usize) -> String {
    if !checked.known {
        return "answer: not known, since something that it needs or holds cannot be read; correct that first".into();
    }
    let queries = counted(checked.asked, "query", "queries");
    let fields = counted(missing, "field is", "fields are");
    let edits = checked.needs.iter().filter(|need| need.fails() && need.can_read).count();
    let calls = match (missing, checked.asked) {
        (0, 0) => {
            format!("it has the access that it needs, to {}", counted(checked.needs.len(), "field", "fields"))
        }
        (0, _) => format!("{queries} would succeed"),
        (_, 0) => format!("its calls would fail: {fields} missing"),
        _ if checked.queries.is_empty() && edits == missing => format!(
            "{queries} would succeed; {} be edited as `edits` asks",
            counted(missing, "field cannot", "fields cannot")
        ),
        _ if checked.queries.is_empty() => {
            format!(
                "{queries} would succeed; of the fields that the policy lists, {missing} {} missing",
                if missing == 1 { "is" } else { "are" }
            )
        }
        _ => format!("{} of {queries} would fail; {fields} missing in all", checked.queries.len()),
    };
    let blocked = |problem: Obstacle| {
        checked.needs.iter().filter(|need| need.is_blocked() && need.problems.contains(&problem)).count()
    };
    let mut parts = vec![format!("answer: {calls}")];
    let gate = [
        (
            Obstacle::NotJustified,
            "has no justification",
            "have no justification",
            ", which `flsgate justify --all` begins",
        ),
        (Obstacle::NotApproved, "waits for an approval", "wait for an approval", ""),
        (Obstacle::NotAllowed, "is not allowed by the policy", "are not allowed by the policy", ""),
    ];
    for (problem, one, many, next) in gate {
        let count = blocked(problem);
        if count > 0 {
            let said = counted(count, &format!("field {one}"), &format!("fields {many}"));
            parts.push(format!("{said}{next}"));
        }
    }
    parts.join("; ")
}

fn at(place: &Place) -> String {
    format!("{}:{}", clean(place.path().as_str()), place.location().start)
}

/// Writes a preflight as JSON, version 1.
///
/// # Errors
/// When writing fails.
pub fn write_preflight_json(preflight: &Preflight, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::new(out);
    rows.value("version", &1)?;
    rows.value("status", &preflight.exit_status())?;
    rows.list("integrations", preflight.integrations.iter().map(integration))?;
    rows.list("wrote", preflight.wrote.iter().flatten().map(|file| json!({
        "integration": file.integration, "path": file.path.as_str(), "new": file.is_new, "grants": file.grants,
    })))?;
    rows.list("undecided", preflight.undecided.iter().map(|r| json!({
        "path": r.path.as_str(), "line": r.position.map(|p| p.line), "column": r.position.map(|p| p.column),
        "message": r.message,
    })))?;
    rows.end()
}

fn integration(checked: &Checked) -> Value {
    let point = |place: &Place| {
        let start = place.location().start;
        json!({ "path": place.path().as_str(), "line": start.line, "column": start.column })
    };
    json!({
        "name": checked.name,
        "holds": checked.grantors.iter().map(|g| json!({
            holder_key(g.kind): g.name(), "defined": !checked.absent.iter().any(|(absent, _)| absent == g),
        })).collect::<Vec<_>>(),
        "needs": checked.needs.iter().map(|n| json!({
            "field": n.field.as_str(), "access": n.access, "tier": n.tier,
            "problems": n.problems.iter().map(|p| p.id()).collect::<Vec<_>>(),
            "asked": point(&n.asked),
        })).collect::<Vec<_>>(),
        "excess": checked.excess.iter().map(|e| json!({
            holder_key(e.grantor.kind): e.grantor.name(), "field": e.field.as_str(), "tier": e.tier,
            "location": point(&e.place),
        })).collect::<Vec<_>>(),
        "other_excess": checked.other_excess,
        "queries": checked.queries.iter().map(|q| json!({
            "location": point(&q.place), "without": q.text,
        })).collect::<Vec<_>>(),
        "change": checked.file.as_ref().map(|f| f.as_str()),
    })
}
