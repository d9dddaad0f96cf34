//! What can go wrong between us and the server, in plain words.

use crate::words::sentences;
use std::fmt;

/// Why a call failed. Holds no token: the client takes it out of whatever it passes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// What was attempted, as "read the reviews".
    pub what: String,
    /// How it failed.
    pub kind: ErrorKind,
}

/// How a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server said no.
    Status {
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
        /// Single mistakes that it names.
        errors: Vec<String>,
        /// What would have done.
        needs: Needs,
        /// Too many requests: what waits, may pass.
        limited: bool,
    },
    /// No answer, or half of one: a sentence.
    Network(&'static str),
    /// An answer that cannot be understood: a sentence.
    Malformed(String),
}

/// What a token would have needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The server does not say.
    Unknown,
    /// Permissions of a workflow's or an App's token, as the server lists them: `issues=write; pull_requests=write`.
    Permissions(String),
    /// Scopes of a classic token.
    Scopes(String),
}

impl ApiError {
    pub(super) fn new(what: &str, kind: ErrorKind) -> Self {
        ApiError { what: what.to_owned(), kind }
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match &self.kind {
            ErrorKind::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// A write that may have been done although no success was seen.
    pub(super) fn may_have_happened(&self) -> bool {
        match &self.kind {
            ErrorKind::Status { status, .. } => *status >= 500,
            ErrorKind::Network(_) | ErrorKind::Malformed(_) => true,
        }
    }

    /// The token may not do this here, so similar calls will not pass either.
    pub(super) fn is_refusal(&self) -> bool {
        match &self.kind {
            ErrorKind::Status { status, .. } => matches!(status, 401 | 403 | 404 | 410 | 429),
            _ => false,
        }
    }

    /// Why, and what to do about it.
    fn why(&self) -> String {
        let (status, message, errors, needs, limited) = match &self.kind {
            ErrorKind::Status { status, message, errors, needs, limited } => {
                (*status, message, errors, needs, *limited)
            }
            ErrorKind::Network(sentence) => return (*sentence).to_owned(),
            ErrorKind::Malformed(sentence) => return sentence.clone(),
        };
        let sentence = match (status, limited, needs) {
            (401, ..) => sentences::TOKEN_IS_NOT_VALID.to_owned(),
            (_, true, _) => sentences::TOO_MANY_REQUESTS.to_owned(),
            (403, ..) if message.contains("locked") => sentences::SWITCHED_OFF.to_owned(),
            (403 | 404, _, Needs::Permissions(list)) => sentences::may_not_write(&as_in_a_workflow(list)),
            (403 | 404, _, Needs::Scopes(list)) => sentences::lacks_scope(&quoted(list, ',')),
            (403 | 404, ..) => sentences::MAY_NOT.to_owned(),
            (410, ..) => sentences::SWITCHED_OFF.to_owned(),
            (301..=308, ..) => sentences::HAS_MOVED.to_owned(),
            (500.., ..) => sentences::SERVER_FAILS.to_owned(),
            _ => sentences::NOT_TAKEN.to_owned(),
        };
        let errors = if errors.is_empty() { String::new() } else { format!(": {}", errors.join("; ")) };
        format!("{sentence} (Answer {status}, \u{201c}{message}\u{201d}{errors})")
    }
}

/// The server's list as a workflow writes it: `pull-requests: write`.
fn as_in_a_workflow(list: &str) -> String {
    let one = |part: &str| format!("`{}`", part.trim().replace('_', "-").replacen('=', ": ", 1));
    // Of several alternatives any one does.
    let alternatives = list.split(';').filter(|part| !part.trim().is_empty());
    let each = |part: &str| part.split(',').map(one).collect::<Vec<_>>().join(" and ");
    alternatives.map(each).collect::<Vec<_>>().join(" or ")
}

fn quoted(list: &str, at: char) -> String {
    list.split(at).map(|part| format!("`{}`", part.trim())).collect::<Vec<_>>().join(", ")
}

/// One message for each cause: whatever failed for the same reason is listed in one sentence.
pub(super) fn by_cause(errors: &[ApiError]) -> Vec<String> {
    let mut causes: Vec<(&ErrorKind, Vec<&ApiError>)> = Vec::new();
    for error in errors {
        match causes.iter_mut().find(|(kind, _)| same_cause(kind, &error.kind)) {
            Some((_, all)) => all.push(error),
            None => causes.push((&error.kind, vec![error])),
        }
    }
    causes.into_iter().map(|(_, all)| of_one_cause(&all)).collect()
}

fn same_cause(one: &ErrorKind, other: &ErrorKind) -> bool {
    match (one, other) {
        (
            ErrorKind::Status { status: a, message: x, .. },
            ErrorKind::Status { status: b, message: y, .. },
        ) => a == b && x == y,
        _ => one == other,
    }
}

fn of_one_cause(errors: &[&ApiError]) -> String {
    let mut what: Vec<String> = Vec::new();
    for error in errors {
        if !what.contains(&error.what) {
            what.push(error.what.clone());
        }
    }
    // Each attempt may have needed another permission; the job needs all of them.
    let lists = errors.iter().filter_map(|error| match &error.kind {
        ErrorKind::Status { needs: Needs::Permissions(list), .. } => Some(list.as_str()),
        _ => None,
    });
    let mut all: Vec<&str> = Vec::new();
    lists.for_each(|list| {
        if !all.contains(&list) {
            all.push(list);
        }
    });
    let Some(first) = errors.first() else { return String::new() };
    let mut first = (*first).clone();
    if let ErrorKind::Status { needs, .. } = &mut first.kind
        && all.len() > 1
    {
        *needs = Needs::Permissions(all.join(","));
    }
    sentences::could_not(&what, &first.why())
}

impl std::error::Error for ApiError {}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sentences::could_not(std::slice::from_ref(&self.what), &self.why()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(what: &str, needs: Needs) -> ApiError {
        let message = "Resource not accessible by integration".to_owned();
        ApiError::new(
            what,
            ErrorKind::Status { status: 403, message, errors: Vec::new(), needs, limited: false },
        )
    }

    #[test]
    fn permissions_are_named_as_a_workflow_writes_them_and_each_cause_once() {
        let permissions = |list: &str| Needs::Permissions(list.to_owned());
        let errors = [
            refused("set the commit status", permissions("statuses=write")),
            refused("post the review", permissions("pull_requests=write")),
            refused("post the summary comment", permissions("pull_requests=write")),
        ];
        let told = by_cause(&errors);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with(
                "Could not set the commit status, post the review and post the summary comment: the token may not do \
                 this. Give the job `statuses: write` and `pull-requests: write`."
            ),
            "{told:?}"
        );
        let either = refused("post", permissions("issues=write; pull_requests=write")).to_string();
        assert!(either.contains("Give the job `issues: write` or `pull-requests: write`."), "{either}");
    }

    #[test]
    fn a_classic_token_is_told_of_scopes() {
        let told = refused("post", Needs::Scopes("repo, public_repo".to_owned())).to_string();
        assert!(told.contains("It needs one of these scopes: `repo`, `public_repo`."), "{told}");
        assert!(!told.contains("Give the job"), "{told}");
    }
}
