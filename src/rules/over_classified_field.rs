//! `over-classified-field`: a formula or roll-up is labelled higher than everything it reads.
//!
//! A label that asks for more than the data does is paid for with justifications that nobody can write
//! well, and wears out the ones that matter.

use super::catalogue::OVER_CLASSIFIED_FIELD as RULE;
use super::{Context, describe};
use crate::finding::Finding;
use crate::tiers::Known;
use crate::words::Tier;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for change in cx.delta.label_changes.iter().filter(|c| !c.base.same_label(&c.landing)) {
        let after = cx.classified(&change.field);
        let (Known::Declared { place, .. }, Some(reads)) = (&after.known, after.reads) else { continue };
        if after.tier == Tier::Open || after.derived.is_some() || reads >= after.tier {
            continue;
        }
        let mut finding = cx.finding(&RULE, place, None);
        finding.message = format!(
            "`{}` is {}, and all that it reads is {} at most",
            change.field,
            after.words(),
            reads.words()
        );
        finding.here = format!("{} by its own label alone", after.tier.words());
        finding.help =
            "label it like what it reads, or keep the label if the sum tells more than its parts".into();
        finding.subject = describe::of_field(&change.field, after);
        findings.push(finding);
    }
}
