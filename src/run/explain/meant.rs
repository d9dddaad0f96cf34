//! What somebody may have meant who asks about a field or a permission set that nobody knows.

use crate::access::Declared;
use crate::judge::Judge;
use crate::metadata::is_standard_field;
use crate::org::Org;
use crate::rules;
use crate::tiers::Known;
use crate::words::{FieldName, did_you_mean, nearest};
use std::collections::BTreeSet;

/// Names that one line suggests.
const SUGGESTED: usize = 3;

/// An error that names the rule which somebody may have meant.
pub(super) fn near_rule(what: &str) -> Result<(), String> {
    let part = || rules::ids().into_iter().find(|id| id.contains(what));
    match nearest(what, rules::ids()).or_else(part) {
        Some(near) => Err(format!("{}. Did you mean `{near}`?", neither(what))),
        None => Ok(()),
    }
}

/// A rule is asked about alone; who names more has a field in mind.
pub(super) fn rule_and_more(rule: &str, more: &str) -> String {
    match FieldName::parse(more) {
        Some(_) => {
            format!("ask about one of them: `flsgate explain {rule}` or `flsgate explain {}`", in_shell(more))
        }
        None => format!(
            "`{rule}` is a rule, and its page names no permission set: write `flsgate explain {rule}`, or a field before \
             `{more}`: `flsgate explain Contact.SSN__c {}`",
            in_shell(more)
        ),
    }
}

/// What stands in the place of a rule's id in reports and is none.
pub(super) fn no_rule(what: &str) -> Option<&'static str> {
    Some(match what {
        "undecided" => {
            "undecided: something that decides could not be read, so there is no verdict.\nThe message names the file, the line \
             and what to mend; then run again.\n"
        }
        "input" => {
            "input: something could not be read, and it decides nothing in this run.\nCorrect the file that the message names \
             before a change depends on it.\n"
        }
        "settled" => {
            "settled: somebody has agreed to it: an approver, a justification, or the baseline. Nothing is left to do.\n"
        }
        _ => return None,
    })
}

fn neither(what: &str) -> String {
    format!("`{what}` is neither a rule nor a field such as `Contact.SSN__c`")
}

/// What to say of a text that is neither a rule nor a field: a field's name alone, a label, a permission set.
pub(super) fn no_field(cx: &Judge<'_>, org: &Org<'_>, what: &str) -> String {
    let start = neither(what);
    let all = org.grantors();
    if let Some(holder) = all.iter().find(|holder| holder.name().eq_ignore_ascii_case(what.trim())) {
        return format!(
            "{start}: it is {holder}. Name the field first: `flsgate explain Contact.SSN__c {}`",
            in_shell(holder.name())
        );
    }
    let called = called(cx, what);
    if !called.is_empty() {
        return format!(
            "{start}: it is a name on the screen, and fields go by their API names. Did you mean {called}?"
        );
    }
    let fields = org.all_fields();
    let same = |field: &&FieldName| nearest(what, [field.field()]).is_some();
    let exactly = |field: &&FieldName| field.field().eq_ignore_ascii_case(what.trim());
    let mut meant: Vec<&FieldName> = fields.iter().filter(exactly).collect();
    if meant.is_empty() {
        meant = fields.iter().filter(same).collect();
    }
    if !meant.is_empty() {
        return format!("{start}: the object comes first. Did you mean {}?", listed(meant.iter().copied()));
    }
    let near = did_you_mean(what, fields.iter().map(FieldName::as_str));
    if near.is_empty() { format!("{start}; `flsgate explain --list` lists the rules") } else { start + &near }
}

/// Fields whose label is `what`, or `Object.label`.
fn called(cx: &Judge<'_>, what: &str) -> String {
    let (object, label) = match what.split_once('.') {
        Some((object, label)) => (Some(object.trim()), label.trim()),
        None => (None, what.trim()),
    };
    let is_called = |declared: &Declared| match declared {
        Declared::Known(all) => all
            .iter()
            .any(|d| d.shown_as.as_ref().is_some_and(|shown| shown.trim().eq_ignore_ascii_case(label))),
        _ => false,
    };
    let fields = cx.delta.label_changes.iter().filter(|change| {
        object.is_none_or(|object| change.field.object().eq_ignore_ascii_case(object))
            && is_called(&change.landing)
    });
    listed(fields.map(|change| &change.field))
}

/// Some names in backticks; nothing where there is none.
fn listed<'f>(fields: impl Iterator<Item = &'f FieldName>) -> String {
    let names: Vec<String> = fields.take(SUGGESTED).map(|field| format!("`{field}`")).collect();
    names.join(" or ")
}

