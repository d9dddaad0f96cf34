//! What findings of several rules say alike: subjects, related places, next steps.

use super::context::{self, Context};
use crate::access::{Audience, Bulk, EDIT_READ_ONLY_FIELDS, Exposure, GrantorAccess, OriginKind};
use crate::finding::{Finding, Place, Related, RouteKind, RuleInfo, Subject};
use crate::judge::{Judge, Pair, State};
use crate::policy::{Duty, Entry};
use crate::source::Spanned;
use crate::tiers::{Classified, Known, MaskingDeclaration};
use crate::words::{Access, FieldName, Grantor, GrantorKind, PrincipalClass, Tier, nearest};

/// The next step where somebody has to agree to what else could be undone.
pub(super) const APPROVE_IT: &str = "have an authorised person approve it";

/// The next step where a person has to agree.
pub(super) const ASK_APPROVAL: &str = "ask an authorised person to approve the pull request";

/// A finding about an opened exposure, with message, places and notes that every such rule shares.
pub(super) fn about(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    opened: &Pair<'_>,
    classified: &Classified,
) -> Finding {
    let exposure = &*opened.exposure;
    let mut finding = cx.finding(rule, exposure.place(), Some(classified.tier));
    finding.subject = context::subject(cx, exposure, classified);
    tell(cx, &mut finding, opened, classified);
    finding
}

/// Tells of an opened exposure what every rule about one says alike.
pub(super) fn tell(cx: &Context<'_>, finding: &mut Finding, opened: &Pair<'_>, classified: &Classified) {
    let exposure = &*opened.exposure;
    finding.here = format!("gives {} access", exposure.access);
    finding.message = gives(exposure, classified);
    match opened.before {
        Some(before) if before < exposure.access => {
            finding
                .notes
                .push(format!("before this change it gave {before} access; now {}", exposure.access));
        }
        Some(_) if opened.worse.user_type => {
            let user_type = cx.user_type(&exposure.grantor);
            finding.notes.push(format!("the access exists already; now {user_type} users can hold it"));
        }
        _ => {}
    }
    finding.notes.extend(why_edit(cx, exposure));
    finding.notes.extend(why_exposed(cx, &exposure.grantor));
    finding.notes.extend(why_inherited(cx, exposure));
    if let Some(origin) = cx.delta.origins.get(&exposure.grantor) {
        let how = match origin.kind {
            OriginKind::Renamed => "renamed",
            OriginKind::Copied => "copied",
        };
        finding.notes.push(format!(
            "{} is new here; it looks {how} from `{}`",
            exposure.grantor,
            origin.from.name()
        ));
    }
    if let Known::Unreadable(problem) = &classified.known {
        let at = problem.position.map(|p| format!(":{p}")).unwrap_or_default();
        finding.notes.push(format!("{}{at}: {}", problem.path, problem.reason));
    }
    finding.related.extend(classified_at(classified));
}

/// ``permission set `Desk` gives read access to `A.B` (Restricted, PII)``.
pub(super) fn gives(exposure: &Exposure, classified: &Classified) -> String {
    let Exposure { grantor, field, access, .. } = exposure;
    format!("{grantor} gives {access} access to `{field}` ({})", classified.label_words())
}

/// Fields with their tiers, not more than a message holds: `` `A.B` (tier 3), `A.C` (tier 2) and 3 more``.
pub(super) fn fields<'f>(all: impl ExactSizeIterator<Item = (&'f FieldName, Tier)>) -> String {
    fields_with(all.map(|(field, tier)| (field, tier.words().to_owned())))
}

/// Fields with what is said of each.
pub(super) fn fields_with<'f>(all: impl ExactSizeIterator<Item = (&'f FieldName, String)>) -> String {
    let more = all.len().saturating_sub(NAMED);
    let named: Vec<String> = all.take(NAMED).map(|(field, said)| format!("`{field}` ({said})")).collect();
    format!("{}{}", named.join(", "), and_more(more))
}

/// Where the label stands.
pub(super) fn classified_at(classified: &Classified) -> Option<Related> {
    let place = classified.place()?.clone();
    Some(Related::new(place, format!("the label: {}", classified.label_at_place())))
}

