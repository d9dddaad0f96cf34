//! What may stand on a command line, as clap sees it.

use super::at::At;
use super::output::OutputArgs;
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A gate for pull requests of Salesforce repositories: which new access to classified fields would this
/// change give, to whom, through what, and is each one justified and approved?
#[derive(Debug, Parser)]
#[command(
    name = "flsgate",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(
    after_help = "Exit status: 0 passed, 1 blocked or waiting for an approval, 2 undecided (something that decides could not be read,\n\
or the command line is wrong). The output format never changes it."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    pub(super) color: ColorChoice,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Judge a change: which new access to classified fields would it give?
    ///
    /// Without --head: the working tree, uncommitted work included, against the point where it left
    /// --base, or the default branch of origin (else the local main or master). With --head: the result of
    /// merging that revision into the base.
    #[command(after_help = "Examples:\n  \
        flsgate check                                       this working tree, before you commit\n  \
        flsgate check --base origin/main --head HEAD        what a pull request would give\n  \
        flsgate check --format github --output json=r.json  annotations in the log, JSON in a file")]
    Check(CheckArgs),
    /// Judge all access that exists, not a change
    ///
    /// Without --revision: the working tree. Access that `.flsgate/baseline.yml` accepts is counted,
    /// not reported; findings about no single field that it accepts are notes.
    #[command(after_help = "Examples:\n  \
        flsgate audit                              what exists in this working tree\n  \
        flsgate audit --by permission-set          which permission set or profile gives how much\n  \
        flsgate audit --write-baseline             accept what exists today, on the day of adoption\n  \
        flsgate audit --accept-raised --base main  accept access whose label this branch raises\n  \
        flsgate audit --prune                      take out of the baseline what no longer exists\n  \
        flsgate audit --format json --revision v2  as JSON, for another revision")]
    Audit(AuditArgs),
    /// Write the data access matrix: who reaches which classified field, how, and why
    ///
    /// Without --revision: of the working tree. Exit status: 0 written or fresh, 1 stale, 2 something could
    /// not be read, so the matrix is not complete. See docs/matrix.md.
    #[command(after_help = "Examples:\n  \
        flsgate matrix --output matrix.html                     one page to look through: no server, no network\n  \
        flsgate matrix --output access.csv                      for a spreadsheet\n  \
        flsgate matrix --no-lines --output docs/data-access.md  to commit\n  \
        flsgate matrix --no-lines --check docs/data-access.md   in CI: is the committed one stale?\n  \
        flsgate matrix --delta origin/main..HEAD                for a review: what the change alters")]
    Matrix(super::matrix::MatrixArgs),
    /// Say which permissions differ between two revisions, or a folder and a revision
    ///
    /// Compares what permission sets, profiles, groups and muting permission sets say, entry by entry, whatever the
    /// order and layout of their files. Asks no policy and no label. Exit status: 0 compared, 2 something could not be
    /// compared; with --exit-status 1 where something differs.
    #[command(after_help = "Examples:\n  \
        flsgate diff                          what this working tree changes\n  \
        flsgate diff v1.4 v1.5                between two releases\n  \
        flsgate diff main retrieved/          what the org has and git has not: drift\n  \
        flsgate diff --format markdown main   a table to paste")]
    Diff(super::diff::DiffArgs),
    /// Say whether the calls of an integration will succeed
    ///
    /// Compares the fields that `integrations` in the policy lists, and those of its SOQL files, with what
    /// its permission sets give together. Exit status: 0 all succeed, 1 some fail, 2 something cannot be read.
    #[command(after_help = "Examples:\n  \
        flsgate preflight                          every integration of the policy\n  \
        flsgate preflight external-analytics       one of them\n  \
        flsgate preflight external-analytics --fix grant what is missing and not restricted")]
    Preflight(PreflightArgs),
    /// Write stubs of justifications for what `check` found
    ///
    /// A stub blocks until somebody fills it in. Comments and order of the files are kept.
    #[command(after_help = "Examples:\n  \
        flsgate justify                   stubs for the new access of this working tree\n  \
        flsgate justify --all             stubs for all that exists\n  \
        flsgate justify --prune --sort    take out entries that no grant needs, and sort the rest")]
    Justify(JustifyArgs),
    /// Explain a rule, or a field: its label, its tier, who has access and through what
    #[command(after_help = "Examples:\n  \
        flsgate explain --list                       every rule\n  \
        flsgate explain derived-field-access         the page of a rule\n  \
        flsgate explain Contact.SSN__c               label, tier, and all that gives access to the field\n  \
        flsgate explain Contact.SSN__c Care_Desk     one of them, and what would make it pass")]
    Explain(ExplainArgs),
    /// Judge under another policy and say what that would block and allow
    ///
    /// The exit status is that of the other policy.
    #[command(after_help = "Examples:\n  \
        flsgate simulate --policy strict.yml              this working tree\n  \
        flsgate simulate --policy strict.yml --standing   all that exists")]
    Simulate(SimulateArgs),
    /// Say whether the policy asks what its examples say
    ///
    /// Each file of .flsgate/tests/ lists accesses and what the policy is to ask for them. Exit status: 0 all hold, 1 some do
    /// not, 2 there is no test, or something cannot be read.
    #[command(after_help = "Examples:\n  \
        flsgate test                       the policy of this working tree\n  \
        flsgate test --policy strict.yml   would another one hold?")]
    Test(TestArgs),
    /// Set a project up: policy, workflow, owners
    ///
    /// Looks at licences and names to propose user types. Overwrites nothing.
    Init(InitArgs),
    /// Print completions for a shell
    #[command(after_help = "Examples:\n  \
        flsgate completions bash > ~/.local/share/bash-completion/completions/flsgate\n  \
        flsgate completions zsh > ~/.zfunc/_flsgate     a folder that $fpath names\n  \
        flsgate completions fish > ~/.config/fish/completions/flsgate.fish\n  \
        flsgate completions powershell >> $PROFILE")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example: flsgate man > flsgate.1, then man ./flsgate.1")]
    Man,
    /// Print a JSON Schema, for editors and other tools
    ///
    /// Draft 7. See docs/editor.md for how an editor uses it.
    Schema {
        /// What it describes
        #[arg(value_enum)]
        of: SchemaName,
    },
    /// Judge the event of a GitHub workflow and publish the verdict
    ///
    /// For the container Action: inputs, event and paths come from the variables that the runner sets
    /// (INPUT_*, GITHUB_*). See docs/github.md.
    Action,
    /// Say which parts of the setup do not protect yet: branch rules, workflow, owners, policy
    ///
    /// Reads the files of a checkout, and with GITHUB_TOKEN (or GH_TOKEN) and --github the rules of the branch.
    /// Exit status: 0 no gaps, 1 gaps, 2 something could not be looked at; without a token it is always 2.
    Doctor(DoctorArgs),
    /// Make a small repository with a pull request in a temporary folder and judge it
    ///
    /// The pull request is blocked on purpose. The exit status is 0 all the same, since the demo shows what it is to
    /// show; --exit-status gives the gate's own.
    Demo(DemoArgs),
}

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// End with the status that the gate gives: 1, for the pull request is blocked
    #[arg(long)]
    pub(super) exit_status: bool,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Show the findings of these files and folders only; the verdict stays that of the whole change
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) at: At,
    /// Revision to compare with: branch, tag or commit [default: git config flsgate.base, or the default branch]
    #[arg(long, value_name = "REVISION", env = "FLSGATE_BASE")]
    pub(super) base: Option<String>,
    /// Revision to judge, as merged into the base. Without it the working tree is judged
    #[arg(long, value_name = "REVISION")]
    pub(super) head: Option<String>,
    /// Judge by this policy, not by that of the base; it must not be a file of the repository
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,
    /// Judge as if nobody had written a justification: what passes only because of one?
    #[arg(long)]
    pub(super) no_justifications: bool,
    /// End with status 0 where nothing but an approval is missing: for hooks of people who cannot approve themselves
    #[arg(long)]
    pub(super) allow_waiting: bool,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    #[command(flatten)]
    pub(super) at: At,
    /// Revision to audit: branch, tag or commit
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
    /// Read the baseline from this file [default: .flsgate/baseline.yml of the revision]
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write .flsgate/baseline.yml with all access that lacks something; refused where there is one
    #[arg(long, conflicts_with_all = ["prune", "baseline", "revision"])]
    pub(super) write_baseline: bool,
    /// Add to .flsgate/baseline.yml the access that exists and whose label the working tree raises
    #[arg(long, conflicts_with_all = ["prune", "write_baseline", "baseline", "revision"])]
    pub(super) accept_raised: bool,
    /// With --accept-raised: the revision whose labels the working tree raises [default: the default branch of origin]
    #[arg(long, value_name = "REVISION", requires = "accept_raised")]
    pub(super) base: Option<String>,
    /// Take out of .flsgate/baseline.yml what no longer exists or needs no exception any more
    #[arg(long, conflicts_with_all = ["baseline", "revision"])]
    pub(super) prune: bool,
    /// Judge by this policy, not by that of the base; it must not be a file of the repository
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,
    /// Judge as if nobody had written a justification: what passes only because of one?
    #[arg(long, conflicts_with_all = ["prune", "write_baseline", "accept_raised"])]
    pub(super) no_justifications: bool,
    /// Print a table of counts instead of findings; files of `--output` hold each access
    #[arg(long, value_enum, value_name = "GROUP", conflicts_with_all = ["json", "format"])]
    pub(super) by: Option<GroupName>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum GroupName {
    /// One row for each permission set, group and profile
    PermissionSet,
    /// One row for each field
    Field,
    /// One row for each tier
    Tier,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaName {
    /// .flsgate/policy.yml
    Policy,
    /// Files of .flsgate/justifications/
    Justification,
    /// Files of .flsgate/tests/
    Tests,
    /// --format json of check and audit
    Output,
}

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// The root of the checkout
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(super) repo: PathBuf,
    /// The repository on GitHub
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY")]
    pub(super) github: Option<String>,
    /// The branch that changes go into [default: the default branch]
    #[arg(long, value_name = "NAME")]
    pub(super) branch: Option<String>,
    /// The required check, or the context of the commit status; {base} stands for the branch
    #[arg(long, value_name = "NAME", default_value = "flsgate / {base}")]
    pub(super) context: String,
    /// REST base of the server
    #[arg(long, value_name = "URL", env = "GITHUB_API_URL", default_value = "https://api.github.com")]
    pub(super) api_url: String,
}

