//! `misspelt-label`: a label has a value that is nearly a known one, and counts as that.

use super::catalogue::MISSPELT_LABEL as RULE;
use super::{Context, describe};
use crate::access::{Declaration, Declared, LabelChange};
use crate::finding::{Finding, Place};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in cx.delta.label_changes.iter().filter(|c| !c.base.same_label(&c.landing)) {
        let Declared::Known(definitions) = &change.landing else { continue };
        for definition in definitions {
            findings.extend(classification(cx, change, definition));
            findings.extend(groups(cx, change, definition));
        }
    }
}

fn classification(cx: &Context<'_>, change: &LabelChange, definition: &Declaration) -> Option<Finding> {
    let (written, place) = definition.classification.as_ref()?;
    let miss = cx.policy.labels.near_misses(Some(written), None).into_iter().next()?;
    let mut finding = about(cx, change, place);
    finding.message = format!(
        "`{}` is classified `{}`, which is nearly `{}` and counts as that",
        change.field, miss.written, miss.likely
    );
    finding.here = format!("nearly `{}`", miss.likely);
    finding.help = format!(
        "write `{}`; if `{}` is a value of its own, list it in a tier's `classifications` in `{}`",
        miss.likely,
        miss.written,
        crate::policy::POLICY_PATH
    );
    Some(finding)
}

/// Groups that are nearly known ones, and groups in two elements: told once, with the whole text to write.
fn groups(cx: &Context<'_>, change: &LabelChange, definition: &Declaration) -> Option<Finding> {
    let (written, place) = definition.compliance.as_ref()?;
    let misses = cx.policy.labels.near_misses(None, Some(written));
    let again = definition.compliance_again.as_ref();
    if misses.is_empty() && again.is_none() {
        return None;
    }
    let mut finding = about(cx, change, again.unwrap_or(place));
    let near = misses.iter().map(|miss| format!("`{}` is nearly `{}`", miss.written, miss.likely));
    let twice = again.map(|_| "there are two `<complianceGroup>` elements".to_owned());
    let all: Vec<String> = twice.into_iter().chain(near).collect();
    finding.message = format!(
        "the compliance groups of `{}` are not as Salesforce reads them: {}",
        change.field,
        all.join(", ")
    );
    finding.here = "not one list of known groups".into();
    let right = cx.policy.labels.label(None, Some(written)).compliance_groups.join(";");
    if !misses.is_empty() {
        finding.notes.push("each counts as what it is nearly".into());
    }
    if again.is_some() {
        finding.notes.push("the groups of all elements count".into());
    }
    let right = if right.is_empty() { "None" } else { &right };
    finding.help = format!("write one element: `<complianceGroup>{right}</complianceGroup>`");
    Some(finding)
}

fn about(cx: &Context<'_>, change: &LabelChange, place: &Place) -> Finding {
    let mut finding = cx.finding(&RULE, place, None);
    finding.subject = describe::of_field(&change.field, cx.classified(&change.field));
    finding
}