/// Where the justification stands.
pub(super) fn justification_at(place: &Place) -> Related {
    Related::new(place.clone(), "the justification")
}

/// The next step for a grant in a profile.
pub(super) const OUT_OF_PROFILE: &str =
    "set `readable` and `editable` to `false` here and grant the field in a permission set";

/// The next step for a grant that the principal class forbids.
pub(super) fn only_policy_opens(principal: PrincipalClass) -> String {
    format!("remove the access; only the policy of the base branch can allow {principal} users such fields")
}

/// How a profile stops to open a field: by the element that opens it.
fn out_of_profile(exposure: &Exposure) -> String {
    let (element, instead) = match exposure.bulks().into_iter().next().filter(|_| !exposure.by_entry()) {
        None => return OUT_OF_PROFILE.to_owned(),
        Some(Bulk::ReadObject(_)) => ("allowRead", "give access to the object"),
        Some(Bulk::EditObject(_)) => ("allowEdit", "give access to the object"),
        Some(Bulk::CreateObject(_)) => ("allowCreate", "give access to the object"),
        Some(Bulk::ReadType(_)) => ("enabled", "give the access"),
        Some(Bulk::Permission(_)) => ("enabled", "grant the fields that are needed"),
        Some(_) => ("viewAllFields", "grant the fields that are needed"),
    };
    format!("set `{element}` to `false` here and {instead} in a permission set")
}

/// The next step where the file that decides about a field is broken.
pub(super) fn mend(of: &Classified) -> Option<String> {
    let problem = of.broken()?;
    let at = problem.position.map(|p| format!(":{}", p.line)).unwrap_or_default();
    Some(format!("correct `{}{at}`: until it can be read, the field counts as restricted", problem.path))
}

/// The next step for an exposure that nothing justifies.
pub fn next_step(cx: &Judge<'_>, exposure: &Exposure, classified: &Classified) -> String {
    if let Some(mend) = mend(classified) {
        return mend;
    }
    let (duty, by_principal) = cx.duty(&exposure.grantor, classified, exposure.access);
    if by_principal {
        let help = only_policy_opens(cx.user_type(&exposure.grantor));
        let group = exposure.grantor.kind == GrantorKind::PermissionSetGroup;
        return if group {
            help.replacen("remove the access", "remove the member, or mute the field in the group", 1)
        } else {
            help
        };
    }
    if !cx.may_open(&exposure.grantor, classified) {
        return out_of_profile(exposure);
    }
    if duty == Duty::Deny {
        return "remove the access".to_owned();
    }
    let key = key(&exposure.grantor);
    let command = if cx.standing { "flsgate justify --all" } else { "flsgate justify" };
    if let Some(path) = &cx.facts.unread_justification {
        return format!("correct `{path}` first: it could not be read, and may hold the justification");
    }
    let approve = if duty >= Duty::Approve { ", and ask for an approval" } else { "" };
    if let Some((old, path)) = reason_under_old_name(cx, exposure) {
        let new = exposure.grantor.name();
        return format!(
            "write `{key}: {new}` in place of `{old}` in `{path}`, so that the reason moves along{approve}"
        );
    }
    if let Some(slip) = misnamed_entry(cx, &exposure.grantor, &exposure.field) {
        return format!("{slip}{approve}");
    }
    format!(
        "remove the access, or justify it in a file under `{}` (`{key}: {}`, `field: {}`, `access: {}`; `{command}` writes it){approve}",
        crate::policy::JUSTIFICATIONS,
        exposure.grantor.name(),
        exposure.field,
        exposure.access
    )
}

/// Entries of one permission set that are looked at for a slip.
const FEW: usize = 50;

/// By which key a justification file names a permission set, profile or group.
fn key(holder: &Grantor) -> &'static str {
    match holder.kind {
        GrantorKind::PermissionSet => "permission_set",
        GrantorKind::PermissionSetGroup => "permission_set_group",
        GrantorKind::Profile => "profile",
    }
}

