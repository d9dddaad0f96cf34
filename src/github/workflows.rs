//! What the workflow files of a checkout say of the gate. Pure.

use super::doctor::Check;
use super::inputs::NAMES;
use crate::words::nearest;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What of a workflow file is looked at.
#[derive(Deserialize)]
struct Workflow {
    #[serde(default)]
    jobs: BTreeMap<String, Job>,
}

/// A job: steps, or a workflow that it calls.
#[derive(Deserialize)]
struct Job {
    uses: Option<String>,
    #[serde(default)]
    with: BTreeMap<String, Input>,
    #[serde(default)]
    steps: Vec<Step>,
}

/// A step; only those that use an action have a name here.
#[derive(Deserialize)]
struct Step {
    uses: Option<String>,
    #[serde(default)]
    with: BTreeMap<String, Input>,
}

/// The value of an input. GitHub turns each into text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Text(String),
    Other(serde::de::IgnoredAny),
}

/// How a workflow uses flsgate.
struct Used<'w> {
    path: &'w str,
    name: &'w str,
    inputs: &'w BTreeMap<String, Input>,
    /// As an action. Of a called workflow GitHub itself refuses unknown inputs.
    is_action: bool,
}

/// Inputs that the runner takes for any container action.
const BY_RUNNER: [&str; 2] = ["args", "entrypoint"];

/// What the workflows of a checkout say of the gate: text of each file, by path. `names_teams` says whether the policy has
/// teams approve, whose members only a token of its own can read.
pub fn workflow_checks(
    workflows: &BTreeMap<String, String>,
    required_elsewhere: bool,
    names_teams: bool,
) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut read = Vec::new();
    for (path, text) in workflows {
        match serde_saphyr::from_str::<Workflow>(text) {
            Ok(workflow) => read.push((path, workflow)),
            Err(_) if !text.contains("flsgate") => {}
            Err(error) => checks.push(Check::gap(
                format!("`{path}` is no workflow that can be read: {}", error.without_snippet()),
                "correct it: GitHub does not run it like this",
            )),
        }
    }
    match read.iter().find_map(|(path, workflow)| used(path, workflow)) {
        Some(used) => {
            checks.extend([commit(&used), status(&used)].into_iter().chain(unknown_inputs(&used)));
            checks.extend(team_token(&used).filter(|_| names_teams));
        }
        None if !checks.is_empty() => {}
        None => checks.extend(not_used(workflows, required_elsewhere)),
    }
    checks
}

/// The first step or job that uses flsgate.
fn used<'w>(path: &'w str, workflow: &'w Workflow) -> Option<Used<'w>> {
    let is_flsgate = |name: &&String| name.contains("/flsgate@") || name.contains("/flsgate/");
    let used = |name: &'w Option<String>, inputs, is_action| {
        let name = name.as_ref().filter(is_flsgate)?;
        Some(Used { path, name, inputs, is_action })
    };
    workflow.jobs.values().find_map(|job| {
        let step = job.steps.iter().find_map(|step| used(&step.uses, &step.with, true));
        step.or_else(|| used(&job.uses, &job.with, false))
    })
}

fn not_used(workflows: &BTreeMap<String, String>, required_elsewhere: bool) -> Option<Check> {
    if let Some(own) = workflows.keys().find(|path| path.ends_with("/flsgate.yml")) {
        return Some(Check::gap(
            format!("`{own}` has no step that uses flsgate"),
            "correct it, or delete it and let `flsgate init` write it again",
        ));
    }
    (!required_elsewhere).then(|| {
        Check::gap(
            "no workflow in `.github/workflows/` uses flsgate",
            "`flsgate init` writes one, or have a ruleset of the organisation require one",
        )
    })
}

fn commit(Used { path, name, .. }: &Used<'_>) -> Check {
    let (action, at) = name.rsplit_once('@').unwrap_or((name, ""));
    let is_commit = at.len() == 40 && at.bytes().all(|b| b.is_ascii_hexdigit());
    if action.starts_with("OWNER/") || !is_commit {
        return Check::gap(
            format!("`{path}` uses `{name}`, which is no commit of a release"),
            "name the repository of flsgate and the full commit id of a release: a tag or branch can be moved",
        );
    }
    Check::holds(format!("`{path}` uses flsgate at commit {}", &at[..10]))
}

fn status(Used { path, inputs, .. }: &Used<'_>) -> Check {
    let status = inputs.iter().find(|(name, _)| name.eq_ignore_ascii_case("commit-status"));
    match status.map(|(_, value)| value) {
        Some(Input::Text(name)) if name.contains("{base}") => {
            Check::holds("the commit status names the base branch")
        }
        Some(Input::Text(name)) if !name.is_empty() => Check::gap(
            format!("the commit status `{name}` names no base branch"),
            "write `commit-status: flsgate / {base}`: a status belongs to a commit, so a second pull request of the \
             same commit answers for the first",
        ),
        _ => Check::gap(
            format!("`{path}` sets no commit status, so the job is all that can be required"),
            "write `commit-status: flsgate / {base}`: a job keeps the red result of the push after the approval",
        ),
    }
}

