//! `unknown-permission-set`: a group, a user access policy or a site names a permission set, group or profile that nothing
//! here defines, or a new profile gets what such a one has.
//!
//! What it gives access to is not known: it belongs to another repository or a package, or a deletion made this
//! repository forget it.

use super::catalogue::UNKNOWN_PERMISSION_SET as RULE;
use super::hand_outs::says;
use super::{Context, describe};
use crate::access::{Distribution, HandOutWay};
use crate::finding::{Finding, Place, Severity, Subject};
use crate::policy::Deletions;
use crate::words::{FieldName, Grantor, GrantorKind};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (profile, place) in &cx.background.inheriting {
        findings.push(inherits(cx, profile, place));
    }
    for (group, member, place) in &cx.delta.unknown_members {
        let message = format!("{group} contains {member}, which nothing in this repository defines");
        findings.push(report(cx, (member, place), group.name(), message));
    }
    for assigned in cx.delta.assigned.iter().filter(|a| !cx.background.reach.contains_key(&a.grantor)) {
        let Distribution::File(name, way, news) = &assigned.by else { continue };
        // Sites and delegated administration name profiles of every org, which few repositories define. But what everybody
        // gets who registers is worth a look, and where deletions make this repository forget what it defined all is.
        let is_common = assigned.grantor.kind == GrantorKind::Profile
            && !matches!(way, HandOutWay::AccessPolicy | HandOutWay::SelfRegistration);
        if is_common && cx.policy.deletions == Deletions::Keep {
            continue;
        }
        let grantor = &assigned.grantor;
        let message =
            format!("{} {grantor}, which nothing in this repository defines", says(name, *way, *news));
        findings.push(report(cx, (grantor, &assigned.place), name, message));
    }
}

/// A new profile that gets what Standard User has.
fn inherits(cx: &Context<'_>, profile: &Grantor, place: &Place) -> Finding {
    let mut finding = cx.finding(&RULE, place, None);
    finding.severity = Severity::Error;
    finding.approvable = true;
    finding.message = format!(
        "the new {profile} deploys with an API version below 60, so it gets what Standard User has and its file does not \
         take away, and nothing in this repository defines that profile: what it gives access to is not known"
    );
    finding.here = "gets what Standard User has".into();
    finding.help = "deploy it with API version 60 or later, or retrieve `Standard.profile-meta.xml`, or have an authorised \
                    person approve this"
        .into();
    finding.subject =
        Subject { grantor: Some((profile.clone(), cx.user_type(profile))), ..Subject::default() };
    finding
}

fn report(cx: &Context<'_>, (unknown, place): (&Grantor, &Place), by: &str, message: String) -> Finding {
    let mut finding = cx.finding(&RULE, place, None);
    finding.message = format!("{message}: what it gives access to is not known");
    finding.here = format!("names `{}`", unknown.name());
    let near = cx.facts.nearly.get(unknown).filter(|near| near.kind == unknown.kind);
    finding.help = match near {
        Some(near) => {
            format!("if you meant `{}`, correct the name; else retrieve `{}`", near.name(), unknown.name())
        }
        None => "retrieve it into this repository, so that what it gives access to can be judged".into(),
    };
    if describe::has_namespace(unknown.name()) {
        finding.severity = finding.severity.min(Severity::Note);
        finding.notes.push("its name has the namespace of a package".into());
    } else if cx.policy.deletions != Deletions::Keep {
        // Whoever deletes without a finding could hand out afterwards what was deleted.
        finding.severity = Severity::Error;
        finding.approvable = true;
        finding.help.push_str(", or have an authorised person approve this");
    }
    finding.subject = Subject {
        grantor: Some((unknown.clone(), cx.user_type(unknown))),
        // Tells those that name it apart.
        field: FieldName::of("*", &describe::word(by)),
        ..Subject::default()
    };
    finding
}