/// What to correct in an entry that only has a slip in its name: of the same permission set for a field that is called nearly
/// like this one and that nothing knows, or for this field of a permission set that is called nearly so and is not there.
pub fn misnamed_entry(cx: &Judge<'_>, grantor: &Grantor, field: &FieldName) -> Option<String> {
    cx.facts.entries.iter().take(FEW).find_map(|entry| {
        let at = |span| Place::new(&entry.place.file, span).location().start.line;
        let path = entry.place.path();
        if entry.grantor == *grantor {
            let is_meant = |written: &&Spanned<String>| {
                let unknown =
                    FieldName::parse(&written.value).filter(|name| cx.classified(name).place().is_none());
                unknown.is_some() && nearest(&written.value, [field.as_str()]).is_some()
            };
            let written = [&entry.field].into_iter().chain(&entry.reviewed).find(is_meant)?;
            return Some(format!(
                "`{path}:{}` has an entry for `{}`: if you meant `{field}`, correct it there",
                at(written.span),
                written.value
            ));
        }
        let is_meant = cx.facts.nearly.get(&entry.grantor) == Some(grantor) && entry.fields().contains(field);
        is_meant.then(|| {
            format!(
                "`{path}:{}` names {}, which does not exist: write `{}: {}` there",
                at(entry.named),
                entry.grantor,
                key(grantor),
                grantor.name()
            )
        })
    })
}

/// The former name of what is renamed, and the file in which a reason for the same access still has that name.
fn reason_under_old_name<'c>(cx: &'c Judge<'_>, exposure: &Exposure) -> Option<(&'c str, &'c str)> {
    let origin = cx.delta.origins.get(&exposure.grantor)?;
    let renamed = Some(&origin.from).filter(|_| origin.kind == OriginKind::Renamed)?;
    let mut entries = cx.entries_of(renamed, &exposure.field);
    let entry = entries.find(|entry| entry.access >= exposure.access)?;
    Some((renamed.name(), entry.place.path().as_str()))
}

/// A finding about a field, whoever reaches it.
pub(super) fn of_field(field: &FieldName, classified: &Classified) -> Subject {
    Subject {
        field: Some(field.clone()),
        tier: Some(classified.tier),
        label: Some((classified.label.clone(), classified.place().cloned())),
        ..Subject::default()
    }
}

/// A finding about a justification entry.
pub(super) fn of_entry(cx: &Context<'_>, entry: &Entry) -> Subject {
    Subject {
        grantor: Some((entry.grantor.clone(), cx.user_type(&entry.grantor))),
        field: entry.fields().into_iter().next(),
        access: Some(entry.access),
        justification: Some(entry.place.clone()),
        ..Subject::default()
    }
}

/// How many fields a message names before it counts the rest.
pub(super) const NAMED: usize = 5;

/// `" and 3 more"`, or nothing.
pub(super) fn and_more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" and {count} more") }
}

/// A name as one word, to tell findings apart by.
pub(super) fn word(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join("_")
}

/// How a pair stands, as part of what names a finding.
pub(super) fn fate(state: State) -> &'static str {
    match state {
        State::NotAllowed => "not allowed",
        State::NeedsApproval => "needs an approval",
        _ => "unjustified",
    }
}

/// Why access is for edit where the field's entry gives read: the user permission, and the member that brings it.
fn why_edit(cx: &Context<'_>, exposure: &Exposure) -> Option<String> {
    let by_permission = exposure.route.last().is_some_and(|step| step.kind == RouteKind::SystemPermission);
    if exposure.access < Access::Edit || !by_permission {
        return None;
    }
    let grant = cx.access_of(&exposure.grantor)?.bulk.get(&Bulk::permission(EDIT_READ_ONLY_FIELDS))?;
    let members = &cx.access_of(&exposure.grantor)?.named;
    let step = grant.route.first().filter(|step| step.kind == RouteKind::PermissionSetGroup);
    let member = step.and_then(|step| members.iter().find(|(_, place)| place.key() == step.place.key()));
    let by = member.map(|(member, _)| format!(" of its member `{}`", member.name())).unwrap_or_default();
    Some(format!("Edit Read Only Fields (`{}`){by} turns read access into edit access", grant.name))
}

