//! What the Action says to people, in one place: of the pull request, its reviews, and the server. One function or
//! constant a sentence, in the order in which a run comes by them. Names of components stand in backticks, which the
//! reports turn into their own marks.

use super::counted;

// Starting.

/// The binary was started on a runner without a command.
pub const NO_COMMAND: &str = "flsgate was started without a command, so nothing was judged: the container's arguments must \
     be `[action]`, as action.yml has them";

/// A variable that the runner sets is missing.
pub fn variable_is_missing(name: &str) -> String {
    format!("`{name}` is not set. Run this as a GitHub Action, or use `flsgate check`.")
}

/// The folder that input `working-directory` names cannot be used.
pub fn no_working_directory(folder: &str) -> String {
    format!(
        "Input `working-directory` names `{folder}`, which is no folder of the workspace. Write the `path` that \
         actions/checkout has, such as `repository`."
    )
}

/// A name with something else than `{base}` in braces.
pub fn unknown_placeholder(input: &str) -> String {
    format!(
        "Input `{input}` has braces around something else than `base`; the only placeholder is `{{base}}`."
    )
}

/// Inputs that choose what is compared, on an event that says it.
pub const BASE_AND_HEAD_ARE_KNOWN: &str =
    "The inputs `base` and `head` are for events without a pull request: leave them out.";

/// The checkout is not what the event is about.
pub fn stale(commit: &str, head: &str) -> String {
    format!(
        "The checkout `{commit}` is not the merge of the pull request's newest commit `{head}`. This run is old: push \
         or reopen to get a run of that commit. (actions/checkout needs no `ref`.)"
    )
}

/// The pull request goes into another branch than the event says.
pub fn goes_elsewhere(now: &str, then: &str) -> String {
    format!(
        "The pull request now goes into `{now}`, and this run is about `{then}`. Push or reopen to get a new run."
    )
}

/// A run that is run again on a base that has moved on.
pub fn base_has_moved(branch: &str) -> String {
    format!(
        "`{branch}` has moved on since this run was made, and running it again judges the old merge. Bring the branch up to \
         date, push or reopen to get a new run."
    )
}

// Reviews that do not count. Each is said after a name: "`sec1` …".

/// The author's own.
pub const IS_THE_AUTHOR: &str = "is the author of this pull request";
/// Somebody who pushed.
pub const PUSHED: &str = "pushed to this pull request";
/// Somebody who wrote a commit.
pub const WROTE_A_COMMIT: &str = "wrote a commit of this pull request";
/// A bot, where administrators approve.
pub const IS_NO_PERSON: &str = "is no person, and the policy names no approvers";
/// Nobody whom the policy names.
pub const IS_NO_APPROVER: &str = "is not among the approvers of the policy";
/// What was reviewed is no longer there.
pub const APPROVED_A_LOST_COMMIT: &str = "approved a commit that is gone";
/// The pull request went into another branch since.
pub const APPROVED_ANOTHER_BASE: &str =
    "approved before the pull request was pointed at its present base branch; ask for a new review";
/// A team cannot be looked up.
pub const NO_TEAM_TOKEN: &str =
    "the members of a team can be read with input `team-token` only; set it, or name people in the policy";

/// A login that somebody else has taken over.
pub fn has_another_account_number(id: u64) -> String {
    format!("has account number {id}, not the one that the policy names")
}

/// Too few rights on the repository.
pub fn too_little_permission(has: &str, wanted: &str) -> String {
    format!("has permission `{has}` on the repository, and `{wanted}` is needed")
}

/// Whether somebody may approve is not known.
pub fn not_looked_up(problem: &str) -> String {
    format!("may be an approver, which could not be looked up: {problem}")
}

/// Whether a review is of the present base is not known.
pub fn base_not_known(problem: &str) -> String {
    format!("approved, and whether the pull request went into another branch since is not known: {problem}")
}

/// A review of another commit than the newest one.
pub fn approved_older(commit: &str, why: &str) -> String {
    format!("approved commit `{}`, {why}", commit.get(..10).unwrap_or(commit))
}

/// Ends [`approved_older`].
pub const COMMIT_IS_GONE: &str = "which the server does not have any more";
/// Ends [`approved_older`].
pub const TOO_MUCH_DIFFERS: &str = "and so much differs since that it cannot be compared";

/// Ends [`approved_older`].
pub fn differs_since(path: &str) -> String {
    format!("and `{path}` differs since")
}

/// A time that the server writes in another way than it should.
pub const TIME_OF_BASE_UNREADABLE: &str = "the timeline has no time that can be read";

/// Nobody can tell whether there is an approval.
pub fn approval_not_known(findings: usize, why: &str) -> String {
    let needs = if findings == 1 { "needs" } else { "need" };
    format!(
        "{} {needs} an approval, and whether there is one is not known: {why}",
        counted(findings, "finding", "findings")
    )
}

/// Who pushed is not known, so only those who wrote commits are left out.
pub fn pushes_not_read(problem: &str) -> String {
    format!("who pushed to the branch, so only those who wrote its commits are left out: {problem}")
}

