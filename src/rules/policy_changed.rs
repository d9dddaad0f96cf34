//! `policy-changed`: the change touches the policy, the label exports or the baseline.
//!
//! None of it binds this change, which is judged by the base; but it would bind the next one.

use super::background::Altered;
use super::catalogue::POLICY_CHANGED as RULE;
use super::{Context, describe};
use crate::finding::Finding;
use crate::policy::{
    BASELINE_PATH, HOLDERS, JUSTIFICATIONS, LABELS, PLUGIN_FILE, POLICY_PATH, SUGGESTED_LABELS, TESTS,
};
use crate::source::RepoPath;
use crate::words::nearest;

/// Whether a path of the folder is one that is read.
fn read_from(path: &RepoPath) -> bool {
    let path = path.as_str();
    [POLICY_PATH, BASELINE_PATH, PLUGIN_FILE].contains(&path)
        || [LABELS, JUSTIFICATIONS].iter().any(|f| path.starts_with(f))
}

/// The name that a file which nothing reads should have, most likely by a slip.
fn meant(path: &RepoPath) -> Option<String> {
    nearest(path.as_str(), [POLICY_PATH, BASELINE_PATH]).map(str::to_owned).or_else(|| {
        let (folder, name) = path.as_str().rsplit_once('/')?;
        Some(format!("{}{name}", nearest(&format!("{folder}/"), [LABELS, JUSTIFICATIONS, TESTS, HOLDERS])?))
    })
}

/// What to do with a file that nothing reads.
fn put_away(path: &RepoPath) -> String {
    if let Some(name) = meant(path) {
        return format!("rename it to `{name}`, or delete it");
    }
    let lower = path.file_name().to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    match () {
        () if path.as_str() == SUGGESTED_LABELS => {
            format!("read it, then move it to `{LABELS}`, or delete it")
        }
        () if ends(&[".yml", ".yaml"]) => {
            format!(
                "move it to `{JUSTIFICATIONS}` if it justifies something, else out of the folder, or delete it"
            )
        }
        () if ends(&[".csv", ".json"]) => format!("move it to `{LABELS}`, or delete it"),
        () => format!("move it to `{JUSTIFICATIONS}` or `{LABELS}`, or delete it"),
    }
}

/// The justifications that its approval is for, too.
fn from_then_on(cx: &Context<'_>) -> Option<String> {
    let all = &cx.background.from_then_on;
    let named = all.iter().take(describe::NAMED).map(|(entry, field)| {
        let (place, holder) = (&entry.place, &entry.grantor);
        format!("`{}:{}` ({holder}, `{field}`, {})", place.path(), place.location().start.line, entry.access)
    });
    let named: Vec<String> = named.collect();
    let (noun, they) =
        if all.len() == 1 { ("justification counts", "it") } else { ("justifications count", "them") };
    (!all.is_empty()).then(|| {
        format!(
            "from then on {} {noun} as approved, though nobody had to approve {they}: {}{}; the approval of this change is for \
             {they}, too",
            all.len(),
            named.join(", "),
            describe::and_more(all.len() - named.len())
        )
    })
}

pub(super) fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (place, altered) in &cx.background.guarded {
        let path = place.path();
        let mut finding = cx.finding(&RULE, place, None);
        let (does, here) = match altered {
            Altered::Added => ("adds", "added"),
            Altered::Changed => ("alters", "changed"),
            Altered::Deleted => ("deletes", "deleted"),
        };
        finding.message = match read_from(path) {
            true => format!("this change {does} `{path}`, which decides how later changes are judged"),
            false => {
                let meant = meant(path).map(|name| format!(". Did you mean `{name}`?")).unwrap_or_default();
                format!("`{path}` is in the folder of the policy, and nothing reads it{meant}")
            }
        };
        finding.here = here.into();
        if place.path().as_str() == BASELINE_PATH {
            finding.notes.push(match cx.background.baseline_grows {
                0 => "the baseline only shrinks".into(),
                1 => "1 line is new: the baseline accepts more than before".into(),
                n => format!("{n} lines are new: the baseline accepts more than before"),
            });
        } else if path.as_str() == POLICY_PATH && matches!(altered, Altered::Added) {
            let note =
                "this change itself is judged by the built-in policy, since the base branch has none yet";
            finding.notes.push(note.into());
        } else {
            finding.notes.push("this change itself is judged by the policy of the base branch".into());
        }
        if path.as_str() == POLICY_PATH && !matches!(altered, Altered::Deleted) {
            finding.notes.push("`flsgate audit` on this branch judges the access that exists by it".into());
        }
        if path.as_str() == POLICY_PATH || path.as_str().starts_with(LABELS) {
            finding.notes.extend(from_then_on(cx));
        }
        finding.help = match read_from(path) || *altered == Altered::Deleted {
            true if cx.background.mistaken.contains(path) => {
                "correct the mistakes in it first; then have an authorised person approve it".into()
            }
            true if place.path().as_str() == BASELINE_PATH
                && cx.background.baseline_grows > 0
                && !cx.delta.label_changes.is_empty() =>
            {
                "have an authorised person approve it, together with the labels that need it".into()
            }
            true => "have an authorised person approve it, best in a pull request of its own".into(),
            false => put_away(path),
        };
        // Nobody can approve what a slip keeps from being read.
        finding.approvable = read_from(path) || *altered == Altered::Deleted || meant(path).is_none();
        findings.push(finding);
    }
}
