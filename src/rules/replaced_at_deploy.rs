//! `replaced-at-deploy`: new string replacements can rewrite permission or field files at deploy time.
//!
//! What is reviewed is then not what deploys: a `false` in the repository may be a `true` in the org.

use super::Context;
use super::catalogue::REPLACED_AT_DEPLOY as RULE;
use crate::finding::{Finding, Place};
use crate::source::RepoPath;

/// Matched files that the message names.
const NAMED: usize = 3;

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (place, paths) in &cx.background.replaced {
        findings.push(report(cx, place, paths));
    }
}

fn report(cx: &Context<'_>, place: &Place, paths: &[RepoPath]) -> Finding {
    let mut finding = cx.finding(&RULE, place, None);
    let names: Vec<String> = paths.iter().take(NAMED).map(|p| format!("`{p}`")).collect();
    let more = super::describe::and_more(paths.len() - names.len());
    finding.message = format!("`replacements` can rewrite {}{more} at deploy time", names.join(", "));
    finding.here = "what is reviewed is not what deploys".into();
    finding.help =
        "keep replacements away from permission and field files, or have an authorised person approve them"
            .into();
    finding.approvable = true;
    finding
}
