//! `flsgate init`: the folder `.flsgate/`, a workflow and a line for CODEOWNERS, after a look at the
//! project. Nothing that is there is overwritten.

mod deletions;

use super::config::{self, Asked};
use super::judge::judge;
use super::{RunError, files};
use crate::access::GrantorAccess;
use crate::git::Repository;
use crate::github::{PLACEHOLDER, has_owner, is_owner};
use crate::policy::{self, Policy, scalar};
use crate::report::clean;
use crate::rules;
use crate::words::{Grantor, GrantorKind, PrincipalClass, counted};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const WORKFLOW: &str = include_str!("workflow.yml");
const WORKFLOW_PATH: &str = ".github/workflows/flsgate.yml";
/// Where GitHub looks for owners, first one first.
const CODEOWNERS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// How many files that cannot be read are named.
const NAMED: usize = 3;

/// What to set up.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// Who owns the policy: a GitHub login or team with `@`.
    pub owner: Option<String>,
    /// Draft labels for fields that have none.
    pub suggest_labels: bool,
    /// Today.
    pub today: Date,
}

/// What was done with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// It is new.
    Written(String),
    /// A line was added.
    Extended(String),
    /// It was there already.
    Kept(String),
}

/// What was done, and what is left to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetUp {
    /// Each file.
    pub files: Vec<Prepared>,
    /// What a person does next, in order.
    pub next: Vec<String>,
}

/// Two examples of what the built-in tiers ask.
const TESTS: &str = "# What the policy is meant to ask; `flsgate test` checks it, here and in CI.
version: 1
tests:
  - name: guests never read a restricted field
    label: { classification: Restricted }
    user_type: guest
    access: read
    expect: deny
  - name: reading personal data needs a written reason
    label: { compliance_groups: [PII] }
    user_type: internal
    access: read
    expect: justify
";

/// Sets the project up.
///
/// # Errors
/// When the repository cannot be read or a file cannot be written.
pub fn init(options: &InitOptions) -> Result<SetUp, RunError> {
    let owner = options.owner.clone().unwrap_or_else(|| format!("{PLACEHOLDER}security"));
    if !is_owner(&owner) {
        return Err(RunError::Setup(format!(
            "`{owner}` is no owner in CODEOWNERS; write --owner @user, @org/team or a mail address"
        )));
    }
    let repository = Repository::open(&options.repository)?;
    let comparison = repository.standing(None)?;
    let config = config::load(&comparison, Asked::Standing, Some(Policy::default()))?.without_findings();
    let (verdict, (mut text, draft)) = judge(&comparison, config, options.today, |cx, _, _| {
        let class = |grantor: &Grantor| cx.user_type(grantor);
        let draft = options.suggest_labels.then(|| {
            let suggestions = rules::suggestions(cx);
            (suggestions.len(), draft(&suggestions))
        });
        (policy_text(&cx.delta.landing, &class, options.owner.as_deref().and_then(team)), draft)
    })?;
    text.push_str(&deletions::proposal(&comparison.landing));
    let misnamed = config::MISNAMED_POLICY;
    if files::in_work_tree(&repository, misnamed)?.exists() {
        return Err(RunError::Setup(format!(
            "the policy is `{}`; rename `{misnamed}` first",
            policy::POLICY_PATH
        )));
    }
    let owners = owners(&repository, &owner, options.owner.is_none())?;
    let mut done = Vec::new();
    let mut write = |path: &str, text: &str| -> Result<(), RunError> {
        let on_disk = files::in_work_tree(&repository, path)?;
        if on_disk.exists() {
            done.push(Prepared::Kept(path.to_owned()));
        } else {
            files::write(&on_disk, text.as_bytes())?;
            done.push(Prepared::Written(path.to_owned()));
        }
        Ok(())
    };
    write(policy::POLICY_PATH, &text)?;
    write(&format!("{}.gitkeep", policy::JUSTIFICATIONS), "")?;
    write(&format!("{}policy.yml", policy::TESTS), TESTS)?;
    write(WORKFLOW_PATH, WORKFLOW)?;
    let suggested = draft.as_ref().map(|(suggested, _)| *suggested);
    if let Some((_, draft)) = draft.filter(|(suggested, _)| *suggested > 0) {
        write(policy::SUGGESTED_LABELS, &draft)?;
    }
    done.push(owners);
    let unread = verdict.undecided.iter().chain(&verdict.warnings).take(NAMED);
    let mut next: Vec<String> = unread.map(|reason| format!("correct {reason}")).collect();
    next.extend(next_steps(&repository, suggested)?);
    let is_new = done.iter().any(|file| !matches!(file, Prepared::Kept(_)));
    let branch = repository.main_branch().unwrap_or_else(|| "BRANCH".to_owned());
    let merge =
        if is_new { "merge these files, and require" } else { "merge what is not merged yet, and require" };
    next.push(format!("{merge} the status `flsgate / {branch}` in the rules of the branch"));
    next.push("`flsgate doctor` says what is missing".to_owned());
    Ok(SetUp { files: done, next })
}

