//! What the rules of a branch make of the gate. Pure; the session reads them.

use serde_json::Value;

/// What protects a branch, from rulesets and classic protection together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// The branch.
    pub branch: String,
    /// Checks and statuses that must pass.
    pub required: Vec<String>,
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

/// From what the server says of a branch: active rules, the branch itself, problems of CODEOWNERS.
pub(super) fn protection(branch: &str, rules: &[Value], of_branch: &Value, errors: &Value) -> Protection {
    let mut protection = Protection { branch: branch.to_owned(), ..Protection::default() };
    for rule in rules {
        let parameters = rule.get("parameters").unwrap_or(&Value::Null);
        let on = |name: &str| parameters.get(name).and_then(Value::as_bool).unwrap_or(false);
        match rule.get("type").and_then(Value::as_str).unwrap_or_default() {
            "required_status_checks" => {
                let checks = parameters.get("required_status_checks").and_then(Value::as_array);
                let contexts = checks.into_iter().flatten().filter_map(|c| c.get("context")?.as_str());
                protection.required.extend(contexts.map(str::to_owned));
            }
            "pull_request" => {
                protection.pull_request = true;
                protection.code_owners |= on("require_code_owner_review");
                protection.fresh_approval |=
                    on("dismiss_stale_reviews_on_push") || on("require_last_push_approval");
            }
            "merge_queue" => protection.merge_queue = true,
            "workflows" => protection.required_workflow = true,
            _ => {}
        }
    }
    let classic = of_branch.get("protection").unwrap_or(&Value::Null);
    protection.classic = classic.get("enabled").and_then(Value::as_bool).unwrap_or(false);
    if protection.classic {
        let contexts = classic.pointer("/required_status_checks/contexts").and_then(Value::as_array);
        let contexts = contexts.into_iter().flatten().filter_map(Value::as_str);
        protection.required.extend(contexts.map(str::to_owned));
    }
    protection.required.sort();
    protection.required.dedup();
    let errors = errors.get("errors").and_then(Value::as_array).into_iter().flatten();
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
    /// What gates and what does not. `context` is the check or status that the gate reports by.
    pub fn checks(&self, context: &str) -> Vec<Check> {
        let branch = &self.branch;
        let mut checks = Vec::new();
        let required = self.required.iter().any(|c| c.eq_ignore_ascii_case(context));
        checks.push(if required || self.required_workflow {
            Check::holds(format!("`{branch}` requires {}", if required { format!("`{context}`") } else { "a workflow from outside the repository".into() }))
        } else {
            let others = match self.required.as_slice() {
                [] => "nothing".to_owned(),
                names => names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "),
            };
            Check::gap(
                format!("`{branch}` does not require `{context}`; it requires {others}"),
                format!("add `{context}` to the required status checks of `{branch}`, or name the right one with --context"),
            )
        });
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
        if self.merge_queue {
            checks.push(Check::gap(
                format!("`{branch}` has a merge queue"),
                "see that the workflow listens to `merge_group`, or pull requests wait in the queue for ever",
            ));
        }
        for error in &self.code_owners_errors {
            checks.push(Check::gap(
                format!("a line of CODEOWNERS does not count: {error}"),
                "mend the line; GitHub passes over it",
            ));
        }
        checks
    }
}

/// Whether CODEOWNERS gives `path` an owner: the last line that matches counts. What GitHub takes for none, and
/// what `flsgate init` leaves to be filled in, are no owners.
pub fn has_owner(code_owners: &str, path: &str) -> bool {
    let mut owned = false;
    for line in code_owners.lines() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.split_whitespace();
        let Some(pattern) = words.next() else { continue };
        if matches(pattern, path) {
            owned = words.any(|owner| is_owner(owner) && !owner.starts_with(PLACEHOLDER));
        }
    }
    owned
}

/// What stands for an owner until somebody writes one.
pub const PLACEHOLDER: &str = "@OWNER/";

/// Whether GitHub takes the text for an owner: `@user`, `@org/team` or a mail address.
pub fn is_owner(text: &str) -> bool {
    let of = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    match (text.strip_prefix('@'), text.split_once('@')) {
        (Some(name), _) => match name.split_once('/') {
            Some((org, team)) => of(org, "-_") && of(team, "-_."),
            None => of(name, "-_"),
        },
        (None, Some((name, host))) => of(name, ".-_+") && of(host, ".-") && host.contains('.'),
        (None, None) => false,
    }
}

/// Patterns as in .gitignore, without negation and character ranges.
fn matches(pattern: &str, path: &str) -> bool {
    let anchored = pattern.trim_end_matches('/').contains('/');
    let body = pattern.trim_start_matches('/');
    let whole = if anchored { body.to_owned() } else { format!("**/{body}") };
    let whole = whole.trim_end_matches('/');
    let only_folder = pattern.ends_with('/');
    (!only_folder && fast_glob::glob_match(whole, path))
        || fast_glob::glob_match(format!("{whole}/**"), path) && !whole.ends_with("/*")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rulesets_and_classic_protection_are_read_together() {
        let rules = [
            json!({"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "flsgate"}]}}),
            json!({"type": "pull_request", "parameters": {"require_code_owner_review": true, "require_last_push_approval": true}}),
            json!({"type": "deletion"}),
        ];
        let classic =
            json!({"protection": {"enabled": true, "required_status_checks": {"contexts": ["build"]}}});
        let found = protection("main", &rules, &classic, &json!({"errors": []}));
        assert_eq!(found.required, ["build", "flsgate"]);
        let checks = found.checks("FLSGATE");
        assert!(checks.iter().all(|c| c.holds), "{checks:?}");
        let gaps: Vec<_> = found.checks("other").into_iter().filter(|c| !c.holds).collect();
        assert_eq!(gaps[0].found, "`main` does not require `other`; it requires `build`, `flsgate`");
    }

    #[test]
    fn an_unprotected_branch_has_gaps() {
        let errors = json!({"errors": [{"path": ".github/CODEOWNERS", "line": 3, "kind": "Unknown owner"}]});
        let found = protection("main", &[json!({"type": "merge_queue"})], &Value::Null, &errors);
        let gaps: Vec<String> =
            found.checks("flsgate").into_iter().filter(|c| !c.holds).map(|c| c.found).collect();
        assert_eq!(gaps.len(), 4, "{gaps:?}");
        assert!(gaps[3].contains(".github/CODEOWNERS:3: Unknown owner"));
    }

    #[test]
    fn the_last_line_that_matches_names_the_owner() {
        let path = ".flsgate/policy.yml";
        for (text, owned) in [
            ("", false),
            ("* @acme/all", true),
            ("/.flsgate/ @acme/security # ours", true),
            (".flsgate/** @acme/security", true),
            ("# .flsgate/ @acme/security", false),
            ("* @acme/all\n/.flsgate/", false),
            ("/.flsgate/\n* @acme/all", true),
            ("*.yml @acme/yaml", true),
            ("/docs/ @acme/docs", false),
            ("policy.yml @acme/security", true),
            ("/policy.yml @acme/security", false),
            ("/.flsgate/* @acme/security", true),
        ] {
            assert_eq!(has_owner(text, path), owned, "{text:?}");
        }
        assert!(!has_owner("/.flsgate/* @acme/security", ".flsgate/labels/a.csv"), "one level only");
    }
}