/// Why a new profile gives what its own file does not say.
fn why_inherited(cx: &Context<'_>, exposure: &Exposure) -> Option<String> {
    let Exposure { grantor, .. } = exposure;
    let is_new = grantor.kind == GrantorKind::Profile && !cx.existed(grantor);
    let of_standard = exposure.place().path().file_name().split('.').next() == Some("Standard");
    (is_new && of_standard && !grantor.name().eq_ignore_ascii_case("Standard")).then(|| {
        format!(
            "below API version 60 a new profile gets what profile Standard User has; refuse it in the file of {grantor}, or \
             deploy it with version 60 or later"
        )
    })
}

/// The muting permission set that took a grant of more than one field away from a group before.
pub(super) fn was_muted(cx: &Judge<'_>, holder: &Grantor, bulk: &Bulk) -> Option<String> {
    let set = cx.delta.base.get(holder)?.muted_bulk.get(bulk)?;
    Some(format!("muting permission set `{set}` took this away from the group before, and no longer does"))
}

/// What makes people outside hold it: a file that hands it to them, or which member makes a group as exposed as it is.
pub(super) fn why_exposed(cx: &Context<'_>, holder: &Grantor) -> Option<String> {
    let user_type = cx.user_type(holder);
    let sides = || [cx.access_of(holder), cx.delta.base.get(holder)].into_iter().flatten();
    let handed = |access: &'_ GrantorAccess| {
        let of_this_type = |(handed, who, _): &&(Grantor, Audience, Place)| {
            let by = access.licenses.handed.get(&(handed.clone(), who.clone()));
            cx.audience_type(who, by.map_or(&[], |by| &by.licenses)) == user_type
        };
        let (handed, who, place) = access.handed_places.iter().find(of_this_type)?;
        Some(format!("`{}` hands {handed} to {}", place.path(), audience(who)))
    };
    if user_type >= PrincipalClass::Agent
        && let Some(why) = sides().find_map(handed)
    {
        return Some(why);
    }
    if holder.kind != GrantorKind::PermissionSetGroup || user_type <= PrincipalClass::Internal {
        return None;
    }
    let members = sides().flat_map(|access| &access.licenses.members);
    let (member, licenses) = members
        .into_iter()
        .find(|(member, licenses)| cx.policy.principals.class(member, licenses) == user_type)?;
    let by = licenses.first().map(|license| format!(", whose licence is `{license}`")).unwrap_or_default();
    Some(format!("{user_type} users can hold it by its member `{}`{by}", member.name()))
}

fn audience(who: &Audience) -> String {
    match who {
        Audience::Outside => "people outside the company".into(),
        Audience::Holders(holder) => format!("users who have {holder}"),
        Audience::Licensed(license) => format!("users with licence `{license}`"),
    }
}

/// A finding about a declared masking.
pub(super) fn of_masking(declaration: &MaskingDeclaration) -> Subject {
    let of = declaration.input.as_ref().map(|(_, of)| of);
    Subject {
        field: Some(declaration.masking.field.value.clone()),
        tier: of.map(|of| of.tier),
        label: of.map(|of| (of.label.clone(), of.place().cloned())),
        justification: Some(declaration.masking.place.clone()),
        ..Subject::default()
    }
}

/// Who reaches what.
pub(super) fn pair(exposure: &Exposure) -> (Grantor, FieldName) {
    (exposure.grantor.clone(), exposure.field.clone())
}

/// Whether a component's name has the namespace of a package: the repository's own has been taken out.
pub(super) fn has_namespace(name: &str) -> bool {
    name.split_once("__").is_some_and(|(namespace, rest)| !namespace.is_empty() && !rest.is_empty())
}

/// How a grantor came by a bulk grant.
pub(super) fn gains(cx: &Context<'_>, held: bool) -> &'static str {
    if held || cx.standing { "holds" } else { "gains" }
}

/// What a field that nothing defined before is called.
pub(super) fn new_field(cx: &Context<'_>) -> &'static str {
    if cx.standing { "field" } else { "new field" }
}
