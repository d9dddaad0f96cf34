//! What findings of several rules say alike: subjects, related places, next steps.

use super::context::{Classified, Context};
use crate::access::{Exposure, Opened, OriginKind};
use crate::finding::{Finding, Place, Related, RuleInfo, Subject};
use crate::policy::{Duty, Entry};
use crate::words::{FieldName, GrantorKind, PrincipalClass};

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
    Some(Related { place, message: format!("the label: {}", classified.label) })
}

/// Where the justification stands.
pub(super) fn justification_at(place: &Place) -> Related {
    Related { place: place.clone(), message: "the justification".into() }
}

/// The next step for a grant in a profile.
pub(super) const OUT_OF_PROFILE: &str =
    "set `readable` and `editable` to `false` here and grant the field in a permission set";

/// The next step for a grant that the principal class forbids.
pub(super) fn only_policy_opens(principal: PrincipalClass) -> String {
    format!("remove the grant; only the policy on the base can open such fields to {principal} principals")
}

/// The next step for an exposure that nothing justifies.
pub(super) fn next_step(cx: &Context<'_>, exposure: &Exposure, classified: &Classified) -> String {
    let (duty, by_principal) = cx.duty(&exposure.grantor, classified, exposure.access);
    if by_principal {
        return only_policy_opens(cx.principal(&exposure.grantor));
    }
    if !cx.policy.tiers.kind_allowed(classified.tier, exposure.grantor.kind) {
        return OUT_OF_PROFILE.to_owned();
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
