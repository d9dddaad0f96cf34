//! `assignment-widened`: more people hold a permission set, profile or group that gives access to classified fields.
//!
//! Nothing of what is handed out changes, so no grant is new; but a user access policy, an Experience Cloud site or
//! delegated administration hands it out, or a session no longer has to be activated first (sources: `metadata` and
//! `access`, where these are read). What an access policy hands out counts before an administrator activates it, and
//! again when its status says that it is active.

use super::catalogue::ASSIGNMENT_WIDENED as RULE;
use super::hand_outs::says;
use super::{Context, describe};
use crate::access::{Assigned, Distribution, HandOutWay};
use crate::finding::{Finding, Related, Severity, Subject};
use crate::policy::Duty;
use crate::words::{FieldName, Tier};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for assigned in &cx.delta.assigned {
        findings.extend(report(cx, assigned));
    }
}

fn report(cx: &Context<'_>, assigned: &Assigned) -> Option<Finding> {
    let grantor = &assigned.grantor;
    let mut finding = cx.finding(&RULE, &assigned.place, None);
    finding.approvable = true;
    finding.subject = Subject {
        grantor: Some((grantor.clone(), cx.user_type(grantor))),
        // Tells apart what hands out the same; whoever agrees to one way has not agreed to another.
        field: key(&assigned.by),
        ..Subject::default()
    };
    // What nothing here defines is `unknown-permission-set`'s.
    let reach = cx.background.reach.get(grantor)?;
    let mut classified: Vec<_> = reach.iter().map(|e| (e, cx.classified(&e.field))).collect();
    classified.retain(|(_, c)| c.tier > Tier::Open);
    classified.sort_by(|(a, x), (b, y)| y.tier.cmp(&x.tier).then_with(|| a.field.cmp(&b.field)));
    let (_, highest) = classified.first()?;
    finding.subject.tier = Some(highest.tier);
    // Where the policy asks for a reason alone, the reason that exists was written for the set, whoever holds it.
    let approve = classified
        .iter()
        .any(|(e, c)| cx.duty(grantor, c, e.access).0 >= Duty::Approve || cx.stands(e, None).is_open());
    if !approve {
        finding.severity = finding.severity.min(Severity::Warning);
    }
    let gives = format!(
        "gives access to {} classified {}: {}",
        classified.len(),
        if classified.len() == 1 { "field" } else { "fields" },
        describe::fields(classified.iter().map(|(e, c)| (&e.field, c.tier)))
    );
    (finding.message, finding.here, finding.help) = words(assigned, &gives);
    for (exposure, classified) in classified.iter().take(describe::NAMED) {
        let message = format!("gives {} access to `{}`", exposure.access, exposure.field);
        finding.related.push(Related::new(exposure.place().clone(), message));
        finding.related.extend(describe::classified_at(classified));
    }
    Some(finding)
}

fn key(by: &Distribution) -> Option<FieldName> {
    let of = |way: &str, name: &str| FieldName::of(way, &describe::word(name));
    match by {
        Distribution::File(name, way, _) => match way {
            HandOutWay::AccessPolicy => of("*", name),
            HandOutWay::SelfRegistration => of("self-registration", name),
            HandOutWay::SiteMember => of("site", name),
            HandOutWay::DelegatedAdministrator => of("delegated-administration", name),
            HandOutWay::PortalAdministrator => of("administrators-among-customers", name),
            HandOutWay::ConnectedApp => of("connected-app", name),
            HandOutWay::ExternalClientApp => of("external-client-app", name),
        },
        Distribution::NoActivation => FieldName::of("*", "hasActivationRequired"),
    }
}

/// Message, mark at the element, and next step.
fn words(assigned: &Assigned, gives: &str) -> (String, String, String) {
    let grantor = &assigned.grantor;
    match &assigned.by {
        Distribution::File(name, way, news) => (
            format!("{} {grantor}, which {gives}", says(name, *way, *news)),
            format!("hands out `{}`", grantor.name()),
            "hand out what gives no access to these fields, or have an authorised person approve the assignment"
                .into(),
        ),
        Distribution::NoActivation => (
            format!(
                "{grantor} no longer waits until a session is activated: its users have it all the time. It {gives}"
            ),
            "required an activation before".into(),
            "set `hasActivationRequired` to `true`, or have an authorised person approve it".into(),
        ),
    }
}
