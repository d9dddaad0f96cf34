//! What the rules of a branch make of the gate. Pure; the session reads them.

use super::inputs::for_base;
use serde_json::Value;
use std::collections::BTreeMap;

/// The App by which workflows report: any workflow of the repository can.
const GITHUB_ACTIONS: u64 = 15_368;

/// What protects a branch, from rulesets and classic protection together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// The branch.
    pub branch: String,
    /// Checks and statuses that must pass, each with the App that it must come from, if one is asked for.
    pub required: BTreeMap<String, Option<u64>>,
    /// Branches must be up to date before they land.
    pub up_to_date: bool,
    /// Changes come by pull request.
    pub pull_request: bool,
    /// Owners must approve what they own.
    pub code_owners: bool,
    /// A push takes approvals back, or somebody else must approve it.
    pub fresh_approval: bool,
    /// A merge queue lands changes.
    pub merge_queue: bool,
    /// A workflow from elsewhere must pass.
    pub required_workflow: bool,
    /// Classic protection is there, of which only the required checks can be read.
    pub classic: bool,
    /// Pull requests may be rebased onto the branch; `None` where the token may not know.
    pub rebase: Option<bool>,
    /// Lines of CODEOWNERS that GitHub does not understand.
    pub code_owners_errors: Vec<String>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// It gates.
    pub holds: bool,
    /// What was found.
    pub found: String,
    /// What to do about it; empty where it holds.
    pub next: String,
}

impl Check {
    /// Something that holds.
    pub fn holds(found: impl Into<String>) -> Self {
        Check { holds: true, found: found.into(), next: String::new() }
    }

    /// Something that does not.
    pub fn gap(found: impl Into<String>, next: impl Into<String>) -> Self {
        Check { holds: false, found: found.into(), next: next.into() }
    }
}

/// What the server says of a branch.
pub(super) struct Said<'s> {
    pub(super) repository: &'s Value,
    /// Active rules.
    pub(super) rules: &'s [Value],
    /// The branch itself.
    pub(super) branch: &'s Value,
    /// Problems of CODEOWNERS.
    pub(super) errors: &'s Value,
}

/// From what the server says of a branch.
pub(super) fn protection(branch: &str, said: &Said<'_>) -> Protection {
    let mut protection = Protection { branch: branch.to_owned(), ..Protection::default() };
    protection.rebase = said.repository.get("allow_rebase_merge").and_then(Value::as_bool);
    for rule in said.rules {
        protection.add(rule);
    }
    let classic = said.branch.get("protection").unwrap_or(&Value::Null);
    protection.classic = classic.get("enabled").and_then(Value::as_bool).unwrap_or(false);
    if protection.classic {
        let contexts = classic.pointer("/required_status_checks/contexts").and_then(Value::as_array);
        let contexts = contexts.into_iter().flatten().filter_map(Value::as_str);
        for context in contexts {
            protection.required.entry(context.to_owned()).or_default();
        }
    }
    let errors = said.errors.get("errors").and_then(Value::as_array).into_iter().flatten();
    protection.code_owners_errors = errors
        .map(|error| {
            let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
            let line = error.get("line").and_then(Value::as_u64).unwrap_or_default();
            format!("{}:{line}: {}", text("path"), text("kind"))
        })
        .collect();
    protection
}

impl Protection {
    /// Takes one active rule into account.
    fn add(&mut self, rule: &Value) {
        let parameters = rule.get("parameters").unwrap_or(&Value::Null);
        let on = |name: &str| parameters.get(name).and_then(Value::as_bool).unwrap_or(false);
        let list = |name: &str| parameters.get(name).and_then(Value::as_array).into_iter().flatten();
        match rule.get("type").and_then(Value::as_str).unwrap_or_default() {
            "required_status_checks" => {
                self.up_to_date |= on("strict_required_status_checks_policy");
                for check in list("required_status_checks") {
                    let Some(context) = check.get("context").and_then(Value::as_str) else { continue };
                    let source = check.get("integration_id").and_then(Value::as_u64);
                    self.required.insert(context.to_owned(), source);
                }
            }
            "pull_request" => {
                self.pull_request = true;
                self.code_owners |= on("require_code_owner_review");
                self.fresh_approval |=
                    on("dismiss_stale_reviews_on_push") || on("require_last_push_approval");
                let methods: Vec<&Value> = list("allowed_merge_methods").collect();
                if !methods.is_empty() && !methods.contains(&&Value::from("rebase")) {
                    self.rebase = Some(false);
                }
            }
            "merge_queue" => {
                self.merge_queue = true;
                if parameters.get("merge_method").is_some_and(|method| method == "REBASE") {
                    self.rebase = Some(true);
                }
            }
            "workflows" => self.required_workflow = true,
            _ => {}
        }
    }

