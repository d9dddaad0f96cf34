//! What the workflow files of a checkout say of the gate. Pure.

use super::doctor::Check;
use std::collections::BTreeMap;

/// What the workflows of a checkout say of the gate: text of each file, by path.
pub fn workflow_checks(workflows: &BTreeMap<String, String>, required_elsewhere: bool) -> Vec<Check> {
    let uses = |text: &str| -> Option<String> {
        let lines = text.lines().map(|line| line.trim_start().trim_start_matches("- ").trim_start());
        let named = lines.filter_map(|line| line.strip_prefix("uses:"));
        let names =
            named.map(|name| name.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']));
        names
            .filter(|name| name.contains("/flsgate@") || name.contains("/flsgate/"))
            .map(str::to_owned)
            .next()
    };
    let Some((path, used, text)) = workflows.iter().find_map(|(path, text)| Some((path, uses(text)?, text)))
    else {
        if let Some(own) = workflows.keys().find(|path| path.ends_with("/flsgate.yml")) {
            return vec![Check::gap(
                format!("`{own}` has no step that uses flsgate"),
                "mend it, or delete it and let `flsgate init` write it again",
            )];
        }
        return match required_elsewhere {
            true => Vec::new(),
            false => vec![Check::gap(
                "no workflow in `.github/workflows/` uses flsgate",
                "`flsgate init` writes one, or have a ruleset of the organisation require one",
            )],
        };
    };
    let (name, at) = used.rsplit_once('@').unwrap_or((&used, ""));
    let is_commit = at.len() == 40 && at.bytes().all(|b| b.is_ascii_hexdigit());
    let mut checks = Vec::new();
    checks.push(if name.starts_with("OWNER/") || !is_commit {
        Check::gap(
            format!("`{path}` uses `{used}`, which is no commit of a release"),
            "name the repository of flsgate and the full commit id of a release: a tag or branch can be moved",
        )
    } else {
        Check::holds(format!("`{path}` uses flsgate at commit {}", &at[..10]))
    });
    let status = text.lines().find_map(|line| line.trim_start().strip_prefix("commit-status:"));
    checks.push(match status {
        Some(name) if name.contains("{base}") => Check::holds("the commit status names the base branch"),
        Some(name) => Check::gap(
            format!("the commit status `{}` names no base branch", name.trim()),
            "write `commit-status: flsgate / {base}`: a status belongs to a commit, so a second pull request of the \
             same commit answers for the first",
        ),
        None => Check::gap(
            format!("`{path}` sets no commit status, so the job is all that can be required"),
            "write `commit-status: flsgate / {base}`: a job keeps the red result of the push after the approval",
        ),
    });
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_names_a_release_and_the_base() {
        let commit = "a".repeat(40);
        let says = |uses: &str, status: &str| {
            let text = format!("steps:\n  - uses: {uses} # v1\n    with:\n      {status}\n");
            let checks = workflow_checks(&BTreeMap::from([("w.yml".to_owned(), text)]), false);
            checks.iter().filter(|c| !c.holds).count()
        };
        assert_eq!(says(&format!("acme/flsgate@{commit}"), "commit-status: flsgate / {base}"), 0);
        assert_eq!(
            says(&format!("acme/flsgate/.github/workflows/gate.yml@{commit}"), "commit-status: x {base}"),
            0
        );
        for uses in [
            "OWNER/flsgate@COMMIT",
            "acme/flsgate@v1",
            "acme/flsgate@main",
            &format!("OWNER/flsgate@{commit}"),
        ] {
            assert_eq!(says(uses, "commit-status: flsgate / {base}"), 1, "{uses}");
        }
        assert_eq!(says(&format!("acme/flsgate@{commit}"), "commit-status: flsgate"), 1);
        assert_eq!(says(&format!("acme/flsgate@{commit}"), "output: x"), 1);
        let none = BTreeMap::from([("w.yml".to_owned(), "steps: []".to_owned())]);
        assert_eq!((workflow_checks(&none, false).len(), workflow_checks(&none, true).len()), (1, 0));
    }
}