/// Not all commits are known, so who wrote them is not.
pub fn commits_not_listed(listed: usize, all: u64) -> String {
    format!("the server lists {listed} of {all} commits, so who wrote them is not known; squash the branch")
}

/// What a reviewed commit asked for needs history that the clone does not have.
pub fn cannot_judge_reviewed(commit: &str) -> String {
    format!(
        "what commit `{}` asked an approval for cannot be judged in this clone. Set `fetch-depth: 0` for \
         actions/checkout, or bring the branch up to date and ask for a new review.",
        commit.get(..10).unwrap_or(commit)
    )
}

// By which right somebody approves.

/// The policy names the account.
pub const BY_NAME: &str = "named in the policy";
/// The policy names nobody.
pub const BY_ADMINISTRATION: &str = "administrator; the policy names no approvers";
/// Added for a review of an older commit.
pub const NOTHING_DIFFERS_SINCE: &str = "; nothing that the pull request changes differs since";

/// A team of the policy.
pub fn member_of(org: &str, team: &str) -> String {
    format!("member of `@{org}/{team}`")
}

// Why nobody was asked for approvals.

/// No token.
pub const NO_TOKEN: &str = "input `token` is empty";
/// An event without a pull request.
pub const NO_PULL_REQUEST: &str = "the event names no pull request";
/// A queue whose pull request is not known.
pub const QUEUE_NAMES_NO_PULL_REQUEST: &str =
    "the branch of the merge queue names no pull request that could be read";

// The verdict in one line: what is wrong and who can settle it.

/// How many findings ask for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// A written justification.
    pub justification: usize,
    /// An approval and nothing else.
    pub approval: usize,
    /// Another change.
    pub change: usize,
}

/// It passed, since there was no metadata, no change or no label to judge.
pub const NOTHING_TO_JUDGE: &str = "Passed, with nothing to judge";

/// Nothing blocks.
pub fn passed(approved: usize, warnings: usize) -> String {
    let mut parts = Vec::new();
    if approved > 0 {
        parts.push(format!("{} approved", counted(approved, "finding is", "findings are")));
    }
    if warnings > 0 {
        parts.push(format!("{} to look at", counted(warnings, "warning", "warnings")));
    }
    match parts.is_empty() {
        true => "Passed".to_owned(),
        false => format!("Passed: {}", parts.join(", ")),
    }
}

/// Something that decides is not known; `reasons` are listed below.
pub fn undecided(reasons: usize) -> String {
    match reasons {
        0 => "Could not be judged".to_owned(),
        _ => format!("Could not be judged, for {}", counted(reasons, "reason", "reasons")),
    }
}

/// Only approvals are missing; `by` ends "approval by …".
pub fn waiting(by: &str) -> String {
    match by {
        "" => "Waits for approval".to_owned(),
        by => format!("Waits for approval by {by}"),
    }
}

/// Errors that no approval settles, and those that wait beside them.
pub fn blocked(needs: Needs, by: &str) -> String {
    let mut parts = Vec::new();
    let verb = |n: usize| if n == 1 { "needs" } else { "need" };
    if needs.justification > 0 {
        let findings = counted(needs.justification, "finding", "findings");
        parts.push(format!("{findings} {} a justification", verb(needs.justification)));
    }
    if needs.change > 0 {
        let findings = counted(needs.change, "finding", "findings");
        parts.push(format!("{findings} {} a change", verb(needs.change)));
    }
    if needs.approval > 0 {
        let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
        parts.push(format!("{} {} approval{by}", needs.approval, verb(needs.approval)));
    }
    format!("Blocked: {}", parts.join(", "))
}

/// What to do about missing justifications.
pub const WRITE_JUSTIFICATIONS: &str = "Write the missing justifications: `flsgate justify` puts an entry for each into \
     the right file, to be filled in.";
/// What to do about findings that only a change settles.
pub const MAKE_CHANGES: &str = "Make the changes that the table names.";
/// What to do about missing approvals of a pull request.
pub const ASK_FOR_REVIEW: &str = "Ask for a review that approves this pull request; the next run counts it.";
/// The same where nobody looked for reviews.
pub const PUSH_AND_ASK: &str = "An approval counts on the pull request only: push the branch and ask for a review there. This command reads no reviews.";
/// The same in a merge queue, where no review starts a run.
pub const ASK_BEFORE_QUEUEING: &str =
    "Take the pull request out of the queue, ask for a review that approves it, and queue it again.";
/// The same after the merge.
pub const ASK_AFTER_THE_MERGE: &str =
    "This has landed already: have an approver look at it, or take the change back.";
/// Reviews that are there are of less.
pub const REVIEW_IS_OF_LESS: &str = "The review that is there was given for less: bring the branch up to date with its base \
     and ask for a new one.";
/// What to do about what is not known.
pub const MEND_WHAT_IS_NAMED: &str =
    "See the reasons below and what to do about each: nobody can say what this change gives until then.";

/// Nobody looked for reviews.
pub fn reviews_not_read(why: &str) -> String {
    format!("No review was read: {why}.")
}

/// What to do about one grant that nothing justifies.
pub fn take_back_or_justify(file: &str, approve: bool) -> String {
    let approval = if approve { " Then it needs an approval." } else { "" };
    format!("Take the grant back, or justify it in `{file}`.{approval}")
}

