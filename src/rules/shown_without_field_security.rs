//! `shown-without-field-security`: something that goes past field-level security newly names a classified field.
//!
//! Nobody gets access to the field, and yet people are shown it. Which elements of which files count is read in
//! `metadata`; who runs a flow, gets a mail or uses a class is not in the repository, so it is a note.

use super::catalogue::SHOWN_WITHOUT_FIELD_SECURITY as RULE;
use super::{Context, describe};
use crate::access::{ShownBy, Shows};
use crate::finding::{Finding, Place, Related, Subject};
use crate::tiers::{Classified, Known};
use crate::words::{FieldName, Tier};

/// How one kind of file is spoken of.
struct Words {
    by: ShownBy,
    /// The file, what it does with fields, and the same where it begins to; its name stands for `$`.
    newly: &'static str,
    begins: &'static str,
    /// What people see.
    seen: &'static str,
    /// The next step.
    help: &'static str,
}

const WORDS: [Words; 5] = [
    Words {
        by: ShownBy::Flow,
        newly: "flow `$` runs in system mode and newly names",
        begins: "flow `$` newly runs in system mode and names",
        seen: "whoever runs the flow sees what it shows of such fields, whether or not they may read them",
        help: "run the flow in user context, or leave out what people must not see who may not read the field",
    },
    Words {
        by: ShownBy::EmailTemplate,
        newly: "email template `$` newly puts into mails",
        begins: "email template `$` newly puts into mails",
        seen: "whoever gets the mail reads the value, whether or not they may read the field",
        help: "leave it out of the mail and link to the record instead, or make sure that all who get the mail may read it",
    },
    Words {
        by: ShownBy::Apex,
        newly: "Apex class `$` runs in system mode and newly names",
        begins: "Apex class `$` newly runs in system mode and names",
        seen: "what the class reads goes past field-level security: whoever uses it can be shown the value",
        help: "read the field in user mode (`WITH USER_MODE`, `AccessLevel.USER_MODE`), or make sure that nobody is shown \
               the value who may not read it",
    },
    Words {
        by: ShownBy::Dashboard,
        newly: "dashboard `$` runs as one fixed user and newly shows",
        begins: "dashboard `$` newly runs as one fixed user and shows",
        seen: "whoever sees the dashboard sees what its running user may read, by reports that name such fields",
        help: "run the dashboard as whoever looks at it (`LoggedInUser`), or show it to people who may read the field",
    },
    Words {
        by: ShownBy::DataTransform,
        newly: "data mapper `$` does not ask for field-level security and newly maps",
        begins: "data mapper `$` no longer asks for field-level security and maps",
        seen: "whoever uses what it feeds is shown the value, whether or not they may read the field",
        help: "set `fieldLevelSecurityEnabled` to `true`, or make sure that all who are shown the value may read it",
    },
];

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(cx.delta.beside.shows.iter().filter_map(|shows| report(cx, shows)));
}

fn report(cx: &Context<'_>, shows: &Shows) -> Option<Finding> {
    let words = WORDS.iter().find(|words| words.by == shows.by)?;
    let classified = |(field, place): &'_ (FieldName, Place)| -> Option<(FieldName, Place, &Classified)> {
        let of = cx.background.shown.get(field)?;
        // Of a field that nothing defines nobody knows whether it is classified.
        let counts = of.tier > Tier::Open && !matches!(of.known, Known::Unknown);
        counts.then(|| (field.clone(), place.clone(), of))
    };
    let fields: Vec<_> = shows.fields.iter().filter_map(classified).collect();
    let (_, first, _) = fields.first()?;
    let mut finding = cx.finding(&RULE, shows.mode.as_ref().unwrap_or(first), None);
    let tier = fields.iter().map(|(.., of)| of.tier).max();
    finding.subject = Subject { tier, ..Subject::default() };
    let names: Vec<String> = fields
        .iter()
        .take(describe::NAMED)
        .map(|(field, _, of)| format!("`{field}` ({})", of.tier))
        .collect();
    let says = if shows.begins { words.begins } else { words.newly };
    finding.message = format!(
        "{} {} classified {}: {}{}",
        says.replace('$', &shows.name),
        fields.len(),
        if fields.len() == 1 { "field" } else { "fields" },
        names.join(", "),
        describe::and_more(fields.len() - names.len())
    );
    let names_it = |field: &FieldName| format!("names `{field}`");
    finding.here = match (&shows.mode, fields.first()) {
        (None, Some((field, ..))) => names_it(field),
        _ => "goes past field-level security from now on".into(),
    };
    finding.notes.push(words.seen.into());
    finding.help = words.help.into();
    for (at, (field, place, of)) in fields.iter().take(describe::NAMED).enumerate() {
        if at > 0 || shows.mode.is_some() {
            finding.related.push(Related::new(place.clone(), names_it(field)));
        }
        finding.related.extend(describe::classified_at(of));
    }
    Some(finding)
}