    /// What gates and what does not, and what could not be read. `context` is the check or status that the gate
    /// reports by, in which `{base}` stands for the branch.
    pub fn checks(&self, context: &str) -> (Vec<Check>, Vec<String>) {
        let expected = for_base(context, Some(&self.branch)).unwrap_or_default();
        let source = self.required.iter().find(|(name, _)| name.eq_ignore_ascii_case(&expected));
        let mut checks = vec![self.requires(&expected, source.is_some())];
        if source.is_some() && context == expected {
            checks.push(Check::gap(
                format!("`{expected}` belongs to a commit, not to a pull request into `{}`", self.branch),
                format!(
                    "set `commit-status: {expected} / {{base}}` in the workflow and require that name: else a second \
                     pull request of the same commit, into a branch of the author's, answers for this one"
                ),
            ));
        }
        checks.push(self.keeps_up_with_its_base());
        checks.extend(self.rebase.map(|allowed| match allowed {
            true => Check::gap(
                "rebase merging is allowed, which can merge other files than those that were judged",
                "switch off \"Allow rebase merging\" in the settings of the repository",
            ),
            false => Check::holds("rebase merging is off"),
        }));
        checks.push(self.keeps_its_workflow(source.and_then(|(_, source)| *source), &expected));
        self.reviews(&mut checks);
        if self.merge_queue {
            checks.push(Check::gap(
                format!("`{}` has a merge queue", self.branch),
                "see that the workflow listens to `merge_group`, or pull requests wait in the queue for ever",
            ));
        }
        for error in &self.code_owners_errors {
            checks.push(Check::gap(
                format!("a line of CODEOWNERS does not count: {error}"),
                "correct the line; GitHub passes over it",
            ));
        }
        let unknown = self.rebase.is_none().then(|| {
            "whether rebase merging is allowed cannot be read with this token; look at \"Allow rebase merging\" in the \
             settings of the repository, which should be off"
                .to_owned()
        });
        (checks, unknown.into_iter().collect())
    }

    fn requires(&self, context: &str, required: bool) -> Check {
        let branch = &self.branch;
        if required || self.required_workflow {
            let what = if required {
                format!("`{context}`")
            } else {
                "a workflow from outside the repository".to_owned()
            };
            return Check::holds(format!("`{branch}` requires {what}"));
        }
        let names: Vec<String> = self.required.keys().map(|name| format!("`{name}`")).collect();
        let others = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        Check::gap(
            format!("`{branch}` does not require `{context}`; it requires {others}"),
            format!(
                "add `{context}` to the required status checks of `{branch}`, or name the right one with --context"
            ),
        )
    }

    /// Two pull requests that pass each by itself may together land what neither showed.
    fn keeps_up_with_its_base(&self) -> Check {
        match (self.up_to_date, self.merge_queue) {
            (true, _) => Check::holds("branches must be up to date before they are merged"),
            (_, true) => Check::holds("a merge queue judges the result of each merge"),
            (false, false) => Check::gap(
                "two pull requests that pass each by itself may together give access that neither showed",
                "switch on \"Require branches to be up to date before merging\", or use a merge queue",
            ),
        }
    }

    /// Who can report in the place of the gate. CODEOWNERS cannot help: a workflow on any branch that nobody protects
    /// may set a status.
    fn keeps_its_workflow(&self, source: Option<u64>, context: &str) -> Check {
        match source {
            _ if self.required_workflow => {
                Check::holds("the required workflow lies outside what a pull request can change")
            }
            Some(app) if app != GITHUB_ACTIONS => {
                Check::holds(format!("`{context}` must come from the App with number {app}"))
            }
            _ => Check::gap(
                format!(
                    "whoever can push a branch can run a workflow there that reports `{context}` as passed"
                ),
                "require a workflow by a ruleset of the organisation, or report with the token of an App of your own \
                 and require that App as the source; owners of `.github/` alone do not prevent it",
            ),
        }
    }