#[derive(Debug, Args)]
pub(super) struct PreflightArgs {
    /// The integration, as the policy calls it [default: all]
    pub(super) integration: Option<String>,
    #[command(flatten)]
    pub(super) at: At,
    /// Revision to look at: branch, tag or commit [default: the working tree]
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
    /// Write the missing grants into the first permission set, which is created if it is missing, except those of restricted fields
    #[arg(long)]
    pub(super) fix: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct JustifyArgs {
    #[command(flatten)]
    pub(super) at: At,
    /// Revision to compare with: branch, tag or commit
    #[arg(long, value_name = "REVISION")]
    pub(super) base: Option<String>,
    /// Stubs for everything that exists, not only for the new access of this working tree
    #[arg(long, conflicts_with = "base")]
    pub(super) all: bool,
    /// Take out entries whose permission set does not give their access, in place of writing stubs; also with `--all`.
    /// An entry with a name that is only misspelt stays
    #[arg(long)]
    pub(super) prune: bool,
    /// Sort the entries of each file by field as well
    #[arg(long)]
    pub(super) sort: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A rule's id, or a field such as Contact.SSN__c
    #[arg(value_name = "RULE|FIELD", required_unless_present = "list")]
    pub(super) what: Option<String>,
    /// Print every rule with its severity and what it finds
    #[arg(long, conflicts_with_all = ["what", "holder", "revision"])]
    pub(super) list: bool,
    /// Name of a permission set, group or profile
    #[arg(value_name = "PERMISSION_SET")]
    pub(super) holder: Option<String>,
    #[command(flatten)]
    pub(super) at: At,
    /// Revision to look at: branch, tag or commit [default: the working tree]
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    /// The other policy
    #[arg(long, value_name = "FILE")]
    pub(super) policy: PathBuf,
    #[command(flatten)]
    pub(super) at: At,
    /// Revision to compare with: branch, tag or commit
    #[arg(long, value_name = "REVISION")]
    pub(super) base: Option<String>,
    /// Revision to judge [default: the working tree]
    #[arg(long, value_name = "REVISION")]
    pub(super) head: Option<String>,
    /// Judge all access that exists, not a change
    #[arg(long, conflicts_with = "base")]
    pub(super) standing: bool,
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// The repository: any folder inside it
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(super) repo: PathBuf,
    /// Test this policy in place of that of the working tree
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The repository: any folder inside it
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(super) repo: PathBuf,
    /// Who owns the policy on GitHub
    #[arg(long, value_name = "@ORG/TEAM")]
    pub(super) owner: Option<String>,
    /// Also draft labels for fields that have none and whose names speak for one
    ///
    /// Writes .flsgate/suggested-labels.csv. It counts once a person has read it and moved it to .flsgate/labels/.
    #[arg(long)]
    pub(super) suggest_labels: bool,
}