/// What is left to do before the files are merged.
fn next_steps(repository: &Repository, suggested: Option<usize>) -> Result<Vec<String>, RunError> {
    let text = |path: &str| -> Result<String, RunError> {
        Ok(std::fs::read_to_string(files::in_work_tree(repository, path)?).unwrap_or_default())
    };
    let mut next = Vec::new();
    match suggested {
        None => {}
        Some(0) => next.push(
            "no field without a label has a name that sounds sensitive, so no labels are suggested"
                .to_owned(),
        ),
        Some(count) => next.push(format!(
            "read the labels suggested for {} in {} line by line, then move that file to {}",
            counted(count, "field", "fields"),
            policy::SUGGESTED_LABELS,
            policy::LABELS
        )),
    }
    if text(WORKFLOW_PATH)?.contains("flsgate@COMMIT") {
        next.push(format!(
            "replace `OWNER/flsgate@COMMIT` in {WORKFLOW_PATH} by the repository and a real commit of flsgate"
        ));
    }
    let owners =
        CODEOWNERS.iter().map(|path| text(path)).find(|text| text.as_ref().is_ok_and(|t| !t.is_empty()));
    if !has_owner(&owners.transpose()?.unwrap_or_default(), policy::POLICY_PATH) {
        next.push("name the owners in CODEOWNERS".to_owned());
    }
    if !files::in_work_tree(repository, policy::BASELINE_PATH)?.exists() {
        next.push(format!(
            "once the labels of your fields are committed, `flsgate audit --write-baseline` accepts the access that exists today in {}",
            policy::BASELINE_PATH
        ));
    }
    Ok(next)
}

/// What stands above lines for an owner that nobody named.
const PROPOSAL: &str = "# Who owns the policy; put a team here and take the `# ` away:";

/// Lines that give the folder and the workflow owners, unless somebody owns the folder already. Whoever owned a path keeps
/// it. An owner that nobody named is a placeholder, commented out: GitHub takes a path from everybody where it does not
/// know the owner of its last line.
fn owners(repository: &Repository, owner: &str, placeholder: bool) -> Result<Prepared, RunError> {
    let mut found = None;
    for path in CODEOWNERS {
        if files::in_work_tree(repository, path)?.exists() {
            found = Some(path);
            break;
        }
    }
    let path = found.unwrap_or(CODEOWNERS[0]);
    let on_disk = files::in_work_tree(repository, path)?;
    let io = |source| RunError::Io { what: format!("cannot read `{path}`"), source };
    let mut text = match found {
        Some(_) => std::fs::read_to_string(&on_disk).map_err(io)?,
        None => String::new(),
    };
    let proposed = text.contains(&format!("# /.flsgate/ {owner}\n"));
    if proposed && placeholder || owners_of(&text, ".flsgate").is_some_and(|(by_name, _)| by_name) {
        return Ok(Prepared::Kept(path.to_owned()));
    }
    if !placeholder {
        let is_proposed =
            |line: &&str| *line == PROPOSAL || line.starts_with("# /") && line.contains(PLACEHOLDER);
        text = text.lines().filter(|line| !is_proposed(line)).map(|line| format!("{line}\n")).collect();
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    // Any workflow could report in the place of this one, and this file names the owners.
    let mut paths = vec![".flsgate/", ".github/"];
    paths.extend((!path.starts_with(".github/")).then_some(path));
    let comment = if placeholder { "# " } else { "" };
    if placeholder {
        text.push_str(&format!("{PROPOSAL}\n"));
    }
    let had = text.clone();
    for path in paths {
        let before =
            owners_of(&had, path.trim_end_matches('/')).map(|(_, owners)| owners).unwrap_or_default();
        // The folder is new, and nobody's yet; whoever owns the rest keeps it.
        let kept = before.iter().filter(|other| **other != owner && path != ".flsgate/");
        let others: String = kept.map(|other| format!(" {other}")).collect();
        text.push_str(&format!("{comment}/{path} {owner}{others}\n"));
    }
    files::write(&on_disk, text.as_bytes())?;
    Ok(match found {
        Some(_) => Prepared::Extended(path.to_owned()),
        None => Prepared::Written(path.to_owned()),
    })
}

/// Who owns a path at the root by a CODEOWNERS file, and whether a line names that path: its last line that matches counts.
fn owners_of<'t>(text: &'t str, path: &str) -> Option<(bool, Vec<&'t str>)> {
    text.lines().rev().filter(|line| !line.trim_start().starts_with('#')).find_map(|line| {
        let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
        let pattern = words.next()?.trim_start_matches('/').trim_end_matches(['*', '/']);
        (pattern == path || pattern.is_empty()).then(|| (pattern == path, words.collect()))
    })
}