/// A name or path as a shell reads it as one word, and runs nothing of it: a pull request chooses it, and people paste it.
pub(super) fn in_shell(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    match () {
        () if name.chars().all(plain) => name.to_owned(),
        () if !name.contains(['$', '`', '"', '\\', '!', '\'']) => format!("\"{name}\""),
        () => format!("'{}'", name.replace('\'', r"'\''")),
    }
}

/// Why nothing can be said of a permission set, group or profile of that name.
pub(in crate::run) fn no_such_holder(org: &Org<'_>, only: Option<&str>) -> Option<String> {
    let all = org.grantors();
    let name = only.filter(|name| !all.iter().any(|g| g.name().eq_ignore_ascii_case(name)))?;
    if org.index().muting().any(|muting| muting.eq_ignore_ascii_case(name)) {
        return Some(format!(
            "`{name}` is a muting permission set, which gives no access; name a group that it mutes"
        ));
    }
    let near = did_you_mean(name, all.iter().map(|g| g.name()));
    Some(format!("there is no permission set, group or profile `{name}` in this repository{near}"))
}

/// Why nothing can be said of a field: no file, label or permission set mentions it. Standard fields need none of that,
/// so of those only a name that is nearly a known one is taken for a slip.
pub(super) fn no_such_field(cx: &Judge<'_>, org: &Org<'_>, field: &FieldName) -> Option<String> {
    let known = !matches!(cx.classified(field).known, Known::Unknown);
    let is_whole = |other: &FieldName| other == field || org.canonical(other) == org.canonical(field);
    if known || cx.delta.opened.iter().any(|opened| is_whole(&opened.exposure.field)) {
        return None;
    }
    let called = called(cx, field.as_str());
    if !called.is_empty() {
        return Some(format!(
            "`{field}` is a name on the screen, and fields go by their API names. Did you mean {called}?"
        ));
    }
    if is_standard_field(field) == Some(true) {
        return None;
    }
    let mut names = org.all_fields();
    names.extend(cx.delta.opened.iter().map(|opened| opened.exposure.field.clone()));
    let near = did_you_mean(field.as_str(), names.iter().map(FieldName::as_str));
    (field.is_custom() || !near.is_empty()).then(|| {
        format!("nothing in this repository mentions a field `{field}`: no file, no label export, no permission set{near}")
    })
}
/// A page as a terminal shows it: its links are words, and their pages are named below.
pub(super) fn without_links(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut pages = BTreeSet::new();
    let mut rest = page;
    while let Some(at) = rest.find("](") {
        let (before, link) = rest.split_at(at);
        let Some((start, end)) = before.rfind('[').zip(link.find(')')) else {
            text.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        let linked = &link[2..end];
        // A link that is all there is in parentheses says nothing without its address.
        let (sentence, words) = (&before[..start], &before[start + 1..]);
        let alone = sentence
            .strip_suffix(" (")
            .or_else(|| sentence.strip_suffix("\n("))
            .filter(|_| link[end + 1..].starts_with(')'));
        text.push_str(&alone.map_or_else(|| format!("{sentence}{words}"), str::to_owned));
        pages.extend(linked.strip_prefix("../").map(|page| format!("docs/{page}")));
        let rule = linked.strip_suffix(".md").filter(|rule| !rule.contains('/'));
        pages.extend(rule.map(|rule| format!("`flsgate explain {rule}`")));
        rest = &link[end + 1 + usize::from(alone.is_some())..];
    }
    text.push_str(rest);
    if !pages.is_empty() {
        text.push_str(&format!("\nSee also: {}\n", pages.into_iter().collect::<Vec<_>>().join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{in_shell, without_links};

    #[test]
    fn links_are_told_by_their_words() {
        let page = "Ask for [an approval](../justifications.md#approval), see `[Admin]`; ([files](examples/x)): [a](group-access.md).\n";
        let text = "Ask for an approval, see `[Admin]`;: a.\n\nSee also: `flsgate explain group-access`, docs/justifications.md#approval\n";
        assert_eq!(without_links(page), text);
    }

    #[test]
    fn a_name_that_somebody_pastes_runs_nothing() {
        for (name, word) in [
            ("Contact.SSN__c", "Contact.SSN__c"),
            (".flsgate/justifications/few.yml", ".flsgate/justifications/few.yml"),
            ("Analytics Integration", "\"Analytics Integration\""),
            ("A.b;id|sh&", "\"A.b;id|sh&\""),
            ("A.$(id)", "'A.$(id)'"),
            ("A.`id`", "'A.`id`'"),
            ("A.\"$x", "'A.\"$x'"),
            ("A.it's$x", r"'A.it'\''s$x'"),
        ] {
            assert_eq!(in_shell(name), word);
        }
    }
}
