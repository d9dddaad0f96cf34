//! `policy-changed`: the change touches the policy, the label exports or the baseline.
//!
//! None of it binds this change, which is judged by the base; but it would bind the next one.

use super::Context;
use super::catalogue::POLICY_CHANGED as RULE;
use crate::finding::Finding;
use crate::policy::{BASELINE_PATH, JUSTIFICATIONS, LABELS, POLICY_PATH};
use crate::source::RepoPath;
use crate::words::nearest;

/// Whether a path of the folder is one that is read.
fn read_from(path: &RepoPath) -> bool {
    let path = path.as_str();
    [POLICY_PATH, BASELINE_PATH].contains(&path)
        || [LABELS, JUSTIFICATIONS].iter().any(|f| path.starts_with(f))
}

/// A file in the folder that nothing reads, most likely by a slip in its name.
fn not_read(path: &RepoPath) -> String {
    let near = nearest(path.as_str(), [POLICY_PATH, BASELINE_PATH]).map(str::to_owned).or_else(|| {
        let (folder, name) = path.as_str().rsplit_once('/')?;
        Some(format!("{}{name}", nearest(&format!("{folder}/"), [LABELS, JUSTIFICATIONS])?))
    });
    let near = near.map(|name| format!(". Did you mean `{name}`?")).unwrap_or_default();
    format!("`{path}` is in the folder of the policy, and nothing reads it{near}")
}

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for place in &cx.facts.guarded {
        let mut finding = cx.finding(&RULE, place, None);
        finding.message = match read_from(place.path()) {
            true => format!("`{}` decides how later changes are judged, and it is changed", place.path()),
            false => not_read(place.path()),
        };
        finding.here = "changed".into();
        if place.path().as_str() == BASELINE_PATH {
            finding.notes.push(match cx.facts.baseline_grows {
                0 => "the baseline does not grow".into(),
                n => format!("{n} of its lines are new: the baseline accepts more than before"),
            });
        } else {
            finding.notes.push("this change itself is judged by the policy of the base branch".into());
        }
        finding.help = "have an authorised person approve it, best in a pull request of its own".into();
        finding.approvable = true;
        findings.push(finding);
    }
}
