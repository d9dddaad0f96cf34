//! What findings of several rules say alike: subjects, related places, next steps.

use super::classified::Classified;
use super::context::Context;
use crate::access::{Bulk, BulkGrant, Exposure, Opened, OriginKind};
use crate::finding::{Finding, Place, Related, RuleInfo, Subject};
use crate::policy::{Duty, Entry};
use crate::words::{FieldName, Grantor, GrantorKind, PrincipalClass, Tier};

/// The next step where a person has to agree.
pub(super) const ASK_APPROVAL: &str = "ask an authorised person to approve the pull request";

/// A finding about an opened exposure, with message, places and notes that every such rule shares.
pub(super) fn about(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    opened: &Opened,
    classified: &Classified,
) -> Finding {
    let exposure = &opened.exposure;
    let mut finding = cx.finding(rule, exposure.place(), Some(classified.tier));
    finding.subject = cx.subject(exposure, classified);
    finding.here = format!("opens `{}` for {}", exposure.field, exposure.access);
    finding.message = format!("{} {}; the field is {}", exposure.grantor, finding.here, classified.words());
    match opened.before {
        Some(before) if before < exposure.access => {
            finding
                .notes
                .push(format!("the base grants {before}; this change widens it to {}", exposure.access));
        }
        Some(_) => {
            let principal = cx.principal(&exposure.grantor);
            finding.notes.push(format!(
                "the grant stands on the base; this change opens it to {principal} principals"
            ));
        }
        None => {}
    }
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
    if let super::Known::Unreadable(problem) = &classified.known {
        let at = problem.position.map(|p| format!(":{p}")).unwrap_or_default();
        finding.notes.push(format!("{}{at}: {}", problem.path, problem.reason));
    }
    finding.related.extend(classified_at(classified));
    finding
}

/// Where the label stands.
pub(super) fn classified_at(classified: &Classified) -> Option<Related> {
    let place = classified.place()?.clone();
    Some(Related::new(place, format!("the label: {}", classified.label)))
}

/// The grantor of one exposure by name, those of several by their number.
pub(super) fn who(exposures: &[&Exposure]) -> String {
    match exposures {
        [one] => one.grantor.to_string(),
        many => format!("{} grantors", many.len()),
    }
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
    format!("remove the grant; only the policy on the base can open such fields to {principal} principals")
}

/// How a profile stops to open a field: by the element that opens it.
fn out_of_profile(exposure: &Exposure) -> String {
    let (element, instead) = match exposure.bulks().into_iter().next().filter(|_| !exposure.by_entry()) {
        None => return OUT_OF_PROFILE.to_owned(),
        Some(Bulk::ReadObject(_)) => ("allowRead", "open the object"),
        Some(Bulk::EditObject(_)) => ("allowEdit", "open the object"),
        Some(Bulk::Permission(_)) => ("enabled", "grant the fields that are needed"),
        Some(_) => ("viewAllFields", "grant the fields that are needed"),
    };
    format!("set `{element}` to `false` here and {instead} in a permission set")
}

/// The next step for an exposure that nothing justifies.
pub(super) fn next_step(cx: &Context<'_>, exposure: &Exposure, classified: &Classified) -> String {
    let (duty, by_principal) = cx.duty(&exposure.grantor, classified, exposure.access);
    if by_principal {
        let help = only_policy_opens(cx.principal(&exposure.grantor));
        let group = exposure.grantor.kind == GrantorKind::PermissionSetGroup;
        return if group {
            help.replacen("remove the grant", "remove the member, or mute the field in the group", 1)
        } else {
            help
        };
    }
    if !cx.policy.tiers.kind_allowed(classified.tier, exposure.grantor.kind) {
        return out_of_profile(exposure);
    }
    if duty == Duty::Deny {
        return "remove the grant".to_owned();
    }
    let key = match exposure.grantor.kind {
        GrantorKind::PermissionSet => "grantor",
        GrantorKind::PermissionSetGroup => "permission_set_group",
        GrantorKind::Profile => "profile",
    };
    let approve =
        if duty >= Duty::Approve { " and ask for the approval that the policy demands" } else { "" };
    format!(
        "remove the grant, or justify it in a file under `{}` (`{key}: {}`, `field: {}`, `access: {}`){approve}",
        crate::policy::JUSTIFICATIONS,
        exposure.grantor.name(),
        exposure.field,
        exposure.access
    )
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
        grantor: Some((entry.grantor.clone(), cx.principal(&entry.grantor))),
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

/// Where a bulk grant is reported: at its element, and for a group at the member that brings it in.
pub(super) fn bulk_place<'g>(grantor: &Grantor, grant: &'g BulkGrant) -> &'g Place {
    let member = grant.route.first().filter(|_| grantor.kind == GrantorKind::PermissionSetGroup);
    member.map_or(grant.place(), |step| &step.place)
}

/// Who reaches what.
pub(super) fn pair(exposure: &Exposure) -> (Grantor, FieldName) {
    (exposure.grantor.clone(), exposure.field.clone())
}

/// Exposures of one cause that do not meet what the policy asks for.
pub(super) struct Unsettled {
    pub(super) count: usize,
    /// The highest tier among them.
    pub(super) tier: Option<Tier>,
    /// The tier among them under which the rule weighs most: a higher one may be advisory.
    pub(super) weighs: Option<Tier>,
    /// What bars them is the principal class.
    pub(super) by_principal: bool,
    /// `"`A.B` (restricted) and 1 more"`.
    pub(super) names: String,
    /// `"2 are classified and not justified: "` and the names.
    pub(super) words: String,
    /// A next step other than a justification, where none would help.
    pub(super) barred: Option<String>,
    /// Where their labels stand, and grants that lie elsewhere than the finding.
    pub(super) related: Vec<Related>,
    /// All of them.
    pub(super) pairs: Vec<(Grantor, FieldName)>,
}

pub(super) fn unsettled(cx: &Context<'_>, rule: &RuleInfo, exposures: &[&Exposure]) -> Unsettled {
    let classified = exposures.iter().map(|e| (*e, cx.classified(&e.field)));
    let mut open: Vec<_> = classified.filter(|(e, c)| !cx.settled(e, c)).collect();
    // The most sensitive first; within a tier by name.
    open.sort_by(|(a, x), (b, y)| y.tier.cmp(&x.tier).then_with(|| a.field.cmp(&b.field)));
    let names: Vec<String> =
        open.iter().take(NAMED).map(|(e, c)| format!("`{}` ({})", e.field, c.tier)).collect();
    let more = and_more(open.len() - names.len());
    let names = format!("{}{more}", names.join(", "));
    let verb = if open.len() == 1 { "is" } else { "are" };
    let barred = open.iter().find_map(|(e, c)| {
        let (duty, _) = cx.duty(&e.grantor, c, e.access);
        let open = duty < Duty::Deny && cx.policy.tiers.kind_allowed(c.tier, e.grantor.kind);
        (!open).then(|| next_step(cx, e, c))
    });
    Unsettled {
        count: open.len(),
        tier: open.iter().map(|(_, c)| c.tier).max(),
        weighs: open.iter().map(|(_, c)| c.tier).max_by_key(|t| (cx.policy.severity_in(rule, *t), *t)),
        by_principal: open.iter().any(|(e, c)| cx.duty(&e.grantor, c, e.access).1),
        words: format!("{} {verb} classified and not justified: {names}", open.len()),
        names,
        barred,
        related: open.iter().filter_map(|(_, c)| classified_at(c)).collect(),
        pairs: open.iter().map(|(e, _)| pair(e)).collect(),
    }
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
