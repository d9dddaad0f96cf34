//! One access of the matrix: its status, the justification behind it, and its route down to the data.

use super::rows::{Reasoned, Step};
use crate::access::Exposure;
use crate::finding::{Place, RouteKind};
use crate::policy::{Duty, Entry, Lacks};
use crate::report::matrix::Status;
use crate::rules::{Classified, Context, Justified, Known};
use crate::source::Spanned;
use crate::words::Tier;

/// Characters of an element that a step shows.
const MAX_TEXT: usize = 80;

/// What policy, justifications and baseline make of an access.
pub(super) struct Judged {
    pub(super) status: Status,
    pub(super) written: Option<Reasoned>,
    pub(super) notes: Vec<String>,
}

/// Judges one access, as the rules do. What a group opens through a member is the member's, unless more is
/// asked of the group.
pub(super) fn judge(cx: &Context<'_>, exposure: &Exposure, classified: &Classified) -> Judged {
    let own = judge_own(cx, exposure, classified);
    let Some(member) = exposure.through.as_ref().filter(|_| own.status < Status::Accepted) else {
        return own;
    };
    let duty = |grantor| cx.duty(grantor, classified, exposure.access).0;
    if duty(&exposure.grantor) > duty(member) {
        return own;
    }
    let of_member = Exposure { grantor: member.clone(), through: None, ..exposure.clone() };
    let mut judged = judge_own(cx, &of_member, classified);
    judged.notes.insert(0, format!("judged as its member `{}`", member.name()));
    judged
}

/// Judges by what is said of the grantor itself ([`Context::settled`]).
fn judge_own(cx: &Context<'_>, exposure: &Exposure, classified: &Classified) -> Judged {
    let (duty, _) = cx.duty(&exposure.grantor, classified, exposure.access);
    let kind_allowed = cx.policy.tiers.kind_allowed(classified.tier, exposure.grantor.kind);
    let best = cx.justified_as(&exposure.grantor, &exposure.field, exposure.access, classified);
    let mut notes = Vec::new();
    let (of_reason, written) = match best {
        Justified::No => (Status::Unjustified, None),
        Justified::Lacking(entry, lacks) => {
            let over = lacks.iter().all(|l| matches!(l, Lacks::Expired(..)));
            notes.extend(lacks.iter().map(|lack| match lack {
                Lacks::Part(_, text) => text.clone(),
                Lacks::Expired(_, date) => format!("expired on {date}"),
            }));
            let approved = cx.approved(entry, &exposure.field, exposure.access);
            (if over { Status::Expired } else { Status::Unjustified }, Some((entry, approved)))
        }
        Justified::Yes { entry, approved } => {
            let status = match duty {
                Duty::Approve if approved => Status::Approved,
                Duty::Approve => {
                    notes.push("awaits approval".to_owned());
                    Status::Unjustified
                }
                _ => Status::Justified,
            };
            (status, Some((entry, approved)))
        }
    };
    let mut status = match duty {
        Duty::Deny => Status::Denied,
        _ if !kind_allowed => Status::Denied,
        Duty::Allow => Status::Open,
        Duty::Justify | Duty::Approve => of_reason,
    };
    if let Known::Unreadable(problem) = &classified.known {
        let at = problem.position.map(|p| format!(":{}", p.line)).unwrap_or_default();
        notes.push(format!("restricted, since `{}`{at} cannot be read: {}", problem.path, problem.reason));
    }
    if !kind_allowed {
        notes.insert(0, format!("a profile may not open {} fields", classified.tier));
    }
    // What a change opens anew is never accepted, whatever the baseline says of the day of adoption.
    let new = !cx.standing && cx.opened_at(&exposure.grantor, &exposure.field).is_some();
    if status < Status::Accepted && !new && cx.accepted(exposure) {
        status = Status::Accepted;
    }
    let written =
        written.map(|(entry, approved)| reasoned(entry, (duty == Duty::Approve).then_some(approved)));
    Judged { status, written, notes }
}

fn reasoned(entry: &Entry, approved: Option<bool>) -> Reasoned {
    let text = |part: &Option<Spanned<String>>| part.as_ref().map(|t| t.value.clone());
    let reason = &entry.reason;
    let texts =
        [&reason.justification, &reason.compliance, &reason.owner, &reason.ticket, &reason.expires].map(text);
    Reasoned { texts, approved, place: entry.place.clone() }
}

/// The way from the grantor to the field and, of a derived field, on to the data that gives it its tier.
pub(super) fn route(cx: &Context<'_>, exposure: &Exposure, classified: &Classified) -> Vec<Step> {
    let mut bulks = exposure.bulks().into_iter();
    let access = cx.delta.landing.get(&exposure.grantor).or(cx.delta.base.get(&exposure.grantor));
    let mut steps: Vec<Step> = exposure
        .route
        .iter()
        .map(|step| {
            let text = match step.kind {
                RouteKind::PermissionSetGroup => {
                    exposure.through.as_ref().map(|member| format!("member `{}`", member.name()))
                }
                RouteKind::FieldPermissions => None,
                _ => {
                    let grant = bulks.next().and_then(|bulk| access?.bulk.get(&bulk));
                    grant.map(|grant| grant.to_string())
                }
            };
            let text = text.or_else(|| element(&step.place));
            Step { kind: step.kind.as_str(), place: step.place.clone(), text }
        })
        .collect();
    let from = classified.derived.as_ref().filter(|_| classified.tier > Tier::Open);
    if let Some(from) = from {
        let hops = from.input.hops();
        let next = hops.iter().skip(1).map(|hop| &hop.field).chain([&from.input.field]);
        steps.extend(hops.iter().zip(next).map(|(hop, next)| Step {
            kind: "derived_field",
            place: hop.place.clone(),
            text: Some(format!("`{}` reads `{next}`", hop.field)),
        }));
    }
    steps
}

/// What an element says: `<readable>true</readable>` as `readable: true`.
fn element(place: &Place) -> Option<String> {
    let span = place.span.start as usize..place.span.end as usize;
    let text = String::from_utf8_lossy(place.file.bytes().get(span)?).into_owned();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = text.strip_prefix('<').and_then(|rest| {
        let (tag, rest) = rest.split_once('>')?;
        let (value, end) = rest.split_once("</")?;
        (end == format!("{tag}>")).then(|| format!("{tag}: {value}"))
    });
    let text = short.unwrap_or(text);
    let cut = text.char_indices().nth(MAX_TEXT).map(|(at, _)| format!("{}…", &text[..at]));
    Some(cut.unwrap_or(text)).filter(|t| !t.is_empty())
}
