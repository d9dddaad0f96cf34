//! What the rules about new grants share: one judgement of an exposure, told apart by tier and access
//! in the rule files.

use super::context::{Classified, Context, Justified};
use super::profile_grants_classified_field;
use super::{awaiting_approval, external_principal_grant, justification_expired, justification_incomplete};
use crate::access::{Exposure, Opened, OriginKind};
use crate::finding::{Finding, Place, Related, RuleInfo};
use crate::policy::{Duty, Lacks};
use crate::words::{Access, PrincipalClass, Tier};

/// Reports every opened exposure of the given kind that nothing justifies and no other rule reports.
pub(super) fn check(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    concerns: fn(Tier, Access) -> bool,
    findings: &mut Vec<Finding>,
) {
    for opened in cx.opened() {
        let exposure = &opened.exposure;
        let classified = cx.classified(&exposure.field);
        if concerns(classified.tier, exposure.access) {
            findings.extend(unjustified(cx, rule, opened, &classified));
        }
    }
}

fn unjustified(
    cx: &Context<'_>,
    rule: &'static RuleInfo,
    opened: &Opened,
    classified: &Classified,
) -> Option<Finding> {
    let exposure = &opened.exposure;
    let (duty, by_principal) = cx.duty(&exposure.grantor, classified, exposure.access);
    if duty == Duty::Allow {
        return None;
    }
    if by_principal && cx.blocks(&external_principal_grant::RULE.info) {
        return None;
    }
    if !cx.policy.tiers.kind_allowed(classified.tier, exposure.grantor.kind)
        && cx.blocks(&profile_grants_classified_field::RULE.info)
    {
        return None;
    }
    let (why, help, entry) = if duty == Duty::Deny {
        ("the policy allows no such grant".to_owned(), next_step(cx, exposure, classified), None)
    } else {
        match cx.justified(&exposure.grantor, &exposure.field, exposure.access) {
            Justified::No => {
                ("no justification covers it".to_owned(), next_step(cx, exposure, classified), None)
            }
            Justified::Lacking(entry, lacks) => {
                let reported = lacks.iter().all(|l| match l {
                    Lacks::Expired(..) => cx.blocks(&justification_expired::RULE.info),
                    Lacks::Part(..) => cx.blocks(&justification_incomplete::RULE.info),
                });
                if reported {
                    return None;
                }
                (
                    "its justification does not count".to_owned(),
                    "complete the justification".to_owned(),
                    Some(entry),
                )
            }
            Justified::Yes { entry, approved } => {
                if duty < Duty::Approve || approved || cx.blocks(&awaiting_approval::RULE.info) {
                    return None;
                }
                (
                    "its justification is not approved".to_owned(),
                    awaiting_approval::HELP.to_owned(),
                    Some(entry),
                )
            }
        }
    };
    let mut finding = about(cx, rule, opened, classified);
    finding.message = format!("{} and {why}", finding.message);
    finding.help = help;
    finding.subject.justification = entry.map(|e| e.place.clone());
    finding.related.extend(entry.map(|e| justification_at(&e.place)));
    Some(finding)
}

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
        crate::words::GrantorKind::PermissionSet => "grantor",
        crate::words::GrantorKind::PermissionSetGroup => "permission_set_group",
        crate::words::GrantorKind::Profile => "profile",
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