/// `acme/security` of `@acme/security`; nothing of a person or a mail address.
fn team(owner: &str) -> Option<&str> {
    owner.strip_prefix('@').filter(|name| name.contains('/'))
}

/// The built-in policy, with what the project shows of who holds what.
fn policy_text(
    grantors: &BTreeMap<Grantor, GrantorAccess>,
    class: &dyn Fn(&Grantor) -> PrincipalClass,
    team: Option<&str>,
) -> String {
    let teams =
        team.map(|team| format!("#   teams: [{team}] # needs the input `team-token` of the Action\n"));
    let mut text = String::from(
        "# What flsgate asks of changes; read from the base, so a pull request cannot loosen it.\n\
         # Every key is optional. The built-in tiers:\n\
         #   tier 1, open: no label, Public or Internal. Access needs nothing.\n\
         #   tier 2, conditional: Confidential, or any compliance group. Reading needs a justification; editing needs an approval as well.\n\
         #   tier 3, restricted: Restricted, MissionCritical, PCI, HIPAA or PHI. Both need a justification and an approval.\n\
         version: 1\n\n\
         # Who may approve; without it, administrators of the repository.\n\
         # approvers:\n#   people: [{ login: YOUR-LOGIN, id: YOUR-NUMBER }] # https://api.github.com/users/LOGIN shows it as `id`\n",
    );
    text.push_str(&teams.unwrap_or_default());
    text.push_str(
        "\n# Fields that no file and no label export knows: `conditional` asks for a justification until their label\n\
         # is known.\n\
         unknown_fields: open\n\n\
         # Profiles may not grant classified fields. If the Admin profile must have every new field, allow it here:\n\
         # tiers:\n#   conditional: { profiles: [Admin] }\n#   restricted: { profiles: [Admin] }\n",
    );
    let licenses: BTreeSet<&String> = grantors.values().flat_map(|access| access.licenses.all()).collect();
    if !licenses.is_empty() {
        text.push_str(
            "\n# Licences in this project, and the user type that the built-in patterns give them:\n",
        );
        for license in licenses {
            let holder = grantors.iter().find(|(_, access)| access.licenses.all().any(|own| own == license));
            let class = holder.map(|(grantor, _)| class(grantor).to_string()).unwrap_or_default();
            text.push_str(&format!("#   {} {class}\n", clean(&scalar(license))));
        }
    }
    let guests = unmarked_guests(grantors, class);
    if !guests.is_empty() {
        text.push_str(
            "\n# Called guest, and no licence says so, so they count as internal. If guests hold one, name it:\n\
             # user_types:\n#   guest:\n#     names:\n",
        );
        for guest in guests {
            text.push_str(&format!("#       - {}\n", clean(&scalar(guest.name()))));
        }
    }
    let integration = |g: &&Grantor| {
        let name = g.name().to_ascii_lowercase();
        let says = ["integration", "api_", "_api", "etl", "mulesoft", "informatica", "sync"];
        g.kind != GrantorKind::Profile && says.iter().any(|word| name.contains(word))
    };
    let integrations: Vec<&Grantor> = grantors.keys().filter(integration).collect();
    if !integrations.is_empty() {
        text.push_str("\n# These look like integrations by their names; check them.\nuser_types:\n  integration:\n    names:\n");
        for grantor in &integrations {
            text.push_str(&format!("      - {}\n", scalar(grantor.name())));
        }
    }
    text.push_str(
        "\n# What an integration needs, for `flsgate preflight`:\n# integrations:\n#   NAME:\n\
         #     permission_sets: [NAME]\n#     fields: [Object.Field]\n#     queries: [integrations/NAME/*.soql]\n",
    );
    text
}

/// A draft of labels, one line a field.
fn draft(suggestions: &[rules::Suggestion]) -> String {
    policy::draft_labels(suggestions.iter().map(|rules::Suggestion { field, why, label }| {
        let (classification, group) = label.split_once(", ").unwrap_or((label, ""));
        [field.object(), field.field(), classification, group, why]
    }))
}

/// Names with `guest` in them that count as held by employees. A name alone says nothing for sure, so a person decides.
pub(super) fn unmarked_guests<'g>(
    grantors: &'g BTreeMap<Grantor, GrantorAccess>,
    class: &dyn Fn(&Grantor) -> PrincipalClass,
) -> Vec<&'g Grantor> {
    let is_called_guest = |grantor: &&Grantor| grantor.name().to_ascii_lowercase().contains("guest");
    let unmarked = |grantor: &&Grantor| class(grantor) <= PrincipalClass::Internal;
    grantors.keys().filter(is_called_guest).filter(unmarked).collect()
}
