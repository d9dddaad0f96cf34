//! `label-conflict`: a label from outside the repository asks for more than the repository's own.
//!
//! The higher one counts everywhere; but who reads only the field's file is misled.

use super::catalogue::LABEL_CONFLICT as RULE;
use super::{Context, describe};
use crate::finding::{Finding, Related};
use crate::words::FieldName;
use std::cell::LazyCell;
use std::collections::{BTreeSet, HashSet};

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let opened = cx.opened().map(|pair| &pair.exposure.field);
    let relabelled =
        cx.delta.label_changes.iter().filter(|c| !c.base.same_label(&c.landing)).map(|c| &c.field);
    let concerned = LazyCell::new(|| opened.chain(relabelled).collect::<HashSet<&FieldName>>());
    // A field that goes by two names has one definition.
    let mut told = BTreeSet::new();
    for (field, both) in cx.facts.two_labels.iter().filter(|(_, both)| both.repository_is_lower()) {
        if !concerned.contains(field) {
            continue;
        }
        let (Some(place), Some(row)) = (both.repository.place(), both.overlay.place()) else { continue };
        if !told.insert((place.path().clone(), place.span)) {
            continue;
        }
        let mut finding = cx.finding(&RULE, place, None);
        finding.message = format!(
            "`{field}` is {} by its definition, and {} by `{}`",
            both.repository.words(),
            both.overlay.words(),
            row.path()
        );
        finding.here = format!("the repository says: {}", both.repository.label);
        finding.notes.push("the more sensitive label counts, with the compliance groups of both".into());
        finding.help =
            "set the label of the overlay here, or have an authorised person correct the overlay".into();
        finding.subject = describe::of_field(field, cx.classified(field));
        let message = format!("the overlay says: {}", both.overlay.label);
        finding.related.push(Related::new(row.clone(), message));
        findings.push(finding);
    }
}
