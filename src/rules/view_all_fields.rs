//! `view-all-fields`: View All Fields of an object opens every field of it for reading, fields added
//! later included, whatever field-level security says (Help, *View All and Modify All Permissions*).
//!
//! Two ways lead here: a grantor gains it, or an object that is under it gains a classified field.

use super::by_grant::by_permission;
use super::{Context, Known, Rule, describe};
use crate::access::{Bulk, BulkGrant, Exposure, LabelChange, VIEW_ALL_FIELDS_GLOBAL};
use crate::finding::{Finding, Related, RuleInfo, Severity, Subject};
use crate::words::{Access, FieldName, Grantor, GrantorKind, Tier};

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "view-all-fields",
        summary: "View All Fields opens classified fields past field-level security",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011"],
        page: include_str!("../../docs/rules/view-all-fields.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (grantor, grant, held) in cx.bulk() {
        if matches!(grant.bulk, Bulk::ViewAllFields(_)) {
            findings.push(gained(cx, grantor, grant, held));
        } else if grant.bulk == Bulk::permission(VIEW_ALL_FIELDS_GLOBAL) {
            findings.extend(by_permission(cx, &RULE.info, (grantor, grant, held), "read access"));
        }
    }
    for change in &cx.delta.label_changes {
        if matches!(cx.classified_before(&change.field).known, Known::Unknown) {
            findings.extend(covered(cx, change));
        }
    }
}

fn gained(cx: &Context<'_>, grantor: &Grantor, grant: &BulkGrant, held: bool) -> Finding {
    let exposures = cx.opened_by(grantor, &grant.bulk);
    let list = describe::unsettled(cx, &RULE.info, &exposures);
    let mut finding = cx.finding(&RULE.info, describe::bulk_place(grantor, grant), list.weighs);
    finding.message = format!(
        "{grantor} {} {grant}: every field can be read, whatever field-level security says",
        describe::gains(cx, held)
    );
    if list.count == 0 && cx.policy.labels.unknown_fields() > Tier::Open {
        let tier = cx.policy.labels.unknown_fields();
        finding
            .message
            .push_str(&format!("; fields that are not defined in this repository count as {tier}"));
        finding.help = "grant the fields that are needed one by one".into();
        finding.approvable = true;
    } else if list.count == 0 {
        // Nothing to justify today; but whatever is added to the object later is open as well.
        finding.severity = finding.severity.min(Severity::Note);
        finding.help = "grant the fields that are needed one by one, so that later ones stay closed".into();
    } else {
        finding.message.push_str(&format!("; of its fields {}", list.words));
        let in_profile =
            "set `viewAllFields` to `false` here and grant the fields that are needed in a permission set";
        let profile = grantor.kind == GrantorKind::Profile && !list.by_principal;
        let barred = list.barred.map(|other| if profile { in_profile.to_owned() } else { other });
        finding.help = barred.unwrap_or_else(|| format!(
            "grant the fields that are needed one by one, or justify each in a file under `{}` (a pattern such as `{}.*` with `reviewed_fields`)",
            crate::policy::JUSTIFICATIONS,
            grant.name
        ));
    }
    finding.here = format!("opens every field of `{}`", grant.name);
    if held {
        let principal = cx.principal(grantor);
        finding.notes.push(format!("it stands on the base; this change opens it to {principal} principals"));
    }
    finding.notes.push("fields that are added to the object later are open too".into());
    finding.related = list.related;
    finding.tells = list.pairs;
    finding.subject = Subject {
        grantor: Some((grantor.clone(), cx.principal(grantor))),
        field: FieldName::of(&grant.name, "*"),
        access: Some(Access::Read),
        tier: list.tier,
        route: grant.route.clone(),
        ..Subject::default()
    };
    finding
}

/// Whether a bulk grant alone leads to the field. An entry of its own that Edit Read Only Fields widens
/// is no View All Fields.
pub(super) fn by_bulk(exposure: &Exposure) -> bool {
    !exposure.by_entry()
}

/// A classified field that is added to an object under View All Fields, shown at its label.
fn covered(cx: &Context<'_>, change: &LabelChange) -> Option<Finding> {
    let field = &change.field;
    let classified = cx.classified(field);
    let place = classified.place().filter(|_| classified.tier > Tier::Open)?;
    let standing = cx.standing(change);
    // A grantor that gains View All Fields in the same change is told for that, once.
    let gained = |e: &&Exposure| e.bulk().is_some_and(|bulk| cx.gains_bulk(&e.grantor, &bulk));
    let reached: Vec<&Exposure> = standing
        .filter(|e| !gained(e) && !cx.accepted(e))
        .filter(|e| by_bulk(e))
        .filter(|e| !cx.settled(e, classified))
        .collect();
    if reached.is_empty() {
        return None;
    }
    let mut finding = cx.finding(&RULE.info, place, Some(classified.tier));
    let who = describe::who(&reached);
    finding.message = format!(
        "`{field}` is new, {}, and open to {who} from the start: View All Fields covers it",
        classified.words()
    );
    finding.here = "open from the start".into();
    finding.help = format!(
        "replace View All Fields by grants of single fields, or justify the access under `{}`",
        crate::policy::JUSTIFICATIONS
    );
    finding.subject = describe::of_field(field, classified);
    finding.tells = reached.iter().map(|e| describe::pair(e)).collect();
    for exposure in reached {
        let message = format!("{} reads every field here", exposure.grantor);
        finding.related.push(Related::new(exposure.place().clone(), message));
    }
    Some(finding)
}
