//! `flsgate test`: does the policy ask what its examples say?

use super::config::{self, Asked};
use super::{RunError, given_policy};
use crate::finding::Severity;
use crate::git::{Comparison, Repository};
use crate::judge::requirement;
use crate::policy::{self, Duty, Enforcement, Policy, PolicyTest};
use crate::report::clean;
use crate::rules;
use crate::source::Snapshot;
use crate::words::{Tier, counted};
use std::fmt::Write as _;
use std::path::PathBuf;

/// What to test.
#[derive(Clone, Debug)]
pub struct TestOptions {
    /// Any folder of the repository.
    pub repository: PathBuf,
    /// Another policy than that of the working tree.
    pub policy: Option<PathBuf>,
}

/// How the tests went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tested {
    /// A line for each, what failed explained.
    pub text: String,
    /// Tests whose policy asks something else.
    pub failed: usize,
    /// Tests that hold.
    pub passed: usize,
    /// Files that could not be read.
    pub unread: usize,
}

impl Tested {
    /// Exit status: 0 all hold, 1 some do not, 2 there is none, or something could not be read.
    pub fn exit_status(&self) -> u8 {
        match (self.unread, self.failed, self.passed) {
            (0, 0, 1..) => 0,
            (0, 1.., _) => 1,
            _ => 2,
        }
    }
}

/// Runs every test of `.flsgate/tests/` in the working tree.
///
/// # Errors
/// When the repository or its policy cannot be read.
pub fn test(options: &TestOptions) -> Result<Tested, RunError> {
    let repository = Repository::open(&options.repository)?;
    let comparison = repository.standing(None)?;
    let policy = match &options.policy {
        Some(path) => given_policy::read(path)?,
        None => own_policy(&comparison)?,
    };
    let mut tested = Tested::default();
    for entry in comparison.landing.entries()?.iter().filter(|e| e.path.as_str().starts_with(policy::TESTS)) {
        let path = entry.path.as_str();
        let name = entry.path.file_name();
        if name.starts_with('.') || name.ends_with(".md") {
            continue;
        }
        if !path.ends_with(".yml") {
            tested.unread += 1;
            tested
                .say(&format!("error   {path}: only `.yml` files are read here; rename it or move it away"));
            continue;
        }
        let read = comparison.landing.read(entry).map_err(|error| vec![error.to_string()]);
        let read = read.and_then(|file| {
            policy::read_policy_tests(&file).map_err(|all| all.iter().map(ToString::to_string).collect())
        });
        match read {
            Ok(tests) => tests.iter().for_each(|test| tested.take(&policy, test)),
            Err(mistakes) => {
                tested.unread += 1;
                mistakes.iter().for_each(|mistake| tested.say(&format!("error   {mistake}")));
            }
        }
    }
    if tested == Tested::default() {
        tested.say(&format!(
            "there is no test; `flsgate init` writes two, or write some into a file `{}NAME.yml`",
            policy::TESTS
        ));
        return Ok(tested);
    }
    let (all, failed) = (tested.passed + tested.failed, tested.failed);
    let unread = match tested.unread {
        0 => String::new(),
        unread => format!(", {} could not be read", counted(unread, "file", "files")),
    };
    for note in does_not_block(&policy) {
        tested.say(&format!("note: {note}"));
    }
    let all = counted(all, "test", "tests");
    tested.say(&format!("{all}: {} passed, {failed} failed{unread}", tested.passed));
    Ok(tested)
}

/// What of the policy asks for something and yet blocks nothing: tests are about what it asks.
fn does_not_block(policy: &Policy) -> Vec<String> {
    let advisory = [Tier::Conditional, Tier::Restricted]
        .into_iter()
        .filter(|tier| policy.tiers.enforcement(*tier) == Enforcement::Advisory);
    let advisory = advisory.map(|tier| {
        format!("{} is advisory: what it asks for is a warning and blocks nothing", tier.words())
    });
    let lowered = rules::RULES.iter().map(|rule| rule.info).filter(|info| {
        info.severity == Some(Severity::Error) && policy.severity(info) != Some(Severity::Error)
    });
    let lowered = lowered.map(|info| {
        let now = policy.severity(info).map_or("off".to_owned(), |severity| severity.to_string());
        format!("the policy sets `{}` to {now}: what only this rule tells blocks nothing", info.id)
    });
    advisory.chain(lowered).collect()
}

/// The policy of the working tree.
fn own_policy(comparison: &Comparison) -> Result<Policy, RunError> {
    let config = config::load(comparison, Asked::Standing, None)?;
    if config.policy_is_known {
        return Ok(config.policy);
    }
    Err(RunError::Several(config.undecided.iter().map(ToString::to_string).collect()))
}

impl Tested {
    fn say(&mut self, line: &str) {
        let _ = writeln!(self.text, "{}", clean(line));
    }

    fn take(&mut self, policy: &Policy, test: &PolicyTest) {
        let (asks, tier, user_type) = asked(policy, test);
        if asks == test.expects {
            self.passed += 1;
            return self.say(&format!("ok      {}", test.name));
        }
        self.failed += 1;
        self.say(&format!("FAILED  {}", test.name));
        let (path, start) = (test.place.path(), test.place.location().start);
        self.say(&format!("        {path}:{start}"));
        let said = match policy.tiers.may_open(tier, &test.holder, true) {
            true => {
                format!("{} access to {} for {user_type} users {}", test.access, tier.words(), asks.words())
            }
            false => format!("a profile may not give access to {}", tier.words()),
        };
        let (expected, words) = (key(test.expects), test.expects.words());
        self.say(&format!(
            "        expected `{expected}` ({words}); the policy says `{}`: {said}",
            key(asks)
        ));
    }
}

/// What the policy asks for the access of a test, the tier of its field, and who holds it.
fn asked(policy: &Policy, test: &PolicyTest) -> (Duty, Tier, crate::words::PrincipalClass) {
    let label = policy.labels.label(test.classification.as_deref(), test.compliance.as_deref());
    let tier = policy.labels.tier(&label).tier;
    let licenses: Vec<String> = test.license.iter().cloned().collect();
    let user_type = match test.user_type {
        // As of a group whose members say it: the policy's names can make it more exposed.
        Some(user_type) => policy.principals.class_of_group(&test.holder, user_type),
        None => policy.principals.class(&test.holder, &licenses),
    };
    (requirement(policy, (&test.holder, user_type), (tier, &label), test.access), tier, user_type)
}

/// What a policy calls it.
fn key(duty: Duty) -> &'static str {
    match duty {
        Duty::Allow => "allow",
        Duty::Justify => "justify",
        Duty::Approve => "approve",
        Duty::Deny => "deny",
    }
}