/// Leads to the text to paste; `file` is a path.
pub fn paste_into(file: &str, approve: bool) -> String {
    let approval = if approve { " An approving review is needed as well." } else { "" };
    format!("Take the grant back, or justify it: fill in this entry and add it to `{file}`.{approval}")
}

/// Leads to a suggestion.
pub const TO_TAKE_IT_BACK: &str = "To take the grant back:";

/// Somebody asks for changes.
pub fn held_by(logins: &[String]) -> String {
    let names: Vec<String> = logins.iter().map(|l| format!("`@{l}`")).collect();
    let (who, verb) = (names.join(", "), if logins.len() == 1 { "asks" } else { "ask" });
    format!("{who} {verb} for changes: no approval counts until that review is changed or dismissed.")
}

// Where a finding is shown.

/// The headline of a review with line comments.
pub fn at_the_lines(count: usize) -> String {
    format!("flsgate: {} at the lines of this change", counted(count, "finding", "findings"))
}

/// Findings of a file outside the lines that are shown.
pub fn outside_the_diff(count: usize) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!(
        "{} of this file {verb} outside the lines that the pull request shows:",
        counted(count, "finding", "findings")
    )
}

/// A comment whose finding is told at another line.
pub const MOVED: &str = "**Moved**: this finding is told at its new line.";

/// A comment whose finding is gone.
pub fn resolved(rule: &str) -> String {
    format!("**Resolved**: the pull request no longer has this finding of `{rule}`.")
}

/// Rows that a page has no room for. `elsewhere` says where all of them are.
pub fn left_out(count: usize, elsewhere: &str) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{count} more {verb} left out here{elsewhere}.")
}

/// Comments that the server refused at their lines.
pub fn comments_refused(count: usize) -> String {
    let what = if count == 1 {
        "1 comment at its line".to_owned()
    } else {
        format!("{count} comments at their lines")
    };
    format!("GitHub did not take {what}: see the summary.")
}

/// The server does not list all files of a pull request.
pub fn files_not_listed(listed: usize, all: u64) -> String {
    format!("GitHub lists {listed} of {all} files: findings in the others are in the summary only.")
}

/// A status or check run that names the base, on an event of a queue that names none.
pub fn no_base_for(input: &str) -> String {
    format!(
        "The merge queue does not say which branch it is for, so `{{base}}` in input `{input}` has no name: it was not set."
    )
}

// The server.

/// What could not be done, why, and what to do: `what` is a list such as "post the review".
pub fn could_not(what: &[String], why: &str) -> String {
    let list = match what {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    format!("Could not {list}: {why}")
}

/// The token may only read. `permissions` are as a workflow writes them.
pub fn may_not_write(permissions: &str) -> String {
    format!(
        "the token may not do this. Give the job {permissions}. On a pull request from a fork the token can only read; \
         then the verdict is in this run's summary."
    )
}

/// The same for a token that has scopes instead of permissions.
pub fn lacks_scope(scopes: &str) -> String {
    format!("the token may not do this. It needs one of these scopes: {scopes}.")
}
/// The token may not, and the server does not say what would do.
pub const MAY_NOT: &str =
    "the token may not do this, or it is not there. Give the job the permissions that docs/github.md lists.";
/// A token that does not count.
pub const TOKEN_IS_NOT_VALID: &str =
    "the server does not take the token. Pass one that is valid, such as `${{ github.token }}`.";
/// Too many requests.
pub const TOO_MANY_REQUESTS: &str = "GitHub takes no more requests for now. Run the job again later.";
/// Comments are off, or the pull request is locked.
pub const SWITCHED_OFF: &str = "this is switched off or locked in the repository.";
/// The server does not like the request.
pub const NOT_TAKEN: &str = "GitHub does not take it.";
/// The server fails.
pub const SERVER_FAILS: &str = "GitHub has a problem of its own. Run the job again.";
/// The repository has another name.
pub const HAS_MOVED: &str = "the repository has moved. Use its new name.";
/// No answer came in time.
pub const NO_ANSWER_IN_TIME: &str = "no answer came in time. Run the job again.";
/// The certificate is not known.
pub const CERTIFICATE_IS_NOT_TRUSTED: &str = "the certificate of the server is not trusted. Name the certificate of its \
     authority with input `ca-file`.";
/// The name is not known.
pub const NAME_IS_NOT_FOUND: &str =
    "the name of the server cannot be looked up. Check the network and the proxy variables.";
/// Nothing listens there.
pub const NO_CONNECTION: &str = "the server cannot be reached. Check the network and the proxy variables.";
/// The proxy says no.
pub const PROXY_REFUSES: &str = "the proxy does not let the request through. Check the proxy variables.";
/// The connection ended early.
pub const BROKE_OFF: &str = "the connection broke off. Run the job again.";
/// An answer that is none.
pub const MAKES_NO_SENSE: &str = "the answer cannot be understood. Run the job again.";
/// A link of the server leads away from it.
pub const POINTS_ELSEWHERE: &str = "the answer points to another server, which gets no token.";
