//! `assignment-widened`: a user access policy hands out a grantor that opens classified fields.
//!
//! Nothing about the grantor changes, so no grant is new; but more people hold it. A deployed policy
//! is in force when an administrator activates it (*Metadata API Developer Guide*, UserAccessPolicy).

use super::catalogue::ASSIGNMENT_WIDENED as RULE;
use super::{Context, describe};
use crate::access::Assigned;
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
    let verb = if assigned.new_audience { "hands out to other people" } else { "hands out" };
    let who = format!("user access policy `{}` {verb} {grantor}", assigned.policy);
    finding.here = format!("hands out `{}`", grantor.name());
    finding.approvable = true;
    finding.subject = Subject {
        grantor: Some((grantor.clone(), cx.user_type(grantor))),
        // Tells the policies that hand out one grantor apart.
        field: FieldName::of("*", &assigned.policy),
        ..Subject::default()
    };
    // What nothing here defines is `unknown-permission-set`'s.
    let reach = cx.facts.reach.get(grantor)?;
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
    let names: Vec<String> =
        classified.iter().take(describe::NAMED).map(|(e, c)| format!("`{}` ({})", e.field, c.tier)).collect();
    let more = describe::and_more(classified.len() - names.len());
    finding.message = format!(
        "{who}, which opens {} classified {}: {}{more}",
        classified.len(),
        if classified.len() == 1 { "field" } else { "fields" },
        names.join(", ")
    );
    finding.help =
        "hand out a grantor without these fields, or have an authorised person approve the assignment".into();
    for (exposure, classified) in classified.iter().take(describe::NAMED) {
        let message = format!("opens `{}` for {}", exposure.field, exposure.access);
        finding.related.push(Related::new(exposure.place().clone(), message));
        finding.related.extend(describe::classified_at(classified));
    }
    Some(finding)
}
