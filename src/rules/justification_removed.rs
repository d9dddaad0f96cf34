//! `justification-removed`: an entry goes away or is narrowed while its grant stays.

use super::context::Justified;
use super::{Context, Rule, describe, justification_expired, justification_incomplete};
use crate::access::{Gone, Removed};
use crate::finding::{Finding, Related, RuleInfo, Severity};
use crate::policy::Duty;
use crate::words::FieldName;

pub(super) const RULE: Rule = Rule {
    info: RuleInfo {
        id: "justification-removed",
        summary: "a justification is removed while its grant stays",
        severity: Some(Severity::Error),
        since: "0.1.0",
        controls: &["SBS-ACS-011", "SBS-FDNS-001"],
        page: include_str!("../../docs/rules/justification-removed.md"),
    },
    check,
};

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for entry in &cx.facts.base_entries {
        // What goes with its file is `definition-removed`'s.
        let gone = |removed: &Removed| matches!(&removed.gone, Gone::Grantor(gone) if *gone == entry.grantor);
        if cx.kept(entry) || cx.delta.removed.iter().any(gone) {
            continue;
        }
        let landing = cx.delta.landing.get(&entry.grantor).or_else(|| cx.facts.named.get(&entry.grantor));
        let Some(access) = landing else { continue };
        for field in entry.fields() {
            let named_otherwise = || cx.facts.granted_as.get(&(entry.grantor.clone(), field.clone()));
            let reach = |field: &FieldName| access.reach(&entry.grantor, field);
            let Some(exposure) = reach(&field).or_else(|| reach(named_otherwise()?)) else { continue };
            let covers = entry.matches(&entry.grantor, &field, exposure.access);
            let still = match cx.justified(&entry.grantor, &field, exposure.access) {
                Justified::Yes { .. } => true,
                // A new entry that lacks something is reported as such; an old leftover replaces nothing.
                Justified::Lacking(other, _) => {
                    let told = [&justification_incomplete::RULE.info, &justification_expired::RULE.info];
                    !cx.landed(other) && told.iter().all(|rule| cx.blocks(rule))
                }
                Justified::No => false,
            };
            let opened = cx
                .delta
                .opened
                .iter()
                .any(|o| o.exposure.grantor == entry.grantor && o.exposure.field == field);
            let classified = cx.classified(&field);
            let (duty, _) = cx.duty(&entry.grantor, classified, exposure.access);
            // What the change opens anew is reported as unjustified already.
            if !covers || still || opened || duty == Duty::Allow {
                continue;
            }
            let mut finding = cx.finding(&RULE.info, exposure.place(), Some(classified.tier));
            finding.subject = cx.subject(&exposure, classified);
            finding.message = format!(
                "the justification of {} for {} on `{field}` is removed and the grant stays; the field is {}",
                entry.grantor,
                exposure.access,
                classified.words()
            );
            finding.here = format!("still opens `{field}` for {}", exposure.access);
            finding.help = "remove the grant as well, or restore the justification".into();
            finding.related.push(Related::new(entry.place.clone(), "removed by this change"));
            finding.related.extend(describe::classified_at(classified));
            findings.push(finding);
        }
    }
}
