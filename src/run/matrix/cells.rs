//! One access of the matrix: its status, the justification behind it, and its route down to the data.

use crate::access::Exposure;
use crate::finding::{Place, RouteKind};
use crate::judge::{Judge, Justified, State};
use crate::policy::{Entry, Lacks};
use crate::report::matrix::Status;
use crate::source::Spanned;
use crate::tiers::{Classified, Known};
use crate::words::Tier;

/// Characters of an element that a step shows.
const MAX_TEXT: usize = 80;

/// One step of a route.
pub(super) struct Step {
    pub(super) kind: &'static str,
    pub(super) place: Place,
    pub(super) text: Option<String>,
}

/// A justification and the place of its entry.
pub(super) struct Reasoned {
    /// Text, compliance notes, owner, ticket, expiry.
    pub(super) texts: [Option<String>; 5],
    pub(super) place: Place,
}

/// What policy, justifications and baseline make of an access.
pub(super) struct Judged {
    pub(super) status: Status,
    pub(super) written: Option<Reasoned>,
    pub(super) notes: Vec<String>,
}

/// How one access stands: as the change leaves it where that makes it worse, else as it exists. What a group has by a
/// member is told at the member.
pub(super) fn judge(cx: &Judge<'_>, exposure: &Exposure, classified: &Classified) -> Judged {
    let (of, state) = cx.as_judged(exposure, classified);
    let mut judged = judged(cx, &of, classified, state);
    if of.grantor != exposure.grantor {
        judged.notes.insert(0, format!("judged as its member `{}`", of.grantor.name()));
    }
    judged
}

/// The status of a state, with the justification and what it lacks.
fn judged(cx: &Judge<'_>, exposure: &Exposure, classified: &Classified, state: State) -> Judged {
    let mut notes = Vec::new();
    let (mut over, mut written) = (false, None);
    match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
        Justified::No => {}
        Justified::Lacking(entry, lacks) => {
            over = lacks.iter().all(|l| matches!(l, Lacks::Expired(..)));
            notes.extend(lacks.iter().map(|lack| match lack {
                Lacks::Part(_, text) => text.clone(),
                Lacks::Expired(_, date) => format!("expired on {date}"),
            }));
            written = Some(entry);
        }
        Justified::Yes { entry, .. } => written = Some(entry),
    }
    let status = match state {
        State::Unjustified if over => Status::Expired,
        state => Status::from(state),
    };
    if state == State::NeedsApproval && cx.standing {
        notes.push("not reviewed yet".to_owned());
    }
    if state == State::Accepted
        && let Some(since) = cx.accepted_by(exposure).and_then(|line| line.since)
    {
        notes.push(format!("accepted by the baseline since {since}"));
    }
    if let Known::Unreadable(problem) = &classified.known {
        let at = problem.position.map(|p| format!(":{}", p.line)).unwrap_or_default();
        notes.push(format!("restricted, since `{}`{at} cannot be read: {}", problem.path, problem.reason));
    }
    let (_, by_user_type) = cx.duty(&exposure.grantor, classified, exposure.access);
    let kind_allowed = cx.may_open(&exposure.grantor, classified);
    // The gravest reason first: who holds it, then what it is.
    if by_user_type {
        notes.insert(0, format!("{} users may not have it", cx.user_type(&exposure.grantor)));
    } else if !kind_allowed {
        notes.insert(0, format!("a profile may not give access to {} fields", classified.tier.words()));
    }
    Judged { status, written: written.map(reasoned), notes }
}

fn reasoned(entry: &Entry) -> Reasoned {
    let text = |part: &Option<Spanned<String>>| part.as_ref().map(|t| t.value.clone());
    let reason = &entry.reason;
    let texts =
        [&reason.justification, &reason.compliance, &reason.owner, &reason.ticket, &reason.expires].map(text);
    Reasoned { texts, place: entry.place.clone() }
}

/// The way from the grantor to the field and, of a derived field, on to the data that gives it its tier.
pub(super) fn route(cx: &Judge<'_>, exposure: &Exposure, classified: &Classified) -> Vec<Step> {
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