/// Whether the members of teams can be read. A called workflow gets the token as a secret, which is not looked at.
fn team_token(used: &Used<'_>) -> Option<Check> {
    let is_token = |(name, value): (&String, &Input)| {
        name.eq_ignore_ascii_case("team-token") && !matches!(value, Input::Text(text) if text.is_empty())
    };
    let is_set = used.inputs.iter().any(is_token);
    (used.is_action && !is_set).then(|| {
        Check::gap(
            format!(
                "the policy names teams, and `{}` sets no `team-token`, so nobody's approval counts as a member of one",
                used.path
            ),
            "name people in `approvers`, or set the input `team-token` (docs/github.md says which token can read members)",
        )
    })
}

/// Inputs that the Action does not have, each of which ends its run.
fn unknown_inputs<'w>(used: &'w Used<'_>) -> impl Iterator<Item = Check> + 'w {
    let is_known = |name: &str| NAMES.iter().chain(&BY_RUNNER).any(|known| known.eq_ignore_ascii_case(name));
    let unknown = used.inputs.keys().filter(move |name| used.is_action && !is_known(name));
    unknown.map(|name| {
        let next = match nearest(name, NAMES.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("take it out; the inputs are {}", NAMES.join(", ")),
        };
        let path = used.path;
        Check::gap(
            format!("`{path}` sets the input `{name}`, which there is not, so every run is undecided"),
            next,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(text: &str) -> Vec<Check> {
        workflow_checks(&BTreeMap::from([("w.yml".to_owned(), text.to_owned())]), false, false)
    }

    fn gaps(text: &str) -> Vec<String> {
        checks(text).into_iter().filter(|c| !c.holds).map(|c| format!("{}; {}", c.found, c.next)).collect()
    }

    fn step(uses: &str, with: &str) -> String {
        format!("jobs:\n  judge:\n    steps:\n      - uses: {uses} # v1\n        with:\n          {with}\n")
    }

    #[test]
    fn a_workflow_names_a_release_and_the_base() {
        let commit = "a".repeat(40);
        let count = |uses: &str, with: &str| gaps(&step(uses, with)).len();
        assert_eq!(count(&format!("acme/flsgate@{commit}"), "commit-status: flsgate / {base}"), 0);
        for uses in [
            "OWNER/flsgate@COMMIT",
            "acme/flsgate@v1",
            "acme/flsgate@main",
            &format!("OWNER/flsgate@{commit}"),
        ] {
            assert_eq!(count(uses, "commit-status: flsgate / {base}"), 1, "{uses}");
        }
        assert_eq!(count(&format!("acme/flsgate@{commit}"), "commit-status: flsgate"), 1);
        assert_eq!(count(&format!("acme/flsgate@{commit}"), "commit-status: ''"), 1);
        assert_eq!(count(&format!("acme/flsgate@{commit}"), "output: x"), 1);
        let none = BTreeMap::from([("w.yml".to_owned(), "jobs: {}".to_owned())]);
        assert_eq!(
            (workflow_checks(&none, false, false).len(), workflow_checks(&none, true, false).len()),
            (1, 0)
        );
    }

    #[test]
    fn a_job_calls_the_workflow_of_a_release() {
        let uses = format!("acme/flsgate/.github/workflows/gate.yml@{}", "a".repeat(40));
        let text = format!(
            "jobs:\n  gate:\n    uses: {uses}\n    with:\n      commit-status: x {{base}}\n      fetch-depth: 0\n"
        );
        assert_eq!(gaps(&text), Vec::<String>::new());
    }

    #[test]
    fn an_input_that_there_is_not_is_named_with_the_near_one() {
        let uses = format!("acme/flsgate@{}", "a".repeat(40));
        let with =
            "commit_status: flsgate / {base}\n          fail-on: error\n          Review-Comments: true";
        let gaps = gaps(&step(&uses, with));
        assert!(
            gaps.iter().any(|g| g.contains("`commit_status`") && g.contains("`commit-status`?")),
            "{gaps:#?}"
        );
        assert!(gaps.iter().any(|g| g.contains("`fail-on`") && g.contains("take it out")), "{gaps:#?}");
        assert!(!gaps.iter().any(|g| g.contains("Review-Comments")), "{gaps:#?}");
    }

    #[test]
    fn teams_of_the_policy_need_a_token_that_reads_their_members() {
        let commit = format!("acme/flsgate@{}", "a".repeat(40));
        let gaps = |with: &str| {
            let text = step(&commit, &format!("commit-status: flsgate / {{base}}\n          {with}"));
            let all = workflow_checks(&BTreeMap::from([("w.yml".to_owned(), text)]), false, true);
            all.into_iter().filter(|check| !check.holds).count()
        };
        assert_eq!(gaps("review-comments: true"), 1);
        assert_eq!(gaps("team-token: ''"), 1);
        assert_eq!(gaps("team-token: ${{ secrets.TEAM_TOKEN }}"), 0);
    }

    #[test]
    fn a_workflow_that_github_cannot_read_is_named() {
        let gaps = gaps("jobs:\n  judge:\n\tsteps: [flsgate]\n");
        assert!(matches!(&gaps[..], [one] if one.contains("`w.yml`")), "{gaps:#?}");
        let other = BTreeMap::from([("ci.yml".to_owned(), "jobs: [".to_owned())]);
        assert_eq!(workflow_checks(&other, true, false), []);
    }
}