    fn reviews(&self, checks: &mut Vec<Check>) {
        let branch = &self.branch;
        if self.pull_request {
            checks.push(Check::holds(format!("`{branch}` takes changes by pull request only")));
            checks.push(match self.code_owners {
                true => Check::holds("owners must approve what they own"),
                false => Check::gap(
                    "no rule asks owners for a review",
                    "switch on \"require review from Code Owners\", or anybody may change `.flsgate/` and the workflow",
                ),
            });
            checks.push(match self.fresh_approval {
                true => Check::holds("an approval does not outlive the next push"),
                false => Check::gap(
                    "approvals stay when somebody pushes",
                    "switch on \"dismiss stale approvals\" or \"require approval of the most recent push\"; flsgate \
                     itself counts only approvals of the newest commit",
                ),
            });
        } else if self.classic {
            checks.push(Check::gap(
                format!("`{branch}` has classic protection, of which only the required checks can be read"),
                "look at reviews and owners in the settings, or move the protection to a ruleset",
            ));
        } else {
            checks.push(Check::gap(
                format!("no rule asks for a pull request into `{branch}`"),
                "add a ruleset for the branch that requires pull requests",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(rules: &[Value], branch: &Value, repository: &Value, errors: &Value) -> Protection {
        protection("main", &Said { repository, rules, branch, errors })
    }

    fn gaps(checks: &[Check]) -> Vec<&str> {
        checks.iter().filter(|c| !c.holds).map(|c| c.found.as_str()).collect()
    }

    #[test]
    fn rulesets_and_classic_protection_are_read_together() {
        let rules = [
            json!({"type": "required_status_checks", "parameters": {
                "strict_required_status_checks_policy": true,
                "required_status_checks": [{"context": "flsgate / main", "integration_id": 77}]}}),
            json!({"type": "pull_request", "parameters": {
                "require_code_owner_review": true, "require_last_push_approval": true, "allowed_merge_methods": ["squash"]}}),
            json!({"type": "deletion"}),
        ];
        let classic =
            json!({"protection": {"enabled": true, "required_status_checks": {"contexts": ["build"]}}});
        let found = found(&rules, &classic, &json!({"allow_rebase_merge": true}), &json!({"errors": []}));
        assert_eq!(found.required.keys().collect::<Vec<_>>(), ["build", "flsgate / main"]);
        let (checks, unknown) = found.checks("FLSGATE / {base}");
        assert_eq!((gaps(&checks), unknown), (vec![], vec![]));
        let (checks, _) = found.checks("other");
        assert_eq!(
            gaps(&checks)[0],
            "`main` does not require `other`; it requires `build`, `flsgate / main`"
        );
    }

    #[test]
    fn each_gap_is_told() {
        let errors = json!({"errors": [{"path": ".github/CODEOWNERS", "line": 3, "kind": "Unknown owner"}]});
        let bare = found(
            &[json!({"type": "merge_queue"})],
            &Value::Null,
            &json!({"allow_rebase_merge": true}),
            &errors,
        );
        let (checks, _) = bare.checks("flsgate / {base}");
        for part in [
            "does not require `flsgate / main`",
            "rebase merging is allowed",
            "whoever can push a branch",
            "no rule asks for a pull request",
            "has a merge queue",
            ".github/CODEOWNERS:3: Unknown owner",
        ] {
            assert!(gaps(&checks).iter().any(|found| found.contains(part)), "{part}: {checks:?}");
        }
        let unprotected = found(&[], &Value::Null, &Value::Null, &Value::Null);
        let (checks, unknown) = unprotected.checks("flsgate / {base}");
        assert!(
            gaps(&checks).iter().any(|found| found.contains("together give access that neither showed")),
            "{checks:?}"
        );
        assert_eq!(unknown.len(), 1, "{unknown:?}");
    }

    #[test]
    fn a_status_for_all_branches_and_one_that_any_workflow_sets_are_gaps() {
        let rule = |source: Value| {
            json!({"type": "required_status_checks", "parameters": {
                "required_status_checks": [{"context": "flsgate", "integration_id": source}]}})
        };
        for (source, holds) in [(json!(null), false), (json!(GITHUB_ACTIONS), false), (json!(9), true)] {
            let found = found(&[rule(source)], &Value::Null, &Value::Null, &Value::Null);
            let (checks, _) = found.checks("flsgate");
            let gaps = gaps(&checks);
            assert!(gaps.iter().any(|found| found.contains("belongs to a commit")), "{gaps:?}");
            assert_eq!(
                !gaps.iter().any(|found| found.contains("whoever can push a branch")),
                holds,
                "{gaps:?}"
            );
        }
    }
}
