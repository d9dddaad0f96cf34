//! `unexplained-access`: access that a change makes worse and that no other rule speaks of.
//!
//! The net under all the others: a gap in a rule can make a poor message, never a pass. It is run last, sees what
//! the others found, and no policy lowers it.

use super::pairs::{Lack, OpenPair, Worse, newly_shown, open_pairs};
use super::{Context, Rule, broad_system_permission, describe};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::words::FieldName;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "unexplained-access",
        summary: "access to a classified field gets worse and no other rule speaks of it",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011"],
        page: include_str!("../../docs/rules/unexplained-access.md"),
    },
    check: |_, _| (),
};

/// Adds what no finding tells, and takes back that an approval settles what none can. `silent` are findings of rules
/// that the policy has turned off: what they tell is told as far as the policy wants it.
pub(super) fn complete(cx: &Context<'_>, findings: &mut Vec<Finding>, silent: &[Finding]) {
    for pair in open_pairs(cx) {
        let tells = |finding: &&mut Finding| is_about(finding, &pair);
        let mut told = silent.iter().any(|finding| is_about(finding, &pair));
        for finding in findings.iter_mut().filter(tells) {
            told = true;
            finding.approvable &= pair.lack == Lack::Approval;
        }
        if !told {
            findings.push(finding(cx, &pair));
        }
    }
}

/// Whether a finding is about this pair. What a user permission does to fields is told field by field: its own finding
/// is about the permission.
fn is_about(finding: &Finding, pair: &OpenPair) -> bool {
    let blocks_by_default = finding.rule.severity == Some(Severity::Error);
    blocks_by_default
        && finding.rule.id != broad_system_permission::RULE.info.id
        && finding.tells_of(&pair.exposure.grantor, &pair.exposure.field)
}

fn finding(cx: &Context<'_>, pair: &OpenPair) -> Finding {
    let exposure = &pair.exposure;
    let (holder, field) = (&exposure.grantor, &exposure.field);
    let classified = cx.classified(field);
    let mut finding = cx.finding(&RULE.info, exposure.place(), Some(classified.tier));
    finding.subject = cx.subject(exposure, classified);
    finding.subject.access = Some(pair.access);
    let why = match pair.worse {
        Worse::Access => "this change gives it",
        Worse::Requirement => "the policy asks for more than before",
        Worse::UserType => "more exposed people can hold it now",
        Worse::Shows => &format!("the field newly shows {}", quoted(&newly_shown(cx, field))),
        Worse::Reason => "its justification goes",
    };
    let lacks = match pair.lack {
        Lack::Approval => "nobody has approved it yet",
        Lack::Reason => "nothing justifies it",
        Lack::NotAllowed => "the policy does not allow it",
    };
    let user_type = cx.principal(holder);
    finding.message = format!(
        "{holder} ({user_type} users) has {} access to `{field}`, {}: {why}, and {lacks}",
        pair.access,
        classified.words()
    );
    finding.here = format!("gives {} access to `{field}`", pair.access);
    finding.approvable = pair.lack == Lack::Approval;
    finding.help = match pair.lack {
        Lack::Approval => describe::ASK_APPROVAL.to_owned(),
        Lack::Reason | Lack::NotAllowed => describe::next_step(cx, exposure, classified),
    };
    finding.related.extend(describe::classified_at(classified));
    finding
}

/// The first of some names, and how many more there are.
fn quoted(names: &[&FieldName]) -> String {
    let shown: Vec<String> = names.iter().take(describe::NAMED).map(|name| format!("`{name}`")).collect();
    format!("{}{}", shown.join(", "), describe::and_more(names.len() - shown.len()))
}
